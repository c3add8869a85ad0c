"""Values as TOML text: a field of a document on its own line or lines."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agentmerge.model import Digits, Value

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
_ESCAPED = re.compile('["\\\\\x00-\x08\x0a-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]')
_NOT_LITERAL = re.compile("[\x00-\x08\x0b-\x1f\x7f]|'''")
_IN_LINES = re.compile('["\\\\\x00-\x08\x0b-\x1f\x7f]')
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def field(key: str, value: Value) -> str:
    """A top-level field: its line, or its lines where the value has several; each with a LF.

    A text of several lines stands as it is between three quotes, so that no character of it changes.
    """
    if isinstance(value, str) and "\n" in value:
        return f"{_key(key)} = {_lines(value)}\n"
    return f"{_key(key)} = {_value(value)}\n"


def _lines(text: str) -> str:
    # The line break behind the opening quotes does not count; one more quote before the closing ones would.
    if not _NOT_LITERAL.search(text) and not text.endswith("'"):
        return f"'''\n{text}'''"
    return f'"""\n{_IN_LINES.sub(_escape, text)}"""'


def _key(key: str) -> str:
    return key if _BARE.match(key) else _quoted(key)


def _quoted(text: str) -> str:
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04x}"


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (Digits, int, float)):
        return str(value)
    if isinstance(value, Mapping):
        # TOML has no null: what is not said is left out.
        rows = (f"{_key(key)} = {_value(item)}" for key, item in value.items() if item is not None)
        return f"{{ {', '.join(rows)} }}" if value else "{}"
    if isinstance(value, tuple):
        return f"[{', '.join(_value(item) for item in value if item is not None)}]"
    return _quoted("" if value is None else value)
