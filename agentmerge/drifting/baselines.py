"""The file that keeps what was accepted: findings by fingerprint, and the version of each file that was reviewed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from agentmerge.characters import in_json
from agentmerge.drifting.reports import Judged, Report
from agentmerge.errors import PolicyError

SCHEMA = "agentmerge/baseline/1"
IN_BASELINE = "in the baseline"

Key = tuple[str, str, str]
"""Fingerprint and the names of both files: what is accepted between two files says nothing of a third."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was accepted so far."""

    accepted: Mapping[Key, Mapping[str, str]] = field(default_factory=dict)
    """Rows of the file: fingerprint, rule, message and both names."""
    reviewed: Mapping[str, str] = field(default_factory=dict)
    """Commit of the version that was reviewed last, by the file's path from the top of its repository."""

    def stale(self, report: Report, found: Iterable[Key]) -> tuple[str, ...]:
        """Rows that a report had to answer to, and did not."""
        known = set(found)
        return tuple(
            f"{row['fingerprint']} {row['rule']}: {row['message']} ({row['a']}, {row['b']})"
            for key, row in self.accepted.items()
            if key not in known and _speaks_of(report, key)
        )

    def updated(self, report: Report) -> Baseline:
        """A baseline that accepts every finding of the report but those that are meant anyway.

        Rows that the report says nothing of stay. The newest version of a history counts as reviewed.
        """
        kept = {key: row for key, row in self.accepted.items() if not _speaks_of(report, key)}
        new = {(row["fingerprint"], row["a"], row["b"]): row for row in _rows(report.judged())}
        last = {report.steps[-1].path: report.steps[-1].rev} if report.steps else {}
        return Baseline({**kept, **new}, {**self.reviewed, **last})

    def text(self) -> str:
        """The file."""
        reviewed = {"reviewed": dict(sorted(self.reviewed.items()))} if self.reviewed else {}
        data = {"schema": SCHEMA, **reviewed, "accepted": list(self.accepted.values())}
        return in_json(json.dumps(data, ensure_ascii=False, indent=2)) + "\n"


def _speaks_of(report: Report, key: Key) -> bool:
    """Whether a report would hold a finding if it were still there: two files, or two versions of one.

    Of two files both have to be among what was looked at: a run over one folder says nothing of another one.
    """
    _, a, b = key
    if report.steps:
        return a == b and report.whole and any(step.path == a for step in report.steps)
    if report.places:
        return False
    if a == b:
        return a in report.names
    return all(_is_below(report.names if report.scope is None else report.scope, name) for name in (a, b))


def _is_below(scope: Iterable[str], name: str) -> bool:
    """Whether a file is one of some, or in a folder of them."""
    return any(
        name == one
        or name.startswith(f"{one}/")
        or (PurePath(name).is_relative_to(one) and name.startswith("..") == one.startswith(".."))
        for one in scope
    )


def _rows(pairs: Iterable[tuple[str, str, Judged]]) -> Iterator[dict[str, str]]:
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


def read_baseline(text: str, name: str) -> Baseline:
    """A baseline from its file. Raises PolicyError for what is none."""
    try:
        data = json.loads(text)
        if data["schema"] != SCHEMA:
            raise PolicyError(f"has the schema {data['schema']!r}", file=name, remedy=f"expected {SCHEMA!r}")
        rows = [
            {key: str(row[key]) for key in ("fingerprint", "rule", "message", "a", "b")} for row in data["accepted"]
        ]
        reviewed = {str(path): str(rev) for path, rev in data.get("reviewed", {}).items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise PolicyError(
            "is not a baseline", file=name, remedy="delete it and write it anew with --update-baseline"
        ) from None
    return Baseline({(row["fingerprint"], row["a"], row["b"]): row for row in rows}, reviewed)
