"""Characters that nobody sees: told where they came, not where they went or stayed."""

from __future__ import annotations

import pytest

from tests.drifting.rules.edits import messages, told

PLAIN = "# Role\n\nRead the code.\n\n- Write tests\n"


@pytest.mark.parametrize("char", ["\u200b", "\u202e", "\U000e0041", "\ufeff"])
def test_hidden_character__that_came_is_breaking(char: str) -> None:
    spoilt = PLAIN.replace("the code", f"the {char}code")
    assert told(PLAIN, spoilt, "hidden-characters") == [("hidden-characters", "breaking")]
    assert messages(PLAIN, spoilt, "hidden-characters") == [f"added: 1 x U+{ord(char):04X}"]
    assert told(spoilt, PLAIN, "hidden-characters") == []
    assert told(spoilt, spoilt.replace("tests", "many tests"), "hidden-characters") == []
