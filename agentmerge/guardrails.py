"""What binds: the words and signs that make a text a prohibition or an obligation, told by their tables."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from agentmerge import signs, tables


def holds_guardrail(text: str) -> bool:
    """Whether a text forbids or demands something, by its words or by the sign that it begins with."""
    return bool(listed_words(text, "guardrail")) or bool(signs.current().own(text).force)


def listed_words(text: str, row: str) -> frozenset[str]:
    """Which words of a row of the identity table a text holds."""
    return _listed(text, row, tables.current())


@lru_cache(maxsize=20_000)
def _listed(text: str, row: str, known: tables.Tables) -> frozenset[str]:
    plain, wide = _pattern(tuple(known.raw("identity")[row]["words"]))
    lowered = text.lower().replace("’", "'")
    return frozenset(plain.findall(lowered)) | frozenset(word for word in wide if word in lowered)


@cache
def _pattern(words: tuple[str, ...]) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """Words of alphabets with blanks as one pattern, and the others, which stand inside runs of signs."""
    parted = [word for word in words if word.isascii() or (word.isalpha() and word < "\u0590")]
    joined = "|".join(re.escape(word) for word in sorted(parted, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)"), tuple(word for word in words if word not in parted)
