"""Pairs to groups that never chain: agglomeration under constraints.

Pairs are taken from the surest down and joined where the joined group is sound: any two units of different variants
in it say the same by their own score, and two units of one variant do so by a higher floor, or one unit of another
variant contains both. So a group is never larger than its pairs allow (complete linkage; plain closure chains).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from operator import itemgetter

from agentmerge.aligning import constants as c
from agentmerge.aligning.features import Features
from agentmerge.aligning.scoring import Pair, Scorer


def groups(
    pairs: Iterable[tuple[float, int, int]], scorer: Scorer, against: Container[Pair], *, most: int | None = None
) -> list[tuple[int, ...]]:
    """Disjoint groups of unit numbers. `pairs` are (score, unit, unit) of different variants;
    `against` holds those that contradict each other. No group has more than `most` members."""
    found: dict[int, list[int]] = {}
    home: dict[int, int] = {}
    unsound: set[Pair] = set()
    for at, (a, b) in enumerate(_by_score(pairs, scorer)):
        left, right = home.get(a, -1 - a), home.get(b, -1 - b)
        if left == right or (left, right) in unsound:
            continue
        both = found.get(left, [a]), found.get(right, [b])
        if most is not None and len(both[0]) + len(both[1]) > most:
            continue
        if _sound(*both, scorer, against):
            found[at] = sorted([*both[0], *both[1]])
            home.update(dict.fromkeys(found[at], at))
        else:
            unsound |= {(left, right), (right, left)}
    return [tuple(found[at]) for at in dict.fromkeys(home.values())]


def _by_score(pairs: Iterable[tuple[float, int, int]], scorer: Scorer) -> Iterator[Pair]:
    """The surest first; among equal scores by the words of the units."""
    rank = _ranks(scorer.units)
    ordered = [(-round(score, 9), min(rank[a], rank[b]), max(rank[a], rank[b]), a, b) for score, a, b in pairs]
    return ((a, b) for *_, a, b in sorted(ordered, key=itemgetter(0, 1, 2)))


def _ranks(units: Sequence[Features]) -> list[int]:
    """A rank for each unit, to decide among equal scores, that does not depend on the order of the files."""
    ranks = {words: rank for rank, words in enumerate(sorted({unit.words for unit in units}))}
    return [ranks[unit.words] for unit in units]


def _sound(left: Sequence[int], right: Sequence[int], scorer: Scorer, against: Container[Pair]) -> bool:
    joined = [*left, *right]
    return all(
        scorer.identical(a, b) or ((min(a, b), max(a, b)) not in against and _compatible(a, b, joined, scorer))
        for a in left
        for b in right
    )


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

    def rank(a: int) -> tuple[int, int, str, int]:
        return sum(contains(a, b) for b in group if b != a), len(scorer.units[a].tokens), scorer.units[a].words, -a

    best = max(group, key=rank)
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
