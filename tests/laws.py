"""The laws of reading and formatting, for any text at all."""

from __future__ import annotations

import os

from agentmerge.model import Definition, Field, Section, Unit, walk_units
from agentmerge.reading.parsing import parse
from agentmerge.text.lines import split_lines
from agentmerge.text.markers import holds_markers
from agentmerge.writing.emitting import emit
from agentmerge.writing.formatting import format_definition
from tests.shipped import SHIPPED

LAYOUT = " \t\r\n\ufeff"
"""What a line may hold that belongs to no node."""


def require_laws(text: str) -> None:
    """Every law; AssertionError tells the one that is broken."""
    definition = parse(text, SHIPPED)
    assert emit(definition) == text
    assert uncovered(definition) == []
    require_spans(definition)
    require_formatting(definition)


def require_spans(definition: Definition) -> None:
    """Spans hold what their nodes say they hold, and all of them with what is between give the file back."""
    nodes = sorted(_spanned(definition), key=lambda node: node.span)
    at, parts = 0, []
    for node in nodes:
        assert node.span.start >= at
        assert definition.text[node.span.start : node.span.end] == node.source
        parts += [definition.text[at : node.span.start], node.source]
        at = node.span.end
    assert "".join([*parts, definition.text[at:]]) == definition.text
    for node in nodes:
        if not isinstance(node, Field):
            inner = node.body if isinstance(node, Section) else node.children
            assert all(node.extent.start <= child.span.start for child in inner)
            assert all(child.extent.end <= node.extent.end for child in inner)


def _spanned(definition: Definition) -> list[Field | Section | Unit]:
    found: list[Field | Section | Unit] = list(definition.fields)
    pending: list[Section | Unit] = [*definition.root.body]
    while pending:
        node = pending.pop()
        found.append(node)
        pending += node.body if isinstance(node, Section) else node.children
    return found


def require_formatting(definition: Definition) -> None:
    """Formatting keeps ordinals, ends in valid YAML, and is done after one time; conflict markers it refuses."""
    if holds_markers(definition.text, SHIPPED):
        return
    formatted = format_definition(definition, SHIPPED)
    after = parse(formatted.text, SHIPPED)
    assert format_definition(after, SHIPPED).text == formatted.text
    assert _ordinals(definition) == _ordinals(after)
    front = after.frontmatter
    excused = ("duplicate-key", "frontmatter-template")
    assert front is None or front.valid or any(note.code in excused for note in after.diagnostics)


def _ordinals(definition: Definition) -> list[int | None]:
    return [place.unit.ordinal for place in walk_units(definition.root)]


def uncovered(definition: Definition) -> list[tuple[int, int, str]]:
    """Lines that belong to no node though something stands on them, or to more than one: number, nodes, text."""
    lines = split_lines(definition.text)
    counts = [0] * (len(lines) + 2)
    for start, end in _ranges(definition):
        for line in range(start, end):
            counts[line] += 1
    return [
        (number, counts[number], line)
        for number, line in enumerate(lines, 1)
        if counts[number] > 1 or (counts[number] == 0 and line.strip(LAYOUT))
    ]


def _ranges(definition: Definition) -> list[tuple[int, int]]:
    found = []
    front = definition.frontmatter
    if front is not None:
        last = front.end - 1 if front.is_closed else front.end
        found += [(front.line, front.line + 1), (last, front.end)]
        found += [(field.start, field.end) for field in front.fields] or [(front.line + 1, last)]
    pending: list[Section | Unit] = [definition.root]
    while pending:
        node = pending.pop()
        found.append((node.line, node.end))
        pending += node.body if isinstance(node, Section) else node.children
    return found


def examples(number: int) -> int:
    """How many examples a law is tried with: that many in each run, AGENTMERGE_EXAMPLES times as many in a search."""
    return number * int(os.environ.get("AGENTMERGE_EXAMPLES", "1"))
