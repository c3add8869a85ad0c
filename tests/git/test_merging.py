"""The merge driver under every command of git that merges."""

from __future__ import annotations

import sys

import pytest

from agentmerge.world import git
from tests.git.conftest import AGENT, BASE, Repo

OURS = BASE.replace("tools: Read, Grep", "tools: Read, Grep, Bash").replace(
    "- Name the file and the line.", "- Name the file, the line and the reason."
)
THEIRS = BASE.replace("model: sonnet", "model: opus").replace(
    "- Never push to main.", "- Never push to main.\n- Keep it short."
)
BOTH = OURS.replace("model: sonnet", "model: opus").replace(
    "- Never push to main.", "- Never push to main.\n- Keep it short."
)
CLASHING = BASE.replace("model: sonnet", "model: haiku")


def test_merge__edits_of_neighbouring_lines_are_merged(repo: Repo) -> None:
    repo.fork(OURS, THEIRS)
    repo.git("merge", "other", "-m", "merge")
    assert repo.read() == BOTH


def test_merge__switched_off__git_merges_by_itself(repo: Repo) -> None:
    repo.fork(OURS, THEIRS)
    repo.git("merge", "other", code=1, AGENTMERGE="0")
    assert "<<<<<<<" in repo.read()


def test_merge__same_field_changed__is_a_conflict_with_a_path(repo: Repo) -> None:
    repo.fork(CLASHING, THEIRS)
    repo.git("merge", "other", code=1)
    text = repo.read()
    assert "(frontmatter/model: changed by both sides)" in text
    assert text.count("<<<<<<<") == 1
    assert "- Keep it short." in text
    assert "UU" in repo.git("status", "--porcelain")


def test_merge__policy_from_the_environment_decides(repo: Repo) -> None:
    repo.fork(CLASHING, THEIRS)
    repo.git("merge", "other", "-m", "merge", AGENTMERGE_POLICY="frontmatter/model=theirs")
    assert "model: opus\n" in repo.read()


def test_merge__policy_from_the_configuration_decides(repo: Repo) -> None:
    repo.fork(CLASHING, THEIRS)
    repo.git("config", "agentmerge.policy", "frontmatter/model=ours")
    repo.git("merge", "other", "-m", "merge")
    assert "model: haiku\n" in repo.read()


def test_rebase__edits_are_merged(repo: Repo) -> None:
    repo.fork(OURS, THEIRS)
    repo.git("rebase", "other")
    assert repo.read() == BOTH


def test_cherry_pick__edits_are_merged(repo: Repo) -> None:
    repo.fork(OURS, THEIRS)
    repo.git("cherry-pick", "other")
    assert repo.read() == BOTH


def test_stash_pop__edits_are_merged(repo: Repo) -> None:
    repo.commit(BASE, "base")
    repo.write(THEIRS)
    repo.git("stash")
    repo.commit(OURS, "ours")
    repo.git("stash", "pop")
    assert repo.read() == BOTH


def test_revert__edits_are_merged(repo: Repo) -> None:
    repo.commit(BASE, "base")
    first = repo.commit(OURS, "ours")
    repo.commit(BOTH, "more")
    repo.git("revert", "--no-edit", first)
    assert repo.read() == THEIRS


def test_criss_cross__both_edits_are_there(repo: Repo) -> None:
    repo.fork(OURS, THEIRS)
    repo.git("branch", "ours-1", "main")
    repo.git("branch", "theirs-1", "other")
    repo.git("merge", "theirs-1", "-m", "one")
    repo.git("checkout", "-q", "other")
    repo.git("merge", "ours-1", "-m", "two")
    repo.commit(BOTH.replace("1. Read the diff.", "1. Read the diff twice."), "on other")
    repo.git("checkout", "-q", "main")
    repo.commit(BOTH.replace("2. Run the tests.", "2. Run all tests."), "on main")
    repo.git("merge", "other", "-m", "three")
    assert "1. Read the diff twice.\n2. Run all tests.\n" in repo.read()


def test_criss_cross__conflicting_ancestors_do_not_get_lost(repo: Repo) -> None:
    repo.fork(CLASHING, THEIRS)
    repo.git("branch", "ours-1", "main")
    repo.git("branch", "theirs-1", "other")
    repo.git("merge", "theirs-1", code=1)
    repo.commit(THEIRS, "one")
    repo.git("checkout", "-q", "other")
    repo.git("merge", "ours-1", code=1)
    repo.commit(CLASHING, "two")
    repo.git("checkout", "-q", "main")
    repo.git("merge", "other", code=1)
    text = repo.read()
    assert "opus" in text
    assert "haiku" in text


def test_add_add__fields_and_units_of_both(repo: Repo) -> None:
    repo.commit("x\n", "start", "README.md")
    repo.git("checkout", "-q", "-b", "other")
    repo.commit(THEIRS, "theirs")
    repo.git("checkout", "-q", "main")
    repo.commit(BASE.replace("model: sonnet", "model: opus"), "ours")
    repo.git("merge", "other", code=None)
    assert "- Keep it short." in repo.read()
    assert "model: opus\n" in repo.read()


def test_delete_modify__git_keeps_the_conflict(repo: Repo) -> None:
    repo.commit(BASE, "base")
    repo.git("checkout", "-q", "-b", "other")
    repo.git("rm", "-q", AGENT)
    repo.commit(None, "gone")
    repo.git("checkout", "-q", "main")
    repo.commit(OURS, "ours")
    repo.git("merge", "other", code=1)
    assert repo.read() == OURS


def test_rename__edits_follow_it(repo: Repo) -> None:
    repo.commit(BASE, "base")
    repo.git("checkout", "-q", "-b", "other")
    repo.git("mv", AGENT, ".claude/agents/critic.md")
    repo.commit(THEIRS, "renamed", ".claude/agents/critic.md")
    repo.git("checkout", "-q", "main")
    repo.commit(OURS, "ours")
    repo.git("merge", "other", "-m", "merge")
    assert repo.read(".claude/agents/critic.md") == BOTH


def test_crlf__the_endings_of_ours_stay(repo: Repo) -> None:
    repo.fork(OURS.replace("\n", "\r\n"), THEIRS)
    repo.git("merge", "other", "-m", "merge")
    assert repo.read() == BOTH.replace("\n", "\r\n")


def test_driver_killed__the_line_merge_of_git_is_there(repo: Repo) -> None:
    repo.fork(OURS, THEIRS)
    killer = (
        "import os, signal, agentmerge.merging.engine as m; "
        "m.merge = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL); "
        "from agentmerge.cli import main; main()"
    )
    script = repo.path.parent / "killed.py"
    script.write_text(killer)
    repo.git("config", "merge.agentmerge.driver", f"{sys.executable} {script} git merge %O %A %B -l %L -p %P")
    repo.git("merge", "other", code=None)
    copies = [repo.read(), *(path.read_text() for path in repo.path.glob(".merge_file_*"))]
    assert any("model: opus" in text and "tools: Read, Grep, Bash" in text for text in copies)


def test_driver_fails__the_line_merge_of_git_is_there(repo: Repo) -> None:
    repo.fork(OURS, THEIRS)
    said = repo.git("merge", "other", code=1, AGENTMERGE_POLICY="nonsense")
    assert "git's own line merge was kept" in said
    text = repo.read()
    assert "<<<<<<<" in text
    assert "model: opus" in text
    assert "tools: Read, Grep, Bash" in text


GONE = [
    "/nowhere/bin/agentmerge",
    "/etc/passwd",
    f"{sys.executable} -m no_such_package",
    f"{sys.executable} -c 'import os,signal;os.kill(os.getpid(),signal.SIGKILL)'",
]


@pytest.mark.parametrize("program", GONE)
def test_driver_that_can_t_start__git_s_own_merge_has_its_markers(repo: Repo, program: str) -> None:
    repo.git("config", "merge.agentmerge.driver", git.entries(program)["merge.agentmerge.driver"])
    name = ".claude/agents/a $(touch hit) b.md"
    repo.commit(BASE, "base", name)
    repo.git("checkout", "-q", "-b", "other")
    repo.commit(THEIRS, "theirs", name)
    repo.git("checkout", "-q", "main")
    repo.commit(CLASHING, "ours", name)
    said = repo.git("merge", "other", code=1)
    assert "agentmerge did not run" in said
    text = repo.read(name)
    assert "<<<<<<< ours" in text
    assert ">>>>>>> theirs" in text
    assert "model: opus" in text
    assert sorted(path.name for path in repo.path.iterdir()) == [".claude", ".git"]


def test_driver_that_can_t_start__what_git_can_merge_is_merged(repo: Repo) -> None:
    repo.git("config", "merge.agentmerge.driver", git.entries(GONE[0])["merge.agentmerge.driver"])
    repo.fork(BASE.replace("every", "each").replace("whole", "entire"), BASE.replace("Write the review", "Send it"))
    repo.git("merge", "other", "-m", "merge")
    assert "entire" in repo.read()
    assert "Send it" in repo.read()


@pytest.mark.parametrize(("side", "model"), [("ours", "haiku"), ("theirs", "opus")])
def test_favored_side__decides_what_is_left(repo: Repo, side: str, model: str) -> None:
    repo.fork(CLASHING, THEIRS)
    said = repo.git("merge", "other", "-m", "merge", AGENTMERGE_FAVOR=side)
    assert f"model: {model}" in repo.read()
    assert f"decided by favor={side}" in said
    repo.git("reset", "-q", "--hard", "HEAD~1")
    repo.git("config", "agentmerge.favor", side)
    repo.git("merge", "other", "-m", "merge")
    assert f"model: {model}" in repo.read()


def test_side_that_is_not_utf8__git_merges_by_itself(repo: Repo) -> None:
    repo.commit(BASE, "base")
    repo.git("checkout", "-q", "-b", "other")
    repo.commit(THEIRS, "theirs")
    repo.git("checkout", "-q", "main")
    (repo.path / AGENT).write_bytes(OURS.encode() + b"\xff\n")
    repo.commit(None, "ours")
    said = repo.git("merge", "other", code=1)
    assert "0xff is not UTF-8" in said


def test_marker_size_attribute__is_obeyed(repo: Repo) -> None:
    repo.write(f"{AGENT} merge=agentmerge conflict-marker-size=11\n", ".gitattributes")
    repo.fork(CLASHING, THEIRS)
    repo.git("merge", "other", code=1)
    assert f"{'<' * 11} ours" in repo.read()
    assert f"\n{'=' * 11}\n" in repo.read()


def test_conflict_style__is_git_s(repo: Repo) -> None:
    repo.fork(CLASHING, THEIRS)
    repo.git("-c", "merge.conflictStyle=diff3", "merge", "other", code=1)
    assert "||||||| base\nmodel: sonnet\n=======\n" in repo.read()


def test_resolve__takes_the_base_from_the_index(repo: Repo) -> None:
    repo.fork(OURS, THEIRS)
    repo.git("merge", "other", code=1, AGENTMERGE="0")
    repo.agentmerge("resolve", "--in-place", AGENT)
    assert repo.read() == BOTH
