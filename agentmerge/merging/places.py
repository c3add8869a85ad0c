"""Where a conflict of the line merge stands, and what it is about."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from agentmerge.merging.nodes import Node, walk
from agentmerge.merging.pieces import Clash, Piece, Settled
from agentmerge.merging.structure import NAMED, path_to


class Places:
    """The nodes of three versions by their lines."""

    def __init__(self, trees: Sequence[Node]) -> None:
        self._nodes = [list(walk(tree)) for tree in trees]
        self._starts = [[node.line for node in nodes] for nodes in self._nodes]

    def located(self, piece: Piece) -> Piece:
        """A conflict with its path and what it is about."""
        if isinstance(piece, Settled) or piece.path or piece.slot:
            return piece
        file, first, last = _span(piece)
        node = _common(self._at(file, first), self._at(file, last))
        what = "" if node.kind in NAMED or node.kind == "root" else f"{node.label}: "
        if node.kind in ("section", "root") and first != last:
            what = "several units: "
        return replace(piece, path=path_to(node), slot=what + why(piece))

    def _at(self, file: int, line: int) -> Node:
        return self._nodes[file][bisect_right(self._starts[file], line) - 1]


def why(clash: Clash) -> str:
    """What the sides did to the lines in conflict."""
    if not clash.base:
        return "added by both sides"
    if not clash.ours:
        return "deleted by ours, changed by theirs"
    return "changed by both sides" if clash.theirs else "deleted by theirs, changed by ours"


def _span(clash: Clash) -> tuple[int, int, int]:
    """A version that has lines in the conflict, with the first and the last one that is not blank."""
    versions = (clash.base, clash.ours, clash.theirs)
    file = next((n for n in (1, 2, 0) if any(line.strip() for line in versions[n])), 1)
    visible = [n for n, line in enumerate(versions[file]) if line.strip()] or [0]
    return file, clash.at[file] + visible[0], clash.at[file] + visible[-1]


def _common(one: Node, other: Node) -> Node:
    """The smallest node that holds both."""
    above = set(_upwards(one))
    return next(node for node in _upwards(other) if node in above)


def _upwards(node: Node) -> Iterator[Node]:
    at: Node | None = node
    while at is not None:
        yield at
        at = at.parent
