"""Code in, the shape that it requires out: JSON, literals and types read leniently, and where two shapes disagree."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

# Literals -------------------------------------------------------------------------------------------------------------
#
# Objects as people write them in code: literals of JavaScript and Python, and types of TypeScript, read as shapes.
#
# Nothing is executed. What is no plain value (a call, a name, a template) has a type that nobody knows, "any".


ANY = "any"
"""Type of an expression."""
MAX_DEPTH = 40
MAX_LITERAL = 10_000
"""Characters that are read."""
MAX_MISSES = 30

_SPACE = re.compile(r"(?:\s+|//[^\n]*|#[^\n]*|/\*.*?\*/)+", re.DOTALL)
_KEY = re.compile(
    r"(?:readonly\s+)?(?:\"(?P<double>[^\"\n]+)\"|'(?P<single>[^'\n]+)'|(?P<name>[A-Za-z_$][\w$-]*))\s*\??\s*:"
)
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`", re.DOTALL)
_NUMBER = re.compile(r"-?\d[\d_.]*(?:[eE][-+]?\d+)?(?![\w.])")
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_NAMED = {
    "true": "boolean",
    "false": "boolean",
    "True": "boolean",
    "False": "boolean",
    "boolean": "boolean",
    "bool": "boolean",
    "null": "null",
    "None": "null",
    "string": "string",
    "str": "string",
    "number": "number",
    "int": "number",
    "float": "number",
}
_OPENING = {"{": "}", "[": "]", "(": ")", "<": ">"}

Paths = dict[str, str]


class _UnreadableError(Exception):
    """No object literal stands here."""


def literals(text: str) -> Iterator[Paths]:
    """The type of each path of each object literal in a text, outermost objects alone.

    After `MAX_MISSES` braces that open something else the rest is left unread.
    """
    text, misses = text[:MAX_LITERAL], 0
    at = text.find("{")
    while at >= 0 and misses < MAX_MISSES:
        reader = _Reader(text, at)
        try:
            paths: Paths = {}
            reader.read_object("", paths, 0)
        except _UnreadableError:
            misses += 1
            at = text.find("{", at + 1)
        else:
            if paths:
                yield paths
            at = text.find("{", reader.at)


class _Reader:
    """A descent through one object literal; `at` is the place that is read next."""

    def __init__(self, text: str, at: int) -> None:
        self.text, self.at = text, at
        self._gap, self._reached = at, at
        """The white space before the sign that was looked for last."""

    def read_object(self, path: str, paths: Paths, depth: int) -> None:
        """The fields between two braces, each with its value."""
        if depth > MAX_DEPTH:
            raise _UnreadableError
        self.at += 1
        while not self._take("}"):
            if self._take(",") or self._take(";"):
                continue
            if self._take("..."):
                self._skip_expression()
                continue
            key = self._match(_KEY)
            name = key["double"] or key["single"] or key["name"]
            self._read_value(f"{path}.{name}" if path else name, paths, depth + 1)
            if not (self._next() in ",;}" or self._on_new_line()):
                raise _UnreadableError

    def _read_value(self, path: str, paths: Paths, depth: int) -> None:
        start = self._next()
        if start == "{":
            paths[path] = "object"
            self.read_object(path, paths, depth)
        elif start == "[":
            paths[path] = "array"
            self._skip_balanced()
        else:
            paths[path] = self._scalar()
        if self.text.startswith("[]", self.at):
            self.at += 2
            for below in [other for other in paths if other.startswith(f"{path}.")]:
                del paths[below]
            paths[path] = "array"
        elif self._next() not in ",;}" and not self._on_new_line():
            # The value goes on: it was a part of an expression.
            paths[path] = ANY
            self._skip_expression()

    def _scalar(self) -> str:
        for pattern, kind in ((_STRING, "string"), (_NUMBER, "number")):
            found = pattern.match(self.text, self.at)
            if found:
                self.at = found.end()
                return kind
        found = _NAME.match(self.text, self.at)
        if not found:
            self._skip_expression()
            return ANY
        self.at = found.end()
        if found[0] == "Array" and self.text.startswith("<", self.at):
            self._skip_balanced()
            return "array"
        return _NAMED.get(found[0], ANY)

    def _skip_expression(self) -> None:
        """To the comma, semicolon, brace or line end that closes a value."""
        while self._next() not in ",;}" and not self._on_new_line():
            string = _STRING.match(self.text, self.at)
            if string:
                self.at = string.end()
            elif self.text[self.at] in "{[(":
                self._skip_balanced()
            else:
                self.at += 2 if self.text.startswith("=>", self.at) else 1

    def _skip_balanced(self) -> None:
        """Past what stands between brackets."""
        closing = [_OPENING[self.text[self.at]]]
        self.at += 1
        while closing:
            sign = self._next()
            string = _STRING.match(self.text, self.at)
            if string:
                self.at = string.end()
                continue
            if sign == closing[-1]:
                closing.pop()
            elif sign in "{[(":
                closing.append(_OPENING[sign])
            self.at += 1

    def _next(self) -> str:
        """The next sign that means something."""
        if self._reached != self.at:
            self._gap = self._reached = self.at
        space = _SPACE.match(self.text, self.at)
        if space:
            self.at = self._reached = space.end()
        if self.at >= len(self.text):
            raise _UnreadableError
        return self.text[self.at]

    def _on_new_line(self) -> bool:
        """Whether a line ended before the next sign."""
        self._next()
        return "\n" in self.text[self._gap : self.at]

    def _take(self, sign: str) -> bool:
        self._next()
        if self.text.startswith(sign, self.at):
            self.at += len(sign)
            return True
        return False

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        self._next()
        found = pattern.match(self.text, self.at)
        if not found:
            raise _UnreadableError
        self.at = found.end()
        return found


# Shapes ---------------------------------------------------------------------------------------------------------------
#
# Code as code: the shape that a JSON example requires, read leniently, and where two shapes disagree.


_COMMENT = re.compile(r"(?<![:\"'\w])//[^\n]*|/\*.*?\*/", re.DOTALL)
_ELLIPSIS = re.compile(r"\.\.\.|…")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
MAX_BLOCK = 20_000
"""Characters of a block that are read."""

_WITH_LITERALS = frozenset(
    ["", "js", "jsx", "ts", "tsx", "javascript", "typescript", "py", "python", "python3", "json", "jsonc", "json5"]
)

Shape = Mapping[str, str]
"""JSON path to type: `error.details` -> `array`."""


@lru_cache(maxsize=512)
def shapes(text: str) -> tuple[Shape, ...]:
    """The shape of each JSON document in a block; () where it holds none."""
    text = _ELLIPSIS.sub("", _COMMENT.sub("", text[:MAX_BLOCK]))
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
