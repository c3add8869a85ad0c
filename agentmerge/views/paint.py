"""Text from a file in, text for a terminal out: nothing in it moves the cursor or hides; and colours."""

from __future__ import annotations

import re
from typing import NamedTuple

from agentmerge.text.lines import is_needed, may_hide, suspects

# Paint ----------------------------------------------------------------------------------------------------------------
#
# Colours of the text views. Every mark is readable without them; a disabled `Paint` changes nothing.


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


# Safe -----------------------------------------------------------------------------------------------------------------
#
# Text from a file made safe for a terminal: nothing in it can move the cursor or hide from the reader.


def safe(text: str) -> str:
    """`text` with control characters and hidden Unicode shown as `\\x1b` or `<U+202E>`; LF and tab stay.

    Joiners inside an emoji or between letters of a script that needs them stay too.
    """
    shown = suspects().sub(_shown, text) if may_hide(text) else text
    return shown.replace("\r", "\\x0d")


def _shown(match: re.Match[str]) -> str:
    code = ord(match[0])
    if is_needed(match.string, match.start()):
        return match[0]
    return f"\\x{code:02x}" if code < 0xA0 else f"<U+{code:04X}>"


def one_line(text: str, width: int = 0) -> str:
    """`text` safe and on one line, cut to `width` characters where one is given."""
    flat = safe(" ".join(text.split()))
    return flat if width <= 0 or len(flat) <= width else flat[: width - 1].rstrip() + "…"
