"""A configuration file's data to options: every key is known, or told with what is near it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from agentmerge.combining.policy import OnConflict, Policy, Rule, make_rule
from agentmerge.combining.strategies import FIELD_RULES
from agentmerge.drifting.options import Options, read_options, with_severities
from agentmerge.drifting.rulebook import rules as severities
from agentmerge.errors import PolicyError, unknown
from agentmerge.knowledge import Knowledge, names
from agentmerge.merging.policy import Policy as MergePolicy
from agentmerge.merging.policy import Rule as MergeRule
from agentmerge.merging.policy import make_rule as make_merge_rule
from agentmerge.model import Value
from agentmerge.parsing.yamlio import YamlError, line_of, load, load_written
from agentmerge.rowchecks import check_rows
from agentmerge.updating.recipes import read_recipes
from agentmerge.updating.records import Recipe

_KEYS = (
    "strategy",
    "wording",
    "quorum",
    "prefer",
    "on-conflict",
    "template",
    "policy",
    "tables",
    "drift",
    "merge",
    "recipes",
)


@dataclass(frozen=True, slots=True)
class Config:
    """What a configuration file says; None where it says nothing."""

    file: str = ""
    strategy: str | None = None
    wording: str | None = None
    quorum: int | None = None
    prefer: tuple[str, ...] = ()
    on_conflict: OnConflict | None = None
    template: str | None = None
    rules: tuple[Rule, ...] = ()
    tables: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    """Rows laid over the shipped tables, by table."""
    review: Options = field(default_factory=Options)
    """Options of the drift review."""
    merge: tuple[MergeRule, ...] = ()
    """How conflicts of a three-way merge are decided."""
    knowledge: Knowledge = field(default_factory=Knowledge.shipped)
    """The shipped tables with these rows and severities laid over them."""
    recipes: tuple[Recipe, ...] = ()
    """What each output of `update` is made of."""

    def combining(self, files: Sequence[str | None]) -> Policy:
        """The policy of a combine of these files."""
        names = [Path(file or "").name for file in files]
        prefer = (names.index(name) for one in self.prefer if (name := Path(one).name) in names)
        return Policy(
            self.strategy or "union",
            self.wording or "longest",
            self.quorum,
            tuple(dict.fromkeys(prefer)),
            self.on_conflict or "both",
            rules=self.rules,
        )

    @property
    def merging(self) -> MergePolicy:
        """The policy of a three-way merge."""
        return MergePolicy(self.merge)


def read_config(text: str, file: str) -> Config:
    """The options in a configuration file. PolicyError names the file and what is wrong in it."""
    try:
        data = load(text)
        load_written(text)  # A key that stands twice would have its last value alone.
    except YamlError as error:
        raise PolicyError(f"not valid YAML: {error.message}", file=file, line=error.line + 1) from None
    if data is None:
        return Config(file)
    if not isinstance(data, Mapping):
        raise PolicyError("the configuration is not a list of `key: value` lines", file=file)
    try:
        return _config(data, file)
    except PolicyError as error:
        line = line_of(text, _culprit(data, lambda part: part))
        raise PolicyError(error.message, file=file, line=line, remedy=error.remedy) from None


def _culprit(data: Mapping[str, Value], whole: Callable[[Mapping[str, Value]], Mapping[str, Value]]) -> tuple[str, ...]:
    """The keys that lead to the first value that is wrong by itself; none where only all of it together is."""
    for key, value in data.items():

        def alone(part: Value, key: str = key) -> Mapping[str, Value]:
            return whole({key: part})

        if _is_wrong(alone(value)):
            return (key, *(_culprit(value, alone) if isinstance(value, Mapping) and not _is_wrong(alone({})) else ()))
    return ()


def _is_wrong(data: Mapping[str, Value]) -> bool:
    try:
        _config(data, "")
    except PolicyError:
        return True
    return False


def _config(data: Mapping[str, Value], file: str) -> Config:
    _only(data, _KEYS, "configuration key")
    strategy, wording = _text(data, "strategy"), _text(data, "wording")
    asked = _text(data, "on-conflict")
    on_conflict = next((one for one in get_args(OnConflict) if one == asked), None)
    if asked != on_conflict:
        raise PolicyError(f"on-conflict is '{asked}'", remedy="use both, first or fail")
    Policy(strategy=strategy or "union", wording=wording or "longest", quorum=_number(data, "quorum"))
    prefer = data.get("prefer", ())
    rows = _tables(_mapping(data, "tables"))
    laid = _checked(rows)
    review = read_options(_mapping(data, "drift"), laid)
    return Config(
        file,
        strategy,
        wording,
        _number(data, "quorum"),
        tuple(map(str, prefer)) if isinstance(prefer, tuple) else (str(prefer),),
        on_conflict,
        _text(data, "template"),
        tuple(make_rule(pattern, str(value)) for pattern, value in _mapping(data, "policy").items()),
        rows,
        review,
        tuple(make_merge_rule(pattern, str(value)) for pattern, value in _mapping(data, "merge").items()),
        Knowledge(with_severities(rows, review)) if review.severities else laid,
        read_recipes(data.get("recipes")),
    )


def _tables(data: Mapping[str, Value]) -> dict[str, Mapping[str, Value]]:
    _only(data, names(), "table")
    found = {}
    for name, rows in data.items():
        if not isinstance(rows, Mapping):
            raise PolicyError(f"table '{name}' is not a list of `key: value` rows")
        found[name] = rows
    return found


def _checked(rows: Mapping[str, Mapping[str, Value]]) -> Knowledge:
    """The tables with the user's rows, read once, so that a row of the wrong shape is told here and not later."""
    check_rows(rows, Knowledge.shipped())
    laid = Knowledge.of(rows)
    try:
        if "rules" in rows:
            severities(laid)
        rules = {info.rule for info in laid.fields.values()}
        _ = (laid.outline, laid.diagnostics, laid.known_keys, laid.vocabularies)
        for pattern in (one for dialect in laid.dialects.values() for one in dialect.patterns.values()):
            re.compile(pattern)
    except (TypeError, KeyError, AttributeError, ValueError, IndexError, re.error) as error:
        raise PolicyError(f"a row of the tables has a wrong shape: {error}") from None
    for rule in sorted(rules - {"wording", *FIELD_RULES}):
        raise PolicyError(f"tables/fields: there is no field rule '{rule}'")
    return laid


def _only(data: Iterable[str], known: Iterable[str], what: str) -> None:
    names = list(known)
    for key in data:
        if key not in names:
            raise unknown(what, key, names)


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
