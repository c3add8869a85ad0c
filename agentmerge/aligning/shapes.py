"""Code as code: the shape that a JSON example requires, read leniently, and where two shapes disagree."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

_COMMENT = re.compile(r"(?<![:\"'\w])//[^\n]*|/\*.*?\*/", re.DOTALL)
_ELLIPSIS = re.compile(r"\.\.\.|…")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
MAX_TEXT = 20_000
"""Characters of a block that are read."""

Shape = Mapping[str, str]
"""JSON path to type: `error.details` -> `array`."""


@lru_cache(maxsize=512)
def shapes(text: str) -> tuple[Shape, ...]:
    """The shape of each JSON document in a block; () where it holds none."""
    text = _ELLIPSIS.sub("", _COMMENT.sub("", text[:MAX_TEXT]))
    text = _TRAILING_COMMA.sub(r"\1", text)
    return tuple(dict(_paths(document)) for document in _documents(text) if isinstance(document, dict) and document)


def _documents(text: str) -> Iterator[object]:
    decoder = json.JSONDecoder()
    at = text.find("{")
    while at >= 0:
        try:
            document, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            yield document
        at = text.find("{", end)


def _paths(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if path:
            yield path, "object"
        for key, child in value.items():
            yield from _paths(child, f"{path}.{key}" if path else str(key))
    else:
        yield path, {list: "array", bool: "boolean", str: "string", type(None): "null"}.get(type(value), "number")


def disagreement(a: str, b: str) -> tuple[str, str] | None:
    """Where the shapes of two blocks that describe the same thing disagree: the path, and how."""
    for left in shapes(a):
        for right in shapes(b):
            if _same_thing(left, right):
                found = _difference(left, right)
                if found:
                    return found
    return None


def agree(a: str, b: str) -> bool:
    """Whether two blocks hold the same shapes."""
    return bool(shapes(a)) and shapes(a) == shapes(b)


def _same_thing(a: Shape, b: Shape) -> bool:
    """Two documents describe the same thing where at least half of the paths of the smaller one stand in the other."""
    common = len(a.keys() & b.keys())
    return common * 2 >= min(len(a), len(b)) and common > 1


def _difference(a: Shape, b: Shape) -> tuple[str, str] | None:
    for path in sorted(a.keys() & b.keys()):
        if a[path] != b[path]:
            return path, f"{path} is {a[path]} in one and {b[path]} in the other"
    missing = sorted(a.keys() ^ b.keys(), key=lambda path: (path.count("."), path))
    return (missing[0], f"only one has {missing[0]}") if missing else None
