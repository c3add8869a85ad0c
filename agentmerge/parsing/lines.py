"""Lines as Markdown counts them: only LF, CRLF and CR end a line, never form feed or U+2028."""

from __future__ import annotations

import re

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
