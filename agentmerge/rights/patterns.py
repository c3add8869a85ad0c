"""Rules over patterns in, an exact comparison of two sets of them out; deny, ask, allow.

A pattern is a text in which `*` stands for any characters and `SEGMENT` for any but a slash. A rule gives what a
pattern matches a level; of the rules of a layer the last one that matches counts, and what none matches is denied. An
extent is any number of layers, and the least of their levels counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple, TypeAlias

ANY = "*"
SEGMENT = "\x1d"
"""Any characters but a slash: the single `*` in a pattern of paths."""
_OTHER = "\x1e"
"""Stands for each character that no pattern names."""
_STAR = "\x1f"
"""Stands for a star that is one, in a text that is taken for a pattern."""
_LIMIT = 40_000
"""States times patterns that a comparison looks at; beyond it, nothing covers. Real files need some hundreds."""
_MANY = 200
"""Rules of different levels from which one is not looked for behind another."""


class Level(IntEnum):
    """What happens when an agent wants to do something."""

    DENY = 0
    ASK = 1
    ALLOW = 2

    @property
    def word(self) -> str:
        return self.name.lower()


class Rule(NamedTuple):
    """What a pattern matches is on a level."""

    pattern: str
    level: Level


Layer: TypeAlias = "tuple[Rule, ...]"


class Extent(NamedTuple):
    """How far a right reaches: the least of what its layers say."""

    layers: frozenset[Layer]

    def level(self, text: str) -> Level:
        """The level of one text."""
        return min((_last(layer, text) for layer in self.layers), default=Level.ALLOW)


EVERYTHING = Extent(frozenset())


def constant(level: Level) -> Extent:
    """The same level for every text."""
    return EVERYTHING if level is Level.ALLOW else Extent(frozenset({(Rule(ANY, level),)}))


NOTHING = constant(Level.DENY)
_DENIED: Layer = (Rule(ANY, Level.DENY),)


def extent(*layers: Sequence[Rule]) -> Extent:
    """An extent in its plainest form: no layer that another one makes superfluous."""
    return _extent(frozenset(map(tuple, layers)))


# The same few layers stand in most definitions.
@lru_cache(maxsize=4096)
def _extent(layers: frozenset[Layer]) -> Extent:
    return Extent(_minimal(frozenset(map(tidied, layers))))


def least(one: Extent, two: Extent) -> Extent:
    """For each text the lesser of its two levels."""
    return one if one == two else _extent(one.layers | two.layers)


def tidied(layer: Layer) -> Layer:
    """A layer without rules that a later one hides; two in either order where that means the same."""
    if len({rule.level for rule in layer}) == 1:
        return _of_one_level(layer)
    found: list[Rule] = []
    for rule in reversed(layer):
        if len(layer) > _MANY or not any(matches_all(later.pattern, rule.pattern) for later in found):
            found.append(rule)
    found.reverse()
    while found and found[0].level is Level.DENY:
        # What no rule matches is denied anyway.
        del found[0]
    if len({rule.level for rule in found}) == 1:
        return _of_one_level(tuple(found))
    return tuple(found) or _DENIED


def _of_one_level(layer: Layer) -> Layer:
    """Rules of one level, without those that another one holds: their order means nothing."""
    if layer[0].level is Level.DENY:
        return _DENIED
    heads = {rule.pattern[:-1] for rule in layer if _is_head(rule.pattern)}
    rest = sorted({rule for rule in layer if not _is_under(rule.pattern, heads)})
    odd = [rule.pattern for rule in rest if not is_plain(rule.pattern)]
    return tuple(
        rule for rule in rest if not any(other != rule.pattern and matches_all(other, rule.pattern) for other in odd)
    )


def _is_under(pattern: str, heads: AbstractSet[str]) -> bool:
    """Whether a pattern begins with a shorter one that takes all that begins so."""
    end = len(pattern) - 1 if _is_head(pattern) else len(pattern) + 1
    return any(pattern[:place] in heads for place in range(min(end, len(pattern) + 1)))


def _is_head(pattern: str) -> bool:
    """Whether a pattern is a text with a star behind it."""
    return pattern.endswith(ANY) and ANY not in pattern[:-1] and SEGMENT not in pattern


def is_plain(pattern: str) -> bool:
    """Whether a pattern is a text, or the beginning of texts."""
    return _is_head(pattern) or not _has_star(pattern)


def plain_wider(pattern: str) -> Iterator[str]:
    """The plain patterns that match all that a plain one matches, with itself."""
    yield pattern
    start = pattern[:-1] if _is_head(pattern) else pattern + _OTHER
    yield from (pattern[:end] + ANY for end in range(len(start)))


def _minimal(layers: frozenset[Layer]) -> frozenset[Layer]:
    """Of layers those that no other one is below of; of two that say the same, the first in order."""
    kept: list[Layer] = []
    for layer in sorted(layers):
        if not any(_is_below(other, layer) for other in kept):
            kept = [other for other in kept if not _is_below(layer, other)]
            kept.append(layer)
    return frozenset(layer for layer in kept if not _is_below((Rule(ANY, Level.ALLOW),), layer))


def _is_below(one: Layer, two: Layer) -> bool:
    """Whether a layer grants nothing that the other does not."""
    if len(two) == 1 and two[0].pattern == ANY:
        return max(rule.level for rule in one) <= two[0].level
    if one == _DENIED:
        return True
    return covers(Extent(frozenset({two})), Extent(frozenset({one})))


def covers(wide: Extent, narrow: Extent) -> bool:
    """Whether every text has in `wide` at least the level that it has in `narrow`."""
    rule = _only(narrow)
    if rule is not None and (plain := _plain_layers(wide)) is not None:
        text = rule.pattern[:-1] + _OTHER if _is_head(rule.pattern) else rule.pattern
        return all(layer.level(text) >= rule.level for layer in plain)
    return exceeding(narrow, wide) is None


def exceeding(one: Extent, two: Extent) -> tuple[str, Level, Level] | None:
    """A text that has a higher level in `one` than in `two`, with both; None where there is none.

    Of several the one with the largest step up. Where the patterns are too many to be compared, it is the empty text.
    """
    return _exceeding(one, two)


@lru_cache(maxsize=4096)
def _exceeding(one: Extent, two: Extent) -> tuple[str, Level, Level] | None:
    if one == two:
        return None
    best: tuple[str, Level, Level] | None = None
    for text, first, second in _levels(one, two):
        if first > second and (best is None or (first - second, first) > (best[1] - best[2], best[1])):
            best = (text, first, second)
    return best


def literal(text: str) -> str:
    """A text as a pattern that matches nothing else."""
    return text.replace(ANY, _STAR)


def shown(pattern: str) -> str:
    """A pattern with the stars that `literal` took out of it."""
    return pattern.replace(_STAR, ANY)


def sample(pattern: str) -> str:
    """A text that a pattern matches, and no narrower one."""
    return pattern.replace(ANY, _OTHER)


def matches_all(wide: str, narrow: str) -> bool:
    """Whether a pattern matches every text that the other one matches."""
    if wide in (ANY, narrow):
        return True
    if ANY not in narrow and SEGMENT not in narrow:
        return matches(wide, narrow)
    if ANY not in wide and (SEGMENT not in wide or ANY in narrow):
        return False
    allow = (Rule(wide, Level.ALLOW),), (Rule(narrow, Level.ALLOW),)
    return exceeding(Extent(frozenset({allow[1]})), Extent(frozenset({allow[0]}))) is None


def overlap(one: str, two: str) -> bool:
    """Whether a text may match both patterns."""
    deny_two = (Rule(ANY, Level.ALLOW), Rule(two, Level.DENY))
    only_one = (Rule(one, Level.ALLOW),)
    return exceeding(Extent(frozenset({only_one})), Extent(frozenset({only_one, deny_two}))) is not None


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern matches a text."""
    if is_plain(pattern):
        return text.startswith(pattern[:-1]) if _is_head(pattern) else text == pattern
    state = _closed(pattern, frozenset({0}))
    for char in text:
        state = _step(pattern, state, char)
    return len(pattern) in state


def _last(layer: Layer, text: str) -> Level:
    return next((rule.level for rule in reversed(layer) if matches(rule.pattern, text)), Level.DENY)


def _only(one: Extent) -> Rule | None:
    """The only rule of an extent, where its pattern is a text or the beginning of texts."""
    layer = next(iter(one.layers), ()) if len(one.layers) == 1 else ()
    return layer[0] if len(layer) == 1 and is_plain(layer[0].pattern) else None


# A list of names is asked for each name of another one.
@lru_cache(maxsize=64)
def _plain_layers(one: Extent) -> list[_Plain] | None:
    """Layers that allow what some texts, or beginnings of texts, say; None where one is of another kind."""
    rules = [rule for layer in one.layers for rule in layer]
    every_plain = all(rule.level is Level.ALLOW and is_plain(rule.pattern) for rule in rules)
    return [_Plain(layer) for layer in one.layers] if every_plain else None


class _Plain:
    """A layer whose patterns are texts and beginnings of texts, to be asked often."""

    def __init__(self, layer: Layer) -> None:
        self._layer = layer
        self._texts = {rule.pattern: place for place, rule in enumerate(layer) if not _is_head(rule.pattern)}
        self._heads = {rule.pattern[:-1]: place for place, rule in enumerate(layer) if _is_head(rule.pattern)}

    def level(self, text: str) -> Level:
        """The level of the last rule that matches."""
        heads = (self._heads.get(text[:end], -1) for end in range(len(text) + 1))
        last = max(self._texts.get(text, -1), *heads)
        return self._layer[last].level if last >= 0 else Level.DENY


def _plain_levels(one: Extent, two: Extent, patterns: Sequence[str]) -> Iterator[tuple[str, Level, Level]]:
    first, second = ([_Plain(layer) for layer in side.layers] for side in (one, two))
    for text in _plain_texts(patterns):
        level = min((layer.level(text) for layer in first), default=Level.ALLOW)
        yield text.removesuffix(_OTHER), level, min((layer.level(text) for layer in second), default=Level.ALLOW)


def _levels(one: Extent, two: Extent) -> Iterator[tuple[str, Level, Level]]:
    """A text for each way in which patterns match together, shortest first, with its level in both extents."""
    patterns = sorted({rule.pattern for layers in (one.layers, two.layers) for layer in layers for rule in layer})
    if all(map(is_plain, patterns)):
        yield from _plain_levels(one, two, patterns)
        return
    start = tuple(_closed(pattern, frozenset({0})) for pattern in patterns)
    seen, level = {start}, {start: ""}
    while level:
        following: dict[tuple[frozenset[int], ...], str] = {}
        for state, text in level.items():
            matched = frozenset(p for p, places in zip(patterns, state, strict=True) if len(p) in places)
            yield text, _level_of(one, matched), _level_of(two, matched)
            for char in sorted(_telling(patterns, state)):
                after = tuple(_step(p, places, char) for p, places in zip(patterns, state, strict=True))
                if after not in seen:
                    seen.add(after)
                    following[after] = text + char
        level = following
        if len(seen) * len(patterns) > _LIMIT:
            yield "", Level.ALLOW, Level.DENY
            return


def _plain_texts(patterns: Sequence[str]) -> Iterator[str]:
    """Texts of which one matches just what any other text matches, where patterns are texts or their beginnings."""
    yield _OTHER
    for pattern in patterns:
        text = pattern[:-1] if _is_head(pattern) else pattern
        yield text
        if _is_head(pattern):
            yield text + _OTHER


def _has_star(pattern: str) -> bool:
    return ANY in pattern or SEGMENT in pattern


def _telling(patterns: Sequence[str], state: Sequence[frozenset[int]]) -> set[str]:
    """The characters that lead to different states: those that a pattern waits for, and one for all others."""
    found = {"/", _OTHER}
    for pattern, places in zip(patterns, state, strict=True):
        found.update(pattern[place] for place in places if place < len(pattern))
    return found - {ANY, SEGMENT}


def _level_of(extent_: Extent, matched: frozenset[str]) -> Level:
    return min(
        (
            next((rule.level for rule in reversed(layer) if rule.pattern in matched), Level.DENY)
            for layer in extent_.layers
        ),
        default=Level.ALLOW,
    )


def _closed(pattern: str, places: frozenset[int]) -> frozenset[int]:
    """Places in a pattern, and those behind stars that stand for nothing."""
    found = set(places)
    for place in places:
        end = place
        while end < len(pattern) and pattern[end] in (ANY, SEGMENT):
            end += 1
            found.add(end)
    return frozenset(found)


@lru_cache(maxsize=16384)
def _step(pattern: str, places: frozenset[int], char: str) -> frozenset[int]:
    """Places in a pattern after one more character."""
    found = set()
    for place in places:
        if place < len(pattern):
            sign = pattern[place]
            if sign == ANY or (sign == SEGMENT and char != "/"):
                found.add(place)
            elif sign == char:
                found.add(place + 1)
    return _closed(pattern, frozenset(found))
