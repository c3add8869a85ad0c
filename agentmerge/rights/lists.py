"""What stands in a field, in one spelling: the members of lists, whether two fields say the same, what is absent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from agentmerge.knowledge import FieldInfo, Knowledge
from agentmerge.model import Definition, Field, Value

DENIED = "!"
"""Before a name that a map switches off: `write: false` denies it, where a name that is missing is left as it is."""
_COMMA = re.compile(r",")
_SPACES = re.compile(r"\s+")
_STRETCH = re.compile(r"[^(){}]*[(){}]?")
_BREAK = re.compile(r"[ \t]*\n[ \t]*(?![ \t\n]|[-*+>#|<]|\d+[.)])")
"""A line break inside a paragraph: what follows is neither blank nor opens a block of its own."""


def names(value: Value) -> tuple[str, ...]:
    """The members of a list-like field, however it is spelled: list, comma string, space string, `name: true` map.

    Commas inside parentheses and braces do not part names: `Agent(a, b), Read` are two, and so are `*.{ts,js}, *.md`.
    """
    if value is None:
        return ()
    if isinstance(value, Mapping):
        return tuple(key if on else f"{DENIED}{key}" for key, on in value.items())
    if isinstance(value, tuple):
        return unique(part for item in value for part in (names(item) if isinstance(item, str) else [_written(item)]))
    if not isinstance(value, str):
        return (str(value),)
    return unique(part.strip() for part in _parted(value, _COMMA))


def spaced_names(value: Value) -> tuple[str, ...]:
    """As `names`, where a text without commas is a list parted by spaces (`allowed-tools` of skills)."""
    if isinstance(value, str) and "," not in value:
        return unique(_parted(value.strip(), _SPACES))
    return names(value)


def members(info: FieldInfo, value: Value) -> tuple[str, ...]:
    """The members of a field's value, under the spelling that hosts read for that field."""
    return spaced_names(value) if info.key.endswith("-tools") else names(value)


def _parted(text: str, separator: re.Pattern[str]) -> list[str]:
    """A text cut at separators, but for those inside parentheses and braces."""
    parts, depth = [""], 0
    for stretch in _STRETCH.findall(text):
        first, *others = [stretch] if depth else separator.split(stretch)
        parts[-1] += first
        parts.extend(others)
        depth = max(0, depth + stretch.endswith(("(", "{")) - stretch.endswith((")", "}")))
    # What is never closed encloses nothing.
    return separator.split(text) if depth else parts


def unique(parts: Iterable[str]) -> tuple[str, ...]:
    """Each text once, in the order of its first mention, without empty ones."""
    return tuple(dict.fromkeys(part for part in parts if part))


def _written(item: Value) -> str:
    if isinstance(item, Mapping) and len(item) == 1:
        return next(iter(item))
    return spelt(item)


def spelt(value: Value) -> str:
    """A value in one spelling: the order of a mapping's keys means nothing."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {spelt(value[key])}' for key in sorted(value))}}}"
    return f"({', '.join(map(spelt, value))})" if isinstance(value, tuple) else str(value)


def in_force(definition: Definition, key: str) -> Field | None:
    """A field as hosts read it: none in a frontmatter that they do not find, which grants what no list grants."""
    return definition.field(key) if definition.is_seen else None


def is_absent(field: Field | None) -> bool:
    """Whether a field is not there; a key without a value counts as not there."""
    return field is None or field.value is None


def says_the_same(info: FieldInfo, old: Field, new: Field) -> bool:
    """Whether two fields of one key hold the same, however they are written.

    Members of a set may be spelled and ordered in any way. Numbers count as they are written: 1.10 is not 1.1.
    """
    if info.shape == "prose" and isinstance(old.value, str) and isinstance(new.value, str):
        return _unwrapped(old.value) == _unwrapped(new.value)
    if info.shape != "set":
        return old.content == new.content
    if is_absent(old) or is_absent(new):
        return is_absent(old) and is_absent(new)
    return set(members(info, old.value)) == set(members(info, new.value))


def stands_in_order(key: str, knowledge: Knowledge, hosts: Iterable[str]) -> bool:
    """Whether one of the hosts goes by the order in which the keys of a field's mapping stand."""
    known = knowledge.dialects
    return any(host in known and key in known[host].ordered for host in hosts)


def flat_keys(value: Value, path: str = "") -> tuple[str, ...]:
    """The paths of a mapping's leaves, in the order in which they stand."""
    if not isinstance(value, Mapping):
        return (path,)
    return tuple(leaf for key, item in value.items() for leaf in flat_keys(item, f"{path}.{key}" if path else key))


def _unwrapped(text: str) -> str:
    """A text without the line breaks that only wrap it."""
    paragraphs = [_BREAK.sub(" ", part) for part in text.strip("\n").split("\n\n")]
    return "\n\n".join(paragraphs)
