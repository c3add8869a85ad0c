"""One side wraps a text in another way, the other changes it: both stand."""

from __future__ import annotations

import pytest

from agentmerge import merge, parse
from agentmerge.planning.records import Merged

HEAD = "# R\n\n## Rules\n\n"


def _merged(base: str, ours: str, theirs: str) -> Merged:
    first, second, third = (parse(f"{HEAD}{text}\n") for text in (base, ours, theirs))
    return merge(first, second, third)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        (
            "Ask the owner before you change it. Keep it for one release.",
            "Ask the owner before you change\nit. Keep it for one\nrelease.",
            "Ask the owner before you change it. Keep it for two releases.",
            "Ask the owner before you change\nit. Keep it for two releases.",
        ),
        (
            "- Write plans that assume the engineer knows nothing about it.",
            "- Write plans that assume the\n  engineer knows nothing about it.",
            "- Write plans that assume that engineer knows nothing about it.",
            "- Write plans that assume that\n  engineer knows nothing about it.",
        ),
        (
            "Read the log of the last night\nbefore you start with the new one.",
            "Read the log of the last night before you start with the new one.",
            "Read the log of the last week\nbefore you start with the new one.",
            "Read the log of the last week before you start with the new one.",
        ),
    ],
)
def test_wrapping_and_a_change_beside_it__are_no_conflict(base: str, ours: str, theirs: str, merged: str) -> None:
    for first, second in ((ours, theirs), (theirs, ours)):
        result = _merged(base, first, second)
        assert not result.conflicts
        assert result.text == f"{HEAD}{merged}\n"


def test_hard_break_beside_a_change__stays_a_conflict() -> None:
    base = "Read the log of the last night before you start with the new one."
    ours, theirs = base.replace("night ", "night  \n"), base.replace("night", "week")
    assert _merged(base, ours, theirs).conflicts
