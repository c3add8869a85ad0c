"""What definitions took of a change, as text and data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from agentmerge.updating.carrying import Carried, Fate
from agentmerge.views.drift import short
from agentmerge.views.paint import Paint, one_line

WIDTH = 80
"""Columns where nobody says how many there are."""
_STYLES = {Fate.TAKEN: "added", Fate.THERE: "dim", Fate.LEFT: "removed"}


def carried_text(found: Sequence[Carried], names: Sequence[str], paint: Paint, width: int = 0) -> str:
    """A table: for each file what it took, had, and could not take, with the reason."""
    shown = short(list(names)) if len(names) > 1 else list(names)
    lines = [line for one, name in zip(found, shown, strict=True) for line in _rows(one, name, paint, width or WIDTH)]
    return "".join(f"{line}\n" for line in lines)


def _rows(one: Carried, name: str, paint: Paint, width: int) -> Iterator[str]:
    counts = [f"{sum(step.fate is fate for step in one.steps)} {fate}" for fate in Fate]
    yield paint("title", one_line(f"{name}: {', '.join(counts)}", width))
    for step in one.steps:
        head = f"  {step.fate:6} {step.kind:14} "
        yield f"{paint(_STYLES[step.fate], head)}{one_line(step.text, max(width - len(head), 20))}"
        if step.why:
            yield f"{'':24}{one_line(step.why, max(width - 24, 20))}"


def carried_json(found: Sequence[Carried], names: Sequence[str]) -> dict[str, Any]:
    """As data, `agentmerge/carried/1`."""
    return {
        "schema": "agentmerge/carried/1",
        "files": [
            {
                "file": name,
                "changed": one.after.text != one.before.text,
                "steps": [
                    {"kind": step.kind, "text": step.text, "fate": step.fate, "why": step.why} for step in one.steps
                ],
            }
            for one, name in zip(found, names, strict=True)
        ],
    }
