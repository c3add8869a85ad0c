"""The sentences of two definitions one to one.

They are compared over the whole of both, so that one that moved, was joined with another or was split off is not taken
for lost.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from agentmerge.aligning.matching import Bag, Matching, similarity, words
from agentmerge.aligning.nearest import nearest
from agentmerge.aligning.opposites import opposed
from agentmerge.drifting.clauses import Clause, clauses_of
from agentmerge.drifting.restating import Restatements
from agentmerge.knowledge import Knowledge

NEAR = 0.4
"""Least similarity of two sentences of matched units."""
FAR = 0.72
"""Least similarity of two sentences anywhere."""
_ROUNDING = 1e-6
MOST_COMPARED = 300_000
"""Pairs of sentences that are compared one by one; of more only the nearest."""
MOST_HOLDERS = 1_000
"""Sentences that share a word of which is asked whether they say another one whole."""
NEAREST = 8
"""Sentences that are compared for each word that they share, where there are too many."""
CONTAINED = 0.9
"""Least share of a sentence's words that a longer one has to hold, to say the same and more."""


class ClausePair(NamedTuple):
    """Two sentences that correspond."""

    a: Clause
    b: Clause


@dataclass(frozen=True)
class SentencePairs:
    """The sentences of two definitions."""

    pairs: tuple[ClausePair, ...]
    only_a: tuple[Clause, ...]
    """Without a partner; one that stands whole in a longer one has it: nothing of it is lost."""
    only_b: tuple[Clause, ...]
    restatements: Restatements
    """Where what is gone may stand in other words."""
    crowded: bool = False
    """Whether there were too many alike: of those each was only compared with the nearest."""

    @cached_property
    def pairs_of(self) -> Mapping[int, Sequence[ClausePair]]:
        """The pairs by the line of the unit that the first one stands in."""
        found: dict[int, list[ClausePair]] = defaultdict(list)
        for pair in self.pairs:
            found[pair.a.unit.line].append(pair)
        return found


def pair_sentences(matching: Matching, knowledge: Knowledge) -> SentencePairs:
    """Match the sentences of two definitions whose units are matched."""
    return _Clauses(matching, knowledge).run()


class _Clauses:
    """The state of one matching of sentences."""

    def __init__(self, matching: Matching, knowledge: Knowledge) -> None:
        self.partner = {pair.a.line: pair.b.line for pair in matching.units}
        self.aligned = {pair.a.line for pair in matching.units if pair.by == "aligned"}
        self.all_b = clauses_of(1, matching.b, knowledge)
        self.all_a = clauses_of(0, matching.a, knowledge)
        self.free_a: dict[int, Clause] = dict(enumerate(self.all_a))
        self.free_b: dict[int, Clause] = dict(enumerate(self.all_b))
        self.pairs: list[ClausePair] = []
        self.crowded = False
        self.restatements = Restatements(
            self.all_a, self.all_b, knowledge, {section.line for section in matching.sections_only_a}
        )

    def run(self) -> SentencePairs:
        self._equal(at_home=True)
        self._equal(at_home=False)
        self._near()
        self._alone()
        self._far()
        held_a, held_b = (Holders(side) for side in (self.all_a, self.all_b))
        lost = tuple(a for number, a in self.free_a.items() if not held_b.hold(a, number))
        new = tuple(b for number, b in self.free_b.items() if not held_a.hold(b, number))
        return SentencePairs(tuple(self.pairs), lost, new, self.restatements, self.crowded)

    def _take(self, a: int, b: int) -> None:
        self.pairs.append(ClausePair(self.free_a.pop(a), self.free_b.pop(b)))

    def _equal(self, *, at_home: bool) -> None:
        waiting: dict[object, deque[int]] = defaultdict(deque)
        for number, b in self.free_b.items():
            waiting[b.folded, b.told, b.unit.line if at_home else 0].append(number)
        for number, a in list(self.free_a.items()):
            home = self.partner.get(a.unit.line, -1) if at_home else 0
            if found := waiting.get((a.folded, a.told, home)):
                self._take(number, found.popleft())

    def _near(self) -> None:
        """Sentences of matched units, the most similar first."""
        by_unit = _by_unit(self.free_b)
        others = {a: by_unit.get(self.partner.get(one.unit.line, -1), []) for a, one in self.free_a.items()}
        most = self._most(sum(map(len, others.values())))
        self._best((a, b, NEAR) for a, found in others.items() for b in (nearest(found, a, most) if most else found))

    def _alone(self) -> None:
        """Units that the alignment calls the same in other words, where each is one sentence."""
        units_a, units_b = _by_unit(dict(enumerate(self.all_a))), _by_unit(dict(enumerate(self.all_b)))
        for line in sorted(self.aligned):
            left, right = units_a.get(line, []), units_b.get(self.partner[line], [])
            if len(left) == len(right) == 1 and left[0] in self.free_a and right[0] in self.free_b:
                self._take(left[0], right[0])

    def _far(self) -> None:
        """Sentences anywhere that share one of the rarer words."""
        holders: dict[str, list[int]] = defaultdict(list)
        for number, b in self.free_b.items():
            for word in b.bag:
                holders[word].append(number)
        rare = {}
        for number, a in self.free_a.items():
            shared = sorted((word for word in a.bag if word in holders), key=lambda word: (len(holders[word]), word))
            rare[number] = [holders[word] for word in shared[:4]]
        most = self._most(sum(len(one) for found in rare.values() for one in found))
        self._best(
            (a, b, FAR)
            for a, found in rare.items()
            for b in sorted({b for one in found for b in (nearest(one, a, most) if most else one)})
        )

    def _most(self, pairs: int) -> int | None:
        """How many sentences one is compared with for each word, None for all, where so many pairs share words."""
        self.crowded |= pairs > MOST_COMPARED
        return NEAREST if pairs > MOST_COMPARED else None

    def _best(self, candidates: Iterable[tuple[int, int, float]]) -> None:
        scored = []
        for a, b, least in candidates:
            score = similarity(self.free_a[a].bag, self.free_b[b].bag, least)
            if score >= least:
                scored.append((-score, abs(a - b), a, b))
        for _, _, a, b in sorted(scored):
            if a in self.free_a and b in self.free_b:
                self._take(a, b)


def turned_words(a: str, b: str, knowledge: Knowledge) -> tuple[str, str] | None:
    """The opposed words of two texts that hardly differ otherwise, None where there are none."""
    found = opposed(a, b, knowledge, "turned")
    if found is None:
        return None
    apart = {word for text in found for word in words(text)}
    left, right = (Bag(word for word in words(text) if word not in apart) for text in (a, b))
    return found if similarity(left, right) >= FAR else None


def _by_unit(clauses: Mapping[int, Clause]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for number, clause in clauses.items():
        found[clause.unit.line].append(number)
    return found


class Holders:
    """The sentences of one side that forbid or demand something, by their words."""

    def __init__(self, clauses: Sequence[Clause]) -> None:
        self.clauses = clauses
        self._by_word: dict[str, list[int]] = defaultdict(list)
        for number, clause in enumerate(clauses):
            for word in clause.bag if clause.is_guardrail else ():
                self._by_word[word].append(number)

    def hold(self, clause: Clause, at: int) -> bool:
        """Whether `find` finds one."""
        return self.find(clause, at) is not None

    def find(self, clause: Clause, at: int) -> Clause | None:
        """The sentence that says another one, number `at` of the other side, whole and as strictly; None without one.

        Of very many that share its words only the nearest are asked: rather a rule is told as gone that is not.
        """
        if not clause.is_guardrail:
            return None
        size = clause.bag.size
        found = (
            other
            for other in map(self.clauses.__getitem__, sorted(self._sharing(clause, at)))
            if clause.forbids == other.forbids
            and clause.strength <= other.strength
            and size <= other.bag.size
            and clause.bag.shared(other.bag) >= CONTAINED * size
        )
        return next(found, None)

    def _sharing(self, clause: Clause, at: int) -> set[int]:
        """Sentences with a word that one which says it all can't do without: of its rarer words one."""
        missing = (1 - CONTAINED) * clause.bag.size + _ROUNDING
        found: set[int] = set()
        for word in sorted(clause.bag, key=lambda word: (len(self._by_word.get(word, ())), word)):
            found.update(nearest(self._by_word.get(word, ()), at, MOST_HOLDERS))
            missing -= clause.bag[word]
            if missing < 0:
                break
        return found
