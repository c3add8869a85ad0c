"""The only importer of markdown-it: body text to a tree of blocks with line numbers.

Only block structure is asked for: inline marks are words to us. Link reference definitions are left as
paragraphs, because they are text that has to survive like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

BlockKind = Literal["heading", "paragraph", "list", "item", "code", "table", "quote", "html", "break"]

MAX_NESTING = 100
"""Levels of lists and quotes that are read as structure (an item counts two); what is deeper stays text."""

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
    return parser


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
    return block


def descend(blocks: Sequence[Block]) -> Iterator[Block]:
    """Every block below, parents before children."""
    for block in blocks:
        yield block
        yield from descend(block.children)
