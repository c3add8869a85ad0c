"""What belongs to what in one definition, beyond the tree: the notes of a rule, the steps of a procedure, and the like.

Each relation is a record of lines or units; a stage that moves, keeps or drops a unit asks here what has to go with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from agentmerge.knowledge import Knowledge
from agentmerge.memo import per_definition
from agentmerge.model import LAYOUT, Definition, Section, Unit, walk_sections, walk_units
from agentmerge.parsing.containers import grammar

MAX_MEMBER_WORDS = 8
"""Words of a member of an enumeration on one line; a longer part between commas is a clause."""

_LABELLED = re.compile(
    r"(?P<mark>\*\*|__)?(?P<label>[^:：*\n]{1,60}?)(?(mark)(?:[:：]?(?P=mark)[ \t]*[:：]?)|[:：])[ \t]+(?P<rest>\S.*)",
    re.DOTALL,
)
_COMMAS = frozenset(",;、，；")
_USE = re.compile(r"\[(?P<label>[^\[\]]+)\](?!:)")


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment on a line of its own, and what it is about: the node below it, or above where nothing is below."""

    line: int
    about: int
    """Line of the unit or heading."""


@dataclass(frozen=True, slots=True)
class Range:
    """Two comments of a linter or formatter that hold for what is between them."""

    name: str
    """Start of the opening comment, such as `markdownlint-disable`."""
    opened: int
    closed: int
    """Lines of the comments."""


@dataclass(frozen=True, slots=True)
class Procedure:
    """Steps that are numbered through, whatever stands between them."""

    steps: tuple[int, ...]
    """Lines of the steps."""
    between: tuple[int, ...]
    """Lines of the units that interrupt the list, each in its place."""


@dataclass(frozen=True, slots=True)
class Note:
    """The definition of a label, and the units that use it."""

    label: str
    line: int
    used: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Enumeration:
    """A label with its members: on one line after a colon, as a list below a label line, or nested below an item."""

    label: str
    line: int
    """Of the label."""
    members: tuple[Unit, ...]
    """Units whose lead is the label; of members on one line each has that line."""


def remarks(definition: Definition, knowledge: Knowledge) -> tuple[Remark, ...]:
    """What each comment on a line of its own is about, in the order of the file."""
    found = []
    known = grammar(knowledge)
    for siblings in _sequences(definition.root):
        nodes = [node for node in siblings if not (isinstance(node, Unit) and node.kind in LAYOUT)]
        above = next((node.line for node in reversed(nodes) if not _is_comment(node)), None)
        about = above
        for node in reversed(nodes):
            if not (isinstance(node, Unit) and _is_comment(node)):
                about = node.line
            elif about is not None and not known.range_role(node.text)[0]:
                found.append(Remark(node.line, about))
    return tuple(sorted(found, key=lambda remark: remark.line))


def _is_comment(node: Unit | Section) -> bool:
    return isinstance(node, Unit) and node.kind == "comment"


def _sequences(section: Section) -> Iterator[Sequence[Unit | Section]]:
    """Each row of siblings: what stands in a section, and what is nested in an item."""
    pending: list[Section | Unit] = [section]
    while pending:
        node = pending.pop()
        siblings: Sequence[Unit | Section] = node.body if isinstance(node, Section) else node.children
        yield siblings
        pending += [child for child in siblings if isinstance(child, Section) or child.children]


@per_definition
def ranges(definition: Definition, knowledge: Knowledge) -> tuple[Range, ...]:
    """The pairs of comments that linters and formatters read, innermost pairs first to close."""
    known = grammar(knowledge)
    waiting: dict[str, list[int]] = {}
    found = []
    for place in walk_units(definition.root):
        if place.unit.kind == "comment":
            role, name = known.range_role(place.unit.text)
            if role == "open":
                waiting.setdefault(name, []).append(place.unit.line)
            elif role == "close" and waiting.get(name):
                found.append(Range(name, waiting[name].pop(), place.unit.line))
    return tuple(sorted(found, key=lambda each: each.opened))


def procedures(definition: Definition) -> tuple[Procedure, ...]:
    """The numbered lists of a definition; one that is interrupted and goes on with the next number is one."""
    return tuple(found for section in (definition.root, *_all_sections(definition)) for found in procedures_of(section))


def _all_sections(definition: Definition) -> Iterator[Section]:
    return (section for _, section in walk_sections(definition.root))


def procedures_of(section: Section) -> Iterator[Procedure]:
    """The procedures that stand directly in a section."""
    steps: list[Unit] = []
    between: list[Unit | Section] = []
    pending: list[Unit | Section] = []
    for node in [*section.body, None]:
        number = node.ordinal if isinstance(node, Unit) else None
        if isinstance(node, Unit) and number is not None and _goes_on(steps, pending, number):
            between += pending
            steps.append(node)
            pending = []
            continue
        if steps and node is not None and number is None and _interrupts(node):
            pending.append(node)
            continue
        if steps:
            yield Procedure(tuple(step.line for step in steps), tuple(unit.line for unit in between))
        steps, between, pending = ([node] if isinstance(node, Unit) and number is not None else []), [], []


def _interrupts(node: Unit | Section) -> bool:
    return node.kind not in LAYOUT if isinstance(node, Unit) else node.is_container


def _goes_on(steps: Sequence[Unit], pending: Sequence[Unit | Section], number: int) -> bool:
    """Whether a numbered item is the next step: directly below, or with the next number behind what interrupts.

    Steps inside a container are counted, too: some of them may stand under a condition.
    """
    if not steps:
        return False
    last = steps[-1].ordinal or 0
    inside = [unit.ordinal for node in pending if isinstance(node, Section) for unit in node.units if unit.ordinal]
    if inside and number == max(inside) + 1:
        return True
    return number == last + 1 if pending else number >= last or number == steps[0].ordinal


def imports(definition: Definition) -> tuple[Unit, ...]:
    """The lines that import a file, `@path` alone or as an item; `label` of each is the path."""
    units = (place.unit for place in walk_units(definition.root))
    return tuple(unit for unit in units if unit.label and unit.kind != "reference")


def only_imports(definition: Definition) -> bool:
    """Whether a definition says nothing itself: its body imports, and there are no fields."""
    units = [place.unit for place in walk_units(definition.root) if place.unit.kind != "comment"]
    return bool(units) and not definition.fields and set(units) <= set(imports(definition))


def notes(definition: Definition) -> tuple[Note, ...]:
    """Link labels, footnotes and abbreviations with the units that use them; of equal labels the first counts."""
    units = [place.unit for place in walk_units(definition.root)]
    labels: dict[str, Unit] = {}
    for unit in units:
        if unit.kind == "reference":
            labels.setdefault(_folded(unit.label), unit)
    used: dict[str, list[int]] = {label: [] for label in labels}
    for unit in units if labels else ():
        own = _folded(unit.label) if unit.kind == "reference" else ""
        for label in sorted({_folded(match["label"]) for match in _USE.finditer(unit.flow)} & labels.keys() - {own}):
            used[label].append(unit.line)
    return tuple(Note(unit.label, unit.line, tuple(used[label])) for label, unit in labels.items())


def _folded(label: str) -> str:
    return " ".join(label.lower().split())


def enumerations(definition: Definition, knowledge: Knowledge) -> tuple[Enumeration, ...]:
    """Every label with two or more members, in the order of the file."""
    found = [each for section in _all_sections(definition) for each in _listed(section)]
    for place in walk_units(definition.root):
        found += in_line(place.unit, knowledge)
        found += _nested(place.unit)
    return tuple(sorted(found, key=lambda each: each.line))


def _listed(section: Section) -> Iterator[Enumeration]:
    items = [unit for unit in section.units if unit.kind in ("item", "task")]
    if section.style in ("label", "bold") and len(items) > 1 and len(items) == len(section.units):
        yield Enumeration(section.title, section.line, tuple(_led(unit, section.title) for unit in items))


def _nested(unit: Unit) -> Iterator[Enumeration]:
    items = [child for child in unit.children if child.kind in ("item", "task")]
    label = unit.flow.strip().strip("*_").rstrip(" :：")
    is_bare = unit.flow.rstrip("*_ ").endswith((":", "：")) or (unit.lead and label == unit.lead)
    if is_bare and len(items) > 1 and len(label) <= MAX_MEMBER_WORDS * 10:
        yield Enumeration(label, unit.line, tuple(_led(child, label) for child in items))


def in_line(unit: Unit, knowledge: Knowledge) -> Iterator[Enumeration]:
    """The enumeration that a unit is by itself, on one line: `Label: a, b, c`."""
    match = _LABELLED.fullmatch(unit.flow) if unit.kind in ("item", "task", "paragraph") else None
    if match is None or any(map(_LABELLED.match, match["rest"].split("\n")[1:])):
        return
    texts = list(_members(match["rest"].rstrip(" .。"), knowledge))
    if len(texts) > 1 and all(text and len(text.split()) <= MAX_MEMBER_WORDS for text in texts):
        label = match["label"].strip()
        members = (Unit("item", unit.line, unit.end, text, text, label, span=unit.span) for text in texts)
        yield Enumeration(label, unit.line, tuple(members))


def _members(text: str, knowledge: Knowledge) -> Iterator[str]:
    """The parts between commas; the last one may be two, joined by a word."""
    *parts, last = [" ".join(part.split()) for part in _parted(text)]
    yield from parts
    joiners = frozenset(knowledge.raw("reading")["joiners"])
    words = last.split(" ")
    at = [number for number, word in enumerate(words) if word.lower() in joiners]
    if parts and len(at) == 1:
        yield from filter(None, (" ".join(words[: at[0]]), " ".join(words[at[0] + 1 :])))
    else:
        yield last


def _parted(text: str) -> list[str]:
    """A text cut at its commas, but for those inside brackets and code."""
    # From the end: a comma stands in brackets where the next bracket closes, in code where a tick is left over.
    parts, end, following, ticks = list[str](), len(text), "", 0
    for at in range(len(text) - 1, -1, -1):
        char = text[at]
        if char in _COMMAS and following not in (")", "]") and ticks % 2 == 0:
            parts.append(text[at + 1 : end])
            end = at
        elif char in "()[]":
            following = char
        elif char == "`":
            ticks += 1
    return [text[:end], *reversed(parts)]


def _led(unit: Unit, label: str) -> Unit:
    return replace(unit, lead=unit.lead or label)
