"""Colours of the text views. Every mark is readable without them; a disabled `Paint` changes nothing."""

from __future__ import annotations

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


class Paint(NamedTuple):
    """Wraps text into the codes of a named style."""

    enabled: bool = False

    def __call__(self, style: str, text: str) -> str:
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.enabled and text else text
