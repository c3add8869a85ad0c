"""TOML, as a whole file of fields or between `+++` lines. The library reads the values, the places are found here.

A definition in TOML, such as an agent of Codex, has its prompt in a field and no body.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from agentmerge.model import Field, FrozenMap, Value
from agentmerge.parsing import comments
from agentmerge.parsing.lenient import with_comments
from agentmerge.parsing.lines import bare, split_lines, to_lf
from agentmerge.parsing.values import as_text
from agentmerge.parsing.yamlio import resolve

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


def fields(text: str, first: int = 1) -> tuple[Field, ...]:
    """The top-level keys of a document in the order of the file; a table is the field of its name.

    `first` is the line of the file on which the document starts. Tables of one name that others part stand there once
    each, all with the whole value. Raises TomlError.
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
    return tuple(_fields(data, lines, range(first, first + len(lines) + 1)))


def block(text: str, first: int) -> tuple[Field, ...]:
    """As `fields`, for what stands between two `+++` lines: values and digits as YAML has them.

    Raises TomlError, for tables of one name that others part as well.
    """
    found = fields(text, first)
    keys = [field.key for field in found]
    twice = next((field for number, field in enumerate(found) if field.key in keys[:number]), None)
    if twice is not None:
        raise TomlError(f"'{twice.key}' stands in two places", twice.line - first + 1)
    return tuple(_in_yaml(field) for field in found)


def _in_yaml(field: Field) -> Field:
    value, written = _as_yaml(field.value, field.written)
    return replace(field, value=value, written=written, text=as_text(value, written), style="toml")


def _as_yaml(value: Value, written: Value) -> tuple[Value, Value]:
    """A value, and its numbers as written where YAML reads the same number from these digits."""
    if isinstance(value, tuple) and isinstance(written, tuple):
        read = list(map(_as_yaml, value, written))
        return tuple(pair[0] for pair in read), tuple(pair[1] for pair in read)
    if isinstance(value, Mapping) and isinstance(written, Mapping):
        pairs = {key: _as_yaml(item, written[key]) for key, item in value.items()}
        return (
            FrozenMap({key: pair[0] for key, pair in pairs.items()}),
            FrozenMap({key: pair[1] for key, pair in pairs.items()}),
        )
    if isinstance(value, bool) or not isinstance(value, (int, float)) or resolve(str(written)) == value:
        return value, written
    # No reader of YAML has `inf`: it is text there.
    return (value, text) if resolve(text := str(value)) == value else (text, text)


def _fields(data: Mapping[str, Any], lines: Sequence[str], at: Sequence[int]) -> Iterator[Field]:
    """`at` holds the line of the file for each of the lines, and for the end."""
    heads = [(key, line) for key, line in _heads(lines) if key in data]
    # `a.b = 1` and `a.c = 2` next to each other are one field.
    heads = [head for above, head in zip([None, *heads], heads, strict=False) if above is None or above[0] != head[0]]
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
        remarks = comments.of_toml(to_lf(source), at[start:])
        place = at[line], at[start], at[end]
        yield Field(key, *place, source, value, as_text(value, written), style, comments=remarks, written=written)


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
        value = FrozenMap({key: pair[0] for key, pair in pairs.items()})
        return value, FrozenMap({key: pair[1] for key, pair in pairs.items()})
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
