"""The records that a definition is read into, immutable and with 1-based lines, and what is kept with each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from itertools import groupby
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias, TypeVar, TypeVarTuple

# Wrapping -------------------------------------------------------------------------------------------------------------
#
# Where a text was only wrapped: a soft line break is a blank, a hard one stays a line break.


_HARD = re.compile(r"(?: {2,}|(?<!\\)(?:\\\\)*\\)\Z")
_SPACE = re.compile(r"[ \t\n]+")
_BLANKS = re.compile(r"[ \t]{2,}|\t")
_NESTED = re.compile(r"[ \t]*>[ \t]?")
_OPENS_PROSE = re.compile(r"[ \t]*(?:[-*+•]|\d{1,9}[.)])(?:[ \t]|\Z)")
"""What begins a list item inside a quote."""
_FIXED = re.compile(r"[ \t]*(?:#{1,6}(?:[ \t]|\Z)|\|)")
"""A line of a heading or a table."""
_TAGGED = re.compile(r"[ \t]*<")
"""A line of HTML, where no prose goes on in it: `<name>` at the start of a wrapped line is a word."""
_QUOTED_FENCE = re.compile(r"[ \t]*(?P<run>`{3,}|~{3,})")


def is_hard(line: str) -> bool:
    """Whether a line, without its ending, ends in a hard break: two blanks or a backslash."""
    return line[-1:] in (" ", "\\") and _HARD.search(line) is not None


def flow_of(text: str) -> str:
    """The text of a paragraph as it is read: lines that were only wrapped are one, blanks in a row are one."""
    if "\n" not in text and "  " not in text and "\t" not in text:
        return text
    return "\n".join(" ".join(lines) for lines in _runs(text.split("\n")))


def in_one_line(text: str) -> str:
    """The words of a text that is kept whole, with a blank for every line break: Markdown reads it as one thing or
    another, and whoever wraps it may break any of its lines."""
    return _SPACE.sub(" ", text).strip()


def _runs(lines: Sequence[str]) -> Iterator[list[str]]:
    """Lines up to and with each hard break, which is left out."""
    run: list[str] = []
    for number, line in enumerate(lines):
        hard = is_hard(line) and number < len(lines) - 1
        words = _BLANKS.sub(" ", (line[:-1] if hard and line[-1] == "\\" else line).strip(" \t"))
        run += [words] if words else []
        if hard:
            yield run
            run = []
    yield run


def hard_runs(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """First and last line (exclusive) of what stands between hard breaks."""
    start = 0
    for number, line in enumerate(lines, 1):
        if number == len(lines) or is_hard(line):
            yield start, number
            start = number


def quoted_flow(text: str) -> str:
    """The same for the lines of a quote, which may hold blocks of other kinds."""
    if "\n" not in text:
        return flow_of(text)
    return "\n".join(flow_of(block) if opens_prose else block for opens_prose, block in _quoted(text.split("\n")))


def _quoted(lines: Sequence[str]) -> Iterator[tuple[bool, str]]:
    """The blocks of a quote, each with whether its lines may be wrapped; of fences and tables each line."""
    for nested, run in groupby(lines, key=lambda line: _NESTED.match(line) is not None):
        if nested:
            inner = quoted_flow("\n".join(_NESTED.sub("", line) for line in run))
            yield from ((False, f"> {line}") for line in inner.split("\n"))
        else:
            yield from _prose_blocks(run)


def _prose_blocks(lines: Iterable[str]) -> Iterator[tuple[bool, str]]:
    fence, prose = "", list[str]()
    for line in lines:
        run = _QUOTED_FENCE.match(line)
        fixed = bool(fence or run or not line.strip(" \t") or _FIXED.match(line) or (not prose and _TAGGED.match(line)))
        if prose and (fixed or _OPENS_PROSE.match(line)):
            yield True, "\n".join(prose)
            prose = []
        if fixed:
            yield False, line
        else:
            prose.append(line)
        if run:
            fence = "" if fence and run["run"].startswith(fence) else fence or run["run"]
    if prose:
        yield True, "\n".join(prose)


# Memo -----------------------------------------------------------------------------------------------------------------
#
# What was made of a definition is kept with it: a review of many variants reads each of them many times.


K = TypeVar("K")
T = TypeVar("T")
Rest = TypeVarTuple("Rest")


class Memo(dict[object, Any]):
    """What functions made of one record. It ends with the record, and is neither compared nor copied nor pickled."""

    __slots__ = ()

    def __reduce__(self) -> tuple[type[Memo], tuple[()]]:
        return Memo, ()


class Kept(dict[K, T]):
    """What a function returns, by its argument, with a bound: once there are `most`, all are forgotten.

    It belongs to an object that made it, and ends with it.
    """

    __slots__ = ("_make", "_most")

    def __init__(self, make: Callable[[K], T], most: int) -> None:
        super().__init__()
        self._make, self._most = make, most

    def __missing__(self, key: K) -> T:
        if len(self) >= self._most:
            self.clear()
        found = self[key] = self._make(key)
        return found


class Remembering(Protocol):
    """A record that owns what was made of it."""

    @property
    def memo(self) -> Memo: ...


R = TypeVar("R", bound=Remembering)


def per_definition(make: Callable[[R, *Rest], T]) -> Callable[[R, *Rest], T]:
    """Remember with a definition what a function of it returns, for each of the other arguments; nobody may change it.

    The other arguments are compared: numbers, and objects such as `Knowledge` that equal nothing but themselves.
    """

    @wraps(make)
    def remembered(definition: R, *rest: *Rest) -> T:
        key, memo = (make, rest), definition.memo
        if key not in memo:
            memo[key] = make(definition, *rest)
        found: T = memo[key]
        return found

    return remembered


# Model ----------------------------------------------------------------------------------------------------------------
#
# The records that a definition is read into. Immutable, without parent links; lines are 1-based.
#
# Every node keeps the slice of the file it came from (`source`), so that what nobody changed can be emitted
# byte for byte: the slices of all nodes, in order, hold every visible line of the file.


Scalar: TypeAlias = bool | int | float | str | None
Value: TypeAlias = "Scalar | tuple[Value, ...] | Mapping[str, Value]"

_Key = TypeVar("_Key")
_Item_co = TypeVar("_Item_co", covariant=True)
_Line = TypeVar("_Line")


class FrozenMap(Mapping[_Key, _Item_co]):
    """A mapping that nobody can change, so that a record which holds it can be hashed, copied and pickled."""

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[_Key, _Item_co]) -> None:
        self._items = dict(items)

    def __getitem__(self, key: _Key) -> _Item_co:
        return self._items[key]

    def __iter__(self) -> Iterator[_Key]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return repr(self._items)

    def __reduce__(self) -> tuple[type[FrozenMap[_Key, _Item_co]], tuple[dict[_Key, _Item_co]]]:
        return FrozenMap, (self._items,)


def frozen(value: object) -> object:
    """A value with everything in it that could be changed made unchangeable: mappings and lists, however deep."""
    if isinstance(value, Mapping):
        return FrozenMap({key: frozen(item) for key, item in value.items()})
    return tuple(map(frozen, value)) if isinstance(value, (list, tuple)) else value


UnitKind = Literal[
    "item", "task", "paragraph", "code", "table", "quote", "html", "field", "rule",
    "comment", "tag", "close", "example", "raw", "import", "reference",
]  # fmt: skip
"""What a unit is.

`comment` stands in comment signs, `tag` is a line that bounds a container without its partner, `close` the line that
closes a container, `example` what `<example>` and its like enclose, `raw` text that is no Markdown (maths, heredocs),
`import` a line `@path`, `reference` the definition of a link label, a footnote or an abbreviation.
"""
HeadingStyle = Literal["root", "atx", "setext", "bold", "label", "tag", "template", "owned"]
"""How a section is opened: a heading, a pseudo-heading, or a line that opens a container.

What `tag` encloses is read like any other text; what `template` encloses stands under a condition; `owned` is a block
that a tool keeps between two comments of its own, nobody else's to move or to merge.
"""
LAYOUT: frozenset[UnitKind] = frozenset({"rule", "close"})
"""Kinds that say nothing by themselves: thematic breaks, fence lines of a checklist, closing lines of containers."""
VERBATIM: frozenset[UnitKind] = frozenset({"html", "comment", "tag", "example", "raw", "import"})
"""Kinds that are kept as they stand and compared as text, not as prose."""
Severity = Literal["error", "warning", "info"]
Mode = Literal["use", "example", ""]
"""Whether a block is in use (a command, a prompt, a contract) or an example; "" where nothing says it."""

_WRAPPED = {"item": flow_of, "task": flow_of, "paragraph": flow_of, "quote": quoted_flow, "reference": flow_of}
_WRAPPED |= {"example": in_one_line}
"""How the words of a unit are read where its lines may be only wrapped, by its kind."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something noticed while reading: what stood there, what was assumed, what to do."""

    code: str
    """Stable name, listed in the documentation."""
    severity: Severity
    line: int
    message: str
    """What was read."""
    assumed: str = ""
    """How it was taken."""
    remedy: str = ""


class Span(NamedTuple):
    """A part of a definition's text, by offsets in characters: `text[start:end]`."""

    start: int
    end: int


NOWHERE = Span(0, 0)
"""The span of a node that was made, not read."""


class Digits(str):
    """A number as it is written: 1.10 is not 1.1, and neither is the text "1.10"."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Digits) and str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return str.__hash__(self)


def _content(value: Value, written: Value) -> Value:
    if isinstance(value, str):
        # Whether a block keeps the line break at its end is how it is written.
        return value.removesuffix("\n")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Digits(written if isinstance(written, str) else value)
    if isinstance(value, tuple):
        texts = written if isinstance(written, tuple) else value
        return tuple(map(_content, value, texts))
    if isinstance(value, Mapping):
        leaves = written if isinstance(written, Mapping) else value
        return {key: _content(item, leaves.get(key)) for key, item in value.items()}
    return value


def _exact(value: Value, written: Value) -> Value:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Digits(written) if isinstance(written, str) else value
    if isinstance(value, tuple):
        return tuple(map(_exact, value, written if isinstance(written, tuple) else value))
    if isinstance(value, Mapping):
        leaves = written if isinstance(written, Mapping) else value
        return {key: _exact(item, leaves.get(key)) for key, item in value.items()}
    return value


def parted(members: Sequence[str]) -> str:
    """Members of a list in one line."""
    return ("; " if any("," in member for member in members) else ", ").join(members)


@dataclass(frozen=True, slots=True)
class Comment:
    """A remark in the frontmatter: adjacent lines of one, or what stands behind a value."""

    line: int
    text: str
    """Its lines as written, each with its `#` and without the blanks before it."""


MERGE = "<<"
"""YAML's merge key."""


@dataclass(frozen=True, slots=True)
class Field:
    """One top-level field of the frontmatter."""

    key: str
    line: int
    """Line of the key."""
    start: int
    """First line of `source`: comments directly above the key belong to it."""
    end: int
    """First line after the field."""
    source: str
    """The lines of the field, comments above it included."""
    value: Value
    """The value under YAML 1.2 core rules; dates and other types stay the text that was written."""
    text: str
    """The value as words: a scalar's text, or a list's members on a line each."""
    style: str
    """How the value is written: plain, single, double, literal, folded, flow, block, empty, toml, recovered, merged
    where a merge key brings it in, or bare, as a host's own reader takes it."""
    comments: tuple[Comment, ...] = ()
    """The remarks among its lines; they are no part of the value."""
    written: Value = None
    """The value with each scalar as the characters that stand for it: `1.10` beside 1.1, `0x1F` beside 31."""
    span: Span = NOWHERE
    """Of `source`."""
    condition: str = ""
    """The lines of a template that it stands under, such as `{% if pro %}`; where some stand inside its value, these
    with what is between them."""

    @property
    def is_merge(self) -> bool:
        """Whether it is YAML's merge key, which brings in the fields of a mapping."""
        if self.key != MERGE or not isinstance(self.value, (Mapping, tuple)) or self.style in ("recovered", "toml"):
            return False
        # In quotes it is a key like any other.
        return any(row.startswith(MERGE) for row in self.source.replace("\r", "\n").split("\n"))

    @property
    def under(self) -> str:
        """Under which condition it stands, in words."""
        return f"under {self.condition}" if self.condition else "under no condition"

    @property
    def content(self) -> Value:
        """What two fields are compared by: the value, numbers as they are written, a last line break aside."""
        return _content(self.value, self.written)

    @property
    def exact(self) -> Value:
        """The value with each number as the digits that are written, for writing it anew."""
        return _exact(self.value, self.written)

    @property
    def kind(self) -> UnitKind:
        return "field"

    @property
    def lead(self) -> str:
        return self.key

    @property
    def inline(self) -> str:
        """The value in one line: members of a list parted by commas, or by semicolons where a member holds a comma."""
        return (
            parted(self.text.split("\n")) if isinstance(self.value, (tuple, Mapping)) else " ".join(self.text.split())
        )


@dataclass(frozen=True, slots=True)
class Frontmatter:
    """The block of fields at the top of a file, between its two fences where both are there; of a TOML file all there
    is, without fences."""

    source: str
    """The lines of the block, fences included."""
    end: int
    """First line after the block."""
    fields: tuple[Field, ...]
    """In the order of the file; of a duplicate key every occurrence is here. One may stand below the block, directly
    under the first heading of a body that no fence parts from the fields."""
    valid: bool
    """Whether a strict YAML reader takes it."""
    line: int = 1
    """Line of the opening fence: 1 unless comments or blank lines stand above it."""
    is_closed: bool = True
    """Whether a second fence ends it."""
    is_toml: bool = False
    """Whether it is TOML between `+++` lines."""
    comments: tuple[Comment, ...] = ()
    """Remarks of a block without any field; all others belong to a field."""
    tags: tuple[int, ...] = ()
    """Lines of a template among its lines. Who writes fields anew has to leave such a block as it is."""
    merged: tuple[Field, ...] = ()
    """Fields that a merge key (`<<: *defaults`) brings in: those of its mappings that do not stand in the block. They
    have the line of that key, and no source."""
    _by_key: Mapping[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_key", {field.key: field for field in (*self.merged, *self.fields)})

    @property
    def seen(self) -> bool:
        """Whether hosts find it: YAML that starts on line 1 and is closed. What they do not find grants nothing."""
        return self.line == 1 and self.is_closed and not self.is_toml

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """First line and first line after it of the block, and of each field that stands below it."""
        return (self.line, self.end), *((f.start, f.end) for f in self.fields if f.start >= self.end)

    def cut_from(self, lines: Sequence[_Line]) -> list[_Line]:
        """The lines of the file, or what there is for each of them, without those of the frontmatter."""
        found: list[_Line] = []
        at = 1
        for start, end in self.spans:
            found += lines[at - 1 : start - 1]
            at = end
        return [*found, *lines[at - 1 :]]

    @property
    def effective(self) -> tuple[Field, ...]:
        """The fields as YAML gives them: what a merge key brings in stands for that key."""
        return tuple(one for field in self.fields for one in (self._of_merge(field) if field.is_merge else (field,)))

    def _of_merge(self, key: Field) -> tuple[Field, ...]:
        return tuple(field for field in self.merged if field.line == key.line)

    def get(self, key: str) -> Field | None:
        """The field that readers use: the last one of that name, else what a merge key brings in."""
        return self._by_key.get(key)


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest thing that is matched, kept or dropped."""

    kind: UnitKind
    line: int
    end: int
    """First line after the unit's own lines (its children stand after them)."""
    source: str
    """Its own lines, without its children."""
    text: str
    """Its words: without list mark, task box, quote sign and indentation of the container; for code, the content."""
    lead: str = ""
    """Bold start, the item's short name: `Injection` of `**Injection**: use ...`."""
    marker: str = ""
    """List mark as written: `-`, `3.`, `•`."""
    checked: bool | None = None
    """State of a task, None for other units."""
    language: str = ""
    """Info string of a code block."""
    children: tuple[Unit, ...] = ()
    """Nested items and blocks inside an item."""
    label: str = ""
    """Of a reference: what the places that use it call it, `^1` for a footnote. Of an import: its path."""
    span: Span = NOWHERE
    """Of its own lines."""
    mode: Mode = ""
    """Of a code block: what it is there for."""
    is_nested: bool = False
    """Of a code block: whether fences of its own length stand in it, so that CommonMark would end it earlier."""
    flow: str = field(init=False, repr=False, compare=False)
    """Its words as they are read: in prose a soft line break is a blank, so that how it was wrapped says nothing.

    `text` keeps the breaks, for what writes it."""

    def __post_init__(self) -> None:
        # CommonMark reads the end of a block that holds fences as prose, and whoever wraps it does, too.
        wrapped = quoted_flow if self.is_nested else _WRAPPED.get(self.kind)
        object.__setattr__(self, "flow", wrapped(self.text) if wrapped else self.text)

    @property
    def extent(self) -> Span:
        """From its first line to the end of the last line of all that is nested in it."""
        return Span(self.span.start, self.children[-1].extent.end if self.children else self.span.end)

    @property
    def ordinal(self) -> int | None:
        """Number of an ordered item."""
        digits = self.marker[:-1]
        return int(digits) if digits.isascii() and digits.isdigit() else None


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its content. The root has level 0 and no heading."""

    title: str
    """The heading's words, without marks, closing colon and emphasis."""
    level: int
    """Depth in the tree, 1 for a top heading; a pseudo-heading is one below the section that it stands in."""
    style: HeadingStyle
    line: int
    end: int
    """First line after the heading itself."""
    source: str
    """The heading's lines."""
    body: tuple[Unit | Section, ...]
    """Units and sections in the order of the file."""
    heading_level: int = 0
    """Number of `#`, 1 or 2 for setext, 0 for a pseudo-heading and a container."""
    span: Span = NOWHERE
    """Of the heading's lines."""

    @property
    def is_container(self) -> bool:
        """Whether lines of its own open and close it."""
        return self.style in ("tag", "template", "owned")

    @property
    def extent(self) -> Span:
        """From its heading to the end of the last line of all that stands in it."""
        return Span(self.span.start, max(self.span.end, self.body[-1].extent.end) if self.body else self.span.end)

    @property
    def units(self) -> tuple[Unit, ...]:
        """Units that stand directly here, without layout such as a thematic break."""
        return tuple(node for node in self.body if isinstance(node, Unit) and node.kind not in LAYOUT)

    @property
    def sections(self) -> tuple[Section, ...]:
        return tuple(node for node in self.body if isinstance(node, Section))


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph as CommonMark sees it, whatever was made of its lines."""

    text: str
    """Its lines."""
    by_line: bool
    """Whether its visible lines were read as units or headings of their own."""

    @property
    def flow(self) -> str:
        """Its words, however they are wrapped."""
        return flow_of(self.text)


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Definition:
    """One persona file, parsed."""

    text: str
    """The whole file, byte for byte."""
    filename: str | None
    dialect: str
    frontmatter: Frontmatter | None
    root: Section
    diagnostics: tuple[Diagnostic, ...]
    newline: str
    """Line ending that the file mostly uses."""
    guessed: bool = False
    """Whether its fields alone speak for the dialect, and neither its path nor the caller."""
    syntax: str = "yaml"
    """What the file is: yaml (frontmatter above Markdown), or toml (fields alone), which is read and not written."""
    paragraphs: tuple[Paragraph, ...] = field(default=(), repr=False, compare=False)
    """In the order of the file; those in quotes are left out."""
    memo: Memo = field(default_factory=Memo, init=False, repr=False, compare=False)
    """What was made of it, for those who ask again; see `memo.per_definition`."""

    def __repr__(self) -> str:
        units = sum(1 for _ in walk_units(self.root))
        name = self.filename or "without a name"
        return f"<Definition {name}: {self.dialect}, {len(self.fields)} fields, {units} units>"

    @property
    def fields(self) -> tuple[Field, ...]:
        return self.frontmatter.fields if self.frontmatter else ()

    @property
    def effective(self) -> tuple[Field, ...]:
        """The fields as YAML gives them, those that a merge key brings in instead of that key."""
        return self.frontmatter.effective if self.frontmatter else ()

    @property
    def is_seen(self) -> bool:
        """Whether hosts find the fields, or there are none to find."""
        return self.frontmatter is None or self.frontmatter.seen

    def field(self, key: str) -> Field | None:
        return self.frontmatter.get(key) if self.frontmatter else None


class Place(NamedTuple):
    """A unit together with where it stands."""

    unit: Unit
    path: tuple[Section, ...]
    """Sections from the root's child down to the one that holds the unit."""
    parents: tuple[Unit, ...] = ()
    """Items that the unit is nested in, outermost first."""


def walk_sections(section: Section, path: tuple[Section, ...] = ()) -> Iterator[tuple[tuple[Section, ...], Section]]:
    """Every section below `section` with the sections above it, in the order of the file."""
    for child in section.sections:
        yield path, child
        yield from walk_sections(child, (*path, child))


def walk_units(section: Section, path: tuple[Section, ...] = ()) -> Iterator[Place]:
    """Every unit below `section`, nested ones too, in the order of the file; layout is left out."""
    # No recursion: each level of generators would cost its part for every unit.
    nodes: Iterator[Section | Unit] = iter(section.body)
    parents: tuple[Unit, ...] = ()
    pending = [(nodes, path, parents)]
    while pending:
        nodes, path, parents = pending.pop()
        for node in nodes:
            if isinstance(node, Section):
                pending += [(nodes, path, parents), (iter(node.body), (*path, node), ())]
                break
            if node.kind not in LAYOUT:
                yield Place(node, path, parents)
                if node.children:
                    pending += [(nodes, path, parents), (iter(node.children), path, (*parents, node))]
                    break
