"""TOML files: the whole file is fields. The library reads the values, the places of keys are found here.

A definition in TOML, such as an agent of Codex, has its prompt in a field and no body.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from agentmerge.model import Field, Value
from agentmerge.parsing.lenient import with_comments
from agentmerge.parsing.lines import bare, split_lines, to_lf
from agentmerge.parsing.values import as_text

MAX_CHARS = 500_000
"""Characters of one document."""

_TOKENS = r"\"\"\"|'''|\"(?:\\.|[^\"\\])*\"|'[^']*'|#.*|[\[{]|[\]}]"
_FIRST = r"[ \t]*\[?\[?[ \t]*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[A-Za-z0-9_-]+))"
_PLACE = r"\(at (?:line (\d+)|end of document)"
_STYLES = (('"""', "literal"), ("'''", "literal"), ('"', "double"), ("'", "single"), ("[", "flow"), ("{", "flow"))


class TomlError(Exception):
    """The text is not TOML; `line` is 1-based."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class _Float(float):
    """A number with its digits."""

    text = ""


def fields(text: str) -> tuple[Field, ...]:
    """The top-level keys of a document in the order of the file; a table is the field of its name.

    Tables of one name that others part stand there once each, all with the whole value. Raises TomlError.
    """
    import tomllib

    lines = split_lines(text)
    if len(text) > MAX_CHARS:
        raise TomlError(f"more than {MAX_CHARS:,} characters", 1)
    try:
        data = tomllib.loads(to_lf(text).removeprefix("\ufeff"), parse_float=_float)
    except RecursionError:
        raise TomlError("it is nested too deep", 1) from None
    except ValueError as error:
        place = re.search(_PLACE, str(error))
        line = int(place[1]) if place and place[1] else max(1, len(lines))
        raise TomlError(str(error).partition(" (at ")[0].lower(), line) from None
    return tuple(_fields(data, lines))


def _fields(data: Mapping[str, Any], lines: Sequence[str]) -> Iterator[Field]:
    heads = [(key, line) for key, line in _heads(lines) if key in data]
    if not heads:
        return
    floors = [0, *(line + 1 for _, line in heads[:-1])]
    starts = [with_comments(lines, line, floor) for (_, line), floor in zip(heads, floors, strict=True)]
    starts[0] = 0
    for (key, line), start, end in zip(heads, starts, [*starts[1:], len(lines)], strict=True):
        value, written = _read(data[key])
        rest = bare(lines[line]).partition("=")[2].strip()
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            written = rest.partition("#")[0].strip()
        style = next((style for mark, style in _STYLES if rest.startswith(mark)), "plain" if rest else "block")
        source = "".join(lines[start:end])
        yield Field(key, line + 1, start + 1, end + 1, source, value, as_text(value, written), style, written)


def _heads(lines: Sequence[str]) -> Iterator[tuple[str, int]]:
    """The top-level keys with the 0-based line on which each begins."""
    table, inside, depth = "", "", 0
    tokens, first = re.compile(_TOKENS), re.compile(_FIRST)
    for number, line in enumerate(lines):
        text = bare(line).removeprefix("\ufeff") if number == 0 else bare(line)
        if not inside and not depth and (match := first.match(text)):
            key = next(name for name in match.groups() if name is not None)
            is_header = text.lstrip().startswith("[")
            if key != table and (is_header or not table):
                yield key, number
            table = key if is_header else table
            if is_header:
                continue
        inside, depth = _after(text, inside, depth, tokens)


def _after(text: str, inside: str, depth: int, tokens: re.Pattern[str]) -> tuple[str, int]:
    """What is still open behind a line: the quotes of a long text, and the number of brackets."""
    at = 0
    while at < len(text):
        if inside:
            end = _end(text, inside, at)
            if end < 0:
                return inside, depth
            inside, at = "", end
            continue
        match = tokens.search(text, at)
        if match is None:
            break
        at = match.end()
        if match[0] in ('"""', "'''"):
            inside = match[0]
        elif match[0] in ("[", "{", "]", "}"):
            depth += 1 if match[0] in ("[", "{") else -1
    return inside, max(0, depth)


def _end(text: str, quotes: str, at: int) -> int:
    """Where a long text ends, behind its quotes; -1 where it goes on."""
    while at < len(text):
        if text[at] == "\\" and quotes == '"""':
            at += 2
        elif text.startswith(quotes, at):
            end = at + 3
            # Up to two quotes may stand before the three that close.
            while end - at < 5 and text.startswith(quotes[0], end):
                end += 1
            return end
        else:
            at += 1
    return -1


def _float(text: str) -> _Float:
    number = _Float(text)
    number.text = text
    return number


def _read(data: Any) -> tuple[Value, Value]:
    """A value, and the same with each number as it is written."""
    if isinstance(data, Mapping):
        pairs = {key: _read(item) for key, item in data.items()}
        value = MappingProxyType({key: pair[0] for key, pair in pairs.items()})
        return value, MappingProxyType({key: pair[1] for key, pair in pairs.items()})
    if isinstance(data, list):
        read = [_read(item) for item in data]
        return tuple(pair[0] for pair in read), tuple(pair[1] for pair in read)
    if isinstance(data, bool):
        return data, "true" if data else "false"
    if isinstance(data, _Float):
        return float(data), data.text
    if isinstance(data, (int, str)):
        return data, str(data)
    return (text := data.isoformat()), text
