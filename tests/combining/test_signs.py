"""A combine keeps signs, never merges opposite ones, and never drops the sign of a text that stands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmerge import combine, parse
from agentmerge.knowledge import signs
from agentmerge.knowledge.signs import PLAIN, stances
from agentmerge.model import walk_units
from agentmerge.planning.records import Merged
from agentmerge.planning.strategies import Policy
from tests.laws import examples
from tests.matching.test_signs import AGAINST
from tests.shipped import SHIPPED

HEAD = "# Guard\n\n## Duties\n\n"


def combined(one: str, other: str, policy: Policy | None = None) -> Merged:
    return combine([parse(HEAD + one), parse(HEAD + other)], policy or Policy())


@pytest.mark.parametrize(("one", "other"), AGAINST)
def test_opposite_signs__are_a_conflict(one: str, other: str) -> None:
    merged = combined(one, other)
    assert merged.conflicts
    for text in (one, other):
        for sign in signs.of(SHIPPED).told(text):
            assert sign in signs.of(SHIPPED).told(merged.text)


def test_opposite_signs__are_decided_where_a_policy_says_so() -> None:
    merged = combined("- ✅ Rotate the keys\n", "- ❌ Rotate the keys\n", Policy(on_conflict="first"))
    assert merged.text == f"{HEAD}- ✅ Rotate the keys\n"
    assert [conflict.decided_by for conflict in merged.conflicts] == ["on-conflict=first"]


@pytest.mark.parametrize(
    ("one", "other", "result"),
    [
        ("❌ Skip it now\n✅ Rotate keys\n", "- x y\n", "- ❌ Skip it now\n- ✅ Rotate keys\n- x y\n"),
        ("- ❌ Skip the drill\n", "- Never skip the drill\n", "- ❌ Skip the drill\n"),
        ("- ✅ Rotate the keys\n", "- Rotate the keys\n", "- ✅ Rotate the keys\n"),
        ("- Failing health probe\n", "- 🔴 Failing health probe\n", "- 🔴 Failing health probe\n"),
        ("☐ Docs written\n☑ Logs read\n", "", "- ☐ Docs written\n- ☑ Logs read\n"),
        ("☐ Docs written\n", "- [ ] Docs written\n", "- ☐ Docs written\n"),
        ("- [ ] Docs written\n", "☑ Docs written\n", "- [ ] Docs written\n"),
        ("- [x] ☐ Docs written\n", "", "- [x] ☐ Docs written\n"),
        ("1. Look at the disk:\n   • logs\n   • dumps\n", "", "1. Look at the disk:\n   - logs\n   - dumps\n"),
        ("> ❌ Skip drills\n> ✅ Rotate\n", "", "> ❌ Skip drills\n\n> ✅ Rotate\n"),
    ],
)
def test_sign__stays(one: str, other: str, result: str) -> None:
    merged = combined(one, other)
    assert merged.text == HEAD + result
    assert not merged.conflicts


def test_sections_of_opposite_signs__stay_apart() -> None:
    merged = combined("### ✅ Ways\n\n- a b c\n", "### ❌ Ways\n\n- d e f\n")
    assert [section.title for section in parse(merged.text).root.sections[0].sections[0].sections] == [
        "✅ Ways",
        "❌ Ways",
    ]


SIGNS = st.sampled_from(["✅ ", "❌ ", "🚫", "✔️ ", "☐ ", "☑ ", "🔴 ", "🟢 ", "⚠️ ", "", "Never ", "**❌ Note**: "])
WORDS = st.lists(st.sampled_from(["rotate", "keys", "drill", "queue", "Redis", "daily"]), min_size=1, max_size=4)
LINES = st.lists(
    st.tuples(st.sampled_from(["- ", "", "• ", "1. "]), SIGNS, WORDS.map(" ".join)), min_size=1, max_size=5
)
BODY = st.tuples(st.sampled_from(["", "### ❌ Off\n\n", "❌ Off:\n", "### ✅ Ways\n\n"]), LINES).map(
    lambda parts: parts[0] + "".join("".join(line) + "\n" for line in parts[1])
)


def forbidden(text: str) -> set[int]:
    """Lines of the units that a sign of their own, or the word `never`, forbids."""
    definition = parse(text)
    found = stances(definition, SHIPPED)
    places = [place.unit for place in walk_units(definition.root)]
    return {
        unit.line for unit in places if "never" in unit.text.lower() or found.get(unit.line, PLAIN).force == "forbid"
    }


@settings(max_examples=examples(40), deadline=None)
@given(BODY, BODY)
def test_what_a_sign_forbids__is_forbidden_in_the_result(one: str, other: str) -> None:
    merged = combined(one, other)
    before, after = [forbidden(HEAD + body) for body in (one, other)], forbidden(merged.text)
    for row in merged.ledger:
        if row.source.line in before[row.source.file] and row.fate in ("kept", "merged", "conflict"):
            assert row.into in after


@settings(max_examples=examples(40), deadline=None)
@given(BODY)
def test_combine_of_one__keeps_all_signs(body: str) -> None:
    merged = combined(body, body)
    assert set(signs.of(SHIPPED).told(HEAD + body)) <= set(signs.of(SHIPPED).told(merged.text))
