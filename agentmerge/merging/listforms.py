"""The form of lists, keys and headings, three ways: what one side adds has the marks, indents and levels of the other.

Only where the other side changed a form throughout: at all neighbours of an addition, or where it has none, in all the
file.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from agentmerge.memo import Kept
from agentmerge.merging.limits import MAX_LINES
from agentmerge.merging.nodes import Node
from agentmerge.merging.union import Record, Union

MAX_LEVEL = 6
"""Number signs of the deepest heading."""

MIN_MARKS = 2
"""Marks that a side must have changed alike before they count as the form of the file."""

_MARK = re.compile(r"(?P<indent>[ ]*)(?P<sign>[-*+])(?P<gap>[ ]+)")
_HEADING = re.compile(r"(?P<signs>#{1,6})(?=[ \t])")
_ITEMS = frozenset({"item", "task"})
_INDENTED = frozenset({"element", "entry"})
"""Keys and members of a field's value, which are one value by their indents alone."""
_PARTS = ("indent", "sign", "gap")


class _Marks(NamedTuple):
    """The mark of one item of the base, and what the other side made of it."""

    base: re.Match[str]
    other: re.Match[str]


_Made: TypeAlias = Mapping[tuple[str, str], Counter[str]]
"""By part of a mark and its form in the base, the forms that the other side gave to it."""


class Forms:
    """The forms that each side gave to what the other one left in the base's form."""

    def __init__(self, union: Union) -> None:
        items = [record for record in union.records if record.kind in _ITEMS]
        self._of_file = {side: _made(items, side) for side in (1, 2)}
        # Additions mostly stand among the same neighbours.
        self._beside: Kept[tuple[Record, int], _Made] = Kept(lambda asked: _made(_items(asked[0]), asked[1]), MAX_LINES)
        self._moved: Kept[tuple[Record | None, int], int] = Kept(lambda asked: self._levels(*asked), MAX_LINES)
        self._deeper: Kept[tuple[Record | None, int], int] = Kept(lambda asked: self._depth(*asked), MAX_LINES)

    def misfits(self, union: Union) -> list[str]:
        """Additions that do not have the form that the other side gave to what they stand among."""
        added = (record for record in union.records if _author(record))
        return [
            f"{record.node.label} '{record.node.name}' in another form"
            for record in added
            if self.fitted(record, record.node.lines) != list(record.node.lines)
        ]

    def fitted(self, record: Record, lines: Sequence[str]) -> list[str]:
        """The lines of a record, in the form of its surroundings where it is an addition."""
        author = _author(record)
        if not author or not lines:
            return list(lines)
        if record.kind == "section":
            return levelled(lines, self._moved[record.parent, author])
        if record.kind in _INDENTED:
            return _shifted(lines, self._deeper[record.parent, author])
        old = _MARK.match(lines[0]) if record.kind in _ITEMS else None
        if old is None:
            return _shifted(lines, self._shift(record.parent, author))
        new = self._mark(record, old, author)
        rest = _shifted(lines[1:], len(new) - len(old[0]))
        return [new + lines[0][old.end() :], *rest]

    def _mark(self, record: Record, old: re.Match[str], author: int) -> str:
        above = record.parent
        beside = self._beside[above, author] if above is not None else {}
        sources = ((beside, 1), (self._of_file[author], MIN_MARKS))
        made = {part: [_form(found.get((part, old[part])), least) for found, least in sources] for part in _PARTS}
        parts = {part: next((form for form in made[part] if form is not None), old[part]) for part in _PARTS}
        if made["indent"] == [None, None] and (by := self._shift(above, author)):
            parts["indent"] = " " * max(len(old["indent"]) + by, 0)
        return "".join(parts[part] for part in _PARTS)

    def _shift(self, above: Record | None, author: int) -> int:
        """By how much the text inside an item stands further right than its author had it."""
        if above is None or above.kind not in _ITEMS:
            return 0
        if _author(above):
            old = _MARK.match(above.node.lines[0])
            return 0 if old is None else len(self._mark(above, old, author)) - len(old[0])
        pair = _marks(above, author)
        return len(pair.other[0]) - len(pair.base[0]) if pair is not None else 0

    def _levels(self, above: Record | None, author: int) -> int:
        """By how many levels the other side moved the sections among which some were added."""
        if above is None:
            return 0
        changes = {
            change
            for one in above.members
            if one.kind == "section" and (change := _level_change(one, author)) is not None
        }
        if changes:
            return next(iter(changes)) if len(changes) == 1 else 0
        if not _author(above):
            return _level_change(above, author) or 0
        return self._moved[above.parent, author]

    def _depth(self, above: Record | None, author: int) -> int:
        """By how much further right the other side put the keys or members among which some were added."""
        if above is None or above.kind not in (*_INDENTED, "field"):
            return 0
        changes = {change for one in above.members if (change := _indent_change(one, author)) is not None}
        if changes:
            return next(iter(changes)) if len(changes) == 1 else 0
        return self._deeper[above.parent, author] if _author(above) else _indent_change(above, author) or 0


def _author(record: Record) -> int:
    """The side that alone added a record; 0 where there is none."""
    if record.base is not None or (record.ours is not None and record.theirs is not None):
        return 0
    return 1 if record.ours is not None else 2


def _items(above: Record) -> Iterator[Record]:
    return (one for one in above.members if one.kind in _ITEMS)


def _marks(record: Record, author: int) -> _Marks | None:
    """The mark of an item that the author left as it was, with the one that the other side gave it."""
    base, own, other = map(_mark_of, (record.base, record.versions[author], record.versions[3 - author]))
    return _Marks(base, other) if base and own and other and base[0] == own[0] else None


def _mark_of(node: Node | None) -> re.Match[str] | None:
    return _MARK.match(node.lines[0]) if node is not None and node.lines else None


def _made(records: Iterable[Record], author: int) -> _Made:
    """What the other side made of the marks of items that the author left as they were."""
    found: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for pair in filter(None, (_marks(record, author) for record in records)):
        for part in _PARTS:
            found[part, pair.base[part]][pair.other[part]] += 1
    return found


def _form(made: Counter[str] | None, least: int) -> str | None:
    """What the other side made of a part of marks wherever it stood; None where there is no one form."""
    return next(iter(made)) if made and len(made) == 1 and made.total() >= least else None


def _shifted(lines: Sequence[str], by: int) -> list[str]:
    """Lines that stand further right; what has no room on the left stays."""
    if by >= 0:
        return [" " * by + line if line.strip() else line for line in lines]
    return [line[-by:] if not line[:-by].strip() and line.strip() else line for line in lines]


def _indent_change(record: Record, author: int) -> int | None:
    """By how much further right the other side put what the author left where it was."""
    nodes = (record.base, record.versions[author], record.versions[3 - author])
    base, own, other = (None if node is None else _indent(node.lines[0]) for node in nodes)
    return other - base if base is not None and own == base and other is not None else None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


# Headings


def _level_change(record: Record, author: int) -> int | None:
    """By how much the other side changed the level of a section that the author left where it was."""
    nodes = (record.base, record.versions[author], record.versions[3 - author])
    base, own, other = (_level(node) for node in nodes)
    return other - base if base and own == base and other else None


def _level(node: Node | None) -> int:
    match = _HEADING.match(node.lines[0]) if node is not None and node.lines else None
    return len(match["signs"]) if match else 0


def levelled(lines: Sequence[str], by: int) -> list[str]:
    """A heading so many levels deeper, higher where `by` is below 0; the first and the last level are bounds."""
    match = _HEADING.match(lines[0])
    if match is None or not by:
        return list(lines)
    level = min(max(len(match["signs"]) + by, 1), MAX_LEVEL)
    return ["#" * level + lines[0][match.end() :], *lines[1:]]
