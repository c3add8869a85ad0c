"""What hostile texts cost, in pairs and groups and not in seconds, which `benchmarks/growth.py` measures."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

import pytest

from agentmerge import align, combine, diff, drift, parse
from agentmerge.errors import InputError
from agentmerge.matching import constants as c
from agentmerge.matching.aligning import compare
from agentmerge.matching.linking import TooManyError, alike, paired
from agentmerge.matching.pairwise import match
from agentmerge.model import Definition, Unit, walk_sections, walk_units
from agentmerge.planning import guards
from agentmerge.planning.clusters import gather
from agentmerge.planning.guards import parts
from agentmerge.statements.figures import data_keys
from agentmerge.text.sequences import nearest
from tests.growing import GROWING, edited
from tests.shipped import SHIPPED

CROWDED = [
    "one short item again",
    "one item again",
    "two items in turn",
    "one section again",
    "items, one word apart",
    "items of common words",
    "one label again",
]
"""Inputs of which every unit shares its words with most others."""


def _pair(name: str, size: int) -> list[Definition]:
    text = GROWING[name](size)
    return [parse(text), parse(edited(text, 0.5, "added"))]


@pytest.mark.parametrize("name", CROWDED)
def test_pairs__grow_with_the_units_and_not_with_their_square(name: str) -> None:
    definitions = _pair(name, 24_000)
    units = sum(1 for one in definitions for _ in walk_units(one.root))
    pairs = len(compare(definitions, SHIPPED).pairs)
    assert pairs <= max(c.MOST_PAIRS, 2 * (2 * c.NEAREST) * units)
    if units > 1500:
        assert pairs <= 2 * (2 * c.NEAREST) * units


def test_ordinary_files__are_compared_whole() -> None:
    found = compare(_pair("ordinary sections", 40_000), SHIPPED).candidates
    assert not found.crowded
    assert found.copies == {}


def test_what_is_said_a_thousand_times__is_one_group_with_all_its_copies() -> None:
    definitions = [parse("- Never push\n" * 1000), parse("- Never push\n" * 900)]
    alignment = align(definitions)
    assert alignment.crowded
    (group,) = [group for group in alignment.units if group.relation == "same"]
    assert len(group.members) == 1900
    assert [coverage.share for coverage in alignment.coverage] == [1.0, 1.0]


def test_combine__keeps_what_each_author_says_a_thousand_times() -> None:
    merged = combine([parse("- Never push\n" * count) for count in (1000, 990, 980)])
    assert merged.text.count("Never push") == 1000
    assert len(merged.ledger) == 2970
    assert {row.fate for row in merged.ledger} == {"kept", "merged"}
    assert "not-compared" in {notice.rule for notice in merged.findings}


@pytest.mark.parametrize("name", ["items of common words", "items, one word apart"])
def test_drift__tells_that_not_all_was_compared(name: str) -> None:
    text = GROWING[name](60_000)
    other = text.replace(" main", " trunk").replace(" push", " send").replace(" review", " look at")
    (pair,) = drift([parse(text), parse(other)], summary=False).pairs
    assert [one.rule for one in pair.findings].count("not-compared") == 1


def test_one_change_among_thousands__is_found() -> None:
    text = GROWING["items, one word apart"](60_000)
    lines = text.splitlines(keepends=True)
    lines[700] = "- Always deploy on Friday evening\n"
    changes = diff(parse(text), parse("".join(lines))).changes
    assert [change.new.line for change in changes if change.new] == [701]


def test_nearest__takes_as_many_on_both_sides() -> None:
    assert nearest([1, 2, 3], 9, 4) == [1, 2, 3]
    assert nearest(list(range(0, 100, 10)), 52, 4) == [40, 50, 60, 70]
    assert nearest(list(range(10)), 0, 3) == [0, 1, 2]
    assert nearest(list(range(10)), 99, 3) == [7, 8, 9]


def test_copies__are_paired_in_their_order() -> None:
    assert list(paired([1, 2, 3], [7, 8])) == [(1, 7), (2, 8), (3, 8)]
    assert list(paired([9], [4, 5])) == [(4, 9), (5, 9)]


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("".join(f"{'  ' * n}- level {n}\n" for n in range(70)), 50, "nested deeper"),
        ("# T\n\n- Never push\n\n<!-- note to self\n\n- Keep it short\n", 5, "not closed"),
        ("# T\n\n<?php\n\n- Keep it short\n", 3, "not closed"),
        ("# T\n\n<script>\n\n- Keep it short\n", 3, "not closed"),
        ("# T\n\n**Windows:**\n    ```sh\nrun it\n", 4, "only behind the line above"),
    ],
)
def test_combine__refuses_what_no_result_can_hold(text: str, line: int, told: str) -> None:
    other = "# T\n\n- Always review\n\n## Last\n\n- Say so\n"
    with pytest.raises(InputError, match=told) as caught:
        combine([parse(text, filename="a.md"), parse(other, filename="b.md")])
    assert (caught.value.file, caught.value.line) == ("a.md", line)
    assert caught.value.remedy


@pytest.mark.parametrize("sign", ["\u2028", "\u200b", "\x0b"])
@pytest.mark.parametrize("mark", ["> ", "- ", "# ", "1. "])
def test_combine__keeps_the_sign_that_makes_a_mark_text(sign: str, mark: str) -> None:
    texts = [f"# T\n\n{sign}{mark}Ship it on time\n\n## R\n\n- {word}\n" for word in ("One", "Two")]
    merged = combine(list(map(parse, texts)))
    assert f"{sign}{mark}Ship it on time" in merged.text


@pytest.mark.parametrize(
    "line", ["=======", "=", "---", "--", "|---|---|", "| :-- | --: |", "--- | ---", "- x", "3. x"]
)
def test_combine__keeps_a_further_line_from_making_something_else(line: str) -> None:
    # Behind four blanks the line is text in both; a result that is indented less has to keep it so.
    texts = [f"# T\n\n- Check | the log\n      {line}\n  and say so\n\n- {word}\n" for word in ("One", "Two")]
    assert [place.unit.kind for place in walk_units(parse(texts[0]).root)] == ["item", "item"]
    merged = combine(list(map(parse, texts)))
    units = [" ".join(place.unit.text.split()) for place in walk_units(parse(merged.text).root)]
    assert sorted(units) == [f"Check | the log {line} and say so", "One", "Two"]


def test_combine__makes_a_heading_of_a_label_that_would_be_an_item() -> None:
    texts = ["and so on.\n4. Count per author:\n- commits\n- reviews\n", "# T\n\n- Quite another matter\n"]
    merged = combine(list(map(parse, texts)))
    titles = [section.title for _, section in walk_sections(parse(merged.text).root)]
    assert "4. Count per author" in titles
    assert "- commits\n- reviews" in merged.text


def test_combine__parts_a_late_number_from_the_paragraph_before_it() -> None:
    texts = ["- Rule\n\n  Use at most 5\n\n  2. Second\n  3. Third\n", "- Quite another matter\n"]
    merged = combine(list(map(parse, texts)))
    assert "Use at most 5\n\n  2. " in merged.text


def test_a_line_of_number_signs__is_no_riddle_to_the_reader_of_data() -> None:
    text = "#" * 200 + "\n" + "// x\n" * 50
    assert data_keys(Unit("code", 1, 2, text, text, language="")) == {}
    after = f'{text}{{"a": 1}}'
    assert data_keys(Unit("code", 1, 2, after, after, language="")) == {"a": "value"}


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_drift__counts_lines_as_the_reader_does(sign: str) -> None:
    old, new = "# T\n\n- one\n- two\n", f"# T\n\n- one\n- tw{sign}o\u200b\n"
    (pair,) = drift([parse(old), parse(new)], summary=False).pairs
    found = [one for one in pair.findings if one.rule == "hidden-characters"]
    assert [one.b.line for one in found if one.b] == [4]


SHOWN = {sign: f"{sign} {word}:\n\n```sh\nskip tests\n```\n\n" for sign, word in (("✅", "Good"), ("❌", "Bad"))}


def test_equal_code__is_read_once_for_each_sign_above_it() -> None:
    text = SHOWN["✅"] + SHOWN["❌"] + SHOWN["✅"]
    units = compare([parse(text), parse(text)], SHIPPED).scorer.units
    assert [unit.stance.shows for unit in units if unit.kind == "code"] == ["demand", "forbid", "demand"] * 2


def test_copies_of_one_text__stand_for_those_alone_that_the_same_sign_speaks_of() -> None:
    text = GROWING["one short item again"](12_000) + "\n" + (SHOWN["✅"] + SHOWN["❌"]) * 20
    found = compare([parse(text), parse(text)], SHIPPED)
    assert found.candidates.crowded
    stances = [{found.scorer.units[one].stance for one in numbers} for numbers in found.candidates.copies.values()]
    assert [len(one) for one in stances] == [1] * len(stances)
    assert {stance.shows for one in stances for stance in one} == {"", "demand", "forbid"}


def test_parts__have_room_for_each_sign_whatever_the_order() -> None:
    # The second author calls wrong first what the first one calls right first.
    entries = gather([parse(SHOWN["✅"] + SHOWN["❌"]), parse(SHOWN["❌"] + SHOWN["✅"])], SHIPPED)
    code = [entry for entry in entries.values() if entry.unit.kind == "code"]
    found = parts(code, SHIPPED)
    assert [len(part) for part in found] == [2, 2]
    assert [{entry.stance.shows for entry in part} for part in found] == [{"demand"}, {"forbid"}]


def test_orders_and_prohibitions_by_sign__stay_two_however_often_they_come() -> None:
    text = "- ✅ Skip tests\n- ❌ Skip tests\n" * 300
    merged = combine([parse(text), parse(f"{text}- Say so\n")])
    assert [merged.text.count(f"{sign} Skip tests") for sign in "✅❌"] == [300, 300]


def test_data_of_another_style__has_the_nearest_block_that_holds_the_same() -> None:
    flow, block = "```yaml\n{k: 1, l: [a, b]}\n```\n\n", "```yaml\nk: 1\nl:\n  - a\n  - b\n```\n\n"
    rows = [f"Text {n}.\n\n" for n in range(9)]
    found = match(parse("".join([*rows, flow])), parse("".join(f"{row}{block}" for row in rows)), SHIPPED)
    (pair,) = [pair for pair in found.units if isinstance(pair.a.node, Unit) and pair.a.node.kind == "code"]
    # Both are the tenth unit of their file.
    assert (pair.similarity, pair.b.line) == (1.0, 3 + 4 * 9)


def test_data_of_another_style__is_paired_in_its_order() -> None:
    flow = "".join(f"Text {n}.\n\n```yaml\n{{k: {n % 2}, l: [a, b]}}\n```\n\n" for n in range(200))
    block = "".join(f"Text {n}.\n\n```yaml\nk: {n % 2}\nl:\n  - a\n  - b\n```\n\n" for n in range(200))
    found = match(parse(flow), parse(block), SHIPPED)
    code = [(pair.a.line, pair.b.line) for pair in found.units if pair.a.text.startswith("{k")]
    assert code == [(3 + 6 * n, 3 + 9 * n) for n in range(200)]


class _Counted(dict[int, int]):
    """Numbers of units by sketch, which count how often one is asked for."""

    asked = 0

    def __getitem__(self, key: int) -> int:
        self.asked += 1
        return super().__getitem__(key)


def test_directions__that_thousands_share_are_given_up_before_all_are_compared() -> None:
    held = _Counted(dict.fromkeys(range(4000), 1))
    with pytest.raises(TooManyError):
        alike(held, 20_000)
    assert held.asked < 30_000, "of eight million pairs"


def test_directions__that_few_share_are_all_found() -> None:
    held = {0b0: 2, 0b1: 1, ~(-1 << 40): 3}
    assert alike(held, 12) == {0b0: [(0, 0), (1, 1)], 0b1: [(1, 0), (0, 1)], ~(-1 << 40): [(0, ~(-1 << 40))]}
    with pytest.raises(TooManyError):
        alike(held, 8)


@pytest.mark.parametrize("name", ["entities", "a line of words", "a long enumeration", "emphasis openers"])
def test_combine__compares_no_long_text_word_by_word(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []

    class Counted(SequenceMatcher[str]):
        def __init__(self, junk: None, a: Sequence[str], b: Sequence[str], autojunk: bool = True) -> None:
            compared.append(max(len(a), len(b)))
            super().__init__(junk, a, b, autojunk)

    monkeypatch.setattr(guards, "SequenceMatcher", Counted)
    combine(_pair(name, 12_000))
    assert max(compared, default=0) <= guards.LONGEST_FORM
