"""The decisions of a three-way merge as text, a line each."""

from __future__ import annotations

from agentmerge.outcome import Conflict, Decision, Merged
from agentmerge.views.safe import one_line

SIDES = ("base", "ours", "theirs")
MAX_TEXT = 70


def decisions_text(merged: Merged, names: list[str]) -> str:
    """Every decision that is about more than text nobody changed."""
    lines = [f"base {names[0]}, ours {names[1]}, theirs {names[2]}"]
    lines += [_decision(decision) for decision in merged.decisions if decision.rule != "unchanged"]
    unchanged = sum(decision.rule == "unchanged" for decision in merged.decisions)
    lines += [_conflict(conflict) for conflict in merged.conflicts]
    lines.append(f"{_count(len(merged.decisions) - unchanged, 'decision')}, {_count(unchanged, 'unit')} unchanged")
    return "".join(f"{one_line(line)}\n" for line in lines)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _decision(decision: Decision) -> str:
    if len({member.file for member in decision.members}) < len(decision.members) or not decision.members:
        return f"{decision.rule}: the whole text"
    first = decision.members[0]
    text = " ".join(first.text.split())[:MAX_TEXT]
    return f"{SIDES[first.file]}:{first.line}: {decision.rule}: {decision.path or 'top'}: {text}".rstrip(": ")


def _conflict(conflict: Conflict) -> str:
    decided = f" (decided by {conflict.decided_by})" if conflict.decided_by else ""
    return f"line {conflict.line}: conflict: {conflict.path or 'text'}: {conflict.slot}{decided}"
