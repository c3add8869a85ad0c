"""Strategies that decide a conflict, and the policy that says which one holds where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agentmerge.errors import unknown
from agentmerge.merging.pieces import Clash, Lines
from agentmerge.merging.words import merge_words_loosely
from agentmerge.paths import assignment, matches, normalised

Resolve = Callable[[Clash], Lines | None]


@dataclass(frozen=True, slots=True)
class Strategy:
    """One way to decide a conflict; None leaves it to a person."""

    resolve: Resolve
    help: str


def _union(clash: Clash) -> Lines | None:
    """Both sides; never in frontmatter, where it would leave a key twice."""
    if normalised(clash.path).partition("/")[0] == "frontmatter":
        return None
    return (*clash.ours, *(line for line in clash.theirs if not line.strip() or line not in clash.ours))


def _words(clash: Clash) -> Lines | None:
    if not (clash.base and clash.ours and clash.theirs):
        return None
    merged = merge_words_loosely(clash.base, clash.ours, clash.theirs)
    return None if merged is None else tuple(merged)


STRATEGIES: dict[str, Strategy] = {
    "ours": Strategy(lambda clash: clash.ours, "take ours"),
    "theirs": Strategy(lambda clash: clash.theirs, "take theirs"),
    "base": Strategy(lambda clash: clash.base, "take neither: as in base"),
    "union": Strategy(_union, "take both, ours first; in the frontmatter it stays a conflict"),
    "words": Strategy(_words, "merge by words, also where words of both sides stand side by side"),
    "marker": Strategy(lambda _clash: None, "leave it to a person"),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """Which strategy holds under a path pattern."""

    pattern: str
    strategy: str

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            raise unknown("merge strategy", self.strategy, STRATEGIES)


@dataclass(frozen=True, slots=True)
class Policy:
    """How conflicts are decided; the last rule that speaks for a path counts."""

    rules: tuple[Rule, ...] = ()
    favor: str = ""
    """The strategy for conflicts that no rule speaks for; "" leaves them to a person."""

    def decide(self, clash: Clash) -> tuple[Lines, str] | None:
        """The lines that a strategy, or where no policy speaks, a rule of ours gives for a conflict, and its name."""
        rule = next((rule for rule in reversed(self.rules) if matches(rule.pattern, clash.path)), None)
        if rule is not None and clash.path:
            return _resolved(clash, rule.strategy, f"{rule.pattern}={rule.strategy}")
        if clash.ruling is not None:
            return clash.ruling.lines, clash.ruling.rule
        return _resolved(clash, self.favor, f"favor={self.favor}") if self.favor else None


def _resolved(clash: Clash, strategy: str, name: str) -> tuple[Lines, str] | None:
    lines = STRATEGIES[strategy].resolve(clash)
    return None if lines is None else (lines, name)


def parse_rule(text: str) -> Rule:
    """`PATH=STRATEGY`, as the command line takes it. PolicyError names what is unknown and what is near it."""
    return make_rule(*assignment(text, "PATH=STRATEGY", "frontmatter/model=ours"))


def make_rule(pattern: str, strategy: str) -> Rule:
    """A rule; raises PolicyError where its strategy is unknown."""
    return Rule(pattern, strategy)
