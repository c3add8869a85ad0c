"""Which version of an upstream a file comes from: the one that is equal, else the one that is nearest by its text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import sha1, sha256
from pathlib import PurePosixPath
from typing import NamedTuple

from agentmerge.contents import Files, is_text, normal, same

FAR = 0.5
"""Share of lines that differ from which a version is no base: it may be somebody else's text."""


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
    return Counter(line.rstrip() for line in normal(data).split(b"\n") if line.strip())


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
