"""Findings of a history that hold no longer."""

from __future__ import annotations

from agentmerge.drifting.records import UNDONE
from agentmerge.lineage.holdings import with_undone
from tests.lineage import made, role, traced
from tests.shipped import SHIPPED

PUSH, TESTS = "Never push to the main branch.", "Always run the tests before a commit."


def _open(*texts: str) -> list[list[str]]:
    """The rules of the findings that are open, step by step."""
    read, steps = made(*texts)
    found = with_undone(steps, read[-1], traced(*texts).lives, SHIPPED)
    assert {finding.accepted for findings in found for finding in findings} <= {"", UNDONE}
    return [[one.rule for one in findings if not one.accepted] for findings in found]


def test_repaired__is_not_open() -> None:
    assert _open(role(TESTS, PUSH), role(TESTS), role(TESTS, PUSH)) == [[], ["guardrail-added"]]


def test_repaired_in_other_words__is_not_open() -> None:
    again = "You must never push to the main branch."
    assert _open(role(TESTS, PUSH), role(TESTS), role(TESTS, again))[0] == []


def test_lost_and_weakened__stay_open() -> None:
    weak = "You should not push to the main branch."
    found = _open(role(TESTS, PUSH), role(TESTS, weak), role(weak), role(weak, "Be kind."))
    assert found[0] == ["guardrail-weakened"]
    assert found[1] == ["guardrail-removed"]


def test_rule_that_changed_after_it_came__is_still_new() -> None:
    longer = "Never push to the main branch without asking whoever owns it."
    assert _open(role(TESTS), role(TESTS, PUSH), role(TESTS, longer))[0] == ["guardrail-added"]


def test_rights__each_by_itself() -> None:
    heads = ("tools: Read", "tools: Read, Bash, WebFetch", "tools: Read, Bash", "tools: Read, Edit")
    found = _open(*(role(TESTS, head=head) for head in heads))
    assert "permission-widened" not in found[0]
    found = _open(*(role(TESTS, head=head) for head in heads[:3]))
    assert "permission-widened" in found[0]


def test_version_that_says_what_an_earlier_one_said__takes_back_all_between() -> None:
    first = role(TESTS, PUSH)
    found = _open(first, role(TESTS, head="model: opus"), role(PUSH, head="tools: Read, Bash"), first)
    assert found[:1] == [[]]
