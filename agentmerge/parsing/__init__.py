"""Bytes' worth of text in, one `Definition` out: frontmatter, section tree, units, diagnostics."""

from __future__ import annotations

from agentmerge.errors import InputError
from agentmerge.model import Definition, Diagnostic, Frontmatter
from agentmerge.parsing import dialects, frontmatter, sections
from agentmerge.parsing.blocks import parse_blocks
from agentmerge.parsing.lines import line_ending, split_lines, to_lf
from agentmerge.parsing.units import Slicer


def parse(text: str, *, filename: str | None = None, dialect: str | None = None) -> Definition:
    """Read one definition. `emit(parse(text)) == text` for every text.

    `filename` helps to tell the dialect and names the file in errors; `dialect` overrides the detection.
    Raises InputError when `dialect` is not one that the dialect table holds.
    """
    split = frontmatter.split(text)
    front: Frontmatter | None = None
    notes: list[Diagnostic] = []
    if split.frontmatter is not None:
        front, notes = frontmatter.read(split.frontmatter)
    elif split.unclosed:
        notes.append(
            Diagnostic(
                "frontmatter-unclosed",
                "warning",
                1,
                "the frontmatter that '---' opens is never closed",
                "the whole file is body",
                "add a line '---' after the last field",
            )
        )
    if dialect is not None and dialect not in dialects.names():
        known = ", ".join(dialects.names())
        raise InputError(f"there is no dialect '{dialect}'", file=filename, remedy=f"known are {known}")
    cut = Slicer(split_lines(split.body), split.body_line)
    root = sections.build(parse_blocks(_readable(split.body)), cut)
    found = dialect or dialects.detect(filename, front)
    return Definition(text, filename, found, front, root, tuple(notes), line_ending(text))


def _readable(body: str) -> str:
    # The parser swaps NUL for U+FFFD by itself; a lone BOM before a first heading would hide the heading.
    return to_lf(body).replace("\ufeff", " ", 1) if body.startswith("\ufeff") else to_lf(body)
