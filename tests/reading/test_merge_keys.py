"""YAML's merge key and aliases: what they bring in counts as if it stood there, and the author's bytes stay."""

from __future__ import annotations

from typing import Any

import pytest

from agentmerge import combine, drift, parse
from agentmerge.model import Definition
from agentmerge.reading.yamlio import load
from agentmerge.rights import reading
from agentmerge.writing.formatting import format_definition
from tests.laws import require_laws
from tests.shipped import SHIPPED

DEFAULTS = "base: &base\n  model: sonnet\n  tools: [Read, Bash]\n"
FORMS = {
    "merge key": f"{DEFAULTS}<<: *base\n",
    "list of mappings": f"other: &other\n  model: opus\n{DEFAULTS}<<: [*base, *other]\n",
    "written in place": "<<: {model: sonnet, tools: [Read, Bash]}\n",
    "one that is merged itself": f"{DEFAULTS}more: &more\n  <<: *base\n  color: red\n<<: *more\n",
    "own value first": f"{DEFAULTS}<<: *base\nmodel: sonnet\n",
    "alias": "list: &list [Read, Bash]\nmodel: sonnet\ntools: *list\n",
}


def _file(fields: str) -> Definition:
    return parse(f"---\nname: a\n{fields}description: Reviews\n---\n# A\n\n- Never push\n", filename="a.md")


@pytest.mark.parametrize("form", FORMS)
def test_what_it_brings_in__is_read(form: str) -> None:
    definition = _file(FORMS[form])
    require_laws(definition.text)
    values = [reading.in_force(definition, key) for key in ("model", "tools")]
    assert [field.value for field in values if field is not None] == ["sonnet", ("Read", "Bash")]
    assert "tools-absent" not in {note.code for note in definition.diagnostics}


@pytest.mark.parametrize("form", FORMS)
def test_fmt__keeps_every_byte(form: str) -> None:
    definition = _file(FORMS[form])
    assert format_definition(definition, SHIPPED).text == definition.text


@pytest.mark.parametrize("form", FORMS)
def test_drift__sees_a_wider_list(form: str) -> None:
    files = [_file(FORMS[form]), _file(FORMS[form].replace("Bash]", "Bash, Write]"))]
    for pair, rule in ((files, "permission-widened"), (files[::-1], "permission-narrowed")):
        (found,) = drift(pair, summary=False).pairs
        assert rule in {one.rule for one in found.findings}


@pytest.mark.parametrize("form", FORMS)
def test_drift__of_what_stands_there_itself_says_nothing_of_rights(form: str) -> None:
    files = [_file(FORMS[form]), _file("model: sonnet\ntools: [Read, Bash]\n")]
    for pair in (files, files[::-1]):
        (found,) = drift(pair, summary=False).pairs
        assert not {one.rule for one in found.findings if one.severity != "info"}


@pytest.mark.parametrize("form", FORMS)
def test_combine__writes_it_out(form: str) -> None:
    other = parse("---\nname: a\ntools: [Read, Bash, Grep]\nmodel: sonnet\n---\n# A\n\n- Never push\n")
    for pair in ([_file(FORMS[form]), other], [other, _file(FORMS[form])]):
        merged = combine(pair)
        result = parse(merged.text)
        assert "<<" not in merged.text
        fields = [field for key in ("model", "tools") if (field := result.field(key)) is not None]
        assert [field.value for field in fields] == ["sonnet", ("Read", "Bash")]
        told = {notice.rule for notice in merged.findings}
        assert ("merge-key-written-out" in told) == ("\n<<:" in f"\n{FORMS[form]}")
        rows = {row.source.line for row in merged.ledger if row.source.kind == "field"}
        assert {field.line for one in pair for field in one.fields} <= rows


def test_a_quoted_key__is_none() -> None:
    definition = _file('"<<": {tools: [Read]}\n')
    assert definition.field("tools") is None
    assert load('a: {"<<": {b: 1}}') == {"a": {"<<": {"b": 1}}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}", {"x": 1, "y": 3}),
        ("a: &a {x: 1}\nb: {y: 3, <<: *a}", {"y": 3, "x": 1}),
        ("a: [&a {x: 1, y: 1}, &b {x: 2, z: 2}]\nb: {<<: [*a, *b]}", {"x": 1, "y": 1, "z": 2}),
        ("a: 1\nb: {<<: text}", {"<<": "text"}),
    ],
)
def test_a_value__has_what_is_merged_into_it(text: str, value: object) -> None:
    found: Any = load(text)
    assert found["b"] == value


def test_a_mapping_merged_into_itself__ends() -> None:
    assert load("b: &b {x: 1, <<: *b}") == {"b": {"x": 1}}


def test_merges_of_merges__do_not_multiply() -> None:
    rows = ["m0: &m0 {k: v}", *(f"m{n}: &m{n} {{<<: [*m{n - 1}, *m{n - 1}]}}" for n in range(1, 60))]
    found: Any = load("\n".join(rows))
    assert found["m59"] == {"k": "v"}
