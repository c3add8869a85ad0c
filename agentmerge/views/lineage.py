"""A file's lineage: its story in one paragraph, its lives a row each, what was more than it is now, and as data."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agentmerge.lineage.records import Event, Life, LifeKind, Lineage, Peak
from agentmerge.views.diff_markdown import escaped
from agentmerge.views.drift import Look
from agentmerge.views.safe import one_line, safe

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
