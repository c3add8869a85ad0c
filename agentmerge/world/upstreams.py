"""Sources of recipes in, their files out: folders and local git repositories, read and never changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from agentmerge.errors import GitError, InputError
from agentmerge.text.paths import ITSELF, digest
from agentmerge.world import git
from agentmerge.world.files import MAX_BYTES

SKIPPED = frozenset({".git", "__pycache__", "node_modules", ".DS_Store"})
"""Names in a folder that are nobody's work."""


class Found(NamedTuple):
    """The files at one place."""

    files: dict[str, bytes]
    """By path; a single file by `ITSELF`, nothing where nothing is there."""
    executable: frozenset[str] = frozenset()


# On disk


def on_disk(place: Path) -> Found:
    """A file or a folder on disk. Links in a folder are left out: what they lead to is not part of it."""
    if place.is_dir():
        paths = sorted(_walked(place))
        files = {path: _bytes(place / path) for path in paths}
        return Found(files, frozenset(path for path in paths if os.access(place / path, os.X_OK)))
    if not place.exists():
        return Found({})
    return Found({ITSELF: _bytes(place)}, frozenset({ITSELF}) if os.access(place, os.X_OK) else frozenset())


def _walked(folder: Path) -> Iterator[str]:
    for where, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in SKIPPED and not (Path(where) / name).is_symlink()]
        for name in names:
            path = Path(where) / name
            if name not in SKIPPED and path.is_file() and not path.is_symlink():
                yield path.relative_to(folder).as_posix()


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"can't be read: {(error.strerror or str(error)).lower()}", file=str(path)) from None
    if len(data) > MAX_BYTES:
        raise InputError(f"is larger than {MAX_BYTES // 2**20} MB", file=str(path), remedy="leave it out of the source")
    return data


# In a repository


def commit_of(repo: Path, rev: str) -> str:
    """The full hash of a revision. Raises GitError where there is no such repository or revision."""
    if not repo.is_dir():
        raise GitError("there is no such folder", file=str(repo), remedy="clone the repository, or mend the recipe")
    ran = _run(repo, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev or 'HEAD'}^{{commit}}")
    if ran.code != 0:
        raise GitError(f"there is no revision '{rev or 'HEAD'}'", file=str(repo), remedy="fetch it, or name another")
    return ran.out.decode().strip()


def at_revision(repo: Path, commit: str, path: str) -> Found:
    """A file or a folder of a commit, as git has it: no filter, no line endings of a checkout."""
    kind = _run(repo, "cat-file", "-t", f"{commit}:{path}").out.strip()
    if kind == b"blob":
        listed = _run(repo, "ls-tree", "-z", "--full-tree", commit, "--", path).out
        executable = frozenset({ITSELF}) if listed.startswith(b"100755") else frozenset()
        return Found({ITSELF: _blob(repo, f"{commit}:{path}")}, executable)
    if kind != b"tree":
        return Found({})
    rows = _run(repo, "ls-tree", "-r", "-z", "--full-tree", f"{commit}:{path}").out.decode("utf-8", "surrogateescape")
    listed_files: dict[str, tuple[str, str]] = {}
    for row in filter(None, rows.split("\0")):
        about, _, name = row.partition("\t")
        mode, _, blob = about.split(" ")[:3]
        if mode in ("100644", "100755") and not SKIPPED & set(PurePosixPath(name).parts):
            listed_files[name] = (mode, blob)
    files = {name: _blob(repo, blob) for name, (_, blob) in sorted(listed_files.items())}
    return Found(files, frozenset(name for name, (mode, _) in listed_files.items() if mode == "100755"))


def _blob(repo: Path, name: str) -> bytes:
    ran = _run(repo, "cat-file", "blob", name)
    if ran.code != 0:
        raise GitError(f"{name} can't be read", file=str(repo), remedy="fetch the whole history")
    return ran.out


def _run(repo: Path, *arguments: str) -> git.Ran:
    return git.run(*arguments, cwd=str(repo), keep_env=False)


def new_name(repo: Path, old: str, commit: str, path: str) -> str:
    """What a file or a folder of an older commit is called in a newer one; "" where it is gone.

    A folder is followed where most of its files have gone to one other folder.
    """
    ran = _run(repo, "diff", "--raw", "-z", "-M", "--diff-filter=R", "--no-relative", old, commit, "--")
    if ran.code != 0:
        return ""
    parts = iter(ran.out.decode("utf-8", "surrogateescape").split("\0"))
    moved = {next(parts): next(parts) for part in parts if part.startswith(":")}
    if path in moved:
        return moved[path]
    votes: dict[str, int] = {}
    for before, after in moved.items():
        rest = before.removeprefix(f"{path}/")
        if rest != before and after.endswith(f"/{rest}"):
            folder = after.removesuffix(f"/{rest}")
            votes[folder] = votes.get(folder, 0) + 1
    best = max(sorted(votes), key=lambda folder: votes[folder], default="")
    return best if best and votes[best] * 2 > sum(votes.values()) else ""


def is_rewritten(repo: Path, old: str, commit: str) -> bool:
    """Whether an older commit is no part of a newer one's history: somebody rebased, or changed the branch."""
    return _run(repo, "merge-base", "--is-ancestor", old, commit).code != 0


def blobs_in_history(folder: Path, path: str) -> Iterator[bytes]:
    """Every content that a path had in the history of the repository around a folder, newest first."""
    ran = _run(folder, "log", "--all", "--raw", "--no-abbrev", "-z", "--format=", "-m", "--", path)
    if ran.code != 0:
        return
    seen: set[str] = set()
    for part in ran.out.decode("utf-8", "surrogateescape").split("\0"):
        fields = part.lstrip("\n").split(" ")
        if not part.lstrip("\n").startswith(":") or len(fields) < 5:
            continue
        for blob in (fields[3], fields[2]):
            if blob not in seen and set(blob) != {"0"}:
                seen.add(blob)
                found = _run(folder, "cat-file", "blob", blob)
                if found.code == 0:
                    yield found.out


def content_in_history(folder: Path, path: str, wanted: str) -> bytes | None:
    """The content of a path in git's history that has a hash; None where there is none, or no repository."""
    try:
        return next((data for data in blobs_in_history(folder, path) if digest(data) == wanted), None)
    except GitError:
        return None


class Kept(NamedTuple):
    """A blob that a path had in a commit."""

    commit: str
    path: str
    blob: str


def kept_blobs(repo: Path, start: str, below: str = "") -> list[Kept]:
    """Each blob of each path in the history of a commit, newest first, with the commit that brought it.

    `below` limits it to a path and what is below it.
    """
    form = ("log", "--raw", "--no-abbrev", "-z", "--no-renames", "-m", "--format=%x1e%H")
    ran = _run(repo, *form, start, "--", *([f":(top){below}"] if below else []))
    if ran.code != 0:
        raise GitError("its history can't be read", file=str(repo))
    found: dict[tuple[str, str], Kept] = {}
    commit = ""
    parts = iter(ran.out.decode("utf-8", "surrogateescape").split("\0"))
    for part in parts:
        for piece in part.split("\n"):
            if piece.startswith("\x1e"):
                commit = piece[1:]
            elif piece.startswith(":"):
                blob, path = piece.split(" ")[3], next(parts)
                if set(blob) != {"0"}:
                    found.setdefault((blob, path), Kept(commit, path, blob))
    return list(found.values())


def commits_of(repo: Path, start: str, path: str) -> list[str]:
    """The commits that changed something below a path, newest first."""
    ran = _run(repo, "log", "--format=%H", start, "--", f":(top){path}")
    return ran.out.decode().split() if ran.code == 0 else []


def blob(repo: Path, name: str) -> bytes:
    """The bytes of a blob."""
    return _blob(repo, name)


def is_repository(place: Path) -> bool:
    """Whether a folder is the top of a git repository, with or without a working tree."""
    if not place.is_dir():
        return False
    ran = _run(place, "rev-parse", "--show-prefix")
    return ran.code == 0 and not ran.out.strip()
