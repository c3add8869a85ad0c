"""One definition by itself: what is wrong with it whatever it was before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agentmerge import rights
from agentmerge.aligning import align, lexicon
from agentmerge.aligning.matching import Bag, similarity
from agentmerge.diffing.records import Spot
from agentmerge.drifting.actions import dangers, is_document
from agentmerge.drifting.clauses import Clause, clauses_of
from agentmerge.drifting.conflicted import conflict_findings
from agentmerge.drifting.records import NO_WORDS, Finding, ranked
from agentmerge.drifting.reviewing import told_apart
from agentmerge.drifting.rulebook import finding
from agentmerge.drifting.secrets import Secrets, hidden
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Unit
from agentmerge.parsing.hidden import hidden_characters
from agentmerge.parsing.lines import split_lines

ALIKE = 0.85
"""Least similarity of two statements, the words that bind left out, of which one forbids what the other asks for."""
LEAST_WORDS = 3
"""Words of such a statement at least."""

_TOOL = re.compile(
    r"(?:\b(?:use|using|call|invoke|with|via|run)\s+(?:the\s+)?`(?P<named>[\w.:/-]+)`)|`(?P<tool>[\w.:/-]+)`\s+tool\b",
    re.IGNORECASE,
)
_LIMITED = re.compile(
    r"\b(?:unless|only|without|if|when|except|until|instead|before|after|not|no|never)\b", re.IGNORECASE
)


def review_alone(place: str, definition: Definition, knowledge: Knowledge) -> tuple[Finding, ...]:
    """What one definition holds that a reviewer has to know, most serious first.

    Conflict markers, characters that nobody sees, secrets, what takes a bound away, statements that can't both hold,
    and tools that its text calls and that it does not have.
    """
    broken = conflict_findings(definition, knowledge)
    found = [*broken, *_hidden(definition, knowledge), *_secrets(definition, knowledge)]
    if not broken and not is_document(place, definition, knowledge):
        found += [
            finding("danger-added", f"{one.kind}: {one.says}", one.path, None, one.spot, knowledge, mild=one.mild)
            for one in dangers(definition, knowledge)
        ]
        found += [*_contradictions(definition, knowledge), *_missing_tools(definition, knowledge)]
    return ranked(list(told_apart(hidden(found, knowledge))))


def _hidden(definition: Definition, knowledge: Knowledge) -> Iterator[Finding]:
    text = definition.text.removeprefix("\ufeff")
    found = hidden_characters(text)
    if found:
        line = next(n for n, one in enumerate(split_lines(text), 1) if any(char in one for char in found))
        names = ", ".join(f"{count} x U+{ord(char):04X}" for char, count in sorted(found.items()))
        yield finding("hidden-characters", names, "", None, Spot(1, line, names), knowledge, owns=NO_WORDS)


def _secrets(definition: Definition, knowledge: Knowledge) -> Iterator[Finding]:
    for one in knowledge.derived(Secrets).find(definition.text):
        yield finding(
            "secret", f"stands here in full: {one.masked}", "", None, Spot(1, one.line, one.masked), knowledge
        )


def _contradictions(definition: Definition, knowledge: Knowledge) -> Iterator[Finding]:
    """Statements of one definition that can't both hold."""
    clauses = [one for one in clauses_of(1, definition, knowledge) if not one.mentioned and one.unit.mode != "example"]
    rules = [one for one in clauses if one.forbids and one.above is None]
    orders = [one for one in clauses if not one.forbids and not _LIMITED.search(one.text)]
    told = set()
    for rule, order in _meeting(rules, orders, knowledge):
        told.add(frozenset((rule.unit.line, order.unit.line)))
        message = f"line {rule.unit.line} forbids it: {' '.join(rule.text.split())}"
        yield finding("contradiction", message, order.path, None, order.spot, knowledge, slot="forbidden")
    for group in align([definition, definition], knowledge).units if clauses else ():
        lines = {member.line: member for member in group.members if isinstance(member.node, Unit)}
        if group.relation == "contradicts" and len(lines) > 1 and frozenset(lines) not in told:
            first, second = (lines[line] for line in sorted(lines)[:2])
            told.add(frozenset(lines))
            message = f"line {first.line} says otherwise: {' '.join(first.text.split())}"
            spot = Spot(1, second.line, second.text)
            yield finding("contradiction", message, "", None, spot, knowledge, slot=group.slot)


def _meeting(
    rules: Sequence[Clause], orders: Sequence[Clause], knowledge: Knowledge
) -> Iterator[tuple[Clause, Clause]]:
    """A prohibition and an order of the same act."""
    known = lexicon.of(knowledge)

    def acts(clause: Clause) -> Bag:
        binding = {token for modal in clause.modals for token in known.tokens(modal.word.replace("'", " "), "en")}
        return Bag(token for token in known.tokens(clause.folded, "en") if token not in binding)

    bags = [(order, acts(order)) for order in orders]
    for rule in rules:
        own = acts(rule)
        if own.size >= LEAST_WORDS and not _LIMITED.search(_without(rule)):
            yield from ((rule, order) for order, bag in bags if similarity(own, bag, ALIKE) >= ALIKE)


def _without(clause: Clause) -> str:
    """A prohibition without the word that forbids."""
    text = clause.text.replace("’", "'")
    for modal in clause.modals:
        text = re.sub(rf"(?<!\w){re.escape(modal.word)}(?!\w)", " ", text, flags=re.IGNORECASE)
    return text


def _missing_tools(definition: Definition, knowledge: Knowledge) -> Iterator[Finding]:
    """Tools that the text has the agent use, and that its fields do not let it use."""
    field = rights.in_force(definition, "tools")
    if field is None or rights.is_absent(field):
        return
    granted = rights.effective(definition, knowledge)
    told = set()
    for clause in clauses_of(1, definition, knowledge):
        if clause.forbids or clause.mentioned or clause.unit.mode == "example":
            continue
        for match in _TOOL.finditer(clause.text):
            name = match["named"] or match["tool"]
            if name not in told and rights.is_out_of_reach(name, granted, knowledge):
                told.add(name)
                message = f"its text calls {name}, which its fields do not grant"
                yield finding("tool-missing", message, clause.path, None, clause.spot, knowledge, slot=name)
