"""How alike two units are: evidence from words, parts, headings and facets, weighed by a logistic model.

Words count by inverse document frequency (K. Sparck Jones, 1972). What is shared against what is not is A. Tversky's
ratio model (Features of similarity, 1977) with unequal weights, so that extra detail on one side costs little.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from operator import mul
from typing import NamedTuple

from agentmerge.aligning import constants as c
from agentmerge.aligning import shapes
from agentmerge.aligning.features import Features
from agentmerge.aligning.letters import likeness
from agentmerge.aligning.meaning import Embed, Nearness

Pair = tuple[int, int]

_STATES = frozenset({"open", "done"})
_ADVICE = frozenset({"", "instruction", "knowledge", "check", "communication"})


class Score(NamedTuple):
    """What the comparison of two units found."""

    value: float
    """In [0, 1]."""
    contains: int = 0
    """1 where the first contains the second in one of its parts, -1 the other way round, 0 for a paraphrase."""


_EQUAL = Score(1.0)


class Evidence(NamedTuple):
    """What their own words and the headings above say for and against two units saying the same."""

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
    clash: float
    prose: float
    rarest: float
    """Weight of the rarest word of content that the cores share."""
    head: float
    """1 where the last word of content of both cores is the same."""
    detailed: float
    """1 where both go into detail."""
    resemblance: float
    """Share of the runs of letters of both that they have in common."""
    containment: float
    """Share of the runs of letters of the shorter that the other has too."""


Standing = tuple[float, float, float, float, float, float]
"""How alike the titles, and the words, of the sections of two units are; how far the pair is ahead of the best other
partner of either unit in the other's variant: the lesser lead, the greater; how many partners either unit has there
at most, as a logarithm; how much the heading of either one adds that the other side does not say."""


class Weights:
    """How much each token counts, by how rare it is in the variants and by what it is."""

    def __init__(
        self, units: Sequence[Features], form: frozenset[str], common: Mapping[str, float], role: frozenset[str]
    ) -> None:
        totals = Counter(unit.member.file for unit in units)
        counts: defaultdict[int, Counter[str]] = defaultdict(Counter)
        for unit in units:
            counts[unit.member.file].update(unit.tokens.keys())
        local: defaultdict[str, list[float]] = defaultdict(list)
        for file, found in counts.items():
            for token, count in found.items():
                local[token].append(count / (len(totals) * totals[file]))
        own = c.OWN_SHARE * len(units) / (len(units) + c.FEW_UNITS)
        self.form = form
        self.of: dict[str, float] = {}
        for token, shares in local.items():
            share = (1 - own) * common.get(token, c.RARE) + own * math.fsum(shares)
            kind = c.FORM if token in form else c.ROLE if token in role else 1.0
            self.of[token] = _exact(max(0.05, -math.log(share)) * kind)


def _exact(weight: float) -> float:
    """A weight as a multiple of 1/1024, so that a sum of weights is exact and the same in any order."""
    return round(weight * 1024) / 1024


def _vector(
    shares: Mapping[str, float], weight: Mapping[str, float], known: Mapping[float, dict[str, float]]
) -> dict[str, float]:
    """The weights of a unit's tokens; `known` holds them by share."""
    vector = {}
    for token, share in shares.items():
        row = known[share]
        if token not in row:
            row[token] = _exact(weight[token] * share)
        vector[token] = row[token]
    return vector


class Scorer:
    """Scores pairs of units; scores that say something are kept."""

    def __init__(
        self,
        units: Sequence[Features],
        weights: Weights,
        context: Mapping[Pair, tuple[float, float]],
        subjects: Sequence[frozenset[str]],
        embed: Embed | None = None,
    ) -> None:
        """`context` and `subjects` are of sections by their number: how alike two are, and what a title names."""
        self.units = units
        self.weight = weights.of
        self.form = weights.form
        self.context = context
        self._file = [unit.member.file for unit in units]
        self._likeness = _numbered(units)
        counts = Counter(self._likeness)
        self._again = [counts[number] > 1 for number in self._likeness]
        exact: defaultdict[float, dict[str, float]] = defaultdict(dict)
        self.vectors = [_vector(unit.tokens, self.weight, exact) for unit in units]
        self.totals = [sum(vector.values()) for vector in self.vectors]
        self.cores = [sum(self.weight[t] for t in unit.core) for unit in units]
        self.content = [unit.content for unit in units]
        self._tokens = [frozenset(unit.tokens) for unit in units]
        self._shaping = [unit.core & self.form for unit in units]
        self._parts = [frozenset[str]().union(*unit.conjuncts, *unit.listed) for unit in units]
        """All that stands in a member of an enumeration or a clause."""
        self._about = [unit.ambient | unit.core for unit in units]
        """The headings above each unit with its core, and with all its words."""
        self._said = [unit.ambient | tokens for unit, tokens in zip(units, self._tokens, strict=True)]
        content = [tokens - self.form for tokens in self._tokens]
        self._amounts = [self._weight(tokens) for tokens in content]
        """How much each unit says."""
        self._detailed = [
            self._weight(tokens - unit.core) > c.DETAILED for tokens, unit in zip(content, units, strict=True)
        ]
        self._subjects = [subjects[unit.section] for unit in units]
        """What the title above each unit names."""
        self._nearness = None if embed is None else Nearness([unit.member.text for unit in units], embed)
        self._files = max(self._file, default=0) + 1
        self._rivals = array("d", bytes(8 * 3 * len(units) * self._files))
        """For each unit and variant three numbers in a row: the two best partners there, and how many there are."""
        self._evidence: dict[Pair, Evidence | None] = {}
        self._weighed: dict[tuple[Pair, Standing], Score] = {}
        self._known: dict[Pair, Score] = {}

    def alike(self, a: int, b: int) -> Pair | None:
        """Numbers of what two units say, the same for units that say just the same; None where none do."""
        return (self._likeness[a], self._likeness[b]) if self._again[a] or self._again[b] else None

    def identical(self, a: int, b: int) -> bool:
        """Whether two units say just the same, in the same sense."""
        return self._likeness[a] == self._likeness[b]

    def compete(self, pairs: Iterable[Pair]) -> Iterator[tuple[Pair, Pair | None, Evidence | None]]:
        """The pairs with what `alike` says and their evidence, after noting how good each unit's best partners are.

        Only units of two variants compete, so the evidence is held for two variants at a time.
        """
        by_files: defaultdict[Pair, list[Pair]] = defaultdict(list)
        for a, b in pairs:
            by_files[self._file[a], self._file[b]].append((a, b))
        for between in by_files.values():
            found = [(pair, alike := self.alike(*pair), self.evidence(*pair, alike)) for pair in between]
            for pair, _, evidence in found:
                if evidence is not None:
                    self._rate(*pair, evidence.alike)
            yield from found

    def _rate(self, a: int, b: int, alike: float) -> None:
        """Note how good the two best partners of each unit in the other variant are, and how many it has."""
        rivals = self._rivals
        for at in (self._place(a, b), self._place(b, a)):
            if alike > rivals[at]:
                rivals[at], rivals[at + 1] = alike, rivals[at]
            elif alike > rivals[at + 1]:
                rivals[at + 1] = alike
            rivals[at + 2] += 1

    def _place(self, a: int, b: int) -> int:
        """Where the partners of `a` in the variant of `b` are noted."""
        return 3 * (a * self._files + self._file[b])

    def score(self, a: int, b: int) -> Score:
        """The score of two units by their numbers; symmetric but for `contains`."""
        if a > b:
            turned = self.score(b, a)
            return Score(turned.value, -turned.contains) if turned.contains else turned
        known = self._known.get((a, b))
        if known is not None:
            return known
        alike = self.alike(a, b)
        return self.judge(a, b, alike, self.evidence(a, b, alike))

    def evidence(self, a: int, b: int, alike: Pair | None) -> Evidence | None:
        """The evidence about two units, None where they share no word. It is kept where such units come again."""
        if alike is None:
            return self._gather(a, b)
        if alike not in self._evidence:
            self._evidence[alike] = self._gather(a, b)
        return self._evidence[alike]

    def judge(self, a: int, b: int, alike: Pair | None, evidence: Evidence | None) -> Score:
        """The score of two units with this evidence, `a` the first of them."""
        if alike is not None and alike[0] == alike[1]:
            return _EQUAL
        found = self._score(a, b, alike, evidence)
        if found.value >= c.RELATED:
            self._known[a, b] = found
        return found

    def _score(self, a: int, b: int, alike: Pair | None, evidence: Evidence | None) -> Score:
        first, second = self.units[a], self.units[b]
        if "code" in (first.kind, second.kind):
            return Score(_of_code(first, second))
        if first.words == second.words and not clash(first, second):
            return _EQUAL
        if first.facet == second.facet == "identity":
            return Score(c.IDENTITY)
        if evidence is None:
            return Score(0.0)
        standing = self._standing(a, b, evidence)
        if alike is None:
            return self._weigh(a, b, evidence, standing)
        if (alike, standing) not in self._weighed:
            self._weighed[alike, standing] = self._weigh(a, b, evidence, standing)
        return self._weighed[alike, standing]

    def _weigh(self, a: int, b: int, evidence: Evidence, standing: Standing) -> Score:
        """The score by the model, and by the rules that stand above it."""
        first, second = self.units[a], self.units[b]
        logit: float = c.BIAS + sum(map(mul, c.MODEL, _values(evidence, standing)))
        if self._nearness is not None:
            logit += c.MEANING * (self._nearness.of(a, b) - c.MEANING_AT)
        value = 1 / (1 + math.exp(-logit))
        contains = evidence.container if evidence.alike < max(evidence.conjunct, evidence.listed) else 0
        # Pairs of ideographs overlap: a word that one side lacks takes its neighbours with it.
        words = "cjk" not in (first.language, second.language)
        apart = (words and evidence.core_lack >= c.OTHER_SUBJECT) or _aims_apart(first, second)
        if evidence.clash:
            value *= c.CLASH
        elif first.quantities and second.quantities and self._agree_on_a_number(first, second):
            value = max(value, c.SAME_NUMBER)
        elif apart and not contains:
            value *= c.CLASH
        return Score(min(value, 0.99), contains)

    def shared(self, a: int, b: int) -> list[str]:
        """Tokens that two units share, the weightiest first."""
        left, right = self.vectors[a], self.vectors[b]
        return sorted(left.keys() & right.keys(), key=lambda token: (-min(left[token], right[token]), token))

    def _agree_on_a_number(self, a: Features, b: Features) -> bool:
        """Whether both ask for the same number of the same thing."""
        return any(
            one.measure and one.bound == other.bound and one.same(other) and self._same_metric(one.about, other.about)
            for one in a.quantities
            for other in b.quantities
        )

    def _same_metric(self, a: frozenset[str], b: frozenset[str]) -> bool:
        """Whether at least half of what the shorter of two texts names stands in the other."""
        a, b = a - self.form, b - self.form
        shared, least = self._weight(a & b), min((len(tokens), self._weight(tokens)) for tokens in (a, b))[1]
        return shared > 0 and shared * 2 >= least

    def _weight(self, tokens: AbstractSet[str]) -> float:
        return math.fsum(self.weight.get(token, 0.0) for token in tokens)

    def values(self, a: int, b: int, evidence: Evidence) -> tuple[float, ...]:
        """What the model weighs, in the order of `constants.MODEL`."""
        return _values(evidence, self._standing(a, b, evidence))

    def _standing(self, a: int, b: int, evidence: Evidence) -> Standing:
        lead, partners = self._lead(a, b, evidence)
        other, others = self._lead(b, a, evidence)
        headings, sections = self.context[self.units[a].section, self.units[b].section]
        crowd = math.log1p(max(partners, others))
        strange = max(self._strange(a, b), self._strange(b, a))
        return headings, sections, min(lead, other), max(lead, other), crowd, strange

    def _lead(self, a: int, b: int, evidence: Evidence) -> tuple[float, float]:
        """How far the pair is ahead of the best other partner of `a` in the variant of `b`; how many `a` has there."""
        alike, at = evidence.alike, self._place(a, b)
        first, second, partners = self._rivals[at : at + 3]
        return max(c.BEHIND, alike - (second if first == alike else first)), partners

    def _strange(self, a: int, b: int) -> float:
        """How much the title above `a` names that the side of `b` does not say, beside what `a` says itself."""
        missing = self._subjects[a] - self._said[b]
        if not missing:
            return 0.0
        return math.log1p(sum([self.weight.get(t, c.TITLE_WORD) for t in missing])) / (1 + self._amounts[a])

    def _gather(self, a: int, b: int) -> Evidence | None:
        first, second = self.units[a], self.units[b]
        left, right = self.vectors[a], self.vectors[b]
        common = self._tokens[a] & self._tokens[b]
        if not common:
            return None
        amount = sum([min(left[token], right[token]) for token in common])
        named = [self.weight[token] for token in common & self.content[a] & self.content[b]]
        core = sum(named)
        lack, excess = self._unmatched(a, b, common), self._unmatched(b, a, common)
        if lack > excess:
            lack, excess = excess, lack
        core_lack, core_excess = self._lacking(a, b), self._lacking(b, a)
        if core_lack > core_excess:
            core_lack, core_excess = core_excess, core_lack
        conjunct, listed, container = self._containment(a, b)
        return Evidence(
            amount / (amount + lack + c.EXCESS * excess + c.DOUBT),
            math.log1p(core),
            math.log1p(core_lack),
            math.log1p(core_excess),
            math.log1p(amount),
            math.log1p(lack),
            math.log1p(excess),
            conjunct,
            listed,
            float(core > 0 and not core_lack and not core_excess),
            container,
            _overlap(self._shaping[a], self._shaping[b]),
            float(clash(first, second)),
            float("paragraph" in (first.kind, second.kind)),
            max(named, default=0.0),
            float(bool(first.head) and first.head == second.head),
            float(self._detailed[a] and self._detailed[b]),
            *likeness(first.letters, second.letters),
        )

    def _lacking(self, a: int, b: int) -> float:
        """Weight of what the core of `a` says with words of content, and `b` nowhere."""
        missing = self.content[a] - self._tokens[b]
        return self._discounted(missing, self.units[b].ambient) if missing else 0.0

    def _discounted(self, tokens: AbstractSet[str], near: AbstractSet[str]) -> float:
        """Weight of tokens, those that the other side's headings say for less."""
        weight = self.weight
        return sum([weight[t] for t in tokens]) - (1 - c.AMBIENT) * sum([weight[t] for t in tokens & near])

    def _unmatched(self, a: int, b: int, common: AbstractSet[str]) -> float:
        """Weight of what `a` says and `b` does not."""
        own = self.vectors[a]
        near = (self._tokens[a] & self.units[b].ambient) - common
        missing = self.totals[a] - sum([own[t] for t in common])
        return missing - (1 - c.AMBIENT) * sum([own[t] for t in near]) if near else missing

    def _containment(self, a: int, b: int) -> tuple[float, float, int]:
        """How well a member of one core, or a listed part, says the core of the other; and which unit holds it."""
        ours, theirs = self._holds(a, b), self._holds(b, a)
        left, right = (
            (max(ours), self.totals[a], self.units[a].words),
            (max(theirs), self.totals[b], self.units[b].words),
        )
        return max(ours[0], theirs[0]), max(ours[1], theirs[1]), 1 if left >= right else -1

    def _holds(self, container: int, small: int) -> tuple[float, float]:
        unit = self.units[container]
        if self._parts[container].isdisjoint(self.units[small].core):
            return 0.0, 0.0
        conjunct = self._best(small, container, unit.conjuncts) if unit.conjuncts else 0.0
        listed = self._best(small, container, unit.listed) if unit.listed else 0.0
        return conjunct, listed * self._topic(container, small) if listed else 0.0

    def _topic(self, container: int, unit: int) -> float:
        """How much of what a container's core is about, the headings above the other unit say."""
        said = self.units[container].core & self._said[unit]
        return sum([self.weight[t] for t in said]) / (self.cores[container] or 1.0)

    def _best(self, small: int, big: int, parts: Iterable[frozenset[str]]) -> float:
        """How well the best part says the core of a unit."""
        core, total, weight = self.units[small].core, self.cores[small], self.weight
        best = 0.0
        for part in parts:
            if not core.isdisjoint(part):
                common = sum([weight[t] for t in core & part])
                # As if the headings said all that the part lacks, and it said nothing else.
                if common / (common + c.AMBIENT * (total - common) + c.PART_DOUBT) >= best:
                    best = max(best, self._in_part(small, big, part, common))
        return best

    def _in_part(self, small: int, big: int, part: frozenset[str], common: float) -> float:
        core = self.units[small].core
        lacking, exceeding = core - part, part - core
        lack = self._discounted(lacking, self._about[big]) if lacking else 0.0
        excess = self._discounted(exceeding, self._said[small]) if exceeding else 0.0
        return common / (common + lack + c.PART_EXCESS * excess + c.PART_DOUBT)


def _numbered(units: Sequence[Features]) -> list[int]:
    """A number for each unit; units with the same number give the same evidence."""
    numbers: dict[tuple[object, ...], int] = {}
    keys = (
        (
            unit.member.text,
            unit.kind == "code" and unit.block,
            unit.kind,
            unit.language,
            unit.facet,
            unit.forbids,
            unit.stance,
            unit.ambient,
        )
        for unit in units
    )
    return [numbers.setdefault(key, len(numbers)) for key in keys]


def _values(evidence: Evidence, standing: Standing) -> tuple[float, ...]:
    headings, sections, lead, other, crowd, strange = standing
    return (
        evidence.alike,
        evidence.core,
        evidence.core_lack,
        evidence.amount,
        evidence.lack,
        evidence.excess,
        evidence.conjunct,
        evidence.listed,
        evidence.exact,
        evidence.form,
        headings,
        sections,
        evidence.clash,
        evidence.prose,
        evidence.rarest,
        evidence.head,
        lead,
        other,
        evidence.exact * evidence.core,
        crowd,
        strange,
        evidence.detailed,
        evidence.resemblance,
        evidence.containment,
    )


def _of_code(a: Features, b: Features) -> float:
    """Code says the same where it is the same but for spacing, or requires the same shape."""
    if a.kind != b.kind or a.stance.against(b.stance):
        return 0.0
    return 1.0 if a.words == b.words else c.SAME_SHAPE if shapes.agree(a.block, b.block) else 0.0


def _aims_apart(a: Features, b: Features) -> bool:
    """Whether both apply the same thing, each to something that the other does not name at all."""
    return bool(a.aim and b.aim) and a.aim.isdisjoint(b.tokens) and b.aim.isdisjoint(a.tokens)


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / (1 + len(a | b))


def clash(a: Features, b: Features) -> bool:
    """Whether two units do different things with the same words: a deliverable, an input, a prohibition, an example."""
    if a.forbids != b.forbids or signed_apart(a, b):
        return True
    if a.forbids or a.facet == b.facet or {a.facet, b.facet} <= _ADVICE:
        return False
    return not (_made_by(a, b) or _made_by(b, a))


def signed_apart(a: Features, b: Features) -> bool:
    """Whether signs in the two units say different things: ✅ against ❌, or another grade."""
    if a.stance.grade and b.stance.grade and a.stance.grade != b.stance.grade:
        return True
    return len(a.told) == len(b.told) and a.told != b.told and not {*a.told, *b.told} <= _STATES


def _made_by(deliverable: Features, order: Features) -> bool:
    """Whether an instruction asks to make just what is to be delivered."""
    whole = deliverable.content == order.content and len(order.content) > 1
    return whole and order.makes and deliverable.facet == "deliverable" and order.facet in _ADVICE
