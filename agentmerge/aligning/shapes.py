"""Code as code: the shape that a JSON example requires, read leniently, and where two shapes disagree."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from agentmerge.aligning.literals import ANY, literals

_COMMENT = re.compile(r"(?<![:\"'\w])//[^\n]*|/\*.*?\*/", re.DOTALL)
_ELLIPSIS = re.compile(r"\.\.\.|…")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
MAX_TEXT = 20_000
"""Characters of a block that are read."""

_WITH_LITERALS = frozenset(
    ["", "js", "jsx", "ts", "tsx", "javascript", "typescript", "py", "python", "python3", "json", "jsonc", "json5"]
)

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


class Block(NamedTuple):
    """A code block."""

    text: str
    language: str
    """Its info string."""


def disagreement(a: Block, b: Block) -> tuple[str, str] | None:
    """Where the shapes of two blocks that describe the same thing disagree: the path, and how.

    A document that the other block has too disagrees with nothing. Objects in code are compared with JSON alone.
    """
    strict = shapes(a.text), shapes(b.text)
    if a.text == b.text or not any(strict):
        return None
    for left in strict[0]:
        for right in strict[1]:
            if left not in strict[1] and right not in strict[0] and _same_thing(left, right):
                found = _difference(left, right)
                if found:
                    return found
    return _of_literals(strict[0], _in_code(b)) or _of_literals(strict[1], _in_code(a))


def _of_literals(documents: Sequence[Shape], literals: Sequence[Shape]) -> tuple[str, str] | None:
    for left in documents:
        for right in literals:
            common = len(left.keys() & right.keys())
            if common > 1 and common * 2 >= max(len(left), len(right)):
                found = _difference(left, right)
                if found:
                    return found
    return None


def agree(a: Block, b: Block) -> bool:
    """Whether two blocks hold the same shapes, written as JSON in at least one of them."""
    left, right = shapes(a.text), shapes(b.text)
    if left and right:
        return left == right
    documents, literals = (left, _in_code(b)) if left else (right, _in_code(a))
    return bool(documents) and len(documents) == len(literals) and all(map(_fits, documents, literals))


def says_more(a: str, b: str, slot: str) -> bool:
    """Whether a block requires something that another one does not, beside what stands at a path and below it."""
    elsewhere = {path for shape in shapes(b) for path in shape}
    own = {path for shape in shapes(a) for path in shape} - elsewhere
    return any(path != slot and not path.startswith(f"{slot}.") for path in own)


def _fits(a: Shape, b: Shape) -> bool:
    return len(a) > 1 and _difference(a, b) is None


@lru_cache(maxsize=512)
def _in_code(block: Block) -> tuple[Shape, ...]:
    """The objects in a block of a language that has such literals; () for JSON itself."""
    if block.language.lower().partition(" ")[0] not in _WITH_LITERALS:
        return ()
    strict = shapes(block.text)
    return tuple(found for found in literals(block.text) if found not in strict)


def _same_thing(a: Shape, b: Shape) -> bool:
    """Two documents describe the same thing where at least half of the paths of the smaller one stand in the other."""
    common = len(a.keys() & b.keys())
    return common * 2 >= min(len(a), len(b)) and common > 1


def _difference(a: Shape, b: Shape) -> tuple[str, str] | None:
    for path in sorted(a.keys() & b.keys()):
        if a[path] != b[path] and ANY not in (a[path], b[path]):
            return path, f"{path} is {a[path]} in one and {b[path]} in the other"
    missing = sorted(a.keys() ^ b.keys(), key=lambda path: (path.count("."), path))
    return (missing[0], f"only one has {missing[0]}") if missing else None
