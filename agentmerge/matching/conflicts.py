"""Two units or sections in, out what can't hold in both: thresholds, opposites, tiers, shapes, whom a task goes to."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

from agentmerge.knowledge.signs import turned as turned_signs
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching import constants as c
from agentmerge.matching import features
from agentmerge.matching.features import Features, Quantity
from agentmerge.matching.records import Group
from agentmerge.matching.scoring import Scorer, UnitPair
from agentmerge.text import lexicon, shapes
from agentmerge.text.lexicon import contrary
from agentmerge.text.sequences import nearest

# Slots ----------------------------------------------------------------------------------------------------------------
#
# Contradictions that are told by what two variants fill a slot with: whom a task goes to, how severity is graded.


LABELS = 3
"""Grades in a row that make a scale."""
SCALE = 0.7
"""Score of two scales that differ."""
FORM = 0.8
"""Score of two forms in which alone an answer is given."""


class Handover(NamedTuple):
    """A statement that gives a task to somebody."""

    target: str
    task: str
    """The words of the statement but for the verb and the target."""


class Slots:
    """Reads slots. Patterns are compiled when a text needs them."""

    def __init__(self, knowledge: Knowledge) -> None:
        words = knowledge.raw("words")
        self._verbs, self._ends = (tuple(words["handover"][name]) for name in ("verbs", "ends"))
        self._titles = frozenset(words["handover"]["titles"])
        self._scales = [_Scale(row.split()) for row in words["severity"]["scales"]]
        rows = words["format"]
        self._answers, self._gives, self._about, self._alone = (
            _whole(rows[name]) for name in ("verbs", "giving", "answers", "alone")
        )
        self._forms = {name: _whole(row) for name, row in rows["forms"].items()}

    @cached_property
    def _handover(self) -> re.Pattern[str]:
        word = rf"(?!(?:the|an?|your|{_any(self._ends)})(?![\w-]))[\w@/-]+"
        return re.compile(
            rf"\b(?:{_any(self._verbs)})\b(?P<task>[^.;:]{{0,60}}?)\bto (?:the |an? |your )?"
            rf"(?P<target>{word}(?: {word}){{0,2}})"
        )

    def handover(self, words: str) -> Handover | None:
        """The one handover of a statement, None where there is none, or more than one."""
        if " to " not in words or not any(verb in words for verb in self._verbs):
            return None
        found = list(self._handover.finditer(words))
        if len(found) != 1:
            return None
        match = found[0]
        task = f"{words[: match.start()]} {match['task']} {words[match.end() :]}"
        named = [word for word in re.split(r"[\s/@_-]+", match["target"]) if word and word not in self._titles]
        return Handover(" ".join(named), task) if named else None

    def forms(self, words: str) -> frozenset[str]:
        """The forms of which a statement says that the agent answers in them alone; none for any other statement."""
        named = frozenset(name for name, form in self._forms.items() if form.search(words))
        if not named or not self._alone.search(words):
            return frozenset()
        first = words.split(":", 1)[0] if words.count(":") == 1 else words
        opens = " ".join(words.split()[:_OPENING]), " ".join(first.split()[:_OPENING])
        if any(self._answers.search(text) for text in opens):
            return named
        gives = any(self._gives.search(text) for text in opens)
        return named if gives and self._about.search(words) else frozenset()

    def scale_name(self, number: int) -> str:
        """The grades of a scale."""
        return "/".join(self._scales[number].labels)

    def scales(self, units: Sequence[Features]) -> Mapping[int, Features]:
        """The scales of severity in one variant by their number, each with the unit where it first stands."""
        found: dict[int, Features] = {}
        for number, scale in enumerate(self._scales):
            said = [unit for unit in units if scale.top in unit.words]
            unit = scale.found(said, units) if said else None
            if unit is not None:
                found[number] = unit
        return found


class _Scale:
    """One scale of severity."""

    def __init__(self, labels: Sequence[str]) -> None:
        self.labels, self.top = labels, labels[0]

    @cached_property
    def _row(self) -> re.Pattern[str]:
        label = rf"(?:{_any(self.labels)})\b(?:\s*\([^)]{{0,40}}\))?"
        return re.compile(rf"\b{label}(?:\W+(?:(?:and|or|then)\W+)?{label}){{{LABELS - 1},}}")

    @cached_property
    def _start(self) -> re.Pattern[str]:
        return re.compile(
            rf"\W*(?P<label>{_any(self.labels)})\b(?: (?:issues?|severity|priority|findings?))?"
            r"\s*(?:\([^)]*\))?\s*(?:[:–—-]|\Z)"
        )

    def found(self, said: Iterable[Features], units: Sequence[Features]) -> Features | None:
        """The first unit that names the grades in a row, or the first of those under one heading that open with one."""
        for unit in said:
            if any(self.top in match[0] for match in self._row.finditer(unit.words)):
                return unit
        opened: dict[int, dict[str, Features]] = {}
        for unit in units:
            match = self._start.match(unit.words)
            if match:
                opened.setdefault(unit.section, {}).setdefault(match["label"], unit)
        whole = (grades for grades in opened.values() if len(grades) >= LABELS and self.top in grades)
        return next((next(iter(grades.values())) for grades in whole), None)


_OPENING = 4
"""Words in which a statement says what it asks for: `You must always respond`."""


def form_groups(units: Sequence[Features], knowledge: Knowledge) -> Iterator[Group]:
    """A contradiction for each two variants that answer in one form alone, each in another."""
    said: dict[int, list[tuple[Features, frozenset[str]]]] = {}
    for unit in units:
        forms = of(knowledge).forms(unit.words) if unit.kind in ("item", "paragraph") else frozenset[str]()
        if forms:
            said.setdefault(unit.member.file, []).append((unit, forms))
    for first, second in combinations(sorted(said), 2):
        left, right = (frozenset[str]().union(*(forms for _, forms in said[file])) for file in (first, second))
        if left.isdisjoint(right):
            members = (said[first][0][0].member, said[second][0][0].member)
            named = " and ".join("/".join(sorted(forms)) for forms in (left, right))
            yield Group(members, "contradicts", FORM, f"different form of the answer: {named}", slot="output format")


def scale_groups(units: Sequence[Features], knowledge: Knowledge) -> Iterator[Group]:
    """A contradiction for each two variants that grade severity by different scales."""
    by_file: dict[int, list[Features]] = {}
    for unit in units:
        by_file.setdefault(unit.member.file, []).append(unit)
    scales = {file: of(knowledge).scales(own) for file, own in by_file.items()}
    for first, second in combinations(sorted(scales), 2):
        left, right = scales[first], scales[second]
        if left and right and left.keys().isdisjoint(right):
            members = (next(iter(left.values())).member, next(iter(right.values())).member)
            named = " and ".join(of(knowledge).scale_name(next(iter(one))) for one in (left, right))
            yield Group(members, "contradicts", SCALE, f"different severity scale: {named}", slot="severity scale")


def _whole(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){_bracketed(words)}(?![\w-])")


def _bracketed(words: Iterable[str]) -> str:
    return f"(?:{_any(words)})"


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


def of(knowledge: Knowledge) -> Slots:
    """The slots that are known."""
    return knowledge.derived(Slots)


# Conflicts ------------------------------------------------------------------------------------------------------------
#
# What cannot both hold: two thresholds of a metric, a rule and its opposite, all against some, two shapes.


MAX_APART = 4
"""Tokens that only one of two opposites has; looking for opposed words takes longer than all other tests."""


class Conflict(NamedTuple):
    """Why two units contradict each other."""

    slot: str
    reason: str
    score: float


def find(first: int, second: int, scorer: Scorer, knowledge: Knowledge) -> Conflict | None:
    """The contradiction of two units, None where both can hold."""
    a, b = scorer.units[first], scorer.units[second]
    tiered = _of_tiers(first, second, scorer, knowledge)
    if tiered is not None:
        return tiered
    if "code" in (a.kind, b.kind):
        return _of_shapes(a, b)
    if "example" in (a.facet, b.facet):
        return _of_signs(first, second, scorer, knowledge)
    found = (
        _of_quantities(a, b, scorer.weight, scorer.form, knowledge)
        or _of_opposites(first, second, scorer, knowledge)
        or _of_asking(a, b, knowledge)
        or _of_signs(first, second, scorer, knowledge)
    )
    if found is not None:
        return found
    if _differ_in_grade(first, second, scorer):
        words = _named(scorer.shared(first, second)[:2], a, b, knowledge=knowledge)
        reason = f"different severity for {words}: {a.stance.grade} and {b.stance.grade}"
        return Conflict(f"severity of {words}", reason, 0.7)
    if not (_differ_in_modality(first, second, scorer) or _differ_in_scope(first, second, scorer)):
        return None
    words = _named(scorer.shared(first, second)[:2], a, b, knowledge=knowledge)
    if a.forbids != b.forbids:
        return Conflict(words, f"one asks for what the other forbids: {words}", 0.7)
    return Conflict(f"scope of {words}", f"one for all, the other for some: {words}", 0.6)


def parted(first: int, second: int, scorer: Scorer) -> bool:
    """Whether the headings above two units make different things of one text: they are never the same."""
    return any(features.parted(scorer.units[first].tiers, scorer.units[second].tiers))


def _of_tiers(first: int, second: int, scorer: Scorer, knowledge: Knowledge) -> Conflict | None:
    """One action in two tiers that can't both hold; what forbids in its own words does so in either."""
    a, b = scorer.units[first], scorer.units[second]
    if not a.tiers or not b.tiers or a.negates or b.negates:
        return None
    known = features.of(knowledge)
    for one, other in features.parted(a.tiers, b.tiers):
        if known.conflict(one, other) and (a.words == b.words or _about_the_same(first, second, scorer)):
            words = _named(scorer.shared(first, second)[:2], a, b, knowledge=knowledge)
            reason = f"one stands under '{one.title}', the other under '{other.title}': {words}"
            return Conflict(f"{one.axis} of {words}", reason, 0.8)
    return None


def _of_shapes(a: Features, b: Features) -> Conflict | None:
    if a.words == b.words and a.stance.against(b.stance):
        return Conflict("example", "one calls right what the other calls wrong", 0.7)
    found = shapes.disagreement(a.block, b.block)
    return Conflict(found[0], f"different required shape: {found[1]}", 0.9) if found else None


def _of_quantities(
    a: Features, b: Features, weight: Mapping[str, float], form: frozenset[str], knowledge: Knowledge
) -> Conflict | None:
    for one in a.quantities:
        for other in b.quantities:
            metric = _metric(one, other, weight, form)
            if metric and one.value != other.value and not any(one.same(q) for q in b.quantities):
                name = _named(metric, a, b, knowledge=knowledge)
                return Conflict(name, f"different threshold for {name}: {one} and {other}", 0.8)
    return None


def _of_opposites(first: int, second: int, scorer: Scorer, knowledge: Knowledge) -> Conflict | None:
    """Two statements that differ in a word and its opposite, or in the order of what a word of order joins."""
    left, right = scorer.tokens[first], scorer.tokens[second]
    if abs(len(left) - len(right)) > MAX_APART or len(left ^ right) > MAX_APART:
        return None
    a, b = scorer.units[first], scorer.units[second]
    if a.words == b.words:
        return None
    found = contrary(a.words, b.words, knowledge)
    if found is None or a.forbids != b.forbids:
        return None
    words = _named(sorted(a.content & b.content)[:2], a, b, knowledge=knowledge) or found[0]
    told = f"'{found[0]}' against '{found[1]}'" if found[0] != found[1] else f"the other way round about '{found[0]}'"
    return Conflict(words, f"opposites, {told}: {words}", 0.8)


class _Asking:
    """Reads what a statement asks about first, and what it forbids."""

    def __init__(self, knowledge: Knowledge) -> None:
        rows = knowledge.raw("words")["negation"]
        asks, order = _bracketed(rows["first"]), _bracketed(rows["order"])
        start, before = r"(?:(?:always|please|also|you|must|should) )*", "(?:before|prior to) (?:you )?"
        self._asks = re.compile(rf"{start}{asks}\b[^,.;:]{{0,40}}? {before}(?P<act>.+)")
        self._forbids = re.compile(rf"(?:(?:please|also|you) )*{order} (?P<act>.+)")
        self._lexicon = lexicon.of(knowledge)

    def about(self, unit: Features) -> frozenset[str]:
        """The act that somebody is asked about first; nothing where none is."""
        return frozenset() if unit.forbids else self._act(self._asks.fullmatch(unit.words), unit.language)

    def forbidden(self, unit: Features) -> frozenset[str]:
        """The act that a statement forbids, with all that it says of it."""
        return self._act(self._forbids.fullmatch(unit.words), unit.language) if unit.forbids else frozenset()

    def _act(self, match: re.Match[str] | None, language: str) -> frozenset[str]:
        return frozenset(self._lexicon.tokens(match["act"], language) if match is not None else ())


def _of_asking(a: Features, b: Features, knowledge: Knowledge) -> Conflict | None:
    """One forbids an act, the other one asks somebody first: it may be done then."""
    if a.forbids == b.forbids:
        return None
    known = knowledge.derived(_Asking)
    rule, other = (a, b) if a.forbids else (b, a)
    act = known.about(other)
    if not act or act != known.forbidden(rule):
        return None
    words = _named(sorted(act)[:2], a, b, knowledge=knowledge)
    return Conflict(words, f"one forbids what the other asks about first: {words}", 0.8)


def _of_signs(first: int, second: int, scorer: Scorer, knowledge: Knowledge) -> Conflict | None:
    """Two texts that differ in signs alone, of which one forbids what the other asks for."""
    a, b = scorer.units[first], scorer.units[second]
    if not a.told or turned_signs(a.told, b.told) is None or a.tokens.keys() != b.tokens.keys():
        return None
    words = _named(scorer.shared(first, second)[:2], a, b, knowledge=knowledge)
    return Conflict(words, f"one asks for what the other forbids: {words}", 0.7)


class _Giving(NamedTuple):
    """A unit that gives a task to somebody."""

    unit: int
    handover: Handover
    target: frozenset[str]
    task: frozenset[str]


def handovers(scorer: Scorer, knowledge: Knowledge) -> tuple[dict[UnitPair, Conflict], bool]:
    """The pairs that give the same task to different ones, whatever else they say; and whether too many give tasks.

    Then each is only compared with the nearest that have the weightiest word of its task in common.
    """
    read = of(knowledge).handover
    giving = [
        _Giving(
            number, said, _tokens(said.target, unit, knowledge=knowledge), _tokens(said.task, unit, knowledge=knowledge)
        )
        for number, unit in enumerate(scorer.units)
        if not unit.forbids and (said := read(unit.words))
    ]
    crowded = len(giving) ** 2 > 2 * c.MOST_PAIRS
    found: dict[UnitPair, Conflict] = {}
    for one, other in _nearest(giving, scorer) if crowded else combinations(giving, 2):
        a, b = scorer.units[one.unit], scorer.units[other.unit]
        if a.member.file != b.member.file:
            conflict = _of_handovers(a, b, one, other, scorer.weight, knowledge)
            if conflict is not None:
                found[one.unit, other.unit] = conflict
    return found, crowded


def _nearest(giving: Sequence[_Giving], scorer: Scorer) -> Iterator[tuple[_Giving, _Giving]]:
    by_number = {one.unit: one for one in giving}
    holders: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
    first: dict[int, int] = {}
    for number, unit in enumerate(scorer.units):
        first.setdefault(unit.member.file, number)
    for one in giving:
        for token in one.task:
            holders[scorer.units[one.unit].member.file, token].append(one.unit)
    for one in giving:
        own = scorer.units[one.unit].member.file
        told = max(one.task, key=lambda token: (scorer.weight.get(token, 0.0), token), default="")
        for file in (file for file in first if file > own):
            near = nearest(holders.get((file, told), ()), one.unit - first[own] + first[file], c.NEAREST)
            yield from ((one, by_number[other]) for other in near)


def _of_handovers(
    a: Features, b: Features, one: _Giving, other: _Giving, weight: Mapping[str, float], knowledge: Knowledge
) -> Conflict | None:
    if not one.target or not other.target or not one.target.isdisjoint(other.target):
        return None
    shared, named = (sum(weight.get(t, 0.0) for t in both) for both in (one.task & other.task, one.task | other.task))
    if shared < c.TASK or shared < c.TASK_SHARE * named:
        return None
    task = _named(sorted(one.task & other.task), a, b, knowledge=knowledge)
    reason = f"different target of the handover of {task}: {one.handover.target} and {other.handover.target}"
    return Conflict(f"handover of {task}", reason, 0.6)


def _tokens(text: str, unit: Features, knowledge: Knowledge) -> frozenset[str]:
    return frozenset(lexicon.of(knowledge).tokens(text, unit.language))


def _metric(a: Quantity, b: Quantity, weight: Mapping[str, float], form: frozenset[str]) -> tuple[str, ...]:
    """The words that name what both quantities measure, () where they don't measure the same."""
    if a.measure != b.measure or a.bound != b.bound:
        return ()
    common = _content(a.about & b.about, weight, form)
    return tuple(sorted(a.about & b.about - form)) if common * 2 > _content(a.about | b.about, weight, form) else ()


def _named(tokens: Sequence[str], a: Features, b: Features, knowledge: Knowledge) -> str:
    return " ".join(
        sorted({lexicon.of(knowledge).name(token, [(one.words, one.language) for one in (a, b)]) for token in tokens})
    )


def _content(tokens: frozenset[str], weight: Mapping[str, float], form: frozenset[str]) -> float:
    return math.fsum(weight.get(token, 0.0) for token in tokens if token not in form)


def _differ_in_grade(first: int, second: int, scorer: Scorer) -> bool:
    a, b = scorer.units[first], scorer.units[second]
    left, right = a.stance.grade, b.stance.grade
    return bool(left and right) and left != right and a.forbids == b.forbids and _about_the_same(first, second, scorer)


def _about_the_same(first: int, second: int, scorer: Scorer) -> bool:
    """Whether two units differ in nothing but a little: in their signs alone, or in few words besides."""
    return scorer.tokens[first] == scorer.tokens[second] or scorer.about_the_same(first, second)


def _differ_in_modality(first: int, second: int, scorer: Scorer) -> bool:
    a, b = scorer.units[first], scorer.units[second]
    if a.stance.against(b.stance):
        return a.forbids != b.forbids and _about_the_same(first, second, scorer)
    if a.forbids == b.forbids or not (a.orders or b.orders) or "prohibition" in (a.facet, b.facet):
        return False
    if a.names_a_practice or b.names_a_practice:
        return False
    forbidding, other = (first, second) if a.forbids else (second, first)
    return _asks_for(other, forbidding, scorer) and scorer.about_the_same(first, second)


def _asks_for(asking: int, forbidding: int, scorer: Scorer) -> bool:
    """Whether one unit asks for the very act that the other forbids: naming its object is not enough, and what stands
    behind `without` in a prohibition is asked for, not forbidden."""
    rule = scorer.units[forbidding]
    other, said = scorer.units[asking], scorer.tokens[asking]
    asks = other.form.asks or other.opener == rule.opener
    if not rule.first or rule.first != other.first or not asks or not rule.act <= said:
        return False
    return not scorer.content[asking].isdisjoint((rule.tokens.keys() - rule.excepted) & said)


def _differ_in_scope(first: int, second: int, scorer: Scorer) -> bool:
    a, b = scorer.units[first], scorer.units[second]
    if not a.scope or not b.scope or a.scope == b.scope or a.forbids != b.forbids:
        return False
    return scorer.about_the_same(first, second, core=True)
