"""Steps, situations, parts of a contract and plain statements that only one side has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from agentmerge.diffing.changes import path_of
from agentmerge.diffing.records import ChangeSeverity
from agentmerge.drifting.records import Finding
from agentmerge.drifting.registry import Comparison, in_line, rule, sides_of, wraps_all
from agentmerge.matching.records import Member
from agentmerge.model import Unit
from agentmerge.statements import clauses
from agentmerge.statements.clauses import facet, is_step
from agentmerge.statements.sentences import told as shown_in
from agentmerge.text.markers import is_note

TOGETHER = 3
"""Statements of one contract that came, or went, from which on they are told together."""
WIDTH = 60
"""Characters that are shown of each of them."""

_NAMES = ("step-added", "step-removed", "contract-changed", "trigger-changed", "knowledge-added", "knowledge-removed")


@rule(*_NAMES, order=120)
def one_sided(comparison: Comparison) -> Iterator[Finding]:
    """What else only one side has, where no finding speaks of it yet.

    What stands in a section that the other side lacks altogether is told with the section.
    """
    matching, told = comparison.matching, comparison.told
    for side, (members, lone) in enumerate(
        ((matching.only_a, matching.sections_only_a), (matching.only_b, matching.sections_only_b))
    ):
        gone = {member.line for member in lone if not wraps_all(member, comparison)}
        steps: set[int] = set()
        units = [member for member in members if isinstance(member.node, Unit) and not is_note(member.node)]
        parts = [
            member
            for member in units
            if clauses.is_contract(member, comparison.knowledge)
            and (side, member.line) not in told
            and not any(section.line in gone for section in member.path)
        ]
        yield from _contracts(comparison, parts)
        found = [
            one
            for member in units
            for one in _lone_unit(comparison, member, gone, steps, told=(side, member.line) in told)
        ]
        yield from _steps_together(comparison, found)


def _lone_unit(
    comparison: Comparison, member: Member, gone: set[int], steps: set[int], *, told: bool
) -> Iterator[Finding]:
    unit = member.node
    assert isinstance(unit, Unit)
    inside = any(section.line in gone for section in member.path)
    word = "added" if member.file else "removed"
    shown = in_line(member.text)
    if clauses.is_contract(member, comparison.knowledge):
        return
    if is_step(member, comparison.knowledge):
        nested = {child.line for child in _below(unit)}
        if unit.line not in steps and not inside and not (told and not member.file):
            yield _step(comparison, member)
        steps |= nested
    elif facet(member, comparison.knowledge) == "trigger" and not inside:
        yield comparison.finding("trigger-changed", f"situation {word}: {shown}", path_of(member), *sides_of(member))
    elif not (inside or told):
        yield comparison.finding(f"knowledge-{word}", f"statement {word}: {shown}", path_of(member), *sides_of(member))


def _steps_together(comparison: Comparison, findings: Sequence[Finding]) -> Iterator[Finding]:
    """Findings, with the steps that one procedure lost told together where they are many."""
    homes: dict[str, list[Finding]] = defaultdict(list)
    for one in findings:
        if one.rule == "step-removed" and one.severity is ChangeSeverity.WARNING:
            homes[one.path].append(one)
    for one in findings:
        alike = homes[one.path] if one in homes[one.path] else []
        if len(alike) < TOGETHER:
            yield one
        elif one is alike[0]:
            texts = tuple(step.a.text for step in alike if step.a is not None)
            shown = "; ".join(in_line(text, WIDTH) for text in texts)
            yield comparison.finding(
                "step-removed", f"{len(alike)} steps removed: {shown}", one.path, one.a, None, owns=texts
            )


def _step(comparison: Comparison, member: Member) -> Finding:
    """A step that only one side has; one that may stand in other words is no loss for sure."""
    word = "added" if member.file else "removed"
    message, path, spots = f"step {word}: {in_line(member.text)}", path_of(member), sides_of(member)
    if member.file:
        return comparison.finding("step-added", message, path, *spots)
    clauses = [one for one in comparison.sentences.only_a if one.unit.line == member.line]
    candidates = [comparison.restatements.of(one) for one in clauses]
    is_said = all(candidates) if clauses else _is_held(comparison, member)
    more = shown_in(candidates[0]) if is_said and candidates else ""
    return comparison.finding("step-removed", f"{message}{more}", path, *spots, mild=is_said)


def _is_held(comparison: Comparison, member: Member) -> bool:
    """Whether every sentence of a step has a partner somewhere."""
    return any(pair.a.unit.line == member.line for pair in comparison.sentences.pairs)


def _below(unit: Unit) -> Iterator[Unit]:
    for child in unit.children:
        yield child
        yield from _below(child)


def _contracts(comparison: Comparison, members: Sequence[Member]) -> Iterator[Finding]:
    """Statements of a contract that only one side has; many of one section together."""
    homes: dict[int, list[Member]] = defaultdict(list)
    for member in members:
        homes[member.path[-1].line if member.path else 0].append(member)
    for found in homes.values():
        first, word = found[0], "added" if found[0].file else "removed"
        noun, place = clauses.noun(first, comparison.knowledge), (path_of(first), *sides_of(first))
        if len(found) < TOGETHER:
            yield from (_contract(comparison, member) for member in found)
        else:
            shown = "; ".join(in_line(member.text, WIDTH) for member in found)
            owns = tuple(member.text for member in found)
            message = f"{len(found)} {noun}s {word}: {shown}"
            yield comparison.finding("contract-changed", message, *place, mild=True, owns=owns)


def _contract(comparison: Comparison, member: Member) -> Finding:
    noun, word = clauses.noun(member, comparison.knowledge), "added" if member.file else "removed"
    message = f"{noun} {word}: {in_line(member.text)}"
    return comparison.finding("contract-changed", message, path_of(member), *sides_of(member), mild=True)
