"""Fields that a host does not read as YAML: read, formatted, combined and merged as its row in the data says."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agentmerge import combine, merge, parse
from agentmerge.reading import yamlio
from agentmerge.reading.yamlio import entries
from agentmerge.rights import reading
from agentmerge.writing.formatting import format_definition
from tests.laws import uncovered
from tests.shipped import SHIPPED


def rule(globs: str, *, always: str = "false", body: str = "Keep it small.", ending: str = "\n") -> str:
    return f"---\ndescription: Small.\nglobs:{globs}\nalwaysApply: {always}\n---\n{body}\n".replace("\n", ending)


BARE = [
    (" *.ts,*.tsx", "*.ts,*.tsx"),
    (" *", "*"),
    (" **/*.{ts,tsx},lib/**", "**/*.{ts,tsx},lib/**"),
    (" {src,lib}/**", "{src,lib}/**"),
    (" !**/gen/**", "!**/gen/**"),
    (" src/a.ts", "src/a.ts"),
    (" [ab]*.ts", "[ab]*.ts"),
    (" *.ts # why", "*.ts"),
    ("  *.ts  ", "*.ts"),
    (" @scope/x: y/**", "@scope/x: y/**"),
    (" &a,*b", "&a,*b"),
    (" %x,`y`", "%x,`y`"),
]


@pytest.mark.parametrize(("written", "value"), BARE)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_bare_value__is_what_stands_there(written: str, value: str, ending: str) -> None:
    definition = parse(rule(written, ending=ending), filename="a.mdc")
    field = definition.field("globs")
    assert field is not None
    assert (field.value, field.text, field.style) == (value, value, "bare")
    assert definition.frontmatter is not None
    assert definition.frontmatter.valid
    assert uncovered(definition) == []
    assert format_definition(definition, SHIPPED).text == rule(written, ending=ending)


@pytest.mark.parametrize("written", [written for written, _ in BARE])
def test_no_diagnostic_calls_it_broken(written: str) -> None:
    notes = parse(rule(written), filename="a.mdc").diagnostics
    assert [note.code for note in notes if note.severity != "info"] == []


@pytest.mark.parametrize(
    ("written", "formatted"),
    [
        (' ["*.ts", "*.tsx"]', " *.ts,*.tsx"),
        ("\n  - *.ts\n  - *.tsx", " *.ts,*.tsx"),
        ('\n  - "*.ts"', " *.ts"),
        (' "*.ts,*.tsx"', " *.ts,*.tsx"),
        (" '*.ts'", " *.ts"),
        (" *.ts, *.tsx", " *.ts,*.tsx"),
        (' ["**/*.{ts,tsx}", "a.md"]', " **/*.{ts,tsx},a.md"),
        (" >-\n  *.ts,\n  *.tsx", " *.ts,*.tsx"),
        ("", ""),
        (' ""', ' ""'),
        (" []", " []"),
    ],
)
def test_fmt__writes_the_form_that_the_host_reads(written: str, formatted: str) -> None:
    once = format_definition(parse(rule(written), filename="a.mdc"), SHIPPED)
    assert once.text == rule(formatted)
    assert once.reformed == (("globs",) if written != formatted else ())
    again = format_definition(parse(once.text, filename="a.mdc"), SHIPPED)
    assert again.text == once.text


def test_other_fields_of_the_file_are_still_yaml() -> None:
    text = "---\ndescription: a: b\nglobs: *.ts\nalwaysApply: false\n---\nx\n"
    result = format_definition(parse(text, filename="a.mdc"), SHIPPED)
    assert result.text == text.replace("a: b", '"a: b"')
    assert result.repaired == ("description",)


def test_where_the_host_is_guessed__a_list_stays() -> None:
    text = rule(' ["*.ts", "*.tsx"]')
    assert format_definition(parse(text), SHIPPED).text == text
    broken = parse(rule("\n  - *.ts"))
    assert [note.code for note in broken.diagnostics if note.severity == "warning"] == ["frontmatter-repaired"]
    assert format_definition(broken, SHIPPED).text == rule('\n  - "*.ts"')
    assert "globs: *.ts,*.tsx\n" in combine([parse(rule(" *.ts,*.tsx"))]).text
    assert 'globs: ["*.ts", "*.tsx"]\n' in combine([parse(text)]).text


@pytest.mark.parametrize("other", [" *.ts,*.tsx", ' ["*.ts", "*.tsx"]', "", ' "*.ts"'])
def test_combine__writes_a_rule_bare(other: str) -> None:
    a, b = (parse(rule(globs), filename=f"{name}.mdc") for name, globs in (("a", " *.ts,*.tsx"), ("b", other)))
    for pair in ([a, b], [b, a]):
        line = next(row for row in combine(pair).text.split("\n") if row.startswith("globs:"))
        assert line in ("globs: *.ts,*.tsx", "globs: *.ts")


def test_combine__into_another_host_is_yaml() -> None:
    agent = parse("---\nname: a\ndescription: Small.\n---\nKeep it small.\n", filename=".claude/agents/a.md")
    result = combine([agent, parse(rule(" *.ts,*.tsx"), filename="b.mdc")]).text
    assert 'globs: "*.ts,*.tsx"' in result
    assert entries(result.split("---\n")[1])


def test_combine__tells_what_the_activation_comes_to() -> None:
    a, b = parse(rule("", always="true"), filename="a.mdc"), parse(rule(" *.ts"), filename="b.mdc")
    notices = {notice.rule for notice in combine([a, b]).findings}
    assert {"field-differs", "field-overruled"} <= notices
    assert "field-overruled" not in {notice.rule for notice in combine([b, a]).findings}


def test_merge__joins_patterns_without_blanks() -> None:
    base, ours, theirs = (parse(rule(globs), filename="a.mdc") for globs in (" *.ts", " *.ts,*.tsx", " *.ts,*.js"))
    result = merge(base, ours, theirs).text
    line = next(row for row in result.split("\n") if row.startswith("globs:"))
    assert " *" not in line.removeprefix("globs: ")
    assert {"*.ts", "*.tsx", "*.js"} == set(line.removeprefix("globs: ").split(","))


PATTERNS = st.lists(st.from_regex(r"[A-Za-z*!@&%][A-Za-z0-9*./_{}\-]{0,8}", fullmatch=True), min_size=1, max_size=4)


@given(PATTERNS)
def test_what_is_written_bare__is_read_as_the_same(patterns: list[str]) -> None:
    cursor = SHIPPED.dialects["cursor"]
    # `{a` and `b}` side by side would be one pattern.
    assume(yamlio.bare(tuple(patterns)))
    line = yamlio.written("globs", tuple(patterns), "", cursor)
    field = parse(f"---\n{line}alwaysApply: false\n---\nx\n", filename="a.mdc").field("globs")
    assert field is not None
    assert reading.names(field.value) == reading.names(tuple(patterns))
    assert not yamlio.fault(field, cursor)


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("*.{ts,js}, *.md", ("*.{ts,js}", "*.md")),
        ("**/{a,{b,c}}/*,d", ("**/{a,{b,c}}/*", "d")),
        ("Agent(a, b), Read", ("Agent(a, b)", "Read")),
        ("Bash(f(a, b), c), Read", ("Bash(f(a, b), c)", "Read")),
        ("a, b}", ("a", "b}")),
        ("{a, b", ("{a", "b")),
        ("Bash(git, Read", ("Bash(git", "Read")),
        ("a), b, c", ("a)", "b", "c")),
    ],
)
def test_commas_inside_brackets__part_nothing(text: str, members: tuple[str, ...]) -> None:
    assert reading.names(text) == members
