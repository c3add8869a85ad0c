"""A rule and many definitions in, out who says it, how strongly, who does not, and who is against it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from agentmerge.diffing.records import Spot
from agentmerge.drifting.acceptance import Requirement
from agentmerge.drifting.records import Finding, finding
from agentmerge.knowledge.tables import Knowledge
from agentmerge.lineage.chains import bound_by
from agentmerge.model import Definition, Unit
from agentmerge.reading.parsing import parse
from agentmerge.statements.clauses import MEDIUM, STRONG, Clause, clauses_of
from agentmerge.statements.sentences import content
from agentmerge.text import lexicon
from agentmerge.text.lexicon import opposed

# Records --------------------------------------------------------------------------------------------------------------
#
# What a search for one rule in many definitions finds.


How = Literal["exact", "reworded", "perhaps"]
"""The same words; the same in other words; perhaps the same: part of it, or with other names and numbers."""


class Hit(NamedTuple):
    """One sentence that says what is looked for."""

    file: int
    line: int
    text: str
    how: How
    score: float
    """Share of the words that both have, in [0, 1]."""
    strength: int
    """How strongly it binds: 3 strong, 2 medium, 1 weak, 0 not at all."""
    word: str
    """The word that binds most."""
    is_mentioned: bool = False
    """Whether it is only spoken of: quoted, or an example of what is wrong."""
    is_against: bool = False
    """Whether it asks for what is forbidden, or forbids what is asked for."""
    through: str = ""
    """The path by which a definition imports the file that says it."""

    @property
    def says(self) -> bool:
        """Whether it stands there for sure, and in use."""
        return self.how != "perhaps" and not self.is_mentioned and not self.is_against


class Located(NamedTuple):
    """Who says something, and who does not."""

    text: str
    strength: int
    word: str
    hits: tuple[Hit, ...]
    """The best of each file, the strongest first; one that is against it beside it."""
    silent: tuple[int, ...]
    """Files that do not say it for sure."""


# Locating -------------------------------------------------------------------------------------------------------------
#
# One rule in many definitions: who says it, in which words and how strongly.
#
# `wanted(text, knowledge)`: what is looked for
# `hits_in(wanted, definition, knowledge)`: the sentences of one definition that say it


SAME = 0.7
"""Least share of words in common of two sentences that say the same: twice the common ones over all."""
HELD = 0.8
"""Least share of what is looked for in a longer sentence that says it and more."""
LONGER = 2.5
"""How many times as many words a sentence may have that says it and more."""
MAYBE = 0.5
"""Least share in common of what may say it."""
MOST = 0.7
"""Least share of what is looked for in any sentence that says it."""
MAYBE_MOST = 0.6
"""The same of what may say it."""
EQUAL = 0.9
"""Share in common from which a plain sentence asks for what another one forbids."""
LEAST = 3
"""Words that a rule has to have, to be found in a longer sentence."""
WORTH = 0.7
"""Share of the words of a rule that a text has to hold near to each other, to be read."""
NEAR = 300
"""Characters in which these words have to stand: those of a long sentence."""
_PARTING = re.compile(r"[.,:;!?]+(?=\s|\Z)")
_LITERAL = re.compile(r"`[^`\n]+`|\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class Wanted:
    """What is looked for."""

    clause: Clause
    knowledge: Knowledge

    @property
    def strength(self) -> int:
        return self.clause.strength

    @cached_property
    def content(self) -> frozenset[str]:
        return content(self.clause, self.knowledge)

    @cached_property
    def literals(self) -> frozenset[str]:
        return frozenset(_LITERAL.findall(self.clause.text.lower()))

    @cached_property
    def _stems(self) -> frozenset[str]:
        """The beginnings of its words, without those that bind or only shape a sentence."""
        known = lexicon.of(self.knowledge)
        binding = {word for modal in self.clause.modals for word in modal.word.split()}
        words = (word for word in self.clause.folded.split() if word not in binding and word not in known.shaping)
        return frozenset(known.stem(word).rstrip("iey") or word for word in words)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self._stems, key=lambda stem: (-len(stem), stem))
        return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})")

    def may_stand_in(self, text: str) -> bool:
        """Whether a text holds enough of its words near to each other to be worth reading."""
        least = max(WORTH * len(self._stems), 1)
        near: deque[tuple[int, str]] = deque()
        for match in self._pattern.finditer(text.lower()):
            near.append((match.start(), match[0]))
            while near[0][0] < match.start() - NEAR:
                near.popleft()
            if len(near) >= least and len({stem for _, stem in near}) >= least:
                return True
        return not self._stems


def wanted(text: str, knowledge: Knowledge) -> Wanted | None:
    """A sentence to look for: of several the one that binds most; None for a text that says nothing."""
    found = clauses_of(0, parse(f"- {' '.join(text.split())}\n", knowledge), knowledge)
    return _strongest(found, knowledge)


def wanted_at(definition: Definition, line: int, knowledge: Knowledge) -> Wanted | None:
    """What a definition says at a line; None where no sentence stands there."""
    at = [one for one in clauses_of(0, definition, knowledge) if one.unit.line <= line < _end(one.unit)]
    nearest = max((one.unit.line for one in at), default=0)
    return _strongest([one for one in at if one.unit.line == nearest], knowledge)


def _end(unit: Unit) -> int:
    return max(unit.end, unit.line + 1)


def _strongest(clauses: Sequence[Clause], knowledge: Knowledge) -> Wanted | None:
    best = max(clauses, key=lambda one: one.strength, default=None)
    return Wanted(best, knowledge) if best is not None else None


def hits_in(asked: Wanted, file: int, definition: Definition) -> Iterator[Hit]:
    """The sentences of one definition that say what is looked for, or are against it, or may say it."""
    for clause in clauses_of(0, definition, asked.knowledge):
        found = _how(asked, clause)
        if found is not None:
            how, score, is_against = found
            text = " ".join(clause.text.split())
            yield Hit(
                file,
                clause.unit.line,
                text,
                how,
                round(score, 4),
                clause.strength,
                bound_by(clause),
                clause.mentioned,
                is_against,
            )


def _how(asked: Wanted, clause: Clause) -> tuple[How, float, bool] | None:
    """How a sentence says it, how alike the two are, and whether it is against it; None where it speaks of else."""
    own = asked.clause
    if own.folded == clause.folded:
        return "exact", 1.0, False
    if own.forbids == clause.forbids and _stands_in(own.folded, clause.folded):
        return "reworded", 1.0, False
    said, other = asked.content, content(clause, asked.knowledge)
    common = len(said & other)
    if not common or not other:
        return None
    alike = 2 * common / (len(said) + len(other))
    held = common / len(said)
    is_held = held >= HELD and len(said) >= LEAST and len(other) <= LONGER * len(said)
    if held < MAYBE_MOST or (alike < MAYBE and not is_held):
        return None
    score = max(alike, held if is_held else 0.0)
    same_values = asked.literals <= frozenset(_LITERAL.findall(clause.text.lower()))
    is_same = held >= MOST and (alike >= SAME or is_held) and same_values
    if is_same and _is_against(asked, clause, other):
        # A plain sentence asks for what it says where it says no more than that; what names a fault asks for nothing.
        if _asks(clause) or (alike >= EQUAL and _begin_alike(own, clause)):
            return "reworded", score, True
        return ("perhaps", score, False) if alike >= EQUAL else None
    return "reworded" if is_same else "perhaps", score, False


def _stands_in(words: str, longer: str) -> bool:
    """Whether a sentence stands word for word in a longer one; one word alone says too little."""
    return " " in words and f" {words.rstrip('.!')} " in f" {_PARTING.sub(' ', longer)} "


def _asks(clause: Clause) -> bool:
    """Whether a sentence forbids, demands or allows something."""
    return clause.is_guardrail or any(modal.sign == "permit" for modal in clause.modals)


def _is_against(asked: Wanted, clause: Clause, other: frozenset[str]) -> bool:
    """Whether one of two sentences about one thing forbids it, and the other one asks for it."""
    own = asked.clause
    if clause.mentioned or not own.is_guardrail:
        return False
    apart = other ^ asked.content
    turned = opposed(_bare(own), _bare(clause), asked.knowledge) is not None
    negates = not apart.isdisjoint(_negating(asked.knowledge))
    return (own.forbids != clause.forbids) != (turned or negates)


def _begin_alike(a: Clause, b: Clause) -> bool:
    """Whether two sentences begin with one word in one form: `trust it` does not ask for what `trusting it` names."""
    return _act(a) == _act(b)


def _act(clause: Clause) -> str:
    words = _bare(clause).rpartition(":")[2].split()
    return words[0] if words else ""


def _bare(clause: Clause) -> str:
    """A sentence without the words that bind: `avoid` in one and `use` in the other is not what they differ in."""
    binding = {word for modal in clause.modals for word in modal.word.split()}
    return " ".join(word for word in clause.folded.split() if word not in binding)


def _negating(knowledge: Knowledge) -> frozenset[str]:
    return knowledge.derived(_negating_tokens)


def _negating_tokens(knowledge: Knowledge) -> frozenset[str]:
    """Words that turn an act into its opposite: to skip a test is not to run it."""
    known = lexicon.of(knowledge)
    words: Sequence[str] = knowledge.raw("modality")["negating"]["words"]
    return frozenset(token for word in words for token in known.tokens(word, "en"))


def located(asked: Wanted, hits: Iterable[Hit], count: int) -> Located:
    """The best hit of each file with what is against it, and the files that do not say it for sure."""
    by_file: dict[int, list[Hit]] = {}
    for hit in hits:
        by_file.setdefault(hit.file, []).append(hit)
    best = [one for found in by_file.values() for one in _best(found)]
    best.sort(key=lambda one: (not one.says, one.how == "perhaps", -one.strength, -one.score, one.file, one.line))
    saying = {one.file for one in best if one.says}
    silent = tuple(file for file in range(count) if file not in saying)
    return Located(" ".join(asked.clause.text.split()), asked.strength, bound_by(asked.clause), tuple(best), silent)


def _best(found: Sequence[Hit]) -> Iterator[Hit]:
    said = [one for one in found if not one.is_against]
    yield from [max(said, key=lambda one: (one.says, one.how != "perhaps", one.strength, one.score))] if said else []
    yield from (one for one in found if one.is_against)


# Required -------------------------------------------------------------------------------------------------------------
#
# What a definition lacks of the rules that are required of it.


class Rule(NamedTuple):
    """One required rule, ready to be looked for."""

    asked: Wanted
    requirement: Requirement

    @property
    def strength(self) -> int:
        """How strongly it has to be said."""
        return self.requirement.strength or self.asked.strength

    @property
    def text(self) -> str:
        return " ".join(self.asked.clause.text.split())


def rules_of(requirement: Requirement, says: Definition | None, knowledge: Knowledge) -> Iterator[Rule]:
    """The rules that one row requires; `says` is the file that it names, where it names one."""
    if says is None:
        asked = wanted(requirement.text, knowledge)
        yield from [Rule(asked, requirement)] if asked is not None and asked.content else []
        return
    for clause in clauses_of(0, says, knowledge):
        if clause.is_guardrail:
            yield Rule(Wanted(clause, knowledge), requirement)


def unmet(
    place: str, definition: Definition, imported: Sequence[Definition], rules: Sequence[Rule], knowledge: Knowledge
) -> tuple[Finding, ...]:
    """A finding for each rule that the definition at a path lacks, says too weakly, only mentions, or is against.

    What the files say that it imports counts as its own.
    """
    found: list[Finding] = []
    for rule in rules:
        if rule.requirement.speaks_of(place):
            hits = [hit for one in (definition, *imported) for hit in hits_in(rule.asked, 0, one)]
            found += _judged(rule, hits, knowledge)
    return tuple(found)


def _judged(rule: Rule, hits: Sequence[Hit], knowledge: Knowledge) -> Iterator[Finding]:
    best = located(rule.asked, hits, 1).hits
    saying = [hit for hit in hits if hit.says]
    against = next((hit for hit in best if hit.is_against), None)
    mild = rule.strength < STRONG
    if against is not None:
        spot = Spot(1, against.line, against.text)
        message = f"against what is required, '{rule.text}': {against.text}"
        yield finding("requirement-contradicted", message, "", None, spot, knowledge, mild=mild, slot=rule.text)
    if saying:
        strongest = max(saying, key=lambda hit: hit.strength)
        if strongest.strength < min(rule.strength, STRONG) and strongest.strength < rule.strength:
            word = "must" if rule.strength >= STRONG else "should" if rule.strength >= MEDIUM else "may"
            message = f"required as a '{word}', said with '{strongest.word or 'no word that binds'}': {strongest.text}"
            spot = Spot(1, strongest.line, strongest.text)
            yield finding("requirement-weakened", message, "", None, spot, knowledge, mild=mild, slot=rule.text)
        return
    mention = next((hit for hit in hits if hit.is_mentioned and hit.how != "perhaps"), None)
    if mention is not None:
        spot = Spot(1, mention.line, mention.text)
        message = f"required, and only mentioned: {mention.text}"
        yield finding("requirement-mentioned", message, "", None, spot, knowledge, mild=mild, slot=rule.text)
    elif against is None:
        maybe = next((hit for hit in best if hit.how == "perhaps"), None)
        more = f"; line {maybe.line} may say it in other words: {maybe.text}" if maybe is not None else ""
        spot = Spot(1, 1, rule.text)
        message = f"required, and not said: {rule.text}{more}"
        yield finding("requirement-missing", message, "", None, spot, knowledge, mild=mild, slot=rule.text)
