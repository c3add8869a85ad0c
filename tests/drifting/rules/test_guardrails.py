"""Prohibitions and obligations, sentence by sentence."""

from __future__ import annotations

import pytest

from tests.drifting.rules.edits import Told, messages, told

RULE = "- Never push to the main branch\n"
BODY = f"# Role\n\nRead the code.\n\n{RULE}- Write small tests\n"


@pytest.mark.parametrize(
    ("new", "found"),
    [
        ("", [("guardrail-removed", "breaking")]),
        ("- Push to the main branch\n", [("guardrail-reversed", "breaking")]),
        ("- Avoid a push to the main branch\n", [("guardrail-weakened", "breaking")]),
        ("- Never push to the main branch without a review\n", [("guardrail-weakened", "breaking")]),
        ("- Never push to the main branch or the wiki\n", [("guardrail-reworded", "info")]),
        ("- Never push to the wiki branch\n", [("guardrail-reworded", "warning")]),
        (f"{RULE}- Always sign a commit\n", [("guardrail-added", "info")]),
        ("- Never push to the `main` branch.\n", []),
        (f"- **Care**: read it. {RULE[2:]}", []),
    ],
)
def test_rule__is_told_by_what_became_of_it(new: str, found: Told) -> None:
    rules = [row for row in told(BODY, BODY.replace(RULE, new)) if row[0].startswith("guardrail")]
    assert rules == found


def test_weaker_word__is_named() -> None:
    old = "# Role\n\n- You must sign a commit\n"
    found = messages(old, old.replace("must", "should"), "guardrail-weakened")
    assert found == ["binds less, 'must' became 'should': You should sign a commit"]


def test_sign_that_changed__is_told_beside_the_words() -> None:
    old = "# Role\n\n| act | may |\n|---|---|\n| push | ❌ |\n"
    assert told(old, old.replace("❌", "✅")) == [("guardrail-reversed", "breaking")]
