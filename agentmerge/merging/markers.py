"""Texts that hold conflict markers, taken apart into the sides again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_OPEN = re.compile(r"(<{7,})(?: |\Z)")
_WHY = r"(?:by both sides|(?:changed|moved) by (?:ours|theirs)|elsewhere by (?:ours|theirs))"
_ABOUT = re.compile(rf" \([^()]*(?:\([^()]*\)[^()]*)*{_WHY}\)\Z")
"""What we write behind the name of ours."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """One conflict between markers."""

    line: int
    """1-based line of the opening marker."""
    ours: tuple[str, ...]
    base: tuple[str, ...] | None
    """None where the markers do not show it."""
    theirs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflicted:
    """A text with conflicts: settled lines and hunks, in order."""

    parts: tuple[str | Hunk, ...]
    newline_at_end: bool
    labels: tuple[str, str, str]
    """Of base, ours and theirs, as the first conflict names them."""

    @property
    def hunks(self) -> tuple[Hunk, ...]:
        return tuple(part for part in self.parts if isinstance(part, Hunk))

    @property
    def has_base(self) -> bool:
        return all(hunk.base is not None for hunk in self.hunks)

    def side(self, name: str) -> str:
        """The text with one of ours, base, theirs in every conflict."""
        lines = [
            line for part in self.parts for line in (getattr(part, name) or () if isinstance(part, Hunk) else (part,))
        ]
        return "\n".join(lines) + ("\n" if self.newline_at_end else "")


def take_apart(text: str) -> Conflicted:
    """The sides of a text with LF line endings; without a complete conflict it holds no hunk."""
    lines = text.split("\n")
    ends = bool(lines) and not lines[-1]
    parts: list[str | Hunk] = []
    labels = ("base", "ours", "theirs")
    at = 0
    rows = lines[:-1] if ends else lines
    while at < len(rows):
        found = _hunk(rows, at)
        if found is None:
            parts.append(rows[at])
            at += 1
        else:
            hunk, at, names = found
            labels = names if not any(isinstance(part, Hunk) for part in parts) else labels
            parts.append(hunk)
    return Conflicted(tuple(parts), ends, labels)


def holds_markers(text: str) -> bool:
    """Whether a text holds a complete conflict: an opening, a middle and a closing marker of one size."""
    return "<<<<<<<" in text and bool(take_apart(text.replace("\r\n", "\n")).hunks)


def _hunk(rows: Sequence[str], at: int) -> tuple[Hunk, int, tuple[str, str, str]] | None:
    match = _OPEN.match(rows[at])
    if match is None:
        return None
    size = len(match[1])
    marks = dict(_marks(rows, at + 1, size))
    if "=" not in marks or ">" not in marks:
        return None
    middle, end, third = marks["="], marks[">"], marks.get("|")
    hunk = Hunk(
        at + 1,
        tuple(rows[at + 1 : third if third is not None else middle]),
        tuple(rows[third + 1 : middle]) if third is not None else None,
        tuple(rows[middle + 1 : end]),
    )
    base = rows[third][size:].strip() if third is not None else "base"
    return (
        hunk,
        end + 1,
        (base or "base", _ABOUT.sub("", rows[at][size:].strip()) or "ours", rows[end][size:].strip() or "theirs"),
    )


def _marks(rows: Sequence[str], start: int, size: int) -> Iterator[tuple[str, int]]:
    """The first marker of each kind up to the closing one, in the order that they must have."""
    wanted = "|="
    for at in range(start, len(rows)):
        for char in wanted:
            bare = rows[at].rstrip()
            if bare[:size] == char * size and (len(bare) == size or (char != "=" and bare[size] == " ")):
                yield char, at
                wanted = {"|": "=", "=": ">", ">": ""}[char]
                break
        if not wanted:
            return
