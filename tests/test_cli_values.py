"""Values of options that are out of bounds are refused before anything is read or written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TEXT = "---\nname: a\n---\n# A\n\n## Rules\n\n- Be brief\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["align", "a.md", "b.md", "--format", "json", "--candidates", "-1"], "-1 is less than 0"),
        (["align", "a.md", "b.md", "--candidates", "2"], "--format json"),
        (["merge", "a.md", "a.md", "b.md", "-o", "out.md", "--marker-size", "0"], "0 is less than 1"),
    ],
)
def test_a_value_out_of_bounds__is_refused(arguments: list[str], told: str, tmp_path: Path) -> None:
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text(TEXT, "utf-8")
    command = [sys.executable, "-m", "agentmerge", *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stdout == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.md", "b.md"]
