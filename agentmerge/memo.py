"""What was made of a definition is kept with it: a review of many variants reads each of them many times."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar, TypeVarTuple

K = TypeVar("K")
T = TypeVar("T")
Rest = TypeVarTuple("Rest")


class Memo(dict[object, Any]):
    """What functions made of one record. It ends with the record, and is neither compared nor copied nor pickled."""

    __slots__ = ()

    def __reduce__(self) -> tuple[type[Memo], tuple[()]]:
        return Memo, ()


class Kept(dict[K, T]):
    """What a function returns, by its argument, with a bound: once there are `most`, all are forgotten.

    It belongs to an object that made it, and ends with it.
    """

    __slots__ = ("_make", "_most")

    def __init__(self, make: Callable[[K], T], most: int) -> None:
        super().__init__()
        self._make, self._most = make, most

    def __missing__(self, key: K) -> T:
        if len(self) >= self._most:
            self.clear()
        found = self[key] = self._make(key)
        return found


class Remembering(Protocol):
    """A record that owns what was made of it."""

    @property
    def memo(self) -> Memo: ...


R = TypeVar("R", bound=Remembering)


def per_definition(make: Callable[[R, *Rest], T]) -> Callable[[R, *Rest], T]:
    """Remember with a definition what a function of it returns, for each of the other arguments; nobody may change it.

    The other arguments are compared: numbers, and objects such as `Knowledge` that equal nothing but themselves.
    """

    @wraps(make)
    def remembered(definition: R, *rest: *Rest) -> T:
        key, memo = (make, rest), definition.memo
        if key not in memo:
            memo[key] = make(definition, *rest)
        found: T = memo[key]
        return found

    return remembered
