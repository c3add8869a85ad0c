"""Hooks: what runs at which event, and whether it may hold something back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from agentmerge.model import Value
from agentmerge.rights.lists import spelt
from agentmerge.rights.patterns import ANY

_NAMES = re.compile(r"\^?\(?([\w*]+(?:\s*\|\s*[\w*]+)*)\)?\$?")
_WIDE = ("", ANY, ".*", "^.*$", ".+")
_NO_STOP = re.compile(r"(?:\|\|\s*(?:true|:|exit 0)|;\s*(?:true|:|exit 0))\s*$")
"""The end of a command that succeeds whatever came before: it can't hold anything back."""


class Hook(NamedTuple):
    """A command that runs at an event."""

    event: str
    """In lower case, without signs between words."""
    matcher: str
    command: str


def hooks(value: Value) -> Iterator[Hook]:
    """The hooks of a field: by event, each an entry with a matcher and commands, or a command alone."""
    if not isinstance(value, Mapping):
        return
    for event, entries in value.items():
        name = re.sub(r"[\W_]+", "", event).lower()
        for entry in entries if isinstance(entries, tuple) else (entries,):
            yield from _entry(name, entry)


def _entry(event: str, entry: Value) -> Iterator[Hook]:
    if not isinstance(entry, Mapping):
        yield Hook(event, "", _one_line(spelt(entry)))
        return
    if entry.get("disabled") is True or entry.get("enabled") is False:
        return
    matcher = str(entry.get("matcher") or "").strip()
    inner = entry.get("hooks")
    for action in inner if isinstance(inner, tuple) else (entry,):
        if isinstance(action, Mapping):
            yield Hook(event, matcher, _command(action))


def _command(action: Mapping[str, Value]) -> str:
    """What a hook runs, with the condition under which it does."""
    found = [action[key] for key in ("command", "bash", "powershell", "prompt", "url", "run") if action.get(key)]
    condition = [f"if {spelt(action['if'])}"] if action.get("if") else []
    return _one_line(" ".join([*map(spelt, found), *condition]))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def is_idle(command: str, rows: Mapping[str, list[str]]) -> bool:
    """Whether a command does nothing."""
    bare = command.rstrip("; ")
    return bare in rows["idle"] or re.fullmatch(r"echo( [^;&|`$<>]*)?", bare) is not None


def holds_back(hook: Hook, rows: Mapping[str, list[str]]) -> bool:
    """Whether a hook runs before something happens and may stop it."""
    return hook.event in rows["guards"] and not is_idle(hook.command, rows) and not _NO_STOP.search(hook.command)


def abouts(matcher: str, means: Callable[[str], frozenset[str]]) -> Iterator[str]:
    """What a matcher is about: capabilities where it names tools, `*` for all, else the matcher itself."""
    if matcher in _WIDE:
        yield ANY
        return
    names = _NAMES.fullmatch(matcher)
    for name in re.split(r"\s*\|\s*", names[1]) if names else [matcher]:
        yield from sorted(means(name)) or [name]
