"""Tasks whose state changed."""

from __future__ import annotations

from collections.abc import Iterator

from agentmerge.diffing.changes import path_of
from agentmerge.drifting.records import NO_WORDS, Finding
from agentmerge.drifting.registry import Comparison, in_line, rule, spots_of
from agentmerge.model import Unit


@rule("task-state", order=100)
def tasks(comparison: Comparison) -> Iterator[Finding]:
    """Tasks that are done now, or open again, however their state is written."""
    for pair in comparison.matching.units:
        old, new = pair.a.node, pair.b.node
        assert isinstance(old, Unit)
        assert isinstance(new, Unit)
        if None not in (old.checked, new.checked) and old.checked != new.checked:
            state = "done" if new.checked else "open again"
            yield comparison.finding(
                "task-state", f"task {state}: {in_line(pair.b.text)}", path_of(pair.b), *spots_of(pair), owns=NO_WORDS
            )
