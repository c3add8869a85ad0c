"""The promise of formatting, kept by the program itself: the result reads as the same definition."""

from __future__ import annotations

from collections.abc import Iterator

from agentmerge import rights
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Field, Section, Unit


def first_difference(before: Definition, after: Definition, knowledge: Knowledge) -> str:
    """Where the two first differ in a field, section or unit; "" where they hold the same in the same order."""
    # Sections and items tell how much they hold, so a node too many shows as a difference before one side ends.
    for old, new in zip(_facts(before, knowledge), _facts(after, knowledge), strict=False):
        if old != new:
            return f"{old} into {new}"
    return ""


def _value(field: Field, definition: Definition, knowledge: Knowledge) -> object:
    """What a field says; where the host has a form of its own for it, members count however they are written."""
    dialect = knowledge.dialects[definition.dialect]
    return rights.names(field.value) if field.key in dialect.forms else (field.value, field.content)


def _facts(definition: Definition, knowledge: Knowledge) -> Iterator[tuple[object, ...]]:
    for field in definition.fields:
        yield ("field", field.key, _value(field, definition, knowledge))
    pending: list[Section | Unit] = [definition.root]
    while pending:
        node = pending.pop()
        if isinstance(node, Section):
            yield ("section", node.title, node.level, node.style, node.heading_level, len(node.body))
            pending += reversed(node.body)
        else:
            words = tuple(line.rstrip(" \t") for line in node.text.split("\n"))
            yield (node.kind, words, node.lead, node.marker, node.checked, node.language, len(node.children))
            pending += reversed(node.children)
