"""Lines that open, part and close containers which Markdown does not know: what each does, and which belong together.

Template tags, XML-like tags, directives, chat turns and comments of tools stand on lines of their own. What is
between them is read like any other text, or kept whole; the table of containers says which.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from agentmerge.knowledge import Knowledge

Role = Literal["open", "branch", "close", "single"]
Kind = Literal["template", "tag", "owned", "opaque", "example", "comment"]
WHOLE = frozenset({"example", "opaque", "comment"})
"""Kinds of containers that are kept whole."""

MAX_DEPTH = 50
"""Containers inside each other that are read as such; what is deeper stands as lines of their own."""

_TAG = re.compile(
    r"<(?P<close>/?)(?P<name>[A-Za-z][\w.:-]*)(?P<attributes>(?:\s(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)?)(?P<self>/?)>"
)
_REMARK = re.compile(r"(?<=\S)[ \t]*(?:\{#(?:(?!#\}).)*#\}|\{\{!--(?:(?!--\}\}).)*--\}\}|<!--(?:(?!-->).)*-->)\Z")
"""A comment behind something else on one line."""
_ONE = r"(?:\{%(?:(?!%\}).)*%\}|\{\{[~-]?\s*(?:[#^/]|else\b|end\b)(?:(?!\}\}).)*\}\}|</?[A-Za-z][\w.:-]*(?:\s[^<>]*)?>)"
_SEVERAL = re.compile(rf"{_ONE}(?:[ \t]*{_ONE})+")
"""A line of nothing but tags, more than one of them."""
_COMMENT = re.compile(
    r"<!--\s*(?P<html>(?:(?!-->).)*?)\s*-->|\{/\*\s*(?P<mdx>(?:(?!\*/).)*?)\s*\*/\}"
    r"|\[(?://|comment|_metadata_[^\]]*)\]:\s*(?:#|<>)\s*[\"'(](?P<link>.*)[\"')]"
)
_VALUE = re.compile(r"=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_ENDS: tuple[Role, Role] = ("close", "open")
_VERSION = re.compile(r"(?<![\w.])v?(\d+(?:\.\d+)*)(?![\w.])")


class Mark(NamedTuple):
    """One reading of a line: what it does to a container of which family."""

    family: str
    role: Role
    kind: Kind
    name: str
    """What the closing line has to repeat; "" where any closing line of the family will do."""
    title: str
    """What the container is called."""
    stands: bool
    """Whether the line is one of its own even without its partner."""
    is_told: bool
    """Whether it is told where it has no partner."""


Marks = Mapping[int, tuple[Mark, ...]]
"""By 0-based number of the line, every reading of each line that may bound a container."""


class Boundary(NamedTuple):
    """What a line was found to be, once it is known which lines belong together."""

    role: Role
    kind: Kind
    title: str
    is_paired: bool


@dataclass(frozen=True, slots=True)
class _Family:
    name: str
    trigger: str
    patterns: tuple[tuple[Role, re.Pattern[str]], ...]
    kind: Kind
    stands: bool

    def marks(self, line: str) -> Iterator[Mark]:
        for role, pattern in self.patterns:
            match = pattern.fullmatch(line)
            if match is not None:
                groups = match.groupdict()
                name = groups.get("name") or groups.get("mark") or ""
                is_told = self.stands and role != "single"
                title = _title(groups, line, self.kind)
                yield Mark(self.name, role, self.kind, name.lower(), title, self.stands, is_told)


class _Owned(NamedTuple):
    """One way in which tools bound their blocks by comments."""

    family: str
    opens: re.Pattern[str]
    closes: re.Pattern[str]
    needs: re.Pattern[str]
    is_told: bool


def _without_remark(text: str) -> str:
    """A line without the comments that stand behind something else on it."""
    while text and text[-1] in "}>" and (match := _REMARK.search(text)) is not None:
        text = text[: match.start()]
    return text


def _title(groups: Mapping[str, str | None], line: str, kind: Kind) -> str:
    if kind == "template":
        return line
    return (groups.get("title") or groups.get("name") or line).replace("_", " ")


def grammar(knowledge: Knowledge) -> Grammar:
    """The grammar that the tables say."""
    return knowledge.derived(Grammar)


class Grammar:
    """The table of containers, compiled as far as a text needs it."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._raw = raw = knowledge.raw("containers")
        self._compiled: dict[str, _Family] = {}
        self._html = frozenset(raw["tags"]["html"])
        self._opaque = frozenset(raw["tags"]["opaque"])

    def marks(self, body: str) -> Marks:
        """By 0-based number of the line, every reading of each line that may bound a container."""
        families = [self._family(name) for name, row in self._raw["families"].items() if row["trigger"] in body]
        has_tags = "<" in body
        has_comments = any(sign in body for sign in ("-->", "*/}", "]: #", "]: <>"))
        if not (families or has_tags or has_comments):
            return {}
        owned = [row for row in self._owned if row.needs.search(body)] if has_comments else []
        found = {}
        for number, line in enumerate(body.split("\n")):
            text = _without_remark(line.strip(" \t"))
            if text:
                marks = [mark for family in families for mark in family.marks(text)]
                marks += self._tags(text) if has_tags and text[0] == "<" else ()
                marks += self._comments(text, owned) if has_comments and text[0] in "<{[" else ()
                if not marks and _SEVERAL.fullmatch(text):
                    # Several on one line bound nothing here, but they are no part of the item above either.
                    marks = [Mark("several", "single", "tag", "", text, stands=True, is_told=True)]
                if marks:
                    found[number] = tuple(marks)
        return found

    def _family(self, name: str) -> _Family:
        known = self._compiled.get(name)
        if known is None:
            row = self._raw["families"][name]
            roles: tuple[Role, ...] = ("close", "branch", "open", "single")
            patterns = tuple((role, re.compile(row[role])) for role in roles if role in row)
            known = _Family(name, row["trigger"], patterns, row["kind"], row.get("stands", False))
            self._compiled[name] = known
        return known

    def _tags(self, text: str) -> Iterator[Mark]:
        match = _TAG.fullmatch(text)
        if match is None:
            names = [name for name, _ in elements(text)]
            if names and self._opaque.issuperset(names):
                yield Mark("tags", "single", "example", "", names[0].replace("_", " "), stands=True, is_told=False)
            return
        if match["self"] or match["name"].lower() in self._html:
            return
        name = match["name"].lower()
        values = [next(filter(None, groups), "") for groups in _VALUE.findall(match["attributes"])]
        title = " ".join([match["name"].replace("_", " "), *values])
        kind: Kind = "example" if name in self._opaque else "tag"
        role: Role = "close" if match["close"] else "open"
        yield Mark("tags", role, kind, name, title, stands=False, is_told=True)

    def _comments(self, text: str, owned: Sequence[_Owned]) -> Iterator[Mark]:
        inner = comment_text(text)
        if not inner:
            return
        if _range_role(self._ranges, inner)[0]:
            return
        for row in owned:
            for role, pattern in zip(_ENDS, (row.closes, row.opens), strict=True):
                match = pattern.fullmatch(inner)
                if match is not None:
                    owner = _owner(match["owner"] or "")
                    told = row.is_told and " " not in owner
                    yield Mark(row.family, role, "owned", owner.lower(), owner, stands=False, is_told=told)

    def is_member(self, text: str) -> bool:
        """Whether a line is one element that says something: `<item>Run the tests</item>`, and no `<b>` of HTML."""
        names = [name for name, _ in elements(text)]
        return len(names) == 1 and names[0] not in self._html and names[0] not in self._opaque

    def said(self, text: str, depth: int = 3) -> list[str]:
        """What stands in the elements that a line consists of, each by itself; else the line."""
        found = elements(text) if depth and text.startswith("<") else []
        if not found or any(name in self._html for name, _ in found):
            return [text]
        return [part for _, inner in found for part in self.said(inner.strip(), depth - 1)]

    def range_role(self, line: str) -> tuple[str, str]:
        """Whether a comment opens or closes the range of a linter or formatter, and which; two empty texts for none."""
        return _range_role(self._ranges, comment_text(line))

    @cached_property
    def _ranges(self) -> tuple[tuple[str, str], ...]:
        return tuple(sorted(self._raw["ranges"].items(), key=lambda row: -len(row[0])))

    @cached_property
    def _owned(self) -> tuple[_Owned, ...]:
        return tuple(
            _Owned(
                f"owned {number}",
                re.compile(row["open"]),
                re.compile(row["close"]),
                re.compile(row.get("needs", "")),
                row.get("told", True),
            )
            for number, row in enumerate(self._raw["owned"])
        )


def elements(text: str) -> list[tuple[str, str]]:
    """The elements that a line consists of, each with its name and what stands in it; else nothing.

    `<example>a</example> <example>b</example>` are two; where a word stands beside them there are none.
    """
    low, found, at = text.lower(), [], 0
    while at < len(text):
        match = _TAG.match(text, at)
        if match is None or match["close"] or match["self"]:
            return []
        name = match["name"].lower()
        closing = f"</{name}>"
        end = low.find(closing, match.end())
        if end < 0:
            return []
        found.append((name, text[match.end() : end]))
        at = end + len(closing)
        while text[at : at + 1] in (" ", "\t"):
            at += 1
    return found


def _range_role(ranges: Sequence[tuple[str, str]], inner: str) -> tuple[str, str]:
    for opened, closed in ranges if inner else ():
        if _begins(inner, closed):
            return "close", opened
        if _begins(inner, opened):
            return "open", opened
    return "", ""


def _begins(inner: str, words: str) -> bool:
    """Whether a comment begins with a linter's words: `markdownlint-disable-line` is another than `-disable`."""
    return inner.startswith(words) and not re.match(r"[\w-]", inner[len(words) :])


def comment_text(line: str) -> str:
    """What stands inside the comment that a line consists of; "" for another line."""
    match = _COMMENT.fullmatch(line)
    return next((group for group in match.groups() if group), "") if match is not None else ""


def _owner(text: str) -> str:
    return " ".join(_VERSION.sub("", text).split()).strip(" :,-_")


def version_of(text: str) -> tuple[int, ...]:
    """The version that the opening line of an owned block names; () where it names none."""
    match = _VERSION.search(comment_text(text.strip()))
    return tuple(int(part) for part in match[1].split(".")) if match is not None else ()


# Which lines belong together


@dataclass(slots=True)
class _Opened:
    position: int
    marks: tuple[Mark, ...]
    branches: list[tuple[int, Mark]] = field(default_factory=list)


class Paired(NamedTuple):
    """The lines of one sequence, with what each was found to be."""

    boundaries: tuple[Boundary | None, ...]
    """None for a line that is nothing without a partner."""
    lonely: tuple[tuple[int, Mark], ...]
    """Lines without a partner that are worth a word, by position."""


def pair(rows: Sequence[tuple[Mark, ...]]) -> Paired:
    """What each line of one sequence is, from all its readings.

    A closing line closes the innermost container of its family and name; containers that are left open inside it, and
    lines that close nothing, have no partner. A branch belongs to the innermost container of its family.
    """
    pairing = _Pairing(len(rows))
    for position, marks in enumerate(rows):
        if not (pairing.close(position, marks) or pairing.branch(position, marks)):
            pairing.open(position, marks)
    pairing.leave(0)
    return Paired(tuple(pairing.found), tuple(sorted(pairing.lonely)))


class _Pairing:
    def __init__(self, count: int) -> None:
        self.found: list[Boundary | None] = [None] * count
        self.lonely: list[tuple[int, Mark]] = []
        self._stack: list[_Opened] = []
        self._waiting: Counter[tuple[str, str | None]] = Counter()
        """What the stack holds, by family and name, and with None by family alone: most lines close nothing."""

    def _waits(self, mark: Mark) -> bool:
        family = mark.family
        names = (mark.name, "") if mark.name else (None,)
        return any(self._waiting[family, name] for name in names)

    def _count(self, marks: Sequence[Mark], by: int) -> None:
        for mark in marks:
            self._waiting[mark.family, mark.name] += by
            self._waiting[mark.family, None] += by

    def open(self, position: int, marks: Sequence[Mark]) -> None:
        opening = tuple(mark for mark in marks if mark.role == "open")
        if opening and len(self._stack) < MAX_DEPTH:
            self._stack.append(_Opened(position, opening))
            self._count(opening, 1)
        else:
            self._alone(position, marks)

    def close(self, position: int, marks: Sequence[Mark]) -> bool:
        closing = [mark for mark in marks if mark.role == "close" and self._waits(mark)]
        for depth in range(len(self._stack) - 1, -1, -1) if closing else ():
            opened = self._stack[depth]
            fitting = next((one for one in opened.marks if any(_fits(one, mark) for mark in closing)), None)
            if fitting is not None:
                self.leave(depth + 1)
                self._count(self._stack.pop().marks, -1)
                self.found[opened.position] = Boundary("open", fitting.kind, fitting.title, is_paired=True)
                self.found[position] = Boundary("close", fitting.kind, fitting.title, is_paired=True)
                for number, mark in opened.branches:
                    self.found[number] = Boundary("branch", mark.kind, mark.title, is_paired=True)
                return True
        return False

    def branch(self, position: int, marks: Sequence[Mark]) -> bool:
        families = {mark.family: mark for mark in marks if mark.role == "branch" and self._waiting[mark.family, None]}
        for depth in range(len(self._stack) - 1, -1, -1) if families else ():
            opened = self._stack[depth]
            mark = next((families[one.family] for one in opened.marks if one.family in families), None)
            if mark is not None:
                self.leave(depth + 1)
                opened.branches.append((position, mark))
                return True
        return False

    def leave(self, depth: int) -> None:
        """Give up the containers from a depth of the stack on: nothing closes them."""
        for opened in self._stack[depth:]:
            self._count(opened.marks, -1)
            self._alone(opened.position, opened.marks)
            for number, mark in opened.branches:
                self._alone(number, (mark,))
        del self._stack[depth:]

    def _alone(self, position: int, marks: Sequence[Mark]) -> None:
        mark = next((mark for mark in marks if mark.is_told), marks[0])
        if mark.stands:
            self.found[position] = Boundary(mark.role, mark.kind, mark.title, is_paired=False)
        if mark.is_told:
            self.lonely.append((position, mark))


def enclosed(marks: Marks) -> dict[int, int]:
    """The last line of each container that is kept whole, by its first one."""
    open_lines: dict[tuple[str, str], list[int]] = {}
    found = {}
    for line, row in marks.items():
        for mark in (mark for mark in row if mark.kind in WHOLE):
            waiting = open_lines.setdefault((mark.family, mark.name), [])
            if mark.role == "close" and waiting:
                found[waiting.pop()] = line
                break
            if mark.role == "open":
                waiting.append(line)
                break
    return found


def _fits(opened: Mark, closing: Mark) -> bool:
    return opened.family == closing.family and (not closing.name or not opened.name or opened.name == closing.name)
