"""N variants together: what a quorum says, who says what alone, who lacks what the others say, who stands apart."""

from __future__ import annotations

from collections.abc import Iterator

from agentmerge.aligning.records import Alignment, Group, Member, members_of
from agentmerge.diffing.records import Spot
from agentmerge.diffing.structure import path_of
from agentmerge.drifting.records import Disagreement, Standing, Statement, Summary
from agentmerge.model import Field


def summarise(alignment: Alignment, quorum: int | None = None) -> Summary:
    """Read the summary off an alignment. `quorum` is limited to what the number of variants allows."""
    count = len(alignment.definitions)
    needed = min(max(quorum or count // 2 + 1, 2), count)
    shared = [group for group in alignment.units if group.relation == "same" and _is_said(group)]
    consensus = [group for group in shared if len(_files(group)) >= needed]
    standings = tuple(_standing(alignment, file, shared, consensus) for file in range(count))
    return Summary(needed, tuple(map(_statement, consensus)), standings, tuple(_disagreements(alignment)))


def _is_said(group: Group) -> bool:
    return len(_files(group)) > 1 and not isinstance(group.members[0].node, Field)


def _files(group: Group) -> set[int]:
    return {member.file for member in group.members}


def _statement(group: Group) -> Statement:
    first = group.members[0]
    return Statement(first.text, path_of(first), tuple(member.key for member in group.members))


def _standing(alignment: Alignment, file: int, shared: list[Group], consensus: list[Group]) -> Standing:
    own = [m for m in members_of(file, alignment.definitions[file]) if not isinstance(m.node, Field)]
    grouped = {m.key for group in shared for m in group.members if m.file == file}
    alone = [m for m in own if m.key not in grouped]
    held = sum(file in _files(group) for group in consensus)
    missing = [group for group in consensus if file not in _files(group)]
    lacking = [group for group in shared if _files(group) | {file} == set(range(len(alignment.definitions)))]
    lacking = [group for group in lacking if file not in _files(group)]
    said = len(alone) + sum(file in _files(group) for group in shared)
    total = said + len(consensus)
    return Standing(
        file,
        held,
        tuple(map(_alone, alone)),
        tuple(map(_statement, lacking)),
        tuple(map(_statement, missing)),
        1 - 2 * held / total if total else 0.0,
    )


def _alone(member: Member) -> Statement:
    return Statement(member.text, path_of(member), (member.key,))


def _disagreements(alignment: Alignment) -> Iterator[Disagreement]:
    for group in alignment.units:
        if group.relation == "contradicts":
            yield Disagreement(group.slot, tuple(Spot(m.file, m.line, m.text) for m in group.members))
