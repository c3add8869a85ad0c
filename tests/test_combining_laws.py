"""Laws of a combine over generated definitions: one fate per unit, twice is once, order decides wording only."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from agentmerge import combine, parse
from agentmerge.matching.records import members_of
from agentmerge.planning.records import Merged
from agentmerge.planning.strategies import STRATEGIES, WORDINGS, Policy

WORDS = st.sampled_from(
    ["always", "never", "test", "the", "build", "with", "care", "80%", "Redis", "`make`", "logs", "tokens", "before"]
)
SENTENCE = st.lists(WORDS, min_size=2, max_size=8).map(" ".join)
TITLE = st.lists(st.sampled_from(["Rules", "Steps", "Output", "Review", "Data"]), min_size=1, max_size=2).map(" ".join)
BULLETS = st.lists(SENTENCE, min_size=1, max_size=4).map(lambda rows: "".join(f"- {row}\n" for row in rows))
NESTED = st.tuples(SENTENCE, SENTENCE).map(lambda rows: f"- {rows[0]}\n  - {rows[1]}\n")
TASKS = st.lists(SENTENCE, min_size=1, max_size=3).map(lambda rows: "".join(f"- [ ] {row}\n" for row in rows))
FENCED_TASKS = st.lists(SENTENCE, min_size=1, max_size=3).map(
    lambda rows: "```\n" + "".join(f"[ ] {row}\n" for row in rows) + "```\n"
)
STEPS = st.lists(SENTENCE, min_size=2, max_size=4).map(
    lambda rows: "".join(f"{number}. {row}\n" for number, row in enumerate(rows, 1))
)
CODE = SENTENCE.map(lambda text: f"```sh\n{text}\n```\n")
TABLE = st.tuples(SENTENCE, SENTENCE).map(lambda cells: f"| a | b |\n|---|---|\n| {cells[0]} | {cells[1]} |\n")
BLOCK = st.one_of(SENTENCE.map(lambda text: f"{text}\n"), BULLETS, NESTED, TASKS, FENCED_TASKS, STEPS, CODE, TABLE)
LABELLED = st.tuples(TITLE, BULLETS).map(lambda pair: f"{pair[0]}:\n{pair[1]}")
BOLD = st.tuples(TITLE, BLOCK).map(lambda pair: f"**{pair[0]}**\n\n{pair[1]}")
SECTION = st.tuples(
    st.sampled_from(["##", "###", "####"]), TITLE, st.lists(st.one_of(BLOCK, LABELLED, BOLD), min_size=1, max_size=4)
).map(lambda parts: f"{parts[0]} {parts[1]}\n\n" + "\n".join(parts[2]))
FIELDS = st.sampled_from(["", "tools: Read, Bash\n", "tools: [Read]\n", "tools:\nmodel: opus\n", "color: '#fff'\n"])
DEFINITION = st.tuples(FIELDS, st.lists(SECTION, min_size=1, max_size=4)).map(
    lambda parts: f"---\nname: helper\n{parts[0]}---\n\n# Helper\n\nYou are a helper.\n\n" + "\n".join(parts[1])
)
PAIRS = st.lists(DEFINITION, min_size=1, max_size=3)


def keys(merged: Merged) -> list[tuple[int, int]]:
    return [(row.source.file, row.source.line) for row in merged.ledger]


@given(PAIRS, st.sampled_from(sorted(STRATEGIES)), st.sampled_from(sorted(WORDINGS)))
@settings(max_examples=25, deadline=None)
def test_every_unit_has_one_fate(texts: list[str], strategy: str, wording: str) -> None:
    variants = [parse(text, filename=f"{number}.md") for number, text in enumerate(texts)]
    merged = combine(variants, Policy(strategy=strategy, wording=wording))
    wanted = [member.key for file, variant in enumerate(variants) for member in members_of(file, variant)]
    assert sorted(keys(merged)) == sorted(wanted)


@given(PAIRS)
@settings(max_examples=25, deadline=None)
def test_combined_with_itself__nothing_changes(texts: list[str]) -> None:
    merged = combine([parse(text) for text in texts])
    again = parse(merged.text)
    assert combine([again, again]).text == merged.text
    assert combine([again]).text == merged.text


@given(PAIRS)
@settings(max_examples=25, deadline=None)
def test_annotated_result_combined_with_itself__nothing_changes(texts: list[str]) -> None:
    annotated = combine([parse(text) for text in texts], annotate=True).text
    assert combine([parse(annotated)]).text == annotated
    assert combine([parse(annotated)] * 2).text == annotated


@given(PAIRS)
@settings(max_examples=20, deadline=None)
def test_order__changes_no_fate_but_wording(texts: list[str]) -> None:
    def kept(order: list[int]) -> int:
        ledger = combine([parse(texts[number]) for number in order]).ledger
        return sum(row.fate in ("kept", "conflict") for row in ledger if row.source.kind != "field")

    order = list(range(len(texts)))
    assert kept(order) == kept(order[::-1])


def test_order__equal_texts_beside_one_with_another_name() -> None:
    texts = [
        "Had notes that repeat the CORE rules",
        "Had notes that repeat the TEAM rules",
        "Had notes that repeat the TEAM rules",
    ]
    variants = [parse(f"# T\n\n## Notes\n\n- Notes that repeat rules\n- {text}\n") for text in texts]
    counts = [Counter(row.fate for row in combine(order).ledger) for order in permutations(variants)]
    assert all(count == counts[0] for count in counts)
    assert combine(variants).text.count("TEAM rules") == 1
