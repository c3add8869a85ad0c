"""A definition as plain lines to compare: what is only spelling does not show."""

from __future__ import annotations

from agentmerge import rights
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Field
from agentmerge.parsing.lines import bare, split_lines


def canonical(definition: Definition, knowledge: Knowledge) -> str:
    """The text with the members of each set sorted, and without blanks at line ends; what no host finds stays as it is.

    Each line stands where it stood: `git blame` and the heads of hunks count the lines of the text that they are given.
    """
    lines = [bare(line).rstrip() for line in split_lines(definition.text)]
    if definition.frontmatter is not None and definition.frontmatter.seen:
        for field in definition.fields:
            if knowledge.field_info(field.key).shape == "set" and field.value is not None and not field.condition:
                lines[field.line - 1 : field.end - 1] = _members(field, field.end - field.line, knowledge)
    return "".join(f"{line}\n" for line in lines)


def _members(field: Field, count: int, knowledge: Knowledge) -> list[str]:
    """A set in as many lines as it had: a line each where that is how many there are, else on the first of them."""
    members = sorted(rights.members(knowledge.field_info(field.key), field.value))
    if count == len(members) + 1:
        return [f"{field.key}:", *(f"  - {member}" for member in members)]
    return [f"{field.key}: {', '.join(members)}".rstrip(), *[""] * (count - 1)]
