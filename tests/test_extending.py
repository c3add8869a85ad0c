"""What the page on extending shows works as it stands there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from agentmerge import combine, parse
from agentmerge.diffing.comparing import diff
from agentmerge.drifting import registry
from agentmerge.drifting.registry import Comparison
from agentmerge.knowledge.tables import Knowledge
from agentmerge.planning.strategies import STRATEGIES, Policy
from agentmerge.reading.parsing import parse as read
from agentmerge.rights.reading import effective
from agentmerge.statements.sentences import pair_sentences

PAGE = (Path(__file__).parents[1] / "docs" / "extending.md").read_text("utf-8")


def _snippet(title: str, language: str) -> str:
    section = PAGE.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    (snippet,) = re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)
    return str(snippet)


def test_a_host__is_known_by_its_path_and_bounds_its_agents() -> None:
    knowledge = Knowledge({"dialects": {"acme": tomllib.loads(_snippet("A host", "toml"))}})
    agent = read("---\nname: a\ntools: [run]\n---\nBe brief.\n", knowledge, filename=".acme/agents/a.md")
    assert agent.dialect == "acme"
    assert "shell" in str(effective(agent, knowledge))


def test_a_rule__is_a_function_of_a_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_REGISTERED", [])
    exec(_snippet("A rule of the review", "python"), {})
    (added,) = registry._REGISTERED
    row = {"severity": "warning", "reads": "sections", "says": "nothing is left"}
    knowledge = Knowledge({"rules": {"emptied": row}})
    before, after = (read(text, knowledge) for text in ("# A\n\n## Rules\n\n- Be brief\n", "Be brief.\n"))
    found = diff(before, after, knowledge)
    comparison = Comparison(found, knowledge, pair_sentences(found.matching, knowledge))
    assert [one.rule for one in added.look(comparison)] == ["emptied"]


def test_a_strategy__is_a_function_and_a_row() -> None:
    texts = ["## Rules\n\n- Be brief\n- Say please\n", "## Rules\n\n- Be brief\n", "## Rules\n\n- Ask first\n"]
    try:
        exec(_snippet("A strategy", "python"), {})
        text = combine([parse(text) for text in texts], policy=Policy(strategy="two")).text
    finally:
        STRATEGIES.pop("two", None)
    assert "Be brief" in text
    assert "Say please" not in text
