"""The nearest of many: what is compared where comparing all would take too long."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


def nearest(places: Sequence[int], at: int, most: int) -> Sequence[int]:
    """Those of some ascending numbers, at most so many, that are nearest to a number."""
    if len(places) <= most:
        return places
    middle = bisect_left(places, at)
    first = max(0, min(middle - most // 2, len(places) - most))
    return places[first : first + most]
