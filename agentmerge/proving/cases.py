"""A result and its sources in, findings out: the laws register here, and read texts by their anchors and lists."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple

from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import LAYOUT, Definition, Place, Section, Unit, per_definition, walk_sections, walk_units
from agentmerge.planning.records import Fate, LedgerRow, Notice
from agentmerge.proving import laws as modules

# Reading --------------------------------------------------------------------------------------------------------------
#
# One definition as the laws read it: its units by line, its headings with anchors, its lists with numbers.


_LINK = re.compile(
    r"!?\[(?P<words>(?:[^\[\]\\`]|\\.|`[^`]*`)*)\]\(\s*(?P<target><[^<>\n]*>|[^\s()<>]+(?:\([^\s()]*\)[^\s()]*)*)"
)
_DEFINED = re.compile(r"\A\s*\[(?!\^)[^\]]+\]:\s*(?P<target><[^<>\n]*>|\S+)")
_HREF = re.compile(r"""<a\s[^<>]*?href\s*=\s*["'](?P<target>[^"']+)["']""", re.IGNORECASE)
_CODE = re.compile(r"(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)", re.DOTALL)
_NAMED = re.compile(r"""<\w+\s[^<>]*?\b(?:id|name)\s*=\s*["']([^"']+)["']""", re.IGNORECASE)
_OWN_ANCHOR = re.compile(r"\s*\{#([\w.:-]+)\}\s*\Z")
_LINKED_WORDS = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")
_NO_SLUG = re.compile(r"[^\w\- ]+")
PROSE = frozenset({"item", "task", "paragraph", "table", "quote", "reference", "html", "import"})


class Link(NamedTuple):
    """A link in a unit, to the place where its target stands in the unit's source."""

    target: str
    start: int
    end: int


class Row(NamedTuple):
    """A list: items side by side, or headings that are numbered."""

    title: str
    """Of the section that it stands in."""
    section: int
    """Line of that section's heading, 0 for the root."""
    before: Unit | None
    """The unit that it follows directly, or stands in."""
    members: tuple[Unit | Section, ...]
    numbers: tuple[int | None, ...]
    """As a reader counts them; None for items without number."""


@dataclass(frozen=True)
class Reading:
    """What the laws ask of a definition, made when it is asked for."""

    definition: Definition
    knowledge: Knowledge

    @cached_property
    def places(self) -> tuple[Place, ...]:
        return tuple(walk_units(self.definition.root))

    @cached_property
    def by_line(self) -> dict[int, Unit]:
        return {place.unit.line: place.unit for place in self.places}

    @cached_property
    def sections(self) -> tuple[tuple[tuple[Section, ...], Section], ...]:
        return tuple(walk_sections(self.definition.root))

    @cached_property
    def homes(self) -> dict[int, tuple[Section, ...]]:
        """The headings that each unit, by its line, stands under, the innermost last."""
        return {place.unit.line: tuple(one for one in place.path if one.heading_level) for place in self.places}

    @cached_property
    def anchors(self) -> dict[str, Section | None]:
        """What `#...` may lead to: a heading, or None for an anchor that an author set."""
        found: dict[str, Section | None] = {}
        taken: Counter[str] = Counter()
        for _, section in self.sections:
            if section.heading_level:
                own = _OWN_ANCHOR.search(section.title)
                slug = own[1].lower() if own else slug_of(section.title)
                number, taken[slug] = taken[slug], taken[slug] + 1
                found.setdefault(f"{slug}-{number}" if number else slug, section)
        for name in _NAMED.findall(self.definition.text):
            found.setdefault(name.lower(), None)
        return found

    @cached_property
    def links(self) -> tuple[tuple[Unit, Link], ...]:
        """Every link that a reader may follow, with its unit."""
        return tuple((place.unit, link) for place in self.places for link in links_of(place.unit))

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The lists, of two members or more."""
        return tuple(row for row in (*_lists(self.definition), *_headed(self.definition)) if len(row.members) > 1)


@per_definition
def read(definition: Definition, knowledge: Knowledge) -> Reading:
    """A definition as the laws read it."""
    return Reading(definition, knowledge)


def slug_of(title: str) -> str:
    """The anchor that hosts of Markdown make of a heading, before equal ones are numbered."""
    words = _LINKED_WORDS.sub(r"\1", _OWN_ANCHOR.sub("", title)).strip().lower()
    return _NO_SLUG.sub("", words).replace(" ", "-")


def links_of(unit: Unit) -> Iterator[Link]:
    """The links of a unit, those in code left out."""
    source = unit.source
    if unit.kind not in PROSE or not any(sign in source for sign in ("](", "]:", "href")):
        return
    code = [match.span() for match in _CODE.finditer(source)]
    for pattern in (_DEFINED, _LINK, _HREF) if unit.kind == "reference" else (_LINK, _HREF):
        for match in pattern.finditer(source):
            start, end = match.span("target")
            if not any(first <= start < last for first, last in code):
                target = match["target"]
                is_bracketed = target.startswith("<")
                yield Link(target.strip("<>"), start + is_bracketed, end - is_bracketed)


def bare(source: str) -> str:
    """A text without what stands in code, which speaks for nothing."""
    return _CODE.sub(" ", source)


def _lists(definition: Definition) -> Iterator[Row]:
    pending: list[tuple[Section | Unit, Section]] = [(definition.root, definition.root)]
    while pending:
        holder, section = pending.pop()
        nodes = holder.body if isinstance(holder, Section) else holder.children
        yield from _lists_among(nodes, section, holder if isinstance(holder, Unit) else None)
        for node in nodes:
            if isinstance(node, Section):
                pending.append((node, node))
            elif node.children:
                pending.append((node, section))


def _lists_among(nodes: Sequence[Unit | Section], section: Section, holder: Unit | None) -> Iterator[Row]:
    """The lists among siblings; a numbered one that is interrupted and goes on counting is one."""
    items: list[Unit] = []
    above: Unit | None = holder
    last: Unit | None = holder
    for node in nodes:
        if isinstance(node, Unit) and node.kind in LAYOUT:
            continue
        if not isinstance(node, Unit) or node.kind not in ("item", "task"):
            last = node if isinstance(node, Unit) else None
            continue
        if items and not _goes_on(items[-1], node, direct=last is items[-1]):
            yield _row(section, above, items)
            items = []
        if not items:
            above = last
        items.append(node)
        last = node
    if items:
        yield _row(section, above, items)


def _goes_on(last: Unit, node: Unit, *, direct: bool) -> bool:
    if (last.ordinal is None) != (node.ordinal is None):
        return False
    if last.ordinal is None or node.ordinal is None:
        return direct
    return direct or node.ordinal == last.ordinal + 1


def _row(section: Section, before: Unit | None, items: Sequence[Unit]) -> Row:
    return Row(section.title, section.line, before, tuple(items), _counted([item.ordinal for item in items]))


def _counted(ordinals: Sequence[int | None]) -> tuple[int | None, ...]:
    """Numbers as a reader sees them: where all are equal, Markdown counts."""
    first = ordinals[0]
    if first is not None and len(ordinals) > 1 and len(set(ordinals)) == 1:
        return tuple(range(first, first + len(ordinals)))
    return tuple(ordinals)


_HEAD_NUMBER = re.compile(r"\A(?:[^\W\d]+\s+)?#?(\d{1,2})\b(?![.,]\d)")
"""`Step 3: ...`, `3. ...`."""


def _headed(definition: Definition) -> Iterator[Row]:
    """Numbered headings side by side."""
    holders: list[Section] = [definition.root]
    while holders:
        holder = holders.pop()
        rows: dict[int, list[tuple[Section, int]]] = defaultdict(list)
        for child in holder.sections:
            number = _HEAD_NUMBER.match(child.title)
            if number is not None:
                rows[child.level].append((child, int(number[1])))
        for found in rows.values():
            yield Row(holder.title, holder.line, None, tuple(one for one, _ in found), tuple(n for _, n in found))
        if not rows:
            plain = tuple(child for child in holder.sections if child.heading_level)
            yield Row(holder.title, holder.line, None, plain, (None,) * len(plain))
        holders += holder.sections


# Records --------------------------------------------------------------------------------------------------------------
#
# What a law looks at: a result, what it was made of, and where each unit went.


@dataclass(frozen=True)
class Case:
    """A result with its sources."""

    result: Definition
    sources: tuple[Definition, ...]
    knowledge: Knowledge
    ledger: Sequence[LedgerRow] = ()
    """Where the units of the sources went; equal texts say it where it is silent."""
    are_versions: bool = False
    """Whether the sources are versions of one text: then what each of them has once, the result has once."""
    numbers: Sequence[int] = ()
    """The line that each line of `result` has in the written file, where some lines of that are left out of it."""
    paths: tuple[str, ...] = ()
    """Names of the files that hosts may read it under: of the output, else of the sources."""
    _landed: Mapping[tuple[int, int], int] = field(init=False, repr=False)
    _gone: frozenset[tuple[int, int]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        places = {number: line for line, number in enumerate(self.numbers, 1)}
        rows = ((row.source.file, row.source.line, row.into) for row in self.ledger if row.into is not None)
        landed = {(file, line): places.get(into, 0) if self.numbers else into for file, line, into in rows}
        object.__setattr__(self, "_landed", landed)
        gone = (row for row in self.ledger if row.into is None and row.fate != Fate.CONFLICT)
        object.__setattr__(self, "_gone", frozenset((row.source.file, row.source.line) for row in gone))

    @property
    def read(self) -> Reading:
        """The result as the laws read it."""
        return read(self.result, self.knowledge)

    def readings(self) -> Iterator[tuple[int, Reading]]:
        """Each source as the laws read it."""
        return ((file, self.source(file)) for file in range(len(self.sources)))

    def source(self, file: int) -> Reading:
        """One source as the laws read it."""
        return read(self.sources[file], self.knowledge)

    def landed(self, file: int, unit: Unit) -> Unit | None:
        """The unit of the result that a unit of a source is, or went into; None where it is in none."""
        line = self._landed.get((file, unit.line))
        found = self.read.by_line.get(line) if line else None
        if found is not None:
            return found
        if (file, unit.line) in self._gone:
            return None
        return self._equal.get((unit.kind, unit.flow))

    @cached_property
    def _equal(self) -> dict[tuple[str, str], Unit]:
        found: dict[tuple[str, str], Unit] = {}
        for place in self.read.places:
            found.setdefault((place.unit.kind, place.unit.flow), place.unit)
        return found

    def shown(self, line: int) -> int:
        """A line of the result as the written file has it."""
        return self.numbers[line - 1] if self.numbers and 0 < line <= len(self.numbers) else line

    def notice(self, rule: str, message: str, lines: Iterable[int], path: str = "") -> Notice:
        """A finding about lines of the result; `message` begins with them."""
        shown = tuple(dict.fromkeys(self.shown(line) for line in lines))
        return Notice(rule, "warning", f"{said(shown)}: {message}" if shown else message, path, lines=shown)


_SHOWN = 5
"""Lines that a message names."""


def said(lines: Sequence[int]) -> str:
    """`line 4`, `lines 4 and 9`, or the first of many."""
    if len(lines) == 1:
        return f"line {lines[0]}"
    if len(lines) > _SHOWN:
        return f"lines {', '.join(map(str, lines[:_SHOWN]))} and {len(lines) - _SHOWN} more"
    return f"lines {', '.join(map(str, lines[:-1]))} and {lines[-1]}"


# Registry -------------------------------------------------------------------------------------------------------------
#
# Which laws there are: each registers itself with the names of its findings.


Look = Callable[[Case], Iterator[Notice]]


class Registered(NamedTuple):
    """A law."""

    names: tuple[str, ...]
    look: Look


_REGISTERED: list[Registered] = []


def law(*names: str) -> Callable[[Look], Look]:
    """Register a function as a law that gives findings of these names."""

    def register(look: Look) -> Look:
        _REGISTERED.append(Registered(names, look))
        return look

    return register


@cache
def laws() -> tuple[Registered, ...]:
    """Every law, by name."""
    for module in iter_modules(modules.__path__):
        import_module(f"{modules.__name__}.{module.name}")
    return tuple(sorted(_REGISTERED, key=lambda one: one.names))


# Proving --------------------------------------------------------------------------------------------------------------
#
# What was true of every source is true of the result: one proof of a written result, for all that write one.
#
# A law is a module in `laws/`: a function under `@law("its-name")` that takes a `Case` and yields a finding for each
# thing that held in a source and does not hold in the result.


def prove(case: Case) -> tuple[Notice, ...]:
    """A finding, with lines of the result, for each thing that its sources had and that it has not."""
    return tuple(notice for one in laws() for notice in one.look(case))


def law_names() -> frozenset[str]:
    """What the findings of the laws are called."""
    return frozenset(name for one in laws() for name in one.names)
