"""Statements that came from another file or went to one, in one commit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from agentmerge.drifting.clauses import Clause, clauses_of
from agentmerge.drifting.restating import Restatements
from agentmerge.drifting.tracing import Fresh
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition

LEAST = 3
"""Words of a sentence from which another file says it by no chance."""


class Place(NamedTuple):
    """Where a sentence stands."""

    path: str
    line: int
    text: str
    is_sure: bool = True
    """False for one that may say it in other words."""


class Edited(NamedTuple):
    """A file as a commit changed it."""

    path: str
    before: Definition | None
    after: Definition | None


def came_from(text: str, files: Sequence[Edited], knowledge: Knowledge) -> Place | None:
    """The sentence of another file that had the same words before, and has them no more; None where there is none."""
    for one in files:
        if one.before is None:
            continue
        found = _saying(text, one.before, knowledge)
        if found is not None and (one.after is None or _saying(text, one.after, knowledge) is None):
            return Place(one.path, found.unit.line, found.text)
    return None


def _saying(text: str, definition: Definition, knowledge: Knowledge) -> Clause | None:
    wanted = _folded(text)
    if len(wanted) < LEAST:
        return None
    return next((one for one in clauses_of(0, definition, knowledge) if one.folded.split() == wanted), None)


def _folded(text: str) -> list[str]:
    return "".join(sign if sign.isalnum() else " " for sign in text.lower()).split()


def went_to(
    text: str, own: tuple[Definition, Definition], files: Sequence[Edited], knowledge: Knowledge
) -> Place | None:
    """Where a rule stands that a version lost: in another file of the commit, or in other words in its own.

    `own` is the file before and after.
    """
    clauses = clauses_of(0, own[0], knowledge)
    number = next((n for n, one in enumerate(clauses) if one.text == text), None)
    if number is None:
        return None
    for one in files:
        if one.after is None:
            continue
        found = Fresh(one.path, one.after, knowledge, one.before).find(clauses[number], number)
        if found is not None:
            return Place(one.path, found.unit.line, found.text)
    likely = Restatements(clauses, clauses_of(1, own[1], knowledge), knowledge).of(clauses[number], number)
    return Place("", likely[0].clause.unit.line, likely[0].clause.text, is_sure=False) if likely else None
