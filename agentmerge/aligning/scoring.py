"""How alike two units are: an IDF-weighted Tversky index of core and circumstances, with the context of both.

The index is A. Tversky's ratio model (Features of similarity, 1977) with unequal weights, so that extra detail on
one side costs little; the weights of words are inverse document frequencies (K. Sparck Jones, 1972).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agentmerge.aligning import constants as c
from agentmerge.aligning.features import Features

_ADVICE = frozenset({"", "instruction", "knowledge", "check", "communication", "identity", "trigger"})


@dataclass(frozen=True, slots=True)
class Score:
    """What the comparison of two units found."""

    value: float
    """In [0, 1]."""
    shared: tuple[str, ...]
    """Shared tokens, the weightiest first."""
    contains: int = 0
    """1 where the first contains the second in one of its parts, -1 the other way round, 0 for a paraphrase."""
    equal: bool = False


class Weights:
    """How much each token counts, by how rare it is in the variants and by what it is."""

    def __init__(self, units: Sequence[Features], form: frozenset[str], common: Mapping[str, float]) -> None:
        files = max((unit.member.file for unit in units), default=0) + 1
        totals = Counter(unit.member.file for unit in units)
        local: defaultdict[str, float] = defaultdict(float)
        for unit in units:
            for token in unit.tokens:
                local[token] += 1 / (files * totals[unit.member.file])
        self.of: dict[str, float] = {}
        for token, share in local.items():
            known = common.get(token, c.RARE)
            weight = max(0.05, -math.log(c.CORPUS_SHARE * known + (1 - c.CORPUS_SHARE) * share)) ** c.IDF_POWER
            self.of[token] = weight * (c.FORM if token in form else 1.0)


class Scorer:
    """Scores pairs of units; each score is kept."""

    def __init__(self, units: Sequence[Features], weights: Weights, context: Mapping[tuple[int, int], float]) -> None:
        self.units = units
        self.weight = weights.of
        self.context = context
        self.vectors = [{t: self.weight[t] * share for t, share in unit.tokens.items()} for unit in units]
        self.totals = [sum(vector.values()) for vector in self.vectors]
        self._known: dict[tuple[int, int], Score] = {}

    def score(self, a: int, b: int) -> Score:
        """The score of two units by their numbers; symmetric but for `contains`."""
        if a > b:
            turned = self.score(b, a)
            return Score(turned.value, turned.shared, -turned.contains, turned.equal)
        known = self._known.get((a, b))
        if known is None:
            known = self._known[a, b] = self._score(a, b)
        return known

    def _score(self, a: int, b: int) -> Score:
        first, second = self.units[a], self.units[b]
        left, right = self.vectors[a], self.vectors[b]
        shared = sorted((t for t in left if t in right), key=lambda t: (-min(left[t], right[t]), t))
        if first.words == second.words and not clash(first, second):
            return Score(1.0, tuple(shared), 0, equal=True)
        if not shared:
            return Score(0.0, ())
        context = self.context.get((first.section, second.section), 0.0)
        value = (self._tversky(a, b, shared) + context) / (1 + c.HEADINGS + c.SECTION_WORDS)
        factor = c.FACET_CLASH if clash(first, second) else 1.0
        inside, container = self._contained(a, b)
        if inside * factor >= c.CONTAINED and value * factor < c.SAME:
            return Score(c.SAME + (inside - c.CONTAINED) * 0.5, tuple(shared), container)
        return Score(min(value * factor, 0.99), tuple(shared))

    def _tversky(self, a: int, b: int, shared: Iterable[str]) -> float:
        left, right = self.vectors[a], self.vectors[b]
        common = math.fsum(min(left[t], right[t]) for t in shared)
        if not common:
            return 0.0
        lacks = sorted((self._unmatched(a, b), self._unmatched(b, a)))
        return common / (common + c.LESS_UNMATCHED * lacks[0] + c.MORE_UNMATCHED * lacks[1] + c.DOUBT)

    def _unmatched(self, a: int, b: int) -> float:
        other, ambient, own = self.vectors[b], self.units[b].ambient, self.vectors[a]
        return math.fsum(
            max(0.0, weight - other.get(t, 0.0)) * (c.AMBIENT if t in ambient and t not in other else 1.0)
            for t, weight in own.items()
        )

    def _contained(self, a: int, b: int) -> tuple[float, int]:
        """How well one part of one unit says all that the core of the other says, and which of them holds it."""
        forward = max((self._in_part(b, a, part) for part in self.units[a].parts), default=0.0)
        back = max((self._in_part(a, b, part) for part in self.units[b].parts), default=0.0)
        return (forward, 1) if forward >= back else (back, -1)

    def _in_part(self, small: int, big: int, part: frozenset[str]) -> float:
        unit, container, weight = self.units[small], self.units[big], self.weight
        shared = unit.core & part
        if not shared:
            return 0.0
        common = math.fsum(sorted(weight[t] for t in shared))
        around = container.ambient | container.core
        lack = math.fsum(sorted(weight[t] * (c.AMBIENT if t in around else 1.0) for t in unit.core - part))
        extra = math.fsum(
            sorted(weight[t] * (c.AMBIENT if t in unit.ambient or t in unit.tokens else 1.0) for t in part - unit.core)
        )
        return common / (common + c.LESS_UNMATCHED * lack + c.PART_EXTRA * extra + c.DOUBT)


def clash(a: Features, b: Features) -> bool:
    """Whether two units do different things with the same words: a deliverable, an input, a prohibition, an example."""
    if a.forbids != b.forbids:
        return True
    if a.forbids:
        return False
    return a.facet != b.facet and not (a.facet in _ADVICE and b.facet in _ADVICE)
