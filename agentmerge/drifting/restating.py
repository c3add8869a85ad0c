"""Where a statement that is gone may stand in other words: the second look at what is lost, at a lower bar."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Container, Sequence
from functools import cached_property
from typing import NamedTuple

from agentmerge.aligning import lexicon
from agentmerge.aligning.nearest import nearest
from agentmerge.drifting.clauses import Clause
from agentmerge.drifting.modality import modality
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

_WORD = re.compile(r"\w+")
_ASIDE = re.compile(r"\([^()]*\)")
_DASH = re.compile(r"\s(?:[—–-]|--)\s|(?<=\w\*\*):?\s|:\s(?=\w)")
"""What parts a rule from its name or from what explains it: `Skip review — it is slow`, `**Care**: never guess`."""


class Candidate(NamedTuple):
    """A statement that may say what was lost."""

    clause: Clause
    score: float
    """Share of the lost one that it says, in [0, 1]."""
    is_new: bool = False
    """Whether nothing said it before."""


class Restatements:
    """The statements of the second definition, by their words."""

    def __init__(
        self, old: Sequence[Clause], new: Sequence[Clause], knowledge: Knowledge, gone: Container[int] = ()
    ) -> None:
        """`gone` are lines of sections that the second definition lacks: what they sum up may have stood elsewhere."""
        self._new, self._knowledge, self._gone = new, knowledge, gone
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
        said, cores = content(clause, self._knowledge), self._cores(clause)
        numbers = {n for token in said for n in nearest(self._holders.get(token, ()), at, MOST_HOLDERS)}
        found = []
        for number in sorted(numbers):
            other, there = self._new[number], self._contents[number]
            is_new = other.folded not in self._before
            bar = LIKELY if is_new or clause.home in self._gone else LIKELY_OLD
            score = self._share(said, there)
            if bar == LIKELY:
                score = max([score, *(self._share(core, there) for core in cores)])
            if score < bar and is_new and other.is_guardrail and len(there & said) >= LEAST_WITHIN:
                score = bar if self._share(there, said) >= WITHIN else score
            agreeing = agrees(clause, other, self._knowledge)
            if agreeing and score < bar and is_new and clause.forbids and not other.forbids:
                score = self._turned(clause, other, cores, there)
            if score >= bar and agreeing:
                found.append(Candidate(other, score, is_new))
        return sorted(found, key=lambda one: -one.score)[:SHOWN]

    def _cores(self, clause: Clause) -> list[frozenset[str]]:
        """What a statement says without what names or explains it; the part that binds, or the first one."""
        bare = _ASIDE.sub(" ", clause.text)
        parts = [part for part in _DASH.split(bare) if part.strip()]
        binding = [part for part in parts if modality(self._knowledge).read(part)]
        named = len(parts) > 1 and clause.text.lstrip().startswith("**")
        chosen = {bare, *(binding or parts[1 if named else 0 :][:1])} - {clause.text}
        found = (_content(" ".join(_WORD.findall(part.lower())), clause, self._knowledge) for part in chosen)
        return [tokens for tokens in found if len(tokens) >= LEAST_SHARED]

    def _turned(self, clause: Clause, other: Clause, cores: Sequence[frozenset[str]], there: frozenset[str]) -> float:
        """How much of a prohibition is said by an order of the opposite: `Don't clean it up`, `Keep it`."""
        verbs = self._knowledge.derived(_Turning).opposed(clause.folded, other.folded)
        rest = [core - verbs for core in (content(clause, self._knowledge), *cores) if core - verbs]
        if not verbs or not rest:
            return 0.0
        return max(sum(map(self._weight, core & there)) / sum(map(self._weight, core)) for core in rest)

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
        self._stem = stem
        self._opposites: dict[str, frozenset[str]] = {}
        for row in table["opposites"]:
            left, right = ([stem(word) for word in side.split(", ")] for side in row.split(" = "))
            self._opposites |= {word: self._opposites.get(word, frozenset()) | {*right} for word in left}

    def opposed(self, old: str, new: str) -> frozenset[str]:
        """The words of a prohibition of which an order holds the opposite, as tokens of both kinds."""
        before, after = (frozenset(map(self._stem, text.split())) for text in (old, new))
        found = {word for word in before if self._opposites.get(word, frozenset()) & after and word not in after}
        # `clean up` is one token or two.
        return frozenset({*found, *(f"{word}up" for word in found), *(["up"] if found else [])})


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
            (after & turning.holding and not before & turning.holding) or turning.opposed(lost.folded, other.folded)
        )
    return bool(after & turning.leaving and not before & turning.leaving)


def told(candidates: Sequence[Candidate]) -> str:
    """What a message says of the candidates."""
    shown = " or ".join(f"line {one.clause.unit.line}: '{' '.join(one.clause.text.split())}'" for one in candidates)
    return f"; it may be said in other words in {shown}" if shown else ""
