"""Laws of the three-way merge, over generated definitions and edits of them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from agentmerge import parse
from agentmerge.merging.engine import merge
from agentmerge.merging.nodes import UnresolvableError, build
from agentmerge.merging.pieces import Style, written
from agentmerge.merging.pieces import Style as PieceStyle
from agentmerge.merging.structure import merge_trees
from agentmerge.planning.records import Merged
from tests.laws import examples
from tests.shipped import SHIPPED

WORDS = st.sampled_from(
    [
        "use",
        "tests",
        "never",
        "log",
        "secrets",
        "prefer",
        "small",
        "reviews",
        "check",
        "types",
        "keep",
        "notes",
        "run",
        "lint",
        "ask",
    ]
)
SENTENCE = st.lists(WORDS, min_size=1, max_size=7).map(" ".join)
ITEM = SENTENCE.map("- {}".format)
STEP = SENTENCE.map("1. {}".format)
CODE = st.lists(SENTENCE, min_size=1, max_size=3).map(lambda rows: "\n".join(["```", *rows, "```"]))
NESTED = st.lists(st.tuples(SENTENCE, st.lists(SENTENCE, max_size=3)), min_size=1, max_size=3).map(
    lambda items: "\n".join(line for item, below in items for line in (f"- {item}", *(f"  - {one}" for one in below)))
)
TABLE = st.lists(st.tuples(WORDS, SENTENCE), min_size=1, max_size=4, unique_by=lambda row: row[0]).map(
    lambda rows: "\n".join(["| a | b |", "|---|---|", *(f"| {name} | {text} |" for name, text in rows)])
)
BLOCK = st.one_of(
    NESTED,
    TABLE,
    st.lists(ITEM, min_size=1, max_size=5).map("\n".join),
    st.lists(STEP, min_size=1, max_size=3).map("\n".join),
    SENTENCE.map("{}.".format),
    CODE,
)
SECTION = st.builds(
    lambda level, title, blocks: "\n\n".join([f"{'#' * level} {title}", *blocks]),
    st.integers(1, 3),
    SENTENCE,
    st.lists(BLOCK, max_size=3),
)
FIELD = st.one_of(
    SENTENCE.map("description: {}".format),
    st.lists(st.sampled_from(["Read", "Write", "Bash", "Grep"]), min_size=1, unique=True).map(
        lambda tools: f"tools: {', '.join(tools)}"
    ),
    st.sampled_from(["model: opus", "model: haiku", "color: red"]),
)
FRONT = st.lists(FIELD, max_size=3, unique_by=lambda text: text.split(":")[0]).map(
    lambda fields: "\n".join(["---", "name: x", *fields, "---"])
)
TEXT = st.builds(lambda front, sections: "\n\n".join([front, *sections]) + "\n", FRONT, st.lists(SECTION, max_size=4))


@st.composite
def edited(draw: st.DrawFn, text: str) -> str:
    """A text with a few of its lines changed, removed, moved or added to."""
    lines = text.split("\n")
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(4, max(4, len(lines) - 1)))
        kind = draw(st.sampled_from(["add", "change", "remove", "move"]))
        if kind == "add" or at >= len(lines):
            lines.insert(at, draw(st.one_of(ITEM, SECTION)))
        elif kind == "change" and lines[at].strip():
            lines[at] += " " + draw(WORDS)
        elif kind == "remove":
            del lines[at]
        else:
            lines.insert(draw(st.integers(4, len(lines))), lines.pop(at))
    return "\n".join(lines)


@st.composite
def triples(draw: st.DrawFn) -> tuple[str, str, str]:
    base = draw(TEXT)
    return base, draw(edited(base)), draw(edited(base))


def merged(base: str, ours: str, theirs: str) -> Merged:
    return merge(parse(base), parse(ours), parse(theirs), SHIPPED)


def by_structure(base: str, ours: str, theirs: str) -> str | None:
    """The structured merge alone, without the shortcuts for equal texts."""
    trees = [build(parse(text), {"tools": "set", "description": "prose"}) for text in (base, ours, theirs)]
    try:
        base_tree, ours_tree, theirs_tree = trees
        pieces = merge_trees(base_tree, ours_tree, theirs_tree, SHIPPED)
    except UnresolvableError:
        return None
    return "".join(f"{line}\n" for line in written(pieces, PieceStyle()))


def visible(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


@given(triples())
@settings(max_examples=examples(150), deadline=None)
def test_structure__one_changed_side_is_the_result(texts: tuple[str, str, str]) -> None:
    base, ours, _ = (text.rstrip("\n") + "\n" for text in texts)
    assert by_structure(base, ours, base) == ours
    assert by_structure(base, base, ours) == ours
    assert by_structure(base, ours, ours) == ours


@given(triples())
@settings(max_examples=examples(150), deadline=None)
def test_merge__swapped_sides_give_the_same_clean_result(texts: tuple[str, str, str]) -> None:
    base, ours, theirs = texts
    there, back = merged(base, ours, theirs), merged(base, theirs, ours)
    assert bool(there.conflicts) == bool(back.conflicts)
    if not there.conflicts:
        assert there.text.rstrip("\n") == back.text.rstrip("\n")


@given(triples())
@settings(max_examples=examples(150), deadline=None)
def test_merge__added_words_are_in_the_result(texts: tuple[str, str, str]) -> None:
    base, ours, theirs = texts
    result = set(merged(base, ours, theirs).text.split())
    for side in (ours, theirs):
        assert set(side.split()) - set(base.split()) - {f"{n}." for n in range(99)} <= result


@given(triples())
@settings(max_examples=examples(100), deadline=None)
def test_merge__every_unit_has_one_fate(texts: tuple[str, str, str]) -> None:
    result = merged(*texts)
    lines = result.text.split("\n")
    assert all(row.into is None or 0 < row.into <= len(lines) for row in result.ledger)
    keys = [(row.source.file, row.source.line) for row in result.ledger]
    assert len(keys) == len(set(keys))


def test_merge__equal_inputs_are_byte_identical() -> None:
    text = "\ufeff---\r\nname: x\r\n---\r\n# A\r\n- b\n- c"
    other = "# Other\n"
    assert merged(text, text, text).text == text
    assert merged(text, text, other).text == other
    assert merged(text, other, text).text == other
    assert merged(text, other, other).text == other


def test_merge__style_of_conflicts() -> None:
    base, ours, theirs = "# A\n\n- one two\n", "# A\n\n- one x\n", "# A\n\n- one y\n"
    style = Style("diff3", 9, ("b", "o", "t"))
    text = merge(parse(base), parse(ours), parse(theirs), SHIPPED, style=style).text
    assert text.splitlines()[2:] == [
        "<<<<<<<<< o (section 'A', item: changed by both sides)",
        "- one x",
        "||||||||| b",
        "- one two",
        "=========",
        "- one y",
        ">>>>>>>>> t",
    ]
