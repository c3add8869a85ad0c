"""What one edit over many files left over: files that it did not reach, and words that it should not have reached."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from agentmerge import rights
from agentmerge.diffing.records import folded
from agentmerge.drifting.mass.deltas import TEXT, Delta, File
from agentmerge.drifting.records import Finding
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition
from agentmerge.parsing import parse
from agentmerge.parsing.lines import bare, split_lines

Others = Callable[[Sequence[str]], Mapping[str, str]]
"""The texts of definitions of the new tree, changed ones too, that hold one of some texts, by path."""

_MARKED = "#@`'\"/[,"
"""What stands before a word that is the name of a tool, and not of the language."""
_FIELD = "frontmatter/"


class Left(NamedTuple):
    """Files that an edit did not reach."""

    told: str
    places: tuple[str, ...]


class Harm(NamedTuple):
    """A line in which a word was replaced that is no name."""

    was: int
    now: int
    old: str
    new: str


class Damage(NamedTuple):
    """Such lines of one file."""

    at: int
    delta: Delta
    lines: tuple[Harm, ...]

    def has(self, finding: Finding) -> bool:
        """Whether a finding tells of the damage alone."""
        if finding.a is None or finding.b is None or finding.path.startswith(_FIELD) or finding.accepted:
            return False
        back = finding.b.text.lower().replace(self.delta.new.lower(), self.delta.old.lower())
        return folded(back) == folded(finding.a.text.lower()) and any(
            folded(one.new) in folded(finding.b.text) or folded(finding.b.text) in folded(one.new) for one in self.lines
        )


def is_name(text: str) -> bool:
    """Whether a text is the name of one thing, without a star or a blank."""
    return bool(text) and re.fullmatch(r"[\w./:-]+", text) is not None


def left_out(
    delta: Delta, count: int, changed: Mapping[str, Definition], others: Others, knowledge: Knowledge
) -> Left | None:
    """The files that kept what an edit replaced in `count` others, or lack what it added; None where there are none.

    Where as many files were left as were changed, that is no oversight.
    """
    if delta.where == TEXT and delta.old and delta.new:
        return _kept_words(delta, count, changed, others)
    if not delta.where.startswith(_FIELD) or not (is_name(delta.new) or is_name(delta.old)):
        return None
    key = delta.where.removeprefix(_FIELD)
    if knowledge.field_info(key).shape != "set":
        # Another model or mode is chosen file by file.
        return None
    rest = {place: text for place, text in others([f"{key}:"]).items() if place not in changed}
    read = {place: parse(_head(text), knowledge, filename=place) for place, text in rest.items()}
    listed = {place: own for place, one in {**changed, **read}.items() if (own := _members(one, key, knowledge))}
    if delta.old:
        kept = tuple(sorted(place for place, own in listed.items() if delta.old in own and delta.new not in own))
        what = f"{len(kept)} of {count + len(kept)} kept {delta.old} in {key}"
    else:
        kept = tuple(sorted(place for place, own in listed.items() if delta.new not in own))
        what = f"{key}: {delta.new} came in {count} of {count + len(kept)} that list {key}, and was left out"
    return Left(what, kept) if 0 < len(kept) < count else None


def _head(text: str) -> str:
    """The frontmatter of a text alone; of many files nothing else is asked for."""
    lines = split_lines(text)
    end = next((at for at, line in enumerate(lines) if at and bare(line).strip() == "---"), len(lines))
    return "".join(lines[: end + 1])


def _members(definition: Definition, key: str, knowledge: Knowledge) -> Sequence[str]:
    field = definition.field(key)
    return () if field is None else rights.members(knowledge.field_info(key), field.value)


def _kept_words(delta: Delta, count: int, changed: Mapping[str, Definition], others: Others) -> Left | None:
    """Files in which a word still stands that was replaced elsewhere."""
    core = max(delta.old.split("*"), key=len)
    if len(core) < 3 or " " in delta.old or not re.search(r"\W", core):
        # A word of the language stands everywhere.
        return None
    pattern = r"[\w-]+".join(map(re.escape, delta.old.split("*")))
    word = re.compile(rf"(?<!\w){pattern}(?!\w)")
    found = {**others([core]), **{place: one.text for place, one in changed.items()}}
    kept = tuple(sorted(place for place, text in found.items() if word.search(text)))
    return Left(f"{len(kept)} of {count + len(kept)} kept {delta.old}", kept) if 0 < len(kept) <= count else None


def damages(files: Mapping[int, File], renamed: Sequence[Delta]) -> list[Damage]:
    """Lines in which the name of a tool was put where its old name was a word of the language, or a part of one."""
    found = []
    for at, file in files.items():
        before, after = (list(enumerate(map(bare, split_lines(one.text)), 1)) for one in (file.old, file.new))
        known = {line for _, line in before}
        fresh = [(number, line) for number, line in after if line not in known]
        for delta in renamed:
            lines = tuple(_harmed(delta, fresh, before)) if delta.old in delta.new else ()
            if lines:
                found.append(Damage(at, delta, lines))
    return found


def _harmed(delta: Delta, fresh: Sequence[tuple[int, str]], before: Sequence[tuple[int, str]]) -> Iterator[Harm]:
    for number, line in fresh:
        if not any(_is_wrong(line, one) for one in re.finditer(re.escape(delta.new), line)):
            continue
        back = line.replace(delta.new, delta.old).lower()
        was = next(((at, old) for at, old in before if old.lower() == back), None)
        if was is not None:
            yield Harm(was[0], number, was[1], line)


def _is_wrong(line: str, found: re.Match[str]) -> bool:
    """Whether a name stands inside of a longer one, or among words without a mark."""
    ahead, behind = line[: found.start()], line[found.end() :]
    if behind[:1].isalnum() or ahead[-1:].isalnum():
        return True
    in_code = ahead.count("`") % 2 == 1
    return not in_code and not ahead.endswith(tuple(_MARKED)) and not re.search(r"[\[,]\s*$", ahead)
