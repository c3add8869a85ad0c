"""Laws about order: swapped sides swap only what stands inside conflicts; independent edits come in any order."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from agentmerge.merging import take_apart
from agentmerge.merging.markers import Hunk
from tests.laws import examples
from tests.merging.test_laws import merged, triples

NAMES = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi".split()  # noqa: SIM905
TITLES = ("Rules", "Workflow", "Output", "Limits")
FRONT = ["---", "name: x", "model: opus", "tools: Read, Grep", "color: red", "---", "", "# T", ""]


@given(triples())
@settings(max_examples=examples(150), deadline=None)
def test_swapped_sides__swap_only_the_sides_inside_conflicts(texts: tuple[str, str, str]) -> None:
    base, ours, theirs = texts
    there = take_apart(merged(base, ours, theirs).text.rstrip("\n"))
    back = take_apart(merged(base, theirs, ours).text.rstrip("\n"))
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
