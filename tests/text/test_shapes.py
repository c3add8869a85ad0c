"""The required shape of an answer, written as JSON here and as an object in code there."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmerge import align, parse
from agentmerge.matching.records import Group
from agentmerge.text.shapes import Block, agree, disagreement, literals, shapes

JSON = Block('{"data": [], "meta": {"page": 1, "total": 2}, "error": null}', "json")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("js", "res.json({ data: [], meta: { page: 1, total: 2 }, error: null })"),
        ("ts", "interface Answer {\n  data: Item[];\n  meta: { page: number; total: number };\n  error: null\n}"),
        (
            "python",
            'return {\n    "data": [],  # rows\n    "meta": {"page": 1, "total": len(rows)},\n    "error": None,\n}',
        ),
        ("typescript", "const answer = {data: [...rows], meta: {page, total}, ...rest}"),
    ],
)
def test_literal__of_the_same_shape_disagrees_with_nothing(language: str, text: str) -> None:
    assert disagreement(JSON, Block(text, language)) is None
    assert disagreement(Block(text, language), JSON) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("js", "res.json({ data: {}, meta: { page: 1, total: 2 }, error: null })"),
        ("ts", "type Answer = { data: Record; meta: { page: string; total: number }; error: null }"),
        ("py", 'answer = {"data": [], "meta": {"page": 1}, "error": None}'),
    ],
)
def test_literal__of_another_shape_names_the_path(language: str, text: str) -> None:
    found = disagreement(JSON, Block(text, language))
    assert found is not None
    assert found[0] in found[1]
    assert agree(JSON, Block(text, language)) is False


def test_literal__agrees_where_every_type_does() -> None:
    assert agree(JSON, Block("x = { data: [], meta: { page: 1, total: count() }, error: null }", "js"))


@pytest.mark.parametrize("language", ["css", "go", "bash", "rust"])
def test_other_languages__have_no_literals(language: str) -> None:
    assert disagreement(JSON, Block("{ data: {}; meta: 1; error: 2 }", language)) is None


def test_two_literals__are_not_compared() -> None:
    left, right = Block("f({ a: 1, b: 2, c: 3 })", "js"), Block("f({ a: 1, b: 'x', d: 3 })", "js")
    assert disagreement(left, right) is None


def test_block__disagrees_with_no_copy_of_itself() -> None:
    both = Block('{"data": [], "meta": {}}\n\n{"data": {}, "meta": {}}', "json")
    assert disagreement(both, both) is None


@pytest.mark.parametrize(
    "text", ["", "{", "{}", "{ a }", "function f() { return x }", "{ 'a: 1 }", "{a: [", "{" * 200, "{a:" * 200]
)
def test_anything_else__is_no_literal(text: str) -> None:
    assert list(literals(text)) == []


@given(st.text(alphabet="{}[]():,;'\"`ab1 \n=>/*#.", max_size=80))
@settings(max_examples=200, deadline=None)
def test_reading__ends_for_any_text(text: str) -> None:
    for paths in literals(text):
        assert all(isinstance(kind, str) for kind in paths.values())


KEYS = st.sampled_from(["data", "meta", "error", "a-b", "x1"])
VALUES = st.recursive(
    st.one_of(st.integers(), st.booleans(), st.none(), st.sampled_from(["", "a, b", "it's", 'a "b" {c', "x]"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4), st.sampled_from([None, 2]))
@settings(max_examples=100, deadline=None)
def test_json__is_read_alike_by_both_readers(document: dict[str, object], indent: int | None) -> None:
    text = json.dumps(document, indent=indent)
    assert list(literals(text)) == [dict(shape) for shape in shapes(text)]


def test_reading__stays_quick_for_what_opens_and_never_closes() -> None:
    start = time.process_time()
    for text in ("{a: (" * 5000, '{"a": [' * 5000, "{a: b " * 5000):
        list(literals(text))
    assert time.process_time() - start < 5


def test_definitions__contradict_by_the_path() -> None:
    def body(fence: str) -> str:
        return f"---\nname: api\n---\n\n# Api\n\n## Response format\n\n{fence}\n"

    first = body('```json\n{"success": true, "data": [], "meta": {"page": 1}}\n```')
    second = body("```js\nreturn { success: true, data: {}, meta: { page: 1 } }\n```")
    groups: list[Group] = [g for g in align([parse(first), parse(second)]).units if g.relation == "contradicts"]
    assert [group.slot for group in groups] == ["data"]
