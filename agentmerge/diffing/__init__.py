"""Two definitions in, typed changes out."""

from __future__ import annotations

from agentmerge.aligning import align
from agentmerge.aligning.matching import Aligner, Matching, match, words
from agentmerge.aligning.records import members_of
from agentmerge.diffing.fields import field_changes
from agentmerge.diffing.records import COSMETIC_KINDS, Change, ChangeKind, ChangeSeverity, Diff, DiffClass, Spot
from agentmerge.diffing.structure import section_changes, unit_changes
from agentmerge.knowledge import Knowledge
from agentmerge.memo import per_definition
from agentmerge.model import Definition
from agentmerge.parsing.alike import read_alike
from agentmerge.parsing.markers import refuse_markers
from agentmerge.parsing.prompts import with_prompt

UNRELATED = 0.05
"""Share of matched units below which two definitions have nothing to do with each other."""

OWN = 0.1
"""Share of words without a partner, on either side, from which two definitions with content of their own diverge."""

_ORDER = frozenset({"unit-moved", "unit-reordered", "section-moved"})


def diff(a: Definition, b: Definition, knowledge: Knowledge, *, aligner: Aligner = align) -> Diff:
    """The changes from `a` to `b`; empty exactly when the two texts are equal.

    `aligner` is asked at most once, and only where both sides have units that are not plainly each other's.
    Raises ConflictedError where one of them holds conflict markers.
    """
    refuse_markers(a, b, knowledge=knowledge)
    a, b = read_alike([with_prompt(a, knowledge), with_prompt(b, knowledge)], knowledge)
    matching = match(a, b, knowledge, aligner)
    changes = _changes(a, b, matching, knowledge)
    coverage = _coverage(matching)
    return Diff(changes, matching, _class(matching, changes, coverage), _similarity(matching), coverage)


def _changes(a: Definition, b: Definition, matching: Matching, knowledge: Knowledge) -> tuple[Change, ...]:
    if a.text == b.text:
        return ()
    found = (*field_changes(matching, knowledge), *section_changes(matching), *unit_changes(matching, knowledge))
    layout = Change(
        ChangeKind.LAYOUT, "", ChangeSeverity.INFO, Spot(0, 1, ""), Spot(1, 1, ""), "only white space or line endings"
    )
    return found or (layout,)


def _coverage(matching: Matching) -> tuple[float, float]:
    paired = len(matching.units) + len(matching.fields)
    left, right = paired + len(matching.only_a), paired + len(matching.only_b)
    return (paired / left if left else 0.0, paired / right if right else 0.0)


def _similarity(matching: Matching) -> float:
    total = _word_count(matching.a) + _word_count(matching.b)
    shared = sum(
        pair.similarity * (len(words(pair.a.text)) + len(words(pair.b.text)))
        for pair in (*matching.units, *matching.fields)
    )
    return min(1.0, shared / total) if total else 0.0


@per_definition
def _word_count(definition: Definition) -> int:
    return sum(len(words(member.text)) for member in members_of(0, definition))


def _class(matching: Matching, changes: tuple[Change, ...], coverage: tuple[float, float]) -> DiffClass:
    a, b = matching.a, matching.b
    if a.text == b.text:
        return DiffClass.IDENTICAL
    told = {change.kind for change in changes} - COSMETIC_KINDS
    says_something = [any(members_of(file, one)) for file, one in enumerate((a, b))]
    if not all(says_something) and (told or any(says_something)):
        return DiffClass.UNKNOWN
    if not told:
        return DiffClass.COSMETIC
    if all(kind.startswith("field") for kind in told):
        return DiffClass.FRONTMATTER_ONLY
    if max(coverage) < UNRELATED:
        return DiffClass.UNRELATED
    return _body_class({kind for kind in told if not kind.startswith("field")}, matching)


def _body_class(kinds: set[str], matching: Matching) -> DiffClass:
    rest = kinds - _ORDER
    if not rest:
        return DiffClass.REORDERED
    if rest <= {"unit-added", "section-added"}:
        return DiffClass.SUPERSET
    if rest <= {"unit-removed", "section-removed"}:
        return DiffClass.SUBSET
    if rest & {"unit-added", "unit-removed"} and max(_own(matching)) >= OWN:
        return DiffClass.DIVERGED
    return DiffClass.REWORDED


def _own(matching: Matching) -> tuple[float, float]:
    """For each side, the share of its words that stands in units without a partner."""
    totals = _word_count(matching.a), _word_count(matching.b)
    alone = (sum(len(words(member.text)) for member in members) for members in (matching.only_a, matching.only_b))
    left, right = (count / total if total else 0.0 for count, total in zip(alone, totals, strict=True))
    return left, right
