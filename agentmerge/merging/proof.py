"""What was true of every version is true of the merged text, whichever side a person takes in its conflicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from agentmerge.merging.inputs import Inputs
from agentmerge.merging.pieces import Piece, Settled, Style, clashes, marked, refined
from agentmerge.outcome import LedgerRow, Notice
from agentmerge.proving import Case, prove

Side = Literal["ours", "theirs"]


def findings(pieces: Sequence[Piece], inputs: Inputs, style: Style, ledger: Sequence[LedgerRow]) -> tuple[Notice, ...]:
    """A finding, with lines of the written text, for each thing that its versions had and that it has not."""
    sides: tuple[Side, ...] = ("ours", "theirs") if clashes(pieces) else ("ours",)
    found = (notice for side in sides for notice in _of_side(pieces, inputs, style, ledger, side))
    return tuple({(notice.rule, notice.message): notice for notice in found}.values())


def _of_side(
    pieces: Sequence[Piece], inputs: Inputs, style: Style, ledger: Sequence[LedgerRow], side: Side
) -> tuple[Notice, ...]:
    rows = list(_lines(pieces, style, side))
    name = inputs.read[1].filename
    case = Case(
        inputs.result([line for line, _ in rows]),
        tuple(inputs.read),
        inputs.knowledge,
        ledger,
        are_versions=True,
        numbers=[number for _, number in rows],
        paths=(name,) if name else (),
    )
    return prove(case)


def _lines(pieces: Sequence[Piece], style: Style, side: Side) -> Iterator[tuple[str, int]]:
    """The lines of the text with one side of each conflict, and the line that each has in the written text."""
    at = 1
    for part in (part for piece in pieces for part in refined(piece, style.conflict_style)):
        if isinstance(part, Settled):
            yield from ((line, at + n) for n, line in enumerate(part.lines))
            at += len(part.lines)
            continue
        size = len(marked(part, style))
        if side == "ours":
            yield from ((line, at + 1 + n) for n, line in enumerate(part.ours))
        else:
            start = at + size - 1 - len(part.theirs)
            yield from ((line, start + n) for n, line in enumerate(part.theirs))
        at += size
