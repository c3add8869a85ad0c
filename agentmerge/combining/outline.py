"""What a section is, told by its title against the outline table, and what a statement of identity is."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import lru_cache

from agentmerge import tables
from agentmerge.model import Definition, Section, Unit

_NUMBER = re.compile(r"\A(?:(?:step|phase|part)\s+)?[\W_]*(?:\d+[.):]?|[ivx]+[.)])?[\W_]*", re.IGNORECASE)
_NOT_WORD = re.compile(r"[^\w\s]+")


def normal_title(title: str) -> str:
    """A title in lower case without number, emoji and punctuation."""
    plain = _NOT_WORD.sub(" ", _NUMBER.sub("", title.lower(), count=1) or title.lower())
    return " ".join(plain.split())


def kind_of(title: str) -> str:
    """The outline kind that a title names; `topics` for a title that names a subject."""
    return _kind(normal_title(title), tuple((kind.name, kind.aliases) for kind in tables.outline().values()))


@lru_cache(maxsize=4096)
def _kind(title: str, outline: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    for name, aliases in outline:
        if title in aliases:
            return name
    patterns = ((name, alias) for name, aliases in outline for alias in aliases if "*" in alias)
    return next((name for name, alias in patterns if fnmatchcase(title, alias)), "topics")


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
