"""Paths of units and fields, and the patterns that users write for them.

A path is `frontmatter/tools` or section titles joined by ` / `. A pattern is compared without regard to case and to
blanks around slashes; `*` stands for any characters, a pattern also matches everything below its path, and it may
start at any section: `Database` speaks for `Expertise / Database` too. `Database/*` is all that stands in that section,
directly or below further headings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from agentmerge.errors import PolicyError

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
