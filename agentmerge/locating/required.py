"""What a definition lacks of the rules that are required of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agentmerge.diffing.records import Spot
from agentmerge.drifting.clauses import clauses_of
from agentmerge.drifting.modality import MEDIUM, STRONG
from agentmerge.drifting.records import Finding
from agentmerge.drifting.requirements import Requirement
from agentmerge.drifting.rulebook import finding
from agentmerge.knowledge import Knowledge
from agentmerge.locating import Wanted, hits_in, located, wanted
from agentmerge.locating.records import Hit
from agentmerge.model import Definition


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
