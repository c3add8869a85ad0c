"""Texts that may be near copies, found without comparing each with each: MinHash with one permutation, in bands."""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations
from zlib import crc32

BINS = 128
"""Bins of a sketch. The share of equal bins strays from the true one by 0.04."""
ROWS = 4
"""Bins of a band: two texts that share half of their triples meet with 0.87, such that share 0.7 with 0.9998."""
EMPTY = 0xFFFFFFFF
LEAST_BINS = 24
"""Filled bins below which a sketch says nothing."""
CROWD = 40
"""Texts in one bucket from which each is only held against the nearest ones: boilerplate brings all together."""
RARE = 12
"""Texts up to which a statement that they have brings them together."""
LEAST_WORDS = 4
"""Words of such a statement."""
LEAST_SHARED = 2
"""Such statements that two texts share at least, or all that one of them has."""

_MIX = 0x9E3779B97F4A7C15
_MASK = 0xFFFFFFFFFFFFFFFF
_WORD = re.compile(r"[^\W_]+")
_CJK = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"


@cache
def _word_or_sign() -> re.Pattern[str]:
    return re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+")


def words_of(text: str) -> list[str]:
    """The words of a text, ideographs one by one, as they are written."""
    if text.isascii() or max(text) < "\u2e80":
        return _WORD.findall(text)
    return _word_or_sign().findall(text)


def sketch(words: Sequence[str]) -> array[int]:
    """The least hash in each bin over all triples of words."""
    known: dict[str, int] = {}
    numbers = [
        known.get(word) or known.setdefault(word, crc32(word.encode("utf-8", "surrogatepass"))) for word in words
    ]
    least = [EMPTY] * BINS
    for one, two, three in set(zip(numbers, numbers[1:], numbers[2:], strict=False)):
        mixed = ((one * 31 + two) * 31 + three) * _MIX & _MASK
        at, value = mixed >> 57, mixed >> 25 & 0xFFFFFFFF
        if value < least[at]:
            least[at] = value
    return array("I", least)


def resemblance(one: Sequence[int], two: Sequence[int]) -> float | None:
    """Share of the triples of two texts that both have, estimated; None where there are too few of them."""
    filled = [(a, b) for a, b in zip(one, two, strict=True) if not a == b == EMPTY]
    if len(filled) < LEAST_BINS:
        return None
    return sum(a == b for a, b in filled) / len(filled)


def _dense(found: Sequence[int]) -> Sequence[int]:
    """A sketch with each empty bin filled from the next full one, so that bands of short texts meet, too."""
    full = [number for number, value in enumerate(found) if value != EMPTY]
    if not full or len(full) == len(found):
        return found if full else ()
    filled, following = list(found), full[0] + len(found)
    for number in range(len(found) - 1, -1, -1):
        if found[number] == EMPTY:
            filled[number] = found[following % len(found)] + (following - number) * 7919
        else:
            following = number
    return filled


def near(sketches: Sequence[Sequence[int]]) -> set[tuple[int, int]]:
    """Pairs of texts that share a band of their sketches, by their indices, the lower first."""
    dense = [_dense(one) for one in sketches]
    found: set[tuple[int, int]] = set()
    for start in range(0, BINS, ROWS):
        buckets: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
        for number, one in enumerate(dense):
            if one:
                buckets[tuple(one[start : start + ROWS])].append(number)
        for numbers in buckets.values():
            found.update(_within(numbers))
    return found


def _within(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    if len(numbers) <= CROWD:
        yield from combinations(numbers, 2)
        return
    for at, number in enumerate(numbers):
        yield from ((number, other) for other in numbers[at + 1 : at + 5])
        yield from ((first, number) for first in numbers[:4] if first < number)


def sharing(statements: Sequence[Mapping[int, int]]) -> set[tuple[int, int]]:
    """Pairs of texts that share rare statements: a small text inside of a large one has another sketch.

    Each text is a mapping from its statements to how many words they have.
    """
    holders: defaultdict[int, list[int]] = defaultdict(list)
    for number, found in enumerate(statements):
        for statement, length in found.items():
            if length >= LEAST_WORDS:
                holders[statement].append(number)
    shared: Counter[tuple[int, int]] = Counter()
    for numbers in holders.values():
        if 1 < len(numbers) <= RARE:
            shared.update(combinations(numbers, 2))
    sizes = [sum(length >= LEAST_WORDS for length in found.values()) for found in statements]
    return {(a, b) for (a, b), count in shared.items() if count >= min(LEAST_SHARED, sizes[a], sizes[b])}


def buckets(keys: Iterable[tuple[int, str]], most: int) -> Iterator[tuple[int, int]]:
    """Pairs of texts with one key in common, of keys that not more than `most` texts have."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for number, key in keys:
        found[key].append(number)
    for numbers in found.values():
        if len(numbers) <= most:
            yield from combinations(numbers, 2)
