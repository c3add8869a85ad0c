"""Lines in, the containers out that Markdown does not know or closes too early: tags, fences in fences, HTML."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Literal, NamedTuple

from agentmerge.knowledge.tables import Knowledge

# Containers -----------------------------------------------------------------------------------------------------------
#
# Lines that open, part and close containers which Markdown does not know: what each does, and which belong together.
#
# Template tags, XML-like tags, directives, chat turns and comments of tools stand on lines of their own. What is
# between them is read like any other text, or kept whole; the table of containers says which.


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


# Html -----------------------------------------------------------------------------------------------------------------
#
# Blocks of HTML that nothing but their own end closes: where it is missing they run to the end of the file.


_TO_THE_END = (
    ("<!--", "-->"),
    ("<?", "?>"),
    ("<![cdata[", "]]>"),
    *((f"<{name}", f"</{name}>") for name in ("script", "pre", "style", "textarea")),
)
"""How such a block begins, and what ends it."""


def missing_end(text: str) -> str:
    """What is missing at the end of a block of HTML that nothing closes; "" for any other text."""
    lowered = text.lstrip().lower()
    return next((end for start, end in _TO_THE_END if lowered.startswith(start) and end not in lowered), "")


# Fences ---------------------------------------------------------------------------------------------------------------
#
# Fences that hold fences: which line closes a block of a document language, where CommonMark takes an earlier one.
#
# CommonMark closes a fence at the next bare fence of at least its length, so a template that shows code between fences
# as long as its own ends at the first of them, and the rest of the template is read as the author's own sections and
# rules. What the author meant shows in the count: read as he meant it, every fence up to the end of the text has its
# partner, while CommonMark's reading leaves one open or finds an opening fence inside a block. Where both readings
# leave as many faults, CommonMark's stands.


FAULT = 6
"""What a fence without a partner costs, or an opening fence inside a block: what two odd places never make up for."""
ODD = 2
"""What an unlikely place costs: an opening fence where a closing one would stand, or the other way round."""
DOUBT = 2 * FAULT
"""What speaks against a block that goes on, more than a missing partner speaks for it: a heading above its own top."""
MAX_INNER = 40
"""Fences in a template that are looked at; the search for its end stays short on hostile input."""
MAX_CLOSINGS = 6
"""Bare fences that are tried as the end of a template."""
CODE_INDENT = 4
"""Columns from which on a line is no fence."""

_RUN = re.compile(r"(?P<mark>(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)+)?(?P<run>`{3,}|~{3,})(?P<info>.*)\Z")
_LANGUAGE = re.compile(r"[^\w]*([\w+#-]*)")
_HEADING = re.compile(r"(#{1,6})[ \t]+\S")


class Row(NamedTuple):
    """A line inside the container that a fence stands in, without the container's own indentation and signs."""

    line: int
    """0-based."""
    indent: int
    text: str
    """From the first visible character on; "" for a blank line."""


class Fence(NamedTuple):
    """A line that opens or closes a block."""

    row: Row
    sign: str
    length: int
    info: str
    in_item: bool
    """It stands behind a list mark."""
    opens: bool
    """It can open only: an info string or a list mark stands on it."""
    looks_open: bool
    """Bare, a blank line above and text below."""
    looks_closed: bool
    """Bare, text above and a blank line below."""
    language: str


def language_of(info: str) -> str:
    """The language that an info string names, in lower case: `markdown` of ```` ```{.Markdown title="x"} ````."""
    match = _LANGUAGE.match(info)
    return match[1].lower() if match else ""


def names_document(info: str, knowledge: Knowledge) -> bool:
    """Whether an info string names a language of documents."""
    return language_of(info) in knowledge.document_languages


def opening(text: str, marker: str) -> int | None:
    """Number of the first line of a block's content that looks as if it opened a fence which its own closes."""
    if marker[:3] not in text:
        return None
    for number, line in enumerate(text.split("\n")):
        if marker[:3] not in line:
            continue
        found = _fence_of(Row(number, _indent(line), line.strip(" \t")))
        if found and found.opens and found.sign == marker[0] and found.length >= len(marker):
            return number
    return None


def heading(text: str) -> str:
    """The first line of a block's content that would be a heading outside of it; "" where there is none."""
    rows = (line for line in text.split("\n") if line.lstrip(" ").startswith("#") and _indent(line) < CODE_INDENT)
    return next((line.strip() for line in rows if _HEADING.match(line.strip())), "")


def _indent(line: str) -> int:
    expanded = line.expandtabs(4)
    return len(expanded) - len(expanded.lstrip(" "))


def _fence_of(row: Row, above: str = "", below: str = "") -> Fence | None:
    match = _RUN.match(row.text) if row.indent < CODE_INDENT else None
    if match is None:
        return None
    info = match["info"].strip(" \t")
    if match["run"][0] == "`" and "`" in info:
        return None
    opens = bool(info or match["mark"])
    return Fence(
        row,
        match["run"][0],
        len(match["run"]),
        info,
        bool(match["mark"]),
        opens,
        looks_open=not opens and not above and bool(below),
        looks_closed=not opens and bool(above) and not below,
        language=language_of(info),
    )


def _nearest(seen: Mapping[tuple[str, int], int], fence: Fence) -> int | None:
    """The nearest of the fences seen that is of the same sign and at least as long."""
    fits = (number for (sign, length), number in seen.items() if sign == fence.sign and length >= fence.length)
    return min(fits, default=None)


class Reading:
    """The fences of one container, from some line to its end, and what each way to pair them costs."""

    def __init__(self, rows: Sequence[Row], knowledge: Knowledge) -> None:
        texts = ["", *(row.text for row in rows), ""]
        found = (_fence_of(row, texts[n], texts[n + 2]) for n, row in enumerate(rows))
        self._fences: list[Fence] = [fence for fence in found if fence]
        self._documents = knowledge.document_languages
        self._lines = [fence.row.line for fence in self._fences]
        self._levels = self._levels_between([row for row in rows if row.indent < CODE_INDENT])
        self._headings = [0, *accumulate(len(levels) for levels in self._levels)]
        self._closes, self._inner = self._partners()
        # Cost of the text from each fence on, if that one opens; filled from the end.
        self._costs = [0] * (len(self._fences) + 1)
        self._ends: dict[int, list[tuple[int, int]]] = {}
        for number in reversed(range(len(self._fences))):
            self._ends[number] = self._endings(number)
            self._costs[number] = min([self._plain(number), *(cost for cost, _ in self._ends[number])])

    def closing(self, line: int) -> int | None:
        """The line that closes the block which opens on `line`, where it surely is another than CommonMark's."""
        number = bisect_left(self._lines, line)
        if self._lines[number : number + 1] != [line]:
            return None
        ends = sorted(self._ends[number])
        if not ends or ends[0][0] + FAULT > self._plain(number):
            return None
        if len(ends) > 1 and ends[0][0] == ends[1][0]:
            return None
        end = self._fences[ends[0][1]]
        return None if end.looks_open else end.row.line

    def _plain(self, number: int) -> int:
        """What it costs to close a block where CommonMark does."""
        fence, end = self._fences[number], self._closes[number]
        held = FAULT if self._holds_opener(number, end) else 0
        if end is None:
            return held + FAULT
        odd = self._oddity(number, end)
        if not fence.info and self._holds_heading(number, end):
            odd += ODD
        return held + odd + self._costs[end + 1]

    def _endings(self, number: int) -> list[tuple[int, int]]:
        """What it costs to close a document later than CommonMark does, and the number of the closing fence."""
        first = self._closes[number]
        outer = self._fences[number]
        if first is None or outer.language not in self._documents or not self._holds_opener(number, first):
            return []
        found: list[tuple[int, int]] = []
        odd, position, top = 0, number + 1, min(self._levels[number + 1], default=0)
        while position < min(len(self._fences), number + MAX_INNER) and len(found) < MAX_CLOSINGS:
            fence = self._fences[position]
            if fence.sign == outer.sign and fence.length >= outer.length:
                end = self._closes[position]
                if not fence.opens and position > first:
                    place = self._close_oddity(fence) + self._slant(outer, fence)
                    found.append((odd + place + self._costs[position + 1], position))
                if end is None:
                    break
                odd += self._oddity(position, end) + self._doubt(number, position)
                position = end
            position += 1
            odd += DOUBT if min(self._levels[position], default=top) < top else 0
        return found

    def _doubt(self, number: int, inner: int) -> int:
        """What speaks against a block inside of another: a document like it, all the more under a like heading."""
        first, second = self._fences[number], self._fences[inner]
        if first.language != second.language:
            return 0
        above, below = self._levels[number][-1:], self._levels[inner][-1:]
        return DOUBT if above and above == below else ODD

    def _partners(self) -> tuple[list[int | None], list[int | None]]:
        """Of each fence the bare one that closes it, and the next that opens, of its sign and at least its length."""
        closes: list[int | None] = []
        inner: list[int | None] = []
        bare: dict[tuple[str, int], int] = {}
        openers: dict[tuple[str, int], int] = {}
        for number in reversed(range(len(self._fences))):
            fence = self._fences[number]
            closes.append(_nearest(bare, fence))
            inner.append(_nearest(openers, fence))
            (openers if fence.opens else bare)[fence.sign, fence.length] = number
        return closes[::-1], inner[::-1]

    def _holds_opener(self, number: int, end: int | None) -> bool:
        opener = self._inner[number]
        return opener is not None and (end is None or opener < end)

    def _holds_heading(self, number: int, end: int) -> bool:
        return self._headings[end + 1] > self._headings[number + 1]

    def _levels_between(self, rows: Sequence[Row]) -> list[list[int]]:
        """Levels of the headings above each fence, from the fence before it on; at last those below all."""
        found: list[list[int]] = [[] for _ in range(len(self._fences) + 1)]
        for row in rows:
            match = _HEADING.match(row.text)
            if match:
                found[bisect_left(self._lines, row.line)].append(len(match[1]))
        return found

    def _oddity(self, number: int, end: int) -> int:
        fence = self._fences[number]
        opened = ODD if fence.looks_closed else 0
        return opened + self._close_oddity(self._fences[end]) + self._slant(fence, self._fences[end])

    @staticmethod
    def _close_oddity(fence: Fence) -> int:
        return ODD if fence.looks_open else 0

    @staticmethod
    def _slant(first: Fence, last: Fence) -> int:
        """A block is mostly closed at the column at which it was opened."""
        return 1 if first.row.indent != last.row.indent and not first.in_item else 0
