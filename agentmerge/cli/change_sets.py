"""Change sets for `agentmerge drift`: two revisions, two folders of revisions, or a revision and the index."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from agentmerge.cli import common, drift_inputs
from agentmerge.errors import InputError

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of it.
    from agentmerge.drifting.changeset import BoundChange, FileChange, Version
    from agentmerge.drifting.records import Report
    from agentmerge.knowledge.tables import Knowledge
    from agentmerge.model import Definition
    from agentmerge.world.git import Changed, Tree

_COPIED = ("*.md", "*.mdc", "*.markdown", "*agents/*.toml")
"""Files that a new definition may be a copy of."""

MOST_OTHERS = 500
"""Unchanged definitions that are looked into for what an edit left out."""


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
        from agentmerge.world.git import INDEX, head_or_nothing, tree_of

        return ChangeSet(head_or_nothing() if base is None else tree_of(base), INDEX, tuple(files))
    if files and ".." in files[0]:
        from agentmerge.world.git import revisions

        ends = revisions(files[0])
        if ends is not None:
            from agentmerge.world.git import tree_of

            if base is not None:
                raise InputError("--against is of single files", remedy="the range says what is compared")
            return ChangeSet(tree_of(ends[0]), tree_of(ends[1]), tuple(files[1:]))
    if base is None and len(files) == 2 and all(":" in name for name in files):
        from agentmerge.world.git import is_folder, tree_of

        if all(map(is_folder, files)):
            return ChangeSet(tree_of(files[0]), tree_of(files[1]))
    return None


def read(asked: ChangeSet, knowledge: Knowledge, jobs: int | None = None) -> Report:
    """The review of a change set, by as many processes as `jobs` says.

    Raises GitError or InputError for paths that name no definition, and for changed files that can't be read.
    """
    from agentmerge.cli.workers import comparing
    from agentmerge.drifting.changeset import is_bound, review_changes
    from agentmerge.world.files import is_definition
    from agentmerge.world.git import changed, scope

    old, new = scope(asked.old, asked.new, asked.paths)
    within = _Within(frozenset(filter(is_definition, old)), frozenset(filter(is_definition, new)))
    sides = ((old, within.old), (new, within.new))
    bounds = _Within(*(frozenset(path for path in side if is_bound(path, knowledge)) - own for side, own in sides))
    if asked.paths and not any((*within, *bounds)):
        raise InputError(
            "there is no definition below it", file=asked.paths[0], remedy="name folders or files of definitions"
        )
    every = changed(asked.old, asked.new, _COPIED)
    rows = [row for row in every if row.old in within.old or row.new in within.new]
    found = _Reader(asked, within, knowledge).changes(rows)
    beside = [one for row in every for one in _beside(asked, row, bounds)]
    with comparing(len(found), jobs, knowledge) as compare:
        report = review_changes(
            found,
            knowledge,
            bounds=beside,
            checked=len(within.new),
            compare=compare,
            watch=drift_inputs.watch("files: "),
        )
    drift_inputs.progress("")
    return with_dead_references(asked, report, found, knowledge)


def with_dead_references(asked: ChangeSet, report: Report, found: Sequence[FileChange], knowledge: Knowledge) -> Report:
    """The review with what the new tree still calls by a name or a path that is gone."""
    from dataclasses import replace

    from agentmerge.drifting.changeset import dead_references
    from agentmerge.drifting.records import FileReview

    names, places, apart = list(report.names), list(report.places), list(report.apart)
    for place, told in dead_references(found, _others(asked), knowledge):
        name = asked.new.file(place)
        if name not in names:
            names.append(name)
            places.append(place)
        apart.append(FileReview(names.index(name), (told,)))
    return replace(report, names=tuple(names), places=tuple(places), apart=tuple(apart))


def folded(asked: ChangeSet, report: Report, knowledge: Knowledge) -> Report:
    """The review with each edit that many files share told once; what it left out is looked for in the new tree."""
    from agentmerge.drifting.changeset import restore
    from agentmerge.drifting.mass import fold
    from agentmerge.world.git import changed, put_back

    back = put_back(asked.old, changed(asked.old, asked.new))
    return fold(restore(report, back, knowledge), knowledge, _others(asked))


def _others(asked: ChangeSet) -> Callable[[Sequence[str]], dict[str, str]]:
    """What gives the definitions of the new tree, of those that are looked at, in which one of some texts stands."""
    from agentmerge.world.files import decode, is_definition
    from agentmerge.world.git import holding, scope, texts_of

    def others(texts: Sequence[str]) -> dict[str, str]:
        within = scope(asked.old, asked.new, asked.paths)[1]
        paths = [path for path in holding(asked.new, texts) if path in within and is_definition(path)]
        names = {asked.new.file(path): path for path in paths[:MOST_OTHERS]}
        return {names[name]: decode(data, name) for name, data in texts_of(list(names)).items()}

    return others


class _Within(NamedTuple):
    """The definitions of both trees that are looked at."""

    old: frozenset[str]
    new: frozenset[str]


def _beside(asked: ChangeSet, row: Changed, bounds: _Within) -> Iterator[BoundChange]:
    """What happened to a file that bounds agents and is no definition."""
    from agentmerge.drifting.changeset import Bound, BoundChange

    sides = []
    for tree, path, known in ((asked.old, row.old, bounds.old), (asked.new, row.new, bounds.new)):
        name = tree.file(path)
        sides.append(Bound(name, path, common.read(name)) if path in known else None)
    if any(sides):
        yield BoundChange(*sides)


class _Reader:
    """Reads both sides of what changed."""

    def __init__(self, asked: ChangeSet, within: _Within, knowledge: Knowledge) -> None:
        self.asked, self.within, self.knowledge = asked, within, knowledge
        self.texts: Mapping[str, bytes] = {}

    def changes(self, rows: Sequence[Changed]) -> list[FileChange]:
        """What happened to each file; the texts are asked of git at once, which is slow for one after another."""
        from agentmerge.world.git import texts_of

        old = {self.asked.old.file(path) for row in rows for path in (row.old, row.source) if path}
        new = {self.asked.new.file(row.new) for row in rows if row.new}
        self.texts = texts_of(sorted(old | new))
        return [self._change(row) for row in rows]

    def _change(self, row: Changed) -> FileChange:
        from agentmerge.drifting.changeset import FileChange
        from agentmerge.world.files import is_definition

        if row.new not in self.within.new:
            gone_to = row.new if row.new != row.old else ""
            old = self._old(row.old)
            if gone_to and is_definition(gone_to):
                return FileChange(old, self._new(gone_to, old), gone_to=gone_to)
            return FileChange(old, None, gone_to=gone_to)
        before = row.old or row.source
        source = self._old(before) if before else None
        after = self._new(row.new, source)
        return FileChange(source, after) if row.old in self.within.old else FileChange(None, after, source)

    def _old(self, path: str) -> Version:
        from agentmerge.drifting.changeset import Version

        name = self.asked.old.file(path)
        return Version(name, path, common.with_imported(name, self._parsed(name), self.knowledge, conflicted=True))

    def _new(self, path: str, old: Version | None) -> Version:
        """A file of the new tree; warnings about it are told where its earlier self did not have them."""
        from agentmerge.drifting.changeset import Version

        name = self.asked.new.file(path)
        definition = self._parsed(name)
        common.tell_diagnostics(definition, before=old.definition if old else None)
        return Version(name, path, common.with_imported(name, definition, self.knowledge, conflicted=True))

    def _parsed(self, name: str) -> Definition:
        from agentmerge.reading.parsing import parse
        from agentmerge.world.files import decode

        data = self.texts.get(name)
        return parse(common.read(name) if data is None else decode(data, name), self.knowledge, filename=name)
