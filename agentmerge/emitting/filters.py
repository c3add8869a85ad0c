"""The filters and tests that a template may use, each counted: what makes much of little says so before it does it."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from jinja2.filters import FILTERS
from jinja2.tests import TESTS

from agentmerge.emitting.meter import MAX_WIDTH, Meter
from agentmerge.errors import TemplateError

Filter = Callable[..., Any]

_AS_THEY_ARE = (
    "abs", "batch", "capitalize", "count", "d", "default", "dictsort", "first", "float", "groupby", "int",
    "items", "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "reverse", "round",
    "select", "selectattr", "slice", "sort", "title", "trim", "truncate", "unique", "upper", "wordcount",
)  # fmt: skip
"""Filters of the library that make no more than they are given, numbers apart."""
_TESTS = (
    "!=", "<", "<=", "==", ">", ">=", "boolean", "defined", "divisibleby", "eq", "equalto", "even", "false", "float",
    "ge", "greaterthan", "gt", "in", "integer", "iterable", "le", "lessthan", "lower", "lt", "mapping", "ne", "none",
    "number", "odd", "sameas", "sequence", "string", "true", "undefined", "upper",
)  # fmt: skip
_OF_TEXTS = (
    "capitalize", "casefold", "center", "count", "endswith", "find", "format", "index", "isalnum", "isalpha",
    "isascii", "isdigit", "islower", "isnumeric", "isspace", "istitle", "isupper", "join", "ljust", "lower",
    "lstrip", "partition", "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rjust", "rpartition",
    "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase", "title", "upper", "zfill",
)  # fmt: skip
_NUMBER = re.compile(r"\d+")
_MAX_INDENT = 16
METHODS: Mapping[type, frozenset[str]] = {
    str: frozenset(_OF_TEXTS),
    list: frozenset({"count", "index"}),
    tuple: frozenset({"count", "index"}),
    dict: frozenset({"get", "items", "keys", "values"}),
}
"""The methods of values that a template may call."""


def checked_widths(*arguments: Any) -> None:
    """TemplateError for a number so great that what it widens or repeats would be out of all measure."""
    for one in arguments:
        if isinstance(one, int) and abs(one) > MAX_WIDTH:
            raise TemplateError(f"{one} is too great a number here", remedy=f"use one up to {MAX_WIDTH:,}")


class Filters:
    """The filters of one run."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def by_name(self) -> dict[str, Filter]:
        """Those that replace the library's, by name."""
        return {
            "center": self.center,
            "e": self.escape,
            "escape": self.escape,
            "format": self.format,
            "indent": self.indent,
            "join": self.join,
            "replace": self.replace,
            "string": self._meter.text,
            "sum": self.sum,
            "tojson": self.tojson,
            "wordwrap": self.wordwrap,
        }

    def center(self, value: Any, width: int = 80) -> str:
        checked_widths(width)
        return self._text(value).center(width)

    def escape(self, value: Any) -> str:
        text = self._text(value)
        self._meter.work(5 * len(text))
        for sign, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&#34;"), ("'", "&#39;")):
            text = text.replace(sign, written)
        return text

    def indent(self, value: Any, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
        checked_widths(width)
        mark = width if isinstance(width, str) else " " * width
        lines = self._text(value).split("\n")
        self._meter.work(len(lines) * (1 + len(mark)))
        rows = [f"{mark}{line}" if line or blank else line for line in lines]
        return "\n".join(rows if first else [lines[0], *rows[1:]])

    def join(self, values: Any, between: Any = "", attribute: Any = None) -> str:
        if attribute is not None:
            raise TemplateError("`join` takes no attribute", remedy="write `| map(attribute='...') | join(...)`")
        return self._meter.joined(values, self._text(between))

    def replace(self, value: Any, old: str, new: str, count: int = -1) -> str:
        text = self._text(value)
        found = text.count(old) if count < 0 else min(count, text.count(old))
        self._meter.work(len(text) + found * len(new))
        return text.replace(old, new, count)

    def sum(self, values: Any, attribute: Any = None, start: float = 0) -> int | float:
        if attribute is not None:
            raise TemplateError("`sum` takes no attribute", remedy="write `| map(attribute='...') | sum`")
        total = start
        for value in values:
            self._meter.step()
            if not isinstance(value, (int, float)) or not isinstance(total, (int, float)):
                raise TypeError("a sum is of numbers")
            total += value
        return total

    def tojson(self, value: Any, indent: int | None = None) -> str:
        if indent is not None and not 0 <= indent <= _MAX_INDENT:
            raise TemplateError(f"an indentation of {indent}", remedy=f"use one up to {_MAX_INDENT}")
        writer = json.JSONEncoder(indent=indent, ensure_ascii=False, sort_keys=True)
        return "".join(self._pieces(writer.iterencode(value)))

    def _pieces(self, pieces: Iterator[str]) -> Iterator[str]:
        for piece in pieces:
            self._meter.work(1 + len(piece))
            yield piece

    def wordwrap(self, value: Any, width: int = 79, between: str = "\n") -> str:
        checked_widths(width)
        lines = self._text(value).removesuffix("\n").split("\n")
        rows = [row for line in lines for row in _wrapped(line, width)]
        self._meter.work(len(rows) * (1 + len(between)))
        return between.join(rows)

    def format(self, form: Any, *arguments: Any, **named: Any) -> str:
        """`'%-20s' | format(x)`, as the operator does it."""
        return self.percent(self._text(form), named or arguments)

    def percent(self, form: str, given: Any) -> str:
        """`'%-20s' % x`, its widths bounded."""
        if "*" in form:
            raise TemplateError("'*' in a format", remedy="write the width as a number")
        self._wide(form)
        plain = self._plain(given) if isinstance(given, Mapping) else None
        return form % (plain or tuple(map(self._plain, given if isinstance(given, tuple) else (given,))))

    def braces(self, form: str, *arguments: Any, **named: Any) -> str:
        """`'{:<20}'.format(x)`, its widths bounded, without a look into what it is given."""
        for _, name, spec, _ in string.Formatter().parse(form):
            if name and not name.isalnum():
                raise TemplateError(f"'{{{name}}}' in a format", remedy="give the value itself")
            if spec and "{" in spec:
                raise TemplateError("a width out of a value in a format", remedy="write the width as a number")
            self._wide(spec or "")
        plain = {name: self._plain(value) for name, value in named.items()}
        return form.format(*map(self._plain, arguments), **plain)

    def method(self, call: Any, arguments: Sequence[Any], named: Mapping[str, Any]) -> Any:
        """What a method of a text, a list or a mapping makes."""
        value, name = call.__self__, call.__name__
        if name not in METHODS.get(type(value), ()):
            raise TemplateError(f"'{name}' can't be called here", remedy="use a filter")
        for one in (*arguments, *named.values()):
            self._meter.measured(one)
        if name == "format":
            return self.braces(value, *arguments, **named)
        checked_widths(*(arguments if name in ("center", "ljust", "rjust", "zfill") else ()))
        if name == "replace":
            return self.replace(value, *arguments)
        if name == "join":
            return self.join(arguments[0], value)
        self._meter.measured(value) if isinstance(value, str) or name in ("count", "index") else None
        made = call(*arguments, **named)
        return self._meter.made(list(made) if name in ("items", "keys", "values") else made)

    def _wide(self, form: str) -> None:
        widths = [int(digits[:9]) for digits in _NUMBER.findall(form)]
        checked_widths(*widths)
        self._meter.work(sum(widths))

    def _plain(self, value: Any) -> Any:
        """A value for a format: a number keeps its forms, all else is a text."""
        if isinstance(value, Mapping):
            return {key: self._plain(member) for key, member in value.items()}
        return value if isinstance(value, (int, float)) else self._meter.text(value)

    def _text(self, value: Any) -> str:
        return value if type(value) is str else self._meter.text(value)


def _wrapped(line: str, width: int) -> Iterator[str]:
    """A line as rows of words; a word that is longer than the width is a row."""
    row: list[str] = []
    length = -1
    for word in line.split(" "):
        if row and length + 1 + len(word) > width:
            yield " ".join(row)
            row, length = [], -1
        row.append(word)
        length += 1 + len(word)
    yield " ".join(row)


def library_filters() -> dict[str, Filter]:
    """The filters of the library that are taken as they are, by name."""
    return {name: cast("Filter", FILTERS[name]) for name in _AS_THEY_ARE}


def library_tests() -> dict[str, Filter]:
    """The tests of the library that a template may use, by name."""
    return {name: cast("Filter", TESTS[name]) for name in _TESTS}
