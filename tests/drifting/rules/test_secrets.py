"""Secrets that came to a definition."""

from __future__ import annotations

from tests.drifting.rules.edits import messages, told

OLD = "# Role\n\n- Read the code\n"
KEY = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"


def test_secret__that_came_is_told_once_and_masked() -> None:
    new = f"{OLD}- Call it with {KEY}\n- Or with {KEY}\n"
    assert told(OLD, new, "secret") == [("secret", "breaking")]
    assert messages(OLD, new, "secret") == ["new, in full: ghp_****"]


def test_secret__that_was_there_or_went_is_none() -> None:
    with_key = f"{OLD}- Call it with {KEY}\n"
    assert told(with_key, f"{with_key}- Be kind\n", "secret") == []
    assert told(with_key, OLD, "secret") == []
