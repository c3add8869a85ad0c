"""A pattern is tried only where its words stand, and that changes nothing of what is found."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from importlib import import_module
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentmerge.drifting.fields import filled, filled_groups
from agentmerge.knowledge.tables import ready
from agentmerge.text.lexicon import FLAGS, ORDER, Held, Look, Needs, Piece, compiled
from tests.shipped import SHIPPED

FIXTURES = Path(__file__).parents[2] / "fixtures"
NEEDS: Needs = ready("needed", "actions")
TABLE = SHIPPED.raw("actions")
GROUPS = filled_groups(TABLE["groups"])
PATTERNS = [
    filled(one, GROUPS)
    for row in TABLE.values()
    for part in ("commands", "patterns", "mild")
    for one in row.get(part, ())
]
Needed = Callable[[str, int], tuple[list[list[str]], list[str]]]
BEGINS = compiled(GROUPS["do"])


@pytest.fixture
def needed(monkeypatch: pytest.MonkeyPatch) -> Needed:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / ".ci"))
    found: Needed = import_module("needed").needed
    return found


def spans(sources: list[str], needs: Needs, text: str) -> list[tuple[int, int]]:
    held = Held()
    look = Look(sources, needs, held)
    return list(look.places(Piece(text, re.compile(r"(?:^|then\s)\s*", FLAGS), held)))


@pytest.mark.parametrize(
    ("pattern", "words", "begins"),
    [
        (r"push\s+(?:straight\s+)?to\s+(?:main|master)\b", [["push"], ["main", "master"]], ["push"]),
        (r"\b(?:curl|wget)\b[^|\n]{0,200}\|\s*sh", [["curl", "wget"]], ["curl", "wget"]),
        (r"approv(?:al|e)s?", [["approval", "approve"]], ["approval", "approvals", "approve", "approves"]),
        (r"colou?r", [["color", "colour"]], ["color", "colour"]),
        (r"(?:delete|drop)?\s+tables", [["tables"]], []),
        (r"(?:ab+c|xyz)def", [["def"]], ["a", "xyz"]),
        (r"(?:my )+key", [["key"], ["my "]], ["my "]),
        (r"DROP[ -]IT", [["drop it", "drop-it"]], ["drop it", "drop-it"]),
        (r"no|not", [], ["no", "not"]),
        (r"\w+\s\d", [], []),
        (r"(?:push|\w+)", [], []),
        ("询问", [["询问"]], ["询问"]),
    ],
)
def test_words__that_a_pattern_needs(needed: Needed, pattern: str, words: list[list[str]], begins: list[str]) -> None:
    assert needed(pattern, FLAGS) == (words, begins)


def test_words__most_patterns_need_some() -> None:
    assert set(NEEDS) == set(PATTERNS)
    assert sum(bool(words) for words, _ in NEEDS.values()) >= 0.95 * len(PATTERNS)
    orders = [begins for source, (_, begins) in NEEDS.items() if source.startswith(ORDER)]
    assert sum(map(bool, orders)) >= 0.95 * len(orders)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_words__stand_in_all_that_a_pattern_matches(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(sorted(NEEDS)))
    text = data.draw(st.from_regex(re.compile(source.removeprefix(ORDER), FLAGS)))
    held = Held()
    words, begins = NEEDS[source]
    bits = held.bits(words)
    piece = Piece(text, BEGINS, held)
    assert piece.held & bits == bits
    at = next(compiled(source.removeprefix(ORDER)).finditer(text)).start()
    assert not begins or not piece.is_plain or piece.low.startswith(tuple(begins), at)


def test_letters__that_stand_for_others_are_known() -> None:
    letters = sorted({letter for words, begins in NEEDS.values() for word in chain(begins, *words) for letter in word})
    alphabet = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF]
    either = re.compile(f"[{re.escape(''.join(letters))}]", FLAGS)
    for one in either.findall("".join(alphabet)):
        assert one.lower() in letters or not Piece(one, BEGINS, Held()).is_plain, f"{one!r} is taken for another letter"


@pytest.mark.parametrize("text", ["diſable the checkſ", "GİVE admin rights", "aſ\u212aed"])
def test_letters__that_stand_for_others_hide_nothing(text: str) -> None:
    source = r"\b(?:disable|give|asked)\b"
    assert spans([source], {source: ([["disable", "give", "asked"]], [])}, text) == spans([source], {}, text) != []


def test_places__are_those_of_one_pattern_with_alternatives() -> None:
    sources = ["b+", "ab", "abc", "c", r"^\w", "(?<=b)c"]
    whole = re.compile("|".join(sources), FLAGS)
    for text in ("abcabbc", "xabc\nabc cc", "", "bbb", "cabab"):
        assert spans(sources, {}, text) == [match.span() for match in whole.finditer(text)], text


def test_places__of_orders_are_where_one_begins() -> None:
    sources = [f"{ORDER}run", f"{ORDER}r\\w+", f"{ORDER}stop"]
    assert spans(sources, {}, "Run it, then stop, stop, then rest") == [(0, 3), (13, 17), (30, 34)]


def test_places__a_needed_word_that_is_not_there_keeps_a_pattern_from_being_tried() -> None:
    assert spans(["a+"], {"a+": ([["zzz"]], [])}, "aaa") == []


def test_places__of_orders_are_where_one_begins_as_it_has_to() -> None:
    source = f"{ORDER}r\\w+"
    assert spans([source], {source: ((), ["rest"])}, "Run it, then rest") == [(13, 17)]


def test_places__are_the_same_without_the_words() -> None:
    lines = {line for path in FIXTURES.rglob("*.md") for line in path.read_text("utf-8", "replace").splitlines()}
    lines |= {text for row in TABLE.values() for text in row.get("examples", ())}
    all_held, held = Held(), Held()
    each, gated = Look(PATTERNS, {}, all_held), Look(PATTERNS, NEEDS, held)
    found = {line: list(each.places(Piece(line, BEGINS, all_held))) for line in sorted(lines)}
    assert sum(map(bool, found.values())) > 30
    assert found == {line: list(gated.places(Piece(line, BEGINS, held))) for line in found}
