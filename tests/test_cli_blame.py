"""`agentmerge blame` as a user runs it: renames, moves between files, what is lost, git's form, bad input."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.lineage import role
from tests.test_cli_drift import _run
from tests.test_schemas import validate

PUSH, TESTS = "Never push to the main branch.", "Always run the tests before a commit."
ASK = "Always ask the operator before you delete a release."


def _commit(folder: Path, name: str, files: dict[str, str | None]) -> None:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            target.unlink()
        else:
            target.write_text(text, "utf-8", newline="\n")
    identity = ("-c", f"user.name={name}", "-c", f"user.email={name}@example.com", "-c", "commit.gpgsign=false")
    for arguments in (("add", "-A"), (*identity, "commit", "-q", "-m", f"by {name}")):
        subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=tmp_path, check=True)
    weak = "You should not push to the main branch."
    _commit(tmp_path, "ann", {"agents/a.md": role(TESTS, PUSH), "agents/c.md": role(ASK)})
    _commit(tmp_path, "bob", {"agents/a.md": role(TESTS, weak)})
    _commit(tmp_path, "cyd", {"agents/a.md": None, "agents/b.md": role(weak, TESTS)})
    _commit(tmp_path, "dee", {"agents/c.md": role("Be kind."), "agents/b.md": role(TESTS, ASK)})
    return tmp_path


def _json(*arguments: str, cwd: Path) -> dict[str, Any]:
    done = _run("blame", "--format", "json", *arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    data: dict[str, Any] = json.loads(done.stdout)
    validate(data, "blame")
    return data


def test_rows__through_a_rename_and_from_another_file(repository: Path) -> None:
    rows = {row["text"]: row for row in _json("agents/b.md", cwd=repository)["rows"]}
    assert (rows[TESTS]["author"], rows[TESTS]["path"]) == ("ann", "agents/a.md")
    assert (rows[ASK]["author"], rows[ASK]["path"]) == ("ann", "agents/c.md")


def test_copied_from_a_file_that_keeps_it__is_of_who_copied_it(repository: Path) -> None:
    _commit(repository, "eve", {"agents/d.md": role("Be kind to whoever wrote it."), "agents/b.md": role(TESTS, ASK)})
    _commit(
        repository,
        "fay",
        {"agents/c.md": role("Be kind."), "agents/b.md": role(TESTS, ASK, "Be kind to whoever wrote it.")},
    )
    rows = {row["text"]: row for row in _json("agents/b.md", cwd=repository)["rows"]}
    assert rows["Be kind to whoever wrote it."]["author"] == "fay"


def test_lost__who_took_it_and_where_it_went(repository: Path) -> None:
    (gone,) = _json("agents/b.md", "--lost", cwd=repository)["lost"]
    assert (gone["text"], gone["author"], gone["went"]) == ("You should not push to the main branch.", "dee", None)
    (moved,) = _json("agents/c.md", "--lost", cwd=repository)["lost"]
    assert moved["went"]["path"] == "agents/b.md"
    told = _run("blame", "agents/b.md", "--lost", cwd=repository).stdout
    assert "stands nowhere since" in told


def test_one_line_and_kinds(repository: Path) -> None:
    rows = _json("agents/b.md", cwd=repository)["rows"]
    line = next(row["line"] for row in rows if row["text"] == ASK)
    assert [row["text"] for row in _json(f"agents/b.md:{line}", cwd=repository)["rows"]] == [ASK]
    kinds = {row["kind"] for row in _json("agents/b.md", "--only", "right", "--only", "model", cwd=repository)["rows"]}
    assert kinds == {"right", "model"}


def test_text__fits_and_names_the_commit(repository: Path) -> None:
    lines = _run("blame", "agents/b.md", cwd=repository).stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert all(re.match(r" *\d+  [0-9a-f]{8} \d{4}-\d\d-\d\d \w+ +[-+~<>!?=] ", line) for line in lines)


def test_porcelain__every_line_once_as_git_writes_it(repository: Path) -> None:
    done = _run("blame", "agents/b.md", "--format", "porcelain", cwd=repository)
    heads = re.findall(r"^([0-9a-f]{40}) (\d+) (\d+)(?: (\d+))?$", done.stdout, re.MULTILINE)
    text = (repository / "agents" / "b.md").read_text("utf-8").splitlines()
    assert [int(head[2]) for head in heads] == list(range(1, len(text) + 1))
    assert [line[1:] for line in done.stdout.splitlines() if line.startswith("\t")] == text
    for key in ("author ann", "author-mail <ann@example.com>", "summary by ann", "filename agents/a.md"):
        assert f"\n{key}\n" in done.stdout
    assert re.search(r"^author-time \d+\nauthor-tz [+-]\d{4}$", done.stdout, re.MULTILINE)


def test_what_is_not_committed__is_told(repository: Path) -> None:
    (repository / "agents" / "b.md").write_text(role(TESTS, ASK, "Never guess."), "utf-8", newline="\n")
    rows = {row["text"]: row for row in _json("agents/b.md", cwd=repository)["rows"]}
    assert set(rows["Never guess."]["commit"]) == {"0"}
    assert rows[TESTS]["author"] == "ann"
    assert "(on disk)" in _run("blame", "agents/b.md", cwd=repository).stdout


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("nothing.md",), "no such file"),
        (("agents",), "is a folder"),
        (("new.md",), "has no history"),
        (("agents/b.md:7",), "says nothing"),
        (("agents/b.md", "--only", "rules"), "there is no kind 'rules'"),
        (("agents/b.md", "--since", "nowhere"), "there is no revision 'nowhere'"),
        (("agents/b.md", "--lost", "--format", "porcelain"), "--format porcelain is of the lines"),
        (("clash.md",), "holds conflict markers"),
    ],
)
def test_bad_input__is_one_line(repository: Path, arguments: tuple[str, ...], why: str) -> None:
    _commit(repository, "gil", {"clash.md": "# A\n\n<<<<<<< ours\nx\n=======\ny\n>>>>>>> theirs\n"})
    (repository / "new.md").write_text("# New\n", "utf-8")
    done = _run("blame", *arguments, cwd=repository)
    assert done.returncode == 2
    assert why in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_started_at_a_revision__its_commit_is_marked_as_git_marks_it(repository: Path) -> None:
    start = subprocess.run(["git", "rev-parse", "HEAD~1"], cwd=repository, check=True, capture_output=True, text=True)
    full = start.stdout.strip()
    data = _json("agents/b.md", "--since", "HEAD~1", cwd=repository)
    assert data["boundary"] == full
    assert full in {row["commit"] for row in data["rows"]}
    shown = _run("blame", "agents/b.md", "--since", "HEAD~1", cwd=repository).stdout
    assert f"^{full[:7]} " in shown
    assert "HEAD~1" not in shown
    assert (
        "\nboundary\n"
        in _run("blame", "agents/b.md", "--since", "HEAD~1", "--format", "porcelain", cwd=repository).stdout
    )
    assert "boundary" not in _json("agents/b.md", cwd=repository)
