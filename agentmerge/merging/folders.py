"""Three folders to one: definitions by structure, other text by lines, the rest by its bytes.

Each file has one row: by its path in the base, renames followed; then what only one side has, or both added.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from agentmerge.contents import Files, is_text, normal, renames, same, with_endings_of
from agentmerge.errors import ConflictedError
from agentmerge.knowledge import Knowledge
from agentmerge.merging.engine import is_long, merge, merge_long
from agentmerge.merging.pieces import Style
from agentmerge.merging.policy import Policy
from agentmerge.outcome import Conflict, Merged, Notice, Source
from agentmerge.parsing import parse
from agentmerge.parsing.markers import take_apart

Fate = Literal["same", "ours", "theirs", "merged", "deleted", "conflict"]
"""What stands in the result: what all have, one side's file, what both made of it, nothing, or a question."""

_STRUCTURED = (".md", ".mdc", ".markdown")


@dataclass(frozen=True, slots=True)
class FileMerge:
    """What became of one file of three folders."""

    path: str
    """In the result; where it is in none, the path that it had."""
    names: tuple[str | None, str | None, str | None]
    """Its paths in base, ours and theirs; None where a side has it not."""
    fate: Fate
    data: bytes | None
    """Bytes in the result; None where it is not there."""
    merged: Merged | None = None
    """Of a text that was merged: decisions, conflicts and ledger."""
    conflicts: tuple[Conflict, ...] = ()
    """The open ones; their lines are those of `data`."""
    notices: tuple[Notice, ...] = ()


class Row(NamedTuple):
    """One file through three folders."""

    base: str | None
    ours: str | None
    theirs: str | None


def has_structure(path: str) -> bool:
    """Whether a file is merged by structure: Markdown, a definition or not. TOML, which can be one, goes by lines."""
    return path.lower().endswith(_STRUCTURED)


def merge_folders(
    base: Files,
    ours: Files,
    theirs: Files,
    knowledge: Knowledge,
    policy: Policy | None = None,
    style: Style | None = None,
) -> tuple[FileMerge, ...]:
    """Merge what two sides made of a folder; sorted by path.

    In a conflict within a text its data has both sides between markers; of a file that one side deleted and the other
    changed, and of one that is no text, it is the file that is left, or ours.
    """
    merger = _Folders((base, ours, theirs), knowledge, policy, style or Style())
    found = [merger.merged(row) for row in rows(base, ours, theirs)]
    return tuple(sorted(_apart(found), key=lambda one: (one.path, one.names[1] is None)))


def rows(base: Files, ours: Files, theirs: Files) -> Iterator[Row]:
    """Which files belong together."""
    mine, other = renames(base, ours), renames(base, theirs)
    claimed = set(mine.values()), set(other.values())
    for path in sorted(base):
        sides = [path if path in side else names.get(path) for side, names in ((ours, mine), (theirs, other))]
        yield Row(path, sides[0], sides[1])
    left = [
        {path for path in side if path not in base} - names for side, names in zip((ours, theirs), claimed, strict=True)
    ]
    for path in sorted(left[0] | left[1]):
        yield Row(None, path if path in left[0] else None, path if path in left[1] else None)


def _apart(found: list[FileMerge]) -> Iterator[FileMerge]:
    """Two files can't have one name: whoever is there in ours keeps it."""
    taken: dict[str, FileMerge] = {}
    for one in sorted(found, key=lambda one: (one.names[1] != one.path, one.path)):
        other = taken.get(one.path) if one.data is not None else None
        if other is None:
            if one.data is not None:
                taken[one.path] = one
            yield one
            continue
        conflict = Conflict(one.path, "two files come to have this name", (), None, None)
        name = one.names[1] or f"{one.path}.theirs"
        yield replace(one, path=name, fate="conflict", conflicts=(*one.conflicts, conflict))


class _Folders:
    """Three folders, and how their files are merged."""

    def __init__(
        self, folders: tuple[Files, Files, Files], knowledge: Knowledge, policy: Policy | None, style: Style
    ) -> None:
        self.folders = folders
        self.knowledge = knowledge
        self.policy = policy
        self.style = style

    def merged(self, row: Row) -> FileMerge:
        """What becomes of one file."""
        base, ours, theirs = (
            side[path] if path is not None else None for side, path in zip(self.folders, row, strict=True)
        )
        if ours is None or theirs is None:
            return self._one_sided(row, base, ours, theirs)
        path, clash = _name(row)
        one = merge_file(base or b"", ours, theirs, path, self.knowledge, self.policy, self.style)
        if base is None and one.fate == "theirs":
            # An empty file of ours is a file, too.
            one = replace(one, fate="merged")
        conflicts = one.conflicts if clash is None else (*one.conflicts, clash)
        return replace(
            one, names=(row.base, row.ours, row.theirs), fate="conflict" if conflicts else one.fate, conflicts=conflicts
        )

    def _one_sided(self, row: Row, base: bytes | None, ours: bytes | None, theirs: bytes | None) -> FileMerge:
        """A file that one side has not: it is new, or was deleted."""
        there = ours if ours is not None else theirs
        path = row.ours or row.theirs or row.base or ""
        names = (row.base, row.ours, row.theirs)
        if there is None:
            return FileMerge(path, names, "deleted", None)
        side: Fate = "ours" if ours is not None else "theirs"
        if base is None:
            return FileMerge(path, names, side, there)
        if same(there, base):
            # A new name alone is no reason to keep what the other side took away.
            return FileMerge(path, names, "deleted", None)
        who = ("theirs", "ours") if side == "ours" else ("ours", "theirs")
        conflict = Conflict(path, f"deleted by {who[0]}, changed by {who[1]}", _sources(base, ours, theirs))
        return FileMerge(path, names, "conflict", there, conflicts=(conflict,))


def _name(row: Row) -> tuple[str, Conflict | None]:
    """The path in the result, and the conflict where both sides gave the file another one."""
    base, ours, theirs = row.base, row.ours or "", row.theirs or ""
    if base is None or theirs in (base, ours):
        return ours, None
    if ours == base:
        return theirs, None
    return ours, Conflict(ours, f"renamed by both sides, by theirs to {theirs}", ())


def _sources(*versions: bytes | None) -> tuple[Source, ...]:
    texts = ((file, data) for file, data in enumerate(versions) if data is not None)
    return tuple(Source(file, 1, "file", normal(data).decode() if is_text(data) else "") for file, data in texts)


def merge_file(
    base: bytes, ours: bytes, theirs: bytes, path: str, knowledge: Knowledge, policy: Policy | None, style: Style
) -> FileMerge:
    """Merge three versions of one file; its name says whether it is a definition."""
    names = (path, path, path)
    if same(ours, theirs):
        return FileMerge(path, names, "same" if same(ours, base) else "ours", ours)
    if same(theirs, base):
        return FileMerge(path, names, "ours", ours)
    if same(ours, base):
        return FileMerge(path, names, "theirs", with_endings_of(theirs, ours))
    if not all(map(is_text, (base, ours, theirs))):
        conflict = Conflict(path, "changed by both sides, and no text", ())
        return FileMerge(path, names, "conflict", ours, conflicts=(conflict,))
    merged = merge_texts(base.decode(), ours.decode(), theirs.decode(), path, knowledge, policy, style)
    open_ones = tuple(merged.open_conflicts)
    fate: Fate = "conflict" if open_ones else "merged"
    return FileMerge(path, names, fate, merged.text.encode(), merged, open_ones, merged.findings)


def merge_texts(
    base: str, ours: str, theirs: str, path: str, knowledge: Knowledge, policy: Policy | None, style: Style
) -> Merged:
    """Merge three texts, a definition by structure and any other by lines.

    A text that holds conflict markers already comes back as ours, with a conflict about it.
    """
    texts = (base, ours, theirs)
    try:
        if not has_structure(path):
            merged = merge_long(*texts, knowledge, style, cause=_BY_LINES)
            return replace(merged, findings=(), conflicts=tuple(_located(merged.conflicts)))
        if any(map(is_long, texts)):
            return merge_long(*texts, knowledge, style)
        one, two, three = (parse(text, knowledge, filename=path) for text in texts)
        return merge(one, two, three, knowledge, policy, style)
    except ConflictedError as error:
        return Merged(ours, (), (Conflict("", f"not merged: {error.message}", (), None, error.line),), ())


_BY_LINES = "it is no definition"


def _located(conflicts: tuple[Conflict, ...]) -> Iterator[Conflict]:
    for one in conflicts:
        yield replace(one, slot=one.slot or "changed by both sides")


def taking(text: str, side: Literal["ours", "theirs"], knowledge: Knowledge) -> str:
    """A merged text with one side in every conflict that is left in it; line endings as they are."""
    found = take_apart(normal(text.encode()).decode(), knowledge)
    if not found.hunks:
        return text
    return with_endings_of(found.side(side).encode(), text.encode()).decode()
