"""Sections that came, went or are called otherwise."""

from __future__ import annotations

from tests.drifting.rules.edits import messages, told

REST = "# Role\n\nRead the code.\n\n## Ways\n\n- Write small tests\n"


def test_section__that_went_or_came_is_told_with_its_size() -> None:
    more = f"{REST}\n## Background\n\nWords on it.\n\n- One more fact\n"
    assert told(more, REST) == [("section-removed", "warning")]
    assert told(REST, more) == [("section-added", "info")]
    assert messages(more, REST, "section-removed") == ["section 'Background' removed, with 2 statements"]


def test_section__whose_content_stands_elsewhere_is_mild() -> None:
    apart = REST.replace("- Write small tests", "- Read it all\n\n## More\n\n- Write small tests")
    joined = REST.replace("- Write small tests", "- Read it all\n- Write small tests")
    assert told(apart, joined, "section-removed") == [("section-removed", "info")]


def test_section__with_another_title() -> None:
    assert told(REST, REST.replace("## Ways", "## Manners")) == [("section-renamed", "info")]
    assert told(REST, REST.replace("## Ways", "##  ways")) == []


def test_section__whose_sign_turned() -> None:
    old = REST.replace("## Ways", "## ✅ Ways")
    found = told(old, old.replace("✅", "❌"), "guardrail-reversed", "sign-changed")
    assert ("guardrail-reversed", "breaking") in found


def test_section__of_a_contract_a_situation_and_a_step() -> None:
    for title, rule in (("Output format", "contract-changed"), ("When to use", "trigger-changed")):
        assert told(f"{REST}\n## {title}\n\n- After a change\n", REST, rule) == [(rule, "warning")]
    assert told(f"{REST}\n## Step 2: Ship\n\nShip the thing.\n", REST, "step-removed") == [("step-removed", "warning")]
