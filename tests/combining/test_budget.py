"""A result of a given size: what one author alone says goes, and no fact, name, rule or right goes with it."""

from __future__ import annotations

import pytest

from agentmerge import PolicyError, combine, parse
from agentmerge.planning.records import Fate, Merged
from agentmerge.planning.strategies import Policy, parse_budget

SHARED = "- Compare the answer with the question before sending it\n"
PLAIN = "- Keep replies warm and friendly\n- Smile at tired colleagues\n- Water every plant near windows\n"
BOUND = "- Never share a password\n- Answer within 24 hours\n- File tickets in Zendesk\n"
CODE = "```sh\nmake answer\n```\n"
FIRST = f"# Helper\n\nYou are a helper.\n\n## Rules\n\n{SHARED}{PLAIN}{BOUND}\n{CODE}"
SECOND = f"# Helper\n\nYou are a helper.\n\n## Rules\n\n{SHARED}"


def combined(budget: str | None, *texts: str) -> Merged:
    policy = Policy(budget=parse_budget(budget) if budget else None)
    return combine([parse(text, filename=f"{number}.md") for number, text in enumerate(texts)], policy)


def told(merged: Merged) -> set[str]:
    return {notice.rule for notice in merged.findings}


def test_without_a_budget__nothing_goes() -> None:
    assert PLAIN in combined(None, FIRST, SECOND).text


def test_what_one_author_alone_says__goes_and_nothing_that_binds_or_names() -> None:
    merged = combined("1w", FIRST, SECOND)
    assert not any(line in merged.text for line in PLAIN.splitlines())
    assert all(part in merged.text for part in (SHARED, *BOUND.splitlines(), CODE))
    rows = [row for row in merged.ledger if row.fate == Fate.DROPPED]
    assert sorted(f"- {row.source.text}" for row in rows) == sorted(PLAIN.splitlines())
    assert {merged.decisions[row.decision - 1].rule for row in rows} == {"budget"}


def test_a_budget_that_can_not_be_kept__is_told() -> None:
    assert "budget-missed" in told(combined("1w", FIRST, SECOND))
    assert told(combined("500w", FIRST, SECOND)).isdisjoint({"budget", "budget-missed"})


@pytest.mark.parametrize("budget", ["42w", "50w", "60w", "1.2x", "90t"])
def test_body__is_as_small_as_asked(budget: str) -> None:
    merged = combined(budget, FIRST, SECOND)
    limit = parse_budget(budget).limit([parse(FIRST), parse(SECOND)])
    assert "budget-missed" in told(merged) or parse_budget(budget).of(merged.text) <= limit


def test_what_others_nearly_say__goes_first() -> None:
    near = "## Rules\n\n- Check the answer against what was asked\n- Sing about rivers and seas at dawn\n"
    merged = combined("41w", FIRST.replace(PLAIN, ""), f"# Helper\n\nYou are a helper.\n\n{near}")
    assert "Sing about rivers" in merged.text or "Check the answer" not in merged.text


def test_what_stands_below_a_heading_that_binds__stays() -> None:
    text = combined("1w", FIRST.replace("## Rules", "## Required Manners"), SECOND).text
    assert PLAIN in text


def test_an_item_that_introduces_others__keeps_one() -> None:
    listed = "- Look at:\n  - Old shoes of walkers\n  - Wet coats of riders\n"
    text = combined("1w", FIRST.replace(PLAIN, listed), SECOND).text
    assert "- Look at:\n  - " in text


@pytest.mark.parametrize("text", ["", "0x", "1.5", "x", "-2w", "many", "1.5 x words"])
def test_no_size__is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(PolicyError, match="no budget") as caught:
        parse_budget(text)
    assert "1200w" in str(caught.value.remedy)
