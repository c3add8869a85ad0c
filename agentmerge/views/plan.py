"""Plans, decisions, updates and conversions in, text, JSON and YAML out."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from agentmerge.converting.carriers import FATES, Conversion, Fate, Loss
from agentmerge.errors import InputError
from agentmerge.knowledge.signs import holds_guardrail
from agentmerge.knowledge.tables import Knowledge
from agentmerge.planning.records import (
    ACTIONS,
    INSTRUCTIONS,
    KINDS,
    SCHEMA,
    Answer,
    Kind,
    Plan,
    Question,
    Text,
    hash_of,
    question_id,
    text_ids,
)
from agentmerge.reading.yamlio import scalar
from agentmerge.text.lines import in_json
from agentmerge.updating.recipes import CURRENT, Asked, Drop, OutputPlan, Status
from agentmerge.views.jsonable import plain
from agentmerge.views.paint import Paint, one_line

# Plan -----------------------------------------------------------------------------------------------------------------
#
# Plans and decisions as text: `agentmerge/plan/1` in JSON, a line for each text and each question, and YAML.


PLAN = "agentmerge/plan/1"


def plan_json(plan: Plan) -> dict[str, Any]:
    """`agentmerge/plan/1`."""
    kinds = [kind for kind in KINDS if any(question.kind == kind for question in plan.questions)]
    actions = dict.fromkeys(choice for question in plan.questions for choice in question.choices)
    return {
        "schema": PLAN,
        "instructions": INSTRUCTIONS.rstrip("\n").split("\n"),
        "kinds": {kind: KINDS[kind].asks for kind in kinds},
        "actions": {action: ACTIONS[action] for action in actions},
        "files": list(plan.files),
        "options": plain(plan.options),
        "texts": [_text(text) for text in plan.texts],
        "questions": [_question(question) for question in plan.questions],
        "left_out": plan.left_out,
    }


def _text(text: Text) -> dict[str, Any]:
    return {
        "id": text.id,
        "file": text.file,
        "line": text.line,
        "path": text.path,
        "hash": text.hash,
        "text": text.text,
    }


def _question(question: Question) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": question.id,
        "kind": question.kind,
        "texts": list(question.texts),
        "choices": list(question.choices),
        "binds": question.binds,
        "p": question.p,
    }
    return data | ({"now": question.now} if question.now else {})


def plan_text(plan: Plan) -> str:
    """A plan as it is written: whoever answers reads a line for each text and each question."""
    rows = [f"  {json.dumps(key)}: {_rows(value)}" for key, value in plan_json(plan).items()]
    return in_json("{\n" + ",\n".join(rows) + "\n}\n")


def _rows(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return _compact(value)
    return "[\n" + ",\n".join(f"    {_compact(one)}" for one in value) + "\n  ]"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def read_plan(text: str, file: str) -> Plan:
    """A plan as it was written. Raises InputError for what is none."""
    remedy = "make it with `agentmerge combine FILE... --plan FILE`"
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError("is no JSON", file=file, line=getattr(error, "lineno", None), remedy=remedy) from None
    if not isinstance(data, dict) or data.get("schema") != PLAN:
        raise InputError("is no plan", file=file, remedy=remedy)
    try:
        files = tuple(map(str, data["files"]))
        return Plan(
            files,
            tuple(_read_text(row, len(files)) for row in data["texts"]),
            tuple(_read_question(row) for row in data["questions"]),
            int(data["left_out"]),
            dict(data["options"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InputError("is a plan that lacks a part", file=file, remedy=remedy) from None


def _read_text(row: Mapping[str, Any], files: int) -> Text:
    if int(row["file"]) not in range(files):
        raise ValueError(row["file"])
    words = {key: str(row[key]) for key in ("id", "path", "hash", "text")}
    return Text(file=int(row["file"]), line=int(row["line"]), **words)


def _read_question(row: Mapping[str, Any]) -> Question:
    return Question(
        str(row["id"]),
        row["kind"],
        tuple(map(str, row["texts"])),
        tuple(row["choices"]),
        bool(row["binds"]),
        float(row["p"]),
        str(row.get("now", "")),
    )


def decisions_text(answers: Iterable[Answer]) -> str:
    """Answers as a decisions file."""
    rows = [f"  - {{{', '.join(f'{key}: {value}' for key, value in _written(answer))}}}" for answer in answers]
    return "\n".join([f"schema: {SCHEMA}", "decisions:" if rows else "decisions: []", *rows]) + "\n"


def _written(answer: Answer) -> Iterable[tuple[str, str]]:
    yield "id", _scalar(answer.id)
    if answer.sees:
        yield "sees", _list(answer.sees)
    yield "action", answer.action
    if answer.of:
        yield "of", f"[{', '.join(map(_list, answer.of))}]"
    for key, text in (("take", answer.take), ("text", answer.text)):
        if text:
            yield key, _scalar(text)
    if answer.drops:
        yield "drops", _list(answer.drops)
    if answer.why:
        yield "why", _scalar(answer.why)
    yield "by", answer.by
    if answer.confidence is not None:
        yield "confidence", f"{answer.confidence:g}"


def _list(names: Sequence[str]) -> str:
    return f"[{', '.join(map(_scalar, names))}]"


def _scalar(text: str) -> str:
    return scalar(text, flow=True)


# Updating -------------------------------------------------------------------------------------------------------------
#
# What an update does, as text and as JSON; what is asked, as a plan.


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


# Convert --------------------------------------------------------------------------------------------------------------
#
# What a conversion kept, changed and lost: text, JSON, and a line for each result.


_STYLES = {"kept": "dim", "renamed": "dim", "approximated": "changed", "dropped": "changed", "refused": "error"}
_WIDTH = 79
_FATE = max(map(len, FATES))
_INDENT = 2 + _FATE + 2


def conversions_text(conversions: Sequence[Conversion], paint: Paint) -> str:
    """The table of losses: a heading for each result, a row for each field, kept ones together."""
    blocks = ["".join(f"{line}\n" for line in _lines(one, paint)) for one in conversions]
    return "\n".join(blocks)


def _lines(one: Conversion, paint: Paint) -> Iterator[str]:
    yield paint("title", one_line(f"{one.file} ({one.source}) to {one.host}"))
    yield f"  {one_line(one.path)}{', refused' if one.refused else ''}"
    for fate in FATES:
        losses = [loss for loss in one.losses if loss.fate == fate]
        silent = [loss for loss in losses if not loss.told and loss.to in ((loss.key,), ())]
        if silent:
            yield from _row(fate, ", ".join(f"{loss.key}:{loss.line}" for loss in silent), paint)
        for loss in losses:
            if loss not in silent:
                yield from _row(fate, _said(loss), paint)


def _row(fate: Fate, said: str, paint: Paint) -> Iterator[str]:
    first, *rest = textwrap.wrap(one_line(said), _WIDTH - _INDENT, break_on_hyphens=False) or [""]
    yield f"  {paint(_STYLES[fate], f'{fate:{_FATE}}')}  {first}"
    yield from (f"{' ' * _INDENT}{line}" for line in rest)


def _said(loss: Loss) -> str:
    said = f"{loss.key}:{loss.line}"
    if loss.to and loss.to != (loss.key,):
        said += f" as {', '.join(loss.to)}"
    if loss.told:
        said += f": {loss.told}"
    return said + (f"; carried by {', '.join(loss.carriers)}" if loss.carriers else "")


def told(one: Conversion) -> str:
    """What a result lost, in a line; "" where nothing of it is lost."""
    found = {fate: [loss.key for loss in one.losses if loss.fate == fate] for fate in ("approximated", "dropped")}
    parts = [f"{', '.join(dict.fromkeys(keys))} {fate}" for fate, keys in found.items() if keys]
    return f"{one.file} to {one.host}: {'; '.join(parts)}" if parts else ""


def widened(one: Conversion) -> Iterator[str]:
    """A line for each right that is wider, as was allowed."""
    for loss in one.losses:
        if loss.rights and loss.fate != "refused":
            yield f"{one.file}:{loss.line}: warning[permission-widened]: {loss.key}: {loss.told}"


def refusals(one: Conversion) -> Iterator[str]:
    """A line for each refusal, with what would let it through."""
    for loss in one.refused:
        where = f"{one.file}:{loss.line}"
        hosts = f"; {', '.join(loss.carriers)} can hold it back" if loss.carriers else ""
        yield f"{where}: refused for {one.host}: {loss.key}: {loss.told}{hosts}; --allow-loss {loss.key} lets it grow"


def warnings(one: Conversion, name: str) -> Iterator[str]:
    """A line for each thing that the host's reader warns of in a result."""
    for note in one.diagnostics:
        told_ = "; ".join(filter(None, (note.message, note.assumed, note.remedy)))
        yield f"{name}:{note.line}: {note.severity}[{note.code}]: {told_}"


def conversions_json(conversions: Sequence[Conversion]) -> dict[str, Any]:
    """`agentmerge/convert/1`."""
    return {
        "schema": "agentmerge/convert/1",
        "conversions": [
            {
                "file": one.file,
                "source": one.source,
                "host": one.host,
                "path": one.path,
                "refused": bool(one.refused),
                "fields": [_field(loss) for loss in one.losses],
            }
            for one in conversions
        ],
    }


def _field(loss: Loss) -> dict[str, Any]:
    return {
        "key": loss.key,
        "line": loss.line,
        "fate": loss.fate,
        "to": list(loss.to),
        "told": loss.told,
        "carriers": list(loss.carriers),
        "rights": list(loss.rights),
    }
