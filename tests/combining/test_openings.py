"""What stands around an opening: a preamble before the title, lists without a heading, a second identity."""

from __future__ import annotations

from agentmerge import combine, parse
from agentmerge.planning.records import Merged

OTHER = """# Auditor

You are an auditor who reads ledgers.

## Focus

- Read each ledger twice

## Limits

- Leave the safe closed

## Tone

- Speak softly to clerks
"""


def combined(*texts: str) -> Merged:
    return combine([parse(text, filename=f"{number}.md") for number, text in enumerate(texts)])


def headings(merged: Merged) -> list[str]:
    return [line for line in merged.text.splitlines() if line.startswith("#")]


def test_preamble_before_the_title__makes_no_section_of_it() -> None:
    before, tone = "## Shared Rules\n\n- Hide no receipt\n\n", "## Tone\n\n- Laugh rarely\n"
    text = f"{before}# Auditor\n\nYou are an auditor of banks.\n\n{tone}"
    merged = combined(text, OTHER)
    assert headings(merged).count("# Auditor") == 1
    assert "## Auditor" not in headings(merged)
    assert "- Laugh rarely\n- Speak softly to clerks" in merged.text
    assert "## Shared Rules\n\n- Hide no receipt\n" in merged.text
    assert combined(merged.text, merged.text).text == merged.text


def test_lists_before_the_first_heading__become_sections_among_those_of_the_others() -> None:
    listed = "# Auditor\n\nYou are an auditor.\n\nSeal review:\n- Wax is whole\n- Thread is red\n"
    merged = combined(listed, OTHER)
    assert "## Seal review\n\n- Wax is whole\n- Thread is red\n" in merged.text
    assert "Seal review:\n- Wax" in combined(listed).text


def test_an_identity_further_down__gives_way_too() -> None:
    late = "# Auditor\n\nYou are an auditor of the crown.\n\n## Project\n\n- Paint doors\n\nYou are a senior auditor.\n"
    merged = combined(OTHER, late)
    assert merged.text.count("You are") == 1
    never = late.replace("a senior auditor.", "a senior auditor who must never sign.")
    assert "must never sign" in combined(OTHER, never).text


def test_a_frame_of_sections_of_other_kinds__is_no_list_of_rules() -> None:
    frame = (
        "# Auditor\n\nYou are an auditor.\n\n## Boundaries\n\n### I Handle\n\n- Coins\n\n### I Delegate\n\n- Notes\n"
    )
    rules = "# Auditor\n\nYou are an auditor.\n\n## Hard Rules\n\n- Sign nothing\n"
    text = combined(frame, rules).text
    assert "## Boundaries\n\n### I Handle" in text
    assert "## Hard Rules\n\n- Sign nothing" in text


def test_a_part_of_a_form__is_not_given_up_for_advice() -> None:
    form = "# Auditor\n\n## Output\n\nReport with sections:\n- Critical: what blocks\n- High / Medium / Low\n"
    advice = "# Auditor\n\n## Approach\n\n1. **Rate severity** - Critical / High / Medium / Low\n2. Show the fix\n"
    assert "- High / Medium / Low\n" in combined(form, advice).text
