"""Formatting: whitespace and broken YAML are mended, words are not touched, and once is enough."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

from agentmerge.errors import InternalError
from agentmerge.reading.parsing import parse
from agentmerge.writing import formatting
from agentmerge.writing.formatting import Formatted, first_difference, format_definition
from tests.dotfiles import FIXTURES, cases
from tests.laws import require_formatting
from tests.shipped import SHIPPED
from tests.strategies import definitions

TIDY = """---
name: x
# a remark
tools: [Read,   Grep]   # odd but valid
---
# Title
text with a break
on two lines\u0020\u0020
and more

* other bullet
1) other ordinal
3) and its number

```

code\u0020\u0020


```

<table>  \n\n  </table>

> quote\u0020
"""


def formatted(text: str) -> Formatted:
    return format_definition(parse(text, SHIPPED), SHIPPED)


def test_tidy_text__is_left_alone() -> None:
    assert formatted(TIDY) == Formatted(TIDY, (), is_changed=False)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# T", "# T\n"),
        ("\n\n# T\n\n\n", "# T\n"),
        ("#   T\n", "# T\n"),
        ("  ## T  \n", "## T\n"),
        ("a \nb\t\n", "a\nb\n"),
        ("a  \nb  \n", "a  \nb\n"),
        ("a\n\n\n\nb\n", "a\n\nb\n"),
        ("a\n  \nb\n", "a\n\nb\n"),
        ("- a\n\n\n- b\n", "- a\n\n- b\n"),
        ("a\r\nb\nc\r\n", "a\r\nb\r\nc\r\n"),
        ("\ufeff# T\n", "# T\n"),
        ("--- \nname: x\n---\t\n", "---\nname: x\n---\n"),
        ("---\nname: x\n...\n", "---\nname: x\n---\n"),
        ("", ""),
        ("\n", ""),
        ("```\n[ ] a\n\n\n[ ] b\n```\n", "```\n[ ] a\n\n\n[ ] b\n```\n"),
    ],
)
def test_whitespace(before: str, after: str) -> None:
    assert formatted(before).text == after


@pytest.mark.parametrize(
    ("field", "repaired"),
    [
        ("description: a: b", 'description: "a: b"'),
        ("tools: *", 'tools: "*"'),
        ("argument-hint: [a] [b]", 'argument-hint: "[a] [b]"'),
        ("name: {{name}}", 'name: "{{name}}"'),
        ("description: a: b\nuser: c\n\nmore", "description: |-\n  a: b\n  user: c\n\n  more"),
        ("tools:\n\t- Read\n\t- Grep", "tools:\n  - Read\n  - Grep"),
        ("# why\ndescription: a: b", '# why\ndescription: "a: b"'),
        ("stray words\ndescription: a: b", '# stray words\ndescription: "a: b"'),
    ],
)
def test_broken_field__is_quoted(field: str, repaired: str) -> None:
    result = formatted(f"---\n{field}\nmodel: 'opus'\n---\n")
    assert result.text == f"---\n{repaired}\nmodel: 'opus'\n---\n"
    assert len(result.repaired) == 1
    front = parse(result.text, SHIPPED).frontmatter
    assert front is not None
    assert front.valid


def test_broken_field__stays_on_one_line_where_the_host_wants_that() -> None:
    text = "---\ndescription: a: b\nuser: c\nalwaysApply: true\n---\n"
    assert '"a: b\\nuser: c"' in format_definition(parse(text, SHIPPED, dialect="cursor"), SHIPPED).text


@pytest.mark.parametrize(
    "after", ["- b\n", "- a\n\nmore\n", "* a\n", "1. a\n", "- a\n  - b\n", "# a\n", "- [ ] a\n", ""]
)
def test_changed_unit__is_seen(after: str) -> None:
    assert first_difference(parse("- a\n", SHIPPED), parse("- a\n", SHIPPED), SHIPPED) == ""
    assert first_difference(parse("- a\n", SHIPPED), parse(after, SHIPPED), SHIPPED)


def test_change_of_words__is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formatting, "tidy_body", lambda _: "- b\n")
    monkeypatch.setattr(formatting, "untouched", lambda _: "- c\n")
    with pytest.raises(InternalError, match="would change"):
        formatted("- a\n")


def test_body_that_blank_lines_keep_together__is_left_alone() -> None:
    text = "-\n\n\n- aye: |\n---\n\n\n- aye: |\n---\n"
    assert formatted(text).text == text


@pytest.mark.parametrize("path", sorted((FIXTURES / "parse").glob("*.txt")), ids=lambda path: path.stem)
def test_every_shape__keeps_the_laws(path: Path) -> None:
    for case in cases(path):
        require_formatting(parse(case.text, SHIPPED))


@given(definitions())
def test_any_text__keeps_the_laws(text: str) -> None:
    require_formatting(parse(text, SHIPPED))
