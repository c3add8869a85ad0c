"""What was true of every source is true of the result: one proof of a written result, for all that write one.

A law is a module in `laws/`: a function under `@law("its-name")` that takes a `Case` and yields a finding for each
thing that held in a source and does not hold in the result.
"""

from __future__ import annotations

from agentmerge.outcome import Notice
from agentmerge.proving.records import Case
from agentmerge.proving.registry import laws

__all__ = ["Case", "law_names", "prove"]


def prove(case: Case) -> tuple[Notice, ...]:
    """A finding, with lines of the result, for each thing that its sources had and that it has not."""
    return tuple(notice for one in laws() for notice in one.look(case))


def law_names() -> frozenset[str]:
    """What the findings of the laws are called."""
    return frozenset(name for one in laws() for name in one.names)
