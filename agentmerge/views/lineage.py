"""A file's lineage in, text and data out: its story, its lives a row each, and who brought each thing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from agentmerge.lineage.chains import Event, Life, LifeKind, Lineage, Peak
from agentmerge.lineage.origins import Lost, Origin, Place
from agentmerge.views.diff import escaped
from agentmerge.views.drift import Look
from agentmerge.views.paint import Paint, one_line, safe

# Lineage --------------------------------------------------------------------------------------------------------------
#
# A file's lineage: its story in one paragraph, its lives a row each, what was more than it is now, and as data.


MARKS: Mapping[str, str] = {
    "added": "+",
    "restored": "+",
    "removed": "-",
    "weakened": "<",
    "narrowed": "<",
    "strengthened": ">",
    "widened": ">",
    "reversed": "!",
    "mentioned": "?",
    "joined": "=",
    "changed": "~",
    "reworded": "~",
}
"""The sign of what a version did."""
LEGEND = (
    "+ came  - went  ~ other words or meaning  < less strict or narrower  > stricter or wider  ! turned round  "
    "? only mentioned  = said with another"
)
TITLES: Mapping[LifeKind, str] = {
    "guardrail": "Rules",
    "right": "Rights",
    "contract": "Keys of data",
    "procedure": "Procedures",
    "trigger": "When it is picked",
    "model": "Model",
    "field": "Other fields",
}
WIDTH = 80
"""Columns where nobody says how many there are."""
_LEFT = 24
"""Columns for the events of a life; more of them stand in a line of their own."""


def story_text(lineage: Lineage, look: Look) -> str:
    """The story, the lives that something happened to, and what is below its peak."""
    lines = [*_paragraph(lineage, look), "", *_lives(lineage, look), *_peaks(lineage, look)]
    return "\n".join(lines).rstrip() + "\n"


def head_text(lineage: Lineage, look: Look) -> str:
    """The story as the head of a review."""
    return "\n".join([*_paragraph(lineage, look), "", ""])


def _paragraph(lineage: Lineage, look: Look) -> list[str]:
    return textwrap.wrap(one_line(" ".join(lineage.story)), look.width or WIDTH)


def _lives(lineage: Lineage, look: Look) -> Iterator[str]:
    width = look.width or WIDTH
    if any(not life.is_steady for life in lineage.lives):
        yield from (look.paint("dim", line) for line in textwrap.wrap(LEGEND, width))
        yield ""
    for kind, title in TITLES.items():
        lives = [life for life in lineage.lives if life.kind == kind]
        moved = [life for life in lives if look.every or not life.is_steady]
        if not moved:
            continue
        yield look.paint("title", title)
        for life in moved:
            yield from _row(life, look, width)
        rest = len(lives) - len(moved)
        yield from [look.paint("dim", f"  and {rest} that nothing happened to")] if rest else []
        yield ""


def _row(life: Life, look: Look, width: int) -> Iterator[str]:
    """The events of a life and its words, or its words below where the events are many."""
    events = " ".join(f"v{event.version}{MARKS[event.what]}" for event in life.events)
    style = "removed" if not life.is_alive else "changed" if len(life.events) > 1 else "added"
    if len(events) <= _LEFT:
        room = max(width - _LEFT - 4, 20)
        yield f"  {look.paint(style, f'{events:{_LEFT}}')}  {one_line(life.text, room)}"
        return
    wrapped = textwrap.wrap(events, width - 2)
    yield from (f"  {look.paint(style, line)}" for line in wrapped)
    yield f"  {'':{_LEFT}}  {one_line(life.text, max(width - _LEFT - 4, 20))}"


def _peaks(lineage: Lineage, look: Look) -> Iterator[str]:
    # What is gone has its end told in its life.
    shown = [peak for peak in lineage.peaks if look.every or peak.now is not None]
    if shown:
        yield look.paint("title", "More than it is now")
    for peak in shown:
        yield from textwrap.wrap(
            one_line(_told(peak)), look.width or WIDTH, initial_indent="  ", subsequent_indent="      "
        )


def _told(peak: Peak) -> str:
    if peak.kind == "right":
        now = peak.now.text if peak.now is not None else "none"
        return f"rights v{peak.version}: {peak.then.text}; now: {now}"
    text = one_line(peak.now.text if peak.now is not None else peak.then.text, 2 * WIDTH)
    now = "gone" if peak.now is None else f"{peak.now.word or 'a plain statement'} now"
    return f"{peak.then.word or 'binding'} (v{peak.version}), {now}: {text}"


# Markdown


def head_markdown(lineage: Lineage) -> str:
    """The story, and a table of the rules and rights that something happened to."""
    lines = ["## What became of it", "", escaped(" ".join(lineage.story)), ""]
    moved = [life for life in lineage.lives if not life.is_steady and life.kind in ("guardrail", "right", "contract")]
    if moved:
        lines += [f"| {' | '.join(['', *_columns(lineage), ''])} |", f"|---|{'---|' * (len(lineage.versions) + 1)}"]
        lines += [
            f"| {TITLES[life.kind].lower()} | {' | '.join(_cells(life))} | {escaped(one_line(life.text, 120))} |"
            for life in moved
        ]
        lines.append("")
    return "\n".join(lines) + "\n"


def _columns(lineage: Lineage) -> list[str]:
    return [f"v{number}" for number in range(1, len(lineage.versions) + 1)]


def _cells(life: Life) -> list[str]:
    """A sign for each version: what it did, a dot where the life went on, nothing where it was away."""
    found = {event.version: escaped(MARKS[event.what]) for event in life.events}
    return [found.get(version, "·" if form else "") for version, form in enumerate(life.forms, 1)]


# Data


def lineage_json(lineage: Lineage) -> dict[str, Any]:
    """The story, the lives and the peaks, as part of `agentmerge/drift/1`."""
    revs = [version.rev for version in lineage.versions]
    return {
        "story": " ".join(lineage.story),
        "lives": [
            {"kind": life.kind, "text": life.text, "events": [_event(one, revs) for one in life.events]}
            for life in lineage.lives
        ],
        "peaks": [_peak(peak, revs) for peak in lineage.peaks],
    }


def _event(event: Event, revs: Sequence[str]) -> dict[str, Any]:
    data = {"version": event.version, "commit": revs[event.version - 1], "what": event.what, "text": event.text}
    return data | ({"rule": event.rule} if event.rule else {})


def _peak(peak: Peak, revs: Sequence[str]) -> dict[str, Any]:
    forms = {"then": peak.then, "now": peak.now}
    told = {name: form and {"text": form.text, "line": form.line, "word": form.word} for name, form in forms.items()}
    return {"kind": peak.kind, "version": peak.version, "commit": revs[peak.version - 1]} | told


def page_lineage(lineage: Lineage) -> dict[str, Any]:
    """What the page draws: the story, and for each life a state a version."""
    return {
        "story": safe(" ".join(lineage.story)),
        "versions": [f"v{n}: {safe(one.date)} {safe(one.rev[:10])}" for n, one in enumerate(lineage.versions, 1)],
        "groups": [
            {"title": title, "rows": [_page_row(life) for life in lineage.lives if life.kind == kind]}
            for kind, title in TITLES.items()
            if any(life.kind == kind for life in lineage.lives)
        ],
        "legend": LEGEND,
    }


def _page_row(life: Life) -> dict[str, Any]:
    marks = {event.version: event for event in life.events}
    most = max((form.weight for form in life.forms if form), default=0)
    return {
        "text": safe(life.text),
        "steady": life.is_steady,
        "cells": [
            {
                "mark": MARKS[marks[version].what] if version in marks else "",
                "says": safe(
                    f"{marks[version].what}: {marks[version].text}" if version in marks else form.text if form else ""
                ),
                "height": 0 if form is None else round(form.weight / most, 2) if most else 1,
                "there": form is not None,
            }
            for version, form in enumerate(life.forms, 1)
        ],
    }


# Blame ----------------------------------------------------------------------------------------------------------------
#
# Who brought each thing that a file says: as text, in git's porcelain form, as data.


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
    boundary: str = ""
    """The commit that was started at: what it has may be older."""

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
    return "".join(f"{_blame_row(row, found, pad, paint, width or WIDTH)}\n" for row in found.rows)


def _blame_row(row: Row, found: Found, pad: int, paint: Paint, width: int) -> str:
    origin, commit = row
    authors = min(max(len(one_line(one.author)) for one in found.versions), _AUTHOR)
    rev = f"^{commit.rev}" if commit.rev == found.boundary else commit.rev
    who = f"{rev[:_REV]} {commit.date or '(on disk)':10} {one_line(commit.author, _AUTHOR):{authors}}"
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
            lines += _headers(commit, is_boundary=commit.rev == found.boundary)
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


def _headers(commit: Commit, *, is_boundary: bool) -> list[str]:
    seconds, _, zone = commit.time.partition(" ")
    about = {"": one_line(commit.author), "-mail": f"<{one_line(commit.mail)}>"}
    about |= {"-time": seconds or "0", "-tz": zone or "+0000"}
    rows = [f"{role}{what} {value}" for role in ("author", "committer") for what, value in about.items()]
    bound = ["boundary"] if is_boundary else []
    return [*rows, f"summary {one_line(commit.subject)}", *bound, f"filename {one_line(commit.path)}"]


def blame_json(found: Found, *, lost: bool = False) -> dict[str, Any]:
    """The rows as data, `agentmerge/blame/1`."""
    data: dict[str, Any] = {"schema": "agentmerge/blame/1", "file": found.name, "versions": len(found.versions)}
    if found.boundary:
        data["boundary"] = found.boundary
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
