"""The only importer of deepdiff: nested frontmatter values compared leaf by leaf."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentmerge.model import Digits, Value


def leaf_changes(old: Value, new: Value) -> list[str]:
    """What differs between two nested values, a phrase per leaf: `PreToolUse.0.matcher: Bash -> Edit`."""
    # Importing it costs as much as the rest of start-up, and few files hold nested values.
    from deepdiff import DeepDiff

    tree = DeepDiff(_thawed(old), _thawed(new), view="tree")
    found = [
        (".".join(str(step) for step in level.path(output_format="list")), kind, level.t1, level.t2)
        for kind, levels in tree.items()
        for level in levels
    ]
    return [_phrase(*row) for row in sorted(found, key=lambda row: row[:2])]


def _phrase(path: str, kind: str, old: Any, new: Any) -> str:
    if kind.endswith("_added"):
        return f"{path} added: {new}"
    if kind.endswith("_removed"):
        return f"{path} removed: {old}"
    if str(old) == str(new):
        old, new = (f"{value} (a number)" if isinstance(value, Digits) else f"'{value}'" for value in (old, new))
    return f"{path}: {old} -> {new}" if path else f"{old} -> {new}"


def _thawed(value: Value) -> Any:
    if isinstance(value, Mapping):
        return {key: _thawed(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_thawed(item) for item in value]
    return value
