"""Three folders to one, and two compared: renames are followed, deletions honoured or asked, local files kept."""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from agentmerge.cli import application
from agentmerge.merging.engine import FileMerge, merge_folders
from tests.shipped import SHIPPED
from tests.test_schemas import schema
from tests.updating.projects import git

SKILL = "---\nname: deploy\ndescription: Deploys.\n---\n## Steps\n\n1. Run the check.\n2. Deploy to staging.\n"
SCRIPT = "set -e\necho one\necho two\necho three\necho four\necho five\n"
BASE = {"SKILL.md": SKILL, "run.sh": SCRIPT, "logo.png": "\0\0one", "notes.txt": "a note\n"}


def merged(ours: dict[str, str | None], theirs: dict[str, str | None]) -> dict[str, FileMerge]:
    """What becomes of the base where two sides change it; None deletes a file."""
    sides = [
        {name: text.encode() for name, text in (BASE | side).items() if text is not None} for side in ({}, ours, theirs)
    ]
    return {one.path: one for one in merge_folders(sides[0], sides[1], sides[2], SHIPPED)}


def text(one: FileMerge) -> str:
    return (one.data or b"").decode()


def test_definitions_by_structure_and_other_text_by_lines() -> None:
    found = merged(
        {"SKILL.md": SKILL.replace("staging.", "staging of ours."), "run.sh": SCRIPT.replace("one", "1")},
        {"SKILL.md": SKILL + "3. Watch the errors.\n", "run.sh": SCRIPT.replace("five", "5")},
    )
    assert text(found["SKILL.md"]) == SKILL.replace("staging.", "staging of ours.") + "3. Watch the errors.\n"
    assert text(found["run.sh"]) == SCRIPT.replace("one", "1").replace("five", "5")
    assert found["notes.txt"].fate == "same"
    assert not any(one.conflicts for one in found.values())


def test_what_only_one_side_has_stays() -> None:
    found = merged({"local.md": "mine\n", "logo.png": "\0\0two"}, {"new/more.md": "theirs\n"})
    assert text(found["local.md"]) == "mine\n"
    assert text(found["new/more.md"]) == "theirs\n"
    assert text(found["logo.png"]) == "\0\0two"


@pytest.mark.parametrize("ours_deletes", [True, False])
def test_a_deletion_is_honoured_and_against_a_change_it_is_asked(ours_deletes: bool) -> None:
    gone: dict[str, str | None] = {"run.sh": None, "notes.txt": None}
    changed: dict[str, str | None] = {"run.sh": SCRIPT + "echo six\n"}
    found = merged(gone, changed) if ours_deletes else merged(changed, gone)
    assert found["notes.txt"].data is None
    assert found["run.sh"].fate == "conflict"
    assert text(found["run.sh"]).endswith("six\n")


def test_bytes_that_both_changed_are_asked_and_ours_stays() -> None:
    found = merged({"logo.png": "\0\0two"}, {"logo.png": "\0\0three"})
    assert found["logo.png"].fate == "conflict"
    assert text(found["logo.png"]) == "\0\0two"


def test_a_rename_is_followed_on_either_side() -> None:
    edited = SCRIPT.replace("one", "1")
    for found in (
        merged({"run.sh": edited}, {"run.sh": None, "bin/run.sh": SCRIPT + "echo six\n"}),
        merged({"run.sh": None, "bin/run.sh": edited}, {"run.sh": SCRIPT + "echo six\n"}),
    ):
        assert text(found["bin/run.sh"]) == edited + "echo six\n"
        assert "run.sh" not in found
    both = merged({"run.sh": None, "a.sh": SCRIPT}, {"run.sh": None, "b.sh": SCRIPT})
    assert both["a.sh"].fate == "conflict"
    assert "renamed by both" in both["a.sh"].conflicts[0].slot


def test_two_files_can_not_have_one_name() -> None:
    found = merged({"bin/run.sh": "something else\n"}, {"run.sh": None, "bin/run.sh": SCRIPT})
    assert text(found["bin/run.sh"]) == "something else\n"
    assert any("two files" in each.slot for one in found.values() for each in one.conflicts)
    assert any(text(one) == SCRIPT for one in found.values())


def test_both_added_one_file() -> None:
    same = merged({"new.md": "# N\n"}, {"new.md": "# N\r\n"})
    assert text(same["new.md"]) == "# N\n"
    other = merged({"new.txt": "a\n"}, {"new.txt": "b\n"})
    assert other["new.txt"].fate == "conflict"


# The commands


def lay_out(root: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content.encode())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    lay_out(tmp_path / "base", BASE)
    lay_out(tmp_path / "ours", BASE | {"SKILL.md": SKILL.replace("staging.", "staging of ours."), "local.md": "mine\n"})
    (tmp_path / "ours/notes.txt").unlink()
    lay_out(tmp_path / "theirs", BASE | {"SKILL.md": SKILL + "3. Watch.\n", "bin/new.sh": "echo new\n"})
    (tmp_path / "theirs/bin/new.sh").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(application(), list(arguments))


def files(root: Path) -> dict[str, str]:
    found = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes().decode() for path in found}


def test_a_folder_is_merged_into_a_new_one_and_over_ours(folder: Path) -> None:
    told = run("merge", "base", "ours", "theirs")
    assert told.exit_code == 0
    assert "merged: SKILL.md" in told.output
    assert run("merge", "base", "ours", "theirs", "-o", "out/deep", "--report", "r.json").exit_code == 0
    wanted = BASE | {
        "SKILL.md": SKILL.replace("staging.", "staging of ours.") + "3. Watch.\n",
        "local.md": "mine\n",
        "bin/new.sh": "echo new\n",
    }
    del wanted["notes.txt"]
    assert files(folder / "out/deep") == wanted
    assert os.access(folder / "out/deep/bin/new.sh", os.X_OK)
    jsonschema.validate(json.loads((folder / "r.json").read_text("utf-8")), schema("folder-report"))
    assert run("merge", "base", "ours", "theirs", "-o", "ours").exit_code == 0
    assert files(folder / "ours") == wanted
    assert run("merge", "base", "ours", "theirs", "-o", "ours").exit_code == 0
    assert files(folder / "ours") == wanted


def test_a_conflict_is_told_and_the_result_has_markers(folder: Path) -> None:
    lay_out(folder / "theirs", {"SKILL.md": SKILL.replace("staging.", "production.")})
    result = run("merge", "base", "ours", "theirs", "-o", "out")
    assert result.exit_code == 1
    assert "conflict: SKILL.md" in result.output
    assert "<<<<<<<" in files(folder / "out")["SKILL.md"]
    assert run("merge", "base", "ours", "theirs", "-o", "out", "--policy", "Steps=ours").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("base", "ours", "theirs/SKILL.md"), "is a folder, and theirs/SKILL.md is none"),
        (("base", "ours", "theirs", "-o", "theirs"), "is in the input"),
        (("base", "ours", "theirs", "-o", "base/in"), "is in the input"),
    ],
)
def test_what_can_not_be_is_refused(folder: Path, arguments: tuple[str, ...], told: str) -> None:
    before = files(folder)
    result = run("merge", *arguments)
    assert result.exit_code == 2
    assert told in result.output
    assert files(folder) == before


def test_nothing_is_written_where_one_file_can_not_be(folder: Path) -> None:
    lay_out(folder, {"out/bin/new.sh/in_the_way": "x\n"})
    before = files(folder)
    assert run("merge", "base", "ours", "theirs", "-o", "out").exit_code == 2
    assert files(folder) == before


def test_two_folders_are_compared(folder: Path) -> None:
    result = run("diff", "base", "theirs")
    assert result.exit_code == 1
    assert "~ SKILL.md  changed" in result.output
    assert "+ bin/new.sh  added" in result.output
    assert "notes.txt" not in result.output
    data = json.loads(run("diff", "ours", "theirs", "--format", "json").stdout)
    jsonschema.validate(data, schema("folder-diff"))
    jsonschema.validate(next(one["diff"] for one in data["files"] if one["diff"]), schema("diff"))
    assert run("diff", "base", "base").exit_code == 0
    assert run("diff", "base", "theirs", "--quiet").output == ""


def test_folders_of_revisions(folder: Path) -> None:
    git(folder, "init", "-q")
    git(folder, "add", "base")
    git(folder, "commit", "-q", "-m", "x")
    assert run("diff", "HEAD:base", "base").exit_code == 0
    assert run("merge", "HEAD:base", "ours", "theirs", "-o", "out").exit_code == 0
    assert files(folder / "out")["SKILL.md"].endswith("3. Watch.\n")
