"""Each rule is registered once, under names of the table, has a test of its own, and gives no other findings."""

from __future__ import annotations

from functools import cache
from itertools import permutations
from pathlib import Path
from pkgutil import iter_modules

import pytest

from agentmerge import parse
from agentmerge.diffing.comparing import diff
from agentmerge.drifting import rules as package
from agentmerge.drifting.records import rules
from agentmerge.drifting.registry import Comparison, Registered, compare, registered
from agentmerge.matching.aligning import align
from tests.shipped import SHIPPED
from tests.test_drifting import BASE

FIXTURES = Path(__file__).parents[2] / "fixtures" / "drift"
TESTS = Path(__file__).parent / "rules"
TOLD_ELSEWHERE = {"conflict-markers", "tool-missing"}
"""Of a file by itself: it is not compared."""
TOLD_ELSEWHERE |= {
    "agent-added",
    "agent-removed",
    "agent-moved",
    "agent-split",
    "agent-joined",
    "requirement-contradicted",
    "requirement-mentioned",
    "requirement-missing",
    "requirement-weakened",
    "gate-loosened",
}
TOLD_ELSEWHERE |= {"mass-edit", "edit-left-out", "edit-damage", "restored", "reference-dead", "script-changed"}
"""Of a change set, over all files."""

TEXTS = [BASE, BASE.replace("must", "may").replace("## Rules", "## Ways"), BASE[:400], BASE.replace("Read", "Check")]
TEXTS += [path.read_text("utf-8") for path in sorted(FIXTURES.glob("*.md"))]


def test_names__are_the_rows_of_the_table() -> None:
    assert {name for one in registered() for name in one.names} | TOLD_ELSEWHERE == set(rules(SHIPPED))


@pytest.mark.parametrize("module", [found.name for found in iter_modules(package.__path__)])
def test_module__has_a_test_of_its_own_and_registers_a_rule(module: str) -> None:
    assert (TESTS / f"test_{module}.py").is_file()
    assert any(one.look.__module__ == f"{package.__name__}.{module}" for one in registered())


def test_order__is_no_matter_of_chance() -> None:
    orders = [one.order for one in registered()]
    assert sorted(set(orders)) == orders


@pytest.mark.parametrize("one", registered(), ids=lambda one: one.look.__name__)
def test_findings__have_the_names_of_their_rule(one: Registered) -> None:
    assert {finding.rule for comparison in _comparisons() for finding in one.look(comparison)} <= set(one.names)


@cache
def _comparisons() -> list[Comparison]:
    definitions = list(map(parse, TEXTS))
    return [
        compare(diff(old, new, SHIPPED), SHIPPED, align([old, new], SHIPPED))
        for old, new in permutations(definitions, 2)
    ]
