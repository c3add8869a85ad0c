"""What a variant without a field grants, against those that have it."""

from __future__ import annotations

import pytest

from agentmerge import combine, parse
from agentmerge.planning.strategies import Policy, parse_rule


def _combined(field: str, *rules: str) -> str:
    texts = [f"---\nname: x\n{field}\n---\nBe kind.\n", "---\nname: x\n---\nBe kind.\n"]
    policy = Policy(rules=tuple(map(parse_rule, rules)))
    first, second = (combine(list(map(parse, found)), policy).text for found in (texts, texts[::-1]))
    assert first == second
    return first


@pytest.mark.parametrize(
    ("mode", "stands"), [("plan", True), ("default", True), ("acceptEdits", False), ("bypassPermissions", False)]
)
def test_scale__no_more_than_a_variant_without_it_grants(mode: str, *, stands: bool) -> None:
    assert (f"permissionMode: {mode}" in _combined(f"permissionMode: {mode}")) == stands


def test_grant__that_one_variant_lacks_is_left_out() -> None:
    assert "skills" not in _combined("skills: [deploy]", "frontmatter/skills=restrict")
    assert "skills: [deploy]" in _combined("skills: [deploy]")
