"""The shape of a whole configuration, and what is wrong with one: by shape, then by what its rows say together."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any, get_args

from agentmerge.combining.policy import OnConflict, Policy, Rule
from agentmerge.combining.strategies import AT_LEAST, FIELD_RULES, FIXED, FROM, STRATEGIES, WORDINGS
from agentmerge.diffing.records import DiffClass
from agentmerge.drifting.records import SEVERITIES
from agentmerge.drifting.requirements import STRENGTHS
from agentmerge.errors import PolicyError
from agentmerge.knowledge import Knowledge, names
from agentmerge.merging.policy import STRATEGIES as MERGE_STRATEGIES
from agentmerge.shapes import Either, Many, Number, Problem, Rows, Shape, Text, json_schema, problems
from agentmerge.tableshapes import host_problems, table_shapes
from agentmerge.updating.recipes import SOURCE_KEYS, read_recipes

CONFIG_KEYS = (
    "extends", "overrides",
    "strategy", "wording", "quorum", "prefer", "on-conflict", "template", "policy", "tables", "drift", "merge",
    "recipes", "require",
)  # fmt: skip
"""The keys of a configuration. One with nothing behind it, over lines that are all remarks, says nothing."""
_TEXTS = Either((Many(Text()), Text()))
_STRATEGY = Text(tuple(STRATEGIES), begins=(AT_LEAST, FROM))
_RULE = Text((*FIELD_RULES, *STRATEGIES, *WORDINGS), begins=(FIXED, AT_LEAST, FROM))


def config_shape(shipped: Knowledge, data: Mapping[str, Any] | None = None) -> Rows:
    """The shape of a configuration, whatever it holds; of `data` alone, whose own names are known, too."""
    keys = _keys(shipped, _tables(data or {}), names() if data is None else frozenset(_asked(data)))
    row = Rows({"paths": _TEXTS, **keys})
    return Rows({"extends": _TEXTS, "overrides": Many(row), "recipes": Rows({}, _recipe_shape()), **keys})


def _combining_keys() -> dict[str, Shape]:
    """How variants are combined: what a configuration says, and a recipe of its own output."""
    return {
        "strategy": _STRATEGY,
        "wording": Text(tuple(WORDINGS)),
        "quorum": Number(whole=True, least=1),
        "prefer": _TEXTS,
        "on-conflict": Text(get_args(OnConflict)),
        "template": Text(),
        "policy": Rows({}, _RULE),
    }


def _tables(data: Mapping[str, Any]) -> Mapping[str, Any]:
    rows = data.get("tables")
    return rows if isinstance(rows, Mapping) else {}


def _asked(data: Mapping[str, Any]) -> Iterator[str]:
    """The tables that a configuration has rows of, for all files or for some."""
    overrides = data.get("overrides")
    for one in (data, *(overrides if isinstance(overrides, (list, tuple)) else ())):
        if isinstance(one, Mapping):
            yield from map(str, _tables(one))


def _keys(shipped: Knowledge, rows: Mapping[str, Any], asked: Container[str]) -> dict[str, Shape]:
    """What a configuration says of all files, and may say of some."""
    return {
        **_combining_keys(),
        "tables": table_shapes(rows, ("wording", *FIELD_RULES), shipped, asked),
        "drift": _drift_shape(shipped),
        "require": Many(
            Rows(
                {
                    "text": Text(),
                    "file": Text(),
                    "agents": _TEXTS,
                    "except": _TEXTS,
                    "strength": Text(tuple(STRENGTHS)),
                }
            )
        ),
        "merge": Rows({}, Text(tuple(MERGE_STRATEGIES))),
    }


def _recipe_shape() -> Either:
    source = Either((Rows(dict.fromkeys(SOURCE_KEYS, Text())), Text()))
    sources = Either((Many(source), *source.shapes))
    return Either(
        (
            Rows({"sources": sources, "combine": Rows({**_combining_keys(), "name": Text()}), "decisions": Text()}),
            Many(source),
            Text(),
        )
    )


def config_schema(shipped: Knowledge) -> dict[str, Any]:
    """The JSON Schema of a configuration."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "agentmerge/config/1",
        "title": "Configuration of agentmerge (.agentmerge.yaml)",
        **json_schema(config_shape(shipped)),
    }


def _drift_shape(shipped: Knowledge) -> Rows:
    rules = tuple(shipped.raw("rules"))
    limits = Text((*SEVERITIES, *DiffClass))
    texts = dict.fromkeys(("paths", "files", "adds", "sees"), _TEXTS)
    row = Rows({"reason": Text(), "rules": Either((Many(Text(rules)), Text(rules))), **texts, "until": Text()})
    return Rows(
        {
            "severity": Rows(dict.fromkeys(rules, Text(tuple(SEVERITIES)))),
            "intentional": Many(row),
            "fail-on": Either((Many(limits), Text())),
            "baseline": Text(),
            "quorum": Number(whole=True, least=1),
        }
    )


def config_problems(data: object, shipped: Knowledge) -> list[Problem]:
    """All that is wrong with the data of a configuration, mistakes before what only looks like one."""
    if not isinstance(data, Mapping):
        return [Problem((), "the configuration is not `key: value` lines", "write it as `key: value` lines")]
    found = list(problems(config_shape(shipped, data), data))
    if not any(one.certain for one in found):
        found += _together(data)
    return sorted(found, key=lambda one: not one.certain)


def _together(data: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with data of the right shape."""
    yield from _policies(data.get("policy") or {})
    try:
        read_recipes(data.get("recipes"))
    except PolicyError as error:
        yield Problem(("recipes",), error.message.removeprefix("recipes/"), error.remedy)
    if str(data.get("strategy", "")).startswith((AT_LEAST, FROM)):
        yield from _strategy(data["strategy"])
    for number, row in enumerate(data.get("overrides") or (), 1):
        if not row.get("paths"):
            yield Problem(("overrides",), f"row {number} has no paths", "say in `paths` for which files it is")
        yield from (one._replace(path=("overrides", *one.path)) for one in _together(row))
    rows = data.get("tables") or {}
    if "dialects" in rows:
        yield from host_problems(rows, Knowledge.of(rows))
    for number, row in enumerate((data.get("drift") or {}).get("intentional") or (), 1):
        if not str(row.get("reason", "")).strip():
            path = ("drift", "intentional")
            yield Problem(path, f"row {number} has no reason", "say in `reason` why the difference is meant")


def _strategy(name: str) -> Iterator[Problem]:
    try:
        Policy(name)
    except PolicyError as error:
        yield Problem(("strategy",), error.message, error.remedy)


def _policies(rules: Mapping[str, str]) -> Iterator[Problem]:
    for pattern, value in rules.items():
        try:
            Rule(pattern, value)
        except PolicyError as error:
            yield Problem(("policy", pattern), error.message, error.remedy)
