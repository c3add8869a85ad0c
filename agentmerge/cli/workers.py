"""Processes that divide the pairs of a change set: the review of one pair depends on no other one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from agentmerge.drifting.changeset import compare_pairs
from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import Definition

if TYPE_CHECKING:
    from agentmerge.drifting.changeset import Compare
    from agentmerge.drifting.records import Drift

Both: TypeAlias = tuple[Definition, Definition]

WORTH = 40
"""Changed files from which a second process is worth its start."""
PORTION = 4
"""Pairs that are handed over at once: few enough that all processes end at about the same time."""
MOST = 8
"""Processes at most where nobody asks for more: each holds the tables."""

_given: list[Knowledge] = []
"""In a worker, what it reviews with: handed over once, for what is made ready of it lasts as long as it does."""


@contextmanager
def comparing(count: int, jobs: int | None, knowledge: Knowledge) -> Iterator[Compare | None]:
    """What divides the pairs of `count` changed files among processes; None where this one does it alone."""
    number = jobs if jobs is not None else min(_processors(), MOST) if count >= WORTH else 1
    if number == 1:
        yield None
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    # Forked processes would share this one's streams and locks; spawned ones are alike on every system.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(number, context, initializer=_start, initargs=(knowledge,)) as pool:

        def compare(pairs: Sequence[Both]) -> Iterable[Drift]:
            return pool.map(_reviewed, pairs, chunksize=PORTION)

        yield compare


def _processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _start(knowledge: Knowledge) -> None:
    _given[:] = [knowledge]


def _reviewed(both: Both) -> Drift:
    found = next(compare_pairs([both], _given[0]))
    for one in (*both, *found.definitions):
        one.memo.clear()
    return found
