"""A user's rows against the shipped tables: one of another shape, or one that nobody reads, is told with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from agentmerge.errors import PolicyError, unknown
from agentmerge.knowledge import Knowledge
from agentmerge.model import Value

_FIXED: Mapping[str, frozenset[int]] = {
    **dict.fromkeys(("alignment", "diagnostics", "identity", "modality", "review", "rules"), frozenset({0, 1})),
    **dict.fromkeys(("fields", "models", "outline"), frozenset({1})),
    "merging": frozenset({0, 1}),
    **dict.fromkeys(("frequent", "modes", "reading", "rights", "roles", "signs", "words"), frozenset({0})),
}
"""Depths of a table in which the names are the program's: any other name is read by nobody."""
_MEANINGS = " / "
"""What parts the two sides of a row that is written in one text."""


def check_rows(rows: Mapping[str, Mapping[str, Value]], shipped: Knowledge) -> None:
    """Raise PolicyError where rows, by table, are no rows as the shipped tables have them."""
    for table, laid in rows.items():
        _check_mapping([shipped.raw(table)], laid, ("tables", table), _FIXED.get(table, frozenset()))


def _check_mapping(
    samples: Sequence[Mapping[str, object]], value: Mapping[str, Value], path: tuple[str, ...], fixed: frozenset[int]
) -> None:
    known = dict.fromkeys(chain.from_iterable(samples))
    for key, inner in value.items():
        beside = [sample[key] for sample in samples if key in sample]
        if not beside:
            if len(path) - 2 in fixed:
                error = unknown("row or key", key, known)
                raise PolicyError(f"{'/'.join(path)}: {error.message}", remedy=error.remedy)
            beside = [one for sample in samples for one in sample.values()]
        _check(beside, inner, (*path, key), fixed)


def _check(samples: Sequence[object], value: object, path: tuple[str, ...], fixed: frozenset[int]) -> None:
    if not samples:
        return
    if (kind := _kind(value)) not in (kinds := {_kind(sample) for sample in samples}):
        raise PolicyError(f"{'/'.join(path)}: {_shown(value)} is {kind}", remedy=f"write {' or '.join(sorted(kinds))}")
    if isinstance(value, Mapping):
        _check_mapping([one for one in samples if isinstance(one, Mapping)], value, path, fixed)
    elif isinstance(value, (list, tuple)):
        members = list(_members(samples))
        for member in value:
            _check(members, member, path, fixed)
    elif isinstance(value, str) and _MEANINGS not in value and all(_MEANINGS in str(sample) for sample in samples):
        raise PolicyError(f"{'/'.join(path)}: '{value}' has one side", remedy=f"write it like '{samples[0]}'")


def _members(samples: Sequence[object]) -> Iterator[object]:
    return chain.from_iterable(one for one in samples if isinstance(one, (list, tuple)))


def _kind(value: object) -> str:
    if isinstance(value, Mapping):
        return "`key: value` lines"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, bool):
        return "true or false"
    return "a number" if isinstance(value, (int, float)) else "nothing" if value is None else "a text"


def _shown(value: object) -> str:
    return "the value" if isinstance(value, (Mapping, list, tuple)) else f"'{value}'"
