"""A three-way merge in, its decisions as text out; folders, merged or compared, as text and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agentmerge.diffing.comparing import FileDiff
from agentmerge.merging.engine import FileMerge
from agentmerge.planning.records import Conflict, Decision, Merged
from agentmerge.views.jsonable import report_json
from agentmerge.views.paint import one_line, safe

# Merge ----------------------------------------------------------------------------------------------------------------
#
# The decisions of a three-way merge as text, a line each.


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


# Folders --------------------------------------------------------------------------------------------------------------
#
# Folders, merged or compared, as text and as JSON.


_SIGNS = {"changed": "~", "added": "+", "removed": "-", "renamed": ">", "same": " "}


def merge_text(found: Sequence[FileMerge]) -> str:
    """What became of each file that not all have alike, a line each, conflicts below theirs."""
    lines: list[tuple[str, str]] = []
    for one in found:
        if one.fate != "same":
            lines.append(("", f"{_fate(one)}: {_named(one)}"))
        lines += [
            ("  ", f"conflict: {conflict.path}: {conflict.slot}".replace(": : ", ": ")) for conflict in one.conflicts
        ]
    same = sum(one.fate == "same" for one in found)
    left = sum(bool(one.conflicts) for one in found)
    lines.append(("", f"{len(found)} files, {same} the same in all, {left} in conflict"))
    return "".join(f"{indent}{one_line(line)}\n" for indent, line in lines)


def _fate(one: FileMerge) -> str:
    base, ours, theirs = (name is not None for name in one.names)
    if one.fate in ("ours", "theirs") and not base and ours != theirs:
        return f"only in {one.fate}"
    return {"ours": "as in ours", "theirs": "as in theirs"}.get(one.fate, one.fate)


def _named(one: FileMerge) -> str:
    old = one.names[1] or one.names[0] or one.path
    return one.path if old == one.path or one.data is None else f"{old} -> {one.path}"


def merge_json(found: Sequence[FileMerge], names: Sequence[str]) -> dict[str, Any]:
    """`agentmerge/folder-report/1`."""
    return {
        "schema": "agentmerge/folder-report/1",
        "folders": list(names),
        "files": [_merged(one, names) for one in found],
    }


def _merged(one: FileMerge, names: Sequence[str]) -> dict[str, Any]:
    base, ours, theirs = one.names
    sides = zip(names, one.names, strict=True)
    shown = [f"{folder}/{name}" if name is not None else folder for folder, name in sides]
    return {
        "path": one.path,
        "base": base,
        "ours": ours,
        "theirs": theirs,
        "fate": one.fate,
        "in_result": one.data is not None,
        "conflicts": [{"path": each.path, "slot": each.slot, "line": each.line} for each in one.conflicts],
        "report": report_json(one.merged, shown) if one.merged is not None else None,
    }


def diff_head(one: FileDiff) -> str:
    """The line above what changed in a file."""
    name = f"{one.old} -> {one.new}" if one.status == "renamed" else one.path
    what = one.status + (", changed" if one.status == "renamed" and one.is_changed else "")
    return f"{_SIGNS[one.status]} {one_line(name)}  {what}{' (binary)' if one.kind == 'binary' else ''}\n"


def lines_text(lines: Sequence[str]) -> str:
    """Lines of a patch, safe for a terminal."""
    return "".join(f"    {safe(line)}\n" for line in lines)


def diff_json(found: Sequence[FileDiff], names: Sequence[str], details: Mapping[str, Any]) -> dict[str, Any]:
    """`agentmerge/folder-diff/1`; `details` are the diffs of definitions and the lines of other texts by path."""
    rows = [
        {
            "old": one.old,
            "new": one.new,
            "status": one.status,
            "kind": one.kind,
            "changed": one.is_changed,
            "diff": details.get(one.path) if one.kind == "definition" else None,
            "lines": details.get(one.path, []) if one.kind == "text" else [],
        }
        for one in found
    ]
    return {"schema": "agentmerge/folder-diff/1", "folders": list(names), "files": rows}
