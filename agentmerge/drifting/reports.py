"""What a command shows of a review: role groups with their pairs, or the steps of one file's history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

from agentmerge.diffing.records import DiffClass
from agentmerge.drifting.records import SEVERITIES, Drift, Finding, PairDrift

Status: TypeAlias = Literal["same", "changed", "added", "removed", "moved", "split", "joined", "restored"]
"""What became of a file of a change set."""


class Accounted(NamedTuple):
    """One file of a change set; of a file that was split or joined there is a row for each part."""

    old: str | None
    """Its path in the old tree, None where it was not there."""
    new: str | None
    status: Status


@dataclass(frozen=True, slots=True)
class RoleGroup:
    """The variants of one role."""

    role: str
    """What the variants are grouped by; "" where the files were named one by one."""
    files: tuple[int, ...]
    """For each definition of `drift`, its index in the names of the report."""
    drift: Drift


class Member(NamedTuple):
    """A finding that another one stands for."""

    file: int
    """Index in the names of the report."""
    fingerprint: str


class FileReview(NamedTuple):
    """What is told of a file by itself.

    It could not be compared, has no one earlier or later self, or shares an edit with others.
    """

    file: int
    """Index in the names of the report."""
    findings: tuple[Finding, ...]
    before: int | None = None
    """Index of the file that a part of it comes from."""
    members: tuple[Member, ...] = ()
    """Of an edit that many files share: the findings that it stands for; the file is the first of them."""

    @property
    def klass(self) -> DiffClass:
        return DiffClass.UNKNOWN


Judged: TypeAlias = PairDrift | FileReview


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
    """Against the last step before that could be compared; None at the first one, and where it can't be itself."""
    drift: PairDrift | None
    """Against the first step, or the one that was asked for; None at that step."""
    findings: tuple[Finding, ...] = ()
    """What is told of the version by itself, where it can't be compared."""
    blob: str = ""
    """Hash of what it says."""


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
    idle: tuple[str, ...] = ()
    """Intentional differences of the configuration that ended, or that bound nothing."""
    places: tuple[str, ...] = ()
    """Path of each file without a revision; empty where the names are paths themselves."""
    whole: bool = True
    """Whether the steps of a history begin with the file's first version."""
    unread: tuple[FileReview, ...] = ()
    """Files that could not be compared, with the reasons."""
    apart: tuple[FileReview, ...] = ()
    """Files of a change set that are new, gone, split or joined, and what judges it where that was loosened."""
    edits: tuple[FileReview, ...] = ()
    """Edits that many files of a change set share, a finding each."""
    folded: frozenset[str] = frozenset()
    """Paths of which every finding is one of such an edit."""
    accounted: tuple[Accounted, ...] = ()
    """Every file of a change set, sorted by path."""
    checked: int | None = None
    """Definitions that the new tree of a change set has; None for what is no change set."""
    scope: tuple[str, ...] | None = None
    """Files and folders that were looked at, as they were named; None where the names of the report are all."""

    def place(self, number: int) -> str:
        """Path of a file."""
        return (self.places or self.names)[number]

    def judged(self) -> Iterator[tuple[str, str, Judged]]:
        """What an exit code depends on: the pairs with the paths of both sides, of a history the steps' changes.

        A file that could not be compared stands for both sides.
        """
        for group in self.groups:
            for pair in group.drift.pairs:
                yield self.place(group.files[pair.a]), self.place(group.files[pair.b]), pair
        for one in (*self.unread, *self.apart, *self.edits):
            yield self.place(one.file if one.before is None else one.before), self.place(one.file), one
        for number, step in enumerate(self.steps):
            if step.change is not None:
                yield step.path, step.path, step.change
            elif step.findings:
                yield step.path, step.path, FileReview(number, step.findings)


def weight(findings: Sequence[Finding]) -> tuple[int, ...]:
    """A rank: what has the most serious open findings comes first."""
    found = Counter(finding.severity for finding in findings if not finding.accepted)
    return tuple(-found[severity] for severity in SEVERITIES)


def by_weight(report: Report) -> Report:
    """The report with its most serious parts first, over all files; equal ones keep their order."""
    unread, apart, edits = (tuple(sorted(rows, key=_weight)) for rows in (report.unread, report.apart, report.edits))
    groups = tuple(sorted(report.groups, key=_weight))
    return replace(report, groups=groups, unread=unread, apart=apart, edits=edits)


def blocks(report: Report) -> list[RoleGroup | FileReview]:
    """Groups and files of a report, the most serious first over all of them."""
    found = by_weight(report)
    parts: list[RoleGroup | FileReview] = [*found.edits, *found.groups, *found.unread, *found.apart]
    return sorted(parts, key=_weight)


def _weight(part: RoleGroup | FileReview) -> tuple[int, ...]:
    if isinstance(part, FileReview):
        return weight(part.findings)
    return min((weight(pair.findings) for pair in part.drift.pairs), default=(0,) * len(SEVERITIES))


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
    unread = tuple(one._replace(findings=next(following)) for one in report.unread)
    apart, edits = (
        tuple(one._replace(findings=next(following)) for one in rows) for rows in (report.apart, report.edits)
    )
    steps = tuple(_step_with(step, following) for step in report.steps)
    return replace(report, groups=groups, unread=unread, apart=apart, edits=edits, steps=steps)


def _step_with(step: Step, following: Iterator[tuple[Finding, ...]]) -> Step:
    if step.change is not None:
        return replace(step, change=step.change._replace(findings=next(following)))
    return replace(step, findings=next(following)) if step.findings else step
