"""Which host's convention a file follows, told by the table of dialects: filename first, then fields."""

from __future__ import annotations

from agentmerge import tables
from agentmerge.model import Frontmatter
from agentmerge.paths import like

ENOUGH = 0.5
"""Vote below which no field speaks for a host."""


def names() -> tuple[str, ...]:
    """The dialects that the table holds, in the order in which they are tried."""
    return tuple(tables.dialects())


def detect(filename: str | None, front: Frontmatter | None) -> str:
    """The dialect of a file. A path pattern that names one host decides; else the fields vote; else `plain`."""
    path = (filename or "").replace("\\", "/")
    for name, dialect in tables.dialects().items():
        if any(like(pattern, path) or like(f"*/{pattern}", path) for pattern in dialect.paths):
            return name
    keys = {field.key for field in front.fields} if front else set()
    votes = {name: _vote(keys, dialect) for name, dialect in tables.dialects().items()}
    best = max(votes, key=lambda name: votes[name])
    return best if votes[best] >= ENOUGH else "plain"


def _vote(keys: set[str], dialect: tables.Dialect) -> float:
    """Marker fields speak for a dialect, its other fields a little, a required one that is missing against it."""
    missing = len(set(dialect.required) - keys)
    return 1.0 * len(keys & dialect.markers) + 0.1 * len(keys & dialect.fields) - 0.5 * missing
