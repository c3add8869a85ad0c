"""`agentmerge fmt` and `agentmerge show` on the command line: streams, exit codes, what is written and what is not."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agentmerge.cli import application

BROKEN = "---\nname: x\ndescription: a: b\ntools: Read\n---\n# T  \n"
TIDY = '---\nname: x\ndescription: "a: b"\ntools: Read\n---\n# T\n'


def run(*arguments: str | Path, stdin: str | None = None) -> Result:
    return CliRunner().invoke(application(), [str(argument) for argument in arguments], input=stdin)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.md"
    path.write_text(BROKEN)
    return path


@pytest.fixture
def tidy(tmp_path: Path) -> Path:
    path = tmp_path / "tidy.md"
    path.write_text(TIDY)
    return path


def test_fmt__prints_one_file_and_writes_nothing(broken: Path) -> None:
    result = run("fmt", broken)
    assert (result.exit_code, result.stdout, result.stderr) == (0, TIDY, "")
    assert broken.read_text() == BROKEN


def test_fmt__standard_input() -> None:
    assert run("fmt", "-", stdin=BROKEN).stdout == TIDY


def test_check__tells_files_that_would_change(broken: Path, tidy: Path) -> None:
    result = run("fmt", "--check", broken, tidy)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == f"agentmerge: {broken}: would change; quotes make valid YAML of description\n"
    assert run("fmt", "--check", tidy).exit_code == 0


def test_diff__shows_what_would_change(broken: Path, tidy: Path) -> None:
    result = run("fmt", "--diff", broken, tidy)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"--- {broken}",
        f"+++ {broken} (formatted)",
        "@@ -1,6 +1,6 @@",
        " ---",
        " name: x",
        "-description: a: b",
        '+description: "a: b"',
        " tools: Read",
        " ---",
        "-# T  ",
        "+# T",
    ]
    assert broken.read_text() == BROKEN
    assert run("fmt", "--diff", "--check", broken).exit_code == 1


def test_diff__shows_line_endings_and_the_missing_last_one() -> None:
    lines = run("fmt", "--diff", "-", stdin="a\r\nb\r\nc\nd").stdout.splitlines()
    assert "-c" in lines
    assert "+c \\r" in lines
    assert "-\\ No newline at end of file" in lines


def test_in_place__writes_back_and_says_so(broken: Path, tidy: Path) -> None:
    broken.chmod(0o640)
    before = tidy.stat()
    result = run("fmt", "-i", broken, tidy)
    assert result.exit_code == 0
    assert result.stderr == f"agentmerge: {broken}: formatted; quotes make valid YAML of description\n"
    assert broken.read_text() == TIDY
    assert broken.stat().st_mode & 0o777 == 0o640
    assert tidy.stat().st_mtime_ns == before.st_mtime_ns
    assert tidy.stat().st_ino == before.st_ino


def test_in_place__keeps_line_endings(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"# T \r\n\r\n\r\n- a\r\n")
    assert run("fmt", "--in-place", path).exit_code == 0
    assert path.read_bytes() == b"# T\r\n\r\n- a\r\n"


def test_unreadable_file__does_not_stop_the_others(broken: Path) -> None:
    result = run("fmt", "-i", "gone.md", broken)
    assert result.exit_code == 2
    assert "gone.md: can't be read" in result.stderr
    assert broken.read_text() == TIDY


def test_in_place__a_revision_is_not_written_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.md").write_text(BROKEN)
    for command in (
        ["init", "-q"],
        ["add", "a.md"],
        ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *command], check=True)
    assert run("fmt", "HEAD:a.md").stdout == TIDY
    result = run("fmt", "-i", "HEAD:a.md")
    assert result.exit_code == 2
    assert "can't be written back" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == [".git", "a.md"]


@pytest.mark.parametrize(
    "arguments", [["a.md", "b.md"], ["-i", "-"], ["-i", "--check", "a.md"], ["-i", "--diff", "a.md"], []]
)
def test_arguments_that_make_no_sense(arguments: list[str]) -> None:
    result = run("fmt", *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage" in result.stderr


def test_other_warnings_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("# T\n\n```\nopen\n")
    assert "warning[fence-unclosed]" in run("fmt", "--check", path).stderr


def test_show__has_the_diagnostics(broken: Path) -> None:
    text = run("show", broken)
    assert text.exit_code == 0
    assert "warning[frontmatter-repaired]" in text.stdout
    assert text.stderr == ""
    data = json.loads(run("show", broken, "--format", "json").stdout)
    assert [(note["code"], note["line"]) for note in data["diagnostics"]] == [("frontmatter-repaired", 3)]


def test_show__wrong_dialect_names_the_known_ones(tidy: Path) -> None:
    result = run("show", tidy, "--dialect", "nonsense")
    assert result.exit_code == 2
    assert "claude" in result.stderr
    assert result.stderr.count("\n") == 1


def test_fmt__says_that_it_moves_a_frontmatter_to_where_hosts_find_it(tmp_path: Path) -> None:
    path = tmp_path / "below.md"
    path.write_text(f"<!-- mirrored -->\n{TIDY}")
    checked = run("fmt", "--check", path)
    assert checked.exit_code == 1
    assert "warning[frontmatter-misplaced]" in checked.stderr
    assert "would change; it puts the frontmatter where hosts find it" in checked.stderr
    assert run("fmt", "--in-place", path).exit_code == 0
    assert path.read_text() == TIDY.replace("# T\n", "<!-- mirrored -->\n# T\n")


def test_fmt__tells_a_configuration_that_cannot_be_read_once(broken: Path, tidy: Path) -> None:
    result = run("fmt", "--in-place", broken, tidy, "--config", broken.parent / "none.yaml")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert broken.read_text() == BROKEN
