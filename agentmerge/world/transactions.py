"""Contents of several files in, all of them written or none, also where the process is killed; one writer at a time.

What is to be written lies ready in `.agentmerge/pending` before its list is written there; from then on the update is
decided, and whoever comes next finishes it. The lock of the project is the last file of the list.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, NamedTuple

from agentmerge.errors import OutputError
from agentmerge.text.paths import digest, normal
from agentmerge.world.files import write_bytes

FOLDER = ".agentmerge"
_LIST = "list.json"


class Step(NamedTuple):
    """One file of a transaction."""

    path: str
    """From the root."""
    old: bytes | None
    """What is there; None where nothing is."""
    new: bytes | None
    """None to delete it."""
    executable: bool = False


class Store:
    """What a project keeps for its updates, below `.agentmerge`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / FOLDER
        self._pending = self.folder / "pending"

    # Bases

    def base(self, name: str) -> bytes | None:
        """The content of a hash; None where it is not here, or was changed by somebody."""
        path = self.folder / "base" / name
        if not path.is_file():
            return None
        data = path.read_bytes()
        return data if digest(data) == name else None

    def base_step(self, data: bytes) -> Step:
        """The step that stores a content, with LF line endings where it is a text."""
        data = normal(data)
        name = digest(data)
        path = self.folder / "base" / name
        return Step(f"{FOLDER}/base/{name}", path.read_bytes() if path.is_file() else None, data)

    def bases(self) -> list[str]:
        """The hashes of all contents that are stored."""
        folder = self.folder / "base"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    # One writer at a time

    @contextmanager
    def locked(self, waiting: Callable[[], object]) -> Iterator[None]:
        """Hold the project's lock; `waiting` is called before a wait for somebody else's."""
        self._make(self.folder)
        path = self.folder / "running"
        with path.open("a+b") as stream:
            _hold(stream.fileno(), waiting)
            try:
                yield
            finally:
                # A file that is removed could be locked by two: one that had it open, and one that made it anew.
                _let_go(stream.fileno())

    # A transaction

    @property
    def is_interrupted(self) -> bool:
        """Whether an update was decided and not finished."""
        return (self._pending / _LIST).is_file()

    def write(self, steps: Sequence[Step]) -> None:
        """Write all steps, in their order. Raises OutputError; then nothing, or as good as nothing, was written."""
        if not steps:
            return
        for step in steps:
            self._check(step)
        self._clear()
        self._make(self._pending)
        try:
            rows = [self._staged(number, step) for number, step in enumerate(steps)]
            write_bytes(str(self._pending / _LIST), json.dumps(rows, indent=1).encode())
        except OSError as error:
            self._clear()
            raise OutputError(f"can't be written: {_why(error)}", file=str(self._pending)) from None
        self._apply(rows)
        self._clear()

    def finish(self) -> Literal["", "finished", "dropped"]:
        """End what an interrupted update left.

        It is finished where every file is as it was before or as it is to be; where somebody has edited one since, the
        rest is dropped: the lock is as before, and the next merge finds what was written already.
        """
        if not self.is_interrupted:
            self._clear()
            return ""
        rows: list[dict[str, Any]] = json.loads((self._pending / _LIST).read_text("utf-8"))
        names = [self._name_now(str(row["path"])) for row in rows]
        if any(name not in (row["old"], row["new"]) for name, row in zip(names, rows, strict=True)):
            self._clear()
            return "dropped"
        self._apply([row for name, row in zip(names, rows, strict=True) if name != row["new"]])
        self._clear()
        return "finished"

    def _staged(self, number: int, step: Step) -> dict[str, Any]:
        if step.new is not None:
            path = self._pending / str(number)
            with path.open("wb") as stream:
                stream.write(step.new)
                stream.flush()
                os.fsync(stream.fileno())
            target = self._target(step.path)
            path.chmod(stat.S_IMODE(target.stat().st_mode) if target.exists() else _new_mode(step.executable))
        return {"path": step.path, "old": _name(step.old), "new": _name(step.new), "staged": str(number)}

    def _check(self, step: Step) -> None:
        target = self._target(step.path)
        if target.is_dir() or (target.exists() and not target.is_file()):
            raise OutputError("is no file", file=step.path, remedy="move it away")
        data = target.read_bytes() if target.exists() else None
        if data != step.old:
            raise OutputError("was changed while the update was planned", file=step.path, remedy="run it again")
        folder = next(parent for parent in target.parents if parent.exists())
        if not folder.is_dir() or not os.access(folder, os.W_OK):
            raise OutputError("can't be written: its folder takes no file", file=step.path)

    def _apply(self, rows: Sequence[dict[str, Any]]) -> None:
        for row in rows:
            target = self._target(str(row["path"]))
            try:
                if row["new"] is None:
                    target.unlink(missing_ok=True)
                    self._drop_empty(target.parent)
                    continue
                self._make(target.parent)
                self._move(self._pending / str(row["staged"]), target)
            except OSError as error:
                remedy = "mend that and run `agentmerge update`, which finishes it"
                raise OutputError(f"can't be written: {_why(error)}", file=str(row["path"]), remedy=remedy) from None

    def _move(self, staged: Path, target: Path) -> None:
        try:
            staged.replace(target)
        except OSError:
            # Another file system: it has no rename from here.
            write_bytes(str(target), staged.read_bytes())

    def _target(self, path: str) -> Path:
        """Where a file is written: a link is followed."""
        return Path(os.path.realpath(self.root / path))

    def _name_now(self, path: str) -> str | None:
        target = self._target(path)
        return _name(target.read_bytes()) if target.is_file() else None

    def _drop_empty(self, folder: Path) -> None:
        while folder != self.root and self.root in folder.parents:
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent

    def _make(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"can't be made: {_why(error)}", file=str(folder)) from None

    def _clear(self) -> None:
        # The list goes first: what lies beside it means nothing without it.
        with suppress(OSError):
            (self._pending / _LIST).unlink(missing_ok=True)
        shutil.rmtree(self._pending, ignore_errors=True)


def written_together(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder, all of them or none; a store that was not there before is gone afterwards.

    Raises OutputError. What an earlier transaction left is finished first.
    """
    store = Store(folder)
    is_new = not store.folder.exists()
    try:
        with store.locked(lambda: None):
            store.finish()
            store.write([Step(path, _there(folder / path), data) for path, data in sorted(files.items())])
    finally:
        if is_new:
            shutil.rmtree(store.folder, ignore_errors=True)


def _there(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _name(data: bytes | None) -> str | None:
    """The exact bytes, unlike the hashes of the lock."""
    return None if data is None else sha256(data).hexdigest()


def _new_mode(executable: bool) -> int:
    mask = os.umask(0)
    os.umask(mask)
    return (0o777 if executable else 0o666) & ~mask


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _hold(handle: int, waiting: Callable[[], object]) -> None:
    try:
        import fcntl
    except ImportError:  # pragma: no cover
        _hold_on_windows(handle, waiting)
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        waiting()
        fcntl.flock(handle, fcntl.LOCK_EX)


def _let_go(handle: int) -> None:
    with suppress(ImportError, OSError):
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_UN)


def _hold_on_windows(handle: int, waiting: Callable[[], object]) -> None:  # pragma: no cover
    import importlib

    msvcrt: Any = importlib.import_module("msvcrt")
    os.lseek(handle, 0, os.SEEK_SET)
    try:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    except OSError:
        waiting()
        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
