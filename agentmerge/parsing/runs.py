"""Lines with signs that Markdown takes for one paragraph, as the lists that they are: `• a`, `❌ b`, `2. c`.

So are lines that are an element each: `<item>a</item>`.

A run is at least two such lines one below the other, or one behind a line that ends in a colon, wherever the paragraph
stands. A line that is indented deeper than the sign above it goes on with its item, and a sign that is indented deeper
is nested. What is no run stays a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from agentmerge import signs
from agentmerge.knowledge import Knowledge
from agentmerge.parsing import containers
from agentmerge.parsing.blocks import Block
from agentmerge.parsing.lines import bare
from agentmerge.parsing.paragraphs import import_path

_NUMBER = re.compile(r"[ \t]*(?P<marker>\d{1,3}[.)])[ \t]+(?P<text>\S.*)")
"""A list that does not begin with 1 is none to CommonMark where it follows a line of text."""
_BOLD_START = re.compile(r"(\*\*|__)(?=\S)(?P<lead>.+?)(?<=\S)\1")
_INTRODUCES = re.compile(r"[:：](?:\*\*|__)?[ \t]*\Z")
"""How a line ends that one line with a sign is enough behind."""
_NESTED = 2
"""Columns from which a sign is indented on purpose."""
MAX_DEPTH = 20
"""Levels of signs below each other; what is indented deeper still stands beside them."""


def signed(row: str, knowledge: Knowledge) -> tuple[str, str] | None:
    """The mark and the words of a line that starts with a sign or a number; None for any other line.

    A sign that means something is part of the words, and so are the tags of an element; the mark is "" then.
    """
    found = _NUMBER.match(row)
    if found is not None:
        return found["marker"], found["text"]
    text = row.strip(" \t")
    if text.startswith("<") and containers.grammar(knowledge).is_member(text):
        return "", text
    return signs.of(knowledge).bullet(row)


def starts_with_sign(row: str, knowledge: Knowledge) -> bool:
    """Whether a line starts with a sign that makes no list item there: one that Markdown does not know, or a number."""
    return signed(row, knowledge) is not None


def is_pseudo_list(rows: Sequence[str], knowledge: Knowledge) -> bool:
    """Whether every visible line of a paragraph starts with a sign, a number or a bold lead."""
    return len(rows) > 1 and all(signed(row, knowledge) or _BOLD_START.match(row.lstrip()) for row in rows)


@dataclass(slots=True)
class _Item:
    """One line with a sign, and the lines that go on with it; lines are 0-based."""

    start: int
    end: int
    column: int
    marker: str
    rows: list[str]
    below: list[_Item] = field(default_factory=list)

    def block(self) -> Block:
        children = [Block("paragraph", self.start, self.end, "\n".join(self.rows))]
        if self.below:
            children.append(_list(self.below))
        return Block("item", self.start, children[-1].end, marker=self.marker, children=children)


def _list(items: Sequence[_Item]) -> Block:
    children = [item.block() for item in items]
    return Block("list", children[0].start, children[-1].end, children=children)


def with_runs(blocks: Sequence[Block], lines: Sequence[str], knowledge: Knowledge) -> list[Block]:
    """The blocks with the runs in their paragraphs as lists."""
    return [part for block in blocks for part in _parts(block, lines, knowledge)]


def of_item(paragraph: Block, lines: Sequence[str], knowledge: Knowledge) -> list[Block]:
    """The first paragraph of an item, and the runs in what stands below its first line.

    Where the item itself begins with a sign, one more line with a sign makes the run.
    """
    if "\n" not in paragraph.text:
        return [paragraph]
    rows = paragraph.text.split("\n")
    if not _is_whole(paragraph, rows):
        return [paragraph]
    line = next((number for number in range(1, len(rows)) if import_path(rows[number])), 0)
    if line:
        # An import goes on with no sentence, wherever it stands.
        head, rest = _cut(paragraph, rows, line)
        return [*of_item(head, lines, knowledge), rest]
    found = _Rows(paragraph, rows, lines, knowledge)
    first = next((n for n in range(1, len(rows)) if found.signed[n]), len(rows))
    parts = found.parts(first, least=1 if found.signed[0] else 2)
    if parts and parts[0].kind == "paragraph":
        first, parts = parts[0].end - paragraph.start, parts[1:]
    return [Block("paragraph", paragraph.start, paragraph.start + first, "\n".join(rows[:first])), *parts]


def _parts(block: Block, lines: Sequence[str], knowledge: Knowledge) -> list[Block]:
    rows = block.text.split("\n") if block.kind == "paragraph" else []
    if not rows or not _is_whole(block, rows):
        return [block]
    found = _Rows(block, rows, lines, knowledge)
    if not any(found.signed) or found.has_leads:
        return [block]
    return found.task() or found.parts(0, least=2)


def _cut(paragraph: Block, rows: Sequence[str], at: int) -> tuple[Block, Block]:
    """A paragraph in two, above one of its rows."""
    line = paragraph.start + at
    return (
        Block("paragraph", paragraph.start, line, "\n".join(rows[:at])),
        Block("paragraph", line, paragraph.end, "\n".join([rows[at].strip(" \t"), *rows[at + 1 :]])),
    )


def _is_whole(block: Block, rows: Sequence[str]) -> bool:
    """Whether each row of a paragraph's text is a line of the file."""
    return len(rows) == block.end - block.start


class _Rows:
    """The rows of one paragraph."""

    def __init__(self, block: Block, rows: Sequence[str], lines: Sequence[str], knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self.start = block.start
        self.rows = rows
        self._lines = lines
        self.signed = [signed(row, knowledge) for row in rows]
        self.has_leads = not all(self.signed) and is_pseudo_list(rows, knowledge)
        """Whether it is a list some lines of which start with a bold lead instead."""
        for number, (mark, below) in enumerate(pairwise(self.signed)):
            if mark and below and not mark[0] and below[0] and _INTRODUCES.search(rows[number]):
                # `✅ Do:` above lines with bullets is their label and none of them.
                self.signed[number] = None

    def parts(self, first: int, *, least: int) -> list[Block]:
        """Paragraphs and lists that hold the rows from `first` on; `least` lines with a sign are a run."""
        found: list[Block] = []
        plain = at = first
        while at < len(self.rows):
            items = self._run(at)
            introduced = at > 0 and _INTRODUCES.search(self.rows[at - 1]) is not None
            if len(items) >= (1 if introduced else least):
                found += [*self._paragraph(plain, at), _list(_nested(items))]
                plain = at = items[-1].end - self.start
            else:
                at = items[-1].end - self.start if items else at + 1
        return [*found, *self._paragraph(plain, len(self.rows))]

    def task(self) -> list[Block]:
        """The whole as one task, where its first line alone has a sign, and that is one of a task."""
        mark, *others = self.signed
        if mark is None or any(others) or signs.of(self._knowledge).state(mark[1]) is None:
            return []
        rows = [mark[1], *self.rows[1:]]
        return [_list([_Item(self.start, self.start + len(rows), self._column(0), mark[0], rows)])]

    def _run(self, first: int) -> list[_Item]:
        """The items one below the other from a row on."""
        items: list[_Item] = []
        at = first
        while at < len(self.rows) and (mark := self.signed[at]):
            column, end = self._column(at), at + 1
            while end < len(self.rows) and not self.signed[end] and self._column(end) > column:
                end += 1
            rows = [mark[1], *(row.strip(" \t") for row in self.rows[at + 1 : end])]
            items.append(_Item(self.start + at, self.start + end, column, mark[0], rows))
            at = end
        return items

    def _column(self, number: int) -> int:
        """Where the words of a row begin on its line, container included."""
        line, row = bare(self._lines[self.start + number]).rstrip(" \t"), self.rows[number].strip(" \t")
        return len(line[: max(0, len(line) - len(row))].expandtabs(4))

    def _paragraph(self, first: int, end: int) -> Iterator[Block]:
        if first < end:
            rows = [self.rows[first].strip(" \t"), *self.rows[first + 1 : end]]
            yield Block("paragraph", self.start + first, self.start + end, "\n".join(rows))


def _nested(items: Sequence[_Item]) -> list[_Item]:
    """The items with those that are indented deeper below the one that they follow."""
    top: list[_Item] = []
    above: list[_Item] = []
    for item in items:
        while above and (item.column < above[-1].column + _NESTED or len(above) >= MAX_DEPTH):
            above.pop()
        (above[-1].below if above else top).append(item)
        above.append(item)
    return top
