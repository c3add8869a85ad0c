"""The edge to git's history: the versions of one file along renames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agentmerge import git
from agentmerge.errors import GitError

_COMMIT, _PART = "\x1e", "\x1f"
_FORMAT = f"--format={_COMMIT}%H{_PART}%cs{_PART}%an{_PART}%s"
_ABSENT = "0000"


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


def versions(name: str, since: str | None = None) -> list[Version]:
    """Every version of a file, oldest first, renames followed; from that of `since` on, where that is given.

    Raises GitError where there is no repository, no history, or no such revision.
    """
    path = Path(name)
    folder = str(path.parent) if path.parent.is_dir() else None
    own = path.name if folder else name
    span = ["HEAD"] if since is None else [f"{_commit(since, folder)}..HEAD"]
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
    about = ["", "", "", ""]
    for part in parts:
        text = part.lstrip("\n")
        if text.startswith(_COMMIT):
            about = text[1:].split(_PART, 3)
        elif text.startswith(":"):
            fields = text.split()
            old = next(parts)
            new = next(parts) if fields[4][0] in "RC" else old
            if not fields[3].startswith(_ABSENT):
                yield (
                    Version(about[0], about[1], about[2], about[3], new, fields[3]),
                    old if fields[4][0] != "A" else "",
                )


def _start(
    since: str, name: str, folder: str | None, found: Sequence[tuple[Version, str]]
) -> Iterator[tuple[Version, str]]:
    """The version that `since` has, under the name that the file had then; none where it came later."""
    path = found[0][1] if found else _from_top(name, folder)
    ran = git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{since}:{path}", cwd=folder)
    if path and ran.code == 0:
        shown = git.run("log", "-1", _FORMAT, "--end-of-options", since, cwd=folder).out.decode("utf-8", "replace")
        about = shown.strip().removeprefix(_COMMIT).split(_PART, 3)
        yield Version(since, about[1], about[2], about[3], path, ran.out.decode().strip()), path


def _from_top(name: str, folder: str | None) -> str:
    ran = git.run("ls-files", "--full-name", "-z", "--", name, cwd=folder)
    return ran.out.decode("utf-8", "replace").split("\0")[0]


def content(version: Version, name: str) -> bytes:
    """The bytes of a version of the file `name`."""
    folder = Path(name).parent
    ran = git.run("cat-file", "blob", version.blob, cwd=str(folder) if folder.is_dir() else None)
    if ran.code != 0:
        raise GitError(f"'{version.path}' can't be read at {version.rev}", remedy="fetch the whole history")
    return ran.out


def revisions(text: str) -> tuple[str, str] | None:
    """Both ends of `A..B` or `A...B` (from their merge base); None for anything else, such as a file of that name."""
    left, dots, right = text.partition("..")
    if not dots or Path(text).exists() or "/" in right[:2]:
        return None
    if right.startswith("."):
        return git.asked("merge-base", left or "HEAD", right[1:] or "HEAD"), right[1:] or "HEAD"
    return left or "HEAD", right or "HEAD"
