"""Verdicts and places in, a document of ready-made blocks out; labels told apart, earlier comments replaced."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as replaced
from itertools import groupby, pairwise

from agentmerge.combining.placing import Element, Layout
from agentmerge.knowledge import signs
from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import Definition, Unit, walk_units
from agentmerge.planning.deciding import Clash, Plan, Verdict
from agentmerge.planning.fields import FieldOutcome
from agentmerge.planning.intake import Entry, Key
from agentmerge.planning.records import Decision, Merged, Notice, Source
from agentmerge.planning.tree import Node, Tree
from agentmerge.reading import relations
from agentmerge.reading.parsing import parse
from agentmerge.reading.sections import dedent
from agentmerge.text.lines import to_lf
from agentmerge.text.markers import NOTE, NOTES, QUOTED, is_note
from agentmerge.writing.emitting import Block, Document, Expected, OutField, OutSection

# Leftovers ------------------------------------------------------------------------------------------------------------
#
# Comments that an earlier combine left beside units: replaced where they are made anew, else kept and told once.


OTHERWISE = "another says otherwise"
"""How the comment at a side of a conflict ends."""
_CONFLICT = re.compile(
    # Earlier versions named file and line of the other side.
    rf"(?:{NOTE}|{QUOTED}) conflict (?P<number>\d+), (?P<slot>.*): "
    rf"(?:side \d+ of \d+, {OTHERWISE}|.*:\d+ says otherwise)(?: -->)?"
)
_SOURCES = f"{NOTE} from "


def comment(text: str, *, shown: bool = False) -> str:
    """A comment of ours, or a quote where comments are taken out; nothing in it can end it early."""
    words = " ".join(text.replace("--", "- -").replace(">", "›").split())
    return f"{QUOTED} {words}" if shown else f"{NOTE} {words} -->"


def replace(plan: Plan, entries: Mapping[Key, Entry], *, annotate: bool) -> None:
    """Let go of the comments that this combine writes anew: conflicts found again, and, to annotate, all sources."""
    verdicts, hosts = plan.by_key, _hosts(entries)
    slots = defaultdict(set)
    for clash in plan.clashes:
        for side in clash.sides:
            slots[side].add(comment(clash.slot))
    for verdict in plan.verdicts:
        if not verdict.stands or not is_note(verdict.survivor.unit):
            continue
        for host in [verdicts[hosts[key]] for key in sorted(verdict.cluster.keys) if key in hosts]:
            rule = _replacing(verdict.survivor.unit.text, slots[host], annotate=annotate)
            if rule:
                verdict.superseded_by, verdict.rule = host, rule


def _replacing(text: str, slots: set[str], *, annotate: bool) -> str:
    if annotate and text.startswith(_SOURCES):
        return "annotated-again"
    found = _CONFLICT.fullmatch(text)
    return "conflict-found-again" if found is not None and comment(found["slot"]) in slots else ""


def _hosts(entries: Mapping[Key, Entry]) -> dict[Key, Key]:
    """What each comment stands beside: the unit before it, or the item that it is the first block of."""
    last: dict[tuple[int, Key | None], Key] = {}
    found = {}
    for key in sorted(entries):
        entry = entries[key]
        if not is_note(entry.unit):
            last[entry.file, entry.parent] = key
            continue
        host = last.get((entry.file, entry.parent), entry.parent)
        if host is not None:
            found[key] = host
    return found


def left(plan: Plan) -> Iterator[tuple[Verdict, ...]]:
    """The comments of conflicts that were not found again, those of one conflict together."""
    together: dict[tuple[int, str, str], list[Verdict]] = defaultdict(list)
    for verdict in plan.verdicts:
        found = _CONFLICT.fullmatch(verdict.survivor.unit.text) if verdict.stands else None
        if found is not None:
            together[verdict.survivor.file, found["number"], found["slot"]].append(verdict)
    yield from map(tuple, together.values())


def last_number(plan: Plan) -> int:
    """The highest number of a conflict that stays from an earlier combine; new ones come after it."""
    found = [_CONFLICT.fullmatch(group[0].survivor.unit.text) for group in left(plan)]
    return max((int(match["number"]) for match in found if match is not None), default=0)


# Labels ---------------------------------------------------------------------------------------------------------------
#
# Labels of links and footnotes belong to their file: where two files mean different things by one, one is renamed.
#
# A renamed definition is an edit of its file's text, at the places of the label and nowhere else, read again: lines and
# units stay where they were.


_DEFINED = re.compile(r"\A\s*\*?\[[^\]]*\]:\s*")
_NUMBER = re.compile(r"\^(\d+)\Z")
_CODE = r"(?P<code>`+)(?!`).*?(?<!`)(?P=code)(?!`)"
_LABELLED = re.compile(
    rf"{_CODE}|(?:(?<=\])(?P<before>))?(?<!\\)\[(?P<label>(?:[^\[\]\\]|\\.)+)\](?P<after>\[\]|:|\()?", re.DOTALL
)
"""What may be the use of a label, or its definition."""
_PROSE = frozenset({"item", "task", "paragraph", "table", "quote", "reference"})


def told_apart(definitions: Sequence[Definition], knowledge: Knowledge) -> list[Definition]:
    """The definitions, with labels renamed that mean something else in an earlier one; equal meanings share a label."""
    meanings = _Meanings()
    references = [list(_references(definition)) for definition in definitions]
    taken = {_folded(unit.label) for units in references for unit in units}
    found = []
    for definition, units in zip(definitions, references, strict=True):
        names = dict(_new_names(units, meanings, taken))
        found.append(_renamed(definition, names, knowledge) if names else definition)
    return found


def _references(definition: Definition) -> Iterator[Unit]:
    units = (place.unit for place in walk_units(definition.root))
    return (unit for unit in units if unit.kind == "reference" and not unit.text.lstrip().startswith("*"))


class _Meanings:
    """What the labels of the files so far mean."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}
        self._labels: dict[tuple[str, bool], str] = {}
        """The first label of each meaning, that of a link and that of a footnote."""
        self._last_number = 0

    def __contains__(self, label: str) -> bool:
        return label in self._of

    def add(self, label: str, meaning: str) -> None:
        if label not in self._of:
            self._of[label] = meaning
            self._labels.setdefault((meaning, label[0] == "^"), label)

    def shared(self, label: str, meaning: str) -> str:
        """The label of an earlier file that means the same, its own one first; "" where there is none."""
        if self._of.get(label) == meaning:
            return label
        return self._labels.get((meaning, label[0] == "^"), "")

    def free(self, label: str, taken: Collection[str]) -> str:
        """The next number that no file uses, or the label with one."""
        if _NUMBER.match(label):
            if not self._last_number:
                used = [int(match[1]) for other in taken if (match := _NUMBER.match(other))]
                self._last_number = max(used, default=0)
            self._last_number += 1
            return f"^{self._last_number}"
        number = 2
        while _folded(f"{label}-{number}") in taken:
            number += 1
        return f"{label}-{number}"


def _new_names(units: Sequence[Unit], meanings: _Meanings, taken: set[str]) -> Iterator[tuple[str, str]]:
    """Label to new label, for the labels of one file that have to change; `meanings` and `taken` learn from it."""
    own: dict[str, str] = {}
    there = {label for unit in units if _keeps(label := _folded(unit.label), _meaning(unit), meanings)}
    for unit in units:
        label, meaning = _folded(unit.label), _meaning(unit)
        if label in own:
            continue
        shared = meanings.shared(label, meaning)
        if shared == label or (label not in meanings and (not shared or shared in there)):
            own[label] = meaning
        elif shared and shared not in there:
            there.add(shared)
            own[label] = ""
            yield label, shared
        else:
            new = meanings.free(unit.label, taken)
            taken.add(_folded(new))
            own[label], own[_folded(new)] = "", meaning
            yield label, new
    for label, meaning in own.items():
        if meaning:
            meanings.add(label, meaning)


def _keeps(label: str, meaning: str, meanings: _Meanings) -> bool:
    """Whether a label may stay: what means something else in an earlier file gets another name, and is free then."""
    return label not in meanings or meanings.shared(label, meaning) == label


def _meaning(unit: Unit) -> str:
    return " ".join(_DEFINED.sub("", unit.text).split())


def _folded(label: str) -> str:
    return " ".join(label.lower().split())


def _renamed(definition: Definition, names: Mapping[str, str], knowledge: Knowledge) -> Definition:
    parts, at = [], 0
    for place in walk_units(definition.root):
        unit = place.unit
        if unit.kind in _PROSE:
            parts += [definition.text[at : unit.span.start], _with_names(unit, names)]
            at = unit.span.end
    text = "".join([*parts, definition.text[at:]])
    return parse(text, knowledge, filename=definition.filename, dialect=definition.dialect)


def _with_names(unit: Unit, names: Mapping[str, str]) -> str:
    def changed(match: re.Match[str]) -> str:
        new, after = names.get(_folded(match["label"] or "")), match["after"] or ""
        if new is None or after == "(":
            return match[0]
        if (
            match["label"].startswith("^")
            or match["before"] is not None
            or (after == ":" and unit.kind == "reference" and match.start() <= 3)
        ):
            return f"[{new}]{after}"
        # The label is the text of the link, too, and stays it.
        return f"[{match['label']}][{new}]{'' if after == '[]' else after}"

    return _LABELLED.sub(changed, unit.source)


def keep_used(plan: Plan, definitions: Sequence[Definition]) -> None:
    """Let the definition of a label stand as long as a unit stands that uses it."""
    verdicts = plan.by_key
    for file, definition in enumerate(definitions):
        for note in relations.notes(definition):
            verdict = verdicts.get((file, note.line))
            users = (verdicts.get((file, line)) for line in note.used)
            if verdict is not None and verdict.dropped and any(user is not None and user.stands for user in users):
                verdict.dropped, verdict.rule = False, "note-of-what-stands"


def notices(originals: Sequence[Definition], renamed: Sequence[Definition], names: Sequence[str]) -> Iterator[Notice]:
    """Each label that is another in the result than in its file."""
    for file, (before, after) in enumerate(zip(originals, renamed, strict=True)):
        if before is not after:
            pairs = zip(_references(before), _references(after), strict=True)
            told = [f"[{old.label}] is [{new.label}]" for old, new in pairs if old.label != new.label]
            if not told:
                continue
            yield Notice("label-renamed", "info", f"{names[file]}: {', '.join(told)} in the result")


def as_written(merged: Merged, originals: Sequence[Definition], renamed: Sequence[Definition]) -> Merged:
    """The records of a combine with the sources' texts as their authors wrote them."""
    texts = {
        (file, place.unit.line): place.unit.text
        for file, (before, after) in enumerate(zip(originals, renamed, strict=True))
        if before is not after
        for place in walk_units(before.root)
    }
    if not texts:
        return merged

    def source(one: Source) -> Source:
        known = texts.get((one.file, one.line))
        return one if known is None or one.kind == "heading" else replaced(one, text=known)

    def decision(one: Decision) -> Decision:
        return replaced(one, members=tuple(map(source, one.members)))

    return replaced(
        merged,
        decisions=tuple(map(decision, merged.decisions)),
        conflicts=tuple(replaced(one, members=tuple(map(source, one.members))) for one in merged.conflicts),
        ledger=tuple(replaced(row, source=source(row.source)) for row in merged.ledger),
    )


# Assembling -----------------------------------------------------------------------------------------------------------
#
# Verdicts and their places to a document of ready-made blocks: marks, boxes and indentation are made here.
#
# Words are never touched. Every block says which units it holds, so that the result can be checked against them.


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
    shown: bool = False
    """Whether the host takes comments out before the model reads: then conflicts are marked in the text."""


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
        for are_comments, group in groupby(self._blocks(node), lambda block: block.text.startswith(NOTES)):
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
                yield from ([] if unit.kind == "code" or is_note(unit) else [""])
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
            yield comment(
                f"conflict {self._marking.before + verdict.clash}, {clash.slot}: {side}, {OTHERWISE}",
                shown=self._marking.shown,
            )
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
