"""`combine --why LINE`: why a line of the result stands there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_cli_combine import run

LISTED = "- **Supervised learning**: Classification, regression, ensemble methods and the selection of models"
SHORT = "- **Supervised**: Regression, classification"


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    for name, line in (("a.md", SHORT), ("b.md", LISTED)):
        (tmp_path / name).write_text(f"---\nname: tutor\n---\n\n# Tutor\n\nYou are a tutor.\n\n## Models\n\n{line}\n")
    return [str(tmp_path / name) for name in ("a.md", "b.md")]


def test_why__tells_rule_meaning_and_sources_of_a_line(files: list[str], tmp_path: Path) -> None:
    text = run("combine", *files).stdout
    line = text.splitlines().index(LISTED) + 1
    done = run("combine", *files, "--why", str(line), "-o", str(tmp_path / "out.md"))
    assert done.returncode == 0
    assert f"line {line}: - **Supervised learning**" in done.stdout
    assert "stands" in done.stdout
    assert "kept       b.md:11" in done.stdout
    assert "merged     a.md:11" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert not (tmp_path / "out.md").exists()


def test_why__of_a_field_and_of_a_line_between(files: list[str]) -> None:
    assert "majority" in run("combine", *files, "--why", "2").stdout
    heading = run("combine", *files).stdout.splitlines().index("## Models") + 1
    assert "belongs to" in run("combine", *files, "--why", str(heading)).stdout


@pytest.mark.parametrize("line", ["0", "-1", "9999"])
def test_why__of_no_line_is_refused(files: list[str], line: str) -> None:
    done = run("combine", *files, "--why", line)
    assert done.returncode == 2
    assert "the result has lines 1 to" in done.stderr
    assert done.stdout == ""
