"""`agentmerge where` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.lineage import role
from tests.test_cli_drift import _run
from tests.test_schemas import validate

PUSH = "Never push to the main branch."


@pytest.fixture
def agents(tmp_path: Path) -> Path:
    files = {
        "agents/a.md": role("Be kind.", PUSH),
        "agents/b.md": role("You should not push to the main branch."),
        "agents/c.md": role("Be kind."),
        "agents/d.md": "---\nname: d\n---\n\n# D\n\n@../shared/rules.md\n",
        "shared/rules.md": role("You must never push to the main branch."),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def _json(*arguments: str, cwd: Path, code: int = 0) -> dict[str, Any]:
    done = _run("where", "--format", "json", *arguments, cwd=cwd)
    assert done.returncode == code, done.stderr
    data: dict[str, Any] = json.loads(done.stdout)
    validate(data, "where")
    return data


def test_who_says_it_how_strongly_and_through_which_import(agents: Path) -> None:
    data = _json("Never push to main branch", "agents", cwd=agents)
    found = {data["files"][hit["file"]]: (hit["strength"], hit["says"], hit.get("through")) for hit in data["hits"]}
    assert found == {
        "agents/a.md": (3, True, None),
        "agents/b.md": (2, True, None),
        "agents/d.md": (3, True, "../shared/rules.md"),
    }
    assert [data["files"][n] for n in data["silent"]] == ["agents/c.md"]


def test_a_line_of_a_file(agents: Path) -> None:
    line = (agents / "agents/a.md").read_text("utf-8").split("\n").index(f"- {PUSH}") + 1
    assert _json(f"agents/a.md:{line}", "agents", cwd=agents)["wanted"]["text"] == PUSH


def test_text__fits(agents: Path) -> None:
    done = _run("where", "Never push to the main branch", "agents", cwd=agents)
    assert done.stdout.splitlines()[0] == "'Never push to the main branch': 3 of 4 say it"
    assert "imported" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_nobody_says_it(agents: Path) -> None:
    assert _json("Always sign the release artefacts", "agents", cwd=agents, code=1)["hits"] == []


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("Never push", "nowhere"), "no such file or folder"),
        (("agents/a.md:1", "agents"), "no sentence stands there"),
        (("...", "agents"), "says nothing"),
        (("Never push", "empty"), "there is no definition in it"),
    ],
)
def test_bad_input__is_one_line(agents: Path, arguments: tuple[str, ...], why: str) -> None:
    (agents / "empty").mkdir()
    done = _run("where", *arguments, cwd=agents)
    assert done.returncode == 2
    assert why in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_words_that_stand_in_a_longer_statement__are_found(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        role("**Careful**: Never trust input, validate everything, log what is odd"), "utf-8"
    )
    (tmp_path / "b.md").write_text(role("You may trust input that is signed."), "utf-8")
    found = {hit["file"]: hit for hit in _json("Never trust input", ".", cwd=tmp_path)["hits"]}
    assert found[0]["says"]
    assert 1 not in found or not found[1]["says"]


@pytest.mark.parametrize("fault", ["Hardcoded secrets", "Hardcoding secrets", "Secret hardcoding"])
def test_name_of_a_fault__is_not_against_the_rule(tmp_path: Path, fault: str) -> None:
    (tmp_path / "a.md").write_text(f"---\nname: a\n---\n# A\n\nCommon issues to look for:\n\n- {fault}\n", "utf-8")
    (tmp_path / "b.md").write_text("---\nname: b\n---\n# B\n\n## Style\n\n- Hardcode secrets\n", "utf-8")
    hits = _json("Never hardcode secrets", ".", cwd=tmp_path, code=1)["hits"]
    assert [hit["against"] for hit in hits if hit["file"] == 0] in ([], [False])
    assert [hit["against"] for hit in hits if hit["file"] == 1] == [True]


def test_names__are_told_once_and_whole(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"an-agent-with-a-long-name-{number}.md").write_text(role("Be kind."), "utf-8")
    (tmp_path / "z.md").write_text(role("Never log any of the secrets of users."), "utf-8")
    done = _run("where", "Never log secrets of the users in production", ".", cwd=tmp_path)
    shown = done.stdout.split()
    for number in range(12):
        assert f"an-agent-with-a-long-name-{number}.md" in {word.rstrip(",") for word in shown}
    assert sum("z.md" in word for word in shown) == 1
