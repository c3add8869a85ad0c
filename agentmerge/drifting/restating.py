"""Where a statement that is gone may stand in other words: the second look at what is lost, at a lower bar."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from agentmerge.aligning import lexicon
from agentmerge.aligning.nearest import nearest
from agentmerge.drifting.clauses import Clause
from agentmerge.knowledge import Knowledge

LIKELY = 0.5
"""Least share of what a lost statement says, by weight of its words, that another one has to say."""
LIKELY_OLD = 0.7
"""The same of one that stood there before, too, and was then another statement."""
LEAST_SHARED = 2
"""Words that the two have in common at least."""
MOST_HOLDERS = 400
"""Statements with a word that are looked at: the nearest ones of more."""
SHOWN = 2


class Candidate(NamedTuple):
    """A statement that may say what was lost."""

    clause: Clause
    score: float
    """Share of the lost one that it says, in [0, 1]."""


class Restatements:
    """The statements of the second definition, by their words."""

    def __init__(self, old: Sequence[Clause], new: Sequence[Clause], knowledge: Knowledge) -> None:
        self._new, self._knowledge = new, knowledge
        self._before = {clause.folded for clause in old}

    @cached_property
    def _holders(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for number, clause in enumerate(self._new):
            for token in content(clause, self._knowledge):
                found[token].append(number)
        return found

    def of(self, clause: Clause, at: int = 0) -> list[Candidate]:
        """The best candidates for a lost statement, the likeliest first; none where nothing is likely.

        What asks for what the lost one forbids is none.
        """
        said = content(clause, self._knowledge)
        weights = {token: self._weight(token) for token in said}
        total = sum(weights.values())
        numbers = {n for token in said for n in nearest(self._holders.get(token, ()), at, MOST_HOLDERS)}
        found = []
        for number in sorted(numbers):
            other = self._new[number]
            shared = said & content(other, self._knowledge)
            score = sum(weights[token] for token in shared) / total
            bar = LIKELY_OLD if other.folded in self._before else LIKELY
            if score >= bar and len(shared) >= min(LEAST_SHARED, len(said)) and _agree(clause, other):
                found.append(Candidate(other, score))
        return sorted(found, key=lambda one: -one.score)[:SHOWN]

    def _weight(self, token: str) -> float:
        return math.log(2 + len(self._new) / (1 + len(self._holders.get(token, ()))))


def content(clause: Clause, knowledge: Knowledge) -> frozenset[str]:
    """What a statement speaks of: its words without those that bind or only shape it."""
    known = lexicon.of(knowledge)
    binding = {token for modal in clause.modals for token in known.tokens(modal.word.replace("'", " "), "en")}
    return frozenset(
        token for token in known.tokens(clause.folded, "en") if token not in binding and token not in known.shaping
    )


def _agree(lost: Clause, other: Clause) -> bool:
    """Whether a statement may stand for a lost one: it forbids where that forbids, and is in use."""
    return lost.forbids == other.forbids and not other.mentioned


def told(candidates: Sequence[Candidate]) -> str:
    """What a message says of the candidates."""
    shown = " or ".join(f"line {one.clause.unit.line}: '{' '.join(one.clause.text.split())}'" for one in candidates)
    return f"; it may be said in other words in {shown}" if shown else ""
