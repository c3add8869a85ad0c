"""Statements that are each other's opposite: neither stands for the other, and both are told."""

from __future__ import annotations

from itertools import permutations

import pytest

from agentmerge import align, combine, parse
from agentmerge.aligning.opposites import opposed

OPPOSITES = [
    ("Run the migrations with approval", "Run the migrations without approval"),
    ("Allow anonymous access to health endpoints", "Deny anonymous access to health endpoints"),
    ("Use at most 3 retries", "Use at least 3 retries"),
    ("Write tests before the code", "Write tests after the code"),
    ("Escalate when confidence is low", "Escalate when confidence is high"),
    ("Keep the old API working", "Remove the old API"),
    ("Read before edit", "Edit before read"),
    ("Prefer composition over inheritance", "Prefer inheritance over composition"),
]
NARROWER = [
    ("Never log secrets", "Never log secrets in production"),
    ("Do not use eval", "Do not use eval on user input"),
    ("Always require two reviewers", "Always require two reviewers for database changes"),
    ("Log all external calls", "Log all failed external calls"),
    ("Ask for approval before deploying", "Deploy without asking for approval"),
    ("Unsafe code patterns and FFI", "FFI and unsafe code when necessary"),
]
EQUAL = [
    ("Use prepared statements to prevent SQL injection", "Use parameterized queries to prevent SQL injection"),
    ("Never commit secrets", "Do not commit secrets"),
    ("Use connection pooling", "Implement connection pooling and query optimization"),
]


def _variants(*texts: str) -> list[str]:
    return [f"# R\n\nYou are a reviewer.\n\n## Rules\n\n- Be kind\n- {text}\n" for text in texts]


@pytest.mark.parametrize("pair", [*OPPOSITES, *NARROWER], ids=" / ".join)
def test_both_stand__in_either_order(pair: tuple[str, str]) -> None:
    for order in permutations(pair):
        text = combine([parse(one) for one in _variants(*order)]).text
        assert all(f"- {one}\n" in text for one in pair)


@pytest.mark.parametrize("pair", OPPOSITES, ids=" / ".join)
def test_opposites__are_told_as_a_contradiction(pair: tuple[str, str]) -> None:
    definitions = [parse(one) for one in _variants(*pair)]
    (group,) = [group for group in align(definitions).units if group.relation == "contradicts"]
    assert "opposites" in group.reason
    (conflict,) = combine(definitions).open_conflicts
    assert [member.text for member in conflict.members] == list(pair)


@pytest.mark.parametrize("pair", EQUAL, ids=" / ".join)
def test_paraphrases__are_still_one(pair: tuple[str, str]) -> None:
    merged = combine([parse(one) for one in _variants(*pair)])
    assert sum(f"- {one}\n" in merged.text for one in pair) == 1
    assert not merged.conflicts


def test_opposed__words_that_stand_on_both_sides_are_no_opposites() -> None:
    assert opposed("Use queries with parameters, avoid strings", "Avoid strings, use parameters") is None
    assert opposed("Opt in to caching", "Opt-out of caching") == ("opt in", "opt out")
    assert opposed("Test before release", "Test before every release") is None
