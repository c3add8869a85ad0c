"""A configuration's data in, options, policies and a `Knowledge` out; what is wrong in it, and what it lets pass."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple, get_args

from agentmerge.combining.engine import combine
from agentmerge.diffing.records import DiffClass
from agentmerge.drifting.acceptance import STRENGTHS, Options, read_options, with_severities
from agentmerge.drifting.records import SEVERITIES
from agentmerge.drifting.records import rules as severities
from agentmerge.drifting.reviewing import drift
from agentmerge.errors import PolicyError
from agentmerge.knowledge import signs
from agentmerge.knowledge.rows import host_problems, table_shapes
from agentmerge.knowledge.shapes import Either, Many, Number, Problem, Rows, Shape, Text, json_schema, problems
from agentmerge.knowledge.tables import Knowledge, names
from agentmerge.merging.pieces import STRATEGIES as MERGE_STRATEGIES
from agentmerge.merging.pieces import Policy as MergePolicy
from agentmerge.merging.pieces import Rule as MergeRule
from agentmerge.merging.pieces import make_rule as make_merge_rule
from agentmerge.model import Value
from agentmerge.planning.strategies import (
    AT_LEAST,
    FIELD_RULES,
    FIXED,
    FROM,
    STRATEGIES,
    WORDINGS,
    OnConflict,
    Policy,
    Rule,
    make_rule,
)
from agentmerge.reading import frontmatter, yamlio
from agentmerge.reading.parsing import parse
from agentmerge.reading.yamlio import YamlError, line_of, load, load_written
from agentmerge.updating.recipes import SOURCE_KEYS, Recipe, read_recipes

# Layering -------------------------------------------------------------------------------------------------------------
#
# Configurations laid over each other: one that another extends, and what overrides it for some files.


_WORDS = frozenset({"add", "remove", "replace"})
_OWN = ("extends", "overrides")
"""Keys that say how a configuration is laid together, and nothing of what it holds."""
_ADDED = frozenset({"intentional", "require"})
"""Lists outside of the tables to which a further file adds."""


@dataclass(frozen=True, slots=True)
class Source:
    """One configuration file."""

    file: str
    text: str
    data: Mapping[str, Any]
    names: tuple[str, ...] = ()
    """The files that the configuration is asked for, from the folder of this one."""
    is_toml: bool = False

    @property
    def extends(self) -> tuple[str, ...]:
        """The files that it is laid over, the first of them at the bottom."""
        named = self.data.get("extends", ())
        return (named,) if isinstance(named, str) else tuple(named)

    @property
    def layers(self) -> Iterator[Mapping[str, Any]]:
        """What it says for all files, then what it says for all those that it is asked for."""
        yield {key: value for key, value in self.data.items() if key not in _OWN}
        for row in self.data.get("overrides", ()):
            if self.names and all(
                any(_speaks(pattern, name) for pattern in _list(row["paths"])) for name in self.names
            ):
                yield {key: value for key, value in row.items() if key != "paths"}


def _speaks(pattern: str, name: str) -> bool:
    return fnmatchcase(name, pattern) or fnmatchcase(name, f"*/{pattern}")


def _list(value: object) -> Sequence[str]:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, (list, tuple)) else ()


def laid(sources: Sequence[Source]) -> dict[str, Any]:
    """What several files say together, the last one above all others."""
    found: Mapping[str, Any] = {}
    for source in sources:
        for layer in source.layers:
            found = _over(found, layer, ())
    return dict(found)


def origins(sources: Sequence[Source]) -> dict[tuple[str, ...], Source]:
    """For each value that stands by itself, by its keys, the last file that speaks of it."""
    return {path: source for source in sources for layer in source.layers for path in _leaves(layer, ())}


def _leaves(data: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for key, value in data.items():
        if isinstance(value, Mapping) and not _changes(value):
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key)


def _over(base: Mapping[str, Any], own: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    found = dict(base)
    for key, value in own.items():
        old, place = found.get(key), (*path, key)
        if key in found and path[:1] == ("tables",) and (_is_list(old) or _is_list(value)):
            found[key] = _both(old, value)
        elif isinstance(old, Mapping) and isinstance(value, Mapping):
            found[key] = _over(old, value, place)
        elif key in _ADDED and isinstance(old, (list, tuple)):
            found[key] = (*old, *value)
        else:
            found.pop(key, None)  # Of two policies for one path the later one counts, and so its place does.
            found[key] = value
    return found


def _is_list(value: object) -> bool:
    return isinstance(value, (list, tuple)) or _changes(value)


def _changes(value: object) -> bool:
    return isinstance(value, Mapping) and bool(value) and _WORDS.issuperset(value)


def _both(base: Any, own: Any) -> Any:
    """Two changes of one list of the tables as one."""
    before, after = _words(base), _words(own)
    if "replace" in after:
        return own
    if "replace" in before:
        kept = [one for one in before["replace"] if one not in after.get("remove", ())]
        return {"replace": (*kept, *after.get("add", ()))}
    added = [one for one in before.get("add", ()) if one not in after.get("remove", ())]
    gone = (*before.get("remove", ()), *after.get("remove", ()))
    again = after.get("add", ())
    return {"add": (*added, *again), "remove": tuple(one for one in gone if one not in again)}


def _words(value: Any) -> Mapping[str, Sequence[Any]]:
    return value if isinstance(value, Mapping) else {"add": value}


# Loosening ------------------------------------------------------------------------------------------------------------
#
# What a configuration lets pass that the shipped tables do not: safety that is given up is itself told.


_TABLES = (
    "actions", "diagnostics", "dialects", "fields", "identity", "modality", "rights", "rules", "signs", "tiers",
    "toolnames", "words",
)  # fmt: skip
"""Tables that say what binds, what is granted and what is told."""
_SEVERITY_KEYS = frozenset({"severity", "mild", "tier"})
_SEVERITIES = ("breaking", "error", "warning", "info")
"""From the most serious down."""
_HARMLESS = frozenset({
    "title", "says", "reads", "message", "assumed", "remedy", "about", "order", "rank", "paths", "field_limits",
    "body_limit", "required", "markers",
})  # fmt: skip
"""Keys whose values say nothing of safety."""


def loosened(knowledge: Knowledge, shipped: Knowledge) -> tuple[str, ...]:
    """What these tables no longer tell or forbid, each in a phrase, by table."""
    own = [name for name in _TABLES if name in knowledge.rows]
    return tuple(one for name in own for one in _below(shipped.raw(name), knowledge.raw(name), f"tables/{name}"))


def _below(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[str]:
    for key, value in old.items():
        if key in _HARMLESS:
            continue
        now, place = new.get(key), f"{path}/{key}"
        if isinstance(value, Mapping):
            yield from _below(value, now if isinstance(now, Mapping) else {}, place)
        elif isinstance(value, (list, tuple)):
            yield from _left_out(value, now if isinstance(now, (list, tuple)) else (), place)
        elif now != value and not _is_higher(value, now, key, path):
            yield f"{place} is {now!r} instead of {value!r}"


def _left_out(old: Sequence[Any], new: Sequence[Any], place: str) -> Iterator[str]:
    gone = [one for one in old if one not in new]
    if gone:
        yield f"{place} no longer holds {', '.join(map(repr, gone[:_SHOWN]))}{' ...' if len(gone) > _SHOWN else ''}"


_SHOWN = 3


def _is_higher(old: object, new: object, key: str, path: str) -> bool:
    """Whether a severity is more serious than it was."""
    if key not in _SEVERITY_KEYS and not path.endswith("rights/tiers"):
        return False
    return old in _SEVERITIES and new in _SEVERITIES and _SEVERITIES.index(str(new)) < _SEVERITIES.index(str(old))


# Configshape ----------------------------------------------------------------------------------------------------------
#
# The shape of a whole configuration, and what is wrong with one: by shape, then by what its rows say together.


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


# Config ---------------------------------------------------------------------------------------------------------------
#
# A configuration file's data to options: every key is known, or told with what is near it.


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
    loosened: tuple[str, ...] = ()
    """What it lets pass that the shipped tables do not, each in a phrase."""
    slips: tuple[str, ...] = ()
    """New rows of tables whose names are near to those of shipped ones, each in a line with its place."""
    is_of_files: bool = False
    """Whether it says something else of other files."""
    places: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    """For an option that names a file, by its keys, the configuration file that says so."""
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

    def place_of(self, *keys: str) -> str:
        """The configuration file that an option which names a file stands beside."""
        return self.places.get(keys, self.file)

    @property
    def merging(self) -> MergePolicy:
        """The policy of a three-way merge."""
        return MergePolicy(self.merge)


def read_config(text: str, file: str) -> Config:
    """The options in a configuration file by itself. PolicyError names the file, the line, the keys and what is wrong
    there."""
    return config_of([read_source(text, file)])


def read_source(text: str, file: str, names: Sequence[str] = ()) -> Source:
    """A configuration file that is right by itself; a name that ends in `.toml` is of one with `[tool.agentmerge]`.

    `names` are the files that it is asked for, from its folder. Raises PolicyError.
    """
    source = _source(text, file, tuple(names))
    told = config_problems(source.data, Knowledge.shipped())
    found = [one for one in told if one.certain]
    if found:
        first = found[0]
        more = f" (and {len(found) - 1} more: `agentmerge config check` lists them)" if len(found) > 1 else ""
        line = _line(source, first.path)
        raise PolicyError(f"{first.key}: {first.message}{more}", file=file, line=line, remedy=first.remedy)
    return source


def config_of(sources: Sequence[Source]) -> Config:
    """The options of files laid over each other, the last one above the others. Raises PolicyError."""
    file = sources[-1].file
    try:
        config = _config(laid(sources), file)
    except PolicyError as error:
        raise PolicyError(error.message, file=file, remedy=error.remedy) from None
    slips = [slip for source in sources for slip in _slips(source)]
    stands = origins(sources)
    places = {path: stands[path].file for path in _PLACED if path in stands}
    return replace(
        config, slips=tuple(slips), places=places, is_of_files=any("overrides" in source.data for source in sources)
    )


_PLACED: tuple[tuple[str, ...], ...] = (("template",), ("drift", "baseline"))
"""Options that name a file, which stands beside the configuration that says so."""


def _slips(source: Source) -> Iterator[str]:
    for one in config_problems(source.data, Knowledge.shipped()):
        if one.is_row:
            yield f"{source.file}:{_line(source, one.path)}: {one.key}: {one.message}; {one.remedy}"


def check_config(text: str, file: str) -> list[Told]:
    """All that is wrong with a configuration, and what only looks like it. PolicyError where it can't be read."""
    source = _source(text, file)
    return [Told(one, _line(source, one.path)) for one in config_problems(source.data, Knowledge.shipped())]


class Told(NamedTuple):
    """What is wrong with a configuration, and where."""

    problem: Problem
    line: int | None


def shown_config(sources: Sequence[Source], *, origin: bool = False) -> str:
    """A configuration as YAML, or, with its origins, a line for each value with the file and the line that has it."""
    data = laid(sources)
    if not origin:
        return "".join(yamlio.field_text(key, value) for key, value in data.items())
    return "".join(_with_origins(data, sources))


def _with_origins(data: Mapping[str, Any], sources: Sequence[Source]) -> Iterator[str]:
    for path, source in origins(sources).items():
        value: Any = data
        for key in path:
            value = value[key]
        written = " ".join(yamlio.field_text("x", value).split()).removeprefix("x:").strip()
        yield f"{'/'.join(path)}: {written}  # {source.file}:{_line(source, path)}\n"


def _source(text: str, file: str, names: tuple[str, ...] = ()) -> Source:
    is_toml = file.endswith(".toml")
    data = _of_toml(text, file) if is_toml else _of_yaml(text, file)
    if data is not None and not isinstance(data, Mapping):
        remedy = "write `key: value` lines"
        raise PolicyError("the configuration is not a list of `key: value` lines", file=file, remedy=remedy)
    known = {key: value for key, value in (data or {}).items() if value is not None or key not in CONFIG_KEYS}
    return Source(file, text, known, names, is_toml)


def _of_yaml(text: str, file: str) -> Value:
    try:
        load_written(text)  # A key that stands twice would have its last value alone.
        return load(text)
    except YamlError as error:
        raise PolicyError(f"not valid YAML: {error.message}", file=file, line=error.line + 1) from None


def _of_toml(text: str, file: str) -> Value:
    try:
        found = next((one.value for one in frontmatter.fields(text) if one.key == "tool"), None)
    except frontmatter.TomlError as error:
        raise PolicyError(f"not valid TOML: {error.message}", file=file, line=error.line) from None
    return found.get(_TOOL) if isinstance(found, Mapping) else None


_TOOL = "agentmerge"


def _line(source: Source, path: Sequence[str]) -> int | None:
    if not source.is_toml:
        return line_of(source.text, path)
    # The place of the last of its keys that stands by itself is near enough for a person to find it.
    lines = source.text.split("\n")
    start = next((number for number, line in enumerate(lines) if "tool.agentmerge" in line), 0)
    for key in reversed(path):
        written = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=|.*\.[\"']?{re.escape(key)}[\"']?\s*\]")
        found = next((number for number in range(start, len(lines)) if written.match(lines[number])), None)
        if found is not None:
            return found + 1
    return start + 1


def _config(data: Mapping[str, Any], file: str) -> Config:
    """The options of data that has the right shape."""
    drift = data.get("drift", {})
    rows = data.get("tables", {})
    laid = _readable(rows)
    review = read_options(drift, laid, data.get("require"))
    prefer = data.get("prefer", ())
    knowledge = Knowledge(with_severities(rows, review)) if review.severities else laid
    return Config(
        file,
        data.get("strategy"),
        data.get("wording"),
        data.get("quorum"),
        prefer if isinstance(prefer, tuple) else (prefer,),
        data.get("on-conflict"),
        data.get("template"),
        tuple(make_rule(pattern, value) for pattern, value in data.get("policy", {}).items()),
        rows,
        review,
        tuple(make_merge_rule(pattern, value) for pattern, value in data.get("merge", {}).items()),
        knowledge,
        loosened(knowledge, Knowledge.shipped()),
        recipes=read_recipes(data.get("recipes")),
    )


def _readable(rows: Mapping[str, Mapping[str, Value]]) -> Knowledge:
    """The tables with the user's rows, those read that hold for every command."""
    laid = Knowledge.of(rows)
    try:
        _read_through(laid)
    except (TypeError, KeyError, AttributeError, ValueError, IndexError) as error:
        raise PolicyError(f"a row of the tables has a wrong shape: {error}") from None
    return laid


def _read_through(knowledge: Knowledge) -> None:
    severities(knowledge)
    signs.of(knowledge)
    _ = (knowledge.outline, knowledge.diagnostics, knowledge.known_keys, knowledge.vocabularies, knowledge.dialects)


def unreadable_rows(config: Config) -> PolicyError | None:
    """The error for a table whose rows no command can work with, found by trying them; None where all are sound.

    It takes as long as a combine, so it is for who checks a configuration, and for who has to say why something failed.
    """
    for table, rows in config.tables.items():
        fault = _fault(Knowledge.of({table: rows}))
        if fault is not None:
            what = f"tables/{table}: its rows can't be worked with: {str(fault) or type(fault).__name__}"
            error = PolicyError(what, file=config.file, remedy="compare them with the shipped ones")
            error.__cause__ = fault
            return error
    return None


_TRIED = (
    "---\nname: a\ndescription: Use when asked.\ntools: Read, Bash\n---\n# Agent\n\nYou are a reviewer.\n\n## Rules\n\n"
    "- **Never** push to main\n- ❌ Skip the tests\n- [ ] Keep coverage above 80%\n\n## Steps\n\n"
    "1. Run:\n\n```sh\nls\n```\n"
)
"""A definition that has something for each of the tables."""


def _fault(knowledge: Knowledge) -> Exception | None:
    """What goes wrong where two definitions are read, compared and reviewed by these tables."""
    try:
        _read_through(knowledge)
        pair = [parse(text, knowledge) for text in (_TRIED, _TRIED.replace("Never", "Always").replace("80", "90"))]
        drift(pair, knowledge)
        combine(pair, knowledge)
    except Exception as error:  # noqa: BLE001 - whatever rows break is told as a fault of the rows
        return error
    return None
