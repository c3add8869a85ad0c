"""Procedures of several authors become one by the phases of their steps, or each stands whole."""

from __future__ import annotations

import re

import pytest

from agentmerge import combine, parse
from agentmerge.planning.records import Merged

FULL = """# Baker

You are a baker.

## Workflow

1. **Research the flour**
   - Read the label of each sack
   - Compare two mills of the valley
2. **Design the loaf**
   - Sketch its shape on paper
   - Choose a sourdough or a yeast
3. **Implement the dough**
   - Knead it for ten minutes on wood
4. **Validate the crumb**
   - Cut one loaf per batch while warm
"""
SHORT = """# Baker

You are a baker.

## Approach

1. Clarify how many guests come
2. Design with the oven in mind
3. Verify the salt twice
"""


def combined(*texts: str) -> Merged:
    return combine([parse(text, filename=f"{number}.md") for number, text in enumerate(texts)])


def lines(merged: Merged) -> list[str]:
    return merged.text.splitlines()


def test_steps__stand_at_the_step_of_their_phase() -> None:
    found = lines(combined(FULL, SHORT))
    assert [line for line in found if re.match(r"\d", line)] == [
        "1. Clarify how many guests come",
        "2. **Research the flour**",
        "3. **Design the loaf**",
        "4. **Implement the dough**",
        "5. **Validate the crumb**",
    ]
    assert found.index("   - Design with the oven in mind") == found.index("4. **Implement the dough**") - 1
    assert found[-1] == "   - Verify the salt twice"
    assert "## Approach" not in found


def test_order_of_files__changes_nothing() -> None:
    assert combined(FULL, SHORT).text == combined(SHORT, FULL).text


def test_result__combined_again_is_the_same() -> None:
    once = combined(FULL, SHORT).text
    assert combined(once, once).text == once


def test_what_is_nested_in_a_step__goes_with_it() -> None:
    nested = SHORT.replace("mind\n", "mind\n   - Mind the stones of its floor\n")
    found = lines(combined(FULL, nested))
    at = found.index("   - Design with the oven in mind")
    assert found[at + 1] == "     - Mind the stones of its floor"


@pytest.mark.parametrize(
    "apart",
    [
        SHORT.replace("twice", "twice, else go back to step 2"),
        SHORT.replace("## Approach", "## When you serve a wedding"),
        SHORT.replace("## Approach\n", "## Approach\n\nYou must follow these steps:\n"),
        SHORT.replace("Clarify how", "Verify how")
        .replace("Design with", "Research with")
        .replace("Verify the", "Design the"),
        "# Baker\n\nYou are a baker.\n\n## Process\n\n1. Wave at the sun\n2. Sing to the yeast\n3. Verify the salt\n",
    ],
    ids=["numbers are used", "a subject", "a line that binds", "another order", "no phases"],
)
def test_procedure_that_does_not_fit__stands_whole(apart: str) -> None:
    text = combined(FULL, apart).text
    steps = [line for line in apart.splitlines() if re.match(r"\d", line)]
    assert "\n".join(steps) in text
    assert "1. **Research the flour**" in text


def test_spine_whose_numbers_are_used__takes_no_step_between_its_own() -> None:
    used = FULL.replace("while warm", "while warm; if it is wet, repeat step 3")
    text = combined(used, SHORT).text
    assert "1. **Research the flour**" in text
    assert "1. Clarify how many guests come\n2. Design with the oven in mind" in text


def test_ledger__has_each_step_kept() -> None:
    rows = [row for row in combined(FULL, SHORT).ledger if row.source.file == 1 and row.source.kind == "item"]
    assert [row.fate for row in rows] == ["kept"] * 3
