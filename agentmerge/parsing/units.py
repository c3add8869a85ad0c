"""Blocks to units: items with lead, mark and state, tasks in fences, pseudo-lists line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from agentmerge import signs
from agentmerge.knowledge import Knowledge
from agentmerge.model import NOWHERE, Paragraph, Span, Unit, UnitKind
from agentmerge.parsing import paragraphs, runs
from agentmerge.parsing.blocks import Block, descend
from agentmerge.parsing.lines import bare
from agentmerge.parsing.rows import Row, flowing, joined, rows_of
from agentmerge.parsing.runs import is_pseudo_list, signed
from agentmerge.wrapping import flow_of

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
            parts = [block] if self._means_no_line(block) else runs.with_runs([block], self.lines, self.knowledge)
            if parts[0] is not block:
                self.paragraphs.append(Paragraph(block.text, by_line=block.end > block.start + 1))
            found += parts
        return found

    def of_item(self, paragraph: Block) -> list[Block]:
        """The first paragraph of an item, and the runs in what stands below its first line."""
        parts = [paragraph] if self._means_no_line(paragraph) else runs.of_item(paragraph, self.lines, self.knowledge)
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
    if kind == "quote":
        return cut.unit(kind, block.start, end, "\n".join(_QUOTE_SIGN.sub("", line) for line in source))
    if kind == "html" and paragraphs.is_comment(block.text):
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
    return bool(paragraphs.parts([row.text for row in rows]))


def paragraph_units(rows: Sequence[Row], cut: Slicer) -> Iterator[Unit]:
    """The units of a paragraph: each of its parts, each of its rows, or all of it."""
    if parts := paragraphs.parts([row.text for row in rows]):
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


def _part(rows: Sequence[Row], part: paragraphs.Part, cut: Slicer) -> Iterator[Unit]:
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
    label = paragraphs.import_path(text)
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
