"""Diagnostics from the table of codes: what to say is data, where and about what is said here."""

from __future__ import annotations

from agentmerge.knowledge import Knowledge
from agentmerge.model import Diagnostic


def note(code: str, line: int, knowledge: Knowledge, **words: object) -> Diagnostic:
    """The diagnostic `code` about a 1-based line of the file, its braces filled with `words`."""
    info = knowledge.diagnostics[code]
    return Diagnostic(
        code,
        info.severity,
        line,
        info.message.format_map(words),
        info.assumed.format_map(words),
        info.remedy.format_map(words),
    )


def short(text: str, width: int = 40) -> str:
    """The start of a text on one line, for a message."""
    flat = " ".join(text[: width * 4].split())
    return flat if len(flat) <= width else flat[: width - 1].rstrip() + "…"
