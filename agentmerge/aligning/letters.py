"""How alike two texts are written: the runs of three letters of their words, kept as the bits of one number.

What two sets have in common is the bits of both: containment is A. Broder's (On the resemblance and containment of
documents, 1997). The sets are Bloom filters with one hash (B. Bloom, 1970): a set takes 128 bytes, and a comparison two
operations on numbers.
"""

from __future__ import annotations

import re
from functools import lru_cache

BITS = 1021
"""A prime, so that the hash spreads."""
MAX_TEXT = 200
"""Characters that are looked at: what comes later is detail."""

_WORD = re.compile(r"\w+")


def letters(text: str) -> int:
    """The runs of letters of a text in lower case."""
    found = 0
    for word in _WORD.findall(text[:MAX_TEXT]):
        found |= _of_word(word)
    return found


def contained(a: int, b: int) -> float:
    """Share of the runs of the smaller set that the other has, too."""
    common = (a & b).bit_count()
    return common / min(a.bit_count(), b.bit_count()) if common else 0.0


@lru_cache(maxsize=20_000)
def _of_word(word: str) -> int:
    codes = [ord(sign) for sign in f" {word} "]
    found = 0
    for a, b, c in zip(codes, codes[1:], codes[2:], strict=False):
        found |= 1 << (a * 961 + b * 31 + c) % BITS
    return found
