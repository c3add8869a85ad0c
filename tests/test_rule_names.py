"""Every name that a decision or a finding of a combine has is in the documentation."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from hypothesis import given, settings

from agentmerge import combine, parse
from agentmerge.planning.strategies import FIELD_RULES, RULES, STRATEGIES, WORDINGS, Policy
from tests.test_combining_laws import PAIRS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "combining.md").read_text("utf-8")
TREES = [
    ast.parse(path.read_text("utf-8"))
    for folder in ("planning", "combining")
    for path in sorted((ROOT / "agentmerge" / folder).glob("*.py"))
]
KNOWN = {*STRATEGIES, *FIELD_RULES, *RULES, *(f"wording={name}" for name in WORDINGS)}


def test_tables_of_the_page__are_those_of_the_code() -> None:
    for table in (STRATEGIES, WORDINGS, FIELD_RULES):
        assert [name for name, row in table.items() if f"| `{name}` | {row.help} |" not in PAGE] == []
    assert [name for name, told in RULES.items() if f"| `{name}` | {told} |" not in PAGE] == []


def test_findings__are_on_the_page() -> None:
    calls = [node for tree in TREES for node in ast.walk(tree) if isinstance(node, ast.Call)]
    firsts = [call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Notice"]
    names = [first.value for first in firsts if isinstance(first, ast.Constant) and isinstance(first.value, str)]
    assert len(set(names)) > 5
    assert [name for name in names if f"| `{name}` |" not in PAGE] == []


def test_rules_in_the_code__are_in_the_table() -> None:
    texts = [node.value for tree in TREES for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    names = {
        text for text in texts if isinstance(text, str) and re.fullmatch(r"one-\w+|\w+-stands?|[\w-]+-again", text)
    }
    assert {"names-stand", "one-title", "annotated-again"} <= names
    assert names - RULES.keys() == set()


@given(PAIRS)
@settings(max_examples=15, deadline=None)
def test_decisions__have_names_that_are_known(texts: list[str]) -> None:
    first = combine([parse(text) for text in texts], annotate=True)
    again = combine([parse(first.text), *map(parse, texts)], Policy(on_conflict="first", name="x"), annotate=True)
    assert {decision.rule for merged in (first, again) for decision in merged.decisions} - KNOWN == set()
