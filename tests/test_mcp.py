"""The server for agents, played by the client of its SDK in a real process; skipped where the extra is missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from agentmerge.cli.mcp import Tools
from agentmerge.errors import AgentMergeError, InputError, OutputError

AGENT = """---
name: scout
description: Looks around
tools: {tools}
---

# Scout

You look around.

## Rules

- {rule}
- Read the [map](docs/map.md).
"""
FIRST = AGENT.format(tools="Read, Grep", rule="Never push a tag without a green build.")
SECOND = AGENT.format(tools="Read, Bash", rule="A tag is never pushed before the build is green.")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "docs").mkdir(parents=True)
    (folder / "docs" / "map.md").write_text("# Map\n", "utf-8")
    (folder / "a.md").write_text(FIRST, "utf-8")
    (folder / "b.md").write_text(SECOND, "utf-8")
    (tmp_path / "secret.md").write_text("secret\n", "utf-8")
    return folder


FILES = ["a.md", "b.md"]


def decisions(plan: dict[str, Any], action: str = "distinct") -> str:
    rows = [
        f"  - {{id: {one['id']}, action: {action}, by: person}}"
        for one in plan["questions"]
        if action in one["choices"]
    ]
    return "\n".join(["schema: agentmerge/decisions/1", "decisions:", *rows]) + "\n"


# The tools themselves, without the extra


def test_plan_apply_explain__are_a_round(project: Path) -> None:
    tools = Tools([str(project)])
    plan = json.loads(tools.plan(FILES))
    assert plan["schema"] == "agentmerge/plan/1"
    said = tools.apply(FILES, decisions(plan), "out.md")
    assert said.startswith("written to out.md")
    text = (project / "out.md").read_text("utf-8")
    assert "tools: Read\n" in text
    # Links lead from where the result stands.
    assert "(docs/map.md)" in text
    line = next(number for number, row in enumerate(text.splitlines(), 1) if "docs/map.md" in row)
    explained = json.loads(tools.explain(FILES, line, decisions(plan)))
    assert "map" in explained["text"]
    assert explained["sources"]
    assert explained["decisions"][0]["rule"]
    assert sorted(path.name for path in project.iterdir()) == ["a.md", "b.md", "docs", "out.md"]


def test_an_agent__is_no_person_whatever_it_says(project: Path) -> None:
    tools = Tools([str(project)])
    plan = json.loads(tools.plan(FILES))
    assert any(one["binds"] for one in plan["questions"])
    said = tools.apply(FILES, decisions(plan, "same"), "out.md")
    assert "decision-left" in said
    text = (project / "out.md").read_text("utf-8")
    assert "Never push a tag" in text
    assert "never pushed before" in text


@pytest.mark.parametrize(
    "name", ["../secret.md", "/etc/passwd", "link.md", "HEAD:a.md", ".git/config", "none.md", "-o"]
)
def test_paths__stay_inside_of_the_roots(project: Path, name: str) -> None:
    (project / "link.md").symlink_to(project.parent / "secret.md")
    (project / ".git").mkdir()
    (project / ".git" / "config").write_text("x\n", "utf-8")
    tools = Tools([str(project)])
    with pytest.raises(InputError):
        tools.plan(["a.md", name])
    with pytest.raises(InputError):
        tools.diff("a.md", name)
    with pytest.raises(InputError):
        tools.survey([name])
    if name not in ("none.md", "HEAD:a.md", "-o"):
        with pytest.raises(AgentMergeError):
            tools.apply(FILES, "", name)
    assert (project.parent / "secret.md").read_text("utf-8") == "secret\n"


def test_wider_rights__are_refused_and_nothing_is_written(project: Path) -> None:
    tools = Tools([str(project)])
    (project / "out.md").write_text(FIRST.replace("Read, Grep", "[]"), "utf-8")
    before = (project / "out.md").read_bytes()
    with pytest.raises(OutputError, match="rights would be wider"):
        tools.apply(FILES, "", "out.md")
    assert (project / "out.md").read_bytes() == before
    (project / ".agentmerge.yaml").write_text("policy:\n  frontmatter/tools: union\n", "utf-8")
    with pytest.raises(OutputError, match="rights would be wider"):
        tools.apply(FILES, "", "new.md")
    assert not (project / "new.md").exists()
    with pytest.raises(AgentMergeError):
        tools.apply(FILES, "", "a.md")
    assert (project / "a.md").read_text("utf-8") == FIRST


@pytest.mark.parametrize(
    "text", ["nonsense: [", "decisions: []", "schema: agentmerge/decisions/1\ndecisions: [{id: q1}]"]
)
def test_what_is_no_decision__is_refused(project: Path, text: str) -> None:
    with pytest.raises(InputError):
        Tools([str(project)]).apply(FILES, text, "out.md")
    assert not (project / "out.md").exists()


def test_a_decision_on_nothing__is_refused(project: Path) -> None:
    text = "schema: agentmerge/decisions/1\ndecisions: [{id: q000000, action: same}]\n"
    with pytest.raises(InputError, match="do not count"):
        Tools([str(project)]).apply(FILES, text, "out.md")
    assert not (project / "out.md").exists()


def test_diff__by_meaning_and_by_words(project: Path) -> None:
    tools = Tools([str(project)])
    assert "permission" in tools.diff("a.md", "b.md")
    assert "{+" in tools.diff("a.md", "b.md", by_meaning=False)
    assert "a.md" in tools.survey(["."])


def test_without_the_extra__is_told(tmp_path: Path) -> None:
    code = "import sys; sys.modules['mcp'] = None; sys.argv[1:] = ['mcp']; from agentmerge.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, encoding="utf-8")
    assert done.returncode == 2
    assert "agentmerge[mcp]" in done.stderr


# The server


def play(project: Path) -> dict[str, Any]:
    """A whole round, as an agent plays it."""
    import anyio
    from mcp import Client, StdioServerParameters
    from mcp.client.stdio import stdio_client

    command = StdioServerParameters(
        command=sys.executable, args=["-m", "agentmerge", "mcp", "--root", str(project)], env=dict(os.environ)
    )
    found: dict[str, Any] = {}

    async def call(client: Any, name: str, **arguments: Any) -> tuple[bool, str]:
        result = await client.call_tool(name, arguments)
        return bool(result.is_error), "".join(part.text for part in result.content)

    async def round_() -> None:
        async with Client(stdio_client(command)) as client:
            found["tools"] = (await client.list_tools()).tools
            found["survey"] = await call(client, "survey", folders=["."])
            found["plan"] = await call(client, "plan", files=FILES)
            answered = decisions(json.loads(found["plan"][1]))
            found["apply"] = await call(client, "apply", files=FILES, decisions=answered, output="out.md")
            found["explain"] = await call(client, "explain", files=FILES, line=8, decisions=answered)
            found["outside"] = await call(client, "diff", old="a.md", new="../secret.md")
            (project / "old.md").write_text(FIRST.replace("Read, Grep", "[]"), "utf-8")
            found["wider"] = await call(client, "apply", files=FILES, decisions=answered, output="old.md")

    anyio.run(round_)
    return found


def test_server__plays_a_whole_round_with_the_client_of_the_sdk(project: Path) -> None:
    pytest.importorskip("mcp.client")
    found = play(project)
    by_name = {tool.name: tool for tool in found["tools"]}
    assert set(by_name) == {"survey", "diff", "plan", "explain", "apply"}
    for name, tool in by_name.items():
        assert tool.annotations.read_only_hint is (name != "apply")
    assert by_name["apply"].annotations.destructive_hint is True
    size = len(json.dumps([tool.model_dump(mode="json", exclude_none=True) for tool in found["tools"]]))
    assert size / 4 < 1500
    for name in ("survey", "plan", "apply", "explain"):
        assert not found[name][0], found[name][1]
    assert (project / "out.md").exists()
    assert found["outside"][0]
    assert "outside of the roots" in found["outside"][1]
    assert "secret\n" not in found["outside"][1]
    assert found["wider"][0]
    assert "rights would be wider" in found["wider"][1]


def test_decisions_of_the_tests__are_yaml() -> None:
    assert YAML(typ="safe").load(decisions({"questions": [{"id": "q1", "choices": ["same"]}]}, "same"))["decisions"]
