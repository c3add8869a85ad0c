"""What a configuration lets pass that the shipped tables do not: safety that is given up is itself told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agentmerge.knowledge import Knowledge

_TABLES = (
    "actions", "diagnostics", "dialects", "fields", "identity", "modality", "rights", "rules", "signs", "tiers",
    "toolnames", "words",
)  # fmt: skip
"""Tables that say what binds, what is granted and what is told."""
_SEVERITY_KEYS = frozenset({"severity", "mild", "tier"})
_SEVERITIES = ("breaking", "error", "warning", "info")
"""From the most serious down."""
_HARMLESS = frozenset({
    "title", "says", "reads", "message", "assumed", "remedy", "about", "order", "rank", "paths", "field_limits",
    "body_limit", "required", "markers",
})  # fmt: skip
"""Keys whose values say nothing of safety."""


def loosened(knowledge: Knowledge, shipped: Knowledge) -> tuple[str, ...]:
    """What these tables no longer tell or forbid, each in a phrase, by table."""
    own = [name for name in _TABLES if name in knowledge.rows]
    return tuple(one for name in own for one in _below(shipped.raw(name), knowledge.raw(name), f"tables/{name}"))


def _below(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[str]:
    for key, value in old.items():
        if key in _HARMLESS:
            continue
        now, place = new.get(key), f"{path}/{key}"
        if isinstance(value, Mapping):
            yield from _below(value, now if isinstance(now, Mapping) else {}, place)
        elif isinstance(value, (list, tuple)):
            yield from _left_out(value, now if isinstance(now, (list, tuple)) else (), place)
        elif now != value and not _is_higher(value, now, key, path):
            yield f"{place} is {now!r} instead of {value!r}"


def _left_out(old: Sequence[Any], new: Sequence[Any], place: str) -> Iterator[str]:
    gone = [one for one in old if one not in new]
    if gone:
        yield f"{place} no longer holds {', '.join(map(repr, gone[:_SHOWN]))}{' ...' if len(gone) > _SHOWN else ''}"


_SHOWN = 3


def _is_higher(old: object, new: object, key: str, path: str) -> bool:
    """Whether a severity is more serious than it was."""
    if key not in _SEVERITY_KEYS and not path.endswith("rights/tiers"):
        return False
    return old in _SEVERITIES and new in _SEVERITIES and _SEVERITIES.index(str(new)) < _SEVERITIES.index(str(old))
