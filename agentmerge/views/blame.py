"""Who brought each thing that a file says: as text, in git's porcelain form, as data."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from agentmerge.lineage.origins import Lost, Origin
from agentmerge.lineage.transfers import Place
from agentmerge.views.lineage import MARKS
from agentmerge.views.paint import Paint
from agentmerge.views.safe import one_line

WIDTH = 80
"""Columns where nobody says how many there are."""
_AUTHOR = 12
_REV = 8


class Commit(Protocol):
    """One version of a file, as git tells it."""

    @property
    def rev(self) -> str: ...
    @property
    def date(self) -> str: ...
    @property
    def author(self) -> str: ...
    @property
    def mail(self) -> str: ...
    @property
    def time(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def path(self) -> str: ...


class Row(NamedTuple):
    """One thing that a file says, and the commit that brought it so."""

    origin: Origin
    commit: Commit


class Gone(NamedTuple):
    """A rule that a file says no more, and the commit that took it."""

    lost: Lost
    commit: Commit
    place: Place | None
    """Where it stands since."""


class Found(NamedTuple):
    """All rows of a file, in its order."""

    name: str
    versions: Sequence[Commit]
    rows: tuple[Row, ...]
    gone: tuple[Gone, ...]
    text: str = ""
    """The file itself."""

    def at(self, line: int | None, kinds: frozenset[str]) -> Found:
        """The rows of one line, and of some kinds; all of them where none is named."""
        rows = (row for row in self.rows if line is None or row.origin.line <= line <= row.origin.end)
        return self._replace(rows=tuple(row for row in rows if not kinds or row.origin.kind in kinds))


def blame_text(found: Found, paint: Paint, width: int = 0, *, lost: bool = False) -> str:
    """A line a row: where it stands, who brought it so and when, and its words."""
    if lost:
        lines = [line for one in found.gone for line in _gone(one, paint, width or WIDTH)]
        return "\n".join(lines or ["no rule was lost"]) + "\n"
    pad = max((len(str(row.origin.line)) for row in found.rows), default=1)
    return "".join(f"{_row(row, found, pad, paint, width or WIDTH)}\n" for row in found.rows)


def _row(row: Row, found: Found, pad: int, paint: Paint, width: int) -> str:
    origin, commit = row
    authors = min(max(len(one_line(one.author)) for one in found.versions), _AUTHOR)
    who = f"{commit.rev[:_REV]} {commit.date or '(on disk)':10} {one_line(commit.author, _AUTHOR):{authors}}"
    moved = f"[{one_line(commit.path)}] " if _is_elsewhere(row, found) else ""
    room = max(width - pad - len(who) - 5, 20)
    text = one_line(f"{moved}{origin.text}", room)
    return f"{origin.line:>{pad}}  {paint('changed', who)} {paint('dim', MARKS[origin.what])} {text}"


def _is_elsewhere(row: Row, found: Found) -> bool:
    """Whether a row came from another file: its commit is none of the file's own versions."""
    return all((one.rev, one.path) != (row.commit.rev, row.commit.path) for one in found.versions)


def _gone(one: Gone, paint: Paint, width: int) -> Iterator[str]:
    commit = one.commit
    about = f"{commit.date or '(on disk)'} {one_line(commit.author, 30)}  {one_line(commit.subject, 50)}"
    yield f"{paint('removed', commit.rev[:_REV])} {about}"
    yield from textwrap.wrap(one_line(one.lost.text), width, initial_indent="    - ", subsequent_indent="      ")
    if one.place is None:
        told = "stands nowhere since"
    else:
        sure = "went to" if one.place.is_sure else "may be said in other words in"
        told = f"{sure} {one.place.path}:{one.place.line}: {one.place.text}"
    yield from textwrap.wrap(one_line(told), width, initial_indent="      ", subsequent_indent="        ")


def blame_porcelain(found: Found) -> str:
    """As `git blame --porcelain`: every line of the file, with the commit of the thing that it belongs to."""
    rows = _by_line(found)
    told: set[tuple[str, str]] = set()
    lines: list[str] = []
    text = found.text.split("\n")
    text = text[:-1] if text[-1:] == [""] else text
    for number, content in enumerate(text, 1):
        row = rows[number - 1]
        if row is None:
            continue
        origin, commit = row
        start = number == 1 or rows[number - 2] is not row
        count = f" {sum(one is row for one in rows)}" if start else ""
        lines.append(f"{commit.rev} {max(origin.then_line + number - origin.line, 1)} {number}{count}")
        if (commit.rev, commit.path) not in told:
            lines += _headers(commit)
            told.add((commit.rev, commit.path))
        lines.append(f"\t{content}")
    return "\n".join(lines) + "\n" if lines else ""


def _by_line(found: Found) -> list[Row | None]:
    """For each line the row that speaks of it, of several the newest; a line between two things goes with the first."""
    order = {(one.rev, one.path): number for number, one in enumerate(found.versions)}
    rows: list[Row | None] = [None] * (found.text.count("\n") + 1)
    for row in sorted(found.rows, key=lambda one: order.get((one.commit.rev, one.commit.path), -1)):
        lines = range(row.origin.line, min(row.origin.end, len(rows)) + 1)
        rows[lines.start - 1 : lines.stop - 1] = [row] * len(lines)
    last = next((one for one in rows if one is not None), None)
    for number, own in enumerate(rows):
        last = own if own is not None else last
        rows[number] = last
    return rows


def _headers(commit: Commit) -> list[str]:
    seconds, _, zone = commit.time.partition(" ")
    about = {"": one_line(commit.author), "-mail": f"<{one_line(commit.mail)}>"}
    about |= {"-time": seconds or "0", "-tz": zone or "+0000"}
    rows = [f"{role}{what} {value}" for role in ("author", "committer") for what, value in about.items()]
    return [*rows, f"summary {one_line(commit.subject)}", f"filename {one_line(commit.path)}"]


def blame_json(found: Found, *, lost: bool = False) -> dict[str, Any]:
    """The rows as data, `agentmerge/blame/1`."""
    data: dict[str, Any] = {"schema": "agentmerge/blame/1", "file": found.name, "versions": len(found.versions)}
    data["rows"] = [_row_json(row) for row in found.rows]
    if lost:
        data["lost"] = [_gone_json(one) for one in found.gone]
    return data


def _row_json(row: Row) -> dict[str, Any]:
    origin = row.origin
    data = {"line": origin.line, "end": origin.end, "kind": origin.kind, "text": origin.text, "what": origin.what}
    return data | ({"word": origin.word} if origin.word else {}) | _commit_json(row.commit) | {"then": origin.then_line}


def _commit_json(commit: Commit) -> dict[str, Any]:
    return {
        "commit": commit.rev,
        "date": commit.date,
        "author": commit.author,
        "subject": commit.subject,
        "path": commit.path,
    }


def _gone_json(one: Gone) -> dict[str, Any]:
    place = None
    if one.place is not None:
        place = {"path": one.place.path, "line": one.place.line, "text": one.place.text, "sure": one.place.is_sure}
    return {"text": one.lost.text, "line": one.lost.last.line} | _commit_json(one.commit) | {"went": place}
