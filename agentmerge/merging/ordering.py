"""The order of what stands in one place: the order of the side that changed it, additions where they were put.

Both sides' additions at one spot stand in an order that does not depend on which side is called ours.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Rivals(Generic[T]):
    """Two runs that want the same spot and may be two answers to one question."""

    gone: tuple[T, ...]
    """What both sides took out there."""
    ours: tuple[T, ...]
    theirs: tuple[T, ...]


def merge_order(
    base: Sequence[T],
    ours: Sequence[T],
    theirs: Sequence[T],
    text: Callable[[T], str],
    rival: Callable[[Sequence[T], Sequence[T], Sequence[T]], bool] = lambda _gone, _ours, _theirs: False,
) -> list[T | Rivals[T]] | None:
    """One order of all that stands in `ours` or `theirs`; None where both sides reordered, differently.

    `base` may name things that are gone; `rival` is asked about two runs of additions at one spot and the things
    of the base that are gone there.
    """
    in_ours, in_theirs, in_base = set(ours), set(theirs), set(base)
    shared = _shared_order(
        [x for x in base if x in in_ours and x in in_theirs],
        [x for x in ours if x in in_theirs],
        [x for x in theirs if x in in_ours],
        in_base,
        text,
    )
    if shared is None:
        return None
    fixed = set(shared)
    mine, other, gone = (_runs(sequence, fixed) for sequence in (ours, theirs, base))
    result: list[T | Rivals[T]] = []
    for anchor in (None, *shared):
        if anchor is not None:
            result.append(anchor)
        left, right = mine.get(anchor, []), other.get(anchor, [])
        lost = [x for x in gone.get(anchor, []) if x not in in_ours or x not in in_theirs]
        added, other_added = ([x for x in run if x not in in_base] for run in (left, right))
        if added and other_added and rival(lost, added, other_added):
            result.append(Rivals(tuple(lost), tuple(left), tuple(right)))
        else:
            runs: list[T] = _interleaved(left, right, text)
            result.extend(runs)
    return result


def _shared_order(
    base: Sequence[T], ours: Sequence[T], theirs: Sequence[T], in_base: set[T], text: Callable[[T], str]
) -> Sequence[T] | None:
    if ours == theirs:
        return ours
    mine, other = ([x for x in side if x in in_base] for side in (ours, theirs))
    if mine == other:
        # Only what both added alike stands at different places: either will do, the same one each time.
        return min(ours, theirs, key=lambda side: [text(x) for x in side])
    if mine == list(base):
        return theirs
    return ours if other == list(base) else None


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


def _interleaved(left: Sequence[T], right: Sequence[T], text: Callable[[T], str]) -> list[T]:
    if not left or not right:
        return [*left, *right]
    first, second = sorted((left, right), key=lambda run: [text(x) for x in run])
    return [*first, *second]
