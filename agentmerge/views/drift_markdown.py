"""A drift review as Markdown, for a pull request or a job summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from agentmerge.drifting.records import Finding, PairDrift, Summary
from agentmerge.drifting.reports import Report, RoleGroup, blocks
from agentmerge.views.diff_markdown import escaped
from agentmerge.views.drift import (
    MAX_MATRIX,
    alone,
    counts,
    facts,
    is_folded,
    short,
    sparkline,
    titled,
    total,
    weight,
    where,
)
from agentmerge.views.figures import percent

_SIGNS = {"breaking": "🔴", "warning": "🟡", "info": "⚪"}
_MAX_FINDINGS = 50
"""Findings that a pair's table holds; GitHub cuts a comment off at 65,536 characters."""


def drift_markdown(report: Report) -> str:
    """Headings per group and pair, tables of findings; nothing of the content is taken for markup."""
    lines = ["## Drift of agent definitions", "", f"{escaped(total(report))}.", ""]
    for part in blocks(report):
        if isinstance(part, RoleGroup):
            lines += [] if is_folded(report, part) else _group(report, part)
        elif part.members:
            lines += ["#### One edit over many files", "", *_open(part.findings)]
        else:
            lines += [f"#### {escaped(alone(report, part))}", "", *_open(part.findings)]
    lines += _history(report)
    if report.alone:
        names = ", ".join(escaped(report.names[number]) for number in report.alone)
        lines += [f"Without a variant of the same role: {names}.", ""]
    if report.stale:
        lines += ["Stale in the baseline:", "", *(f"- {escaped(row)}" for row in report.stale), ""]
    if report.idle:
        lines += ["Intentional differences:", "", *(f"- {escaped(row)}" for row in report.idle), ""]
    return "\n".join(lines).rstrip() + "\n"


def _group(report: Report, group: RoleGroup) -> Iterator[str]:
    names = short([report.names[number] for number in group.files])
    if group.role:
        yield from (f"### {escaped(group.role)}", "")
    if 2 < len(names) <= MAX_MATRIX:
        yield from _matrix(group, names)
    for pair in sorted(group.drift.pairs, key=weight):
        title = escaped(titled(pair, names, directed=group.drift.directed).replace(" -> ", " → "))
        yield from _pair(pair, title, names[pair.a])
    if group.drift.summary is not None and len(names) > 2:
        yield from _summary(group.drift.summary, names)


def _matrix(group: RoleGroup, names: Sequence[str]) -> Iterator[str]:
    yield f"| similarity % | {' | '.join(escaped(name) for name in names)} |"
    yield f"|---|{'---:|' * len(names)}"
    for row, name in enumerate(names):
        cells = (_cell(group, row, column) for column in range(len(names)))
        yield f"| {escaped(name)} | {' | '.join(cells)} |"
    yield ""


def _cell(group: RoleGroup, row: int, column: int) -> str:
    pair = next((pair for pair in group.drift.pairs if {pair.a, pair.b} == {row, column}), None)
    if row == column:
        return "·"
    if pair is None or pair.klass == "unknown":
        return "?"
    return percent(pair.diff.similarity, equal=pair.klass == "identical")


def _pair(pair: PairDrift, title: str, first: str) -> Iterator[str]:
    yield from (f"#### {title}", "", escaped(facts(pair, first)), "")
    yield from _open(pair.findings)


def _open(findings: Sequence[Finding]) -> Iterator[str]:
    """What is open in a table, and how much else there is."""
    shown = [finding for finding in findings if finding.severity != "info" and not finding.accepted]
    yield from _table(shown)
    rest = Counter(finding.rule for finding in findings if finding not in shown)
    if rest:
        yield from (f"And {', '.join(f'{count} {rule}' for rule, count in rest.items())}.", "")


def _table(findings: Sequence[Finding]) -> Iterator[str]:
    if not findings:
        return
    yield from ("| | rule | lines | what |", "|---|---|---|---|")
    for finding in findings[:_MAX_FINDINGS]:
        lines, told = escaped(where(finding)), escaped(finding.message)
        yield f"| {_SIGNS[finding.severity]} | {finding.rule} | {lines} | {told} |"
    if len(findings) > _MAX_FINDINGS:
        yield from ("", f"{len(findings) - _MAX_FINDINGS} more.")
    yield ""


def _summary(summary: Summary, names: Sequence[str]) -> Iterator[str]:
    yield from (f"**Consensus**: {len(summary.consensus)} statements of at least {summary.quorum} variants.", "")
    yield from ("| from the consensus | variant | has | only here | missing only here |", "|---:|---|---:|---:|---:|")
    for one in summary.outliers:
        cells = (one.held, len(one.unique), len(one.lacking))
        yield f"| {one.distance:.0%} | {escaped(names[one.file])} | {' | '.join(map(str, cells))} |"
    yield ""


def _history(report: Report) -> Iterator[str]:
    if not report.steps:
        return
    yield from (f"### {escaped(report.steps[-1].path)}: {len(report.steps)} versions {sparkline(report.steps)}", "")
    for step in report.steps:
        title = f"{step.date} {escaped(step.rev[:10])} {escaped(step.subject)} ({escaped(step.author)})"
        if step.findings:
            yield from (f"#### {title}", "", *_open(step.findings))
        elif step.change is None:
            yield from (f"#### {title}", "", "first version", "")
        else:
            yield from _pair(step.change, title, "the version before")
            if step.drift is not None:
                yield from (f"Since the first: {escaped(facts(step.drift, 'it'))} ({counts(step.drift.findings)}).", "")
