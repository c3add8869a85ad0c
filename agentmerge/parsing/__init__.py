"""Bytes' worth of text in, one `Definition` out: frontmatter, section tree, units, diagnostics."""

from __future__ import annotations

from collections.abc import Iterator

from agentmerge import tables
from agentmerge.errors import InputError
from agentmerge.model import Definition, Diagnostic, Frontmatter
from agentmerge.parsing import checks, dialects, frontmatter, sections
from agentmerge.parsing.blocks import Block, parse_blocks
from agentmerge.parsing.lines import line_ending, split_lines, to_lf
from agentmerge.parsing.notes import note
from agentmerge.parsing.units import Slicer


def parse(text: str, *, filename: str | None = None, dialect: str | None = None) -> Definition:
    """Read one definition. `emit(parse(text)) == text` for every text.

    `filename` helps to tell the dialect and names the file in errors; `dialect` overrides the detection.
    Raises InputError when `dialect` is not one that the dialect table holds.
    """
    known = dialects.names()
    if dialect is not None and dialect not in known:
        raise InputError(f"there is no dialect '{dialect}'", file=filename, remedy=f"known are {', '.join(known)}")
    return _parsed(text, filename, dialect, frozenset())


def parse_joined(definition: Definition, joined: frozenset[str]) -> Definition:
    """The definition read again, with the lines of the paragraphs that say `joined` taken as merely wrapped."""
    return _parsed(definition.text, definition.filename, definition.dialect, joined)


def _parsed(text: str, filename: str | None, dialect: str | None, joined: frozenset[str]) -> Definition:
    split = frontmatter.split(text)
    front, notes = frontmatter.read(split.frontmatter) if split.frontmatter is not None else (None, [])
    found = dialect or dialects.detect(filename, front)
    cut = Slicer(split_lines(split.body), split.body_line, joined)
    blocks, accidents = sections.without_accidents(parse_blocks(_readable(split.body)), cut)
    root = sections.build(blocks, cut)
    notes += [*split.notes, *accidents]
    notes += _notes(tables.dialects()[found], front, blocks, split.body, cut)
    notes += checks.file_notes(text, filename, front)
    notes += checks.section_notes(root)
    notes.sort(key=lambda note: note.line)
    return Definition(text, filename, found, front, root, tuple(notes), line_ending(text), tuple(cut.paragraphs))


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
