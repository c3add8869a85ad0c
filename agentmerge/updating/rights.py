"""Rights that an update would make wider: a question, until somebody decides."""

from __future__ import annotations

from agentmerge import rights
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Field
from agentmerge.parsing import parse


def widened(ours: str, result: str, path: str, knowledge: Knowledge) -> tuple[rights.Move, ...]:
    """By which fields a result grants what ours did not grant."""
    before, after = (parse(text, knowledge, filename=path) for text in (ours, result))
    moves = rights.moves(before, after, knowledge)
    return tuple(move for move in moves if move.direction == "widened" and move.is_certain)


def with_fields_of(ours: str, theirs: str, keys: tuple[str, ...], path: str, knowledge: Knowledge) -> str | None:
    """Theirs with some fields as ours has them, absent ones included; None where that can't be written."""
    mine = parse(ours, knowledge, filename=path)
    text = theirs
    for key in keys:
        other = parse(text, knowledge, filename=path)
        written = _with_field(other, key, next((one for one in mine.fields if one.key == key), None))
        if written is None:
            return None
        text = written
    return text


def _with_field(other: Definition, key: str, field: Field | None) -> str | None:
    there = [one for one in other.fields if one.key == key]
    if len(there) > 1 or other.frontmatter is None or not other.fields:
        return None
    source = "" if field is None else field.source.replace("\r\n", "\n")
    if source and not source.endswith("\n"):
        source += "\n"
    if there:
        start, end = there[0].span
    else:
        start = end = max(one.span.end for one in other.fields)
    return other.text[:start] + source + other.text[end:]
