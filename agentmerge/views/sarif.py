"""A drift review as SARIF 2.1.0, for code scanning: https://docs.oasis-open.org/sarif/sarif/v2.1.0/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentmerge import __version__
from agentmerge.diffing.records import Spot
from agentmerge.drifting.records import SEVERITIES, Finding
from agentmerge.drifting.reports import Judged, Report
from agentmerge.drifting.rulebook import Rule, rules
from agentmerge.knowledge import Knowledge
from agentmerge.views.drift import new_line
from agentmerge.views.safe import one_line, safe

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")
"""Characters that a URI holds as they are, and the slash between folders."""
_LEVELS = {"breaking": "error", "warning": "warning", "info": "note"}

_RANKS = {"breaking": 90.0, "warning": 50.0, "info": 10.0}


def sarif(report: Report, knowledge: Knowledge) -> dict[str, Any]:
    """One run with all rules and a result per finding; accepted findings are suppressed ones."""
    table = rules(knowledge)
    order = {rule: number for number, rule in enumerate(table)}
    found = [(a, b, pair, finding) for a, b, pair in report.judged() for finding in pair.findings]
    found.sort(key=lambda row: (bool(row[3].accepted), SEVERITIES.index(row[3].severity)))
    results = [_result(a, b, pair, finding, order[finding.rule]) for a, b, pair, finding in found]
    driver = {
        "name": "agentmerge",
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in table.values()],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.id.title().replace("-", ""),
        "shortDescription": {"text": rule.says},
        "fullDescription": {"text": f"{rule.says}. Reads: {rule.reads}."},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"severity": rule.severity},
    }


def _result(a: str, b: str, pair: Judged, finding: Finding, index: int) -> dict[str, Any]:
    data: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "rank": _RANKS[finding.severity],
        "message": {"text": _message(a, finding)},
        "locations": [_location(b, finding.b or Spot(1, new_line(pair, finding), ""), finding.path)],
        "partialFingerprints": {"agentmergeFinding/v1": finding.fingerprint},
        "properties": {"severity": finding.severity},
    }
    if finding.a is not None:
        data["relatedLocations"] = [_location(a, finding.a, "") | {"id": 0, "message": {"text": "before"}}]
    if finding.accepted:
        data["suppressions"] = [{"kind": "external", "justification": safe(finding.accepted)}]
    return data


def _message(a: str, finding: Finding) -> str:
    gone = f" (was {a}:{finding.a.line})" if finding.a and not finding.b else ""
    return one_line(finding.message + gone)


def _location(name: str, spot: Spot, path: str) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": spot.line}
    if spot.text:
        region["snippet"] = {"text": safe(spot.text)}
    found: dict[str, Any] = {"physicalLocation": {"artifactLocation": _artifact(name), "region": region}}
    if path:
        found["logicalLocations"] = [{"fullyQualifiedName": safe(path), "kind": "member"}]
    return found


def _artifact(name: str) -> Mapping[str, str]:
    """A relative path as the URI reference that code scanning asks for; an absolute one as it is."""
    written = "".join(char if char in _PLAIN else _encoded(char) for char in name.replace("\\", "/"))
    return {"uri": f"file://{written}"} if written.startswith("/") else {"uri": written.removeprefix("./")}


def _encoded(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogateescape"))
