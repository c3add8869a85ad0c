"""Secrets that came to a definition."""

from __future__ import annotations

from collections.abc import Iterator

from agentmerge.diffing.records import Spot
from agentmerge.drifting.fields import Secrets
from agentmerge.drifting.records import NO_WORDS, Finding
from agentmerge.drifting.registry import Comparison, rule


@rule("secret", order=22)
def secrets(comparison: Comparison) -> Iterator[Finding]:
    """Each secret that the second definition holds and the first one did not."""
    reader = comparison.knowledge.derived(Secrets)
    known = {one.text for one in reader.find(comparison.a.text)}
    for one in reader.find(comparison.b.text):
        if one.text not in known:
            known.add(one.text)
            spot = Spot(1, one.line, one.masked)
            yield comparison.finding("secret", f"new, in full: {one.masked}", "", None, spot, owns=NO_WORDS)
