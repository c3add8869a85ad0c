"""A statement that changes its branch of a template is told, and loudest where it binds."""

from __future__ import annotations

import pytest

from agentmerge import drift, parse


def rules(before: str, after: str) -> list[tuple[str, str]]:
    pair = drift([parse(before), parse(after)]).pairs[0]
    return [(one.rule, one.severity) for one in pair.findings if one.rule == "branch-changed"]


def branches(first: str, second: str, condition: str = "{{#if admin}}") -> str:
    return f"# A\n\n{condition}\n- {first}\n{{{{else}}}}\n- {second}\n{{{{/if}}}}\n"


def test_swapped_branches__are_told() -> None:
    one, other = "Push to main without review.", "Never push to main."
    found = rules(branches(one, other), branches(other, one))
    assert ("branch-changed", "breaking") in found
    assert len(found) == 2


@pytest.mark.parametrize(
    ("opened", "closed"), [("{% if false %}", "{% endif %}"), ("{{#if prod}}", "{{/if}}"), ("<% if x %>", "<% end %>")]
)
def test_rule_under_a_new_condition__is_breaking(opened: str, closed: str) -> None:
    plain = "# A\n\n- Never push to main.\n- Use tabs in code.\n"
    wrapped = f"# A\n\n{opened}\n- Never push to main.\n{closed}\n- Use tabs in code.\n"
    assert rules(plain, wrapped) == [("branch-changed", "breaking")]
    assert rules(wrapped, plain) == [("branch-changed", "breaking")]


def test_other_statement_under_a_condition__is_a_warning() -> None:
    plain = "# A\n\n- Write the code in small steps.\n- Use tabs in code.\n"
    wrapped = "# A\n\n{% if x %}\n- Write the code in small steps.\n{% endif %}\n- Use tabs in code.\n"
    assert rules(plain, wrapped) == [("branch-changed", "warning")]


def test_turned_condition__is_told_for_what_it_holds() -> None:
    rule = "Never push to main."
    before, after = branches(rule, "Ask."), branches(rule, "Ask.", "{{#unless admin}}").replace("/if", "/unless")
    assert ("branch-changed", "breaking") in rules(before, after)


def test_same_condition__is_silent() -> None:
    text = branches("Never push.", "Push.")
    assert rules(text, text.replace("{{#if admin}}", "{{#if  admin}}")) == []
    assert rules(text, text + "- More.\n") == []
