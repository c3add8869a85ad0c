"""Prohibitions and obligations: removed, added, weakened, strengthened, reversed.

They are compared sentence by sentence over the whole of both definitions, so that one that moved, was joined with
another or was split off is not taken for lost.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from agentmerge import signs
from agentmerge.aligning import lexicon
from agentmerge.aligning.matching import Bag, Matching, similarity
from agentmerge.aligning.nearest import nearest
from agentmerge.aligning.records import CROWDED
from agentmerge.diffing.records import Spot
from agentmerge.drifting.clauses import PITFALL, Clause, clauses_of
from agentmerge.drifting.modality import MEDIUM, STRONG, WEAK, Modal, modality
from agentmerge.drifting.records import Finding
from agentmerge.drifting.rules import finding
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


def guardrail_findings(matching: Matching, knowledge: Knowledge) -> Iterator[Finding]:
    """What changed in what the definition forbids and asks for."""
    clauses = _Clauses(matching, knowledge)
    pairs, only_a, only_b = clauses.run()
    if clauses.crowded:
        yield finding("not-compared", CROWDED, "", Spot(0, 1, ""), Spot(1, 1, ""), knowledge)
    homes = {0: 0} | {pair.a.line: pair.b.line for pair in matching.sections}
    for pair in pairs:
        yield from _changed(pair, homes, knowledge=knowledge)
    for clause in only_a:
        if clause.is_guardrail:
            message = f"{_kind(clause)} removed: {clause.text}"
            yield finding(
                "guardrail-removed", message, clause.path, clause.spot, None, knowledge, mild=clause.strength < STRONG
            )
    for clause in only_b:
        if clause.is_guardrail:
            message = f"{_kind(clause)} added: {clause.text}"
            yield finding(
                "guardrail-added", message, clause.path, None, clause.spot, knowledge, mild=clause.strength < STRONG
            )


def _kind(clause: Clause) -> str:
    return "prohibition" if clause.forbids else "obligation"


def pair_clauses(matching: Matching, knowledge: Knowledge) -> tuple[list[ClausePair], list[Clause], list[Clause]]:
    """The sentences of both sides one to one, and those without a partner.

    A sentence that stands whole in a longer one has a partner too: nothing of it is lost.
    """
    return _Clauses(matching, knowledge).run()


class _Clauses:
    """The state of one matching of sentences."""

    def __init__(self, matching: Matching, knowledge: Knowledge) -> None:
        self.partner = {pair.a.line: pair.b.line for pair in matching.units}
        self.aligned = {pair.a.line for pair in matching.units if pair.by == "aligned"}
        self.all_b = clauses_of(1, matching.b, knowledge=knowledge)
        self.all_a = clauses_of(0, matching.a, knowledge=knowledge)
        self.free_a: dict[int, Clause] = dict(enumerate(self.all_a))
        self.free_b: dict[int, Clause] = dict(enumerate(self.all_b))
        self.pairs: list[ClausePair] = []
        self.crowded = False

    def run(self) -> tuple[list[ClausePair], list[Clause], list[Clause]]:
        self._equal(at_home=True)
        self._equal(at_home=False)
        self._near()
        self._alone()
        self._far()
        held_a, held_b = (_Holders(side) for side in (self.all_a, self.all_b))
        lost = [a for number, a in self.free_a.items() if not held_b.hold(a, number)]
        new = [b for number, b in self.free_b.items() if not held_a.hold(b, number)]
        return self.pairs, lost, new

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


def _by_unit(clauses: Mapping[int, Clause]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for number, clause in clauses.items():
        found[clause.unit.line].append(number)
    return found


class _Holders:
    """The sentences of one side that forbid or demand something, by their words."""

    def __init__(self, clauses: Sequence[Clause]) -> None:
        self.clauses = clauses
        self._by_word: dict[str, list[int]] = defaultdict(list)
        for number, clause in enumerate(clauses):
            for word in clause.bag if clause.is_guardrail else ():
                self._by_word[word].append(number)

    def hold(self, clause: Clause, at: int) -> bool:
        """Whether a sentence, number `at` of the other side, is said by one of these whole and as strictly.

        Of very many that share its words only the nearest are asked: rather a rule is told as gone that is not.
        """
        if not clause.is_guardrail:
            return False
        size = clause.bag.size
        return any(
            clause.forbids == other.forbids
            and clause.strength <= other.strength
            and size <= other.bag.size
            and clause.bag.shared(other.bag) >= CONTAINED * size
            for other in map(self.clauses.__getitem__, self._sharing(clause, at))
        )

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


def _changed(pair: ClausePair, homes: Mapping[int, int], knowledge: Knowledge) -> Iterator[Finding]:
    a, b = pair.a, pair.b
    if _is_unchanged(a, b, at_home=homes.get(a.home) == b.home):
        return
    rule, limit = _shift(a, b), _limit(a, b, knowledge)
    # How strongly ✅ asks, nobody knows: it stands for a plain order as well as for `always`.
    mild = max(a.strength, b.strength) < STRONG or (rule == "guardrail-weakened" and b.asks_by_sign)
    if rule:
        message = f"{_MESSAGES[rule]}, {_words(a)} became {_words(b)}: {b.text}"
        yield finding(rule, message, b.path, a.spot, b.spot, knowledge, mild=mild)
    elif limit and a.is_guardrail:
        narrower = len(a.folded) < len(b.folded)
        rule = "guardrail-weakened" if narrower else "guardrail-strengthened"
        cases = f"in fewer cases, with '{limit}'" if narrower else f"in more cases, without '{limit}'"
        yield finding(rule, f"binds {cases}: {b.text}", b.path, a.spot, b.spot, knowledge, mild=mild)
    elif a.is_guardrail and b.is_guardrail:
        yield from _reworded(a, b, knowledge)
    if not rule and a.told != b.told:
        yield from _signs_changed(a, b, knowledge)


def _is_unchanged(a: Clause, b: Clause, *, at_home: bool) -> bool:
    """Whether two sentences have the same words and signs, and what stands above them binds them alike.

    What the words of a heading lay on its items is told with the heading, what its sign does with each item.
    """
    if a.folded != b.folded or a.told != b.told:
        return False
    return _bound(a) == _bound(b) or (at_home and not a.is_signed_above and not b.is_signed_above)


def _signs_changed(a: Clause, b: Clause, knowledge: Knowledge) -> Iterator[Finding]:
    """Other signs with words that bind alike: a cell turned from ✅ to ❌, another grade, a mark that came or went."""
    turned = signs.turned(*(signs.of(knowledge).told(signs.of(knowledge).opening(one.text)[1]) for one in (a, b)))
    if turned and a.folded == b.folded and a.unit.kind != "code":
        message = f"turned round, {turned[0]} became {turned[1]}: {b.text}"
        yield finding("guardrail-reversed", message, b.path, a.spot, b.spot, knowledge)
        return
    before, after = (one.told[1:] if one.forbids and one.told[:1] == ("forbid",) else one.told for one in (a, b))
    if before != after:
        message = f"signs {_named_signs(a.told)} became {_named_signs(b.told)}: {b.text}"
        mild = not signs.weighs(before, after)
        yield finding("sign-changed", message, b.path, a.spot, b.spot, knowledge, mild=mild)


def _named_signs(told: Sequence[str]) -> str:
    return f"'{' '.join(told)}'" if told else "none"


def _reworded(a: Clause, b: Clause, knowledge: Knowledge) -> Iterator[Finding]:
    """What a rule names that it did not, or no longer names: a member of a list that goes is no longer forbidden."""
    gone, new = _named(a, b, knowledge=knowledge), _named(b, a, knowledge=knowledge)
    if gone or new:
        told = [f"no longer '{' '.join(gone)}'" if gone else "", f"now '{' '.join(new)}'" if new else ""]
        message = f"names {', '.join(filter(None, told))}: {b.text}"
        yield finding("guardrail-reworded", message, b.path, a.spot, b.spot, knowledge, mild=not gone)


def _named(clause: Clause, other: Clause, knowledge: Knowledge) -> list[str]:
    """Words of a sentence that say what the other does not say in any words; numbers are thresholds, told as such."""
    known = lexicon.of(knowledge)
    there = {token for word in other.folded.split() for token in known.tokens(word, "en")}
    there |= {*known.tokens(other.folded, "en"), *known.shaping}
    modal = {word for one in (*clause.modals, *other.modals) for word in one.word.replace("'", " ").split()}
    return [
        word
        for word in dict.fromkeys(clause.folded.split())
        if not word.isdigit() and word not in modal and (found := known.tokens(word, "en")) and not there & set(found)
    ]


def _limit(a: Clause, b: Clause, knowledge: Knowledge) -> str:
    """What one of two sentences says at its end beyond the other, where that limits it to some cases."""
    less, more = sorted((a.folded, b.folded), key=len)
    rest = more.removeprefix(f"{less} ")
    known = modality(knowledge)
    limits = known.limits_of_prohibitions if a.forbids and b.forbids else known.limits
    is_limit = rest != more and rest.startswith(limits) and not known.universal & set(rest.split())
    return rest if is_limit else ""


_MESSAGES = {
    "guardrail-reversed": "turned round",
    "guardrail-weakened": "binds less",
    "guardrail-strengthened": "binds more",
}


def _bound(clause: Clause) -> tuple[int, bool]:
    return clause.strength, clause.forbids


def _words(clause: Clause) -> str:
    found = [f"'{modal.word}'" for modal in clause.modals]
    if clause.above is not None:
        found.append(PITFALL if clause.above.word == PITFALL else f"'{clause.above.word}' above it")
    return ", ".join(dict.fromkeys(found)) or "a plain statement"


def _shift(a: Clause, b: Clause) -> str:
    """The rule that speaks for the way from `a` to `b`, "" where both bind alike."""
    gone, new = _difference(a, b)
    if not gone and not new:
        return ""
    if a.forbids != b.forbids:
        return _turned(a, b)
    before, after = _strength(gone), _strength(new)
    if before == after:
        return ""
    return "guardrail-weakened" if before > after else "guardrail-strengthened"


def _turned(a: Clause, b: Clause) -> str:
    """A sentence that forbids against one that doesn't: reversed where the rest of the words stays."""
    if similarity(_content(a), _content(b)) >= FAR:
        return "guardrail-reversed"
    if a.strength != b.strength:
        return "guardrail-weakened" if a.strength > b.strength else "guardrail-strengthened"
    return ""


def _content(clause: Clause) -> Bag:
    modal_words = {word for modal in clause.modals for word in modal.word.split()} | {"'", "t", "."}
    return Bag(word for word, count in clause.bag.items() if word not in modal_words for _ in range(count))


def _difference(a: Clause, b: Clause) -> tuple[list[Modal], list[Modal]]:
    """The modals of `a` that `b` does not have, and the other way round; words of one strength and sign are equal."""
    left, right = Counter(map(_class, _all(a))), Counter(map(_class, _all(b)))
    return (
        [modal for modal in _all(a) if _class(modal) in left - right],
        [modal for modal in _all(b) if _class(modal) in right - left],
    )


def _all(clause: Clause) -> Sequence[Modal]:
    return clause.modals if clause.above is None else (*clause.modals, clause.above)


def _class(modal: Modal) -> tuple[int, str]:
    return modal.strength, modal.sign


def _strength(modals: Sequence[Modal]) -> int:
    """How strongly words bind; a plain sentence asks for what it says, as `should` does, and a hedge takes from it."""
    binding = [modal.strength for modal in modals if modal.sign != "permit"]
    if binding:
        return max(binding)
    return WEAK if modals else MEDIUM
