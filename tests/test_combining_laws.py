"""Laws of a combine over generated definitions: one fate per unit, twice is once, order decides wording only."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from agentmerge import combine, parse
from agentmerge.aligning.records import members_of
from agentmerge.combining.policy import Policy
from agentmerge.combining.strategies import STRATEGIES, WORDINGS
from agentmerge.outcome import Merged
from tests.strategies import definitions

PAIRS = st.lists(definitions(), min_size=1, max_size=3)


def keys(merged: Merged) -> list[tuple[int, int]]:
    return [(row.source.file, row.source.line) for row in merged.ledger]


@given(PAIRS, st.sampled_from(sorted(STRATEGIES)), st.sampled_from(sorted(WORDINGS)))
@settings(max_examples=150, deadline=None)
def test_every_unit_has_one_fate(texts: list[str], strategy: str, wording: str) -> None:
    variants = [parse(text, filename=f"{number}.md") for number, text in enumerate(texts)]
    merged = combine(variants, Policy(strategy=strategy, wording=wording))
    wanted = [member.key for file, variant in enumerate(variants) for member in members_of(file, variant)]
    assert sorted(keys(merged)) == sorted(wanted)


@given(PAIRS)
@settings(max_examples=150, deadline=None)
def test_combined_with_itself__nothing_changes(texts: list[str]) -> None:
    merged = combine([parse(text) for text in texts])
    again = parse(merged.text)
    assert combine([again, again]).text == merged.text
    assert combine([again]).text == merged.text


@given(PAIRS)
@settings(max_examples=100, deadline=None)
def test_order__changes_no_fate_but_wording(texts: list[str]) -> None:
    def gone(order: list[int]) -> set[tuple[int, int]]:
        merged = combine([parse(texts[number]) for number in order])
        return {
            (order[row.source.file], row.source.line)
            for row in merged.ledger
            if row.fate in ("superseded", "dropped") and row.source.kind != "field"
        }

    order = list(range(len(texts)))
    assert len(gone(order)) == len(gone(order[::-1]))
