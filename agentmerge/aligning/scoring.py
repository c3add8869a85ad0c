"""How alike two units are: evidence from words, parts, headings and forms, weighed by a logistic model.

Words count by inverse document frequency (K. Sparck Jones, 1972); what no common word shows, the directions of the
texts do (`vectors`). How near a text is to most others says nothing of a pair, so that is taken off (cross-domain
similarity local scaling; A. Conneau et al., Word translation without parallel data, 2018). The model is fitted on
judged pairs of many roles; `docs/alignment.md` tells what each kind of evidence is worth.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from operator import mul
from typing import NamedTuple

from agentmerge.aligning import constants as c
from agentmerge.aligning import shapes, vectors
from agentmerge.aligning.features import Features
from agentmerge.aligning.letters import likeness
from agentmerge.aligning.meaning import Embed, Nearness
from agentmerge.aligning.vectors import Vector, cosine
from agentmerge.knowledge import Knowledge

Pair = tuple[int, int]

_STATES = frozenset({"open", "done"})
_CODE = frozenset({"code"})


class Score(NamedTuple):
    """What the comparison of two units found."""

    value: float
    """The probability that a careful reader keeps one of the two, in [0, 1]."""
    contains: int = 0
    """1 where the first then says more than the second, -1 the other way round, 0 for two of about one size."""


_EQUAL = Score(1.0)


class Evidence(NamedTuple):
    """What speaks for and against two units saying the same, wherever they stand."""

    sense: float
    """Cosine of their directions."""
    core_sense: float
    """The same of their cores."""
    whole_sense: float
    """The same of the units with the headings above them."""
    shared: float
    """Logarithm of the weight of the words that both have."""
    contained: float
    """Share of these words in the weight of the one that has less besides."""
    letters: float
    """Share of the runs of letters of the shorter that the other has, too."""
    length: float
    """Logarithm of the number of words of the longer."""
    exact: float
    """1 where both cores have the same words of content."""
    both_add: float
    """1 where the core of each says something that the other does not."""
    headings: float
    """Logarithm of the weight of what one says and only the headings above the other do."""
    prose: float
    """1 where one is a paragraph and the other is not."""
    both_ask: float
    """1 where both open with a verb that asks for something."""
    one_asks: float
    one_wonders: float
    one_introduces: float
    one_names_agent: float
    one_delivers: float
    """1 where one stands among what is to be delivered, and the other does not; likewise the others."""
    one_checks: float
    one_shows: float


class Standing(NamedTuple):
    """What speaks for and against a pair where its units stand: among its rivals, and in its sections."""

    lead: float
    """How much nearer the two are than each of them is to what is nearest to it in the other's variant."""
    sections: float
    """Cosine of the directions of the sections."""


_PLACES = ("outputs", "checklists", "examples")
"""Kinds of section whose units are seldom the same as those of another kind, in the order of `Evidence`."""


class Model:
    """The weights of the evidence: a logistic regression."""

    def __init__(self, rows: Mapping[str, float]) -> None:
        """`rows` has a weight for each kind of evidence, and the `bias`."""
        self.bias = rows["bias"]
        self.evidence = tuple(rows[name] for name in Evidence._fields)
        self.standing = tuple(rows[name] for name in Standing._fields)

    def probability(self, evidence: Evidence, standing: Standing, more: float = 0.0) -> float:
        logit = self.bias + more + sum(map(mul, self.evidence, evidence)) + sum(map(mul, self.standing, standing))
        return round(1 / (1 + math.exp(-max(-30.0, min(30.0, logit)))), 6)


def model_of(knowledge: Knowledge) -> Model:
    """The model of the tables."""
    return Model(knowledge.raw("alignment")["model"])


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


class Scorer:
    """Scores pairs of units; scores that say something are kept."""

    def __init__(
        self,
        units: Sequence[Features],
        weights: Weights,
        role: frozenset[str],
        knowledge: Knowledge,
        embed: Embed | None = None,
    ) -> None:
        """`role` holds the words that name the role: a heading that says them says nothing of its own."""
        self.units = units
        self.weight = weights.of
        self.form = weights.form
        self._model = knowledge.derived(model_of)
        self._vectors = vectors.of(knowledge)
        self._role = role
        self._file = [unit.member.file for unit in units]
        self._likeness = _numbered(units)
        counts = Counter(self._likeness)
        self._again = [counts[number] > 1 for number in self._likeness]
        self.content = [unit.content for unit in units]
        # A file may say one thing a thousand times: its words are gathered and weighed once.
        said = {number: frozenset(unit.tokens) for number, unit in zip(self._likeness, units, strict=True)}
        amounts = {number: self._weight(tokens) for number, tokens in said.items()}
        self.tokens = [said[number] for number in self._likeness]
        self.totals = [amounts[number] for number in self._likeness]
        self.directions = [unit.direction for unit in units]
        numbers: dict[Vector, int] = {}
        self._direction = [numbers.setdefault(direction, len(numbers)) for direction in self.directions]
        self._known_near: dict[Pair, float] = {}
        self._sections = self._of_sections()
        self._cores: dict[int, Vector] = {}
        self._wholes: dict[int, Vector] = {}
        self._between: dict[Pair, float] = {}
        self._nearness = Nearness([unit.member.text for unit in units], embed) if embed else None
        self._files = max(self._file, default=0) + 1
        self._nearest = array("d", [c.FAR_OFF]) * (c.RIVALS * len(units) * self._files)
        """For each unit and variant how near its nearest there are, in a row."""
        self._evidence: dict[Pair, Evidence] = {}
        self._known: dict[Pair, Score] = {}
        self._weighed: dict[tuple[Pair, Standing], float] = {}
        """The probability of what two units say where they stand: copies of files have the same again and again."""

    def _of_sections(self) -> Mapping[int, Vector]:
        """The direction of the units of each section."""
        found: defaultdict[int, list[Vector]] = defaultdict(list)
        for unit, direction in zip(self.units, self.directions, strict=True):
            if direction:
                found[unit.section].append(direction)
        return {number: vectors.total(rows) for number, rows in found.items()}

    def use(self, model: Model) -> None:
        """Score with another model; what was scored before is forgotten."""
        self._model = model
        self._known.clear()
        self._weighed.clear()

    def alike(self, a: int, b: int) -> Pair | None:
        """Numbers of what two units say, the same for units that say just the same; None where none do."""
        return (self._likeness[a], self._likeness[b]) if self._again[a] or self._again[b] else None

    def identical(self, a: int, b: int) -> bool:
        """Whether two units say just the same, in the same sense."""
        return self._likeness[a] == self._likeness[b]

    def compete(self, pairs: Iterable[Pair]) -> None:
        """Note how near the nearest partners of each unit are, before any of them is scored."""
        for a, b in pairs:
            near = self._near(a, b)
            self._note(self._place(a, b), near)
            self._note(self._place(b, a), near)

    def _near(self, a: int, b: int) -> float:
        """Cosine of the directions of two units; equal ones are looked at once."""
        key = self._direction[a], self._direction[b]
        near = self._known_near.get(key)
        if near is None:
            near = self._known_near[key] = cosine(self.directions[a], self.directions[b])
        return near

    def _place(self, a: int, b: int) -> int:
        """Where the partners of `a` in the variant of `b` are noted."""
        return c.RIVALS * (a * self._files + self._file[b])

    def _note(self, at: int, near: float) -> None:
        nearest = self._nearest
        for place in range(at, at + c.RIVALS):
            if near > nearest[place]:
                near, nearest[place] = nearest[place], near

    def score(self, a: int, b: int) -> Score:
        """The score of two units by their numbers; symmetric but for `contains`."""
        if a > b:
            turned = self.score(b, a)
            return Score(turned.value, -turned.contains) if turned.contains else turned
        known = self._known.get((a, b))
        if known is None:
            known = self._score(a, b)
            if known.value >= c.RELATED:
                self._known[a, b] = known
        return known

    def _score(self, a: int, b: int) -> Score:
        first, second = self.units[a], self.units[b]
        if self.identical(a, b):
            return _EQUAL
        if not _CODE.isdisjoint((first.kind, second.kind)):
            return Score(_of_code(first, second))
        if first.words == second.words and not signed_apart(first, second):
            return _EQUAL
        if first.facet == second.facet == "identity":
            return Score(c.IDENTITY)
        near = c.MEANING * (self._nearness.of(a, b) - c.MEANING_AT) if self._nearness is not None else 0.0
        value = self._probability(a, b, near)
        if signed_apart(first, second):
            value *= c.CLASH
        return Score(value, self._contains(first, second))

    def _probability(self, a: int, b: int, near: float) -> float:
        standing, alike = self.standing(a, b), self.alike(a, b)
        if alike is None:
            return self._model.probability(self.evidence(a, b), standing, near)
        found = self._weighed.get((alike, standing))
        if found is None:
            found = self._weighed[alike, standing] = self._model.probability(self.evidence(a, b), standing, near)
        return found

    def _contains(self, a: Features, b: Features) -> int:
        longer = math.log1p(len(a.tokens)) - math.log1p(len(b.tokens))
        return 0 if abs(longer) < c.COVERS else 1 if longer > 0 else -1

    def shared(self, a: int, b: int) -> list[str]:
        """Tokens that two units share, the weightiest first."""
        left, right = self.units[a].tokens, self.units[b].tokens

        def amount(token: str) -> float:
            return self.weight[token] * min(left[token], right[token])

        return sorted(left.keys() & right.keys(), key=lambda token: (-amount(token), token))

    def _weight(self, tokens: AbstractSet[str]) -> float:
        return math.fsum(self.weight.get(token, 0.0) for token in tokens)

    # The evidence

    def evidence(self, a: int, b: int) -> Evidence:
        """The evidence about two units; it is kept where such units come again."""
        alike = self.alike(a, b)
        if alike is None:
            return self._gather(a, b)
        if alike not in self._evidence:
            self._evidence[alike] = self._gather(a, b)
        return self._evidence[alike]

    def standing(self, a: int, b: int) -> Standing:
        """How a pair stands among its rivals, and in its sections."""
        at, other = self._place(a, b), self._place(b, a)
        rivals = self._nearest[at : at + c.RIVALS] + self._nearest[other : other + c.RIVALS]
        near = self._near(a, b)
        return Standing(near - sum(rivals) / len(rivals), self._of_places(self.units[a].section, self.units[b].section))

    def _of_places(self, left: int, right: int) -> float:
        if (left, right) not in self._between:
            self._between[left, right] = cosine(self._sections.get(left, ()), self._sections.get(right, ()))
        return self._between[left, right]

    def _gather(self, a: int, b: int) -> Evidence:
        first, second = self.units[a], self.units[b]
        common = self.tokens[a] & self.tokens[b]
        shared = sum([self.weight[token] for token in common])
        least = min(self.totals[a], self.totals[b])
        asks = first.form.asks + second.form.asks
        ours, theirs = self.tokens[a] - common, self.tokens[b] - common
        told = (ours & second.ambient) | (theirs & first.ambient)
        return Evidence(
            self._near(a, b),
            cosine(self._core(a), self._core(b)),
            cosine(self._whole(a), self._whole(b)),
            math.log1p(shared),
            shared / least if least else 0.0,
            likeness(first.letters, second.letters)[1],
            math.log1p(max(len(first.tokens), len(second.tokens))),
            float(bool(first.content) and first.content == second.content),
            float(not (first.content <= self.tokens[b] or second.content <= self.tokens[a])),
            math.log1p(self._weight(told)) if told else 0.0,
            float((first.kind == "paragraph") != (second.kind == "paragraph")),
            float(asks == 2),
            float(asks == 1),
            float(first.form.wonders != second.form.wonders),
            float(first.form.introduces != second.form.introduces),
            float(first.form.names_agent != second.form.names_agent),
            *[float((first.place == kind) != (second.place == kind)) for kind in _PLACES],
        )

    def _core(self, unit: int) -> Vector:
        if unit not in self._cores:
            self._cores[unit] = self._vectors.of(self.units[unit].core)
        return self._cores[unit]

    def _whole(self, unit: int) -> Vector:
        if unit not in self._wholes:
            said = [*self.units[unit].tokens, *sorted(self.units[unit].ambient - self._role)]
            self._wholes[unit] = self._vectors.of(said)
        return self._wholes[unit]

    # What contradictions ask

    def about_the_same(self, a: int, b: int, *, core: bool = False) -> bool:
        """Whether two units share enough, in their cores or anywhere, and the core of neither says much besides."""
        lacking, exceeding = sorted((self._lacking(a, b), self._lacking(b, a)))
        if lacking or math.log1p(exceeding) > c.LITTLE:
            return False
        shared = self._weight(self.content[a] & self.content[b]) if core else self._in_both(a, b)
        return math.log1p(shared) >= c.ENOUGH

    def _in_both(self, a: int, b: int) -> float:
        """Weight of what two units share, what stands in the circumstances of either for less."""
        left, right = self.units[a].tokens, self.units[b].tokens
        return math.fsum([self.weight[t] * min(left[t], right[t]) for t in left.keys() & right.keys()])

    def _lacking(self, a: int, b: int) -> float:
        """Weight of what the core of `a` says with words of content, and `b` nowhere; less where its headings do."""
        missing = self.content[a] - self.tokens[b]
        return self._weight(missing) - (1 - c.AMBIENT) * self._weight(missing & self.units[b].ambient)


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


def _of_code(a: Features, b: Features) -> float:
    """Code says the same where it is the same but for spacing, or requires the same shape."""
    if a.kind != b.kind or a.stance.against(b.stance):
        return 0.0
    return 1.0 if a.words == b.words else c.SAME_SHAPE if shapes.agree(a.block, b.block) else 0.0


def signed_apart(a: Features, b: Features) -> bool:
    """Whether signs in the two units say different things: ✅ against ❌, or another grade."""
    if a.stance.grade and b.stance.grade and a.stance.grade != b.stance.grade:
        return True
    return len(a.told) == len(b.told) and a.told != b.told and not {*a.told, *b.told} <= _STATES
