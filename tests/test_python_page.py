"""What the page on the library shows works as it stands there, and a checker takes it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[1] / "docs" / "python.md").read_text("utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_page__has_snippets() -> None:
    assert len(SNIPPETS) >= 6


@pytest.mark.parametrize("number", range(len(SNIPPETS)))
def test_snippet__runs(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(SNIPPETS[number], f"snippet {number}", "exec"), {"__name__": "snippet"})
    assert "print(" not in SNIPPETS[number] or capsys.readouterr().out


def test_snippets__are_typed_and_a_name_that_is_none_of_ours_is_not(tmp_path: Path) -> None:
    for number, snippet in enumerate(SNIPPETS):
        (tmp_path / f"snippet_{number}.py").write_text(snippet, "utf-8")
    wrong = tmp_path / "wrong.py"
    wrong.write_text("from agentmerge import no_such_name\n", "utf-8")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--follow-imports=silent",
        "--cache-dir",
        str(tmp_path / "cache"),
    ]
    right = sorted(map(str, tmp_path.glob("snippet_*.py")))
    done = subprocess.run([*command, *right], capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout
    done = subprocess.run([*command, str(wrong)], capture_output=True, encoding="utf-8")
    assert 'has no attribute "no_such_name"' in done.stdout
