"""Blocks to a section tree: ATX and setext headings, and the pseudo-headings that many authors use instead.

A pseudo-heading is a bold paragraph (`**REST APIs:**`), the bold first line of a paragraph, or a `Label:` line
directly before a list. A real heading closes all of them, the next pseudo-heading closes its own kind, and so does
a paragraph that comes after their list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from agentmerge.model import Diagnostic, HeadingStyle, Section, Unit
from agentmerge.parsing.blocks import Block
from agentmerge.parsing.containers import Boundary
from agentmerge.parsing.notes import note, short
from agentmerge.parsing.paragraphs import is_meaning
from agentmerge.parsing.runs import is_pseudo_list, starts_with_sign, with_runs
from agentmerge.parsing.units import Slicer, units_of
from agentmerge.signs import unsigned

MAX_BOLD_TITLE = 80
"""Characters; a longer bold line is a sentence that somebody stressed."""
MAX_LABEL = 120
"""Characters; a longer line before a list is a paragraph that introduces it."""

_BOLD = re.compile(r"(\*\*|__)(?=\S)(?P<title>(?:(?!\1).)+)(?<=\S)\1[ \t]*[:：]?\Z")
_LABEL = re.compile(r"(?P<title>\S.*?)[ \t]*[:：](?:\*\*|__)?[ \t]*\Z")
_SENTENCE_END = re.compile(r"[.!?。！？](?:\s|\Z)")
_ORDINAL = re.compile(r"\A(?:\d{1,3}|[A-Za-z])[.)]\s+")
_MARKS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_CLOSING_HASHES = re.compile(r"(?:^|[ \t])#+[ \t]*\Z")


@dataclass(slots=True)
class _Open:
    """A section that is still being filled."""

    title: str
    style: HeadingStyle
    start: int
    end: int
    heading_level: int = 0
    body: list[Unit | Section] = field(default_factory=list)
    has_list: bool = False
    has_direct_list: bool = False
    is_container: bool = False
    """Whether a line of its own closes it."""

    @property
    def is_pseudo(self) -> bool:
        return self.style in ("bold", "label")


def without_accidents(blocks: Sequence[Block], cut: Slicer) -> tuple[list[Block], list[Diagnostic]]:
    """The blocks with text that happens to stand on a line of dashes taken as the paragraph and rule that are meant.

    CommonMark makes a heading of it, even of a whole paragraph, and of the fields of a second frontmatter.
    """
    found: list[Block] = []
    notes: list[Diagnostic] = []
    for block in blocks:
        if block.setext and block.level == 2 and _is_prose(block.text):
            end = cut.trimmed(block.start, block.end) - 1
            found += [Block("paragraph", block.start, end, block.text), Block("break", end, block.end)]
            notes.append(note("setext-accident", end + cut.offset, text=short(block.text)))
        elif found and block.kind == "paragraph" and _is_meaning_of(found[-1], block):
            term = found.pop()
            gap = "\n" * (block.start - term.end + 1)
            found.append(Block("paragraph", term.start, block.end, f"{term.text}{gap}{block.text}"))
        else:
            found.append(block)
    return found, notes


def _is_meaning_of(term: Block, block: Block) -> bool:
    """Whether a paragraph says what the one above it, of one line, means (`: meaning`)."""
    is_term = term.kind == "paragraph" and (term.end - term.start == 1 or is_meaning(term.text.split("\n")[-1]))
    return is_term and is_meaning(block.text)


def _is_prose(text: str) -> bool:
    return "\n" in text or len(text) > MAX_LABEL or text.rstrip().endswith((".", "!", "?", ";", ",", ":", "。", "："))


def build(blocks: Sequence[Block], cut: Slicer) -> Section:
    """The section tree of a body; the root holds what stands before the first heading."""
    stack = [_Open("", "root", 0, 0)]
    blocks = with_runs(blocks, cut.lines)
    for number, block in enumerate(blocks):
        following = blocks[number + 1] if number + 1 < len(blocks) else None
        if block.kind == "heading":
            _open_heading(stack, block, cut)
        elif block.boundary is not None and block.boundary.is_paired:
            _add_boundary(stack, block, block.boundary, cut)
        else:
            _add_block(stack, block, following, cut)
    while len(stack) > 1:
        _close(stack, cut)
    return _finished(stack[0], 0, cut)


def _open_heading(stack: list[_Open], block: Block, cut: Slicer) -> None:
    while stack[-1].is_pseudo or stack[-1].heading_level >= block.level:
        _close(stack, cut)
    style: HeadingStyle = "setext" if block.setext else "atx"
    title = plain_title(block.text if block.setext else _CLOSING_HASHES.sub("", block.text))
    stack.append(_Open(title, style, block.start, cut.trimmed(block.start, block.end), block.level))


def _add_boundary(stack: list[_Open], block: Block, boundary: Boundary, cut: Slicer) -> None:
    """Open, part or close a container; every section that is open inside it ends with it."""
    style: HeadingStyle = "owned" if boundary.kind == "owned" else "template" if boundary.kind == "template" else "tag"
    if boundary.role == "open":
        stack.append(_Open(boundary.title, style, block.start, block.end, is_container=True))
        return
    while not stack[-1].is_container:
        _close(stack, cut)
    if boundary.role == "branch":
        stack.append(_Open(boundary.title, style, block.start, block.end))
    else:
        stack[-1].body.append(cut.unit("close", block.start, block.end, cut.lines[block.start].strip()))
        _close(stack, cut)


def _add_block(stack: list[_Open], block: Block, following: Block | None, cut: Slicer) -> None:
    if block.kind != "paragraph":
        _append(stack[-1], units_of(block, cut), is_list=block.kind == "list")
        return
    left: Block | None = None
    rest: Block | None = block
    while rest is not None and rest is not left:
        left, rest = rest, _take_bold(stack, rest, following, cut)
    if rest is not None:
        _add_paragraph(stack, rest, following, cut)


def _take_bold(stack: list[_Open], block: Block, following: Block | None, cut: Slicer) -> Block | None:
    """Open a section where the paragraph is, or starts with, a bold title; what is left of the paragraph."""
    rows = block.text.split("\n")
    match = _BOLD.match(rows[0].strip())
    if not match or len(match["title"]) > MAX_BOLD_TITLE or _is_sentence(match["title"]):
        return block
    if len(rows) == 1 and (following is None or following.kind in ("heading", "break")):
        return block
    if any(is_meaning(line) for line in [line for line in rows[1:] if line.strip()][:1]):
        return block
    if len(rows) > 1 and (is_pseudo_list(rows) or len(rows) != block.end - block.start):
        return block
    _close_pseudo(stack, cut)
    stack.append(_Open(plain_title(match["title"]), "bold", block.start, block.start + 1))
    return _without_first(block, rows) if len(rows) > 1 else None


def _add_paragraph(stack: list[_Open], block: Block, following: Block | None, cut: Slicer) -> None:
    rows = block.text.split("\n")
    whole = len(rows) == block.end - block.start
    if whole and _is_listing(following) and (is_label(rows[-1]) or _is_signed_title(rows[-1])):
        if len(rows) > 1:
            _add_plain(stack, Block("paragraph", block.start, block.end - 1, "\n".join(rows[:-1])), cut)
        _open_label(stack, rows[-1], block.end - 1, cut)
    else:
        _add_plain(stack, block, cut)


def _add_plain(stack: list[_Open], block: Block, cut: Slicer) -> None:
    units = units_of(block, cut)
    is_list = all(unit.kind in ("item", "task") for unit in units)
    while not is_list and stack[-1].is_pseudo and stack[-1].has_list:
        _close(stack, cut)
    _append(stack[-1], units, is_list=is_list)


def _without_first(block: Block, rows: Sequence[str]) -> Block:
    return Block("paragraph", block.start + 1, block.end, "\n".join(rows[1:]))


def _is_sentence(title: str) -> bool:
    return _SENTENCE_END.search(_ORDINAL.sub("", title)) is not None


def _is_listing(block: Block | None) -> bool:
    """Whether a block is a list, or lines with bullet signs that Markdown does not know."""
    if block is None or block.kind != "paragraph":
        return block is not None and block.kind == "list"
    rows = block.text.split("\n")
    return is_pseudo_list(rows) and starts_with_sign(rows[0])


def is_label(row: str) -> bool:
    """Whether a line is a label where a list follows it."""
    match = _LABEL.match(row)
    return match is not None and len(row) <= MAX_LABEL and not _is_sentence(match["title"])


def _is_signed_title(row: str) -> bool:
    """Whether a line is nothing but bold words behind a sign: `❌ **Never**` governs the list below it."""
    title = unsigned(row.strip())
    match = _BOLD.match(title) if title != row.strip() else None
    return match is not None and len(match["title"]) <= MAX_BOLD_TITLE and not _is_sentence(match["title"])


def _open_label(stack: list[_Open], row: str, line: int, cut: Slicer) -> None:
    style: HeadingStyle = "bold" if _BOLD.match(row.strip()) else "label"
    while stack[-1].style == "label" or (stack[-1].is_pseudo and (style == "bold" or stack[-1].has_direct_list)):
        _close(stack, cut)
    stack.append(_Open(plain_title(row.strip()), style, line, line + 1))


def _close_pseudo(stack: list[_Open], cut: Slicer) -> None:
    while stack[-1].is_pseudo:
        _close(stack, cut)


def _append(target: _Open, units: Sequence[Unit], *, is_list: bool) -> None:
    target.body.extend(units)
    target.has_list |= is_list
    target.has_direct_list |= is_list


def _close(stack: list[_Open], cut: Slicer) -> None:
    section = stack.pop()
    stack[-1].body.append(_finished(section, len(stack), cut))
    if section.is_pseudo:
        stack[-1].has_list |= section.has_list


def _finished(section: _Open, level: int, cut: Slicer) -> Section:
    return Section(
        section.title,
        level,
        section.style,
        section.start + cut.offset,
        section.end + cut.offset,
        cut.source(section.start, section.end),
        tuple(section.body),
        section.heading_level,
        cut.span(section.start, section.end),
    )


def plain_title(text: str) -> str:
    """A heading's words: emphasis marks, closing colon and line breaks taken off."""
    text = " ".join(_MARKS.sub(r"\2", text).split())
    return text.rstrip(" :：")
