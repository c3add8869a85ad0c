"""A merged text in, out what became of every unit, where its conflicts stand, and what a merge must not have done."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

from agentmerge.knowledge.signs import holds_guardrail
from agentmerge.knowledge.tables import Knowledge
from agentmerge.merging.fields import is_bound_anew, takes_back_and_grants
from agentmerge.merging.inputs import Inputs
from agentmerge.merging.lists import MAX_PAIRS, moved_things
from agentmerge.merging.nodes import ALIKE_HERE, PROSE, Node, Record, Union, bag, pair_surely, split_mark, text_of, walk
from agentmerge.merging.pieces import Clash, Piece, Settled, Style, bind_differently, clashes, likeness, marked, refined
from agentmerge.merging.structure import NAMED, first_lines, path_of, path_to
from agentmerge.model import Unit
from agentmerge.planning.records import Action, Decision, Fate, LedgerRow, Notice, Source
from agentmerge.proving.cases import Case, prove

# Accounting -----------------------------------------------------------------------------------------------------------
#
# The fate of every unit of base, ours and theirs, looked up in the result that was written.


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


# Checking -------------------------------------------------------------------------------------------------------------
#
# What a merge must not have done, looked up in its own result.


_DEFINES = re.compile(r"\[[^\]]+\]:\s")
"""The definition of a label, which stays where one side still uses it."""

_COUNTED = re.compile(r"\A\d{1,9}[.)] ")
"""The number of an item, which a merge may count anew."""


def faults(result: Node, versions: Sequence[Node], knowledge: Knowledge) -> list[str]:
    """Duplicate keys and sibling headings that no version has, and what binds otherwise than either side said."""
    found = [
        *_crossed_fields(result, versions, knowledge),
        *_crossed_units(result, versions, knowledge),
        *_strayed(result, versions),
    ]
    for count in (_keys, _titles):
        allowed: Counter[str] = Counter()
        for version in versions:
            allowed |= count(version)
        found += sorted(f"duplicate {name}" for name, n in count(result).items() if n > 1 and n > allowed[name])
    return found


def repeated(result: Node, versions: Sequence[Node]) -> list[str]:
    """Units that stand more often in the result than in any version: what each side moved to another place."""
    allowed: Counter[str] = Counter()
    for version in versions:
        allowed |= _units(version)
    return sorted(
        f"repeated unit '{name}'"
        for name, n in _units(result).items()
        if n > 1 and n > allowed[name] and len(name) >= MIN_REPEATED
    )


def returned(result: Node, versions: Sequence[Node], knowledge: Knowledge) -> list[str]:
    """Units of the base that a side deleted or reworded and that are still there: the other side moved them.

    And fields in which one side granted anew what the other one revoked.
    """
    base, ours, theirs = map(_units, versions)
    found = _units(result)
    units = (name for name in base if found[name] and not (ours[name] and theirs[name]))
    return [
        *sorted(f"unit '{name}' that one side took away" for name in units),
        *_revoked_and_granted(versions, knowledge),
    ]


def _revoked_and_granted(versions: Sequence[Node], knowledge: Knowledge) -> Iterator[str]:
    base, ours, theirs = map(_fields, versions)
    for key in base:
        if takes_back_and_grants(base[key], ours.get(key), theirs.get(key), knowledge):
            yield f"rights of '{key}' that one side took away"


def _strayed(result: Node, versions: Sequence[Node]) -> Iterator[str]:
    """Units under a condition of a template under which no side that has them put them."""
    if not any(node.shape == "template" for root in (result, *versions) for node in walk(root)):
        return
    ours, theirs = map(_conditions, versions[1:])
    for name, found in _conditions(result).items():
        allowed = ours.get(name, set()) | theirs.get(name, set())
        if allowed and not found <= allowed:
            yield f"unit '{name}' under another condition"


def _conditions(root: Node) -> dict[str, set[tuple[str, ...]]]:
    """Under which conditions each unit stands."""
    found: dict[str, set[tuple[str, ...]]] = {}
    pending: list[tuple[Node, tuple[str, ...]]] = [(root, ())]
    while pending:
        node, above = pending.pop()
        if node.kind in PROSE and node.name:
            found.setdefault(node.name, set()).add(above)
        inner = (*above, " ".join(node.name.split())) if node.shape == "template" else above
        pending += [(child, inner) for child in node.children]
    return found


def _crossed_fields(result: Node, versions: Sequence[Node], knowledge: Knowledge) -> Iterator[str]:
    """Fields that are in no version, made of changes of both sides."""
    base, ours, theirs = map(_fields, versions)
    for key, node in _fields(result).items():
        first, second, third = (version.get(key) for version in (base, ours, theirs))
        if any(one is not None and text_of(one) == text_of(node) for one in (first, second, third)):
            continue
        if takes_back_and_grants(first, second, third, knowledge):
            yield f"rights of '{key}' that one side took away"
        elif is_bound_anew(first, second, third, knowledge):
            yield f"'{key}' in which one side changed what binds"


def _fields(root: Node) -> dict[str, Node]:
    return {node.name: node for node in walk(root) if node.kind == "field"}


def _crossed_units(result: Node, versions: Sequence[Node], knowledge: Knowledge) -> Iterator[str]:
    """Units that are in no version, made of changes of both sides."""
    known = [[node for node in walk(version) if node.kind in PROSE] for version in versions]
    names = {node.name for nodes in known for node in nodes}
    for node in walk(result):
        if node.kind in PROSE and node.name not in names:
            first, second, third = (_most_alike(node, nodes) for nodes in known)
            if not (first and second and third):
                continue
            if bind_differently(first.lines, second.lines, third.lines, knowledge):
                yield f"unit '{node.name}' in which one side changed what binds"


def _most_alike(unit: Node, nodes: Sequence[Node]) -> Node | None:
    ranked = ((likeness(bag(unit), bag(node), ALIKE_HERE), -n) for n, node in enumerate(nodes))
    best = max(ranked, default=(0.0, 0))
    return nodes[-best[1]] if best[0] >= ALIKE_HERE else None


def uncalled(result: Sequence[str], versions: Sequence[Sequence[str]]) -> list[str]:
    """Lines that stand more often in the result than the changes of both sides account for."""
    base, ours, theirs = map(_lines, versions)
    return sorted(
        f"line '{line}' that no side asked for"
        for line, n in _lines(result).items()
        if n > max(ours[line] + theirs[line] - base[line], min(ours[line], theirs[line]))
        and (ours[line] or theirs[line])
        and len(line) >= MIN_REPEATED
        and not (_DEFINES.match(line) and n <= max(ours[line], theirs[line]))
    )


def _lines(lines: Sequence[str]) -> Counter[str]:
    return Counter(_COUNTED.sub("", " ".join(line.split())) for line in lines)


def unmoved(result: Sequence[str], versions: Sequence[Sequence[str]]) -> list[str]:
    """Pairs of lines that a side put in another order and that do not stand in it, or the sign that it can't be told.

    Only lines that stand once in the result and in each version are looked at, list marks and numbers aside. One
    finding is enough.
    """
    found, base, ours, theirs = ([_bare(line) for line in lines] for lines in (result, *versions))
    once = _once(base) & _once(ours) & _once(theirs) & _once(found)
    old, mine, other, now = ([line for line in lines if line in once] for lines in (base, ours, theirs, found))
    if (mine == old and now == other) or (now == mine and other in (old, mine)):
        return []
    moved = moved_things(old, mine) | moved_things(old, other)
    if len(moved) * len(old) > MAX_PAIRS:
        return ["both sides moved more than can be looked at"]
    pair = next(_lost_inversions(old, [mine, other], now, moved), None)
    return [] if pair is None else [f"one side put '{pair[1]}' before '{pair[0]}', the result does not"]


def _lost_inversions(
    base: Sequence[str], sides: Sequence[Sequence[str]], result: Sequence[str], moved: set[str]
) -> Iterator[tuple[str, str]]:
    """Pairs, as the base has them, that a side inverted and the result did not."""
    left, right, now = ({line: n for n, line in enumerate(lines)} for lines in (*sides, result))
    for n in (n for n, line in enumerate(base) if line in moved):
        for x, y in [*((line, base[n]) for line in base[:n]), *((base[n], line) for line in base[n + 1 :])]:
            if now[x] < now[y] and (left[x] > left[y] or right[x] > right[y]):
                yield x, y


def _bare(line: str) -> str:
    return " ".join(split_mark([line])[1][0].lstrip("#").split())


def _once(lines: Sequence[str]) -> set[str]:
    return {line for line, n in Counter(lines).items() if n == 1 and line}


def _units(root: Node) -> Counter[str]:
    kinds = {*PROSE, "section"}
    return Counter(node.name for node in walk(root) if node.kind in kinds)


MIN_REPEATED = 12
"""Characters from which equal units are one thing said twice."""


def _keys(root: Node) -> Counter[str]:
    return Counter(f"key '{_path(node)}'" for node in walk(root) if node.kind in ("field", "entry"))


def _titles(root: Node) -> Counter[str]:
    return Counter(f"section '{_path(node)}'" for node in walk(root) if node.kind == "section")


def _path(node: Node) -> str:
    names = []
    at: Node | None = node
    while at is not None and at.parent is not None:
        names.append(at.name)
        at = at.parent
    return " / ".join(reversed(names))


# Places ---------------------------------------------------------------------------------------------------------------
#
# Where a conflict of the line merge stands, and what it is about.


class Places:
    """The nodes of three versions by their lines."""

    def __init__(self, trees: Sequence[Node]) -> None:
        self._nodes = [list(walk(tree)) for tree in trees]
        self._starts = [[node.line for node in nodes] for nodes in self._nodes]

    def located(self, piece: Piece) -> Piece:
        """A conflict with its path and what it is about."""
        if isinstance(piece, Settled) or piece.path or piece.slot:
            return piece
        file, first, last = _span(piece)
        node = _common(self._at(file, first), self._at(file, last))
        what = "" if node.kind in NAMED or node.kind == "root" else f"{node.label}: "
        if node.kind in ("section", "root") and first != last:
            what = "several units: "
        return replace(piece, path=path_to(node), slot=what + why(piece))

    def _at(self, file: int, line: int) -> Node:
        return self._nodes[file][bisect_right(self._starts[file], line) - 1]


def why(clash: Clash) -> str:
    """What the sides did to the lines in conflict."""
    if not clash.base:
        return "added by both sides"
    if not clash.ours:
        return "deleted by ours, changed by theirs"
    return "changed by both sides" if clash.theirs else "deleted by theirs, changed by ours"


def _span(clash: Clash) -> tuple[int, int, int]:
    """A version that has lines in the conflict, with the first and the last one that is not blank."""
    versions = (clash.base, clash.ours, clash.theirs)
    file = next((n for n in (1, 2, 0) if any(line.strip() for line in versions[n])), 1)
    visible = [n for n, line in enumerate(versions[file]) if line.strip()] or [0]
    return file, clash.at[file] + visible[0], clash.at[file] + visible[-1]


def _common(one: Node, other: Node) -> Node:
    """The smallest node that holds both."""
    above = set(_upwards(one))
    return next(node for node in _upwards(other) if node in above)


def _upwards(node: Node) -> Iterator[Node]:
    at: Node | None = node
    while at is not None:
        yield at
        at = at.parent


# Proof ----------------------------------------------------------------------------------------------------------------
#
# What was true of every version is true of the merged text, whichever side a person takes in its conflicts.


Side = Literal["ours", "theirs"]


def findings(pieces: Sequence[Piece], inputs: Inputs, style: Style, ledger: Sequence[LedgerRow]) -> tuple[Notice, ...]:
    """A finding, with lines of the written text, for each thing that its versions had and that it has not."""
    sides: tuple[Side, ...] = ("ours", "theirs") if clashes(pieces) else ("ours",)
    found = (notice for side in sides for notice in _of_side(pieces, inputs, style, ledger, side))
    return tuple({(notice.rule, notice.message): notice for notice in found}.values())


def _of_side(
    pieces: Sequence[Piece], inputs: Inputs, style: Style, ledger: Sequence[LedgerRow], side: Side
) -> tuple[Notice, ...]:
    rows = list(_proof_lines(pieces, style, side))
    name = inputs.read[1].filename
    case = Case(
        inputs.result([line for line, _ in rows]),
        tuple(inputs.read),
        inputs.knowledge,
        ledger,
        are_versions=True,
        numbers=[number for _, number in rows],
        paths=(name,) if name else (),
    )
    return prove(case)


def _proof_lines(pieces: Sequence[Piece], style: Style, side: Side) -> Iterator[tuple[str, int]]:
    """The lines of the text with one side of each conflict, and the line that each has in the written text."""
    at = 1
    for part in (part for piece in pieces for part in refined(piece, style.conflict_style)):
        if isinstance(part, Settled):
            yield from ((line, at + n) for n, line in enumerate(part.lines))
            at += len(part.lines)
            continue
        size = len(marked(part, style))
        if side == "ours":
            yield from ((line, at + 1 + n) for n, line in enumerate(part.ours))
        else:
            start = at + size - 1 - len(part.theirs)
            yield from ((line, start + n) for n, line in enumerate(part.theirs))
        at += size
