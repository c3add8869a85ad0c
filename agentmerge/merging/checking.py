"""What a merge must not have done, looked up in its own result."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from agentmerge.knowledge import Knowledge
from agentmerge.merging.fieldwise import is_bound_anew, takes_back_and_grants
from agentmerge.merging.nodes import PROSE, Node, split_mark, text_of, walk
from agentmerge.merging.ordering import MAX_PAIRS, moved_things
from agentmerge.merging.pairing import ALIKE_HERE, bag
from agentmerge.merging.words import bind_differently, likeness

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
