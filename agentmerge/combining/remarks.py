"""Comments of the frontmatter: each stays at its field in the result, whichever variant's value stands there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from agentmerge.combining.fields import FieldOutcome, Remark
from agentmerge.knowledge import Dialect, Knowledge
from agentmerge.model import Comment, Definition, Field
from agentmerge.outcome import Fate
from agentmerge.parsing import frontmatter

_HOMELESS = "#"
"""Stands for the key of comments that have no field to stay at."""


def kept(
    outcomes: Iterable[FieldOutcome], definitions: Sequence[Definition], host: Dialect, knowledge: Knowledge
) -> Iterator[FieldOutcome]:
    """The outcomes with the comments of all their fields: those that the text does not hold are put above the key.

    `host` is the dialect that the fields are written for.
    """
    homeless = [
        (file, remark)
        for file, definition in enumerate(definitions)
        if definition.frontmatter is not None
        for remark in definition.frontmatter.comments
    ]
    for outcome in outcomes:
        given = [(file, remark) for file, field in outcome.sources for remark in field.comments]
        if outcome.text is not None:
            given, homeless = [*homeless, *given], []
        yield _with_remarks(outcome, given, host, knowledge) if given else outcome
    if homeless:
        remarks = tuple(Remark(file, remark, Fate.DROPPED) for file, remark in homeless)
        yield FieldOutcome(_HOMELESS, "unset", None, note="no field is left to stand at", remarks=remarks)


def _with_remarks(
    outcome: FieldOutcome, given: Sequence[tuple[int, Comment]], host: Dialect, knowledge: Knowledge
) -> FieldOutcome:
    if outcome.text is None:
        return replace(outcome, remarks=tuple(Remark(file, remark, Fate.DROPPED) for file, remark in given))
    held = rows_of(_field_of(outcome.text, host, knowledge))
    above: list[str] = []
    told: dict[tuple[int, int], Remark] = {}
    # What stands in the text already comes first, so that it is never written twice.
    for file, remark in sorted(given, key=lambda pair: pair[0] != outcome.winner):
        rows = _rows(remark)
        is_held = place_of(rows, held) is not None
        if not is_held:
            above += remark.text.split("\n")
            held = [*held, *rows]
        fate = Fate.MERGED if is_held and file != outcome.winner else Fate.KEPT
        told[file, remark.line] = Remark(file, remark, fate)
    remarks = tuple(told[file, remark.line] for file, remark in given)
    return replace(outcome, text="".join(f"{line}\n" for line in above) + outcome.text, remarks=remarks)


def _field_of(text: str, host: Dialect, knowledge: Knowledge) -> Field | None:
    front = frontmatter.split(f"---\n{text}---\n", knowledge, host.forms).front
    return front.fields[0] if front is not None and front.fields else None


def rows_of(field: Field | None) -> list[tuple[str, int]]:
    """The lines of a field's comments without their signs, each with its line in the file."""
    return [row for remark in (field.comments if field is not None else ()) for row in _rows(remark)]


def _rows(remark: Comment) -> list[tuple[str, int]]:
    return [(_words(line), remark.line + number) for number, line in enumerate(remark.text.split("\n"))]


def _words(line: str) -> str:
    return " ".join(line.lstrip("#").split())


def place_of(rows: Sequence[tuple[str, int]], held: Sequence[tuple[str, int]]) -> int | None:
    """The line on which lines of comments stand together among others; None where they do not."""
    wanted, words = [row[0] for row in rows], [row[0] for row in held]
    starts = (at for at in range(len(words) - len(wanted) + 1) if words[at : at + len(wanted)] == wanted)
    first = next(starts, None)
    return None if first is None else held[first][1]


def line_of(remark: Comment, field: Field | None) -> int | None:
    """The line of the result on which a comment stands."""
    return place_of(_rows(remark), rows_of(field))
