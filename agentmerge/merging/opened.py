"""A text with contradictions that a combine left open in, the same text out, those settled that a policy decides."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from agentmerge.knowledge.tables import Knowledge
from agentmerge.merging.pieces import Clash, Policy
from agentmerge.model import Definition, Section, Unit, walk_sections, walk_units
from agentmerge.planning.records import Action, Conflict, Decision, Fate, LedgerRow, Merged, Source
from agentmerge.reading.parsing import parse
from agentmerge.text.lines import split_lines
from agentmerge.text.markers import is_note

_SIDE = re.compile(r"(?:<!--|>) agentmerge: conflict (?P<key>\d+, .*): side (?P<side>\d+) of (?P<of>\d+), ")
_NUMBER = re.compile(r"\d+, ")
_FILE = 1
"""Of the text in the records, as ours is in those of a merge."""


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of an open contradiction, with the comment that marks it."""

    path: str
    unit: Unit
    comment: Unit
    rows: range
    """Lines of the unit and of all that is nested in it, 0-based."""
    count: int
    """Sides of the contradiction."""


def settle(text: str, knowledge: Knowledge, *, filename: str | None = None, policy: Policy | None = None) -> Merged:
    """The text, with one side of each contradiction that a policy decides, and without the comments at it.

    `ours` is the first side, `theirs` the second one, `union` keeps both as they stand. What no policy decides stays
    as it is, and so does a contradiction of which a side is missing. No other line changes; a heading with nothing
    left below it goes. In the records the text is file 1, and in those of a contradiction its sides are files 1 and 2.
    """
    definition = parse(text, knowledge, filename=filename)
    policy = policy or Policy()
    rows = split_lines(text)
    gone: dict[int, int] = {}
    """By line that goes, the number of its decision."""
    decisions: list[Decision] = []
    conflicts: list[Conflict] = []
    for key, sides in _contradictions(definition, rows):
        slot = _NUMBER.sub("", key, count=1)
        rule, taken = _taken(sides, slot, rows, policy)
        members = tuple(_source(side.unit, number) for number, side in enumerate(sides, _FILE))
        conflicts.append(Conflict(sides[0].path, slot, members, rule, sides[0].unit.line))
        if rule is None:
            continue
        decisions.append(Decision(len(decisions), sides[0].path, rule, Action.SUPERSEDE, members))
        for side in sides:
            lines = {side.comment.line - 1} if side in taken else {side.comment.line - 1, *side.rows}
            gone |= dict.fromkeys(lines, len(decisions) - 1)
    for line, number in _emptied(definition, gone):
        gone[line] = number
    kept = [not (number in gone or _doubles(number, rows, gone)) for number in range(len(rows))]
    if gone:
        _trim(kept, rows)
    into = [0, *accumulate(kept)]
    result = "".join(row for row, stays in zip(_with_ends(text), kept, strict=True) if stays)
    ledger = []
    for place in walk_units(definition.root):
        source, row = _source(place.unit), place.unit.line - 1
        if row in gone:
            ledger.append(LedgerRow(source, Fate.SUPERSEDED, gone[row]))
        else:
            path = " / ".join(section.title for section in place.path)
            ledger.append(LedgerRow(source, Fate.KEPT, len(decisions), into[row + 1]))
            decisions.append(Decision(len(decisions), path, "unchanged", Action.KEEP, (source,)))
    return Merged(result, tuple(decisions), tuple(conflicts), tuple(ledger))


def is_open(text: str, knowledge: Knowledge, *, filename: str | None = None) -> bool:
    """Whether a combine left contradictions open in a text."""
    return any(_contradictions(parse(text, knowledge, filename=filename), split_lines(text)))


def _source(unit: Unit, file: int = _FILE) -> Source:
    return Source(file, unit.line, unit.kind, unit.text)


def _with_ends(text: str) -> list[str]:
    """The lines with their ends, as many as there are without."""
    return re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z", text)


def _contradictions(definition: Definition, rows: Sequence[str]) -> Iterator[tuple[str, list[_Side]]]:
    """The sides of each contradiction in their order, by its number and what it is about."""
    found: dict[str, dict[int, _Side]] = defaultdict(dict)
    for path, host, comment in _hosts(definition.root, ()):
        match = _SIDE.match(comment.text)
        if match is not None:
            end = _end(host)
            lines = range(host.line - 1, end - 1)
            lines = range(lines.start, max((n + 1 for n in lines if rows[n].strip()), default=lines.start))
            side = _Side(" / ".join(path), host, comment, lines, int(match["of"]))
            found[match["key"]].setdefault(int(match["side"]), side)
    for key, sides in found.items():
        yield key, [sides[number] for number in sorted(sides)]


def _end(unit: Unit) -> int:
    return max(unit.end, *(_end(child) for child in unit.children)) if unit.children else unit.end


def _hosts(section: Section, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Unit, Unit]]:
    """Each comment of a combine with the unit that it stands beside: the one before it, or the item that it is in."""
    last: Unit | None = None
    for node in section.body:
        if isinstance(node, Section):
            yield from _hosts(node, (*path, node.title))
        elif is_note(node) and last is not None:
            yield path, last, node
        else:
            last = node
            yield from _inside(node, path)


def _inside(unit: Unit, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Unit, Unit]]:
    last = unit
    for child in unit.children:
        if is_note(child):
            yield path, last, child
        else:
            last = child
            yield from _inside(child, path)


def _taken(sides: Sequence[_Side], slot: str, rows: Sequence[str], policy: Policy) -> tuple[str | None, list[_Side]]:
    """The rule that decides a contradiction, None where none does, and the sides that stand by it."""
    if len(sides) != sides[0].count or len(sides) < 2:
        return None, list(sides)
    ours, theirs = (tuple(rows[side.rows.start : side.rows.stop]) for side in sides[:2])
    clash = Clash((), ours, theirs, sides[0].path, slot, (0, sides[0].unit.line, sides[1].unit.line))
    decided = policy.decide(clash)
    if decided is None:
        return None, list(sides)
    strategy = decided[1].rpartition("=")[2]
    taken = {"ours": sides[:1], "theirs": sides[1:2], "union": sides}.get(strategy)
    return (None, list(sides)) if taken is None else (decided[1], list(taken))


def _emptied(definition: Definition, gone: dict[int, int]) -> Iterator[tuple[int, int]]:
    """The lines of headings below which nothing is left, with the decision that took the last of it."""
    for _, section in walk_sections(definition.root):
        lines = [unit.line - 1 for unit in _all_units(section)]
        if lines and all(line in gone for line in lines):
            yield from ((line, gone[lines[0]]) for line in range(section.line - 1, section.end - 1))


def _all_units(section: Section) -> Iterator[Unit]:
    yield from (place.unit for place in walk_units(section))


def _trim(kept: list[bool], rows: Sequence[str]) -> None:
    """Let go of the blank lines at the end."""
    for number in reversed(range(len(rows))):
        if kept[number] and rows[number].strip():
            return
        kept[number] = False


def _doubles(number: int, rows: Sequence[str], gone: dict[int, int]) -> bool:
    """Whether a blank line stands behind lines that go, with another blank line, or nothing, before them."""
    if rows[number].strip() or number - 1 not in gone:
        return False
    before = next((row for row in range(number - 1, -1, -1) if row not in gone), None)
    return before is None or not rows[before].strip()
