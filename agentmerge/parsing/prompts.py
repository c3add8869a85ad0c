"""A prompt that stands in a field, read as the body that it is for the host."""

from __future__ import annotations

from dataclasses import replace

from agentmerge import tables
from agentmerge.memo import per_definition
from agentmerge.model import Definition
from agentmerge.parsing import sections
from agentmerge.parsing.blocks import parse_blocks
from agentmerge.parsing.lines import split_lines
from agentmerge.parsing.units import Slicer


@per_definition
def with_prompt(definition: Definition) -> Definition:
    """The definition with the sections and units of its prompt in place of the field that holds it.

    For comparing alone: what the prompt says counts like any body. Lines are those of the file, as far as each line
    of the value stands on a line of its own.
    """
    key = tables.dialects()[definition.dialect].prompt
    field, front = definition.field(key), definition.frontmatter
    if not key or field is None or front is None or definition.syntax == "yaml" or not isinstance(field.value, str):
        return definition
    blocks = parse_blocks(field.value)
    root = sections.build(
        blocks, Slicer(split_lines(field.value), field.line + _starts_below(field.source, field.value))
    )
    fields = tuple(one for one in front.fields if one is not field)
    return replace(definition, root=root, frontmatter=replace(front, fields=fields))


def _starts_below(source: str, value: str) -> int:
    """1 where the value starts on the line below its key, else 0."""
    first = value.split("\n", 1)[0]
    row = next((row for row in split_lines(source) if "=" in row and not row.startswith("#")), "")
    return 0 if first and first in row else 1
