"""Strategies that count variants: who nearly says a thing counts, whole procedures stay, and so does the identity."""

from __future__ import annotations

import pytest

from agentmerge import combine, parse
from agentmerge.planning.records import Merged
from agentmerge.planning.strategies import Policy

SHARED = ("- Validate every input at the boundary", "- Validate all inputs at the boundaries")
AUTHORS = [
    f"# Clerk\n\nYou are a clerk of the {place}.\n\n## Rules\n\n{SHARED[number % 2]}\n- {own}\n"
    for number, (place, own) in enumerate(
        [("harbour", "Feed the gulls at noon"), ("court", "Polish old oak doors"), ("mill", "Count sacks of barley")]
    )
]
STEPS = "## Workflow\n\n1. Read the letter from the mayor\n2. Stamp the letter with red wax\n3. {}\n"


def combined(strategy: str, *texts: str) -> Merged:
    definitions = [parse(text, filename=f"{number}.md") for number, text in enumerate(texts)]
    return combine(definitions, Policy(strategy=strategy))


def told(merged: Merged) -> set[str]:
    return {notice.rule for notice in merged.findings}


@pytest.mark.parametrize("strategy", ["majority", "intersection", "at-least:2"])
def test_identity_and_what_most_say__stand_and_what_one_says_goes(strategy: str) -> None:
    text = combined(strategy, *AUTHORS).text
    assert "You are a clerk of the" in text
    assert "nput" in text
    assert not any(one in text for one in ("gulls", "oak", "barley"))


def test_procedure__stands_or_goes_as_a_whole() -> None:
    with_steps = [text + STEPS.format(last) for text, last in zip(AUTHORS, ("Burn it", "File it", "Sing"), strict=True)]
    text = combined("intersection", *with_steps).text
    assert "1. Read the letter" in text
    assert "2. Stamp the letter" in text
    alone = combined("majority", AUTHORS[0] + STEPS.format("Burn it"), *AUTHORS[1:]).text
    assert "letter" not in alone


def test_item__stands_where_what_is_nested_in_it_does() -> None:
    texts = [f"{text}- Own {n} thing:\n  - Sign each page of the ledger\n" for n, text in enumerate(AUTHORS)]
    text = combined("majority", *texts).text
    assert "thing:\n  - Sign each page of the ledger\n" in text


def test_little__is_told() -> None:
    long = [
        f"# Clerk\n\n## Rules {n}\n\n" + "".join(f"- Zor{n}{i} blim{n}{i} krat{n}{i}\n" for i in range(30))
        for n in range(2)
    ]
    assert "little-left" in told(combined("intersection", *long))
    assert "little-left" not in told(combined("union", *long))
