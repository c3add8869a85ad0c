"""The judged does not choose the judge: configuration and baseline of a change set are those before it."""

from __future__ import annotations

import json

import pytest

from tests.git.conftest import AGENT, BASE, Repo
from tests.git.test_change_sets import gate, review, told

CONFIG = ".agentmerge.yaml"
STRICT = "drift:\n  fail-on: [breaking]\n  baseline: known.json\n"
LESS = BASE.replace("- Never push to main.\n", "")


@pytest.fixture
def base(repo: Repo) -> Repo:
    repo.write(STRICT, CONFIG)
    repo.write(json.dumps({"schema": "agentmerge/baseline/1", "accepted": []}), "known.json")
    repo.commit(BASE, "base")
    repo.git("tag", "old")
    return repo


@pytest.mark.parametrize(
    ("config", "what"),
    [
        (STRICT + "  severity: {guardrail-removed: info}\n", "the severity of guardrail-removed is info instead of"),
        (STRICT.replace("[breaking]", "[]"), "fail-on no longer holds breaking"),
        (STRICT + "  intentional:\n  - reason: meant\n    files: [reviewer.md]\n", "accepted from now on, as 'meant'"),
        (STRICT + "tables:\n  fields:\n    tools: {rights: ''}\n", "the table 'fields' is another one"),
        ("drift: [\n", "can't be read"),
        ("", "fail-on no longer holds breaking"),
    ],
)
def test_configuration__is_the_old_one_and_loosening_it_is_breaking(base: Repo, config: str, what: str) -> None:
    base.write(config, CONFIG)
    base.commit(LESS, "loosen")
    out = base.agentmerge("drift", "old..HEAD", code=1)
    assert "guardrail-removed" in out
    assert "gate-loosened" in out
    assert what in out


def test_configuration__that_is_taken_away(base: Repo) -> None:
    base.git("rm", "-q", CONFIG)
    base.commit(LESS, "loosen")
    assert "gate-loosened" in base.agentmerge("drift", "old..HEAD", code=1)


def test_configuration__from_the_new_side_where_it_is_asked_for(base: Repo) -> None:
    base.commit(STRICT + "  severity: {guardrail-removed: info}\n", "loosen", CONFIG)
    assert told(review(base, "old..HEAD", code=1)) == [("gate-loosened", "breaking")] * 2
    assert ("gate-loosened", "info") in told(review(base, "old..HEAD", "--config-from", "new"))
    assert "is of a change set" in base.agentmerge("drift", "--config-from", "new", AGENT, AGENT, code=2)


def test_configuration__that_is_stricter_is_no_finding(base: Repo) -> None:
    base.commit(STRICT.replace("[breaking]", "[warning]") + "  severity: {tokens: breaking}\n", "tighten", CONFIG)
    assert told(review(base, "old..HEAD")) == []


def test_configuration__that_is_named_or_found_from_a_folder_below(base: Repo) -> None:
    base.write("drift: {}\n", CONFIG)
    base.commit(LESS, "loosen")
    assert "gate-loosened" in base.agentmerge("drift", "old..HEAD", "--config", CONFIG, code=1)
    assert "gate-loosened" in base.agentmerge("drift", "old..HEAD", code=1, cwd=base.path / ".claude")


def test_configuration__that_is_no_part_of_the_change_is_read_from_disk(repo: Repo) -> None:
    repo.commit(BASE, "base")
    repo.git("tag", "old")
    repo.commit(LESS, "less")
    repo.write("drift:\n  fail-on: [breaking]\n", CONFIG)
    assert "gate-loosened" not in repo.agentmerge("drift", "old..HEAD", code=1)


def test_staged__the_index_does_not_judge_itself(base: Repo) -> None:
    base.write("drift: {}\n", CONFIG)
    base.write(LESS)
    base.git("add", "-A")
    out = base.agentmerge("drift", "--staged", code=1)
    assert "gate-loosened" in out
    assert "guardrail-removed" in out


def test_baseline__of_the_old_side_counts_and_rows_that_are_added_are_told(base: Repo) -> None:
    base.commit(LESS, "less")
    base.agentmerge("drift", "old..HEAD", "--update-baseline")
    gate(base, 1)
    base.commit(None, "accept")
    out = base.agentmerge("drift", "old..HEAD", code=1)
    assert "the baseline accepts guardrail-removed" in out
    base.git("tag", "accepted")
    base.git("checkout", "-q", "-b", "later", "accepted")
    base.commit(BASE, "back")
    base.git("tag", "back")
    base.commit(LESS, "again")
    base.agentmerge("drift", "back..HEAD", code=1)


def test_baseline__a_row_accepts_the_next_change_of_its_file_alone(base: Repo) -> None:
    """What was accepted, taken back and comes again is no longer accepted: nobody saw it the second time."""
    base.commit(LESS, "lose")
    base.agentmerge("drift", "old..HEAD", "--update-baseline", "--config-from", "new")
    rows = base.read("known.json")
    base.git("reset", "-q", "--hard", "old")
    base.write(rows, "known.json")
    base.commit(None, "accept")
    base.git("tag", "accepted")
    base.commit(LESS, "lose")
    assert "1 accepted" in base.agentmerge("drift", "accepted..HEAD", "--all")
    base.git("tag", "landed")
    base.commit(BASE, "take back")
    base.git("tag", "back")
    base.commit(LESS, "lose again")
    out = base.agentmerge("drift", "back..HEAD", code=1)
    assert "guardrail-removed" in out
    assert "stale in the baseline" in out


def test_baseline__an_update_of_a_range_ends_the_rows_that_nothing_answers_to(base: Repo) -> None:
    base.commit(LESS, "lose")
    base.git("tag", "less")
    base.agentmerge("drift", "old..less", "--update-baseline", "--config-from", "new")
    assert len(json.loads(base.read("known.json"))["accepted"]) == 1
    base.commit(LESS.replace("Read the diff", "Read all of the diff"), "other")
    base.agentmerge("drift", "less..HEAD", "--update-baseline", "--config-from", "new")
    rows = json.loads(base.read("known.json"))["accepted"]
    assert "guardrail-removed" not in [row["rule"] for row in rows]


@pytest.mark.parametrize(
    ("pin", "tools", "code"),
    [
        ("adds: [WebFetch]", "Read, Grep, WebFetch", 0),
        ("adds: [WebFetch]", '"*"', 1),
        ("adds: [WebFetch]", "Read, Grep, WebFetch, Bash", 1),
        ("until: 2024-01-01", "Read, Grep, WebFetch", 0),
        ("until: 2023-12-31", "Read, Grep, WebFetch", 1),
        ("sees: ['000000000000']", "Read, Grep, WebFetch", 1),
    ],
)
def test_intentional__is_pinned(base: Repo, pin: str, tools: str, code: int) -> None:
    rule = "{reason: meant, rules: [permission-widened], " + pin + "}"
    base.commit(STRICT + f"  intentional:\n  - {rule}\n", "mean it", CONFIG)
    base.git("tag", "-f", "old")
    base.commit(BASE.replace("tools: Read, Grep", f"tools: {tools}"), "widen")
    out = base.agentmerge("drift", "old..HEAD", code=code)
    assert ("ended on 2023-12-31" in out) is ("2023" in pin)


def test_intentional__that_names_nothing_is_told(base: Repo) -> None:
    base.commit(STRICT + "  intentional:\n  - reason: all is well\n", "mean it", CONFIG)
    base.git("tag", "-f", "old")
    base.commit(LESS, "lose")
    assert "'all is well' names nothing, and so accepts every finding" in base.agentmerge("drift", "old..HEAD")
