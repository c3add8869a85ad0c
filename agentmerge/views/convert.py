"""What a conversion kept, changed and lost: text, JSON, and a line for each result."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from agentmerge.converting.records import FATES, Conversion, Fate, Loss
from agentmerge.views.paint import Paint
from agentmerge.views.safe import one_line

_STYLES = {"kept": "dim", "renamed": "dim", "approximated": "changed", "dropped": "changed", "refused": "error"}
_WIDTH = 79
_FATE = max(map(len, FATES))
_INDENT = 2 + _FATE + 2


def conversions_text(conversions: Sequence[Conversion], paint: Paint) -> str:
    """The table of losses: a heading for each result, a row for each field, kept ones together."""
    blocks = ["".join(f"{line}\n" for line in _lines(one, paint)) for one in conversions]
    return "\n".join(blocks)


def _lines(one: Conversion, paint: Paint) -> Iterator[str]:
    yield paint("title", one_line(f"{one.file} ({one.source}) to {one.host}"))
    yield f"  {one_line(one.path)}{', refused' if one.refused else ''}"
    for fate in FATES:
        losses = [loss for loss in one.losses if loss.fate == fate]
        silent = [loss for loss in losses if not loss.told and loss.to in ((loss.key,), ())]
        if silent:
            yield from _row(fate, ", ".join(f"{loss.key}:{loss.line}" for loss in silent), paint)
        for loss in losses:
            if loss not in silent:
                yield from _row(fate, _said(loss), paint)


def _row(fate: Fate, said: str, paint: Paint) -> Iterator[str]:
    first, *rest = textwrap.wrap(one_line(said), _WIDTH - _INDENT, break_on_hyphens=False) or [""]
    yield f"  {paint(_STYLES[fate], f'{fate:{_FATE}}')}  {first}"
    yield from (f"{' ' * _INDENT}{line}" for line in rest)


def _said(loss: Loss) -> str:
    said = f"{loss.key}:{loss.line}"
    if loss.to and loss.to != (loss.key,):
        said += f" as {', '.join(loss.to)}"
    if loss.told:
        said += f": {loss.told}"
    return said + (f"; carried by {', '.join(loss.carriers)}" if loss.carriers else "")


def told(one: Conversion) -> str:
    """What a result lost, in a line; "" where nothing of it is lost."""
    found = {fate: [loss.key for loss in one.losses if loss.fate == fate] for fate in ("approximated", "dropped")}
    parts = [f"{', '.join(dict.fromkeys(keys))} {fate}" for fate, keys in found.items() if keys]
    return f"{one.file} to {one.host}: {'; '.join(parts)}" if parts else ""


def widened(one: Conversion) -> Iterator[str]:
    """A line for each right that is wider, as was allowed."""
    for loss in one.losses:
        if loss.rights and loss.fate != "refused":
            yield f"{one.file}:{loss.line}: warning[permission-widened]: {loss.key}: {loss.told}"


def refusals(one: Conversion) -> Iterator[str]:
    """A line for each refusal, with what would let it through."""
    for loss in one.refused:
        where = f"{one.file}:{loss.line}"
        hosts = f"; {', '.join(loss.carriers)} can hold it back" if loss.carriers else ""
        yield f"{where}: refused for {one.host}: {loss.key}: {loss.told}{hosts}; --allow-loss {loss.key} lets it grow"


def warnings(one: Conversion, name: str) -> Iterator[str]:
    """A line for each thing that the host's reader warns of in a result."""
    for note in one.diagnostics:
        told_ = "; ".join(filter(None, (note.message, note.assumed, note.remedy)))
        yield f"{name}:{note.line}: {note.severity}[{note.code}]: {told_}"


def conversions_json(conversions: Sequence[Conversion]) -> dict[str, Any]:
    """`agentmerge/convert/1`."""
    return {
        "schema": "agentmerge/convert/1",
        "conversions": [
            {
                "file": one.file,
                "source": one.source,
                "host": one.host,
                "path": one.path,
                "refused": bool(one.refused),
                "fields": [_field(loss) for loss in one.losses],
            }
            for one in conversions
        ],
    }


def _field(loss: Loss) -> dict[str, Any]:
    return {
        "key": loss.key,
        "line": loss.line,
        "fate": loss.fate,
        "to": list(loss.to),
        "told": loss.told,
        "carriers": list(loss.carriers),
        "rights": list(loss.rights),
    }
