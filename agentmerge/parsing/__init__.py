"""Bytes' worth of text in, one `Definition` out: frontmatter, section tree, units, diagnostics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from agentmerge import tables
from agentmerge.errors import InputError
from agentmerge.model import Definition, Diagnostic, Frontmatter, Paragraph, Span
from agentmerge.parsing import checks, cover, dialects, frontmatter, modes, sections
from agentmerge.parsing.blocks import Block, parse_body, wrapped_marks
from agentmerge.parsing.containers import grammar
from agentmerge.parsing.lines import line_ending, split_lines, to_lf
from agentmerge.parsing.notes import note
from agentmerge.parsing.units import Slicer
from agentmerge.wrapping import flow_of


def parse(text: str, *, filename: str | None = None, dialect: str | None = None) -> Definition:
    """Read one definition. `emit(parse(text)) == text` for every text.

    `filename` helps to tell the dialect and names the file in errors; `dialect` overrides the detection.
    Raises InputError when `dialect` is not one that the dialect table holds; InternalError where a line of the file
    would belong to no field, section or unit, or to two.
    """
    known = dialects.names()
    if dialect is not None and dialect not in known:
        raise InputError(f"there is no dialect '{dialect}'", file=filename, remedy=f"known are {', '.join(known)}")
    return _checked(text, filename, dialect, frozenset())


def parse_joined(definition: Definition, joined: frozenset[str]) -> Definition:
    """The definition read again, with the lines of the paragraphs that say `joined` taken as merely wrapped."""
    return _checked(definition.text, definition.filename, definition.dialect, joined)


def _checked(text: str, filename: str | None, dialect: str | None, joined: frozenset[str]) -> Definition:
    definition = _parsed(text, filename, dialect, joined, displaced=True)
    if definition.frontmatter is not None and cover.uncovered(definition):
        # A unit goes round the block of fields: it is text, wherever it may stand.
        definition = _parsed(text, filename, dialect, joined, displaced=False)
    cover.require(definition)
    return definition


def _parsed(
    text: str, filename: str | None, dialect: str | None, joined: frozenset[str], *, displaced: bool
) -> Definition:
    split = frontmatter.split(text, displaced=displaced)
    starts = list(accumulate(map(len, split_lines(text)), initial=0))
    front = _with_spans(split.front, starts)
    found = dialect or dialects.detect(filename, front)
    cut = Slicer(split_lines(split.body), split.body_line, starts, joined)
    body, known = _readable(split.body), grammar(tables.current())
    tagged = wrapped_marks(body, known)
    cut.paragraphs += [Paragraph(cut.with_indents(block), by_line=True) for block in tagged]
    wrapped = {line for block in tagged if flow_of(block.text) in joined for line in range(block.start, block.end)}
    read, lonely = parse_body(body, known, wrapped)
    blocks, accidents = sections.without_accidents(read, cut)
    root = modes.with_modes(sections.build(blocks, cut))
    notes = [*split.notes, *accidents]
    notes += _notes(tables.dialects()[found], front, blocks, split.body, cut)
    notes += checks.file_notes(text, filename, front)
    notes += checks.section_notes(root)
    notes += checks.container_notes(lonely, cut)
    notes.sort(key=lambda note: note.line)
    return Definition(text, filename, found, front, root, tuple(notes), line_ending(text), tuple(cut.paragraphs))


def _with_spans(front: Frontmatter | None, starts: Sequence[int]) -> Frontmatter | None:
    if front is None:
        return None
    fields = (replace(field, span=Span(starts[field.start - 1], starts[field.end - 1])) for field in front.fields)
    return replace(front, fields=tuple(fields))


def _notes(
    dialect: tables.Dialect, front: Frontmatter | None, blocks: list[Block], body: str, cut: Slicer
) -> Iterator[Diagnostic]:
    if front is not None:
        yield from checks.field_notes(front, dialect)
        if not body.strip():
            yield note("body-empty", max(1, front.end - 1))
    yield from checks.body_notes(blocks, body, cut, dialect)
    yield from checks.misplaced_frontmatter(blocks, cut)


def _readable(body: str) -> str:
    # A BOM would hide a heading on the first line.
    return to_lf(body).removeprefix("\ufeff")
