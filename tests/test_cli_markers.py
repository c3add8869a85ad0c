"""Every command on files with conflict markers: refused with file, line and remedy, told, reviewed, or combined."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agentmerge.cli import application

GOOD = "# Helper\n\n- Answer in one line.\n- Never guess.\n"
BAD = "# Helper\n\n<<<<<<< HEAD\n- Answer in one line.\n=======\n## Rules\n\n- Never guess.\n>>>>>>> upstream/main\n"
EXAMPLE = "# Helper\n\nA conflict looks so:\n\n```\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> topic\n```\n"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in {"good.md": GOOD, "bad.md": BAD, "example.md": EXAMPLE}.items():
        (tmp_path / name).write_bytes(text.encode())
    return tmp_path


def run(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(application(), list(arguments), input=text)


@pytest.mark.parametrize(
    "command",
    [
        "combine good.md bad.md",
        "combine bad.md good.md -o out.md",
        "drift good.md bad.md",
        "drift good.md --against bad.md",
        "diff bad.md good.md",
        "diff good.md bad.md --format json",
        "align good.md bad.md",
        "merge good.md bad.md good.md",
        "merge bad.md good.md good.md -o out.md",
        "fmt bad.md",
        "fmt --check bad.md",
        "fmt --in-place bad.md",
    ],
)
def test_command__refuses_with_file_line_and_remedy(files: Path, command: str) -> None:
    done = run(*command.split())
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr == (
        "agentmerge: error: bad.md:3: an unresolved conflict stands here, to line 9; "
        "resolve it first, with `agentmerge resolve bad.md`\n"
    )
    assert not (files / "out.md").exists()
    assert (files / "bad.md").read_bytes().decode() == BAD


def test_standard_input__is_refused_too(files: Path) -> None:
    done = run("fmt", "-", text=BAD)
    assert done.exit_code == 2
    assert "<stdin>:3: " in done.stderr
    assert "agentmerge resolve -`" in done.stderr


def test_fmt__formats_the_other_files(files: Path) -> None:
    (files / "untidy.md").write_bytes(b"# A  \n\n\n\ntext\n")
    assert run("fmt", "--in-place", "bad.md", "untidy.md").exit_code == 2
    assert (files / "untidy.md").read_bytes() == b"# A\n\ntext\n"


def test_show__tells_and_exits_with_0(files: Path) -> None:
    done = run("show", "bad.md")
    assert done.exit_code == 0
    assert "line 3: error[conflict-unresolved]" in done.stdout
    assert "agentmerge resolve bad.md" in done.stdout
    found = json.loads(run("show", "bad.md", "--format", "json").stdout)
    assert [(note["code"], note["line"]) for note in found["diagnostics"] if "conflict" in note["code"]] == [
        ("conflict-unresolved", 3)
    ]


@pytest.mark.parametrize("command", ["combine", "drift", "diff --quiet"])
def test_example_in_a_fence__is_text(files: Path, command: str) -> None:
    done = run(*command.split(), "example.md", "good.md")
    assert done.exit_code < 2, done.stderr


@pytest.mark.parametrize("text", ["- Answer in one line.\n=======\n", "1. One\n=======\n2. Two\n", "* a\n  - b\n=\n"])
def test_item_above_a_line_of_equals_signs__is_no_internal_error(files: Path, text: str) -> None:
    (files / "odd.md").write_text(text, "utf-8")
    for command in ("combine", "drift", "diff", "align"):
        assert run(command, "odd.md", "good.md").exit_code < 2, command
    assert run("fmt", "odd.md").stdout == text


# Reviews


def test_folder__is_a_breaking_finding_and_the_rest_is_reviewed(files: Path) -> None:
    for name in ("a", "b"):
        (files / name).mkdir()
    (files / "a" / "role.md").write_text(GOOD, "utf-8")
    (files / "b" / "role.md").write_text(GOOD.replace("- Never guess.\n", ""), "utf-8")
    done = run("drift", ".", "--format", "json", "--fail-on", "breaking")
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    number = found["files"].index("bad.md")
    assert [(one["file"], one["rule"], one["severity"], one["b"]["line"]) for one in found["findings"]] == [
        (number, "conflict-markers", "breaking", 3)
    ]
    assert all(number not in (pair["a"], pair["b"]) for pair in found["pairs"])
    assert "guardrail-removed" in {one["rule"] for pair in found["pairs"] for one in pair["findings"]}
    for form, wanted in {
        "text": "conflict-markers",
        "markdown": "| conflict-markers |",
        "github": "::error file=bad.md,line=3,title=conflict-markers",
        "html": '"conflict-markers"',
    }.items():
        assert wanted in run("drift", ".", "--format", form).stdout
    sarif = json.loads(run("drift", ".", "--format", "sarif").stdout)
    rows = [row for row in sarif["runs"][0]["results"] if row["ruleId"] == "conflict-markers"]
    assert [row["locations"][0]["physicalLocation"]["region"]["startLine"] for row in rows] == [3]


def test_folder__baseline_accepts_and_tells_what_is_stale(files: Path) -> None:
    assert run("drift", ".", "--baseline", "known.json", "--update-baseline").exit_code == 0
    assert run("drift", ".", "--baseline", "known.json", "--fail-on", "breaking").exit_code == 0
    (files / "bad.md").write_text(GOOD, "utf-8")
    assert "stale in the baseline" in run("drift", ".", "--baseline", "known.json").stdout


# Resolving


def test_resolve__without_base_combines_the_sides(files: Path) -> None:
    done = run("resolve", "bad.md")
    assert done.exit_code == 0
    assert done.stdout == "# Helper\n\n- Answer in one line.\n\n## Rules\n\n- Never guess.\n"
    assert "the two sides are combined" in done.stderr
    assert run("resolve", "--in-place", "bad.md", "--report", "r.json").exit_code == 0
    assert (files / "bad.md").read_text("utf-8") == done.stdout
    assert json.loads((files / "r.json").read_text("utf-8"))["files"] == ["base", "HEAD", "upstream/main"]
    assert run("combine", "bad.md", "good.md").exit_code == 0


def test_resolve__what_is_undecided_stays_with_exit_1(files: Path) -> None:
    (files / "open.md").write_text(
        "- Keep it.\n<<<<<<< a\n- Never push.\n=======\n- Always push.\n>>>>>>> b\n", "utf-8"
    )
    done = run("resolve", "open.md", "--marker-size", "9")
    assert done.exit_code == 1
    assert done.stdout == (
        "- Keep it.\n<<<<<<<<< a (item: worded by both sides)\n- Never push.\n=========\n- Always push.\n>>>>>>>>> b\n"
    )
    assert "(line 2)" in done.stderr


def test_resolve__from_standard_input(files: Path) -> None:
    done = run("resolve", "-", text=BAD)
    assert (done.exit_code, done.stdout.count("\n")) == (0, 7)


def test_resolve__base_auto_without_git_is_an_error(files: Path) -> None:
    done = run("resolve", "bad.md", "--base", "auto")
    assert done.exit_code == 2
    assert "--base" in done.stderr


def test_combine_sides__reads_each_side_as_a_variant(files: Path) -> None:
    done = run("combine", "--sides", "bad.md", "--report", "r.json")
    assert done.exit_code == 0
    assert "- Answer in one line.\n\n## Rules\n\n- Never guess.\n" in done.stdout
    assert json.loads((files / "r.json").read_text("utf-8"))["files"] == ["bad.md (HEAD)", "bad.md (upstream/main)"]
    done = run("combine", "--sides", "bad.md", "good.md")
    assert done.exit_code == 0
    assert "3 variants" in done.stderr
    assert done.stdout.count("Never guess") == 1


def test_combine_sides__without_markers_is_an_error(files: Path) -> None:
    done = run("combine", "--sides", "good.md")
    assert done.exit_code == 2
    assert "holds no conflict markers" in done.stderr


def test_combine_sides__beyond_reason_is_an_error(files: Path) -> None:
    text = "- x\n"
    for _ in range(12):
        text = f"<<<<<<< a\n{text}=======\n- y\n>>>>>>> b\n"
    (files / "deep.md").write_text(text, "utf-8")
    done = run("combine", "--sides", "deep.md")
    assert done.exit_code == 2
    assert "deep.md: conflicts are nested deeper" in done.stderr
    done = run("resolve", "deep.md")
    assert (done.exit_code, done.stdout) == (1, text)


def test_resolve__tells_a_marker_that_belongs_to_no_conflict(files: Path) -> None:
    (files / "odd.md").write_text("- a\n<<<<<<< HEAD\n- b\n=======\n- c\n||||||| base\n- d\n>>>>>>> f\n")
    done = run("resolve", "odd.md")
    assert done.exit_code == 1
    assert "odd.md: '||||||| base' belongs to no conflict and stays (line 4)" in done.stderr


def test_combine_sides__finds_a_marker_behind_a_byte_order_mark(files: Path) -> None:
    text = "\ufeff<<<<<<< ours\n- Keep one.\n=======\n- Keep two.\n>>>>>>> theirs\n"
    (files / "bom.md").write_bytes(text.encode())
    done = run("combine", "--sides", "bom.md")
    assert done.exit_code == 0
    assert "- Keep one.\n- Keep two.\n" in done.stdout
