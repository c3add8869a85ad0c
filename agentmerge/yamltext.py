"""Values as YAML text that every reader of YAML 1.1 and 1.2 takes for the same value.

Written by hand, not by a library: a dumper wraps long lines, sorts keys, picks quotes of its own and leaves words
such as `no` or `12:30` bare, which are text for one reader and a boolean or a number for another.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

from agentmerge.model import Digits, Value

TAB = "\t"
MAX_FLOW = 120
"""Columns that a list in one line may take before it is written with an item on a line each."""

_INDICATORS = frozenset("-?:,[]{}#&*!|>'\"%@`=<~")
"""Characters that can open something else than plain text."""
_WORDS = frozenset(
    {"true", "false", "yes", "no", "on", "off", "y", "n", "null", "none", "nil", ".inf", "-.inf", "+.inf", ".nan"}
)
_NUMERIC = re.compile(r"[-+.]?[0-9][0-9a-fA-FxXoO_.,:eE+\- tTzZ]*\Z")
"""Whatever one of the versions takes for a number, a time or a date, and some text like it."""
_UNSAFE_PLAIN = re.compile(r":(?:\s|\Z)|\s#|\A\s|\s\Z|\A\.\.\.")
_FLOW_MARKS = re.compile(r"[,\[\]{}:#?]")
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufffe\uffff]|\t"
)
_ESCAPED = re.compile('["\\\\]|' + _UNPRINTABLE.pattern)
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_NOT_LITERAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def scalar(text: str, *, flow: bool = False) -> str:
    """`text` as a scalar on one line: plain where no reader can misread it, else in double quotes.

    `flow` says that it stands inside `[...]` or `{...}`.
    """
    return text if _is_plain(text) and not (flow and _FLOW_MARKS.search(text)) else quoted(text)


def quoted(text: str) -> str:
    """`text` in double quotes; line breaks, control characters and invisible characters are escaped."""
    return f'"{_ESCAPED.sub(_escape, text)}"'


def comment(text: str) -> str:
    """One line of text as a comment; characters that YAML has no place for are escaped."""
    return f"# {quoted(text) if _UNPRINTABLE.search(text.replace(TAB, '')) else text}".rstrip()


def field(key: str, value: Value, style_hint: str = "") -> str:
    """A frontmatter field: its line or lines, each with a LF.

    `style_hint` is the style of the field that the value replaces (`Field.style`): `literal` lets text of several
    lines stay a block, `block` lets a list have an item on a line each; what the value can't take is ignored.
    """
    return "\n".join(_entry(key, value, style_hint, "")) + "\n"


def _is_plain(text: str) -> bool:
    return (
        text != ""
        and text[0] not in _INDICATORS
        and text.lower() not in _WORDS
        and not _NUMERIC.match(text)
        and not _UNSAFE_PLAIN.search(text)
        and not _UNPRINTABLE.search(text)
    )


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    code = ord(char)
    return _ESCAPES.get(char) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def _entry(key: str, value: Value, hint: str, indent: str) -> Iterator[str]:
    name = f"{indent}{scalar(key)}:"
    if value is None:
        yield name
    elif isinstance(value, str) and hint == "literal" and _can_be_literal(value):
        yield f"{name} {_header(value)}"
        yield from (f"{indent}  {line}" if line else "" for line in _literal_lines(value))
    elif (line := _one_line(value, hint)) is not None and _fits(name, line, value):
        yield f"{name} {line}"
    else:
        yield name
        yield from _block(value, f"{indent}  ")


def _fits(name: str, line: str, value: Value) -> bool:
    return isinstance(value, str) or not value or len(name) + len(line) < MAX_FLOW


def _one_line(value: Value, hint: str) -> str | None:
    """A value on one line; None for a collection that wants lines of its own."""
    if isinstance(value, Mapping):
        return None if value else "{}"
    if isinstance(value, tuple):
        flat = hint != "block" and not any(isinstance(item, (tuple, Mapping)) for item in value)
        return f"[{', '.join(_atom(item, flow=True) for item in value)}]" if flat or not value else None
    return _atom(value, flow=False)


def _atom(value: Value, *, flow: bool) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Digits):
        return str(value)
    if isinstance(value, float):
        return _float(value)
    return scalar(value, flow=flow) if isinstance(value, str) else str(value)


def _float(value: float) -> str:
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    mantissa, mark, exponent = repr(value).partition("e")
    # YAML 1.1 takes `1e+22` for text: it wants the point.
    return f"{mantissa}{'' if '.' in mantissa else '.0'}{mark}{exponent}" if mark else mantissa


def _block(value: Value, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _entry(key, item, "", indent)
    elif isinstance(value, tuple):
        for item in value:
            yield from _block_item(item, indent)
    else:
        yield f"{indent}{_atom(value, flow=False)}"


def _block_item(item: Value, indent: str) -> Iterator[str]:
    if isinstance(item, Mapping) and item:
        first, *rest = _block(item, f"{indent}  ")
        yield f"{indent}- {first.lstrip(' ')}"
        yield from rest
    elif (line := _one_line(item, "")) is not None:
        yield f"{indent}- {line}"
    else:
        yield f"{indent}-"
        yield from _block(item, f"{indent}  ")


def _can_be_literal(text: str) -> bool:
    return "\n" in text and text.strip(" \t\n") != "" and not _NOT_LITERAL.search(text)


def _header(text: str) -> str:
    """`|` with the indentation where the first line does not show it, and what happens to the last line break."""
    # A tab or a blank before the first word would be counted as indentation, or refused.
    indentation = "2" if text[0] in " \t\n" else ""
    chomp = "-" if not text.endswith("\n") else "+" if text.endswith("\n\n") else ""
    return f"|{indentation}{chomp}"


def _literal_lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n")
