"""N variants together: what a quorum says, who says what alone, who lacks what the others say, who stands apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from agentmerge.aligning.records import Alignment, Group, Member, members_of
from agentmerge.diffing.records import Spot
from agentmerge.diffing.structure import path_of
from agentmerge.drifting.records import Disagreement, Standing, Statement, Summary
from agentmerge.model import Field


class Shared(NamedTuple):
    """Something that several variants say."""

    group: Group
    files: frozenset[int]
    """The variants that say it, one of them perhaps as part of a longer statement."""
    keys: frozenset[tuple[int, int]]
    """File and line of each unit that says it."""


def summarise(alignment: Alignment, quorum: int | None = None) -> Summary:
    """Read the summary off an alignment. `quorum` is limited to what the number of variants allows."""
    count = len(alignment.definitions)
    needed = min(max(quorum or count // 2 + 1, 2), count)
    shared = list(_shared(alignment))
    consensus = [one for one in shared if len(one.files) >= needed]
    standings = tuple(_standing(alignment, file, shared, consensus) for file in range(count))
    said = tuple(_statement(one.group) for one in consensus)
    return Summary(needed, said, standings, tuple(_disagreements(alignment)))


def _shared(alignment: Alignment) -> Iterator[Shared]:
    """What is the same in several variants, and what one says that others say with more."""
    linked: defaultdict[tuple[int, int], set[tuple[int, int]]] = defaultdict(set)
    for group in alignment.units:
        if group.cover is not None:
            for member in group.members:
                linked[member.key].add(group.cover)
                linked[group.cover].add(member.key)
    same = [group for group in alignment.units if group.relation == "same" and _is_said(group)]
    taken = {member.key for group in same for member in group.members}
    covering = [group for group in alignment.units if group.relation == "covers" and group.cover not in taken]
    for group in (*same, *covering):
        keys = frozenset(key for member in group.members for key in (member.key, *linked[member.key]))
        yield Shared(group, frozenset(file for file, _ in keys), keys)


def _is_said(group: Group) -> bool:
    return len({member.file for member in group.members}) > 1 and not isinstance(group.members[0].node, Field)


def _statement(group: Group) -> Statement:
    first = group.members[0]
    return Statement(first.text, path_of(first), tuple(member.key for member in group.members))


def _standing(alignment: Alignment, file: int, shared: list[Shared], consensus: list[Shared]) -> Standing:
    own = [m for m in members_of(file, alignment.definitions[file]) if not isinstance(m.node, Field)]
    grouped = {key for one in shared for key in one.keys}
    alone = [m for m in own if m.key not in grouped]
    held = sum(file in one.files for one in consensus)
    missing = [one.group for one in consensus if file not in one.files]
    others = set(range(len(alignment.definitions))) - {file}
    lacking = [one.group for one in shared if file not in one.files and others <= one.files]
    said = len(alone) + sum(file in one.files for one in shared)
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
