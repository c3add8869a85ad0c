"""The proof that nothing of two sides got lost: a result is read again, with either side of its conflicts taken."""

from __future__ import annotations

from collections.abc import Iterator

from agentmerge import rights
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Field, walk_sections, walk_units
from agentmerge.parsing import parse
from agentmerge.parsing.markers import holds_markers, take_apart


def missing(text: str, *sides: Definition, knowledge: Knowledge) -> list[str]:
    """What the sides have and the text does not, in a few words each."""
    found = take_apart(text, knowledge) if holds_markers(text, knowledge) else None
    texts = [found.side("ours"), found.side("theirs")] if found else [text]
    read = [parse(one, knowledge, filename=sides[0].filename, dialect=sides[0].dialect) for one in texts]
    said = {one for definition in read for one in _said(definition)}
    holes = [about for side in sides for about in _said(side) if about not in said]
    return [f"'{text[:60]}' ({kind})" for kind, text in holes] + [
        f"'{field.key}' (field)"
        for side in sides
        for field in side.fields
        if not any(_same(field, other, knowledge) for one in read if (other := one.field(field.key)))
    ]


def _same(field: Field, other: Field, knowledge: Knowledge) -> bool:
    """Whether the other says it all: the same words, or each member of a list and more."""
    if isinstance(field.value, tuple) and isinstance(other.value, tuple):
        return all(member in other.value for member in field.value)
    return rights.same_value(field, other, knowledge) or field.text.split() == other.text.split()


def _said(definition: Definition) -> Iterator[tuple[str, str]]:
    """Every heading and unit, by kind and words."""
    for _, section in walk_sections(definition.root):
        yield "heading", " ".join(section.title.split())
    for place in walk_units(definition.root):
        yield place.unit.kind, " ".join(place.unit.text.split())
