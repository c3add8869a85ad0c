"""Files of a change set that an earlier commit had left as they are now: one finding each for what is taken back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from agentmerge.drifting.records import Finding, ranked
from agentmerge.drifting.reports import Report, RoleGroup
from agentmerge.drifting.rulebook import finding
from agentmerge.knowledge import Knowledge

RULE = "restored"


def restore(report: Report, back: Mapping[str, str], knowledge: Knowledge) -> Report:
    """The report with what puts an earlier version back told once for each file.

    `back` has the commit of that version by path. The finding is as serious as the worst that it takes back; findings
    that were accepted stay.
    """
    if not back:
        return report
    groups = tuple(_told(report, group, back, knowledge) for group in report.groups)
    rows = tuple(
        one._replace(status="restored") if one.new in back and one.status == "changed" else one
        for one in report.accounted
    )
    return replace(report, groups=groups, accounted=rows)


def _told(report: Report, group: RoleGroup, back: Mapping[str, str], knowledge: Knowledge) -> RoleGroup:
    rev = back.get(report.place(group.files[-1]))
    if rev is None:
        return group
    pairs = tuple(
        pair._replace(findings=ranked(list(_folded(pair.findings, rev, knowledge)))) for pair in group.drift.pairs
    )
    return replace(group, drift=replace(group.drift, pairs=pairs))


def _folded(findings: tuple[Finding, ...], rev: str, knowledge: Knowledge) -> Iterator[Finding]:
    still = [one for one in findings if not one.accepted]
    yield from (one for one in findings if one.accepted)
    if still:
        worst = ranked(still)[0]
        more = f", and {len(still) - 1} more" if len(still) > 1 else ""
        message = f"puts back what {rev} had left: {worst.rule}: {worst.message}{more}"
        made = finding(RULE, message, worst.path, worst.a, worst.b, knowledge, slot=rev)
        yield made._replace(severity=worst.severity)
