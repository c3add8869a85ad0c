"""What a diff is made of: typed changes, those that a user asked for, and the words that differ inside one unit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from agentmerge.matching.pairwise import Matching
from agentmerge.model import Definition, walk_sections
from agentmerge.text.paths import hint, matches

# Records --------------------------------------------------------------------------------------------------------------
#
# What a diff is made of: typed changes without colour or layout; every view reads these.


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


# Selection ------------------------------------------------------------------------------------------------------------
#
# Which changes a user asked for.


def select(
    changes: Iterable[Change], *, only: Sequence[str] = (), exclude: Sequence[str] = (), ignore_order: bool = False
) -> tuple[Change, ...]:
    """The changes under one of `only` (all, where it is empty) and under none of `exclude`."""
    return tuple(
        change
        for change in changes
        if (not only or any(matches(pattern, change.path) for pattern in only))
        and not any(matches(pattern, change.path) for pattern in exclude)
        and not (ignore_order and is_order(change))
    )


def unmatched(patterns: Iterable[str], definitions: Iterable[Definition]) -> dict[str, str]:
    """Patterns that speak for no field and no section of the definitions, with a hint at what is near."""
    paths = list(dict.fromkeys(path for definition in definitions for path in _paths(definition)))
    lone = [pattern for pattern in patterns if not any(matches(pattern, path) for path in paths)]
    return {pattern: hint(pattern, paths) for pattern in lone}


def _paths(definition: Definition) -> Iterator[str]:
    yield from (f"frontmatter/{field.key}" for field in definition.fields)
    for above, section in walk_sections(definition.root):
        yield " / ".join(one.title for one in (*above, section))


def is_order(change: Change) -> bool:
    """Whether a change is one of order alone."""
    return change.reorders or change.kind in ("unit-reordered", "fields-reordered")


# Wording --------------------------------------------------------------------------------------------------------------
#
# Word-level differences inside one unit, for marks in the views.


Op = Literal["equal", "removed", "added"]

MAX_CHARS = 20_000
"""Characters of both texts together; of longer ones whole lines are compared."""

_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def word_ops(old: str, new: str) -> list[tuple[Op, str]]:
    """The way from `old` to `new` as runs of equal, removed and added text; joined they are either text."""
    pattern = _LINE if len(old) + len(new) > MAX_CHARS else _TOKEN
    return list(_joined(_ops(pattern.findall(old), pattern.findall(new))))


def _ops(a: list[str], b: list[str]) -> Iterator[tuple[Op, str]]:
    from difflib import SequenceMatcher

    for tag, a1, a2, b1, b2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "equal", "".join(a[a1:a2])
        else:
            yield "removed", "".join(a[a1:a2])
            yield "added", "".join(b[b1:b2])


def _joined(ops: Iterator[tuple[Op, str]]) -> Iterator[tuple[Op, str]]:
    """A blank between two changes belongs to both: marks around every single word would be hard to read."""
    removed = added = ""
    for op, text in ops:
        if op == "removed":
            removed += text
        elif op == "added":
            added += text
        elif (removed or added) and not text.strip():
            removed, added = removed + text, added + text
        else:
            yield from _flushed(removed, added)
            removed = added = ""
            yield "equal", text
    yield from _flushed(removed, added)


def _flushed(removed: str, added: str) -> Iterator[tuple[Op, str]]:
    tail = ""
    while removed and added and removed[-1] == added[-1] and removed[-1].isspace():
        tail, removed, added = removed[-1] + tail, removed[:-1], added[:-1]
    runs: tuple[tuple[Op, str], ...] = (("removed", removed), ("added", added), ("equal", tail))
    yield from (run for run in runs if run[1])
