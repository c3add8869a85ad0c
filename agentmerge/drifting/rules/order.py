"""Steps and phases that follow each other in another order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from agentmerge.diffing.changes import path_of
from agentmerge.diffing.records import Spot
from agentmerge.drifting.records import NO_WORDS, Finding
from agentmerge.drifting.registry import Comparison, in_line, rule
from agentmerge.matching.pairwise import Pair, parent_line
from agentmerge.matching.records import Member
from agentmerge.model import Unit
from agentmerge.statements import clauses
from agentmerge.statements.clauses import facet, is_step, is_step_section


@rule("steps-reordered", order=90)
def order(comparison: Comparison) -> Iterator[Finding]:
    """One finding per procedure whose steps follow each other in another order."""
    late = {change.old.line for change in comparison.changes if change.kind == "unit-reordered" and change.old}
    homes: dict[int, list[Pair]] = defaultdict(list)
    for pair in comparison.matching.units:
        if is_step(pair.a, comparison.knowledge) and facet(pair.a, comparison.knowledge) not in clauses.FACETS:
            homes[parent_line(pair.a)].append(pair)
    for pairs in homes.values():
        if any(pair.a.line in late for pair in pairs):
            yield _reordered(comparison, pairs, "steps")
    moved = {c.old.line for c in comparison.changes if c.reorders and c.old}
    sections = [pair for pair in comparison.matching.sections if is_step_section(pair.a, comparison.knowledge)]
    if any(pair.a.line in moved for pair in sections):
        yield _reordered(comparison, sections, "phases")


def _reordered(comparison: Comparison, pairs: Sequence[Pair], noun: str) -> Finding:
    old = sorted((pair.a for pair in pairs), key=lambda member: member.line)
    new = sorted((pair.b for pair in pairs), key=lambda member: member.line)
    spots = Spot(0, old[0].line, _order(old)), Spot(1, new[0].line, _order(new))
    # Bullets that were written anew beside that follow no order.
    units = [member.node for member in old if isinstance(member.node, Unit)]
    is_loose = (
        bool(units) and not any(unit.ordinal for unit in units) and not all(one.a.says_same(one.b) for one in pairs)
    )
    message = f"{noun} in another order: {spots[1].text}"
    return comparison.finding("steps-reordered", message, path_of(new[0]), *spots, owns=NO_WORDS, mild=is_loose)


def _order(members: Sequence[Member]) -> str:
    return ", ".join(_label(member) for member in members)


def _label(member: Member) -> str:
    lead = member.node.lead if isinstance(member.node, Unit) else ""
    return in_line(lead or member.text, 40)
