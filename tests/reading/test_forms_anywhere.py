"""Fields in the form of their host, wherever the frontmatter stands and however it ends."""

from __future__ import annotations

import pytest

from agentmerge import combine, drift, emit, merge, parse
from agentmerge.model import Definition
from agentmerge.reading.checks import uncovered
from agentmerge.writing.formatting import format_definition
from tests.shipped import SHIPPED

GLOBS = "*.ts,*.tsx"
PLACES = {
    "in its place": f"---\ndescription: d\nglobs: {GLOBS} # all\n---\n# T\n\n- a\n",
    "below a comment": f"<!-- c -->\n---\ndescription: d\nglobs: {GLOBS} # all\n---\n# T\n\n- a\n",
    "below a blank line": f"\n---\ndescription: d\nglobs: {GLOBS} # all\n---\n# T\n\n- a\n",
    "never closed": f"---\ndescription: d\nglobs: {GLOBS} # all\n# T\n\n- a\n",
    "closed too late": f"---\ndescription: d\nglobs: {GLOBS} # all\n# T\n\n- a\n---\n",
    "below the heading": f"---\ndescription: d\n# T\nglobs: {GLOBS} # all\n\n- a\n",
    "with a comment like a heading": f"---\ndescription: d\n# Files\nglobs: {GLOBS} # all\n---\n# T\n\n- a\n",
    "TOML": f"+++\ndescription = 'd'\nglobs = '{GLOBS}' # all\n+++\n# T\n\n- a\n",
    "TOML with a list": "+++\ndescription = 'd'\nglobs = ['*.ts', '*.tsx'] # all\n+++\n# T\n\n- a\n",
}


def rule(text: str) -> Definition:
    return parse(text, filename="typescript.mdc")


@pytest.mark.parametrize("text", PLACES.values(), ids=PLACES)
def test_bare_value__is_read_and_written_bare_everywhere(text: str) -> None:
    definition = rule(text)
    assert emit(definition) == text
    assert uncovered(definition) == []
    assert [field.key for field in definition.fields] == ["description", "globs"]
    field = definition.field("globs")
    assert field is not None
    assert field.value in (GLOBS, ("*.ts", "*.tsx"))
    assert [remark.text for remark in field.comments if remark.line >= field.line] == ["# all"]
    assert "frontmatter-repaired" not in {note.code for note in definition.diagnostics}
    assert [section.title for section in definition.root.sections] == ["T"]
    tidy = format_definition(definition, SHIPPED).text
    assert f"\nglobs: {GLOBS}" in tidy.partition("\n---\n")[0]
    assert "# all" in tidy
    assert rule(tidy).is_seen
    assert format_definition(rule(tidy), SHIPPED).text == tidy
    combined = combine([definition, rule(text.replace("- a", "- b"))]).text
    assert f"\nglobs: {GLOBS}" in combined
    assert combined.count("# all") == 1


def test_line_of_a_quoted_text__is_no_bare_value() -> None:
    definition = rule('---\ndescription: "one\nglobs: *.ts\n two"\n---\n# T\n')
    assert [(field.key, field.value) for field in definition.fields] == [("description", "one globs: *.ts two")]


def test_host_that_reads_yaml__has_no_bare_values_either_place() -> None:
    for start in ("", "\n"):
        definition = parse(f"{start}---\nname: a\nglobs: {GLOBS}\n---\n# T\n", filename=".claude/rules/a.md")
        assert [field.style for field in definition.fields] == ["plain", "recovered"]


def test_numbers_of_toml__keep_their_digits_where_yaml_has_them() -> None:
    text = "+++\nname = 'a'\nx = 1.10\nnested = [1.10, 2]\nbig = 1_000\nhex = 0x1F\nratio = inf\n+++\n# T\n"
    tidy = format_definition(parse(text), SHIPPED).text
    assert tidy == "---\nname: a\nx: 1.10\nnested: [1.10, 2]\nbig: 1000\nhex: 0x1F\nratio: inf\n---\n# T\n"


def test_table_in_two_places__is_no_frontmatter() -> None:
    definition = parse("+++\n[a.b]\nc = 1\n[d]\n[a.e]\nc = 2\n+++\n# T\n")
    assert definition.fields == ()
    assert "'a' stands in two places" in definition.diagnostics[0].message


ASKS = "permission:\n  bash:\n    'git *': allow\n    '*': ask\n"
ALLOWS = "permission:\n  bash:\n    '*': ask\n    'git *': allow\n"


def agent(rules: str, above: str = "") -> Definition:
    return parse(f"{above}---\ndescription: d\n{rules}---\n# T\n", filename=".opencode/agents/a.md")


def test_order_of_rules__grants_only_where_hosts_find_them() -> None:
    def found(a: Definition, b: Definition) -> list[tuple[str, str]]:
        return [(one.rule, one.message) for one in drift([a, b]).findings if "permission" in one.message]

    assert [rule for rule, _ in found(agent(ASKS), agent(ALLOWS))] == ["permission-widened"]
    (unread,) = found(agent(ASKS, "\n"), agent(ALLOWS, "\n"))
    assert unread == ("field-changed", "permission: the keys stand in another order; no host finds it")


def test_merge__tells_that_another_order_grants_more() -> None:
    ours = agent(ASKS)
    merged = merge(ours, parse(ours.text.replace("# T", "# U"), filename=ours.filename), agent(ALLOWS))
    assert merged.text == agent(ALLOWS).text.replace("# T", "# U")
    assert "rights-widened" in [notice.rule for notice in merged.findings]
