"""`update`: local edits stay while the sources move; what can't be decided is asked, nothing is half-written."""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest

from agentmerge.text.paths import digest
from tests.test_schemas import schema
from tests.updating.projects import AGENT, RECIPES, SCRIPT, SKILL, Project, Upstream, git, killed_at


@pytest.fixture
def up(tmp_path: Path) -> Upstream:
    return Upstream(tmp_path / "up")


@pytest.fixture
def project(tmp_path: Path, up: Upstream) -> Project:
    made = Project(tmp_path / "project")
    made.update()
    return made


def test_the_first_update_writes_the_bytes_as_they_are(tmp_path: Path, up: Upstream) -> None:
    crlf = AGENT.replace("\n", "\r\n")
    up.commit({"agents/r.md": crlf})
    project = Project(tmp_path / "p")
    assert project.status() == {"agents/r.md": "new", "skills/x": "new"}
    project.update()
    assert project.read("agents/r.md") == crlf
    assert project.read("skills/x/scripts/run.sh") == SCRIPT
    assert project.status() == {"agents/r.md": "clean", "skills/x": "clean"}


def test_a_script_stays_one_that_can_be_run(tmp_path: Path, up: Upstream) -> None:
    (up.folder / "skills/x/scripts/run.sh").chmod(0o755)
    up.commit({})
    project = Project(tmp_path / "p")
    project.update()
    assert os.access(project.folder / "skills/x/scripts/run.sh", os.X_OK)
    assert not os.access(project.folder / "skills/x/SKILL.md", os.X_OK)


def test_local_edits_stay_through_several_updates(project: Project, up: Upstream) -> None:
    """A merged text as the base would take the edit for upstream's, and drop it at the next update."""
    project.edit("agents/r.md", "- Keep the answer short.\n", "- Keep the answer short.\n- Name the reviewer.\n")
    project.edit("skills/x/SKILL.md", "- Write the notes\n", "- Write the notes in French\n")
    project.write("skills/x/local.md", "mine\n")
    assert project.status() == {"agents/r.md": "local", "skills/x": "local"}
    text = AGENT
    for step in ("3. Say what is good.\n", "4. Say thanks.\n", "5. Stop.\n"):
        text += step
        up.commit({"agents/r.md": text, "skills/x/scripts/run.sh": SCRIPT + f"echo {len(text)}\n"})
        assert project.status() == {"agents/r.md": "both", "skills/x": "both"}
        project.update()
        assert "- Name the reviewer.\n" in project.read("agents/r.md")
        assert project.read("agents/r.md").endswith(step)
        assert "in French" in project.read("skills/x/SKILL.md")
        assert project.read("skills/x/local.md") == "mine\n"
        assert f"echo {len(text)}" in project.read("skills/x/scripts/run.sh")
        base = (project.folder / ".agentmerge/base" / digest(text.encode())).read_text("utf-8")
        assert base == text


def test_a_second_update_changes_no_byte(project: Project, up: Upstream) -> None:
    project.edit("agents/r.md", "short", "very short")
    up.commit({"agents/r.md": AGENT + "3. Stop.\n"})
    project.update()
    before = project.files()
    project.update()
    assert project.files() == before
    up.commit({"README.md": "moved, and nothing of ours\n"})
    project.update("--check")
    project.update()
    assert project.files() == before


def test_the_lock_has_no_time_and_the_definition_no_provenance(project: Project, up: Upstream, tmp_path: Path) -> None:
    other = Project(tmp_path / "other" / "project", RECIPES.replace("../up", "../../up"))
    other.update()
    mine, theirs = project.read("agentmerge.lock"), other.read("agentmerge.lock")
    assert theirs.replace("../../up", "../up") == mine
    assert "20" + "26-" not in mine
    assert project.read("agents/r.md") == AGENT


def test_a_version_number_makes_nothing_stale(project: Project, up: Upstream) -> None:
    git(up.folder, "tag", "v2")
    up.commit({"VERSION": "2\n"})
    assert project.run("outdated").exit_code == 0
    up.commit({"agents/r.md": AGENT.replace("short", "brief")})
    outdated = project.run("outdated", "--format", "json")
    assert outdated.exit_code == 1
    assert [row["output"] for row in json.loads(outdated.stdout)["sources"]] == ["agents/r.md"]


def test_windows_line_ends_are_no_edit(project: Project, up: Upstream) -> None:
    for name in ("agents/r.md", "skills/x/SKILL.md", "skills/x/scripts/run.sh"):
        project.write(name, project.read(name).replace("\n", "\r\n"))
    for path in (project.folder / ".agentmerge/base").iterdir():
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert project.status() == {"agents/r.md": "clean", "skills/x": "clean"}
    up.commit({"agents/r.md": AGENT + "3. Stop.\n"})
    project.update()
    assert project.read("agents/r.md") == (AGENT + "3. Stop.\n").replace("\n", "\r\n")


def test_a_foreign_file_is_not_written_over(tmp_path: Path, up: Upstream) -> None:
    project = Project(tmp_path / "p")
    project.write("agents/r.md", "mine\n")
    assert project.status()["agents/r.md"] == "foreign"
    assert "did not write" in project.update(code=1)
    assert project.read("agents/r.md") == "mine\n"
    assert project.status()["skills/x"] == "clean"
    project.update("--accept", "theirs", "agents/r.md")
    assert project.read("agents/r.md") == AGENT


def test_a_row_without_a_recipe_deletes_nothing(project: Project) -> None:
    lock = project.read("agentmerge.lock")
    project.write(".agentmerge.yaml", "recipes:\n  skills/x:\n    sources: {repo: ../up, path: skills/x}\n")
    assert project.status() == {"agents/r.md": "orphan", "skills/x": "clean"}
    project.update()
    assert project.read("agents/r.md") == AGENT
    assert project.read("agentmerge.lock") == lock


def test_a_rebased_upstream_is_merged_from_the_stored_base(project: Project, up: Upstream) -> None:
    project.edit("agents/r.md", "short", "very short")
    up.commit({"agents/r.md": AGENT + "3. Stop.\n"})
    git(up.folder, "reset", "-q", "--hard", "HEAD~1")
    git(up.folder, "commit", "-q", "--amend", "-m", "other")
    up.commit({"agents/r.md": AGENT.replace("Answer with", "Reply with")})
    git(up.folder, "reflog", "expire", "--expire=now", "--all")
    git(up.folder, "gc", "-q", "--prune=now")
    assert "upstream-rewritten" in project.update()
    assert "very short" in project.read("agents/r.md")
    assert "Reply with" in project.read("agents/r.md")


# Questions


def test_a_conflict_leaves_file_and_lock_and_goes_to_a_plan(project: Project, up: Upstream) -> None:
    project.edit("agents/r.md", "Never push to the main branch.", "Never push to the main branch, except for docs.")
    up.commit({"agents/r.md": AGENT.replace("Never push to the main branch.", "Never push to any branch.")})
    before = project.files()
    project.update(code=1)
    after = project.files()
    plan = json.loads(after.pop("agents/r.md.plan.json"))
    assert after == before
    jsonschema.validate(plan, schema("plan"))
    assert len(plan["questions"]) == 1
    texts = {row["id"]: row["text"] for row in plan["texts"]}
    assert any("except for docs" in texts[one] for one in plan["questions"][0]["texts"])
    assert "<<<<<<<" not in project.read("agents/r.md")


def test_question__tells_what_the_source_took_and_not_what_was_edited_here(project: Project, up: Upstream) -> None:
    project.edit("agents/r.md", "- Keep the answer short.", "- Keep the answer short.\n- Never answer in anger.")
    project.edit("agents/r.md", "tools: Read, Grep", "tools: Read")
    project.edit("agents/r.md", "Run the tests before you answer.", "Run all tests before you answer.")
    up.commit({"agents/r.md": AGENT.replace("Run the tests before you answer.", "Run the tests if there is time.")})
    told = project.update(code=1)
    assert "in anger" not in told
    assert "permission-widened" not in told
    told = project.update("--check", code=1)
    assert "take a side with `agentmerge update --accept theirs 'agents/r.md:" in told


@pytest.mark.parametrize(("side", "has"), [("ours", "except for docs"), ("theirs", "any branch")])
def test_a_side_is_taken_once_and_for_all(project: Project, up: Upstream, side: str, has: str) -> None:
    project.edit("agents/r.md", "Never push to the main branch.", "Never push to the main branch, except for docs.")
    project.edit("agents/r.md", "Read the change.", "Read the whole change.")
    up.commit({"agents/r.md": AGENT.replace("Never push to the main branch.", "Never push to any branch.")})
    project.update(code=1)
    project.update("--accept", side, "agents/r.md")
    assert has in project.read("agents/r.md")
    assert "whole change" in project.read("agents/r.md")
    assert not (project.folder / "agents/r.md.plan.json").exists()
    project.update("--check")


def test_one_question_holds_up_its_own_output_alone(project: Project, up: Upstream) -> None:
    project.edit("agents/r.md", "short.", "short, always.")
    up.commit({"agents/r.md": AGENT.replace("short.", "long."), "skills/x/SKILL.md": SKILL + "- Tell everybody\n"})
    project.update(code=1)
    assert project.read("skills/x/SKILL.md").endswith("- Tell everybody\n")
    assert project.status() == {"agents/r.md": "both", "skills/x": "clean"}


@pytest.mark.parametrize("edited", [False, True])
def test_rights_never_get_wider_without_a_decision(project: Project, up: Upstream, edited: bool) -> None:
    if edited:
        project.edit("agents/r.md", "short", "very short")
    wide = AGENT.replace("tools: Read, Grep", "tools: Read, Grep, Bash").replace("file and the line", "file")
    up.commit({"agents/r.md": wide})
    assert "rights would get wider" in project.update(code=1)
    assert "Bash" not in project.read("agents/r.md")
    project.update("--accept", "ours", "agents/r.md:frontmatter/tools")
    text = project.read("agents/r.md")
    assert "tools: Read, Grep\n" in text
    assert "Answer with the file.\n" in text
    assert ("very short" in text) is edited
    project.update("--check")
    up.commit({"agents/r.md": wide + "3. Stop.\n"})
    project.update()
    assert "Bash" not in project.read("agents/r.md")


def test_all_tools_are_wider_than_some(project: Project, up: Upstream) -> None:
    up.commit({"agents/r.md": AGENT.replace("tools: Read, Grep\n", "")})
    project.update(code=1)
    project.update("--accept", "ours", "agents/r.md:frontmatter/tools")
    assert "tools: Read, Grep\n" in project.read("agents/r.md")


def test_a_dropped_rule_is_told_first(project: Project, up: Upstream) -> None:
    rule = "- Never push to the main branch.\n"
    up.commit({"agents/r.md": AGENT.replace(rule, "").replace("name: reviewer", "name: reviewer\nmodel: opus")})
    lines = project.update().splitlines()
    assert lines[0] == "the update takes away or changes:"
    assert "guardrail-removed" in lines[1]


# Deletions


def test_a_file_that_upstream_deleted_goes_and_one_that_was_edited_is_asked(project: Project, up: Upstream) -> None:
    up.commit({"skills/x/scripts/run.sh": None})
    project.update()
    assert not (project.folder / "skills/x/scripts").exists()
    project.edit("skills/x/SKILL.md", "Write", "Publish")
    up.commit({"skills/x/SKILL.md": None, "skills/x/README.md": "no skill any more, whatever it was before\n"})
    assert "deleted by theirs, changed by ours" in project.update(code=1)
    assert "Publish" in project.read("skills/x/SKILL.md")


def test_a_file_that_was_deleted_here_stays_away_until_upstream_changes_it(project: Project, up: Upstream) -> None:
    (project.folder / "skills/x/scripts/run.sh").unlink()
    up.commit({"skills/x/SKILL.md": SKILL + "- Stop\n"})
    project.update()
    assert not (project.folder / "skills/x/scripts/run.sh").exists()
    up.commit({"skills/x/scripts/run.sh": SCRIPT + "echo more\n"})
    assert "deleted by ours, changed by theirs" in project.update(code=1)
    project.update("--accept", "ours", "skills/x/scripts/run.sh")
    project.update("--check")
    assert not (project.folder / "skills/x/scripts/run.sh").exists()


@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_a_source_that_is_gone_is_asked(project: Project, up: Upstream, side: str) -> None:
    up.commit({"agents/r.md": None})
    assert "is gone" in project.update(code=1)
    assert project.read("agents/r.md") == AGENT
    project.update("--accept", side, "agents/r.md")
    assert (project.folder / "agents/r.md").exists() is (side == "ours")
    project.update("--check")


def test_a_source_that_never_was_is_a_mistake(tmp_path: Path, up: Upstream) -> None:
    project = Project(tmp_path / "p", "recipes:\n  a.md: {sources: {repo: ../up, path: agents/q.md}}\n")
    result = project.run("update")
    assert result.exit_code == 2
    assert "can't be found" in result.output


def test_a_source_that_got_another_name_is_followed(project: Project, up: Upstream) -> None:
    project.edit("agents/r.md", "short", "very short")
    git(up.folder, "mv", "agents/r.md", "agents/reviewer.md")
    up.commit({"agents/reviewer.md": AGENT + "3. Stop.\n"})
    assert "is now agents/reviewer.md" in project.update()
    git(up.folder, "mv", "agents/reviewer.md", "agents/critic.md")
    up.commit({"agents/critic.md": AGENT + "3. Stop.\n4. Wait.\n"})
    assert "is now agents/critic.md" in project.update()
    text = project.read("agents/r.md")
    assert "very short" in text
    assert text.endswith("3. Stop.\n4. Wait.\n")
    project.update("--check")


def test_a_file_that_got_another_name_in_a_folder_takes_its_edit_along(project: Project, up: Upstream) -> None:
    project.edit("skills/x/scripts/run.sh", "echo test", "echo local test")
    git(up.folder, "mv", "skills/x/scripts", "skills/x/bin")
    up.commit({"skills/x/bin/run.sh": SCRIPT + "echo more\n"})
    project.update()
    assert not (project.folder / "skills/x/scripts").exists()
    assert "echo local test" in project.read("skills/x/bin/run.sh")
    assert project.read("skills/x/bin/run.sh").endswith("echo more\n")


# Bases


def _lose_bases(project: Project) -> None:
    for path in (project.folder / ".agentmerge/base").iterdir():
        path.unlink()


def test_a_base_is_found_in_git_and_at_the_source(project: Project, up: Upstream) -> None:
    git(project.folder, "init", "-q")
    git(project.folder, "add", "agents")
    git(project.folder, "commit", "-q", "-m", "x")
    project.edit("agents/r.md", "- Keep the answer short.\n", "")
    project.edit("skills/x/SKILL.md", "- Write the notes\n", "")
    _lose_bases(project)
    up.commit({"agents/r.md": AGENT + "3. Stop.\n", "skills/x/SKILL.md": SKILL + "- Stop\n"})
    assert "base-lost" not in project.update()
    assert "Keep the answer" not in project.read("agents/r.md")
    assert "Write the notes" not in project.read("skills/x/SKILL.md")


def test_a_base_that_nobody_has_makes_a_two_way_merge_that_says_so(tmp_path: Path) -> None:
    project = Project(tmp_path / "p", "recipes:\n  out.md: a.md\n")
    project.write("a.md", AGENT)
    project.update()
    project.edit("out.md", "- Keep the answer short.\n", "- Keep the answer short.\n- Name the reviewer.\n")
    project.write("a.md", AGENT + "3. Stop.\n")
    _lose_bases(project)
    assert "base-lost" in project.update()
    assert "Name the reviewer" in project.read("out.md")
    assert "3. Stop." in project.read("out.md")


def test_a_base_that_somebody_edited_is_no_base(project: Project, up: Upstream) -> None:
    for path in (project.folder / ".agentmerge/base").iterdir():
        path.write_bytes(path.read_bytes() + b"more\n")
    project.edit("agents/r.md", "short", "very short")
    up.commit({"agents/r.md": AGENT + "3. Stop.\n"})
    project.update()
    assert "very short" in project.read("agents/r.md")
    assert "more" not in project.read("agents/r.md")


# Several sources


COMBINED = """recipes:
  role.md:
    sources:
      - a.md
      - {repo: ../up, path: agents/r.md}
    combine: {strategy: union, name: reviewer}
"""
OTHER = """---
name: checker
description: Checks changes before they are merged.
tools: Read, Grep
---
# Checker

## Rules

- Look for secrets in each file.
- Ask where a name says nothing.
"""


def test_a_role_of_several_authors_keeps_its_edits_while_one_moves(tmp_path: Path, up: Upstream) -> None:
    project = Project(tmp_path / "p", COMBINED)
    project.write("a.md", OTHER)
    project.update()
    assert "Look for secrets" in project.read("role.md")
    project.edit("role.md", "Look for secrets in each file.", "Look for secrets and keys in each file.")
    assert project.status() == {"role.md": "local"}
    up.commit(
        {"agents/r.md": AGENT.replace("- Keep the answer short.\n", "- Keep the answer short.\n- Cite the docs.\n")}
    )
    project.update()
    text = project.read("role.md")
    assert "secrets and keys" in text
    assert "Cite the docs" in text
    project.update("--check")


def test_an_output_of_an_output_is_current_after_one_update(tmp_path: Path, up: Upstream) -> None:
    chained = COMBINED.replace("{repo: ../up, path: agents/r.md}", "vendored.md")
    project = Project(tmp_path / "p", chained + "  vendored.md: {sources: {repo: ../up, path: agents/r.md}}\n")
    project.write("a.md", OTHER)
    project.update()
    project.update("--check")
    up.commit(
        {"agents/r.md": AGENT.replace("- Keep the answer short.\n", "- Keep the answer short.\n- Cite the docs.\n")}
    )
    project.update()
    assert "Cite the docs" in project.read("role.md")
    project.update("--check")


def test_another_recipe_makes_its_output_stale(tmp_path: Path, up: Upstream) -> None:
    project = Project(tmp_path / "p", COMBINED)
    project.write("a.md", OTHER)
    project.update()
    project.edit(".agentmerge.yaml", "name: reviewer", "name: gate")
    assert project.status() == {"role.md": "pending"}
    project.update()
    assert "name: gate" in project.read("role.md")


# Interruptions


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that can be copied")
@pytest.mark.parametrize("number", [3, 9, 15])
def test_killed_it_is_old_or_new_and_the_next_update_finishes(project: Project, up: Upstream, number: int) -> None:
    project.edit("agents/r.md", "short", "very short")
    old = project.files()
    up.commit({"agents/r.md": AGENT + "3. Stop.\n", "skills/x/new.md": "n\n"})
    assert killed_at(number, project.folder, lambda: project.run("update"))
    left = {name: data for name, data in project.files().items() if not name.startswith(".agentmerge/pending/")}
    project.update()
    new = project.files()
    assert all(data in (old.get(name), new.get(name)) for name, data in left.items())
    assert "very short" in project.read("agents/r.md")
    assert project.read("skills/x/new.md") == "n\n"
    project.update()
    assert project.files() == new


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that can be copied")
def test_a_file_that_was_edited_after_a_kill_is_not_written_over(project: Project, up: Upstream) -> None:
    from agentmerge.world.transactions import Step, Store

    up.commit({"skills/x/SKILL.md": SKILL + "- Stop\n"})
    store = Store(project.folder)
    steps = [Step("skills/x/SKILL.md", SKILL.encode(), (SKILL + "- Stop\n").encode()), Step("a.md", None, b"a\n")]
    number = 1
    while not store.is_interrupted:
        assert killed_at(number, project.folder, lambda: store.write(steps))
        number += 1
    assert project.run("status").exit_code == 1
    project.edit("skills/x/SKILL.md", "Tag the commit", "Tag the right commit")
    assert "planned anew" in project.update()
    assert "right commit" in project.read("skills/x/SKILL.md")
    assert "- Stop" in project.read("skills/x/SKILL.md")
    assert not (project.folder / "a.md").exists()


def test_an_edit_while_the_update_is_planned_is_not_lost(
    project: Project, up: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agentmerge.cli.workspace import Workspace

    up.commit({"agents/r.md": AGENT + "3. Stop.\n"})
    plans = Workspace.plans

    def slow(self: Workspace, *arguments: object) -> object:
        found = plans(self, *arguments)  # type: ignore[arg-type]
        project.edit("agents/r.md", "short", "very short")
        return found

    monkeypatch.setattr(Workspace, "plans", slow)
    result = project.run("update")
    assert result.exit_code == 2
    assert "was changed while" in result.output
    assert "very short" in project.read("agents/r.md")


def test_the_json_has_the_shape_of_its_schemas(project: Project, up: Upstream) -> None:
    project.edit("agents/r.md", "short.", "short, always.")
    text = AGENT.replace("short.", "long.").replace("- Never push to the main branch.\n", "")
    up.commit({"agents/r.md": text, "skills/x/SKILL.md": SKILL + "- Stop\n"})
    for command, name in ((("update", "--dry-run"), "update"), (("status",), "status"), (("outdated",), "outdated")):
        result = project.run(*command, "--format", "json")
        assert result.exit_code == 1
        jsonschema.validate(json.loads(result.stdout), schema(name))
    jsonschema.validate(json.loads(project.run("recipe", "list", "--format", "json").stdout), schema("recipes"))
