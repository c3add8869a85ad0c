"""The short way of reading simple frontmatter: it must read what the YAML library reads, or stand aside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmerge.reading.yamlio import YamlError, library_entries, resolve, simple_entries

VALUES = st.text(alphabet="abZ019 .,()/-+_'\"#:?[]{}~é", max_size=12)
LINES = st.one_of(
    st.tuples(st.sampled_from(["name", "tools", "x-1"]), VALUES).map(lambda pair: f"{pair[0]}: {pair[1]}"),
    VALUES.map(lambda value: f"  - {value}"),
    VALUES.map(lambda value: f"- {value}"),
    st.sampled_from(["skills:", "model:", "", "  more text", "# note", "on: yes", "n: null", "t: 1e3"]),
)


def same_as_library(text: str) -> bool:
    simple = simple_entries(text, resolve)
    if simple is None:
        return True
    found = library_entries(text)
    return [(e.key, e.line, e.value, e.text, e.style, e.repeated) for e in simple] == [
        (e.key, e.line, e.value, e.text, e.style, e.repeated) for e in found
    ]


@given(st.lists(LINES, max_size=6).map("\n".join))
def test_simple_text__reads_as_the_library_reads_it(text: str) -> None:
    try:
        assert same_as_library(text)
    except YamlError:
        pytest.fail(f"the library refuses {text!r}")


@pytest.mark.parametrize(
    "text",
    ["name: x\ntools: Read, Bash\n", 'color: "#fff"\nskills:\n  - one\n  - two\n', "on: yes\nn: 012\nb: true\n"],
)
def test_simple_text__is_read_the_short_way(text: str) -> None:
    assert simple_entries(text, resolve) is not None
    assert same_as_library(text)


@pytest.mark.parametrize(
    "text", ["a: b: c\n", "a: x # y\n", "a: |\n  b\n", "a: [b]\n", "a: *b\n", "a: b\n  c\n", "a:\n"]
)
def test_anything_else__is_left_to_the_library(text: str) -> None:
    assert simple_entries(text, resolve) is None
