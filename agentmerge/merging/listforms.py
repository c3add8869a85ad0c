"""The form of lists and headings, three ways: what one side adds has the marks, indents and levels that the other gave.

Only where the other side changed a form throughout: at all neighbours of an addition, or where it has none, in all the
file.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from agentmerge.merging.nodes import Node
from agentmerge.merging.union import Record, Union

MAX_LEVEL = 6
"""Number signs of the deepest heading."""

MIN_MARKS = 2
"""Marks that a side must have changed alike before they count as the form of the file."""

_MARK = re.compile(r"(?P<indent>[ ]*)(?P<sign>[-*+])(?P<gap>[ ]+)")
_HEADING = re.compile(r"(?P<signs>#{1,6})(?=[ \t])")
_ITEMS = frozenset({"item", "task"})
_PARTS = ("indent", "sign", "gap")


class _Marks(NamedTuple):
    """The mark of one item of the base, and what the other side made of it."""

    base: re.Match[str]
    other: re.Match[str]


class Forms:
    """The forms that each side gave to what the other one left in the base's form."""

    def __init__(self, union: Union) -> None:
        items = [record for record in union.records if record.kind in _ITEMS]
        self._of_file = {side: _marks(items, side) for side in (1, 2)}

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
            return levelled(lines, _levels(record, author))
        old = _MARK.match(lines[0]) if record.kind in _ITEMS else None
        if old is None:
            return _shifted(lines, self._shift(record.parent, author))
        new = self._mark(record, old, author)
        rest = _shifted(lines[1:], len(new) - len(old[0]))
        return [new + lines[0][old.end() :], *rest]

    def _mark(self, record: Record, old: re.Match[str], author: int) -> str:
        above = record.parent
        beside = _marks((one for one in above.members if one.kind in _ITEMS), author) if above is not None else []
        sources = ((beside, 1), (self._of_file[author], MIN_MARKS))
        made = {part: [_form(part, old[part], pairs, least) for pairs, least in sources] for part in _PARTS}
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
        pairs = _marks([above], author)
        return len(pairs[0].other[0]) - len(pairs[0].base[0]) if pairs else 0


def _author(record: Record) -> int:
    """The side that alone added a record; 0 where there is none."""
    if record.base is not None or (record.ours is not None and record.theirs is not None):
        return 0
    return 1 if record.ours is not None else 2


def _marks(records: Iterable[Record], author: int) -> list[_Marks]:
    """The marks of items that the author left as they were, with those that the other side gave them."""
    found = []
    for record in records:
        nodes = (record.base, record.versions[author], record.versions[3 - author])
        matches = [_MARK.match(node.lines[0]) for node in nodes if node is not None and node.lines]
        base, own, other = (*matches, None, None, None)[:3]
        if len(matches) == len(nodes) and base and own and other and base[0] == own[0]:
            found.append(_Marks(base, other))
    return found


def _form(part: str, old: str, pairs: Sequence[_Marks], least: int) -> str | None:
    """What the other side made of a part of marks wherever it stood; None where there is no one form."""
    made = [pair.other[part] for pair in pairs if pair.base[part] == old]
    return made[0] if len(made) >= least and len(set(made)) == 1 else None


def _shifted(lines: Sequence[str], by: int) -> list[str]:
    """Lines that stand further right; what has no room on the left stays."""
    if by >= 0:
        return [" " * by + line if line.strip() else line for line in lines]
    return [line[-by:] if not line[:-by].strip() and line.strip() else line for line in lines]


# Headings


def _levels(record: Record, author: int) -> int:
    """By how many levels the other side moved the sections among which one was added."""
    above = record.parent
    if above is None:
        return 0
    changes: defaultdict[int, int] = defaultdict(int)
    for one in above.members:
        if one.kind == "section" and (change := _level_change(one, author)) is not None:
            changes[change] += 1
    if changes:
        return next(iter(changes)) if len(changes) == 1 else 0
    return _levels(above, author) if _author(above) else _level_change(above, author) or 0


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
