"""Numbers that changed between two statements or headings that otherwise speak of the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentmerge.diffing.changes import path_of
from agentmerge.drifting.records import Finding
from agentmerge.drifting.registry import Comparison, in_line, rule, spots_of
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.pairwise import Pair
from agentmerge.matching.records import Member, data_of, is_number, leaf_text, leaves
from agentmerge.model import Section, Unit
from agentmerge.statements.figures import shifts_of

_ORDINAL = re.compile(r"(?:(?:step|phase|part|section|stage|tier|level)\s+)?\d+(?:\.\d+)*[.):]?\s+")

_LISTED = re.compile(r"(?<=\n)[ \t]*\d+[.)](?=\s)")


@rule("threshold-changed", order=50)
def thresholds(comparison: Comparison) -> Iterator[Finding]:
    """A finding for each matched statement or heading whose numbers changed."""
    for pair in (*comparison.matching.sections, *comparison.matching.units):
        if pair.a.says_same(pair.b):
            continue
        if (by_path := _in_data(pair, comparison.knowledge)) is not None:
            if by_path:
                said, owns = "; ".join(by_path.values()), tuple(by_path)
                yield comparison.finding("threshold-changed", said, path_of(pair.b), *spots_of(pair), owns=owns)
            continue
        shifts = shifts_of(
            _text(pair.a), _text(pair.b), comparison.knowledge, same_topic=pair.by in ("aligned", "contradicts")
        )
        if shifts:
            told = ", ".join(f"{shift.old} became {shift.new}" for shift in shifts)
            said, owns = f"{told}: {in_line(pair.b.text, 120)}", tuple(_with_numbers(comparison, pair))
            yield comparison.finding("threshold-changed", said, path_of(pair.b), *spots_of(pair), owns=owns)


def _with_numbers(comparison: Comparison, pair: Pair) -> Iterator[str]:
    """The sentences of two units in which a number changed."""
    for a, b in comparison.sentences_of(pair):
        if a.text != b.text and shifts_of(a.text, b.text, comparison.knowledge):
            yield from (a.text, b.text)


def _in_data(pair: Pair, knowledge: Knowledge) -> dict[str, str] | None:
    """What is told of numbers in a block of data, by their path; None where the two are no data."""
    old, new = pair.a.node, pair.b.node
    if not isinstance(old, Unit) or not isinstance(new, Unit):
        return None
    before, after = (dict(leaves(data_of(unit))) for unit in (old, new))
    if not before or not after:
        return None
    told = {}
    for path, leaf in before.items():
        there = after.get(path, leaf)
        if there != leaf and is_number(leaf) and is_number(there):
            told[path] = f"{path}: {leaf_text(leaf)} became {leaf_text(there)}"
        elif shifts := shifts_of(leaf_text(leaf), leaf_text(there), knowledge) if there != leaf else []:
            told[path] = "; ".join(f"{path}: {shift.old} became {shift.new}" for shift in shifts)
    return told


def _text(member: Member) -> str:
    # Where a section stands in a count of sections is its order, not a limit, and so is where a line of a block does.
    if not isinstance(member.node, Section):
        return _LISTED.sub("", member.text)
    ordinal = _ORDINAL.match(member.text.lower())
    return member.text[ordinal.end() :] if ordinal else member.text
