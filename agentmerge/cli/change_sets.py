"""Change sets for `agentmerge drift`: two revisions, two folders of revisions, or a revision and the index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from agentmerge.cli import common, drift_inputs
from agentmerge.errors import InputError

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of it.
    from agentmerge.drifting.changeset import FileChange, Version
    from agentmerge.drifting.reports import Report
    from agentmerge.knowledge import Knowledge
    from agentmerge.trees import Changed, Tree

_COPIED = ("*.md", "*.mdc", "*.markdown", "*agents/*.toml")
"""Files that a new definition may be a copy of."""


class ChangeSet(NamedTuple):
    """What is compared: two trees, and the paths in them."""

    old: Tree
    new: Tree
    paths: tuple[str, ...] = ()


def asked_for(files: Sequence[str], base: str | None, *, staged: bool) -> ChangeSet | None:
    """The change set that the arguments name: `--staged`, `A..B -- PATH...`, `REV:folder REV:folder`; None for others.

    Raises GitError for revisions that there are none of, InputError for what does not go together.
    """
    if staged:
        from agentmerge.trees import INDEX, head_or_nothing, tree_of

        return ChangeSet(head_or_nothing() if base is None else tree_of(base), INDEX, tuple(files))
    if files and ".." in files[0]:
        from agentmerge.history import revisions

        ends = revisions(files[0])
        if ends is not None:
            from agentmerge.trees import tree_of

            if base is not None:
                raise InputError("--against is of single files", remedy="the range says what is compared")
            return ChangeSet(tree_of(ends[0]), tree_of(ends[1]), tuple(files[1:]))
    if base is None and len(files) == 2 and all(":" in name for name in files):
        from agentmerge.trees import is_folder, tree_of

        if all(map(is_folder, files)):
            return ChangeSet(tree_of(files[0]), tree_of(files[1]))
    return None


def read(asked: ChangeSet, knowledge: Knowledge) -> Report:
    """The review of a change set.

    Raises GitError or InputError for paths that name no definition, and for changed files that can't be read.
    """
    from agentmerge.drifting.changeset import review_changes
    from agentmerge.files import is_definition
    from agentmerge.trees import changed, scope

    within = scope(asked.old, asked.new, asked.paths)
    watched = [frozenset(filter(is_definition, names)) for names in within]
    if asked.paths and not any(watched):
        raise InputError(
            "there is no definition below it", file=asked.paths[0], remedy="name folders or files of definitions"
        )
    rows = changed(asked.old, asked.new, _COPIED)
    found = [_change(asked, row, watched[0], watched[1], knowledge) for row in rows]
    report = review_changes(
        [one for one in found if one], knowledge, checked=len(watched[1]), watch=drift_inputs.watch("files: ")
    )
    drift_inputs.progress("")
    return report


def _change(
    asked: ChangeSet, row: Changed, old: frozenset[str], new: frozenset[str], knowledge: Knowledge
) -> FileChange | None:
    """What happened to one file, None where it is out of what is looked at on both sides."""
    from agentmerge.drifting.changeset import FileChange
    from agentmerge.files import is_definition

    if row.old not in old and row.new not in new:
        return None

    def before(path: str) -> Version:
        return _version(asked.old, path, knowledge)

    if row.new not in new:
        gone_to = row.new if row.new != row.old else ""
        if gone_to and is_definition(gone_to):
            return FileChange(before(row.old), _version(asked.new, gone_to, knowledge), gone_to=gone_to)
        return FileChange(before(row.old), None, gone_to=gone_to)
    after = _version(asked.new, row.new, knowledge)
    if row.old in old:
        return FileChange(before(row.old), after)
    source = row.old or row.source
    return FileChange(None, after, before(source) if source else None)


def _version(tree: Tree, path: str, knowledge: Knowledge) -> Version:
    from agentmerge.drifting.changeset import Version

    name = tree.file(path)
    return Version(name, path, common.load_in_full(name, knowledge, conflicted=True))
