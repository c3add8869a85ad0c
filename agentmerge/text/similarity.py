"""Two texts in, how alike they are beyond equal words out: letters, company of words, a user's embeddings."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from math import isqrt
from operator import mul
from typing import Any, TypeAlias

from agentmerge.knowledge.tables import DATA, Knowledge

# Letters --------------------------------------------------------------------------------------------------------------
#
# How alike two texts are written: the runs of three letters of their words, kept as the bits of one number.
#
# What two sets have in common is the bits of both: containment is A. Broder's (On the resemblance and containment of
# documents, 1997). The sets are Bloom filters with one hash (B. Bloom, 1970): a set takes 128 bytes, and a comparison
# two
# operations on numbers.


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


# Vectors --------------------------------------------------------------------------------------------------------------
#
# What texts are like beyond their words: vectors of words that keep the same company in agent files.
#
# `data/vectors.bin` holds them as whole numbers, and everything here is done in whole numbers: the same on every
# machine. It is made by `benchmarks/alignment/vectors.py`; it is read when units are compared, not before.


Vector: TypeAlias = tuple[int, ...]
"""The direction of a text, at length `LENGTH`; () for one without words."""

MAGIC = b"amv1"
WEIGHT = 255
"""Weight of the rarest words."""
LENGTH = 1024
STRANGE = WEIGHT * 24
"""What each number of an unknown word's direction is: about as long as a rare word's."""
_HEAD = "<4sHII"


class Vectors:
    """The words that are known, each with its direction and its weight."""

    def __init__(self, data: bytes) -> None:
        magic, self._width, count, size = struct.unpack_from(_HEAD, data)
        if magic != MAGIC:
            raise ValueError("vectors.bin is not what this version reads")
        start = struct.calcsize(_HEAD)
        words = data[start : start + size].decode().split("\n")
        self._at: Mapping[str, int] = dict(zip(words, range(len(words)), strict=True))
        self._weights = data[start + size : start + size + count]
        self._rows = memoryview(data)[start + size + count :].cast("b")
        self._known: dict[str, Vector] = {}

    def of(self, tokens: Iterable[str]) -> Vector:
        """The direction of a text by its tokens: frequent words count for less."""
        return total([self._row(token) for token in tokens])

    def _row(self, token: str) -> Vector:
        known = self._known.get(token)
        if known is None:
            known = self._known[token] = self._read(token)
        return known

    def _read(self, token: str) -> Vector:
        number = self._at.get(token)
        if number is None:
            return self._made_up(token)
        weight, at = self._weights[number], number * self._width
        return tuple([weight * value for value in self._rows[at : at + self._width]])

    def _made_up(self, token: str) -> Vector:
        """A direction of its own for a word that is not known: what shares it is alike, and nothing else is.

        Chance keeps them apart (P. Kanerva et al., Random indexing, 2000).
        """
        bits = int.from_bytes(_blake2b()(token.encode(), digest_size=self._width // 8).digest(), "big")
        return tuple([STRANGE if bits >> place & 1 else -STRANGE for place in range(self._width)])


@cache
def _blake2b() -> Callable[..., Any]:
    """The hash itself where it can be had: `hashlib` loads OpenSSL, which takes longer than a diff."""
    try:
        from _blake2 import blake2b
    except ImportError:
        from hashlib import blake2b
    return blake2b


def total(rows: Sequence[Vector]) -> Vector:
    """The direction of the sum of vectors; () of none."""
    if len(rows) < 2:
        return direction(rows[0]) if rows else ()
    return direction(map(sum, zip(*rows, strict=True)))


def direction(values: Iterable[int]) -> Vector:
    """A vector brought to length `LENGTH`; () for one without length."""
    found = tuple(values)
    length = isqrt(sum(map(mul, found, found)))
    return tuple([value * LENGTH // length for value in found]) if length else ()


def cosine(a: Vector, b: Vector) -> float:
    """Cosine of two directions, in [-1, 1]; 0.0 where one text has none."""
    return sum(map(mul, a, b)) / (LENGTH * LENGTH) if a and b else 0.0


def sketch(vector: Vector) -> int:
    """The signs of a direction, a bit each: near directions differ in few (M. Charikar, 2002)."""
    return sum([1 << place for place, value in enumerate(vector) if value > 0])


def of(knowledge: Knowledge) -> Vectors:
    """The vectors of the package."""
    return knowledge.derived(_shipped)


def _shipped(_: Knowledge) -> Vectors:
    return Vectors((DATA / "vectors.bin").read_bytes())


# Meaning --------------------------------------------------------------------------------------------------------------
#
# Sentence embeddings as further evidence, for a user who brings a model. Without one nothing here does anything.


Embed = Callable[[Sequence[str]], Sequence[Sequence[float]]]
"""Texts to vectors of one length, in the same order."""


class Nearness:
    """How near some texts are to each other, each text embedded once."""

    def __init__(self, texts: Sequence[str], embed: Embed) -> None:
        distinct = sorted(set(texts))
        found = dict(zip(distinct, map(_unit, embed(distinct)), strict=True))
        self._vectors = [found[text] for text in texts]

    def of(self, a: int, b: int) -> float:
        """Cosine of two texts by their numbers, in [-1, 1]; rounded, so that no machine's last digits matter."""
        return round(math.fsum(x * y for x, y in zip(self._vectors[a], self._vectors[b], strict=True)), 4)


def _unit(vector: Sequence[float]) -> tuple[float, ...]:
    length = math.sqrt(math.fsum(x * x for x in vector)) or 1.0
    return tuple(x / length for x in vector)
