"""Which files `agentmerge combine` takes for variants, and the earlier result among them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.test_cli_combine import run

A = (
    "---\nname: reviewer\ndescription: Reviews code\n---\n\n# Reviewer\n\nYou are a code reviewer.\n\n## Rules\n\n"
    "- Never approve a change without tests.\n- Name the file and the line of each finding.\n"
    "- Test coverage must be at least 80 %.\n"
)
B = (
    "---\nname: reviewer\ndescription: Reviews changes\n---\n\n# Reviewer\n\nYou are a code reviewer.\n\n## Rules\n\n"
    "- Praise what is good in one sentence.\n- Test coverage must be at least 90 %.\n\n## Process\n\n"
    "1. Read the diff.\n2. Run the linter.\n3. Write the summary.\n"
)
C = (
    "---\nname: reviewer\ndescription: Reviews pull requests\n---\n\n# Reviewer\n\nYou are a code reviewer.\n\n"
    "## Process\n\n"
    "1. Ask for the ticket.\n2. Compare the branch with its plan.\n\n## Tone\n\n- Be kind and brief.\n"
)
README = (
    "# Agents\n\nA collection.\n\n## Installation\n\nCopy the files.\n\n## Usage\n\nCall an agent.\n\n"
    "## Contributing\n\nOpen a pull request.\n\n## License\n\nMIT\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("a.md", A), ("b.md", B), ("c.md", C)):
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def _all(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.md"))


# The output among the inputs


def test_second_and_third_run__give_the_same_bytes_from_everywhere(folder: Path) -> None:
    assert run("combine", *_all(folder), "-o", "out.md", cwd=folder).returncode == 1
    first = (folder / "out.md").read_bytes()
    again = run("combine", *_all(folder), "-o", "out.md", cwd=folder)
    assert (again.returncode, (folder / "out.md").read_bytes()) == (1, first)
    assert "out.md is the earlier result and no source" in again.stderr.splitlines()[-1]
    paths = [str(folder / name) for name in _all(folder)]
    run("combine", *paths, "-o", str(folder / "out.md"), cwd=Path("/"))
    assert (folder / "out.md").read_bytes() == first
    assert not (folder / "out.md~").exists()


def test_earlier_result_that_is_not_the_output__is_no_vote(folder: Path) -> None:
    run("combine", *_all(folder), "-o", "out.md", cwd=folder)
    done = run("combine", *_all(folder), "--plan", "plan.json", cwd=folder)
    assert "info[result-left-out]: out.md was made of the other files, says nothing else" in done.stderr
    assert "3 variants" in done.stderr.splitlines()[-1]
    assert "4 variants" in run("combine", *_all(folder), "--all", "--dry-run", cwd=folder).stderr.splitlines()[-1]
    # What somebody wrote into it makes it a source.
    with (folder / "out.md").open("a", encoding="utf-8") as file:
        file.write("\n## Rules of mine\n\n- Never merge on a Friday.\n")
    done = run("combine", *_all(folder), "--plan", "plan.json", cwd=folder)
    assert "4 variants" in done.stderr.splitlines()[-1]
    assert "out.md" in done.stderr


def test_plan__names_the_next_command(folder: Path) -> None:
    done = run("combine", *_all(folder), "--plan", "my plan.json", cwd=folder)
    assert "then agentmerge apply 'my plan.json' --decisions decisions.yaml -o FILE" in done.stderr.splitlines()[-1]


def test_check_of_a_file_with_conflicts__says_why_it_is_exit_1(folder: Path) -> None:
    run("combine", *_all(folder), "-o", "out.md", cwd=folder)
    done = run("combine", *_all(folder), "-o", "out.md", "--check", cwd=folder)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("out.md is current; exit 1: conflicts are open in it")
    # What is odd about the earlier result is no news: its sources tell it.
    assert "conflict-open" not in done.stderr


def test_quiet__tells_nothing_of_the_files(folder: Path) -> None:
    (folder / "a.md").write_text(A.replace("Reviews code", "Reviews: all"), "utf-8")
    assert "frontmatter-repaired" in run("combine", "a.md", "b.md", cwd=folder).stderr
    done = run("combine", "a.md", "b.md", "-q", cwd=folder)
    assert (done.returncode, done.stderr) == (1, "")


def test_result__holds_no_name_of_a_file(folder: Path) -> None:
    run("combine", *_all(folder), "-o", "out.md", cwd=folder)
    renamed = folder / "other"
    renamed.mkdir()
    for old, new in (("a.md", "1 final.md"), ("b.md", "2 (old).md"), ("c.md", "3.md")):
        (renamed / new).write_text((folder / old).read_text("utf-8"), "utf-8")
    run("combine", *_all(renamed), "-o", "x.md", cwd=renamed)
    assert (renamed / "x.md").read_bytes() == (folder / "out.md").read_bytes()
    assert "side 1 of 2" in (renamed / "x.md").read_text("utf-8")


def test_working_directory__makes_no_other_host_of_a_file(tmp_path: Path) -> None:
    agents = tmp_path / ".claude" / "agents"
    agents.mkdir(parents=True)
    (agents / "a.md").write_text(A.replace("Reviews code\n", "Reviews code\ntools: Read, Grep\n"), "utf-8")
    (agents / "b.md").write_text(B.replace("Reviews changes\n", "Reviews changes\ntools: [read]\n"), "utf-8")
    near = run("combine", "a.md", "b.md", cwd=agents)
    far = run("combine", ".claude/agents/a.md", ".claude/agents/b.md", cwd=tmp_path)
    assert near.stdout == far.stdout


def test_lines_edited_by_hand__are_named_and_kept(folder: Path) -> None:
    run("combine", *_all(folder), "-o", "out.md", cwd=folder)
    first = (folder / "out.md").read_text("utf-8")
    edited = first.replace("- Be kind and brief.", "- Be kind and brief.\n- Speak of the code, never of its author.")
    (folder / "out.md").write_text(edited, "utf-8")
    done = run("combine", *_all(folder), "-o", "out.md", cwd=folder)
    assert "warning[hand-edited]" in done.stderr
    assert "'- Speak of the code, never of its author.'" in done.stderr
    assert (folder / "out.md").read_text("utf-8") == first
    assert (folder / "out.md~").read_text("utf-8") == edited


def test_kept_file__is_never_replaced(folder: Path) -> None:
    run("combine", *_all(folder), "-o", "out.md", cwd=folder)
    (folder / "out.md~").write_text("precious\n", "utf-8")
    for number in (1, 2):
        with (folder / "out.md").open("a", encoding="utf-8") as out:
            out.write(f"- Edit {number}.\n")
        run("combine", *_all(folder), "-o", "out.md", cwd=folder)
    assert (folder / "out.md~").read_text("utf-8") == "precious\n"
    assert "- Edit 1." in (folder / "out.md~2~").read_text("utf-8")
    assert "- Edit 2." in (folder / "out.md~3~").read_text("utf-8")


def test_dry_run__keeps_nothing_and_writes_nothing(folder: Path) -> None:
    run("combine", *_all(folder), "-o", "out.md", cwd=folder)
    with (folder / "out.md").open("a", encoding="utf-8") as out:
        out.write("- By hand.\n")
    before = (folder / "out.md").read_bytes()
    done = run("combine", *_all(folder), "-o", "out.md", "--dry-run", cwd=folder)
    assert "By hand" in done.stderr
    assert (folder / "out.md").read_bytes() == before
    assert not (folder / "out.md~").exists()


def test_output_that_is_one_of_two__is_a_source(folder: Path) -> None:
    done = run("combine", "a.md", "b.md", "-o", "a.md", cwd=folder)
    assert done.returncode == 1
    assert "a.md is a source and the output" in done.stderr.splitlines()[-1]
    text = (folder / "a.md").read_text("utf-8")
    assert "Never approve a change" in text
    assert "Praise what is good" in text


def test_output_with_statements_of_its_own__is_a_source(folder: Path) -> None:
    done = run("combine", "a.md", "b.md", "c.md", "-o", "c.md", cwd=folder)
    assert "c.md is a source and the output" in done.stderr
    assert "Be kind and brief" in (folder / "c.md").read_text("utf-8")


def test_like__says_which_file_is_the_earlier_result(folder: Path) -> None:
    done = run("combine", "a.md", "b.md", "c.md", "-o", "c.md", "--like", "./c.md", cwd=folder)
    assert "c.md is the earlier result and no source (--like)" in done.stderr
    assert "Be kind and brief" not in (folder / "c.md").read_text("utf-8")
    assert (folder / "c.md~").read_text("utf-8") == C
    done = run("combine", "a.md", "b.md", "--like", "d.md", cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--like d.md is none of the files" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a.md", "--like", "a.md"), "--like a.md leaves no source"),
        (("a.md", "b.md", "--sides", "--like", "a.md"), "--like names a file, and --sides are no files"),
    ],
)
def test_like_that_can_be_no_earlier_result__is_refused(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    (folder / "b.md").write_text("<<<<<<< ours\n- a\n=======\n- b\n>>>>>>> theirs\n", "utf-8")
    done = run("combine", *arguments, "-o", "out.md", cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert not (folder / "out.md").exists()


# What is no variant


def test_same_file_twice__is_one_vote(folder: Path) -> None:
    (folder / "link.md").symlink_to("a.md")
    (folder / "copy.md").write_text(A, "utf-8")
    alone = run("combine", "a.md", "b.md", cwd=folder)
    for again in ("./a.md", "link.md", "copy.md", str(folder / "a.md")):
        done = run("combine", "a.md", again, "b.md", cwd=folder)
        assert done.stdout == alone.stdout
        assert f"info[copy-left-out]: {again} says the same as a.md" in done.stderr
    names = run("combine", "a.md", "copy.md", "b.md", "--prefer", "copy.md", "--strategy", "priority", cwd=folder)
    assert "80 %" in names.stdout
    assert "90 %" not in names.stdout


def test_copies__make_no_majority(folder: Path) -> None:
    (folder / "copy.md").write_text(A, "utf-8")
    done = run("combine", "a.md", "copy.md", "b.md", "c.md", "--strategy", "majority", cwd=folder)
    assert "Never approve a change" not in done.stdout


def test_empty_file__is_no_variant(folder: Path) -> None:
    (folder / "empty.md").write_text("\n", "utf-8")
    done = run("combine", "a.md", "empty.md", "b.md", "--strategy", "intersection", cwd=folder)
    assert "You are a code reviewer." in done.stdout
    assert "warning[empty-left-out]: empty.md is empty" in done.stderr


def test_readme__is_left_out_by_its_content(folder: Path) -> None:
    (folder / "about.md").write_text(README, "utf-8")
    done = run("combine", "a.md", "about.md", "b.md", cwd=folder)
    assert "Copy the files." not in done.stdout
    assert "about.md defines no agent (install, usage, licence) and is left out; --all takes it" in done.stderr
    assert "Copy the files." in run("combine", "a.md", "about.md", "b.md", "--all", cwd=folder).stdout


def test_readmes_alone__are_combined(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(README, "utf-8")
    (tmp_path / "b.md").write_text(README.replace("Copy the files.", "Link the files."), "utf-8")
    assert "Link the files." in run("combine", "a.md", "b.md", cwd=tmp_path).stdout


# Versions of one file

LINES = [f"- Keep rule number {word}.\n" for word in ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta")]
OLD = A + "".join(LINES) + "- Report in the old form.\n"
NEW = A + "".join(LINES) + "- Report in the new way.\n"


def _git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, env=environment)


def _with_history(folder: Path) -> None:
    _git(folder, "init", "-q")
    for text in (OLD, NEW):
        (folder / "role.md").write_text(text, "utf-8")
        _git(folder, "add", "role.md")
        _git(folder, "commit", "-q", "-m", "x")


@pytest.mark.parametrize("order", [("role.md", "old.md"), ("old.md", "role.md")])
def test_earlier_version__is_left_out_where_history_proves_it(folder: Path, order: tuple[str, str]) -> None:
    _with_history(folder)
    (folder / "old.md").write_text(OLD, "utf-8")
    for prefix, cwd in (("", folder), (f"{folder}/", Path("/"))):
        done = run("combine", *(prefix + name for name in order), prefix + "b.md", cwd=cwd)
        assert "old form" not in done.stdout
        assert f"{prefix}old.md is an earlier version of {prefix}role.md, as git's history says" in done.stderr


def test_revision_of_a_file__is_an_earlier_version(folder: Path) -> None:
    _with_history(folder)
    done = run("combine", "HEAD~1:role.md", "role.md", "b.md", cwd=folder)
    assert "old form" not in done.stdout
    assert "HEAD~1:role.md is an earlier version of role.md" in done.stderr


def test_near_files_without_history__are_told_and_taken(folder: Path) -> None:
    (folder / "old.md").write_text(OLD, "utf-8")
    (folder / "role.md").write_text(NEW, "utf-8")
    done = run("combine", "old.md", "role.md", cwd=folder)
    assert "warning[near-version]" in done.stderr
    assert "old form" in done.stdout
    assert run("combine", "old.md", "role.md", "--strict", cwd=folder).returncode == 1


# Different roles

OTHER = (
    "---\nname: data-engineer\ndescription: Builds pipelines for the warehouse\n---\n\n# Data Engineer\n\n"
    "You are a data engineer.\n\n- Partition tables by date.\n- Make every load idempotent.\n"
)


def test_different_roles__are_a_warning_that_strict_counts(folder: Path) -> None:
    (folder / "data.md").write_text(OTHER, "utf-8")
    done = run("combine", "a.md", "data.md", cwd=folder)
    assert done.returncode == 0
    assert "warning[different-roles]: the files define 2 roles" in done.stderr
    assert "a.md; data.md; name, title, description and identity are those of a.md" in done.stderr
    strict = run("combine", "a.md", "data.md", "--strict", cwd=folder)
    assert (strict.returncode, strict.stdout) == (1, done.stdout)


def test_one_role__is_no_warning(folder: Path) -> None:
    assert "different-roles" not in run("combine", "a.md", "c.md", cwd=folder).stderr
