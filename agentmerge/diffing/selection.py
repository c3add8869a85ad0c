"""Which changes a user asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from agentmerge.diffing.records import Change
from agentmerge.model import Definition, walk_sections
from agentmerge.paths import hint, matches


def select(
    changes: Iterable[Change], *, only: Sequence[str] = (), exclude: Sequence[str] = (), ignore_order: bool = False
) -> tuple[Change, ...]:
    """The changes under one of `only` (all, where it is empty) and under none of `exclude`."""
    return tuple(
        change
        for change in changes
        if (not only or any(matches(pattern, change.path) for pattern in only))
        and not any(matches(pattern, change.path) for pattern in exclude)
        and not (ignore_order and is_order(change))
    )


def unmatched(patterns: Iterable[str], definitions: Iterable[Definition]) -> dict[str, str]:
    """Patterns that speak for no field and no section of the definitions, with a hint at what is near."""
    paths = list(dict.fromkeys(path for definition in definitions for path in _paths(definition)))
    lone = [pattern for pattern in patterns if not any(matches(pattern, path) for path in paths)]
    return {pattern: hint(pattern, paths) for pattern in lone}


def _paths(definition: Definition) -> Iterator[str]:
    yield from (f"frontmatter/{field.key}" for field in definition.fields)
    for above, section in walk_sections(definition.root):
        yield " / ".join(one.title for one in (*above, section))


def is_order(change: Change) -> bool:
    """Whether a change is one of order alone."""
    return change.reorders or change.kind in ("unit-reordered", "fields-reordered")
