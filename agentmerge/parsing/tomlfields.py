"""Frontmatter in TOML: statement by statement, so that each line belongs to one field."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from agentmerge.model import Field, Value
from agentmerge.parsing import comments
from agentmerge.parsing.lines import to_lf
from agentmerge.parsing.values import as_text
from agentmerge.parsing.yamlio import resolve

MAX_LINES = 2_000
"""Lines that are read as fields; a longer block is no frontmatter."""

_TABLE = re.compile(r"[ \t]*\[")
_NUMBER = re.compile(r"=[ \t]*([-+\w.]+)")


class _Statement(NamedTuple):
    """Lines with the top-level key that they give a value to."""

    key: str
    start: int
    line: int
    """Of the key; comments and blank lines stand above it."""
    end: int


class _FaultError(Exception):
    """The block is no TOML that can be told field by field."""


def read(inner: Sequence[str], first: int) -> tuple[tuple[Field, ...], str]:
    """The fields between two `+++` lines, the first of which is line `first` of the file; or why there are none."""
    import tomllib

    try:
        if len(inner) > MAX_LINES:
            raise _FaultError(f"it has more than {MAX_LINES:,} lines")
        values = tomllib.loads(to_lf("".join(inner)))
        return tuple(_fields(inner, first, values)), ""
    except tomllib.TOMLDecodeError as error:
        return (), f"it is not valid TOML: {error}"
    except (_FaultError, RecursionError) as error:
        return (), str(error) or "it is nested too deep"


def _fields(inner: Sequence[str], first: int, values: Mapping[str, object]) -> Iterator[Field]:
    found = _joined(list(_statements(inner)))
    at = range(first, first + len(inner) + 1)
    for number, one in enumerate(found):
        end = len(inner) if number == len(found) - 1 else one.end
        source = "".join(inner[one.start : end])
        value = _value(values[one.key])
        written = _NUMBER.search(inner[one.line])
        # A number keeps its digits where YAML reads the same number from them.
        text = written[1] if written and resolve(written[1]) == value else as_text(value)
        remarks = comments.of_toml(to_lf(source), at[one.start :])
        yield Field(one.key, at[one.line], at[one.start], at[end], source, value, text, "toml", remarks)


def _statements(inner: Sequence[str]) -> Iterator[_Statement]:
    """Each statement; those below the head of a table belong to the table's key."""
    start, number, table = 0, 0, ""
    while number < len(inner):
        row = inner[number].strip()
        if not row or row.startswith("#"):
            number += 1
            continue
        end, keys = _statement(inner, number)
        if _TABLE.match(inner[number]):
            table = keys[0]
        yield _Statement(table or keys[0], start, number, end)
        start = number = end


def _statement(inner: Sequence[str], number: int) -> tuple[int, list[str]]:
    """Index behind a statement, and the keys at its top."""
    import tomllib

    for end in range(number + 1, len(inner) + 1):
        try:
            return end, list(tomllib.loads(to_lf("".join(inner[number:end]))))
        except tomllib.TOMLDecodeError:
            continue
    raise _FaultError("a statement does not end")


def _joined(found: Sequence[_Statement]) -> list[_Statement]:
    joined: list[_Statement] = []
    for one in found:
        if joined and joined[-1].key == one.key:
            joined[-1] = joined[-1]._replace(end=one.end)
        elif any(one.key == other.key for other in joined):
            raise _FaultError(f"'{one.key}' stands in two places")
        else:
            joined.append(one)
    return joined


def _value(value: object) -> Value:
    if isinstance(value, dict):
        return MappingProxyType({str(key): _value(item) for key, item in value.items()})
    if isinstance(value, list):
        return tuple(_value(item) for item in value)
    return value if isinstance(value, (bool, int, float, str)) else str(value)
