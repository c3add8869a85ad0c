"""The law that no change is silent, and edits of any kind to hold it against."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence

from agentmerge import drift, parse
from agentmerge.diffing.records import Change, DiffClass
from agentmerge.drifting.parts import Owners, changed_parts, tells
from agentmerge.drifting.records import Finding, PairDrift
from agentmerge.drifting.registry import compare
from agentmerge.drifting.rules.statements import statements
from agentmerge.model import Definition, walk_sections, walk_units
from tests.shipped import SHIPPED

SILENT = frozenset({"identical", "cosmetic", "reordered"})
"""Classes of pairs of which nothing has to be told."""
LAST = frozenset({"statement-changed", "knowledge-added", "knowledge-removed", "field-changed"})
"""What the findings of the rule that comes last are called."""
_OF_CONTENT = re.compile(r"(?:unit|section)-(?:added|removed|reworded|checked|unchecked|renamed|releveled)")


def holes(old: str, new: str) -> list[str]:
    """What is told of no change, or more than once by the rule that comes last."""
    pair = drift([parse(old), parse(new)], summary=False).pairs[0]
    return list(holes_of(pair))


def holes_of(pair: PairDrift) -> Iterator[str]:
    """The same of a pair that was reviewed."""
    if pair.klass in SILENT:
        return
    if not pair.findings:
        yield f"{pair.klass}: nothing is told"
    if pair.klass is DiffClass.UNKNOWN:
        # One side is empty: the other one is told of as a whole.
        return
    for change in pair.diff.changes:
        if _OF_CONTENT.fullmatch(change.kind) and not any(map(_speaker(pair, change), pair.findings)):
            yield f"{change.kind} is told by no finding: {change.old}, {change.new}"
    parts = list(changed_parts(compare(pair.diff, SHIPPED)))
    owners = Owners(pair.findings)
    for part in parts:
        if owners.of(part) is None:
            yield f"no owner: {part}"
    others = Owners(one for one in pair.findings if one.rule not in LAST)
    loose = [part for part in parts if others.of(part) is None]
    for one in pair.findings:
        if one.rule == "statement-changed" and not any(tells(one, part) for part in loose):
            yield f"told by another rule, too: {one}"


def _speaker(pair: PairDrift, change: Change) -> Callable[[Finding], bool]:
    """Whether a finding speaks of a change: of one of its lines, or of what it stands in; read without the parts."""
    spots = [spot for spot in (change.old, change.new) if spot is not None]
    lines = {(spot.file, line) for spot in spots for line in _above(pair, spot.file, spot.line)}
    words = {word for spot in spots for word in (spot.text, *spot.text.split())}

    def speaks(one: Finding) -> bool:
        here = any(spot is not None and (spot.file, spot.line) in lines for spot in (one.a, one.b))
        return here or any(set(owned.split()) & words for owned in one.owns)

    return speaks


def _above(pair: PairDrift, file: int, line: int) -> Iterator[int]:
    """The line, and the lines of the sections and items that it stands in."""
    yield line
    definition = pair.diff.matching.b if file else pair.diff.matching.a
    for place in walk_units(definition.root):
        if place.unit.line == line:
            yield from (unit.line for unit in place.parents)
            yield from (section.line for section in place.path)
    for path, section in walk_sections(definition.root):
        if section.line == line:
            yield from (above.line for above in path)


def with_nothing_else(old: str, new: str) -> Sequence[Finding]:
    """What the last rule alone says of a pair: with no other rule, every change is its own."""
    pair = drift([parse(old), parse(new)], summary=False).pairs[0]
    return list(statements(compare(pair.diff, SHIPPED)))


Edit = Callable[[list[str], int, random.Random], None]


def _deleted(lines: list[str], at: int, _: random.Random) -> None:
    del lines[at]


def _appended(lines: list[str], at: int, rng: random.Random) -> None:
    lines[at] = f"{lines[at]} {rng.choice(('It is so.', 'Send it to the team.', 'Ask before that.', 'See 3.'))}"


def _inserted(lines: list[str], at: int, rng: random.Random) -> None:
    indent = re.match(r"\s*(?:[-*+] )?", lines[at])
    new = rng.choice(("Run the thing", "Never skip it", "| x | y |", "word"))
    lines.insert(at, f"{indent[0] if indent else ''}{new}")


def _word_replaced(lines: list[str], at: int, rng: random.Random) -> None:
    words = re.findall(r"\w+", lines[at])
    if words:
        lines[at] = lines[at].replace(rng.choice(words), rng.choice(("other", "never", "7", "all", "x-y")), 1)


def _word_dropped(lines: list[str], at: int, rng: random.Random) -> None:
    words = lines[at].split(" ")
    del words[rng.randrange(len(words))]
    lines[at] = " ".join(words)


def _commented(lines: list[str], at: int, _: random.Random) -> None:
    lines[at] = f"<!-- {lines[at]} -->"


def _fenced(lines: list[str], at: int, _: random.Random) -> None:
    lines[at : at + 1] = ["", "```text", lines[at], "```", ""]


def _struck(lines: list[str], at: int, _: random.Random) -> None:
    lines[at] = re.sub(r"^(\s*(?:[-*+]|\d+\.)?\s*)(.+)$", r"\1~~\2~~", lines[at])


def _turned(lines: list[str], at: int, _: random.Random) -> None:
    for one, other in (("never", "always"), ("must", "may"), ("before", "after"), ("true", "false"), ("- ", "- not ")):
        if one in lines[at].lower():
            lines[at] = re.sub(one, other, lines[at], count=1, flags=re.IGNORECASE)
            return


def _joined(lines: list[str], at: int, _: random.Random) -> None:
    if at + 1 < len(lines):
        lines[at : at + 2] = [f"{lines[at]} {lines[at + 1].strip()}"]


def _moved(lines: list[str], at: int, rng: random.Random) -> None:
    lines.insert(rng.randrange(len(lines)), lines.pop(at))


def _punctuated(lines: list[str], at: int, rng: random.Random) -> None:
    lines[at] += rng.choice((".", "!", ";", " ☕"))


def _leveled(lines: list[str], at: int, _: random.Random) -> None:
    lines[at] = f"#{lines[at]}" if lines[at].startswith("#") else f"## {lines[at]}"


EDITS: Sequence[Edit] = (
    _deleted,
    _appended,
    _inserted,
    _word_replaced,
    _word_dropped,
    _commented,
    _fenced,
    _struck,
    _turned,
    _joined,
    _moved,
    _punctuated,
    _leveled,
)


def edited(definition: Definition, edit: Edit, rng: random.Random) -> str:
    """The text of a definition with one of its lines edited."""
    lines = definition.text.split("\n")
    visible = [number for number, line in enumerate(lines) if line.strip() and line.strip() != "---"]
    if visible:
        edit(lines, rng.choice(visible), rng)
    return "\n".join(lines)
