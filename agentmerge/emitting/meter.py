"""What a template may take: counted steps and characters, the same on every machine, so that no clock decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from agentmerge.errors import TemplateError

STEPS = 400_000
"""Steps of a template: each turn of a loop, call and inclusion counts as much as there is to do in it."""
WORK = 4_000_000
"""Characters that a template may make, read over or write, those it throws away included."""
STEPS_A_UNIT = 200
"""Further steps for each unit of the document."""
WORK_A_CHARACTER = 32
"""Further characters for each character of the document."""
MAX_WIDTH = 10_000
"""The greatest number that a template may give to a filter or a method, such as a width."""
MAX_NUMBER = 10**18
MAX_SOURCE = 100_000
"""Characters of a template with all that it includes."""
_MEMBER = 8
"""What a member of a list takes, in characters."""


class Meter:
    """Counts what one run of a template takes; TemplateError where it is more than it may be."""

    def __init__(self, steps: int = STEPS, work: int = WORK) -> None:
        self._steps = steps
        self._work = work

    @classmethod
    def of(cls, units: int, characters: int) -> Meter:
        """For a document of a size."""
        return cls(STEPS + STEPS_A_UNIT * units, WORK + WORK_A_CHARACTER * characters)

    @classmethod
    def unbounded(cls) -> Meter:
        """For a template of ours."""
        return cls(MAX_NUMBER, MAX_NUMBER)

    def step(self, count: int = 1) -> None:
        """Take steps."""
        self._steps -= count
        if self._steps < 0:
            raise TemplateError("it takes too many steps", remedy="make its loops and its macros do less")

    def work(self, size: int) -> None:
        """Take room for characters, before they are made where their number is known."""
        self._work -= size
        if self._work < 0:
            raise TemplateError("it makes or reads too much text", remedy="make and repeat less text in it")

    def measured(self, value: Any) -> Any:
        """The value, with all that is in it read over once; what makes its members when asked counts them then."""
        if isinstance(value, Iterator):
            return self._counted(value)
        self._measure(value)
        return value

    def made(self, value: Any) -> Any:
        """The value that something made: what is new of it is counted, and not what was in it before."""
        if isinstance(value, str):
            self.work(len(value))
        elif isinstance(value, (list, tuple, dict)):
            self.work(_MEMBER * len(value))
        elif isinstance(value, int) and abs(value) > MAX_NUMBER:
            raise TemplateError("it makes a number of more than 18 digits", remedy="count with smaller numbers")
        elif isinstance(value, Iterator):
            return self._counted(value)
        return value

    def text(self, value: Any) -> str:
        """A value as it is written: a text, a number, or a list of such. TypeError for anything else."""
        if isinstance(value, str):
            self.work(len(value))
            return str(value)
        self._measure(value)
        return str(value)

    def joined(self, values: Iterable[Any], between: str = "") -> str:
        """Values as one text."""
        parts = []
        for value in values:
            self.step()
            self.work(len(between))
            parts.append(self.text(value))
        return between.join(parts)

    def _counted(self, values: Iterator[Any]) -> Iterator[Any]:
        for value in values:
            self.step()
            yield value

    def _measure(self, value: Any) -> None:
        """Count all that is in a value, as often as it stands there: two lists in each other a few times are long."""
        if isinstance(value, str):
            self.work(len(value))
        elif isinstance(value, (bool, int, float, type(None))):
            self.work(1)
        elif isinstance(value, range):
            self.work(_MEMBER * len(value))
        elif isinstance(value, Mapping):
            self._measure_members(part for pair in value.items() for part in pair)
        elif isinstance(value, (list, tuple)):
            self._measure_members(value)
        elif getattr(value, "is_record", False) or type(value).__name__.endswith("Undefined"):
            self.work(_MEMBER)
        else:
            # Whatever else there is (a macro, a loop) would be written with its address in memory.
            raise TypeError(f"a {type(value).__name__.lower()} is no text, number or list")

    def _measure_members(self, members: Iterable[Any]) -> None:
        for member in members:
            self.work(_MEMBER)
            self._measure(member)
