"""Headings that are part of what stands below them: `Allowed` and `Not allowed`, `Before you start`, `Staging`.

The table is `data/tiers.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from agentmerge.aligning.kinds import normal_title
from agentmerge.errors import PolicyError
from agentmerge.knowledge import Knowledge
from agentmerge.model import Section


class Tier(NamedTuple):
    """What a heading says of the statements below it."""

    axis: str
    """permission, gate, stage, or a row of a user's."""
    name: str
    title: str
    """The heading, as its author wrote it."""

    def is_other(self, other: Tier) -> bool:
        """Whether two tiers are different ones of one axis."""
        return self.axis == other.axis and self.name != other.name


class Tiers:
    """The table, ready for reading. PolicyError for a conflict that is not of two tiers."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._titles: dict[str, tuple[str, str]] = {}
        self._conflicts: set[tuple[str, frozenset[str]]] = set()
        for axis, row in knowledge.raw("tiers").items():
            tiers: Mapping[str, Sequence[str]] = row["tiers"]
            self._titles.update(
                (normal_title(title), (axis, name)) for name, titles in tiers.items() for title in titles
            )
            for pair in row.get("conflicts", ()):
                names = frozenset(part.strip() for part in pair.split("/"))
                if len(names) != 2 or not names <= tiers.keys():
                    raise PolicyError(f"'{pair}' names no two tiers of '{axis}'", remedy="write TIER / TIER")
                self._conflicts.add((axis, names))

    def of_title(self, title: str) -> Tier | None:
        """The tier that a heading names, if it names one."""
        found = self._titles.get(normal_title(title))
        return Tier(*found, title.strip()) if found is not None else None

    def of_path(self, path: Sequence[Section]) -> tuple[Tier, ...]:
        """The tiers that some headings, outermost first, lay on what stands below: of each axis the nearest one."""
        found: dict[str, Tier] = {}
        for section in path:
            tier = self.of_title(section.title)
            if tier is not None:
                found[tier.axis] = tier
        return tuple(found[axis] for axis in sorted(found))

    def conflict(self, one: Tier, other: Tier) -> bool:
        """Whether no action can be in both tiers."""
        return one.axis == other.axis and (one.axis, frozenset((one.name, other.name))) in self._conflicts


def of(knowledge: Knowledge) -> Tiers:
    """The tiers that are known."""
    return knowledge.derived(Tiers)


def parted(left: Sequence[Tier], right: Sequence[Tier]) -> Iterator[tuple[Tier, Tier]]:
    """The tiers by which two statements say different things, whatever their words."""
    return ((one, other) for one in left for other in right if one.is_other(other))
