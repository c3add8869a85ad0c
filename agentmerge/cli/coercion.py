"""Plain reading of command-line values, in place of the validation library that typer loads for it.

typer builds a validator per parameter with pydantic, whose import costs as much as the rest of start-up. All our
parameters are flags, texts, numbers, choices and lists of texts, so a few lines read them. Where typer has no
such hook, or a parameter is of another type, typer's own way stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal, get_args, get_origin

import typer
from typer.core import TyperCommand, TyperGroup


class PlainCommand(TyperCommand):
    """A command whose parameters are read without pydantic."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        _read_plainly(self.get_params(ctx))
        return super().parse_args(ctx, args)


class PlainGroup(TyperGroup):
    """A group of commands whose own parameters are read without pydantic."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        _read_plainly(self.get_params(ctx))
        return super().parse_args(ctx, args)


def _read_plainly(params: Iterable[Any]) -> None:
    for param in params:
        annotation = getattr(getattr(param, "type_descriptor", None), "annotation", None)
        read = _reader(annotation)
        if read is not None and hasattr(param, "_runtime_param"):
            bounded = _within(read, getattr(param, "min", None), getattr(param, "max", None))
            param._runtime_param = _Plain(bounded, many=get_origin(annotation) is list)  # noqa: SLF001


class _Plain:
    """What typer asks of a parameter: `coerce(value, param, ctx)`."""

    def __init__(self, read: Callable[[Any], Any], *, many: bool) -> None:
        self._read = read
        self._many = many

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        if value is None:
            return [] if self._many else None
        try:
            found = [self._read(item) for item in (value if self._many else [value])]
            return found if self._many else found[0]
        except ValueError as error:
            raise typer.BadParameter(str(error), ctx=ctx, param=param) from None


def _reader(annotation: Any) -> Callable[[Any], Any] | None:
    if get_origin(annotation) is list:
        (annotation,) = get_args(annotation)
    if get_origin(annotation) is Literal:
        return _one_of(get_args(annotation))
    return _READERS.get(annotation)


def _within(read: Callable[[Any], Any], least: float | None, most: float | None) -> Callable[[Any], Any]:
    """The same within the bounds of the parameter, which typer's validator would hold."""
    if least is None and most is None:
        return read

    def bounded(value: Any) -> Any:
        number = read(value)
        if least is not None and number < least:
            raise ValueError(f"{value!r} is less than {least}.")
        if most is not None and number > most:
            raise ValueError(f"{value!r} is more than {most}.")
        return number

    return bounded


def _one_of(choices: tuple[str, ...]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if value not in choices:
            raise ValueError(f"{value!r} is not one of {', '.join(map(repr, choices))}.")
        return value

    return read


def _whole_number(value: Any) -> int:
    try:
        return int(value)
    except ValueError:
        raise ValueError(f"{value!r} is not a whole number.") from None


def _number(value: Any) -> float:
    try:
        return float(value)
    except ValueError:
        raise ValueError(f"{value!r} is not a number.") from None


_READERS: dict[Any, Callable[[Any], Any]] = {str: str, int: _whole_number, float: _number, bool: bool}
