"""The sentences of two definitions in, one to one out, with the slots in which they differ."""

from __future__ import annotations

import math
import re
from collections import defaultdict, deque
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import NamedTuple

from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.pairwise import Bag, Matching, similarity, words
from agentmerge.rights import vocabulary
from agentmerge.statements.clauses import Clause, clauses_of, modality
from agentmerge.text import lexicon
from agentmerge.text.lexicon import opposed
from agentmerge.text.sequences import nearest

# Restating ------------------------------------------------------------------------------------------------------------
#
# Where a statement that is gone may stand in other words: the second look at what is lost, at a lower bar.


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

_RESTATING_WORD = re.compile(r"\w+")
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
        found = (_content(" ".join(_RESTATING_WORD.findall(part.lower())), clause, self._knowledge) for part in chosen)
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


# Sentences ------------------------------------------------------------------------------------------------------------
#
# The sentences of two definitions one to one.
#
# They are compared over the whole of both, so that one that moved, was joined with another or was split off is not
# taken
# for lost.


NEAR = 0.4
"""Least similarity of two sentences of matched units."""
FAR = 0.72
"""Least similarity of two sentences anywhere."""
_ROUNDING = 1e-6
MOST_COMPARED = 300_000
"""Pairs of sentences that are compared one by one; of more only the nearest."""
MOST_WORD_HOLDERS = 1_000
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
            found.update(nearest(self._by_word.get(word, ()), at, MOST_WORD_HOLDERS))
            missing -= clause.bag[word]
            if missing < 0:
                break
        return found


# Frames ---------------------------------------------------------------------------------------------------------------
#
# The slots of a sentence, and what changed in one of them where the rest stays.


MOST_WORDS = 400
"""Words of two sentences together of which it is asked what came and went."""
MOST_EDITS = 4
"""Places in which two sentences may differ, for one of them to be the other without a member."""
MOST_OTHERS = 1
"""Words that may have come or gone besides."""
LONGEST_MEMBER = 5
"""Words of a member of an enumeration."""
ALIKE = 0.6
"""Least share of words in common, the condition left out, of two statements of which one has a condition."""
_HALF = 0.5

_FRAMES_WORD = re.compile(r"`[^`]+`|[\w'’.+-]*\w|[^\w\s]")
_MARKUP = re.compile(r"\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")
_SEPARATORS = frozenset({",", "/", "|", ";", "and", "or", "&", "、", "，", "und", "oder", "y", "o", "et", "ou"})
_END = r"[,;:.()—–|，。；：]|\Z"


class Slot(NamedTuple):
    """What changed in one slot."""

    rule: str
    """`condition-dropped`, `condition-added`, `action-turned`, `member-dropped` or `command-changed`."""
    says: str


class Conditions:
    """Reads the conditions of a sentence, by the words of `data/modality.toml`."""

    def __init__(self, knowledge: Knowledge) -> None:
        words = sorted(knowledge.raw("modality")["conditions"]["words"], key=len, reverse=True)
        gapless = [word for word in words if max(word) >= "\u3040"]
        parted = [word for word in words if word not in gapless]
        one = rf"(?<![\w-])(?:{'|'.join(map(re.escape, parted))})(?![\w-])|{'|'.join(map(re.escape, gapless))}"
        self._begins = re.compile(one, re.IGNORECASE)
        self._phrase = re.compile(rf"(?P<word>{one})\s*(?P<rest>.*?)(?=(?:{one})|{_END})", re.IGNORECASE | re.DOTALL)

    def read(self, text: str) -> list[str]:
        """Every condition, with the word that it begins with."""
        found = (f"{one['word']} {one['rest'].strip()}" for one in self._phrase.finditer(_MARKUP.sub("", text)))
        return [one for one in found if " " in one.strip()]

    def begins(self, text: str) -> bool:
        """Whether a text begins with a condition."""
        return self._begins.match(text.strip()) is not None


def slot_change(a: Clause, b: Clause, knowledge: Knowledge) -> Slot | None:
    """What changed between two sentences that say the same otherwise; None where it is no single slot."""
    if a.folded == b.folded:
        return None
    if turned := turned_words(a.folded, b.folded, knowledge):
        return Slot("action-turned", f"'{turned[0]}' became '{turned[1]}'")
    return _condition(a.text, b.text, knowledge) or _replaced(
        *(vocabulary.bare_tools(text, knowledge) for text in (a.text, b.text))
    )


def _tokens(text: str, knowledge: Knowledge) -> frozenset[str]:
    return frozenset(lexicon.of(knowledge).tokens(text.lower(), "en"))


def _condition(old: str, new: str, knowledge: Knowledge) -> Slot | None:
    read = knowledge.derived(Conditions).read
    gone, came = (_unsaid(read(one), other, knowledge) for one, other in ((old, new), (new, old)))
    if not gone and not came:
        return None
    left, right = (
        _tokens(text, knowledge) - {token for one in found for token in _tokens(one, knowledge)}
        for text, found in ((old, gone), (new, came))
    )
    if not left or not right or 2 * len(left & right) < ALIKE * (len(left) + len(right)):
        return None
    if gone and came:
        return Slot("condition-dropped", f"'{gone[0]}' became '{came[0]}'")
    return Slot("condition-dropped", f"no longer '{gone[0]}'") if gone else Slot("condition-added", f"now '{came[0]}'")


def _unsaid(conditions: Sequence[str], other: str, knowledge: Knowledge) -> list[str]:
    """The conditions that another sentence does not hold in any words."""
    there = _tokens(other, knowledge)
    return [
        one
        for one in conditions
        if (said := _tokens(one.partition(" ")[2], knowledge)) and len(said & there) < _HALF * len(said)
    ]


def _replaced(old: str, new: str) -> Slot | None:
    """A member that an enumeration no longer has, or a command with other arguments."""
    a, b = (_FRAMES_WORD.findall(_MARKUP.sub("", text)) for text in (old, new))
    if len(a) + len(b) > MOST_WORDS:
        return None
    matcher = SequenceMatcher(None, [one.lower() for one in a], [one.lower() for one in b], autojunk=False)
    edits = [edit for edit in matcher.get_opcodes() if edit[0] != "equal"]
    if len(edits) > MOST_EDITS:
        return None
    changed = [(a[i], b[x]) for tag, i, j, x, y in edits if tag == "replace" and j - i == y - x == 1]
    if commands := [pair for pair in changed if _is_command(*pair)]:
        return Slot("command-changed", f"{commands[0][0]} became {commands[0][1]}")
    members = [list(_member(a, b, edit)) for edit in edits]
    gone = [member for found in members for member in found]
    others = sum(_words_of(a, b, edit) for edit, found in zip(edits, members, strict=True) if not found)
    # Where other words came or went as well, the sentence was written anew, and its members with it.
    return Slot("member-dropped", f"no longer {', '.join(gone)}") if gone and others <= MOST_OTHERS else None


def _words_of(a: Sequence[str], b: Sequence[str], edit: tuple[str, int, int, int, int]) -> int:
    """How many words an edit takes and puts, without what parts members."""
    _, i, j, x, y = edit
    return sum(one[-1:].isalnum() and one.lower() not in _SEPARATORS for one in (*a[i:j], *b[x:y]))


def _is_command(old: str, new: str) -> bool:
    """Whether two spans of code are one command with other flags."""
    if not (old.startswith("`") and new.startswith("`")):
        return False
    before, after = old.strip("`").split(), new.strip("`").split()
    return before[:1] == after[:1] and any(one.startswith("-") for one in {*before} ^ {*after})


def _member(a: Sequence[str], b: Sequence[str], edit: tuple[str, int, int, int, int]) -> Iterator[str]:
    """What went out of an enumeration: it stood behind or before a sign or word that parts members."""
    tag, i, j, x, y = edit
    there = {one.lower() for one in b}
    words = [one for one in a[i:j] if one.lower() not in _SEPARATORS]
    if words[:1] == ["("] or ":" in words:
        return
    stays = {one.lower() for one in b[x:y]}
    if tag == "insert" or not words or len(words) > LONGEST_MEMBER or not stays <= _SEPARATORS:
        return
    parted = any(one.lower() in _SEPARATORS for one in (*a[i:j], *a[max(i - 1, 0) : i]))
    if parted and not all(one.lower() in there for one in words):
        yield f"'{' '.join(words)}'"
