"""Markdown re-wrapped: other line breaks in paragraphs and list items, with the same HTML. It uses nothing of the reader
but where the body starts.

What a line break means something to stays: code, tables, HTML, headings, quotes, link definitions, hard breaks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from agentmerge.model import Definition
from agentmerge.parsing.lines import bare, split_lines

WIDTHS = ("100", "80", "72", "60", "45", "sentences", "unwrapped")
"""How a text can be wrapped: columns, one sentence a line, or a line for each paragraph."""

_HARD_BREAK = re.compile(r"(?: {2,}|\\)\Z")
_SPACE = re.compile(r"[ \t]+")
_STARTS_A_BLOCK = re.compile(
    r"(?:#{1,6}|[-*+]|\d{1,9}[.)]|=+|-{2,}|(?:[-*_]){3,}|\[[^\]]*\]:?|:?-+:?|\|.*|>.*|<.*|```.*|~~~.*|\{.*)\Z", re.DOTALL
)
"""A word that would make something else of a line that begins with it."""
_SENTENCE_END = re.compile(r"[.!?][\"')\]*_]*\Z")
_BLANKS = re.compile(r"\s+")
_PRE = re.compile(r"(<pre>.*?</pre>)", re.DOTALL)


class _Paragraph(NamedTuple):
    start: int
    end: int
    nested: bool


def rewrapped(definition: Definition, width: str) -> str | None:
    """The definition's text in another wrapping; None where that changes nothing, or would change what it renders to."""
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
        return list(body)
    half = len(paragraphs) // 2
    # From the end, so that line numbers of what is still to do stay right.
    late = _proven(body, paragraphs[half:], width, html)
    return _proven(late, paragraphs[:half], width, html)


def _replaced(body: Sequence[str], paragraphs: Sequence[_Paragraph], width: str) -> list[str]:
    new = list(body)
    for paragraph in reversed(paragraphs):
        new[paragraph.start : paragraph.end] = _wrapped(body[paragraph.start : paragraph.end], width)
    return new


def _wrapped(lines: Sequence[str], width: str) -> list[str]:
    first = bare(lines[0])
    mark = re.match(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?:\[[ xX]\][ \t]+)?", first)
    lead = mark[0] if mark else ""
    box = re.search(r"\[[ xX]\][ \t]+\Z", lead)
    indent = " " * len(lead[: box.start()] if box else lead)
    rows = [first[len(lead) :], *(bare(line).lstrip(" \t") for line in lines[1:])]
    out: list[str] = []
    for run in _runs(rows):
        out += _filled(run, len(lead if not out else indent), width)
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


def _filled(rows: Sequence[str], indent: int, width: str) -> list[str]:
    last = _HARD_BREAK.search(rows[-1])
    tail = last[0] if last else ""
    text = " ".join(row.strip(" \t") if number < len(rows) - 1 else row.removesuffix(tail).strip(" \t") for number, row in enumerate(rows))
    words = [word for word in _SPACE.split(text) if word]
    if not words:
        return list(rows)
    filled = _LAYOUTS.get(width, _columns)(words, indent, width)
    return [*filled[:-1], filled[-1] + tail]


def _columns(words: Sequence[str], indent: int, width: str) -> list[str]:
    return _broken(words, lambda line, word: indent + len(line) + 1 + len(word) > int(width))


def _by_sentence(words: Sequence[str], _: int, __: str) -> list[str]:
    return _broken(words, lambda line, word: bool(_SENTENCE_END.search(line)) and word[0].isupper())


def _unwrapped(words: Sequence[str], _: int, __: str) -> list[str]:
    return [" ".join(words)]


_LAYOUTS: dict[str, Callable[[Sequence[str], int, str], list[str]]] = {
    "sentences": _by_sentence,
    "unwrapped": _unwrapped,
}


def _broken(words: Sequence[str], breaks: Callable[[str, str], bool]) -> list[str]:
    lines = [words[0]]
    for number, word in enumerate(words[1:], 1):
        hard = lines[-1].endswith("\\")
        if breaks(lines[-1], word) and not _STARTS_A_BLOCK.match(word) and not hard and not _is_rule(words[number:]):
            lines.append(word)
        else:
            lines[-1] += f" {word}"
    return lines


def _is_rule(words: Sequence[str]) -> bool:
    return set(words[0]) <= set("-=_*")


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table")


def rendered(body: Sequence[str]) -> str:
    """The HTML of a body, white space outside of code folded."""
    parts = _PRE.split(_parser().render("".join(body)))
    return "".join(part if number % 2 else _BLANKS.sub(" ", part) for number, part in enumerate(parts))


def _paragraphs(body: Sequence[str]) -> Iterator[_Paragraph]:
    """Paragraphs at the margin and in lists, but in no quote."""
    quotes = lists = 0
    for token in _parser().parse("".join(body)):
        quotes += token.nesting if token.type.startswith("blockquote") else 0
        lists += token.nesting if token.type.endswith("_list_open") or token.type.endswith("_list_close") else 0
        if token.type == "paragraph_open" and not quotes and token.map:
            yield _Paragraph(*token.map, nested=bool(lists))
