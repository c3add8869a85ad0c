"""Who says what how strongly, who has wider rights, what only one has: whatever the order and the names."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from agentmerge import parse
from agentmerge.comparing.engine import comparison
from agentmerge.comparing.records import Comparison, Rule
from agentmerge.views.compare import Shown, compare_json, compare_text
from agentmerge.views.paint import Paint
from tests.lineage import role
from tests.shipped import SHIPPED
from tests.test_schemas import validate

PUSH, TESTS = "Never push to the main branch.", "Always run the tests before a commit."
KEYS = '\n## Output\n\n```json\n{"verdict": "ok", "issues": []}\n```\n'
ANN = role(TESTS, PUSH)
BOB = role("Avoid pushing to the main branch.", "Run the tests before a commit.", head="model: opus", below=KEYS)
CYD = role(TESTS, "Never log a token of a user.", head="tools: Read, Bash")


def _compared(*texts: str) -> Comparison:
    return comparison([parse(text, filename=f"{n}.md") for n, text in enumerate(texts)], SHIPPED)


def _rule(found: Comparison, start: str) -> Rule:
    (rule,) = [one for one in found.rules if one.strongest.text.startswith(start)]
    return rule


def test_rule__weaker_words_are_weaker_and_the_strongest_stands_first() -> None:
    rule = _rule(_compared(BOB, ANN), "Never push")
    assert [(one.file, one.strength, one.word) for one in rule.said] == [(1, 3, "never"), (0, 2, "avoid")]
    assert rule.holders == {0, 1}


def test_rule__a_plain_sentence_of_another_author_binds_nobody() -> None:
    rule = _rule(_compared(BOB, ANN), "Always run")
    assert [(one.file, one.strength > 0) for one in rule.said] == [(1, True), (0, False)]


def test_rule__of_one_alone() -> None:
    rule = _rule(_compared(ANN, BOB, CYD), "Never log")
    assert rule.holders == {2}


def test_rights_and_figures() -> None:
    ann, bob, cyd = _compared(ANN, BOB, CYD).profiles
    assert (ann.rights, bob.rights, cyd.rights) == ("Read, Grep", "every tool", "Read, Bash")
    assert bob.reach > cyd.reach > ann.reach
    assert (bob.model, bob.keys, ann.keys) == ("opus", 2, 0)
    assert (ann.rules, ann.strong, bob.strong) == (2, 2, 0)


def test_take__what_only_one_has_and_what_binds() -> None:
    found = _compared(ANN, BOB, CYD)
    assert {(one.file, one.section) for one in found.takes} == {(1, "Output"), (2, "Rules")}
    assert found.base in (0, 2)


def test_without__what_is_lost_and_what_gets_weaker() -> None:
    loss = _compared(ANN, BOB).without(0)
    assert [(mine.word, left.word) for mine, left in loss.weaker if "push" in mine.text] == [("never", "avoid")]
    assert not loss.keys
    assert _compared(ANN, BOB).without(1).keys == ("issues", "verdict")


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_order_and_names__decide_nothing(order: tuple[int, ...]) -> None:
    texts = [ANN, BOB, CYD]
    expected, found = _data(_compared(*texts), range(3)), _data(_compared(*(texts[n] for n in order)), order)
    assert found == expected


def _data(found: Comparison, order: Any) -> Any:
    """A comparison with the numbers of the texts in place of the places."""

    def of(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: of(one, name) for name, one in value.items() if name not in ("files", "words")}
        if isinstance(value, list):
            rows = [of(one, key) for one in value]
            return sorted(rows, key=repr)
        return order[value] if key in ("file", "base", "strongest", "fullest") else value

    return of(compare_json([Shown(found, [str(n) for n in order])])["roles"][0])


def test_page__fits_a_screen() -> None:
    many = [role(*(f"Never touch part {n} of module {m}." for n in range(40)), below=KEYS) for m in range(4)]
    found = comparison([parse(text) for text in many], SHIPPED)
    shown = Shown(found, [f"authors/number-{n}/reviewer.md" for n in range(4)])
    lines = compare_text(shown, Paint()).splitlines()
    assert len(lines) <= 60
    assert max(map(len, lines)) <= 80
    assert len(compare_text(shown, Paint(), every=True).splitlines()) > 60
    validate(compare_json([shown._replace(loss=found.without(1))]), "compare")
