"""Definitions in, out what their authors marked by hand: `<!-- agentmerge: keep -->`, `freeze` and `drop`.

A mark holds for what is below it: a section, a list, a paragraph or a block; or for all up to one that says `end`.
The comments themselves stay in their files, where the next combine finds them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agentmerge.errors import unknown
from agentmerge.model import LAYOUT, Definition, Place, Section, Unit, walk_sections, walk_units
from agentmerge.planning.intake import Key
from agentmerge.planning.records import Notice
from agentmerge.planning.strategies import MARKED
from agentmerge.text.lines import split_lines
from agentmerge.text.markers import NOTE

_MARK = re.compile(rf"{NOTE}\s*(?P<word>[A-Za-z]+)\s*-->\s*\Z")
_END = "end"


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark and what it holds for."""

    word: str
    file: int
    line: int
    """Of the comment."""
    start: int
    stop: int
    """First line that it holds for, and first line after it."""
    section: Section | None = None
    """The section that it stands above."""

    def holds_for(self, key: Key) -> bool:
        return key[0] == self.file and self.start <= key[1] < self.stop


@dataclass(frozen=True, slots=True)
class Marks:
    """All marks of some variants."""

    all: tuple[Mark, ...]
    comments: frozenset[Key]
    """The comments that are marks."""
    notices: tuple[Notice, ...]

    def word(self, key: Key) -> str:
        """The mark of a unit; of several the one that stands nearest above it."""
        found = [mark for mark in self.all if mark.holds_for(key)]
        return max(found, key=lambda mark: mark.line).word if found else ""

    def is_frozen(self, key: Key) -> bool:
        """Whether a unit stands as it is written, numbers and all."""
        return self.word(key) == "freeze"


def read(definitions: Sequence[Definition], names: Sequence[str]) -> Marks:
    """The marks of the variants, in the order of their files."""
    found: list[Mark] = []
    comments: set[Key] = set()
    notices: list[Notice] = []
    for file, (definition, name) in enumerate(zip(definitions, names, strict=True)):
        if NOTE not in definition.text:
            continue
        lines = [(place.unit, match["word"].lower()) for place, match in _comments(definition)]
        comments |= {(file, unit.line) for unit, _ in lines}
        for number, (unit, word) in enumerate(lines):
            if word in MARKED:
                end = lines[number + 1][0] if lines[number + 1 :] and lines[number + 1][1] == _END else None
                mark = _mark(word, file, unit, end, definition)
                found.append(mark)
                count = sum(mark.holds_for((file, place.unit.line)) for place in walk_units(definition.root))
                notices.append(Notice("marked", "info", f"{name}:{unit.line}: '{word}' holds for {count} units"))
            elif word != _END:
                what = unknown("mark", word, [*MARKED, _END])
                notices.append(Notice("mark-unknown", "warning", f"{name}:{unit.line}: {what}"))
    return Marks(tuple(found), frozenset(comments), tuple(notices))


def _comments(definition: Definition) -> Iterator[tuple[Place, re.Match[str]]]:
    for place in walk_units(definition.root):
        match = _MARK.match(place.unit.text) if place.unit.kind == "comment" else None
        if match is not None:
            yield place, match


def _mark(word: str, file: int, comment: Unit, end: Unit | None, definition: Definition) -> Mark:
    if end is not None:
        return Mark(word, file, comment.line, comment.end, end.line)
    sections = (section for _, section in walk_sections(definition.root) if section.line >= comment.end)
    section = min(sections, key=lambda one: one.line, default=None)
    body = next(body for body in _bodies(definition.root) if comment in body)
    behind = [node for node in body[body.index(comment) + 1 :] if not (isinstance(node, Unit) and node.kind in LAYOUT)]
    if not behind or isinstance(behind[0], Section):
        target = section if not behind else behind[0]
        if not isinstance(target, Section):
            return Mark(word, file, comment.line, comment.end, comment.end)
        return Mark(word, file, comment.line, target.line, _stop(target), target)
    stop = _stop(behind[0])
    for node in behind[1:]:
        if not (isinstance(node, Unit) and node.kind == behind[0].kind in ("item", "task")):
            break
        stop = _stop(node)
    return Mark(word, file, comment.line, behind[0].line, stop)


def _bodies(section: Section) -> Iterator[Sequence[Unit | Section]]:
    yield section.body
    for node in section.body:
        yield from _bodies(node) if isinstance(node, Section) else _nested(node)


def _nested(unit: Unit) -> Iterator[Sequence[Unit | Section]]:
    yield unit.children
    for child in unit.children:
        yield from _nested(child)


def _stop(node: Unit | Section) -> int:
    parts = node.children if isinstance(node, Unit) else node.body
    return max([node.end, *map(_stop, parts)])


def broken(marked: Definition, text: str, name: str) -> Iterator[Notice]:
    """What a mark of one version keeps or freezes, and a merge has not, each line of it once."""
    if NOTE not in marked.text:
        return
    marks = read([marked], [name])
    there = {line.strip() for line in split_lines(text)}
    for place in walk_units(marked.root):
        word = marks.word((0, place.unit.line))
        if word in ("keep", "freeze") and place.unit.kind != "comment":
            gone = [line.strip() for line in split_lines(place.unit.source) if line.strip() not in there]
            if gone:
                message = f"{name}:{place.unit.line}: '{word}' holds for what the other side took out: {gone[0]}"
                yield Notice("mark-broken", "warning", message)
