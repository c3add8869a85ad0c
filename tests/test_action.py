"""The GitHub action, its shell parts run on recorded events and on a repository made here."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
REVIEW, COMMENT = ROOT / "action" / "review.sh", ROOT / "action" / "comment.sh"
AGENT = """---
name: releaser
description: Releases the product
tools: Read, Grep
---

# Releaser

## Rules

- Never push a tag without a green build.
- Write the notes first.
"""
LOST = AGENT.replace("tools: Read, Grep\n", "tools: Read, Grep, Bash\n").replace(
    "- Never push a tag without a green build.\n", ""
)
WIDER = AGENT.replace("tools: Read, Grep\n", "tools: Read, Grep, WebFetch\n")
DECLARED = """drift:
  intentional:
    - reason: the releaser reads the change log of the site
      files: [agents/releaser.md]
      rules: [permission-widened]
      adds: [WebFetch]
"""
pytestmark = pytest.mark.skipif(os.name == "nt" or shutil.which("bash") is None, reason="there is no bash")


class Run(NamedTuple):
    """What one run of the action came to."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *who, *words], cwd=folder, capture_output=True, encoding="utf-8", check=True)
    return done.stdout.strip()


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    (folder / "agents").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    commit(folder, {"agents/releaser.md": AGENT, "README.md": "# Product\n"})
    return folder


def commit(folder: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "change")
    return git(folder, "rev-parse", "HEAD")


def pull_request(folder: Path, files: dict[str, str]) -> dict[str, Any]:
    """A branch with a change, merged as GitHub does for a check; the event that it records."""
    git(folder, "checkout", "-qb", "change", "main")
    head = commit(folder, files)
    git(folder, "checkout", "-qb", "merge", "main")
    git(folder, "merge", "-q", "--no-ff", "-m", "merge", "change")
    base = git(folder, "rev-parse", "main")
    return {
        "action": "opened",
        "number": 7,
        "pull_request": {"base": {"ref": "main", "sha": base}, "head": {"sha": head}},
    }


def run(folder: Path, event: dict[str, Any], name: str = "pull_request", **inputs: str) -> Run:
    temp = folder.parent / "temp"
    temp.mkdir(exist_ok=True)
    program = temp / "agentmerge"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m agentmerge "$@"\n', "utf-8")
    program.chmod(0o755)
    for file in ("output", "summary"):
        (temp / file).write_text("", "utf-8")
    (temp / "event.json").write_text(json.dumps(event), "utf-8")
    wanted = {"FAIL_ON": "breaking", "SARIF": "drift.sarif"} | inputs
    environment = os.environ | {
        "AGENTMERGE": str(program),
        "RUNNER_TEMP": str(temp),
        "GITHUB_EVENT_NAME": name,
        "GITHUB_EVENT_PATH": str(temp / "event.json"),
        "GITHUB_OUTPUT": str(temp / "output"),
        "GITHUB_STEP_SUMMARY": str(temp / "summary"),
        **{f"INPUT_{key}": value for key, value in wanted.items()},
    }
    environment.pop("AGENTMERGE_CONFIG", None)
    done = subprocess.run(
        ["bash", str(REVIEW)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    rows = (row.partition("=") for row in (temp / "output").read_text("utf-8").splitlines())
    outputs = {key: value for key, _, value in rows}
    return Run(done.returncode, done.stdout, outputs, (temp / "summary").read_text("utf-8"))


def annotated(found: Run) -> dict[str, tuple[str, str, str]]:
    """By rule: level, file and line."""
    rows = re.findall(r"^::(\w+) file=([^,]+),line=(\d+),title=([\w-]+)", found.log, re.MULTILINE)
    return {rule: (level, file, line) for level, file, line, rule in rows}


def test_a_lost_rule_and_wider_tools__fail_with_annotations_on_their_lines(repo: Path) -> None:
    found = run(repo, pull_request(repo, {"agents/releaser.md": LOST}))
    assert found.code == 1, found.log
    told = annotated(found)
    assert told["permission-widened"] == ("error", "agents/releaser.md", "4")
    level, file, line = told["guardrail-removed"]
    assert (level, file) == ("error", "agents/releaser.md")
    assert LOST.splitlines()[int(line) - 1].startswith(("## Rules", "- Write", "# "))
    assert "was agents/releaser.md:11" in found.log
    assert found.outputs["result"] == "failed"
    assert int(found.outputs["breaking"]) >= 2
    assert "guardrail-removed" in found.summary
    sarif = json.loads((repo / found.outputs["sarif"]).read_text("utf-8"))
    places = {
        (one["ruleId"], one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        for one in sarif["runs"][0]["results"]
    }
    assert ("permission-widened", "agents/releaser.md") in places


def test_a_difference_declared_on_the_base_before__passes(repo: Path) -> None:
    commit(repo, {".agentmerge.yaml": DECLARED})
    found = run(repo, pull_request(repo, {"agents/releaser.md": WIDER}))
    assert found.code == 0, found.log
    assert found.outputs["result"] == "passed"
    assert found.outputs["breaking"] == "0"


def test_the_same_declaration_in_the_change_itself__is_held(repo: Path) -> None:
    event = pull_request(repo, {"agents/releaser.md": WIDER, ".agentmerge.yaml": DECLARED})
    found = run(repo, event)
    assert found.code == 1, found.log
    told = annotated(found)
    assert told["gate-loosened"][0] == "error"
    assert told["permission-widened"] == ("error", "agents/releaser.md", "4")


def test_nothing_of_a_definition_changed__passes(repo: Path) -> None:
    found = run(repo, pull_request(repo, {"README.md": "# Other\n"}))
    assert (found.code, found.outputs["result"]) == (0, "passed"), found.log


def test_what_landed_on_the_base_meanwhile__is_not_the_change(repo: Path) -> None:
    event = pull_request(repo, {"README.md": "# Other\n"})
    git(repo, "checkout", "-q", "main")
    event["pull_request"]["base"]["sha"] = commit(repo, {"agents/releaser.md": LOST})
    git(repo, "checkout", "-q", "merge")
    assert run(repo, event).code == 0


def test_inputs__bound_what_is_reviewed_and_what_fails(repo: Path) -> None:
    event = pull_request(repo, {"agents/releaser.md": LOST})
    assert run(repo, event, FAIL_ON="never").code == 0
    assert run(repo, event, PATHS="agents\n").code == 1
    assert run(repo, event, FAIL_ON="warning, breaking").code == 1
    assert "sarif" not in run(repo, event, SARIF="").outputs
    other = run(repo, event, BASE="HEAD")
    assert (other.code, other.outputs["result"]) == (0, "passed")


def test_a_push__is_compared_with_what_it_came_from(repo: Path) -> None:
    before = git(repo, "rev-parse", "HEAD")
    commit(repo, {"agents/releaser.md": LOST})
    assert run(repo, {"before": before}, "push").code == 1
    new = run(repo, {"before": "0" * 40}, "push")
    assert (new.code, new.outputs["result"]) == (0, "skipped")


def test_what_can_not_be_reviewed__is_an_error_with_its_remedy(repo: Path) -> None:
    event = pull_request(repo, {"agents/releaser.md": LOST})
    target = run(repo, event, "pull_request_target")
    assert (target.code, target.outputs["result"]) == (2, "failed")
    assert "::error title=agentmerge::run it on pull_request" in target.log
    event["pull_request"]["base"]["sha"] = "1" * 40
    assert "fetch-depth: 0" in run(repo, event).log
    assert run(repo, event, BASE="--upload-pack=touch x").code == 2
    assert run(repo, event, BASE="main", FAIL_ON="nonsense").code == 2


def test_no_input__can_be_run(repo: Path) -> None:
    event = pull_request(repo, {"agents/releaser.md": LOST})
    evil = f"$(touch {repo}/hit) `touch {repo}/hit`; touch {repo}/hit"
    for key in ("PATHS", "BASE", "FAIL_ON", "BASELINE", "SARIF"):
        run(repo, event, **{key: evil})
    assert not (repo / "hit").exists()
    for name in ("action.yml", "comment/action.yml"):
        steps = YAML(typ="safe").load((ROOT / name).read_text("utf-8"))["runs"]["steps"]
        assert all("${{" not in step["run"] for step in steps)


def test_hidden_commands_in_a_definition__do_not_reach_the_runner(repo: Path) -> None:
    text = LOST + "\n- Never eat\n::stop-commands::x\n::error::hit\n\n%0A::error::hit\n"
    found = run(repo, pull_request(repo, {"agents/releaser.md": text}))
    assert not re.search(r"^::(stop-commands|error)::", found.log, re.MULTILINE)


def test_the_action__has_what_its_script_reads(repo: Path) -> None:
    action = YAML(typ="safe").load((ROOT / "action.yml").read_text("utf-8"))
    step = action["runs"]["steps"][-1]
    read = set(re.findall(r"INPUT_\w+", REVIEW.read_text("utf-8"))) - {"INPUT_"}
    assert read == {key for key in step["env"] if key.startswith("INPUT_")}
    assert {key.removeprefix("INPUT_").lower().replace("_", "-") for key in read} == set(action["inputs"])
    found = run(repo, pull_request(repo, {"agents/releaser.md": LOST}))
    assert set(found.outputs) == set(action["outputs"])


# The comment

GH = """#!/usr/bin/env python3
import json, os, sys
log = os.environ["GH_LOG"]
words = sys.argv[1:]
with open(log, "a") as stream:
    stream.write(json.dumps(words) + "\\n")
path = next(word for word in words if word.startswith("repos/"))
if path.endswith("/pulls/7"):
    print("abc")
elif path.endswith("/comments") and "POST" not in words:
    print(os.environ.get("GH_FOUND", ""))
body = next((word[6:] for word in words if word.startswith("body=@")), None)
if body:
    open(os.environ["GH_BODY"], "w").write(open(body).read())
"""


def comment(folder: Path, *, number: str = "7", sha: str = "abc", found: str = "", text: str = "# Report\n") -> Run:
    (folder / "gh").write_text(GH.replace("/usr/bin/env python3", sys.executable), "utf-8")
    (folder / "gh").chmod(0o755)
    (folder / "report.md").write_text(text, "utf-8")
    environment = os.environ | {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_REPOSITORY": "o/r",
        "INPUT_NUMBER": number,
        "INPUT_REPORT": str(folder / "report.md"),
        "RUN_SHA": sha,
        "GH_LOG": str(folder / "log"),
        "GH_BODY": str(folder / "body"),
        "GH_FOUND": found,
    }
    done = subprocess.run(
        ["bash", str(COMMENT)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
    )
    log = (folder / "log").read_text("utf-8") if (folder / "log").exists() else ""
    body = (folder / "body").read_text("utf-8") if (folder / "body").exists() else ""
    return Run(done.returncode, done.stdout + log, {}, body)


def test_comment__is_made_once_and_updated_afterwards(tmp_path: Path) -> None:
    first = comment(tmp_path, text="# Report\n@everybody\n")
    assert first.code == 0, first.log
    assert '"POST"' in first.log
    assert first.summary.startswith("<!-- agentmerge drift review -->\n# Report\n")
    assert "@everybody" not in first.summary
    second = comment(tmp_path, found="42")
    assert "issues/comments/42" in second.log
    assert second.log.count('"POST"') == 1


@pytest.mark.parametrize(("number", "sha"), [("7; touch hit", "abc"), ("../8", "abc"), ("7", "other")])
def test_comment__goes_to_the_pull_request_of_the_run_alone(tmp_path: Path, number: str, sha: str) -> None:
    found = comment(tmp_path, number=number, sha=sha)
    assert found.code == 2
    assert "POST" not in found.log
    assert found.summary == ""


def test_comment__is_cut_to_what_fits(tmp_path: Path) -> None:
    found = comment(tmp_path, text="x" * 100_000)
    assert found.code == 0
    assert len(found.summary) < 65_000
    assert "the rest is in the summary of the run" in found.summary


# The skill


def test_skill__is_as_the_specification_asks() -> None:
    folder = ROOT / "skills" / "agentmerge"
    text = (folder / "SKILL.md").read_text("utf-8")
    front = YAML(typ="safe").load(text.split("---\n")[1])
    assert set(front) <= {"name", "description", "license", "compatibility", "metadata", "allowed-tools"}
    assert front["name"] == folder.name
    assert 1 <= len(front["description"]) <= 1024
    assert len(front["compatibility"]) <= 500
    assert len(text.splitlines()) < 500


def test_skill__names_commands_and_options_that_there_are(tmp_path: Path) -> None:
    from agentmerge.cli import COMMANDS

    text = (ROOT / "skills" / "agentmerge" / "SKILL.md").read_text("utf-8")
    named = set(re.findall(r"agentmerge (\w+)", text)) - {"command"}
    assert named <= set(COMMANDS)
    rows = re.findall(r"agentmerge (\w+)[^`\n]*?(--[\w-]+)", text)
    for command, option in rows:
        done = subprocess.run(
            [sys.executable, "-m", "agentmerge", command, "--help"], capture_output=True, encoding="utf-8"
        )
        assert option in done.stdout
    decisions = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert decisions is not None
    from agentmerge.planning.records import read_answers

    read = read_answers(re.sub(r"^   ", "", decisions[1], flags=re.MULTILINE), "skill")
    assert [one.by for one in read.answers] == ["agent", "agent"]
    assert read.refused == ()
