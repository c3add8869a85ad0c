"""Lines of a template among the fields of a frontmatter: each field stays in its branch, and every command says so."""

from __future__ import annotations

import pytest

from agentmerge import combine, diff, drift, merge, parse
from agentmerge.errors import InputError
from agentmerge.model import Definition
from agentmerge.writing.formatting import format_definition
from tests.laws import require_laws
from tests.shipped import SHIPPED

BODY = "# Reviewer\n\n- Never push to main\n"
LANGUAGES = {
    "jinja": ("{% if pro %}", "{% else %}", "{% endif %}"),
    "jinja that strips": ("{%- if pro -%}", "{%- else -%}", "{%- endif -%}"),
    "handlebars": ("{{#if pro}}", "{{else}}", "{{/if}}"),
    "go": ("{{ if .Pro }}", "{{ else }}", "{{ end }}"),
    "erb": ("<% if pro %>", "<% else %>", "<% end %>"),
    "remarks": ("# {% if pro %}", "# {% else %}", "# {% endif %}"),
}


def _file(*rows: str) -> Definition:
    lines = "".join(f"{row}\n" for row in rows)
    return parse(f"---\n{lines}---\n{BODY}", filename="a.md")


def _branches(language: str) -> Definition:
    opened, branch, closed = LANGUAGES[language]
    rows = (opened, "model: opus", "tools: Read, Bash", branch, "model: haiku", "tools: Read", closed)
    return _file("name: reviewer", *rows, "description: Reviews code")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_field__stands_in_its_branch(language: str) -> None:
    definition = _branches(language)
    require_laws(definition.text)
    opened, branch, _ = (text.removeprefix("# ") for text in LANGUAGES[language])
    assert [(field.key, field.text, field.condition) for field in definition.fields] == [
        ("name", "reviewer", ""),
        ("model", "opus", opened),
        ("tools", "Read\nBash" if "\n" in definition.fields[2].text else "Read, Bash", opened),
        ("model", "haiku", f"{opened} {branch}"),
        ("tools", "Read", f"{opened} {branch}"),
        ("description", "Reviews code", ""),
    ]
    assert [note.code for note in definition.diagnostics] == ["frontmatter-template"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_fmt__leaves_it_as_it_is(language: str) -> None:
    definition = _branches(language)
    assert format_definition(definition, SHIPPED).text == definition.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_combine__refuses_it(language: str) -> None:
    other = parse(f"---\nname: reviewer\ntools: Read\n---\n{BODY}")
    for pair in ([_branches(language), other], [other, _branches(language)]):
        with pytest.raises(InputError, match="template") as caught:
            combine(pair)
        assert (caught.value.file, caught.value.line) == ("a.md", 3)


PRO = ("{% if pro %}", "tools: Read, Bash", "{% endif %}", "model: opus")
FREE = ("{% if pro %}", "model: opus", "{% endif %}", "tools: Read, Bash")
MEMBERS = ("tools:", "{% if pro %}", "  - Bash", "{% endif %}", "  - Read")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (PRO, ("tools: Read, Bash", "model: opus"), {"tools stands under no condition, was under {% if pro %}"}),
        (("tools: Read, Bash", "model: opus"), PRO, {"tools stands under {% if pro %}, was under no condition"}),
        (
            PRO,
            FREE,
            {
                "tools stands under no condition, was under {% if pro %}",
                "model stands under {% if pro %}, was under no condition",
            },
        ),
        (
            PRO,
            ("{% if team %}", *PRO[1:]),
            {"tools stands under {% if team %}, was under {% if pro %}"},
        ),
        (
            MEMBERS,
            ("tools:", "  - Bash", "  - Read"),
            {"tools stands under no condition, was under {% if pro %} - Bash {% endif %} - Read"},
        ),
    ],
)
def test_another_branch__is_told(before: tuple[str, ...], after: tuple[str, ...], told: set[str]) -> None:
    files = [_file("name: a", *rows) for rows in (before, after)]
    (pair,) = drift(files, summary=False).pairs
    found = [one for one in pair.findings if one.rule == "branch-changed"]
    assert {one.message for one in found} == told
    assert {one.severity for one in found if one.message.startswith("tools")} == {"breaking"}
    changes = [change for change in diff(*files).changes if change.kind == "field-changed"]
    assert {change.note for change in changes} == {message.partition(" stands ")[2] for message in told}


def test_what_changes_in_a_branch__is_compared_with_that_branch() -> None:
    old = _branches("jinja")
    new = parse(old.text.replace("tools: Read\n", "tools: Read, Write\n"))
    (pair,) = drift([old, new], summary=False).pairs
    assert [(one.rule, one.message) for one in pair.findings] == [("permission-widened", "tools: added Write")]


@pytest.mark.parametrize("members", [("  {% if pro %}", "  - Bash", "  {% endif %}"), ("{% if pro %}", "  - Bash")])
def test_tags_among_members__are_none_of_them(members: tuple[str, ...]) -> None:
    definition = _file("name: a", "tools:", "  - Read", *members)
    assert definition.field("tools") is not None
    assert definition.fields[1].value == ("Read", "Bash")
    assert definition.frontmatter is not None
    assert definition.frontmatter.tags
    assert format_definition(definition, SHIPPED).text == definition.text


@pytest.mark.parametrize("text", ["|", ">-"])
def test_a_tag_in_a_text__is_text(text: str) -> None:
    definition = _file("name: a", f"description: {text}", "  Reviews", "  {% if pro %}", "  well")
    assert definition.frontmatter is not None
    assert definition.frontmatter.tags == ()
    assert "{% if pro %}" in definition.fields[1].text


def test_merge__moves_no_field_out_of_its_branch() -> None:
    base = _file("name: a", *PRO, "description: Reviews")
    ours = parse(base.text.replace("Read, Bash", "Read"))
    theirs = parse(base.text.replace("Reviews", "Reviews code").replace("- Never push", "- Never ever push"))
    merged = merge(base, ours, theirs)
    assert not merged.conflicts
    assert [(field.key, field.text, field.condition) for field in parse(merged.text).fields] == [
        ("name", "a", ""),
        ("tools", "Read", "{% if pro %}"),
        ("model", "opus", ""),
        ("description", "Reviews code", ""),
    ]


def test_merge__of_two_branches_is_left_to_a_person() -> None:
    base = _file("name: a", *PRO)
    ours = _file("name: a", *FREE)
    theirs = parse(base.text.replace("Read, Bash", "Read, Bash, Write"))
    assert merge(base, ours, theirs).conflicts


def test_an_unclosed_tag__keeps_the_block_as_it_is() -> None:
    definition = _file("name: a", "{% if pro %}", "tools: Read", "model: opus")
    assert [field.text for field in definition.fields] == ["a", "Read", "opus"]
    assert format_definition(definition, SHIPPED).text == definition.text
    with pytest.raises(InputError):
        combine([definition, definition])
