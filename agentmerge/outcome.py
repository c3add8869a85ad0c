"""What a combine or a merge comes to: the text, every decision behind it, the conflicts, and each unit's fate.

Decisions are made first and applied afterwards; reports, explanations, dry runs and the text read these records.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from agentmerge.model import Severity
from agentmerge.planning.answers import Heard


class Action(StrEnum):
    """What a decision did with its group."""

    KEEP = "keep"
    MERGE = "merge"
    SUPERSEDE = "supersede"
    DROP = "drop"
    SET = "set"
    CONFLICT = "conflict"


class Fate(StrEnum):
    """What became of a source unit."""

    KEPT = "kept"
    MERGED = "merged"
    SUPERSEDED = "superseded"
    DROPPED = "dropped"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Source:
    """A unit of one of the inputs, as reports name it."""

    file: int
    """Index of the input: of the variant, or 0 base, 1 ours, 2 theirs."""
    line: int
    kind: str
    text: str
    inline: str = ""
    """The text in one line, where its line breaks part the members of a list."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was done with one group, and by which rule."""

    id: int
    path: str
    """`frontmatter/tools`, or section titles joined by ` / `."""
    rule: str
    """Name of the rule or strategy that decided, as in the documentation."""
    action: Action
    members: tuple[Source, ...]
    """All units that the decision is about; the one that stands comes first."""
    note: str = ""
    """What a person should know of it."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A group that can't hold together: decided by a named rule, or left to a person."""

    path: str
    slot: str
    """What the sides disagree about."""
    members: tuple[Source, ...]
    decided_by: str | None = None
    """Rule that decided it; None where both sides stand in the result."""
    line: int | None = None
    """Line of the result where it stands: of the opening marker, or of what was decided for."""


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """The fate of one source unit."""

    source: Source
    fate: Fate
    decision: int
    """Id of the decision that settled it."""
    into: int | None = None
    """Line in the result: of the unit itself, or of the one that absorbed it."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know of the result: rights left out, a pattern that matched nothing."""

    rule: str
    severity: Severity
    message: str
    path: str = ""
    sources: tuple[Source, ...] = ()
    lines: tuple[int, ...] = ()
    """Lines of the result that it is about."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The result of a combine or a merge."""

    text: str
    decisions: tuple[Decision, ...]
    conflicts: tuple[Conflict, ...]
    """Decided ones too; `open_conflicts` are those left to a person."""
    ledger: tuple[LedgerRow, ...]
    findings: tuple[Notice, ...] = field(default=())
    heard: Heard | None = None
    """What became of the answers, where somebody was asked."""

    def __repr__(self) -> str:
        counts = f"{len(self.decisions)} decisions, {len(self.open_conflicts)} conflicts left"
        return f"<Merged: {len(self.text)} characters, {counts}, {len(self.findings)} findings>"

    @property
    def open_conflicts(self) -> tuple[Conflict, ...]:
        return tuple(conflict for conflict in self.conflicts if conflict.decided_by is None)

    @property
    def warns(self) -> bool:
        """Whether a finding is more than information."""
        return any(notice.severity != "info" for notice in self.findings)
