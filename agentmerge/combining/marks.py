"""What an author marked by hand: `<!-- agentmerge: keep -->`, `freeze` and `drop`, honoured and told.

A mark holds for what is below it: a section, a list, a paragraph or a block; or for all up to one that says `end`.
The comments themselves stay in their files, where the next combine finds them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from agentmerge.combining.clusters import Cluster
from agentmerge.combining.deciding import Plan
from agentmerge.combining.entries import NOTE, Entry, Key
from agentmerge.combining.guards import keeps
from agentmerge.combining.strategies import MARK, MARKED
from agentmerge.combining.tree import Tree, walk_nodes
from agentmerge.errors import unknown
from agentmerge.knowledge import Knowledge
from agentmerge.model import LAYOUT, Definition, Place, Section, Unit, walk_sections, walk_units
from agentmerge.outcome import Notice

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


def part(clusters: Sequence[Cluster], marks: Marks, knowledge: Knowledge) -> list[Cluster]:
    """The clusters in which what is to be dropped is by itself, and what is kept stands for what it says alike."""
    return [one for cluster in clusters for one in _parted(cluster, marks, knowledge)] if marks.all else list(clusters)


def _parted(cluster: Cluster, marks: Marks, knowledge: Knowledge) -> Iterator[Cluster]:
    words: dict[str, list[Entry]] = defaultdict(list)
    for member in cluster.members:
        words[marks.word(member.key)].append(member)
    if set(words) == {""}:
        yield cluster
        return
    yield from (Cluster((member,)) for member in words.pop("drop", []))
    kept, others = [*words.pop("freeze", []), *words.pop("keep", [])], words.pop("", [])
    for number, member in enumerate(kept):
        mine = [one for one in others if number == 0 and keeps(member, one, knowledge)]
        others = [one for one in others if one not in mine]
        members = tuple(sorted((member, *mine), key=lambda one: one.key))
        yield Cluster(members, cluster.score, cluster.reason, member.key, ruled=MARKED[marks.word(member.key)])
    if others:
        cover = cluster.cover if cluster.cover in {one.key for one in others} else None
        yield replace(cluster, members=tuple(others), cover=cover, guarded=cluster.guarded and cover is not None)


def honour(plan: Plan, tree: Tree, marks: Marks) -> None:
    """Let everything that is kept stand where its author wrote it, and nothing that is dropped; of a frozen section
    nothing of another author stands."""
    for verdict in plan.verdicts:
        word = marks.word(verdict.survivor.key)
        if verdict.survivor.key in marks.comments:
            verdict.dropped, verdict.rule = True, MARK
        elif word == "drop":
            verdict.dropped, verdict.superseded_by, verdict.rule = True, None, MARKED[word]
        elif word:
            verdict.dropped, verdict.superseded_by, verdict.rule = False, None, MARKED[word]
            verdict.below = verdict.behind = verdict.spine = None
            verdict.node, verdict.is_moved = tree.home(verdict.survivor.file, verdict.survivor.path), False
    for mark in marks.all:
        if mark.word == "freeze" and mark.section is not None:
            _freeze(mark, plan, tree)


def _freeze(mark: Mark, plan: Plan, tree: Tree) -> None:
    node = tree.nodes.get((mark.file, mark.section.line if mark.section is not None else 0))
    inside = set(walk_nodes(node)) if node is not None else set()
    standing = [verdict for verdict in plan.verdicts if verdict.stands and verdict.node in inside]
    own = [verdict for verdict in standing if mark.holds_for(verdict.survivor.key)]
    for verdict in standing:
        if own and verdict not in own:
            verdict.superseded_by, verdict.rule = own[0], MARKED["freeze"]
