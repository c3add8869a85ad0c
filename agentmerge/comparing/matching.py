"""Which rules of several authors are one: the sentences of each two of them, one to one, joined to groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from agentmerge.aligning.matching import similarity
from agentmerge.comparing.records import Rule, Said
from agentmerge.drifting import with_sentences
from agentmerge.drifting.clauses import Clause, clauses_of
from agentmerge.drifting.restating import Restatements
from agentmerge.drifting.sentences import SentencePairs
from agentmerge.knowledge import Knowledge
from agentmerge.lineage.chains import Places, bound_by
from agentmerge.model import Definition

SAME = 0.55
"""Least similarity of the sentences of two authors that say one thing."""

Mark = tuple[int, int]
"""A sentence: number of the definition and of the sentence in it."""


class _Link(NamedTuple):
    score: float
    a: Mark
    b: Mark


def rules_of(definitions: Sequence[Definition], knowledge: Knowledge) -> tuple[Rule, ...]:
    """Every prohibition and obligation with all who say it; the number of a definition is that of its author."""
    clauses = [clauses_of(0, one, knowledge) for one in definitions]
    groups = _groups(sorted(_links(definitions, clauses, knowledge), key=lambda link: (-link.score, link.a, link.b)))
    rules = []
    for file, own in enumerate(clauses):
        for number in range(len(own)):
            group = groups.get((file, number), {file: number})
            if file == min(group) and any(clauses[n][at].is_guardrail for n, at in group.items()):
                rules.append(_rule(group, clauses, knowledge))
    return tuple(sorted(rules, key=_rank))


def _rank(rule: Rule) -> tuple[object, ...]:
    return -len(rule.holders), -rule.strongest.strength, -sum(one.strength for one in rule.said), rule.strongest.text


def _links(
    definitions: Sequence[Definition], clauses: Sequence[Sequence[Clause]], knowledge: Knowledge
) -> Iterator[_Link]:
    for a, b in combinations(range(len(definitions)), 2):
        _, pairs = with_sentences(definitions, a, b, knowledge)
        yield from _of_pair(pairs, (a, b), (Places(clauses[a]), Places(clauses[b])))


def _of_pair(pairs: SentencePairs, files: tuple[int, int], places: tuple[Places, Places]) -> Iterator[_Link]:
    for one, other in pairs.pairs:
        if not (one.is_guardrail or other.is_guardrail):
            continue
        score = 1.0 if one.folded == other.folded else similarity(one.bag, other.bag)
        left, right = places[0].of(one), places[1].of(other)
        if score >= SAME and left is not None and right is not None:
            yield _Link(score, (files[0], left), (files[1], right))


def _groups(links: Sequence[_Link]) -> dict[Mark, dict[int, int]]:
    """Sentences that are one thing, the surest links first; an author has one sentence in a group."""
    groups: dict[Mark, dict[int, int]] = {}
    for link in links:
        left, right = (groups.get(mark, dict([mark])) for mark in (link.a, link.b))
        if left is not right and left.keys().isdisjoint(right):
            left.update(right)
            for mark in left.items():
                groups[mark] = left
    return groups


def _rule(group: dict[int, int], clauses: Sequence[Sequence[Clause]], knowledge: Knowledge) -> Rule:
    said = [_said(file, clauses[file][at]) for file, at in group.items()]
    said.sort(key=lambda one: (-one.strength, one.text, one.file))
    strongest = clauses[said[0].file][group[said[0].file]]
    for file, own in enumerate(clauses):
        if file not in group and strongest.is_guardrail:
            likely = Restatements(clauses[said[0].file], own, knowledge).of(strongest)
            said += [_said(file, one.clause, is_sure=False) for one in likely[:1]]
    return Rule(tuple(said))


def _said(file: int, clause: Clause, *, is_sure: bool = True) -> Said:
    text = " ".join(clause.text.split())
    section = clause.path.rpartition(" / ")[2]
    return Said(file, clause.unit.line, text, clause.strength, bound_by(clause), section, is_sure)
