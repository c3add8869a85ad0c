"""Comments of the frontmatter and the words that bind: none of a variant is lost without a word."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from agentmerge import combine, parse
from agentmerge.combining import checking
from agentmerge.errors import InternalError
from agentmerge.planning.strategies import Policy, parse_rule
from tests.shipped import SHIPPED

PLAIN = "---\nname: scribe\ndescription: Writes\ntools: Read, Grep, Bash\n---\n# Scribe\n\n- Never guess.\n"
NOTED = """---
# read only: audit 7
name: scribe
description: Writes
tools:            # checked in May
  - Read
  # - Bash   off since the outage
  - Grep
---
# Scribe

- Never guess.
"""
REMARKS = ["# read only: audit 7", "# checked in May", "# - Bash   off since the outage"]


def fates(*texts: str, policy: Policy | None = None) -> list[tuple[int, int, str, int | None]]:
    merged = combine([parse(text) for text in texts], policy)
    found = [row for row in merged.ledger if row.source.kind == "comment"]
    lines = merged.text.split("\n")
    for row in found:
        first = row.source.text.split("\n")[0]
        assert row.into is None or first in lines[row.into - 1]
    return [(row.source.file, row.source.line, row.fate, row.into) for row in found]


@pytest.mark.parametrize("texts", list(permutations([PLAIN, NOTED, PLAIN.replace("Writes", "Writes minutes")])))
def test_combine__keeps_each_comment_at_its_field_once(texts: tuple[str, ...]) -> None:
    text = combine([parse(text) for text in texts]).text
    assert [text.count(remark) for remark in REMARKS] == [1, 1, 1]
    held = {field.key: [one.text for one in field.comments] for field in parse(text).fields}
    assert held["name"] == REMARKS[:1]
    assert "\n".join(held["tools"]).split("\n") == REMARKS[1:]


def test_combine__has_a_row_for_each_comment() -> None:
    assert [row[:3] for row in fates(PLAIN, NOTED)] == [(1, 2, "kept"), (1, 5, "kept"), (1, 7, "kept")]
    assert [row[:3] for row in fates(NOTED, NOTED)] == [
        (0, 2, "kept"),
        (0, 5, "kept"),
        (0, 7, "kept"),
        (1, 2, "merged"),
        (1, 5, "merged"),
        (1, 7, "merged"),
    ]


def test_combine__tells_the_comments_of_a_field_that_is_left_out() -> None:
    policy = Policy(rules=(parse_rule("frontmatter/tools=unset"),))
    assert [row[2:] for row in fates(PLAIN, NOTED, policy=policy)] == [
        ("kept", 2),
        ("dropped", None),
        ("dropped", None),
    ]


def test_combine__keeps_the_comments_of_a_value_that_is_given() -> None:
    policy = Policy(rules=(parse_rule("frontmatter/tools=set:Read"),))
    assert [row[2] for row in fates(NOTED, policy=policy)] == ["kept", "kept", "kept"]


def test_combine__keeps_the_comments_of_a_block_without_fields() -> None:
    empty = "---\n# to be filled\n---\n# Scribe\n\n- Never guess.\n"
    assert [row[2] for row in fates(empty, PLAIN)] == ["kept"]
    assert [row[2:] for row in fates(empty, empty.replace("filled", "done"))] == [("dropped", None), ("dropped", None)]


def test_heading_that_binds_and_is_gone__is_a_finding() -> None:
    one = "# A\n\nYou write.\n\n## What you refuse to do\n\n- Guess a name\n- Quote a person\n"
    two = "# A\n\nYou write.\n\n## Boundaries\n\n- Guess a name\n- Quote a person\n"
    merged = combine([parse(two), parse(one)])
    told = [note.message for note in merged.findings if note.rule == "guardrail-dropped"]
    assert ("What you refuse to do" in merged.text) != (
        told == ["the heading 'What you refuse to do' is not in the result"]
    )


def test_guardrail_without_a_row__is_an_error_of_ours() -> None:
    definition = parse(PLAIN, filename="a.md")
    merged = combine([definition])
    assert list(checking.require([definition], merged.ledger, merged.text, SHIPPED)) == []
    rows = [row for row in merged.ledger if row.source.text != "Never guess."]
    assert len(rows) == len(merged.ledger) - 1
    with pytest.raises(InternalError, match="no row in the ledger"):
        list(checking.require([definition], rows, merged.text, SHIPPED))


def test_heading_not_in_the_text__is_told_with_its_place() -> None:
    definition = parse("# A\n\n## Never do this\n\n- Guess\n")
    merged = combine([definition])
    notices = list(
        checking.require([definition], merged.ledger, merged.text.replace("Never do this", "Rules"), SHIPPED)
    )
    assert [(note.rule, note.sources[0].line) for note in notices] == [("guardrail-dropped", 3)]
    assert replace(notices[0], message="").path == "A / Never do this"


def test_remark__behind_an_alias_stays_at_its_field() -> None:
    merged = combine([parse("---\nname: a\nx: &t [Read]\ntools: *t # why\n---\n\n- A\n")])
    assert "# why\ntools: [Read]\n" in merged.text


def test_remark__behind_a_tab_stays_at_its_field() -> None:
    text = combine([parse("---\nname: rev\ntools: [Read, Bash]\t# only these\n---\n\n- A\n")]).text
    assert "tools: [Read, Bash]\t# only these\n" in text


@pytest.mark.parametrize("char", ["\x0b", "\x0c", "\x01", "\x7f", "\x85"])
def test_combine__escapes_in_a_comment_what_yaml_takes_nowhere(char: str) -> None:
    broken = f"---\nname: scribe\n# off{char}since May\ndescription: Writes\n---\n# Scribe\n\n- Never guess.\n"
    for texts in ((PLAIN, broken), (broken, PLAIN)):
        merged = combine([parse(text) for text in texts])
        assert not [note for note in parse(merged.text).diagnostics if note.code == "frontmatter-repaired"]
        assert "since May" in merged.text
        assert [row.fate for row in merged.ledger if row.source.kind == "comment"] == ["kept"]
