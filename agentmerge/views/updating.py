"""What an update does, as text and as JSON; what is asked, as a plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from agentmerge.guardrails import holds_guardrail
from agentmerge.knowledge import Knowledge
from agentmerge.planning.records import Kind, Plan, Question, Text, hash_of, question_id, text_ids
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


def sheet(plan: OutputPlan, knowledge: Knowledge) -> Plan:
    """The open questions of one output as a plan: the texts once, the questions by their ids."""
    files: list[str] = []
    rows: list[tuple[int, int, str, str]] = []
    asked_of: list[list[int]] = []
    for asked in plan.asked:
        own: list[int] = []
        for name, line, text in _sides(asked):
            if name not in files:
                files.append(name)
            row = (files.index(name), line, asked.conflict.path, text)
            if row not in rows:
                rows.append(row)
            own.append(rows.index(row))
        asked_of.append(own)
    hashes = [hash_of(text, "code") for *_, text in rows]
    ids = text_ids(hashes)
    texts = [Text(ids[n], file, line, path, hashes[n], text) for n, (file, line, path, text) in enumerate(rows)]
    questions = []
    for asked, own in zip(plan.asked, asked_of, strict=True):
        kind: Kind = "field" if asked.conflict.path.startswith("frontmatter/") else "conflict"
        binds = kind == "field" or any(holds_guardrail(rows[n][3], knowledge) for n in own)
        named = tuple(ids[n] for n in own)
        number = question_id(kind, (*named, asked.path, asked.conflict.path, asked.conflict.slot))
        questions.append(
            Question(number, kind, named, ("use", "defer"), binds, 1.0, now=f"asked: {asked.conflict.slot}")
        )
    return Plan(tuple(files), tuple(texts), tuple(questions), options={"output": plan.output})


def _sides(asked: Asked) -> list[tuple[str, int, str]]:
    """File, line and text of each side of a question; the whole field, or file, where it is about no lines."""
    sides = ("base", "ours", "theirs")
    if asked.conflict.members:
        return [(f"{asked.path} ({sides[one.file]})", max(1, one.line), one.text) for one in asked.conflict.members]
    whole = zip(sides, asked.texts, strict=True)
    return [(f"{asked.path} ({side})", 1, text) for side, text in whole if side != "base" and text]
