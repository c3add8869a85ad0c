"""What a section is, told by its title against the outline table, and what a statement of identity is."""

from __future__ import annotations

import re

from agentmerge import tables
from agentmerge.aligning import kinds
from agentmerge.model import Definition, Section, Unit


def kind_of(title: str) -> str:
    """The outline kind that a title names; `topics` for a title that names a subject."""
    return kinds.kind_of(title) or "topics"


def document_title(definition: Definition) -> Section | None:
    """The one top heading that holds the whole body, if there is one: a title and no section of its own."""
    top = definition.root.sections
    if len(top) == 1 and top[0].heading_level == 1:
        return top[0]
    return None


def is_identity(unit: Unit) -> bool:
    """Whether a paragraph says who the agent is."""
    phrases = tables.current().raw("identity")["opening"]["phrases"]
    return unit.kind == "paragraph" and unit.text.lstrip("*_> ").lower().startswith(tuple(phrases))


def holds_guardrail(text: str) -> bool:
    """Whether a text forbids or demands something: such a text is never given up for another wording."""
    lowered = f" {' '.join(text.lower().split())} "
    listed = tables.current().raw("identity")["guardrail"]["words"]
    return any(_contains(lowered, word) for word in listed)


def _contains(text: str, word: str) -> bool:
    if not word.isascii():
        return word in text
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None
