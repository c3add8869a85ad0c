"""Hostile input: the work of a merge is counted, and beyond the limit it falls back to lines and says so."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

import pytest

from agentmerge import parse
from agentmerge.merging import checking, engine, nodes
from agentmerge.merging.engine import merge, merge_long
from agentmerge.planning.records import Merged
from agentmerge.text.sequences import common
from tests.shipped import SHIPPED

SECONDS = 4.0
"""Of the processor for 100 KB; on an idle machine each takes less than one, and what is quadratic takes minutes."""

WORDS = ["use", "tests", "never", "log", "secrets", "prefer", "small", "reviews", "check", "types", "keep", "notes"]


def _sentence(rng: random.Random, length: int = 8) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(length))


def _edited(rng: random.Random, lines: list[str], edits: int) -> list[str]:
    lines = list(lines)
    for _ in range(edits):
        at = rng.randrange(len(lines))
        lines[at : at + 1] = rng.choice([[], [lines[at] + " more"], [lines[at], _sentence(rng)]])
        lines.insert(rng.randrange(len(lines)), lines.pop(rng.randrange(len(lines))))
    return lines


def _near_identical(rng: random.Random) -> list[str]:
    return [f"- keep the tests small and run lint number {n} today" for n in range(2000)]


def _paragraph(rng: random.Random) -> list[str]:
    return [_sentence(rng) for _ in range(2200)]


def _headings(rng: random.Random) -> list[str]:
    return [f"## Same\n\n{_sentence(rng, 4)}\n" for _ in range(1200)]


def _nested(rng: random.Random) -> list[str]:
    return ["  " * (n % 60) + f"- item {n}" for n in range(1500)]


def _tiny(rng: random.Random) -> list[str]:
    return [f"- a{rng.randrange(50)}" for _ in range(3900)]


TEXTS: list[Callable[[random.Random], list[str]]] = [_near_identical, _paragraph, _headings, _nested, _tiny]


def _merged_in_time(texts: Sequence[str]) -> Merged:
    base, ours, theirs = map(parse, texts)
    start = time.process_time()
    result = merge(base, ours, theirs, SHIPPED)
    assert time.process_time() - start < SECONDS
    return result


@pytest.mark.parametrize("make", TEXTS)
def test_hostile_text__is_merged_in_time(make: Callable[[random.Random], list[str]]) -> None:
    rng = random.Random(1)
    base = make(rng)
    texts = ["# A\n\n" + "\n".join(lines) + "\n" for lines in (base, _edited(rng, base, 100), _edited(rng, base, 100))]
    result = _merged_in_time(texts)
    added = {word for text in texts[1:] for word in text.split()} - set(texts[0].split())
    assert added <= set(result.text.split())


def test_one_huge_paragraph_written_anew__is_merged_in_time() -> None:
    rng = random.Random(2)
    result = _merged_in_time([_sentence(rng, 17_000) + "\n" for _ in range(3)])
    assert len(result.open_conflicts) == 1


def test_many_tools__are_merged_in_time() -> None:
    tools = [f"Tool{n}" for n in range(9000)]
    sides = (tools, [*tools[100:], "A"], [*tools[:-100], "B"])
    result = _merged_in_time([f"---\nname: x\ntools: {', '.join(side)}\n---\n" for side in sides])
    assert "Tool100, " in result.text
    assert "A, B" in result.text


def _said(result: Merged) -> list[str]:
    return [notice.message for notice in result.findings if notice.rule == "merged-by-lines"]


def test_too_many_comparisons__falls_back_to_lines_with_a_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    base = "# A\n\n" + "".join(f"- {word} one two three\n" for word in WORDS)
    ours, theirs = base.replace("one", "1"), base.replace("three", "3").replace("two", "2")
    assert _said(merge(parse(base), parse(ours), parse(theirs), SHIPPED)) == []
    monkeypatch.setattr(nodes, "MAX_COMPARISONS", 10)
    result = merge(parse(base), parse(ours), parse(theirs), SHIPPED)
    assert _said(result) == ["merged by lines only: matching takes more than 10 comparisons"]
    assert result.open_conflicts
    assert {row.source.file for row in result.ledger} == {0, 1, 2}


def test_long_file__is_merged_by_lines_and_says_so() -> None:
    base = "- a\n" + "x\n" * nodes.MAX_LINES + "- b\n"
    result = merge(parse(base), parse(base.replace("a", "A")), parse(base.replace("b", "B")), SHIPPED)
    assert result.text == base.replace("a", "A").replace("b", "B")
    assert len(_said(result)) == 1
    assert merge_long(base, base, base.replace("b", "C"), SHIPPED).text == base.replace("b", "C")


def test_common__of_texts_without_a_place_to_cut_is_long() -> None:
    rng = random.Random(3)
    one = [rng.randrange(20) for _ in range(4000)]
    other = list(one)
    for _ in range(600):
        other[rng.randrange(len(other))] = rng.randrange(20)
    found = common(one, other)
    assert len(found) > 3000
    assert all(one[x] == other[y] for x, y in found)


def test_defect_of_ours__falls_back_to_the_line_merge_with_markers(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("nobody thought of this")

    base = "# A\n\n- one\n- two\n"
    ours, theirs = base.replace("one", "1"), base.replace("two", "2")
    assert not merge(parse(base), parse(ours), parse(theirs), SHIPPED).open_conflicts
    monkeypatch.setattr(engine, "merge_trees", broken)
    result = merge(parse(base), parse(ours), parse(theirs), SHIPPED)
    assert _said(result) == ["merged by lines only: internal error: RuntimeError: nobody thought of this"]
    assert result.text.count("<<<<<<<") == 1
    assert "- 1\n- two\n=======\n- one\n- 2\n" in result.text


def test_defect_in_a_check__is_no_clean_merge(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("nobody thought of this")

    base = "# A\n\n- one\n- two\n- three\n- four\n"
    ours, theirs = base.replace("one", "1"), base.replace("four", "4")
    both = ours.replace("four", "4")
    assert merge(parse(base), parse(ours), parse(theirs), SHIPPED).text == both
    for module, name in ((checking, "faults"), (checking, "account")):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, broken)
            result = merge(parse(base), parse(ours), parse(theirs), SHIPPED)
        assert [conflict.slot for conflict in result.open_conflicts] == ["the merge could not be checked"]
        assert "<<<<<<<" in result.text
        assert any("nobody thought of this" in notice.message for notice in result.findings)
