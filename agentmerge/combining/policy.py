"""A policy: which strategy, wording or field rule holds where. Patterns that matched nothing are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from agentmerge.combining.strategies import FIELD_RULES, FIXED, STRATEGIES, WORDINGS
from agentmerge.errors import PolicyError, unknown
from agentmerge.paths import FRONTMATTER, assignment, matches, normalised

OnConflict = Literal["both", "first", "fail"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a policy: what holds under a path pattern."""

    pattern: str
    value: str
    """A strategy, a wording or a field rule, as the tables name them."""

    def __str__(self) -> str:
        return f"'{self.pattern}={self.value}'"

    @property
    def about_fields(self) -> bool:
        return normalised(self.pattern).partition("/")[0] == FRONTMATTER


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

    def __post_init__(self) -> None:
        _known(self.strategy, STRATEGIES, "strategy")
        _known(self.wording, WORDINGS, "wording")
        if self.quorum is not None and self.quorum < 1:
            raise PolicyError(f"a quorum of {self.quorum} is less than one variant")

    def rank(self, file: int) -> tuple[int, int]:
        """Sort key of a variant: preferred ones first, then the order of the arguments."""
        return (self.prefer.index(file) if file in self.prefer else len(self.prefer), file)

    @property
    def strategy_decides(self) -> bool:
        """Whether the order of the variants decides what they can't all say."""
        return STRATEGIES[self.strategy].decides

    def strategy_at(self, paths: Sequence[str]) -> str:
        """The survival strategy for a unit that answers to any of the paths."""
        return self._at(paths, STRATEGIES) or self.strategy

    def wording_at(self, paths: Sequence[str]) -> str:
        """The wording for a unit that answers to any of the paths."""
        return self._at(paths, WORDINGS) or STRATEGIES[self.strategy_at(paths)].wording or self.wording

    def field_rule(self, key: str) -> str | None:
        """The rule that the policy has for a field, None where the table of fields decides."""
        found = [rule.value for rule in self.rules if rule.about_fields and matches(rule.pattern, f"frontmatter/{key}")]
        return found[-1] if found else None

    def _at(self, paths: Sequence[str], table: Mapping[str, object]) -> str | None:
        found = [
            rule.value
            for rule in self.rules
            if not rule.about_fields and rule.value in table and any(matches(rule.pattern, path) for path in paths)
        ]
        return found[-1] if found else None


def parse_rule(text: str) -> Rule:
    """`PATH=RULE`, as the command line takes it. PolicyError names what is unknown and what is near it."""
    return make_rule(*assignment(text, "PATH=RULE", "frontmatter/tools=union"))


def make_rule(pattern: str, value: str) -> Rule:
    """A rule whose name is known; raises PolicyError for any other, and for a fixed value that is empty."""
    rule = Rule(pattern, value)
    if rule.about_fields:
        if not value.startswith(FIXED):
            _known(value, FIELD_RULES, "field rule")
        elif not value.removeprefix(FIXED).strip():
            raise PolicyError(f"'{pattern}={value}' sets no value", remedy="write set:VALUE, or unset")
    else:
        _known(value, {**STRATEGIES, **WORDINGS}, "strategy or wording")
    return rule


def _known(name: str, table: Mapping[str, object], what: str) -> None:
    if name not in table:
        raise unknown(what, name, table)


def unmatched(policy: Policy, paths: Iterable[str]) -> list[Rule]:
    """Rules of a policy whose pattern speaks for none of the paths."""
    known = list(paths)
    return [rule for rule in policy.rules if not any(matches(rule.pattern, path) for path in known)]
