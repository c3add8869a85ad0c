"""Exit 1 with a file written and exit 1 without one are told apart, for people and for programs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

A = "---\nname: r\n---\n# R\n\n## Allowed\n\n- Refund up to 50 euro.\n\n## Not allowed\n\n- Share the card number.\n"
B = "---\nname: r\n---\n# R\n\n## Allowed\n\n- Share the order.\n\n## Not allowed\n\n- Refund up to 50 euro.\n"


def combine(folder: Path, *arguments: str) -> tuple[int, str, bool]:
    (folder / "a.md").write_text(A)
    (folder / "b.md").write_text(B)
    command = [sys.executable, "-m", "agentmerge", "combine", "a.md", "b.md", "--report", "r.json", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=folder)
    last = done.stderr.strip().split("\n")[-1]
    return done.returncode, last, json.loads((folder / "r.json").read_text())["written"]


def test_exit__with_a_file(tmp_path: Path) -> None:
    code, last, written = combine(tmp_path, "-o", "out.md")
    assert (code, written, (tmp_path / "out.md").exists()) == (1, True, True)
    assert last.endswith("exit 1, written to out.md")


def test_exit__without_a_file(tmp_path: Path) -> None:
    code, last, written = combine(tmp_path, "-o", "out.md", "--on-conflict", "fail")
    assert (code, written, (tmp_path / "out.md").exists()) == (1, False, False)
    assert last.endswith("nothing was written")
