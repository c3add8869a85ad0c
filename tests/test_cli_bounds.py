"""A number outside of the bounds of its option, or without the form that it is for, is an error, told at once."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from agentmerge.cli import application


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("align", "a.md", "b.md", "--candidates", "-1"), "'-1' is less than 0"),
        (("merge", "a.md", "b.md", "c.md", "--marker-size", "0"), "'0' is less than 1"),
        (("resolve", "a.md", "--marker-size", "-7"), "'-7' is less than 1"),
    ],
)
def test_number_out_of_bounds__is_refused(arguments: tuple[str, ...], message: str) -> None:
    done = CliRunner().invoke(application(), arguments)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert message in done.stderr


def test_candidates_of_the_text_form__are_refused() -> None:
    done = CliRunner().invoke(application(), ["align", "a.md", "b.md", "--candidates", "2"])
    assert done.exit_code == 2
    assert "--format json" in done.stderr
