"""Two units in, how alike they are out: evidence from words, parts, headings and forms, in a logistic model.

Words count by inverse document frequency (K. Sparck Jones, 1972); what no common word shows, the directions of the
texts do (`similarity`). How near a text is to most others says nothing of a pair, so that is taken off (cross-domain
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

from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching import constants as c
from agentmerge.matching.features import Features
from agentmerge.text import shapes, similarity
from agentmerge.text.similarity import Embed, Nearness, Vector, contained, cosine

UnitPair = tuple[int, int]

_STATES = frozenset({"open", "done"})
_CODE = frozenset({"code"})


class Score(NamedTuple):
    """What the comparison of two units found."""

    value: float
    """The probability that a careful reader keeps one of the two, in [0, 1]."""
    contains: int = 0
    """1 where the first then says more than the second, -1 the other way round, 0 for two of about one size."""


_EQUAL = Score(1.0)
_APART = Score(0.0)


class Evidence(NamedTuple):
    """What speaks for and against two units saying the same, wherever they stand."""

    sense: float
    """Cosine of their directions."""
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
    one_asks: float
    one_wonders: float
    one_introduces: float
    one_names_agent: float
    one_delivers: float
    """1 where one stands among what is to be delivered, and the other does not; likewise the others."""
    one_checks: float
    one_shows: float
    both_ask: float
    """1 where both open with a verb that asks for something."""
    core_sense: float
    """Cosine of the directions of their cores."""
    whole_sense: float
    """The same of the units with the headings above them."""


_WORDS = Evidence._fields.index("prose")
_SENSES = Evidence._fields.index("core_sense")
"""Where the kinds of evidence about forms begin, each 1 or 0, and those that take longest to gather."""


class Standing(NamedTuple):
    """What speaks for and against a pair where its units stand: among its rivals, and in its sections."""

    lead: float
    """How much nearer the two are than each of them is to what is nearest to it in the other's variant."""
    sections: float
    """Cosine of the directions of the sections."""


_PLACES = ("outputs", "checklists", "examples")
"""Kinds of section whose units are seldom the same as those of another kind, in the order of `Evidence`."""
_ASKS, _BOTH_ASK = 1 << 1, 1 << 8
"""Bits of `one_asks` and of `both_ask`."""


class Model:
    """The weights of the evidence: a logistic regression."""

    def __init__(self, rows: Mapping[str, float]) -> None:
        """`rows` has a weight for each kind of evidence, and the `bias`."""
        weights = [rows[name] for name in Evidence._fields]
        self.bias = rows["bias"]
        self.words, self.senses = tuple(weights[:_WORDS]), tuple(weights[_SENSES:])
        self.lead, self.sections = (rows[name] for name in Standing._fields)
        self.most = c.LONGEST * sum(abs(weight) for weight in self.senses)
        """What the cosines that are gathered last can add to the logarithm of the odds."""
        self._forms = tuple(weights[_WORDS:_SENSES])
        self._known: dict[int, float] = {}

    def forms(self, bits: int) -> float:
        """What the forms of two units say, each a bit."""
        known = self._known.get(bits)
        if known is None:
            known = self._known[bits] = sum(map(mul, self._forms, _each_bit(bits)))
        return known


def _each_bit(bits: int) -> list[int]:
    """The evidence about forms that is kept in a number."""
    return [bits >> place & 1 for place in range(_SENSES - _WORDS)]


def probability(logit: float) -> float:
    """The probability of a logarithm of odds, to six digits."""
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
        self._vectors = similarity.of(knowledge)
        self._role = role
        self._file = [unit.member.file for unit in units]
        self._section = [unit.section for unit in units]
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
        self._forms = [_form_of(unit) for unit in units]
        self._lengths = [math.log1p(len(unit.tokens)) for unit in units]
        numbers: dict[Vector, int] = {}
        self._direction = [numbers.setdefault(direction, len(numbers)) for direction in self.directions]
        self._known_near: dict[UnitPair, float] = {}
        self._sections = self._of_sections()
        self._cores: dict[int, Vector] = {}
        self._wholes: dict[int, Vector] = {}
        self._between: dict[UnitPair, float] = {}
        self._nearness = Nearness([unit.member.text for unit in units], embed) if embed else None
        self._files = max(self._file, default=0) + 1
        self._nearest = array("d", [c.FAR_OFF]) * (c.RIVALS * len(units) * self._files)
        """For each unit and variant how near its nearest there are, in a row, the nearest first."""
        self._told: dict[UnitPair, tuple[float, ...]] = {}
        self._least = c.RELATED
        self._known: dict[UnitPair, Score] = {}
        self._weighed: dict[tuple[int, int, Standing], float] = {}
        """The probability of what two units say where they stand: copies of files have the same again and again."""

    def _of_sections(self) -> Mapping[int, Vector]:
        """The direction of the units of each section."""
        found: defaultdict[int, list[Vector]] = defaultdict(list)
        for unit, direction in zip(self.units, self.directions, strict=True):
            if direction:
                found[unit.section].append(direction)
        return {number: similarity.total(rows) for number, rows in found.items()}

    def alike(self, a: int, b: int) -> UnitPair | None:
        """Numbers of what two units say, the same for units that say just the same; None where none do."""
        return (self._likeness[a], self._likeness[b]) if self._again[a] or self._again[b] else None

    def identical(self, a: int, b: int) -> bool:
        """Whether two units say just the same, in the same sense."""
        return self._likeness[a] == self._likeness[b]

    def compete(self, pairs: Iterable[UnitPair]) -> None:
        """Note how near the nearest partners of each unit are, before any of them is scored."""
        nearest = self._nearest
        for a, b in pairs:
            near = self._near(a, b)
            for at in (self._place(a, b), self._place(b, a)):
                place = at + c.RIVALS - 1
                if near > nearest[place]:
                    while place > at and near > nearest[place - 1]:
                        nearest[place] = nearest[place - 1]
                        place -= 1
                    nearest[place] = near

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

    def keep_all(self) -> None:
        """Tell scores below `RELATED`, too, for who ranks: that takes longer."""
        self._least = 0.0

    def score(self, a: int, b: int) -> Score:
        """Score of two units by their numbers, 0.0 for one that counts for none; symmetric but for `contains`."""
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
        value = self._probability(a, b)
        if value >= self._least and signed_apart(first, second):
            value *= c.CLASH
        return Score(value, self._contains(a, b)) if value >= self._least else _APART

    def _probability(self, a: int, b: int) -> float:
        """The probability of a pair; 0.0 where it cannot come to anything."""
        lead, sections = standing = self.standing(a, b)
        if not (self._again[a] or self._again[b]):
            return self._weigh(a, b, lead, sections)
        key = (self._likeness[a], self._likeness[b], standing)
        found = self._weighed.get(key)
        if found is None:
            found = self._weighed[key] = self._weigh(a, b, lead, sections)
        return found

    def _weigh(self, a: int, b: int, lead: float, sections: float) -> float:
        model = self._model
        logit = model.bias + model.lead * lead + model.sections * sections
        logit += model.forms(self._formed(a, b)) + sum(map(mul, model.words, self._said(a, b)))
        if self._nearness is not None:
            logit += c.MEANING * (self._nearness.of(a, b) - c.MEANING_AT)
        if self._least and logit + model.most < c.HOPELESS:
            return 0.0
        return probability(logit + sum(map(mul, model.senses, self._senses(a, b))))

    def _contains(self, a: int, b: int) -> int:
        longer = self._lengths[a] - self._lengths[b]
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
        """The evidence about two units."""
        return Evidence._make((*self._said(a, b), *_each_bit(self._formed(a, b)), *self._senses(a, b)))

    def standing(self, a: int, b: int) -> Standing:
        """How a pair stands among its rivals, and in its sections."""
        at, other = self._place(a, b), self._place(b, a)
        rivals = sum(self._nearest[at : at + c.RIVALS]) + sum(self._nearest[other : other + c.RIVALS])
        places = self._section[a], self._section[b]
        between = self._between.get(places)
        if between is None:
            left, right = (self._sections.get(place, ()) for place in places)
            between = self._between[places] = cosine(left, right)
        return Standing(self._near(a, b) - rivals / (2 * c.RIVALS), between)

    def _said(self, a: int, b: int) -> tuple[float, ...]:
        """The evidence up to the forms; it is kept where such units come again."""
        alike = self.alike(a, b)
        if alike is None:
            return self._gather(a, b)
        if alike not in self._told:
            self._told[alike] = self._gather(a, b)
        return self._told[alike]

    def _gather(self, a: int, b: int) -> tuple[float, ...]:
        first, second = self.units[a], self.units[b]
        left, right = self.tokens[a], self.tokens[b]
        common = left & right
        shared = sum([self.weight[token] for token in common])
        least = min(self.totals[a], self.totals[b])
        told = ((left & second.ambient) | (right & first.ambient)) - common
        return (
            self._near(a, b),
            math.log1p(shared),
            shared / least if least else 0.0,
            contained(first.letters, second.letters),
            max(self._lengths[a], self._lengths[b]),
            1.0 if first.content and first.content == second.content else 0.0,
            0.0 if first.content <= right or second.content <= left else 1.0,
            math.log1p(self._weight(told)) if told else 0.0,
        )

    def _formed(self, a: int, b: int) -> int:
        """The evidence about forms, a bit each."""
        ours, theirs = self._forms[a], self._forms[b]
        return (ours ^ theirs) | (_BOTH_ASK if ours & theirs & _ASKS else 0)

    def _senses(self, a: int, b: int) -> tuple[float, float]:
        return cosine(self._core(a), self._core(b)), cosine(self._whole(a), self._whole(b))

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
            unit.tiers,
        )
        for unit in units
    )
    return [numbers.setdefault(key, len(numbers)) for key in keys]


def _form_of(unit: Features) -> int:
    """What is evidence where only one of two units has it, a bit each, in the order of `Evidence`."""
    form = unit.form
    has = (unit.kind == "paragraph", form.asks, form.wonders, form.introduces, form.names_agent)
    return sum(1 << place for place, one in enumerate((*has, *map(unit.place.__eq__, _PLACES))) if one)


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
