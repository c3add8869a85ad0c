"""A change of one definition and others in, out each with the change taken by structure, and what it could not take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from agentmerge.diffing.comparing import diff
from agentmerge.diffing.records import Change, ChangeKind, folded
from agentmerge.errors import EditError
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.aligning import align
from agentmerge.matching.features import normal_title
from agentmerge.model import Definition, Field, Place, Section, Unit, Value, walk_sections, walk_units
from agentmerge.rights.reading import names
from agentmerge.writing import editing


class Fate(StrEnum):
    """What became of one part of a change in one definition."""

    TAKEN = "taken"
    THERE = "there"
    """The definition says so already."""
    LEFT = "left"
    """A person has to look."""


class Step(NamedTuple):
    """One part of a change: `rule added`, its words, and what became of it."""

    kind: ChangeKind
    text: str
    fate: Fate
    why: str = ""


@dataclass(frozen=True, slots=True)
class Carried:
    """One definition with what it took."""

    before: Definition
    after: Definition
    steps: tuple[Step, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left to a person."""
        return all(step.fate is not Fate.LEFT for step in self.steps)


class _LeftError(Exception):
    """Why a part of a change can't be taken."""


_FORM = frozenset(
    {
        ChangeKind.FIELD_RESTYLED,
        ChangeKind.FIELDS_REORDERED,
        ChangeKind.SECTION_RESTYLED,
        ChangeKind.SECTION_RELEVELED,
        ChangeKind.UNIT_RESTYLED,
        ChangeKind.UNIT_REORDERED,
        ChangeKind.LAYOUT,
    }
)
"""Changes of form and order: nothing that others would lack."""


def carry(a: Definition, b: Definition, targets: Iterable[Definition], knowledge: Knowledge) -> Iterator[Carried]:
    """Take the change from `a` to `b` to other definitions, part by part.

    A part is taken where its place is sure: a statement that stands there word for word, a neighbour or a section of
    the same name, a value that is the old one. Each edit is proven to leave all other bytes alone; what is not sure is
    left, with the reason.
    """
    changes = [one for one in diff(a, b, knowledge).changes if one.kind not in _FORM]
    whole = _whole_sections(changes, b)
    for target in targets:
        yield _Carrier(a, b, target, knowledge).carried([one for one in changes if one not in whole])


def _whole_sections(changes: Sequence[Change], b: Definition) -> frozenset[Change]:
    """Units that came with a section of their own: the section brings them."""
    lines = {one.new.line for one in changes if one.kind is ChangeKind.SECTION_ADDED and one.new is not None}
    inside = {place.unit.line for place in walk_units(b.root) if any(section.line in lines for section in place.path)}
    added = {section.line for path, section in walk_sections(b.root) if any(above.line in lines for above in path)}
    return frozenset(
        one
        for one in changes
        if one.new is not None
        and (
            (one.kind is ChangeKind.UNIT_ADDED and one.new.line in inside)
            or (one.kind is ChangeKind.SECTION_ADDED and one.new.line in added)
        )
    )


class _Carrier:
    """One definition that takes a change."""

    def __init__(self, a: Definition, b: Definition, target: Definition, knowledge: Knowledge) -> None:
        self._a, self._b, self._before, self._now = a, b, target, target
        self._knowledge = knowledge
        self._old, self._new = ({place.unit.line: place for place in walk_units(one.root)} for one in (a, b))

    def carried(self, changes: Sequence[Change]) -> Carried:
        """The definition with the parts that it could take."""
        return (
            Carried(self._before, self._now, tuple(map(self._step, changes))) if not changes else self._taken(changes)
        )

    def _taken(self, changes: Sequence[Change]) -> Carried:
        steps = tuple(self._step(change) for change in changes)
        return Carried(self._before, self._now, steps)

    def _step(self, change: Change) -> Step:
        text = (change.new or change.old or _NOTHING).text
        try:
            before = self._now
            self._now = self._edited(change)
        except _LeftError as why:
            return Step(change.kind, text, Fate.LEFT, str(why))
        except EditError as error:
            return Step(change.kind, text, Fate.LEFT, error.message)
        return Step(change.kind, text, Fate.TAKEN if self._now.text != before.text else Fate.THERE)

    def _edited(self, change: Change) -> Definition:
        if change.kind in _FIELDS:
            return self._field(change.path.partition("/")[2])
        if change.kind is ChangeKind.UNIT_ADDED and change.new is not None:
            return self._added(self._new[change.new.line])
        if change.kind is ChangeKind.UNIT_REMOVED and change.old is not None:
            place = self._equal(self._old[change.old.line])
            return self._now if place is None else editing.remove(self._now, place.unit, self._knowledge)
        if change.kind in _REWORDED and change.old is not None and change.new is not None:
            return self._reworded(self._old[change.old.line], self._new[change.new.line])
        if change.kind is ChangeKind.SECTION_ADDED and change.new is not None:
            return self._section(change.new.line)
        raise _LeftError(f"{change.kind} is for a person to take")

    # Fields

    def _field(self, key: str) -> Definition:
        old, new, own = (one.field(key) for one in (self._a, self._b, self._now))
        if _said(own) == _said(new):
            return self._now
        members = [_members(one, self._knowledge) for one in (old, new, own)]
        if own is not None and old is not None and new is not None and all(one is not None for one in members):
            before, after, there = (tuple(one or ()) for one in members)
            gone = [one for one in before if one not in after]
            kept = [one for one in there if one not in gone]
            value = [*kept, *(one for one in after if one not in before and one not in kept)]
            return self._now if tuple(value) == there else editing.set_field(self._now, key, value, self._knowledge)
        if _said(own) != _said(old):
            raise _LeftError(
                f"it has '{' '.join(own.text.split())[:60]}' there" if own is not None else f"it has no '{key}'"
            )
        if new is None:
            assert own is not None
            return editing.remove(self._now, own, self._knowledge)
        return editing.set_field(self._now, key, new.content, self._knowledge)

    # Units

    def _equal(self, wanted: Place) -> Place | None:
        """The one unit that says the same word for word, of several that below the same heading."""
        words = folded(wanted.unit.flow)
        found = [place for place in walk_units(self._now.root) if folded(place.unit.flow) == words]
        below = [place for place in found if _title(place) == _title(wanted)]
        if len(below or found) > 1:
            raise _LeftError(f"it stands there {len(found)} times")
        return next(iter(below or found), None)

    def _alike(self, wanted: Place, side: Definition) -> Place | None:
        """The unit that says the same in other words."""
        lines = {place.unit.line: place for place in walk_units(self._now.root)}
        for group in align([side, self._now], self._knowledge).units:
            sides = [(one.file, one.line) for one in group.members]
            if group.relation in ("same", "covers") and (0, wanted.unit.line) in sides:
                return next((lines[line] for file, line in sides if file == 1 and line in lines), None)
        return None

    def _reworded(self, old: Place, new: Place) -> Definition:
        place = self._equal(old)
        if place is not None:
            return editing.replace(self._now, place.unit, _as_there(new.unit, place.unit), self._knowledge)
        if self._equal(new) is not None:
            return self._now
        other = self._alike(old, self._a)
        if other is not None:
            raise _LeftError(
                f"line {other.unit.line} says it in other words: '{' '.join(other.unit.flow.split())[:60]}'"
            )
        raise _LeftError("it does not say what was reworded")

    def _added(self, new: Place) -> Definition:
        if self._equal(new) is not None:
            return self._now
        other = self._alike(new, self._b)
        if other is not None:
            raise _LeftError(
                f"line {other.unit.line} says it in other words: '{' '.join(other.unit.flow.split())[:60]}'"
            )
        if new.unit.ordinal is not None:
            raise _LeftError("a step between the steps of another procedure")
        siblings = [
            place for place in walk_units(self._b.root) if place.path == new.path and place.parents == new.parents
        ]
        at = next(number for number, place in enumerate(siblings) if place.unit.line == new.unit.line)
        for place in reversed(siblings[:at]):
            own = self._neighbour(place)
            if own is not None:
                return self._behind(own, new.unit)
        if new.parents:
            raise _LeftError("the item that it stands below is not there")
        return self._at_end(self._home(new), new.unit)

    def _neighbour(self, place: Place) -> Unit | None:
        try:
            found = self._equal(place)
        except _LeftError:
            return None
        return found.unit if found is not None else None

    def _behind(self, own: Unit, new: Unit) -> Definition:
        gap = "" if own.kind == new.kind and new.kind in _LISTED else "\n"
        return editing.insert(self._now, own, gap + _as_there(new, own), self._knowledge)

    def _home(self, new: Place) -> Section:
        title = normal_title(_title(new))
        found = [one for _, one in walk_sections(self._now.root) if title and normal_title(one.title) == title]
        if len(found) != 1:
            raise _LeftError(f"it has {'several sections' if found else 'no section'} '{_title(new)}'")
        return found[0]

    def _at_end(self, home: Section, new: Unit) -> Definition:
        units = [node for node in home.body if isinstance(node, Unit)]
        if not units:
            return editing.insert(self._now, home, f"\n{_as_there(new, new)}", self._knowledge)
        return self._behind(units[-1], new)

    def _section(self, line: int) -> Definition:
        sections = [(path, one) for path, one in walk_sections(self._b.root)]
        path, section = next((path, one) for path, one in sections if one.line == line)
        title = normal_title(section.title)
        if any(normal_title(one.title) == title for _, one in walk_sections(self._now.root)):
            raise _LeftError(f"it has a section '{section.title}' of its own")
        beside = [one for above, one in sections if above == path]
        earlier = [one for one in beside if one.line < line]
        for one in reversed(earlier):
            there = [
                own for _, own in walk_sections(self._now.root) if normal_title(own.title) == normal_title(one.title)
            ]
            if len(there) == 1 and there[0].heading_level == section.heading_level:
                last = list(walk_units(there[0]))
                text = self._b.text[section.extent.start : section.extent.end]
                after: Unit | Section = (
                    last[-1].parents[0] if last and last[-1].parents else last[-1].unit if last else there[0]
                )
                return editing.insert(self._now, after, f"\n{text}", self._knowledge)
        raise _LeftError("none of the sections before it is there")


class _Text(NamedTuple):
    text: str


_NOTHING = _Text("")
_FIELDS = frozenset({ChangeKind.FIELD_ADDED, ChangeKind.FIELD_REMOVED, ChangeKind.FIELD_CHANGED})
_REWORDED = frozenset({ChangeKind.UNIT_REWORDED, ChangeKind.UNIT_CHECKED, ChangeKind.UNIT_UNCHECKED})
_LISTED = frozenset({"item", "task"})


def _last(section: Section) -> Unit | Section:
    """What a section ends with: a unit with all that is nested in it, or a heading with nothing below it."""
    for node in reversed(section.body):
        return _last(node) if isinstance(node, Section) else node
    return section


def _title(place: Place) -> str:
    return place.path[-1].title if place.path else ""


def _said(field: Field | None) -> Value:
    return None if field is None else field.content


def _members(field: Field | None, knowledge: Knowledge) -> tuple[Value, ...] | None:
    """The members of a list, however it is written; None for what is none."""
    if field is None:
        return None
    if isinstance(field.content, str) and knowledge.field_info(field.key).shape in ("set", "list"):
        return tuple(names(field.content))
    return field.content if isinstance(field.content, tuple) else None


def _as_there(new: Unit, own: Unit) -> str:
    """A unit's lines with the list mark of its neighbour."""
    lines = new.source
    if new.kind in _LISTED and own.kind in _LISTED and own.ordinal is None and new.marker and own.marker:
        head, mark, rest = lines.partition(new.marker)
        lines = f"{head}{own.marker}{rest}" if mark else lines
    return lines
