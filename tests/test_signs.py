"""What a sign lays on a unit: force, grade, and the mark of an example."""

from __future__ import annotations

import pytest

from agentmerge import parse
from agentmerge.knowledge import signs
from agentmerge.knowledge.signs import stances, unsigned
from agentmerge.model import walk_units
from tests.shipped import SHIPPED


def forces(text: str) -> dict[str, str]:
    definition = parse(text)
    found = stances(definition, SHIPPED)
    return {
        place.unit.text: found[place.unit.line].force
        for place in walk_units(definition.root)
        if place.unit.line in found and found[place.unit.line].force
    }


@pytest.mark.parametrize(
    ("text", "force"),
    [
        ("❌ Skip the drill", "forbid"),
        ("🚫Skip", "forbid"),
        ("**❌ Skip**: it", "forbid"),
        ("⚠️ ❌ Skip", "forbid"),
        ("✅ Sync the clocks", "demand"),
        ("✔️ Sync", "demand"),
        ("✅/❌ Sync", ""),
        ("✅ ❌ Sync", ""),
        ("⚠️ Sync", ""),
        ("🔴 Sync", ""),
        ("Sync ✅", ""),
        ("🚀 Sync", ""),
        ("✅ Good commits are small", "demand"),
        ("✅ Good:", ""),
        ("❌ **Bad**", ""),
        ("❌ Bad example: `x`", ""),
        ("✅ Correct usage (new style)", ""),
        ("❌ Wrong - too vague", ""),
        ("**✅ Right:** `y`", ""),
        ("✅ Do: sync", "demand"),
        ("❌ Don't: push", "forbid"),
    ],
)
def test_own_sign(text: str, force: str) -> None:
    assert signs.of(SHIPPED).own(text).force == force


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("### ❌ Off limits\n\n- push\n", {"push": "forbid"}),
        ("❌ Off limits:\n- push\n", {"push": "forbid"}),
        ("## ❌ Off limits\n\nIn git:\n- push\n", {"push": "forbid"}),
        ("- 🚫 Off limits:\n  - push\n", {"🚫 Off limits:": "forbid", "push": "forbid"}),
        ("- 🚫 Touch prod\n  - it pages people\n", {"🚫 Touch prod": "forbid"}),
        ("### ❌ Off limits\n\n- ✅ sync\n", {"✅ sync": "demand"}),
        ("### ❌ Off limits\n\n- **Instead**: sync\n- push\n", {"push": "forbid"}),
        ("### ❌ Off limits\n\nSome words.\n", {}),
        ("## ❌ Off limits\n\n### Git\n\n- push\n", {}),
        ("### ❌ Bad\n\n- push\n", {}),
        ("### ❌ Nested loops\n\n```py\nx\n```\n\n- slow\n", {}),
        ("❌ Loop twice:\n\n```py\nx\n```\n", {}),
        ("- ❌ Loop twice\n  ```py\n  x\n  ```\n", {}),
        ("- ❌ Loop twice\n\n```py\nx\n```\n", {"❌ Loop twice": "forbid"}),
    ],
)
def test_governed_and_examples(text: str, expected: dict[str, str]) -> None:
    assert forces(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("☐ Docs", "Docs"),
        ("☑️ Docs", "☐ Docs"),
        ("❌ Push", "🚫\ufe0fPush"),
        ("**❌ Push**", "✘ **Push**"),
        ("✅ Sync", "✔ Sync"),
        ("🔴 Down", "🟥 Down"),
    ],
)
def test_said__is_the_same_for_signs_of_one_meaning(one: str, other: str) -> None:
    assert signs.of(SHIPPED).said(one) == signs.of(SHIPPED).said(other)


@pytest.mark.parametrize(
    ("one", "other"), [("❌ Push", "✅ Push"), ("🔴 Down", "🟢 Down"), ("❌ Push", "Push"), ("⚠ a", "a")]
)
def test_said__differs_where_the_meaning_does(one: str, other: str) -> None:
    assert signs.of(SHIPPED).said(one) != signs.of(SHIPPED).said(other)


def test_told__names_signs_wherever_they_stand() -> None:
    assert signs.of(SHIPPED).told("| push → ✅ | ❌ | ⚠️ | 🟡 |") == ("demand", "forbid", "medium")
    assert signs.of(SHIPPED).told("plain") == ()


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("🚀 go", "go"),
        ("⚠️ ❌ go", "go"),
        ("👩‍💻 go", "go"),
        ("→ go", "→ go"),
        ("  go", "  go"),
        ("", ""),
        ("日本", "日本"),
    ],
)
def test_unsigned(text: str, rest: str) -> None:
    assert unsigned(text) == rest
