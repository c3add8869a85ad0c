"""TOML definitions: fields with their lines and digits, compared by meaning, never written, never a crash."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from agentmerge import align, combine, diff, drift, emit, merge, parse
from agentmerge.cli import application
from agentmerge.errors import InputError
from agentmerge.model import Definition
from agentmerge.reading import frontmatter
from agentmerge.text.lines import split_lines
from agentmerge.writing.formatting import format_definition
from tests.shipped import SHIPPED

AGENT = '''# who reviews
name = "reviewer"   # a name
description = "Reviews [changes]: all of them"
nickname_candidates = [
  "Rev",
  "R2 ]",  # not the end
]
developer_instructions = """
You review changes.

## Rules
name = "this is no key"
[nor.a.table]
- Never push to the main branch.
- Must run the tests.
"""
sandbox_mode = 'read-only'
model_context_window = 0x1F

[mcp_servers.docs]
command = "serve"
ratio = 1.10

[skills]
config = [{ path = "a" }]
'''
NAME = ".codex/agents/reviewer.toml"


def agent(text: str = AGENT) -> Definition:
    return parse(text, filename=NAME)


def test_fields_of_an_agent() -> None:
    definition = agent()
    assert definition.dialect == "codex"
    assert [(field.key, field.line, field.start, field.end) for field in definition.fields] == [
        ("name", 2, 1, 3),
        ("description", 3, 3, 4),
        ("nickname_candidates", 4, 4, 8),
        ("developer_instructions", 8, 8, 17),
        ("sandbox_mode", 17, 17, 18),
        ("model_context_window", 18, 18, 20),
        ("mcp_servers", 20, 20, 24),
        ("skills", 24, 24, 26),
    ]
    assert [note.code for note in definition.diagnostics if note.severity != "info"] == []
    assert _written(definition, "model_context_window") == "0x1F"
    assert _written(definition, "mcp_servers") == {"docs": {"command": "serve", "ratio": "1.10"}}
    assert _written(definition, "nickname_candidates") == ("Rev", "R2 ]")


def _written(definition: Definition, key: str) -> object:
    field = definition.field(key)
    assert field is not None
    return field.written


DOCUMENTS = [
    "",
    "# only a remark\n",
    "a = 1",
    "\ufeffname = 'x'\r\nb = 2\r\n",
    "a = '''x\n'''''\nb = 1\n",
    'a = """x\\"""\n[no]\n"""\nb = 1\n',
    "\"q k\" = 1\n'r' = 2\n",
    "a.b.c = 1\na.d = 2\nx = 3\n",
    "[[x]]\ny = 1\n[[x]]\ny = 2\n[z]\n",
    "[a.b]\nc = 1\n[d]\n[a.e]\nc = 2\n",
    "a = [[[1, 2]],\n# ]\n3]\nb = 2",
    "a = {b = 1, c = '}'}\nd = 1979-05-27T07:32:00Z\n",
    "a = inf\nb = nan\nc = 1_000\n",
    "x = 1 # '''\ny = 2\n",
]


@pytest.mark.parametrize("text", DOCUMENTS)
def test_every_line_belongs_to_one_field(text: str) -> None:
    definition = parse(text, filename="a.toml")
    assert emit(definition) == text
    lines = [number for field in definition.fields for number in range(field.start, field.end)]
    assert lines == (list(range(1, len(split_lines(text)) + 1)) if definition.fields else [])
    assert {field.key for field in definition.fields} == set(tomllib.loads(text.replace("\r\n", "\n").lstrip("\ufeff")))
    assert "".join(field.source for field in definition.fields) == (text if definition.fields else "")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x", 1),
        ("a = \n", 1),
        ("a = 1\na = 2\n", 2),
        ("[a]\n[a]\n", 2),
        ("---\nname: a\n---\n", 1),
        ("a = 1\nb = '''\nnever closed\n", 3),
        ("a = " + "[" * 5000, 1),
        ("a = 1\rb = 2\x00\n", 1),
        ("# Heading\n\n- item\n", 3),
        ("a = [1,\n", 1),
    ],
)
def test_what_is_no_toml__is_told_and_kept(text: str, line: int) -> None:
    definition = parse(text, filename=NAME)
    (told,) = (note for note in definition.diagnostics if note.code == "toml-broken")
    assert abs(told.line - line) <= 1
    assert (definition.dialect, definition.fields, emit(definition)) == ("codex", (), text)


@given(st.text(alphabet="ab=[]{}'\"\\#\n.,1 ", max_size=60))
def test_any_text__is_read(text: str) -> None:
    assert emit(parse(text, filename="a.toml")) == text


@given(
    st.dictionaries(st.sampled_from("abcd"), st.one_of(st.integers(), st.booleans(), st.text(max_size=8)), max_size=4)
)
def test_values_are_those_of_the_library(data: dict[str, object]) -> None:
    import json

    text = "".join(
        f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in data.items() if "\x7f" not in str(value)
    )
    fields = frontmatter.fields(text)
    assert {field.key: field.value for field in fields} == tomllib.loads(text)


def test_the_prompt_counts_like_a_body() -> None:
    findings = drift([agent(), agent(AGENT.replace("- Never push to the main branch.\n", ""))]).findings
    (lost,) = (found for found in findings if found.severity == "breaking")
    assert lost.rule == "guardrail-removed"
    assert lost.a is not None
    assert lost.a.line == 14


def test_rights_and_numbers_count() -> None:
    other = AGENT.replace("'read-only'", '"workspace-write"').replace("1.10", "1.1")
    rules = [found.rule for found in drift([agent(), agent(other)]).findings]
    assert rules == ["permission-widened", "field-changed"]


def test_another_spelling__is_cosmetic() -> None:
    other = AGENT.replace("'read-only'", '"read-only"').replace(
        '[\n  "Rev",\n  "R2 ]",  # not the end\n]', '["Rev", "R2 ]"]'
    )
    found = diff(agent(), agent(other))
    assert found.klass == "cosmetic"
    assert list(diff(agent(), agent())) == []


def test_it_compares_with_markdown_of_another_host() -> None:
    body = "You review changes.\n\n## Rules\n- Must run the tests.\n"
    claude = parse(f"---\nname: reviewer\ndescription: d\n---\n{body}", filename=".claude/agents/reviewer.md")
    toml = agent(AGENT.replace('name = "this is no key"\n[nor.a.table]\n', ""))
    lost = [found for found in drift([toml, claude]).findings if found.rule == "guardrail-removed"]
    assert len(lost) == 1
    assert any(group.relation == "same" for group in align([toml, claude]).units)


def test_nothing_writes_it() -> None:
    for act in (format_definition, lambda one, knowledge: combine([one, one], knowledge=knowledge)):
        with pytest.raises(InputError, match="TOML") as told:
            act(agent(), SHIPPED)
        assert told.value.file == NAME
        assert told.value.remedy


def test_merge__goes_by_lines_and_says_so() -> None:
    ours, theirs = AGENT.replace("reviewer", "checker", 1), AGENT.replace("1.10", "1.20")
    merged = merge(agent(), agent(ours), agent(theirs))
    assert merged.text == ours.replace("1.10", "1.20")
    assert "TOML" in merged.findings[0].message


@pytest.mark.parametrize(
    ("command", "code"),
    [(["show"], 0), (["show", "--format", "json"], 0), (["fmt"], 2), (["fmt", "--check"], 2), (["combine"], 2)],
)
@pytest.mark.parametrize("text", [AGENT, "name = \n"])
def test_commands(command: list[str], code: int, text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(text, "utf-8")
    result = CliRunner().invoke(application(), [*command, str(path)])
    assert result.exit_code == code
    assert len([row for row in result.stderr.splitlines() if "error" in row]) == (1 if code else 0)


def test_a_folder_of_agents__has_them(tmp_path: Path) -> None:
    from agentmerge.world.files import find_definitions

    for name in ("agents/a.toml", "pyproject.toml", "agents/b.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(AGENT, "utf-8")
    assert [Path(name).name for name in find_definitions(tmp_path)] == ["a.toml", "b.md"]
