"""What a merge must not have done, looked up in its own result."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from agentmerge.merging.fieldwise import is_bound_anew, takes_back_and_grants
from agentmerge.merging.nodes import PROSE, Node, text_of, walk
from agentmerge.merging.pairing import ALIKE_HERE, bag
from agentmerge.merging.words import bind_differently, likeness

_COUNTED = re.compile(r"\A\d{1,9}[.)] ")
"""The number of an item, which a merge may count anew."""


def faults(result: Node, versions: Sequence[Node]) -> list[str]:
    """Duplicate keys and sibling headings that no version has, and what binds otherwise than either side said."""
    found = [*_crossed_fields(result, versions), *_crossed_units(result, versions)]
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


def returned(result: Node, versions: Sequence[Node]) -> list[str]:
    """Units of the base that a side deleted or reworded and that are still there: the other side moved them.

    And fields in which one side granted anew what the other one revoked.
    """
    base, ours, theirs = map(_units, versions)
    found = _units(result)
    units = (name for name in base if found[name] and not (ours[name] and theirs[name]))
    return [
        *sorted(f"unit '{name}' that one side took away" for name in units),
        *_revoked_and_granted(versions),
    ]


def _revoked_and_granted(versions: Sequence[Node]) -> Iterator[str]:
    base, ours, theirs = map(_fields, versions)
    for key in base:
        if takes_back_and_grants(base[key], ours.get(key), theirs.get(key)):
            yield f"rights of '{key}' that one side took away"


def _crossed_fields(result: Node, versions: Sequence[Node]) -> Iterator[str]:
    """Fields that are in no version, made of changes of both sides."""
    base, ours, theirs = map(_fields, versions)
    for key, node in _fields(result).items():
        three = [version.get(key) for version in (base, ours, theirs)]
        if any(one is not None and text_of(one) == text_of(node) for one in three):
            continue
        if takes_back_and_grants(*three):
            yield f"rights of '{key}' that one side took away"
        elif is_bound_anew(*three):
            yield f"'{key}' in which one side changed what binds"


def _fields(root: Node) -> dict[str, Node]:
    return {node.name: node for node in walk(root) if node.kind == "field"}


def _crossed_units(result: Node, versions: Sequence[Node]) -> Iterator[str]:
    """Units that are in no version, made of changes of both sides."""
    known = [[node for node in walk(version) if node.kind in PROSE] for version in versions]
    names = {node.name for nodes in known for node in nodes}
    for node in walk(result):
        if node.kind in PROSE and node.name not in names:
            origins = [_most_alike(node, nodes) for nodes in known]
            if all(origins) and bind_differently(*(one.lines for one in origins if one is not None)):
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
    )


def _lines(lines: Sequence[str]) -> Counter[str]:
    return Counter(_COUNTED.sub("", " ".join(line.split())) for line in lines)


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
