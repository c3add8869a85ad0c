"""The rules that a line can't match are not asked: the blocks are those that all rules together find."""

from __future__ import annotations

import random
from typing import Any

import pytest

from agentmerge.reading import blocks
from agentmerge.reading.blocks import Block, parse_body
from agentmerge.reading.containers import grammar
from tests.growing import GROWING
from tests.shipped import SHIPPED

PARTS = (
    *("- ", "* ", "+ ", "1. ", "2) ", "7. ", "-", "1."),
    *("a", "words here", "**Lead**: x", "[x]: y", "| a |", "|---|", "\x0c", "\xa0"),
    *("> ", "```", "~~~", "---", "===", "***", "# h", "<b>", "<!-- x -->", "{% if x %}", "{% endif %}"),
    *("\n", "\n", "\n", "\n", "\n\n", "  ", "    ", "\t"),
)


class _All:
    """The ruler's own lists, every rule in them."""

    def __init__(self, ruler: Any, _: object) -> None:
        self.rules = ruler.getRules


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A parser that asks every rule at every line."""
    ours = blocks._parser()
    with monkeypatch.context() as patched:
        patched.setattr(blocks, "Dispatcher", _All)
        theirs = blocks._parser.__wrapped__()
    assert len(ours.block.ruler.getRules("")) < len(theirs.block.ruler.getRules(""))
    return theirs


def _both(text: str, whole: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Block], list[Block]]:
    marks = grammar(SHIPPED).marks(text)
    ours, _ = parse_body(text, marks, SHIPPED)
    with monkeypatch.context() as patched:
        patched.setattr(blocks, "_parser", lambda: whole)
        theirs, _ = parse_body(text, marks, SHIPPED)
    return ours, theirs


@pytest.mark.parametrize("seed", range(8))
def test_any_text__has_the_blocks_that_all_rules_find(seed: int, whole: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = random.Random(seed)
    for _ in range(150):
        text = "".join(chosen.choices(PARTS, k=chosen.randint(1, 40)))
        ours, theirs = _both(text, whole, monkeypatch)
        assert ours == theirs, text


@pytest.mark.parametrize("seed", range(8))
def test_lists_of_any_indentation__have_the_blocks_that_all_rules_find(
    seed: int, whole: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = random.Random(seed)
    for _ in range(300):
        rows = (
            "> " * (chosen.random() < 0.2)
            + " " * chosen.randint(0, 7)
            + chosen.choice(["- ", "- ", "-  ", "*\t", "1. ", "", "", "-", "- - "])
            + chosen.choice(["a", "a", "Label:", "", " ", "# h", "=="])
            for _ in range(chosen.randint(2, 7))
        )
        text = "\n".join(rows)
        ours, theirs = _both(text, whole, monkeypatch)
        assert ours == theirs, text


@pytest.mark.parametrize("name", sorted(GROWING))
def test_hostile_texts__have_the_blocks_that_all_rules_find(
    name: str, whole: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = _both(GROWING[name](1500), whole, monkeypatch)
    assert ours == theirs
