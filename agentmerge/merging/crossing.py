"""What the two sides did at two places and what can't both hold, though no line of one touches a line of the other.

A heading or label turned round above what the other side added, a label of a link or footnote that each side defined
otherwise, and a statement that one side asks for and the other forbids.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TypeAlias

from agentmerge import signs
from agentmerge.guardrails import listed_words
from agentmerge.knowledge import Knowledge
from agentmerge.merging.nodes import PROSE, Node, split_mark, walk
from agentmerge.merging.union import Record, Union
from agentmerge.merging.words import words_of
from agentmerge.model import Unit
from agentmerge.parsing import relations

MIN_WORDS = 2
"""Words that a statement needs beside those that forbid or ask, to be known again in another one."""


def crossings(union: Union, knowledge: Knowledge) -> dict[Record, str]:
    """The records that can't stand as they are, each with the reason."""
    changed = {version: _changed(union, version) for version in (1, 2)}
    return dict([*_turned(union, knowledge), *_defined_twice(changed), *_contradicting(changed, knowledge)])


_Changed: TypeAlias = Mapping[int, Sequence[Record]]
"""By version, what that side alone added or changed."""


def _changed(union: Union, version: int) -> list[Record]:
    return [record for record in union.records if _is_own(record, version)]


def _is_own(record: Record, version: int) -> bool:
    base, side, other = record.base, record.versions[version], record.versions[3 - version]
    if side is None:
        return False
    if base is None or other is None:
        return base is other
    return _same(base, other) and not _same(base, side)


def _same(one: Node, other: Node) -> bool:
    return one.lines == other.lines


# Labels of links and footnotes


def _defined_twice(changed: _Changed) -> Iterator[tuple[Record, str]]:
    mine, other = (_definitions(changed[version], version) for version in (1, 2))
    for label in (each for each in mine if each in other):
        one, two = mine[label], other[label]
        if one.node.name != two.node.name:
            yield one, f"theirs gives '[{label}]' another meaning"
            yield two, f"ours gives '[{label}]' another meaning"


def _definitions(records: Sequence[Record], version: int) -> dict[str, Record]:
    found: dict[str, Record] = {}
    for record in records:
        if label := label_of(record.versions[version]):
            found.setdefault(label, record)
    return found


def label_of(node: Node | None) -> str:
    """The label that a link's or footnote's definition defines; "" for anything else."""
    if node is None or node.kind != "reference" or not isinstance(node.unit, Unit):
        return ""
    return relations.folded(node.unit.label)


def dangling(result: Node, versions: Sequence[Node]) -> list[str]:
    """Labels that the result uses and the base defined, and that it no longer defines, though each side was whole."""
    defined, used = labels(result)
    known, _ = labels(versions[0])
    lost = (used & known) - defined
    for side in versions[1:]:
        own, uses = labels(side)
        lost -= uses - own
    return sorted(f"'[{label}]' is used and no longer defined" for label in lost)


def labels(root: Node) -> tuple[frozenset[str], frozenset[str]]:
    """The labels that a tree defines and those that it uses."""
    nodes = list(walk(root))
    defined = frozenset(filter(None, map(label_of, nodes)))
    return defined, frozenset(label for node in nodes for label in _used(node))


def _used(node: Node) -> frozenset[str]:
    if node.kind not in (*PROSE, "table", "section", "reference"):
        return frozenset()
    return relations.used_labels("\n".join(node.lines))


class Uses:
    """The labels that each side uses where the other side did not take the use away."""

    def __init__(self, union: Union) -> None:
        self._of = {side: frozenset(chain(*(_left(record, side) for record in union.records))) for side in (1, 2)}

    def hold(self, record: Record) -> bool:
        """Whether the one side that kept a definition uses its label so."""
        label = label_of(record.ours or record.theirs)
        return label != "" and label in self._of[1 if record.ours is not None else 2]


def _left(record: Record, side: int) -> frozenset[str]:
    base, own, other = record.base, record.versions[side], record.versions[3 - side]
    if own is None or (base is not None and other is None):
        return frozenset()
    uses = _used(own)
    return uses if base is None or other is None else uses - (_used(base) - _used(other))


# Statements


def _contradicting(changed: _Changed, knowledge: Knowledge) -> Iterator[tuple[Record, str]]:
    mine, other = (_statements(changed[version], version, knowledge) for version in (1, 2))
    for content in (each for each in mine if each in other):
        for one, forbids in mine[content]:
            for two, also in other[content]:
                if forbids != also:
                    yield one, "theirs asks for what is forbidden here" if forbids else "theirs forbids it"
                    yield two, "ours asks for what is forbidden here" if also else "ours forbids it"


def _statements(
    records: Sequence[Record], version: int, knowledge: Knowledge
) -> dict[frozenset[str], list[tuple[Record, bool]]]:
    """Statements by what they are about, each with whether it is forbidden."""
    found: dict[frozenset[str], list[tuple[Record, bool]]] = defaultdict(list)
    for record in records:
        node = record.versions[version]
        if node is not None and node.kind in PROSE:
            content = frozenset(words_of(node.name)) - knowledge.derived(_Shaping).words
            if len(content) >= MIN_WORDS:
                found[content].append((record, _is_forbidden(node, knowledge)))
    return found


def _is_forbidden(node: Node, knowledge: Knowledge) -> bool:
    """Whether a unit forbids, by its own words and signs or by those of a heading or item above it."""
    at: Node | None = node
    while at is not None and at.kind != "root":
        if forbids(at, knowledge):
            return True
        at = at.parent
    return False


def forbids(node: Node, knowledge: Knowledge) -> bool:
    """Whether a node's own words or sign turn what it says, or what stands below it, into a prohibition."""
    text = " ".join(split_mark(node.lines)[1]) if node.kind in PROSE else node.name
    return bool(listed_words(text, "negation", knowledge=knowledge)) or signs.of(knowledge).own(text).force == "forbid"


class _Shaping:
    """Words that say whether and how strongly, and words without content; those of a condition say when, and stay."""

    def __init__(self, knowledge: Knowledge) -> None:
        words, identity, modality = (knowledge.raw(name) for name in ("words", "identity", "modality"))
        phrases = [
            *identity["negation"]["words"],
            *(each for row in ("strong", "medium", "weak") for listed in modality[row].values() for each in listed),
        ]
        single = {phrase for phrase in phrases if " " not in phrase}
        stops = set(words["stop"]["en"].split()) - set(words_of(" ".join(identity["condition"]["words"])))
        self.words = frozenset((single | stops | {"do", "allowed"}) - {"with", "without"})


# Headings and labels


def _turned(union: Union, knowledge: Knowledge) -> Iterator[tuple[Record, str]]:
    for record in union.records:
        base, ours, theirs = record.versions
        if base is None or ours is None or theirs is None or not (ours.children or theirs.children):
            continue
        for who, turned, other in (("ours", ours, theirs), ("theirs", theirs, ours)):
            if turns(base, turned, knowledge) and _same(base, other) and _adds_below(union, base, other):
                side = "theirs" if who == "ours" else "ours"
                yield record, f"turned round by {who}, added to by {side}"


def turns(base: Node, side: Node, knowledge: Knowledge) -> bool:
    """Whether a heading, label or item makes another kind of statement of what stands below it."""
    if base.name == side.name:
        return False
    return _force(base, knowledge) != _force(side, knowledge)


def _force(node: Node, knowledge: Knowledge) -> tuple[bool, bool]:
    low = f" {' '.join(words_of(node.name))} "
    oblige = knowledge.raw("modality")["strong"]["oblige"]
    return forbids(node, knowledge), any(f" {phrase} " in low for phrase in oblige)


def _adds_below(union: Union, base: Node, side: Node) -> bool:
    """Whether a side put something new below a node, or something else in the place of what was there."""
    inside = set(walk(base))
    for node in walk(side):
        old = union.of[node].base
        if node is not side and (old is None or old not in inside or not _same(old, node)):
            return True
    return False
