"""Pairs to groups that never chain: agglomeration under constraints.

Pairs of about one size are taken from the surest down and joined where the joined group is sound: any two units of it
say the same by their own score, two of one variant by a higher floor. So a group is never larger than its pairs allow
(complete linkage; plain closure chains). That one unit covers another is no such relation: what it covers besides may
be another matter, so a head has what it covers, and no more follows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter

from agentmerge.aligning import constants as c
from agentmerge.aligning.features import Features
from agentmerge.aligning.scoring import Pair, Score, Scorer


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
    return all(
        scorer.identical(a, b) or ((min(a, b), max(a, b)) not in against and _compatible(a, b, scorer))
        for a in left
        for b in right
    )


def _compatible(a: int, b: int, scorer: Scorer) -> bool:
    of_one_file = scorer.units[a].member.file == scorer.units[b].member.file
    return scorer.score(a, b).value >= (c.SAME_FILE if of_one_file else c.LINK)


def covers(scores: Mapping[Pair, Score], least: float) -> list[tuple[int, tuple[int, ...]]]:
    """Units that say more than others and all that these say, each with those: the head, then what it covers."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    for (a, b), score in scores.items():
        if score.contains and score.value >= least:
            head, other = (a, b) if score.contains == 1 else (b, a)
            found[head].add(other)
    return [(head, tuple(sorted(found[head]))) for head in sorted(found)]


def mean(group: Sequence[int], scorer: Scorer) -> float:
    """Mean score over the pairs of different variants."""
    scores = [
        scorer.score(a, b).value
        for i, a in enumerate(group)
        for b in group[i + 1 :]
        if scorer.units[a].member.file != scorer.units[b].member.file
    ]
    return sum(sorted(scores)) / len(scores) if scores else 0.0
