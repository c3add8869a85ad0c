"""AGENTS.md of nested folders are layers; and a combine that only checks its file, or tells nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.test_cli_combine import run as combine

OUTER = "# AGENTS.md\n\n## Safety\n\n- Ask before you delete data.\n\n## Commands\n\n- Use four spaces.\n"
INNER = "# The API\n\n## Commands\n\n- Use tabs.\n\n```sh\n# no heading\nmake\n```\n\nNotes\n-----\n\nText.\n"


def run(*arguments: object) -> tuple[int, str, str]:
    result = combine("combine", *map(str, arguments))
    return result.returncode, result.stdout, result.stderr


@pytest.fixture
def nested(tmp_path: Path) -> tuple[Path, Path]:
    outer, inner = tmp_path / "AGENTS.md", tmp_path / "packages" / "api" / "AGENTS.md"
    inner.parent.mkdir(parents=True)
    outer.write_text(OUTER)
    inner.write_text(INNER)
    return outer, inner


def test_layers__are_no_variants(nested: tuple[Path, Path], tmp_path: Path) -> None:
    for files in (nested, nested[::-1]):
        code, out, err = run(*files, "-o", tmp_path / "out.md")
        assert (code, out) == (2, "")
        assert "is a layer below" in err
        assert "--flatten" in err
    assert not (tmp_path / "out.md").exists()


def test_flatten__writes_each_layer_whole_under_its_path(nested: tuple[Path, Path]) -> None:
    code_block = "```sh\n# no heading\nmake\n```\n"
    below = f"## packages/api: The API\n\n### Commands\n\n- Use tabs.\n\n{code_block}\n### Notes\n\nText.\n"
    for files in (nested, nested[::-1]):
        code, out, _ = run(*files, "--flatten")
        assert (code, out) == (0, f"{OUTER}\n{below}")


def test_flatten__has_a_row_for_each_unit_with_its_line(nested: tuple[Path, Path], tmp_path: Path) -> None:
    code, out, _ = run(*nested, "--flatten", "--report", tmp_path / "r.json")
    report = json.loads((tmp_path / "r.json").read_text())
    rows = [row for row in report["ledger"] if row["file"] == 1]
    assert code == 0
    assert [out.splitlines()[row["into"] - 1].lstrip("- ") for row in rows] == ["Use tabs.", "```sh", "Text."]
    assert {row["decision"] for row in report["ledger"]} <= {one["id"] for one in report["decisions"]}


def test_flatten__is_for_layers_alone(tmp_path: Path) -> None:
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text(OUTER)
    code, _, err = run(tmp_path / "a.md", tmp_path / "b.md", "--flatten")
    assert code == 2
    assert "nested folders" in err


def test_files_of_one_name_side_by_side__are_variants(tmp_path: Path) -> None:
    files = [tmp_path / one / "AGENTS.md" for one in ("x", "y")]
    for number, file in enumerate(files):
        file.parent.mkdir()
        file.write_text(OUTER.replace("four", ("four", "eight")[number]))
    assert run(*files)[0] in (0, 1)


def test_check__compares_and_writes_nothing(tmp_path: Path) -> None:
    files = [tmp_path / "a.md", tmp_path / "b.md"]
    for number, file in enumerate(files):
        file.write_text(f"# Baker\n\nYou are a baker.\n\n## Rules\n\n- Bake bread number {number}\n")
    out = tmp_path / "out.md"
    code, _, err = run(*files, "-o", out, "--check")
    assert (code, out.exists()) == (1, False)
    assert "is missing" in err
    assert run(*files, "-o", out)[0] == 0
    assert run(*files, "-o", out, "--check")[0] == 0
    out.write_text(out.read_text() + "\nMore.\n")
    edited = out.read_text()
    code, _, err = run(*files, "-o", out, "--check")
    assert (code, out.read_text()) == (1, edited)
    assert "1 place" in err
    assert run(*files, "--check")[0] == 2


def test_quiet__tells_nothing(tmp_path: Path) -> None:
    files = [tmp_path / "a.md", tmp_path / "b.md"]
    for file, model in zip(files, ("opus", "haiku"), strict=True):
        file.write_text(f"---\nname: a\nmodel: {model}\n---\n\n# Baker\n\nYou are a baker.\n")
    assert "model" in run(*files)[2]
    assert run(*files, "-q")[2] == ""
