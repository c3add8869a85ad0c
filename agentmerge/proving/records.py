"""What a law looks at: a result, what it was made of, and where each unit went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Unit
from agentmerge.outcome import Fate, LedgerRow, Notice
from agentmerge.proving.reading import Reading, read


@dataclass(frozen=True)
class Case:
    """A result with its sources."""

    result: Definition
    sources: tuple[Definition, ...]
    knowledge: Knowledge
    ledger: Sequence[LedgerRow] = ()
    """Where the units of the sources went; equal texts say it where it is silent."""
    are_versions: bool = False
    """Whether the sources are versions of one text: then what each of them has once, the result has once."""
    numbers: Sequence[int] = ()
    """The line that each line of `result` has in the written file, where some lines of that are left out of it."""
    paths: tuple[str, ...] = ()
    """Names of the files that hosts may read it under: of the output, else of the sources."""
    _landed: Mapping[tuple[int, int], int] = field(init=False, repr=False)
    _gone: frozenset[tuple[int, int]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        places = {number: line for line, number in enumerate(self.numbers, 1)}
        rows = ((row.source.file, row.source.line, row.into) for row in self.ledger if row.into is not None)
        landed = {(file, line): places.get(into, 0) if self.numbers else into for file, line, into in rows}
        object.__setattr__(self, "_landed", landed)
        gone = (row for row in self.ledger if row.into is None and row.fate != Fate.CONFLICT)
        object.__setattr__(self, "_gone", frozenset((row.source.file, row.source.line) for row in gone))

    @property
    def read(self) -> Reading:
        """The result as the laws read it."""
        return read(self.result, self.knowledge)

    def readings(self) -> Iterator[tuple[int, Reading]]:
        """Each source as the laws read it."""
        return ((file, self.source(file)) for file in range(len(self.sources)))

    def source(self, file: int) -> Reading:
        """One source as the laws read it."""
        return read(self.sources[file], self.knowledge)

    def landed(self, file: int, unit: Unit) -> Unit | None:
        """The unit of the result that a unit of a source is, or went into; None where it is in none."""
        line = self._landed.get((file, unit.line))
        found = self.read.by_line.get(line) if line else None
        if found is not None:
            return found
        if (file, unit.line) in self._gone:
            return None
        return self._equal.get((unit.kind, unit.flow))

    @cached_property
    def _equal(self) -> dict[tuple[str, str], Unit]:
        found: dict[tuple[str, str], Unit] = {}
        for place in self.read.places:
            found.setdefault((place.unit.kind, place.unit.flow), place.unit)
        return found

    def shown(self, line: int) -> int:
        """A line of the result as the written file has it."""
        return self.numbers[line - 1] if self.numbers and 0 < line <= len(self.numbers) else line

    def notice(self, rule: str, message: str, lines: Iterable[int], path: str = "") -> Notice:
        """A finding about lines of the result; `message` begins with them."""
        shown = tuple(dict.fromkeys(self.shown(line) for line in lines))
        return Notice(rule, "warning", f"{said(shown)}: {message}" if shown else message, path, lines=shown)


_SHOWN = 5
"""Lines that a message names."""


def said(lines: Sequence[int]) -> str:
    """`line 4`, `lines 4 and 9`, or the first of many."""
    if len(lines) == 1:
        return f"line {lines[0]}"
    if len(lines) > _SHOWN:
        return f"lines {', '.join(map(str, lines[:_SHOWN]))} and {len(lines) - _SHOWN} more"
    return f"lines {', '.join(map(str, lines[:-1]))} and {lines[-1]}"
