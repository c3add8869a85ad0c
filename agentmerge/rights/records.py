"""What a definition may do, and how that changes: the records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from agentmerge.model import FrozenMap
from agentmerge.rights.patterns import ANY, EVERYTHING, Extent, Layer, Level
from agentmerge.rights.vocabulary import Grant

Shift = Literal["", "widened", "narrowed", "both"]
Direction = Literal["widened", "narrowed"]


class Guard(NamedTuple):
    """A hook that may hold something back: the command that it runs before one kind of tool is used."""

    event: str
    about: str
    """A capability, the name of a tool that no table knows, or `*` for all."""
    command: str


class Said(NamedTuple):
    """What one field says about one capability."""

    capability: str
    key: str
    layer: Layer


class Source(NamedTuple):
    """A field that says something about rights."""

    key: str
    line: int


@dataclass(frozen=True, slots=True)
class Rights:
    """What a definition may do on its host: each capability with the levels of its arguments.

    Two of them are equal where they grant the same in the same form; where that came from does not count.
    """

    host: str = field(compare=False)
    extents: FrozenMap[str, Extent]
    """By capability: all that the tables name."""
    guards: frozenset[Guard] = frozenset()
    limits: tuple[tuple[str, float], ...] = ()
    """Turns, minutes and their like that the agent may take; what is not here has no limit."""
    said: tuple[Said, ...] = field(default=(), compare=False)
    """Which field says what."""
    grants: tuple[Grant, ...] = field(default=(), compare=False)
    """The names of allow lists."""
    sources: tuple[Source, ...] = field(default=(), compare=False)
    is_session: bool = field(default=False, compare=False)
    """Whether a file without a list of tools gets those of whoever calls it: a prompt, a skill."""

    def extent(self, capability: str) -> Extent:
        """How far one right reaches."""
        return self.extents.get(capability, EVERYTHING)

    def level(self, capability: str, argument: str = ANY) -> Level:
        """The level of one argument; by default of what no pattern names."""
        return self.extent(capability).level(argument)

    def keys(self, capability: str) -> frozenset[str]:
        """The fields that say something about a capability."""
        return frozenset(said.key for said in self.said if said.capability == capability)

    def line(self, key: str) -> int | None:
        """Where a field stands."""
        return next((source.line for source in self.sources if source.key == key), None)


class Change(NamedTuple):
    """One right that is wider or narrower than before."""

    capability: str
    tier: str
    direction: Direction
    before: Level
    after: Level
    scope: str
    """An argument for which it holds, such as the command `git push`; `*` where no limit plays a part."""
    keys: tuple[str, ...]
    """The fields that make it, of both sides."""
    severity: Literal["breaking", "warning", "info"]
    is_certain: bool = True
    """Whether the two hosts can say it at all: one that has no list of tools does not widen what another one lists."""
