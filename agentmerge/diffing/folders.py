"""Two folders: which files are the same, changed, new, gone, or only called otherwise."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Literal, NamedTuple

from agentmerge.contents import Files, is_text, normal, renames, same

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
