"""The only importer of markdown-it: body text to a tree of blocks with line numbers.

Only block structure is asked for: inline marks are words to us. Link reference definitions are left as
paragraphs, because they are text that has to survive like any other.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from agentmerge.knowledge import Knowledge
from agentmerge.parsing import fences
from agentmerge.parsing.containers import WHOLE, Boundary, Mark, Marks, enclosed, pair
from agentmerge.parsing.dispatching import LINE, Dispatcher

BlockKind = Literal[
    "heading",
    "paragraph",
    "list",
    "item",
    "code",
    "table",
    "quote",
    "html",
    "break",
    "boundary",
    "example",
    "raw",
    "comment",
]

MAX_NESTING = 100
"""Levels of lists and quotes that are read as structure (an item counts two); what is deeper stays text."""
LINES_ABOVE = 20
"""Lines above a fence in which its heading is looked for."""

_KINDS: dict[str, BlockKind] = {
    "heading": "heading",
    "paragraph": "paragraph",
    "bullet_list": "list",
    "ordered_list": "list",
    "list_item": "item",
    "fence": "code",
    "code_block": "code",
    "table": "table",
    "blockquote": "quote",
    "html_block": "html",
    "hr": "break",
    "boundary": "boundary",
    "example": "example",
    "raw": "raw",
    "comment": "comment",
}
_KINDS_OF = {f"{name}{end}": kind for name, kind in _KINDS.items() for end in ("", "_open", "_close")}
"""The kind of block that a token belongs to, by its type."""
_ENDS_ITSELF = re.compile(r"<(?:[!?]|(?:script|pre|style|textarea)\b)", re.IGNORECASE)
"""HTML that ends with a sign of its own, not with a blank line."""
_ROUNDS = 3
"""How often a text is read again without the lines that turned out to bound nothing."""


@dataclass(slots=True)
class Block:
    """One block; lines are 0-based, `end` exclusive."""

    kind: BlockKind
    start: int
    end: int
    text: str = ""
    """Inline text of a heading or paragraph, content of code and HTML."""
    level: int = 0
    """Of a heading."""
    setext: bool = False
    marker: str = ""
    """Of a list item: its bullet or ordinal. Of a fence: its opening run."""
    info: str = ""
    """Of a fence."""
    fenced: bool = False
    cut: int = 0
    """Of a document with fences in it: the line after which CommonMark would end it; 0 where that is `end`."""
    children: list[Block] = field(default_factory=list)
    marks: tuple[Mark, ...] = ()
    """Of a line that may bound a container: what it may be."""
    boundary: Boundary | None = None
    """Of such a line: what it is."""


def parse_blocks(body: str, knowledge: Knowledge) -> list[Block]:
    """The blocks of a Markdown text, in order, without containers that Markdown does not know."""
    return _build(_parser().parse(body, {"marks": {}, "weak": frozenset(), "knowledge": knowledge}))


def wrapped_marks(body: str, marks: Marks, knowledge: Knowledge) -> list[Block]:
    """The paragraphs that CommonMark sees where some line bounds a container: re-wrapped, it would bound none."""
    lines = sorted(marks)
    rows = body.split("\n") if lines else []
    if not any(
        row.strip(" \t") for line in lines for row in (*rows[max(0, line - 1) : line], *rows[line + 1 : line + 2])
    ):
        # Blank lines on both sides: none is a line of a longer paragraph.
        return []
    return [
        block
        for block in descend(parse_blocks(body, knowledge))
        if block.kind == "paragraph"
        and block.end - block.start > 1
        and bisect_right(lines, block.start - 1) < bisect_right(lines, block.end - 1)
    ]


def parse_body(body: str, marks: Marks, knowledge: Knowledge) -> tuple[list[Block], list[tuple[int, Mark]]]:
    """The blocks of a Markdown text, in order, and the 0-based lines that bound a container without a partner.

    `marks` are the readings of each line that may bound one.
    """
    weak: set[int] = set()
    without: list[tuple[int, Mark]] = []
    rounds = _ROUNDS
    while True:
        env = {
            "marks": marks,
            "lines": sorted(marks),
            "enclosed": enclosed(marks),
            "weak": weak,
            "knowledge": knowledge,
        }
        blocks = _build(_parser().parse(body, env))
        lonely: list[tuple[int, Mark]] = []
        nothing = set(_pair_all(blocks, lonely)) - weak if marks else set()
        if not nothing or not rounds:
            return blocks, sorted([*without, *lonely])
        rounds -= 1
        # A tag without its partner is a line of its own where a block may start; what else bounds nothing is text.
        weak |= {line for line in nothing if marks[line][0].family == "tags"}
        without += [(line, mark) for line, mark in lonely if line in nothing and line not in weak]
        marks = {line: row for line, row in marks.items() if line not in nothing or line in weak}


def _pair_all(blocks: Sequence[Block], lonely: list[tuple[int, Mark]]) -> Iterator[int]:
    """Say of each line what it bounds; yields the lines that bound nothing."""
    pending = [blocks]
    while pending:
        siblings = pending.pop()
        lines = [block for block in siblings if block.kind == "boundary"]
        found = pair([block.marks for block in lines])
        lonely += [(lines[position].start, mark) for position, mark in found.lonely]
        for block, boundary in zip(lines, found.boundaries, strict=True):
            block.boundary = boundary
            if boundary is None:
                yield block.start
        pending += [block.children for block in siblings if block.kind in ("list", "item")]


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt
    from markdown_it.common.utils import mdTrim

    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable("table")
    # Line endings are LF already, and a NUL is text that has to survive.
    parser.core.ruler.enableOnly(["block"])
    parser.block.ruler.disable("reference")
    ends = ["paragraph", "reference", "blockquote", "list"]
    parser.block.ruler.before("table", "boundary", _boundary, {"alt": ends})
    parser.block.ruler.at("html_block", _html_block, {"alt": ["paragraph", "reference", "blockquote"]})
    parser.block.ruler.at("fence", _fence, {"alt": ends})
    ruler: Any = parser.block.ruler
    ruler.getRules = Dispatcher(ruler, mdTrim).rules
    return parser


def _boundary(state: Any, start: int, end: int, silent: bool) -> bool:
    """The rule for a line that bounds a container, or for all of a container that is kept whole."""
    marks: tuple[Mark, ...] | None = state.env["marks"].get(start)
    is_weak = start in state.env["weak"]
    if marks is None or state.is_code_block(start) or (silent and is_weak):
        return False
    whole: Mapping[int, int] = state.env["enclosed"]
    last = whole.get(start)
    kind = None if is_weak else next((mark.kind for mark in marks if mark.kind in WHOLE), None)
    if kind in ("comment", "example") and any(mark.kind == kind and mark.role == "single" for mark in marks):
        last = start
    if kind is not None and (last is None or last >= end or _falls_out(state, start, last)):
        marks, kind, last = tuple(mark for mark in marks if mark.kind not in WHOLE), None, None
        if not marks:
            return False
    if not silent:
        stop = (start if last is None else last) + 1
        token = state.push(
            {"example": "example", "opaque": "raw", "comment": "comment"}.get(kind or "", "boundary"), "", 0
        )
        token.map = [start, stop]
        token.meta = {"marks": marks}
        state.line = stop
    return True


def _html_block(state: Any, start: int, end: int, silent: bool) -> bool:
    """HTML as Markdown takes it, but where only a blank line would end it, a line that bounds a container does, too."""
    from markdown_it.rules_block import html_block

    if not state.env["marks"]:
        return bool(html_block(state, start, end, silent))
    first = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    if not _ENDS_ITSELF.match(first):
        lines: list[int] = state.env["lines"]
        following = bisect_right(lines, start)
        end = min(end, lines[following]) if following < len(lines) else end
    return bool(html_block(state, start, end, silent))


def _falls_out(state: Any, start: int, last: int) -> bool:
    """Whether a line in between is indented less than the item that the first one stands in."""
    if state.sCount[start] < state.blkIndent:
        # The first line itself ends the item.
        return False
    indents = (state.sCount[line] for line in range(start, last + 1) if not state.isEmpty(line))
    return any(indent < state.blkIndent for indent in indents)


def _fence(state: Any, start: int, end: int, silent: bool) -> bool:
    """CommonMark's rule for fences; a document that surely ends later than at the first fence in it is kept whole."""
    from markdown_it.rules_block import fence

    if not fence(state, start, end, silent):
        return False
    if silent:
        return True
    token = state.tokens[-1]
    if (
        not fences.names_document(token.info, state.env["knowledge"])
        or fences.opening(token.content, token.markup) is None
    ):
        return True
    closing = _reading(state, start, end).closing(start)
    if closing is not None:
        token.meta = {"cut": token.map[1]}
        token.content = state.getLines(start + 1, closing, state.sCount[start], keepLastLF=True)
        token.map = [start, closing + 1]
        state.line = closing + 1
    return True


def _reading(state: Any, start: int, end: int) -> fences.Reading:
    """The fences of the container from `start` on, read once for all blocks of it."""
    container = (state.level, state.parentType, state.blkIndent, end)
    known = state.env.get("fences")
    if known is None or known[0] != container or not known[1] <= start < known[2]:
        first = max(0, start - LINES_ABOVE) if state.level == 0 else start
        rows = list(_rows(state, first, end))
        known = (container, start, first + len(rows), fences.Reading(rows, state.env["knowledge"]))
        state.env["fences"] = known
    found: fences.Reading = known[3]
    return found


def _rows(state: Any, start: int, end: int) -> Iterator[fences.Row]:
    for line in range(start, end):
        first, last = state.bMarks[line] + state.tShift[line], state.eMarks[line]
        if first < last and state.sCount[line] < state.blkIndent:
            return
        yield fences.Row(line, state.sCount[line] - state.blkIndent, state.src[first:last])


def _build(tokens: Sequence[Any]) -> list[Block]:
    root: list[Block] = []
    stack: list[Block] = []
    for token in tokens:
        kind = _KINDS_OF.get(token.type)
        if token.type == LINE:
            start, end = token.map
            (stack[-1].children if stack else root).append(Block("paragraph", start, end, token.content))
        elif token.type == "inline":
            _take_inline(stack, token)
        elif kind is None:
            continue
        elif token.nesting < 0:
            stack.pop()
        else:
            block = _block(kind, token)
            (stack[-1].children if stack else root).append(block)
            if token.nesting > 0:
                stack.append(block)
    return root


def _take_inline(stack: Sequence[Block], token: Any) -> None:
    if stack and stack[-1].kind in ("heading", "paragraph"):
        stack[-1].text = token.content


def _block(kind: BlockKind, token: Any) -> Block:
    start, end = token.map
    block = Block(kind, start, end)
    if kind == "heading":
        block.level, block.setext = int(token.tag[1]), token.markup in ("=", "-")
    elif kind == "item":
        block.marker = token.info + token.markup
    elif kind in ("code", "html"):
        block.text, block.info, block.fenced = token.content, token.info.strip(), token.type == "fence"
        block.marker = token.markup
        block.cut = token.meta.get("cut", 0)
    elif kind == "boundary":
        block.marks = token.meta["marks"]
    return block


def descend(blocks: Sequence[Block]) -> Iterator[Block]:
    """Every block below, parents before children."""
    for block in blocks:
        yield block
        yield from descend(block.children)
