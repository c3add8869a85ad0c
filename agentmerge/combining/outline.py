"""What a section is, told by its title against the outline table, and what a statement of identity is."""

from __future__ import annotations

import re
from functools import cache

from agentmerge import signs, tables
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
    """Whether a text forbids or demands something, by its words or by the sign that it begins with."""
    return bool(listed_words(text, "guardrail")) or bool(signs.current().own(text).force)


def negations(text: str) -> frozenset[str]:
    """The words of a text that turn it into its opposite."""
    return listed_words(text, "negation")


def conditions(text: str) -> frozenset[str]:
    """The words of a text that limit it to some cases."""
    return listed_words(text, "condition")


def listed_words(text: str, row: str) -> frozenset[str]:
    """Which words of a row of the identity table a text holds."""
    plain, wide = _pattern(tuple(tables.current().raw("identity")[row]["words"]))
    lowered = text.lower().replace("’", "'")
    return frozenset(plain.findall(lowered)) | frozenset(word for word in wide if word in lowered)


@cache
def _pattern(words: tuple[str, ...]) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """Words of alphabets with blanks as one pattern, and the others, which stand inside runs of signs."""
    parted = [word for word in words if word.isascii() or (word.isalpha() and word < "\u0590")]
    joined = "|".join(re.escape(word) for word in sorted(parted, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)"), tuple(word for word in words if word not in parted)
