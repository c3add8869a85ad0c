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


WIDE = f"{REST}\n" + "\n".join(f"- A fact of some length, number {n}, that stays as it is" for n in range(40)) + "\n"


def test_section__of_a_little_knowledge_is_information_and_one_of_rules_a_warning() -> None:
    assert told(f"{WIDE}\n## Links\n\n- One page\n", WIDE, "section-removed") == [("section-removed", "info")]
    assert told(f"{WIDE}\n## Bounds\n\n- Never push\n", WIDE, "section-removed") == [("section-removed", "warning")]


def test_sections__that_are_gone_are_told_together_from_three_on() -> None:
    more = "".join(f"\n## Part {name}\n\n- Never {name} it\n" for name in ("push", "burn", "sell"))
    assert told(WIDE + more, WIDE, "section-removed") == [("section-removed", "warning")]
    said = messages(WIDE + more, WIDE, "section-removed")
    assert said == ["3 sections removed, with 3 statements: 'Part push', 'Part burn', 'Part sell'"]


def test_title__of_the_whole_is_no_part_that_is_gone() -> None:
    old = "# You are the writer\n\n## Ways\n\n- Write small tests\n- Read the code\n\n## More\n\n- Keep it short\n"
    new = old.replace("# You are the writer", "# Documents, pages, diagrams")
    assert ("section-removed", "warning") not in told(old, new)
