"""Findings that somebody has accepted: by a baseline, or as an intentional difference with a reason."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from agentmerge.drifting.records import SEVERITIES, Finding, PairDrift
from agentmerge.drifting.reports import Report, with_findings
from agentmerge.drifting.rules import rules
from agentmerge.errors import PolicyError
from agentmerge.paths import matches

BASELINE = "agentmerge/baseline/1"
IN_BASELINE = "in the baseline"

Key = tuple[str, str, str]
"""Fingerprint and the names of both files: what is accepted between two files says nothing of a third."""


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


def intentions(rows: Iterable[Mapping[str, Any]]) -> tuple[Intention, ...]:
    """Rows of a configuration: `reason`, and any of `rules`, `paths`, `files`. Raises PolicyError."""
    return tuple(_intention(row) for row in rows)


def _intention(row: Mapping[str, Any]) -> Intention:
    unknown = sorted(set(row) - {"reason", "rules", "paths", "files"})
    if unknown:
        raise PolicyError(f"an intentional difference has no {unknown[0]!r}", remedy="use reason, rules, paths, files")
    if not str(row.get("reason", "")).strip():
        raise PolicyError("an intentional difference has no reason", remedy="say in `reason` why it is meant")
    known = rules()
    named, paths, files = (_texts(row.get(key, ())) for key in ("rules", "paths", "files"))
    for rule in named:
        if rule not in known:
            raise PolicyError(f"there is no rule '{rule}'", remedy="`agentmerge rules` lists them")
    return Intention(str(row["reason"]), named, paths, files)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else (str(value),)


def accept(report: Report, baseline: Mapping[Key, str], meant: Sequence[Intention]) -> Report:
    """The report with each accepted finding marked, and the baseline's lines that nothing answers to any more."""
    used: set[Key] = set()
    found = []
    for a, b, pair in report.judged():
        marked = [(finding, _accepted(finding, (a, b), baseline, meant)) for finding in pair.findings]
        used |= {(finding.fingerprint, a, b) for finding in pair.findings}
        found.append(tuple(finding._replace(accepted=why) if why else finding for finding, why in marked))
    stale = tuple(f"{key[0]} {message} ({key[1]}, {key[2]})" for key, message in baseline.items() if key not in used)
    return replace(with_findings(report, found), stale=stale)


def _accepted(finding: Finding, names: tuple[str, str], baseline: Mapping[Key, str], meant: Sequence[Intention]) -> str:
    reason = next((one.reason for one in meant if one.covers(finding, names)), "")
    return reason or (IN_BASELINE if (finding.fingerprint, *names) in baseline else "")


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
        if serious or (pair.klass in limits and (still_open or not pair.findings)):
            reached.append(f"{a} -> {b}: {pair.klass}, {_count(serious)}")
    return reached


def _count(findings: Sequence[Finding]) -> str:
    return f"{len(findings)} {'finding' if len(findings) == 1 else 'findings'}"


def read_baseline(text: str, name: str) -> dict[Key, str]:
    """A baseline file's lines by key. Raises PolicyError for what is none."""
    try:
        data = json.loads(text)
        if data["schema"] != BASELINE:
            raise PolicyError(f"has the schema {data['schema']!r}", file=name, remedy=f"expected {BASELINE!r}")
        return {
            (row["fingerprint"], row["a"], row["b"]): f"{row['rule']}: {row['message']}" for row in data["accepted"]
        }
    except (ValueError, KeyError, TypeError):
        raise PolicyError("is not a baseline", file=name, remedy="write it anew with --update-baseline") from None


def baseline_text(report: Report) -> str:
    """A baseline that accepts every finding of the report but those that are meant anyway."""
    rows = list(_rows(report.judged()))
    return json.dumps({"schema": BASELINE, "accepted": rows}, ensure_ascii=False, indent=2) + "\n"


def _rows(pairs: Iterable[tuple[str, str, PairDrift]]) -> Iterator[dict[str, str]]:
    for a, b, pair in pairs:
        for finding in pair.findings:
            if finding.accepted in ("", IN_BASELINE):
                yield {
                    "fingerprint": finding.fingerprint,
                    "rule": finding.rule,
                    "message": finding.message,
                    "a": a,
                    "b": b,
                }
