"""A configuration file's data to options: every key is known, or told with what is near it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from agentmerge import tables
from agentmerge.combining.policy import Policy, Rule, make_rule
from agentmerge.combining.strategies import FIELD_RULES
from agentmerge.errors import PolicyError, unknown
from agentmerge.merging.policy import Rule as MergeRule
from agentmerge.merging.policy import make_rule as make_merge_rule
from agentmerge.model import Value
from agentmerge.parsing.yamlio import YamlError, load

_KEYS = ("strategy", "wording", "quorum", "prefer", "on-conflict", "template", "policy", "tables", "drift", "merge")


@dataclass(frozen=True, slots=True)
class Config:
    """What a configuration file says; None where it says nothing."""

    file: str = ""
    strategy: str | None = None
    wording: str | None = None
    quorum: int | None = None
    prefer: tuple[str, ...] = ()
    on_conflict: str | None = None
    template: str | None = None
    rules: tuple[Rule, ...] = ()
    tables: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    """Rows laid over the shipped tables, by table."""
    drift: Mapping[str, Value] = field(default_factory=dict)
    """Options of the drift review, as they stand."""
    merge: tuple[MergeRule, ...] = ()
    """How conflicts of a three-way merge are decided."""


def read_config(text: str, file: str) -> Config:
    """The options in a configuration file. PolicyError names the file and what is wrong in it."""
    try:
        data = load(text)
    except YamlError as error:
        raise PolicyError(f"not valid YAML: {error.message}", file=file, line=error.line + 1) from None
    if data is None:
        return Config(file)
    if not isinstance(data, Mapping):
        raise PolicyError("the configuration is not a list of `key: value` lines", file=file)
    _only(data, _KEYS, file, "configuration key")
    try:
        return _config(data, file)
    except PolicyError as error:
        raise PolicyError(error.message, file=error.file or file, remedy=error.remedy) from None


def _config(data: Mapping[str, Value], file: str) -> Config:
    strategy, wording = _text(data, "strategy"), _text(data, "wording")
    on_conflict = _text(data, "on-conflict")
    if on_conflict not in (None, "both", "first", "fail"):
        raise PolicyError(f"on-conflict is '{on_conflict}'", remedy="use both, first or fail")
    Policy(strategy=strategy or "union", wording=wording or "longest", quorum=_number(data, "quorum"))
    prefer = data.get("prefer", ())
    return Config(
        file,
        strategy,
        wording,
        _number(data, "quorum"),
        tuple(map(str, prefer)) if isinstance(prefer, tuple) else (str(prefer),),
        on_conflict,
        _text(data, "template"),
        tuple(make_rule(pattern, str(value)) for pattern, value in _mapping(data, "policy").items()),
        _tables(_mapping(data, "tables"), file),
        _mapping(data, "drift"),
        tuple(make_merge_rule(pattern, str(value)) for pattern, value in _mapping(data, "merge").items()),
    )


def _tables(data: Mapping[str, Value], file: str) -> dict[str, Mapping[str, Value]]:
    _only(data, tables.names(), file, "table")
    found = {}
    for name, rows in data.items():
        if not isinstance(rows, Mapping):
            raise PolicyError(f"table '{name}' is not a list of `key: value` rows")
        found[name] = rows
    _check_rows(found, file)
    return found


def _check_rows(rows: Mapping[str, Mapping[str, Value]], file: str) -> None:
    """Read the tables once with the user's rows, so that a row of the wrong shape is told here and not later."""
    try:
        with tables.using(rows) as laid:
            rules = {info.rule for info in laid.fields.values()}
            _ = (laid.outline, laid.diagnostics, laid.known_keys, laid.vocabularies)
            for pattern in (one for dialect in laid.dialects.values() for one in dialect.patterns.values()):
                re.compile(pattern)
    except (TypeError, KeyError, AttributeError, ValueError, IndexError, re.error) as error:
        raise PolicyError(f"a row of the tables has a wrong shape: {error}", file=file) from None
    for rule in sorted(rules - {"wording", *FIELD_RULES}):
        raise PolicyError(f"tables/fields: there is no field rule '{rule}'", file=file)


def _only(data: Iterable[str], known: Iterable[str], file: str, what: str) -> None:
    names = list(known)
    for key in data:
        if key not in names:
            error = unknown(what, key, names)
            raise PolicyError(error.message, file=file, remedy=error.remedy)


def _text(data: Mapping[str, Value], key: str) -> str | None:
    value = data.get(key)
    return None if value is None else str(value)


def _number(data: Mapping[str, Value], key: str) -> int | None:
    value = data.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise PolicyError(f"{key} is {value!r}, not a whole number")
    return value


def _mapping(data: Mapping[str, Value], key: str) -> Mapping[str, Value]:
    value = data.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise PolicyError(f"{key} is not a list of `key: value` lines")
    return value
