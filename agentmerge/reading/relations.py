"""Blocks and units in, what they are to each other out: notes, steps, examples, the words of a template, a prompt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, islice
from operator import is_

from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import (
    LAYOUT,
    Definition,
    Field,
    Kept,
    Mode,
    Section,
    Unit,
    per_definition,
    walk_sections,
    walk_units,
)
from agentmerge.reading import sections
from agentmerge.reading.blocks import parse_blocks, parse_body
from agentmerge.reading.containers import grammar, heading, language_of, names_document
from agentmerge.reading.sections import Slicer
from agentmerge.text.lines import split_lines

# Modes ----------------------------------------------------------------------------------------------------------------
#
# Whether a fenced block is in use or an example, read from what introduces it by the phrases of `data/modes.toml`.


KEPT = 20_000
"""Lines whose mode is remembered."""
MAX_SHORT = 8
"""Words of a line that introduces without a colon."""
MAX_LINE = 400
"""Characters at the end of a line that are looked at."""
MAX_GAP = 3
"""Words that `*` stands for."""
HOLDS_LINES = 6
"""First lines of a block that may say what it is for."""

_SIGNS: tuple[Mode, ...] = ("use", "example")
_MARKS = re.compile(r"[*`]+|\[[ xX]\]|(?<!\w)_+|_+(?!\w)")
_SENTENCE = re.compile(r"(?<=[.!?])[)\"']*\s+|(?<=[。！？])")
_COMMENT = re.compile(r"(?:#+|//+|<!--|--|/\*+|;+|%+|\"\"\"|(?=[❌✅✗✓🚫👎👍]))\s*")
_TOKEN = re.compile(r"[\w'-]+(?:\.[\w'-]+)*|[^\w\s]")
_STOPS = frozenset(":：,;(–—")
_FIRST_GAPLESS = "\u3040"
"""Scripts from here on write words without gaps."""
_NUMBER = re.compile(r"\A(?:\d{1,3}[.)]|[-*+•]|step \d+:?)\s*")


class _Finder:
    """Looks for phrases. Regular expressions of so many words would take longer to compile than a file to read."""

    def __init__(self, rows: Mapping[Mode, Sequence[str]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], Mode]]] = {}
        self._gapless: list[tuple[str, Mode]] = []
        for mode, phrase in ((mode, phrase) for mode, phrases in rows.items() for phrase in phrases):
            words = tuple(_TOKEN.findall(phrase))
            if not words or any(char >= _FIRST_GAPLESS for char in phrase):
                self._gapless.append((phrase, mode))
            else:
                self._by_first.setdefault(words[0], []).append((words, mode))

    def places(self, text: str) -> Iterator[tuple[int, Mode]]:
        """Where in a text in lower case a phrase stands for the first time."""
        for phrase, mode in self._gapless:
            if (place := text.find(phrase)) >= 0:
                yield place, mode
        tokens = list(_TOKEN.finditer(text))
        words = [token[0] for token in tokens]
        found = ((token.start(), mode) for n, token in enumerate(tokens) if (mode := self.at(words, n)))
        yield from islice(found, 1)

    def at(self, words: Sequence[str], number: int) -> Mode:
        """The mode of a phrase that begins with a word of a text."""
        phrases = self._by_first.get(words[number], ()) if number < len(words) else ()
        return next((mode for phrase, mode in phrases if _matches(phrase, words, number)), "")


def _matches(phrase: Sequence[str], words: Sequence[str], number: int) -> bool:
    if "*" not in phrase:
        return phrase == tuple(words[number : number + len(phrase)])
    gap = phrase.index("*")
    if phrase[:gap] != tuple(words[number : number + gap]):
        return False
    rest, first = phrase[gap + 1 :], number + gap
    return any(rest == tuple(words[at : at + len(rest)]) for at in range(first, first + MAX_GAP + 1))


def _earliest(text: str, finders: Iterable[_Finder]) -> Mode:
    """The mode whose phrase stands first in a text; "" where none does."""
    return min((place for finder in finders for place in finder.places(text)), default=(0, ""))[1]


class Phrases:
    """The table of modes, ready to be looked for."""

    def __init__(self, knowledge: Knowledge) -> None:
        raw = knowledge.raw("modes")
        self._always, self._says, self._lines, self._labels, self._shell = (
            _Finder({mode: raw[mode][key] for mode in _SIGNS}) for key in ("always", "says", "lines", "labels", "shell")
        )
        self._orders, self._commands, self._holds, self._info = (
            _Finder({mode: raw[mode][key] for mode in _SIGNS}) for key in ("orders", "commands", "holds", "info")
        )
        self._wholes: dict[str, Mode] = {title: mode for mode in _SIGNS for title in raw[mode]["titles"]}
        self._before = tuple(tuple(words.split()) for words in raw["before"])
        self._points = _Finder({"use": raw["points"]})
        self._named = frozenset(raw["shells"]) - {"", *raw["documents"]}
        """Shells that a block names: under a heading alone, one without a language is mostly a drawing or a form."""
        self._shells, self._shown = frozenset(raw["shells"]), frozenset(raw["shown"])
        # Variants of one file have most of their lines in common.
        self._line_mode: Kept[tuple[str, bool], Mode] = Kept(lambda asked: self._of_line(*asked), KEPT)
        self._title_mode: Kept[tuple[str, bool], Mode] = Kept(lambda asked: self._of_title(*asked), KEPT)

    def of(self, unit: Unit, line: str, titles: Iterable[str]) -> Mode:
        """The mode of a block below `line`, in sections of these titles, the nearest one first."""
        language = language_of(unit.language)
        shell, named = language in self._shells, language in self._named
        return (
            _earliest(unit.language.lower(), [self._info])
            or self._line_mode[_plain(line[-MAX_LINE:]), shell]
            or self._of_content(unit.text)
            or next((mode for title in titles if (mode := self._title_mode[_plain(title), named])), "")
            or ("example" if language in self._shown else "")
        )

    def _of_line(self, text: str, shell: bool) -> Mode:
        if not text:
            return ""
        short = len(text.split()) <= MAX_SHORT and not text.endswith((".", "。"))
        introduces = short or text.endswith((":", "：")) or any(self._points.places(text))
        if introduces and (label := self._labels.at(_TOKEN.findall(text.lstrip("([\"'")), 0)):
            return label
        said = [self._always, *([self._says, self._lines, *([self._shell] if shell else [])] if introduces else [])]
        return _earliest(text, said) or self._ordered(text, [self._orders, *([self._commands] if shell else [])])

    def _ordered(self, text: str, orders: Sequence[_Finder]) -> Mode:
        words = _TOKEN.findall(text)
        places = (number for number in range(len(words)) if self._begins(words, number))
        return next((mode for number in places for order in orders if (mode := order.at(words, number))), "")

    def _begins(self, words: Sequence[str], number: int) -> bool:
        """Whether a word stands where an order begins."""
        if number == 0 or words[number - 1] in _STOPS:
            return True
        return any(before == tuple(words[max(0, number - len(before)) : number]) for before in self._before)

    def _of_title(self, text: str, shell: bool) -> Mode:
        return self._wholes.get(text.rstrip(" :：")) or _earliest(
            text, [self._always, self._says, *([self._shell] if shell else [])]
        )

    def _of_content(self, text: str) -> Mode:
        for line in text.split("\n", HOLDS_LINES)[:HOLDS_LINES]:
            row = line[:MAX_LINE].lower().strip()
            comment = _COMMENT.match(row)
            words = _TOKEN.findall(row[comment.end() :] if comment else row)
            found = self._holds.at(words, 0)
            if found == "use" or (found and comment):
                return found
        return ""


def with_modes(root: Section, knowledge: Knowledge) -> Section:
    """The section tree with the mode of each block of code."""
    return _section(root, (), knowledge)


def _section(section: Section, titles: tuple[str, ...], knowledge: Knowledge) -> Section:
    titles = (section.title, *titles) if section.title else titles
    found: list[Section | Unit] = []
    line = section.title if section.style in ("bold", "label") else ""
    for node in section.body:
        if isinstance(node, Section):
            found.append(_section(node, titles, knowledge))
            line = ""
        else:
            found.append(_unit(node, line, titles, knowledge))
            line = _last_line(node)
    return section if all(map(is_, found, section.body)) else replace(section, body=tuple(found))


def _unit(unit: Unit, line: str, titles: tuple[str, ...], knowledge: Knowledge) -> Unit:
    if unit.kind == "code":
        return replace(unit, mode=knowledge.derived(Phrases).of(unit, line, titles))
    children: list[Unit] = []
    above = unit.flow
    for child in unit.children:
        children.append(_unit(child, above, titles, knowledge))
        above = _last_line(child)
    return unit if all(map(is_, children, unit.children)) else replace(unit, children=tuple(children))


def _last_line(unit: Unit) -> str:
    """What a unit says of the block below it: an item only where it ends in a colon, code and tables nothing."""
    if unit.kind in ("code", "table", "rule"):
        return ""
    if unit.children:
        return _last_line(unit.children[-1])
    return unit.flow if unit.kind not in ("item", "task") or unit.flow.rstrip("*_ ").endswith((":", "：")) else ""


def _plain(text: str) -> str:
    """The last sentence of a text's last line, in lower case and without marks."""
    line = _MARKS.sub("", text.strip().rpartition("\n")[2]).strip()
    sentences = [part for part in _SENTENCE.split(line) if part.strip()]
    return _NUMBER.sub("", sentences[-1].strip().lower()) if sentences else ""


# Documents ------------------------------------------------------------------------------------------------------------
#
# The words of a template in a fence: they are read as they would be outside of it, so that both can be compared.


KEPT_DOCUMENTS = 256
"""Documents that are remembered: a stage asks for each of them many times."""

_FENCE = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?:`{3}|~{3})")


def is_document(unit: Unit, knowledge: Knowledge) -> bool:
    """Whether a block of code holds text: it names a language of documents, or none and has a heading."""
    if unit.kind != "code":
        return False
    return names_document(unit.language, knowledge) if unit.language else heading(unit.text) != ""


def document(unit: Unit, knowledge: Knowledge) -> Section:
    """The section tree of a block's content. Lines are those of the file; `source` has no indentation of the block."""
    return knowledge.derived(_documents)[unit]


def _documents(knowledge: Knowledge) -> Kept[Unit, Section]:
    return Kept(lambda unit: _read(unit, knowledge), KEPT_DOCUMENTS)


def _read(unit: Unit, knowledge: Knowledge) -> Section:
    offset = unit.line + (1 if _FENCE.match(unit.source) else 0)
    cut = Slicer(split_lines(unit.text), offset, knowledge)
    blocks, _ = sections.without_accidents(parse_blocks(unit.text, knowledge), cut)
    return with_modes(sections.build(blocks, cut), knowledge)


def document_words(unit: Unit, knowledge: Knowledge) -> Iterator[tuple[int, str]]:
    """The headings and units of a document with their lines, in order, as a template without a fence has them."""
    if is_document(unit, knowledge):
        root = document(unit, knowledge=knowledge)
        titles = [(section.line, section.title) for _, section in walk_sections(root)]
        yield from sorted([*titles, *((place.unit.line, place.unit.text) for place in walk_units(root))])


# Prompts --------------------------------------------------------------------------------------------------------------
#
# A prompt that stands in a field, read as the body that it is for the host.


@per_definition
def with_prompt(definition: Definition, knowledge: Knowledge) -> Definition:
    """The definition with the sections and units of its prompt in place of the field that holds it.

    For comparing alone: what the prompt says counts like any body. Lines are those of the file, as far as each line
    of the value stands on a line of its own.
    """
    key = knowledge.dialects[definition.dialect].prompt
    field, front = definition.field(key), definition.frontmatter
    if not key or field is None or front is None or definition.syntax == "yaml" or not isinstance(field.value, str):
        return definition
    line, starts = _place(definition.text, field, split_lines(field.value))
    read, _ = parse_body(field.value, grammar(knowledge).marks(field.value), knowledge)
    root = with_modes(sections.build(read, Slicer(split_lines(field.value), line, knowledge, starts)), knowledge)
    fields = tuple(one for one in front.fields if one is not field)
    return replace(definition, root=root, frontmatter=replace(front, fields=fields))


def _place(text: str, field: Field, lines: Sequence[str]) -> tuple[int, Sequence[int]]:
    """The line on which the prompt starts, and the offset of each line, where it stands in the text as it is; else the
    line below its key, and no offsets."""
    offset = text.find(field.text, field.span.start)
    if offset < 0:
        return field.line + 1, ()
    line = text.count("\n", 0, offset) + 1
    return line, [*[offset] * (line - 1), *accumulate(map(len, lines), initial=offset)]


# Relations ------------------------------------------------------------------------------------------------------------
#
# What belongs to what in one definition, beyond the tree: the notes of a rule, the steps of a procedure, and the like.
#
# Each relation is a record of lines or units; a stage that moves, keeps or drops a unit asks here what has to go with
# it.


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
            labels.setdefault(folded(unit.label), unit)
    used: dict[str, list[int]] = {label: [] for label in labels}
    for unit in units if labels else ():
        own = folded(unit.label) if unit.kind == "reference" else ""
        for label in sorted(used_labels(unit.flow) & labels.keys() - {own}):
            used[label].append(unit.line)
    return tuple(Note(unit.label, unit.line, tuple(used[label])) for label, unit in labels.items())


def used_labels(text: str) -> frozenset[str]:
    """The labels of links and footnotes that a text may use, as `folded` writes them."""
    return frozenset(folded(match["label"]) for match in _USE.finditer(text))


def folded(label: str) -> str:
    """A label as it is compared: case and the amount of white space say nothing."""
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
