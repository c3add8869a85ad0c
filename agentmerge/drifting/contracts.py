"""What the agent has to hand over or to check: formats, deliverables, checklists, definitions of done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from agentmerge.aligning.matching import Matching, Pair
from agentmerge.aligning.nearest import nearest
from agentmerge.aligning.records import Member
from agentmerge.diffing.records import Spot
from agentmerge.diffing.structure import folded, path_of
from agentmerge.drifting.clauses import facet
from agentmerge.drifting.datakeys import data_keys, keys_of_both, only_grows, shape_changes
from agentmerge.drifting.records import Finding
from agentmerge.drifting.rules import finding
from agentmerge.knowledge import Knowledge
from agentmerge.model import Unit

FACETS = frozenset({"deliverable", "check"})
SHARED_KEYS = 2
"""Keys that two blocks have in common at least, to be taken for versions of one format."""

NEAREST = 200
"""Blocks with one key that a block is compared with; the others are told as gone and new."""


def contract_findings(matching: Matching, knowledge: Knowledge) -> Iterator[Finding]:
    """Changes of matched statements of a contract, and of the keys of data blocks wherever they stand."""
    for pair in matching.units:
        yield from _pair(pair, knowledge)
    for old, new in _unmatched_blocks(matching):
        yield from _keys(old, new, knowledge)


def _pair(pair: Pair, knowledge: Knowledge) -> Iterator[Finding]:
    old, new = pair.a.node, pair.b.node
    assert isinstance(old, Unit)
    assert isinstance(new, Unit)
    if pair.a.says_same(pair.b):
        return
    spots = Spot(0, pair.a.line, pair.a.text), Spot(1, pair.b.line, pair.b.text)
    if data_keys(old) or data_keys(new):
        yield from _keys(pair.a, pair.b, knowledge)
    elif is_contract(pair.a, knowledge) and folded(old, knowledge) != folded(new, knowledge):
        yield finding(
            "contract-changed",
            f"{_noun(pair.b, knowledge)} reworded: {' '.join(new.flow.split())}",
            path_of(pair.b),
            *spots,
            mild=True,
            knowledge=knowledge,
        )


def _keys(old: Member, new: Member, knowledge: Knowledge) -> Iterator[Finding]:
    """Changed keys of two blocks; keys that are only new break no reader."""
    assert isinstance(old.node, Unit)
    assert isinstance(new.node, Unit)
    before, after = keys_of_both(old.node, new.node)
    if changes := shape_changes(before, after):
        message = f"keys of a data block: {'; '.join(changes)}"
        mild = bool(before) and only_grows(before, after)
        yield finding("contract-changed", message, path_of(new), _spot(old), _spot(new), knowledge, mild=mild)


def _noun(member: Member, knowledge: Knowledge) -> str:
    return {"check": "check", "deliverable": "deliverable"}.get(facet(member, knowledge), "check")


def one_sided(member: Member, knowledge: Knowledge) -> Finding:
    """A statement of a contract that only one side has."""
    spot = Spot(member.file, member.line, member.text)
    message = f"{_noun(member, knowledge)} {'added' if member.file else 'removed'}: {' '.join(member.text.split())}"
    old, new = (None, spot) if member.file else (spot, None)
    return finding("contract-changed", message, path_of(member), old, new, knowledge, mild=True)


def is_contract(member: Member, knowledge: Knowledge) -> bool:
    """Whether a unit is a task, or stands where outputs or checks are listed."""
    return facet(member, knowledge) in FACETS or (isinstance(member.node, Unit) and member.node.kind == "task")


def _spot(member: Member) -> Spot:
    return Spot(member.file, member.line, member.text)


def _unmatched_blocks(matching: Matching) -> Iterator[tuple[Member, Member]]:
    """Data blocks without a partner that share keys: versions of one format by different authors."""
    left, right = _blocks(matching.only_a), _blocks(matching.only_b)
    scored = []
    for number, other in _sharing([old for _, old in left], [new for _, new in right]):
        shared = len(left[number][1].keys() & right[other][1].keys())
        if shared >= SHARED_KEYS:
            scored.append((-shared, number, other))
    taken: set[tuple[str, int]] = set()
    for _, number, other in sorted(scored):
        if ("a", number) not in taken and ("b", other) not in taken:
            taken |= {("a", number), ("b", other)}
            yield left[number][0], right[other][0]


def _sharing(left: Sequence[Mapping[str, str]], right: Sequence[Mapping[str, str]]) -> Iterator[tuple[int, int]]:
    """Numbers of blocks that have a key in common; of one key that very many have only with the nearest."""
    holders: dict[str, list[int]] = defaultdict(list)
    for number, keys in enumerate(right):
        for key in keys:
            holders[key].append(number)
    for number, keys in enumerate(left):
        yield from (
            (number, one) for one in {b for key in keys for b in nearest(holders.get(key, ()), number, NEAREST)}
        )


def _blocks(members: tuple[Member, ...]) -> list[tuple[Member, Mapping[str, str]]]:
    found = [(member, data_keys(member.node)) for member in members if isinstance(member.node, Unit)]
    return [row for row in found if row[1]]
