"""Plans and decisions as text: `agentmerge/plan/1` in JSON, a line for each text and each question, and YAML."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agentmerge.characters import in_json
from agentmerge.errors import InputError
from agentmerge.planning.answers import SCHEMA, Answer
from agentmerge.planning.records import ACTIONS, INSTRUCTIONS, KINDS, Plan, Question, Text
from agentmerge.views.jsonable import plain
from agentmerge.yamltext import scalar

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
