"""Paths of units, fields and files: patterns that users write for them, what content is the same, what was renamed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import TypeAlias

from agentmerge.errors import PolicyError

# Paths ----------------------------------------------------------------------------------------------------------------
#
# Paths of units and fields, and the patterns that users write for them.
#
# A path is `frontmatter/tools` or section titles joined by ` / `. A pattern is compared without regard to case and to
# blanks around slashes; `*` stands for any characters, a pattern also matches everything below its path, and it may
# start at any section: `Database` speaks for `Expertise / Database` too. `Database/*` is all that stands in that
# section,
# directly or below further headings.


FRONTMATTER = "frontmatter"
_SLASH = re.compile(r"\s*/\s*")


def normalised(path: str) -> str:
    """A path or pattern for comparison."""
    return _SLASH.sub("/", path.strip().lower())


def like(pattern: str, text: str) -> bool:
    """Whether a text is what a pattern says, where `*` stands for any characters and everything else for itself.

    Plain string work: the tables hold a hundred such patterns, and compiling them takes longer than reading a file.
    """
    first, *middle = pattern.split("*")
    if not middle:
        return text == pattern
    last = middle.pop()
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    position, end = len(first), len(text) - len(last)
    for part in middle:
        position = text.find(part, position, end)
        if position < 0:
            return False
        position += len(part)
    return True


def assignment(text: str, form: str, example: str) -> tuple[str, str]:
    """Pattern and value of `PATH=VALUE`, as the command line takes it. Raises PolicyError for any other form."""
    pattern, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not pattern or not value:
        raise PolicyError(f"'{text}' is not a policy", remedy=f"write {form}, such as '{example}'")
    return pattern, value


def _speaking(pattern: str) -> str:
    # What stands directly in a section has the path of the section itself.
    wanted = normalised(pattern).rstrip("/")
    return wanted.removesuffix("/*") or wanted


def hint(pattern: str, paths: Iterable[str]) -> str:
    """The end of a message about a pattern without a match: the path that it may have meant, or ""."""
    import difflib

    wanted, known = _speaking(pattern), list(paths)
    if wanted.startswith(f"{FRONTMATTER}/"):
        # That both begin with `frontmatter` says nothing.
        names = {normalised(path).partition("/")[2]: path for path in known if path.startswith(f"{FRONTMATTER}/")}
        wanted = wanted.partition("/")[2]
    else:
        names = {normalised(end): end for path in known for end in _ends(path)}
    near = difflib.get_close_matches(wanted, list(names), 1)
    return f"; did you mean '{names[near[0]]}'?" if near else ""


def _ends(path: str) -> Iterator[str]:
    parts = _SLASH.split(path.strip())
    yield from ("/".join(parts[start:]) for start in range(len(parts)))


def matches(pattern: str, path: str) -> bool:
    """Whether a pattern speaks for a path."""
    wanted, found = _speaking(pattern), normalised(path)
    return any(like(form, found) for form in (wanted, f"{wanted}/*", f"*/{wanted}", f"*/{wanted}/*"))


# Contents -------------------------------------------------------------------------------------------------------------
#
# Files by path, as bytes: what is a text, what counts as the same content, and the name of a content.


Files: TypeAlias = Mapping[str, bytes]
"""Bytes by path below a folder; of an output that is one file, by `ITSELF`."""

ITSELF = ""
"""The path of a file in an output that is no folder."""

_BINARY = 4
"""A file of which one byte in so many is NUL is no UTF-8 text: in UTF-16 Latin text it is every second one. A few are
control characters in a text, and told as such: what is made of readable files must be readable."""


def is_text(data: bytes) -> bool:
    """Whether bytes are a text that can be read as a definition: UTF-8, and not mostly NUL."""
    if is_binary(data):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def is_binary(data: bytes) -> bool:
    """Whether so many bytes are NUL that what decodes as UTF-8 is no text all the same."""
    return data.count(b"\0") * _BINARY > len(data)


def normal(data: bytes) -> bytes:
    """A content as it is compared and named: a checkout on Windows changes no text."""
    return data.replace(b"\r\n", b"\n") if b"\r\n" in data and is_text(data) else data


def digest(data: bytes) -> str:
    """The name of a content, the same for each kind of line ending: SHA-256, hexadecimal."""
    return _sha256(normal(data))


def digests(files: Files) -> dict[str, str]:
    """The name of each file's content, sorted by path."""
    return {path: digest(files[path]) for path in sorted(files)}


def digest_of_all(files: Files) -> str:
    """One name for all files of a source; of a single file its own."""
    if set(files) == {ITSELF}:
        return digest(files[ITSELF])
    rows = (f"{name} {path}\n" for path, name in digests(files).items())
    return _sha256("".join(rows).encode("utf-8", "surrogateescape"))


def _sha256(data: bytes) -> str:
    # It loads OpenSSL, which takes longer than to compare two files.
    from hashlib import sha256

    return sha256(data).hexdigest()


def same(one: bytes | None, other: bytes | None) -> bool:
    """Whether two contents are the same but for line endings; None, no file, is the same as None alone."""
    if one is None or other is None:
        return one is other
    return one == other or normal(one) == normal(other)


def same_files(one: Files, other: Files) -> bool:
    """Whether two folders hold the same."""
    return one.keys() == other.keys() and all(same(one[path], other[path]) for path in one)


def with_endings_of(data: bytes, like: bytes) -> bytes:
    """A text in the line endings of another one that has CRLF throughout; anything else as it is."""
    crlf = like.count(b"\r\n")
    if not crlf or crlf != like.count(b"\n") or not (is_text(data) and is_text(like)):
        return data
    return normal(data).replace(b"\n", b"\r\n")


def below(folder: str, paths: Iterable[str]) -> list[str]:
    """Paths of an output, from where the output's own path starts; a file's is the output's."""
    return [f"{folder}/{path}" if path else folder for path in paths]


def overlaid(files: Files, place: str, changes: Mapping[str, bytes | None]) -> Files:
    """The files at a place, as they will be after changes that are given by whole paths; None deletes one."""
    found = dict(files)
    for path, data in changes.items():
        inner = ITSELF if path == place else path.removeprefix(f"{place}/")
        if inner == path:
            continue
        if data is None:
            found.pop(inner, None)
        else:
            found[inner] = data
    return found


_ENOUGH = 0.5
"""Share of lines that two texts have in common from which one is the other under another name, as for git."""
_MAX_PAIRS = 10_000
"""Pairs of files whose lines are compared; beyond that only equal content tells a rename."""


def likeness(one: bytes, other: bytes) -> float:
    """How much two texts have in common, in [0, 1]: Dice coefficient of their lines; of other bytes 1.0 or 0.0."""
    if same(one, other):
        return 1.0
    if not (is_text(one) and is_text(other)):
        return 0.0
    left, right = (Counter(line.strip() for line in normal(data).split(b"\n") if line.strip()) for data in (one, other))
    total = left.total() + right.total()
    return 2 * (left & right).total() / total if total else 0.0


def renames(before: Files, after: Files) -> dict[str, str]:
    """Old path to new path of the files that only have another name after, and perhaps a few other lines."""
    gone = [path for path in sorted(before) if path not in after and before[path].strip()]
    came = [path for path in sorted(after) if path not in before]
    ranked: list[tuple[float, bool, str, str]] = []
    for old in gone:
        for new in came:
            score = _score(before[old], after[new], exact=len(gone) * len(came) > _MAX_PAIRS)
            if score >= _ENOUGH:
                ranked.append((-score, PurePosixPath(old).name != PurePosixPath(new).name, old, new))
    found: dict[str, str] = {}
    taken: set[str] = set()
    for _, _, old, new in sorted(ranked):
        if old not in found and new not in taken:
            found[old] = new
            taken.add(new)
    return found


def _score(one: bytes, other: bytes, *, exact: bool) -> float:
    return float(same(one, other)) if exact else likeness(one, other)
