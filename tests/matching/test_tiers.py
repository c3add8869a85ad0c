"""Headings that are part of what stands below them."""

from __future__ import annotations

from itertools import permutations

import pytest

from agentmerge import parse
from agentmerge.combining.engine import combine
from agentmerge.errors import PolicyError
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.aligning import align
from agentmerge.matching.features import of
from agentmerge.model import walk_sections
from agentmerge.planning.records import Merged
from tests.shipped import SHIPPED

ACTION = "- Refund up to 50 euro.\n"


def _file(first: str, second: str, *, in_first: bool, style: str = "## {}\n\n") -> str:
    one, other = (ACTION, "") if in_first else ("", ACTION)
    head, tail = style.format(first), style.format(second)
    return f"# Support\n\n{head}- Share the order number.\n{one}\n{tail}- Share the card number.\n{other}"


def _combined(*texts: str) -> Merged:
    return combine([parse(text) for text in texts], SHIPPED)


@pytest.mark.parametrize("style", ["## {}\n\n", "**{}**\n\n", "{}:\n\n", "### ❗ {}:\n\n"])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Allowed", "Not allowed"),
        ("Always", "Never"),
        ("Always", "Ask first"),
        ("Ask first", "Never"),
        ("Do", "Don't"),
        ("Do", "Don’ts"),
        ("Optional", "Cannot do"),
        ("Permissions: allowed", "Permissions: denied"),
    ],
)
def test_one_action_in_two_tiers__is_a_conflict_in_any_order(first: str, second: str, style: str) -> None:
    files = [_file(first, second, in_first=True, style=style), _file(first, second, in_first=False, style=style)]
    for texts in permutations(files):
        merged = _combined(*texts)
        (conflict,) = merged.open_conflicts
        assert {member.text for member in conflict.members} == {"Refund up to 50 euro."}
        assert merged.text.count("Refund up to 50 euro.") == 2
        assert merged.text.count("Share the card number.") == 1
        headings = [section.title.strip("❗ ") for _, section in walk_sections(parse(merged.text).root)]
        assert {first, second} <= set(headings)


def test_tiers_of_another_word__are_the_same_tier() -> None:
    one, other = _file("Always", "Never", in_first=True), _file("Do", "Don't", in_first=True)
    assert _combined(one, other).open_conflicts == ()


def test_statement_that_forbids_in_its_own_words__says_so_in_any_tier() -> None:
    one = "# A\n\n## Do\n\n- Never log a password.\n"
    other = "# A\n\n## Don't\n\n- Never log a password.\n"
    assert _combined(one, other).open_conflicts == ()


@pytest.mark.parametrize(("first", "second"), [("Before you start", "Before you finish"), ("Staging", "Production")])
def test_gates_and_stages__keep_what_stands_below_them(first: str, second: str) -> None:
    files = [_file(first, second, in_first=True), _file(first, second, in_first=False)]
    for texts in permutations(files):
        merged = _combined(*texts)
        assert merged.open_conflicts == ()
        assert merged.text.count("Refund up to 50 euro.") == 2
        top, bottom = merged.text.split(f"## {second}\n")
        assert "Refund" in top
        assert "Refund" in bottom


def test_author_who_has_an_action_in_two_tiers__is_taken_at_his_word() -> None:
    both = f"# A\n\n## Staging\n\n{ACTION}\n## Production\n\n{ACTION}"
    assert _combined(both, both.replace("# A", "# B")).text.count("Refund") == 2


def test_sections_of_two_tiers__are_no_pair() -> None:
    definitions = [
        parse("# A\n\n## Allowed\n\n- Read the logs.\n"),
        parse("# A\n\n## Not allowed\n\n- Read the logs.\n"),
    ]
    found = [{m.node.title for m in group.members} for group in align(definitions, SHIPPED).sections]  # type: ignore[union-attr]
    assert {"Allowed", "Not allowed"} not in found


def test_table__takes_rows_of_a_user_and_refuses_unknown_tiers() -> None:
    row = {"tiers": {"near": ["nah"], "far": ["fern"]}, "conflicts": ["near / far"]}
    known = of(Knowledge.of({"tiers": {"distance": row}}))
    one, other = known.of_title("1. Nah:"), known.of_title("Fern")
    assert one is not None
    assert other is not None
    assert known.conflict(one, other)
    with pytest.raises(PolicyError, match="names no two tiers"):
        of(Knowledge.of({"tiers": {"distance": {**row, "conflicts": ["near / up"]}}}))
