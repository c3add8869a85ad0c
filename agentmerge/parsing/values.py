"""Frontmatter values as words."""

from __future__ import annotations

from collections.abc import Mapping

from agentmerge.model import Value
from agentmerge.parsing.entries import Entry


def text_of(entry: Entry) -> str:
    """The words of a field. A number keeps the digits as written: version 1.10 is not 1.1."""
    is_number = isinstance(entry.value, (int, float)) and not isinstance(entry.value, bool)
    return entry.text if is_number else as_text(entry.value)


def as_text(value: Value) -> str:
    """A value as words: members of a list on a line each, a mapping as `key: value` lines."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "\n".join(as_text(item) for item in value)
    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {as_text(item)}" for key, item in value.items())
    return str(value)
