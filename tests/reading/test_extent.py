"""A frontmatter that nobody closed, that stands elsewhere or is TOML: what is read, and what `fmt` makes of it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmerge import parse
from agentmerge.model import Definition, walk_units
from agentmerge.writing.formatting import format_definition
from tests.laws import examples, require_laws, uncovered
from tests.reading.blocks import FIELDS, PLACED, UNSEEN
from tests.shipped import SHIPPED

FORMS = [pytest.param(text, id=name) for name, text in UNSEEN.items()]
SWALLOWED = """---
name: auditor
description: Audits accounts: all of them
# Auditor
tools: [Read, Edit, Bash]

## Rules
- Never delete a record
---
## Footer
"""


def items(definition: Definition) -> list[str]:
    return [place.unit.text for place in walk_units(definition.root) if place.unit.kind == "item"]


def codes(definition: Definition) -> list[tuple[str, int]]:
    return [(note.code, note.line) for note in definition.diagnostics if note.severity != "info"]


@pytest.mark.parametrize("text", FORMS)
def test_fields_and_rules__are_those_of_the_file_that_has_them_in_place(text: str) -> None:
    definition, placed = parse(text), parse(PLACED)
    assert [(field.key, field.value) for field in definition.fields] == [
        (field.key, field.value) for field in placed.fields
    ]
    assert items(definition) == items(placed)
    assert (definition.is_seen, placed.is_seen) == (False, True)
    assert any(code.startswith("frontmatter-") for code, _ in codes(definition))


@pytest.mark.parametrize("text", FORMS)
def test_fmt__puts_the_fields_where_hosts_find_them(text: str) -> None:
    formatted = parse(format_definition(parse(text), SHIPPED).text)
    assert formatted.text.startswith("---\nname: scribe\n")
    assert formatted.is_seen
    assert codes(formatted) == []
    assert formatted.field("tools") is not None
    require_laws(text)


def test_late_rule__does_not_make_the_body_a_value() -> None:
    definition = parse(SWALLOWED)
    assert [(field.key, field.line, field.value) for field in definition.fields] == [
        ("name", 2, "auditor"),
        ("description", 3, "Audits accounts: all of them"),
        ("tools", 5, ("Read", "Edit", "Bash")),
    ]
    assert items(definition) == ["Never delete a record"]
    assert codes(definition) == [("frontmatter-repaired", 3), ("frontmatter-unclosed", 4)]
    message = next(note.message for note in definition.diagnostics if note.code == "frontmatter-unclosed")
    assert message.endswith("a line '---' is missing above line 4 ('# Auditor')")


def test_late_rule__fmt_closes_the_block_above_the_heading() -> None:
    assert format_definition(parse(SWALLOWED), SHIPPED).text.startswith(
        '---\nname: auditor\ndescription: "Audits accounts: all of them"\ntools: [Read, Edit, Bash]\n---\n# Auditor\n\n'
    )


@pytest.mark.parametrize(
    "body",
    [
        "# Scribe\nText.\n",
        "- Never guess\n",
        "* Never guess\n",
        "1. Never guess\n",
        "```sh\nmake\n```\n",
        "~~~\nmake\n~~~\n",
        "> Never guess\n",
        "| a | b |\n|---|---|\n",
        "You must never guess.\n",
        "<rules>\nNever guess.\n</rules>\n",
        "**Never guess**\n",
        "Scribe\n======\n",
        "***\n",
    ],
)
@pytest.mark.parametrize("between", ["", "\n"])
@pytest.mark.parametrize("end", ["", "---\n", "\n---\n\nFooter\n", "...\n"])
def test_block_ends__where_a_line_is_no_field(body: str, between: str, end: str) -> None:
    text = f"---\n{FIELDS}model: opus\n{between}{body}{end}"
    definition = parse(text)
    assert [field.key for field in definition.fields] == ["name", "description", "model"]
    assert definition.frontmatter is not None
    assert (definition.frontmatter.end, definition.is_seen) == (5, False)
    assert ("frontmatter-unclosed", 5 + len(between)) in codes(definition)
    require_laws(text)


@pytest.mark.parametrize(
    "inner",
    [
        "name: a\n# Auditor\ntools: [Read]\n",
        "name: a\ndescription: b: c\n# hooks:\n#   Stop:\nmodel: opus\n",
        "name: a\n# read only\ntools: Read\ndescription: b: c\n",
        "name: a\ndescription: Use it for x: the\nrest of the sentence.\n",
        "name: a\ndescription: One.\n\n<example>\nContext: x\nuser: y\n</example>\n",
        "name: a\ndescription: b: c\n\nExamples:\n- one\n- two\n\nmodel: opus\n",
        "name: a\ndescription: |\nNobody: indented this.\nmodel: opus\n",
        'name: a\ndescription: "one: two\n\nthree"\ntools: [Read,\nGrep]\nrole: b: c\n',
    ],
)
def test_closed_block__stays_whole_where_fields_explain_every_line(inner: str) -> None:
    definition = parse(f"---\n{inner}---\nThe body.\n")
    assert definition.frontmatter is not None
    assert definition.frontmatter.is_closed
    assert [place.unit.text for place in walk_units(definition.root)] == ["The body."]


@pytest.mark.parametrize(
    "text",
    [
        "---\nfoo: bar\n\n# T\n",
        "---\n\nJust text.\n",
        "---\n\n# T\n\n- item\n",
        "<!-- c -->\n---\nJust text\n---\nmore\n",
        "<!-- c -->\n\n---\n\nNote: a text\n\n---\n\nmore\n",
        "<!-- c --> text\n---\nname: a\n---\n",
        "Text.\n\n---\nname: a\n---\n",
        '+++\nname = "a"\n# T\n',
        "+++\nname = a\n+++\n",
        "+++\n\ntext\n\n+++\n",
    ],
)
def test_text_between_rules__is_no_frontmatter(text: str) -> None:
    assert parse(text).frontmatter is None
    require_laws(text)


@pytest.mark.parametrize(
    ("written", "members"),
    [
        ("[Read, @team/x, Bash(git add, git push)]", ("Read", "@team/x", "Bash(git add, git push)")),
        ("[Read, *, 'Grep']", ("Read", "*", "Grep")),
        ("[Read, Edit", ("Read", "Edit")),
        ("[%x]", ("%x",)),
    ],
)
def test_flow_list_that_yaml_refuses__has_members(written: str, members: tuple[str, ...]) -> None:
    field = parse(f"---\nname: a\ntools: {written}\n---\n").field("tools")
    assert field is not None
    assert field.value == members


@pytest.mark.parametrize(
    ("inner", "keys"),
    [
        ("name: a\n\nengine: fast\n\npermits:\n  x: read\n", ["name", "engine", "permits"]),
        ("name: a\ninput:\n  - targets: x\n", ["name", "input"]),
        ("name: a\n\ngoal: find all faults\n", ["name"]),
        ("name: a\nNote: find all faults\n", ["name"]),
        ("name: a\nuser: find all faults\n", ["name"]),
        ("name: a\n\nRules:\n- Never guess\n", ["name"]),
    ],
)
def test_unknown_key__is_a_field_where_it_does_not_read_like_text(inner: str, keys: list[str]) -> None:
    assert [field.key for field in parse(f"---\n{inner}\n# T\n").fields] == keys


def test_hint_in_brackets__is_text() -> None:
    field = parse("---\ndescription: d\nargument-hint: [a: b: c]\n---\n").field("argument-hint")
    assert field is not None
    assert field.value == "[a: b: c]"


def test_key_under_the_heading__is_a_field_only_once_and_only_directly_below() -> None:
    twice = parse("---\nname: a\nmodel: opus: x\n# T\nname: b\n\nText\n")
    assert [(field.key, field.value) for field in twice.fields] == [("name", "a"), ("model", "opus: x")]
    apart = parse("---\nname: a\n# T\n\ntools: Read\n")
    assert [field.key for field in apart.fields] == ["name"]
    unknown = parse("---\nname: a\n# T\ncolour of choice: red\n")
    assert [field.key for field in unknown.fields] == ["name"]


def test_toml__values_have_their_types_and_numbers_their_digits() -> None:
    text = (
        '+++\n# why\nname = "a" # who\nversion = 1.10\nday = 2024-01-31\nbackground = true\n'
        'description = """\nOne\ntwo"""\n[permission]\nedit = "deny"\n[permission.bash]\n"*" = "ask"\n+++\n# T\n'
    )
    definition = parse(text)
    assert {field.key: field.value for field in definition.fields} == {
        "name": "a",
        "version": 1.1,
        "day": "2024-01-31",
        "background": True,
        "description": "One\ntwo",
        "permission": {"edit": "deny", "bash": {"*": "ask"}},
    }
    formatted = format_definition(definition, SHIPPED).text
    assert "version: 1.10\n" in formatted
    assert formatted.startswith("---\n# why\n# who\nname: a\n")
    require_laws(text)


LINES = """name: a|description: b: c|tools: [Read]|model: opus|zeta: 1|# T|## Rules|- Never x|Text.||---|...|+++
<!-- c -->|<!--|-->|```|  indented|"open|[|tools:|Context: y|\ufeff|name = "a"|[table]
key = 1|# name: b|description: \u2503|<example>|</example>|> q|text, lower"""
_WORDS = st.sampled_from([line.replace("\u2503", "|") for row in LINES.split("\n") for line in row.split("|")])
_ENDINGS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"])


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(st.tuples(_WORDS, _ENDINGS), max_size=14), st.sampled_from(["---\n", "+++\n", "<!-- c -->\n---\n", ""]))
def test_any_lines__keep_the_laws(lines: list[tuple[str, str]], start: str) -> None:
    text = start + "".join(word + ending for word, ending in lines)
    assert uncovered(parse(text)) == []
    require_laws(text)
