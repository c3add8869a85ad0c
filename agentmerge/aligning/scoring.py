"""How alike two units are: evidence from words, parts, headings and facets, weighed by a logistic model.

Words count by inverse document frequency (K. Sparck Jones, 1972). What is shared against what is not is A. Tversky's
ratio model (Features of similarity, 1977) with unequal weights, so that extra detail on one side costs little.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agentmerge.aligning import constants as c
from agentmerge.aligning import shapes
from agentmerge.aligning.features import Features

_ADVICE = frozenset({"", "instruction", "knowledge", "check", "communication"})


@dataclass(frozen=True, slots=True)
class Score:
    """What the comparison of two units found."""

    value: float
    """In [0, 1]."""
    shared: tuple[str, ...]
    """Shared tokens, the weightiest first."""
    contains: int = 0
    """1 where the first contains the second in one of its parts, -1 the other way round, 0 for a paraphrase."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for and against two units saying the same."""

    shared: tuple[str, ...]
    alike: float
    """Tversky index over all words."""
    core: float
    """Logarithm of the weight of what the cores share, shaping words left out."""
    core_lack: float
    core_excess: float
    """Logarithms of the weight of what one core says and the other unit does not: the lesser, the greater."""
    amount: float
    """Logarithm of the weight of what is shared."""
    lack: float
    excess: float
    """Logarithms of the weight of what is unmatched on the side with less and with more of it."""
    conjunct: float
    """How well one member of one core says the whole core of the other."""
    listed: float
    """How well one listed part of one unit says the whole core of the other, under the same topic."""
    exact: float
    """1 where both cores have the same words of content."""
    container: int
    """1 where the first holds that part, -1 where the second does."""
    form: float
    headings: float
    sections: float
    clash: float
    prose: float


class Weights:
    """How much each token counts, by how rare it is in the variants and by what it is."""

    def __init__(
        self, units: Sequence[Features], form: frozenset[str], common: Mapping[str, float], role: frozenset[str]
    ) -> None:
        totals = Counter(unit.member.file for unit in units)
        local: defaultdict[str, list[float]] = defaultdict(list)
        for unit in units:
            for token in unit.tokens:
                local[token].append(1 / (len(totals) * totals[unit.member.file]))
        self.form = form
        self.of: dict[str, float] = {}
        for token, shares in local.items():
            share = c.CORPUS_SHARE * common.get(token, c.RARE) + (1 - c.CORPUS_SHARE) * math.fsum(shares)
            self.of[token] = max(0.05, -math.log(share)) * (
                c.FORM if token in form else c.ROLE if token in role else 1.0
            )


class Scorer:
    """Scores pairs of units; each score is kept."""

    def __init__(
        self, units: Sequence[Features], weights: Weights, context: Mapping[tuple[int, int], tuple[float, float]]
    ) -> None:
        self.units = units
        self.weight = weights.of
        self.form = weights.form
        self.context = context
        self.vectors = [{t: self.weight[t] * share for t, share in unit.tokens.items()} for unit in units]
        self.cores = [math.fsum(self.weight[t] for t in unit.core) for unit in units]
        self._rivals: dict[tuple[int, int], tuple[float, float]] = {}
        self._evidence: dict[tuple[int, int], Evidence | None] = {}
        self._known: dict[tuple[int, int], Score] = {}

    def compete(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Note for each unit how good its two best partners in each other variant are."""
        for a, b in pairs:
            evidence = self.evidence(a, b)
            if evidence is not None:
                for one, other in ((a, b), (b, a)):
                    key = one, self.units[other].member.file
                    first, second = self._rivals.get(key, (0.0, 0.0))
                    if evidence.alike > second:
                        self._rivals[key] = (max(first, evidence.alike), min(first, evidence.alike))

    def score(self, a: int, b: int) -> Score:
        """The score of two units by their numbers; symmetric but for `contains`."""
        if a > b:
            turned = self.score(b, a)
            return Score(turned.value, turned.shared, -turned.contains)
        known = self._known.get((a, b))
        if known is None:
            known = self._known[a, b] = self._score(a, b)
        return known

    def evidence(self, a: int, b: int) -> Evidence | None:
        """The evidence about two units, None where they share no word."""
        if (a, b) not in self._evidence:
            self._evidence[a, b] = self._gather(a, b)
        return self._evidence[a, b]

    def _score(self, a: int, b: int) -> Score:
        first, second = self.units[a], self.units[b]
        evidence = self.evidence(a, b)
        if "code" in (first.kind, second.kind):
            return Score(_of_code(first, second), evidence.shared if evidence else ())
        if first.words == second.words and not clash(first, second):
            return Score(1.0, evidence.shared if evidence else ())
        if first.facet == second.facet == "identity":
            return Score(c.IDENTITY, evidence.shared if evidence else ())
        if evidence is None:
            return Score(0.0, ())
        value = 1 / (1 + math.exp(-self._logit(evidence, self._lead(a, b, evidence), self._lead(b, a, evidence))))
        contains = evidence.container if evidence.alike < max(evidence.conjunct, evidence.listed) else 0
        return Score(min(value, 0.99), evidence.shared, contains)

    def _logit(self, evidence: Evidence, lead: float, other: float) -> float:
        values = (
            evidence.alike,
            evidence.core,
            evidence.core_lack,
            evidence.core_excess,
            evidence.amount,
            evidence.lack,
            evidence.excess,
            evidence.conjunct,
            evidence.listed,
            evidence.exact,
            evidence.form,
            evidence.headings,
            evidence.sections,
            evidence.clash,
            evidence.prose,
            min(lead, other),
            max(lead, other),
        )
        return c.BIAS + math.fsum(weight * value for weight, value in zip(c.MODEL, values, strict=True))

    def _lead(self, a: int, b: int, evidence: Evidence) -> float:
        """How far the pair is ahead of the best other partner of `a` in the variant of `b`."""
        first, second = self._rivals.get((a, self.units[b].member.file), (0.0, 0.0))
        return max(c.BEHIND, evidence.alike - (second if first == evidence.alike else first))

    def _gather(self, a: int, b: int) -> Evidence | None:
        first, second = self.units[a], self.units[b]
        left, right = self.vectors[a], self.vectors[b]
        shared = sorted((t for t in left if t in right), key=lambda t: (-min(left[t], right[t]), t))
        if not shared:
            return None
        weight = self.weight
        common = math.fsum(min(left[t], right[t]) for t in shared)
        lack, excess = sorted((self._unmatched(a, b), self._unmatched(b, a)))
        core = math.fsum(weight[t] for t in shared if t in first.core and t in second.core and t not in self.form)
        lacks = sorted((self._lacking(a, b), self._lacking(b, a)))
        conjunct, listed, container = self._parts(a, b)
        headings, sections = self.context[first.section, second.section]
        return Evidence(
            tuple(shared),
            common / (common + lack + c.EXCESS * excess + c.DOUBT),
            math.log1p(core),
            math.log1p(lacks[0]),
            math.log1p(lacks[1]),
            math.log1p(common),
            math.log1p(lack),
            math.log1p(excess),
            conjunct,
            listed,
            float(core > 0 and not lacks[0] and not lacks[1]),
            container,
            _overlap(first.core & self.form, second.core & self.form),
            headings,
            sections,
            float(clash(first, second)),
            float("paragraph" in (first.kind, second.kind)),
        )

    def _lacking(self, a: int, b: int) -> float:
        """Weight of what the core of `a` says with words of content, and `b` nowhere."""
        other, ambient = self.units[b].tokens, self.units[b].ambient
        return math.fsum(
            self.weight[t] * (c.AMBIENT if t in ambient else 1.0)
            for t in self.units[a].core
            if t not in other and t not in self.form
        )

    def _unmatched(self, a: int, b: int) -> float:
        other, ambient, own = self.vectors[b], self.units[b].ambient, self.vectors[a]
        return math.fsum(weight * (c.AMBIENT if t in ambient else 1.0) for t, weight in own.items() if t not in other)

    def _parts(self, a: int, b: int) -> tuple[float, float, int]:
        """How well a member of one core, or a listed part, says the core of the other; and which unit holds it."""
        first, second = self.units[a], self.units[b]
        ours = (self._best(b, a, first.conjuncts), self._best(b, a, first.listed) * self._topic(a, b))
        theirs = (self._best(a, b, second.conjuncts), self._best(a, b, second.listed) * self._topic(b, a))
        return max(ours[0], theirs[0]), max(ours[1], theirs[1]), 1 if max(ours) >= max(theirs) else -1

    def _topic(self, container: int, unit: int) -> float:
        """How much of what a container's core is about, the headings above the other unit say."""
        core, ambient, own = self.units[container].core, self.units[unit].ambient, self.units[unit].tokens
        return math.fsum(self.weight[t] for t in core if t in ambient or t in own) / (self.cores[container] or 1.0)

    def _best(self, small: int, big: int, parts: Iterable[frozenset[str]]) -> float:
        return max((self._in_part(small, big, part) for part in parts), default=0.0)

    def _in_part(self, small: int, big: int, part: frozenset[str]) -> float:
        unit, container, weight = self.units[small], self.units[big], self.weight
        shared = unit.core & part
        if not shared:
            return 0.0
        common = math.fsum(weight[t] for t in shared)
        around = container.ambient | container.core
        lack = math.fsum(weight[t] * (c.AMBIENT if t in around else 1.0) for t in unit.core - part)
        near = unit.ambient
        excess = math.fsum(weight[t] * (c.AMBIENT if t in near or t in unit.tokens else 1.0) for t in part - unit.core)
        return common / (common + lack + c.PART_EXCESS * excess + c.PART_DOUBT)


def _of_code(a: Features, b: Features) -> float:
    """Code says the same where it is the same but for spacing, or requires the same shape."""
    if a.kind != b.kind:
        return 0.0
    return 1.0 if a.words == b.words else c.SAME_SHAPE if shapes.agree(a.member.text, b.member.text) else 0.0


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / (1 + len(a | b))


def clash(a: Features, b: Features) -> bool:
    """Whether two units do different things with the same words: a deliverable, an input, a prohibition, an example."""
    if a.forbids != b.forbids:
        return True
    if a.forbids:
        return False
    return a.facet != b.facet and not (a.facet in _ADVICE and b.facet in _ADVICE)
