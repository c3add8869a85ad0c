"""How many variants say a thing, for strategies that keep what enough of them say.

Independent authors hardly ever write one text twice, so what says nearly the same counts, and so does the topic: what
two say of a topic that enough of them have is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from agentmerge.aligning.kinds import is_identity
from agentmerge.aligning.records import Alignment
from agentmerge.combining.deciding import Plan, Verdict
from agentmerge.combining.entries import Key
from agentmerge.combining.policy import Policy, body_of
from agentmerge.combining.strategies import SUPPORT, WHOLE_LISTS, Survey, strategy_of
from agentmerge.combining.tree import Node, Tree
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition
from agentmerge.outcome import Notice

ALIKE = 0.25
"""Probability from which a text of another author counts as saying a thing, too."""
LITTLE = 0.25
"""Share of the words of the mean variant below which a result is told to be little."""


def count(plan: Plan, tree: Tree, alignment: Alignment, policy: Policy, knowledge: Knowledge) -> None:
    """Let stand what a strategy of support left out, where enough variants nearly say it, or it belongs to what stands.

    A procedure stands whole where half of its steps do, and goes as a whole otherwise; who the agent is always stands.
    """
    by_support = [verdict for verdict in plan.verdicts if verdict.dropped and strategy_of(verdict.rule).counts]
    if not by_support:
        return
    near, topics = _near(plan, alignment), _files_of_topics(plan)
    variants = len(alignment.definitions)
    for verdict in by_support:
        holders = verdict.cluster.files | near.get(verdict, frozenset())
        survives = strategy_of(verdict.rule).survives
        around = len(topics[_top(verdict.node)])
        if (
            any(is_identity(member.unit, knowledge) for member in verdict.cluster.members)
            or survives(Survey(len(holders), variants, policy.quorum))
            or (len(holders) > 1 and tree.subjects is not None and survives(Survey(around, variants, policy.quorum)))
        ):
            _restore(verdict, SUPPORT)
    _keep_lists_whole(plan, by_support)


def _near(plan: Plan, alignment: Alignment) -> Mapping[Verdict, frozenset[int]]:
    """The other variants that nearly say what a verdict says."""
    found: dict[Verdict, set[int]] = defaultdict(set)
    for (a, b), value in alignment.odds.items():
        one, other = plan.by_key.get(a), plan.by_key.get(b)
        if value >= ALIKE and one is not None and other is not None:
            found[one] |= other.cluster.files
            found[other] |= one.cluster.files
    return {verdict: frozenset(files) for verdict, files in found.items()}


def _files_of_topics(plan: Plan) -> Mapping[Node, set[int]]:
    found: dict[Node, set[int]] = defaultdict(set)
    for verdict in plan.verdicts:
        found[_top(verdict.node)] |= verdict.cluster.files
    return found


def _top(node: Node) -> Node:
    while node.parent is not None and node.parent.parent is not None:
        node = node.parent
    return node


def _restore(verdict: Verdict, rule: str) -> None:
    verdict.dropped, verdict.rule = False, rule


def _keep_lists_whole(plan: Plan, by_support: Sequence[Verdict]) -> None:
    holds = set(_restored_parents(plan))
    rows: dict[Key, list[Verdict]] = defaultdict(list)
    for verdict in plan.verdicts:
        if verdict.survivor.procedure is not None and verdict.survivor.parent is None:
            rows[verdict.survivor.procedure].append(verdict)
    left_out = set(by_support)
    for steps in rows.values():
        stands = 2 * sum(step.stands for step in steps) >= len(steps)
        for step in steps:
            if step.dropped and stands and step in left_out:
                _restore(step, WHOLE_LISTS)
            elif step.stands and not stands and step.rule == SUPPORT and step not in holds:
                step.dropped, step.rule = True, WHOLE_LISTS


def _restored_parents(plan: Plan) -> Iterator[Verdict]:
    """The items that others which stand are nested in: these say nothing without them."""
    for verdict in plan.verdicts:
        parent = verdict.survivor.parent if verdict.stands else None
        while parent is not None:
            above = plan.by_key[parent]
            if above.dropped:
                _restore(above, WHOLE_LISTS)
            yield above
            parent = above.survivor.parent


def told(plan: Plan, result: Definition, definitions: Sequence[Definition]) -> list[Notice]:
    """That a strategy left hardly anything, and what to do then."""
    mean = sum(len(body_of(one).split()) for one in definitions) / len(definitions)
    left = len(body_of(result).split())
    gone = sum(verdict.dropped for verdict in plan.verdicts)
    if not gone or left >= LITTLE * mean:
        return []
    remedy = "the variants say little alike; --strategy union with --budget 1.5x keeps the best supported"
    return [Notice("little-left", "warning", f"{left} words stand, the mean file has {mean:.0f}: {remedy}")]
