"""Who says a rule: exact, in a few other words, weaker, mentioned, against it; and who does not."""

from __future__ import annotations

import pytest

from agentmerge import parse
from agentmerge.locating.engine import Hit, hits_in, located, wanted, wanted_at
from tests.lineage import role
from tests.shipped import SHIPPED

PUSH = "Never push to the main branch"


def _hit(rule: str, text: str) -> Hit | None:
    asked = wanted(rule, SHIPPED)
    assert asked is not None
    found = list(hits_in(asked, 0, parse(text)))
    return max(found, key=lambda one: (one.is_against, one.says, one.score), default=None)


@pytest.mark.parametrize(
    ("text", "how", "strength"),
    [
        ("Never push to the main branch.", "exact", 3),
        ("**Never** push to the `main` branch", "exact", 3),
        ("You must never push directly to the main branch.", "reworded", 3),
        ("The main branch must never be pushed to.", "reworded", 3),
        ("You should not push to the main branch.", "reworded", 2),
        ("Avoid pushing to the main branch.", "reworded", 2),
        ("Never push to the main branch, and never delete a tag of a release.", "reworded", 3),
    ],
)
def test_who_says_it(text: str, how: str, strength: int) -> None:
    hit = _hit(PUSH, role("Be kind.", text))
    assert hit is not None
    assert (hit.how, hit.strength, hit.says) == (how, strength, True)


@pytest.mark.parametrize(
    "text", ["Never delete the main branch of a customer.", "Read the main page.", "Push notifications never fail."]
)
def test_who_does_not(text: str) -> None:
    hit = _hit(PUSH, role("Be kind.", text))
    assert hit is None or not hit.says


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (PUSH, "You may push to the main branch."),
        (PUSH, "Always push to the main branch."),
        ("Always run the full test suite before a release", "Never run the full test suite before a release."),
        ("Always run the full test suite before a release", "Always skip the full test suite before a release."),
    ],
)
def test_who_is_against_it(rule: str, text: str) -> None:
    hit = _hit(rule, role("Be kind.", text))
    assert hit is not None
    assert hit.is_against
    assert not hit.says


def test_another_number_or_command__is_not_the_same() -> None:
    hit = _hit("Always keep coverage above 80 percent", role("Always keep coverage above 60 percent."))
    assert hit is not None
    assert (hit.how, hit.says) == ("perhaps", False)


def test_only_mentioned() -> None:
    text = role("Be kind.", below='\n## Bad examples\n\n- An older version said: "Never push to the main branch."\n')
    hit = _hit(PUSH, text)
    assert hit is None or not hit.says


def test_located__the_strongest_first_and_the_silent() -> None:
    asked = wanted(PUSH, SHIPPED)
    assert asked is not None
    texts = [role("Be kind."), role("Avoid pushing to the main branch."), role(f"{PUSH}.")]
    hits = [hit for n, text in enumerate(texts) for hit in hits_in(asked, n, parse(text))]
    found = located(asked, hits, len(texts))
    assert [hit.file for hit in found.hits] == [2, 1]
    assert found.silent == (0,)


def test_wanted_at__a_line() -> None:
    definition = parse(role("Be kind.", f"{PUSH}."))
    line = definition.text.split("\n").index(f"- {PUSH}.") + 1
    asked = wanted_at(definition, line, SHIPPED)
    assert asked is not None
    assert asked.clause.text == f"{PUSH}."
    assert wanted_at(definition, 1, SHIPPED) is None


@pytest.mark.parametrize(
    "text", ["The main branch must never\n  be pushed to.", "You should not push to the main branch."]
)
def test_what_says_it__is_worth_reading(text: str) -> None:
    asked = wanted(PUSH, SHIPPED)
    assert asked is not None
    assert asked.may_stand_in(role(text))
    assert not asked.may_stand_in(role("Push the button."))
