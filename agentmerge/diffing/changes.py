"""Two matched definitions in, their changes out: fields by meaning, sections, units; the only importer of deepdiff."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agentmerge.diffing.records import Change, ChangeKind, ChangeSeverity, Spot
from agentmerge.knowledge import signs
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.pairwise import Matching, Pair, parent_line, title_key
from agentmerge.matching.records import Member, data_changes, says_same
from agentmerge.model import Definition, Digits, Field, Section, Unit, Value, walk_units
from agentmerge.rights import comparing, reading
from agentmerge.rights.comparing import Move

# Values ---------------------------------------------------------------------------------------------------------------
#
# The only importer of deepdiff: nested frontmatter values compared leaf by leaf.


def leaf_changes(old: Value, new: Value) -> list[str]:
    """What differs between two nested values, a phrase per leaf: `PreToolUse.0.matcher: Bash -> Edit`."""
    # Importing it costs as much as the rest of start-up, and few files hold nested values.
    from deepdiff import DeepDiff

    tree = DeepDiff(_thawed(old), _thawed(new), view="tree")
    found = [
        (".".join(str(step) for step in level.path(output_format="list")), kind, level.t1, level.t2)
        for kind, levels in tree.items()
        for level in levels
    ]
    return [_phrase(*row) for row in sorted(found, key=lambda row: row[:2])]


def _phrase(path: str, kind: str, old: Any, new: Any) -> str:
    if kind.endswith("_added"):
        return f"{path} added: {new}"
    if kind.endswith("_removed"):
        return f"{path} removed: {old}"
    if str(old) == str(new):
        old, new = (f"{value} (a number)" if isinstance(value, Digits) else f"'{value}'" for value in (old, new))
    return f"{path}: {old} -> {new}" if path else f"{old} -> {new}"


def _thawed(value: Value) -> Any:
    if isinstance(value, Mapping):
        return {key: _thawed(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_thawed(item) for item in value]
    return value


# Fields ---------------------------------------------------------------------------------------------------------------
#
# Changes of the frontmatter by meaning: list-like fields as sets whatever their spelling, maps leaf by leaf.


_TELLING = frozenset({"model", "name"})


def field_changes(matching: Matching, knowledge: Knowledge) -> Iterator[Change]:
    """Fields changed, removed and added, then whether their order differs."""
    moves = [move for move in comparing.moves(matching.a, matching.b, knowledge) if move.is_certain]
    for pair in matching.fields:
        if isinstance(pair.a.node, Field) and isinstance(pair.b.node, Field):
            yield from _changed(matching, pair.a.node, pair.b.node, moves, knowledge)
    for member in matching.only_a:
        if isinstance(member.node, Field):
            yield _one_sided(ChangeKind.FIELD_REMOVED, member.node, None, moves)
    for member in matching.only_b:
        if isinstance(member.node, Field):
            yield _one_sided(ChangeKind.FIELD_ADDED, None, member.node, moves)
    yield from _reordered(matching)


def _changed(
    matching: Matching, old: Field, new: Field, moves: Sequence[Move], knowledge: Knowledge
) -> Iterator[Change]:
    spots = Spot(0, old.line, old.text), Spot(1, new.line, new.text)
    path = f"frontmatter/{old.key}"
    if old.condition != new.condition:
        grade = ChangeSeverity.BREAKING if knowledge.field_info(old.key).rights else ChangeSeverity.WARNING
        yield Change(ChangeKind.FIELD_CHANGED, path, grade, *spots, f"{new.under}, was {old.under}")
        if comparing.same_value(old, new, knowledge):
            return
    was_seen, is_seen = matching.a.is_seen, matching.b.is_seen
    mine = [move for move in moves if old.key in move.keys]
    if comparing.same_value(old, new, knowledge, (matching.a.dialect, matching.b.dialect)):
        if mine or (was_seen != is_seen and old is matching.fields[0].a.node):
            # One field says that the whole block is lost or found; those that grant something say what it means.
            found = "hosts find it now" if is_seen else "hosts no longer find it"
            notes = "; ".join((*_shift_note(mine), *([found] if was_seen != is_seen else [])))
            yield Change(ChangeKind.FIELD_CHANGED, path, _severity(old.key, mine), *spots, notes)
        elif old.source.rstrip("\r\n") != new.source.rstrip("\r\n"):
            yield Change(ChangeKind.FIELD_RESTYLED, path, ChangeSeverity.INFO, *spots, _fields_restyle_note(old, new))
        return
    yield Change(
        ChangeKind.FIELD_CHANGED, path, _severity(old.key, mine), *spots, "; ".join(_notes(old, new, mine, knowledge))
    )


def _fields_restyle_note(old: Field, new: Field) -> str:
    return f"written {new.style} instead of {old.style}" if old.style != new.style else "written differently"


def _notes(old: Field, new: Field, moves: Sequence[Move], knowledge: Knowledge) -> Iterator[str]:
    info = knowledge.field_info(old.key)
    yield from _shift_note(moves)
    if info.shape == "set":
        before, after = reading.members(info, old.value), reading.members(info, new.value)
        for word, names, others in (("added", after, before), ("removed", before, after)):
            found = [name for name in names if name not in others]
            if found:
                yield f"{word} {', '.join(found)}"
    elif any(isinstance(field.value, (Mapping, tuple)) for field in (old, new)):
        yield from leaf_changes(old.content, new.content) or ["order of the keys"]


def _shift_note(moves: Sequence[Move]) -> Iterator[str]:
    found = sorted({move.direction for move in moves}, reverse=True)
    if found:
        yield f"permission {' and '.join(found)}"


def _one_sided(kind: ChangeKind, old: Field | None, new: Field | None, moves: Sequence[Move]) -> Change:
    field = old or new
    assert field is not None
    spots = (Spot(0, old.line, old.text) if old else None, Spot(1, new.line, new.text) if new else None)
    mine = [move for move in moves if field.key in move.keys]
    note = "; ".join(_shift_note(mine))
    return Change(kind, f"frontmatter/{field.key}", _severity(field.key, mine), *spots, note)


def _severity(key: str, moves: Sequence[Move]) -> ChangeSeverity:
    if moves:
        return min((ChangeSeverity(move.severity) for move in moves), key=list(ChangeSeverity).index)
    return ChangeSeverity.WARNING if key in _TELLING else ChangeSeverity.INFO


def _reordered(matching: Matching) -> Iterator[Change]:
    pairs: list[Pair] = list(matching.fields)
    if [pair.b.line for pair in pairs] != sorted(pair.b.line for pair in pairs):
        old, new = (", ".join(_keys(pairs, side)) for side in (0, 1))
        spots = Spot(0, pairs[0].a.line, old), Spot(1, pairs[0].b.line, new)
        yield Change(ChangeKind.FIELDS_REORDERED, "frontmatter", ChangeSeverity.INFO, *spots)


def _keys(pairs: list[Pair], side: int) -> Iterator[str]:
    ordered = sorted((pair.b if side else pair.a for pair in pairs), key=lambda member: member.line)
    return (member.node.key for member in ordered if isinstance(member.node, Field))


# Structure ------------------------------------------------------------------------------------------------------------
#
# Changes of the body: sections first, then the units of each.


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
        yield Change(ChangeKind.UNIT_RESTYLED, path, _INFO, *spots, _structure_restyle_note(old, new))


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


def _structure_restyle_note(old: Unit, new: Unit) -> str:
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
