"""What a section is for: its kind in the canonical outline, read from its title; and who an agent is said to be."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Section, Unit, walk_units
from agentmerge.paths import like

_NUMBERING = re.compile(r"^(?:(?:step|phase|part|section)\s+)?[\divx]{1,4}[.):]\s+")
_JUNK = re.compile(r"[^\w\s/+#]+")


def normal_title(title: str) -> str:
    """A title in lower case without numbering, punctuation and emoji."""
    title = _NUMBERING.sub("", title.lower().replace("&", " and ").strip())
    return " ".join(_JUNK.sub(" ", title).split())


def kind_of(title: str, knowledge: Knowledge) -> str:
    """Name of the outline's kind that a title belongs to, "" where it names a subject only.

    A whole title wins over a pattern, a longer pattern over a shorter one.
    """
    return knowledge.derived(_Index).find(title)


def facet_of(path: Sequence[Section], knowledge: Knowledge) -> str:
    """What the units below these sections are, by the outline: deliverable, check, prohibition ...; "" for no kind."""
    outline = knowledge.outline
    for section in reversed(path):
        kind = outline.get(kind_of(section.title, knowledge))
        if kind and kind.facet:
            return kind.facet
    return ""


_FRAMES = frozenset({"", "topics", "identity"})
"""Kinds that say nothing of what stands below."""


def place_of(path: Sequence[Section], knowledge: Knowledge) -> str:
    """The kind of the nearest of these sections whose title says what its units are for; "" for none."""
    return next((kind for section in reversed(path) if (kind := kind_of(section.title, knowledge)) not in _FRAMES), "")


def is_identity(unit: Unit, knowledge: Knowledge) -> bool:
    """Whether a paragraph says who the agent is."""
    phrases = knowledge.raw("identity")["opening"]["phrases"]
    return unit.kind == "paragraph" and unit.flow.lstrip("*_> ").lower().startswith(tuple(phrases))


def identity_of(definition: Definition, knowledge: Knowledge) -> str:
    """The first paragraph that says who the agent is; "" for none."""
    units = (place.unit for place in walk_units(definition.root))
    return next((unit.flow for unit in units if is_identity(unit, knowledge)), "")


class _Index:
    def __init__(self, knowledge: Knowledge) -> None:
        self.whole: dict[str, str] = {}
        self.patterns: list[tuple[str, str, str, str]] = []
        """Start and end of what a pattern matches, the pattern, and the kind."""
        rows = [(alias, kind.name) for kind in knowledge.outline.values() for alias in kind.aliases]
        shipped = knowledge.shipped_aliases
        # A user's row wins over a shipped one, a longer pattern over a shorter.
        rows.sort(key=lambda row: row in shipped)
        for alias, name in sorted((row for row in rows if "*" in row[0]), key=lambda row: -len(row[0])):
            pattern = normal_title(alias.replace("*", "qqq")).replace("qqq", "*")
            self.patterns.append((pattern.partition("*")[0], pattern.rpartition("*")[2], pattern, name))
        for alias, name in rows:
            if "*" not in alias:
                self.whole.setdefault(normal_title(alias), name)
        self.known: dict[str, str] = {}

    def find(self, title: str) -> str:
        known = self.known.get(title)
        if known is None:
            plain = normal_title(title)
            matching = (
                name
                for start, end, pattern, name in self.patterns
                if plain.startswith(start) and plain.endswith(end) and like(pattern, plain)
            )
            known = self.known[title] = self.whole.get(plain) or next(matching, "")
        return known
