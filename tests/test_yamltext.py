"""The YAML writer: what it writes, readers of both versions read back as the same value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from agentmerge.model import Value
from agentmerge.reading import yamlio
from agentmerge.reading.yamlio import MAX_FLOW, comment, field_text, quoted, scalar

TRAPS = [
    *("", " ", " x", "x ", "~", "null", "Null", "yes", "No", "ON", "off", "y", "N", "true", "FALSE", "none"),
    *("12", "012", "0o14", "0x1F", "0b1", "1_000", "1.5", ".5", "1e3", "1e+22", ".inf", "-.INF", ".nan", "+1", "-1"),
    *("12:30", "1:30:00", "190:20:30", "2001-12-14", "2001-12-14T21:59:43Z", "2001-12-14 21:59:43.10 -5", "=", "<<"),
    *("*", "*.ts", "**/*.ts", "@file", "`code`", "%x", "!important", "&anchor", "{{x}}", "[a] [b]", "- x", "-x", "---"),
    *("...", "? a", "?a", ": x", ":x", "| x", "> x", "'x'", '"x"', "#fff", "#", ", x", "] x"),
    *("a: b", "a:", "a:b", "a #b", "a#b", "fix issue #12", "a, b", "Read, Bash(git add:*)", "a\tb", "a\\nb", 'say "x"'),
    *("a\nb", "a\n", "\na", "a\n\n", "\n", "a\r\nb", "a\rb", "  a\n b", "\ta\nb", "a\n \nb", "a\n---\nb", "x\n# y: z"),
    *(
        "\x00",
        "\x1b[31m",
        "\x7f",
        "\x85",
        "\xa0",
        "\u2028",
        "\ufeff",
        "\u202eabc",
        "\U000e0041",
        "日本語: 語",
        "🔒 x",
        "é",
    ),
]

STYLES = ["", "plain", "literal", "folded", "block", "flow", "double", "recovered"]


def readers() -> list[Any]:
    found = []
    for version in ((1, 1), (1, 2)):
        reader = YAML(typ="safe", pure=True)
        reader.version = version
        found.append(reader)
    return found


READERS = readers()


def test_readers__differ_where_the_versions_do() -> None:
    assert [reader.load("yes") for reader in READERS] == [True, "yes"]


def plain(value: Value) -> Any:
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, tuple) else value


@pytest.mark.parametrize("text", TRAPS)
def test_scalar__reads_back_in_both_versions(text: str) -> None:
    for written in (f"key: {scalar(text)}\nnext: 1\n", f"key: {quoted(text)}\nnext: 1\n"):
        assert [reader.load(written) for reader in READERS] == [{"key": text, "next": 1}] * 2
        assert "\n" not in written[:-1].removesuffix("\nnext: 1")


@pytest.mark.parametrize("text", TRAPS)
def test_scalar__reads_back_in_a_flow_list(text: str) -> None:
    written = f"key: [{scalar(text, flow=True)}, b]\n"
    assert [reader.load(written) for reader in READERS] == [{"key": [text, "b"]}] * 2


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("text", TRAPS)
def test_field__reads_back_in_every_style(text: str, style: str) -> None:
    for value in (text, (text, "b"), {"a": text}, {text or "x": (text,)}):
        written = field_text("key", value, style) + "next: 1\n"
        assert [reader.load(written) for reader in READERS] == [{"key": plain(value), "next": 1}] * 2


@pytest.mark.parametrize(
    "text", ["Reviews code.", "Read, Grep, Bash", "it's", "a (b) c", "gpt-5", "v1.2", "C# code", "é"]
)
def test_harmless_text__stays_plain(text: str) -> None:
    assert scalar(text) == text


def test_field__shapes() -> None:
    assert field_text("model", "opus") == "model: opus\n"
    assert field_text("tools", ("Read", "Bash(git add:*)")) == 'tools: [Read, "Bash(git add:*)"]\n'
    assert field_text("tools", ()) == "tools: []\n"
    assert field_text("tools", ("a", "b"), "block") == "tools:\n  - a\n  - b\n"
    assert field_text("tools", ("a" * MAX_FLOW,)) == f"tools:\n  - {'a' * MAX_FLOW}\n"
    assert field_text("metadata", {"a": {"b": 1}, "c": ({"d": True, "e": None},)}) == (
        "metadata:\n  a:\n    b: 1\n  c:\n    - d: true\n      e:\n"
    )
    assert field_text("description", "one\n\n  two", "literal") == "description: |-\n  one\n\n    two\n"
    assert field_text("description", "one\ntwo") == 'description: "one\\ntwo"\n'
    assert field_text("x", None) == "x:\n"
    assert field_text("yes", value=False) == '"yes": false\n'


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.sampled_from(TRAPS),
)
KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4).map(tuple) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(KEYS, VALUES, st.sampled_from(STYLES))
def test_field__any_value_reads_back(key: str, value: Value, style: str) -> None:
    written = field_text(key, value, style)
    assert written.endswith("\n")
    assert "\r" not in written
    assert [reader.load(written) for reader in READERS] == [{key: plain(value)}] * 2


@given(KEYS, VALUES, st.sampled_from(STYLES))
def test_field__our_own_reader_agrees(key: str, value: Value, style: str) -> None:
    (entry,) = yamlio.entries(field_text(key, value, style))
    assert entry.key == key
    assert plain(entry.value) == plain(value)


@pytest.mark.parametrize("text", TRAPS)
def test_comment__is_none_of_the_values(text: str) -> None:
    written = f"{comment(text)}\nkey: 1\n"
    assert [reader.load(written) for reader in READERS] == [{"key": 1}] * 2
    assert len(written.splitlines()) == 2


def test_field__numbers_without_a_value() -> None:
    for number in (math.inf, -math.inf):
        assert [reader.load(field_text("x", number)) for reader in READERS] == [{"x": number}] * 2
