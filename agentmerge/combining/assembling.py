"""Verdicts and their places to a document of ready-made blocks: marks, boxes and indentation are made here.

Words are never touched. Every block says which units it holds, so that the result can be checked against them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from agentmerge import signs
from agentmerge.combining.deciding import Clash, Plan, Verdict
from agentmerge.combining.entries import NOTE, Entry, is_note
from agentmerge.combining.fields import FieldOutcome
from agentmerge.combining.leftovers import OTHERWISE, comment
from agentmerge.combining.placing import Element, Layout
from agentmerge.combining.tree import Node, Tree
from agentmerge.emitting import Block, Document, Expected, OutField, OutSection
from agentmerge.knowledge import Knowledge
from agentmerge.model import Unit, walk_units
from agentmerge.parsing import parse
from agentmerge.parsing.lines import to_lf
from agentmerge.parsing.units import dedent

MAX_LEVEL = 6
"""Number signs that Markdown knows; a deeper section gets a bold title."""

BLANKS = " \t"
"""What Markdown calls a blank; any other space is a character that its author wrote."""
_CODE_INDENT = 4
"""Columns from which on Markdown takes no list mark for one."""
_LATE_NUMBER = re.compile(r"(?!1[.)])\d")
_FENCE = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}|~{3,})")
_INNER = re.compile(r"^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}(?=[^`\n]*$)|~{3,})", re.MULTILINE)
_BLOCK_START = re.compile(
    r"(?:[-*+]|\d{1,9}[.)])(?:\s|\Z)|#{1,6}(?:\s|\Z)|>|```|~~~|<[!/?a-zA-Z]|(?:[-*_]\s*){3,}\Z|=+\s*\Z"
)

_CELL = r"[ \t]*:?-+:?[ \t]*"
_UNDERLINE = re.compile(rf"(?:=+|-+)[ \t]*\Z|\|{_CELL}(?:\|{_CELL})*\|?\Z|{_CELL}(?:\|{_CELL})+\|?\Z")
"""What makes a heading, or a table, of the line above it."""


@dataclass(frozen=True, slots=True)
class Marking:
    """What is written beside the words."""

    names: tuple[str, ...]
    """Names of the variants, for comments."""
    clashes: tuple[Clash, ...]
    annotate: bool = False
    before: int = 0
    """Number of the last conflict that an earlier combine left."""


def assemble(
    plan: Plan,
    layout: Layout,
    tree: Tree,
    fields: Sequence[FieldOutcome],
    title: str,
    marking: Marking,
    knowledge: Knowledge,
) -> Document:
    """The document of the result. Expected units are numbered by their place in `plan.verdicts`."""
    writer = _Writer(plan, layout, marking, knowledge)
    return Document(
        tuple(OutField(outcome.key, outcome.text.removesuffix("\n")) for outcome in fields if outcome.text is not None),
        title,
        tuple(writer.blocks(tree.root)),
        (*writer.procedures(tree.root, 2), *writer.sections(tree.root, 2)),
        marking.names,
    )


class _Writer:
    def __init__(self, plan: Plan, layout: Layout, marking: Marking, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._numbers = {verdict: number for number, verdict in enumerate(plan.verdicts)}
        self._layout = layout
        self._marking = marking
        self._counts = _counts(plan)

    def sections(self, node: Node, level: int) -> Iterator[OutSection]:
        """The sections below a node; one without any content is left out."""
        for child in node.children:
            blocks = tuple(self.blocks(child))
            # What a container holds is as deep as the container itself.
            inner = level if child.is_container else level + 1
            sections = (*self.procedures(child, inner), *self.sections(child, inner))
            if blocks or sections:
                opened, closing = _bounds(child) or (heading(child.title, level), "")
                yield OutSection(child.title, level, child.kind, opened, blocks, sections, closing)

    def blocks(self, node: Node) -> Iterator[Block]:
        """What stands directly in a section: adjacent list items are one block, and so are adjacent comments."""
        for are_comments, group in groupby(self._blocks(node), lambda block: block.text.startswith(NOTE)):
            blocks = list(group)
            if are_comments:
                expected = tuple(unit for block in blocks for unit in block.expected)
                yield Block("comment", "\n".join(block.text for block in blocks), expected)
            else:
                yield from blocks

    def _blocks(self, node: Node) -> Iterator[Block]:
        run: list[Verdict] = []
        for element in [*self._sequence(node), None]:
            if element is not None and element.shape == "list":
                run += element.verdicts
                continue
            if run:
                yield self._list(run)
                run = []
            if element is not None:
                yield from self._element(element)

    def _sequence(self, node: Node) -> list[Element]:
        foreign = set(self._foreign(node))
        return [element for element in self._layout.of(node) if element not in foreign]

    def _foreign(self, node: Node) -> list[Element]:
        """Procedures after the first that would run into it or that other authors wrote."""
        sequence = self._layout.of(node)
        steps = [number for number, element in enumerate(sequence) if element.shape == "steps"]
        first = sequence[steps[0]].files if steps else frozenset()
        return [
            sequence[number]
            for number in steps[1:]
            if sequence[number - 1].shape == "steps" or not sequence[number].files & first
        ]

    def procedures(self, node: Node, level: int) -> Iterator[OutSection]:
        """Each of the other procedures as a section of its own, under its author's heading."""
        taken = {child.title.lower() for child in node.children} | {node.title.lower()}
        numbers: Counter[str] = Counter()
        for element in self._foreign(node):
            title = self._procedure_title(element, taken, numbers)
            taken.add(title.lower())
            yield OutSection(title, level, node.kind, heading(title, level), (self._steps(element.verdicts),), ())

    def _procedure_title(self, element: Element, taken: set[str], numbers: Counter[str]) -> str:
        entry = element.verdicts[0].survivor
        own = entry.path[-1].title if entry.path else "Steps"
        if own.lower() not in taken:
            return own
        title = f"{own} ({_beginning(entry.unit)})"
        while title.lower() in taken:
            # Counted on from the last one of that title: there may be thousands.
            numbers[own] += 1
            title = f"{own} ({numbers[own] + 1})"
        return title

    def _element(self, element: Element) -> Iterator[Block]:
        if element.shape == "steps":
            yield self._steps(element.verdicts)
        elif element.node is not None:
            line = label_line(element.node)
            inner = self._layout.of(element.node)
            if inner[0].shape == "steps":
                block = self._steps(inner[0].verdicts)
            else:
                block = self._list([verdict for part in inner for verdict in part.verdicts])
            yield Block("label", f"{line}\n{_apart(block.text)}{block.text}", block.expected)
        else:
            yield from self._plain(element.verdicts[0])

    def _plain(self, verdict: Verdict) -> Iterator[Block]:
        for each in self._layout.company(verdict):
            entry = each.survivor
            text = _run_text(entry.unit) if entry.inner else block_text(entry.unit)
            yield Block(entry.unit.kind, text, self._expected(each))
        comments = "\n".join(self._comments(verdict))
        if comments:
            yield Block("comment", comments)

    def _list(self, verdicts: Sequence[Verdict]) -> Block:
        lines = [line for verdict in verdicts for line in self._with_company(verdict, "-")]
        return Block("list", "\n".join(lines), self._expected_of(verdicts))

    def _steps(self, verdicts: Sequence[Verdict]) -> Block:
        """The steps of a procedure, and what stands between them in its place."""
        marks = iter(self._ordinals([verdict for verdict in verdicts if verdict.survivor.unit.ordinal is not None]))
        lines: list[str] = []
        for verdict in verdicts:
            if verdict.survivor.unit.ordinal is not None:
                lines += self._with_company(verdict, next(marks))
            else:
                lines += ["", *self._between(verdict), ""]
        return Block("steps", "\n".join(lines), self._expected_of(verdicts))

    def _ordinals(self, verdicts: Sequence[Verdict]) -> list[str]:
        """Marks of the steps; those of a list that gave some of its steps away are counted anew."""
        lists = Counter(map(_list_of, (verdict.survivor for verdict in verdicts)))
        is_whole = all(self._counts[each] <= count for each, count in lists.items())
        return ordinals(verdicts) if is_whole else [f"{number}." for number in range(1, len(verdicts) + 1)]

    def _between(self, verdict: Verdict) -> list[str]:
        if verdict.survivor.unit.kind in ("item", "task"):
            return list(self._with_company(verdict, "-"))
        return "\n\n".join(block.text for block in self._plain(verdict)).split("\n")

    def _with_company(self, verdict: Verdict, mark: str) -> Iterator[str]:
        for each in self._layout.company(verdict):
            yield from self._item(each, mark, "") if each is verdict else block_text(each.survivor.unit).split("\n")

    def _expected_of(self, verdicts: Iterable[Verdict]) -> tuple[Expected, ...]:
        company = (each for verdict in verdicts for each in self._layout.company(verdict))
        return tuple(self._all_expected(company))

    def _item(self, verdict: Verdict, mark: str, indent: str) -> Iterator[str]:
        inner = f"{indent}{' ' * (len(mark) + 1)}"
        yield from item_lines(verdict.survivor.unit, mark, indent, self._knowledge)
        yield from (f"{inner}{comment}" for comment in self._comments(verdict))
        below = self._layout.below(verdict)
        marks = iter(self._ordinals([child for child in below if _is_counted(child)]))
        for number, child in enumerate(below):
            unit = child.survivor.unit
            if unit.kind in ("item", "task"):
                mark = next(marks) if _is_counted(child) else "-"
                first = number == 0 or below[number - 1].survivor.unit.kind not in ("item", "task")
                yield from ([""] if first and _apart(mark) else [])
                yield from self._item(child, mark, inner)
            else:
                yield from ([] if unit.kind == "code" or unit.text.startswith(NOTE) else [""])
                yield from (f"{inner}{line}" if line else "" for line in block_text(unit).split("\n"))
                yield from (f"{inner}{comment}" for comment in self._comments(child))

    def _all_expected(self, verdicts: Iterable[Verdict]) -> Iterator[Expected]:
        for verdict in verdicts:
            yield from self._expected(verdict)
            yield from self._all_expected(self._layout.below(verdict))

    def _expected(self, verdict: Verdict) -> tuple[Expected, ...]:
        number, entry = self._numbers[verdict], verdict.survivor
        if entry.is_run and not entry.inner:
            # Nothing stands between its bounds, which are no units when they are read again, only lines.
            return tuple(Expected(number, line, "") for line in entry.unit.text.split("\n") if line.strip())
        units = entry.inner or (entry.unit,)
        return tuple(Expected(number, unit.text, form_of(unit)) for unit in units)

    def _comments(self, verdict: Verdict) -> Iterator[str]:
        if verdict.clash is not None:
            clash = self._marking.clashes[verdict.clash - 1]
            # The report names the files: the same sources give the same text, whatever they are called.
            side = f"side {clash.sides.index(verdict) + 1} of {len(clash.sides)}"
            yield comment(f"conflict {self._marking.before + verdict.clash}, {clash.slot}: {side}, {OTHERWISE}")
        if self._marking.annotate and not is_note(verdict.survivor.unit):
            yield comment("from " + ", ".join(self._place(member) for member in verdict.cluster.members))

    def _place(self, entry: Entry) -> str:
        return f"{self._marking.names[entry.file]}:{entry.unit.line}"


def _is_counted(verdict: Verdict) -> bool:
    """Whether a nested item keeps a number: a step that became part of another one has none of its own."""
    return verdict.survivor.unit.ordinal is not None and verdict.below is None


def _list_of(entry: Entry) -> tuple[int, object, object]:
    """The ordered list that a step is in."""
    return entry.file, entry.procedure, entry.parent


def _counts(plan: Plan) -> Counter[tuple[int, object, object]]:
    """How many steps each ordered list had in its own file."""
    members = (member for verdict in plan.verdicts for member in verdict.cluster.members)
    return Counter(_list_of(member) for member in members if member.unit.ordinal is not None)


def _apart(list_text: str) -> str:
    """A blank line where a list needs one to be read as a list: only one that starts at 1 may follow a text line."""
    return "\n" if _LATE_NUMBER.match(list_text) else ""


def _bounds(node: Node) -> tuple[str, str] | None:
    """The lines that open and close a container, as their author wrote them; None for a section with a heading."""
    if not node.is_container:
        return None
    section = node.members[0][1]
    closing = section.body[-1] if section.body else None
    return to_lf(section.source).strip(), closing.text if isinstance(closing, Unit) else ""


def heading(title: str, level: int) -> str:
    """A heading line; a title that ends in number signs keeps them."""
    if level > MAX_LEVEL:
        return f"**{title}**"
    closing = " #" if re.search(r"(?:\A|\s)#+\Z", title) else ""
    return f"{'#' * level} {title}{closing}"


def label_line(node: Node) -> str:
    """The label as its author wrote it."""
    _, section = node.members[0]
    return to_lf(section.source).strip()


def ordinals(verdicts: Sequence[Verdict]) -> list[str]:
    """Marks of the steps: the author's own numbers where all are of one variant and rise, else counted anew."""
    own = [verdict.survivor.unit.ordinal or 0 for verdict in verdicts]
    one_author = len({verdict.survivor.file for verdict in verdicts}) == 1
    if one_author and all(a <= b for a, b in pairwise(own)):
        return [f"{number}." for number in own]
    return [f"{number}." for number in range(1, len(own) + 1)]


def item_lines(unit: Unit, mark: str, indent: str, knowledge: Knowledge) -> Iterator[str]:
    """A list item with its mark, and its box where its words do not begin with the sign of a task."""
    is_boxed = unit.checked is not None and signs.of(knowledge).state(unit.text) != unit.checked
    box = "" if not is_boxed else "[x] " if unit.checked else "[ ] "
    first, *rest = unit.text.split("\n")
    if unit.ordinal is None and unit.marker not in ("-", "*", "+") and _BLOCK_START.match(first):
        # Behind a sign that Markdown does not know, words may look like a mark; the sign has to stay then.
        box, first = "", unit.source.strip()
    yield f"{indent}{mark} {box}{first.rstrip(BLANKS)}".rstrip(BLANKS)
    yield from (f"{indent}{' ' * (len(mark) + 1)}{_continued(line)}" for line in rest)


def _continued(line: str) -> str:
    """A further line of a paragraph: what looks like a mark keeps the indentation that makes it text."""
    bare = line.strip(BLANKS)
    deep = len(line) - len(line.lstrip(BLANKS)) >= _CODE_INDENT
    is_mark = _BLOCK_START.match(bare) or _UNDERLINE.match(bare)
    return f"{' ' * _CODE_INDENT}{bare}" if is_mark and not deep else line.rstrip(BLANKS)


def form_of(unit: Unit) -> str:
    """What a unit has to stay besides its words: code, or a task that is done or open."""
    if unit.checked is not None:
        return "done" if unit.checked else "open"
    return "code" if unit.kind == "code" else ""


def block_text(unit: Unit) -> str:
    """A block that is no item, at the margin: code keeps every character, prose loses blanks at line ends."""
    if unit.kind == "paragraph":
        first, *rest = unit.text.split("\n")
        return "\n".join([_opening(first, unit).rstrip(BLANKS), *map(_continued, rest)])
    if unit.kind == "code":
        return _code(unit)
    lines = [line.rstrip(BLANKS) for line in to_lf(unit.source).removeprefix("\ufeff").strip("\n").split("\n")]
    return "\n".join(dedent(lines))


def _run_text(unit: Unit) -> str:
    """A run that stays together: indentation is part of what stands in it."""
    return "\n".join(line.rstrip(BLANKS) for line in to_lf(unit.source).removeprefix("\ufeff").strip("\n").split("\n"))


def _opening(first: str, unit: Unit) -> str:
    """The first line of a paragraph; where it looks like a mark, with the sign before it that made it none."""
    own = to_lf(unit.source).split("\n")[0].strip(BLANKS)
    return own if _BLOCK_START.match(first) and own.endswith(first.rstrip()) and not _BLOCK_START.match(own) else first


def stands_alone(unit: Unit, knowledge: Knowledge) -> bool:
    """Whether a block that is no item is read as what it is wherever it stands."""
    found = [place.unit for place in walk_units(parse(f"{block_text(unit)}\n", knowledge).root) if place.unit.text]
    return len(found) == 1 and found[0].text.split() == unit.text.split() and form_of(found[0]) == form_of(unit)


def _code(unit: Unit) -> str:
    """A fenced block with the author's fence and info string, the fence longer than any in it.

    So every reader takes it for one block, even one who pairs fences by count.
    """
    opened = _FENCE.match(unit.source)
    mark = opened[1] if opened is not None else "```"
    inner = [len(run) for run in _INNER.findall(unit.text) if run[0] == mark[0]]
    fence = mark[0] * max(len(mark), *(length + 1 for length in inner), 3)
    return "\n".join([f"{fence}{unit.language}", *([unit.text] if unit.text else []), fence])


_NAMING = 5
"""Words of its first step that name a procedure."""
_MARKUP = re.compile(r"[*_`#\[\]<>|]+|\A\W+")


def _beginning(unit: Unit) -> str:
    """What tells a procedure from another: the short name of its first step, or the words that it begins with."""
    words = _MARKUP.sub(" ", unit.lead or unit.flow).split()
    return " ".join(words[:_NAMING]).rstrip(".,:;!?") or "1"
