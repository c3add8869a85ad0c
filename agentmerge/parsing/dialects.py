"""Which host's convention a file follows, told by the table of dialects: filename first, then fields."""

from __future__ import annotations

from collections.abc import Collection

from agentmerge.knowledge import Dialect, Knowledge
from agentmerge.paths import like

ENOUGH = 0.5
"""Vote below which no field speaks for a host."""


def names(knowledge: Knowledge) -> tuple[str, ...]:
    """The dialects that the table holds, in the order in which they are tried."""
    return tuple(knowledge.dialects)


def detect(filename: str | None, keys: Collection[str], knowledge: Knowledge, *, syntax: str = "") -> str:
    """The dialect of a file. A path pattern that names one host decides; else the fields' keys vote; else `plain`.

    With `syntax` only dialects of that one are asked.
    """
    found = by_path(filename, knowledge)
    return _elected(keys, syntax, knowledge) if found is None else found


def by_path(filename: str | None, knowledge: Knowledge) -> str | None:
    """The dialect that a path belongs to; None where it names no host. A revision before it, `REV:path`, is none."""
    path = "/" + (filename or "").replace("\\", "/").rpartition(":")[2]
    for name, dialect in knowledge.dialects.items():
        if any(like(f"*/{pattern}", path) for pattern in dialect.paths):
            return name
    return None


def _elected(keys: Collection[str], syntax: str, knowledge: Knowledge) -> str:
    asked = {name: one for name, one in knowledge.dialects.items() if syntax in ("", one.syntax)}
    votes = {name: _vote(set(keys), dialect) for name, dialect in asked.items()}
    best = max(votes, key=lambda name: votes[name], default="plain")
    return best if votes.get(best, 0.0) >= ENOUGH else "plain"


def _vote(keys: set[str], dialect: Dialect) -> float:
    """Marker fields speak for a dialect, its other fields a little, a required one that is missing against it."""
    if dialect.forms and not keys <= dialect.fields:
        # Its reader is none of YAML: a file that holds more than it knows is another host's.
        return 0.0
    missing = len(set(dialect.required) - keys)
    return 1.0 * len(keys & dialect.markers) + 0.1 * len(keys & dialect.fields) - 0.5 * missing
