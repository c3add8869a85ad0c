"""What is worth telling about fences: those kept whole against CommonMark, and those that end where nobody meant."""

from __future__ import annotations

from collections.abc import Iterator

from agentmerge.model import Diagnostic
from agentmerge.parsing import fences
from agentmerge.parsing.blocks import Block
from agentmerge.parsing.lines import bare
from agentmerge.parsing.notes import note, short
from agentmerge.parsing.units import Slicer


def fence_notes(block: Block, cut: Slicer) -> Iterator[Diagnostic]:
    """About one fenced block."""
    first, last = block.start + cut.offset, block.end + cut.offset - 1
    fence = short(block.marker + block.info)
    longer = block.marker + block.marker[0]
    if not _is_closed(block, cut):
        yield note("fence-unclosed", first, cut.knowledge, fence=block.marker, end=last)
    elif block.cut:
        end = block.cut + cut.offset - 1
        yield note("fence-nested", first, cut.knowledge, fence=fence, cut=end, end=last, longer=longer)
    else:
        yield from _of_end(block, cut, fence, longer)


def _of_end(block: Block, cut: Slicer, fence: str, longer: str) -> Iterator[Diagnostic]:
    first, last = block.start + cut.offset, block.end + cut.offset - 1
    number, heading = fences.opening(block.text, block.marker), fences.heading(block.text)
    inner = first + 1 + (number or 0)
    if number is not None and (not heading or fences.names_document(block.info, cut.knowledge)):
        yield note("fence-unsure", first, cut.knowledge, fence=fence, inner=inner, end=last, longer=longer)
    elif number is not None:
        why = f"a fence opens on line {inner} in it"
        yield note(
            "fence-late", first, cut.knowledge, fence=fence, title=short(heading), why=why, end=last, longer=longer
        )
    elif heading and not block.info and _looks_like_end(block, cut):
        why = "it opens on a line that looks like the end of another"
        yield note(
            "fence-late", first, cut.knowledge, fence=fence, title=short(heading), why=why, end=last, longer=longer
        )


def _is_closed(block: Block, cut: Slicer) -> bool:
    last = cut.lines[block.end - 1].strip(" \t\r\n>")
    return block.end - block.start > 1 and last.startswith(block.marker) and not last.strip(block.marker[0])


def _looks_like_end(block: Block, cut: Slicer) -> bool:
    """Whether a bare fence that opens a block has text above it and a blank line below."""
    above = bare(cut.lines[block.start - 1]).strip() if block.start else ""
    return above != "" and not bare(cut.lines[block.start + 1]).strip()
