"""A drift review in, JSON data out, `agentmerge/drift/1`; its shape is fixed by `data/schemas/drift.json`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from agentmerge.drifting.records import (
    SEVERITIES,
    FileReview,
    PairDrift,
    Report,
    RoleGroup,
    Statement,
    Step,
    Summary,
    by_weight,
)
from agentmerge.lineage.chains import Lineage
from agentmerge.views.jsonable import findings_json
from agentmerge.views.lineage import lineage_json


def drift_json(report: Report, line: Lineage | None = None) -> dict[str, Any]:
    """The whole review, most serious first over all files; `file`, `a` and `b` are indices into `files`.

    `line` is what became of all that a history's versions say.
    """
    report = by_weight(report)
    data: dict[str, Any] = {
        "schema": "agentmerge/drift/1",
        "files": list(report.names),
        "pairs": [pair_json(pair, group.files) for group in report.groups for pair in group.drift.pairs],
    }
    data["groups"] = [_group(group) for group in report.groups]
    if any(not group.drift.directed for group in report.groups):
        data["directed"] = False
    apart = [(one, finding) for one in (*report.edits, *report.unread, *report.apart) for finding in one.findings]
    if apart or report.checked is not None:
        apart.sort(key=lambda row: SEVERITIES.index(row[1].severity))
        data["findings"] = [{"file": one.file} | findings_json([finding])[0] | _members(one) for one, finding in apart]
    if report.checked is not None:
        data["checked"] = report.checked
        data["accounted"] = [one._asdict() for one in report.accounted]
    if report.alone:
        data["alone"] = list(report.alone)
    if report.steps:
        data["steps"] = [_step(step) for step in report.steps]
    if line is not None:
        data |= lineage_json(line)
    if report.stale:
        data["stale"] = list(report.stale)
    if report.idle:
        data["idle"] = list(report.idle)
    return data


def _members(one: FileReview) -> dict[str, Any]:
    return {"members": [member._asdict() for member in one.members]} if one.members else {}


def pair_json(pair: PairDrift, files: Sequence[int]) -> dict[str, Any]:
    """One pair with its findings."""
    return {"a": files[pair.a], "b": files[pair.b]} | _verdict(pair) | {"findings": findings_json(pair.findings)}


def _verdict(pair: PairDrift) -> dict[str, Any]:
    data: dict[str, Any] = {"class": pair.klass}
    if pair.klass == "frontmatter-only":
        data["fields"] = list(_fields(pair))
    return data | {
        "similarity": round(pair.diff.similarity, 4),
        "coverage": [round(share, 4) for share in pair.diff.coverage],
        "changes": dict(Counter(change.kind for change in pair.diff.changes)),
    }


def _fields(pair: PairDrift) -> Iterator[str]:
    found = [
        c.path.partition("/")[2]
        for c in pair.diff.changes
        if c.kind in ("field-added", "field-removed", "field-changed")
    ]
    yield from dict.fromkeys(found)


def _group(group: RoleGroup) -> dict[str, Any]:
    data: dict[str, Any] = {"role": group.role, "files": list(group.files)}
    if not group.drift.directed:
        data["directed"] = False
    if group.drift.summary is not None:
        data["summary"] = _summary(group.drift.summary, group.files)
    return data


def _summary(summary: Summary, files: Sequence[int]) -> dict[str, Any]:
    return {
        "quorum": summary.quorum,
        "consensus": [_statement(row, files) for row in summary.consensus],
        "variants": [
            {
                "file": files[one.file],
                "held": one.held,
                "distance": round(one.distance, 4),
                "unique": [_statement(row, files) for row in one.unique],
                "lacking": [_statement(row, files) for row in one.lacking],
                "missing": [_statement(row, files) for row in one.missing],
            }
            for one in summary.standings
        ],
        "contradictions": [
            {
                "slot": one.slot,
                "members": [{"file": files[spot.file], "line": spot.line, "text": spot.text} for spot in one.places],
            }
            for one in summary.disagreements
        ],
        "outliers": [files[one.file] for one in summary.outliers],
    }


def _statement(row: Statement, files: Sequence[int]) -> dict[str, Any]:
    members = [{"file": files[file], "line": line} for file, line in row.places]
    return {"text": row.text, "path": row.path, "members": members}


def _step(step: Step) -> dict[str, Any]:
    data: dict[str, Any] = {
        "rev": step.rev,
        "date": step.date,
        "author": step.author,
        "subject": step.subject,
        "path": step.path,
        "class": step.change.klass if step.change else "unknown" if step.findings else None,
        "findings": findings_json(step.change.findings if step.change else step.findings),
    }
    if step.change is not None:
        data |= _verdict(step.change)
    data["drift"] = None
    if step.drift is not None:
        data["drift"] = _verdict(step.drift) | {"findings": findings_json(step.drift.findings)}
    return data
