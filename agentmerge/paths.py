"""Paths of units and fields, and the patterns that users write for them.

A path is `frontmatter/tools` or section titles joined by ` / `. A pattern is compared without regard to case and to
blanks around slashes; `*` stands for any characters, a pattern also matches everything below its path, and it may
start at any section: `Database` speaks for `Expertise / Database` too.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

_SLASH = re.compile(r"\s*/\s*")


def normalised(path: str) -> str:
    """A path or pattern for comparison."""
    return _SLASH.sub("/", path.strip().lower())


def matches(pattern: str, path: str) -> bool:
    """Whether a pattern speaks for a path."""
    wanted, found = normalised(pattern).rstrip("/"), normalised(path)
    return any(fnmatchcase(found, form) for form in (wanted, f"{wanted}/*", f"*/{wanted}", f"*/{wanted}/*"))
