"""`agentmerge explain`: why a file, or a line of it, is as it is, by its recipe or by git's last merge."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agentmerge.cli import application
from agentmerge.world import traces
from tests.git.conftest import AGENT as MERGED
from tests.git.conftest import BASE, Repo, repo  # noqa: F401
from tests.test_schemas import validate
from tests.updating.projects import AGENT, SCRIPT, SKILL

OTHER = AGENT.replace("- Keep the answer short.", "- Never answer without a test.")


def run(*arguments: str) -> Result:
    command = arguments[0]
    return CliRunner().invoke(application(command), list(arguments))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in (("one.md", AGENT), ("two.md", OTHER), ("skill/SKILL.md", SKILL), ("skill/run.sh", SCRIPT)):
        (tmp_path / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "src" / name).write_text(text, "utf-8")
    for output, *sources in (("both.md", "src/one.md", "src/two.md"), ("copy.md", "src/one.md"), ("mine", "src/skill")):
        assert run("recipe", "add", output, *sources).exit_code == 0
    assert run("update").exit_code == 0
    return tmp_path


def line_of(name: str, text: str) -> int:
    return Path(name).read_text("utf-8").split("\n").index(text) + 1


def test_combined__all_decisions_or_one_line(project: Path) -> None:
    told = run("explain", "both.md")
    assert (told.exit_code, told.stdout.splitlines()[0]) == (0, "both.md: from src/one.md, src/two.md")
    own = line_of("both.md", "- Never answer without a test.")
    assert "kept       src/two.md" in run("explain", f"both.md:{own}").stdout
    with Path("both.md").open("a", encoding="utf-8") as file:
        file.write("\nA line of mine.\n")
    mine = line_of("both.md", "A line of mine.")
    assert run("explain", f"both.md:{mine}").stdout.endswith("edited in both.md: no source says it\n")
    # What was written behind a line changes nothing of what is told of it.
    assert "kept       src/two.md" in run("explain", f"both.md:{own}").stdout
    assert json.loads(run("explain", "both.md", "--format", "json").stdout)["schema"] == "agentmerge/report/1"


def test_vendored__what_was_edited(project: Path) -> None:
    assert "nothing was edited here" in run("explain", "copy.md").stdout
    Path("copy.md").write_text(AGENT.replace("- Keep the answer short.\n", "").replace("Grep", "Glob"), "utf-8")
    told = run("explain", "copy.md").stdout
    assert "2 places were edited here" in told
    assert "taken out: - Keep the answer short." in told
    assert "line 1: as src/one.md:1 has it" in run("explain", "copy.md:1").stdout
    data = json.loads(run("explain", "copy.md", "--format", "json").stdout)
    validate(data, "explain")
    assert [edit["line"] for edit in data["edits"]] == [4, line_of("copy.md", "- Run the tests before you answer.") + 1]


def test_file_of_a_folder__is_compared_with_its_source(project: Path) -> None:
    with Path("mine/run.sh").open("a", encoding="utf-8") as file:
        file.write("echo more\n")
    assert "added: echo more" in run("explain", "mine/run.sh").stdout
    assert "as src/skill/SKILL.md:1 has it" in run("explain", "mine/SKILL.md:1").stdout


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("both.md:999", "both.md:999: has no such line; it has lines 1 to"),
        ("src/one.md", "has no recipe, and no merge of it is kept"),
        ("mine", "is a directory"),
        ("nothing.md", "nothing.md"),
    ],
)
def test_bad_input__is_one_line(project: Path, name: str, why: str) -> None:
    told = run("explain", name)
    assert (told.exit_code, told.stdout) == (2, "")
    assert why in told.stderr


def test_merge__is_kept_and_told(repo: Repo) -> None:  # noqa: F811
    ours, theirs = BASE.replace("model: sonnet", "model: opus"), BASE.replace("Never push to main.", "Never push.")
    repo.fork(ours, theirs)
    repo.git("merge", "other", "-m", "merge")
    told = repo.agentmerge("explain", MERGED)
    assert "merged" in told.splitlines()[0]
    assert "frontmatter/model" in told
    number = repo.read().split("\n").index("- Never push.") + 1
    assert "changed-by-theirs: " in repo.agentmerge("explain", f"{MERGED}:{number}")
    assert json.loads(repo.agentmerge("explain", MERGED, "--format", "json"))["path"] == MERGED


def test_only_the_last_merges_are_kept(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.chdir(repo.path)
    for number in range(traces.KEPT + 5):
        traces.keep(MERGED, ("ours", "base", "theirs"), {"decisions": []}, f"merge {number}\n")
    repo.write(BASE)
    found = [one["told"] for one in traces.of(MERGED)]
    assert found[0] == f"merge {traces.KEPT + 4}\n"
    assert len(found) == traces.KEPT
    # A trace that can't be kept or read costs nobody a merge.
    folder = repo.path / ".git" / "agentmerge" / "merges"
    max(folder.glob("*.json")).write_text("{", "utf-8")
    assert next(traces.of(MERGED))["told"] == f"merge {traces.KEPT + 3}\n"
