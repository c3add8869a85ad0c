"""Records in, JSON data out; the shapes are fixed by the schemas in `agentmerge/data/schemas`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from agentmerge.diffing.records import Change, Diff, Spot
from agentmerge.drifting.records import Finding, PairDrift
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.records import Alignment, Group, Partner
from agentmerge.model import LAYOUT, Definition, Diagnostic, Field, Section, Unit, Value
from agentmerge.planning.records import Merged, Source
from agentmerge.reading import relations
from agentmerge.text.lines import in_json


def dumps(data: Any) -> str:
    """JSON as the commands print it: UTF-8, indented, keys in the order of the schema, hidden characters escaped."""
    return in_json(json.dumps(data, ensure_ascii=False, indent=2)) + "\n"


def plain(value: Value) -> Any:
    """A frontmatter value as lists and dicts."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value


def show_json(definition: Definition, knowledge: Knowledge) -> dict[str, Any]:
    """`agentmerge/show/1`."""
    return {
        "schema": "agentmerge/show/1",
        "file": definition.filename,
        "dialect": definition.dialect,
        "frontmatter": [_field(field) for field in definition.fields],
        "units": [_unit(unit) for unit in definition.root.units],
        "sections": [_section(section) for section in definition.root.sections],
        "relations": _relations(definition, knowledge),
        "diagnostics": [diagnostic(note) for note in definition.diagnostics],
    }


def _relations(definition: Definition, knowledge: Knowledge) -> dict[str, Any]:
    return {
        "procedures": [{"steps": list(p.steps), "between": list(p.between)} for p in relations.procedures(definition)],
        "enumerations": [
            {
                "label": each.label,
                "line": each.line,
                "members": [{"line": m.line, "text": m.text} for m in each.members],
            }
            for each in relations.enumerations(definition, knowledge)
        ],
        "notes": [{"label": n.label, "line": n.line, "used": list(n.used)} for n in relations.notes(definition)],
        "comments": [
            {"line": remark.line, "about": remark.about} for remark in relations.remarks(definition, knowledge)
        ],
        "ranges": [
            {"name": r.name, "open": r.opened, "close": r.closed} for r in relations.ranges(definition, knowledge)
        ],
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        "key": field.key,
        "line": field.line,
        "span": list(field.span),
        "style": field.style,
        "value": plain(field.value),
        "written": plain(field.written),
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "title": section.title,
        "level": section.level,
        "style": section.style,
        "line": section.line,
        "span": list(section.span),
        "extent": list(section.extent),
        "units": [_unit(unit) for unit in section.units],
        "sections": [_section(child) for child in section.sections],
    }


def _unit(unit: Unit) -> dict[str, Any]:
    data: dict[str, Any] = {"line": unit.line, "kind": unit.kind, "text": unit.text}
    if unit.lead:
        data["lead"] = unit.lead
    data["span"] = list(unit.span)
    if unit.label:
        data["label"] = unit.label
    if unit.marker:
        data["marker"] = unit.marker
    if unit.checked is not None:
        data["checked"] = unit.checked
    if unit.kind == "code":
        data["language"] = unit.language
        if unit.mode:
            data["mode"] = unit.mode
    if children := [child for child in unit.children if child.kind not in LAYOUT]:
        data["units"] = [_unit(child) for child in children]
    return data


def diagnostic(note: Diagnostic) -> dict[str, Any]:
    return {
        "code": note.code,
        "severity": note.severity,
        "line": note.line,
        "message": note.message,
        "assumed": note.assumed,
        "remedy": note.remedy,
    }


def align_json(alignment: Alignment, names: list[str], partners: Sequence[Partner] | None = None) -> dict[str, Any]:
    """`agentmerge/align/1`, with each unit's likeliest partners where these are given."""
    data = {
        "schema": "agentmerge/align/1",
        "files": names,
        "sections": [_group(group) for group in alignment.sections],
        "units": [_group(group) for group in alignment.units],
        "coverage": [{"file": c.file, "units": c.units, "matched": c.matched} for c in alignment.coverage],
    }
    return data if partners is None else data | {"candidates": _candidates(partners)}


def _candidates(partners: Sequence[Partner]) -> list[dict[str, Any]]:
    rows: dict[tuple[int, int], dict[str, Any]] = {}
    for one in partners:
        row = rows.setdefault(one.unit.key, {"file": one.unit.file, "line": one.unit.line, "partners": []})
        partner = {"file": one.partner.file, "line": one.partner.line}
        row["partners"].append(partner | {"rank": one.rank, "score": round(one.score, 4)})
    return [rows[key] for key in sorted(rows)]


def _group(group: Group) -> dict[str, Any]:
    members = [
        {"file": m.file, "line": m.line} | ({"title": m.node.title} if isinstance(m.node, Section) else {})
        for m in group.members
    ]
    data = {
        "members": members,
        "relation": group.relation,
        "score": round(group.score, 4),
        "reason": group.reason,
    }
    head = {"head": [member.key for member in group.members].index(group.cover)} if group.cover else {}
    return data | head | ({"slot": group.slot} if group.slot else {})


def diff_json(diff: Diff, changes: Sequence[Change], findings: Sequence[Finding], names: list[str]) -> dict[str, Any]:
    """`agentmerge/diff/1`."""
    return {
        "schema": "agentmerge/diff/1",
        "files": names,
        "class": diff.klass,
        "similarity": round(diff.similarity, 4),
        "coverage": [round(share, 4) for share in diff.coverage],
        "changes": [
            {
                "kind": change.kind,
                "severity": change.severity,
                "fingerprint": change.fingerprint,
                "path": change.path,
                "note": change.note,
                "old": _spot(change.old),
                "new": _spot(change.new),
            }
            for change in changes
        ],
        "findings": findings_json(findings),
    }


def findings_json(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings of a review; `a` and `b` are the places on either side."""
    return [_finding(finding) for finding in findings]


def _finding(finding: Finding) -> dict[str, Any]:
    data: dict[str, Any] = {
        "rule": finding.rule,
        "severity": finding.severity,
        "fingerprint": finding.fingerprint,
        "message": finding.message,
        "path": finding.path,
        "a": _side(finding.a),
        "b": _side(finding.b),
    }
    return data | ({"accepted": finding.accepted} if finding.accepted else {})


def result_json(file: int, pair: PairDrift) -> dict[str, Any]:
    """What a result differs in from the source `file`."""
    return {"file": file, "class": pair.klass, "findings": findings_json(pair.findings)}


def _side(spot: Spot | None) -> dict[str, Any] | None:
    return None if spot is None else {"line": spot.line, "text": spot.text}


def _spot(spot: Spot | None) -> dict[str, Any] | None:
    return None if spot is None else {"file": spot.file, "line": spot.line, "text": spot.text}


def report_json(merged: Merged, names: list[str], *, written: bool = True) -> dict[str, Any]:
    """`agentmerge/report/1`: the same for a combine and a merge; `written` says whether the result was, too."""
    return {
        "schema": "agentmerge/report/1",
        "files": names,
        "written": written,
        "decisions": [
            {
                "id": decision.id,
                "path": decision.path,
                "rule": decision.rule,
                "action": decision.action,
                "members": [_source(member) for member in decision.members],
                "note": decision.note,
            }
            for decision in merged.decisions
        ],
        "conflicts": [
            {
                "path": conflict.path,
                "slot": conflict.slot,
                "members": [_source(member) for member in conflict.members],
                "decided_by": conflict.decided_by,
                "line": conflict.line,
            }
            for conflict in merged.conflicts
        ],
        "ledger": [
            {
                "file": row.source.file,
                "line": row.source.line,
                "kind": row.source.kind,
                "text": row.source.text,
                "fate": row.fate,
                "decision": row.decision,
                "into": row.into,
            }
            for row in merged.ledger
        ],
        "findings": [
            {
                "rule": notice.rule,
                "severity": notice.severity,
                "message": notice.message,
                "path": notice.path,
                "members": [_source(member) for member in notice.sources],
                "lines": list(notice.lines),
            }
            for notice in merged.findings
        ],
    }


def _source(source: Source) -> dict[str, Any]:
    return {"file": source.file, "line": source.line, "text": source.text}
