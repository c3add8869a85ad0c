"""What a section is, told by its title against the outline table, and which words decide about a statement."""

from __future__ import annotations

from agentmerge.aligning import kinds
from agentmerge.guardrails import listed_words
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Section


def kind_of(title: str, knowledge: Knowledge) -> str:
    """The outline kind that a title names; `topics` for a title that names a subject."""
    return kinds.kind_of(title, knowledge) or "topics"


def document_title(definition: Definition) -> Section | None:
    """The one top heading that holds the body, if there is one: a title and no section of its own.

    Deeper headings may stand before it: a preamble that many files share.
    """
    *before, last = definition.root.sections or [None]
    if last is None or last.heading_level != 1 or any(one is None or one.heading_level < 2 for one in before):
        return None
    return last


def top_sections(definition: Definition) -> tuple[Section, ...]:
    """The sections of a definition, those of its title and what stands before it."""
    title = document_title(definition)
    below = title.sections if title is not None else ()
    return (*(section for section in definition.root.sections if section is not title), *below)


def negations(text: str, knowledge: Knowledge) -> frozenset[str]:
    """The words of a text that turn it into its opposite."""
    return listed_words(text, "negation", knowledge=knowledge)


def warns(title: str, knowledge: Knowledge) -> bool:
    """Whether what stands below a heading or an item of these words is forbidden, or a mistake."""
    return bool(listed_words(title, "warning", knowledge=knowledge))


def conditions(text: str, knowledge: Knowledge) -> frozenset[str]:
    """The words of a text that limit it to some cases."""
    return listed_words(text, "condition", knowledge=knowledge)
