"""A definition as plain lines to compare: what is only spelling does not show."""

from __future__ import annotations

from collections.abc import Iterator

from agentmerge import rights
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Field
from agentmerge.parsing.lines import bare, split_lines


def canonical(definition: Definition, knowledge: Knowledge) -> str:
    """Fields with sets sorted, then the body without blanks at line ends; what no host finds stays as it is."""
    lines: list[str] = []
    body = split_lines(definition.text)
    if definition.frontmatter is not None and definition.frontmatter.seen:
        lines = ["---", *(line for field in definition.fields for line in _field(field, knowledge=knowledge)), "---"]
        body = definition.frontmatter.cut_from(body)
    return "".join(f"{line}\n" for line in [*lines, *(bare(line).rstrip() for line in body)])


def _field(field: Field, knowledge: Knowledge) -> Iterator[str]:
    info = knowledge.field_info(field.key)
    if info.shape == "set" and field.value is not None:
        yield f"{field.key}:"
        yield from (f"  - {member}" for member in sorted(rights.members(info, field.value)))
    else:
        yield from (bare(line).rstrip() for line in split_lines(field.source))
