"""Objects as people write them in code: literals of JavaScript and Python, and types of TypeScript, read as shapes.

Nothing is executed. What is no plain value (a call, a name, a template) has a type that nobody knows, "any".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

ANY = "any"
"""Type of an expression."""
MAX_DEPTH = 40
MAX_TEXT = 10_000
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
    text, misses = text[:MAX_TEXT], 0
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
