"""Text from a file made safe for a terminal: nothing in it can move the cursor or hide from the reader."""

from __future__ import annotations

import re

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)


def safe(text: str) -> str:
    """`text` with control characters and hidden Unicode shown as `\\x1b` or `<U+202E>`; LF and tab stay."""
    return _HIDDEN.sub(_shown, text)


def _shown(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0xA0 else f"<U+{code:04X}>"


def one_line(text: str, width: int = 0) -> str:
    """`text` safe and on one line, cut to `width` characters where one is given."""
    flat = safe(" ".join(text.split()))
    return flat if width <= 0 or len(flat) <= width else flat[: width - 1].rstrip() + "…"
