"""Numbers of ordered items after a merge: as the sides have them where they still count, else counted anew."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from agentmerge.merging.nodes import Node
from agentmerge.merging.pieces import Lines
from agentmerge.merging.union import Record

_NUMBER = re.compile(r"(?P<indent>[ \t]*)(?P<number>\d{1,9})(?P<rest>[.)](?:[ \t]|\Z))")


def renumbered(order: Sequence[Record], texts: Mapping[Record, Lines | None]) -> Iterator[tuple[Record, Lines]]:
    """New lines for items whose number does not fit the merged list.

    Only a list that both sides count one by one is counted; any other numbering is text, and stays.
    """
    for run in _runs(order):
        numbers = [_number(texts.get(record) or record.node.lines) for record in run]
        # Each text brings the number of its own side: the list starts where a side's did, not at the least of those.
        start = min((number for number in (*numbers, *_own(run)) if number is not None), default=1)
        if numbers == list(range(start, start + len(run))) or not all(_counts(run, n) for n in (1, 2)):
            continue
        for number, record in enumerate(run, start):
            lines = texts.get(record)
            if lines and (match := _NUMBER.match(lines[0])) and int(match["number"]) != number:
                yield record, (f"{match['indent']}{number}{match['rest']}{lines[0][match.end() :]}", *lines[1:])


def _own(run: Sequence[Record]) -> Iterator[int | None]:
    """The numbers that both sides give the items."""
    return (_number(node.lines) for record in run for node in record.versions[1:] if node is not None)


def _runs(order: Sequence[Record]) -> Iterator[list[Record]]:
    """Ordered items that stand together."""
    run: list[Record] = []
    for record in order:
        if record.kind in ("item", "task") and _number(record.node.lines) is not None:
            run.append(record)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _number(lines: Sequence[str]) -> int | None:
    match = _NUMBER.match(lines[0]) if lines else None
    return int(match["number"]) if match else None


def _counts(run: Sequence[Record], version: int) -> bool:
    """Whether a version numbers its list, whole as it stands there, one by one."""
    nodes = [node for record in run if (node := record.versions[version]) is not None]
    numbers = [_number(node.lines) for node in _siblings(nodes)]
    return all(a is not None and b == a + 1 for a, b in pairwise(numbers))


def _siblings(nodes: Sequence[Node]) -> list[Node]:
    if not nodes or nodes[0].parent is None:
        return []
    first, last = min(node.line for node in nodes), max(node.line for node in nodes)
    return [n for n in nodes[0].parent.children if first <= n.line <= last and n.kind in ("item", "task")]
