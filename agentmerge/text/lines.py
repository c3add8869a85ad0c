"""A text in, its lines and unseen characters out, as Markdown and a reader count them."""

from __future__ import annotations

import re
from functools import cache

# Characters -----------------------------------------------------------------------------------------------------------
#
# Characters that a person does not see in a text, and the places where a text needs them.


_SUSPECTS = (
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ue000-\uf8ff\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0\ufffc")
"""Suspects that count as printable, below the tags."""
_LAYOUT = frozenset("\t\n\r")
_JOINERS = "\u200c\u200d"
_MARKS = "\u200e\u200f\u061c"
NEAR = 100
"""Characters to each side in which a mark of direction has letters to turn."""
_TAGS = range(0xE0000, 0xE0080)
_FLAG = "\U0001f3f4"


@cache
def suspects() -> re.Pattern[str]:
    """Control, invisible, turning, tag and private-use characters, wherever they stand.

    Ranges as wide as these take longer to compile than most files to read: ask `may_hide` first.
    """
    return re.compile(_SUSPECTS)


def may_hide(text: str) -> bool:
    """False only for a text in which `suspects` finds nothing."""
    chars = set(text) - _LAYOUT
    return (
        not all(map(str.isprintable, chars))
        or not chars.isdisjoint(_BLANK_LETTERS)
        or max(chars, default="") >= "\U000e0000"
    )


def in_json(text: str) -> str:
    """JSON text with every suspect as a `\\u` escape: the same data, and nothing that steers who looks at it."""
    return suspects().sub(_escaped, text) if may_hide(text) else text


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


@cache
def _right_to_left() -> re.Pattern[str]:
    return re.compile("[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


def is_needed(line: str, at: int) -> bool:
    """Whether a character belongs where it stands: in an emoji, a flag, or a script that joins or turns letters."""
    char = line[at]
    before, after = line[at - 1 : at], line[at + 1 : at + 2]
    if char in _JOINERS:
        return not before.isascii() and not after.isascii() and not before.isspace()
    if char in _MARKS:
        return _right_to_left().search(line, max(0, at - NEAR), at + NEAR) is not None
    return ord(char) in _TAGS and _FLAG in line[max(0, at - 8) : at]


# Lines ----------------------------------------------------------------------------------------------------------------
#
# Lines as Markdown counts them: only LF, CRLF and CR end a line, never form feed or U+2028.


_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_ENDING = re.compile(r"\r\n|\r|\n")


def split_lines(text: str) -> list[str]:
    """The lines of `text`, each with its ending; joined they are `text` again."""
    return _LINE.findall(text)


def line_ending(text: str) -> str:
    """The ending that most lines use, LF where there is none."""
    if "\r" not in text:
        return "\n"
    endings = _ENDING.findall(text)
    return max(("\n", "\r\n", "\r"), key=endings.count)


def bare(line: str) -> str:
    """A line without its ending."""
    return line.rstrip("\r\n")


def to_lf(text: str) -> str:
    """`text` with every line ending as LF."""
    return _ENDING.sub("\n", text) if "\r" in text else text


def line_endings(text: str) -> list[str]:
    """The kinds of line endings that stand in a text: LF, CRLF, CR."""
    if "\r" not in text:
        return ["LF"] if "\n" in text else []
    found = set(_ENDING.findall(text))
    return [name for ending, name in (("\n", "LF"), ("\r\n", "CRLF"), ("\r", "CR")) if ending in found]
