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
    lines.append(f"{len(merged.decisions) - unchanged} decisions, {unchanged} units unchanged")
    return "".join(f"{one_line(line)}\n" for line in lines)


def _decision(decision: Decision) -> str:
    first = decision.members[-1] if decision.members else None
    where = f"{SIDES[first.file]}:{first.line}: " if first is not None else ""
    text = " ".join(first.text.split())[:MAX_TEXT] if first is not None and len(decision.members) < MAX_TEXT else ""
    return f"{where}{decision.rule}: {decision.path or 'the whole text'}: {text}".rstrip(": ")


def _conflict(conflict: Conflict) -> str:
    decided = f" (decided by {conflict.decided_by})" if conflict.decided_by else ""
    return f"line {conflict.line}: conflict: {conflict.path or 'text'}: {conflict.slot}{decided}"
