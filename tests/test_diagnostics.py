"""The table of diagnostics: documented, complete, and quiet about what is in order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agentmerge.knowledge.tables import Knowledge
from agentmerge.reading import blocks, yamlio
from agentmerge.reading.checks import hidden_characters
from agentmerge.reading.parsing import parse
from agentmerge.world import files
from agentmerge.writing import sandbox
from tests.shipped import SHIPPED

DOCS = Path(__file__).parents[1] / "docs" / "diagnostics.md"

TIDY = """---
name: reviewer
description: Reviews code for security issues. Use after a change.
tools: Read, Grep
---

# Reviewer

Reviews 👩‍💻 code → naïve parts first. Costs 5 µs.

## Rules
- Never push.
"""


def test_docs_list_every_code_with_its_severity_and_meaning() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (\w+) \| (.+) \|$", DOCS.read_text("utf-8"), re.MULTILINE)
    assert rows == [(info.code, info.severity, info.about) for info in SHIPPED.diagnostics.values()]


def test_docs_state_the_limits() -> None:
    text = (DOCS.parent / "reading.md").read_text("utf-8")
    numbers = (yamlio.MAX_CHARS, yamlio.MAX_NODES, yamlio.MAX_VALUES, yamlio.MAX_DEPTH, blocks.MAX_NESTING)
    for number in (*numbers, sandbox.STEPS, sandbox.MAX_SOURCE, files.MAX_BYTES // 2**20):
        assert re.search(rf"\| .*\b{number:,} .*\|", text), number


def test_severities_are_known() -> None:
    assert {info.severity for info in SHIPPED.diagnostics.values()} <= {"error", "warning", "info"}


def test_tidy_file__has_nothing_to_tell() -> None:
    assert parse(TIDY, SHIPPED).diagnostics == ()


def test_configuration_can_change_a_severity() -> None:
    own = Knowledge({"diagnostics": {"tools-absent": {"severity": "warning"}}})
    (note,) = parse(TIDY.replace("tools: Read, Grep\n", ""), own).diagnostics
    assert (note.code, note.severity) == ("tools-absent", "warning")


def _codes(text: str, **options: str) -> list[tuple[str, int]]:
    return [(note.code, note.line) for note in parse(text, SHIPPED, **options).diagnostics]


def test_body_over_the_limit_of_the_host() -> None:
    text = "---\nname: a\ndescription: b\ntools: c\n---\n" + "x" * 30_001
    assert ("body-too-long", 6) in _codes(text, filename="a.agent.md")
    assert ("body-too-long", 6) not in _codes(text[:-1], filename="a.agent.md")
    assert ("body-too-long", 6) not in _codes(text, filename=".claude/agents/a.md")


def test_field_over_the_limit_of_the_host() -> None:
    text = f"---\nname: a\ndescription: {'x' * 1025}\n---\n"
    assert ("field-too-long", 3) in _codes(text, filename="SKILL.md")
    assert ("field-too-long", 3) not in _codes(text.replace("xx", "x", 1), filename="SKILL.md")


@pytest.mark.parametrize(
    "text", ["- " * 60 + "x\n", "> " * 150 + "x\n", "".join("  " * i + "- x\n" for i in range(60))]
)
def test_nesting_over_the_limit(text: str) -> None:
    assert "nesting-too-deep" in dict(_codes(text))


def test_nesting_below_the_limit__is_quiet() -> None:
    assert "nesting-too-deep" not in dict(_codes("- " * 45 + "x\n"))


def test_hidden_characters__are_counted_without_what_scripts_need() -> None:
    assert hidden_characters("a\u200bb\u200b 👩\u200d💻 \u202e") == {"\u200b": 2, "\u202e": 1}
    assert hidden_characters("\u05e9\u200f") == {}


def test_hidden_characters__are_told_for_a_bounded_number_of_lines() -> None:
    codes = [code for code, _ in _codes("a\u200bb\n" * 1000)]
    assert 0 < codes.count("hidden-character") < 50


def test_file_name_of_two_scripts() -> None:
    assert ("mixed-script", 1) in _codes(TIDY, filename="agents/rev\u0456ewer.md")
    assert _codes(TIDY, filename="agents/prüfer.md") == []
