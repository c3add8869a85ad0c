"""Two variants that answer in one form alone, each in another, contradict each other."""

from __future__ import annotations

import pytest

from agentmerge import align, combine, parse

HEAD = "---\nname: reviewer\n---\n\n# Reviewer\n\n## Output\n\n"


def slots_of(one: str, other: str) -> list[str]:
    alignment = align([parse(f"{HEAD}{text}\n") for text in (one, other)])
    return [group.slot for group in alignment.units if group.relation == "contradicts"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Respond with JSON only, do not deviate.", "Always deliver a Markdown table."),
        ("- You must always reply in YAML", "- Return the findings as JSON only"),
        ("Present results strictly as plain text.", "Output must be XML: answer in XML only."),
    ],
)
def test_two_forms_that_exclude_each_other__contradict(one: str, other: str) -> None:
    assert "output format" in slots_of(one, other)
    merged = combine([parse(f"{HEAD}{text}\n") for text in (one, other)])
    assert [conflict.slot for conflict in merged.open_conflicts] == ["output format"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Respond with JSON only.", "Always answer in JSON."),
        ("Respond with JSON only.", "Deliver a Markdown table."),
        ("Respond with JSON only.", "Always write the configuration in YAML."),
        ("Always present bullets.", "Format findings as Markdown only."),
        ("Respond with JSON only.", "Always present JSON beside a Markdown table."),
    ],
)
def test_forms_that_go_together_or_are_of_something_else__do_not(one: str, other: str) -> None:
    assert "output format" not in slots_of(one, other)
