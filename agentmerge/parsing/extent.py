"""Where the fields of a frontmatter end when no fence says it, or when the fence comes too late.

Authors forget the second `---`, and a rule further down then closes the block: half of the body would be text of the
last field. A line belongs to the fields where it opens one or goes on with one's value; the first other line is body.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agentmerge.knowledge import Knowledge
from agentmerge.parsing.lenient import holds_block, in_examples, is_block_header, is_prose_label, key_of, value_of
from agentmerge.parsing.lines import bare

_HEADING = re.compile(r"#{1,6}[ \t]+\S")
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][\w-]*)[^<>]*>\Z")
_BLOCK = re.compile(r"(?:[-*+]|\d{1,9}[.)])[ \t]|`{3}|~{3}|>|\||(?:[-*_][ \t]*){3,}\Z")
"""What opens a list, a fence, a quote, a table or a rule at the left edge."""
_ENDED = (".", "!", "?", ":", '"', "'")
_BRACKETS = {"[": 1, "{": 1, "]": -1, "}": -1}


def body_start(inner: Sequence[str], knowledge: Knowledge, *, closed: bool) -> int | None:
    """Index of the first line that is body; None where every line is a field's or a comment.

    `closed` says that a fence follows the lines. A `#` line is then a comment unless a body line follows it.
    """
    return _Scan(inner, knowledge, closed=closed).run()


def opens_field(line: str, knowledge: Knowledge) -> bool:
    """Whether a line opens a field that some host knows."""
    return key_of(line) in knowledge.known_keys


def is_heading(line: str, knowledge: Knowledge) -> bool:
    """Whether a line that is no comment is a heading: fields that somebody commented out are none."""
    return bool(_HEADING.match(line)) and not opens_field(line.lstrip("#").strip(), knowledge) and line[1:3] != "  "


def field_end(inner: Sequence[str], number: int, knowledge: Knowledge) -> int:
    """Index behind a field that opens on a line: its value, and what is indented below it, up to a blank line."""
    is_open = _collects(value_of(inner[number]).strip())
    number = _value_end(inner, number, knowledge)
    while number < len(inner) and inner[number].strip():
        line = inner[number]
        if not line[0].isspace() and not (is_open and line.startswith("- ")):
            break
        number += 1
    return number


def _collects(value: str) -> bool:
    """Whether a value stands on the lines below."""
    return not value or value.startswith("#")


def _value_end(inner: Sequence[str], number: int, knowledge: Knowledge) -> int:
    """Index behind the line on which a quoted or bracketed value ends; behind its own line for any other."""
    value = value_of(inner[number]).strip()
    quote = value[:1] if value[:1] in ('"', "'") else ""
    depth = _depth(value) if value[:1] in ("[", "{") else 0
    is_open = bool(quote) and value.count(quote) == 1
    if not is_open and depth <= 0:
        return number + 1
    for at in range(number + 1, len(inner)):
        line = bare(inner[at]).rstrip()
        if opens_field(line, knowledge) or _HEADING.match(line) or (depth and not line):
            break
        depth += _depth(line) if depth else 0
        if line.endswith(quote) if is_open else depth <= 0:
            return at + 1
    return number + 1


def _depth(text: str) -> int:
    return sum(_BRACKETS.get(char, 0) for char in text)


class _Scan:
    """One pass over the lines below the first fence."""

    def __init__(self, inner: Sequence[str], knowledge: Knowledge, *, closed: bool) -> None:
        self._knowledge = knowledge
        self._inner = inner
        self._closed = closed
        self._shown = in_examples(inner, knowledge)
        self._key = ""
        """Of the field whose value is read."""
        self._collects = False
        """Whether items at the left edge are its value."""
        self._heading: int | None = None
        """The first line that is a heading if body follows, else a comment."""

    def run(self) -> int | None:
        number = 0
        while number < len(self._inner):
            line = self._inner[number]
            if not line.strip() or line[0].isspace() or (self._key and number in self._shown):
                number += 1
            elif line.startswith("#"):
                if self._key and is_heading(line, self._knowledge):
                    if not self._closed:
                        return number
                    self._heading = number if self._heading is None else self._heading
                number += 1
            elif self._opens(number):
                self._key, value = key_of(line), value_of(line).strip()
                self._collects = _collects(value)
                end = _value_end(self._inner, number, self._knowledge)
                number = self._unindented(end) if is_block_header(value) else end
            elif self._collects and line.startswith("- "):
                number += 1
            elif (after := self._prose_end(number)) is not None:
                number = after
            else:
                return number if self._heading is None else self._heading
        return None

    def _opens(self, number: int) -> bool:
        """Whether a line opens a field: one that hosts know, or another that does not read like a line of a text."""
        line = self._inner[number]
        key = key_of(line)
        if not key or opens_field(line, self._knowledge):
            return bool(key)
        if not self._key or (key[0].islower() and holds_block(self._inner, number)):
            return True
        # What nobody closed may be text, where a blank line parts it from the fields.
        is_apart = not self._closed and not self._inner[number - 1].strip()
        return not is_prose_label(key, self._knowledge) and not (is_apart and " " in value_of(line).strip())

    def _unindented(self, number: int) -> int:
        """Index behind the lines directly below `|` that nobody indented."""
        while number < len(self._inner):
            line = self._inner[number]
            if not line.strip() or line[0].isspace() or line.startswith("#") or opens_field(line, self._knowledge):
                break
            number += 1
        return number

    def _prose_end(self, number: int) -> int | None:
        """Index behind text at the left edge that goes on with the value above it; None where it does not."""
        limit = self._limit(number)
        following = self._next_field(number, limit)
        stretch = self._inner[number : limit if following is None else following]
        touches = number == 0 or bool(self._inner[number - 1].strip())
        whole = touches and all(line.strip() for line in stretch)
        is_prose = self._knowledge.field_info(self._key).shape == "prose"
        if following is not None:
            goes_on = whole or (bool(self._key) and self._closed and is_prose)
        else:
            goes_on = bool(self._key) and self._is_wrapped(number, stretch, is_prose=is_prose, whole=whole)
        return number + len(stretch) if goes_on else None

    def _limit(self, number: int) -> int:
        """How far text may go on: up to the fence, or to a blank line where there is no fence."""
        end = len(self._inner)
        return end if self._closed else next((at for at in range(number, end) if not self._inner[at].strip()), end)

    def _next_field(self, number: int, limit: int) -> int | None:
        """Index of the next line that opens a known field, or of the comments above it; None behind a heading."""
        for at in range(number, limit):
            line = self._inner[at]
            if opens_field(line, self._knowledge):
                return at
            if line.startswith("#") and is_heading(line, self._knowledge):
                end = at
                while end < len(self._inner) and self._inner[end].startswith("#"):
                    end += 1
                return at if end < len(self._inner) and opens_field(self._inner[end], self._knowledge) else None
        return None

    def _is_wrapped(self, number: int, stretch: Sequence[str], *, is_prose: bool, whole: bool) -> bool:
        """Whether text that no field follows is the rest of a value: a wrapped sentence, or examples in tags."""
        if not is_prose:
            return whole and self._inner[number - 1].rstrip().endswith(",") and len(stretch) == 1
        if self._closed and _TAG.match(stretch[0].strip()):
            return _is_tagged(stretch, self._knowledge)
        before = self._inner[number - 1].rstrip()
        is_text = not any(_BLOCK.match(line) for line in stretch)
        return whole and is_text and not before.endswith(_ENDED) and stretch[0][:1].islower()


def _is_tagged(lines: Sequence[str], knowledge: Knowledge) -> bool:
    """Whether every line stands between a tag and its end."""
    name = ""
    for line in lines:
        tag = _TAG.match(line.strip())
        if not name and line.strip():
            if tag is None or tag["end"] or tag["name"].lower() not in knowledge.example_tags:
                return False
            name = tag["name"]
        elif name and tag is not None and tag["end"] and tag["name"] == name:
            name = ""
    return not name
