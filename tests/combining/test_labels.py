"""Labels of links and footnotes belong to their file: no result has two meanings of one, or a use without a meaning."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmerge import combine, parse
from agentmerge.planning.strategies import Policy
from agentmerge.reading import relations

A = (
    "# R\n\n## Rules\n\n- Keep it short.[^1]\n- Reject untested changes.[^2]\n\n"
    "[^1]: Generated code is exempt.\n[^2]: So are texts.\n"
)
B = "# R\n\n## Rules\n\n- Never pay alone.[^1]\n\n[^1]: Two owners sign.\n"


def defined(text: str) -> Counter[str]:
    return Counter(re.findall(r"^\[([^\]]+)\]:", text, re.MULTILINE))


def used(text: str) -> set[str]:
    return set(re.findall(r"\[(\^[^\]]+)\](?!:)", text))


@pytest.mark.parametrize("order", [(A, B), (B, A)])
def test_footnotes__of_two_files_stay_with_their_sentences(order: tuple[str, str]) -> None:
    result = combine([parse(text) for text in order])
    assert set(defined(result.text).values()) == {1}
    assert used(result.text) == defined(result.text).keys()
    notes = dict(re.findall(r"^\[(\^\d+)\]: (.*)", result.text, re.MULTILINE))
    rules = dict(re.findall(r"^- (.*)\[(\^\d+)\]", result.text, re.MULTILINE))
    assert notes[rules["Never pay alone."]] == "Two owners sign."
    assert notes[rules["Keep it short."]] == "Generated code is exempt."
    assert notes[rules["Reject untested changes."]] == "So are texts."
    assert {row.source.text for row in result.ledger} >= {"Never pay alone.[^1]", "[^1]: Two owners sign."}
    assert [finding.rule for finding in result.findings] == ["label-renamed"]


def test_footnotes__that_say_the_same_are_one() -> None:
    other = "# R\n\n## Rules\n\n- Keep names plain.[^9]\n\n[^9]: Generated code is exempt.\n"
    text = combine([parse(A), parse(other)]).text
    assert "Keep names plain.[^1]" in text
    assert defined(text) == {"^1": 1, "^2": 1}


def test_footnotes__of_what_stands_stand() -> None:
    text = combine(
        [parse(A), parse(A.replace("exempt", "free")), parse(A.replace("exempt", "out"))], Policy("majority")
    ).text
    assert used(text) <= defined(text).keys()


@pytest.mark.parametrize(
    ("use", "kept"),
    [
        ("See [the page][Docs].", "See [the page][Docs-2]."),
        ("See [docs][].", "See [docs][Docs-2]."),
        ("See [Docs].", "See [Docs][Docs-2]."),
        ("See [Docs](https://c.example).", "See [Docs](https://c.example)."),
        ("Write `[Docs]` there.", "Write `[Docs]` there."),
        (r"An escaped \[Docs] stays.", r"An escaped \[Docs] stays."),
    ],
)
def test_link_labels__keep_the_words_of_the_link(use: str, kept: str) -> None:
    first = parse("# R\n\nRead [it][docs] first.\n\n[docs]: https://a.example\n")
    second = parse(f"# R\n\n## Other\n\n{use}\n\nAnd [that][docs].\n\n[Docs]: https://b.example\n")
    text = combine([first, second]).text
    assert kept in text
    assert defined(text) == {"docs": 1, "Docs-2": 1}


LABELS = st.sampled_from(["^1", "^2", "^n", "api", "the docs"])
FILES = st.lists(st.tuples(LABELS, st.sampled_from(["https://a.example", "https://b.example", "/c"])), max_size=4)


@settings(deadline=None)
@given(st.lists(FILES, min_size=2, max_size=3))
def test_any_labels__are_defined_once_and_used_by_who_used_them(files: list[list[tuple[str, str]]]) -> None:
    texts = []
    for number, rows in enumerate(files):
        rules = "".join(f"- Rule {number} {row} of its own kind [{label}].\n" for row, (label, _) in enumerate(rows))
        notes = "".join(f"[{label}]: {target}\n" for label, target in dict(rows).items())
        texts.append(f"# R\n\n## Rules\n\n{rules}\n{notes}")
    result = combine([parse(text) for text in texts])
    labels = {note.label for note in relations.notes(parse(result.text))}
    assert len({label.lower() for label in labels}) == sum(defined(result.text).values())
    assert used(result.text) <= labels


def test_notes_that_changed_their_numbers__are_each_one_note() -> None:
    a = "# R\n\n- Keep it short.[^1]\n- Never pay alone.[^2]\n\n[^1]: Tables are exempt.\n[^2]: Two owners sign.\n"
    b = "# R\n\n- Never pay alone.[^1]\n- Keep it short.[^l]\n\n[^1]: Two owners sign.\n[^l]: Tables are exempt.\n"
    text = combine([parse(a), parse(b)]).text
    assert text.count("- Keep it short.[^1]") == text.count("- Never pay alone.[^2]") == 1
    assert text.count("Keep it short") == text.count("Never pay alone") == 1
    assert text.count("Tables are exempt") == text.count("Two owners sign") == 1
