"""What `agentmerge blame` reads: a file's versions, the origin of all that it says, followed into other files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from agentmerge.cli import drift_inputs, histories
from agentmerge.errors import GitError, InputError

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of it.
    from agentmerge.knowledge.tables import Knowledge
    from agentmerge.lineage.origins import Edited, Lost, Origin
    from agentmerge.model import Definition
    from agentmerge.views.lineage import Found, Gone, Row
    from agentmerge.world.git import Version

DEPTH = 4
"""Files that a statement is followed through."""
MOST_FILES = 300
"""Files of one commit that are looked through; one that changed more is a migration."""


def read(name: str, since: str | None, knowledge: Knowledge, *, lost: bool = False) -> Found:
    """Rows for all that the file on disk says; with `lost`, the rules that it says no more.

    Raises GitError where it has no history, InputError where it holds conflict markers.
    """
    from agentmerge.views.lineage import Found
    from agentmerge.world.git import commit_of

    if name == "-" or not Path(name).is_file():
        why = "is a folder" if Path(name).is_dir() else "can't be read: no such file"
        raise InputError(why, file=name, remedy="name a file under version control")
    versions = histories.versions_of(name, since, knowledge, with_disk=True, closely=False)
    if versions.broken[-1]:
        raise InputError("holds conflict markers", file=name, remedy="resolve the conflict first")
    if not versions.found:
        return Found(name, (), (), ())
    if versions.found[0].rev != since:
        return _Reader(name, knowledge).found(versions, lost=lost)
    # The name that was asked for moves with the branch; the commit that it means now does not.
    first = replace(versions.found[0], rev=commit_of(since, name))
    versions = replace(versions, found=(first, *versions.found[1:]))
    return _Reader(name, knowledge).found(versions, lost=lost)._replace(boundary=first.rev)


class _Reader:
    """Git's files around one file."""

    def __init__(self, name: str, knowledge: Knowledge) -> None:
        folder = Path(name).parent
        self._name, self._knowledge = name, knowledge
        self._folder = str(folder) if folder.is_dir() else None
        self._edited: dict[str, tuple[Edited, ...]] = {}

    def found(self, versions: histories.Versions, *, lost: bool) -> Found:
        from agentmerge.lineage.origins import blame
        from agentmerge.views.lineage import Found

        traced = blame(versions.clean, versions.links, self._knowledge)
        rows = tuple(self._followed(traced.origins, versions.found, DEPTH))
        gone = tuple(self._gone(versions, traced.lost)) if lost else ()
        drift_inputs.progress("")
        return Found(self._name, versions.found, rows, gone, versions.definitions[-1].text)

    # Into other files

    def _followed(self, origins: Iterable[Origin], versions: Sequence[Version], depth: int) -> Iterator[Row]:
        """Each origin with its version; what came from another file with where it came into that."""
        from agentmerge.views.lineage import Row

        rows = [(one, versions[one.version - 1]) for one in origins]
        wanted: dict[tuple[str, str], list[Origin]] = defaultdict(list)
        for origin, version in rows:
            if depth and origin.what in ("added", "restored") and origin.kind in ("guardrail", "statement"):
                place = self._came_from(origin, version)
                if place is not None:
                    wanted[version.rev, place].append(origin)
        known: dict[tuple[int, str], Row] = {}
        for (rev, path), moved in wanted.items():
            known |= self._earlier(rev, path, moved, depth - 1)
        yield from (known.get((origin.line, origin.text), Row(origin, version)) for origin, version in rows)

    def _came_from(self, origin: Origin, version: Version) -> str | None:
        from agentmerge.lineage.origins import came_from

        place = came_from(origin.text, self._files_of(version), self._knowledge)
        return place.path if place is not None else None

    def _earlier(self, rev: str, path: str, moved: Sequence[Origin], depth: int) -> Mapping[tuple[int, str], Row]:
        """Where statements of another file come from, by their line and words here."""
        from agentmerge.lineage.origins import blame

        try:
            versions = histories.versions_of(
                self._from_top(path), None, self._knowledge, until=f"{rev}^", closely=False
            )
        except GitError:
            return {}
        if not versions.clean or versions.clean[-1] is None:
            return {}
        there = blame(versions.clean, versions.links, self._knowledge).origins
        by_words = {_words(one.text): one for one in there}
        same = {_words(one.text): one for one in moved if _words(one.text) in by_words}
        rows = self._followed([by_words[words] for words in same], versions.found, depth)
        return {
            (here.line, here.text): row._replace(
                origin=row.origin._replace(line=here.line, end=here.end, text=here.text)
            )
            for here, row in zip(same.values(), rows, strict=True)
        }

    def _from_top(self, path: str) -> str:
        from agentmerge.world import git

        top = git.run("rev-parse", "--show-toplevel", cwd=self._folder).out.decode("utf-8", "surrogateescape").strip()
        return str(Path(top) / path)

    def _files_of(self, version: Version) -> tuple[Edited, ...]:
        """The other definitions that a commit changed, as they were and as they are."""
        from agentmerge.world.git import UNCOMMITTED

        if version.rev == UNCOMMITTED:
            return ()
        if version.rev not in self._edited:
            self._edited[version.rev] = tuple(self._read(version))
        return self._edited[version.rev]

    def _read(self, version: Version) -> Iterator[Edited]:
        from agentmerge.lineage.origins import Edited
        from agentmerge.world.files import is_definition
        from agentmerge.world.git import edited_in

        rows = [row for row in edited_in(version.rev, self._folder) if version.path not in row]
        named = [row for row in rows if is_definition(row[0] or row[1] or "")]
        for before, after in named if len(named) <= MOST_FILES else ():
            sides = (self._text(f"{version.rev}^", before), self._text(version.rev, after))
            yield Edited(before or after or "", *sides)

    def _text(self, rev: str, path: str | None) -> Definition | None:
        from agentmerge.errors import AgentMergeError
        from agentmerge.reading.parsing import parse
        from agentmerge.world.files import decode
        from agentmerge.world.git import text_at

        data = text_at(rev, path, self._folder) if path is not None else None
        if data is None:
            return None
        try:
            return parse(decode(data, f"{rev}:{path}"), self._knowledge, filename=path)
        except AgentMergeError:
            return None

    # What is lost

    def _gone(self, versions: histories.Versions, lost: Sequence[Lost]) -> Iterator[Gone]:
        from agentmerge.lineage.origins import went_to
        from agentmerge.views.lineage import Gone

        before = {link.b: link.a for link in versions.links}
        for one in lost:
            version, at = versions.found[one.version - 1], one.version - 1
            own = versions.definitions[before[at]], versions.definitions[at]
            place = went_to(one.last.text, own, self._files_of(version), self._knowledge)
            if place is not None and not place.path:
                place = place._replace(path=version.path)
            yield Gone(one, version, place)


def _words(text: str) -> str:
    return " ".join(text.split()).lower()
