"""Blocks to a section tree: ATX and setext headings, and the pseudo-headings that many authors use instead.

A pseudo-heading is a bold paragraph (`**REST APIs:**`), the bold first line of a paragraph, or a `Label:` line
directly before a list. A real heading closes all of them, the next pseudo-heading closes its own kind, and so does
a paragraph that comes after their list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from agentmerge.model import Diagnostic, HeadingStyle, Paragraph, Section, Unit
from agentmerge.parsing.blocks import Block
from agentmerge.parsing.containers import Boundary
from agentmerge.parsing.lines import bare
from agentmerge.parsing.notes import note, short
from agentmerge.parsing.paragraphs import is_meaning, parts
from agentmerge.parsing.rows import Row, flowing
from agentmerge.parsing.runs import starts_with_sign
from agentmerge.parsing.units import Slicer, has_parts, is_list, paragraph_units, units_of
from agentmerge.signs import unsigned

MAX_BOLD_TITLE = 80
"""Characters; a longer bold line is a sentence that somebody stressed."""
MAX_LABEL = 120
"""Characters; a longer line before a list is a paragraph that introduces it."""

_BOLD = re.compile(r"(\*\*|__)(?=\S)(?P<title>(?:(?!\1).)+)(?<=\S)\1[ \t]*[:：]?\Z")
_LABEL = re.compile(r"(?P<title>\S.*?)[ \t]*[:：](?:\*\*|__)?[ \t]*\Z")
_SENTENCE_END = re.compile(r"[.!?。！？](?:\s|\Z)")
_ENDS = (".", "!", "?", ":", ";", "。", "！", "？", "：", "；")
_CLOSERS = "\"')]*_"
"""What may stand behind the end of a sentence."""
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
            notes.append(note("setext-accident", end + cut.offset, cut.knowledge, text=short(block.text)))
        elif found and block.kind == "paragraph" and _is_meaning_of(found[-1], block):
            found.append(_joined(found.pop(), block, block.text))
        elif found and block.kind == "code" and not block.fenced and _goes_on(found[-1]):
            # Markdown without extensions takes the further paragraphs of a note for code.
            end = cut.trimmed(block.start, block.end)
            rows = "\n".join(bare(line) for line in cut.lines[block.start : end])
            found.append(_joined(found.pop(), block, rows))
        else:
            found.append(block)
    return found, notes


def _joined(above: Block, below: Block, text: str) -> Block:
    gap = "\n" * (below.start - above.end + 1)
    end = below.start + text.count("\n") + 1
    return Block("paragraph", above.start, end, f"{above.text}{gap}{text}")


def _goes_on(block: Block) -> bool:
    """Whether indented lines below a paragraph go on with it: with the meaning of a term, or with a footnote."""
    if block.kind != "paragraph":
        return False
    rows = block.text.split("\n")
    last = parts(rows)[-1:]
    return is_meaning(rows[-1]) or bool(last and (last[0].label.startswith("^") or last[0].lead))


def _is_meaning_of(term: Block, block: Block) -> bool:
    """Whether a paragraph says what the one above it, of one line, means (`: meaning`)."""
    is_term = term.kind == "paragraph" and (term.end - term.start == 1 or is_meaning(term.text.split("\n")[-1]))
    return is_term and is_meaning(block.text)


def _is_prose(text: str) -> bool:
    return "\n" in text or len(text) > MAX_LABEL or text.rstrip().endswith((".", "!", "?", ";", ",", ":", "。", "："))


def build(blocks: Sequence[Block], cut: Slicer) -> Section:
    """The section tree of a body; the root holds what stands before the first heading."""
    stack = [_Open("", "root", 0, 0)]
    blocks = cut.with_runs(blocks)
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
    rows = cut.rows(block)
    by_line = len(rows) > 1 and rows != flowing(rows) and _speaks_by_row(rows, following, cut)
    cut.paragraphs.append(Paragraph(block.text, by_line))
    while rows:
        rows = rows if _speaks_by_row(rows, following, cut) else flowing(rows)
        rest = _take_bold(stack, rows, following, cut)
        if rest is rows:
            _add_paragraph(stack, rows, following, cut)
            return
        rows = rest


def _speaks_by_row(rows: Sequence[Row], following: Block | None, cut: Slicer) -> bool:
    """Whether each row of a paragraph means something of its own, so that its lines are not only wrapped."""
    if len(rows) < 2:
        return False
    return (
        _bold_title(rows[0]) is not None
        or is_list(rows, cut.knowledge)
        or has_parts(rows)
        or (ends_in_label(rows) and _is_listing(following, cut))
    )


def _bold_title(row: Row) -> str | None:
    """The bold words that are all of a row, where they can be a title."""
    match = _BOLD.match(row.flow)
    if not match or len(match["title"]) > MAX_BOLD_TITLE or _is_sentence(match["title"]):
        return None
    return match["title"]


def _take_bold(stack: list[_Open], rows: list[Row], following: Block | None, cut: Slicer) -> list[Row]:
    """Open a section where the paragraph is, or starts with, a bold title; what is left of the paragraph."""
    title = _bold_title(rows[0])
    if title is None or is_list(rows, cut.knowledge):
        return rows
    if len(rows) == 1 and (following is None or following.kind in ("heading", "break")):
        return rows
    if any(is_meaning(row.text) for row in [row for row in rows[1:] if row.text.strip()][:1]):
        return rows
    _close_pseudo(stack, cut)
    stack.append(_Open(plain_title(title), "bold", rows[0].start, rows[0].end))
    return rows[1:]


def _add_paragraph(stack: list[_Open], rows: Sequence[Row], following: Block | None, cut: Slicer) -> None:
    if ends_in_label(rows) and _is_listing(following, cut):
        if len(rows) > 1:
            _add_plain(stack, rows[:-1], cut)
        _open_label(stack, rows[-1], cut)
    else:
        _add_plain(stack, rows, cut)


def ends_in_label(rows: Sequence[Row]) -> bool:
    """Whether the last row is a label where a list follows it; the end of a wrapped sentence is none."""
    last = rows[-1].flow
    ended = len(rows) == 1 or _is_ended(rows[-2].flow)
    return ended and (is_label(last) or _is_signed_title(last))


def _is_ended(row: str) -> bool:
    """Whether a line was not only wrapped before the next one: it ends in a sign of that, or in bold words."""
    text = row.rstrip(_CLOSERS)
    behind = row[len(text) :]
    return text.endswith(_ENDS) or "**" in behind or "__" in behind


def _add_plain(stack: list[_Open], rows: Sequence[Row], cut: Slicer) -> None:
    units = list(paragraph_units(rows, cut))
    listed = all(unit.kind in ("item", "task") for unit in units)
    while not listed and stack[-1].is_pseudo and stack[-1].has_list:
        _close(stack, cut)
    _append(stack[-1], units, is_list=listed)


def _is_sentence(title: str) -> bool:
    return _SENTENCE_END.search(_ORDINAL.sub("", title)) is not None


def _is_listing(block: Block | None, cut: Slicer) -> bool:
    """Whether a block is a list, or lines with bullet signs that Markdown does not know."""
    if block is None or block.kind != "paragraph":
        return block is not None and block.kind == "list"
    rows = cut.rows(block)
    return is_list(rows, cut.knowledge) and starts_with_sign(rows[0].text, cut.knowledge)


def may_be_label(text: str) -> bool:
    """Whether a paragraph, however it is wrapped, would be or end in a label where a list follows it."""
    rows = [Row(line, number, number + 1) for number, line in enumerate(text.split("\n"))]
    return ends_in_label(rows) or ends_in_label(flowing(rows))


def is_label(row: str) -> bool:
    """Whether a line is a label where a list follows it."""
    match = _LABEL.match(row)
    return match is not None and len(row) <= MAX_LABEL and not _is_sentence(match["title"])


def _is_signed_title(row: str) -> bool:
    """Whether a line is nothing but bold words behind a sign: `❌ **Never**` governs the list below it."""
    title = unsigned(row.strip())
    match = _BOLD.match(title) if title != row.strip() else None
    return match is not None and len(match["title"]) <= MAX_BOLD_TITLE and not _is_sentence(match["title"])


def _open_label(stack: list[_Open], row: Row, cut: Slicer) -> None:
    style: HeadingStyle = "bold" if _BOLD.match(row.flow) else "label"
    while stack[-1].style == "label" or (stack[-1].is_pseudo and (style == "bold" or stack[-1].has_direct_list)):
        _close(stack, cut)
    stack.append(_Open(plain_title(row.flow), style, row.start, row.end))


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
