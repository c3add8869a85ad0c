"""The documentation builds as a site in which every link leads somewhere; skipped where the extra is missing."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]


@pytest.mark.skipif(find_spec("mkdocs") is None, reason="there is no mkdocs")
def test_site__builds_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    pages = {path.stem for path in (ROOT / "docs").glob("*.md")}
    assert pages <= {path.stem for path in (tmp_path / "site").glob("*.html")}


def test_navigation__names_pages_that_there_are() -> None:
    nav = YAML(typ="safe").load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    named = [page for row in nav for value in row.values() for page in _pages(value)]
    assert len(named) == len(set(named)) > 10
    assert all((ROOT / "docs" / page).is_file() for page in named)


def _pages(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    assert isinstance(value, list)
    return [page for row in value for inner in row.values() for page in _pages(inner)]
