"""Entries to lines: which blank lines stand between two neighbours of the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agentmerge.merging.nodes import PROSE, Node, walk
from agentmerge.merging.pieces import Clash, Lines, Piece, Settled
from agentmerge.merging.union import Record, Union
from agentmerge.model import VERBATIM

Gap = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """Lines of one record, or a conflict about it, in the order of the result."""

    record: Record
    last: tuple[Node | None, Node | None, Node | None]
    """In each version, the last node that it covers."""
    lines: Lines = ()
    clash: Clash | None = None
    also: Record | None = None
    """Another record with which it begins, in a version that lacks the first."""


def laid_out(union: Union, entries: Sequence[Entry]) -> list[Piece]:
    """The pieces of the result, with the blank lines that the versions have between the same neighbours."""
    follow = [_followers(root) for root in union.root.versions]
    pieces: list[Piece] = []
    for before, entry in zip([None, *entries], entries, strict=False):
        gap = _leading(union) if before is None else _between(follow, before, entry)
        if gap:
            pieces.append(Settled(gap))
        pieces.append(entry.clash or Settled(entry.lines))
    pieces.append(Settled(_trailing(union)))
    return pieces


def _followers(root: Node | None) -> dict[Node, Node | None]:
    if root is None:
        return {}
    nodes = list(walk(root))
    return dict(zip(nodes, [*nodes[1:], None], strict=True))


def _leading(union: Union) -> Gap:
    return _three(*(tuple(root.gap) if root is not None else None for root in union.root.versions)) or ()


def _trailing(union: Union) -> Gap:
    lasts = [[*walk(root)][-1] if root is not None else None for root in union.root.versions]
    return _three(*(tuple(node.gap) if node is not None else None for node in lasts)) or ()


def _between(follow: Sequence[dict[Node, Node | None]], before: Entry, entry: Entry) -> Gap:
    """The gap that the versions have between these two, three ways; else the usual one around them."""
    base, ours, theirs = (_adjacent(follow[n], before, entry, n) for n in range(3))
    if ours is not None or theirs is not None:
        return _three(base, ours, theirs) or ()
    return _usual(follow, before, entry)


def _adjacent(follow: dict[Node, Node | None], before: Entry, entry: Entry, version: int) -> Gap | None:
    last = before.last[version]
    if last is None:
        return None
    starts = [record.versions[version] for record in (entry.record, entry.also) if record is not None]
    following = follow.get(last)
    return tuple(last.gap) if following is not None and any(following is node for node in starts) else None


def _usual(follow: Sequence[dict[Node, Node | None]], before: Entry, entry: Entry) -> Gap:
    """The gap after the one and the gap before the other; between items of a list, what other items have."""
    items = before.record.kind in PROSE - {"paragraph"} and entry.record.kind in PROSE - {"paragraph"}
    found: list[Gap] = []
    for version in (1, 2):
        last = before.last[version]
        following = follow[version].get(last) if last is not None else None
        if last is not None and following is not None and (not items or following.kind == entry.record.kind):
            found.append(tuple(last.gap))
        start = entry.record.versions[version]
        previous = _previous(follow[version], start) if start is not None else None
        if previous is not None and previous.parent is not None and (not items or previous.kind == before.record.kind):
            found.append(tuple(previous.gap))
    if items:
        return min(found, key=len, default=())
    blank_needed = {before.record.kind, entry.record.kind} <= {
        "paragraph",
        "table",
        "quote",
        "section",
        "reference",
    } | VERBATIM
    return max(found, key=len, default=("",) if blank_needed else ())


def _previous(follow: dict[Node, Node | None], node: Node) -> Node | None:
    return next((one for one, two in follow.items() if two is node), None)


def _three(base: Gap | None, ours: Gap | None, theirs: Gap | None) -> Gap | None:
    if ours is None or theirs is None:
        return theirs if ours is None else ours
    if ours == theirs or theirs == base:
        return ours
    return theirs if ours == base else max(ours, theirs, key=lambda gap: (len(gap), gap))
