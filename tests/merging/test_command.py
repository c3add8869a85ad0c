"""`agentmerge merge` and `agentmerge resolve` as a person calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agentmerge.cli import application

BASE = "---\nname: a\nmodel: sonnet\ntools: Read\n---\n\n# A\n\n- one two three\n- four\n"
OURS = BASE.replace("sonnet", "opus")
THEIRS = BASE.replace("sonnet", "haiku").replace("- four", "- four\n- five")


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    names = []
    for name, text in (("base.md", BASE), ("ours.md", OURS), ("theirs.md", THEIRS)):
        (tmp_path / name).write_bytes(text.encode())
        names.append(str(tmp_path / name))
    return names


def run(*arguments: str) -> Result:
    return CliRunner().invoke(application(), list(arguments))


def test_conflict__exit_1_and_both_sides(files: list[str]) -> None:
    result = run("merge", *files, "-L", "mine", "-L", "old", "-L", "new", "--conflict-style", "diff3")
    assert result.exit_code == 1
    assert (
        "<<<<<<< mine (frontmatter/model: changed by both sides)\nmodel: opus\n||||||| old\nmodel: sonnet\n"
        "=======\nmodel: haiku\n>>>>>>> new\n" in result.stdout
    )
    assert "conflict: frontmatter/model: changed by both sides" in result.stderr
    assert "- five\n" in result.stdout


def test_policy__decides_and_is_told(files: list[str]) -> None:
    result = run("merge", *files, "--policy", "frontmatter/model=theirs")
    assert result.exit_code == 0
    assert "model: haiku\n" in result.stdout
    assert "decided by frontmatter/model=theirs" in result.stderr


def test_frontmatter_conflicts__one_side_keeps_the_file_loadable(files: list[str]) -> None:
    result = run("merge", *files, "--frontmatter-conflicts", "ours")
    assert result.exit_code == 0
    assert "model: opus\n" in result.stdout
    assert "frontmatter/model" in result.stderr


def test_policy__more_exact_rule_comes_first(files: list[str]) -> None:
    result = run("merge", *files, "--frontmatter-conflicts", "ours", "--policy", "frontmatter/model=theirs")
    assert "model: haiku\n" in result.stdout


def test_unknown_strategy__is_named_with_the_next_one(files: list[str]) -> None:
    result = run("merge", *files, "--policy", "frontmatter/model=their")
    assert result.exit_code == 2
    assert "did you mean 'theirs'?" in result.stderr


def test_dry_run__writes_nothing(files: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out.md"
    result = run("merge", *files, "-o", str(out), "--dry-run")
    assert not out.exists()
    assert "added-by-theirs: A: five" in result.stdout


def test_explain__goes_to_stderr(files: list[str]) -> None:
    result = run("merge", *files, "--explain")
    assert "added-by-theirs: A: five" in result.stderr
    assert "added-by-theirs" not in result.stdout


def test_report__each_unit_has_a_fate(files: list[str], tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    run("merge", *files, "-o", str(tmp_path / "out.md"), "--report", str(report))
    data = json.loads(report.read_text("utf-8"))
    assert data["schema"] == "agentmerge/report/1"
    assert data["files"] == files
    lines = (tmp_path / "out.md").read_text("utf-8").split("\n")
    five = [row for row in data["ledger"] if row["text"] == "five"]
    assert [(row["file"], row["fate"], lines[row["into"] - 1]) for row in five] == [(2, "kept", "- five")]
    models = {row["file"]: row["fate"] for row in data["ledger"] if row["line"] == 3}
    assert models == {0: "conflict", 1: "conflict", 2: "conflict"}


def test_wrong_number_of_files__is_a_usage_error(files: list[str]) -> None:
    assert run("merge", *files[:2]).exit_code == 2
    assert run("merge", "--base", files[0], *files).exit_code == 2


def test_base_option__stands_for_the_first_file(files: list[str]) -> None:
    assert run("merge", "--base", *files).stdout == run("merge", *files).stdout


def test_crlf_bom_and_missing_newline__as_in_ours(tmp_path: Path) -> None:
    texts = {
        "b": BASE,
        "o": "\ufeff" + BASE.replace("- one two", "- 1 two").rstrip("\n").replace("\n", "\r\n"),
        "t": THEIRS,
    }
    for name, text in texts.items():
        (tmp_path / name).write_bytes(text.encode())
    out = tmp_path / "out"
    result = run("merge", *(str(tmp_path / name) for name in "bot"), "-o", str(out))
    assert result.exit_code == 0, result.stderr
    text = out.read_bytes().decode()
    assert text.startswith("\ufeff---\r\n")
    assert text.endswith("- four\r\n- five")
    assert "\n" not in text.replace("\r\n", "")


def test_resolve__merges_the_sides_of_diff3_markers(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text(
        "# A\n\n<<<<<<< HEAD\n- one\n- two!\n||||||| x\n- one\n- two\n=======\n- one!\n- two\n>>>>>>> other\n", "utf-8"
    )
    result = run("resolve", str(file))
    assert result.exit_code == 0
    assert result.stdout == "# A\n\n- one!\n- two!\n"
    assert "<<<<<<<" in file.read_text("utf-8")
    assert run("resolve", "--in-place", str(file)).exit_code == 0
    assert file.read_text("utf-8") == result.stdout


def test_resolve__without_base_says_how_to_get_one(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("<<<<<<< HEAD\n- one\n=======\n- two\n>>>>>>> other\n", "utf-8")
    result = run("resolve", str(file))
    assert result.exit_code == 2
    assert "--base" in result.stderr


def test_resolve__without_markers_is_an_error(files: list[str]) -> None:
    result = run("resolve", files[0])
    assert result.exit_code == 2
    assert "holds no conflict markers" in result.stderr
