"""The files of a collection, read in several processes, and what was read of them before, kept by their content."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, suppress
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple, Self

from agentmerge.errors import AgentMergeError, InputError
from agentmerge.knowledge.tables import Knowledge

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of it.
    from agentmerge.model import Definition
    from agentmerge.surveying.engine import Compare, Couples
    from agentmerge.surveying.records import Card, Content, Survey, Wider

WORTH = 60
"""Files to read, or half the pairs to align, from which a second process is worth its start."""
PORTION = 16
"""Files that are handed over at once."""
MOST = 8
KEPT = 400_000
"""Rows that the cache may hold; before more would stand in it, it is begun anew."""
OTHERS = 2
"""Caches of other versions and tables that stay."""
_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n.*?^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)

_given: list[Knowledge] = []
"""In a worker, what it reads with."""


class Unread(NamedTuple):
    """A file that could not be read."""

    file: str
    why: str


class Found(NamedTuple):
    """What stands in the folders."""

    cards: tuple[Card, ...]
    unread: tuple[Unread, ...]
    links: int
    """Names that lead to a file which another name has, too."""


class Crew:
    """Processes that read and align, started when there is enough to do; with `jobs` 1 this one does it all."""

    def __init__(self, knowledge: Knowledge, jobs: int | None) -> None:
        self._knowledge = knowledge
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None
        _given[:] = [knowledge]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def read(self, files: Sequence[str]) -> Iterator[Content | str]:
        """What is known of each file, or why it can't be read."""
        pool = self._for(len(files))
        yield from map(_content, files) if pool is None else pool.map(_content, files, chunksize=PORTION)

    def align(self, couples: Sequence[tuple[str, str]]) -> list[str]:
        """The class that a diff of each couple of files gives; "" where it can't be told."""
        pool = self._for(2 * len(couples))
        return list(map(_aligned, couples) if pool is None else pool.map(_aligned, couples, chunksize=4))

    def _for(self, count: int) -> ProcessPoolExecutor | None:
        jobs = self._jobs if self._jobs is not None else min(_processors(), MOST)
        if self._pool is None and jobs > 1 and (self._jobs is not None or count >= WORTH):
            import multiprocessing

            # Forked processes would share this one's streams and locks; spawned ones are alike on every system.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(jobs, context, initializer=_start, initargs=(self._knowledge,))
        return self._pool


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _start(knowledge: Knowledge) -> None:
    _given[:] = [knowledge]


def _content(file: str) -> Content | str:
    from agentmerge.surveying.reading import read_content
    from agentmerge.world.files import read_text

    try:
        return read_content(read_text(file), file, _given[0])
    except AgentMergeError as error:
        return error.message


def _aligned(couple: tuple[str, str]) -> str:
    from agentmerge.diffing.comparing import diff
    from agentmerge.reading.parsing import parse
    from agentmerge.world.files import read_text

    try:
        a, b = (parse(read_text(file), _given[0], filename=file) for file in couple)
        return str(diff(a, b, _given[0]).klass)
    except AgentMergeError:
        # Conflict markers, or a file that is gone by now: the hashes said what can be said.
        return ""


def find(folders: Sequence[str]) -> tuple[list[str], int]:
    """Every definition in the folders, each file once whatever names lead to it; and how many names were left out.

    Raises InputError for what is no folder, and where there is nothing in any.
    """
    from agentmerge.world.files import find_definitions

    names: dict[str, None] = {}
    for folder in folders:
        if not Path(folder).exists():
            raise InputError("there is no such folder", file=folder)
        if not Path(folder).is_dir():
            raise InputError("is no folder", file=folder, remedy="name folders; `drift` takes files")
        names.update(dict.fromkeys(find_definitions(Path(folder))))
    if not names:
        raise InputError("there is no definition in it", file=folders[0], remedy="name a folder with .md files")
    found: dict[object, str] = {}
    for name in sorted(names, key=lambda name: (Path(name).is_symlink(), name)):
        try:
            state = os.stat(name)  # noqa: PTH116
        except OSError:
            found[name] = name
            continue
        found.setdefault((state.st_dev, state.st_ino) if state.st_ino else name, name)
    return sorted(found.values()), len(names) - len(found)


def read(folders: Sequence[str], crew: Crew, knowledge: Knowledge, *, cache: bool) -> Found:
    """The cards of all definitions in the folders; what was read before comes from the cache."""
    from agentmerge.surveying.records import Card

    files, links = find(folders)
    unread: dict[str, str] = {}
    keys: dict[str, str] = {}
    for file in files:
        try:
            keys[file] = _key(file, knowledge)
        except OSError as error:
            unread[file] = (error.strerror or str(error)).lower()
    store = Store(knowledge) if cache else None
    known = store.get(keys.values()) if store is not None else {}
    wanted = {key: file for file, key in reversed(keys.items()) if key not in known}
    read_now: dict[str, Content] = {}
    failed: dict[str, str] = {}
    for (key, file), got in zip(wanted.items(), crew.read(list(wanted.values())), strict=True):
        _progress(f"{len(read_now)}/{len(wanted)} {file}")
        if isinstance(got, str):
            failed[key] = got
        else:
            read_now[key] = got
    _progress("")
    if store is not None:
        store.put(read_now)
    cards = []
    for file, key in keys.items():
        if key in failed:
            unread[file] = failed[key]
        else:
            cards.append(Card(file, read_now.get(key) or known[key]))
    return Found(tuple(cards), tuple(Unread(*row) for row in sorted(unread.items())), links)


def survey(found: Found, crew: Crew, knowledge: Knowledge, compare: Compare | None = None) -> Survey:
    """What a collection holds, with rights and alignments read from its files.

    `compare` takes the place of `engine.links`, for who compares in other processes.
    """
    from agentmerge.surveying import engine
    from agentmerge.surveying.records import Wider

    cards = sorted(found.cards)
    known: dict[tuple[str, str], tuple[tuple[int, str, str], ...]] = {}

    def widen(couple: tuple[int, int]) -> tuple[Wider, ...]:
        a, b = (cards[number] for number in couple)
        # Equal fields of rights at one host say equal rights, in whatever files they stand.
        key = a.content.rights or f"{a.content.host} none", b.content.rights or f"{b.content.host} none"
        if key not in known:
            known[key] = widened(a.file, b.file, knowledge)
        return tuple(Wider(couple[number], severity, told) for number, severity, told in known[key])

    def align(couples: Couples) -> list[str]:
        return crew.align([(cards[a].file, cards[b].file) for a, b in couples])

    return engine.survey(cards, knowledge, align=align, widen=widen, compare=compare or engine.links)


def statements(survey: Survey, knowledge: Knowledge) -> list[tuple[int, str]]:
    """Line and words of each statement that a template is made of."""
    from agentmerge.model import walk_units
    from agentmerge.reading.parsing import parse
    from agentmerge.world.files import read_text

    found = []
    for one in survey.templates:
        file = survey.cards[one.file].file
        definition = parse(read_text(file), knowledge, filename=file)
        units = [place.unit for place in walk_units(definition.root) if place.unit.text.strip()]
        found.append((units[one.statement].line, units[one.statement].flow))
    return found


def root(folders: Sequence[str]) -> str:
    """The folder that all of them are in, as they are named; "" where they have none in common."""
    try:
        return os.path.commonpath(folders)
    except ValueError:
        return ""


def _key(file: str, knowledge: Knowledge) -> str:
    """What a card depends on: the bytes of a file, and what of its name says how it is read."""
    from agentmerge.reading.parsing import by_path

    path = Path(file)
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(0, "is not a regular file")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    host = by_path(file, knowledge) or ""
    own = path.name.lower() if host == "plain" else "toml" if path.suffix.lower() == ".toml" else ""
    return f"{digest} {host} {own}"


def _progress(text: str) -> None:
    from agentmerge.views.paint import one_line

    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{one_line(text, 78)}")
        sys.stderr.flush()


def widened(a: str, b: str, knowledge: Knowledge) -> tuple[tuple[int, str, str], ...]:
    """What one of two files may do and the other may not, as far as that is certain.

    Each as the number of the file, 0 or 1, with a severity and a phrase.
    """
    from agentmerge.rights import comparing

    sides = [_front(file, knowledge) for file in (a, b)]
    return tuple(
        (number, move.severity, move.told)
        for number, other in ((1, 0), (0, 1))
        for move in comparing.moves(sides[other], sides[number], knowledge)
        if move.direction == "widened" and move.is_certain
    )


def _front(file: str, knowledge: Knowledge) -> Definition:
    """A definition with the fields of a file and next to nothing of its body, which says nothing of rights."""
    from agentmerge.reading.parsing import parse
    from agentmerge.world.files import read_text

    text = read_text(file)
    match = _FRONT.match(text)
    return parse(f"{match[0]}\n\nText.\n" if match else text, knowledge, filename=file)


class Store:
    """Rows by key in a file of one user's own. Without a place that is safe to read from, nothing is kept.

    Rows are JSON; two processes may use it at once; what can't be read is read anew.
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._path = _place(knowledge)

    def get(self, keys: Iterable[str]) -> dict[str, Content]:
        """What is known under some keys."""
        if self._path is None or not self._path.exists():
            return {}
        import sqlite3

        from agentmerge.surveying.reading import from_row

        found: dict[str, Content] = {}
        with suppress(sqlite3.Error), closing(sqlite3.connect(self._path, timeout=5)) as base:
            for key in dict.fromkeys(keys):
                row = base.execute("SELECT row FROM contents WHERE key = ?", (key,)).fetchone()
                if row is not None:
                    with suppress(ValueError):
                        found[key] = from_row(json.loads(row[0]))
        return found

    def put(self, contents: dict[str, Content]) -> None:
        """Keep some contents; where that fails they are read again the next time."""
        if self._path is None or not contents:
            return
        import sqlite3

        from agentmerge.surveying.reading import to_row

        rows = [
            (key, json.dumps(to_row(one), ensure_ascii=True, separators=(",", ":"))) for key, one in contents.items()
        ]
        try:
            self._write(rows)
        except sqlite3.DatabaseError as error:
            if not isinstance(error, sqlite3.OperationalError):
                # No database any more: it is begun anew.
                with suppress(OSError, sqlite3.Error):
                    self._path.unlink()
                    self._write(rows)

    def _write(self, rows: Sequence[tuple[str, str]]) -> None:
        import sqlite3

        assert self._path is not None
        if not self._path.exists():
            _drop_old(self._path)
        with closing(sqlite3.connect(self._path, timeout=5)) as base, base:
            base.execute("CREATE TABLE IF NOT EXISTS contents (key TEXT PRIMARY KEY, row TEXT NOT NULL)")
            (held,) = base.execute("SELECT COUNT(*) FROM contents").fetchone()
            if held + len(rows) > KEPT:
                base.execute("DELETE FROM contents")
            base.executemany("INSERT OR REPLACE INTO contents VALUES (?, ?)", rows)


def _place(knowledge: Knowledge) -> Path | None:
    """The file of the cache; None where its folder can't be made, or others may write to it."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    try:
        home = Path(named) if named and PurePath(named).is_absolute() else Path.home() / ".cache"
        folder = home / "agentmerge"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"survey-{_version(knowledge)}.sqlite"
        return path if all(_is_own(one) for one in (folder, path) if one.exists()) else None
    except (OSError, RuntimeError):
        return None


def _drop_old(path: Path) -> None:
    """Delete what other versions kept, but for the newest of them."""
    with suppress(OSError):
        others = sorted(path.parent.glob("survey-*.sqlite"), key=lambda other: other.stat().st_mtime)
        for other in others[:-OTHERS]:
            other.unlink()


def _is_own(path: Path) -> bool:
    """Whether this user alone may write there."""
    if not hasattr(os, "getuid"):
        return True
    state = path.lstat()
    return state.st_uid == os.getuid() and not state.st_mode & 0o022 and not stat.S_ISLNK(state.st_mode)


def _version(knowledge: Knowledge) -> str:
    """What a row depends on beside the file: this package, and the tables in force."""
    from agentmerge import __version__
    from agentmerge.knowledge.tables import checksum, names
    from agentmerge.surveying.reading import FORMAT

    package = Path(__file__).parents[1]
    parts = sorted(
        f"{path.relative_to(package)} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in package.rglob("*.py")
    )
    said = repr((__version__, FORMAT, checksum(*names()), sorted(knowledge.rows.items()), parts))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]
