"""The law of combining, checked on the result: each guardrail of an input is in it, in the ledger or in a finding."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agentmerge.errors import InternalError
from agentmerge.guardrails import holds_guardrail
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Field, Unit, walk_sections, walk_units
from agentmerge.outcome import LedgerRow, Notice, Source

_MARKS = re.compile(r"[*_`#>]+")


def require(
    definitions: Sequence[Definition], ledger: Sequence[LedgerRow], text: str, knowledge: Knowledge
) -> Iterator[Notice]:
    """A notice for each heading that forbids or demands something and is not in the result.

    Headings have no row in the ledger. Raises InternalError where a field or unit that binds has none.
    """
    rows = {(row.source.file, row.source.line) for row in ledger}
    said = _bare(text)
    for file, definition in enumerate(definitions):
        units: list[Field | Unit] = [*definition.fields, *(place.unit for place in walk_units(definition.root))]
        hole = next((u for u in units if (file, u.line) not in rows and holds_guardrail(u.text, knowledge)), None)
        if hole is not None:
            message = f"a guardrail has no row in the ledger: '{hole.text[:60]}'"
            raise InternalError(message, file=definition.filename, line=hole.line)
        for path, section in walk_sections(definition.root):
            if holds_guardrail(section.title, knowledge) and _bare(section.title) not in said:
                source = Source(file, section.line, "heading", section.title)
                where = " / ".join(one.title for one in (*path, section))
                message = f"the heading '{section.title}' is not in the result"
                yield Notice("guardrail-dropped", "warning", message, where, (source,))


def _bare(text: str) -> str:
    return " ".join(_MARKS.sub(" ", text).lower().split())
