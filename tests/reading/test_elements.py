"""Elements that open and close on one line: examples are whole, members are units, and each says one thing."""

from __future__ import annotations

import pytest

from agentmerge import combine, drift, emit, merge, parse
from agentmerge.model import walk_units
from agentmerge.reading.containers import elements, grammar
from agentmerge.writing.formatting import format_definition
from tests.laws import require_laws
from tests.shipped import SHIPPED


def units(body: str) -> list[tuple[str, str]]:
    return [(place.unit.kind, place.unit.text) for place in walk_units(parse(f"# A\n\n{body}\n").root)]


@pytest.mark.parametrize(
    "line",
    [
        "<example>user: push it. assistant: Never push</example>",
        "<example><user>Push it</user><assistant>Never push to main</assistant></example>",
        '<Example note="x">Never push</Example>',
        "<example>a</example> <example>b</example>",
        "<output>Never push</output>",
    ],
)
def test_example__on_one_line_is_one(line: str) -> None:
    assert units(line) == [("example", line)]
    assert units(f"Text\n{line}\nmore") == [("paragraph", "Text"), ("example", line), ("paragraph", "more")]
    assert units(f"- Item\n  {line}\n- b") == [("item", "Item"), ("example", line), ("item", "b")]


@pytest.mark.parametrize(
    "line",
    [
        "<example>Never push</example> and more",
        "As in <example>Never push</example>",
        "<example>Never push",
        "<b>Never</b> push",
        "<em>Never push</em>",
        "`<example>a</example>`",
    ],
)
def test_example__among_words_is_none(line: str) -> None:
    assert all(kind != "example" for kind, _ in units(line))


def test_example__binds_nothing() -> None:
    old, new = (parse(f"# A\n\n<example>{text}</example>\n\n- Run the tests\n") for text in ("Never push", "Push"))
    assert all(one.severity != "breaking" for pair in drift([old, new]).pairs for one in pair.findings)


@pytest.mark.parametrize(
    "lines",
    [
        ["<item>Never push</item>", "<item>Run the tests</item>"],
        ['<rule id="1">Never push</rule>', '<rule id="2">Run the tests</rule>', "<rule>Ask</rule>"],
        ["<step><do>Build</do><why>It is new</why></step>", "<step>Deploy</step>"],
    ],
)
def test_members__are_a_unit_each(lines: list[str]) -> None:
    wanted = [("item", line) for line in lines]
    assert units("\n".join(lines)) == wanted
    assert units("\n".join(["<rules>", *lines, "</rules>"])) == wanted
    assert units("\n".join(["Rules of the house:", lines[0]]))[-1:] == wanted[:1]


def test_members__of_html_are_none() -> None:
    lines = "<b>Never push</b>\n<b>Run the tests</b>"
    assert units(lines) == [("paragraph", lines)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<rules><item>Never push</item><item>Run</item></rules>", ["Never push", "Run"]),
        ("<one>x</one> <two>y</two>", ["x", "y"]),
        ("<item>Never <b>push</b></item>", ["Never <b>push</b>"]),
        ("<b>Never</b> <i>push</i>", ["<b>Never</b> <i>push</i>"]),
        ("<rules>Never push", ["<rules>Never push"]),
        ("<item>a</item> b", ["<item>a</item> b"]),
        ("Plain.", ["Plain."]),
    ],
)
def test_elements__say_each_what_stands_in_them(text: str, said: list[str]) -> None:
    assert grammar(SHIPPED).said(text) == said


def test_elements__end_where_they_first_close() -> None:
    assert elements("<a>1</a><A x='2'>2</A>") == [("a", "1"), ("a", "2")]
    assert elements("<a/>") == elements("</a>") == elements("<a>") == elements("x") == elements("") == []


def test_drift__tells_which_of_the_members_of_one_line_changed() -> None:
    text = "# A\n\n<rules><item>Never push to main</item><item>Run the tests</item></rules>\n"
    (pair,) = drift([parse(text), parse(text.replace("Never push", "Push"))]).pairs
    (found,) = [one for one in pair.findings if one.severity == "breaking"]
    assert (found.rule, found.a and found.a.text) == ("guardrail-reversed", "Never push to main")


@pytest.mark.parametrize(
    "body",
    [
        "<rules><item>Never push</item><item>Run</item></rules>",
        "<item>Never push</item>\n<item>Run the tests</item>",
        "- a\n  <example>x</example>\n\n<example>a</example> <example>b</example>\n<item>a</item>\n<item>b</item>",
        "> <item>a</item>\n> <item>b</item>",
        "<rules><rules><rules>\n<one><one>Run</one></one>",
    ],
)
def test_laws__hold(body: str) -> None:
    text = f"# A\n\n{body}\n"
    definition = parse(text)
    require_laws(text)
    assert emit(definition) == format_definition(definition, SHIPPED).text == text
    assert merge(definition, definition, parse(text.replace("Run", "Start"))).text == text.replace("Run", "Start")


def test_combine__keeps_members_and_their_tags() -> None:
    text = "# A\n\n<rules>\n<item>Never push</item>\n<item>Run the tests</item>\n</rules>\n"
    assert combine([parse(text), parse(text)]).text == text
    other = parse("# A\n\n<item>Never push</item>\n<item>Ask the owner</item>\n")
    merged = combine([parse("# A\n\n<item>Never push</item>\n<item>Run the tests</item>\n"), other])
    assert merged.text.count("<item>Never push</item>") == 1
    assert {row.fate for row in merged.ledger} == {"kept", "merged"}
