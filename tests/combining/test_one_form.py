"""What one form asks of two things is two statements, however likely the model calls them the same."""

from __future__ import annotations

import pytest

from agentmerge import combine, parse

PAIRS = (
    ("Review the linting of every change.", "Review the naming of every change."),
    (
        "Check the locks of storage number 3 before the nightly run.",
        "Check the names of storage number 3 before the nightly run.",
    ),
    ("Report bugs to the backend team.", "Report bugs to the frontend team."),
    (
        "Check storage number 4: the cache of module storage4 keeps 7 entries and 28 rows.",
        "Check payment number 4: the cache of module payment4 keeps 7 entries and 28 rows.",
    ),
    ("Send the weekly report to finance on Friday.", "Send the weekly report to legal on Friday."),
)


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_one_form_with_two_things__is_kept_twice(one: str, other: str) -> None:
    texts = (f"# Reviewer\n\n## Tasks\n\n- {text}\n" for text in (one, other))
    merged = combine([parse(text, filename=f"{number}.md") for number, text in enumerate(texts)])
    assert [row.fate for row in merged.ledger if row.source.text in (one, other)] == ["kept", "kept"]


def test_one_form_with_a_word_that_says_the_same__is_kept_once() -> None:
    texts = ("Verify the schema of every request.", "Validate the schema of every request.")
    merged = combine([parse(f"# R\n\n## Tasks\n\n- {text}\n", filename=f"{text}.md") for text in texts])
    assert sorted(row.fate for row in merged.ledger) == ["kept", "merged"]
