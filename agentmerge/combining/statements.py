"""What questions are about: texts that stand once, each with the units, the field or the section that says it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from agentmerge import signs
from agentmerge.aligning.kinds import facet_of
from agentmerge.combining.clusters import Cluster, stays_whole
from agentmerge.combining.entries import Entry, Key, is_note
from agentmerge.combining.fields import FieldOutcome
from agentmerge.combining.outline import document_title
from agentmerge.guardrails import holds_guardrail
from agentmerge.knowledge import Knowledge
from agentmerge.model import VERBATIM, Definition, Field, Section, UnitKind, walk_sections, walk_units
from agentmerge.planning.records import Text, hash_of, text_ids

_BINDING_FIELDS = frozenset({"model"})
_SAMPLE = 90
"""Characters of each of the first units of a section that are shown."""


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One text, and where it stands."""

    text: Text
    kind: Literal["unit", "field", "section"]
    keys: tuple[Key, ...]
    """File and line of all that say it: units that were taken for one, with one text."""
    entries: tuple[Entry, ...] = ()
    field: str = ""
    """Key of the field."""

    @property
    def first(self) -> Entry:
        return self.entries[0]


class _Found(NamedTuple):
    kind: Literal["unit", "field", "section"]
    keys: tuple[Key, ...]
    path: str
    text: str
    form: UnitKind | Literal["heading"]
    entries: tuple[Entry, ...] = ()
    field: str = ""
    shown: str = ""
    """What is shown in place of the text."""


class Statements:
    """All texts of the variants that a question may be about."""

    def __init__(
        self,
        given: Sequence[Definition],
        definitions: Sequence[Definition],
        clusters: Iterable[Cluster],
        fields: Sequence[FieldOutcome],
        knowledge: Knowledge,
    ) -> None:
        found = [
            *_units(clusters, _as_written(given, definitions), knowledge),
            *_fields(fields),
            *_sections(definitions),
        ]
        found.sort(key=lambda one: (one.keys[0], one.kind))
        hashes = [hash_of(f"{one.path}\n{one.text}" if one.kind == "section" else one.text, one.form) for one in found]
        self.all = [
            Statement(
                Text(name, *one.keys[0], one.path, digits, one.shown or one.text),
                one.kind,
                one.keys,
                one.entries,
                one.field,
            )
            for name, digits, one in zip(text_ids(hashes), hashes, found, strict=True)
        ]
        self.by_id: Mapping[str, Statement] = {one.text.id: one for one in self.all}
        self._at: Mapping[tuple[str, Key], Statement] = {(one.kind, key): one for one in self.all for key in one.keys}

    def at(self, key: Key, kind: Literal["unit", "field", "section"] = "unit") -> Statement | None:
        """What is said by the unit, the field or the section that starts on a line."""
        return self._at.get((kind, key))

    def named(self, name: str) -> list[Statement]:
        """The texts that an id, a hash or the beginning of one may mean."""
        if name in self.by_id:
            return [self.by_id[name]]
        digits, _, number = name.removeprefix("t").partition("-")
        if len(digits) < 4 or number:
            return []
        return [one for one in self.all if one.text.hash.startswith(digits)]


def _as_written(given: Sequence[Definition], definitions: Sequence[Definition]) -> Mapping[Key, str]:
    """The texts of units that had to change: what an answer is about does not depend on where the result is written."""
    return {
        (file, place.unit.line): place.unit.text
        for file, (before, after) in enumerate(zip(given, definitions, strict=True))
        if before.text != after.text
        for place in walk_units(before.root)
    }


def _units(clusters: Iterable[Cluster], written: Mapping[Key, str], knowledge: Knowledge) -> Iterator[_Found]:
    """Units of one text that were taken for one stand for each other."""
    for cluster in clusters:
        by_text: dict[object, list[Entry]] = {}
        for member in cluster.members:
            if not member.inner and not member.owner and not is_note(member.unit):
                said = " ".join(signs.of(knowledge).said(member.unit.flow).split()).lower()
                by_text.setdefault((member.unit.kind in VERBATIM, said), []).append(member)
        for members in by_text.values():
            first = members[0]
            titles = [section.title for section in first.path]
            path = " / ".join([*titles, " ".join(first.under.split())[:_SAMPLE]] if first.under else titles)
            keys = tuple(member.key for member in members)
            text = written.get(first.key, first.unit.text)
            yield _Found("unit", keys, path, text, first.unit.kind, tuple(members))


def _fields(outcomes: Iterable[FieldOutcome]) -> Iterator[_Found]:
    for outcome in outcomes:
        by_text: dict[str, list[tuple[int, Field]]] = {}
        for file, field in outcome.sources:
            by_text.setdefault(field.inline, []).append((file, field))
        for text, sources in by_text.items():
            keys = tuple((file, field.line) for file, field in sources)
            yield _Found("field", keys, "frontmatter", f"{outcome.key}: {text}", "field", field=outcome.key)


def _sections(definitions: Sequence[Definition]) -> Iterator[_Found]:
    for file, definition in enumerate(definitions):
        title = document_title(definition)
        for path, section in walk_sections(definition.root):
            if section is not title and section.title and not any(map(stays_whole, (*path, section))):
                above = " / ".join(one.title for one in path if one is not title and one.title)
                yield _Found("section", ((file, section.line),), above, section.title, "heading", shown=_shown(section))


def _shown(section: Section) -> str:
    """A heading with how much stands below it, and how that begins."""
    units = [place.unit.flow for place in walk_units(section) if place.unit.text]
    shown = "; ".join(" ".join(text.split())[:_SAMPLE] for text in units[:2])
    return f"{section.title} ({len(units)} units: {shown})" if units else section.title


def binds(statement: Statement, knowledge: Knowledge) -> bool:
    """Whether a text forbids or demands something, grants a right, or is part of what is to be delivered."""
    if statement.kind == "field":
        return bool(knowledge.field_info(statement.field).rights) or statement.field in _BINDING_FIELDS
    return any(
        holds_guardrail(one.unit.flow, knowledge)
        or bool(one.stance.force)
        or facet_of(one.path, knowledge) == "deliverable"
        for one in statement.entries
    )
