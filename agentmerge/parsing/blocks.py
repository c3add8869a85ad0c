"""The only importer of markdown-it: body text to a tree of blocks with line numbers.

Only block structure is asked for: inline marks are words to us. Link reference definitions are left as
paragraphs, because they are text that has to survive like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from agentmerge.parsing import fences

BlockKind = Literal["heading", "paragraph", "list", "item", "code", "table", "quote", "html", "break"]

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
}


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


def parse_blocks(body: str) -> list[Block]:
    """The blocks of a Markdown text, in order."""
    return _build(_parser().parse(body))


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable("table")
    # Line endings are LF already, and a NUL is text that has to survive.
    parser.core.ruler.enableOnly(["block"])
    parser.block.ruler.disable("reference")
    parser.block.ruler.at("fence", _fence, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    return parser


def _fence(state: Any, start: int, end: int, silent: bool) -> bool:
    """CommonMark's rule for fences; a document that surely ends later than at the first fence in it is kept whole."""
    from markdown_it.rules_block import fence

    if not fence(state, start, end, silent):
        return False
    if silent:
        return True
    token = state.tokens[-1]
    if not fences.names_document(token.info) or fences.opening(token.content, token.markup) is None:
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
        known = (container, start, first + len(rows), fences.Reading(rows))
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
        kind = _KINDS.get(token.type.removesuffix("_open").removesuffix("_close"))
        if token.type == "inline":
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
    return block


def descend(blocks: Sequence[Block]) -> Iterator[Block]:
    """Every block below, parents before children."""
    for block in blocks:
        yield block
        yield from descend(block.children)
