"""Paths of units and fields, and the patterns that users write for them.

A path is `frontmatter/tools` or section titles joined by ` / `. A pattern is compared without regard to case and to
blanks around slashes; `*` stands for any characters, a pattern also matches everything below its path, and it may
start at any section: `Database` speaks for `Expertise / Database` too.
"""

from __future__ import annotations

import re

from agentmerge.errors import PolicyError

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


def matches(pattern: str, path: str) -> bool:
    """Whether a pattern speaks for a path."""
    wanted, found = normalised(pattern).rstrip("/"), normalised(path)
    return any(like(form, found) for form in (wanted, f"{wanted}/*", f"*/{wanted}", f"*/{wanted}/*"))
