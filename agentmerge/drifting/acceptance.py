"""Findings that somebody has accepted: by a baseline, or as an intentional difference with a reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from agentmerge import rights
from agentmerge.drifting.baselines import IN_BASELINE, Baseline, Key
from agentmerge.drifting.records import SEVERITIES, Finding
from agentmerge.drifting.reports import FileReview, Judged, Report, with_findings
from agentmerge.drifting.rulebook import rules
from agentmerge.errors import PolicyError
from agentmerge.knowledge import Knowledge
from agentmerge.paths import matches

_KEYS = {"reason", "rules", "paths", "files", "adds", "sees", "until"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Intention:
    """Differences that are meant: of some rules, below some paths, between some files."""

    reason: str
    rules: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    """Patterns of file names; one of the two has to match."""
    adds: tuple[str, ...] = ()
    """Members that a list may gain; where it gains any other, or is gone, the difference is not meant."""
    sees: tuple[str, ...] = ()
    """Fingerprints of the findings that were looked at."""
    until: str = ""
    """The last day on which it holds, as YYYY-MM-DD."""

    @property
    def is_bounded(self) -> bool:
        """Whether it says of what it speaks."""
        return bool(self.rules or self.paths or self.files or self.adds or self.sees)

    def has_ended(self, day: str) -> bool:
        """Whether it held up to a day before that."""
        return bool(self.until and day) and day > self.until

    def covers(self, finding: Finding, names: tuple[str, str], pair: Judged) -> bool:
        """Whether a finding between two files is meant."""
        return (
            (not self.sees or finding.fingerprint in self.sees)
            and (not self.adds or _gained(finding, pair) <= {*self.adds})
            and (not self.rules or finding.rule in self.rules)
            and (not self.paths or any(matches(pattern, finding.path) for pattern in self.paths))
            and (not self.files or any(_names(pattern, name) for pattern in self.files for name in names))
        )


_UNBOUND = frozenset({"*"})
"""What a list gains that is gone, or no list: everything."""


def _gained(finding: Finding, pair: Judged) -> frozenset[str]:
    """The members that a finding's field gained."""
    key = finding.path.removeprefix("frontmatter/")
    if isinstance(pair, FileReview) or key == finding.path:
        return _UNBOUND
    old, new = (side.field(key) for side in (pair.diff.matching.a, pair.diff.matching.b))
    if old is None or new is None or new.value is None:
        return _UNBOUND if new is None or new.value is None else frozenset(rights.names(new.value))
    return frozenset(rights.names(new.value)) - frozenset(rights.names(old.value))


def _names(pattern: str, name: str) -> bool:
    return fnmatchcase(name, pattern) or fnmatchcase(name, f"*/{pattern}")


def intentions(rows: Iterable[Mapping[str, Any]], knowledge: Knowledge) -> tuple[Intention, ...]:
    """Rows of a configuration: `reason`, and any of `rules`, `paths`, `files`, `adds`, `sees`, `until`.

    Raises PolicyError.
    """
    return tuple(_intention(row, knowledge) for row in rows)


def _intention(row: Mapping[str, Any], knowledge: Knowledge) -> Intention:
    unknown = sorted(set(row) - _KEYS)
    if unknown:
        remedy = "use reason, rules, paths, files, adds, sees, until"
        raise PolicyError(f"an intentional difference has no {unknown[0]!r}", remedy=remedy)
    if not str(row.get("reason", "")).strip():
        raise PolicyError("an intentional difference has no reason", remedy="say in `reason` why it is meant")
    known = rules(knowledge)
    named, paths, files, adds, sees = (_texts(row.get(key, ())) for key in ("rules", "paths", "files", "adds", "sees"))
    until = str(row.get("until", ""))
    if until and not _DAY.fullmatch(until):
        raise PolicyError(f"an intentional difference ends on {until!r}", remedy="write the day as YYYY-MM-DD")
    for rule in named:
        if rule not in known:
            raise PolicyError(f"there is no rule '{rule}'", remedy="`agentmerge rules` lists them")
    return Intention(str(row["reason"]), named, paths, files, adds, sees, until)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else (str(value),)


def accept(report: Report, baseline: Baseline, meant: Sequence[Intention], day: str = "") -> Report:
    """The report with each accepted finding marked, and the baseline's lines that nothing answers to any more.

    `day` is that of the newest commit that is reviewed: intentions that ended before it hold no longer, which is told,
    as is one that accepts whatever there is.
    """
    if not baseline.accepted and not meant:
        return report
    used: set[Key] = set()
    found = []
    held = [one for one in meant if not one.has_ended(day)]
    for a, b, pair in report.judged():
        marked = [(finding, _accepted(finding, (a, b), pair, baseline, held)) for finding in pair.findings]
        used |= {(finding.fingerprint, a, b) for finding in pair.findings}
        found.append(tuple(finding._replace(accepted=why) if why else finding for finding, why in marked))
    return replace(with_findings(report, found), stale=baseline.stale(report, used), idle=tuple(_idle(meant, day)))


def _idle(meant: Sequence[Intention], day: str) -> Iterator[str]:
    for one in meant:
        if one.has_ended(day):
            yield f"'{one.reason}' ended on {one.until}, before the newest commit ({day})"
        elif not one.is_bounded:
            yield f"'{one.reason}' names nothing, and so accepts every finding"


def _accepted(
    finding: Finding, names: tuple[str, str], pair: Judged, baseline: Baseline, meant: Sequence[Intention]
) -> str:
    reason = next((one.reason for one in meant if one.covers(finding, names, pair)), "")
    return reason or (IN_BASELINE if baseline.accepts((finding.fingerprint, *names)) else "")


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
            reached.append(f"{pair_of}: {pair.klass}, {_count(serious)}{_rules_of(serious)}")
    return reached


def _rules_of(findings: Sequence[Finding]) -> str:
    """Which rules they are of, those with most findings first."""
    counted = Counter(finding.rule for finding in findings)
    told = (f"{count} {rule}" if count > 1 else rule for rule, count in counted.most_common())
    return f": {', '.join(told)}" if counted else ""


def _count(findings: Sequence[Finding]) -> str:
    return f"{len(findings)} {'finding' if len(findings) == 1 else 'findings'}"
