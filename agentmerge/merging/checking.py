"""What a merge must not have done, looked up in its own result."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from agentmerge.merging.nodes import PROSE, Node, walk

_COUNTED = re.compile(r"\A\d{1,9}[.)] ")
"""The number of an item, which a merge may count anew."""


def faults(result: Node, versions: Sequence[Node]) -> list[str]:
    """Duplicate keys and duplicate sibling headings that no version has."""
    found = []
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
    """Units of the base that a side deleted or reworded and that are still there: the other side moved them."""
    base, ours, theirs = map(_units, versions)
    found = _units(result)
    return sorted(
        f"unit '{name}' that one side took away" for name in base if found[name] and not (ours[name] and theirs[name])
    )


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
