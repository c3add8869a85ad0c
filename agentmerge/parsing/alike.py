"""Two definitions read alike: what is only wrapped in another way is cut into the same units.

A paragraph whose visible lines each begin with a bold lead, say, is read line by line. Re-wrapped it has the same words
in other lines, and they say nothing: then its lines are not asked in either definition.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from agentmerge.memo import per_definition
from agentmerge.model import Definition, Paragraph
from agentmerge.parsing import parse_joined


def read_alike(a: Definition, b: Definition) -> tuple[Definition, Definition]:
    """Both definitions, read again where a paragraph stands in both with the same words in other lines."""
    if a.text == b.text:
        return a, b
    joined = _rewrapped(a, b) | _rewrapped(b, a)
    return (_reread(a, joined), _reread(b, joined)) if joined else (a, b)


def _rewrapped(a: Definition, b: Definition) -> frozenset[str]:
    """Words of the paragraphs of `a` that were read line by line and stand in `b` in other lines alone."""
    by_line = {_lines(one): one.flow for one in a.paragraphs if one.by_line}
    if not by_line:
        return frozenset()
    others = _by_flow(b.paragraphs)
    return frozenset(flow for lines, flow in by_line.items() if flow in others and lines not in others[flow])


def _by_flow(paragraphs: Iterable[Paragraph]) -> dict[str, set[tuple[str, ...]]]:
    found: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for one in paragraphs:
        found[one.flow].add(_lines(one))
    return found


def _lines(paragraph: Paragraph) -> tuple[str, ...]:
    return tuple(line.strip(" \t") for line in paragraph.text.split("\n"))


@per_definition
def _reread(definition: Definition, joined: frozenset[str]) -> Definition:
    return parse_joined(definition, joined)
