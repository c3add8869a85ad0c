"""Which version of an upstream a file comes from: the one that is equal, else the one that is nearest by its text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from hashlib import sha1, sha256
from pathlib import PurePosixPath
from typing import NamedTuple

from agentmerge.contents import Files, is_text, normal, same

FAR = 0.5
"""Share of lines that differ from which a version is no base: it may be somebody else's text."""
_CLOSE = 5
"""Versions whose lines differ least, which are compared by characters."""


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

    `versions` come newest first. Of equal contents the newest stands. Where several are as near, by lines and then by
    characters, the oldest stands with the others beside it: what upstream did since then shows as its change, and not
    as one made here.
    """
    if not versions:
        return None
    apart = [_apart(ours, version.files) for version in versions]
    order = sorted(range(len(versions)), key=lambda number: (apart[number], number))
    least = apart[order[0]]
    first = [number for number in order if apart[number] == least]
    if least == 0:
        return Match(versions[first[0]], 0, 0.0)
    close = order[:_CLOSE] if len(first) == 1 else first
    likeness = {number: _characters(ours, versions[number].files) for number in close}
    # By lines first: an edit that adds a long paragraph says nothing of the version below it.
    best = max(likeness[number] for number in first)
    tied = [number for number in first if likeness[number] == best]
    chosen = versions[tied[-1]]
    rivals = tuple(versions[number] for number in tied[:-1] if not _same(versions[number].files, chosen.files))
    total = _lines(ours) + _lines(chosen.files)
    return Match(chosen, least, least / total if total else 0.0, rivals)


def _same(one: Files, other: Files) -> bool:
    return one.keys() == other.keys() and all(same(one[path], other[path]) for path in one)


def _apart(ours: Files, theirs: Files) -> int:
    """Lines that stand on one side alone; a file that is only here counts nothing, it was added here."""
    return sum(_apart_files(ours.get(path), data) for path, data in theirs.items())


def _apart_files(ours: bytes | None, theirs: bytes) -> int:
    if ours is None:
        return _rows(theirs).total()
    if same(ours, theirs):
        return 0
    if not (is_text(ours) and is_text(theirs)):
        return max(1, _rows(ours).total())
    left, right = _rows(ours), _rows(theirs)
    # What only differs in blanks still differs.
    return max(1, (left - right).total() + (right - left).total())


def _rows(data: bytes) -> Counter[bytes]:
    return Counter(line.rstrip() for line in normal(data).split(b"\n") if line.strip())


def _lines(files: Files) -> int:
    return sum(_rows(data).total() for data in files.values())


def _characters(ours: Files, theirs: Files) -> float:
    """How alike two versions are by characters, in [0, 1], of the files that both have."""
    found = []
    for path in sorted(ours.keys() & theirs.keys()):
        one, other = (normal(side[path]).decode("utf-8", "replace") for side in (ours, theirs))
        left, right = one.split("\n"), other.split("\n")
        rest = Counter(left) & Counter(right)
        # Equal lines tell nothing apart, and comparing them takes most of the time.
        alone = ["\n".join(line for line in side if line not in rest) for side in (left, right)]
        found.append(SequenceMatcher(None, alone[0], alone[1], autojunk=False).ratio() if any(alone) else 1.0)
    return sum(found) / len(found) if found else 0.0


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
