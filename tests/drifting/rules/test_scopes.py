"""Duties for all cases against those for some."""

from __future__ import annotations

import pytest

from tests.drifting.rules.edits import messages


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Log all calls", "Log critical calls", "'all' became 'critical': Log critical calls"),
        ("Log critical calls", "Log every call", "'critical' became 'every': Log every call"),
        ("Log all calls", "Log each call", ""),
        ("Log all critical calls", "Log all calls", ""),
    ],
)
def test_reach__of_a_statement(old: str, new: str, said: str) -> None:
    text = "# Role\n\n- {}\n- Write small tests\n"
    assert messages(text.format(old), text.format(new), "scope-changed") == ([said] if said else [])


def test_reach__of_two_statements_that_the_alignment_relates() -> None:
    old = "# Role\n\n## Rules\n\n- Implement idempotency for all operations that write\n- Read the code\n"
    new = "# Role\n\n## Advice\n\n- For critical operations implement idempotency keys\n- Write it down\n"
    assert [one.partition(":")[0] for one in messages(old, new, "scope-changed")] == ["'all' became 'critical'"]
