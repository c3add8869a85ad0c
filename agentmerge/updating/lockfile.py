"""What the tool, an installer or a person took last: the lock, lock files of others, the version a file comes from."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha1, sha256
from pathlib import PurePosixPath
from typing import NamedTuple

from agentmerge.errors import InputError
from agentmerge.model import Value
from agentmerge.reading.yamlio import YamlError, field_text, load
from agentmerge.text.paths import ITSELF, Files, is_text, normal, same
from agentmerge.updating.recipes import GONE, Locked, LockedSource

# Lockfile -------------------------------------------------------------------------------------------------------------
#
# The lock: what the tool wrote last for each output. Sorted, without a time and without a version of the tool.


NAME = "agentmerge.lock"
SCHEMA = "agentmerge/lock/1"
_HASH = re.compile(r"[0-9a-f]{64}\Z")
_HEAD = "# Written by `agentmerge update`: what it wrote last, and from what. Keep it under version control.\n"


def read_lock(text: str, file: str = NAME) -> dict[str, Locked]:
    """The rows of a lock by output. InputError for a file that is none: a base must not be guessed."""
    try:
        data = load(text)
    except YamlError as error:
        raise InputError(
            f"not valid YAML: {error.message}", file=file, line=error.line + 1, remedy="take it from git's history"
        ) from None
    if data is None:
        return {}
    if not isinstance(data, Mapping) or data.get("schema") != SCHEMA:
        raise InputError(f"is no lock of the form {SCHEMA}", file=file, remedy="take it from git's history")
    rows = data.get("outputs") or {}
    try:
        if not isinstance(rows, Mapping):
            raise TypeError("outputs")
        return {str(output): _row(row) for output, row in rows.items()}
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"a row has another form: {error}", file=file, remedy="take it from git's history") from None


def _row(data: Value) -> Locked:
    if not isinstance(data, Mapping):
        raise TypeError("an output is no list of `key: value` lines")
    base = data["base"]
    files = base if isinstance(base, Mapping) else {ITSELF: base}
    sources = data["sources"]
    if not isinstance(sources, tuple):
        raise TypeError("sources")
    return Locked(
        _hash(data["recipe"]), {str(path): _hash(name) for path, name in files.items()}, tuple(map(_source, sources))
    )


def _source(data: Value) -> LockedSource:
    if not isinstance(data, Mapping):
        raise TypeError("a source")
    name = str(data["hash"])
    revision, path = (str(data.get(key) or "") for key in ("revision", "path"))
    return LockedSource(str(data["source"]), revision, name if name == GONE else _hash(name), path)


def _hash(value: Value) -> str:
    # Digits alone are a number for YAML; they are written in quotes.
    if not isinstance(value, str) or not _HASH.match(value):
        raise ValueError(f"'{value}' is no hash")
    return value


def lock_text(rows: Mapping[str, Locked]) -> str:
    """The lock as text, the same bytes for the same rows."""
    outputs: dict[str, Value] = {output: _written(rows[output]) for output in sorted(rows)}
    return _HEAD + field_text("schema", SCHEMA) + field_text("outputs", outputs)


def _written(row: Locked) -> dict[str, Value]:
    base: Value = row.base[ITSELF] if set(row.base) == {ITSELF} else {path: row.base[path] for path in sorted(row.base)}
    sources = tuple(_written_source(source) for source in row.sources)
    return {"base": base, "recipe": row.recipe, "sources": sources}


def _written_source(source: LockedSource) -> dict[str, Value]:
    known: dict[str, Value] = {"path": source.path, "revision": source.revision}
    return {"hash": source.hash, **{key: value for key, value in known.items() if value}, "source": source.label}


# Installers -----------------------------------------------------------------------------------------------------------
#
# Lock files of installers: which revision they have for an entry. They are read and never written.


_REVISIONS = ("resolved_commit", "resolvedRef", "resolvedCommit", "commit", "revision", "ref")
"""Keys under which lock files write the commit, the surest first."""
_NAMES = ("name", "repo_url", "source", "virtual_path")
"""Keys by which an entry of a list is known."""


def revision_in(text: str, file: str, entry: str) -> str:
    """The revision that a lock file has for an entry.

    Read are JSON and YAML: `apm.lock.yaml`, `skills-lock.json`, `rulesync.lock` and whatever is like them. Raises
    InputError where the entry is not there, or is there and names no revision.
    """
    try:
        data = json.loads(text) if text.lstrip().startswith("{") else load(text)
    except (ValueError, YamlError) as error:
        raise InputError(f"is neither JSON nor YAML: {error}", file=file) from None
    rows = list(_entries(data, entry))
    if not rows:
        raise InputError(f"has no entry '{entry}'", file=file, remedy="write its name as it stands there")
    found = [str(row[key]) for row in rows for key in _REVISIONS if isinstance(row.get(key), str) and row[key]]
    if not found or found[0].startswith("-"):
        message = f"the entry '{entry}' names no revision"
        raise InputError(message, file=file, remedy="write `rev` into the recipe in the place of `lock` and `entry`")
    if len(dict.fromkeys(found)) > len({key for row in rows for key in _REVISIONS if key in row}):
        raise InputError(f"has several entries '{entry}' at different revisions", file=file, remedy="write `rev`")
    return found[0]


def _entries(data: object, entry: str) -> Iterator[Mapping[str, object]]:
    """Every row of that name: a key of a mapping, or a member of a list that says so; what it is in comes along."""
    if isinstance(data, Mapping):
        named = data.get(entry)
        if isinstance(named, Mapping):
            yield named
        for value in data.values():
            below = list(_entries(value, entry))
            yield from below
            if below and isinstance(value, Mapping) and not any(key in row for row in below for key in _REVISIONS):
                # A source that has the revision, with its skills below it.
                yield value
    elif isinstance(data, (list, tuple)):
        for row in data:
            if isinstance(row, Mapping) and any(str(row.get(key)) == entry for key in _NAMES):
                yield row


# Adopting -------------------------------------------------------------------------------------------------------------
#
# Which version of an upstream a file comes from: the one that is equal, else the one that is nearest by its text.


FAR = 0.5
"""Share of lines that differ from which a version is no base: it may be somebody else's text."""


_MARK = re.compile(rb"^(\s*)[*+](?=\s)")
"""Marks of list items that say the same as `-`."""


class Version(NamedTuple):
    """One content that an upstream holds or held."""

    commit: str
    path: str
    files: Files
    """A single file by its empty path."""


class Match(NamedTuple):
    """The version that a file comes from, as far as it can be told."""

    version: Version
    lines: int
    """Lines that stand in one of the two alone; 0 where they are equal."""
    share: float
    """Of the lines of both, in [0, 1]."""
    rivals: tuple[Version, ...] = ()
    """Versions with another text that are as near."""

    @property
    def is_sure(self) -> bool:
        """Whether it can be taken without asking."""
        return not self.rivals and self.share < FAR


def blob_ids(data: bytes) -> frozenset[str]:
    """Git's names for a content, with the line endings that it has and with LF, in both kinds of repository."""
    found = set()
    for one in {data, normal(data)}:
        whole = b"blob %d\0%s" % (len(one), one)
        found |= {sha1(whole, usedforsecurity=False).hexdigest(), sha256(whole).hexdigest()}
    return frozenset(found)


def nearest(ours: Files, versions: Sequence[Version]) -> Match | None:
    """The version from which a file or a folder differs least; None without any.

    `versions` come newest first. Counted are lines, then lines with their blanks. Of equal contents the newest stands.
    Where several are as near, the oldest stands with the others beside it.
    """
    if not versions:
        return None
    apart = [_apart(ours, version.files) for version in versions]
    least = min(apart)
    if least[0] == 0:
        return Match(versions[apart.index(least)], 0, 0.0)
    tied = [version for version, found in zip(versions, apart, strict=True) if found == least]
    chosen = next(one for one in tied if _same(one.files, tied[-1].files))
    rivals = tuple(one for one in tied if not _same(one.files, chosen.files))
    total = _lines(ours) + _lines(chosen.files)
    return Match(chosen, least[0], least[0] / total if total else 0.0, rivals)


def _same(one: Files, other: Files) -> bool:
    return one.keys() == other.keys() and all(same(one[path], other[path]) for path in one)


def _apart(ours: Files, theirs: Files) -> tuple[int, int]:
    """Lines that stand on one side alone; a file that is only here counts nothing, it was added here."""
    found = [_apart_files(ours.get(path), data) for path, data in theirs.items()]
    return sum(lines for lines, _ in found), sum(exact for _, exact in found)


def _apart_files(ours: bytes | None, theirs: bytes) -> tuple[int, int]:
    if ours is None:
        count = max(1, _rows(theirs).total())
        return count, count
    if same(ours, theirs):
        return 0, 0
    if not (is_text(ours) and is_text(theirs)):
        return 1, 1
    left, right = _rows(ours), _rows(theirs)
    whole = [Counter(normal(data).split(b"\n")) for data in (ours, theirs)]
    exact = (whole[0] - whole[1]).total() + (whole[1] - whole[0]).total()
    # What only differs in blanks, or in its order, still differs.
    return max(1, (left - right).total() + (right - left).total()), max(1, exact)


def _rows(data: bytes) -> Counter[bytes]:
    # Another mark throughout a list is one edit, and not one of each item.
    return Counter(_MARK.sub(rb"\1-", line.rstrip()) for line in normal(data).split(b"\n") if line.strip())


def _lines(files: Files) -> int:
    return sum(_rows(data).total() for data in files.values())


def same_place(output: str, paths: Sequence[str]) -> list[str]:
    """The paths that most likely are an output's: those that end as it does, the longest such end first."""
    ranked = [(_shared_end(output, path), path) for path in dict.fromkeys(paths)]
    best = max((score for score, _ in ranked), default=0)
    return [path for score, path in ranked if score == best]


def _shared_end(one: str, other: str) -> int:
    left, right = PurePosixPath(one).parts[::-1], PurePosixPath(other).parts[::-1]
    count = 0
    for x, y in zip(left, right, strict=False):
        if x.lower() != y.lower():
            break
        count += 1
    return count
