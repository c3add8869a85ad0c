"""A paragraph as rows: its visible lines, or what stands between its hard breaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from agentmerge.parsing.blocks import Block
from agentmerge.wrapping import flow_of, hard_runs


class Row(NamedTuple):
    """A visible line, or lines that were only wrapped; 0-based, `end` exclusive."""

    text: str
    start: int
    end: int

    @property
    def flow(self) -> str:
        return flow_of(self.text).strip()


def rows_of(block: Block) -> list[Row]:
    """The visible lines of a paragraph; one row for it all where the parser left some of them out."""
    lines = block.text.split("\n")
    if len(lines) != block.end - block.start:
        return [Row(block.text, block.start, block.end)]
    return [Row(line, number, number + 1) for number, line in enumerate(lines, block.start)]


def flowing(rows: Sequence[Row]) -> list[Row]:
    """The rows with those put together that no hard break parts."""
    runs = hard_runs([row.text for row in rows])
    return [joined(rows[start:end]) for start, end in runs]


def joined(rows: Sequence[Row]) -> Row:
    """Rows as one."""
    return Row("\n".join(row.text for row in rows), rows[0].start, rows[-1].end)
