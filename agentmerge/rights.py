"""What frontmatter fields say about permissions, and how two of them compare. Absent and empty are opposites."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from agentmerge.model import Field, Value
from agentmerge.tables import FieldInfo, field_info

Shift = Literal["", "widened", "narrowed", "both"]

ALL = "*"
_SPLIT = re.compile(r",(?![^()]*\))")
_SPACES = re.compile(r"\s+(?![^()]*\))")


def names(value: Value) -> tuple[str, ...]:
    """The members of a list-like field, however it is spelled: list, comma string, space string, `name: true` map.

    Commas inside parentheses do not part names: `Agent(a, b), Read` are two.
    """
    if value is None:
        return ()
    if isinstance(value, Mapping):
        return tuple(key for key, on in value.items() if on)
    if isinstance(value, tuple):
        return _unique(part for item in value for part in (names(item) if isinstance(item, str) else [_written(item)]))
    if not isinstance(value, str):
        return (str(value),)
    parts = _SPLIT.split(value) if "," in value else [value]
    return _unique(part.strip() for part in parts)


def spaced_names(value: Value) -> tuple[str, ...]:
    """As `names`, where a text without commas is a list parted by spaces (`allowed-tools` of skills)."""
    if isinstance(value, str) and "," not in value:
        return _unique(_SPACES.split(value.strip()))
    return names(value)


def members(info: FieldInfo, value: Value) -> tuple[str, ...]:
    """The members of a field's value, under the spelling that hosts read for that field."""
    return spaced_names(value) if info.key.endswith("-tools") else names(value)


def _unique(parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in parts if part))


def _written(item: Value) -> str:
    if isinstance(item, Mapping) and len(item) == 1:
        return next(iter(item))
    return str(item)


def same_value(old: Field, new: Field) -> bool:
    """Whether two fields of one key mean the same; members of a set may be spelled and ordered in any way."""
    info = field_info(old.key)
    if info.shape != "set":
        return old.value == new.value
    if is_absent(old) or is_absent(new):
        return is_absent(old) and is_absent(new)
    return set(members(info, old.value)) == set(members(info, new.value))


def is_absent(field: Field | None) -> bool:
    """Whether a field is not there; a key without a value counts as not there."""
    return field is None or field.value is None


def allowed(info: FieldInfo, field: Field | None) -> frozenset[str] | None:
    """What an allow list lets through; None is everything."""
    if field is None or field.value is None:
        return None
    found = frozenset(members(info, field.value))
    return None if ALL in found else found


def covers(name: str, other: str) -> bool:
    """Whether a grant of `name` includes `other`: `Bash` does `Bash(git:*)`, `mcp__x` does `mcp__x__read`."""
    server = name.removesuffix("__*")
    return (
        name in (ALL, other)
        or other.startswith(f"{name}(")
        or (server.startswith("mcp__") and (other == server or other.startswith(f"{server}__")))
    )


def covered(name: str, granted: frozenset[str] | None) -> bool:
    """Whether an allow list (None: everything) lets a name through."""
    return granted is None or name in granted or any(covers(other, name) for other in granted)


def intersection(lists: Sequence[Sequence[str] | None]) -> tuple[str, ...] | None:
    """What every allow list lets through, in the order of the lists; None where each of them is everything."""
    named = [frozenset(items) for items in lists if items is not None]
    if not named:
        return None
    candidates = _unique(name for items in lists if items is not None for name in items)
    common = [name for name in candidates if all(covered(name, items) for items in named)]
    return tuple(name for name in common if not any(other != name and covers(other, name) for other in common))


def shift(info: FieldInfo, old: Field | None, new: Field | None) -> Shift:
    """How a permission changes from `old` to `new`; "" where it stays or the field has nothing to do with rights."""
    if info.rights == "allow":
        return _list_shift(allowed(info, old), allowed(info, new))
    if info.rights in ("grant", "deny"):
        before, after = _listed(info, old), _listed(info, new)
        return _list_shift(before, after) if info.rights == "grant" else _list_shift(after, before)
    if info.rights == "scale":
        return _scale_shift(info.scale, old, new)
    return ""


def _listed(info: FieldInfo, field: Field | None) -> frozenset[str]:
    if field is None or field.value is None:
        return frozenset()
    if isinstance(field.value, Mapping):
        return frozenset(f"{key}={value}" for key, value in field.value.items())
    return frozenset(members(info, field.value))


def _list_shift(before: frozenset[str] | None, after: frozenset[str] | None) -> Shift:
    if before is None or after is None:
        return "" if before is after else "narrowed" if before is None else "widened"
    wider = any(not covered(name, before) for name in after)
    narrower = any(not covered(name, after) for name in before)
    return "both" if wider and narrower else "widened" if wider else "narrowed" if narrower else ""


def _scale_shift(scale: Sequence[str], old: Field | None, new: Field | None) -> Shift:
    before, after = _step(scale, old), _step(scale, new)
    if before is None or after is None:
        return "both" if (old and old.text) != (new and new.text) else ""
    return "widened" if after > before else "narrowed" if after < before else ""


def _step(scale: Sequence[str], field: Field | None) -> int | None:
    value = "default" if field is None or field.value is None else field.text
    return scale.index(value) if value in scale else None
