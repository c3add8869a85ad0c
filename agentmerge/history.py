"""The edge to git's history: the versions of one file along renames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agentmerge import git
from agentmerge.errors import GitError

_COMMIT, _PART = "\x1e", "\x1f"
_FORMAT = f"--format={_COMMIT}{_PART.join(('%H', '%cs', '%an', '%ae', '%at', '%ai', '%s'))}"
_ABSENT = "0000"

UNCOMMITTED = "0" * 40
"""Stands for the commit of what is on disk alone, as in git's own blame."""


@dataclass(frozen=True, slots=True)
class Version:
    """A file as one commit left it."""

    rev: str
    """Full hash, or the name that was asked for."""
    date: str
    """Day of the commit, as YYYY-MM-DD."""
    author: str
    subject: str
    path: str
    """From the top of the repository."""
    blob: str
    mail: str = ""
    """Of the author."""
    time: str = ""
    """When it was written: seconds since 1970, and the author's zone as +HHMM."""


def versions(name: str, since: str | None = None, until: str = "HEAD") -> list[Version]:
    """Every version of a file up to a revision, oldest first, renames followed; from that of `since` on, where given.

    Raises GitError where there is no repository, no history, or no such revision.
    """
    path = Path(name)
    folder = str(path.parent) if path.parent.is_dir() else None
    own = path.name if folder else name
    span = [until] if since is None else [f"{_commit(since, folder)}..{until}"]
    found = list(_log(span, own, folder))
    found.reverse()
    if since is not None:
        found = [*_start(since, own, folder, found), *found]
    rows = [version for version, _ in found]
    if not rows:
        raise GitError("has no history", file=name, remedy="name a file that is under version control")
    return rows


def _commit(rev: str, folder: str | None) -> str:
    ran = git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}", cwd=folder)
    if ran.code != 0:
        raise GitError(f"there is no revision '{rev}'")
    return ran.out.decode().strip()


def _log(span: Sequence[str], name: str, folder: str | None) -> Iterator[tuple[Version, str]]:
    """Each version in a span, newest first, with what the file was called before."""
    flags = ["log", "--follow", "--raw", "--no-abbrev", "-z", "-M", _FORMAT]
    ran = git.run(*flags, *span, "--", name, cwd=folder)
    if ran.code != 0:
        raise GitError(ran.error.splitlines()[0] if ran.error else "git log failed", file=name)
    parts = iter(ran.out.decode("utf-8", "replace").split("\0"))
    about = [""] * 7
    for part in parts:
        text = part.lstrip("\n")
        if text.startswith(_COMMIT):
            about = text[1:].split(_PART, 6)
        elif text.startswith(":"):
            fields = text.split()
            old = next(parts)
            new = next(parts) if fields[4][0] in "RC" else old
            if not fields[3].startswith(_ABSENT):
                yield _version(about, new, fields[3]), old if fields[4][0] != "A" else ""


def _version(about: Sequence[str], path: str, blob: str, rev: str = "") -> Version:
    own, day, author, mail, seconds, written, subject = about
    return Version(rev or own, day, author, subject, path, blob, mail, f"{seconds} {written[-5:]}")


def _start(
    since: str, name: str, folder: str | None, found: Sequence[tuple[Version, str]]
) -> Iterator[tuple[Version, str]]:
    """The version that `since` has, under the name that the file had then; none where it came later."""
    path = found[0][1] if found else _from_top(name, folder)
    ran = git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{since}:{path}", cwd=folder)
    if path and ran.code == 0:
        shown = git.run("log", "-1", _FORMAT, "--end-of-options", since, cwd=folder).out.decode("utf-8", "replace")
        about = shown.strip().removeprefix(_COMMIT).split(_PART, 6)
        yield _version(about, path, ran.out.decode().strip(), since), path


def _from_top(name: str, folder: str | None) -> str:
    ran = git.run("ls-files", "--full-name", "-z", "--", name, cwd=folder)
    return ran.out.decode("utf-8", "replace").split("\0")[0]


def contents(found: Sequence[Version], name: str) -> list[bytes]:
    """The bytes of versions of the file `name`, in one call of git. Raises GitError where one is not there."""
    folder = Path(name).parent
    wanted = "".join(f"{version.blob}\n" for version in found if version.rev != UNCOMMITTED)
    ran = git.run("cat-file", "--batch", cwd=str(folder) if folder.is_dir() else None, given=wanted.encode())
    told, rest = [], ran.out
    for version in found:
        if version.rev == UNCOMMITTED:
            told.append(Path(name).read_bytes())
            continue
        head, _, rest = rest.partition(b"\n")
        if ran.code != 0 or not head.split()[2:]:
            raise GitError(f"'{version.path}' can't be read at {version.rev}", remedy="fetch the whole history")
        size = int(head.split()[2])
        told.append(rest[:size])
        rest = rest[size + 1 :]
    return told


def edited_in(rev: str, folder: str | None) -> list[tuple[str | None, str | None]]:
    """Paths from the top before and after, None for a file that was not there, of each file that a commit changed.

    Of a merge those that it changed of its first parent; of a commit without a parent every file is new.
    """
    flags = ["-r", "-z", "--root", "--no-commit-id", "--name-status", "-m", "--first-parent"]
    ran = git.run("diff-tree", *flags, rev, cwd=folder)
    parts = ran.out.decode("utf-8", "surrogateescape").split("\0") if ran.code == 0 else []
    found: list[tuple[str | None, str | None]] = []
    for status, path in zip(parts[::2], parts[1::2], strict=False):
        found.append((None if status == "A" else path, None if status == "D" else path))
    return found


def text_at(rev: str, path: str, folder: str | None) -> bytes | None:
    """What a file says at a revision, by its path from the top; None where it is not there."""
    ran = git.run("cat-file", "blob", f"{rev}:{path}", cwd=folder)
    return ran.out if ran.code == 0 else None


def now(name: str, last: Version) -> Version | None:
    """The file on disk, where it says something else than its last version."""
    path = Path(name)
    if not path.is_file():
        return None
    ran = git.run("hash-object", "--path", path.name, "--", path.name, cwd=str(path.parent))
    blob = ran.out.decode().strip()
    if ran.code != 0 or blob == last.blob:
        return None
    return Version(UNCOMMITTED, "", "not committed yet", "", last.path, blob)


def revisions(text: str) -> tuple[str, str] | None:
    """Both ends of `A..B` or `A...B` (from their merge base); None for anything else, such as a file of that name."""
    left, dots, right = text.partition("..")
    if not dots or Path(text).exists() or "/" in right[:2]:
        return None
    if right.startswith("."):
        return git.asked("merge-base", left or "HEAD", right[1:] or "HEAD"), right[1:] or "HEAD"
    return left or "HEAD", right or "HEAD"
