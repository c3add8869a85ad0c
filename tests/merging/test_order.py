"""What each side put in another order stands in that order, or is in conflict."""

from __future__ import annotations

from itertools import combinations, product

import pytest

from agentmerge import parse
from agentmerge.merging import checking
from agentmerge.merging.engine import merge
from agentmerge.merging.lists import merge_order
from tests.shipped import SHIPPED

WORDS = ("Read the ticket", "Back up the tables", "Run the migration", "Tell the owner")
SHAPES = ("bullets", "steps", "paragraphs", "rows", "sections")
KEPT = (0, 1, 2, 3)
MOVES = sorted(
    {
        (*rest[:to], thing, *rest[to:])
        for thing in KEPT
        for rest in [tuple(x for x in KEPT if x != thing)]
        for to in KEPT
    }
    - {KEPT}
)


def written(shape: str, order: tuple[int, ...]) -> str:
    texts = [WORDS[n] for n in order]
    bodies = {
        "bullets": "".join(f"- {text}.\n" for text in texts),
        "steps": "".join(f"{n}. {text}.\n" for n, text in enumerate(texts, 1)),
        "paragraphs": "\n".join(f"{text}.\n" for text in texts),
        "rows": "| Step | Note |\n|---|---|\n" + "".join(f"| {text} | always |\n" for text in texts),
        "sections": "\n".join(f"## {text}\n\nHow to {text.lower()}.\n" for text in texts),
    }
    return f"---\nname: migrator\ndescription: Runs migrations.\n---\n\n# Migrator\n\n{bodies[shape]}"


def inverted(order: tuple[int, ...]) -> set[tuple[int, int]]:
    return {(x, y) for x, y in combinations(KEPT, 2) if order.index(x) > order.index(y)}


@pytest.mark.parametrize("shape", SHAPES)
def test_two_moves__are_both_honoured_or_in_conflict(shape: str) -> None:
    clean = 0
    for ours, theirs in product(MOVES, repeat=2):
        result = merge(parse(written(shape, KEPT)), parse(written(shape, ours)), parse(written(shape, theirs)), SHIPPED)
        if not result.open_conflicts:
            clean += 1
            order = tuple(sorted(KEPT, key=lambda n: result.text.index(WORDS[n])))
            assert result.text == written(shape, order)
            assert inverted(order) == inverted(ours) | inverted(theirs), (ours, theirs)
    assert clean > len(MOVES) ** 2 / 2


@pytest.mark.parametrize("shape", SHAPES)
def test_swaps_that_share_a_thing__are_in_conflict(shape: str) -> None:
    base, ours, theirs = (parse(written(shape, order)) for order in (KEPT, (0, 1, 3, 2), (0, 2, 1, 3)))
    assert merge(base, ours, theirs, SHIPPED).open_conflicts


def test_order__has_the_inversions_of_both() -> None:
    assert merge_order("abcde", "adbce", "aebcd", str) == list("aedbc")


def test_order__is_none_where_a_pair_would_turn_that_both_left_alone() -> None:
    assert merge_order("abcd", "abdc", "acbd", str) is None


def test_order__is_none_where_there_are_too_many_pairs() -> None:
    base = [f"{n:05}" for n in range(3_000)]
    ours = [*base[700:1_500], *base[:700], *base[1_500:]]
    theirs = [*base[:1_500], *base[2_200:], *base[1_500:2_200]]
    assert merge_order(base, ours, theirs, str) is None


@pytest.mark.parametrize(
    ("result", "is_lost"),
    [
        (["1. c", "2. a", "3. b", "4. d"], False),
        (["1. a", "2. c", "3. b", "4. d"], True),
        (["1. c", "2. b", "3. a", "4. d"], False),
        (["1. a", "2. b", "3. c", "4. d"], True),
        (["1. a", "2. b", "3. d"], False),
    ],
)
def test_check__tells_what_one_side_moved_and_the_result_did_not(result: list[str], is_lost: bool) -> None:
    base = ["1. a", "2. b", "3. c", "4. d"]
    ours = ["1. c", "2. a", "3. b", "4. d"]
    assert bool(checking.unmoved(result, [base, ours, base])) == is_lost


def test_check__tells_what_both_moved_alike() -> None:
    base, moved = ["- a", "- b", "- c"], ["- c", "- a", "- b"]
    assert checking.unmoved(base, [base, moved, moved])
    assert not checking.unmoved(moved, [base, moved, moved])


def test_check__refuses_what_it_can_not_look_at() -> None:
    base = [f"line {n}" for n in range(3_000)]
    ours = [*base[1_500:], *base[:1_500]]
    theirs = [*base[:1_000], *base[2_000:], *base[1_000:2_000]]
    assert checking.unmoved(theirs, [base, ours, theirs])
    assert not checking.unmoved(ours, [base, ours, base])
