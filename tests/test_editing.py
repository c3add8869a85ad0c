"""Edits: the bytes that they name and no other, read back, or refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmerge import AgentMergeError, Definition, EditError, insert, parse, remove, replace, set_field
from agentmerge.model import Unit, walk_sections, walk_units
from agentmerge.writing.editing import Edit, edited
from tests.strategies import definitions

TEXT = """---
name: a
# why these
tools: Read, Bash  # few
description: >
  folded
  text
skills:
  - one # first
  - two
---

# A

- one
  - deep
- two

## B

Text here
wraps.

```sh
ls
```
"""
DEFINITION = parse(TEXT, filename="a.md")


def units(definition: Definition) -> list[Unit]:
    return [place.unit for place in walk_units(definition.root)]


@pytest.mark.parametrize(
    ("key", "value", "old", "new"),
    [
        ("name", "b", "name: a\n", "name: b\n"),
        ("tools", ["Read"], "tools: Read, Bash  # few\n", "tools: Read  # few\n"),
        ("tools", [], "tools: Read, Bash  # few\n", "tools: []  # few\n"),
        ("tools", "Grep", "tools: Read, Bash  # few\n", "tools: Grep  # few\n"),
        ("description", "Short: yes", "description: >\n  folded\n  text\n", 'description: "Short: yes"\n'),
        ("skills", ("two",), "skills:\n  - one # first\n  - two\n", "# first\nskills:\n  - two\n"),
        ("maxTurns", 5, "  - two\n---\n", "  - two\nmaxTurns: 5\n---\n"),
        ("version", "1.10", "  - two\n---\n", '  - two\nversion: "1.10"\n---\n'),
        ("background", True, "  - two\n---\n", "  - two\nbackground: true\n---\n"),
        ("model", None, "  - two\n---\n", "  - two\nmodel:\n---\n"),
        ("hooks", {"a": ["b"]}, "  - two\n---\n", "  - two\nhooks:\n  a: [b]\n---\n"),
    ],
)
def test_field__is_set_and_nothing_else_moves(key: str, value: Any, old: str, new: str) -> None:
    assert old in TEXT
    assert set_field(DEFINITION, key, value).text == TEXT.replace(old, new)


def test_field__with_its_value_stays() -> None:
    assert set_field(DEFINITION, "name", "a") is DEFINITION


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("# A\n", "---\nmodel: x\n---\n\n# A\n"),
        ("", "---\nmodel: x\n---\n"),
        ("---\n---\n# A\n", "---\nmodel: x\n---\n# A\n"),
        ("\ufeff# A\r\n\r\nx\r\n", "\ufeff---\r\nmodel: x\r\n---\r\n\r\n# A\r\n\r\nx\r\n"),
        ("---\nmodel: y", "---\nmodel: y"),
    ],
)
def test_file_without_the_field(text: str, wanted: str) -> None:
    definition = parse(text)
    if wanted == text:
        with pytest.raises(EditError, match="not one that every reader finds"):
            set_field(definition, "model", "x")
    else:
        assert set_field(definition, "model", "x").text == wanted


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("---\nname: a: b\n---\n# A\n", "run `agentmerge fmt` first"),
        ("+++\nname = 'a'\n+++\n# A\n", "TOML"),
        ("---\nname: a\n{% if x %}\nmodel: y\n{% endif %}\n---\n# A\n", "conditions of a template"),
        ("---\nmodel: &m x\nother: *m\n---\n# A\n", "other"),
    ],
)
def test_frontmatter_that_an_edit_can_not_keep__is_refused(text: str, message: str) -> None:
    with pytest.raises(EditError) as caught:
        set_field(parse(text, filename="a.md"), "model", "haiku")
    assert message in str(caught.value)
    assert caught.value.file == "a.md"


@pytest.mark.parametrize(("key", "value"), [("", 1), ("a\nb", 1), ("a", object()), ("a", {1, 2}), ("a", {1: 2})])
def test_value_that_is_none__is_refused(key: str, value: object) -> None:
    with pytest.raises(EditError):
        set_field(DEFINITION, key, value)


def test_unit__is_replaced_and_what_is_nested_in_it_stays() -> None:
    one, deep, *_ = units(DEFINITION)
    assert replace(DEFINITION, one, "- uno").text == TEXT.replace("- one\n  - deep", "- uno\n  - deep")
    assert replace(DEFINITION, deep, "  - tief").text == TEXT.replace("  - deep", "  - tief")


def test_unit__is_inserted_behind_another_or_a_heading() -> None:
    one, _, two, *_ = units(DEFINITION)
    assert insert(DEFINITION, one, "- new").text == TEXT.replace("  - deep\n", "  - deep\n- new\n")
    assert insert(DEFINITION, two, "- new\n- newer\n").text == TEXT.replace(
        "- two\n\n## B", "- two\n- new\n- newer\n\n## B"
    )
    section = [one for _, one in walk_sections(DEFINITION.root)][1]
    assert insert(DEFINITION, section, "\n- new").text == TEXT.replace("## B\n", "## B\n\n- new\n")


def test_unit_section_and_field__are_removed() -> None:
    one = units(DEFINITION)[0]
    assert remove(DEFINITION, one).text == TEXT.replace("- one\n  - deep\n", "")
    assert "## B" not in remove(DEFINITION, [one for _, one in walk_sections(DEFINITION.root)][1]).text
    assert remove(DEFINITION, DEFINITION.fields[1]).text == TEXT.replace("# why these\ntools: Read, Bash  # few\n", "")


@pytest.mark.parametrize("text", ["```", "# H", "uno", "<!--", "- x\n\n# Y"])
def test_markdown_that_swallows_or_moves_others__is_refused(text: str) -> None:
    with pytest.raises(EditError):
        replace(DEFINITION, units(DEFINITION)[0], text)


def test_part_of_another_definition__is_refused() -> None:
    other = parse("# X\n\n- elsewhere\n")
    with pytest.raises(EditError, match="no part of this definition"):
        replace(DEFINITION, units(other)[0], "- x")
    with pytest.raises(EditError, match="no part of this definition"):
        remove(DEFINITION, units(other)[0])


def test_edits__do_not_overlap() -> None:
    assert edited("abcd", [Edit(3, 4, "D"), Edit(0, 1, "A")]) == "AbcD"
    with pytest.raises(EditError):
        edited("abcd", [Edit(0, 2, "x"), Edit(1, 3, "y")])
    with pytest.raises(EditError):
        edited("abcd", [Edit(3, 9, "x")])


VALUES = st.one_of(st.text(max_size=12), st.integers(-9, 9), st.booleans(), st.lists(st.text(max_size=6), max_size=3))


@settings(max_examples=60, deadline=None)
@given(definitions(), st.sampled_from(["name", "tools", "model", "x-y"]), VALUES)
def test_any_value_in_any_file__is_set_or_refused(text: str, key: str, value: Any) -> None:
    definition = parse(text)
    try:
        result = set_field(definition, key, value)
    except AgentMergeError:
        return
    assert [(f.key, f.content) for f in result.fields if f.key != key] == [
        (f.key, f.content) for f in definition.fields if f.key != key
    ]
    assert [unit.text for unit in units(result)] == [unit.text for unit in units(definition)]
    assert result.field(key) is not None
