"""What binds: the words and signs that make a text a prohibition or an obligation, told by their tables."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agentmerge import signs
from agentmerge.knowledge import Knowledge
from agentmerge.memo import Kept

KEPT = 20_000
"""Texts that are remembered with the words that they hold."""


def holds_guardrail(text: str, knowledge: Knowledge) -> bool:
    """Whether a text forbids or demands something, by its words or by the sign that it begins with."""
    return bool(listed_words(text, "guardrail", knowledge=knowledge)) or bool(signs.of(knowledge).own(text).force)


def listed_words(text: str, row: str, knowledge: Knowledge) -> frozenset[str]:
    """Which words of a row of the identity table a text holds."""
    return knowledge.derived(_Patterns).found[text, row]


class _Patterns:
    """The rows of the identity table as patterns, each made when it is asked for."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._rows = knowledge.raw("identity")
        self._known: dict[str, tuple[re.Pattern[str], tuple[str, ...]]] = {}
        self.found = Kept(self._find, KEPT)
        """The words of a row that a text holds, by text and row."""

    def _find(self, asked: tuple[str, str]) -> frozenset[str]:
        text, row = asked
        plain, wide = self.of(row)
        lowered = text.lower().replace("’", "'")
        return frozenset(plain.findall(lowered)) | frozenset(word for word in wide if word in lowered)

    def of(self, row: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
        if row not in self._known:
            self._known[row] = _pattern(self._rows[row]["words"])
        return self._known[row]


def _pattern(words: Sequence[str]) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """Words of alphabets with blanks as one pattern, and the others, which stand inside runs of signs."""
    parted = [word for word in words if word.isascii() or (word.isalpha() and word < "\u0590")]
    joined = "|".join(re.escape(word) for word in sorted(parted, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)"), tuple(word for word in words if word not in parted)
