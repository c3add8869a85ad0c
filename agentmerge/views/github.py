"""A drift review as workflow commands of GitHub Actions: an annotation per finding, at its line."""

from __future__ import annotations

from agentmerge.drifting.records import SEVERITIES, Finding
from agentmerge.drifting.reports import Judged, Report
from agentmerge.views.drift import new_line, total
from agentmerge.views.safe import one_line

SHOWN = 10
"""Annotations of one level that GitHub shows of a step: of more a summary says how many there are."""
_LEVELS = {"breaking": "error", "warning": "warning", "info": "notice"}


def drift_github(report: Report) -> str:
    """A command per open finding, most serious first, then a line with the counts."""
    rows = [
        (SEVERITIES.index(finding.severity), _command(a, b, pair, finding))
        for a, b, pair in report.judged()
        for finding in pair.findings
        if not finding.accepted
    ]
    stale = [f"::notice title=stale baseline::{_data(row)}" for row in report.stale]
    stale += [f"::notice title=intentional::{_data(row)}" for row in report.idle]
    lines = [command for _, command in sorted(rows, key=lambda row: row[0])]
    more = [f"::notice title=drift of agent definitions::{_data(total(report))}"] if len(lines) > SHOWN else []
    return "\n".join([*lines[:1], *more, *lines[1:], *stale, one_line(total(report))]) + "\n"


def _command(a: str, b: str, pair: Judged, finding: Finding) -> str:
    gone = f" (was {a}:{finding.a.line})" if finding.a and not finding.b else ""
    properties = {"file": b, "line": str(new_line(pair, finding)), "title": f"{finding.rule} ({finding.severity})"}
    told = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{_LEVELS[finding.severity]} {told}::{_data(finding.message + gone)}"


def _data(text: str) -> str:
    return one_line(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
