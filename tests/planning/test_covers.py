"""What one statement covers is given up for it, and nothing goes that it does not say."""

from __future__ import annotations

import pytest

from agentmerge import combine, parse

HEAD = "- **Supervised learning**: Classification, regression, ensemble methods and the selection of models\n"


def _combined(*bodies: str) -> str:
    texts = [f"---\nname: scientist\n---\n\n# Scientist\n\n## Models\n\n{body}" for body in bodies]
    return combine([parse(text) for text in texts]).text


def test_a_name_that_is_written_small__is_kept_by_the_longer_text() -> None:
    covered = "- **Supervised**: Regression, Classification\n"
    text = _combined(covered, HEAD)
    assert HEAD in text
    assert covered not in text


@pytest.mark.parametrize(
    "other",
    [
        "- **Supervised**: Regression, Classification, Boosting with XGBoost\n",
        "- **Supervised**: Regression in 3 folds\n",
        "- **Supervised**: never use regression\n",
    ],
)
def test_what_the_longer_text_lacks__is_never_given_up(other: str) -> None:
    text = _combined(other, HEAD)
    assert other in text
    assert HEAD in text


def _fates(*texts: str) -> list[str]:
    return [row.fate for row in combine([parse(f"# R\n\n{text}") for text in texts]).ledger]


def test_what_the_nearest_heading_allows__is_no_prohibition() -> None:
    handled = "## Boundaries\n\n### I Handle\n\n- Input validation and sanitization\n"
    rule = "## Responsibilities\n\n- **Input Validation**: Ensure all user inputs are properly sanitized\n"
    assert _fates(handled, rule) == ["merged", "kept"]
    assert _fates(handled.replace("I Handle", "Never"), rule) == ["kept", "kept"]


def test_a_member_of_a_list_on_another_topic__is_another_thing() -> None:
    short = "## {}\n\n- Edge cases\n"
    listed = "## Skills\n\n- Logic flaw analysis: wrong assumptions, edge cases, wrong algorithms\n"
    assert _fates(short.format("Test review"), listed) == ["kept", "kept"]
    assert _fates(short.format("Logic flaws"), listed) == ["merged", "kept"]
