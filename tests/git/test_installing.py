"""Entries of the drivers: there once, gone without a trace; and what the diff driver shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentmerge.world import git
from tests.git.conftest import AGENT, BASE, Repo


def _state(repo: Repo) -> tuple[str, str]:
    attributes = repo.path / ".git/info/attributes"
    config = repo.git("config", "--local", "--list")
    return config, attributes.read_text() if attributes.exists() else ""


def test_install_twice__is_as_once(repo: Repo) -> None:
    repo.agentmerge("git", "install", "--pattern", "agents/*.md")
    once = _state(repo)
    repo.agentmerge("git", "install", "--pattern", "agents/*.md")
    assert _state(repo) == once
    assert "agents/*.md merge=agentmerge diff=agentmerge\n" in once[1]
    assert ".mdc" not in once[1]


def test_uninstall__leaves_what_others_wrote(repo: Repo) -> None:
    repo.agentmerge("git", "uninstall")
    (repo.path / ".git/info").mkdir(exist_ok=True)
    attributes = repo.path / ".git/info/attributes"
    attributes.write_text("*.png binary\n")
    before = _state(repo)
    repo.agentmerge("git", "install")
    assert _state(repo) != before
    repo.agentmerge("git", "uninstall")
    assert _state(repo) == before
    repo.agentmerge("git", "uninstall")
    assert _state(repo) == before


def test_install_global__writes_the_user_s_files(repo: Repo) -> None:
    repo.agentmerge("git", "install", "--global")
    home = Path(repo.env["HOME"])
    assert "merge=agentmerge" in (home / ".config/git/attributes").read_text()
    assert "driver" in (home / ".gitconfig").read_text()
    repo.agentmerge("git", "uninstall", "--global")
    assert not (home / ".config/git/attributes").exists()


def test_install__print_writes_nothing(repo: Repo) -> None:
    before = _state(repo)
    said = repo.agentmerge("git", "install", "--print", "--pattern", "x/*.md")
    assert "git config merge.agentmerge.driver" in said
    assert "x/*.md merge=agentmerge diff=agentmerge" in said
    assert _state(repo) == before


def test_install__outside_of_a_repository_is_an_error(repo: Repo) -> None:
    said = repo.agentmerge("git", "install", cwd=repo.path.parent, code=2)
    assert "not a git repository" in said


def test_diff__shows_changes_by_meaning(repo: Repo) -> None:
    repo.commit(BASE, "base")
    repo.write(BASE.replace("tools: Read, Grep", "tools: Read, Grep, Bash"))
    said = repo.git("diff")
    assert f"diff --agentmerge a/{AGENT} b/{AGENT}" in said
    assert "Bash" in said


def test_diff__added_and_deleted_files(repo: Repo) -> None:
    first = repo.commit("x\n", "start", "README.md")
    second = repo.commit(BASE, "base")
    assert "Never push" in repo.git("diff", first, second)
    gone = repo.git("diff", second, first)
    assert "breaking agent-removed" in gone
    assert "permission-widened" not in gone


def test_diff__has_the_findings_of_the_command(repo: Repo) -> None:
    repo.commit(BASE, "base")
    repo.write(BASE.replace("tools: Read, Grep", "tools: Read, Grep, Bash"))
    (repo.path / "old.md").write_text(BASE, "utf-8")
    told = repo.agentmerge("diff", "old.md", AGENT, code=1).splitlines()
    findings = [line for line in told if line.startswith("  breaking")]
    assert findings
    assert set(findings) <= set(repo.git("diff").splitlines())


def test_log__shows_plain_lines_with_section_names(repo: Repo) -> None:
    repo.commit(BASE, "base")
    repo.commit(BASE.replace("3. Write the review.", "3. Write a review."), "change")
    said = repo.git("log", "-p", "-1", "--no-ext-diff")
    assert "## Workflow" in said.partition("@@")[2].partition("\n")[0]


def test_textconv__order_of_a_set_is_no_change(repo: Repo) -> None:
    repo.commit(BASE, "base")
    repo.write(BASE.replace("tools: Read, Grep", "tools: [Grep, Read]"))
    assert repo.git("diff", "--no-ext-diff", "--stat").strip() == "" or "@@" not in repo.git("diff", "--no-ext-diff")


def test_revision_as_file__and_base_from_history(repo: Repo) -> None:
    ours = BASE.replace("model: sonnet", "model: opus")
    theirs = BASE.replace("- Never push to main.", "- Never push to main.\n- Keep it short.")
    repo.fork(ours, theirs)
    said = repo.agentmerge("merge", "--base", "auto", f"main:{AGENT}", f"other:{AGENT}")
    assert ours.replace("- Never push to main.", "- Never push to main.\n- Keep it short.") in said
    assert repo.agentmerge("show", f"other:{AGENT}")


def test_base_auto__two_files_with_a_common_version(repo: Repo) -> None:
    repo.commit(BASE, "base")
    repo.commit(BASE, "copied", "vendor/reviewer.md")
    repo.commit(BASE.replace("model: sonnet", "model: opus"), "ours")
    repo.commit(BASE.replace("3. Write the review.", "3. Write a review."), "theirs", "vendor/reviewer.md")
    said = repo.agentmerge("merge", "--base", "auto", AGENT, "vendor/reviewer.md")
    assert "model: opus" in said
    assert "3. Write a review." in said


def test_revision__that_is_not_there_is_one_line(repo: Repo) -> None:
    repo.commit(BASE, "base")
    said = repo.agentmerge("show", "nothing:x.md", code=2)
    assert said.count("\n") == 1
    assert "nothing:x.md" in said


def test_diff__with_base_auto__is_against_the_last_version_that_says_something_else(repo: Repo) -> None:
    repo.commit(BASE, "base")
    repo.commit(BASE.replace("model: sonnet", "model: opus"), "changed")
    said = repo.agentmerge("diff", "--base", "auto", AGENT, code=1)
    assert "sonnet" in said
    repo.write(BASE.replace("model: sonnet", "model: haiku"))
    said = repo.agentmerge("diff", "--base", "auto", AGENT, code=1)
    assert "opus" in said
    assert "sonnet" not in said


def test_diff__of_a_revision_with_base_auto__is_against_the_merge_base(repo: Repo) -> None:
    repo.fork(BASE.replace("model: sonnet", "model: opus"), BASE.replace("model: sonnet", "model: haiku"))
    said = repo.agentmerge("diff", "--base", "auto", f"other:{AGENT}", code=1)
    assert "sonnet" in said
    assert "haiku" in said


def test_diff__of_a_file_in_conflict_with_base_auto__is_against_the_index(repo: Repo) -> None:
    repo.fork(BASE.replace("model: sonnet", "model: opus"), BASE.replace("model: sonnet", "model: haiku"))
    repo.git("merge", "other", code=1)
    said = repo.agentmerge("diff", "--base", "auto", AGENT, code=2)
    assert f"base: :1:{AGENT}" in said
    assert "agentmerge resolve" in said
    repo.write(BASE.replace("model: sonnet", "model: haiku"))
    assert f"base: :1:{AGENT}" in repo.agentmerge("diff", "--base", "auto", AGENT, code=1)


def test_diff__a_file_without_an_earlier_version_is_one_line(repo: Repo) -> None:
    repo.commit(BASE, "base")
    said = repo.agentmerge("diff", "--base", "auto", AGENT, code=2)
    assert said == f"agentmerge: error: {AGENT}: has no earlier version; name the base\n"


def test_drift__against_auto__is_one_file_and_the_version_it_comes_from(repo: Repo) -> None:
    repo.commit(BASE, "base")
    repo.commit(BASE.replace("- Never push to main.\n", ""), "changed")
    assert "guardrail" in repo.agentmerge("drift", "--base", "auto", AGENT)
    assert "of one file" in repo.agentmerge("drift", "--against", "auto", AGENT, AGENT, code=2)


def test_revision__is_read_by_every_command_that_takes_a_file(repo: Repo) -> None:
    repo.fork(BASE.replace("model: sonnet", "model: opus"), BASE.replace("model: sonnet", "model: haiku"))
    one, two = f"main:{AGENT}", f"other:{AGENT}"
    assert "Reviewer" in repo.agentmerge("show", one)
    assert "haiku" in repo.agentmerge("diff", one, two, code=1)
    assert repo.agentmerge("align", one, two)
    assert "# Reviewer" in repo.agentmerge("combine", one, two)
    assert "<<<<<<<" in repo.agentmerge("merge", f"main~1:{AGENT}", one, two, code=1)
    assert repo.agentmerge("drift", one, two)
    repo.agentmerge("fmt", "--check", one)


def test_revision__is_not_written_to(repo: Repo) -> None:
    repo.commit(BASE, "base")
    one = f"main:{AGENT}"
    repo.commit("<<<<<<< a\n- one\n||||||| b\n- 0\n=======\n- 0\n>>>>>>> c\n", "conflicted", "c.md")
    assert repo.agentmerge("resolve", "main:c.md") == "- one\n"
    for arguments in (
        ["resolve", "--in-place", "main:c.md"],
        ["merge", one, one, one, "-o", one],
        ["combine", one, AGENT, "-o", one],
        ["fmt", "--in-place", one],
    ):
        said = repo.agentmerge(*arguments, code=2)
        assert said.count("\n") == 1, said
        assert one in said or "main:c.md" in said


def test_resolve__after_the_conflict_was_committed__takes_the_merge_base_of_the_labels(repo: Repo) -> None:
    repo.fork(
        BASE.replace("tools: Read, Grep", "tools: Read, Grep, Bash"), BASE.replace("model: sonnet", "model: haiku")
    )
    repo.git("merge", "other", code=1, AGENTMERGE="0")
    conflicted = repo.read().replace("<<<<<<< ours", "<<<<<<< HEAD").replace(">>>>>>> theirs", ">>>>>>> other")
    repo.git("merge", "--abort")
    repo.write(conflicted)
    said = repo.agentmerge("resolve", AGENT)
    assert "tools: Read, Grep, Bash\nmodel: haiku\n" in said


def test_install_system__writes_the_files_that_git_reads(repo: Repo, tmp_path: Path) -> None:
    repo.agentmerge("git", "uninstall")
    for section in ("merge", "diff"):
        repo.git("config", "--remove-section", f"{section}.agentmerge", code=None)
    system = tmp_path / "system" / "gitconfig"
    system.parent.mkdir()
    system.write_text("[core]\n\tpager = cat\n")
    repo.env = {name: value for name, value in repo.env.items() if name != "GIT_CONFIG_NOSYSTEM"}
    repo.env["GIT_CONFIG_SYSTEM"] = str(system)
    said = repo.agentmerge("git", "install", "--system")
    assert str(system.with_name("gitattributes")) in said
    once = system.read_text(), system.with_name("gitattributes").read_text()
    repo.agentmerge("git", "install", "--system")
    assert (system.read_text(), system.with_name("gitattributes").read_text()) == once
    assert repo.git("check-attr", "merge", AGENT) == f"{AGENT}: merge: agentmerge\n"
    repo.agentmerge("git", "uninstall", "--system")
    assert system.read_text().split() == ["[core]", "pager", "=", "cat"]
    assert not system.with_name("gitattributes").exists()


def test_system_attributes__are_where_git_says(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"var": git.Ran(0, b"/opt/git/etc/gitattributes\n", "")}
    monkeypatch.delenv("GIT_CONFIG_SYSTEM", raising=False)
    monkeypatch.setattr(git, "run", lambda *arguments, **_: answers.get(arguments[0], git.Ran(1, b"", "")))
    assert git.attributes_file("system") == Path("/opt/git/etc/gitattributes")
    answers["var"] = git.Ran(129, b"", "usage")
    answers["config"] = git.Ran(0, b"file:/usr/local/etc/gitconfig\0core.pager\ncat\0", "")
    assert git.attributes_file("system") == Path("/usr/local/etc/gitattributes")
    del answers["config"]
    answers["--exec-path"] = git.Ran(0, b"/usr/local/libexec/git-core\n", "")
    assert git.attributes_file("system") == Path("/usr/local/etc/gitattributes")
    answers["--exec-path"] = git.Ran(0, b"/usr/lib/git-core\n", "")
    assert git.attributes_file("system") == Path("/etc/gitattributes")


def _clashing(repo: Repo) -> None:
    theirs = BASE.replace("model: sonnet", "model: haiku").replace("2. Run the tests.", "2. Run all tests.")
    repo.fork(BASE.replace("tools: Read, Grep", "tools: Read, Grep, Bash"), theirs)


def test_difftool__shows_changes_and_ends_well(repo: Repo) -> None:
    repo.commit(BASE, "base")
    repo.write(BASE.replace("tools: Read, Grep", "tools: Read, Grep, Bash"))
    for flags in (["-y"], ["-y", "--trust-exit-code"]):
        said = repo.git("difftool", "--tool=agentmerge", *flags)
        assert "diff --agentmerge" not in said, "the driver answered in place of the tool"
        assert "Bash" in said
    repo.git("rm", "-q", "--cached", AGENT)
    assert "Never push" in repo.git("difftool", "-y", "--tool=agentmerge", "--cached")


def test_difftool__of_another_name_is_not_taken_over(repo: Repo) -> None:
    repo.commit(BASE, "base")
    repo.write(BASE.replace("tools: Read, Grep", "tools: Read, Grep, Bash"))
    assert "called with" in repo.git("difftool", "-y", "--extcmd=echo called with")


def test_mergetool__merges_what_git_left_in_conflict(repo: Repo) -> None:
    _clashing(repo)
    repo.git("merge", "other", code=1, AGENTMERGE="0")
    repo.git("mergetool", "--tool=agentmerge", "--no-prompt")
    assert "tools: Read, Grep, Bash\nmodel: haiku\n" in repo.read()
    assert repo.git("status", "--porcelain", "--untracked-files=no") == f"M  {AGENT}\n"


def test_mergetool__leaves_a_conflict_that_it_can_t_decide(repo: Repo) -> None:
    repo.fork(BASE.replace("model: sonnet", "model: opus"), BASE.replace("model: sonnet", "model: haiku"))
    repo.git("merge", "other", code=1, AGENTMERGE="0")
    repo.git("mergetool", "--tool=agentmerge", "--no-prompt", code=1)
    assert "UU" in repo.git("status", "--porcelain")
    assert "<<<<<<<" in repo.read()


def test_mergetool__both_added_a_file(repo: Repo) -> None:
    repo.commit("x\n", "start", "README.md")
    repo.git("checkout", "-q", "-b", "other")
    repo.commit(BASE, "theirs")
    repo.git("checkout", "-q", "main")
    repo.commit(BASE.replace("- Never push to main.\n", "- Never push to main.\n- Keep it short.\n"), "ours")
    repo.git("merge", "other", code=None, AGENTMERGE="0")
    repo.git("mergetool", "--tool=agentmerge", "--no-prompt", code=None)
    assert "- Keep it short." in repo.read()
    assert "- Never push to main." in repo.read()


def test_textconv__what_is_no_text_is_shown_as_it_is(repo: Repo) -> None:
    repo.commit(BASE, "base")
    repo.write("a\0b\n")
    assert "+a" in repo.git("diff", "--no-ext-diff", "--text")


def test_textconv__every_line_stays_where_it_is(repo: Repo) -> None:
    """`git blame` names the commit of a line by its number in what the driver gives."""
    first = BASE.replace("tools: Read, Grep\n", "tools:\n  - Read\n  - Grep\n  - Bash\n# reads most of the time\n")
    repo.commit(first, "first")
    second = repo.commit(first.replace("2. Run the tests.", "2. Run all of the tests."), "second")
    line = next(number for number, text in enumerate(repo.read().splitlines(), 1) if "Run all" in text)
    blamed = repo.git("blame", "-s", "-l", "-L", f"{line},{line}", AGENT)
    assert blamed.startswith(second)
    for text in (BASE, first, BASE.replace("tools: Read, Grep", "tools: [\n  Grep,\n  Read]")):
        repo.write(text)
        assert len(repo.agentmerge("git", "textconv", AGENT).splitlines()) == len(text.splitlines())


def test_diff__a_renamed_file_is_shown_under_its_new_name(repo: Repo) -> None:
    repo.commit(BASE, "base")
    (repo.path / AGENT).unlink()
    repo.write(BASE.replace("Run the tests", "Run all tests"), ".claude/agents/critic.md")
    repo.git("add", "-A")
    shown = repo.git("diff", "--cached", "-M", "--ext-diff")
    assert "b/.claude/agents/critic.md" in shown
    assert "b/.claude/agents/reviewer.md" not in shown
