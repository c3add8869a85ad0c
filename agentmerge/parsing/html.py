"""Blocks of HTML that nothing but their own end closes: where it is missing they run to the end of the file."""

from __future__ import annotations

_TO_THE_END = (
    ("<!--", "-->"),
    ("<?", "?>"),
    ("<![cdata[", "]]>"),
    *((f"<{name}", f"</{name}>") for name in ("script", "pre", "style", "textarea")),
)
"""How such a block begins, and what ends it."""


def missing_end(text: str) -> str:
    """What is missing at the end of a block of HTML that nothing closes; "" for any other text."""
    lowered = text.lstrip().lower()
    return next((end for start, end in _TO_THE_END if lowered.startswith(start) and end not in lowered), "")
