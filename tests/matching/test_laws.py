"""The laws of an alignment over generated variants of a role."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, permutations

from hypothesis import given, settings

from agentmerge import align, combine, parse
from agentmerge.matching import constants
from agentmerge.matching.aligning import compare
from agentmerge.matching.records import Alignment, Group, Member, members_of
from agentmerge.model import Definition, Unit
from agentmerge.planning.strategies import Policy
from tests.matching.variants import roles, variants
from tests.shipped import SHIPPED

LASTING = {"kept", "merged", "conflict"}
"""Fates of a unit that stands in the result, in its own words or in those of another."""


def shape(alignment: Alignment, order: Sequence[int]) -> list[object]:
    """What an alignment says, with the files under the numbers of `order`."""

    def row(group: Group) -> tuple[object, ...]:
        members = sorted((order[member.file], member.line) for member in group.members)
        cover = next((member.text for member in group.members if member.key == group.cover), "")
        return members, group.relation, group.score, group.slot, cover

    return [sorted(map(repr, map(row, groups))) for groups in (alignment.units, alignment.sections)]


@given(roles())
@settings(max_examples=40, deadline=None)
def test_order_of_the_files__changes_their_numbers_only(texts: list[str]) -> None:
    definitions = [parse(text) for text in texts]
    whole = shape(align(definitions), range(len(texts)))
    for order in list(permutations(range(len(texts))))[1::5]:
        assert shape(align([definitions[number] for number in order]), order) == whole


@given(roles(2))
@settings(max_examples=40, deadline=None)
def test_score__is_symmetric(texts: list[str]) -> None:
    first, second = (parse(text) for text in texts)
    there, back = compare([first, second], SHIPPED).scorer, compare([second, first], SHIPPED).scorer
    assert scores(there) == {(b, a): value for (a, b), value in scores(back).items()}


def scores(scorer: object) -> dict[tuple[int, int], float]:
    """The score of each unit of the first variant and each of the second, by their lines."""
    from agentmerge.matching.scoring import Scorer

    assert isinstance(scorer, Scorer)
    units = list(enumerate(scorer.units))
    return {
        (one.member.line, other.member.line): scorer.score(a, b).value
        for a, one in units
        for b, other in units
        if (one.member.file, other.member.file) == (0, 1)
    }


@given(variants())
@settings(max_examples=40, deadline=None)
def test_file_against_itself__matches_every_unit(text: str) -> None:
    definition = parse(text)
    alignment = align([definition, parse(text)])
    together = {
        (a.line, b.line)
        for group in alignment.units
        if group.relation == "same"
        for a, b in combinations(group.members, 2)
        if a.file != b.file
    }
    assert [m.line for m in members_of(0, definition) if (m.line, m.line) not in together] == []


@given(roles())
@settings(max_examples=40, deadline=None)
def test_groups__never_chain(texts: list[str]) -> None:
    definitions = [parse(text) for text in texts]
    comparison = compare(definitions, SHIPPED)
    numbers = {unit.member.key: number for number, unit in enumerate(comparison.scorer.units)}
    alignment = align(definitions)
    against = {pair for group in alignment.units if group.relation == "contradicts" for pair in _pairs(group)}
    for group in alignment.units:
        if group.relation == "same" and isinstance(group.members[0].node, Unit):
            for a, b in _pairs(group):
                score = comparison.scorer.score(numbers[a.key], numbers[b.key]).value
                assert score >= constants.LINK or a.file == b.file
                assert (a, b) not in against


def _pairs(group: Group) -> list[tuple[Member, Member]]:
    return list(combinations(group.members, 2))


@given(roles(3), variants())
@settings(max_examples=20, deadline=None)
def test_another_variant__takes_no_unit_out_of_a_union(texts: list[str], more: str) -> None:
    definitions = [parse(text) for text in texts]
    small, large = _lasting(definitions), _lasting([*definitions, parse(more)])
    assert small <= large


def _lasting(definitions: Sequence[Definition]) -> set[tuple[int, int]]:
    """Units that stand in the union, in their own words or in those of a unit that says the same."""
    ledger = combine(definitions, Policy(strategy="union")).ledger
    return {(row.source.file, row.source.line) for row in ledger if row.source.kind != "field" and row.fate in LASTING}
