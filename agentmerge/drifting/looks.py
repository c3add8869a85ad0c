"""Patterns that are looked for in many texts: each is compiled and tried only where a text holds the words it needs.

A pattern of a table cannot match without some words, which `.ci/compile_tables.py` reads off it beforehand. Compiling
one takes milliseconds and most reviews need a few of a hundred.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

ORDER = "<do>"
"""What a pattern of an order begins with."""
FLAGS = re.IGNORECASE | re.MULTILINE
_ODD = re.compile("[\u0130\u0131\u017f\u1c80-\u1c88\u1e9e\u212a\u212b]")
"""Letters that a pattern takes for others without regard to case, and that stay what they are in lower case."""

Needs = Mapping[str, tuple[Sequence[Sequence[str]], Sequence[str]]]
"""By pattern, sets of lower-case words, and how an order begins: what matches holds one of each set and begins so."""
_NONE: tuple[Sequence[Sequence[str]], Sequence[str]] = ((), ())


class Held:
    """Which sets of words a text holds one of, as a number with a bit for each set."""

    def __init__(self) -> None:
        self._sets: dict[frozenset[str], int] = {}
        self._words: dict[str, dict[str, int]] = {}
        """The bits of words, by the two letters that they begin with."""

    def bits(self, needs: Iterable[Sequence[str]]) -> int:
        """The bits of sets of words; new ones are added."""
        bits = 0
        for words in map(frozenset, needs):
            if words not in self._sets:
                bit = self._sets[words] = 1 << len(self._sets)
                for word in words:
                    alike = self._words.setdefault(word[:2], {})
                    alike[word] = alike.get(word, 0) | bit
            bits |= self._sets[words]
        return bits

    def of(self, low: str) -> int:
        """The bits of the sets that a text in lower case holds a word of."""
        held = 0
        for start in self._words.keys() & {low[at : at + 2] for at in range(len(low))}:
            for word, bits in self._words[start].items():
                if word in low:
                    held |= bits
        return held


class Pattern:
    """One pattern with what it needs."""

    def __init__(self, source: str, needs: Needs, held: Held) -> None:
        self.is_order = source.startswith(ORDER)
        self.source = source.removeprefix(ORDER)
        words, begins = needs.get(source, _NONE)
        self._bits = held.bits(words)
        self._begins = tuple(begins)

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        return compiled(self.source)

    def may_stand(self, piece: Piece) -> bool:
        """Whether a text holds the words that the pattern needs."""
        return self._bits & piece.held == self._bits

    def order(self, piece: Piece, at: int) -> re.Match[str] | None:
        """The pattern at a place where an order begins."""
        if self._begins and piece.is_plain and not piece.low.startswith(self._begins, at):
            return None
        return self.compiled.match(piece.text, at)


class Look:
    """The patterns of a class, read as alternatives of one: the first place counts, and there the first of them.

    Those of orders are tried where an order begins, the others everywhere.
    """

    def __init__(self, sources: Iterable[str], needs: Needs, held: Held) -> None:
        patterns = [Pattern(source, needs, held) for source in sources]
        self._orders = [one for one in patterns if one.is_order]
        self._others = [one for one in patterns if not one.is_order]

    def places(self, piece: Piece) -> Iterator[tuple[int, int]]:
        """Where something begins and ends that is of the class."""
        orders = [one for one in self._orders if one.may_stand(piece)]
        for at in piece.starts if orders else ():
            found = next((match for one in orders if (match := one.order(piece, at)) is not None), None)
            if found is not None:
                yield found.span()
        yield from _leftmost([one.compiled for one in self._others if one.may_stand(piece)], piece.text)


class Piece:
    """A text that is looked at: where an order may begin in it, and which words it holds."""

    def __init__(self, text: str, begins: re.Pattern[str], held: Held) -> None:
        self.text = text
        self.low = text.lower()
        self.is_plain = text.isascii() or _ODD.search(text) is None
        """Whether each letter of it stands for itself alone."""
        self.held = held.of(self.low) if self.is_plain else -1
        self._begins = begins

    @cached_property
    def starts(self) -> Sequence[int]:
        """Places where an order may begin."""
        return [one.end() for one in self._begins.finditer(self.text)]


def _leftmost(patterns: Sequence[re.Pattern[str]], text: str) -> Iterator[tuple[int, int]]:
    """Where patterns match, without overlaps; of those that begin at one place the first."""
    found = [(pattern, pattern.search(text)) for pattern in patterns]
    while matches := [match for _, match in found if match is not None]:
        first, last = min(matches, key=lambda match: match.start()).span()
        yield first, last
        at = max(last, first + 1)
        found = [
            (pattern, match if match is None or match.start() >= at else pattern.search(text, at))
            for pattern, match in found
        ]


def compiled(source: str) -> re.Pattern[str]:
    """A pattern of the table, ready to be looked for."""
    return re.compile(source, FLAGS)
