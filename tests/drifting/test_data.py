"""Fenced YAML and JSON are compared by what they hold: style is no content, and a change is told by its path."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmerge import diff, drift, parse
from agentmerge.drifting.records import PairDrift
from agentmerge.matching.records import canonical, data_changes
from agentmerge.model import Unit
from tests.laws import examples

BLOCK = "run: nightly\nlimits:\n  retries: 3\n  hosts: [alpha, beta]\n  note: |\n    first\n    second\nowner: 'Mei'\n"


FLOW = '{owner: Mei, run: "nightly", limits: {note: "first\\nsecond\\n", hosts: [alpha, beta], retries: 3}}'


def _definition(text: str, language: str = "yaml") -> str:
    return f"# Reporter\n\nYou write reports.\n\n## Output\n\n```{language}\n{text.rstrip()}\n```\n"


def _pair(old: str, new: str, language: str = "yaml", other: str = "") -> PairDrift:
    return drift([parse(_definition(old, language)), parse(_definition(new, other or language))]).pairs[0]


def _unit(text: str, language: str = "yaml") -> Unit:
    return next(unit for unit in parse(_definition(text, language)).root.sections[0].sections[0].units)


@pytest.mark.parametrize(
    ("old", "new", "language"),
    [
        (BLOCK, FLOW, "yaml"),
        (BLOCK, BLOCK.replace("[alpha, beta]", "\n    - alpha\n    - 'beta'"), "yaml"),
        (BLOCK, BLOCK.replace("    ", "      ").replace("  retries", "    retries").replace("  hosts", "    hosts")
         .replace("\n  note", "\n    note"), "yaml"),
        ("a: 1 # one\nb: 2", "{b: 2, a: 1} # one", "yml"),
        ("text: >\n  two\n  words\n", 'text: "two words\\n"', "yaml"),
        ("a: {}\nb: []\nc:", "c: null\nb: [ ]\na: { }", "yaml"),
        ("- a: 1\n  b: 2\n- c", "[{b: 2, a: 1}, c]", "yaml"),
        ('{"a": 1, "b": {"c": [1, 2]}}', '{\n  "b": {"c": [1,\n 2]},\n  "a": 1\n}', "json"),
        ('{"a": "\\u0041"}', '{ "a": "A" }', "json"),
        ('{"a": 1, // first\n "b": 2}', '{"b": 2,\n "a": 1, // first\n}', "jsonc"),
        ('{"a": "x // y", /* k */ "b": 2}', '{/* k */ "b": 2, "a": "x // y"}', "jsonc"),
    ],
)  # fmt: skip
def test_style__is_no_content(old: str, new: str, language: str) -> None:
    for before, after in ((old, new), (new, old)):
        pair = _pair(before, after, language)
        assert (pair.klass, pair.findings) == ("cosmetic", ())
        changes = list(diff(parse(_definition(before, language)), parse(_definition(after, language))))
        assert [(change.kind, change.note) for change in changes] == [
            ("unit-restyled", "the same data in another style")
        ]


@pytest.mark.parametrize(
    ("old", "new", "note", "rules"),
    [
        ("version: 1.1", "version: 1.10", "version: 1.1 -> 1.10", ["threshold-changed"]),
        ("n: 31", "n: 0x1F", "n: 31 -> 0x1F", ["threshold-changed"]),
        ("n: 1", "n: '1'", 'n: 1 -> "1"', ["statement-changed"]),
        ("on: true", "on: 'true'", 'on: true -> "true"', ["statement-changed"]),
        (BLOCK, BLOCK.replace("retries: 3", "retries: 5"), "limits.retries: 3 -> 5", ["threshold-changed"]),
        (BLOCK, BLOCK.replace("  retries: 3\n", ""), "limits.retries removed", ["contract-changed"]),
        ("a: 1\nb: 2", "a: 1\nc: 2", "b removed; c added: 2", ["contract-changed"]),
        ("a: [x, y]", "a: [y, x]", "a.0: x -> y; a.1: y -> x", ["statement-changed"]),
        ("a: 1 # needed", "{a: 1} # optional", "", ["statement-changed"]),
        ("run: nightly\nowner: Mei", "owner: Tom\nrun: nightly", "owner: Mei -> Tom", ["statement-changed"]),
    ],
)  # fmt: skip
def test_change__is_told_by_its_path(old: str, new: str, note: str, rules: list[str]) -> None:
    changes = list(diff(parse(_definition(old)), parse(_definition(new))))
    assert [(change.kind, change.note) for change in changes] == [("unit-reworded", note)]
    assert [finding.rule for finding in _pair(old, new).findings] == rules


def test_key__is_told_by_its_path_whatever_the_style() -> None:
    findings = _pair(BLOCK, FLOW.replace("retries", "attempts")).findings
    assert [finding.message for finding in findings] == [
        "keys of a data block: limits.retries is gone; limits.attempts is new"
    ]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("a: [1,\nb: 2", "yaml"),
        ("a: {{ name }}", "yaml"),
        ("a: 1\na: 2", "yaml"),
        ("--- \na: 1\n---\nb: 2", "yaml"),
        ("just words", "yaml"),
        ("a: !!python/object x", "yaml"),
        ('{"a": 1, "a": 2}', "json"),
        ('{"a": ...}', "json"),
        ('{"a": 1,}', "json"),
        ("[" * 5000, "json"),
        ("a: 1", "python"),
        ("a: &x [*x]", "yaml"),
    ],
)
def test_what_cannot_be_read__stays_text(text: str, language: str) -> None:
    assert canonical(_unit(text, language)) is None


def test_keys_of_blocks_that_one_reader_refuses__are_read_alike() -> None:
    broken = BLOCK.replace("owner: 'Mei'", "owner: {{ owner }}")
    assert [finding.message for finding in _pair(BLOCK, broken).findings] == [
        "'owner: 'Mei'' became 'owner: {{ owner }}'"
    ]
    gone = _pair(broken, broken.replace("  retries: 3\n", "")).findings
    assert [finding.message for finding in gone] == ["keys of a data block: limits.retries is gone"]


def test_format__is_content() -> None:
    assert canonical(_unit("a: 1", "yaml")) == canonical(_unit("{a: 1}", "yml"))
    assert canonical(_unit('{"a": 1}', "yaml")) != canonical(_unit('{"a": 1}', "json"))
    assert canonical(_unit('{"a": 1}', "jsonc")) == canonical(_unit('{"a": 1}', "json"))


def test_blocks_that_changed_places__keep_their_partners() -> None:
    one, two = "```yaml\na: 1\nb: 2\n```", "```yaml\na: 1\nb: 3\n```"
    old, new = f"# R\n\n{one}\n\n{two}\n", "# R\n\n```yaml\n{b: 3, a: 1}\n```\n\n```yaml\n{b: 2, a: 1}\n```\n"
    assert {change.kind for change in diff(parse(old), parse(new))} == {"unit-reordered", "unit-restyled"}


KEYS = st.text("abc", min_size=1, max_size=3)
VALUES = st.recursive(
    st.one_of(st.integers(-99, 99), st.booleans(), st.none(), st.text("ab #:'\"", max_size=6)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
@settings(max_examples=examples(100), deadline=None)
def test_any_data__is_the_same_in_every_layout(data: dict[str, object]) -> None:
    turned = dict(reversed(data.items()))
    for language in ("json", "yaml"):
        plain, wide = _unit(json.dumps(data), language), _unit(json.dumps(turned, indent=3), language)
        assert canonical(plain) is not None
        assert canonical(plain) == canonical(wide)
        assert data_changes(plain, wide) == []
