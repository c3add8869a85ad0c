"""Contradictions: between authors, and not of what one author, or all of them, hold to go together."""

from __future__ import annotations

import pytest

from agentmerge import parse
from agentmerge.matching.records import Alignment, Group, members_of
from agentmerge.planning import fields
from agentmerge.planning.clusters import build, gather, procedure_groups
from agentmerge.planning.deciding import Plan, decide_units
from agentmerge.planning.strategies import Policy
from agentmerge.planning.tree import build_tree
from tests.shipped import SHIPPED

HIGH, LOW = "- Keep the coverage above 80%\n", "- Keep the coverage above 60%\n"


def _plan(one: str, other: str) -> Plan:
    """The verdicts on two variants, of whose units the first and the last one contradict each other."""
    definitions = parse(one), parse(other)
    members = [m for file, definition in enumerate(definitions) for m in members_of(file, definition)]
    group = Group((members[0], members[-1]), "contradicts", 1.0, "coverage", "coverage")
    alignment, policy = Alignment(definitions, (), (group,)), Policy()
    entries = gather(definitions, SHIPPED)
    clusters = build(entries, alignment, SHIPPED)
    tree = build_tree(definitions, alignment, policy.rank, procedure_groups(entries, clusters), SHIPPED)
    voice = fields.choose(definitions, alignment, policy, SHIPPED)
    return decide_units(clusters, tree, alignment, policy, voice, SHIPPED)


@pytest.mark.parametrize(
    ("one", "other", "count"), [(HIGH, LOW, 1), (HIGH, HIGH + LOW, 1), (HIGH + LOW, HIGH + LOW, 0)]
)
def test_contradiction__is_a_conflict_but_where_all_hold_both(one: str, other: str, count: int) -> None:
    plan = _plan(one, other)
    assert len(plan.clashes) == count
    assert sum(verdict.clash is not None for verdict in plan.verdicts) == 2 * count
