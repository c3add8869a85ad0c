"""Markdown re-wrapped: other line breaks in paragraphs and list items, with the same HTML.

It uses nothing of the reader but where the body starts.

What a line break means something to stays: code, tables, HTML, headings, link definitions, hard breaks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from agentmerge.model import Definition
from agentmerge.text.lines import bare, split_lines

WIDTHS = ("100", "80", "72", "60", "45", "sentences", "unwrapped")
"""How a text can be wrapped: columns, one sentence a line, or a line for each paragraph."""

_HARD_BREAK = re.compile(r"(?: {2,}|\\)\Z")
_SPACE = re.compile(r"[ \t]+")
_STARTS_A_BLOCK = re.compile(r"(?:#{1,6}|[-*+]|1[.)]|=+|-{2,}|[*_]{3,}|:?-+:?|\|.*|>.*|```.*|~~~.*)\Z")
"""A word that would mostly make something else of a line that begins with it."""
_MAY_START_A_BLOCK = re.compile(r"\W|\d+[.)]")
"""A word that would do so at times: it begins a line where the HTML stays the same."""
_MARK = re.compile(r"(?:[ \t]*>[ \t]?|[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?P<box>\[[ xX]\][ \t]+)?")
_QUOTE_SIGNS = re.compile(r"(?:[ \t]*>)*[ \t]*")
_SENTENCE_END = re.compile(r"[.!?][\"')\]*_]*\Z")
_BLANKS = re.compile(r"\s+")
_PRE = re.compile(r"(<pre>.*?</pre>)", re.DOTALL)


class _Paragraph(NamedTuple):
    start: int
    end: int
    quoted: bool


def rewrapped(definition: Definition, width: str) -> str | None:
    """The definition's text in another wrapping; None where that changes nothing, or what it renders to."""
    lines = split_lines(definition.text)
    first = definition.frontmatter.end - 1 if definition.frontmatter else 0
    body = lines[first:]
    if any(line.rstrip("\r\n") != line.rstrip("\n") for line in body):
        return None
    html = rendered(body)
    paragraphs = list(_paragraphs(body))
    wrapped = _proven(body, paragraphs, width, html)
    return None if wrapped == body else "".join([*lines[:first], *wrapped])


def _proven(body: Sequence[str], paragraphs: Sequence[_Paragraph], width: str, html: str) -> list[str]:
    """The body with as many of the paragraphs re-wrapped as leave the HTML alone."""
    new = _replaced(body, paragraphs, width)
    if new == list(body) or rendered(new) == html:
        return new
    if len(paragraphs) == 1:
        new = _replaced(body, paragraphs, width, _MAY_START_A_BLOCK)
        return new if rendered(new) == html else list(body)
    half = len(paragraphs) // 2
    # From the end, so that line numbers of what is still to do stay right.
    late = _proven(body, paragraphs[half:], width, html)
    return _proven(late, paragraphs[:half], width, html)


def _replaced(
    body: Sequence[str], paragraphs: Sequence[_Paragraph], width: str, glued: re.Pattern[str] = _STARTS_A_BLOCK
) -> list[str]:
    new = list(body)
    for paragraph in reversed(paragraphs):
        lines = body[paragraph.start : paragraph.end]
        new[paragraph.start : paragraph.end] = _wrapped(lines, width, glued, quoted=paragraph.quoted)
    return new


def _wrapped(lines: Sequence[str], width: str, glued: re.Pattern[str], *, quoted: bool) -> list[str]:
    first = bare(lines[0])
    mark = _MARK.match(first)
    assert mark is not None
    lead = mark[0]
    indent = re.sub(r"[^>\s]", " ", lead.removesuffix(mark["box"] or ""))
    inner = _QUOTE_SIGNS if quoted else re.compile(r"[ \t]*")
    rows = [first[len(lead) :], *(inner.sub("", bare(line), count=1) for line in lines[1:])]
    out: list[str] = []
    for run in _runs(rows):
        out += _filled(run, len(lead), width, glued)
    ends = lines[-1][len(bare(lines[-1])) :]
    told = [f"{lead if not number else indent}{row}\n" for number, row in enumerate(out)]
    return [*told[:-1], told[-1].rstrip("\n") + ends]


def _runs(rows: Sequence[str]) -> Iterator[list[str]]:
    """Rows up to and with each hard break."""
    run: list[str] = []
    for row in rows:
        run.append(row)
        if _HARD_BREAK.search(row):
            yield run
            run = []
    if run:
        yield run


def _filled(rows: Sequence[str], indent: int, width: str, glued: re.Pattern[str]) -> list[str]:
    last = _HARD_BREAK.search(rows[-1])
    tail = last[0] if last else ""
    text = " ".join(row.strip(" \t") for row in (*rows[:-1], rows[-1].removesuffix(tail)))
    words = [word for word in _SPACE.split(text) if word]
    if not words:
        return list(rows)
    filled = _broken(words, _LAYOUTS.get(width) or _columns(indent, int(width)), glued)
    return [*filled[:-1], filled[-1] + tail]


Breaks = Callable[[str, str], bool]


def _columns(indent: int, width: int) -> Breaks:
    return lambda line, word: indent + len(line) + 1 + len(word) > width


_LAYOUTS: dict[str, Breaks] = {
    "sentences": lambda line, word: bool(_SENTENCE_END.search(line)) and word[0].isupper(),
    "unwrapped": lambda line, word: False,
}


def _broken(words: Sequence[str], breaks: Breaks, glued: re.Pattern[str]) -> list[str]:
    lines = [words[0]]
    for word in words[1:]:
        if breaks(lines[-1], word) and not glued.match(word) and not lines[-1].endswith("\\"):
            lines.append(word)
        else:
            lines[-1] += f" {word}"
    return lines


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table")


def rendered(body: Sequence[str]) -> str:
    """The HTML of a body, white space outside of code folded."""
    parts = _PRE.split(_parser().render("".join(body)))
    return "".join(part if number % 2 else _BLANKS.sub(" ", part) for number, part in enumerate(parts))


def _paragraphs(body: Sequence[str]) -> Iterator[_Paragraph]:
    """Every paragraph, wherever it stands."""
    quotes = 0
    for token in _parser().parse("".join(body)):
        quotes += token.nesting if token.type.startswith("blockquote") else 0
        if token.type == "paragraph_open" and token.map:
            start, end = token.map
            yield _Paragraph(start, end, quotes > 0)
