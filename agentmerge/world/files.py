"""Names of files in, texts out, and back: bytes and standard streams, atomic writes, finding files."""

from __future__ import annotations

import errno
import os
import shlex
import stat
import sys
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath

from agentmerge.errors import InputError, OutputError
from agentmerge.text.paths import is_binary

STDIO = "-"
CONFIG_NAMES = (".agentmerge.yaml", ".agentmerge.yml")
"""Names of a configuration file."""
MAX_BYTES = 32 * 1024 * 1024
"""A persona file is a prompt; what is larger is the wrong file."""


def read_text(name: str) -> str:
    """The text of a file, or of standard input for `-`. Line endings, BOM and final newline are kept.

    Raises InputError for what is not a readable UTF-8 text file.
    """
    shown = "<stdin>" if name == STDIO else name
    if name == STDIO and sys.stdin is None:
        raise InputError("standard input is closed", file=shown, remedy="name a file")
    data = sys.stdin.buffer.read(MAX_BYTES + 1) if name == STDIO else _read_bytes(name)
    if len(data) > MAX_BYTES:
        raise InputError(f"is larger than {MAX_BYTES // 2**20} MB", file=shown, remedy="name a persona file")
    return decode(data, shown)


_PLAIN = frozenset(b"\t\n\r\f\v\x1b")
_SIGNS = 0.05
"""Share of control characters in what is no UTF-8 text, from which it is no text at all."""


def _is_binary(data: bytes) -> bool:
    """Whether bytes that are no UTF-8 text are no text in another encoding either."""
    start = data[:4096]
    return sum(byte < 0x20 and byte not in _PLAIN for byte in start) > _SIGNS * len(start)


def decode(data: bytes, name: str) -> str:
    """Bytes of a file as text; InputError names the line of the first byte that is not UTF-8, or is no text."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise InputError("the file is UTF-16", file=name, remedy="save it as UTF-8") from None
        if _is_binary(data):
            raise InputError("is a binary file, no text", file=name, remedy="name a Markdown file") from None
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            file=name,
            line=line,
            remedy="save the file as UTF-8",
        ) from None
    if is_binary(data):
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise InputError(
            "holds NUL bytes, so it is no UTF-8 text", file=name, line=line, remedy="save it as UTF-8 if it is UTF-16"
        )
    return text


def _read_bytes(name: str) -> bytes:
    path = Path(name)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise InputError("is a directory", file=name, remedy="name a file in it")
        if not (stat.S_ISREG(mode) or _is_readable_stream(path, mode)):
            raise InputError("is not a regular file", file=name)
        with path.open("rb") as stream:
            # A device has no size, and may have no end.
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        remedy = _near(path) if isinstance(error, FileNotFoundError) else ""
        raise InputError(f"can't be read: {why}", file=name, remedy=remedy) from None
    except ValueError as error:
        raise InputError(f"can't be read: {error}", file=repr(name)) from None


def _near(path: Path) -> str:
    """What to do about a file that is not there: the name in its folder that is like it, or where to look."""
    import difflib

    folder = path.parent
    if not folder.is_dir():
        return f"there is no folder '{folder}'"
    try:
        names = [one.name for one in folder.iterdir() if one.is_file()]
    except OSError:
        names = []
    near = difflib.get_close_matches(path.name, names, 1)
    return f"did you mean '{folder / near[0]}'?" if near else f"ls {shlex.quote(str(folder))} names what there is"


def _is_readable_stream(path: Path, mode: int) -> bool:
    # Shells hand over `<(command)` as a pipe below /dev/fd, and git hands over /dev/null for an absent side.
    return path.parts[:2] in (("/", "dev"), ("/", "proc")) and (stat.S_ISFIFO(mode) or stat.S_ISCHR(mode))


def write_text(name: str, text: str) -> None:
    """Write a result: all of it or nothing, the old file's mode kept, a link followed. `-` is standard output.

    Raises OutputError; then the old file is as it was.
    """
    write_texts([(name, text)])


def write_texts(texts: Sequence[tuple[str, str]]) -> None:
    """Write several results, given as name and text, as `write_text` does one: all of them or none."""
    staged: list[_Staged] = []
    try:
        staged += (_Staged(name) for name, _ in texts if name != STDIO)
        for one, text in zip(staged, (text for name, text in texts if name != STDIO), strict=True):
            one.fill(text.encode("utf-8"))
        for _, text in (pair for pair in texts if pair[0] == STDIO):
            write_stdout(text)
    except BrokenPipeError:
        # Who stops reading has read enough of the result; the other ones are wanted all the same.
        _commit(staged)
        raise
    else:
        _commit(staged)
    finally:
        for one in staged:
            one.discard()


def write_bytes(name: str, data: bytes) -> None:
    """Write a file as `write_text` does, from bytes."""
    staged = _Staged(name)
    try:
        staged.fill(data)
        staged.commit()
    finally:
        staged.discard()


def write_folder(folder: Path, files: Mapping[str, bytes], gone: Iterable[str], executable: Container[str]) -> None:
    """Write files below a folder, and delete those that are gone: all of it or nothing. Raises OutputError.

    What else stands there stays. A new file whose path is in `executable` may be run.
    """
    made: list[Path] = []
    staged: list[_Staged] = []
    try:
        for path, data in sorted(files.items()):
            target = folder / path
            if target.is_file() and target.read_bytes() == data:
                continue
            _make_folder(target.parent, made)
            one = _Staged(str(target))
            staged.append(one)
            one.fill(data, runs=path in executable)
        _commit(staged)
    except OutputError:
        for empty in reversed(made):
            with suppress(OSError):
                empty.rmdir()
        raise
    finally:
        for one in staged:
            one.discard()
    for path in gone:
        (folder / path).unlink(missing_ok=True)
        with suppress(OSError):
            (folder / path).parent.rmdir()


def _make_folder(folder: Path, made: list[Path]) -> None:
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        try:
            one.mkdir()
        except OSError as error:
            raise OutputError(f"can't be made: {(error.strerror or str(error)).lower()}", file=str(one)) from None
        made.append(one)


def check_targets(*names: str | None) -> None:
    """Raise OutputError for a result that can't be written where it should go: a folder, or a file in no folder."""
    for name in names:
        if name not in (None, STDIO):
            _Staged(str(name))


def _commit(staged: Iterable[_Staged]) -> None:
    # A device may still refuse; a file that is ready takes its place whatever happens.
    for one in sorted(staged, key=lambda one: one.is_ready):
        one.commit()


class _Staged:
    """A file beside its target until everything that belongs together can be written."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._data = b""
        self._temporary: Path | None = None
        target = Path(name)
        with self._told():
            self._target = Path(os.path.realpath(target)) if target.is_symlink() else target
            if self._target.is_symlink():
                # What is left of a link that was followed to its end goes in a circle.
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
            if self._target.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if not stat.S_ISDIR(self._target.parent.stat().st_mode):
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))

    @property
    def is_ready(self) -> bool:
        """Whether only a rename is left to do."""
        return self._temporary is not None

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise OutputError(f"can't be written: {why}", file=self._name) from None

    def fill(self, data: bytes, *, runs: bool = False) -> None:
        """Everything that can fail for want of room or of rights."""
        import tempfile

        self._data, target = data, self._target
        with self._told():
            if target.exists() and not target.is_file():
                # A device or a pipe has nothing beside it, and nothing to keep.
                return
            handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
            self._temporary = Path(temporary)
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            mode = _default_mode() | (0o111 & (_default_mode() >> 2) if runs else 0)
            self._temporary.chmod(stat.S_IMODE(target.stat().st_mode) if target.exists() else mode)

    def commit(self) -> None:
        with self._told():
            if self._temporary is None:
                self._target.write_bytes(self._data)
            else:
                self._temporary.replace(self._target)

    def discard(self) -> None:
        """Leave nothing behind; what was committed stays."""
        if self._temporary is not None:
            with suppress(OSError):
                self._temporary.unlink()


def _default_mode() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def write_stdout(text: str) -> None:
    """Text to standard output as UTF-8, with its own line endings on every system.

    Raises OutputError when it can't be written, and BrokenPipeError when nobody reads any more.
    """
    if sys.stdout is None:
        raise OutputError("is closed", file="<stdout>", remedy="name a file with --output")
    stream = getattr(sys.stdout, "buffer", None)
    if stream is None:
        sys.stdout.write(text)
        return
    try:
        sys.stdout.flush()
        stream.write(text.encode("utf-8"))
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        # What is left in the buffer would be tried once more at exit, and complained about.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise OutputError(f"can't be written: {(error.strerror or str(error)).lower()}", file="<stdout>") from None


def find_upwards(start: Path, names: tuple[str, ...]) -> Path | None:
    """The nearest file of one of the names, in `start` or a folder above it."""
    folder = start.absolute()
    for parent in (folder, *folder.parents):
        for name in names:
            if (parent / name).is_file():
                return parent / name
    return None


_SKIPPED = frozenset({"node_modules", "__pycache__", "venv", "site-packages"})
_DEFINITIONS = (".md", ".mdc", ".markdown")
_RULES = frozenset({".cursorrules", ".windsurfrules", ".clinerules", ".roorules", ".goosehints"})
"""Files without a suffix that hosts read as rules of a project."""


def find_definitions(folder: Path) -> list[str]:
    """Every definition below a folder, sorted; folders that tools fill are left out, those of hosts are not."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED and name != ".git")
        found += [str(Path(place) / name) for name in sorted(names) if is_definition(str(Path(place) / name))]
    return found


def is_definition(name: str) -> bool:
    """Whether a file's name is one that a definition has: Markdown, rules of a project, TOML in a folder of agents."""
    path = PurePath(name.lower())
    return (
        path.suffix in _DEFINITIONS or path.name in _RULES or (path.suffix == ".toml" and path.parent.name == "agents")
    )
