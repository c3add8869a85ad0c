"""What a diff is made of: typed changes without colour or layout; every view reads these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from agentmerge.aligning.matching import Matching


class ChangeKind(StrEnum):
    """What a change is about, and what happened to it."""

    FIELD_ADDED = "field-added"
    FIELD_REMOVED = "field-removed"
    FIELD_CHANGED = "field-changed"
    FIELD_RESTYLED = "field-restyled"
    FIELDS_REORDERED = "fields-reordered"
    SECTION_ADDED = "section-added"
    SECTION_REMOVED = "section-removed"
    SECTION_RENAMED = "section-renamed"
    SECTION_MOVED = "section-moved"
    SECTION_RELEVELED = "section-releveled"
    SECTION_RESTYLED = "section-restyled"
    UNIT_ADDED = "unit-added"
    UNIT_REMOVED = "unit-removed"
    UNIT_REWORDED = "unit-reworded"
    UNIT_MOVED = "unit-moved"
    UNIT_REORDERED = "unit-reordered"
    UNIT_CHECKED = "unit-checked"
    UNIT_UNCHECKED = "unit-unchecked"
    UNIT_RESTYLED = "unit-restyled"
    LAYOUT = "layout"


class ChangeSeverity(StrEnum):
    """How much a difference matters, most serious first."""

    BREAKING = "breaking"
    WARNING = "warning"
    INFO = "info"


class DiffClass(StrEnum):
    """How two definitions differ as a whole."""

    IDENTICAL = "identical"
    COSMETIC = "cosmetic"
    REORDERED = "reordered"
    SUPERSET = "superset"
    SUBSET = "subset"
    FRONTMATTER_ONLY = "frontmatter-only"
    REWORDED = "reworded"
    DIVERGED = "diverged"
    UNRELATED = "unrelated"
    UNKNOWN = "unknown"


COSMETIC_KINDS = frozenset({"field-restyled", "fields-reordered", "section-restyled", "unit-restyled", "layout"})


class Spot(NamedTuple):
    """One side of a change."""

    file: int
    """0 for the old definition, 1 for the new one."""
    line: int
    text: str


class Change(NamedTuple):
    """One typed difference."""

    kind: ChangeKind
    path: str
    """`frontmatter/tools`, or the titles of the sections joined by ` / `; of the new side where there is one."""
    severity: ChangeSeverity
    old: Spot | None
    new: Spot | None
    note: str = ""
    """What exactly: tools added and removed, where a section came from."""
    reorders: bool = False
    """Of a section that moved: whether it only changed places with its neighbours."""

    @property
    def fingerprint(self) -> str:
        """Of kind, path and both texts: unrelated edits and line shifts leave it alone."""
        return fingerprint(self.kind, self.path, *texts_of(self.old, self.new))


def texts_of(old: Spot | None, new: Spot | None) -> tuple[str, str]:
    """Both sides' texts, "" for a side that there is none of."""
    return old.text if old else "", new.text if new else ""


def fingerprint(*parts: str) -> str:
    """12 hex digits over texts, white space and case aside: the first of their SHA-256.

    It gates what a reviewer accepted, so that nobody may find another text of the same fingerprint with ease.
    """
    # Hashing loads OpenSSL, which takes as long as a review; only machine output and baselines need it.
    import hashlib

    return hashlib.sha256("\0".join(map(folded, parts)).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def folded(text: str) -> str:
    """A text in lower case with single blanks."""
    return " ".join(text.lower().split())


@dataclass(frozen=True, slots=True)
class Diff:
    """All changes from one definition to another: frontmatter, sections, units."""

    changes: tuple[Change, ...]
    matching: Matching
    klass: DiffClass
    similarity: float
    """In [0, 1]: words of matched units, weighed by how equal they are, over all words."""
    coverage: tuple[float, float]
    """For each side, the share of its units that has a partner on the other."""

    def __repr__(self) -> str:
        return f"<Diff: {self.klass}, {len(self.changes)} changes, similarity {self.similarity:.2f}>"

    def __iter__(self) -> Iterator[Change]:
        return iter(self.changes)

    def __len__(self) -> int:
        return len(self.changes)
