"""A configuration file's data to options: every key is known, or told with what is near it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from agentmerge import signs, yamltext
from agentmerge.combining import combine
from agentmerge.combining.policy import OnConflict, Policy, Rule, make_rule
from agentmerge.configshape import CONFIG_KEYS, config_problems
from agentmerge.drifting import drift
from agentmerge.drifting.options import Options, read_options, with_severities
from agentmerge.drifting.rulebook import rules as severities
from agentmerge.errors import PolicyError
from agentmerge.knowledge import Knowledge
from agentmerge.layering import Source, laid, origins
from agentmerge.loosening import loosened
from agentmerge.merging.policy import Policy as MergePolicy
from agentmerge.merging.policy import Rule as MergeRule
from agentmerge.merging.policy import make_rule as make_merge_rule
from agentmerge.model import Value
from agentmerge.parsing import parse, tomlio
from agentmerge.parsing.yamlio import YamlError, line_of, load, load_written
from agentmerge.shapes import Problem
from agentmerge.updating.recipes import read_recipes
from agentmerge.updating.records import Recipe


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
        return "".join(yamltext.field(key, value) for key, value in data.items())
    return "".join(_with_origins(data, sources))


def _with_origins(data: Mapping[str, Any], sources: Sequence[Source]) -> Iterator[str]:
    for path, source in origins(sources).items():
        value: Any = data
        for key in path:
            value = value[key]
        written = " ".join(yamltext.field("x", value).split()).removeprefix("x:").strip()
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
        found = next((one.value for one in tomlio.fields(text) if one.key == "tool"), None)
    except tomlio.TomlError as error:
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
