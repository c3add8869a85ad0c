"""The nodes of three versions as one list of records, each with its place in the merged tree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from agentmerge.merging.limits import UnresolvableError
from agentmerge.merging.nodes import PROSE, Node, walk
from agentmerge.merging.pairing import Pairing
from agentmerge.model import LAYOUT


@dataclass(slots=True, eq=False)
class Record:
    """One thing, in up to three versions; compared by identity."""

    base: Node | None
    ours: Node | None
    theirs: Node | None
    parent: Record | None = None
    """Where it stands in the result."""
    members: list[Record] = field(default_factory=list)
    """Records that stand below it in the result, in no order yet."""
    torn: str = ""
    """Why it is in conflict, whatever its text: one side of what both sides moved, or what can't stand beside another
    thing."""
    origin: Node | None = None
    """Of the first of these two sides: what the base had."""

    @property
    def versions(self) -> tuple[Node | None, Node | None, Node | None]:
        return self.base, self.ours, self.theirs

    @property
    def node(self) -> Node:
        """Any version of it, ours first."""
        node = self.ours or self.theirs or self.base
        assert node is not None
        return node

    @property
    def kind(self) -> str:
        return self.node.kind


@dataclass(slots=True)
class Union:
    """All records of a merge."""

    root: Record
    records: list[Record]
    of: dict[Node, Record]
    places: dict[Node, int]
    """Place of each node in the order of its own file."""


def unite(roots: Sequence[Node], ours: Pairing, theirs: Pairing) -> Union:
    """Join three trees: `roots` are those of base, ours and theirs, the pairings lead from the base to the sides.

    What stands where in the result is decided by `place`.
    """
    base, mine, other = roots
    union = Union(Record(base, mine, other), [], {}, {})
    for root in roots:
        union.places.update({node: number for number, node in enumerate(walk(root))})
    for node in walk(base):
        _add(union, Record(node, ours.forward.get(node), theirs.forward.get(node)))
    for node in walk(mine):
        if node not in union.of:
            _add(union, Record(None, node, None))
    for node in walk(other):
        if node not in union.of:
            _add(union, Record(None, None, node))
    union.root = union.of[base]
    _unify_additions(union, mine)
    return union


def _add(union: Union, record: Record) -> None:
    union.records.append(record)
    for node in record.versions:
        if node is not None:
            union.of[node] = record


# What both sides added at one place is one thing where it says the same, or bears the same name.


def _unify_additions(union: Union, ours: Node) -> None:
    for node in walk(ours):
        record = union.of[node]
        if record.ours is not None and record.theirs is not None:
            mine = [child for child in record.ours.children if _is_addition(union.of[child])]
            other = [child for child in record.theirs.children if _is_addition(union.of[child])]
            for one, two in _same_additions(mine, other):
                _join(union, union.of[one], union.of[two])


def _is_addition(record: Record) -> bool:
    return record.base is None and (record.ours is None or record.theirs is None)


def _same_additions(mine: Sequence[Node], other: Sequence[Node]) -> Iterator[tuple[Node, Node]]:
    """Additions that say the same, then those of one name: the first with the first, whichever side is ours."""
    taken: set[Node] = set()
    for key in (_whole, addition_name):
        free = _occurrences((node for node in other if node not in taken), key)
        for name, one in _occurrences((node for node in mine if node not in taken), key).items():
            if name in free:
                taken.update((one, free[name]))
                yield one, free[name]


def _occurrences(nodes: Iterable[Node], key: Callable[[Node], str]) -> dict[tuple[str, int], Node]:
    """Nodes by their key and by how often it stood before."""
    seen: Counter[str] = Counter()
    found: dict[tuple[str, int], Node] = {}
    for node in nodes:
        if name := key(node):
            found[name, seen[name]] = node
            seen[name] += 1
    return found


def _whole(node: Node) -> str:
    return f"{node.kind}\n{node.name}" if node.kind not in ("section", *LAYOUT) else ""


def addition_name(node: Node) -> str:
    """What must not stand twice at one place: a key, a title, an item's bold start."""
    if node.kind in ("field", "entry", "section", "frontmatter", "fence"):
        return f"{node.kind}\n{' '.join(node.name.lower().split())}"
    lead = getattr(node.unit, "lead", "")
    return f"item\n{lead.lower()}" if lead and node.kind in PROSE else ""


def _join(union: Union, one: Record, two: Record) -> None:
    assert two.theirs is not None
    one.theirs = two.theirs
    union.of[two.theirs] = one
    union.records.remove(two)


# Where each record stands in the result


def place(union: Union) -> None:
    """Give each record its parent in the result; what both sides moved, to different places, stands at both.

    Raises UnresolvableError where each side moved one section into the other.
    """
    for record in union.records:
        if record is not union.root:
            record.parent = _parent(union, record)
    for record in union.records:
        record.parent = _follow(union, record) or record.parent
    for record in union.records:
        _refuse_circle(record)
        if record.parent is not None:
            record.parent.members.append(record)
    for record in union.records:
        if record.parent is None and record is not union.root:
            _tear(union, record)


def _tear(union: Union, record: Record) -> None:
    for half, node in zip(torn_apart(record), (record.ours, record.theirs), strict=True):
        half.parent = parent_in(union, node)
        if half.parent is None:
            raise UnresolvableError("both sides moved a unit, to different places")
        half.parent.members.append(half)


def torn_apart(record: Record) -> tuple[Record, Record]:
    """What each side has of a thing that both moved. Raises UnresolvableError where something left it or came in."""
    inside = {node for version in record.versions if version is not None for node in walk(version)}
    if any(node is not None and node not in inside for member in below(record) for node in member.versions):
        raise UnresolvableError("what both sides moved was filled from elsewhere")
    return (
        Record(None, record.ours, None, record.parent, [], "moved here by ours, elsewhere by theirs", record.base),
        Record(None, None, record.theirs, record.parent, [], "moved here by theirs, elsewhere by ours"),
    )


def below(record: Record) -> Iterator[Record]:
    """All records that stand below one in the result."""
    for member in record.members:
        yield member
        yield from below(member)


def parent_in(union: Union, node: Node | None) -> Record | None:
    """The record that a version's node stands in, in that version."""
    return union.of[node.parent] if node is not None and node.parent is not None else None


def _parent(union: Union, record: Record) -> Record | None:
    """Where a record stands in the result; None where each side put it elsewhere."""
    base, ours, theirs = (parent_in(union, node) for node in record.versions)
    if record.ours is None or record.theirs is None:
        return ours or theirs or base
    if ours is theirs or theirs is base:
        return ours
    return theirs if ours is base else None


def _follow(union: Union, record: Record) -> Record | None:
    """What one side added goes with its neighbours, where the other side moved them into another section."""
    if record.base is not None or record.kind == "section" or (record.ours and record.theirs):
        return None
    siblings = record.node.parent.children if record.node.parent is not None else []
    at = siblings.index(record.node)
    before = next((union.of[node] for node in siblings[at - 1 :: -1] if union.of[node].base), None) if at else None
    after = next((union.of[node] for node in siblings[at + 1 :] if union.of[node].base), None)
    homes = dict.fromkeys(each.parent for each in (before, after) if each is not None and each.kind != "section")
    return next(iter(homes)) if len(homes) == 1 and before is not None else None


def _refuse_circle(record: Record) -> None:
    seen = {record}
    at = record.parent
    while at is not None:
        if at in seen:
            raise UnresolvableError("each side moved one section into the other")
        seen.add(at)
        at = at.parent
