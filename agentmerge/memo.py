"""What was made of a definition is kept for a while: a review of many variants reads each of them many times."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar, cast

from agentmerge import tables
from agentmerge.model import Definition

KEPT = 128
"""Definitions that are remembered at once, of each function."""

Make = TypeVar("Make", bound=Callable[..., Any])


class _Itself:
    """A definition as a key: equal to nothing but itself, so that no text is compared."""

    __slots__ = ("definition",)

    def __init__(self, definition: Definition) -> None:
        self.definition = definition

    def __hash__(self) -> int:
        return id(self.definition)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self.definition is other.definition


def per_definition(make: Make) -> Make:
    """Remember what a function of a definition returns, under the tables in force; nobody may change it."""

    @lru_cache(maxsize=KEPT)
    def known(itself: _Itself, _: tables.Tables, *rest: object) -> object:
        return make(itself.definition, *rest)

    @wraps(make)
    def remembered(definition: Definition, *rest: object) -> object:
        return known(_Itself(definition), tables.current(), *rest)

    return cast("Make", remembered)
