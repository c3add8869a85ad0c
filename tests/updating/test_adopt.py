"""`adopt` and `recipe`: where a copied file comes from, and never a wrong base without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.updating.projects import AGENT, SKILL, Project, Upstream

V2 = AGENT + "3. Say what is good.\n"
V3 = V2 + "4. Stop.\n"


@pytest.fixture
def up(tmp_path: Path) -> Upstream:
    made = Upstream(tmp_path / "up")
    made.commit({"agents/r.md": V2})
    made.commit({"agents/r.md": V3, "skills/x/SKILL.md": SKILL + "- Stop\n"})
    return made


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project", "# Mine\nmerge:\n  Changelog: union\n")


@pytest.mark.usefixtures("up")
def test_an_equal_version_is_the_base(project: Project) -> None:
    project.write("agents/r.md", V2.replace("\n", "\r\n"))
    result = project.run("adopt", "agents/r.md", "--upstream", "../up")
    assert result.exit_code == 0
    assert "equal to" in result.output
    assert project.status() == {"agents/r.md": "pending"}
    assert project.read(".agentmerge.yaml").startswith("# Mine\nmerge:\n  Changelog: union\nrecipes:\n")
    project.update()
    assert project.read("agents/r.md") == V3.replace("\n", "\r\n")


@pytest.mark.usefixtures("up")
def test_the_nearest_version_is_the_base_and_the_distance_is_told(project: Project) -> None:
    project.write("agents/mine.md", V2.replace("Keep the answer short.", "Keep the answer very short."))
    result = project.run("adopt", "agents/mine.md", "--upstream", "../up")
    assert result.exit_code == 0
    assert "2 lines differ" in result.output
    project.update()
    assert "very short" in project.read("agents/mine.md")
    assert project.read("agents/mine.md").endswith("4. Stop.\n")


@pytest.mark.usefixtures("up")
def test_what_is_far_from_everything_is_not_adopted(project: Project) -> None:
    project.write("agents/mine.md", "# Something else\n\nOf which nobody knows.\n")
    before = project.files()
    result = project.run("adopt", "agents/mine.md", "--upstream", "../up")
    assert result.exit_code == 1
    assert "nothing was written" in result.output
    assert project.files() == before


def test_two_places_that_are_as_near_are_asked(project: Project, up: Upstream) -> None:
    up.commit({"copy/r.md": V3})
    up.commit({"other/q.md": V3.replace("name: reviewer", "name: q")})
    project.write("mine.md", V3)
    result = project.run("adopt", "mine.md", "--upstream", "../up")
    assert result.exit_code == 1
    assert "copy/r.md" in result.output
    assert project.run("adopt", "mine.md", "--upstream", "../up", "--path", "agents/r.md").exit_code == 0


@pytest.mark.usefixtures("up")
def test_a_folder_is_adopted_as_a_whole(project: Project) -> None:
    project.write("skills/x/SKILL.md", SKILL.replace("Write", "Publish"))
    project.write("skills/x/scripts/run.sh", "#!/bin/sh\nset -e\necho build\necho test\necho publish\n")
    project.write("skills/x/mine.md", "mine\n")
    assert project.run("adopt", "skills/x", "--upstream", "../up").exit_code == 0
    project.update()
    assert project.read("skills/x/SKILL.md") == SKILL.replace("Write", "Publish") + "- Stop\n"
    assert project.read("skills/x/mine.md") == "mine\n"


def test_a_folder_without_git_is_its_own_base(project: Project) -> None:
    project.write("vendor/r.md", AGENT)
    project.write("agents/r.md", AGENT.replace("short", "very short"))
    assert project.run("adopt", "agents/r.md", "--upstream", "vendor").exit_code == 0
    assert project.status() == {"agents/r.md": "local"}
    project.write("vendor/r.md", V2)
    project.update()
    assert project.read("agents/r.md") == V2.replace("short", "very short")


@pytest.mark.usefixtures("up")
def test_recipe_add_leaves_every_other_line(project: Project) -> None:
    project.write("a.md", AGENT)
    assert project.run("recipe", "add", "r.md", "agents/r.md", "--repo", "../up", "--rev", "main").exit_code == 0
    assert project.run("recipe", "add", "role.md", "a.md", "r.md", "--strategy", "majority").exit_code == 0
    assert "r.md: ../up:agents/r.md at main" in project.run("recipe", "list").output
    assert project.read(".agentmerge.yaml").startswith("# Mine\nmerge:\n  Changelog: union\nrecipes:\n")
    again = project.run("recipe", "add", "r.md", "agents/r.md")
    assert again.exit_code == 2
    assert "has a recipe" in again.output


def test_recipe_add_refuses_a_source_that_nobody_has(project: Project) -> None:
    before = project.read(".agentmerge.yaml")
    result = project.run("recipe", "add", "r.md", "nope.md")
    assert result.exit_code == 2
    assert "nope.md: no such source" in result.output
    assert project.read(".agentmerge.yaml") == before
    project.write("a.md", AGENT)
    assert project.run("recipe", "add", "r.md", "a.md").exit_code == 0
    assert project.run("recipe", "add", "again.md", "r.md").exit_code == 0


@pytest.mark.parametrize(
    ("recipes", "told"),
    [
        ("recipes:\n  ../a.md: b.md\n", "leads out of its folder"),
        ("recipes:\n  a.md: {source: b.md}\n", "did you mean 'sources'"),
        ("recipes:\n  a.md: {sources: {path: b.md, rev: main}}\n", "is of a git repository"),
        ("recipes:\n  a.md: {sources: b.md, combine: {strategy: union}}\n", "taken as it is"),
        ("recipes:\n  a.md: {sources: [b.md, c.md], combine: {strategy: onion}}\n", "onion"),
        ("recipes:\n  a: b\n  a/c.md: d.md\n", "holds it already"),
        ("recipes:\n  a.md: b.md\n  b.md: a.md\n", "made of itself"),
    ],
)
def test_a_recipe_that_is_none_is_told(tmp_path: Path, recipes: str, told: str) -> None:
    project = Project(tmp_path / "p", recipes)
    result = project.run("update")
    assert result.exit_code == 2
    assert told in result.output


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("skills-lock.json", '{"version": 1, "skills": {"x": {"source": "a/b", "ref": "REV", "computedHash": "0"}}}'),
        ("apm.lock.yaml", 'lockfile_version: "1"\ndependencies:\n  - repo_url: x\n    resolved_commit: REV\n'),
        ("rulesync.lock", '{"sources": {"a/b": {"resolvedRef": "REV", "skills": {"x": {"integrity": "s"}}}}}'),
    ],
)
def test_an_installer_says_the_revision(tmp_path: Path, up: Upstream, name: str, text: str) -> None:
    first = up.commit({"skills/x/SKILL.md": SKILL})
    up.commit({"skills/x/SKILL.md": SKILL + "- Later\n"})
    source = f"{{repo: ../up, path: skills/x, lock: {name}, entry: x}}"
    project = Project(tmp_path / "p", f"recipes:\n  skills/x:\n    sources: {source}\n")
    project.write(name, text.replace("REV", first))
    project.update()
    assert project.read("skills/x/SKILL.md") == SKILL


@pytest.mark.usefixtures("up")
def test_other_list_marks_are_one_edit(project: Project) -> None:
    project.write("agents/r.md", V2.replace("\n- ", "\n* "))
    result = project.run("adopt", "agents/r.md", "--upstream", "../up")
    assert result.exit_code == 0
    assert "1 lines differ" in result.output


def test_an_upstream_that_is_not_there__is_an_error(project: Project) -> None:
    project.write("agents/mine.md", V2)
    result = project.run("adopt", "agents/mine.md", "--upstream", "../gone")
    assert result.exit_code == 2
    assert "../gone: there is no such folder" in result.output
    assert not (project.folder / "agentmerge.lock").exists()
