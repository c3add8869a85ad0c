"""What only one side has: a step, a situation, a part of a contract, a plain statement."""

from __future__ import annotations

import pytest

from tests.drifting.rules.edits import messages, told


@pytest.mark.parametrize(
    ("title", "mark", "came", "went"),
    [
        ("Workflow", "1.", ("step-added", "info"), ("step-removed", "warning")),
        ("Output format", "-", ("contract-changed", "warning"), ("contract-changed", "warning")),
        ("Checklist", "- [ ]", ("contract-changed", "warning"), ("contract-changed", "warning")),
        ("When to use", "-", ("trigger-changed", "warning"), ("trigger-changed", "warning")),
        ("Background", "-", ("knowledge-added", "info"), ("knowledge-removed", "info")),
    ],
)
def test_unit__is_told_as_what_it_is(title: str, mark: str, came: tuple[str, str], went: tuple[str, str]) -> None:
    less = f"# Role\n\n## {title}\n\n{mark} Look at the tables\n{mark} Draw the plan\n"
    more = f"{less}{mark} Paint the door of the house\n"
    assert (told(less, more), told(more, less)) == ([came], [went])


def test_step__is_told_with_what_it_is_made_of() -> None:
    less = "# Role\n\n## Workflow\n\n1. Look at the tables\n2. Draw the plan\n"
    more = f"{less}3. Paint the door\n   - by mail\n   - by phone\n"
    assert messages(more, less, "step-removed") == ["step removed: Paint the door"]
    assert told(more, less) == [("step-removed", "warning")]


def test_statement__that_another_finding_tells_of_is_not_told_again() -> None:
    less = "# Role\n\n- Look at the tables\n- Draw the plan\n"
    assert told(f"{less}- Never paint the door\n", less) == [("guardrail-removed", "breaking")]
