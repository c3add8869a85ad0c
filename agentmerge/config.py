"""A configuration file's data to options: every key is known, or told with what is near it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from agentmerge import signs, yamltext
from agentmerge.combining.policy import OnConflict, Policy, Rule, make_rule
from agentmerge.configshape import CONFIG_KEYS, config_problems
from agentmerge.drifting.options import Options, read_options, with_severities
from agentmerge.drifting.rulebook import rules as severities
from agentmerge.errors import PolicyError
from agentmerge.knowledge import Knowledge
from agentmerge.loosening import loosened
from agentmerge.merging.policy import Policy as MergePolicy
from agentmerge.merging.policy import Rule as MergeRule
from agentmerge.merging.policy import make_rule as make_merge_rule
from agentmerge.model import Value
from agentmerge.parsing.yamlio import YamlError, line_of, load, load_written
from agentmerge.shapes import Problem


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
    """The options in a configuration file. PolicyError names the file, the line, the keys and what is wrong there."""
    data = _data(text, file)
    told = config_problems(data, Knowledge.shipped())
    found = [one for one in told if one.certain]
    if found:
        raise _error(found, text, file)
    slips = [f"{file}:{line_of(text, one.path)}: {one.key}: {one.message}; {one.remedy}" for one in told if one.is_row]
    try:
        return replace(_config(data, file), slips=tuple(slips))
    except PolicyError as error:
        raise PolicyError(error.message, file=file, remedy=error.remedy) from None


def check_config(text: str, file: str) -> list[Told]:
    """All that is wrong with a configuration, and what only looks like a mistake. PolicyError where it is no YAML."""
    found = config_problems(_data(text, file), Knowledge.shipped())
    return [Told(one, line_of(text, one.path)) for one in found]


class Told(NamedTuple):
    """What is wrong with a configuration, and where."""

    problem: Problem
    line: int | None


def shown_config(text: str, file: str, *, origin: bool = False) -> str:
    """A configuration as YAML, each value with its place behind it where `origin` is asked for."""
    data = _data(text, file)
    read_config(text, file)
    lines = [f"{line}\n" for key, value in data.items() for line in yamltext.field(key, value).splitlines()]
    if not origin:
        return "".join(lines)
    return "".join(_with_origins(lines, data, text, file))


def _with_origins(lines: Sequence[str], data: Mapping[str, Value], text: str, file: str) -> Iterator[str]:
    for line in lines:
        key = line.partition(":")[0]
        place = f"  # {file}:{line_of(text, (key,))}" if key in data else ""
        yield f"{line.rstrip()}{place}\n"


def _data(text: str, file: str) -> Mapping[str, Value]:
    try:
        data = load(text)
        load_written(text)  # A key that stands twice would have its last value alone.
    except YamlError as error:
        raise PolicyError(f"not valid YAML: {error.message}", file=file, line=error.line + 1) from None
    if data is not None and not isinstance(data, Mapping):
        remedy = "write `key: value` lines"
        raise PolicyError("the configuration is not a list of `key: value` lines", file=file, remedy=remedy)
    return {key: value for key, value in (data or {}).items() if value is not None or key not in CONFIG_KEYS}


def _error(found: Sequence[Problem], text: str, file: str) -> PolicyError:
    first = found[0]
    more = f" (and {len(found) - 1} more: `agentmerge config check` lists them)" if len(found) > 1 else ""
    return PolicyError(
        f"{first.key}: {first.message}{more}", file=file, line=line_of(text, first.path), remedy=first.remedy
    )


def _config(data: Mapping[str, Any], file: str) -> Config:
    """The options of data that has the right shape."""
    drift = data.get("drift", {})
    rows = data.get("tables", {})
    laid = _readable(rows)
    review = read_options(drift, laid)
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
    )


def _readable(rows: Mapping[str, Mapping[str, Value]]) -> Knowledge:
    """The tables with the user's rows, read once, so that what no shape says of a row is told here and not later."""
    laid = Knowledge.of(rows)
    try:
        if "rules" in rows:
            severities(laid)
        _ = (laid.outline, laid.diagnostics, laid.known_keys, laid.vocabularies, laid.dialects)
        if "signs" in rows:
            signs.of(laid)
    except (TypeError, KeyError, AttributeError, ValueError, IndexError) as error:
        raise PolicyError(f"a row of the tables has a wrong shape: {error}") from None
    return laid
