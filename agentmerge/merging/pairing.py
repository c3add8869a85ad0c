"""Which node of the base is which node of a side: sections first, then units inside them, then what was moved.

From sure to loose, as in GumTree (Falleri et al. 2014) and nbdime's levels: equal words at the same place, equal
words elsewhere, alike at the same place, alike elsewhere. Nobody edits everything at once, so what stays
unmatched on both sides of one spot, alone, is taken for a rewritten unit.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agentmerge.merging.limits import MAX_COMPARISONS, UnresolvableError
from agentmerge.merging.nodes import PROSE, Node, walk
from agentmerge.merging.sequences import common
from agentmerge.merging.words import likeness, words_of
from agentmerge.model import LAYOUT, VERBATIM, Unit

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
