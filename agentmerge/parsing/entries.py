"""One key of the frontmatter, as both of its readers give it."""

from __future__ import annotations

from typing import NamedTuple

from agentmerge.model import Value


class Entry(NamedTuple):
    """One key of a document's top mapping."""

    key: str
    line: int
    """0-based line of the key within the document."""
    value: Value
    text: str
    """A scalar as its characters stand for it, before a type is read into it; "" for a collection."""
    style: str
    end_line: int
    """0-based line on which the value ends."""
    end_column: int
    repeated: tuple[tuple[str, int], ...]
    """Keys that stand twice in a mapping inside the value, with the 0-based line of the second."""
    written: Value = None
    """The value with each scalar as the characters that stand for it."""
