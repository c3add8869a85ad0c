"""Definitions read alike: what is only wrapped in another way is cut into the same units.

A paragraph whose visible lines each begin with a bold lead, say, is read line by line. Re-wrapped it has the same words
in other lines, and they say nothing: then its lines are not asked in any of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from agentmerge.knowledge import Knowledge
from agentmerge.memo import per_definition
from agentmerge.model import Definition, Paragraph
from agentmerge.parsing import parse_joined


def read_alike(definitions: Sequence[Definition], knowledge: Knowledge) -> tuple[Definition, ...]:
    """The definitions, read again where a paragraph stands in two of them with the same words in other lines."""
    joined = _rewrapped(definitions)
    return tuple(_reread(one, joined, knowledge) if joined else one for one in definitions)


def _rewrapped(definitions: Sequence[Definition]) -> frozenset[str]:
    """Words of the paragraphs that are read line by line in one definition, and stand in another in other lines alone.

    What one author writes in two ways is none of it.
    """
    by_line = {one.flow for definition in definitions for one in definition.paragraphs if one.by_line}
    if not by_line:
        return frozenset()
    lines: dict[str, list[frozenset[tuple[str, ...]]]] = defaultdict(list)
    for definition in definitions:
        own: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        for one in definition.paragraphs:
            if one.flow in by_line:
                own[one.flow].add(_lines(one))
        for flow, found in own.items():
            lines[flow].append(frozenset(found))
    return frozenset(flow for flow, found in lines.items() if len(set(found)) > 1)


def _lines(paragraph: Paragraph) -> tuple[str, ...]:
    first, *rest = paragraph.text.split("\n")
    # Where a line begins says what it bounds.
    return (first.strip(" \t"), *(line.rstrip(" \t") for line in rest))


@per_definition
def _reread(definition: Definition, joined: frozenset[str], knowledge: Knowledge) -> Definition:
    return parse_joined(definition, joined, knowledge)
