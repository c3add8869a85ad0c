"""Configurations laid over each other: one that another extends, and what overrides it for some files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

_WORDS = frozenset({"add", "remove", "replace"})
_OWN = ("extends", "overrides")
"""Keys that say how a configuration is laid together, and nothing of what it holds."""
_ADDED = frozenset({"intentional", "require"})
"""Lists outside of the tables to which a further file adds."""


@dataclass(frozen=True, slots=True)
class Source:
    """One configuration file."""

    file: str
    text: str
    data: Mapping[str, Any]
    names: tuple[str, ...] = ()
    """The files that the configuration is asked for, from the folder of this one."""
    is_toml: bool = False

    @property
    def extends(self) -> tuple[str, ...]:
        """The files that it is laid over, the first of them at the bottom."""
        named = self.data.get("extends", ())
        return (named,) if isinstance(named, str) else tuple(named)

    @property
    def layers(self) -> Iterator[Mapping[str, Any]]:
        """What it says for all files, then what it says for all those that it is asked for."""
        yield {key: value for key, value in self.data.items() if key not in _OWN}
        for row in self.data.get("overrides", ()):
            if self.names and all(
                any(_speaks(pattern, name) for pattern in _list(row["paths"])) for name in self.names
            ):
                yield {key: value for key, value in row.items() if key != "paths"}


def _speaks(pattern: str, name: str) -> bool:
    return fnmatchcase(name, pattern) or fnmatchcase(name, f"*/{pattern}")


def _list(value: object) -> Sequence[str]:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, (list, tuple)) else ()


def laid(sources: Sequence[Source]) -> dict[str, Any]:
    """What several files say together, the last one above all others."""
    found: Mapping[str, Any] = {}
    for source in sources:
        for layer in source.layers:
            found = _over(found, layer, ())
    return dict(found)


def origins(sources: Sequence[Source]) -> dict[tuple[str, ...], Source]:
    """For each value that stands by itself, by its keys, the last file that speaks of it."""
    return {path: source for source in sources for layer in source.layers for path in _leaves(layer, ())}


def _leaves(data: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for key, value in data.items():
        if isinstance(value, Mapping) and not _changes(value):
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key)


def _over(base: Mapping[str, Any], own: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    found = dict(base)
    for key, value in own.items():
        old, place = found.get(key), (*path, key)
        if key in found and path[:1] == ("tables",) and (_is_list(old) or _is_list(value)):
            found[key] = _both(old, value)
        elif isinstance(old, Mapping) and isinstance(value, Mapping):
            found[key] = _over(old, value, place)
        elif key in _ADDED and isinstance(old, (list, tuple)):
            found[key] = (*old, *value)
        else:
            found.pop(key, None)  # Of two policies for one path the later one counts, and so its place does.
            found[key] = value
    return found


def _is_list(value: object) -> bool:
    return isinstance(value, (list, tuple)) or _changes(value)


def _changes(value: object) -> bool:
    return isinstance(value, Mapping) and bool(value) and _WORDS.issuperset(value)


def _both(base: Any, own: Any) -> Any:
    """Two changes of one list of the tables as one."""
    before, after = _words(base), _words(own)
    if "replace" in after:
        return own
    if "replace" in before:
        kept = [one for one in before["replace"] if one not in after.get("remove", ())]
        return {"replace": (*kept, *after.get("add", ()))}
    added = [one for one in before.get("add", ()) if one not in after.get("remove", ())]
    gone = (*before.get("remove", ()), *after.get("remove", ()))
    again = after.get("add", ())
    return {"add": (*added, *again), "remove": tuple(one for one in gone if one not in again)}


def _words(value: Any) -> Mapping[str, Sequence[Any]]:
    return value if isinstance(value, Mapping) else {"add": value}
