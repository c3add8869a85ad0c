"""What cannot both hold: two thresholds of a metric, a rule and its opposite, all against some, two shapes."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from agentmerge.aligning import constants as c
from agentmerge.aligning import lexicon, shapes, slots
from agentmerge.aligning.features import Features, Quantity
from agentmerge.aligning.nearest import nearest
from agentmerge.aligning.opposites import contrary
from agentmerge.aligning.scoring import Pair, Scorer
from agentmerge.knowledge import Knowledge
from agentmerge.signs import turned as turned_signs

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
    if "code" in (a.kind, b.kind):
        return _of_shapes(a, b)
    if "example" in (a.facet, b.facet):
        return _of_signs(first, second, scorer, knowledge)
    found = _of_quantities(a, b, scorer.weight, scorer.form, knowledge)
    if found is not None:
        return found
    turned = _of_opposites(a, b, knowledge)
    if turned is not None:
        return turned
    signed = _of_signs(first, second, scorer, knowledge)
    if signed is not None:
        return signed
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


def _of_opposites(a: Features, b: Features, knowledge: Knowledge) -> Conflict | None:
    """Two statements that differ in a word and its opposite, or in the order of what a word of order joins."""
    if a.words == b.words or len(a.tokens.keys() ^ b.tokens.keys()) > MAX_APART:
        return None
    found = contrary(a.words, b.words, knowledge)
    if found is None or a.forbids != b.forbids:
        return None
    words = _named(sorted(a.content & b.content)[:2], a, b, knowledge=knowledge) or found[0]
    told = f"'{found[0]}' against '{found[1]}'" if found[0] != found[1] else f"the other way round about '{found[0]}'"
    return Conflict(words, f"opposites, {told}: {words}", 0.8)


def _of_signs(first: int, second: int, scorer: Scorer, knowledge: Knowledge) -> Conflict | None:
    """Two texts that differ in signs alone, of which one forbids what the other asks for."""
    a, b = scorer.units[first], scorer.units[second]
    if turned_signs(a.told, b.told) is None or a.tokens.keys() != b.tokens.keys():
        return None
    words = _named(scorer.shared(first, second)[:2], a, b, knowledge=knowledge)
    return Conflict(words, f"one asks for what the other forbids: {words}", 0.7)


class _Giving(NamedTuple):
    """A unit that gives a task to somebody."""

    unit: int
    handover: slots.Handover
    target: frozenset[str]
    task: frozenset[str]


def handovers(scorer: Scorer, knowledge: Knowledge) -> tuple[dict[Pair, Conflict], bool]:
    """The pairs that give the same task to different ones, whatever else they say; and whether too many give tasks.

    Then each is only compared with the nearest that have the weightiest word of its task in common.
    """
    read = slots.of(knowledge).handover
    giving = [
        _Giving(
            number, said, _tokens(said.target, unit, knowledge=knowledge), _tokens(said.task, unit, knowledge=knowledge)
        )
        for number, unit in enumerate(scorer.units)
        if not unit.forbids and (said := read(unit.words))
    ]
    crowded = len(giving) ** 2 > 2 * c.MOST_PAIRS
    found: dict[Pair, Conflict] = {}
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
    if {a.scope, b.scope} != {"all", "some"} or a.forbids != b.forbids:
        return False
    return scorer.about_the_same(first, second, core=True)
