"""The frontmatter that nearly everybody writes, read without the YAML library: plain words after a key, lists of them.

Loading and running the library takes longer than all else that reading a file needs. What is told apart here from full
YAML is so narrow (letters first, no sign that YAML gives a meaning) that both must read it alike; a test compares them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from agentmerge.model import Scalar
from agentmerge.parsing.entries import Entry

_KEY = re.compile(r"([A-Za-z][A-Za-z0-9_-]*):(?: +(.*))?\Z")
_PLAIN = re.compile(r"[A-Za-z0-9](?:[^:#\"'\\{}&*!|>%@`]|:(?=[^ ]))*(?<![ :])\Z")
_QUOTED = re.compile(r"\"([^\"\\]*)\"\Z")
_ITEM = re.compile(r"( *)- +(\S.*)\Z")


def simple_entries(text: str, resolve: Callable[[str], Scalar]) -> tuple[Entry, ...] | None:
    """The fields of a text that is as simple as that, or None."""
    rows = text.split("\n")
    while rows and not rows[-1]:
        rows.pop()
    found: list[Entry] = []
    number = 0
    while number < len(rows):
        match = _KEY.match(rows[number])
        if match is None:
            return None
        value, first = match[2] or "", number
        number += 1
        entry = _scalar(match[1], value, first, rows[first], resolve) if value else None
        if not value:
            items = _items(rows, number)
            number += len(items)
            members = [_text(item, resolve) for item in items]
            if members and None not in members:
                values = tuple(member[0] for member in members if member)
                written = tuple(map(_written, items))
                entry = Entry(match[1], first, values, "", "block", number, 0, (), written)
        if entry is None or (number < len(rows) and not rows[number][:1].isalpha()):
            return None
        found.append(entry)
    return tuple(found)


def _scalar(key: str, value: str, line: int, row: str, resolve: Callable[[str], Scalar]) -> Entry | None:
    read = _text(value, resolve)
    if read is None:
        return None
    written = _written(value)
    return Entry(key, line, read[0], written, read[1], line, len(row), (), written)


def _written(value: str) -> str:
    """A value without its quotes; no plain one starts with a quote."""
    return value[1:-1] if value.startswith('"') else value


def _text(value: str, resolve: Callable[[str], Scalar]) -> tuple[Scalar, str] | None:
    # Asked of the string, not of the patterns: a range up to the last character takes longer to compile than all else.
    if not (value.isascii() and value.isprintable()):
        return None
    if _PLAIN.match(value):
        return resolve(value), "plain"
    quoted = _QUOTED.match(value)
    return (quoted[1], "double") if quoted is not None else None


def _items(rows: Sequence[str], start: int) -> list[str]:
    """The texts of the list items from a line on, all equally indented."""
    found: list[str] = []
    indent: str | None = None
    for row in rows[start:]:
        match = _ITEM.match(row)
        if match is None or (indent is not None and match[1] != indent):
            break
        indent = match[1]
        found.append(match[2])
    return found
