"""What an alignment is made of. `align` fills these records; every later stage reads them and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from agentmerge.aligning.data import says_same
from agentmerge.memo import per_definition
from agentmerge.model import Definition, Field, Section, Unit, walk_units

Key = tuple[int, int]
"""Identity of a member: file and line."""

Relation = Literal["same", "covers", "related", "contradicts", "overlap"]


class Member(NamedTuple):
    """One variant's share in a group: a node and where it stands."""

    file: int
    """Index of the variant."""
    node: Unit | Field | Section
    path: tuple[Section, ...] = ()
    """Sections that the node stands in, outermost first; () for a field."""

    @property
    def line(self) -> int:
        return self.node.line

    @property
    def text(self) -> str:
        """The words of a unit however they are wrapped, those of a field, the title of a section."""
        if isinstance(self.node, Section):
            return self.node.title
        return self.node.flow if isinstance(self.node, Unit) else self.node.text

    def says_same(self, other: Member) -> bool:
        """Whether another node has the same words, or holds the same data."""
        if isinstance(self.node, Unit) and isinstance(other.node, Unit):
            return says_same(self.node, other.node)
        return self.text == other.text

    @property
    def key(self) -> tuple[int, int]:
        """Identity of a member: file and line. At most one unit and one section start on a line."""
        return self.file, self.node.line


class Group(NamedTuple):
    """Nodes of the variants that correspond.

    Unit groups are `same` (a curator keeps one), `covers` (one unit, the head, says what each of the others says),
    `related` (same topic, both are kept) or `contradicts` (both cannot hold); section groups are `same` or `overlap`.
    Groups of `same` are disjoint; a unit may stand in any number of the others. A `same` group may hold several units
    of one variant, and what a head covers need not be alike.
    """

    members: tuple[Member, ...]
    """Ordered by file, then line."""
    relation: Relation
    score: float
    """In [0, 1]: for a pair its score, for more the mean over the pairs of different variants."""
    reason: str
    slot: str = ""
    """What the members of a `contradicts` group disagree about: `frontmatter/model`, `coverage`, `error.details`."""
    cover: tuple[int, int] | None = None
    """Key of the head of a `covers` group."""


CROWDED = "so many units or sections are alike that each was only compared with the nearest of them"
"""What is told of an alignment or a matching that is `crowded`."""


class Partner(NamedTuple):
    """One of the likeliest partners of a unit in another variant."""

    unit: Member
    partner: Member
    rank: int
    """1 for the likeliest in that variant."""
    score: float
    """The probability that the two say the same, in [0, 1]."""


class Coverage(NamedTuple):
    """How much of one variant was compared with success."""

    file: int
    units: int
    matched: int
    """Units in a `same`, `covers` or `contradicts` group with another variant."""

    @property
    def share(self) -> float:
        return self.matched / self.units if self.units else 0.0


@dataclass(frozen=True)
class Alignment:
    """Groups of corresponding sections and units over the variants."""

    definitions: tuple[Definition, ...]
    sections: tuple[Group, ...]
    units: tuple[Group, ...]
    crowded: bool = False
    """Whether there were too many units or sections alike: of those each was only compared with the nearest."""
    odds: Mapping[tuple[Key, Key], float] = field(default_factory=dict, compare=False, repr=False)
    """The probability that two units say the same, by their keys, the lower first; of those that are at all alike."""

    def __repr__(self) -> str:
        counts = f"{len(self.sections)} groups of sections, {len(self.units)} of units"
        return f"<Alignment: {len(self.definitions)} definitions, {counts}>"

    def likely(self, a: Key, b: Key) -> float:
        """The probability that two units say the same, in [0, 1]; 0 for a pair that was not found alike."""
        return self.odds.get((a, b) if a < b else (b, a), 0.0)

    @cached_property
    def coverage(self) -> tuple[Coverage, ...]:
        """For each variant, its units (fields included) and how many of them found a partner."""
        matched = {
            member.key
            for group in self.units
            if group.relation in ("same", "covers", "contradicts") and len({m.file for m in group.members}) > 1
            for member in group.members
        }
        return tuple(
            Coverage(file, len(keys := list(_keys(file, definition))), sum(key in matched for key in keys))
            for file, definition in enumerate(self.definitions)
        )


def members_of(file: int, definition: Definition) -> tuple[Member, ...]:
    """Every field and unit of a definition as a member, in the order of the file."""
    return _members(definition, file)


@per_definition
def _members(definition: Definition, file: int) -> tuple[Member, ...]:
    units = (Member(file, place.unit, place.path) for place in walk_units(definition.root) if place.unit.text)
    return (*(Member(file, field) for field in definition.fields), *units)


def _keys(file: int, definition: Definition) -> Iterator[tuple[int, int]]:
    for member in members_of(file, definition):
        yield member.key
