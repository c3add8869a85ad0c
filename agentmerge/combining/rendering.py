"""The document in, its text through a template out, read back and proven; links lead where they led."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Any, NamedTuple

from agentmerge.errors import InternalError, TemplateError
from agentmerge.knowledge import signs
from agentmerge.knowledge.signs import holds_guardrail
from agentmerge.knowledge.tables import Dialect, Knowledge
from agentmerge.matching.features import normal_title
from agentmerge.model import Definition, Field, Place, Section, Unit, Value, walk_sections, walk_units
from agentmerge.planning.intake import document_title, kind_of, warns
from agentmerge.planning.records import Merged, Notice
from agentmerge.proving.cases import Case, links_of, read
from agentmerge.proving.cases import prove as prove_result
from agentmerge.proving.laws.references import astray
from agentmerge.reading.checks import hidden_characters
from agentmerge.reading.parsing import parse
from agentmerge.rights.comparing import moves
from agentmerge.writing import emitting
from agentmerge.writing.emitting import Block, Document, OutSection, render

# Proving --------------------------------------------------------------------------------------------------------------
#
# What a user's template made, read back and compared with the canonical form of the same decisions.
#
# What it loses or changes is an error: a field, a unit, the heading that a unit stands under, its form, whether it is
# in
# use. What it adds is told, and refused where it would change what is said: a field, a right, a heading or a line that
# puts what stands below it in another light.


_SHOWN = 60
_TOLD = 8
"""Additions that are told one by one."""
_STRICT = frozenset(
    {"frontmatter-repaired", "duplicate-key", "frontmatter-unclosed", "frontmatter-misplaced", "frontmatter-toml"}
) | {
    "frontmatter-template",
    "yaml-versions",
    "conflict-marker",
    "conflict-unresolved",
    "fence-unclosed",
    "html-unclosed",
}
"""Diagnostics that no template may bring in."""
_PLAIN_KINDS = frozenset({"topics", "identity", "principles", "expertise", "responsibilities", "workflow", "standards"})
"""Outline kinds of headings that say nothing of how to read what stands below them."""
_REMEDY = 'start from templates/canonical.md.j2, or write {% extends "canonical" %}'


def prove(decided: Definition, made: Definition, template: str, knowledge: Knowledge) -> Iterator[Notice]:
    """A notice for each thing that a template adds to what was decided.

    `decided` is the canonical form, read back, `made` what the template wrote. Raises TemplateError for what is lost,
    changed or wider in it.
    """
    proof = _Proof(decided, made, template, knowledge)
    proof.require_fields()
    proof.require_rights()
    proof.require_units()
    yield from proof.additions()


class _Said(NamedTuple):
    """What has to be the same of a unit, wherever a template puts it."""

    text: str
    kind: str
    checked: bool | None
    ordinal: int | None
    language: str
    mode: str
    parents: tuple[str, ...]


class _Spot(NamedTuple):
    said: _Said
    line: int
    path: tuple[Section, ...]
    stance: signs.Stance


class _Proof:
    def __init__(self, decided: Definition, made: Definition, template: str, knowledge: Knowledge) -> None:
        self._decided, self._made, self._template, self._knowledge = decided, made, template, knowledge
        self._spots = tuple(_spots(one, knowledge) for one in (decided, made))
        self._titles = tuple(_headings(one) for one in (decided, made))
        top = document_title(decided)
        self._title = [normal_title(top.title)] if top is not None else []
        self._extra: list[_Spot] = []

    def _refuse(self, what: str, line: int | None = None, remedy: str = _REMEDY) -> TemplateError:
        where = f" (line {line} of what it makes)" if line else ""
        return TemplateError(f"{what}{where}", file=self._template, remedy=remedy)

    def require_fields(self) -> None:
        """The same fields with the same values, in a frontmatter that every reader loads."""
        known = {note.code for note in self._decided.diagnostics}
        bad = next((note for note in self._made.diagnostics if note.code in _STRICT - known), None)
        if bad is not None:
            raise self._refuse(f"what it makes is not strict: {bad.message}", bad.line)
        fields, own = ({field.key: field for field in one.fields} for one in (self._decided, self._made))
        for key, field in fields.items():
            if key not in own:
                raise self._refuse(f"the field '{key}' is lost", remedy="write `{{ field.text }}` for each of `fields`")
            if not _is_same(field, own[key]):
                raise self._refuse(f"the field '{key}' has another value than was decided", own[key].line)
        for key in own:
            if key not in fields:
                raise self._refuse(
                    f"the field '{key}' is added", own[key].line, "set it with --policy frontmatter/KEY=set:VALUE"
                )
        gone = Counter(text for _, text in _remarks(self._decided)) - Counter(text for _, text in _remarks(self._made))
        if gone:
            raise self._refuse(f"the remark '{_short(next(iter(gone)))}' of the frontmatter is lost")
        if not self._made.is_seen and self._decided.is_seen:
            raise self._refuse(
                "no host finds the fields", remedy="put the frontmatter between two `---` lines at the top"
            )

    def require_rights(self) -> None:
        """Rights no wider than decided."""
        wider = [move for move in moves(self._decided, self._made, self._knowledge) if move.direction == "widened"]
        if wider:
            raise self._refuse(f"rights are wider than decided: {wider[0].told}")

    def require_units(self) -> None:
        """Every heading, and every unit under its own, in its form and in use."""
        lost = Counter(title for _, title in self._titles[0]) - Counter(title for _, title in self._titles[1])
        if lost:
            raise self._refuse(f"the heading '{next(iter(lost))}' is lost", remedy="write `{{ section.heading }}`")
        free: dict[_Said, list[_Spot]] = defaultdict(list)
        for spot in self._spots[1]:
            free[spot.said].append(spot)
        for wanted in self._spots[0]:
            found = next((spot for spot in free[wanted.said] if self._stands(wanted, spot)), None)
            if found is None:
                raise self._missing(wanted, free)
            free[wanted.said].remove(found)
            self._require_reading(wanted, found)
        self._extra = sorted((spot for spots in free.values() for spot in spots), key=lambda spot: spot.line)
        self._require_order()

    def _stands(self, wanted: _Spot, found: _Spot) -> bool:
        """Whether a unit stands under its own headings, and nothing but further headings are above these."""
        own, titles = self._path(wanted), self._path(found)
        rest = iter(titles)
        return all(title in rest for title in own) and own[-1:] == titles[-1:]

    def _path(self, spot: _Spot) -> list[str]:
        """The headings above a unit, without the title of the document, which a template may write in its own way."""
        titles = [normal_title(section.title) for section in spot.path if not self._is_frame(section)]
        return titles[1:] if titles[:1] == self._title else titles

    def _is_frame(self, section: Section) -> bool:
        """Whether it is a tag that the template puts around what it writes; what it says is asked when units stand."""
        title = normal_title(section.title)
        return section.style == "tag" and all(title != known for _, known in self._titles[0])

    def _missing(self, wanted: _Spot, free: Mapping[_Said, Sequence[_Spot]]) -> TemplateError:
        text = _short(wanted.said.text)
        alike = [spot for said, spots in free.items() if said.text == wanted.said.text for spot in spots]
        if not alike:
            return self._refuse(f"a unit is lost, or stands in no text that is in use: '{text}'")
        spot = alike[0]
        if spot.said == wanted.said:
            heading = wanted.path[-1].title if wanted.path else ""
            return self._refuse(f"'{text}' does not stand under its heading '{heading}'", spot.line)
        if spot.said._replace(mode="") == wanted.said._replace(mode=""):
            return self._refuse(f"'{text}' is not in the same use as decided", spot.line)
        return self._refuse(f"'{text}' has lost its form ({wanted.said.kind}, now {spot.said.kind})", spot.line)

    def _require_reading(self, wanted: _Spot, found: _Spot) -> None:
        """Nothing that a template puts above a unit may change how it is read."""
        if _weight(wanted.stance) != _weight(found.stance):
            raise self._refuse(f"a sign gives '{_short(wanted.said.text)}' another force", found.line)
        known = {normal_title(section.title) for section in wanted.path}
        for section in found.path:
            if normal_title(section.title) not in known and self._colours(section):
                text = _short(wanted.said.text)
                raise self._refuse(f"'{text}' stands under '{section.title}', which no source says of it", section.line)

    def _colours(self, section: Section) -> bool:
        """Whether a heading says how to read what stands below it."""
        title, knowledge = section.title, self._knowledge
        if section.style in ("label", "template") or kind_of(title, knowledge) not in _PLAIN_KINDS:
            return True
        return holds_guardrail(title, knowledge) or warns(title, knowledge)

    def _require_order(self) -> None:
        """The steps of a procedure in their order."""
        orders = [_orders(spots, {spot.said for spot in self._spots[0]}) for spots in self._spots]
        for title, steps in orders[0].items():
            if orders[1].get(title) != steps:
                raise self._refuse(f"the steps of '{title}' are in another order")

    def additions(self) -> Iterator[Notice]:
        """What the template adds, each once."""
        added = [*self._added_headings(), *self._added_units(), *self._added_remarks(), *self._added_characters()]
        for line, what in added[:_TOLD]:
            yield Notice("template-adds", "warning", f"the template adds {what} (line {line})")
        if len(added) > _TOLD:
            yield Notice("template-adds", "warning", f"the template adds {len(added) - _TOLD} things more")

    def _added_headings(self) -> Iterator[tuple[int, str]]:
        known = Counter(title for _, title in self._titles[0])
        for line, title in self._titles[1]:
            known[title] -= 1
            if known[title] < 0:
                yield line, f"the heading '{_short(title)}'"

    def _added_units(self) -> Iterator[tuple[int, str]]:
        yield from ((spot.line, f"'{_short(spot.said.text)}'") for spot in self._extra)

    def _added_remarks(self) -> Iterator[tuple[int, str]]:
        known = Counter(text for _, text in _remarks(self._decided))
        for line, text in _remarks(self._made):
            known[text] -= 1
            if known[text] < 0:
                yield line, f"the remark '{_short(text)}'"

    def _added_characters(self) -> Iterator[tuple[int, str]]:
        known, own = (set(hidden_characters(one.text)) for one in (self._decided, self._made))
        yield from ((1, f"the hidden character U+{ord(char):04X}") for char in sorted(own - known))


def _spots(definition: Definition, knowledge: Knowledge) -> list[_Spot]:
    stances = signs.stances(definition, knowledge)
    return [
        _Spot(_said(place), place.unit.line, place.path, stances.get(place.unit.line, signs.PLAIN))
        for place in walk_units(definition.root)
        if place.unit.text
    ]


def _said(place: Place) -> _Said:
    unit = place.unit
    parents = tuple(_folded(parent.text) for parent in place.parents)
    return _Said(
        unit.text if unit.kind == "code" else _folded(unit.text),
        unit.kind, unit.checked, unit.ordinal, unit.language, unit.mode, parents,
    )  # fmt: skip


def _orders(spots: Iterable[_Spot], known: set[_Said]) -> dict[str, list[_Said]]:
    found: dict[str, list[_Said]] = defaultdict(list)
    for spot in spots:
        if spot.said.ordinal is not None and spot.said in known:
            found[spot.path[-1].title if spot.path else ""].append(spot.said)
    return found


def _headings(definition: Definition) -> list[tuple[int, str]]:
    return [(section.line, normal_title(section.title)) for _, section in walk_sections(definition.root)]


def _remarks(definition: Definition) -> Iterator[tuple[int, str]]:
    for field in definition.fields:
        yield from ((remark.line, remark.text) for remark in field.comments)
    if definition.frontmatter is not None:
        yield from ((remark.line, remark.text) for remark in definition.frontmatter.comments)


def _is_same(a: Field, b: Field) -> bool:
    return a.content == b.content and a.condition == b.condition


def _weight(stance: signs.Stance) -> tuple[str, str, str]:
    return stance.force, stance.strength, stance.shows


def _folded(text: str) -> str:
    return " ".join(text.split())


def _short(text: str) -> str:
    words = _folded(text)
    return words if len(words) <= _SHOWN else f"{words[: _SHOWN - 1]}…"


# Rendering ------------------------------------------------------------------------------------------------------------
#
# The document through a template: ready-made lines, and the same as data for who writes lines of their own.


class Template(NamedTuple):
    """A template that is no shipped one."""

    name: str
    """What errors call it."""
    source: str
    beside: Mapping[str, str]
    """Source of what it may include, by the name that it is included by."""


class Rendered(NamedTuple):
    """The text of a result."""

    text: str
    notices: tuple[Notice, ...] = ()
    """What a template adds to what was decided."""


def rendered(document: Document, template: Template | str, host: Dialect, knowledge: Knowledge) -> Rendered:
    """The document through a shipped template, by its name, or through one of a user, whose result is proven.

    Raises TemplateError where that template fails, or loses or changes something that was decided.
    """
    if isinstance(template, str):
        return Rendered(render(_values(document, host), None, template))
    canonical = parse(render(_values(document, host)), knowledge, dialect=host.name)
    told = _Told(canonical, knowledge)
    text = render(told.seen(document, host), template.source, template.name, template.beside)
    own = parse(text, knowledge, dialect=host.name)
    return Rendered(text, tuple(prove(canonical, own, template.name, knowledge)))


class _Told:
    """A document with its units and the values of its fields."""

    def __init__(self, canonical: Definition, knowledge: Knowledge) -> None:
        self._canonical = canonical
        self._knowledge = knowledge

    def seen(self, document: Document, host: Dialect) -> emitting.Values:
        return _values(document, host, self)

    def value(self, key: str) -> Any:
        field = self._canonical.field(key)
        return None if field is None else _plain(field.value)

    def units(self, block: Block) -> tuple[emitting.Unit, ...]:
        """The units of a block, read as they stand below a heading."""
        read = parse(f"# x\n\n{block.text}\n", self._knowledge, dialect=self._canonical.dialect)
        return tuple(
            _unit(place.unit, place.path[-1].title if len(place.path) > 1 else "")
            for place in walk_units(read.root)
            if not place.parents
        )


def _values(document: Document, host: Dialect, told: _Told | None = None) -> emitting.Values:
    fields = (emitting.Field(one.key, one.text, told.value(one.key) if told else None) for one in document.fields)
    return emitting.Values(
        tuple(fields),
        document.title,
        tuple(_block(block, told) for block in document.blocks),
        tuple(_section(section, told) for section in document.sections),
        document.variants,
        host.name,
    )


def _section(section: OutSection, told: _Told | None) -> emitting.Section:
    return emitting.Section(
        section.title,
        section.level,
        section.kind,
        section.heading,
        section.closing,
        tuple(_block(block, told) for block in section.blocks),
        tuple(_section(inner, told) for inner in section.sections),
    )


def _block(block: Block, told: _Told | None) -> emitting.BlockValue:
    return emitting.BlockValue(block.kind, block.text, told.units(block) if told else ())


def _unit(unit: Unit, label: str) -> emitting.Unit:
    return emitting.Unit(
        unit.kind,
        unit.text,
        unit.lead,
        unit.marker,
        unit.checked,
        unit.language,
        label,
        tuple(_unit(child, label) for child in unit.children),
    )


def _plain(value: Value) -> Any:
    """A value as a template can handle it."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return tuple(map(_plain, value)) if isinstance(value, tuple) else value


# Relinking ------------------------------------------------------------------------------------------------------------
#
# Links lead where they led: to the same file from another folder, and to the heading that has another title now.
#
# Both are edits at the places of the targets and nowhere else: lines and units stay where they were.


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a result is written, as far as that says what is to be written."""

    output: str = ""
    """Name of the file; "" where there is none."""
    links: Mapping[tuple[int, str], str] = dataclass_field(default_factory=dict)
    """By file and target as written, how that target is written from the folder of the output."""

    def read_as(self, definitions: Sequence[Definition], knowledge: Knowledge) -> tuple[str, ...]:
        """The names that the result may be read under: its own where a host has that one, else those of all files."""
        known = tuple(name for name in (self.output, *(one.filename for one in definitions)) if name)
        return known[:1] if self.output and _is_convention(self.output, knowledge) else known


def from_there(definitions: Sequence[Definition], around: Surroundings, knowledge: Knowledge) -> list[Definition]:
    """The definitions, with links as they are written from the folder of the result."""
    return [
        _relinked(one, targets, knowledge)
        if (targets := {target: new for (of, target), new in around.links.items() if of == file})
        else one
        for file, one in enumerate(definitions)
    ]


def _relinked(definition: Definition, targets: Mapping[str, str], knowledge: Knowledge) -> Definition:
    text = _with_targets(definition, dict.fromkeys(read(definition, knowledge).by_line, targets))
    return parse(text, knowledge, filename=definition.filename, dialect=definition.dialect)


def _with_targets(definition: Definition, targets: Mapping[int, Mapping[str, str]]) -> str:
    """The text, with some targets of links written anew, by line of the unit."""
    parts, at = [], 0
    for place in walk_units(definition.root):
        unit = place.unit
        if unit.line in targets:
            for start, end, new in _changes(unit, targets[unit.line]):
                parts += [definition.text[at : unit.span.start + start], new]
                at = unit.span.start + end
    return "".join([*parts, definition.text[at:]])


def _changes(unit: Unit, targets: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    if unit.kind == "import":
        if unit.label in targets:
            start = unit.source.index(unit.label)
            yield start, start + len(unit.label), targets[unit.label]
        return
    for link in sorted(links_of(unit), key=lambda link: link.start):
        if link.target in targets:
            yield link.start, link.end, targets[link.target]


def proven(
    merged: Merged, result: Definition, definitions: Sequence[Definition], around: Surroundings, knowledge: Knowledge
) -> Merged:
    """The result with its links to headings set right, and a finding for each thing that only its sources had."""
    case = Case(result, tuple(definitions), knowledge, merged.ledger, paths=around.read_as(definitions, knowledge))
    text, notices = _led_back(case)
    if notices:
        mended = parse(text, knowledge, dialect=result.dialect)
        _require_same(result, mended)
        case = replace(case, result=mended)
    return replace(merged, text=text, findings=(*merged.findings, *notices, *prove_result(case)))


def _is_convention(name: str, knowledge: Knowledge) -> bool:
    from agentmerge.reading.parsing import by_path

    return by_path(name, knowledge) is not None


def _led_back(case: Case) -> tuple[str, tuple[Notice, ...]]:
    """The text, with links to a heading of a source written as that heading is called now; and what is told of it."""
    targets: dict[int, dict[str, str]] = defaultdict(dict)
    lines: dict[tuple[str, str], list[int]] = defaultdict(list)
    slugs = {section.line: slug for slug, section in case.read.anchors.items() if section is not None}
    for one in astray(case):
        if one.now is not None and one.now.line in slugs:
            new = slugs[one.now.line]
            targets[one.unit.line][f"#{one.anchor}"] = f"#{new}"
            lines[one.anchor, new].append(one.unit.line)
    if not targets:
        return case.result.text, ()
    notices = (
        replace(case.notice("link-followed", f"#{old} is #{new} in the result", sorted(where)), severity="info")
        for (old, new), where in lines.items()
    )
    return _with_targets(case.result, targets), tuple(notices)


def _require_same(before: Definition, after: Definition) -> None:
    """InternalError where an edit of targets changed more than them."""
    old, new = ([(p.unit.kind, p.unit.line, p.unit.end) for p in walk_units(one.root)] for one in (before, after))
    if old != new:
        raise InternalError("a link that was written anew changed the text around it")
