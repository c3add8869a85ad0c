"""Who the prompt says the agent is."""

from __future__ import annotations

import pytest

from tests.drifting.rules.edits import messages, told

OLD = "# Role\n\nYou are a careful\nreviewer of code.\n\n- Write tests\n"


@pytest.mark.parametrize("new", ["You are a quick reviewer of code.", "Act as a tester.", "As a tester, read it."])
def test_other_introduction__is_a_warning(new: str) -> None:
    text = OLD.replace("You are a careful\nreviewer of code.", new)
    assert told(OLD, text, "identity-changed") == [("identity-changed", "warning")]
    assert messages(OLD, text, "identity-changed") == [f"introduced as: {new}"]


@pytest.mark.parametrize("new", ["You are a careful reviewer\nof code.", "> You are a careful reviewer of code."])
def test_introduction_in_another_form__is_none(new: str) -> None:
    assert told(OLD, OLD.replace("You are a careful\nreviewer of code.", new), "identity-changed") == []


def test_other_marks_of_emphasis__introduce_nobody_else() -> None:
    old = "# Role\n\nYou are a **careful** reviewer of __Python__ code. **Never guess.** Ask the owner.\n"
    new = old.replace("**", "§§").replace("__", "**").replace("§§", "__")
    assert not [row for row in told(old, new) if row[1] != "info"]
