"""The order of what stands in one place: the order of the side that changed it, additions where they were put.

Both sides' additions at one spot stand in an order that does not depend on which side is called ours.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from agentmerge.merging.sequences import longest_increasing

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Rivals(Generic[T]):
    """Two runs that want the same spot and may be two answers to one question."""

    gone: tuple[T, ...]
    """What both sides took out there."""
    ours: tuple[T, ...]
    theirs: tuple[T, ...]


@dataclass(frozen=True, slots=True)
class Torn(Generic[T]):
    """What both sides moved, to different places, at the place that one of them gave it."""

    thing: T
    by_ours: bool


Order: TypeAlias = "list[T | Rivals[T] | Torn[T]]"

MAX_MOVED = 0.5
"""Share of a list that a side may have moved where the other side moved something else; beyond, nothing has a place."""

MAX_PAIRS = 1_000_000
"""Pairs of a moved thing and another one that are looked at for the order of one list."""


def merge_order(
    base: Sequence[T],
    ours: Sequence[T],
    theirs: Sequence[T],
    text: Callable[[T], str],
    rival: Callable[[Sequence[T], Sequence[T], Sequence[T]], bool] = lambda _gone, _ours, _theirs: False,
    rank: Callable[[T], int] = lambda _thing: 0,
) -> Order[T] | None:
    """One order of all that stands in `ours` or `theirs`; None where both sides reordered nearly everything.

    `base` may name things that are gone; `rival` is asked about two runs of additions at one spot and the things
    of the base that are gone there. What has a lower `rank` comes first where two runs become one: behind a section it
    would be a part of it.
    """
    in_ours, in_theirs, in_base = set(ours), set(theirs), set(base)
    found = _shared_order(
        [x for x in base if x in in_ours and x in in_theirs],
        [x for x in ours if x in in_theirs],
        [x for x in theirs if x in in_ours],
        in_base,
        text,
    )
    if found is None:
        return None
    shared, torn = found
    fixed = set(shared)
    mine, other, gone = (_runs(sequence, fixed) for sequence in (ours, theirs, base))
    result: Order[T] = []
    for anchor in (None, *shared):
        if anchor is not None:
            result.append(anchor)
        left, right = mine.get(anchor, []), other.get(anchor, [])
        lost = [x for x in gone.get(anchor, []) if x not in in_ours or x not in in_theirs]
        added, other_added = ([x for x in run if x not in in_base] for run in (left, right))
        if added and other_added and rival(lost, added, other_added):
            if not torn.isdisjoint((*left, *right)):
                return None
            result.append(Rivals(tuple(lost), tuple(left), tuple(right)))
        else:
            result.extend(_interleaved(left, right, torn, text, rank))
    return result


def _shared_order(
    base: Sequence[T], ours: Sequence[T], theirs: Sequence[T], in_base: set[T], text: Callable[[T], str]
) -> tuple[Sequence[T], set[T]] | None:
    """The order of what both sides have, and what of it has no place because each side gave it another one."""
    if ours == theirs:
        return ours, set()
    mine, other = ([x for x in side if x in in_base] for side in (ours, theirs))
    if mine == other:
        # Only what both added alike stands at different places: either will do, the same one each time.
        return min(ours, theirs, key=lambda side: [text(x) for x in side]), set()
    if mine == list(base):
        return theirs, set()
    if other == list(base):
        return ours, set()
    return _both_reordered(base, ours, theirs, text)


def _both_reordered(
    base: Sequence[T], ours: Sequence[T], theirs: Sequence[T], text: Callable[[T], str]
) -> tuple[Sequence[T], set[T]] | None:
    """What either side put before something stands before it; None where that contradicts itself."""
    by_ours, by_theirs = moved_things(base, ours), moved_things(base, theirs)
    if max(len(by_ours), len(by_theirs)) > MAX_MOVED * len(ours):
        return None
    torn = {x for x in by_ours & by_theirs if not _is_same_place(ours, theirs, x)}
    old = [x for x in base if x not in torn]
    order = _with_both_inversions(old, ours, theirs, (by_ours | by_theirs) - torn)
    if order is None:
        return None
    fixed = set(order)
    return min(
        (_with_additions(order, [x for x in side if x not in torn], fixed) for side in (ours, theirs)),
        key=lambda found: [text(x) for x in found],
    ), torn


def _with_both_inversions(base: Sequence[T], ours: Sequence[T], theirs: Sequence[T], moved: set[T]) -> list[T] | None:
    """The one order that inverts just the pairs of the base that a side inverted.

    Such an order exists where the numbers of things that stand before each thing are all different (H. G. Landau's
    scores of a transitive tournament). Else what the sides asked for goes in a circle, or can only be had by
    inverting a pair that both left alone: None, as where there are too many pairs to look at.
    """
    movers = [n for n, x in enumerate(base) if x in moved]
    if len(movers) * len(base) > MAX_PAIRS:
        return None
    indexes = [{x: n for n, x in enumerate(side)} for side in (ours, theirs)]
    places = [[index[x] for x in base] for index in indexes]
    ranks = list(range(len(base)))
    for n in movers:
        for m, x in enumerate(base):
            first, last = min(n, m), max(n, m)
            is_second_look = m < n and x in moved
            if not is_second_look and any(place[first] > place[last] for place in places):
                ranks[first] += 1
                ranks[last] -= 1
    if len(set(ranks)) < len(ranks):
        return None
    return [x for _, x in sorted(zip(ranks, base, strict=True), key=lambda row: row[0])]


def _with_additions(order: Sequence[T], side: Sequence[T], fixed: set[T]) -> list[T]:
    """The order with what both sides added, each after what it follows on one side."""
    runs = _runs(side, fixed)
    return [*runs.get(None, []), *(each for x in order for each in (x, *runs.get(x, [])))]


def moved_things(base: Sequence[T], side: Sequence[T]) -> set[T]:
    """The fewest things without which a side has the order of the base; what only the sides have is moved too."""
    place = {x: n for n, x in enumerate(base)}
    kept = longest_increasing([(n, place[x]) for n, x in enumerate(side) if x in place])
    return set(side) - {side[n] for n, _ in kept}


def _is_same_place(ours: Sequence[T], theirs: Sequence[T], thing: T) -> bool:
    """Whether it follows, or comes before, the same thing on both sides."""
    x, y = ours.index(thing), theirs.index(thing)
    return ours[:x][-1:] == theirs[:y][-1:] or ours[x + 1 : x + 2] == theirs[y + 1 : y + 2]


def _runs(sequence: Sequence[T], fixed: set[T]) -> dict[T | None, list[T]]:
    """What follows each fixed thing up to the next one."""
    runs: dict[T | None, list[T]] = {}
    anchor: T | None = None
    for x in sequence:
        if x in fixed:
            anchor = x
        else:
            runs.setdefault(anchor, []).append(x)
    return runs


def _interleaved(
    left: Sequence[T], right: Sequence[T], torn: set[T], text: Callable[[T], str], rank: Callable[[T], int]
) -> list[T | Torn[T]]:
    ranks = [[rank(x) for x in run] for run in (left, right)]
    if len({*ranks[0], *ranks[1]}) < 2 or any(own != sorted(own) for own in ranks):
        return _in_turn(left, right, torn, text)
    levels = sorted({*ranks[0], *ranks[1]})
    rows = [[[x for x in run if rank(x) == level] for run in (left, right)] for level in levels]
    return [x for mine, other in rows for x in _in_turn(mine, other, torn, text)]


def _in_turn(left: Sequence[T], right: Sequence[T], torn: set[T], text: Callable[[T], str]) -> list[T | Torn[T]]:
    runs = [_marked(left, torn, by_ours=True), _marked(right, torn, by_ours=False)]
    if not left or not right:
        return [*runs[0], *runs[1]]
    names = [[text(x) for x in run] for run in (left, right)]
    return [*runs[0], *runs[1]] if names[0] <= names[1] else [*runs[1], *runs[0]]


def _marked(run: Sequence[T], torn: set[T], *, by_ours: bool) -> list[T | Torn[T]]:
    return [Torn(x, by_ours) if x in torn else x for x in run]
