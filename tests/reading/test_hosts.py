"""A host is one data file: what stands in one, that a new one is enough, and that a user's row is as good."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentmerge import parse
from agentmerge.config import read_config
from agentmerge.errors import PolicyError
from agentmerge.knowledge import tables
from agentmerge.knowledge.tables import Knowledge
from agentmerge.reading import parsing
from tests.shipped import SHIPPED

ACME = """
order = 15
title = "Acme agent"
paths = [".acme/agents/*.md"]
fields = ["name", "rule", "tools", "no-go"]
markers = ["no-go"]
unknown_fields = "error"

[forms]
rule = ["bare"]

[types]
tools = ["list"]

[tool_lists]
fields = ["tools"]
vocabularies = ["acme"]
closed = true
server = "{server}::{tool}"

[tools]
look = ["read"]
run = ["shell"]

[meanings.no-go]
shape = "set"
rights = "deny"
rule = "restrict"
"""
TEXT = "---\nname: a\nrule: *.ts,*.js\ntools: Read\nno-go: run\ncolor: red\n---\nBody.\n"


def _codes(text: str, filename: str, knowledge: Knowledge = SHIPPED) -> list[str]:
    read = parse(text, filename=filename, knowledge=knowledge)
    return [note.code for note in read.diagnostics if note.severity == "warning"]


def _as_yaml(toml: str) -> str:
    return json.dumps({"tables": {"dialects": {"acme": tomllib.loads(toml)}}})


@pytest.fixture
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the data folder in which files can be put."""
    copy = tmp_path / "data"
    shutil.copytree(tables.DATA, copy)
    monkeypatch.setattr(tables, "DATA", copy)
    monkeypatch.setattr(tables, "HOSTS", copy / "hosts")
    _forget()
    yield copy
    _forget()


def _forget() -> None:
    for one in (tables._sources, tables._shipped, tables._compiled):
        one.cache_clear()


def test_a_new_file__is_a_new_host(own_data: Path) -> None:
    (own_data / "hosts" / "acme.toml").write_text(ACME, "utf-8")
    _assert_acme_is_known(Knowledge())


def test_a_row_of_the_configuration__is_a_new_host() -> None:
    config = read_config(_as_yaml(ACME), "c.yaml")
    _assert_acme_is_known(config.knowledge)


def _assert_acme_is_known(knowledge: Knowledge) -> None:
    definition = parse(TEXT, filename="x/.acme/agents/a.md", knowledge=knowledge)
    assert definition.dialect == "acme"
    rule = definition.field("rule")
    assert rule is not None
    assert (rule.value, rule.style) == ("*.ts,*.js", "bare")
    assert sorted(note.code for note in definition.diagnostics if note.severity == "warning") == [
        "field-refused",
        "field-type",
        "tool-unknown",
    ]
    (told,) = (note for note in definition.diagnostics if note.code == "tool-unknown")
    assert told.remedy == "write look"
    assert knowledge.field_info("no-go").rights == "deny"
    assert parsing.names(knowledge).index("acme") < parsing.names(knowledge).index("copilot")
    assert parsing.names(knowledge)[-1] == "plain"


def test_a_host_without_an_order__stands_before_plain() -> None:
    own = Knowledge({"dialects": {"late": {"paths": ["AGENTS.md"]}}})
    assert parsing.names(own)[-2:] == ("late", "plain")
    assert parse("x\n", filename="AGENTS.md", knowledge=own).dialect == "late"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ('{"acme": {"fields": "name"}}', "fields: 'name' is a text; write a list"),
        ('{"acme": {"fields": ["name"], "types": {"tools": "list"}}}', "types/tools: 'list' is a text; write a list"),
        ('{"acme": {"fields": ["name"], "path": ["x"]}}', "there is no key 'path'; did you mean 'paths'"),
        ('{"acme": 3}', "acme: '3' is a number; write"),
        ('{"acme": {"fields": ["name"], "order": "first"}}', "order: 'first' is a text; write a whole number"),
        (
            '{"acme": {"fields": ["name"], "field_limits": {"name": "few"}}}',
            "field_limits/name: 'few' is a text; write a whole number",
        ),
        ('{"acme": {"fields": ["name"], "patterns": {"name": "("}}}', "no regular expression"),
        ('{"acme": {"fields": ["name"], "tool_lists": {"server": "{host}/{tool}"}}}', "wrong shape"),
        ('{"acme": {"fields": ["name"], "tools": {"run": "shell"}}}', "tools/run: 'shell' is a text; write a list"),
    ],
)
def test_a_row_of_a_wrong_shape__is_told(row: str, words: str) -> None:
    with pytest.raises(PolicyError, match=words.replace("(", r"\(")):
        read_config(f'{{"tables": {{"dialects": {row}}}}}', "c.yaml")


def test_rows_of_a_known_host__are_laid_over_it() -> None:
    own = Knowledge({"dialects": {"gemini": {"fields": ["color"], "tools": {"my_tool": ["mine"]}}}})
    text = "---\nname: a\ndescription: d\ncolor: red\ntools: [my_tool, read_file]\n---\nBody.\n"
    assert _codes(text, ".gemini/agents/a.md", own) == []


def test_names_of_files_are_names_of_dialects() -> None:
    assert set(parsing.names(SHIPPED)) == {path.stem for path in tables.HOSTS.glob("*.toml")}


@pytest.mark.parametrize("name", parsing.names(SHIPPED))
def test_a_host_names_what_is_there(name: str) -> None:
    row = SHIPPED.dialects[name]
    for listed in (row.required, row.types, row.values, row.patterns, row.forms, row.ordered, row.field_limits):
        assert set(listed) <= row.fields, listed
    assert set(row.tool_lists.fields) <= row.fields
    assert set(row.tool_lists.vocabularies) <= set(SHIPPED.vocabularies)
    for said, others in row.overrules.items():
        assert {said.partition(": ")[0], *others} <= row.fields
    kinds = {"text", "list", "map", "boolean", "number"}
    assert {kind for types in row.types.values() for kind in types} <= kinds
    assert row.syntax in ("yaml", "toml")
    assert not row.prompt or row.prompt in row.fields


@pytest.mark.parametrize(
    ("path", "dialect"),
    [
        (".qwen/agents/a.md", "qwen"),
        ("team/.kiro/agents/deep/a.md", "kiro"),
        (".kiro/steering/a.md", "kiro"),
        (".pi/agents/a.md", "pi"),
        (".windsurf/rules/a.md", "windsurf"),
        (".devin/rules/a.md", "windsurf"),
        (".cline/agents/a.yaml", "cline"),
        (".clinerules/a.md", "cline"),
        (".factory/droids/a.md", "factory"),
        (".agents/agents/a.md", "antigravity"),
        (".codex/agents/a.toml", "codex"),
        (".opencode/agents/a.md", "opencode"),
        ("C:\\work\\.gemini\\agents\\a.md", "gemini"),
        ("rules/a.mdc", "cursor"),
        (".claude/agents/a.md", "claude"),
        ("HEAD~2:.gemini/agents/a.md", "gemini"),
        ("AGENTS.md", "plain"),
        ("a.md", "plain"),
    ],
)
def test_a_path_names_its_host(path: str, dialect: str) -> None:
    assert parse("Text.\n", filename=path).dialect == dialect


@pytest.mark.parametrize(
    ("keys", "dialect"),
    [
        (["name", "description", "disallowed_tools", "spawning"], "pi"),
        (["description", "globs", "alwaysApply"], "cursor"),
        # A key more than Cursor knows: another host's file, that may read its fields as YAML.
        (["description", "globs", "alwaysApply", "targets"], "plain"),
        (["name", "description", "tools"], "claude"),
        (["description", "model-policy"], "copilot"),
        (["description", "permission"], "opencode"),
    ],
)
def test_fields_speak_for_a_host(keys: list[str], dialect: str) -> None:
    text = "---\n" + "".join(f"{key}: x\n" for key in keys) + "---\nBody.\n"
    assert parse(text).dialect == dialect
