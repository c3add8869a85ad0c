"""Which laws there are: each registers itself with the names of its findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple

from agentmerge.outcome import Notice
from agentmerge.proving import laws as modules
from agentmerge.proving.records import Case

Look = Callable[[Case], Iterator[Notice]]


class Registered(NamedTuple):
    """A law."""

    names: tuple[str, ...]
    look: Look


_REGISTERED: list[Registered] = []


def law(*names: str) -> Callable[[Look], Look]:
    """Register a function as a law that gives findings of these names."""

    def register(look: Look) -> Look:
        _REGISTERED.append(Registered(names, look))
        return look

    return register


@cache
def laws() -> tuple[Registered, ...]:
    """Every law, by name."""
    for module in iter_modules(modules.__path__):
        import_module(f"{modules.__name__}.{module.name}")
    return tuple(sorted(_REGISTERED, key=lambda one: one.names))
