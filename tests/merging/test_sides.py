"""Two sides of a conflict without a base: equal things once, lone things kept, what differs left, nothing lost."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmerge.merging.pieces import Policy, Rule
from agentmerge.merging.resolving import combine_sides, flattened, missing, versions
from agentmerge.reading.parsing import parse
from agentmerge.text.markers import conflicts, take_apart
from tests.shipped import SHIPPED


def conflict(ours: str, theirs: str) -> str:
    return f"<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> topic\n"


CLEAN = {
    "equal once, lone ones kept": (
        "# A\n\n- Keep it short.\n" + conflict("- Write tests.\n- Log errors.\n", "- Write tests.\n- Use types.\n"),
        "# A\n\n- Keep it short.\n- Write tests.\n- Log errors.\n- Use types.\n",
    ),
    "a paragraph and a section": (
        "# A\n\n" + conflict("Read the guide.\n", "## Rules\n- Use the linter.\n- Ask before a release.\n"),
        "# A\n\nRead the guide.\n\n## Rules\n- Use the linter.\n- Ask before a release.\n",
    ),
    "a section and a deeper one": (
        "# A\n\n## Old\n\n- x\n" + conflict("\n## New\n\n- n\n", "\n### Below\n\n- s\n"),
        "# A\n\n## Old\n\n- x\n\n### Below\n\n- s\n\n## New\n\n- n\n",
    ),
    "one section on both sides": (
        "# A\n\n"
        + conflict("## Rules\n\n- alpha beta\n- both say this\n", "## Rules\n\n- both say this\n- delta eta\n"),
        "# A\n\n## Rules\n\n- alpha beta\n- both say this\n- delta eta\n",
    ),
    "one side empty": ("- a\n" + conflict("", "- b\n"), "- a\n- b\n"),
    "fields of one side each": (
        "---\nname: a\n" + conflict("color: red\n", "effort: low\n") + "---\n\n# A\n",
        "---\nname: a\ncolor: red\neffort: low\n---\n\n# A\n",
    ),
    "one value in two forms": (
        "---\nname: a\n" + conflict("tools: Read, Grep\n", "tools: [Read, Grep]\n") + "---\n\n# A\n",
        "---\nname: a\ntools: Read, Grep\n---\n\n# A\n",
    ),
    "one list of tools, which limits": (
        "---\nname: a\n" + conflict("", "tools: Read\n") + "---\n\n# A\n",
        "---\nname: a\ntools: Read\n---\n\n# A\n",
    ),
    "wrapped on one side": (
        "# A\n\n" + conflict("These words are\nwrapped here.\n", "These words are wrapped here.\n"),
        "# A\n\nThese words are\nwrapped here.\n",
    ),
    "two conflicts": (
        "# A\n\n" + conflict("- one\n", "- two\n") + "\n## B\n\n" + conflict("- three\n", "- four\n"),
        "# A\n\n- one\n- two\n\n## B\n\n- four\n- three\n",
    ),
    "nested": (
        "# A\n\n" + conflict(conflict("- alpha beta\n", "- gamma delta\n"), "- epsilon zeta\n"),
        "# A\n\n- alpha beta\n- gamma delta\n- epsilon zeta\n",
    ),
    "nested items": (
        "- outer\n" + conflict("  - inner alpha\n", "  - inner omega\n") + "- last\n",
        "- outer\n  - inner alpha\n  - inner omega\n- last\n",
    ),
    "the same item, far apart": (
        conflict("- x\n", "- y\n") + "\n" + conflict("- y\n", "- x\n"),
        "- x\n\n- y\n",
    ),
    "one word in two sections": (
        "# A\n\n"
        + conflict("## Inputs\n\n- None.\n- Ask for a plan.\n- a b\n", "## Outputs\n\n- None.\n- c d\n- e f g\n"),
        "# A\n\n## Inputs\n\n- None.\n- Ask for a plan.\n- a b\n\n## Outputs\n\n- None.\n- c d\n- e f g\n",
    ),
    "members of a list that grants nothing": (
        "---\nname: a\ntags:\n  - x\n" + conflict("  - y\n", "  - z\n") + "---\n# A\n",
        "---\nname: a\ntags:\n  - x\n  - y\n  - z\n---\n# A\n",
    ),
    "the same in another order": (
        conflict("- Never push it.\n- Keep it.\n", "- Keep it.\n- Never push it.\n"),
        "- Never push it.\n- Keep it.\n",
    ),
}
OPEN = {
    "contradiction": "# A\n\n" + conflict("- Never push to main.\n", "- Always push to main.\n"),
    "numbers": "# A\n\n" + conflict("- Keep lines below 80 columns.\n", "- Keep lines below 100 columns.\n"),
    "signs": "# A\n\n" + conflict("- ❌ Skip the tests\n", "- ✅ Skip the tests\n"),
    "task states": "# A\n\n" + conflict("- [x] Run the tests\n", "- [ ] Run the tests\n"),
    "values": "---\nname: a\n" + conflict("model: opus\n", "model: haiku\n") + "---\n\n# A\n",
    "rights are not added up": "---\nname: a\n" + conflict("tools: Read\n", "tools: Read, Bash\n") + "---\n\n# A\n",
    "a right of one side": "---\nname: a\n" + conflict("", "permissionMode: bypassPermissions\n") + "---\n\n# A\n",
    "a comment of one side": "---\nname: a\n" + conflict("model: opus\n", "# why\nmodel: opus\n") + "---\n# A\n",
    "cuts through a fence": "# A\n\n```sh\nmake\n"
    + conflict("make test\n```\n\nWait.\n", "make check\n```\n\nGo on now.\n"),
    "code": "# A\n\n```sh\n" + conflict("make test\n", "make check\n") + "```\n",
    "opens the frontmatter": conflict("---\nname: a\n---\n# A\n", "---\nname: b\n---\n# A\n") + "\nText.\n",
    "a title": "# A\n\n"
    + conflict("## Rules\n", "## Guidelines\n")
    + "\n- one item here\n- two item there\n- three of it\n",
    "steps in another order": conflict("1. Read it all.\n2. Run the tests.\n", "1. Run the tests.\n2. Read it all.\n"),
    "nested and undecided": conflict(conflict("- Never push to main.\n", "- Always push to main.\n"), "- epsilon\n"),
}


@pytest.mark.parametrize("name", CLEAN)
def test_sides_that_agree__become_one_text(name: str) -> None:
    text, wanted = CLEAN[name]
    merged = combine_sides(text, SHIPPED, filename="a.md")
    assert merged.text == wanted
    assert merged.open_conflicts == ()
    assert not merged.findings


@pytest.mark.parametrize("name", OPEN)
def test_what_is_undecided__stays_a_conflict(name: str) -> None:
    text = OPEN[name]
    merged = combine_sides(text, SHIPPED, filename="a.md")
    assert merged.open_conflicts
    left = conflicts(merged.text, SHIPPED)
    assert [hunk.line for hunk in left] == [one.line for one in merged.open_conflicts]
    assert len(left) == text.count("\n=======\n") or name in ("cuts through a fence", "nested and undecided")
    require_nothing_lost(text, merged.text)
    again = combine_sides(merged.text, SHIPPED, filename="a.md")
    assert take_apart(again.text, SHIPPED).side("ours") == take_apart(merged.text, SHIPPED).side("ours")
    assert take_apart(again.text, SHIPPED).side("theirs") == take_apart(merged.text, SHIPPED).side("theirs")


def require_nothing_lost(text: str, result: str) -> None:
    found = take_apart(text, SHIPPED)
    said = {line.strip(" -\t") for line in result.split("\n")}
    for name in ("ours", "theirs"):
        for line in take_apart(found.side(name), SHIPPED).side(name).split("\n"):
            assert line.strip(" -\t") in said, line


def test_line_endings_byte_order_mark_and_end__are_those_of_the_file() -> None:
    text = "\ufeff" + ("# A\n\n" + conflict("- one\n", "- two\n")).replace("\n", "\r\n").removesuffix("\r\n")
    assert combine_sides(text, SHIPPED).text == "\ufeff# A\r\n\r\n- one\r\n- two"


def test_records__name_the_sides_and_no_stand_in() -> None:
    merged = combine_sides(OPEN["contradiction"] + CLEAN["one section on both sides"][0][4:], SHIPPED, filename="a.md")
    sources = [member for one in merged.conflicts for member in one.members]
    sources += [member for one in merged.decisions for member in one.members]
    sources += [row.source for row in merged.ledger]
    assert {source.file for source in sources} == {1, 2}
    assert not [source for source in sources if "undecided" in source.text]
    assert {"- Never push to main.", "- Always push to main."} <= {source.text for source in sources}
    assert [row.fate for row in merged.ledger if "push" in row.source.text] == ["conflict", "conflict"]
    lines = merged.text.split("\n")
    kept = [row for row in merged.ledger if row.fate == "kept" and row.into]
    assert kept
    for row in kept:
        assert row.source.text.strip("#- ") in lines[(row.into or 0) - 1]


def test_policy__decides_what_would_be_left() -> None:
    policy = Policy((Rule("frontmatter/tools", "theirs"), Rule("A", "ours")))
    assert "tools: Read, Bash\n" in combine_sides(OPEN["rights are not added up"], SHIPPED, policy=policy).text
    merged = combine_sides(OPEN["contradiction"], SHIPPED, policy=policy)
    assert merged.text == "# A\n\n- Never push to main.\n"
    assert [one.decided_by for one in merged.conflicts] == ["A=ours"]


def test_versions__of_a_base_that_was_a_conflict_itself() -> None:
    text = (
        "# A\n\n<<<<<<< HEAD\n- a one\n||||||| merged common ancestors\n<<<<<<<<< Temporary merge branch 1\n- b\n"
        "||||||||| 1a2b3c4\n- c\n=========\n- d\n>>>>>>>>> Temporary merge branch 2\n=======\n- e two\n>>>>>>> other\n"
    )
    assert versions(text, SHIPPED) == ("# A\n\n- c\n", "# A\n\n- a one\n", "# A\n\n- e two\n")
    assert versions(text.replace("||||||||| 1a2b3c4\n- c\n", ""), SHIPPED) is None
    assert versions(conflict("- a\n", "- b\n"), SHIPPED) is None
    assert versions(conflict("- a\n", "- b\n"), SHIPPED, "- c\n") == ("- c\n", "- a\n", "- b\n")


def test_flattened__has_a_variant_for_each_side_of_a_nested_conflict() -> None:
    found = flattened("# A\n" + conflict(conflict("- a\n", "- b\n"), "- c\n"), SHIPPED)
    assert found == [("HEAD, 1", "# A\n- a\n"), ("HEAD, 2", "# A\n- b\n"), ("topic", "# A\n- c\n")]
    assert flattened("# A\n", SHIPPED) == [("", "# A\n")]
    assert [label for label, _ in flattened("<<<<<<< x\n- a\n=======\n- b\n>>>>>>> x\n", SHIPPED)] == ["ours", "theirs"]


BLOCKS = st.sampled_from(
    [
        "- Never push to main.\n",
        "- Always push to main.\n",
        "- Write tests first.\n",
        "- Write the tests last.\n",
        "  - Nested words here.\n",
        "\n## Rules\n\n",
        "\n## Workflow\n\n",
        "\n### Deeper\n\n",
        "\nA paragraph stands here.\n\n",
        "\nA paragraph stands there.\n\n",
        "\n```sh\nmake\n```\n\n",
        "\n```sh\nmake all\n```\n\n",
        "1. First do this.\n",
        "2. Then do that.\n",
        "\n| a | b |\n|---|---|\n| 1 | 2 |\n\n",
        "> quoted words\n",
    ]
)
FIELDS = st.sampled_from(
    [
        "model: opus\n",
        "model: haiku\n",
        "tools: Read\n",
        "tools: Read, Bash\n",
        "color: red\n",
        "description: Does it.\n",
    ]
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    fields = {line.partition(":")[0]: line for line in draw(st.lists(FIELDS, max_size=3))}
    head = f"---\nname: a\n{''.join(fields.values())}---\n" if draw(st.booleans()) else ""
    return head + "# A\n\n" + "".join(draw(st.lists(BLOCKS, max_size=8)))


def with_markers(ours: str, theirs: str) -> str:
    """Two texts as a two-way line merge leaves them."""
    left, right = ours.splitlines(keepends=True), theirs.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    parts = [
        "".join(left[a:b]) if kind == "equal" else conflict("".join(left[a:b]), "".join(right[c:d]))
        for kind, a, b, c, d in matcher.get_opcodes()
    ]
    return "".join(parts)


@settings(max_examples=60, deadline=None)
@given(documents(), documents())
def test_any_two_sides__nothing_is_lost_and_nothing_is_made_up(ours: str, theirs: str) -> None:
    text = with_markers(ours, theirs)
    found = take_apart(text, SHIPPED)
    if not found.hunks:
        return
    merged = combine_sides(text, SHIPPED)
    assert not missing(
        merged.text, parse(found.side("ours"), SHIPPED), parse(found.side("theirs"), SHIPPED), knowledge=SHIPPED
    )
    own = {line.strip() for line in (*ours.split("\n"), *theirs.split("\n"))}
    for name in ("ours", "theirs"):
        made_up = {line.strip() for line in take_apart(merged.text, SHIPPED).side(name).split("\n")} - own
        # Steps are counted anew.
        assert {line for line in made_up if not line[:1].isdigit()} == set()
    assert len(conflicts(merged.text, SHIPPED)) == len(merged.open_conflicts)
    assert combine_sides(text, SHIPPED).text == merged.text
