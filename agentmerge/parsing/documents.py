"""The words of a template in a fence: they are read as they would be outside of it, so that both can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentmerge.knowledge import Knowledge
from agentmerge.memo import Kept
from agentmerge.model import Section, Unit, walk_sections, walk_units
from agentmerge.parsing import modes, sections
from agentmerge.parsing.blocks import parse_blocks
from agentmerge.parsing.fences import heading, names_document
from agentmerge.parsing.lines import split_lines
from agentmerge.parsing.units import Slicer

KEPT = 256
"""Documents that are remembered: a stage asks for each of them many times."""

_FENCE = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?:`{3}|~{3})")


def is_document(unit: Unit, knowledge: Knowledge) -> bool:
    """Whether a block of code holds text: it names a language of documents, or none and has a heading."""
    if unit.kind != "code":
        return False
    return names_document(unit.language, knowledge) if unit.language else heading(unit.text) != ""


def document(unit: Unit, knowledge: Knowledge) -> Section:
    """The section tree of a block's content. Lines are those of the file; `source` has no indentation of the block."""
    return knowledge.derived(_documents)[unit]


def _documents(knowledge: Knowledge) -> Kept[Unit, Section]:
    return Kept(lambda unit: _read(unit, knowledge), KEPT)


def _read(unit: Unit, knowledge: Knowledge) -> Section:
    offset = unit.line + (1 if _FENCE.match(unit.source) else 0)
    cut = Slicer(split_lines(unit.text), offset, knowledge)
    blocks, _ = sections.without_accidents(parse_blocks(unit.text, knowledge), cut)
    return modes.with_modes(sections.build(blocks, cut), knowledge)


def document_words(unit: Unit, knowledge: Knowledge) -> Iterator[tuple[int, str]]:
    """The headings and units of a document with their lines, in order, as a template without a fence has them."""
    if is_document(unit, knowledge):
        root = document(unit, knowledge=knowledge)
        titles = [(section.line, section.title) for _, section in walk_sections(root)]
        yield from sorted([*titles, *((place.unit.line, place.unit.text) for place in walk_units(root))])
