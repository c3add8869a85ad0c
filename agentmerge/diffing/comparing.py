"""Two definitions in, a `Diff` out; two folders in, out which files are the same, changed, new, gone or renamed."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Literal, NamedTuple

from agentmerge.diffing.changes import field_changes, section_changes, unit_changes
from agentmerge.diffing.records import COSMETIC_KINDS, Change, ChangeKind, ChangeSeverity, Diff, DiffClass, Spot
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.aligning import align
from agentmerge.matching.pairwise import Aligner, Matching, match, words
from agentmerge.matching.records import members_of
from agentmerge.model import Definition, per_definition
from agentmerge.reading.parsing import read_alike
from agentmerge.reading.relations import with_prompt
from agentmerge.text.markers import refuse_markers
from agentmerge.text.paths import Files, is_text, normal, renames, same

# Folders --------------------------------------------------------------------------------------------------------------
#
# Two folders: which files are the same, changed, new, gone, or only called otherwise.


Status = Literal["same", "changed", "added", "removed", "renamed"]
Kind = Literal["definition", "text", "binary"]
_DEFINITIONS = (".md", ".mdc", ".markdown")


class FileDiff(NamedTuple):
    """One file of two folders."""

    old: str | None
    new: str | None
    status: Status
    """`renamed` may have changed, too; see `is_changed`."""
    kind: Kind
    is_changed: bool

    @property
    def path(self) -> str:
        """What it is called now, or was."""
        return self.new or self.old or ""


def diff_folders(old: Files, new: Files) -> tuple[FileDiff, ...]:
    """Every file of two folders, sorted by path, renames followed."""
    return tuple(sorted(_pairs(old, new), key=lambda one: (one.path, one.old or "")))


def _pairs(old: Files, new: Files) -> Iterator[FileDiff]:
    moved = renames(old, new)
    for path, data in old.items():
        other = path if path in new else moved.get(path)
        if other is None:
            yield FileDiff(path, None, "removed", _kind(path, data), is_changed=True)
            continue
        changed = not same(data, new[other])
        status: Status = "renamed" if other != path else "changed" if changed else "same"
        yield FileDiff(path, other, status, _kind(other, data, new[other]), changed)
    for path in new.keys() - old.keys() - set(moved.values()):
        yield FileDiff(None, path, "added", _kind(path, new[path]), is_changed=True)


def _kind(path: str, *versions: bytes) -> Kind:
    if not all(map(is_text, versions)):
        return "binary"
    return "definition" if path.lower().endswith(_DEFINITIONS) else "text"


def changed_lines(old: bytes, new: bytes) -> tuple[str, ...]:
    """The lines in which two texts differ, with three lines around them, as in a patch without its head."""
    before, after = (_lines(normal(data).decode()) for data in (old, new))
    return tuple(difflib.unified_diff(before, after, lineterm=""))[2:]


def _lines(text: str) -> list[str]:
    *lines, last = text.split("\n")
    return [*lines, last, "\\ No newline at end of file"] if last else lines


# Diffing --------------------------------------------------------------------------------------------------------------
#
# Two definitions in, typed changes out.


UNRELATED = 0.05
"""Share of matched units below which two definitions have nothing to do with each other."""

OWN = 0.1
"""Share of words without a partner, on either side, from which two definitions with content of their own diverge."""

_ORDER = frozenset({"unit-moved", "unit-reordered", "section-moved"})


def diff(a: Definition, b: Definition, knowledge: Knowledge, *, aligner: Aligner = align) -> Diff:
    """The changes from `a` to `b`; empty exactly when the two texts are equal.

    `aligner` is asked at most once, and only where both sides have units that are not plainly each other's.
    Raises ConflictedError where one of them holds conflict markers.
    """
    refuse_markers(a, b, knowledge=knowledge)
    a, b = read_alike([with_prompt(a, knowledge), with_prompt(b, knowledge)], knowledge)
    matching = match(a, b, knowledge, aligner)
    changes = _changes(a, b, matching, knowledge)
    coverage = _coverage(matching)
    return Diff(changes, matching, _class(matching, changes, coverage), _similarity(matching), coverage)


def _changes(a: Definition, b: Definition, matching: Matching, knowledge: Knowledge) -> tuple[Change, ...]:
    if a.text == b.text:
        return ()
    found = (*field_changes(matching, knowledge), *section_changes(matching), *unit_changes(matching, knowledge))
    layout = Change(
        ChangeKind.LAYOUT, "", ChangeSeverity.INFO, Spot(0, 1, ""), Spot(1, 1, ""), "only white space or line endings"
    )
    return found or (layout,)


def _coverage(matching: Matching) -> tuple[float, float]:
    paired = len(matching.units) + len(matching.fields)
    left, right = paired + len(matching.only_a), paired + len(matching.only_b)
    return (paired / left if left else 0.0, paired / right if right else 0.0)


def _similarity(matching: Matching) -> float:
    total = _word_count(matching.a) + _word_count(matching.b)
    shared = sum(
        pair.similarity * (len(words(pair.a.text)) + len(words(pair.b.text)))
        for pair in (*matching.units, *matching.fields)
    )
    return min(1.0, shared / total) if total else 0.0


@per_definition
def _word_count(definition: Definition) -> int:
    return sum(len(words(member.text)) for member in members_of(0, definition))


def _class(matching: Matching, changes: tuple[Change, ...], coverage: tuple[float, float]) -> DiffClass:
    a, b = matching.a, matching.b
    if a.text == b.text:
        return DiffClass.IDENTICAL
    told = {change.kind for change in changes} - COSMETIC_KINDS
    says_something = [any(members_of(file, one)) for file, one in enumerate((a, b))]
    if not all(says_something) and (told or any(says_something)):
        return DiffClass.UNKNOWN
    if not told:
        return DiffClass.COSMETIC
    if all(kind.startswith("field") for kind in told):
        return DiffClass.FRONTMATTER_ONLY
    if max(coverage) < UNRELATED:
        return DiffClass.UNRELATED
    return _body_class({kind for kind in told if not kind.startswith("field")}, matching)


def _body_class(kinds: set[str], matching: Matching) -> DiffClass:
    rest = kinds - _ORDER
    if not rest:
        return DiffClass.REORDERED
    if rest <= {"unit-added", "section-added"}:
        return DiffClass.SUPERSET
    if rest <= {"unit-removed", "section-removed"}:
        return DiffClass.SUBSET
    if rest & {"unit-added", "unit-removed"} and max(_own(matching)) >= OWN:
        return DiffClass.DIVERGED
    return DiffClass.REWORDED


def _own(matching: Matching) -> tuple[float, float]:
    """For each side, the share of its words that stands in units without a partner."""
    totals = _word_count(matching.a), _word_count(matching.b)
    alone = (sum(len(words(member.text)) for member in members) for members in (matching.only_a, matching.only_b))
    left, right = (count / total if total else 0.0 for count, total in zip(alone, totals, strict=True))
    return left, right
