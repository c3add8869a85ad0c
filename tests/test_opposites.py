"""Statements that are each other's opposite: neither stands for the other, and both are told."""

from __future__ import annotations

from itertools import permutations

import pytest

from agentmerge import align, combine, parse
from agentmerge.text.lexicon import opposed
from tests.shipped import SHIPPED

OPPOSITES = [
    ("Allow anonymous access to health endpoints", "Deny anonymous access to health endpoints"),
    ("Use at most 3 retries", "Use at least 3 retries"),
    ("Keep the old API working", "Remove the old API"),
    ("Read before edit", "Edit before read"),
    ("Prefer composition over inheritance", "Prefer inheritance over composition"),
]
FORBIDDEN = [
    ("Never merge before the build is green", "Always merge before the build is green"),
    ("Do not push to main", "Always push to main"),
    ("Never push", "Push"),
]
NARROWER = [
    ("Never log secrets", "Never log secrets in production"),
    ("Do not use eval", "Do not use eval on user input"),
    ("Always require two reviewers", "Always require two reviewers for database changes"),
    ("Log all external calls", "Log all failed external calls"),
    ("Ask for approval before deploying", "Deploy without asking for approval"),
    ("Unsafe code patterns and FFI", "FFI and unsafe code when necessary"),
]
OTHER = [
    ("Run the migrations with approval", "Run the migrations without approval"),
    ("Write tests before the code", "Write tests after the code"),
    ("Escalate when confidence is low", "Escalate when confidence is high"),
    ("Document public functions", "Document private functions"),
    ("Skip generated files", "Review generated files"),
    ("Give write access", "Give read access"),
    ("Push to main", "Push to develop"),
    ("Report to the user", "Report to the manager"),
    ("Respond within 200 ms", "Respond within 200 s"),
    ("Prefer small commits to large ones", "Prefer large commits to small ones"),
    ("Copy files from staging to production", "Copy files from production to staging"),
    ("Choose speed, not safety", "Choose safety, not speed"),
    ("Comment why, not what", "Comment what, not why"),
    ("Use TLS 1.2 or later", "Use TLS 1.2 or earlier"),
    ("Request at least two approvals", "Request at least one approval"),
    ("Store logs for thirty days", "Store logs for ninety days"),
]
EQUAL = [
    ("Use prepared statements to prevent SQL injection", "Use parameterized queries to prevent SQL injection"),
    ("Never commit secrets", "Do not commit secrets"),
    ("Use connection pooling", "Implement connection pooling and query optimization"),
]


def _variants(*texts: str) -> list[str]:
    return [f"# R\n\nYou are a reviewer.\n\n## Rules\n\n- Be kind\n- {text}\n" for text in texts]


@pytest.mark.parametrize("pair", [*OPPOSITES, *FORBIDDEN, *NARROWER, *OTHER], ids=" / ".join)
def test_both_stand__in_either_order(pair: tuple[str, str]) -> None:
    for order in permutations(pair):
        text = combine([parse(one) for one in _variants(*order)]).text
        assert all(f"- {one}\n" in text for one in pair)


@pytest.mark.parametrize("pair", [*OPPOSITES, *FORBIDDEN], ids=" / ".join)
def test_opposites__are_told_as_a_contradiction(pair: tuple[str, str]) -> None:
    definitions = [parse(one) for one in _variants(*pair)]
    (group,) = [group for group in align(definitions).units if group.relation == "contradicts"]
    assert ("what the other forbids" if pair in FORBIDDEN else "opposites") in group.reason
    (conflict,) = combine(definitions).open_conflicts
    assert [member.text for member in conflict.members] == list(pair)


@pytest.mark.parametrize("pair", [*NARROWER, *OTHER], ids=" / ".join)
def test_what_may_both_hold__is_no_contradiction(pair: tuple[str, str]) -> None:
    assert not combine([parse(one) for one in _variants(*pair)]).conflicts


def test_what_every_variant_says__contradicts_nothing() -> None:
    steps = "1. Load the context:\n   - DO NOT proceed until you have read this\n2. **Then proceed with your task**\n"
    definitions = [parse(f"# T\n\nYou are {name}.\n\n## Start\n\n{steps}") for name in ("Ann", "Bob")]
    assert not combine(definitions).conflicts


@pytest.mark.parametrize("pair", EQUAL, ids=" / ".join)
def test_paraphrases__are_still_one(pair: tuple[str, str]) -> None:
    merged = combine([parse(one) for one in _variants(*pair)])
    assert sum(f"- {one}\n" in merged.text for one in pair) == 1
    assert not merged.conflicts


def test_opposed__words_that_stand_on_both_sides_are_no_opposites() -> None:
    assert opposed("Use queries with parameters, avoid strings", "Avoid strings, use parameters", SHIPPED) is None
    assert opposed("Opt in to caching", "Opt-out of caching", SHIPPED) == ("opt in", "opt out")
    assert opposed("Test before release", "Test before every release", SHIPPED) is None
