"""Lines that import a file: never of the result itself, and followed where a file says nothing else."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agentmerge.cli import application

RULES = "# Agents\n\n## Rules\n\n- Run the tests before a commit.\n- Never push to main.\n"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(application(), [str(argument) for argument in arguments])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "AGENTS.md").write_text(RULES)
    (tmp_path / "CLAUDE.md").write_text("@AGENTS.md\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_drift__reads_what_a_file_imports_in_its_place_and_says_so() -> None:
    result = run("drift", "CLAUDE.md", "AGENTS.md")
    assert result.exit_code == 0
    assert "identical" in result.stdout
    assert "CLAUDE.md: imports AGENTS.md and says nothing else; that is read in its place" in result.stderr


def test_drift__follows_an_import_from_another_folder(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "CLAUDE.md").write_text("<!-- see there -->\n@../AGENTS.md\n")
    (folder / "weaker.md").write_text(RULES.replace("Never push", "Push"))
    assert "identical" in run("drift", "sub/CLAUDE.md", "AGENTS.md").stdout
    assert "guardrail" in run("drift", folder / "sub" / "CLAUDE.md", "weaker.md").stdout


def test_drift__says_what_it_can_not_follow(folder: Path) -> None:
    (folder / "CLAUDE.md").write_text("@gone.md\n")
    result = run("drift", "CLAUDE.md", "AGENTS.md")
    assert "CLAUDE.md: imports gone.md, which can't be read here" in result.stderr
    assert result.exit_code == 0


def test_drift__follows_an_import_of_the_same_revision(folder: Path) -> None:
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]):
        subprocess.run(["git", *command], check=True, cwd=folder)
    (folder / "AGENTS.md").write_text("# Other\n")
    result = run("drift", "HEAD:CLAUDE.md", "HEAD:AGENTS.md", "--format", "json")
    assert [pair["class"] for pair in json.loads(result.stdout)["pairs"]] == ["identical"]


@pytest.mark.usefixtures("folder")
def test_drift__leaves_a_file_that_says_more_as_it_is() -> None:
    Path("CLAUDE.md").write_text("@AGENTS.md\n\nAnd be brief.\n")
    assert "identical" not in run("drift", "CLAUDE.md", "AGENTS.md").stdout


@pytest.mark.parametrize("output", ["AGENTS.md", "./sub/../AGENTS.md"])
def test_combine__writes_no_import_of_its_output(folder: Path, output: str) -> None:
    (folder / "sub").mkdir()
    (folder / "AGENTS.md").rename(folder / "rules.md")
    result = run("combine", "CLAUDE.md", "rules.md", "-o", output, "--report", "report.json")
    assert result.exit_code == 0
    assert (folder / "AGENTS.md").read_text() == RULES
    rows = json.loads((folder / "report.json").read_text())["ledger"]
    assert [(row["kind"], row["fate"]) for row in rows if row["file"] == 0] == [("import", "dropped")]


@pytest.mark.usefixtures("folder")
def test_combine__writes_no_import_of_an_input_and_keeps_any_other() -> None:
    Path("CLAUDE.md").write_text("@AGENTS.md\n- @./AGENTS.md\n\n@docs/style.md\n")
    result = run("combine", "CLAUDE.md", "AGENTS.md")
    assert "@AGENTS.md" not in result.stdout
    assert "@./AGENTS.md" not in result.stdout
    assert "@docs/style.md" in result.stdout
