"""What an author keeps, freezes or drops by a comment above it."""

from __future__ import annotations

import pytest

from agentmerge import combine, parse
from agentmerge.planning.records import Merged
from agentmerge.planning.strategies import Policy, parse_budget

HEAD = "# Clerk\n\nYou are a clerk.\n\n"
SHORT = "- **Supervised**: Regression, classification"
LONG = "- **Supervised learning**: Classification, regression, ensemble methods and the selection of models"


def combined(*bodies: str, policy: Policy | None = None) -> Merged:
    return combine([parse(HEAD + body, filename=f"{n}.md") for n, body in enumerate(bodies)], policy)


def marked(word: str) -> str:
    return f"<!-- agentmerge: {word} -->\n"


def told(merged: Merged) -> list[str]:
    return [notice.message for notice in merged.findings if notice.rule.startswith("mark")]


def test_kept_words__stand_for_what_says_the_same() -> None:
    plain = combined(f"## Rules\n\n{SHORT}\n", f"## Rules\n\n{LONG}\n").text
    kept = combined(f"## Rules\n\n{marked('keep')}{SHORT}\n", f"## Rules\n\n{LONG}\n").text
    assert f"{SHORT}\n" not in plain
    assert f"{SHORT}\n" in kept


def test_kept_words__stand_under_any_strategy_and_budget() -> None:
    body = f"## Rules\n\n- Pour tea for guests\n\n{marked('keep')}Water tall plants near windows.\n"
    other = "## Rules\n\n- Count sacks of barley\n"
    for policy in (Policy(strategy="intersection"), Policy(budget=parse_budget("1w"))):
        text = combined(body, other, policy=policy).text
        assert "Water tall plants" in text
        assert "Pour tea" not in text


@pytest.mark.parametrize("word", ["keep", "freeze", "drop"])
def test_marks__are_told_and_stay_in_their_file(word: str) -> None:
    merged = combined(f"## Rules\n\n{marked(word)}- Pour tea\n- Sweep floors\n", "## Rules\n\n- Count sacks\n")
    assert told(merged) == [f"0.md:7: '{word}' holds for 2 units"]
    assert "agentmerge:" not in merged.text
    assert ("- Pour tea\n- Sweep floors" in merged.text) == (word != "drop")
    assert "- Count sacks" in merged.text


def test_frozen_section__holds_nothing_of_another_file() -> None:
    body = f"## Rules\n\n- Pour tea\n\n{marked('freeze')}## Escalation\n\n1. Call the desk\n2. Wait\n"
    other = "## Escalation\n\n- Never shout at guests\n- Call a nurse\n\n## Rules\n\n- Count sacks\n"
    for files in ((body, other), (other, body)):
        merged = combined(*files)
        assert "## Escalation\n\n1. Call the desk\n2. Wait\n" in merged.text
        assert "- Count sacks" in merged.text
        assert "Call a nurse" not in merged.text
        assert "guardrail-dropped" in {notice.rule for notice in merged.findings}


def test_dropped_part__goes_from_its_file_alone() -> None:
    notes, tone = "## Notes\n\n- Pour milk\n- Sweep floors\n\n", "## Tone\n\n- Hum softly\n"
    body = f"## Rules\n\n- Pour tea\n\n{marked('drop')}{notes}{tone}"
    merged = combined(body, "## Notes\n\n- Sweep floors\n")
    assert "Pour milk" not in merged.text
    assert "- Sweep floors" in merged.text
    assert "- Hum softly" in merged.text


def test_end__closes_what_a_mark_opened() -> None:
    body = f"## Rules\n\n{marked('drop')}- Pour tea\n\nSweep floors.\n\n{marked('end')}\nHum softly.\n"
    text = combined(body).text
    assert "Pour tea" not in text
    assert "Sweep floors" not in text
    assert "Hum softly" in text


def test_word_that_is_no_mark__is_told_with_the_nearest() -> None:
    merged = combined(f"## Rules\n\n{marked('frezze')}- Pour tea\n", "## Rules\n\n- Count sacks\n")
    assert "freeze" in told(merged)[0]
    assert "frezze" in told(merged)[0]


def test_ledger__names_the_mark() -> None:
    merged = combined(f"## Rules\n\n{marked('keep')}{SHORT}\n", f"## Rules\n\n{LONG}\n")
    rules = {row.source.text: merged.decisions[row.decision - 1].rule for row in merged.ledger}
    assert rules[SHORT.removeprefix("- ")] == "marked-keep"
