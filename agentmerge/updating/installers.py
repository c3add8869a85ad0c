"""Lock files of installers: which revision they have for an entry. They are read and never written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from agentmerge.errors import InputError
from agentmerge.parsing.yamlio import YamlError, load

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
