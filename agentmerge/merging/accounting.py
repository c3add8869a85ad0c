"""The fate of every unit of base, ours and theirs, looked up in the result that was written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from agentmerge.guardrails import holds_guardrail
from agentmerge.knowledge import Knowledge
from agentmerge.merging.nodes import PROSE, Node, split_mark, text_of, walk
from agentmerge.merging.pairing import pair_surely
from agentmerge.merging.pieces import Clash, Piece, Settled, Style, marked, refined
from agentmerge.merging.structure import first_lines, path_of
from agentmerge.merging.union import Record, Union
from agentmerge.model import Unit
from agentmerge.outcome import Action, Decision, Fate, LedgerRow, Source


class Way(StrEnum):
    """What the two sides did with a node of the base, or with one that they added; the rule of its decision."""

    UNCHANGED = "unchanged"
    SAME_CHANGE = "same-change"
    CHANGED_BY_OURS = "changed-by-ours"
    CHANGED_BY_THEIRS = "changed-by-theirs"
    CHANGED_BY_BOTH = "changed-by-both"
    ADDED_BY_OURS = "added-by-ours"
    ADDED_BY_THEIRS = "added-by-theirs"
    ADDED_BY_BOTH = "added-by-both"
    DELETED_BY_OURS = "deleted-by-ours"
    DELETED_BY_THEIRS = "deleted-by-theirs"
    DELETED_BY_BOTH = "deleted-by-both"
    CONFLICT = "conflict"


_ACTIONS: Mapping[str, Action] = {
    Way.UNCHANGED: Action.KEEP,
    Way.SAME_CHANGE: Action.KEEP,
    Way.CHANGED_BY_OURS: Action.SUPERSEDE,
    Way.CHANGED_BY_THEIRS: Action.SUPERSEDE,
    Way.CHANGED_BY_BOTH: Action.MERGE,
    Way.ADDED_BY_OURS: Action.KEEP,
    Way.ADDED_BY_THEIRS: Action.KEEP,
    Way.ADDED_BY_BOTH: Action.KEEP,
    Way.DELETED_BY_OURS: Action.DROP,
    Way.DELETED_BY_THEIRS: Action.DROP,
    Way.DELETED_BY_BOTH: Action.DROP,
    Way.CONFLICT: Action.CONFLICT,
}
_DELETED = frozenset({Way.DELETED_BY_OURS, Way.DELETED_BY_THEIRS, Way.DELETED_BY_BOTH})
_BY_THEIRS = frozenset({Way.CHANGED_BY_THEIRS, Way.ADDED_BY_THEIRS, Way.DELETED_BY_THEIRS})
_OWN = (
    frozenset[Way](),
    frozenset({Way.CHANGED_BY_OURS, Way.ADDED_BY_OURS}),
    frozenset({Way.CHANGED_BY_THEIRS, Way.ADDED_BY_THEIRS}),
)
"""For base, ours and theirs the ways in which it alone wrote what it has: then that, and nothing else, is there."""


@dataclass(slots=True)
class Result:
    """What was settled of a result, as a tree, and where its lines stand in the written text."""

    tree: Node
    numbers: Sequence[int]
    """1-based line in the written text for each settled line."""
    places: Mapping[str, int]
    """Where each settled line stands first, by its text."""
    found: dict[str, list[Node]] = field(default_factory=lambda: defaultdict(list))

    def line(self, node: Node) -> int | None:
        return self.numbers[node.line - 1] if 0 < node.line <= len(self.numbers) else None


def settled_lines(pieces: Sequence[Piece], style: Style) -> tuple[list[str], list[int]]:
    """The lines outside of conflicts, and the 1-based line that each has in the written text."""
    lines: list[str] = []
    numbers: list[int] = []
    at = 1
    for part in (part for piece in pieces for part in refined(piece, style.conflict_style)):
        if isinstance(part, Settled):
            lines.extend(part.lines)
            numbers.extend(range(at, at + len(part.lines)))
            at += len(part.lines)
        else:
            at += len(marked(part, style))
    return lines, numbers


def account(
    union: Union,
    result: Result,
    pieces: Sequence[Piece],
    decided: Mapping[str, str],
    ruled: Mapping[tuple[int, int, int], str],
    knowledge: Knowledge,
) -> tuple[tuple[Decision, ...], tuple[LedgerRow, ...], list[Source]]:
    """Decisions, the ledger in the order of the files, and the units that are nowhere.

    `decided` maps the path of a conflict to the policy that decided it, `ruled` the lines where a record stands in the
    three versions to the rule that did.
    """
    for node in walk(result.tree):
        result.found[_key(node)].append(node)
    book = _Book(union, result, _clash_lines(pieces), decided, ruled)
    for record in union.records:
        if any(node is not None and _is_accountable(node, knowledge) for node in record.versions):
            book.enter(record)
    book.rows.sort(key=lambda row: (row.source.file, row.source.line))
    return tuple(book.decisions), tuple(book.rows), book.holes


def _key(node: Node) -> str:
    if node.kind == "field":
        return f"field\n{node.name}\n" + "\n".join(text_of(node))
    return f"{'item' if node.kind in PROSE else node.kind}\n{node.name}"


def _clash_lines(pieces: Sequence[Piece]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    found = [piece for piece in pieces if isinstance(piece, Clash)]
    return (
        Counter(line.strip() for clash in found for line in clash.base),
        Counter(line.strip() for clash in found for line in clash.ours),
        Counter(line.strip() for clash in found for line in clash.theirs),
    )


@dataclass(slots=True)
class _Book:
    union: Union
    result: Result
    clashed: tuple[Counter[str], Counter[str], Counter[str]]
    decided: Mapping[str, str]
    ruled: Mapping[tuple[int, int, int], str]
    decisions: list[Decision] = field(default_factory=list)
    rows: list[LedgerRow] = field(default_factory=list)
    holes: list[Source] = field(default_factory=list)
    absorbed: dict[int, Mapping[Node, Node]] = field(default_factory=dict)

    def enter(self, record: Record) -> None:
        way = _way(record)
        here = self._place(record, way)
        path = path_of(record)
        rows = list(self._rows(record, way, here))
        if any(fate == "conflict" for _, fate, _ in rows):
            way = Way.CONFLICT
        by_rule = self.ruled.get(first_lines(record))
        rule = by_rule or self.decided.get(path, way.value)
        number = len(self.decisions)
        standing = 0 if rule in _DELETED else 2 if rule in _BY_THEIRS else 1
        members = tuple(sorted((source for source, _, _ in rows), key=lambda source: source.file != standing))
        action = Action.SUPERSEDE if by_rule else _ACTIONS.get(rule, Action.SET)
        self.decisions.append(Decision(number, path, rule, action, members))
        self.rows.extend(LedgerRow(source, fate, number, into) for source, fate, into in rows)

    def _place(self, record: Record, way: Way) -> Node | None:
        """Where the record stands in the result, taken once; what a side made of it is looked for first."""
        sides = (record.theirs, record.ours) if way in _BY_THEIRS else (record.ours, record.theirs)
        for version in (*sides, record.base):
            if version is not None and (places := self.result.found.get(_key(version))):
                return places.pop(0) if len(places) > 1 else places[0]
        return None

    def _rows(self, record: Record, way: Way, here: Node | None) -> Iterator[tuple[Source, Fate, int | None]]:
        for file, version in enumerate(record.versions):
            if version is not None:
                source = Source(file, version.line, version.kind, _text(version))
                yield source, *self._fate(record, file, version, way, here, source)

    def _fate(
        self, record: Record, file: int, version: Node, way: Way, here: Node | None, source: Source
    ) -> tuple[Fate, int | None]:
        if here is not None and _key(version) == _key(here):
            return Fate.KEPT, self.result.line(here)
        if first_lines(record) in self.ruled:
            return Fate.SUPERSEDED, None if here is None else self.result.line(here)
        clashed = self.clashed[file]
        if any(line.strip() and clashed[line.strip()] for line in text_of(version)):
            return Fate.CONFLICT, None
        if here is None and (here := self._absorber(file, version)) is not None:
            return Fate.MERGED, self.result.line(here)
        if here is not None and way not in _OWN[file]:
            return (Fate.MERGED if way is Way.CHANGED_BY_BOTH else Fate.SUPERSEDED), self.result.line(here)
        if way in _DELETED or path_of(record) in self.decided:
            return Fate.DROPPED, None
        line = self._line_by_line(record, version) if way is Way.CHANGED_BY_BOTH else None
        if line is None:
            self.holes.append(source)
            return Fate.DROPPED, None
        return Fate.MERGED, line

    def _line_by_line(self, record: Record, version: Node) -> int | None:
        """Line of the result where a unit is that was merged by lines; None unless all its own lines are there."""
        own = [line.strip() for line in text_of(version) if line.strip()]
        known = {line.strip() for line in text_of(record.base)} if record.base is not None else set()
        found = [self.result.places.get(line) for line in own]
        if any(place is None and line not in known for line, place in zip(own, found, strict=True)):
            return None
        return next((place for place in found if place is not None), None)

    def _absorber(self, file: int, version: Node) -> Node | None:
        """The unit of the result that took a unit up whose words changed."""
        if file not in self.absorbed:
            root = self.union.root.versions[file]
            assert root is not None
            self.absorbed[file] = pair_surely(root, self.result.tree).forward
        return self.absorbed[file].get(version)


def _text(node: Node) -> str:
    unit = node.unit
    return unit.text if unit is not None else node.name


def _way(record: Record) -> Way:
    base, ours, theirs = (None if node is None else _said(node) for node in record.versions)
    if base is None:
        both = ours is not None and theirs is not None
        return Way.ADDED_BY_BOTH if both else Way.ADDED_BY_OURS if ours else Way.ADDED_BY_THEIRS
    if ours is None or theirs is None:
        both = ours is theirs
        return Way.DELETED_BY_BOTH if both else Way.DELETED_BY_OURS if ours is None else Way.DELETED_BY_THEIRS
    if ours == theirs:
        return Way.UNCHANGED if ours == base else Way.SAME_CHANGE
    if ours == base or theirs == base:
        return Way.CHANGED_BY_THEIRS if ours == base else Way.CHANGED_BY_OURS
    return Way.CHANGED_BY_BOTH


def _said(node: Node) -> list[str]:
    own = split_mark(node.lines)[1] if isinstance(node.unit, Unit) and node.kind in PROSE else text_of(node)
    return [node.kind, *own]


def trivial(
    versions: Sequence[Node], winner: int, knowledge: Knowledge
) -> tuple[tuple[Decision, ...], tuple[LedgerRow, ...]]:
    """The ledger where one version is the result: what it has is kept, what only others have gave way to it."""
    rules = (Way.UNCHANGED, Way.CHANGED_BY_OURS, Way.CHANGED_BY_THEIRS)
    places: dict[str, list[int]] = defaultdict(list)
    for node in _accountable(versions[winner], knowledge):
        places[_key(node)].append(node.line)
    rows: list[LedgerRow] = []
    members: list[Source] = []
    for file, version in enumerate(versions):
        left = {key: list(lines) for key, lines in places.items()}
        for node in _accountable(version, knowledge):
            source = Source(file, node.line, node.kind, _text(node))
            lines = left.get(_key(node))
            rows.append(LedgerRow(source, Fate.KEPT if lines else Fate.SUPERSEDED, 0, lines.pop(0) if lines else None))
            members.append(source)
    action: Action = Action.KEEP if winner == 0 else Action.SUPERSEDE
    return (Decision(0, "", rules[winner].value, action, tuple(members)),), tuple(rows)


def _accountable(root: Node, knowledge: Knowledge) -> Iterator[Node]:
    return (node for node in walk(root) if _is_accountable(node, knowledge))


def _is_accountable(node: Node, knowledge: Knowledge) -> bool:
    """Whether a node has rows in the ledger: a field, a unit that says something, a heading that binds."""
    if node.kind == "section":
        return holds_guardrail(node.name, knowledge)
    return node.unit is not None and (node.kind == "field" or bool(node.name))


def unaccounted(trees: Sequence[Node], ledger: Sequence[LedgerRow], knowledge: Knowledge) -> list[Source]:
    """What forbids or demands something in a version and has no row in the ledger."""
    rows = {(row.source.file, row.source.line) for row in ledger}
    return [
        Source(file, node.line, node.kind, _text(node))
        for file, tree in enumerate(trees)
        for node in walk(tree)
        if (node.unit is not None or node.kind == "section") and (file, node.line) not in rows
        if holds_guardrail(_text(node), knowledge)
    ]
