"""Conflict markers in a text: which lines belong together, and what is text that only looks like them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmerge import AgentMergeError, combine, diff, drift, merge, parse
from agentmerge.errors import ConflictedError
from agentmerge.merging.engine import merge_long
from agentmerge.text.markers import conflicts, holds_markers, markers, take_apart
from agentmerge.writing.formatting import format_definition
from tests.shipped import SHIPPED

PLAIN = "# Helper\n\n- Answer in one line.\n"
SIMPLE = "# Helper\n\n<<<<<<< HEAD\n- Answer in one line.\n=======\n- Answer at length.\n>>>>>>> topic\n"

WHOLE = {
    "labels": SIMPLE,
    "no labels": SIMPLE.replace(" HEAD", "").replace(" topic", ""),
    "CRLF": SIMPLE.replace("\n", "\r\n"),
    "lone CR": SIMPLE.replace("\n", "\r"),
    "no newline at the end": SIMPLE.rstrip("\n"),
    "base shown": SIMPLE.replace("=======\n", "||||||| 1a2b3c4\n- Answer.\n=======\n"),
    "base without label": SIMPLE.replace("=======\n", "|||||||\n- Answer.\n=======\n"),
    "eleven signs": SIMPLE.replace("<" * 7, "<" * 11).replace("=" * 7, "=" * 11).replace(">" * 7, ">" * 11),
    "blanks behind the middle": SIMPLE.replace("=======\n", "=======  \n"),
    "byte order mark, first line": "\ufeff<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n",
    "in the frontmatter": "---\nname: a\n<<<<<<< HEAD\nmodel: opus\n=======\nmodel: haiku\n>>>>>>> b\n---\n# A\n",
    "empty side": "<<<<<<< a\n=======\ny\n>>>>>>> b\n",
    "both sides empty": "<<<<<<< a\n=======\n>>>>>>> b\n",
    "cuts into a fence": "```sh\n<<<<<<< a\nmake\n```\n=======\nninja\n```\n>>>>>>> b\n",
    "begins before a fence": "<<<<<<< a\n```sh\nmake\n=======\n```sh\nninja\n>>>>>>> b\n```\n",
    "in a fence that is never closed": "```\n<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n",
    "in an indented fence": "- Run:\n  ```sh\n<<<<<<< a\n  x\n=======\n  y\n>>>>>>> b\n  ```\n",
    "code that was changed on both sides": "Run:\n\n```sh\n<<<<<<< HEAD\nmake\n=======\nninja\n>>>>>>> topic\n```\n",
    "example with the labels of a conflict": SIMPLE + "\nA conflict:\n\n```sh\n" + SIMPLE[10:] + "```\n",
    "code in a section beside one about conflicts": (
        "# A\n\n## Conflicts\n\nAsk.\n\n## Build\n\n```sh\n<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n```\n"
    ),
    "our own in a fence of a text about conflicts": (
        "# Conflicts\n\n```sh\n<<<<<<< a (code: changed by both sides)\nx\n=======\ny\n>>>>>>> b\n```\n"
    ),
}
TEXT = {
    "setext heading": "Overview\n=======\n\nText.\n",
    "item, then equals signs": "- Answer in one line.\n=======\n",
    "sizes differ": SIMPLE.replace("=======", "========"),
    "six signs": SIMPLE.replace("<" * 7, "<" * 6).replace("=" * 7, "=" * 6).replace(">" * 7, ">" * 6),
    "opening alone": "<<<<<<< HEAD\n- a\n",
    "closing alone": "- a\n>>>>>>> topic\n",
    "no middle": "<<<<<<< HEAD\n- a\n>>>>>>> topic\n",
    "wrong order": ">>>>>>> topic\n- a\n=======\n- b\n<<<<<<< HEAD\n",
    "label sticks to the sign": SIMPLE.replace("<<<<<<< HEAD", "<<<<<<<HEAD"),
    "indented": SIMPLE.replace("<<<<<<<", "  <<<<<<<"),
    "quoted": "> <<<<<<< HEAD\n> a\n> =======\n> b\n> >>>>>>> topic\n",
    "in the middle of a line": "Look for <<<<<<< HEAD, ======= and >>>>>>> in it.\n",
    "example in a fence": "A conflict:\n\n```\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> topic\n```\n\nThen commit.\n",
    "two examples in one fence": "Look for markers.\n\n~~~diff\n" + (SIMPLE[10:] * 2) + "~~~\n",
    "example below a heading": "# Merge conflicts\n\n## Example\n\n```\n" + SIMPLE[10:] + "```\n",
    "example that is explained below": "Like this:\n\n```\n"
    + SIMPLE[10:]
    + "```\n\nKeep one and delete the markers.\n",
    "example of a helper for conflicts": (
        "---\nname: helper\ndescription: >\n  Resolves merge\n  conflicts.\n---\n# Helper\n\n```\n"
        + SIMPLE[10:]
        + "```\n"
    ),
    "example in another language": "# Konflikte lösen\n\n```\n" + SIMPLE[10:] + "```\n",
}


@pytest.mark.parametrize("name", WHOLE)
def test_conflict__is_found(name: str) -> None:
    assert conflicts(WHOLE[name], SHIPPED)


@pytest.mark.parametrize("name", TEXT)
def test_text_that_looks_like_markers__is_text(name: str) -> None:
    text = TEXT[name]
    assert conflicts(text, SHIPPED) == ()
    definition = parse(text)
    assert "conflict-unresolved" not in {note.code for note in definition.diagnostics}
    assert combine([definition, parse(PLAIN)]).text
    assert len(drift([definition, parse(PLAIN)])) == 1
    format_definition(definition, SHIPPED)


@pytest.mark.parametrize("name", WHOLE)
def test_every_function__refuses_a_conflict_with_file_and_line(name: str) -> None:
    text = WHOLE[name]
    bad, good = parse(text, filename="agents/a.md"), parse(PLAIN, filename="b.md")
    line = conflicts(text, SHIPPED)[0].line
    for call in (
        lambda: combine([good, bad]),
        lambda: drift([good, bad]),
        lambda: diff(bad, good),
        lambda: diff(good, bad),
        lambda: merge(good, good, bad),
        lambda: merge(bad, good, good),
        lambda: merge(bad, bad, bad),
        lambda: format_definition(bad, SHIPPED),
    ):
        with pytest.raises(ConflictedError) as caught:
            call()
        assert (caught.value.file, caught.value.line) == ("agents/a.md", line)
        assert "agentmerge resolve agents/a.md" in str(caught.value)
        assert isinstance(caught.value, AgentMergeError)


def test_merge_long__refuses_a_conflict() -> None:
    with pytest.raises(ConflictedError):
        merge_long(PLAIN, SIMPLE, PLAIN, SHIPPED)


@pytest.mark.parametrize("name", WHOLE)
def test_show__tells_each_conflict_at_its_line(name: str) -> None:
    definition = parse(WHOLE[name], filename="a.md")
    told = [note for note in definition.diagnostics if note.code == "conflict-unresolved"]
    assert [note.line for note in told] == [hunk.line for hunk in conflicts(WHOLE[name], SHIPPED)]
    assert {note.severity for note in told} == {"error"}
    assert "conflict-marker" not in {note.code for note in definition.diagnostics}


def test_stray_marker__is_a_warning_and_an_example_is_none() -> None:
    notes = {name: [(note.line, note.code) for note in parse(TEXT[name]).diagnostics] for name in TEXT}
    assert (1, "conflict-marker") in notes["opening alone"]
    assert (2, "conflict-marker") in notes["closing alone"]
    assert (4, "conflict-example") in notes["example in a fence"]
    assert not [code for _, code in notes["setext heading"] if code.startswith("conflict")]
    assert not [code for _, code in notes["item, then equals signs"] if code.startswith("conflict")]


def test_sides__labels_and_lines() -> None:
    (hunk,) = conflicts(WHOLE["base shown"], SHIPPED)
    assert (hunk.line, hunk.end, hunk.labels) == (3, 9, ("1a2b3c4", "HEAD", "topic"))
    assert (hunk.ours, hunk.base, hunk.theirs) == (
        ("- Answer in one line.",),
        ("- Answer.",),
        ("- Answer at length.",),
    )


def test_nested_conflicts__the_outer_one_counts_and_keeps_the_inner() -> None:
    inner = "<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> first\n"
    for text, ours in (
        (f"<<<<<<< HEAD\n{inner}=======\nz\n>>>>>>> second\n", inner),
        (f"<<<<<<< HEAD\nz\n=======\n{inner}>>>>>>> second\n", "z\n"),
    ):
        (hunk,) = conflicts(text, SHIPPED)
        assert (hunk.line, hunk.end) == (1, text.count("\n"))
        assert "\n".join(hunk.ours) + "\n" == ours
        assert take_apart(text, SHIPPED).side("ours") == ours


def test_nested_conflicts__of_a_base_that_was_merged_have_longer_markers() -> None:
    text = (
        "<<<<<<< HEAD\na\n||||||| merged common ancestors\n<<<<<<<<< Temporary merge branch 1\nb\n|||||||||\nc\n"
        "=========\nd\n>>>>>>>>> Temporary merge branch 2\n=======\ne\n>>>>>>> other\n"
    )
    (hunk,) = conflicts(text, SHIPPED)
    assert (hunk.ours, hunk.theirs) == (("a",), ("e",))
    assert hunk.base is not None
    assert len(hunk.base) == 7


def test_unmatched_opening_inside_a_side__is_text_of_it() -> None:
    (hunk,) = conflicts("<<<<<<< HEAD\na\n=======\n<<<<<<< is how it begins\nb\n>>>>>>> topic\n", SHIPPED)
    assert hunk.theirs == ("<<<<<<< is how it begins", "b")


def test_heading_underlined_like_the_middle__is_a_heading() -> None:
    (hunk,) = conflicts("<<<<<<< HEAD\nProject\n=======\ntext\n=======\nOther words\n>>>>>>> topic\n", SHIPPED)
    assert hunk.ours == ("Project", "=======", "text")
    (hunk,) = conflicts("<<<<<<< a\nProject\n=======\n||||||| b\nProjects\n=======\nX\n>>>>>>> c\n", SHIPPED)
    assert (hunk.ours, hunk.base, hunk.theirs) == (("Project", "======="), ("Projects",), ("X",))


def test_sides__of_a_file_with_examples_alone__are_those_of_the_examples() -> None:
    assert not holds_markers(TEXT["example in a fence"], SHIPPED)
    assert "\nb\n" in take_apart(TEXT["example in a fence"], SHIPPED).side("theirs")
    both = SIMPLE + TEXT["example in a fence"].replace("topic", "other")
    assert len(take_apart(both, SHIPPED).hunks) == 1
    assert "<<<<<<< HEAD\na\n" in take_apart(both, SHIPPED).side("ours")


LINES = st.sampled_from(
    [
        "<<<<<<< a",
        "<<<<<<<",
        "||||||| b",
        "=======",
        ">>>>>>> c",
        "<<<<<<<<",
        "========",
        ">>>>>>>> d",
        "```",
        "~~~",
        "x",
        "",
    ]
)


@given(st.lists(LINES, max_size=30), st.booleans())
def test_taking_apart__every_line_belongs_to_one_side_or_is_a_marker(lines: list[str], ends: bool) -> None:
    text = "\n".join(lines) + ("\n" if ends else "")
    found = take_apart(text, SHIPPED)
    whole = text.split("\n")
    told: list[int] = []
    for hunk in found.hunks:
        for name, start in zip(("base", "ours", "theirs"), hunk.starts, strict=True):
            part = getattr(hunk, name) or ()
            assert tuple(whole[start : start + len(part)]) == part
            told += range(start + 1, start + 1 + len(part))
        told += [start for start in hunk.starts if start] + [hunk.end]
    settled = [part for part in found.parts if isinstance(part, str)]
    assert len(told) == len(set(told))
    own = [line for number, line in enumerate(whole[: len(whole) - found.newline_at_end], 1) if number not in told]
    assert own == settled


@given(st.lists(LINES, max_size=30))
def test_markers__each_line_is_told_once(lines: list[str]) -> None:
    found = markers("\n".join(lines), SHIPPED)
    inside = [n for hunk in (*found.conflicts, *found.examples) for n in range(hunk.line, hunk.end + 1)]
    stray = [number for number, _ in found.stray]
    assert len({*inside, *stray}) == len(inside) + len(stray)
    assert set(stray) | set(inside) >= {n for n, line in enumerate(lines, 1) if line[:1] in ("<", ">")}


def test_many_markers__take_linear_time() -> None:
    for text in (
        "<<<<<<< a\n" * 50_000,
        "<<<<<<<< a\n" * 20_000 + "=======\n>>>>>>> b\n" * 20_000,
        "<<<<<<< a\n=======\n" * 20_000 + ">>>>>>> b\n" * 20_000,
        "<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n" * 20_000,
        "<<<<<<< a\n" * 20_000 + "=======\n" + ">>>>>>>> b\n" * 20_000,
    ):
        markers(text, SHIPPED)
        take_apart(text, SHIPPED)
