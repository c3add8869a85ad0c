"""Forms to clusters by density: no chain of look-alikes makes two strangers one family."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from agentmerge.surveying.records import TEXTUAL, Klass, Signals

DENSE = 0.5
"""Share of the pairs between two clusters that are linked, from which they are one."""


Weigh = Callable[[int], tuple[int, ...]]
"""How much a form counts, beside its links."""


class Link(NamedTuple):
    """Two forms that have something in common."""

    a: int
    b: int
    klass: Klass
    signals: Signals

    @property
    def key(self) -> tuple[int, int]:
        return (self.a, self.b) if self.a < self.b else (self.b, self.a)

    @property
    def strength(self) -> tuple[float, ...]:
        """A rank among links, in which to join by them; it is no measure and never shown."""
        return (min(self.signals.body), max(self.signals.body), self.signals.wording or 0.0)


def clusters(count: int, links: Iterable[Link], classes: AbstractSet[Klass] = TEXTUAL) -> list[list[int]]:
    """Forms that belong together by links of some classes, each with half of the others at least.

    Without `classes` one text came from the other, or both from a third. Each form is in one cluster.
    """
    found = _Clusters(count)
    ordered = sorted(
        (link for link in links if link.klass in classes),
        key=lambda link: (*(-part for part in link.strength), link.key),
    )
    found.link(link.key for link in ordered)
    for link in ordered:
        found.join(*link.key)
    return found.members()


class _Clusters:
    """Clusters with the number of links between each two."""

    def __init__(self, count: int) -> None:
        self._of = list(range(count))
        self._members = [[number] for number in range(count)]
        self._links: list[defaultdict[int, int]] = [defaultdict(int) for _ in range(count)]

    def link(self, pairs: Iterable[tuple[int, int]]) -> None:
        for a, b in pairs:
            self._links[a][b] += 1
            self._links[b][a] += 1

    def join(self, a: int, b: int) -> None:
        """Make the clusters of two forms one, if they are dense enough."""
        one, two = self._of[a], self._of[b]
        if one == two:
            return
        if self._links[one][two] < DENSE * len(self._members[one]) * len(self._members[two]):
            return
        keep, gone = (one, two) if len(self._members[one]) >= len(self._members[two]) else (two, one)
        for number in self._members[gone]:
            self._of[number] = keep
        self._members[keep] += self._members[gone]
        self._members[gone] = []
        for other, number in self._links[gone].items():
            if other != keep:
                self._links[keep][other] += number
                self._links[other][keep] += number
            self._links[other].pop(gone, None)
        self._links[gone].clear()

    def members(self) -> list[list[int]]:
        return sorted(sorted(numbers) for numbers in self._members if numbers)


def head(numbers: Sequence[int], links: Mapping[tuple[int, int], Link], weigh: Weigh) -> int:
    """The form that stands for a cluster: most like all others, then the one that weighs most, then the first."""

    def rank(number: int) -> tuple[float, ...]:
        found = (links.get((min(number, other), max(number, other))) for other in numbers if other != number)
        likeness = sum(min(link.signals.body) + (link.signals.wording or 0.0) for link in found if link is not None)
        return (-round(likeness, 1), *(-part for part in weigh(number)), number)

    return min(numbers, key=rank)


def roles(found: Sequence[Sequence[int]], links: Iterable[Link]) -> list[list[int]]:
    """Clusters of one role together, as indices of `found`: of one name and described alike, or translated.

    Two groups of clusters become one where half of the pairs of them are linked.
    """
    of = {number: at for at, numbers in enumerate(found) for number in numbers}
    between: set[tuple[int, int]] = set()
    for link in links:
        a, b = sorted((of[link.a], of[link.b]))
        if a != b and link.klass in (Klass.SAME_ROLE, Klass.TRANSLATION):
            between.add((a, b))
    joined = _Clusters(len(found))
    joined.link(between)
    for a, b in sorted(between):
        joined.join(a, b)
    return joined.members()
