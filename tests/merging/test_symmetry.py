"""Laws of units that nothing else looks like: swapped sides, edits in any order, what stays and what goes."""

from __future__ import annotations

import re
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from agentmerge.merging.checking import MIN_REPEATED
from agentmerge.text.markers import Hunk, take_apart
from tests.laws import examples
from tests.merging.test_laws import merged, triples
from tests.shipped import SHIPPED

NAMES = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi".split()  # noqa: SIM905
TITLES = ("Rules", "Workflow", "Output", "Limits")
FRONT = ["---", "name: x", "model: opus", "tools: Read, Grep", "color: red", "---", "", "# T", ""]


@given(triples())
@settings(max_examples=examples(150), deadline=None)
def test_swapped_sides__swap_only_the_sides_inside_conflicts(texts: tuple[str, str, str]) -> None:
    base, ours, theirs = texts
    there = take_apart(merged(base, ours, theirs).text.rstrip("\n"), SHIPPED)
    back = take_apart(merged(base, theirs, ours).text.rstrip("\n"), SHIPPED)
    assert [(part.ours, part.theirs) if isinstance(part, Hunk) else part for part in there.parts] == [
        (part.theirs, part.ours) if isinstance(part, Hunk) else part for part in back.parts
    ]


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A definition, and three versions of it with one unit edited, each another one."""
    names = iter(draw(st.permutations(NAMES)))
    lines = list(FRONT)
    for title in TITLES[: draw(st.integers(2, 4))]:
        items = [f"- {next(names)} is what {title} asks for" for _ in range(draw(st.integers(2, 4)))]
        lines += [f"## {title}", "", *items, ""]
    units = [n for n, line in enumerate(lines) if line.startswith(("- ", "model", "tools", "color"))]
    chosen = draw(st.lists(st.sampled_from(units), min_size=3, max_size=3, unique=True))
    kinds = draw(st.lists(st.sampled_from(["change", "add", "remove"]), min_size=3, max_size=3))
    return "\n".join(lines), [_edited(lines, *edit) for edit in zip(chosen, kinds, ("uno", "dos", "tres"), strict=True)]


def _edited(lines: list[str], at: int, kind: str, word: str) -> str:
    line = lines[at]
    if line.startswith("tools"):
        new = [f"{line}, {word}"]
    elif not line.startswith("- "):
        new = [f"{line.split(':')[0]}: {word}"]
    else:
        new = {"change": [f"{line} {word}"], "add": [line, f"- {word} was put in"], "remove": []}[kind]
    return "\n".join([*lines[:at], *new, *lines[at + 1 :]])


@given(edits())
@settings(max_examples=examples(100), deadline=None)
def test_independent_edits__never_conflict_and_come_in_any_order(made: tuple[str, list[str]]) -> None:
    base, versions = made
    results = set()
    for one, two, three in permutations(versions):
        both = merged(base, one, two)
        assert not both.open_conflicts
        every = merged(base, both.text, three)
        assert not every.open_conflicts
        results.add(every.text)
    assert len(results) == 1


@st.composite
def distinct(draw: st.DrawFn) -> tuple[str, str, str]:
    """Three versions made of lines without a word in common, some of them deleted, reworded or moved on each side."""
    names = iter(draw(st.permutations(NAMES + [f"{name}ist" for name in NAMES])))
    lines = list(FRONT)
    for title in TITLES[: draw(st.integers(1, 3))]:
        lines += [f"## {title}", ""]
        for kind in draw(st.lists(st.sampled_from(["item", "nested", "step", "row", "words"]), min_size=1, max_size=5)):
            one, two, three = (next(names, "omega") for _ in range(3))
            lines += {
                "item": [f"- {one} {two} {three}"],
                "nested": [f"- {one} {two} {one}s", f"  - {three} {three}s {two}s"],
                "step": [f"1. {one} {two} {three}"],
                "row": ["", f"| {one} | {one}s |", "|---|---|", f"| {two} | {two}s |", f"| {three} | {three}s |", ""],
                "words": ["", f"{one} {two} {one}s", f"{three} {three}s {two}s.", ""],
            }[kind]
        lines.append("")
    return "\n".join(lines), draw(_changed(lines)), draw(_changed(lines))


@st.composite
def _changed(draw: st.DrawFn, lines: list[str]) -> str:
    made = list(lines)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(len(FRONT), len(made) - 1))
        kind = draw(st.sampled_from(["delete", "reword", "move"]))
        if kind == "delete":
            del made[at]
        elif kind == "move":
            made.insert(draw(st.integers(len(FRONT), len(made) - 1)), made.pop(at))
        elif made[at].endswith("s |"):
            made[at] = made[at].replace("s |", f"{draw(st.sampled_from('abc'))} |")
        elif made[at].strip() and not made[at].startswith(("#", "|")):
            made[at] += f" {draw(st.sampled_from('abc'))}"
    return "\n".join(made)


def _bare(text: str) -> set[str]:
    """Visible lines, without the numbers that a merge may count anew."""
    return {re.sub(r"^\d+[.] ", "", line.strip()) for line in text.split("\n") if line.strip()}


@given(distinct())
@settings(max_examples=examples(200), deadline=None)
def test_clean_result__lines_stay_and_go_as_the_sides_have_it(texts: tuple[str, str, str]) -> None:
    result = merged(*texts)
    base, ours, theirs = map(_bare, texts)
    found = _bare(result.text)
    assert (ours & theirs) - found == set()
    if not result.open_conflicts:
        gone = {line for line in base - (ours & theirs) if len(line) >= MIN_REPEATED}
        assert gone & found == set()
