"""Text on a terminal: whatever stands in a file, it neither steers the terminal nor hides."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmerge.reading.parsing import parse
from agentmerge.text.lines import may_hide, suspects
from agentmerge.views.paint import Paint, one_line, safe
from agentmerge.views.show import show_text
from tests.shipped import SHIPPED

ESCAPE = "\x1b[31m\x1b]0;title\x07\x1b]8;;http://evil\x1b\\\x9b2J\x90q\x9c"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("a\rb", "a\\x0db"),
        ("\x07\x00\x7f\x9b", "\\x07\\x00\\x7f\\x9b"),
        ("\u202eabc", "<U+202E>abc"),
        ("no\u200bthing", "no<U+200B>thing"),
        ("\U000e0041", "<U+E0041>"),
        ("\ufeff", "<U+FEFF>"),
        ("\ud800", "<U+D800>"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("👩\u200d💻 日本 é", "👩\u200d💻 日本 é"),
    ],
)
def test_safe(text: str, shown: str) -> None:
    assert safe(text) == shown


@given(st.text())
def test_safe__leaves_no_control_character(text: str) -> None:
    left = safe(text)
    assert not {char for char in left if unicodedata.category(char) == "Cc"} - {"\n", "\t"}
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\U000e0000-\U000e0fff]", left.replace("\U0001f3f4", ""))


@given(st.text(), st.integers(5, 40))
def test_one_line__is_one_and_no_longer_than_asked(text: str, width: int) -> None:
    line = one_line(text, width)
    assert len(line) <= width
    assert "\n" not in line


@pytest.mark.parametrize("enabled", [False, True])
def test_show__escapes_every_part_of_a_file(enabled: bool) -> None:
    text = (
        f"---\nname: {ESCAPE}\n{ESCAPE}: x\nx{ESCAPE}: y\n---\n# H{ESCAPE}\n\n**B{ESCAPE}**\n\n- i{ESCAPE}\n"
        f"```{ESCAPE}\nc{ESCAPE}\n```\n\n> q{ESCAPE}\n\n<p>{ESCAPE}\n\n| {ESCAPE} |\n|---|\n\n<<<<<<< {ESCAPE}\n"
    )
    shown = show_text(parse(text, SHIPPED, filename=f"f{ESCAPE}.md"), Paint(enabled=enabled), SHIPPED)
    own = re.compile(r"\x1b\[[0-9;]*m")
    left = own.sub("", shown) if enabled else shown
    assert not {char for char in left if unicodedata.category(char) == "Cc"} - {"\n"}
    assert "]0;title" in left


def test_may_hide__every_character_that_the_pattern_finds() -> None:
    found = [char for char in map(chr, range(0x110000)) if suspects().match(char)]
    assert [char for char in found if not may_hide(f"plain {char} words")] == []
    assert not may_hide("Plain words: “quoted” — über, 中文, ✅\n\tand a tab")
