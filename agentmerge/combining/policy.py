"""A policy: which strategy, wording or field rule holds where. Patterns that matched nothing are told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from agentmerge.combining.strategies import (
    AT_LEAST,
    FIELD_RULES,
    FIXED,
    FROM,
    STRATEGIES,
    WORDINGS,
    files_of,
    is_named,
    strategy_of,
)
from agentmerge.errors import PolicyError, unknown
from agentmerge.model import Definition
from agentmerge.parsing.lines import split_lines
from agentmerge.paths import FRONTMATTER, assignment, matches, normalised

OnConflict = Literal["both", "first", "fail"]
Measure = Literal["x", "w", "t"]

_FORM = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>[xwt])")
CHARACTERS = 4
"""Characters of a token, about, in English prose."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a policy: what holds under a path pattern."""

    pattern: str
    value: str
    """A strategy, a wording or a field rule, as the tables name them."""

    def __post_init__(self) -> None:
        """PolicyError for a name that does not exist, a fixed value that is empty, a number that is none."""
        if not self.pattern.strip():
            raise PolicyError(f"a policy of '{self.value}' names no path", remedy="write PATH=RULE")
        if not self.about_fields:
            _require_strategy(self.value, {**STRATEGIES, **WORDINGS}, "strategy or wording")
        elif not self.value.startswith(FIXED):
            _known(self.value, FIELD_RULES, "field rule")
        elif not self.value.removeprefix(FIXED).strip():
            raise PolicyError(f"{self} sets no value", remedy="write set:VALUE, or unset")

    def __str__(self) -> str:
        return f"'{self.pattern}={self.value}'"

    @property
    def about_fields(self) -> bool:
        return normalised(self.pattern).partition("/")[0] == FRONTMATTER


@dataclass(frozen=True, slots=True)
class Budget:
    """How large the body of a result may be."""

    number: float
    unit: Measure
    """Of the mean body of the variants (x), words (w), or tokens (t), which are estimated."""

    def __str__(self) -> str:
        return f"{self.number:g}{self.unit}"

    def of(self, text: str) -> int:
        """The size of a text, in words or tokens."""
        return -(-len(text) // CHARACTERS) if self.unit == "t" else len(text.split())

    def limit(self, definitions: Sequence[Definition]) -> int:
        """The size that the body may have, in words or tokens."""
        if self.unit != "x":
            return int(self.number)
        return int(self.number * sum(self.of(body_of(one)) for one in definitions) / len(definitions))


def parse_budget(text: str) -> Budget:
    """`1.5x`, `1200w` or `4000t`. PolicyError for anything else, and for nothing at all."""
    match = _FORM.fullmatch(text.strip().lower())
    if match is None or not float(match["number"]):
        raise PolicyError(f"'{text}' is no budget", remedy="write 1.5x (times the mean variant), 1200w or 4000t")
    unit: Measure = "x" if match["unit"] == "x" else "w" if match["unit"] == "w" else "t"
    return Budget(float(match["number"]), unit)


def body_of(definition: Definition) -> str:
    """The text of a definition below its fields."""
    front = definition.frontmatter
    lines = split_lines(definition.text)
    return "".join(front.cut_from(lines) if front is not None else lines)


@dataclass(frozen=True, slots=True)
class Policy:
    """How `combine` decides."""

    strategy: str = "union"
    """Which groups survive."""
    wording: str = "longest"
    """Which text of a group stands."""
    quorum: int | None = None
    """Variants that `majority` asks for; None is more than half."""
    prefer: tuple[int, ...] = ()
    """Indices of variants that come before all others, the first of them first."""
    on_conflict: OnConflict = "both"
    name: str | None = None
    """Value for the field `name`, whatever the variants say."""
    rules: tuple[Rule, ...] = field(default=())
    """Later ones count before earlier ones."""
    budget: Budget | None = None
    """How large the body may be; None for no limit."""

    def __post_init__(self) -> None:
        _require_strategy(self.strategy, STRATEGIES, "strategy")
        _known(self.wording, WORDINGS, "wording")
        _known(self.on_conflict, dict.fromkeys(get_args(OnConflict)), "way with a conflict")
        if any(type(file) is not int or file < 0 for file in self.prefer):
            raise PolicyError(f"prefer is {self.prefer!r}", remedy="write the indices of variants, from 0")
        if self.quorum is not None and self.quorum < 1:
            raise PolicyError(f"a quorum of {self.quorum} is less than one variant")

    def rank(self, file: int) -> tuple[int, int]:
        """Sort key of a variant: preferred ones first, then the order of the arguments."""
        return (self.prefer.index(file) if file in self.prefer else len(self.prefer), file)

    @property
    def strategy_decides(self) -> bool:
        """Whether the order of the variants decides what they can't all say."""
        return strategy_of(self.strategy).decides

    def strategy_at(self, paths: Sequence[str]) -> str:
        """The survival strategy for a unit that answers to any of the paths."""
        return self._at(paths, _is_strategy) or self.strategy

    def wording_at(self, paths: Sequence[str]) -> str:
        """The wording for a unit that answers to any of the paths."""
        return self._at(paths, WORDINGS.__contains__) or strategy_of(self.strategy_at(paths)).wording or self.wording

    def field_rule(self, key: str) -> str | None:
        """The rule that the policy has for a field, None where the table of fields decides."""
        found = [rule.value for rule in self.rules if rule.about_fields and matches(rule.pattern, f"frontmatter/{key}")]
        return found[-1] if found else None

    def require_files(self, names: Sequence[str]) -> None:
        """PolicyError where the policy speaks of a variant that there is not."""
        outside = [file for file in self.prefer if file >= len(names)]
        if outside:
            raise PolicyError(f"prefer names file {outside[0]}", remedy=f"there are {len(names)}, counted from 0")
        for value in (self.strategy, *(rule.value for rule in self.rules if not rule.about_fields)):
            for file in files_of(value):
                if not any(is_named(file, name) for name in names):
                    raise unknown("file", file, [name.rpartition("/")[2] for name in names])

    def _at(self, paths: Sequence[str], of_kind: Callable[[str], bool]) -> str | None:
        found = [
            rule.value
            for rule in self.rules
            if not rule.about_fields and of_kind(rule.value) and any(matches(rule.pattern, path) for path in paths)
        ]
        return found[-1] if found else None


def parse_rule(text: str) -> Rule:
    """`PATH=RULE`, as the command line takes it. PolicyError names what is unknown and what is near it."""
    return make_rule(*assignment(text, "PATH=RULE", "frontmatter/tools=union"))


def make_rule(pattern: str, value: str) -> Rule:
    """A rule; raises PolicyError where its name is unknown."""
    return Rule(pattern, value)


def _is_strategy(name: str) -> bool:
    return name in STRATEGIES or name.startswith((AT_LEAST, FROM))


def _require_strategy(name: str, table: Mapping[str, object], what: str) -> None:
    rest = name.partition(":")[2].strip()
    if name.startswith(AT_LEAST) and not (rest.isascii() and rest.isdigit() and int(rest) > 0):
        raise PolicyError(f"'{name}' names no number of variants", remedy="write at-least:2")
    if name.startswith(FROM) and not rest:
        raise PolicyError(f"'{name}' names no file", remedy="write from:FILE")
    if not _is_strategy(name):
        _known(name, table, what)


def _known(name: str, table: Mapping[str, object], what: str) -> None:
    if name not in table:
        raise unknown(what, name, table)


def unmatched(policy: Policy, paths: Iterable[str]) -> list[Rule]:
    """Rules of a policy whose pattern speaks for none of the paths."""
    known = list(paths)
    return [rule for rule in policy.rules if not any(matches(rule.pattern, path) for path in known)]
