"""What an update does, as text and as JSON; what is asked, as a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from agentmerge.guardrails import holds_guardrail
from agentmerge.knowledge import Knowledge
from agentmerge.updating.records import CURRENT, Asked, Drop, OutputPlan, Status
from agentmerge.views.safe import one_line

_MAX = 100


def plans_text(plans: Sequence[OutputPlan], *, done: bool) -> str:
    """What an update does, output by output; first of all the rules that it takes away."""
    lines: list[tuple[str, str]] = []
    drops = [(plan, drop) for plan in plans for drop in plan.dropped]
    if drops:
        lines.append(("", "the update takes away or changes:"))
        lines += [("  ", _drop(drop)) for _, drop in drops]
    for plan in plans:
        lines += _plan(plan, done=done)
    return "".join(f"{indent}{one_line(line)}\n" for indent, line in lines)


def _drop(drop: Drop) -> str:
    finding = drop.finding
    line = finding.a.line if finding.a is not None else 0
    return f"{drop.path}:{line}: {finding.severity}[{finding.rule}]: {_short(finding.message)}"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 2 * _MAX else f"{flat[: 2 * _MAX]}..."


def _plan(plan: OutputPlan, *, done: bool) -> Iterator[tuple[str, str]]:
    yield "", f"{plan.output}: {plan.status}{_what(plan, done=done)}"
    for write in plan.writes:
        verb = "delete" if write.new is None else "write" if write.old is not None else "add"
        if plan.output != write.path or verb != "write":
            yield "  ", f"{verb} {write.path}"
    for asked in plan.asked:
        yield "  ", f"asked: {_asked(asked)}"


def _what(plan: OutputPlan, *, done: bool) -> str:
    if plan.asked:
        count = len(plan.asked)
        return f"; {count} question{'' if count == 1 else 's'} open, nothing of it is written"
    if plan.locked is None:
        return ""
    if not plan.writes:
        return "; the lock is brought up to it"
    kept = "; local edits kept" if plan.kept else ""
    return f"; {'updated' if done else 'would be updated'}{kept}"


def _asked(asked: Asked) -> str:
    conflict = asked.conflict
    where = ": ".join(part for part in (asked.path, conflict.path if conflict.path != asked.path else "") if part)
    return f"{where}: {conflict.slot}"


def update_json(plans: Sequence[OutputPlan], orphans: Sequence[str] = ()) -> dict[str, Any]:
    """`agentmerge/update/1`."""
    return {
        "schema": "agentmerge/update/1",
        "outputs": [_output(plan) for plan in plans],
        "orphans": list(orphans),
    }


def _output(plan: OutputPlan) -> dict[str, Any]:
    return {
        "output": plan.output,
        "status": str(plan.status),
        "writes": [{"path": one.path, "action": "delete" if one.new is None else "write"} for one in plan.writes],
        "questions": [{"file": one.path, "path": one.conflict.path, "slot": one.conflict.slot} for one in plan.asked],
        "dropped": [
            {
                "file": one.path,
                "line": one.finding.a.line if one.finding.a is not None else 0,
                "rule": one.finding.rule,
                "severity": str(one.finding.severity),
                "message": one.finding.message,
            }
            for one in plan.dropped
        ],
        "notices": [{"rule": one.rule, "severity": one.severity, "message": one.message} for one in plan.notices],
    }


def status_text(rows: Sequence[tuple[str, Status, str]]) -> str:
    """Output, status and what is behind it, a line each."""
    width = max((len(status) for _, status, _ in rows), default=0)
    lines = ((status, f"{output}{f'  ({why})' if why else ''}") for output, status, why in rows)
    return "".join(f"{status:{width}}  {one_line(line)}\n" for status, line in lines)


def status_json(rows: Sequence[tuple[str, Status, str]]) -> dict[str, Any]:
    """`agentmerge/status/1`."""
    return {
        "schema": "agentmerge/status/1",
        "outputs": [
            {"output": output, "status": str(status), "current": status in CURRENT, "reason": why}
            for output, status, why in rows
        ],
    }


def sheet_json(plan: OutputPlan, knowledge: Knowledge) -> dict[str, Any]:
    """The open questions of one output as `agentmerge/plan/1`: the texts once, the questions by their ids."""
    files: list[str] = []
    texts: dict[tuple[int, int, str], dict[str, Any]] = {}
    questions: list[dict[str, Any]] = []
    for number, asked in enumerate(plan.asked, 1):
        ids: list[str] = []
        for side, text, line in _sides(asked):
            name = f"{asked.path} ({side})"
            if name not in files:
                files.append(name)
            key = (files.index(name), line, text)
            row = texts.setdefault(key, _text(len(texts) + 1, key, asked))
            ids.append(row["id"])
        said = " ".join(text for _, text, _ in _sides(asked))
        questions.append(
            {
                "id": f"q{number}",
                "kind": "field" if asked.conflict.path.startswith("frontmatter/") else "conflict",
                "texts": ids,
                "choices": ["ours", "theirs"],
                "binds": holds_guardrail(said, knowledge),
                "p": None,
                "file": asked.path,
                "path": asked.conflict.path,
                "slot": asked.conflict.slot,
            }
        )
    return {"schema": "agentmerge/plan/1", "files": files, "texts": list(texts.values()), "questions": questions}


def _sides(asked: Asked) -> list[tuple[str, str, int]]:
    names: Mapping[int, str] = {0: "base", 1: "ours", 2: "theirs"}
    return [(names[one.file], one.text, one.line) for one in asked.conflict.members]


def _text(number: int, key: tuple[int, int, str], asked: Asked) -> dict[str, Any]:
    file, line, text = key
    name = sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return {"id": f"t{number}", "file": file, "line": line, "path": asked.conflict.path, "hash": name, "text": text}
