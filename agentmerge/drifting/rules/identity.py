"""Who the prompt says the agent is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentmerge.diffing.records import Spot
from agentmerge.drifting.records import Finding
from agentmerge.drifting.registry import Comparison, in_line, rule
from agentmerge.matching.features import plain
from agentmerge.model import Section, Unit, walk_units

_IDENTITY = re.compile(r"you(?:'re|’re| are)\s|as an? |act as ", re.IGNORECASE)


@rule("identity-changed", order=30)
def identity(comparison: Comparison) -> Iterator[Finding]:
    """Who the prompt says the agent is: its first sentences on it."""
    old, new = _introduction(comparison.a.root), _introduction(comparison.b.root)
    if old and new and plain(in_line(old.flow)) != plain(in_line(new.flow)):
        spots = Spot(0, old.line, old.flow), Spot(1, new.line, new.flow)
        yield comparison.finding("identity-changed", f"introduced as: {in_line(new.flow)}", "", *spots)


def _introduction(root: Section) -> Unit | None:
    units = [place.unit for place in walk_units(root) if place.unit.kind in ("paragraph", "quote")]
    return next((unit for unit in units[:5] if _IDENTITY.match(unit.flow)), None)
