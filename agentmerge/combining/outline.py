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
    """The one top heading that holds the whole body, if there is one: a title and no section of its own."""
    top = definition.root.sections
    if len(top) == 1 and top[0].heading_level == 1:
        return top[0]
    return None


def negations(text: str, knowledge: Knowledge) -> frozenset[str]:
    """The words of a text that turn it into its opposite."""
    return listed_words(text, "negation", knowledge=knowledge)


def warns(title: str, knowledge: Knowledge) -> bool:
    """Whether what stands below a heading or an item of these words is forbidden, or a mistake."""
    return bool(listed_words(title, "warning", knowledge=knowledge))


def conditions(text: str, knowledge: Knowledge) -> frozenset[str]:
    """The words of a text that limit it to some cases."""
    return listed_words(text, "condition", knowledge=knowledge)
