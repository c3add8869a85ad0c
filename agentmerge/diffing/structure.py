"""Changes of the body: sections first, then the units of each."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence

from agentmerge import signs
from agentmerge.aligning.data import data_changes, says_same
from agentmerge.aligning.matching import Matching, Pair, parent_line, title_key
from agentmerge.aligning.records import Member
from agentmerge.diffing.records import Change, ChangeKind, ChangeSeverity, Spot
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Section, Unit, walk_units

_INFO = ChangeSeverity.INFO
_EMPHASIS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")
_WITH_MARK = frozenset({"item", "task", "paragraph"})


def section_changes(matching: Matching) -> Iterator[Change]:
    """Sections renamed, moved, re-levelled, removed and added."""
    stays = _Stays(matching)
    late = _out_of_order([pair for pair in matching.sections if stays(pair)])
    for pair in matching.sections:
        yield from _section_pair(pair, stays=stays(pair), out_of_order=pair.a.line in late)
    for member in matching.sections_only_a:
        yield Change(ChangeKind.SECTION_REMOVED, path_of(member), _INFO, _spot(member), None)
    for member in matching.sections_only_b:
        yield Change(ChangeKind.SECTION_ADDED, path_of(member), _INFO, None, _spot(member))


def section_homes(matching: Matching) -> dict[int, int]:
    """Line of each matched section of the new side, by the line of its partner; 0 is the root."""
    return {0: 0} | {pair.a.line: pair.b.line for pair in matching.sections}


class _Stays:
    """Whether a section is still where it was: a heading that came or went above it moves nothing."""

    def __init__(self, matching: Matching) -> None:
        self._homes = section_homes(matching)
        self._came = {member.line for member in matching.sections_only_b}
        self._gone = {member.line for member in matching.sections_only_a}

    def __call__(self, pair: Pair) -> bool:
        old, new = _above(pair.a), _above(pair.b)
        return (
            self._homes.get(old[0], -1) == _first_not_in(self._came, new)
            or self._homes.get(_first_not_in(self._gone, old), -1) == new[0]
        )


def _above(member: Member) -> list[int]:
    """Lines of the sections above a section, the nearest first; 0 is the root."""
    return [*(section.line for section in reversed(member.path)), 0]


def _first_not_in(lines: set[int], candidates: Sequence[int]) -> int:
    return next(line for line in candidates if line not in lines)


def _section_pair(pair: Pair, *, stays: bool, out_of_order: bool) -> Iterator[Change]:
    old, new = pair.a.node, pair.b.node
    assert isinstance(old, Section)
    assert isinstance(new, Section)
    spots, path = (_spot(pair.a), _spot(pair.b)), path_of(pair.b)
    renamed, releveled = title_key(old) != title_key(new), old.heading_level != new.heading_level
    if renamed:
        yield Change(ChangeKind.SECTION_RENAMED, path, _INFO, *spots)
    if releveled:
        yield Change(ChangeKind.SECTION_RELEVELED, path, _INFO, *spots, f"from {_heading(old)} to {_heading(new)}")
    if not stays:
        yield Change(ChangeKind.SECTION_MOVED, path, _INFO, *spots, f"from {_under(pair.a)} to {_under(pair.b)}")
    elif out_of_order:
        yield Change(ChangeKind.SECTION_MOVED, path, _INFO, *spots, "order changed", reorders=True)
    elif not renamed and not releveled and old.source.strip() != new.source.strip():
        yield Change(
            ChangeKind.SECTION_RESTYLED,
            path,
            _INFO,
            *spots,
            f"heading written {new.style}, was {old.style}",
        )


def _heading(section: Section) -> str:
    """What a reader sees of a heading: its signs, or how a line that only looks like a heading is written."""
    return "#" * section.heading_level if section.heading_level else f"a {section.style} line"


def unit_changes(matching: Matching, knowledge: Knowledge) -> Iterator[Change]:
    """Units reworded, moved, reordered, checked, restyled, removed and added."""
    homes = section_homes(matching)
    at_home = {pair.a.line for pair in matching.units if homes.get(parent_line(pair.a), -1) == parent_line(pair.b)}
    late = _out_of_order([pair for pair in matching.units if pair.a.line in at_home])
    nests = _nests(matching)
    for pair in matching.units:
        nest = nests.get(pair.a.line, "") if pair.a.line in at_home else ""
        yield from _unit_pair(
            pair, knowledge, stays=pair.a.line in at_home, out_of_order=pair.a.line in late, nest=nest
        )
    for member in matching.only_a:
        if isinstance(member.node, Unit):
            yield Change(ChangeKind.UNIT_REMOVED, path_of(member), _INFO, _spot(member), None)
    for member in matching.only_b:
        if isinstance(member.node, Unit):
            yield Change(ChangeKind.UNIT_ADDED, path_of(member), _INFO, None, _spot(member))


def _nests(matching: Matching) -> dict[int, str]:
    """How units changed the item that they are nested in, by their line in the first definition."""
    above_a, above_b = _items_above(matching.a), _items_above(matching.b)
    if not above_a and not above_b:
        return {}
    partner = {pair.a.line: pair.b.line for pair in matching.units}
    found = {}
    for pair in matching.units:
        old, new = above_a.get(pair.a.line), above_b.get(pair.b.line)
        if (old is None) != (new is None) or (old and new and partner.get(old.line) != new.line):
            found[pair.a.line] = f"from {_below(old)} to {_below(new)}"
    return found


def _items_above(definition: Definition) -> dict[int, Unit]:
    return {place.unit.line: place.parents[-1] for place in walk_units(definition.root) if place.parents}


def _below(item: Unit | None) -> str:
    if item is None:
        return "no item above it"
    flat = " ".join((item.lead or item.flow).split())
    return f"below '{flat if len(flat) <= 40 else f'{flat[:39]}…'}'"


def _unit_pair(pair: Pair, knowledge: Knowledge, *, stays: bool, out_of_order: bool, nest: str) -> Iterator[Change]:
    old, new = pair.a.node, pair.b.node
    assert isinstance(old, Unit)
    assert isinstance(new, Unit)
    spots, path = (_spot(pair.a), _spot(pair.b)), path_of(pair.b)
    reworded = folded(old, knowledge) != folded(new, knowledge) and not says_same(old, new)
    if reworded:
        note = "the two contradict each other" if pair.by == "contradicts" else "; ".join(data_changes(old, new))
        severity: ChangeSeverity = ChangeSeverity.WARNING if pair.by == "contradicts" else _INFO
        yield Change(ChangeKind.UNIT_REWORDED, path, severity, *spots, note)
    if old.checked is not None and new.checked is not None and old.checked != new.checked:
        yield Change(ChangeKind.UNIT_CHECKED if new.checked else ChangeKind.UNIT_UNCHECKED, path, _INFO, *spots)
    if not stays:
        yield Change(ChangeKind.UNIT_MOVED, path, _INFO, *spots, f"from {_home(pair.a)} to {_home(pair.b)}")
    elif nest:
        yield Change(ChangeKind.UNIT_MOVED, path, _INFO, *spots, nest)
    elif out_of_order:
        yield Change(ChangeKind.UNIT_REORDERED, path, _INFO, *spots)
    if not reworded and _dressing(old) != _dressing(new):
        yield Change(ChangeKind.UNIT_RESTYLED, path, _INFO, *spots, _restyle_note(old, new))


def folded(unit: Unit, knowledge: Knowledge) -> str:
    """A unit's words without emphasis and white space; code as it stands."""
    return (
        unit.flow if unit.kind == "code" else " ".join(_EMPHASIS.sub("", signs.of(knowledge).said(unit.flow)).split())
    )


def _dressing(unit: Unit) -> tuple[str, ...]:
    """All of a unit that is not its words, and not the number that its place gives it."""
    if unit.kind in _WITH_MARK:
        return unit.kind, "1." if unit.ordinal is not None else unit.marker, unit.text
    return unit.kind, "", unit.source.strip()


def _restyle_note(old: Unit, new: Unit) -> str:
    if old.kind != new.kind:
        return f"{old.kind} became {new.kind}"
    if old.kind == "code" and old.flow != new.flow:
        return "the same data in another style"
    return f"mark {old.marker} became {new.marker}" if old.marker != new.marker else "white space or emphasis"


def _out_of_order(pairs: Sequence[Pair]) -> set[int]:
    """Lines (old side) of the fewest nodes that have to move so that the rest keeps its order, per home.

    `pairs` are those that still stand in the same section.
    """
    by_home: dict[int, list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_home[parent_line(pair.a)].append(pair)
    late: set[int] = set()
    for group in by_home.values():
        ordered = sorted(group, key=lambda pair: pair.a.line)
        kept = increasing([pair.b.line for pair in ordered])
        late.update(pair.a.line for number, pair in enumerate(ordered) if number not in kept)
    return late


def increasing(values: Sequence[int]) -> set[int]:
    """Positions of one longest strictly increasing subsequence (patience sorting, O(n log n))."""
    tails: list[int] = []
    heads: list[int] = []
    before: list[int] = []
    for position, value in enumerate(values):
        place = bisect_left(tails, value)
        before.append(heads[place - 1] if place else -1)
        tails[place : place + 1] = [value]
        heads[place : place + 1] = [position]
    kept: set[int] = set()
    position = heads[-1] if heads else -1
    while position >= 0:
        kept.add(position)
        position = before[position]
    return kept


def path_of(member: Member) -> str:
    """Where a node stands: titles of its sections, of a section with its own."""
    titles = [section.title for section in member.path]
    if isinstance(member.node, Section):
        titles.append(member.node.title)
    return " / ".join(title for title in titles if title)


def _home(member: Member) -> str:
    return f"'{path_of(member)}'" if member.path else "the top"


def _under(member: Member) -> str:
    return "'" + " / ".join(section.title for section in member.path) + "'" if member.path else "the top level"


def _spot(member: Member) -> Spot:
    return Spot(member.file, member.line, member.text)
