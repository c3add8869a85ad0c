"""The table of rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentmerge.drifting.rulebook import Rule
from agentmerge.views.paint import Paint

_STYLES = {"breaking": "error", "warning": "changed", "info": "dim"}


def rules_text(rules: Mapping[str, Rule], paint: Paint) -> str:
    """A line per rule, and one on what it reads."""
    pad = max(map(len, rules))
    lines = []
    for rule in rules.values():
        mild = f" ({rule.mild} where mild)" if rule.mild != rule.severity else ""
        lines.append(f"{rule.id:{pad}}  {paint(_STYLES[rule.severity], rule.severity)}{mild}")
        lines += [f"  {rule.says}", paint("dim", f"  reads: {rule.reads}")]
    return "\n".join(lines) + "\n"


def rules_json(rules: Mapping[str, Rule]) -> dict[str, Any]:
    """`agentmerge/rules/1`."""
    rows = [
        {"id": rule.id, "severity": rule.severity, "mild": rule.mild, "reads": rule.reads, "says": rule.says}
        for rule in rules.values()
    ]
    return {"schema": "agentmerge/rules/1", "rules": rows}
