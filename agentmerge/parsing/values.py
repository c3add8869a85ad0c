"""Frontmatter values as words."""

from __future__ import annotations

from collections.abc import Mapping

from agentmerge.model import Value
from agentmerge.parsing.entries import Entry


def text_of(entry: Entry) -> str:
    """The words of a field. A number keeps the digits as written: version 1.10 is not 1.1."""
    return as_text(entry.value, entry.written)


def as_text(value: Value, written: Value = None) -> str:
    """A value as words: members of a list on a line each, a mapping as `key: value` lines, numbers as `written`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        texts = written if isinstance(written, tuple) else value
        return "\n".join(map(as_text, value, texts))
    if isinstance(value, Mapping):
        leaves = written if isinstance(written, Mapping) else value
        return "\n".join(f"{key}: {as_text(item, leaves.get(key))}" for key, item in value.items())
    return written if isinstance(written, str) and not isinstance(value, str) else str(value)
