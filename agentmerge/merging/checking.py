"""What a merge must not have done, looked up in its own result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from agentmerge.merging.nodes import PROSE, Node, walk


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
    return sorted(f"repeated {name}" for name, n in _units(result).items() if n > 1 and n > allowed[name])


def _units(root: Node) -> Counter[str]:
    found = (node for node in walk(root) if node.kind in PROSE and len(node.name) >= MIN_REPEATED)
    return Counter(f"unit '{node.name}'" for node in found)


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
