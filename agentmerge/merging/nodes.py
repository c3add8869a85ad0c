"""Three definitions in, one list of their nodes out: trees of visible lines, paired, each with its place."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agentmerge.errors import InternalError
from agentmerge.merging.pieces import likeness, words_of
from agentmerge.model import LAYOUT, VERBATIM, Definition, Field, Frontmatter, Section, Unit
from agentmerge.text.sequences import common

# Limits ---------------------------------------------------------------------------------------------------------------
#
# What a merge by structure may cost, in counted work rather than in time: a result must not depend on the machine.


MAX_LINES = 4_000
"""Lines of a file above which only lines are merged; the longest definitions that we know have 3,400."""

MAX_COMPARISONS = 20_000
"""Comparisons of two nodes by their words, for one pair of files."""


class UnresolvableError(Exception):
    """The three trees contradict each other in a way that has no place for a small conflict, or cost too much."""


# Nodes ----------------------------------------------------------------------------------------------------------------
#
# A definition as a tree in which every visible line belongs to one node; blank lines are gaps between nodes.


CONTAINERS = frozenset({"root", "section", "frontmatter", "field", "entry"})
PROSE = frozenset({"item", "task", "paragraph", "quote"})

_LITERAL = frozenset({"code", "table"}) | LAYOUT | VERBATIM
_ENTRY = re.compile(r"""[ ]*(?:"[^"]+"|'[^']+'|[^\s#:'"\-\[{&*!|>%@`][^:]*|-[^\s:][^:]*):(?:[ ]|\Z)""")
_MARK = re.compile(r"(?P<mark>[ \t]*(?:[-*+•]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?)?")


@dataclass(slots=True, eq=False)
class Node:
    """One node of one version; compared by identity."""

    kind: str
    """A unit's kind, or root, section, frontmatter, field, entry (key of a map), element (member of a list), fence."""
    lines: list[str]
    """Its own lines, children's lines left out."""
    name: str = ""
    """What it is recognised by: a key, a title, or its words."""
    line: int = 1
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    gap: list[str] = field(default_factory=list)
    """Blank lines between its own lines and the next visible line."""
    unit: Unit | Field | None = None
    """What the reader made of it."""
    shape: str = ""
    """Of a field: scalar, prose, set, list, map. Of a section: how it is opened."""
    words: Counter[str] | None = None
    """Its words for comparison, once somebody asked for them."""

    @property
    def label(self) -> str:
        """How messages name a unit."""
        if isinstance(self.unit, Unit) and self.unit.ordinal is not None:
            return f"step {self.unit.ordinal}"
        return self.kind


def build(definition: Definition, shapes: Mapping[str, str]) -> Node:
    """The tree of a definition with LF line endings; `shapes` gives the shape of known fields.

    Raises InternalError where the tree does not hold every line of the text.
    """
    lines = definition.text.split("\n")
    root = Node("root", [], line=0)
    _fill(root, definition.root.body)
    if definition.frontmatter is not None:
        _insert_frontmatter(definition.frontmatter, lines, shapes, root)
    _spread_gaps(root, lines)
    return root


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, in the order of the file."""
    yield node
    for child in node.children:
        yield from walk(child)


def text_of(node: Node) -> list[str]:
    """The lines of the node and all below it, without the gap after the last."""
    nodes = list(walk(node))
    lines = [line for each in nodes[:-1] for line in (*each.lines, *each.gap)]
    return [*lines, *nodes[-1].lines]


def split_mark(lines: Sequence[str]) -> tuple[str, list[str]]:
    """The list mark of an item, with its indentation and task box, and the lines without it."""
    if not lines:
        return "", []
    match = _MARK.match(lines[0])
    mark = (match["mark"] or "") if match else ""
    return mark, [lines[0][len(mark) :], *lines[1:]]


def _insert_frontmatter(front: Frontmatter, lines: Sequence[str], shapes: Mapping[str, str], root: Node) -> None:
    """Put the frontmatter among the children of the root, and a field that stands below it under its heading."""
    top = Node("frontmatter", [lines[front.line - 1]], "---", front.line, root)
    below = [item for item in front.fields if item.start >= front.end]
    for item in front.fields[: len(front.fields) - len(below)]:
        top.children.append(_field(item, lines, shapes, top, is_plain=front.valid))
    if front.is_closed:
        top.children.append(Node("fence", [lines[front.end - 2]], "---", front.end - 1, top))
    root.children.insert(sum(child.line < front.line for child in root.children), top)
    for item in below:
        home = max((node for node in walk(root) if node.kind == "section" and node.line < item.start), key=_line)
        place = sum(child.line < item.start for child in home.children)
        home.children.insert(place, _field(item, lines, shapes, home, is_plain=False))


def _line(node: Node) -> int:
    return node.line


def _field(item: Field, lines: Sequence[str], shapes: Mapping[str, str], parent: Node, *, is_plain: bool) -> Node:
    own = list(lines[item.start - 1 : item.end - 1])
    while own and not own[-1].strip():
        own.pop()
    shape = shapes.get(item.key, "map" if isinstance(item.value, Mapping) else "scalar")
    node = Node("field", own, item.key, item.start, parent, unit=item, shape=shape)
    if is_plain and item.style == "block" and item.start == item.line:
        _split_entries(node, item.start)
    return node


def _split_entries(node: Node, line: int) -> None:
    """Make the keys or members of a block value nodes of their own, where the layout is plain enough."""
    chunks = _chunks(node.lines[1:])
    if chunks is None or node.lines[0].rstrip()[-1:] != ":":
        return
    node.lines, at = node.lines[:1], line + 1
    for chunk in chunks:
        is_element = chunk[0].lstrip().startswith("-")
        name = " ".join(chunk[0].split()) if is_element else chunk[0].split(":")[0].strip().strip("'\"")
        child = Node("element" if is_element else "entry", chunk, name, at, node, shape="scalar")
        if is_element:
            child.name = "\n".join(text.strip() for text in chunk)
        elif len(chunk) > 1:
            _split_entries(child, at)
        node.children.append(child)
        at += len(chunk)


def _chunks(lines: Sequence[str]) -> list[list[str]] | None:
    """Lines of a block value, one list per key or member; None where that can't be told by layout alone."""
    if not lines or any(not line.strip() or line.lstrip().startswith("#") or "\t" in line for line in lines):
        return None
    indent = len(lines[0]) - len(lines[0].lstrip())
    is_list = lines[0].lstrip().startswith("- ")
    chunks: list[list[str]] = []
    for line in lines:
        deep = len(line) - len(line.lstrip())
        if deep == indent:
            if not (line.lstrip().startswith("- ") if is_list else _ENTRY.match(line)):
                return None
            chunks.append([line])
        elif deep > indent and chunks:
            chunks[-1].append(line)
        else:
            return None
    names = [chunk[0].split(":")[0].strip() for chunk in chunks]
    return chunks if is_list or len(set(names)) == len(names) else None


def _fill(parent: Node, body: Sequence[Unit | Section]) -> None:
    for item in body:
        own = item.source.split("\n")
        if own and not own[-1]:
            own.pop()
        if isinstance(item, Section):
            node = Node("section", own, item.title, item.line, parent, shape=item.style)
            _fill(node, item.body)
        else:
            node = Node(item.kind, own, _words(item, own), item.line, parent, unit=item)
            _fill(node, item.children)
        parent.children.append(node)


def _words(unit: Unit, lines: Sequence[str]) -> str:
    """What a unit says, for comparison: its content without list mark, task box and indentation."""
    if unit.kind in _LITERAL:
        return "\n".join(line.strip() for line in lines)
    return " ".join(" ".join(split_mark(lines)[1]).split())


def _spread_gaps(root: Node, lines: Sequence[str]) -> None:
    """Give every blank line to the node before it; a visible line without a node is an error of ours."""
    end = len(lines) - 1 if lines and not lines[-1] else len(lines)
    nodes = list(walk(root))
    for node, following in zip(nodes, [*nodes[1:], None], strict=True):
        start = node.line - 1 + len(node.lines) if node is not root else 0
        stop = following.line - 1 if following is not None else end
        node.gap = list(lines[start:stop])
        if (
            start > stop
            or any(line.strip() for line in node.gap)
            or node.lines != lines[start - len(node.lines) : start]
        ):
            raise InternalError("the section tree does not hold every line", line=start + 1)


# Pairing --------------------------------------------------------------------------------------------------------------
#
# Which node of the base is which node of a side: sections first, then units inside them, then what was moved.
#
# From sure to loose, as in GumTree (Falleri et al. 2014) and nbdime's levels: equal words at the same place, equal
# words elsewhere, alike at the same place, alike elsewhere. Nobody edits everything at once, so what stays
# unmatched on both sides of one spot, alone, is taken for a rewritten unit.


ALIKE_HERE = 0.5
"""Share of common words from which two units of one section are the same unit, edited."""
ALIKE_ELSEWHERE = 0.72
"""The same for units of different sections."""
ALIKE_SECTION = 0.5
"""Share of common lines from which two sections of different titles are one that was renamed."""
ALIKE_LONELY_SECTION = 0.2
"""The same for two sections that are the only ones without a partner at their place."""
MOVABLE_WORDS = 3
"""Words below which equal text in another section is chance."""


@dataclass(slots=True)
class Pairing:
    """Partners of the nodes of one version in another, both ways."""

    forward: dict[Node, Node] = field(default_factory=dict)
    back: dict[Node, Node] = field(default_factory=dict)
    loose: bool = True
    """Whether what is only alike is matched too."""
    comparisons: int = 0

    def link(self, base: Node, side: Node) -> None:
        self.forward[base] = side
        self.back[side] = base

    def free(self, base: Iterable[Node], side: Iterable[Node]) -> tuple[list[Node], list[Node]]:
        """The nodes that have no partner yet."""
        return [node for node in base if node not in self.forward], [node for node in side if node not in self.back]


def pair(base: Node, side: Node, *, loose: bool = True) -> Pairing:
    """Match the nodes of the base with those of one side, one to one; without `loose` only what says the same.

    Raises UnresolvableError where matching what is alike takes too many comparisons.
    """
    pairing = Pairing(loose=loose)
    pairing.link(base, side)
    _pair_sections(pairing, base, side)
    # What says the same is sure wherever it stands; only then is one thing taken for another that is like it.
    _descend(pairing, base, side, _pair_same)
    _link_unique(pairing, *_movable(pairing, base, side), _exactly)
    _descend(pairing, base, side, _pair_children)
    _pair_elsewhere(pairing, base, side)
    return pairing


def pair_surely(base: Node, side: Node) -> Pairing:
    """The same, without what is only alike where that takes too many comparisons."""
    try:
        return pair(base, side)
    except UnresolvableError:
        return pair(base, side, loose=False)


# Sections


def _pair_sections(pairing: Pairing, base: Node, side: Node) -> None:
    left, right = _sections(base), _sections(side)
    for key in (_full_path, _title):
        _link_unique(pairing, left, right, key)
    _link_alike_sections(pairing, *pairing.free(left, right))
    for one in (base, *left):
        other = pairing.forward.get(one)
        if other is not None:
            _link_lonely_section(pairing, one, other)


def _sections(root: Node) -> list[Node]:
    return [node for node in walk(root) if node.kind == "section"]


def _full_path(node: Node) -> str:
    names = []
    at: Node | None = node
    while at is not None and at.kind == "section":
        names.append(" ".join(at.name.lower().split()))
        at = at.parent
    return "\n".join(names)


def _title(node: Node) -> str:
    return " ".join(node.name.lower().split())


def _link_unique(pairing: Pairing, left: Iterable[Node], right: Iterable[Node], key: Callable[[Node], str]) -> None:
    """Link nodes whose key occurs equally often on both sides, in order."""
    free_left, free_right = pairing.free(left, right)
    theirs = _grouped(free_right, key)
    for name, mine in _grouped(free_left, key).items():
        others = theirs.get(name, [])
        if name and len(mine) == len(others):
            for one, other in zip(mine, others, strict=True):
                pairing.link(one, other)


def _grouped(nodes: Iterable[Node], key: Callable[[Node], str]) -> dict[str, list[Node]]:
    groups: dict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        groups[key(node)].append(node)
    return groups


def _link_alike_sections(pairing: Pairing, left: Sequence[Node], right: Sequence[Node]) -> None:
    _link_best(pairing, left, right, _section_likeness, lambda _one, _other: ALIKE_SECTION)


def _section_likeness(one: Node, other: Node) -> float:
    left, right = _held(one), _held(other)
    return likeness(left, right, ALIKE_LONELY_SECTION) if left and right else 0.0


def _held(section: Node) -> Counter[str]:
    """What stands in a section, read once."""
    if section.words is None:
        section.words = Counter(node.name for node in walk(section) if node is not section)
    return section.words


def _link_lonely_section(pairing: Pairing, base: Node, side: Node) -> None:
    """Link the one unmatched section between two matched neighbours, where it still holds some of what it held."""
    left = [node for node in base.children if node.kind == "section"]
    right = [node for node in side.children if node.kind == "section"]
    for one, other in list(_lonely(pairing, left, right)):
        if _section_likeness(one, other) >= ALIKE_LONELY_SECTION:
            pairing.link(one, other)


# Units inside a pair of containers


def _descend(pairing: Pairing, base: Node, side: Node, match: Callable[[Pairing, Node, Node], None]) -> None:
    """Match the children of every linked pair, parents before children."""
    match(pairing, base, side)
    inside = _pair_where_headings_changed(pairing, base, side)
    for child in (*base.children, *inside):
        partner = pairing.forward.get(child)
        if partner is not None:
            _descend(pairing, child, partner, match)


def _pair_where_headings_changed(pairing: Pairing, base: Node, side: Node) -> list[Node]:
    """Match units that say the same where a heading came or went above them; those of the base are returned."""
    gone, come = list(_open_units(base, pairing.forward)), list(_open_units(side, pairing.back))
    if gone or come:
        own, other = (node.children for node in (base, side))
        for left, right in ((gone, other), (own, come), (gone, come)):
            units = [[unit for unit in units if unit.kind != "section"] for units in (left, right)]
            _link_in_order(pairing, *units)
    return gone


def _open_units(node: Node, partners: Mapping[Node, Node]) -> Iterator[Node]:
    """Units of the sections in a container that have no partner."""
    for child in node.children:
        if child.kind == "section" and child not in partners:
            yield from (unit for unit in child.children if unit.kind != "section")
            yield from _open_units(child, partners)


def _pair_same(pairing: Pairing, base: Node, side: Node) -> None:
    left, right = _own_units(base), _own_units(side)
    _link_in_order(pairing, left, right)
    _link_unique(pairing, left, right, _exactly)
    _link_across_levels(pairing, *pairing.free(left, right))


def _own_units(node: Node) -> list[Node]:
    return [child for child in node.children if child.kind != "section"]


def _pair_children(pairing: Pairing, base: Node, side: Node) -> None:
    left, right = pairing.free(_own_units(base), _own_units(side))
    if not left or not right:
        return
    _pair_same(pairing, base, side)
    left, right = _own_units(base), _own_units(side)
    _link_unique(pairing, left, right, _by_name)
    _link_best(pairing, *pairing.free(left, right), _unit_likeness, lambda _one, _other: ALIKE_HERE)
    _link_lonely(pairing, left, right)


def _link_across_levels(pairing: Pairing, left: Sequence[Node], right: Sequence[Node]) -> None:
    """Match what says the same a level higher or lower: the item above it came or went."""
    for ours, theirs in ((_inside(left), right), (left, _inside(right))):
        if ours and theirs:
            _link_in_order(pairing, ours, theirs)


def _inside(units: Sequence[Node]) -> list[Node]:
    return [node for unit in units for node in walk(unit) if node is not unit and node.kind not in _KEYED]


def _exactly(node: Node) -> str:
    is_step = isinstance(node.unit, Unit) and node.unit.ordinal is not None
    return f"{_family(node)}{'.' if is_step else ''}\n{node.name}"


def _by_name(node: Node) -> str:
    """What names a unit even when its text changed: a key, or an item's bold start."""
    if node.kind in ("field", "entry", "frontmatter", "fence"):
        return f"{node.kind}\n{node.name}"
    lead = getattr(node.unit, "lead", "")
    return f"{_family(node)}\n{lead.lower()}" if lead and node.kind in PROSE else ""


def _family(node: Node) -> str:
    return {"task": "item"}.get(node.kind, node.kind)


def _link_in_order(pairing: Pairing, left: Sequence[Node], right: Sequence[Node]) -> None:
    free_left, free_right = pairing.free(left, right)
    for x, y in common([_exactly(node) for node in free_left], [_exactly(node) for node in free_right]):
        pairing.link(free_left[x], free_right[y])


def _unit_likeness(one: Node, other: Node) -> float:
    if _family(one) != _family(other) or one.kind in _UNLIKE:
        return 0.0
    return likeness(bag(one), bag(other), ALIKE_HERE)


_UNLIKE = frozenset({"field", "entry", "element", "fence", "rule", "close"})
_BY_LINES = frozenset({"code", "table", *VERBATIM})


def bag(node: Node) -> Counter[str]:
    """The words of a node, or the lines of code, read once."""
    if node.words is None:
        node.words = Counter(node.lines if node.kind in _BY_LINES else words_of(node.name))
    return node.words


def _link_best(
    pairing: Pairing,
    left: Sequence[Node],
    right: Sequence[Node],
    score: Callable[[Node, Node], float],
    floor: Callable[[Node, Node], float],
) -> None:
    """Link the most alike first; among equals the ones that stand most alike in their order."""
    if not pairing.loose:
        return
    pairing.comparisons += len(left) * len(right)
    if pairing.comparisons > MAX_COMPARISONS:
        raise UnresolvableError(f"matching takes more than {MAX_COMPARISONS} comparisons")
    found = []
    for x, one in enumerate(left):
        for y, other in enumerate(right):
            value = score(one, other)
            if value >= floor(one, other):
                found.append((-value, abs(x - y), x, y))
    for _, _, x, y in sorted(found):
        if left[x] not in pairing.forward and right[y] not in pairing.back:
            pairing.link(left[x], right[y])


def _link_lonely(pairing: Pairing, left: Sequence[Node], right: Sequence[Node]) -> None:
    for one, other in list(_lonely(pairing, left, right)):
        if _family(one) == _family(other) and one.kind not in _KEYED:
            pairing.link(one, other)


def _lonely(pairing: Pairing, left: Sequence[Node], right: Sequence[Node]) -> Iterator[tuple[Node, Node]]:
    """The one unmatched node between two matched neighbours with the one that stands there on the other side."""
    spots: dict[tuple[Node | None, Node | None], list[Node]] = defaultdict(list)
    for before, node, after in _unmatched(right, pairing.back):
        spots[pairing.back.get(before) if before else None, pairing.back.get(after) if after else None].append(node)
    lonely: dict[tuple[Node | None, Node | None], list[Node]] = defaultdict(list)
    for before, node, after in _unmatched(left, pairing.forward):
        lonely[before, after].append(node)
    for spot, mine in lonely.items():
        others = spots.get(spot, [])
        if len(mine) == len(others) == 1:
            yield mine[0], others[0]


_KEYED = frozenset({"field", "entry", "element", "frontmatter", "fence"})


def _unmatched(nodes: Sequence[Node], partners: dict[Node, Node]) -> Iterator[tuple[Node | None, Node, Node | None]]:
    """Nodes without partner, each with the nearest neighbours that have one."""
    after: list[Node | None] = [None] * len(nodes)
    following: Node | None = None
    for number in range(len(nodes) - 1, -1, -1):
        after[number] = following
        following = nodes[number] if nodes[number] in partners else following
    before: Node | None = None
    for number, node in enumerate(nodes):
        if node in partners:
            before = node
        else:
            yield before, node, after[number]


# Units that went to another section


def _pair_elsewhere(pairing: Pairing, base: Node, side: Node) -> None:
    left, right = _movable(pairing, base, side)
    _link_unique(pairing, left, right, _exactly)
    _link_best(pairing, *pairing.free(left, right), _unit_likeness, lambda _one, _other: ALIKE_ELSEWHERE)
    for node in left:
        partner = pairing.forward.get(node)
        if partner is not None:
            _descend(pairing, node, partner, _pair_children)


def _movable(pairing: Pairing, base: Node, side: Node) -> tuple[list[Node], list[Node]]:
    """Units without partner that say enough to be known again anywhere."""
    left, right = pairing.free(_units(base), _units(side))
    return [node for node in left if bag(node).total() >= MOVABLE_WORDS], right


def _units(root: Node) -> list[Node]:
    return [node for node in walk(root) if node.kind not in _KEYED and node.kind not in ("root", "section", *LAYOUT)]


# Union ----------------------------------------------------------------------------------------------------------------
#
# The nodes of three versions as one list of records, each with its place in the merged tree.


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
