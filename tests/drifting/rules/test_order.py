"""Steps in another order; lists whose order says nothing."""

from __future__ import annotations

from tests.drifting.rules.edits import messages, told

STEPS = "# Role\n\n## Workflow\n\n1. Read the diff\n2. Run the linters\n3. Write the report\n"


def test_steps__in_another_order_are_one_warning() -> None:
    new = STEPS.replace("1. Read the diff\n2. Run the linters\n", "1. Run the linters\n2. Read the diff\n")
    assert told(STEPS, new) == [("steps-reordered", "warning")]
    said = "steps in another order: Run the linters, Read the diff, Write the report"
    assert messages(STEPS, new, "steps-reordered") == [said]


def test_phases__in_another_order() -> None:
    first, second = "### Phase 1: Look\n\nLook at it.\n\n", "### Phase 2: Build\n\nBuild it well.\n\n"
    old, new = (f"# Role\n\n## Workflow\n\n{one}" for one in (first + second, second + first))
    assert told(old, new, "steps-reordered") == [("steps-reordered", "warning")]


def test_items__of_a_plain_list_have_no_order() -> None:
    old = "# Role\n\n## Ways\n\n- Read the diff\n- Run the linters\n"
    assert told(old, "# Role\n\n## Ways\n\n- Run the linters\n- Read the diff\n") == []


def test_bullets__that_were_reworded_too_are_information() -> None:
    old = "# Role\n\n## Workflow\n\n- Read the diff of the branch\n- Run the linters of the project\n"
    new = "# Role\n\n## Workflow\n\n- Run all the linters of the project\n- Read the diff of the branch\n"
    assert told(old, new, "steps-reordered") in ([], [("steps-reordered", "info")])


def test_numbers__of_sources_and_principles_count_no_steps() -> None:
    old = "# Role\n\n## Principles\n\n1. Keep it small\n2. Keep it plain\n"
    assert told(old, old.replace("2. Keep it plain\n", ""), "step-removed") == []
