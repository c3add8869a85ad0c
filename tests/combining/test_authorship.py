"""Fields about who wrote a text: licences, authors and versions of several texts are no matter of order."""

from __future__ import annotations

import pytest

from agentmerge import combine, parse
from agentmerge.planning.strategies import Policy, parse_rule

BODY = "# R\n\n- Never edit generated code.\n- Split the work in small tasks.\n"
OTHER = "# R\n\n- Ask the owner of the service first.\n- Write the report in one table.\n"


def field(key: str, one: str, two: str, body: str = OTHER) -> tuple[str | None, list[str], list[str]]:
    texts = (f"---\nname: r\n{key}: {one}\n---\n{BODY}", f"---\nname: r\n{key}: {two}\n---\n{body}")
    merged = combine([parse(text) for text in texts])
    found = parse(merged.text).field(key)
    told = [n.rule for n in merged.findings if n.path == f"frontmatter/{key}"]
    return (found.inline if found else None), [c.path for c in merged.open_conflicts], told


@pytest.mark.parametrize("key", ["license", "licence"])
def test_licences__that_differ_are_a_conflict(key: str) -> None:
    assert field(key, "MIT", "CC-BY-NC-4.0") == ("MIT", [f"frontmatter/{key}"], ["field-differs"])
    assert field(key, "MIT", "MIT") == ("MIT", [], [])


def test_licences__a_policy_decides() -> None:
    texts = [f"---\nname: r\nlicense: {one}\n---\n{BODY}" for one in ("MIT", "Apache-2.0")]
    merged = combine([parse(one) for one in texts], Policy(rules=(parse_rule("frontmatter/license=first"),)))
    assert not merged.open_conflicts
    assert "license: MIT" in merged.text


def test_authors__are_united() -> None:
    assert field("author", "Ada", "Grace")[0] == "Ada, Grace"
    assert field("author", "Ada", "ada")[0] == "Ada"
    assert field("authors", "[Ada, Linus]", "[Grace, Ada]")[0] == "Ada, Linus, Grace"
    assert field("authors", "Grace", "[Ada]")[0] == "Grace, Ada"


@pytest.mark.parametrize(
    ("one", "two", "newer"), [("1.1", "1.10", "1.10"), ("1.10", "1.9", "1.10"), ("v2", "v1", "v2")]
)
def test_version__of_one_text_is_the_newer(one: str, two: str, newer: str) -> None:
    value, conflicts, told = field("version", one, two, BODY)
    assert (value, conflicts) == (newer, [])
    assert told == ["field-differs"]


def test_version__of_independent_texts_is_left_out_and_told() -> None:
    assert field("version", "1.1", "3.0") == (None, [], ["field-differs"])
    assert field("version", "1.1", "1.1") == ("1.1", [], [])
