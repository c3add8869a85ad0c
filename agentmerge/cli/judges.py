"""Who judges a review: of a change set the configuration and the baseline of its old side, else those on disk."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal, NamedTuple

from agentmerge.cli import common, drift_inputs
from agentmerge.cli.boundary import under
from agentmerge.cli.common import Sessions
from agentmerge.cli.configs import PYPROJECT, Reader, named
from agentmerge.errors import AgentMergeError, InputError, PolicyError

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of it.
    from agentmerge.cli.change_sets import ChangeSet
    from agentmerge.drifting.acceptance import Baseline, Gate, Options
    from agentmerge.drifting.records import Finding, Report
    from agentmerge.session import Session
    from agentmerge.world.git import Tree

Side = Literal["old", "new"]


class Flags(NamedTuple):
    """What the command line says of it."""

    config: str | None
    no_config: bool
    baseline: str | None
    side: Side = "old"


class Judge(NamedTuple):
    """What a review is judged by."""

    session: Session
    options: Options
    baseline: str | None
    """Name of the file on disk, which an update writes."""
    is_new: bool = False
    """Whether it is the new side of a change set."""
    known: Baseline | None = None
    """What the baseline holds, where it is not the file on disk that says so."""
    rows: str = ""
    """Path of the baseline from the top of the tree, where it is `known`."""
    place: str = ""
    """Path of the configuration, else of the baseline, from the top of the tree that it was read from."""
    sessions: Sessions | None = None
    """What each file is read under, where files on disk are reviewed."""

    @property
    def gate(self) -> Gate:
        from agentmerge.drifting.acceptance import Baseline, Gate

        return Gate(self.options, self.session.knowledge, self.known or Baseline())


class Loosened(NamedTuple):
    """What a change set loosens of its judge."""

    name: str
    """As a file argument."""
    place: str
    findings: tuple[Finding, ...]


def of(flags: Flags, change_set: ChangeSet | None, near: Sequence[str]) -> tuple[Judge, Loosened | None]:
    """What judges a review, and what a change set loosens of it; without a change set what is found near a file."""
    if change_set is None:
        if flags.side == "new":
            raise InputError("--config-from is of a change set", remedy="name A..B, or use --staged")
        return on_disk(flags, common.Sessions(flags.config, near, ignore=flags.no_config)), None
    return of_change_set(flags, change_set)


def with_loosened(report: Report, loosened: Loosened | None) -> Report:
    """The report of a change set with what it loosens of its judge."""
    if loosened is None:
        return report
    from agentmerge.drifting.records import FileReview

    names, places = (*report.names, loosened.name), (*report.places, loosened.place)
    review = FileReview(len(report.names), loosened.findings)
    return replace(report, names=names, places=places, apart=(*report.apart, review))


def with_ended(judge: Judge, change_set: ChangeSet | None, report: Report) -> Judge:
    """The judge without the rows of its baseline that were used up.

    A row accepts the next change of its file. Once that has landed, the same change has been taken back if it comes
    again, and nobody has accepted that. Who asks for the new side's rows gets them as they are.
    """
    if change_set is None or judge.known is None or judge.is_new or not judge.rows:
        return judge
    from agentmerge.world.git import has_landed

    found = {(finding.fingerprint, a, b) for a, b, pair in report.judged() for finding in pair.findings}
    rev = _whole(change_set.old).name
    ended = {key for key in sorted(found & set(judge.known.accepted)) if has_landed(rev, judge.rows, key[0], key[2])}
    return judge._replace(known=replace(judge.known, ended=frozenset(ended)))


def day_of(change_set: ChangeSet | None, options: Options) -> str:
    """The day of the newest commit that is reviewed, where a row of the options ends on one; else ""."""
    if not any(one.until for one in options.intentional):
        return ""
    from agentmerge.world.git import INDEX, day

    is_range = change_set is not None and change_set.new != INDEX
    return day(_whole(change_set.new).name if change_set is not None and is_range else "HEAD")


def on_disk(flags: Flags, sessions: Sessions) -> Judge:
    """The configuration that is named, or the one nearest to all that is reviewed, and its baseline."""
    return _judge(sessions.whole, flags)._replace(sessions=sessions)


def _judge(session: Session, flags: Flags) -> Judge:
    from agentmerge.drifting.acceptance import Options

    options = Options() if session.config is None else session.config.review
    file = "" if session.config is None else session.config.place_of("drift", "baseline")
    return Judge(session, options, flags.baseline or drift_inputs.beside(file, options.baseline))


def of_change_set(flags: Flags, change_set: ChangeSet) -> tuple[Judge, Loosened | None]:
    """What judges a change set: its old side, unless the flags ask for the new one, and what it loosens of it.

    A file that is in neither tree, and so no part of the change, is read from disk. Raises PolicyError for a
    configuration that can't be read.
    """
    from agentmerge.drifting.acceptance import loosened, unreadable

    old, new = _whole(change_set.old), _whole(change_set.new)
    files = _Files(flags, (old, new))
    wanted = flags.side == "new"
    judge = files.judge(new if wanted else old)._replace(is_new=wanted)
    if judge.session.config is not None:
        under(judge.session.config)
        common.tell_config(judge.session.config)
    try:
        other = files.judge(old if wanted else new)
    except AgentMergeError as error:
        if wanted:
            return judge, None
        return judge, Loosened(new.name or "the index", "", (unreadable(str(error), judge.session.knowledge),))
    before, after = (other, judge) if wanted else (judge, other)
    found = loosened(before.gate, after.gate, wanted=wanted)
    tree, place = (new, after.place) if after.place else (old, before.place)
    return judge, Loosened(tree.file(place), place, found) if found else None


def _whole(tree: Tree) -> Tree:
    """The whole tree of the revision that a folder is of."""
    from agentmerge.world.git import tree_of

    return tree_of(tree.name.partition(":")[0]) if ":" in tree.name else tree


class _Files:
    """Where configuration and baseline stand in two trees, and on disk."""

    def __init__(self, flags: Flags, trees: tuple[Tree, Tree]) -> None:
        from agentmerge.world import git

        self.flags = flags
        self.trees = trees
        self.top = Path(git.asked("rev-parse", "--show-toplevel") or ".")

    def judge(self, tree: Tree) -> Judge:
        """What one of the trees would judge by."""
        place, session = self._session(tree)
        judge = _judge(session, self.flags)
        if judge.baseline is None:
            return judge._replace(place=place)
        stands = self._place(judge.baseline)
        if stands is None or not self._is_tracked(stands):
            return judge._replace(place=place)
        return judge._replace(known=self._baseline(tree, stands), rows=stands, place=place or stands)

    def _session(self, tree: Tree) -> tuple[str, Session]:
        """Path and session of the configuration of a tree; of one that is no part of either, as it is on disk."""
        from agentmerge.cli import configs
        from agentmerge.session import Session

        if self.flags.no_config:
            return "", Session()
        places = self._candidates()
        for place in places:
            if self._holds(tree, place):
                return place, Session(configs.load(os.path.relpath(self.top / place), [], self._reader(tree)))
        if any(self._holds(one, place) for one in self.trees for place in places):
            return "", Session()
        return "", common.session(named(self.flags.config), near=".", quiet=True)

    def _candidates(self) -> list[str]:
        """Paths at which a configuration may stand, the one that counts first."""
        from agentmerge.world.files import CONFIG_NAMES

        flag = named(self.flags.config)
        if flag is not None:
            place = self._place(flag)
            return [] if place is None else [place]
        here = self._place(".")
        folder = PurePosixPath(here or "")
        names = (*CONFIG_NAMES, PYPROJECT)
        return [str(one / name) for one in (folder, *folder.parents) for name in names]

    def _holds(self, tree: Tree, place: str) -> bool:
        """Whether a tree has a configuration at a path."""
        from agentmerge.cli.configs import has_own_table
        from agentmerge.world.files import decode
        from agentmerge.world.git import text_of

        data = text_of(tree, place)
        is_asked = self.flags.config is not None or not place.endswith(PYPROJECT)
        return data is not None and (is_asked or has_own_table(decode(data, tree.file(place))))

    def _reader(self, tree: Tree) -> Reader:
        """Reads a configuration, and what it extends, as the tree has it."""
        from agentmerge.world.files import decode
        from agentmerge.world.git import text_of

        def read(name: str) -> str:
            place = self._place(name)
            data = None if place is None else text_of(tree, place)
            if data is None or place is None:
                raise PolicyError(f"extends '{name}', which is not in {tree.name or 'the index'}", file=name)
            return decode(data, tree.file(place))

        return read

    def _place(self, name: str) -> str | None:
        """The path of a file from the top of the repository; None where it is out of it."""
        path = Path(os.path.realpath(name))
        top = Path(os.path.realpath(self.top))
        return path.relative_to(top).as_posix() if path.is_relative_to(top) else None

    def _is_tracked(self, place: str) -> bool:
        from agentmerge.world.git import text_of

        return any(text_of(tree, place) is not None for tree in self.trees)

    def _baseline(self, tree: Tree, place: str) -> Baseline:
        from agentmerge.drifting.acceptance import Baseline, read_baseline
        from agentmerge.world.files import decode
        from agentmerge.world.git import text_of

        data = text_of(tree, place)
        return Baseline() if data is None else read_baseline(decode(data, tree.file(place)), tree.file(place))
