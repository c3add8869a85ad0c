"""Groups without a before and after: no name and no order of files plays a part."""

from __future__ import annotations

from itertools import permutations

import pytest

from agentmerge import drift, parse
from agentmerge.drifting.records import Drift
from tests.lineage import role

PUSH, TESTS = "Never push to the main branch.", "Always run the tests before a commit."
ANN = role(TESTS, PUSH)
BOB = role(TESTS, head="model: sonnet")
CYD = role("You should not push to the main branch.", head="tools: Read, Bash\nmodel: opus")


def _told(found: Drift) -> set[tuple[str, str, str, str]]:
    """Rule, severity, message and the two texts of every finding, whoever comes first."""
    return {
        (one.rule, one.severity, one.message, f"{found.definitions[pair.a].text}|{found.definitions[pair.b].text}")
        for pair in found.pairs
        for one in pair.findings
    }


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_order_and_names__play_no_part(order: tuple[int, ...]) -> None:
    texts = [ANN, BOB, CYD]
    expected = _told(drift([parse(text, filename=f"{n}.md") for n, text in enumerate(texts)]))
    found = drift([parse(texts[n], filename=f"other/{at}.md") for at, n in enumerate(order)])
    assert _told(found) == expected
    assert not found.directed


def test_each_side_is_told__as_serious_as_the_worse_way_round() -> None:
    found = drift([parse(ANN), parse(BOB)], directed=False)
    rows = {one.rule: (one.severity, one.message) for one in found.findings}
    assert rows["permission-widened"][0] == "breaking"
    assert rows["guardrail-removed"][0] == "breaking"
    assert "only in" in rows["guardrail-removed"][1]
    assert not {"guardrail-added", "permission-narrowed"} & set(rows)


@pytest.mark.parametrize("texts", [(ANN, BOB), (BOB, ANN), (ANN, CYD), (CYD, ANN)])
def test_what_is_told_one_way__is_told_without_a_way(texts: tuple[str, str]) -> None:
    definitions = [parse(text) for text in texts]
    found = drift(definitions, directed=False)
    lines = {(spot.text) for one in found.findings for spot in (one.a, one.b) if spot is not None}
    for one in drift(definitions).findings:
        assert any(spot is not None and spot.text in lines for spot in (one.a, one.b)), one


def test_no_word_of_a_before() -> None:
    found = drift([parse(ANN), parse(BOB), parse(CYD)])
    for one in found.findings:
        assert not {"removed", "added", "became", "instead"} & set(one.message.partition(": ")[0].split()), one.message


def test_two_named_ones_and_a_base__have_a_direction() -> None:
    three = [parse(ANN), parse(BOB), parse(CYD)]
    assert drift(three[:2]).directed
    assert drift(three, against=1).directed
    assert [(pair.a, pair.b) for pair in drift(three, against=1).pairs] == [(1, 0), (1, 2)]


def test_equal_texts__have_no_finding() -> None:
    assert not drift([parse(ANN), parse(ANN), parse(ANN)]).findings
