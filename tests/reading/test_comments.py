"""Comments of the frontmatter: found outside of values alone, each at its field."""

from __future__ import annotations

import pytest

from agentmerge import parse


def comments(text: str) -> list[tuple[str, int, str]]:
    return [(field.key, one.line, one.text) for field in parse(text).fields for one in field.comments]


def test_comments__belong_to_their_field() -> None:
    text = """---
# who
# owns it
name: scribe   # a role
description: Writes
tools:            # checked in May
  - Read
  # - Bash   off since the outage
  - Grep # for search
# the big one
model: opus
# the end
---
# Scribe
"""
    assert comments(text) == [
        ("name", 2, "# who\n# owns it"),
        ("name", 4, "# a role"),
        ("tools", 6, "# checked in May"),
        ("tools", 8, "# - Bash   off since the outage"),
        ("tools", 9, "# for search"),
        ("model", 10, "# the big one"),
        ("model", 12, "# the end"),
    ]


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ('description: "issue #4 # not"', []),
        ("description: 'a # b' # c", ["# c"]),
        ("description: a#b", []),
        ("description: |\n  # a heading\n  text # more", []),
        ("description: | # kept\n  text", ["# kept"]),
        ("description: >-\n  text\n\n# below", ["# below"]),
        ("tools: [Read, # one\n  Grep] # two", ["# one", "# two"]),
        ("color: #fff", ["#fff"]),
        ("hooks: {a: '#b', c: d#e} # f", ["# f"]),
        ("description: one: two # three", []),
        ("# above\ndescription: one: two\n# below", ["# above", "# below"]),
    ],
)
def test_comments__are_told_from_values(field: str, found: list[str]) -> None:
    assert [text for _, _, text in comments(f"---\n{field}\n---\n")] == found


def test_comments__of_toml() -> None:
    text = '+++\n# who\nname = \'a # b\' # c\ntools = [ # d\n \'Read\', # e\n]\ndescription = """\n# no\n"""\n+++\n'
    assert comments(text) == [("name", 2, "# who"), ("name", 3, "# c"), ("tools", 4, "# d"), ("tools", 5, "# e")]


def test_comments__of_a_block_without_fields_are_its_own() -> None:
    front = parse("---\n# a\n# b\n---\n# T\n").frontmatter
    assert front is not None
    assert [(one.line, one.text) for one in front.comments] == [(2, "# a\n# b")]
