"""Signs that mean something are words, bullets are marks, and a run of such lines is one unit a line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmerge import parse
from agentmerge.errors import PolicyError
from agentmerge.knowledge import signs
from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import Unit, walk_sections, walk_units
from tests.laws import examples, require_laws
from tests.shipped import SHIPPED

MEANING = ["❌", "✗", "✘", "🚫", "⛔", "✅", "✓", "✔", "⚠", "⭐", "🔴", "🟡", "🟢", "🟠", "🔵", "👍", "❎", "🚨"]
STATES = [("☐", False), ("□", False), ("⬜", False), ("☑", True), ("☒", True)]
BULLETS = ["•", "‣", "◦", "▪", "→", "– ", "— ", "➤", "●", "· "]


def units(text: str, knowledge: Knowledge = SHIPPED) -> list[Unit]:
    return [place.unit for place in walk_units(parse(text, knowledge=knowledge).root)]


def read(text: str, knowledge: Knowledge = SHIPPED) -> list[tuple[str, int, str, str]]:
    return [(unit.kind, unit.line, unit.marker, unit.text) for unit in units(text, knowledge)]


@pytest.mark.parametrize("sign", MEANING)
@pytest.mark.parametrize(
    "form", ["{} Sync the clocks", "{}\ufe0f Sync the clocks", "{}Sync the clocks", "**{} Sync**: it"]
)
def test_sign_that_means_something__is_part_of_the_words(sign: str, form: str) -> None:
    line = form.format(sign)
    for text, marker in (
        (f"{line}\n{line}\n", ""),
        (f"- {line}\n", "-"),
        (f"3. {line}\n", "3."),
        (f"• {line}\n• b\n", "•"),
    ):
        first = units(text)[0]
        assert (first.kind, first.text, first.marker) == ("item", line, marker)
    assert [unit.text for unit in units(f"{line}\n")] == [line]


@pytest.mark.parametrize("bullet", BULLETS)
def test_bullet__is_a_mark(bullet: str) -> None:
    assert read(f"{bullet}Sync clocks\n{bullet}Read logs\n") == [
        ("item", 1, bullet.strip(), "Sync clocks"),
        ("item", 2, bullet.strip(), "Read logs"),
    ]


def test_dash_without_a_blank__is_no_mark() -> None:
    assert read("–5 degrees\n–7 degrees\n") == [("paragraph", 1, "", "–5 degrees\n–7 degrees")]


@pytest.mark.parametrize(("sign", "done"), STATES)
@pytest.mark.parametrize("selector", ["", "\ufe0e", "\ufe0f"])
def test_sign_of_a_task__gives_its_state_and_stays(sign: str, selector: str, *, done: bool) -> None:
    line = f"{sign}{selector} Docs written"
    for text in (
        f"{line}\n",
        f"- {line}\n",
        f"{line}\n{line}\n",
        f"• {line}\n• x\n",
        f"```\n{line}\n```\n",
        f"a:\n{line}\n",
    ):
        task = next(unit for unit in units(text) if unit.kind == "task")
        assert (task.text, task.checked) == (line, done)


def test_box_of_markdown__wins_over_a_sign_behind_it() -> None:
    (task,) = units("- [x] ❌ Skip the drill\n")
    assert (task.kind, task.checked, task.text) == ("task", True, "❌ Skip the drill")


def test_sign_without_words__is_text() -> None:
    assert read("✅\n\n☐\n\n- ❌\n") == [("paragraph", 1, "", "✅"), ("paragraph", 3, "", "☐"), ("item", 5, "-", "❌")]


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        ("❌ **Vague**: say it", "Vague"),
        ("⚠️ **Slow:** wait", "Slow"),
        ("🚫**No**", "No"),
        ("🚀 **Launch**: go", "Launch"),
        ("**✅ Fast**: go", "✅ Fast"),
        ("❌ plain **bold**", ""),
    ],
)
def test_lead__stands_behind_the_sign(text: str, lead: str) -> None:
    assert [unit.lead for unit in units(f"- {text}\n")] == [lead]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("## ❌ Don't\n\n- a\n", "❌ Don't"),
        ("### ✅ Good\n\na\n", "✅ Good"),
        ("❌ Don't:\n- a\n", "❌ Don't"),
        ("✅ **Do:**\n\n- a\n", "✅ Do"),
        ("🚫 **Never**\n- a\n", "🚫 Never"),
        ("**⚠️ Mind**\n\n- a\n", "⚠️ Mind"),
        ("✅ Do:\n• a\n• b\n", "✅ Do"),
    ],
)
def test_title__keeps_its_sign(text: str, title: str) -> None:
    assert [section.title for _, section in walk_sections(parse(text).root)] == [title]


def test_bold_sentence_behind_a_sign__is_a_statement() -> None:
    assert read("❌ **Push to main**\n\nText.\n")[0] == ("paragraph", 1, "", "❌ **Push to main**")


RUNS = {
    "below a plain line": ("Some words\n• a\n• b\n", "p1 i2 i3"),
    "below a label": ("Checks:\n• a\n• b\n", "i2 i3"),
    "below a label with a sign": ("❌ Never:\n• a\n• b\n", "i2 i3"),
    "one line below a label": ("Checks:\n❌ a\n", "i2"),
    "below words and a label": ("Intro.\nChecks:\n– a\n– b\n", "p1 i3 i4"),
    "before a plain line": ("❌ a\n✅ b\nand so on\n", "i1 i2 p3"),
    "two runs": ("x\n• a\n• b\ny\n→ c\n→ d\n", "p1 i2 i3 p4 i5 i6"),
    "numbers that begin late": ("x\n2. a\n3. b\n", "p1 i2 i3"),
    "under an ordered item": ("1. Check it\n   • a\n   • b\n2. Go\n", "i1 i2 i3 i4"),
    "two signs in one item": ("- ✅ a\n  ❌ b\n", "i1 i2"),
    "an item and a line": ("- ❌ a\n  because\n  ✅ b\n", "i1 i3"),
    "with a tail in an item": ("1. Check:\n   • a\n   • b\n   end\n", "i1 i2 i3 p4"),
    "in a quote": ("> Intro\n> ❌ a\n> ✅ b\n>\n> end\n", "q1 q2 q3 q5"),
    "in a quote of an item": ("- x\n\n  > ❌ a\n  > ✅ b\n", "i1 q3 q4"),
    "with hanging lines": ("• a\n  goes on\n• b\n", "i1 i3"),
    "notes": ("⚠️ a\n🚨 b\n", "i1 i2"),
    "with bold leads": ("**A**: x\n• b\n❌ c\n", "i1 i2 i3"),
    "one line is none": ("Some words\n• a\n", "p1"),
    "one line between others": ("Some words\n❌ a\nmore words\n", "p1"),
    "signs apart": ("❌ a\nwords\n✅ b\n", "p1"),
    "a box of a host": ("> [!WARNING]\n> ❌ a\n> ✅ b\n", "q1"),
}
"""Text to the first letter of each unit's kind, with its line."""


@pytest.mark.parametrize("name", RUNS)
def test_run__is_one_unit_a_line(name: str) -> None:
    text, expected = RUNS[name]
    assert " ".join(f"{unit.kind[0]}{unit.line}" for unit in units(text)) == expected
    require_laws(text)


def test_deeper_signs__are_nested() -> None:
    first, second = parse("• a\n   ◦ b\n     ▪ c\n   ◦ d\n• e\n").root.units
    assert [child.text for child in first.children] == ["b", "d"]
    assert [child.text for child in first.children[0].children] == ["c"]
    assert (second.text, second.children) == ("e", ())


def test_signs_nested_without_end__are_read() -> None:
    text = "".join(f"{'  ' * depth}• a\n" for depth in range(500))
    assert len(units(text)) == 500
    require_laws(text)


def test_hanging_line__goes_on_with_its_item() -> None:
    assert [unit.text for unit in units("❌ Skip\n   the drill\n✅ Sync\n")] == ["❌ Skip\nthe drill", "✅ Sync"]


LINE = st.builds(
    str.__add__,
    st.sampled_from(["", "", "- ", "1. ", "2. ", "> ", "   ", "  ", "    ", "> - ", "## "]),
    st.builds(
        str.__add__,
        st.sampled_from(["", "• ", "❌ ", "✅", "☐ ", "☑\ufe0f ", "🔴 ", "– ", "**❌ B** ", "[ ] ", "⚠️ ", "→ ", "🚀 "]),
        st.sampled_from(["a", "b c", "Label:", "**x**: y", "", "**Bold**", "d.", "```", "| a |"]),
    ),
)


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(LINE, max_size=9))
def test_laws__hold_for_lines_with_signs(lines: list[str]) -> None:
    require_laws("\n".join(lines) + "\n")


def test_own_sign__is_read_with_the_meaning_it_is_given() -> None:
    own = Knowledge({"signs": {"meaning": {"🧨": "forbid", "✅": "note", "☞": "mark"}}})
    assert read("☞ a\n☞ b\n", own)[0] == ("item", 1, "☞", "a")
    known = signs.of(own)
    assert (known.own("🧨 Push").force, known.own("✅ Push").force) == ("forbid", "")


def test_meaning_that_does_not_exist__is_refused() -> None:
    with pytest.raises(PolicyError, match="'🧨'"):
        parse("🧨 Push\n", knowledge=Knowledge({"signs": {"meaning": {"🧨": "forbidden"}}}))
