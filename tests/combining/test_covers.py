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
