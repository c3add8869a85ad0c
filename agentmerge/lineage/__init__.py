"""The chain of a file's versions: what became of each rule, right, key, procedure and field, by the review's pairs.

lineage(versions, definitions, steps, knowledge)   # lives, peaks, and the story in one paragraph
"""

from __future__ import annotations

from collections.abc import Sequence

from agentmerge.knowledge import Knowledge
from agentmerge.lineage.chains import Step, sentence_lives, step
from agentmerge.lineage.holdings import holdings
from agentmerge.lineage.records import Lineage, Version
from agentmerge.lineage.story import Material, peaks, tell
from agentmerge.lineage.undone import with_undone
from agentmerge.model import Definition

__all__ = ["Lineage", "Step", "Version", "lineage", "step", "with_undone"]


def lineage(
    versions: Sequence[Version],
    definitions: Sequence[Definition | None],
    steps: Sequence[Step],
    knowledge: Knowledge,
) -> Lineage:
    """What became of everything that the versions of one file say.

    `definitions` has one for each version, None for one that could not be read; `steps` lead from each that could
    to the next.
    """
    rules = (life for life in sentence_lives(definitions, steps, knowledge) if life.kind == "guardrail")
    lives = (*rules, *holdings(definitions, steps, knowledge))
    given = Material(versions, definitions, steps, lives, knowledge)
    found = peaks(given)
    return Lineage(tuple(versions), lives, found, tell(given, found))
