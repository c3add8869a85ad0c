"""Statements of the two sides that can't both hold."""

from __future__ import annotations

from collections.abc import Iterator

from agentmerge.diffing.changes import path_of
from agentmerge.drifting.records import Finding
from agentmerge.drifting.registry import Comparison, rule, spot_of
from agentmerge.matching.records import Alignment
from agentmerge.model import Field, Unit


@rule("contradiction", order=160)
def contradictions(comparison: Comparison) -> Iterator[Finding]:
    """What the alignment says contradicts, and no other finding tells of the same two places."""
    if comparison.alignment is not None:
        yield from comparison.untold(_contradictions(comparison, comparison.alignment))


def _contradictions(comparison: Comparison, alignment: Alignment) -> Iterator[Finding]:
    # What the first definition alone says contradicts nothing that the second one holds: it is gone.
    gone = {member.line for member in comparison.matching.only_a}
    for group in alignment.units:
        left, right = ([m for m in group.members if m.file == side] for side in (0, 1))
        if group.relation != "contradicts" or not left or not right or isinstance(left[0].node, Field):
            continue
        if not left[0].says_same(right[0]):
            message = f"{group.slot or 'two statements'}: {group.reason}"
            spots = spot_of(left[0]), spot_of(right[0])
            mild = left[0].line in gone or not isinstance(right[0].node, Unit) or right[0].node.kind == "code"
            yield comparison.finding("contradiction", message, path_of(right[0]), *spots, slot=group.slot, mild=mild)
