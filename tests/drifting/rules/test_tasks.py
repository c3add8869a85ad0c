"""Tasks that are done now, or open again."""

from __future__ import annotations

import pytest

from tests.drifting.rules.edits import messages, told


@pytest.mark.parametrize(("open_", "done"), [("[ ]", "[x]"), ("☐", "☑")])
def test_state__is_told_both_ways(open_: str, done: str) -> None:
    old, new = (f"# Role\n\n- {box} Write the tests\n- {open_} Read the code\n" for box in (open_, done))
    assert told(old, new) == [("task-state", "info")]
    assert messages(old, new, "task-state") == [f"task done: {done} Write the tests".replace("[x] ", "")]
    assert messages(new, old, "task-state") == [f"task open again: {open_} Write the tests".replace("[ ] ", "")]


def test_state__in_another_spelling_stays() -> None:
    old = "# Role\n\n- [x] Write the tests\n"
    assert told(old, old.replace("[x]", "[X]")) == []
