"""A decisions file, or what a program answered, to answers; what has the wrong shape is refused one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, get_args

from agentmerge.errors import InputError, unknown
from agentmerge.model import Value
from agentmerge.parsing.yamlio import YamlError, load_rows
from agentmerge.planning.records import Action, By, Plan

SCHEMA = "agentmerge/decisions/1"
_FENCED = re.compile(r"\A\s*```[a-z]*\n(?P<inner>.*)\n```\s*\Z", re.DOTALL)
_NULLS = frozenset({"~", "null"})
_KEYS = ("id", "sees", "action", "of", "take", "text", "drops", "why", "by", "confidence")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person or an agent says of one question."""

    line: int
    """Where it stands in its file."""
    id: str
    action: Action
    sees: tuple[str, ...] = ()
    """The texts that it is about, by id or hash; () for those of the question."""
    of: tuple[tuple[str, ...], ...] = ()
    """The sets of texts that the action is about; () for all that it sees."""
    take: str = ""
    """The text that stands."""
    text: str = ""
    """The text that takes the place of the others."""
    drops: tuple[str, ...] = ()
    """What `text` leaves out on purpose."""
    why: str = ""
    by: By = "person"
    confidence: float | None = None
    file: str = ""
    """The decisions file, or the program, that says it."""


class Refusal(NamedTuple):
    """An answer that does not count."""

    file: str
    line: int
    id: str
    why: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered."""

    answers: tuple[Answer, ...] = ()
    refused: tuple[Refusal, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)
    """Where a text stood that an answer names, by its id, for who is told that it does not stand there any more."""

    def with_more(self, other: Answers) -> Answers:
        """These answers and others."""
        return Answers(
            (*self.answers, *other.answers), (*self.refused, *other.refused), {**self.places, **other.places}
        )


class Heard(NamedTuple):
    """What became of the answers."""

    asked: int
    """Questions of the plan."""
    counted: tuple[Answer, ...]
    """The answers that counted, each with all texts that it is about."""
    refused: int
    left: int
    """Questions that were answered and are left to a person."""


Ask = Callable[[Plan], Answers]
"""Who answers a plan."""


def read_answers(text: str, file: str, by: By | None = None) -> Answers:
    """The answers in a YAML text. `by` is who answers, whatever the text says of it.

    Raises InputError where the text is no decisions file; an answer of the wrong shape is refused by itself.
    """
    fenced = _FENCED.match(text)
    before = 1 if fenced is not None else 0
    try:
        head, rows = load_rows(fenced["inner"] if fenced is not None else text, "decisions")
    except YamlError as error:
        raise InputError(f"not valid YAML: {error.message}", file=file, line=error.line + 1 + before) from None
    if head.get("schema") != SCHEMA:
        raise InputError("is no decisions file", file=file, line=1 + before, remedy=f"begin it with schema: {SCHEMA}")
    for key in head:
        if key not in ("schema", "decisions"):
            raise InputError(f"'{key}' is nothing that a decisions file says", file=file)
    found: list[Answer] = []
    refused: list[Refusal] = []
    seen: set[str] = set()
    for line, row in rows:
        name = row.get("id") if isinstance(row, Mapping) else None
        told = name if isinstance(name, str) else ""
        try:
            answer = _answer(file, line + 1 + before, row, by)
            if answer.id in seen:
                raise InputError(f"'{answer.id}' was answered above", remedy="answer it once")
        except InputError as error:
            refused.append(Refusal(file, line + 1 + before, told, error.message, error.remedy))
        else:
            seen.add(answer.id)
            found.append(answer)
    return Answers(tuple(found), tuple(refused))


def _answer(file: str, line: int, row: Value, by: By | None) -> Answer:
    if not isinstance(row, Mapping):
        raise InputError("is no answer", remedy="write id and action, such as {id: q1, action: same}")
    for key in row:
        if key not in _KEYS:
            error = unknown("key of an answer", key, _KEYS)
            raise InputError(error.message, remedy=error.remedy)
    action = next((one for one in get_args(Action) if one == row.get("action")), None)
    if action is None:
        raise InputError(f"the action is '{row.get('action', '')}'", remedy=f"use one of {', '.join(get_args(Action))}")
    who = next((one for one in get_args(By) if one == row.get("by", "person")), None)
    if who is None:
        raise InputError(f"by is '{row['by']}'", remedy="use person or agent")
    name = _words(row, "id")
    if not name:
        raise InputError("has no id", remedy="say which question it answers")
    return Answer(
        line,
        name,
        action,
        _names(row.get("sees", ()), "sees"),
        _sets(row.get("of", ())),
        _words(row, "take"),
        _words(row, "text"),
        _names(row.get("drops", ()), "drops"),
        _words(row, "why"),
        by or who,
        _confidence(_words(row, "confidence")),
        file,
    )


def _words(row: Mapping[str, Value], key: str) -> str:
    value = row.get(key, "")
    if not isinstance(value, str):
        raise InputError(f"'{key}' is no text", remedy="write one text")
    return "" if value in _NULLS else value.strip()


def _names(value: Value, key: str) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,) if value else ()
    if not isinstance(value, tuple) or not all(isinstance(one, str) for one in value):
        raise InputError(f"'{key}' is no list of texts", remedy=f"write {key}: [one, other]")
    return tuple(map(str, value))


def _sets(value: Value) -> tuple[tuple[str, ...], ...]:
    """One list of texts, or several."""
    if isinstance(value, tuple) and any(isinstance(one, tuple) for one in value):
        return tuple(_names(one, "of") for one in value)
    names = _names(value, "of")
    return (names,) if names else ()


def _confidence(written: str) -> float | None:
    if not written:
        return None
    try:
        value = float(written)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise InputError(f"confidence is '{written}'", remedy="use a number from 0 to 1")
    return value
