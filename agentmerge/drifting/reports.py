"""What a command shows of a review: role groups with their pairs, or the steps of one file's history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from agentmerge.drifting.records import Drift, Finding, PairDrift


@dataclass(frozen=True, slots=True)
class RoleGroup:
    """The variants of one role."""

    role: str
    """What the variants are grouped by; "" where the files were named one by one."""
    files: tuple[int, ...]
    """For each definition of `drift`, its index in the names of the report."""
    drift: Drift


@dataclass(frozen=True, slots=True)
class Step:
    """One commit that changed a file."""

    rev: str
    """Full hash, or the name that was asked for."""
    date: str
    """Day of the commit, as YYYY-MM-DD."""
    author: str
    subject: str
    path: str
    """What the file was called then."""
    change: PairDrift | None
    """Against the step before; None at the first step."""
    drift: PairDrift | None
    """Against the first step, or the one that was asked for; None at that step."""


@dataclass(frozen=True, slots=True)
class Report:
    """A whole review."""

    names: tuple[str, ...]
    """Files, as the user named them or as they were found."""
    groups: tuple[RoleGroup, ...] = ()
    steps: tuple[Step, ...] = ()
    alone: tuple[int, ...] = ()
    """Files without a variant of the same role."""
    stale: tuple[str, ...] = ()
    """Lines of the baseline that nothing was found for any more."""
    places: tuple[str, ...] = ()
    """Path of each file without a revision; empty where the names are paths themselves."""
    whole: bool = True
    """Whether the steps of a history begin with the file's first version."""

    def place(self, number: int) -> str:
        """Path of a file."""
        return (self.places or self.names)[number]

    def judged(self) -> Iterator[tuple[str, str, PairDrift]]:
        """What an exit code depends on: the pairs with the paths of both sides, of a history the steps' changes."""
        for group in self.groups:
            for pair in group.drift.pairs:
                yield self.place(group.files[pair.a]), self.place(group.files[pair.b]), pair
        for step in self.steps:
            if step.change is not None:
                yield step.path, step.path, step.change


def with_findings(report: Report, found: Sequence[tuple[Finding, ...]]) -> Report:
    """The report with other findings in its judged pairs, in the order of `judged`."""
    following = iter(found)
    groups = tuple(
        replace(
            group,
            drift=replace(
                group.drift, pairs=tuple(pair._replace(findings=next(following)) for pair in group.drift.pairs)
            ),
        )
        for group in report.groups
    )
    steps = tuple(
        step if step.change is None else replace(step, change=step.change._replace(findings=next(following)))
        for step in report.steps
    )
    return replace(report, groups=groups, steps=steps)
