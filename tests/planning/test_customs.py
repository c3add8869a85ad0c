"""A text of somebody's own holds all that no paraphrase replaces, and brings in none of its own."""

from __future__ import annotations

import pytest

from agentmerge.model import Unit
from agentmerge.planning.guards import as_unit, faults
from tests.shipped import SHIPPED

COVERED = ["Never log a `token` of PostgreSQL users for 30 days (see https://a.org/x)", "Keep user tokens out of logs"]


def _wrong(text: str, *drops: str) -> list[str]:
    return list(faults(text, COVERED, drops, SHIPPED))


def test_text_that_holds_all__is_sound() -> None:
    assert _wrong("For 30 days never let a `token` of postgresql users into logs (see https://a.org/x)") == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Never log a `token` of PostgreSQL users (see https://a.org/x)", "lacks the fact '30days'"),
        ("Never log a token of PostgreSQL users for 30 days (see https://a.org/x)", "lacks the fact 'token'"),
        ("Never log a `token` of users for 30 days (see https://a.org/x)", "lacks the name 'postgresql'"),
        ("Never log a `token` of PostgreSQL users for 30 days", "lacks the fact 'https://a.org/x'"),
        ("Log no `token` of PostgreSQL users for 30 days (see https://a.org/x)", "lacks the binding word 'never'"),
    ],
)
def test_what_a_text_lacks__is_told(text: str, fault: str) -> None:
    assert fault in _wrong(text)


def test_what_is_dropped_on_purpose__is_not_missing() -> None:
    text = "Never log a `token` of PostgreSQL users for 30 days"
    assert _wrong(text, "https://a.org/x") == []


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        (" and always encrypt", "brings in the binding word 'always'"),
        (" with Vault", "brings in the name 'vault'"),
        (" within 5 minutes", "brings in the fact '5minutes'"),
        (" by `rm`", "brings in the fact 'rm'"),
    ],
)
def test_what_a_text_brings_in__is_told(more: str, fault: str) -> None:
    text = "Never log a `token` of PostgreSQL users for 30 days (see https://a.org/x)"
    assert _wrong(text) == []
    assert fault in _wrong(text + more)


@pytest.mark.parametrize("text", ["", "a\nb", "- a", "# a", "```", "> a", "| a |\n|---|", "**Label:**", "<b>"])
def test_text_that_is_no_single_statement__makes_no_unit(text: str) -> None:
    assert as_unit(text, Unit("paragraph", 3, 4, "x", "x"), SHIPPED) is None


def test_unit__keeps_its_place_and_its_mark() -> None:
    made = as_unit("Do it", Unit("item", 3, 4, "2. x", "x", marker="2."), SHIPPED)
    assert made is not None
    assert (made.text, made.line, made.ordinal) == ("Do it", 3, 2)
