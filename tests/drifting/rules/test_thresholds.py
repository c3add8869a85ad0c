"""Numbers: limits that changed, and numbers that only name or count something."""

from __future__ import annotations

import pytest

from tests.drifting.rules.edits import messages, told


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Keep the coverage above 80%", "Keep the coverage above 60%", "80% became 60%"),
        ("Wait for 5 minutes", "Wait for 5 seconds", "5 minutes became 5 seconds"),
        ("Answer in <= 3 lines", "Answer in >= 3 lines", "<=3 became >=3"),
        ("Go on with Step 2", "Go on with Step 3", ""),
        ("Keep 3 copies", "Keep 3 good copies", ""),
    ],
)
def test_number__of_a_statement(old: str, new: str, said: str) -> None:
    found = messages(f"# Role\n\n- {old}\n", f"# Role\n\n- {new}\n", "threshold-changed")
    assert [one.partition(":")[0] for one in found] == ([said] if said else [])


def test_number__of_a_block_of_data_is_named_by_its_path() -> None:
    old = '# Role\n\n```json\n{"limits": {"retries": 3}, "name": "a"}\n```\n'
    assert messages(old, old.replace("3", "9"), "threshold-changed") == ["limits.retries: 3 became 9"]


@pytest.mark.parametrize(("old", "new", "count"), [("Top 10 rules", "Top 5 rules", 1), ("2. Rules", "3. Rules", 0)])
def test_number__of_a_heading(old: str, new: str, count: int) -> None:
    text = "# Role\n\n## {}\n\n- Read the code\n- Write small tests\n"
    assert len(messages(text.format(old), text.format(new), "threshold-changed")) == count


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("Wait 2 seconds", "Wait 2 s", False),
        ("Wait 60 seconds", "Wait 1 minute", False),
        ("Wait 60 seconds", "Wait 2 minutes", True),
        ("Retry three times", "Retry 3 times", False),
        ("Ask two people", "Ask 3 people", True),
        ("Run it daily", "Run it weekly", True),
        ("Change at most 5 files", "Change at most a few files", True),
        ("Limit it to 5 files", "Limit it to files", True),
        ("Run it with Node 20", "Run it with Node 22", False),
        ("Ask from 500 EUR on", "Ask from 500 cents on", True),
        ("Ask from 500 EUR on", "Ask from 500 euros on", False),
        ("Keep it below 2 MB", "Keep it below 2000 kB", False),
        ("Keep it below 2 MB", "Keep it below 2 GB", True),
        ("Move it to `net8.0` at last", "Move it to `net10.0` at last", False),
        ("Answer with a score of 0-1", "Answer with a score of 0.0-1.0", False),
    ],
)
def test_quantity__is_told_however_it_is_written(old: str, new: str, found: bool) -> None:
    body = "# Role\n\nRead the code.\n\n- {}\n- Write small tests\n"
    assert (("threshold-changed", "warning") in told(body.format(old), body.format(new))) is found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Record the hash as told in §6.", "Record the hash as told in §7."),
        ("Sections 4 and 5 tell more.", "Sections 5 and 5 tell more."),
        ("```\nDo:\n1. Read it\n3. Write it\n```", "```\nDo:\n1. Read it\n2. Write it\n```"),
    ],
)
def test_number_of_a_place__is_no_limit(old: str, new: str) -> None:
    assert told(f"# Role\n\n{old}\n", f"# Role\n\n{new}\n", "threshold-changed") == []
    assert told(f"# Role\n\n{old}\n", f"# Role\n\n{new}\n")
