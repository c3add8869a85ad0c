"""Steps, situations, parts of a contract and plain statements that only one side has."""

from __future__ import annotations

from collections.abc import Iterator

from agentmerge.aligning.records import Member
from agentmerge.diffing.structure import path_of
from agentmerge.drifting import contracts
from agentmerge.drifting.clauses import facet
from agentmerge.drifting.comparison import Comparison, in_line, sides_of
from agentmerge.drifting.records import Finding
from agentmerge.drifting.registry import rule
from agentmerge.drifting.steps import is_step
from agentmerge.model import Unit

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
        gone = {member.line for member in lone}
        steps: set[int] = set()
        for member in members:
            if isinstance(member.node, Unit):
                yield from _lone_unit(comparison, member, gone, steps, told=(side, member.line) in told)


def _lone_unit(
    comparison: Comparison, member: Member, gone: set[int], steps: set[int], *, told: bool
) -> Iterator[Finding]:
    unit = member.node
    assert isinstance(unit, Unit)
    inside = any(section.line in gone for section in member.path)
    word = "added" if member.file else "removed"
    shown = in_line(member.text)
    if contracts.is_contract(member, comparison.knowledge):
        if not (inside or told):
            yield _contract(comparison, member)
    elif is_step(member, comparison.knowledge):
        nested = {child.line for child in _below(unit)}
        if unit.line not in steps and not inside:
            yield comparison.finding(f"step-{word}", f"step {word}: {shown}", path_of(member), *sides_of(member))
        steps |= nested
    elif facet(member, comparison.knowledge) == "trigger" and not inside:
        yield comparison.finding("trigger-changed", f"situation {word}: {shown}", path_of(member), *sides_of(member))
    elif not (inside or told):
        yield comparison.finding(f"knowledge-{word}", f"statement {word}: {shown}", path_of(member), *sides_of(member))


def _below(unit: Unit) -> Iterator[Unit]:
    for child in unit.children:
        yield child
        yield from _below(child)


def _contract(comparison: Comparison, member: Member) -> Finding:
    """A statement of a contract that only one side has."""
    noun, word = contracts.noun(member, comparison.knowledge), "added" if member.file else "removed"
    message = f"{noun} {word}: {in_line(member.text)}"
    return comparison.finding("contract-changed", message, path_of(member), *sides_of(member), mild=True)
