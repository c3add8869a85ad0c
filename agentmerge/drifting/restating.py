"""Where a statement that is gone may stand in other words: the second look at what is lost, at a lower bar."""

from __future__ import annotations

import math
import re
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
WITHIN = 0.75
"""Least share of what a new statement says that the lost one said, too: a longer rule became a shorter one."""
LEAST_SHARED = 2
"""Words that the two have in common at least."""
LEAST_WITHIN = 3
"""The same where the new one says less."""
MOST_HOLDERS = 400
"""Statements with a word that are looked at: the nearest ones of more."""
SHOWN = 2

_ASIDE = re.compile(r"\([^()]*\)|\s[—–]\s.*|\s--\s.*", re.DOTALL)
"""What explains a rule beside it: `Skip review (it is slow)`, `Never guess — ask`."""


class Candidate(NamedTuple):
    """A statement that may say what was lost."""

    clause: Clause
    score: float
    """Share of the lost one that it says, in [0, 1]."""
    is_new: bool = False
    """Whether nothing said it before."""


class Restatements:
    """The statements of the second definition, by their words."""

    def __init__(self, old: Sequence[Clause], new: Sequence[Clause], knowledge: Knowledge) -> None:
        self._new, self._knowledge = new, knowledge
        self._before = {clause.folded for clause in old}
        self._known: dict[str, list[Candidate]] = {}

    @cached_property
    def _holders(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for number, tokens in enumerate(self._contents):
            for token in tokens:
                found[token].append(number)
        return found

    @cached_property
    def _contents(self) -> list[frozenset[str]]:
        """What each statement speaks of; an answer also what its question does."""
        found: list[frozenset[str]] = []
        before: Clause | None = None
        for clause in self._new:
            tokens = content(clause, self._knowledge)
            if before is not None and before.unit.line == clause.unit.line and before.text.endswith("?"):
                tokens |= content(before, self._knowledge)
            found.append(tokens)
            before = clause
        return found

    def of(self, clause: Clause, at: int = 0) -> list[Candidate]:
        """The best candidates for a lost statement, the likeliest first; none where nothing is likely.

        What asks for what the lost one forbids is none.
        """
        key = f"{clause.forbids} {clause.text}"
        if key not in self._known:
            self._known[key] = self._of(clause, at)
        return self._known[key]

    def _of(self, clause: Clause, at: int) -> list[Candidate]:
        said, core = content(clause, self._knowledge), self._core(clause)
        numbers = {n for token in said for n in nearest(self._holders.get(token, ()), at, MOST_HOLDERS)}
        found = []
        for number in sorted(numbers):
            other, there = self._new[number], self._contents[number]
            is_new = other.folded not in self._before
            score = max(self._share(said, there), self._share(core, there))
            bar = LIKELY if is_new else LIKELY_OLD
            if score < bar and is_new and other.is_guardrail and len(there & said) >= LEAST_WITHIN:
                score = bar if self._share(there, said) >= WITHIN else score
            if score >= bar and agrees(clause, other, self._knowledge):
                found.append(Candidate(other, score, is_new))
        return sorted(found, key=lambda one: -one.score)[:SHOWN]

    def _core(self, clause: Clause) -> frozenset[str]:
        """What a statement says without what explains it beside it."""
        bare = _ASIDE.sub(" ", clause.text)
        found = (
            _content(" ".join(bare.lower().split()), clause, self._knowledge) if bare != clause.text else frozenset()
        )
        return found if len(found) >= LEAST_SHARED else frozenset()

    def _share(self, said: frozenset[str], there: frozenset[str]) -> float:
        """How much of what one says the other one says, by weight of the words; 0 where they share too few."""
        shared = said & there
        if not said or len(shared) < min(LEAST_SHARED, len(said)):
            return 0.0
        return sum(map(self._weight, shared)) / sum(map(self._weight, said))

    def _weight(self, token: str) -> float:
        return math.log(2 + len(self._new) / (1 + len(self._holders.get(token, ()))))


def content(clause: Clause, knowledge: Knowledge) -> frozenset[str]:
    """What a statement speaks of: its words without those that bind or only shape it."""
    return _content(clause.folded, clause, knowledge)


def _content(text: str, clause: Clause, knowledge: Knowledge) -> frozenset[str]:
    known = lexicon.of(knowledge)
    binding = {token for modal in clause.modals for token in known.tokens(modal.word.replace("'", " "), "en")}
    return frozenset(token for token in known.tokens(text, "en") if token not in binding and token not in known.shaping)


class _Turning:
    """Words that turn what a statement asks for: `skip` and its like, and those that forbid without a modal word."""

    def __init__(self, knowledge: Knowledge) -> None:
        table = knowledge.raw("modality")["turning"]
        stem = lexicon.of(knowledge).stem
        self.leaving = frozenset(map(stem, table["leaving"]))
        self.holding = frozenset(map(stem, table["holding"]))


def agrees(lost: Clause, other: Clause, knowledge: Knowledge) -> bool:
    """Whether a statement may stand for a lost one: it forbids where that forbids, and is in use.

    `Never skip the review` is said by `Review everything`, and `test it or don't proceed` by `test it or abort`.
    """
    if other.mentioned or lost.forbids == other.forbids:
        return not other.mentioned
    turning = knowledge.derived(_Turning)
    before, after = (frozenset(map(lexicon.of(knowledge).stem, one.folded.split())) for one in (lost, other))
    if lost.forbids:
        return bool(before & turning.leaving and not after & turning.leaving) or bool(
            after & turning.holding and not before & turning.holding
        )
    return bool(after & turning.leaving and not before & turning.leaving)


def told(candidates: Sequence[Candidate]) -> str:
    """What a message says of the candidates."""
    shown = " or ".join(f"line {one.clause.unit.line}: '{' '.join(one.clause.text.split())}'" for one in candidates)
    return f"; it may be said in other words in {shown}" if shown else ""
