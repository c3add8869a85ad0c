"""A prompt that stands in a field, read as the body that it is for the host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from agentmerge.knowledge import Knowledge
from agentmerge.memo import per_definition
from agentmerge.model import Definition, Field
from agentmerge.parsing import modes, sections
from agentmerge.parsing.blocks import parse_body
from agentmerge.parsing.containers import grammar
from agentmerge.parsing.lines import split_lines
from agentmerge.parsing.units import Slicer


@per_definition
def with_prompt(definition: Definition, knowledge: Knowledge) -> Definition:
    """The definition with the sections and units of its prompt in place of the field that holds it.

    For comparing alone: what the prompt says counts like any body. Lines are those of the file, as far as each line
    of the value stands on a line of its own.
    """
    key = knowledge.dialects[definition.dialect].prompt
    field, front = definition.field(key), definition.frontmatter
    if not key or field is None or front is None or definition.syntax == "yaml" or not isinstance(field.value, str):
        return definition
    line, starts = _place(definition.text, field, split_lines(field.value))
    read, _ = parse_body(field.value, grammar(knowledge).marks(field.value), knowledge)
    root = modes.with_modes(sections.build(read, Slicer(split_lines(field.value), line, knowledge, starts)), knowledge)
    fields = tuple(one for one in front.fields if one is not field)
    return replace(definition, root=root, frontmatter=replace(front, fields=fields))


def _place(text: str, field: Field, lines: Sequence[str]) -> tuple[int, Sequence[int]]:
    """The line on which the prompt starts, and the offset of each line, where it stands in the text as it is; else the
    line below its key, and no offsets."""
    offset = text.find(field.text, field.span.start)
    if offset < 0:
        return field.line + 1, ()
    line = text.count("\n", 0, offset) + 1
    return line, [*[offset] * (line - 1), *accumulate(map(len, lines), initial=offset)]
