"""How much longer or shorter a prompt is."""

from __future__ import annotations

import pytest

from agentmerge.drifting.rules.size import tokens
from tests.drifting.rules.edits import messages, told


def test_length__that_grew_much_is_told_in_tokens() -> None:
    old = "# Role\n\nRead the code.\n"
    new = old + "\nA fact on the house that nobody has to know.\n" * 40
    assert ("tokens", "info") in told(old, new)
    (said,) = messages(old, new, "tokens")
    assert said.startswith("about 6 tokens became about ")
    assert told(old, f"{old}\nOne fact.\n", "tokens") == []


@pytest.mark.parametrize(("text", "count"), [("", 0), ("code", 1), ("a-b", 3), ("internationalize", 3), ("日本", 2)])
def test_tokens__of_a_text(text: str, count: int) -> None:
    assert tokens(text) == count
