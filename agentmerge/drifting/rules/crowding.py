"""What was not compared, because too much was alike."""

from __future__ import annotations

from collections.abc import Iterator

from agentmerge.diffing.records import Spot
from agentmerge.drifting.records import NO_WORDS, Finding
from agentmerge.drifting.registry import Comparison, rule
from agentmerge.matching.records import CROWDED


@rule("not-compared", order=35)
def crowding(comparison: Comparison) -> Iterator[Finding]:
    """One finding where units, sections or sentences were only compared with the nearest."""
    aligned = comparison.alignment is not None and comparison.alignment.crowded
    if comparison.sentences.crowded or comparison.matching.crowded or aligned:
        yield comparison.finding("not-compared", CROWDED, "", Spot(0, 1, ""), Spot(1, 1, ""), owns=NO_WORDS)
