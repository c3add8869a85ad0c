"""Mistakes in a configuration: for each table a typo in a key, in a value, a scalar for a list, a wrong type and an
unknown row, and many more made from the shape itself. None is silent, none is a bug report, each names its line."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

from agentmerge.cli import application
from agentmerge.config import check_config, config_problems, config_schema, config_shape, read_config, unreadable_rows
from agentmerge.errors import PolicyError
from agentmerge.knowledge.shapes import Either, Flag, Many, Number, Rows, Shape, Text
from agentmerge.knowledge.tables import Knowledge, names
from agentmerge.reading import yamlio
from tests.shipped import SHIPPED

MISTAKES = [
    # table, rows as YAML in one line, what is told
    ("alignment", "{model: {bais: 1.0}}", "did you mean 'bias'?"),
    ("alignment", "{model: {bias: high}}", "write a number"),
    ("alignment", "{model: 5}", "write `key: value` lines"),
    ("alignment", "{modle: {bias: 1.0}}", "did you mean 'model'?"),
    ("bounds", "{settings: {path: [x]}}", "did you mean 'paths'?"),
    ("bounds", "{settings: {paths: x}}", "write a list"),
    ("bounds", "{keys: {bonds: [x]}}", "did you mean 'bounds'?"),
    ("bounds", "{scales: {enabled: 5}}", "write a list"),
    ("bounds", "{sizes: 5}", "there is no key 'sizes'"),
    ("migrations", "{copilot-tool-sets: {rights: samee}}", "did you mean 'same'?"),
    ("migrations", "{copilot-tool-sets: {host: 5}}", "write a text"),
    ("migrations", "{copilot-tool-sets: {edit: {key: [[a, b]]}}}", "did you mean 'edits'?"),
    ("migrations", "{copilot-tool-sets: {edits: {text: x}}}", "write a list"),
    ("migrations", "{mine: {says: x}}", "has no edits"),
    ("concepts", "{security: {authentication: 5}}", "write a text"),
    ("concepts", "{security: {authentication: [login]}}", "write a text"),
    ("concepts", "{security: login}", "write `key: value` lines"),
    ("containers", "{families: {jinja: {opne: x}}}", "did you mean 'open'?"),
    ("containers", "{families: {jinja: {open: '('}}}", "no regular expression"),
    ("containers", "{families: {jinja: {kind: comments}}}", "did you mean 'comment'?"),
    ("containers", "{families: {own: {open: x}}}", "has no close, kind, trigger"),
    ("containers", "{familys: {}}", "did you mean 'families'?"),
    ("actions", "{execute: {pattern: [x]}}", "did you mean 'patterns'?"),
    ("actions", "{execute: {patterns: x}}", "write a list"),
    ("actions", "{execute: {patterns: ['(']}}", "no regular expression"),
    ("actions", "{execute: {added: warnings}}", "did you mean 'warning'?"),
    ("actions", "{executes: {says: x}}", "did you mean 'execute'?"),
    ("actions", "{mention: {words: 5}}", "write a list"),
    ("proving", "{pointing: below}", "write a list"),
    ("proving", "{kind: [agent]}", "did you mean 'kinds'?"),
    ("proving", "{counts: {two: twice}}", "write a whole number"),
    ("proving", "{counts: [2]}", "write `key: value` lines"),
    ("merging", "{later: {version: version}}", "write a list"),
    ("merging", "{later: {dates: [day]}}", "did you mean 'date'?"),
    ("merging", "{later: [version]}", "write `key: value` lines"),
    ("merging", "{late: {date: [day]}}", "did you mean 'later'?"),
    ("diagnostics", "{tools-absnt: {severity: info}}", "did you mean 'tools-absent'?"),
    ("diagnostics", "{tools-absent: {severity: infos}}", "did you mean 'info'?"),
    ("diagnostics", "{tools-absent: {severty: info}}", "did you mean 'severity'?"),
    ("dialects", "{claude: {tool: {Read: [read]}}}", "did you mean 'tools'?"),
    ("dialects", "{claude: {tools: {Read: [reed]}}}", "did you mean 'read'?"),
    ("dialects", "{claude: {tools: {Read: read}}}", "write a list"),
    ("dialects", "{claude: {fields: name}}", "write a list"),
    ("dialects", "{claude: {required: [descripton]}}", "did you mean 'description'?"),
    ("dialects", "{claude: {types: {tools: [lists]}}}", "did you mean 'list'?"),
    ("dialects", "{claude: {types: {toolz: [list]}}}", "did you mean 'tools'?"),
    ("dialects", "{claude: {one_line: maybe}}", "write true or false"),
    ("dialects", "{claude: {body_limit: long}}", "write a whole number"),
    ("dialects", "{claude: {unknown_fields: errors}}", "did you mean 'error'?"),
    ("dialects", "{claude: {tool_lists: {vocabularies: [claud]}}}", "did you mean 'claude'?"),
    ("dialects", "{claude: {rights: {default: {execut: ask}}}}", "did you mean 'execute'?"),
    ("dialects", "{claude: {rights: {default: {execute: alow}}}}", "did you mean 'allow'?"),
    ("dialects", "{claude: {patterns: {name: '('}}}", "no regular expression"),
    ("dialects", "{acme: {paths: [a.md]}}", "has no fields"),
    ("fields", "{tools: {shap: set}}", "did you mean 'shape'?"),
    ("fields", "{tools: {shape: sett}}", "did you mean 'set'?"),
    ("fields", "{tools: {rights: alow}}", "did you mean 'allow'?"),
    ("fields", "{tools: {rule: unoin}}", "did you mean 'union'?"),
    ("fields", "{permissionMode: {scale: plan}}", "write a list"),
    ("fields", "{permissionMode: {modes: {plan: {wirte: deny}}}}", "did you mean 'write'?"),
    ("fields", "{tools: set}", "write `key: value` lines"),
    ("frequent", "{share: x}", "did you mean 'shares'?"),
    ("frequent", "{shares: 5}", "write a text"),
    ("identity", "{guardrail: {word: [verboten]}}", "did you mean 'words'?"),
    ("identity", "{guardrail: {words: verboten}}", "write a list"),
    ("identity", "{guardrial: {words: [verboten]}}", "did you mean 'guardrail'?"),
    ("inputs", "{install: {titels: [setup]}}", "did you mean 'titles'?"),
    ("inputs", "{install: {titles: setup}}", "write a list"),
    ("modality", "{strong: {forbid: never}}", "write a list"),
    ("modality", "{strong: {forbid: [5]}}", "write a text"),
    ("modality", "{strong: {forbids: [never ever]}}", "did you mean 'forbid'?"),
    ("modality", "{stron: {forbid: [never ever]}}", "did you mean 'strong'?"),
    ("modality", "{strong: {forbid: {remove: [nevr]}}}", "did you mean 'never'?"),
    ("modality", "{strong: {forbid: {replace: [x], add: [y]}}}", "`replace` stands beside"),
    ("modality", "{strong: {forbid: {delete: [never]}}}", "add, remove, replace"),
    ("modality", "{strong: {forbid: {add: verboten}}}", "write a list"),
    ("models", "{claude: {teirs: [a]}}", "did you mean 'tiers'?"),
    ("models", "{claude: {tiers: opus}}", "write a list"),
    ("models", "{own: {marks: [own]}}", "has no tiers"),
    ("modes", "{use: {say: [x]}}", "did you mean 'says'?"),
    ("modes", "{use: {says: x}}", "write a list"),
    ("modes", "{example: [x]}", "write `key: value` lines"),
    ("outline", "{constraints: {aliases: house rules}}", "write a list"),
    ("outline", "{constraints: {alias: [house rules]}}", "did you mean 'aliases'?"),
    ("outline", "{constraints: {facet: prohibitions}}", "did you mean 'prohibition'?"),
    ("outline", "{own: {facet: check}}", "has no aliases"),
    ("phases", "{design: {word: sketch}}", "did you mean 'words'?"),
    ("phases", "{design: {words: [sketch]}}", "write a text"),
    ("reading", "{joiner: [and]}", "did you mean 'joiners'?"),
    ("reading", "{joiners: and}", "write a list"),
    ("review", "{size: {shares: 0.5}}", "did you mean 'share'?"),
    ("review", "{size: {share: x}}", "write a number"),
    ("review", "{fields: {model: model}}", "write a list"),
    ("rights", "{tiers: {exec: info}}", "did you mean 'execute'?"),
    ("rights", "{tiers: {execute: of}}", "known are"),
    ("rights", "{tiers: 5}", "write `key: value` lines"),
    ("rights", "{capabilities: {execute: shell}}", "write a list"),
    ("rights", "{capabilites: {execute: [shell]}}", "did you mean 'capabilities'?"),
    ("rights", "{limits: {factor: x}}", "write a"),
    ("roles", "{titles: {words: wizard}}", "write a list"),
    ("survey", "{naming: {fields: nickname}}", "write a list"),
    ("survey", "{mirror: {folders: [.acme]}}", "did you mean 'mirrors'?"),
    ("roles", "{title: {words: [wizard]}}", "did you mean 'titles'?"),
    ("roles", "{aliases: {ts: 5}}", "write a text"),
    ("rules", "{model-change: {severity: info}}", "did you mean 'model-changed'?"),
    ("rules", "{model-changed: {severity: off}}", "known are breaking"),
    ("rules", "{model-changed: {severity: brek}}", "did you mean"),
    ("rules", "{model-changed: [info]}", "write `key: value` lines"),
    ("signs", "{meaning: {x: forbidden}}", "did you mean 'forbid'?"),
    ("signs", "{meaning: 5}", "write `key: value` lines"),
    ("signs", "{force: {forbids: strong}}", "did you mean 'forbid'?"),
    ("signs", "{severity: {grades: high}}", "write a list"),
    ("tiers", "{permission: {conflict: [a / b]}}", "did you mean 'conflicts'?"),
    ("tiers", "{permission: {conflicts: [a b]}}", "has one side"),
    ("tiers", "{permission: {tiers: {allow: ok}}}", "write a list"),
    ("tiers", "{own: {tiers: {a: [b]}}}", "has no conflicts"),
    ("toolnames", "{zed: {grep: [grpe]}}", "did you mean 'grep'?"),
    ("toolnames", "{zed: {grep: grep}}", "write a list"),
    ("toolnames", "{zed: [grep]}", "write `key: value` lines"),
    ("words", "{opposite: {pair: [a / b]}}", "did you mean 'pairs'?"),
    ("words", "{opposite: {pairs: [a b]}}", "has one side"),
    ("words", "{opposite: {pairs: a / b}}", "write a list"),
    ("words", "{negatoin: {words: no}}", "did you mean 'negation'?"),
]
SLIPS = [
    ("concepts", "{securty: {a: b}}", "did you mean 'security'?"),
    ("inputs", "{instal: {titles: [x]}}", "did you mean 'install'?"),
    ("fields", "{toolz: {shape: set}}", "did you mean 'tools'?"),
    ("toolnames", "{zedd: {x: [read]}}", "did you mean 'zed'?"),
    ("outline", "{constraint: {aliases: [x y]}}", "did you mean 'constraints'?"),
    ("modality", "{strong: {forbid: [nevr]}}", "did you mean 'never'?"),
]


def test_every_table__has_its_mistakes() -> None:
    assert {table for table, _, _ in MISTAKES} == set(names())
    assert len(MISTAKES) >= 56


def config(table: str, rows: str) -> str:
    return f"tables:\n  outline: {{}}\n  {table}: {rows}\n".replace("  outline: {}\n  outline", "  # none\n  outline")


@pytest.mark.parametrize(("table", "rows", "remedy"), MISTAKES)
def test_mistake__is_told_with_its_place_and_what_is_near(table: str, rows: str, remedy: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read_config(config(table, rows), "c.yaml")
    assert str(caught.value).startswith(f"c.yaml:3: tables/{table}")
    assert remedy in str(caught.value)


@pytest.mark.parametrize(("table", "rows", "remedy"), SLIPS)
def test_what_looks_like_a_slip__is_told_and_holds(table: str, rows: str, remedy: str) -> None:
    (told,) = check_config(config(table, rows), "c.yaml")
    assert (told.line, told.problem.certain) == (3, False)
    assert remedy in told.problem.remedy
    read = read_config(config(table, rows), "c.yaml")
    assert bool(read.slips) == told.problem.is_row


OTHER = [
    ("strateg: union", "did you mean 'strategy'?"),
    ("strategy: unoin", "did you mean 'union'?"),
    ("strategy: 'at-least:x'", "write at-least:2"),
    ("strategy: [union]", "write one of"),
    ("wording: longst", "did you mean 'longest'?"),
    ("quorum: two", "write a whole number"),
    ("quorum: 0", "write 1 or more"),
    ("quorum: 1.5", "write a whole number"),
    ("quorum: true", "write a whole number"),
    ("prefer: 5", "write a list or a text"),
    ("prefer: [[a]]", "write a text"),
    ("on-conflict: frist", "did you mean 'first'?"),
    ("template: [a]", "write a text"),
    ("policy: union", "write `key: value` lines"),
    ("policy: {Rules: unoin}", "did you mean 'union'?"),
    ("policy: {Rules: restrict}", "strategy or wording"),
    ("policy: {Rules: 'from:'}", "write from:FILE"),
    ("policy: {frontmatter/tools: longst}", "did you mean 'longest'?"),
    ("policy: {frontmatter/tools: 'set:'}", "write set:VALUE"),
    ("policy: {frontmatter/tools: [union]}", "write one of"),
    ("tables: [fields]", "write `key: value` lines"),
    ("tables: {feilds: {}}", "did you mean 'fields'?"),
    ("drift: {severities: {}}", "did you mean 'severity'?"),
    ("drift: {severity: {model-change: info}}", "did you mean 'model-changed'?"),
    ("drift: {severity: {model-changed: infos}}", "did you mean 'info'?"),
    ("drift: {severity: {model-changed: off}}", "known are breaking"),
    ("drift: {severity: [info]}", "write `key: value` lines"),
    ("drift: {intentional: {reason: x}}", "write a list"),
    ("drift: {intentional: [{rule: [model-changed]}]}", "did you mean 'rules'?"),
    ("drift: {intentional: [{rules: [model-changed]}]}", "why the difference is meant"),
    ("drift: {intentional: [{reason: x, rules: [model-change]}]}", "did you mean 'model-changed'?"),
    ("drift: {fail-on: [braking]}", "did you mean 'breaking'?"),
    ("drift: {fail-on: braking}", "use one of"),
    ("drift: {baseline: [x]}", "write a text"),
    ("drift: {quorum: x}", "write a whole number"),
    ("merge: {frontmatter/model: our}", "did you mean 'ours'?"),
    ("merge: [ours]", "write `key: value` lines"),
    ("- a", "write `key: value` lines"),
    ("a", "write `key: value` lines"),
]


@pytest.mark.parametrize(("text", "remedy"), OTHER)
def test_mistake_outside_of_the_tables__is_told(text: str, remedy: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read_config(f"# one\n{text}\n", "c.yaml")
    assert remedy in str(caught.value)
    assert str(caught.value).startswith("c.yaml:2: ") or text in ("- a", "a", "drift: {fail-on: braking}")


def places(shape: Shape, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Shape]]:
    """Every place of a configuration whose keys are the program's, with its shape."""
    yield path, shape
    if isinstance(shape, Rows):
        for key, inner in shape.keys.items():
            yield from places(inner, (*path, key))
        for key in shape.names[:2]:
            assert shape.other is not None
            yield from places(shape.other, (*path, key))


def wrong_values(shape: Shape) -> Iterator[Any]:
    """A value that each shape must not have."""
    kinds = shape.shapes if isinstance(shape, Either) else (shape,)
    has = {type(one) for one in kinds}
    yield from [5] if not has & {Number} else []
    yield from [True] if Flag not in has else []
    yield from (
        ["some text that is nothing"]
        if Text not in has or all(isinstance(k, Text) and k.choices for k in kinds)
        else []
    )
    yield from [["member"]] if Many not in has else []
    yield from [{"some-key": {"inner": {"more": 1}}}]  # no shape takes this one


_EACH = 12
"""Mistakes of each part of a configuration."""


def generated() -> list[tuple[tuple[str, ...], Any]]:
    found = [(path, value) for path, shape in places(config_shape(SHIPPED)) if path for value in wrong_values(shape)]
    by_part: dict[tuple[str, ...], list[tuple[tuple[str, ...], Any]]] = {}
    for path, value in random.Random(5).sample(found, len(found)):
        by_part.setdefault(path[: 2 if path[0] == "tables" else 1], []).append((path, value))
    return [one for part in by_part.values() for one in part[:_EACH]]


def nested(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    return {path[0]: nested(path[1:], value)} if path else value


def is_told(data: Mapping[str, Any]) -> bool:
    return bool(config_problems(data, SHIPPED))


@pytest.mark.parametrize(("path", "value"), generated(), ids=lambda value: str(value)[:60])
def test_generated_mistake__is_told_at_its_place(path: tuple[str, ...], value: Any) -> None:
    data = nested(path, value)
    text = "".join(yamlio.field_text(key, one) for key, one in data.items())
    with pytest.raises(PolicyError) as caught:
        read_config(text, "c.yaml")
    assert str(caught.value).startswith("c.yaml:")
    assert "/".join(path) in caught.value.message
    assert caught.value.remedy


def test_generated_mistakes__are_of_every_table() -> None:
    assert {path[1] for path, _ in generated() if len(path) > 1 and path[0] == "tables"} == set(names())


def test_commands__tell_all_of_them_and_end_with_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.md").write_text("# A\n", "utf-8")
    for path, value in random.Random(7).sample(generated(), 50):
        text = "".join(yamlio.field_text(key, one) for key, one in nested(path, value).items())
        Path(".agentmerge.yaml").write_text(text, "utf-8")
        for command in (["show", "a.md"], ["config", "check"]):
            result = CliRunner().invoke(application(command[0]), command)
            assert result.exit_code == 2, (path, value, result.output)
            assert "/".join(path) in result.stderr


def test_schema__takes_what_the_program_takes() -> None:
    schema = config_schema(SHIPPED)
    jsonschema.Draft202012Validator.check_schema(schema)
    whole = {
        "tables": {name: thawed(SHIPPED.raw(name)) for name in names()},
        "strategy": "at-least:2",
        "prefer": "a.md",
    }
    whole |= {
        "policy": {"frontmatter/tools": "set:[Read]", "kind:guardrail": "union"},
        "drift": {"fail-on": "breaking"},
    }
    jsonschema.validate(whole, schema)
    assert not is_told(whole)
    validator = jsonschema.Draft202012Validator(schema)
    for table, rows, _ in MISTAKES:
        data = thawed(yaml(config(table, rows)))
        if not any(
            word in rows
            for word in ("'('", "mine: ", "required: [desc", "toolz", "own: ", "acme", "replace", "executes")
        ):
            assert list(validator.iter_errors(data)), rows


def yaml(text: str) -> Any:
    from agentmerge.reading.yamlio import load

    return load(text)


def thawed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: thawed(one) for key, one in value.items()}
    return [thawed(one) for one in value] if isinstance(value, (list, tuple)) else value


def test_lists__are_added_to_taken_from_and_replaced() -> None:
    def words(rows: str) -> tuple[str, ...]:
        return tuple(read_config(config("modality", rows), "c").knowledge.raw("modality")["strong"]["forbid"])

    shipped = tuple(SHIPPED.raw("modality")["strong"]["forbid"])
    assert words("{strong: {forbid: [verboten!]}}") == (*shipped, "verboten!")
    assert words("{strong: {forbid: {add: [verboten!]}}}") == (*shipped, "verboten!")
    assert words("{strong: {forbid: {remove: [never]}}}") == tuple(one for one in shipped if one != "never")
    assert words("{strong: {forbid: {replace: [verboten!]}}}") == ("verboten!",)
    with pytest.raises(TypeError, match="where a list stands"):
        Knowledge({"modality": {"strong": {"forbid": "never"}}}).raw("modality")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tables: {modality: {strong: {forbid: {remove: [never]}}}}", "modality/strong/forbid no longer holds 'never'"),
        ("tables: {modality: {strong: {forbid: {replace: [x]}}}}", "forbid no longer holds 'never', 'do not'"),
        ("tables: {rights: {tiers: {execute: info}}}", "tables/rights/tiers/execute is 'info' instead of 'breaking'"),
        ("tables: {rules: {guardrail-removed: {severity: info}}}", "guardrail-removed/severity is 'info'"),
        ("drift: {severity: {guardrail-removed: warning}}", "guardrail-removed/severity is 'warning'"),
        ("tables: {fields: {tools: {rights: grant}}}", "tables/fields/tools/rights is 'grant' instead of 'allow'"),
        ("tables: {signs: {meaning: {❌: mark}}}", "tables/signs/meaning/❌ is 'mark' instead of 'forbid'"),
        (
            "tables: {dialects: {claude: {tools: {Bash: {replace: [read]}}}}}",
            "claude/tools/Bash no longer holds 'shell'",
        ),
    ],
)
def test_safety_that_is_given_up__is_told(text: str, told: str) -> None:
    assert any(told in one for one in read_config(text, "c.yaml").loosened)


@pytest.mark.parametrize(
    "text",
    [
        "tables: {modality: {strong: {forbid: [verboten]}}}",
        "tables: {rights: {tiers: {write: breaking}}}",
        "drift: {severity: {model-changed: breaking}}",
        "tables: {outline: {constraints: {aliases: {remove: [pitfalls]}}}}",
        "tables: {diagnostics: {tools-absent: {severity: warning}}}",
    ],
)
def test_what_gives_up_nothing__is_not_told(text: str) -> None:
    assert read_config(text, "c.yaml").loosened == ()


def fitting(shape: Shape, source: random.Random) -> Any:
    """A value of a shape, as odd as the shape lets it be."""
    if isinstance(shape, Either):
        return fitting(source.choice(shape.shapes), source)
    if isinstance(shape, Text):
        odd = {"sides": ["a / b", "x / y / z"], "counts": ["a:1", ""], "pattern": ["x", "", "é|(a)"]}
        return source.choice(shape.choices or odd.get(shape.form, ["x", "never", "* z", "(", "❌", "", "1"]))
    if isinstance(shape, Number):
        return source.choice([0, 1, -1, 10**12] if shape.whole else [0, 0.5, -3.5, 1e300])
    if isinstance(shape, Flag):
        return source.random() < 0.5
    if isinstance(shape, Many):
        members = [fitting(shape.member, source) for _ in range(source.randint(0, 3))]
        words = {
            "add": members,
            "remove": list(source.sample(shape.known, min(len(shape.known), 3))),
            "replace": members,
        }
        word = source.choice(["", *words])
        return members if not word or not shape.laid else {word: words[word]}
    keys = source.sample(list(shape.keys), min(len(shape.keys), 3))
    rows = {key: fitting(shape.keys[key], source) for key in sorted({*keys, *shape.needed})}
    if shape.other is not None:
        rows |= {key: fitting(shape.other, source) for key in shape.names[:2]}
    return rows


@pytest.mark.parametrize("table", names())
def test_rows_of_the_right_shape__break_no_command(table: str) -> None:
    source = random.Random(table)
    shape = config_shape(SHIPPED).keys["tables"]
    assert isinstance(shape, Rows)
    for _ in range(3):
        rows = fitting(shape.keys[table], source)
        try:
            config = read_config(yamlio.field_text("tables", {table: rows}), "c.yaml")
        except PolicyError:
            continue
        fault = unreadable_rows(config)
        # Which names go together in a row is told where it is read, as an error like any other.
        assert fault is None or type(fault.__cause__) is PolicyError, rows
