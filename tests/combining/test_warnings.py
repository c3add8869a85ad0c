"""What a heading forbids, and what another author asks for in the same words, both stand where they stood."""

from __future__ import annotations

from itertools import permutations

import pytest

from agentmerge import combine, parse

ROLE = "# Role\n\nRead the code.\n\n"


def below(text: str) -> dict[str, set[str]]:
    """The items of a combined file by the heading or the line above them."""
    found: dict[str, set[str]] = {}
    above = ""
    for line in text.splitlines():
        if line.lstrip().startswith(("- ", "1. ", "2. ")) and not line.endswith(":"):
            found.setdefault(above, set()).add(line.split(maxsplit=1)[1])
        elif line.strip() and not line.lstrip().startswith("<!--"):
            above = line.strip("#- :")
    return found


@pytest.mark.parametrize(
    ("forbids", "allows"),
    [
        ("## Never", "## Always"),
        ("## Don't", "## Do"),
        ("## Forbidden", "## Allowed"),
        ("## Out of scope", "## In scope"),
        ("## Mistakes", "## Practices"),
        ("You must never:", "You must always:"),
        ("## Niemals", "## Immer"),
    ],
)
def test_same_words_below_opposed_headings__both_stand(forbids: str, allows: str) -> None:
    texts = [
        f"{ROLE}{forbids}\n\n- Push to main\n- Delete data\n",
        f"{ROLE}{allows}\n\n- Push to main\n- Write tests\n",
    ]
    for some in permutations(texts):
        items = below(combine([parse(text) for text in some]).text)
        assert items[forbids.strip("# :")] == {"Push to main", "Delete data"}
        assert items[allows.strip("# :")] == {"Push to main", "Write tests"}


def test_what_forbids_in_both__stands_once() -> None:
    texts = [f"{ROLE}## Never\n\n- Push to main\n", f"{ROLE}## Never do\n\n- Push to main\n- Delete data\n"]
    for some in permutations(texts):
        assert combine([parse(text) for text in some]).text.count("Push to main") == 1


def test_rule_that_a_longer_condition_limits__stands_beside_it() -> None:
    texts = [f"{ROLE}## Rules\n\n- If tests fail, stop\n", f"{ROLE}## Rules\n\n- If tests fail twice, stop\n"]
    for some in permutations(texts):
        merged = combine([parse(text) for text in some]).text
        assert "- If tests fail, stop\n" in merged
        assert "- If tests fail twice, stop\n" in merged
