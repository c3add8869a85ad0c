"""Colours of the text views. Every mark is readable without them; a disabled `Paint` changes nothing."""

from __future__ import annotations

import re
from typing import NamedTuple

_CODES = {
    "title": "1",
    "dim": "2",
    "added": "32",
    "removed": "31",
    "changed": "33",
    "moved": "36",
    "note": "34",
    "error": "1;31",
}


_MARK = re.compile(r"\x1b\[[0-9;]*m")
_WORDS = re.compile(r" *[^ ]+|\s+$")
LEAST = 40
"""Columns below which nothing is folded."""


def folded(text: str, width: int) -> str:
    """A text with every line that is longer than `width` columns broken between words, what follows indented below.

    A word that is longer, such as a path, stays whole. Marks of colour take no column.
    """
    if width < LEAST:
        return text
    return "\n".join(_fold(line, width) if len(line) > width else line for line in text.split("\n"))


def _fold(line: str, width: int) -> str:
    bare = _MARK.sub("", line)
    if len(bare) <= width:
        return line
    indent = " " * min(len(bare) - len(bare.lstrip(" ")) + 4, width // 2)
    rows, taken = [""], 0
    for word in _WORDS.findall(line):
        size = len(_MARK.sub("", word))
        if taken and taken + size > width and word.strip():
            rows.append(indent + word.lstrip(" "))
            taken = len(_MARK.sub("", rows[-1]))
        else:
            rows[-1] += word
            taken += size
    return "\n".join(row.rstrip() if at < len(rows) - 1 else row for at, row in enumerate(rows))


class Paint(NamedTuple):
    """Wraps text into the codes of a named style."""

    enabled: bool = False

    def __call__(self, style: str, text: str) -> str:
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.enabled and text else text
