"""Mutations of definitions: the review says of each what was done to it."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import pytest

from agentmerge import drift, parse
from agentmerge.model import Definition
from tests.corpus import corpus_files, sample
from tests.mutators import MUTATORS, is_right, mutations

FIXTURES = Path(__file__).parents[1] / "fixtures" / "drift"
LEAST = 0.97


@cache
def _fixtures() -> tuple[Definition, ...]:
    return tuple(
        parse(path.read_text("utf-8"), filename=path.name) for path in sorted(FIXTURES.glob("*.md")) if path.is_file()
    )


@pytest.mark.parametrize("name", MUTATORS)
def test_mutated_fixture__right_class_and_finding(name: str) -> None:
    made = 0
    for number, definition in enumerate(_fixtures()):
        for other in _fixtures():
            for seed in range(3):
                mutation = MUTATORS[name](definition, random.Random(seed), other) if other is not definition else None
                if mutation is None:
                    continue
                made += 1
                pair = drift([definition, parse(mutation.text, filename=definition.filename)], summary=False).pairs[0]
                told = [(finding.rule, finding.message) for finding in pair.findings]
                assert is_right(mutation, pair), (number, pair.klass, mutation.rule, mutation.word, told)
    assert made, f"no fixture for {name}"


@pytest.mark.parametrize("definition", _fixtures(), ids=lambda definition: definition.filename)
def test_untouched_fixture__no_finding(definition: Definition) -> None:
    again = parse(definition.text, filename=definition.filename)
    assert not drift([definition, again]).findings


@pytest.mark.skipif(not corpus_files(), reason="there is no corpus at hand")
def test_mutated_corpus__nearly_always_right() -> None:
    definitions = list(sample(150, seed=7))
    total = right = 0
    for _, definition, mutation in mutations(definitions, list(MUTATORS), 280, seed=7):
        pair = drift([definition, parse(mutation.text, filename=definition.filename)], summary=False).pairs[0]
        total += 1
        right += is_right(mutation, pair)
    assert total > 200
    assert right >= LEAST * total


def test_wrong_review__is_noticed() -> None:
    first, second = _fixtures()[:2]
    mutation = MUTATORS["tool_added"](second, random.Random(0), first) or MUTATORS["tool_added"](
        _fixtures()[1], random.Random(0), first
    )
    assert mutation is not None
    assert not is_right(mutation, drift([first, second], summary=False).pairs[0])
