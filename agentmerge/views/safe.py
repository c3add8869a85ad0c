"""Text from a file made safe for a terminal: nothing in it can move the cursor or hide from the reader."""

from __future__ import annotations

import re

from agentmerge.characters import is_needed, may_hide, suspects


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
