"""Where a text was only wrapped: a soft line break is a blank, a hard one stays a line break."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

_HARD = re.compile(r"(?: {2,}|(?<!\\)(?:\\\\)*\\)\Z")
_SPACE = re.compile(r"[ \t\n]+")
_BLANKS = re.compile(r"[ \t]{2,}|\t")
_NESTED = re.compile(r"[ \t]*>[ \t]?")
_OPENS_PROSE = re.compile(r"[ \t]*(?:[-*+•]|\d{1,9}[.)])(?:[ \t]|\Z)")
"""What begins a list item inside a quote."""
_FIXED = re.compile(r"[ \t]*(?:#{1,6}(?:[ \t]|\Z)|\|)")
"""A line of a heading or a table."""
_TAGGED = re.compile(r"[ \t]*<")
"""A line of HTML, where no prose goes on in it: `<name>` at the start of a wrapped line is a word."""
_QUOTED_FENCE = re.compile(r"[ \t]*(?P<run>`{3,}|~{3,})")


def is_hard(line: str) -> bool:
    """Whether a line, without its ending, ends in a hard break: two blanks or a backslash."""
    return line[-1:] in (" ", "\\") and _HARD.search(line) is not None


def flow_of(text: str) -> str:
    """The text of a paragraph as it is read: lines that were only wrapped are one, blanks in a row are one."""
    if "\n" not in text and "  " not in text and "\t" not in text:
        return text
    return "\n".join(" ".join(lines) for lines in _runs(text.split("\n")))


def in_one_line(text: str) -> str:
    """The words of a text that is kept whole, with a blank for every line break: Markdown reads it as one thing or
    another, and whoever wraps it may break any of its lines."""
    return _SPACE.sub(" ", text).strip()


def _runs(lines: Sequence[str]) -> Iterator[list[str]]:
    """Lines up to and with each hard break, which is left out."""
    run: list[str] = []
    for number, line in enumerate(lines):
        hard = is_hard(line) and number < len(lines) - 1
        words = _BLANKS.sub(" ", (line[:-1] if hard and line[-1] == "\\" else line).strip(" \t"))
        run += [words] if words else []
        if hard:
            yield run
            run = []
    yield run


def hard_runs(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """First and last line (exclusive) of what stands between hard breaks."""
    start = 0
    for number, line in enumerate(lines, 1):
        if number == len(lines) or is_hard(line):
            yield start, number
            start = number


def quoted_flow(text: str) -> str:
    """The same for the lines of a quote, which may hold blocks of other kinds."""
    if "\n" not in text:
        return flow_of(text)
    return "\n".join(flow_of(block) if opens_prose else block for opens_prose, block in _quoted(text.split("\n")))


def _quoted(lines: Sequence[str]) -> Iterator[tuple[bool, str]]:
    """The blocks of a quote, each with whether its lines may be wrapped; of fences and tables each line."""
    for nested, run in groupby(lines, key=lambda line: _NESTED.match(line) is not None):
        if nested:
            inner = quoted_flow("\n".join(_NESTED.sub("", line) for line in run))
            yield from ((False, f"> {line}") for line in inner.split("\n"))
        else:
            yield from _prose_blocks(run)


def _prose_blocks(lines: Iterable[str]) -> Iterator[tuple[bool, str]]:
    fence, prose = "", list[str]()
    for line in lines:
        run = _QUOTED_FENCE.match(line)
        fixed = bool(fence or run or not line.strip(" \t") or _FIXED.match(line) or (not prose and _TAGGED.match(line)))
        if prose and (fixed or _OPENS_PROSE.match(line)):
            yield True, "\n".join(prose)
            prose = []
        if fixed:
            yield False, line
        else:
            prose.append(line)
        if run:
            fence = "" if fence and run["run"].startswith(fence) else fence or run["run"]
    if prose:
        yield True, "\n".join(prose)
