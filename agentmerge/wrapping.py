"""Where a text was only wrapped: a soft line break is a blank, a hard one stays a line break."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_HARD = re.compile(r"(?: {2,}|(?<!\\)(?:\\\\)*\\)\Z")
_BLANKS = re.compile(r"[ \t]{2,}|\t")
_QUOTED_BLOCK = re.compile(r"[ \t]*(?:[-*+•](?:[ \t]|\Z)|\d{1,9}[.)](?:[ \t]|\Z)|#{1,6}(?:[ \t]|\Z)|[>|<]|`{3}|~{3})")
"""What begins a block of its own inside a quote."""
_QUOTED_FENCE = re.compile(r"[ \t]*(?P<run>`{3,}|~{3,})")
_HEADING = re.compile(r"[ \t]*#{1,6}(?:[ \t]|\Z)")


def is_hard(line: str) -> bool:
    """Whether a line, without its ending, ends in a hard break: two blanks or a backslash."""
    return line[-1:] in (" ", "\\") and _HARD.search(line) is not None


def flow_of(text: str) -> str:
    """The text of a paragraph as it is read: lines that were only wrapped are one, blanks in a row are one."""
    if "\n" not in text and "  " not in text and "\t" not in text:
        return text
    return "\n".join(" ".join(lines) for lines in _runs(text.split("\n")))


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
    found: list[str] = []
    fence = ""
    for line in text.split("\n"):
        opened = _QUOTED_FENCE.match(line)
        if fence or opened or not line.strip() or _QUOTED_BLOCK.match(line) or not found or not found[-1].strip():
            found.append(line)
        elif _QUOTED_FENCE.match(found[-1]) or _HEADING.match(found[-1]) or found[-1].lstrip().startswith(("|", "<")):
            found.append(line)
        else:
            found[-1] += f"\n{line}"
        if opened:
            fence = "" if fence and line.strip().startswith(fence) else fence or opened["run"]
    return "\n".join(line if "\n" not in line else flow_of(line) for line in found)
