"""What hosts read whole of every source they read whole of the result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from agentmerge.guardrails import holds_guardrail
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, walk_sections, walk_units
from agentmerge.outcome import Notice
from agentmerge.paths import like
from agentmerge.proving.records import Case
from agentmerge.proving.registry import law

_CODES = frozenset({"field-too-long", "body-too-long"})


class Limit(NamedTuple):
    """What a host reads of a file at most."""

    host: str
    """Its title."""
    bytes: int


@law("limit-exceeded")
def look(case: Case) -> Iterator[Notice]:
    known = {note.code for source in case.sources for note in source.diagnostics if note.code in _CODES}
    for note in case.result.diagnostics:
        if note.code in _CODES and note.code not in known:
            yield case.notice("limit-exceeded", "; ".join(filter(None, (note.message, note.assumed))), [note.line])
    size = len(case.result.text.encode("utf-8", "surrogatepass"))
    largest = max((len(source.text.encode("utf-8", "surrogatepass")) for source in case.sources), default=0)
    for limit in limits(case.paths, case.knowledge):
        if largest <= limit.bytes < size:
            yield _exceeded(case, limit, size)


def limits(paths: tuple[str, ...], knowledge: Knowledge) -> Iterator[Limit]:
    """The limits of the hosts that read a file under one of some names."""
    for dialect in knowledge.dialects.values():
        for pattern, most in dialect.file_limits.items():
            if any(like(f"*/{pattern}", f"/{path}") for path in paths):
                yield Limit(dialect.title, most)


def _exceeded(case: Case, limit: Limit, size: int) -> Notice:
    line = first_cut(case.result.text, limit.bytes)
    cut = [place for place in walk_units(case.result.root) if place.unit.line >= line]
    titles = [section.title for _, section in walk_sections(case.result.root) if section.line >= line]
    binding = sum(holds_guardrail(place.unit.flow, case.knowledge) for place in cut)
    what = f"'{titles[0]}' and " if titles else ""
    told = f"{size:,} bytes, {limit.host} reads {limit.bytes:,}: {what}{len(cut)} units from here on are cut"
    return case.notice("limit-exceeded", f"{told}, {binding} of them guardrails" if binding else told, [line])


def first_cut(text: str, most: int) -> int:
    """The line that the first byte beyond a limit stands on."""
    kept = text.encode("utf-8", "surrogatepass")[:most]
    return kept.count(b"\n") + 1


def guardrails_cut(definition: Definition, most: int, knowledge: Knowledge) -> int:
    """How many units that forbid or demand something stand beyond a limit."""
    line = first_cut(definition.text, most)
    return sum(
        place.unit.end > line and holds_guardrail(place.unit.flow, knowledge) for place in walk_units(definition.root)
    )
