"""Fences that hold fences: which line closes a block of a document language, where CommonMark takes an earlier one.

CommonMark closes a fence at the next bare fence of at least its length, so a template that shows code between fences
as long as its own ends at the first of them, and the rest of the template is read as the author's own sections and
rules. What the author meant shows in the count: read as he meant it, every fence up to the end of the text has its
partner, while CommonMark's reading leaves one open or finds an opening fence inside a block. Where both readings
leave as many faults, CommonMark's stands.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from agentmerge.knowledge import Knowledge

FAULT = 6
"""What a fence without a partner costs, or an opening fence inside a block: what two odd places never make up for."""
ODD = 2
"""What an unlikely place costs: an opening fence where a closing one would stand, or the other way round."""
DOUBT = 2 * FAULT
"""What speaks against a block that goes on, more than a missing partner speaks for it: a heading above its own top."""
MAX_INNER = 40
"""Fences in a template that are looked at; the search for its end stays short on hostile input."""
MAX_CLOSINGS = 6
"""Bare fences that are tried as the end of a template."""
CODE_INDENT = 4
"""Columns from which on a line is no fence."""

_RUN = re.compile(r"(?P<mark>(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)+)?(?P<run>`{3,}|~{3,})(?P<info>.*)\Z")
_LANGUAGE = re.compile(r"[^\w]*([\w+#-]*)")
_HEADING = re.compile(r"(#{1,6})[ \t]+\S")


class Row(NamedTuple):
    """A line inside the container that a fence stands in, without the container's own indentation and signs."""

    line: int
    """0-based."""
    indent: int
    text: str
    """From the first visible character on; "" for a blank line."""


class Fence(NamedTuple):
    """A line that opens or closes a block."""

    row: Row
    sign: str
    length: int
    info: str
    in_item: bool
    """It stands behind a list mark."""
    opens: bool
    """It can open only: an info string or a list mark stands on it."""
    looks_open: bool
    """Bare, a blank line above and text below."""
    looks_closed: bool
    """Bare, text above and a blank line below."""
    language: str


def language_of(info: str) -> str:
    """The language that an info string names, in lower case: `markdown` of ```` ```{.Markdown title="x"} ````."""
    match = _LANGUAGE.match(info)
    return match[1].lower() if match else ""


def names_document(info: str, knowledge: Knowledge) -> bool:
    """Whether an info string names a language of documents."""
    return language_of(info) in knowledge.document_languages


def opening(text: str, marker: str) -> int | None:
    """Number of the first line of a block's content that looks as if it opened a fence which its own closes."""
    if marker[:3] not in text:
        return None
    for number, line in enumerate(text.split("\n")):
        if marker[:3] not in line:
            continue
        found = _fence_of(Row(number, _indent(line), line.strip(" \t")))
        if found and found.opens and found.sign == marker[0] and found.length >= len(marker):
            return number
    return None


def heading(text: str) -> str:
    """The first line of a block's content that would be a heading outside of it; "" where there is none."""
    rows = (line for line in text.split("\n") if line.lstrip(" ").startswith("#") and _indent(line) < CODE_INDENT)
    return next((line.strip() for line in rows if _HEADING.match(line.strip())), "")


def _indent(line: str) -> int:
    expanded = line.expandtabs(4)
    return len(expanded) - len(expanded.lstrip(" "))


def _fence_of(row: Row, above: str = "", below: str = "") -> Fence | None:
    match = _RUN.match(row.text) if row.indent < CODE_INDENT else None
    if match is None:
        return None
    info = match["info"].strip(" \t")
    if match["run"][0] == "`" and "`" in info:
        return None
    opens = bool(info or match["mark"])
    return Fence(
        row,
        match["run"][0],
        len(match["run"]),
        info,
        bool(match["mark"]),
        opens,
        looks_open=not opens and not above and bool(below),
        looks_closed=not opens and bool(above) and not below,
        language=language_of(info),
    )


def _nearest(seen: Mapping[tuple[str, int], int], fence: Fence) -> int | None:
    """The nearest of the fences seen that is of the same sign and at least as long."""
    fits = (number for (sign, length), number in seen.items() if sign == fence.sign and length >= fence.length)
    return min(fits, default=None)


class Reading:
    """The fences of one container, from some line to its end, and what each way to pair them costs."""

    def __init__(self, rows: Sequence[Row], knowledge: Knowledge) -> None:
        texts = ["", *(row.text for row in rows), ""]
        found = (_fence_of(row, texts[n], texts[n + 2]) for n, row in enumerate(rows))
        self._fences: list[Fence] = [fence for fence in found if fence]
        self._documents = knowledge.document_languages
        self._lines = [fence.row.line for fence in self._fences]
        self._levels = self._levels_between([row for row in rows if row.indent < CODE_INDENT])
        self._headings = [0, *accumulate(len(levels) for levels in self._levels)]
        self._closes, self._inner = self._partners()
        # Cost of the text from each fence on, if that one opens; filled from the end.
        self._costs = [0] * (len(self._fences) + 1)
        self._ends: dict[int, list[tuple[int, int]]] = {}
        for number in reversed(range(len(self._fences))):
            self._ends[number] = self._endings(number)
            self._costs[number] = min([self._plain(number), *(cost for cost, _ in self._ends[number])])

    def closing(self, line: int) -> int | None:
        """The line that closes the block which opens on `line`, where it surely is another than CommonMark's."""
        number = bisect_left(self._lines, line)
        if self._lines[number : number + 1] != [line]:
            return None
        ends = sorted(self._ends[number])
        if not ends or ends[0][0] + FAULT > self._plain(number):
            return None
        if len(ends) > 1 and ends[0][0] == ends[1][0]:
            return None
        end = self._fences[ends[0][1]]
        return None if end.looks_open else end.row.line

    def _plain(self, number: int) -> int:
        """What it costs to close a block where CommonMark does."""
        fence, end = self._fences[number], self._closes[number]
        held = FAULT if self._holds_opener(number, end) else 0
        if end is None:
            return held + FAULT
        odd = self._oddity(number, end)
        if not fence.info and self._holds_heading(number, end):
            odd += ODD
        return held + odd + self._costs[end + 1]

    def _endings(self, number: int) -> list[tuple[int, int]]:
        """What it costs to close a document later than CommonMark does, and the number of the closing fence."""
        first = self._closes[number]
        outer = self._fences[number]
        if first is None or outer.language not in self._documents or not self._holds_opener(number, first):
            return []
        found: list[tuple[int, int]] = []
        odd, position, top = 0, number + 1, min(self._levels[number + 1], default=0)
        while position < min(len(self._fences), number + MAX_INNER) and len(found) < MAX_CLOSINGS:
            fence = self._fences[position]
            if fence.sign == outer.sign and fence.length >= outer.length:
                end = self._closes[position]
                if not fence.opens and position > first:
                    place = self._close_oddity(fence) + self._slant(outer, fence)
                    found.append((odd + place + self._costs[position + 1], position))
                if end is None:
                    break
                odd += self._oddity(position, end) + self._doubt(number, position)
                position = end
            position += 1
            odd += DOUBT if min(self._levels[position], default=top) < top else 0
        return found

    def _doubt(self, number: int, inner: int) -> int:
        """What speaks against a block inside of another: a document like it, all the more under a like heading."""
        first, second = self._fences[number], self._fences[inner]
        if first.language != second.language:
            return 0
        above, below = self._levels[number][-1:], self._levels[inner][-1:]
        return DOUBT if above and above == below else ODD

    def _partners(self) -> tuple[list[int | None], list[int | None]]:
        """Of each fence the bare one that closes it, and the next that opens, of its sign and at least its length."""
        closes: list[int | None] = []
        inner: list[int | None] = []
        bare: dict[tuple[str, int], int] = {}
        openers: dict[tuple[str, int], int] = {}
        for number in reversed(range(len(self._fences))):
            fence = self._fences[number]
            closes.append(_nearest(bare, fence))
            inner.append(_nearest(openers, fence))
            (openers if fence.opens else bare)[fence.sign, fence.length] = number
        return closes[::-1], inner[::-1]

    def _holds_opener(self, number: int, end: int | None) -> bool:
        opener = self._inner[number]
        return opener is not None and (end is None or opener < end)

    def _holds_heading(self, number: int, end: int) -> bool:
        return self._headings[end + 1] > self._headings[number + 1]

    def _levels_between(self, rows: Sequence[Row]) -> list[list[int]]:
        """Levels of the headings above each fence, from the fence before it on; at last those below all."""
        found: list[list[int]] = [[] for _ in range(len(self._fences) + 1)]
        for row in rows:
            match = _HEADING.match(row.text)
            if match:
                found[bisect_left(self._lines, row.line)].append(len(match[1]))
        return found

    def _oddity(self, number: int, end: int) -> int:
        fence = self._fences[number]
        opened = ODD if fence.looks_closed else 0
        return opened + self._close_oddity(self._fences[end]) + self._slant(fence, self._fences[end])

    @staticmethod
    def _close_oddity(fence: Fence) -> int:
        return ODD if fence.looks_open else 0

    @staticmethod
    def _slant(first: Fence, last: Fence) -> int:
        """A block is mostly closed at the column at which it was opened."""
        return 1 if first.row.indent != last.row.indent and not first.in_item else 0
