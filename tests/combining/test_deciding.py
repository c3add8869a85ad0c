"""Contradictions: between authors, and not of what one author, or all of them, hold to go together."""

from __future__ import annotations

from agentmerge import combine, parse

HIGH, LOW = "- Keep the coverage above 80%\n", "- Keep the coverage above 60%\n"


def test_contradiction__between_two_variants_is_a_conflict() -> None:
    merged = combine([parse(HIGH), parse(LOW)])
    assert len(merged.conflicts) == 1
    assert "agentmerge: conflict" in merged.text


def test_contradiction__that_all_variants_hold_is_none() -> None:
    merged = combine([parse(HIGH + LOW), parse(HIGH + LOW)])
    assert merged.conflicts == ()
    assert merged.text == HIGH + LOW
