"""What a user's template made, read back and compared with the canonical form of the same decisions.

What it loses or changes is an error: a field, a unit, the heading that a unit stands under, its form, whether it is in
use. What it adds is told, and refused where it would change what is said: a field, a right, a heading or a line that
puts what stands below it in another light.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from agentmerge import signs
from agentmerge.aligning.kinds import normal_title
from agentmerge.combining.outline import document_title, kind_of, warns
from agentmerge.errors import TemplateError
from agentmerge.guardrails import holds_guardrail
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Field, Place, Section, walk_sections, walk_units
from agentmerge.outcome import Notice
from agentmerge.parsing.hidden import hidden_characters
from agentmerge.rights import moves

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
