"""Files with conflict markers in git: reviews of ranges and histories, the drivers, and where a base comes from."""

from __future__ import annotations

import json

from tests.git.conftest import AGENT, BASE, Repo

GOOD = "# Helper\n\n- Answer in one line.\n- Never guess.\n"
CONFLICT = "<<<<<<< HEAD\nmodel: opus\n=======\nmodel: haiku\n>>>>>>> other\n"
CONFLICTED = BASE.replace("model: sonnet\n", CONFLICT)


def test_range__new_conflict_breaks_and_resolving_one_does_not(repo: Repo) -> None:
    repo.commit(BASE, "base")
    repo.commit(GOOD, "other", "agents/b.md")
    repo.commit(CONFLICTED, "conflicted")
    repo.commit(GOOD.replace("- Never guess.\n", ""), "weaker", "agents/b.md")
    found = json.loads(
        repo.agentmerge("drift", "HEAD~2..HEAD", "--format", "json", "-q").split("agentmerge:")[0] or "{}"
    )
    assert found == {}
    said = repo.agentmerge("drift", "HEAD~2..HEAD", "--fail-on", "breaking", code=1)
    assert "conflict-markers" in said
    assert "guardrail-removed" in said
    repo.commit(BASE, "resolved")
    said = repo.agentmerge("drift", "HEAD~1..HEAD", "--fail-on", "breaking")
    assert "warning   conflict-markers" in said


def test_history__goes_on_behind_a_conflicted_version(repo: Repo) -> None:
    repo.commit(BASE, "base")
    repo.commit(CONFLICTED, "conflicted")
    repo.commit(BASE.replace("- Never push to main.\n", ""), "resolved")
    said = repo.agentmerge("drift", "--history", AGENT, "--format", "json")
    steps = json.loads(said[said.index("{") : said.rindex("}") + 1])["steps"]
    assert [step["class"] for step in steps] == [None, "unknown", "subset"]
    assert [one["rule"] for one in steps[1]["findings"]] == ["conflict-markers"]
    assert "guardrail-removed" in {one["rule"] for one in steps[2]["findings"]}
    assert steps[1]["drift"] is None
    repo.agentmerge("drift", "--history", AGENT, "--fail-on", "breaking", code=1)
    for form in ("text", "markdown", "html", "github", "sarif"):
        assert "conflict-markers" in repo.agentmerge("drift", "--history", AGENT, "--format", form)


def test_history__that_begins_with_a_conflict(repo: Repo) -> None:
    repo.commit(CONFLICTED, "conflicted")
    repo.commit(BASE, "resolved")
    said = repo.agentmerge("drift", "--history", AGENT, "--fail-on", "breaking", code=1)
    assert "conflict-markers" in said


def test_merge_driver__falls_back_to_git_s_lines(repo: Repo) -> None:
    ours = CONFLICTED.replace("- Read the whole change first.", "- Read all of it.")
    repo.fork(ours, CONFLICTED.replace("3. Write the review.", "3. Write the review well."), base=CONFLICTED)
    said = repo.git("merge", "other", "-m", "merged")
    assert "git's own line merge was kept" in said
    text = repo.read()
    assert "- Read all of it.\n" in text
    assert "Write the review well." in text


def test_diff_driver_and_textconv__show_the_lines(repo: Repo) -> None:
    repo.commit(BASE, "base")
    repo.commit(CONFLICTED, "conflicted")
    assert "+<<<<<<< HEAD" in repo.git("show", "--ext-diff", "HEAD")
    assert "+<<<<<<< HEAD" in repo.git("show", "--no-ext-diff", "--textconv", "HEAD")
    said = repo.agentmerge("git", "textconv", AGENT)
    assert said.startswith(CONFLICTED) or said.endswith(CONFLICTED)


def test_resolve__takes_the_base_of_the_index_before_it_combines(repo: Repo) -> None:
    repo.fork(BASE.replace("model: sonnet", "model: opus"), BASE.replace("model: sonnet", "model: haiku"))
    repo.git("merge", "other", code=1, AGENTMERGE="0")
    said = repo.agentmerge("resolve", AGENT, "--conflict-style", "diff3", code=1)
    assert "sides are combined" not in said
    assert "||||||| base\nmodel: sonnet\n" in said
