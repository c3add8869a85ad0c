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


def test_resolve__without_base_combines_the_sides(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("<<<<<<< HEAD\n- one\n=======\n- two\n>>>>>>> other\n", "utf-8")
    result = run("resolve", str(file))
    assert result.exit_code == 0
    assert result.stdout == "- one\n- two\n"
    assert "--base" in result.stderr


def test_resolve__without_markers_is_an_error(files: list[str]) -> None:
    result = run("resolve", files[0])
    assert result.exit_code == 2
    assert "holds no conflict markers" in result.stderr


def test_configuration__decides_and_describes_fields(files: list[str], tmp_path: Path) -> None:
    (tmp_path / ".agentmerge.yaml").write_text("merge:\n  frontmatter/model: theirs\n")
    result = run("merge", *files)
    assert result.exit_code == 0
    assert "model: haiku\n" in result.stdout
    assert "model: opus\n" in run("merge", *files, "--policy", "frontmatter/model=ours").stdout
    assert run("merge", *files, "--no-config").exit_code == 1
    (tmp_path / ".agentmerge.yaml").write_text("merge:\n  frontmatter/model: their\n")
    assert "did you mean 'theirs'?" in run("merge", *files).stderr


def test_configuration__a_field_of_the_user_is_merged_as_a_set(tmp_path: Path) -> None:
    names = []
    for name, value in (("b", "x, y"), ("o", "x, y, o"), ("t", "x, t")):
        (tmp_path / name).write_text(f"---\nname: a\nhelpers: {value}\n---\n")
        names.append(str(tmp_path / name))
    assert run("merge", *names).exit_code == 1
    (tmp_path / ".agentmerge.yaml").write_text("tables:\n  fields:\n    helpers:\n      shape: set\n")
    result = run("merge", *names)
    assert result.exit_code == 0
    assert "helpers: x, o, t\n" in result.stdout


def test_policy_for_nothing__is_told(files: list[str]) -> None:
    assert "'Worklfow' matches no section" in run("merge", *files, "--policy", "Worklfow=ours").stderr
    assert "matches no" not in run("merge", *files, "--policy", "frontmatter/model=ours").stderr


def test_policy__decides_a_conflict_that_was_told_by_lines(tmp_path: Path) -> None:
    texts = {
        "b": "# A\n\n## B\n\nold words that nobody kept\n\n- item\n",
        "o": "# A\n\n## B\n\nsomething else entirely\n\n1. one\n",
        "t": "# A\n\n## B\n\n> an answer of the other side\n\n```\ncode\n```\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    names = [str(tmp_path / name) for name in "bot"]
    assert run("merge", *names).exit_code == 1
    result = run("merge", *names, "--policy", "B=theirs")
    assert result.exit_code == 0
    assert result.stdout == texts["t"]


def test_report__conflicts_have_lines_in_the_result_and_in_each_file(files: list[str], tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    result = run("merge", *files, "-o", str(tmp_path / "out.md"), "--report", str(report))
    conflict = json.loads(report.read_text("utf-8"))["conflicts"][0]
    assert conflict["line"] == 3
    assert [(member["file"], member["line"]) for member in conflict["members"]] == [(0, 3), (1, 3), (2, 3)]
    assert "conflict: frontmatter/model: changed by both sides (line 3)" in result.stderr


def test_standard_input__is_one_of_the_files_once(files: list[str]) -> None:
    assert "more than once" in run("merge", "-", "-", files[2]).stderr


def test_folder_as_output__no_report_is_left(files: list[str], tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    result = run("merge", *files, "-o", str(tmp_path / "out"), "--report", str(tmp_path / "r.json"))
    assert result.exit_code == 2
    assert "out: can't be written: is a directory" in result.stderr
    assert not (tmp_path / "r.json").exists()


def test_result_and_report_in_one_place__are_refused(files: list[str]) -> None:
    result = run("merge", *files, "--report", "-")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "the result and --report both go there" in result.stderr


def test_report_over_an_input__is_refused(files: list[str]) -> None:
    result = run("merge", *files, "--report", files[0])
    assert (result.exit_code, result.stdout) == (2, "")
    assert Path(files[0]).read_text("utf-8") == BASE


@pytest.mark.parametrize("number", [0, 2])
def test_result_over_base_or_theirs__is_refused(files: list[str], number: int) -> None:
    before = Path(files[number]).read_bytes()
    result = run("merge", *files, "-o", files[number])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "is also the input" in result.stderr
    assert Path(files[number]).read_bytes() == before


def test_result_over_ours__is_written_as_git_merge_file_does(files: list[str]) -> None:
    assert run("merge", *files, "-o", files[1]).exit_code == 1
    assert "- five\n" in Path(files[1]).read_text("utf-8")


@pytest.mark.parametrize("label", ["HEAD", "1a2b3c4 (Change the rules (again))", "ours.md"])
def test_resolve__does_not_repeat_what_a_conflict_was_about(label: str, tmp_path: Path) -> None:
    names = []
    for name, model in (("b", "sonnet"), ("o", "opus"), ("t", "haiku")):
        (tmp_path / name).write_text(f"---\nname: a\nmodel: {model}\n---\n\n# A (b)\n\n- {model} is it\n")
        names.append(str(tmp_path / name))
    conflicted = tmp_path / "c.md"
    run("merge", *names, "-L", label, "--conflict-style", "diff3", "-o", str(conflicted))
    said = run("resolve", str(conflicted), "--conflict-style", "diff3")
    assert said.exit_code == 1
    assert said.stdout == conflicted.read_text()
