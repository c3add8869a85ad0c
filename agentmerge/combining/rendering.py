"""The document through a template: ready-made lines, and the same as data for who writes lines of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from agentmerge.combining import proving
from agentmerge.emitting import Block, Document, OutSection, render, values
from agentmerge.knowledge import Dialect, Knowledge
from agentmerge.model import Definition, Unit, Value, walk_units
from agentmerge.outcome import Notice
from agentmerge.parsing import parse


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
    return Rendered(text, tuple(proving.prove(canonical, own, template.name, knowledge)))


class _Told:
    """A document with its units and the values of its fields."""

    def __init__(self, canonical: Definition, knowledge: Knowledge) -> None:
        self._canonical = canonical
        self._knowledge = knowledge

    def seen(self, document: Document, host: Dialect) -> values.Values:
        return _values(document, host, self)

    def value(self, key: str) -> Any:
        field = self._canonical.field(key)
        return None if field is None else _plain(field.value)

    def units(self, block: Block) -> tuple[values.Unit, ...]:
        """The units of a block, read as they stand below a heading."""
        read = parse(f"# x\n\n{block.text}\n", self._knowledge, dialect=self._canonical.dialect)
        return tuple(
            _unit(place.unit, place.path[-1].title if len(place.path) > 1 else "")
            for place in walk_units(read.root)
            if not place.parents
        )


def _values(document: Document, host: Dialect, told: _Told | None = None) -> values.Values:
    fields = (values.Field(one.key, one.text, told.value(one.key) if told else None) for one in document.fields)
    return values.Values(
        tuple(fields),
        document.title,
        tuple(_block(block, told) for block in document.blocks),
        tuple(_section(section, told) for section in document.sections),
        document.variants,
        host.name,
    )


def _section(section: OutSection, told: _Told | None) -> values.Section:
    return values.Section(
        section.title,
        section.level,
        section.kind,
        section.heading,
        section.closing,
        tuple(_block(block, told) for block in section.blocks),
        tuple(_section(inner, told) for inner in section.sections),
    )


def _block(block: Block, told: _Told | None) -> values.Block:
    return values.Block(block.kind, block.text, told.units(block) if told else ())


def _unit(unit: Unit, label: str) -> values.Unit:
    return values.Unit(
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
