"""Blocks in, the section tree out: headings and pseudo-headings, and below them units with lead, mark and state."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from agentmerge.knowledge import signs
from agentmerge.knowledge.signs import unsigned
from agentmerge.knowledge.tables import Knowledge, note, short
from agentmerge.model import NOWHERE, Diagnostic, HeadingStyle, Paragraph, Section, Span, Unit, UnitKind, flow_of
from agentmerge.reading import blocks as reading_blocks
from agentmerge.reading.blocks import (
    Block,
    Row,
    descend,
    flowing,
    is_meaning,
    is_pseudo_list,
    joined,
    parts,
    rows_of,
    signed,
    starts_with_sign,
)
from agentmerge.reading.containers import Boundary
from agentmerge.text.lines import bare
from agentmerge.text.markers import QUOTED

# Units ----------------------------------------------------------------------------------------------------------------
#
# Blocks to units: items with lead, mark and state, tasks in fences, pseudo-lists line by line.


_LEAD = re.compile(r"(\*\*|__)(?=\S)(?P<lead>.+?)(?<=\S)\1(?P<colon>[ \t]*[:：])?")
_TASK = re.compile(r"\[(?P<state>[ xX])\](?:[ \t]+|(?=\n)|\Z)")
_FENCED_TASK = re.compile(r"[ \t]*(?P<marker>(?:[-*+]|\d{1,9}[.)])[ \t]+)?\[(?P<state>[ xX])\][ \t]+(?P<text>\S.*)")
_QUOTE_SIGN = re.compile(r"\A[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*>[ \t]?")
"""On the first line of an item the item's own mark stands before the sign."""
_ITEM_MARK = re.compile(r"\A[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)+(?=[<|])")
_ALERT = re.compile(r"\[![A-Za-z]+\]")
_BLOCK_KINDS: dict[str, UnitKind] = {
    "code": "code",
    "table": "table",
    "quote": "quote",
    "html": "html",
    "break": "rule",
    "boundary": "tag",
    "example": "example",
    "raw": "raw",
    "comment": "comment",
}


class Slicer:
    """Cuts units out of the body's lines, and notes which paragraphs it cut them from."""

    def __init__(
        self,
        lines: Sequence[str],
        offset: int,
        knowledge: Knowledge,
        starts: Sequence[int] = (),
        joined: frozenset[str] = frozenset(),
    ) -> None:
        self.knowledge = knowledge
        self.lines = lines
        self.offset = offset
        """1-based line of the file on which the body starts."""
        self._starts = starts
        """Offset in the file of each of its lines; nothing for a text that is no file."""
        self.joined = joined
        """Words of the paragraphs whose lines mean nothing."""
        self.paragraphs: list[Paragraph] = []

    def rows(self, block: Block) -> list[Row]:
        """The rows of a paragraph that may mean something."""
        rows = rows_of(block)
        return flowing(rows) if self._means_no_line(block) else rows

    def with_runs(self, blocks: Sequence[Block]) -> list[Block]:
        """The blocks with the runs of signs in their paragraphs as lists."""
        found: list[Block] = []
        for block in blocks:
            parts = (
                [block] if self._means_no_line(block) else reading_blocks.with_runs([block], self.lines, self.knowledge)
            )
            if parts[0] is not block:
                self.paragraphs.append(Paragraph(block.text, by_line=block.end > block.start + 1))
            found += parts
        return found

    def of_item(self, paragraph: Block) -> list[Block]:
        """The first paragraph of an item, and the runs in what stands below its first line."""
        parts = (
            [paragraph]
            if self._means_no_line(paragraph)
            else reading_blocks.of_item(paragraph, self.lines, self.knowledge)
        )
        self.paragraphs.append(Paragraph(paragraph.text, by_line=len(parts) > 1))
        return parts

    def with_indents(self, block: Block) -> str:
        """The text of a paragraph, its further lines as they stand in the file."""
        rest = (bare(line) for line in self.lines[block.start + 1 : block.end])
        return "\n".join([block.text.split("\n", 1)[0], *rest])

    def _means_no_line(self, block: Block) -> bool:
        return bool(self.joined) and block.kind == "paragraph" and flow_of(block.text) in self.joined

    def source(self, start: int, end: int) -> str:
        return "".join(self.lines[start:end])

    def trimmed(self, start: int, end: int) -> int:
        """`end` without the blank lines before it."""
        while end > start and not self.lines[end - 1].strip(" \t\r\n"):
            end -= 1
        return end

    def unit(self, kind: UnitKind, start: int, end: int, text: str, **more: Any) -> Unit:
        span = self.span(start, end)
        return Unit(kind, start + self.offset, end + self.offset, self.source(start, end), text, span=span, **more)

    def span(self, start: int, end: int) -> Span:
        """Offsets of lines in the whole file."""
        if not self._starts:
            return NOWHERE
        above = self.offset - 1
        return Span(self._starts[above + start], self._starts[above + end])


def units_of(block: Block, cut: Slicer) -> list[Unit]:
    """The units of one top-level block that is not a heading; together they hold its every visible line."""
    return _complete(list(_units(block, cut)), block, cut)


def _units(block: Block, cut: Slicer) -> Iterator[Unit]:
    if block.kind == "list":
        for item in block.children:
            yield _item(item, cut)
    elif block.kind == "code" and block.fenced and (tasks := _fenced_tasks(block, cut)):
        yield from tasks
    elif block.kind == "quote":
        yield from _quotes(block, cut)
    elif block.kind in _BLOCK_KINDS:
        yield _plain_block(block, cut)
    else:
        yield from _paragraph(block, cut)


def _plain_block(block: Block, cut: Slicer) -> Unit:
    end = cut.trimmed(block.start, block.end)
    kind = _BLOCK_KINDS[block.kind]
    if kind == "code":
        return cut.unit(
            kind, block.start, end, block.text.rstrip(" \t\n"), language=block.info, is_nested=block.cut > 0
        )
    source = [bare(line).removeprefix("\ufeff") for line in cut.lines[block.start : end]]
    if kind == "quote" and len(source) == 1 and source[0].lstrip().startswith(QUOTED):
        kind = "comment"
    elif kind == "quote":
        return cut.unit(kind, block.start, end, "\n".join(_QUOTE_SIGN.sub("", line) for line in source))
    if kind == "html" and reading_blocks.is_comment(block.text):
        kind = "comment"
    source[:1] = [_ITEM_MARK.sub("", line) for line in source[:1]]
    return cut.unit(kind, block.start, end, "\n".join(dedent(source)))


def _quotes(block: Block, cut: Slicer) -> Iterator[Unit]:
    """The units of a quote: one for each line of a run of signs in it, and one for each stretch between.

    What a host draws as one box, such as `> [!NOTE]`, stays whole.
    """
    boxed = bool(block.children) and _ALERT.match(block.children[0].text) is not None
    parts = [] if boxed else cut.with_runs(block.children)
    own = set(map(id, block.children))
    runs = [part for part in parts if part.kind == "list" and id(part) not in own]
    if not runs:
        yield _plain_block(block, cut)
        return
    start = block.start
    for run in runs:
        yield from _quoted(start, run.start, cut)
        for item in (one for one in descend([run]) if one.kind == "item"):
            yield from _quoted(item.start, item.children[0].end, cut)
        start = run.end
    yield from _quoted(start, block.end, cut)


def _quoted(start: int, end: int, cut: Slicer) -> Iterator[Unit]:
    """A stretch of a quote; the lines before its first word are layout."""
    first = next((n for n in range(start, end) if _QUOTE_SIGN.sub("", bare(cut.lines[n])).strip()), end)
    if (blank := cut.trimmed(start, first)) > start:
        yield cut.unit("rule", start, blank, "\n".join(bare(line) for line in cut.lines[start:blank]).strip())
    if first < end:
        yield _plain_block(Block("quote", first, end), cut)


def dedent(lines: Sequence[str]) -> list[str]:
    """The lines without the indentation of the first one; a line that is indented less loses what it has."""
    width = len(lines[0]) - len(lines[0].lstrip(" \t")) if lines else 0
    return [line[min(width, len(line) - len(line.lstrip(" \t"))) :] for line in lines]


def _paragraph(block: Block, cut: Slicer) -> Iterator[Unit]:
    rows = cut.rows(block)
    if block.kind != "paragraph":
        yield _whole(rows, cut)
        return
    by_line = has_parts(rows) or is_list(rows, cut.knowledge)
    cut.paragraphs.append(Paragraph(block.text, by_line and len(rows) > 1))
    yield from paragraph_units(rows if by_line else flowing(rows), cut)


def has_parts(rows: Sequence[Row]) -> bool:
    """Whether some rows of a paragraph are no prose: imports, definitions, entries of a glossary."""
    return bool(reading_blocks.parts([row.text for row in rows]))


def paragraph_units(rows: Sequence[Row], cut: Slicer) -> Iterator[Unit]:
    """The units of a paragraph: each of its parts, each of its rows, or all of it."""
    if parts := reading_blocks.parts([row.text for row in rows]):
        for part in parts:
            yield from _part(rows[part.start : part.end], part, cut)
    elif is_list(rows, cut.knowledge):
        for row in rows:
            yield _pseudo_item(row, cut)
    else:
        yield _whole(rows, cut)


def _whole(rows: Sequence[Row], cut: Slicer) -> Unit:
    whole = joined(rows)
    return cut.unit("paragraph", whole.start, whole.end, whole.text, lead=lead_of(whole.text))


def _part(rows: Sequence[Row], part: reading_blocks.Part, cut: Slicer) -> Iterator[Unit]:
    if part.kind == "paragraph" and not part.lead:
        yield from paragraph_units(rows if is_list(rows, cut.knowledge) else flowing(rows), cut)
    else:
        whole = joined(rows)
        yield cut.unit(part.kind, whole.start, whole.end, whole.text.strip(), label=part.label, lead=part.lead)


def is_list(rows: Sequence[Row], knowledge: Knowledge) -> bool:
    """Whether every row of a paragraph starts with a sign, a number or a bold lead."""
    return is_pseudo_list([row.flow for row in rows], knowledge)


def _pseudo_item(row: Row, cut: Slicer) -> Unit:
    first, *rest = row.text.strip().split("\n")
    marker, text = signed(first, cut.knowledge) or ("", first)
    return _listed(cut, row.start, row.end, "\n".join([text, *rest]), marker)


def _listed(cut: Slicer, start: int, end: int, text: str, marker: str, children: tuple[Unit, ...] = ()) -> Unit:
    """An item, or a task where it begins with a box or a sign of one: the box is no part of its words, the sign is."""
    task = _TASK.match(text)
    if task:
        text, checked = text[task.end() :], task["state"] != " "
    else:
        checked = signs.of(cut.knowledge).state(text)
    kind: UnitKind = "item" if checked is None else "task"
    label = reading_blocks.import_path(text)
    return cut.unit(
        kind, start, end, text, lead=lead_of(text), marker=marker, checked=checked, children=children, label=label
    )


def lead_of(text: str) -> str:
    """The bold start of a text behind its signs, without the closing colon; "" where there is none."""
    if "**" not in text and "__" not in text:
        return ""
    match = _LEAD.match(signs.unsigned(flow_of(text)))
    return match["lead"].rstrip(" \t:：") if match else ""


def _item(block: Block, cut: Slicer) -> Unit:
    first = block.children[0] if block.children else None
    if first is not None and first.kind == "paragraph" and first.start == block.start:
        own, *rest = [*cut.of_item(first), *block.children[1:]]
        own_end, text = own.end, own.text
    else:
        own_end = block.start + (1 if first is None or first.start > block.start else 0)
        text, rest = "", block.children
    children = tuple(unit for child in cut.with_runs(rest) for unit in _units(child, cut))
    return _listed(cut, block.start, own_end, text, block.marker, children)


def _fenced_tasks(block: Block, cut: Slicer) -> list[Unit]:
    """The units of a fence that holds nothing but lines with a box or a sign of one; its fence lines are layout."""
    end = cut.trimmed(block.start, block.end)
    rows = [(number, bare(cut.lines[number])) for number in range(block.start + 1, end)]
    closing = rows.pop() if rows and rows[-1][1].strip().startswith(("```", "~~~")) else None
    tasks = [_fenced_task(row, number, cut) for number, row in rows if row.strip()]
    found = [task for task in tasks if task is not None]
    if not found or len(found) < len(tasks):
        return []
    fences = [cut.unit("rule", block.start, block.start + 1, "")]
    if closing:
        fences.append(cut.unit("rule", closing[0], closing[0] + 1, ""))
    return [fences[0], *found, *fences[1:]]


def _fenced_task(row: str, number: int, cut: Slicer) -> Unit | None:
    match = _FENCED_TASK.match(row)
    text = match["text"].rstrip() if match else row.strip()
    checked = match["state"] != " " if match else signs.of(cut.knowledge).state(text)
    if checked is None:
        return None
    marker = (match["marker"] or "").strip() if match else ""
    return cut.unit("task", number, number + 1, text, lead=lead_of(text), marker=marker, checked=checked)


# What the parser left out (blocks nested deeper than it reads) must not be lost: it becomes paragraphs.


def _complete(units: list[Unit], block: Block, cut: Slicer) -> list[Unit]:
    if not any(child.kind == "item" for child in descend([block])):
        return units
    covered = {line for unit in units for line in _lines_of(unit)}
    first, last = block.start + cut.offset, block.end + cut.offset
    left = [n for n in range(first, last) if n not in covered and cut.lines[n - cut.offset].strip()]
    if not left:
        return units
    return sorted([*units, *_runs(left, cut)], key=lambda unit: unit.line)


def _lines_of(unit: Unit) -> Iterator[int]:
    yield from range(unit.line, unit.end)
    for child in unit.children:
        yield from _lines_of(child)


def _runs(lines: Sequence[int], cut: Slicer) -> Iterator[Unit]:
    start = previous = lines[0]
    for line in [*lines[1:], -1]:
        if line != previous + 1:
            text = "\n".join(bare(row).strip() for row in cut.lines[start - cut.offset : previous + 1 - cut.offset])
            yield cut.unit("paragraph", start - cut.offset, previous + 1 - cut.offset, text)
            start = line
        previous = line


# Sections -------------------------------------------------------------------------------------------------------------
#
# Blocks to a section tree: ATX and setext headings, and the pseudo-headings that many authors use instead.
#
# A pseudo-heading is a bold paragraph (`**REST APIs:**`), the bold first line of a paragraph, or a `Label:` line
# directly before a list. A real heading closes all of them, the next pseudo-heading closes its own kind, and so does
# a paragraph that comes after their list.


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
