"""The law of reading: every line on which something stands belongs to exactly one field, section or unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentmerge.errors import InternalError
from agentmerge.model import Definition, Section, Unit
from agentmerge.parsing.lines import split_lines
from agentmerge.parsing.notes import short

LAYOUT = " \t\r\n\ufeff"
"""What a line may hold that belongs to no node."""


def require(definition: Definition, found: Sequence[tuple[int, int, str]]) -> None:
    """InternalError with file and line where `uncovered` found that the law does not hold."""
    for line, nodes, text in found[:1]:
        what = "belongs to no field, section or unit" if nodes == 0 else f"belongs to {nodes} nodes"
        raise InternalError(
            f"a line was read wrongly: it {what} ('{short(text)}')", file=definition.filename, line=line
        )


def uncovered(definition: Definition) -> list[tuple[int, int, str]]:
    """Lines that belong to no node though something stands on them, or to more than one: number, nodes, text."""
    lines = split_lines(definition.text)
    counts = [0] * (len(lines) + 2)
    for start, end in _ranges(definition):
        for line in range(start, end):
            counts[line] += 1
    return [
        (number, count, line)
        for number, (count, line) in enumerate(zip(counts[1:], lines, strict=False), 1)
        if count != 1 and (count > 1 or line.strip(LAYOUT))
    ]


def _ranges(definition: Definition) -> Iterator[tuple[int, int]]:
    """First line and first line behind it of every node's own lines, fences included."""
    front = definition.frontmatter
    if front is not None:
        yield from ((field.start, field.end) for field in front.fields)
    if front is not None and definition.syntax == "yaml":
        last = front.end - 1 if front.is_closed else front.end
        yield front.line, front.line + 1
        yield last, front.end
        if not front.fields:
            yield front.line + 1, last
    pending: list[Section | Unit] = [definition.root]
    while pending:
        node = pending.pop()
        yield node.line, node.end
        pending += node.body if isinstance(node, Section) else node.children
