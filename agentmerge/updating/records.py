"""What an update is about: recipes, what was written last, and what would be written now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from agentmerge.combining.policy import OnConflict, Rule
from agentmerge.contents import Files
from agentmerge.drifting.records import Finding
from agentmerge.outcome import Conflict, Notice

Side = Literal["ours", "theirs"]

GONE = "gone"
"""The hash of a source that its place no longer holds."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where one source of an output stands."""

    path: str
    """From the folder of the configuration, or from the top of `repo`."""
    repo: str = ""
    """Folder of a local git repository, from the folder of the configuration; "" for a file on disk."""
    rev: str = ""
    """Branch, tag or commit in it; HEAD where it is empty."""
    lock: str = ""
    """Lock file of an installer that says the revision."""
    entry: str = ""
    """Name of the entry in that lock file."""

    @property
    def label(self) -> str:
        """How it is named in the lock and in messages; without the revision, which moves."""
        return f"{self.repo}:{self.path}" if self.repo else self.path


@dataclass(frozen=True, slots=True)
class Options:
    """How the sources of one output are combined; None where the configuration's defaults hold."""

    strategy: str | None = None
    wording: str | None = None
    quorum: int | None = None
    prefer: tuple[str, ...] = ()
    on_conflict: OnConflict | None = None
    template: str | None = None
    name: str | None = None
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one output is made of."""

    output: str
    """File or folder, from the folder of the configuration, with slashes."""
    sources: tuple[Source, ...]
    combine: Options = field(default_factory=Options)
    decisions: str = ""
    """File with decisions about the combine; "" for none."""

    @property
    def is_vendored(self) -> bool:
        """Whether it is somebody's file or folder, as it is."""
        return len(self.sources) == 1


@dataclass(frozen=True, slots=True)
class LockedSource:
    """A source as an update read it."""

    label: str
    revision: str
    """Commit it was read at; "" for a file on disk."""
    hash: str
    """Of its content; `GONE` where the update was told that there is none any more."""
    path: str = ""
    """Its path then, where the recipe has an older one."""


@dataclass(frozen=True, slots=True)
class Locked:
    """What the tool wrote last for one output."""

    recipe: str
    """Hash of the recipe with everything that decides how its sources are combined."""
    base: Mapping[str, str]
    """Path to hash of what the sources came to."""
    sources: tuple[LockedSource, ...]


class Status(StrEnum):
    """How an output stands to its base and its sources."""

    CLEAN = "clean"
    """As the tool wrote it, from the sources as they are."""
    PENDING = "pending"
    """As the tool wrote it; the sources, or the recipe, have moved."""
    LOCAL = "local"
    """Edited here; the sources have not moved."""
    BOTH = "both"
    """Edited here, and the sources have moved."""
    CONVERGED = "converged"
    """It says what the sources come to, though the lock does not know."""
    NEW = "new"
    """Not written yet."""
    FOREIGN = "foreign"
    """There is a file that the tool did not write."""
    ORPHAN = "orphan"
    """In the lock, and in no recipe."""


CURRENT = frozenset({Status.CLEAN, Status.LOCAL, Status.ORPHAN})
"""There is nothing that an update could do."""


@dataclass(frozen=True, slots=True)
class Read:
    """One source as it is now."""

    source: Source
    files: Files
    """A single file by `ITSELF`; empty where its place holds nothing."""
    revision: str = ""
    executable: frozenset[str] = frozenset()
    path: str = ""
    """Where it was found, where the recipe has an older path."""
    notices: tuple[Notice, ...] = ()
    """What is told of it: that it has another name now, that its history was rewritten."""


@dataclass(frozen=True, slots=True)
class Made:
    """What the sources of an output come to now."""

    files: Files
    sources: tuple[LockedSource, ...]
    recipe: str
    """Hash of the recipe."""
    executable: frozenset[str] = frozenset()
    """Paths of files that may be run."""
    gone: tuple[str, ...] = ()
    """Labels of sources that were there and are no more."""
    notices: tuple[Notice, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    """What keeps the sources from being combined."""


@dataclass(frozen=True, slots=True)
class State:
    """One output with all that an update looks at."""

    recipe: Recipe
    locked: Locked | None
    base: Files
    """What the tool wrote last, as far as it is known."""
    lost: frozenset[str]
    """Paths of the base whose text can't be found anywhere."""
    ours: Files
    """What is there now; empty where nothing is."""
    made: Made


@dataclass(frozen=True, slots=True)
class Write:
    """A file to write, or to delete."""

    path: str
    """From the folder of the configuration."""
    old: bytes | None
    """What is there; None where nothing is."""
    new: bytes | None
    """None to delete it."""
    executable: bool = False


@dataclass(frozen=True, slots=True)
class Drop:
    """A finding about what an update takes away or changes, with its file."""

    path: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person has to decide in one file of an output."""

    path: str
    """From the folder of the configuration."""
    conflict: Conflict
    texts: tuple[str, str, str] = ("", "", "")
    """Base, ours and theirs of the file, where they are texts."""


@dataclass(frozen=True, slots=True)
class OutputPlan:
    """What an update would do with one output."""

    output: str
    status: Status
    writes: tuple[Write, ...] = ()
    asked: tuple[Asked, ...] = ()
    """Open questions; while there is one, nothing of the output is written."""
    dropped: tuple[Drop, ...] = ()
    """What its definitions lose or change by it, most serious first."""
    notices: tuple[Notice, ...] = ()
    locked: Locked | None = None
    """The row of the lock after it; None to leave the row as it is."""
    bases: tuple[bytes, ...] = ()
    """Texts that the row of the lock names."""
    kept: int = 0
    """Files with local edits that stay."""

    @property
    def is_current(self) -> bool:
        """Whether there is nothing to do and nothing to ask."""
        return self.locked is None and not self.writes and not self.asked
