"""No change is silent: each changed unit, sentence, row, value and line belongs to a finding."""

from __future__ import annotations

import random
from contextlib import suppress
from itertools import pairwise, permutations
from pathlib import Path

import pytest
from hypothesis import given, settings

from agentmerge import AgentMergeError, parse
from tests.laws import examples
from tests.mutators import MUTATORS
from tests.ownership import EDITS, Edit, edited, holes, with_nothing_else
from tests.strategies import definitions

ROOT = Path(__file__).parents[2] / "fixtures"
FILES = [*sorted((ROOT / "drift").glob("*.md")), ROOT / "backend-engineer" / "systems-view.md"]
TEXTS = [path.read_text("utf-8") for path in FILES]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__.strip("_"))
def test_edited_line__has_an_owner(edit: Edit) -> None:
    for text in TEXTS:
        definition = parse(text)
        for seed in range(2):
            new = edited(definition, edit, random.Random(seed))
            assert holes(text, new) == []
            assert holes(new, text) == []


@pytest.mark.parametrize("name", MUTATORS)
def test_mutation__has_an_owner(name: str) -> None:
    for text, other in pairwise(TEXTS):
        mutation = MUTATORS[name](parse(text), random.Random(1), parse(other))
        assert mutation is None or holes(text, mutation.text) == []


def test_two_authors__every_difference_has_an_owner() -> None:
    for old, new in permutations(TEXTS, 2):
        assert holes(old, new) == []


@given(definitions(), definitions())
@settings(max_examples=examples(40), deadline=None)
def test_any_two_texts__every_difference_has_an_owner(old: str, new: str) -> None:
    with suppress(AgentMergeError):
        assert holes(old, new) == []


@given(definitions(), definitions())
@settings(max_examples=examples(40), deadline=None)
def test_any_text_that_grows__every_difference_has_an_owner(old: str, new: str) -> None:
    with suppress(AgentMergeError):
        assert holes(old, f"{old}\n{new}") == []


def test_last_rule__would_own_what_others_do() -> None:
    old, new = TEXTS[0], edited(parse(TEXTS[0]), EDITS[0], random.Random(1))
    assert with_nothing_else(old, new)
