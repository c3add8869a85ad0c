"""Relative links of a combine lead from the folder of its output to the files that they led to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "agentmerge", *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8")


HEAD = "---\nname: dba\ndescription: Reviews migrations\n---\n# DBA\n\n## Sources\n\n"


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("vendor/docs/indexes.md", "docs/naming.md", "docs/a b.md", "vendor/scripts/check.sh", "vendor/p.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("text\n")
    (tmp_path / "agents").mkdir()
    (tmp_path / "host/agents").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


LINKS = [
    ("- Read [the list](docs/indexes.md) first.", "- Read [the list](../vendor/docs/indexes.md) first."),
    ("- Read [the list](./docs/indexes.md#top).", "- Read [the list](../vendor/docs/indexes.md#top)."),
    ("- Read [the list](<docs/indexes.md> 'List').", "- Read [the list](<../vendor/docs/indexes.md> 'List')."),
    ("- See ![p](p.png) and [p](p.png).", "- See ![p](../vendor/p.png) and [p](../vendor/p.png)."),
    ("- See [the folder](docs/).", "- See [the folder](../vendor/docs/)."),
    ("- See [the list][l].\n\n[l]: docs/indexes.md", "[l]: ../vendor/docs/indexes.md"),
    ('- See <a href="docs/indexes.md">it</a>.', '- See <a href="../vendor/docs/indexes.md">it</a>.'),
    ("- See [names](../docs/a%20b.md).", "- See [names](../docs/a%20b.md)."),
    ("- See [it](../docs/naming.md?x=1#a).", "- See [it](../docs/naming.md?x=1#a)."),
    ("@docs/indexes.md", "@../vendor/docs/indexes.md"),
    ("- See [no file](docs/none.md).", "- See [no file](docs/none.md)."),
    ("- See [web](https://example.org/docs/indexes.md).", "- See [web](https://example.org/docs/indexes.md)."),
    ("- See `[code](docs/indexes.md)`.", "- See `[code](docs/indexes.md)`."),
    ("- See [root](/docs/indexes.md).", "- See [root](/docs/indexes.md)."),
]


@pytest.mark.parametrize(("before", "after"), LINKS)
def test_link__is_written_from_the_folder_of_the_output(folders: Path, before: str, after: str) -> None:
    (folders / "vendor/a.md").write_text(f"{HEAD}{before}\n")
    (folders / "host/agents/b.md").write_text(f"{HEAD}- Never drop a table.\n")
    result = run("combine", "vendor/a.md", "host/agents/b.md", "-o", "agents/dba.md")
    assert result.returncode == 0, result.stderr
    assert after in (folders / "agents/dba.md").read_text()
    again = run("combine", "agents/dba.md", "-o", "agents/dba.md", "--all")
    assert "link-followed" not in again.stderr


def test_link__of_two_files_to_one_file_is_one(folders: Path) -> None:
    (folders / "vendor/a.md").write_text(f"{HEAD}- Read [the rules](../docs/naming.md).\n")
    (folders / "host/agents/b.md").write_text(f"{HEAD}- Read [the rules](../../docs/naming.md).\n")
    run("combine", "vendor/a.md", "host/agents/b.md", "-o", "agents/dba.md")
    text = (folders / "agents/dba.md").read_text()
    assert text.count("the rules") == 1
    assert "(../docs/naming.md)" in text


def test_link__stays_where_output_and_source_share_a_folder(folders: Path) -> None:
    (folders / "vendor/a.md").write_text(f"{HEAD}- Read [the list](docs/indexes.md); run `scripts/check.sh`.\n")
    (folders / "vendor/b.md").write_text(f"{HEAD}- Never drop a table.\n")
    result = run("combine", "vendor/a.md", "vendor/b.md", "-o", "vendor/c.md", "--strict")
    assert result.returncode == 0, result.stderr
    assert "(docs/indexes.md)" in (folders / "vendor/c.md").read_text()


def test_link__without_an_output_is_told_with_its_line(folders: Path) -> None:
    (folders / "vendor/a.md").write_text(f"{HEAD}- Read [the list](docs/indexes.md) first.\n")
    (folders / "host/agents/b.md").write_text(f"{HEAD}- Never drop a table.\n")
    result = run("combine", "vendor/a.md", "host/agents/b.md", "--strict")
    assert result.returncode == 1
    assert "warning[link-broken]: vendor/a.md:9: docs/indexes.md" in result.stderr
    assert "label-renamed" not in result.stderr


def test_path__in_code_beside_the_source_is_told(folders: Path) -> None:
    (folders / "vendor/a.md").write_text(f"{HEAD}- Run `scripts/check.sh` and `scripts/none.sh`.\n")
    (folders / "host/agents/b.md").write_text(f"{HEAD}- Never drop a table.\n")
    result = run("combine", "vendor/a.md", "host/agents/b.md", "-o", "agents/dba.md", "--strict")
    assert result.returncode == 1
    assert "vendor/a.md:9: `scripts/check.sh` is there beside the file" in result.stderr
    assert "none.sh" not in result.stderr
