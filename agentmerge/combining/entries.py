"""A unit of one variant as combining handles it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from agentmerge.model import Section, Unit
from agentmerge.signs import PLAIN, Stance

Key = tuple[int, int]
"""File and line of a unit or a section."""


NOTE = "<!-- agentmerge:"
"""Start of every comment that the program adds."""


def is_note(unit: Unit) -> bool:
    """Whether a unit is a comment that an earlier combine wrote."""
    return unit.kind == "comment" and unit.text.startswith(NOTE)


def containers_of(path: Sequence[Section]) -> tuple[str, ...]:
    """The containers among some sections: what stands in one of them means something else outside of it."""
    return tuple(section.title.lower() for section in path if section.is_container)


@dataclass(frozen=True, slots=True)
class Entry:
    """One unit of one variant, or a run of units that stays together."""

    file: int
    unit: Unit
    path: tuple[Section, ...]
    """Sections that it stands in, without the document's title."""
    parent: Key | None = None
    """The item that it is nested in."""
    procedure: Key | None = None
    """First step of the ordered list that it is a step of."""
    under: str = ""
    """Text of the item that it is nested in."""
    inner: tuple[Unit, ...] = ()
    """The units of a run that stays together."""
    is_run: bool = False
    """Whether it is such a run, also one with nothing in it."""
    owner: str = ""
    """The tool that keeps it, of a block between that tool's comments."""
    stance: Stance = PLAIN
    """What a sign lays on it, its own or one above it."""

    key: Key = field(init=False, repr=False, compare=False)
    """File and line."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", (self.file, self.unit.line))
