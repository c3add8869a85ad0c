"""Findings that somebody has accepted: by a baseline, or as an intentional difference with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from agentmerge.drifting.baselines import IN_BASELINE, Baseline, Key
from agentmerge.drifting.records import SEVERITIES, Finding
from agentmerge.drifting.reports import FileReview, Report, with_findings
from agentmerge.drifting.rulebook import rules
from agentmerge.errors import PolicyError
from agentmerge.knowledge import Knowledge
from agentmerge.paths import matches


@dataclass(frozen=True, slots=True)
class Intention:
    """Differences that are meant: of some rules, below some paths, between some files."""

    reason: str
    rules: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    """Patterns of file names; one of the two has to match."""

    def covers(self, finding: Finding, names: tuple[str, str]) -> bool:
        """Whether a finding between two files is meant."""
        return (
            (not self.rules or finding.rule in self.rules)
            and (not self.paths or any(matches(pattern, finding.path) for pattern in self.paths))
            and (not self.files or any(_names(pattern, name) for pattern in self.files for name in names))
        )


def _names(pattern: str, name: str) -> bool:
    return fnmatchcase(name, pattern) or fnmatchcase(name, f"*/{pattern}")


def intentions(rows: Iterable[Mapping[str, Any]], knowledge: Knowledge) -> tuple[Intention, ...]:
    """Rows of a configuration: `reason`, and any of `rules`, `paths`, `files`. Raises PolicyError."""
    return tuple(_intention(row, knowledge) for row in rows)


def _intention(row: Mapping[str, Any], knowledge: Knowledge) -> Intention:
    unknown = sorted(set(row) - {"reason", "rules", "paths", "files"})
    if unknown:
        raise PolicyError(f"an intentional difference has no {unknown[0]!r}", remedy="use reason, rules, paths, files")
    if not str(row.get("reason", "")).strip():
        raise PolicyError("an intentional difference has no reason", remedy="say in `reason` why it is meant")
    known = rules(knowledge)
    named, paths, files = (_texts(row.get(key, ())) for key in ("rules", "paths", "files"))
    for rule in named:
        if rule not in known:
            raise PolicyError(f"there is no rule '{rule}'", remedy="`agentmerge rules` lists them")
    return Intention(str(row["reason"]), named, paths, files)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else (str(value),)


def accept(report: Report, baseline: Baseline, meant: Sequence[Intention]) -> Report:
    """The report with each accepted finding marked, and the baseline's lines that nothing answers to any more."""
    if not baseline.accepted and not meant:
        return report
    used: set[Key] = set()
    found = []
    for a, b, pair in report.judged():
        marked = [(finding, _accepted(finding, (a, b), baseline, meant)) for finding in pair.findings]
        used |= {(finding.fingerprint, a, b) for finding in pair.findings}
        found.append(tuple(finding._replace(accepted=why) if why else finding for finding, why in marked))
    return replace(with_findings(report, found), stale=baseline.stale(report, used))


def _accepted(finding: Finding, names: tuple[str, str], baseline: Baseline, meant: Sequence[Intention]) -> str:
    reason = next((one.reason for one in meant if one.covers(finding, names)), "")
    return reason or (IN_BASELINE if (finding.fingerprint, *names) in baseline.accepted else "")


def failing(report: Report, limits: Sequence[str]) -> list[str]:
    """What reaches one of the limits: findings of a severity or a more serious one, or pairs of a class.

    Accepted findings reach none. A class counts as long as its pair has an open finding, or has no finding at all.
    """
    levels = [SEVERITIES.index(limit) for limit in SEVERITIES if limit in limits]
    worst = max(levels, default=-1)
    reached = []
    for a, b, pair in report.judged():
        still_open = [finding for finding in pair.findings if not finding.accepted]
        serious = [finding for finding in still_open if SEVERITIES.index(finding.severity) <= worst]
        is_edit = isinstance(pair, FileReview) and bool(pair.members)
        if serious or (not is_edit and pair.klass in limits and (still_open or not pair.findings)):
            pair_of = a if isinstance(pair, FileReview) else f"{a} -> {b}"
            reached.append(f"{pair_of}: {pair.klass}, {_count(serious)}")
    return reached


def _count(findings: Sequence[Finding]) -> str:
    return f"{len(findings)} {'finding' if len(findings) == 1 else 'findings'}"
