"""Pairs to groups that never chain: agglomeration under constraints.

Pairs are taken from the surest down and joined where the joined group is sound: any two units of different variants
in it say the same by their own score, and two units of one variant do so by a higher floor, or one unit of another
variant contains both. So a group is never larger than its pairs allow (complete linkage; plain closure chains).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from agentmerge.aligning import constants as c
from agentmerge.aligning.scoring import Scorer


def groups(
    pairs: Iterable[tuple[float, int, int]], scorer: Scorer, against: Container[tuple[int, int]]
) -> list[tuple[int, ...]]:
    """Disjoint groups of unit numbers. `pairs` are (score, unit, unit) of different variants;
    `against` holds those that contradict each other."""
    home: dict[int, list[int]] = {}
    for _, a, b in sorted(pairs, key=lambda pair: (-round(pair[0], 9), _order(scorer, pair[1], pair[2]))):
        left, right = home.get(a, [a]), home.get(b, [b])
        if left is not right and _sound(left, right, scorer, against):
            joined = sorted([*left, *right])
            home.update(dict.fromkeys(joined, joined))
    return [tuple(group) for group in {id(group): group for group in home.values()}.values()]


def _order(scorer: Scorer, a: int, b: int) -> tuple[str, ...]:
    """A rank among equal scores that does not depend on the order of the files."""
    return tuple(sorted((scorer.units[a].words, scorer.units[b].words)))


def _sound(left: Sequence[int], right: Sequence[int], scorer: Scorer, against: Container[tuple[int, int]]) -> bool:
    joined = [*left, *right]
    return all((min(a, b), max(a, b)) not in against and _compatible(a, b, joined, scorer) for a in left for b in right)


def _compatible(a: int, b: int, joined: Sequence[int], scorer: Scorer) -> bool:
    file = scorer.units[a].member.file
    if file != scorer.units[b].member.file:
        return scorer.score(a, b).value >= c.LINK
    if scorer.score(a, b).value >= c.SAME_FILE:
        return True
    return any(
        scorer.units[other].member.file != file
        and scorer.score(other, a).value >= c.SAME
        and scorer.score(other, b).value >= c.SAME
        for other in joined
    )


def cover(group: Sequence[int], scorer: Scorer) -> int | None:
    """The unit that contains all others of a group, where some of them are not paraphrases of each other."""

    def contains(a: int, b: int) -> bool:
        return scorer.score(a, b).contains == 1

    if not any(scorer.score(a, b).contains for a in group for b in group if a < b):
        return None
    best = max(group, key=lambda a: (sum(contains(a, b) for b in group if b != a), len(scorer.units[a].tokens), -a))
    return best if any(contains(best, b) for b in group if b != best) else None


def mean(group: Sequence[int], scorer: Scorer) -> float:
    """Mean score over the pairs of different variants."""
    scores = [
        scorer.score(a, b).value
        for i, a in enumerate(group)
        for b in group[i + 1 :]
        if scorer.units[a].member.file != scorer.units[b].member.file
    ]
    return sum(sorted(scores)) / len(scores) if scores else 0.0
