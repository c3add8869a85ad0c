"""Which rules there are: each registers itself with the names of its findings and its place among the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple

from agentmerge.drifting import rules
from agentmerge.drifting.comparison import Comparison
from agentmerge.drifting.records import Finding

Look = Callable[[Comparison], Iterator[Finding]]


class Registered(NamedTuple):
    """A rule, or a family that shares its evidence."""

    order: int
    """Its place: findings of one severity come in this order, and a rule sees what those before it found."""
    names: tuple[str, ...]
    """What its findings are called: rows of `data/rules.toml`."""
    look: Look


_REGISTERED: list[Registered] = []


def rule(*names: str, order: int) -> Callable[[Look], Look]:
    """Register a function as a rule that gives findings of these names."""

    def register(look: Look) -> Look:
        _REGISTERED.append(Registered(order, names, look))
        return look

    return register


@cache
def registered() -> tuple[Registered, ...]:
    """Every rule, in order."""
    for module in iter_modules(rules.__path__):
        import_module(f"{rules.__name__}.{module.name}")
    return tuple(sorted(_REGISTERED, key=lambda one: (one.order, one.names)))
