"""What a regular expression cannot match without: words that a text must hold, so that a look for them comes first."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

LEAST = 3
"""Characters of the shortest word that is worth looking for."""
MOST = 120
"""Words that are followed letter by letter; more of them are taken apart."""

Words = frozenset[str]
_EMPTY: Words = frozenset({""})


class Needed(NamedTuple):
    """What a text must hold that a pattern matches, in lower case."""

    words: list[list[str]]
    """Sets of words: it holds at least one of each set."""
    begins: list[str]
    """It begins with one of these; nothing where none can be told."""


class _Part(NamedTuple):
    """What a part of an expression matches: all of it where it can be listed, else what it cannot do without."""

    all: Words | None
    needs: tuple[Words, ...] = ()
    begins: Words = _EMPTY


def needed(pattern: str, flags: int) -> Needed:
    """What a pattern cannot match without."""
    whole = _sequence(_parser.parse(pattern, flags))
    needs = whole.needs if whole.all is None else _worth(whole.all)
    begins = whole.begins if whole.all is None else whole.all
    found = sorted({_shortest(one) for one in needs}, key=lambda one: (len(one), sorted(one)))
    return Needed([sorted(one) for one in found], [] if "" in begins else sorted(begins))


def _sequence(items: Iterable[tuple[Any, Any]]) -> _Part:
    """One part after the other: words grow while all that can stand next can be listed."""
    words, needs, is_first, begins = _EMPTY, [], True, _EMPTY
    for kind, value in items:
        part = _part(kind, value)
        if part.all is not None and len(words) * len(part.all) <= MOST:
            words = frozenset(a + b for a, b in itertools.product(words, part.all))
            continue
        needs += _worth(words)
        if is_first:
            begins = words if words != _EMPTY else part.begins if part.all is None else part.all
        is_first = False
        words = _EMPTY if part.all is None or len(part.all) > MOST else part.all
        needs += part.needs
    return _Part(words) if is_first else _Part(None, (*needs, *_worth(words)), begins)


def _part(kind: Any, value: Any) -> _Part:
    if kind is sre.LITERAL:
        return _Part(frozenset({chr(value).lower()}))
    if kind is sre.IN:
        return _letters(value)
    if kind is sre.BRANCH:
        return _branch([_sequence(one) for one in value[1]])
    if kind is sre.SUBPATTERN:
        return _sequence(value[-1])
    if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        return _repeat(value[0], value[1], _sequence(value[2]))
    if kind in (sre.ASSERT_NOT, sre.AT, sre.ASSERT):
        return _Part(_EMPTY)
    return _Part(None)


def _letters(members: Sequence[tuple[Any, Any]]) -> _Part:
    """A class of characters: listed where it names each of them."""
    if all(kind is sre.LITERAL for kind, _ in members):
        return _Part(frozenset(chr(value).lower() for _, value in members))
    return _Part(None)


def _branch(parts: Sequence[_Part]) -> _Part:
    """One of several: what is needed is a word of each."""
    if all(part.all is not None for part in parts):
        return _Part(frozenset().union(*(part.all or () for part in parts)))
    begins: Words = frozenset().union(*(part.begins if part.all is None else part.all for part in parts))
    each = [part.needs if part.all is None else _worth(part.all) for part in parts]
    if not all(each):
        return _Part(None, (), begins)
    best = [max(needs, key=lambda one: (min(map(len, one)), -len(one))) for needs in each]
    return _Part(None, (frozenset().union(*best),), begins)


def _repeat(least: int, most: int, part: _Part) -> _Part:
    if part.all is not None and most == 1:
        return _Part(part.all | _EMPTY if least == 0 else part.all)
    if least == 0:
        return _Part(None)
    if part.all is None:
        return _Part(None, part.needs, part.begins)
    return _Part(None, tuple(_worth(part.all)), part.all)


def _worth(words: Words) -> list[Words]:
    """A set of words, where each of them is worth looking for: long enough, or of rare characters."""
    return (
        [words] if words and all(len(one) >= (LEAST if one.isascii() and one.isalnum() else 2) for one in words) else []
    )


def _shortest(words: Words) -> Words:
    """The words that stand in no other: who holds the longer holds the shorter."""
    return frozenset(one for one in words if not any(other != one and other in one for other in words))
