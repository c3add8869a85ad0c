"""The rules that a review reports by, read from `data/rules.toml`, and the findings they make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from agentmerge.diffing.records import ChangeSeverity, Spot
from agentmerge.drifting.records import Finding
from agentmerge.errors import PolicyError
from agentmerge.knowledge import Knowledge, Raw


class Rule(NamedTuple):
    """One row of the table of rules."""

    id: str
    severity: ChangeSeverity
    mild: ChangeSeverity
    """Severity where a soft statement or a small difference is concerned."""
    reads: str
    """What the rule looks at."""
    says: str
    """What a finding means."""


def rules(knowledge: Knowledge) -> Mapping[str, Rule]:
    """All rules, most serious first. Raises PolicyError for a severity that does not exist."""
    return knowledge.derived(_rules)


def _rules(knowledge: Knowledge) -> Mapping[str, Rule]:
    return {name: _rule(name, row) for name, row in knowledge.raw("rules").items()}


def _rule(name: str, row: Raw) -> Rule:
    severity = _severity(name, row["severity"])
    return Rule(name, severity, _severity(name, row.get("mild", severity)), row["reads"], row["says"])


def _severity(rule: str, value: object) -> ChangeSeverity:
    found = next((one for one in ChangeSeverity if one == value), None)
    if found is None:
        raise PolicyError(f"rule {rule!r} has the severity {value!r}", remedy="use breaking, warning or info")
    return found


def finding(
    rule: str,
    message: str,
    path: str,
    a: Spot | None,
    b: Spot | None,
    knowledge: Knowledge,
    *,
    mild: bool = False,
    slot: str = "",
    owns: tuple[str, ...] = (),
) -> Finding:
    """A finding of a rule; `slot` tells apart what one rule finds in the same two texts.

    `owns` names what it tells of them, where that is not all.
    """
    row = rules(knowledge)[rule]
    return Finding(rule, row.mild if mild else row.severity, message, path, a, b, slot, owns=owns)
