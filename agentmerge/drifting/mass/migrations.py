"""Migrations that are known: rows of `data/migrations.toml`, and the edits that belong to them."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from agentmerge.drifting.mass.deltas import Delta
from agentmerge.knowledge import Knowledge, Raw


class Migration(NamedTuple):
    """One row: what hosts or authors renamed, and what that means for the rights."""

    id: str
    says: str
    host: str
    since: str
    rights: str
    """`same`, or what the rights become: what is proven per file."""
    edits: tuple[Delta, ...]
    """Edits that it is made of, with stars."""

    def has(self, delta: Delta) -> bool:
        """Whether an edit is one of it."""
        return any(
            one.where == delta.where and _matches(one.old, delta.old) and _matches(one.new, delta.new)
            for one in self.edits
        )


def migrations(knowledge: Knowledge) -> Sequence[Migration]:
    """All rows, in the order of the table."""
    return knowledge.derived(_migrations)


def _migrations(knowledge: Knowledge) -> Sequence[Migration]:
    return [_migration(name, row) for name, row in knowledge.raw("migrations").items()]


def _migration(name: str, row: Raw) -> Migration:
    edits = tuple(
        Delta(where, str(old), str(new)) for where, pairs in row.get("edits", {}).items() for old, new in pairs
    )
    return Migration(name, row["says"], row.get("host", ""), row.get("since", ""), row.get("rights", "same"), edits)


def _matches(pattern: str, text: str) -> bool:
    """A pattern with stars; the empty one stands for nothing alone."""
    return text == pattern or bool(pattern and text and fnmatchcase(text, pattern.replace("[", "[[]")))
