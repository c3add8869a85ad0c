"""Commands in blocks of a shell."""

from __future__ import annotations

import pytest

from tests.drifting.rules.edits import Told, told

BODY = "# Role\n\nRun this:\n\n```bash\nnpm ci\nnpm test\n```\n"


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("npm test", "npm test --silent", [("command-changed", "warning")]),
        ("npm test", "npm test\nmake clean-cache", [("command-changed", "warning")]),
        ("npm test\n", "", [("command-changed", "info")]),
        ("npm test", "# the tests\nnpm test", [("statement-changed", "info")]),
        ("npm test", "npm test  ", []),
    ],
)
def test_commands__are_compared_line_by_line(old: str, new: str, found: Told) -> None:
    assert told(BODY, BODY.replace(old, new)) == found


def test_shown_example__weighs_less_where_it_shows_more() -> None:
    shown = BODY.replace("Run this:", "For example:")
    assert told(shown, shown.replace("npm test", "npm test\nmake clean")) == [("command-changed", "info")]
