"""Rules that a file lost, looked for in the other files of a change set, and whether the file loads them from there."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from agentmerge.diffing.records import ChangeSeverity
from agentmerge.drifting.clauses import Clause, clauses_of
from agentmerge.drifting.records import Finding
from agentmerge.drifting.tracing import Fresh
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition
from agentmerge.parsing.relations import imports

_LOST = "guardrail-removed"


class Placed(Protocol):
    """A definition with its path."""

    @property
    def place(self) -> str: ...
    @property
    def definition(self) -> Definition: ...


def with_places(
    findings: Sequence[Finding], old: Definition, new: Placed, files: Mapping[int, Fresh], knowledge: Knowledge
) -> Iterator[Finding]:
    """The findings of a pair, where a rule that is gone is told with the changed file that says it now.

    It is no more than information where the definition imports that file: it still binds it.
    """
    loaded = frozenset(_imported(new))
    clauses = {(one.unit.line, one.text): (at, one) for at, one in enumerate(clauses_of(0, old, knowledge))}
    for one in findings:
        known = clauses.get((one.a.line, one.a.text)) if one.rule == _LOST and one.a is not None else None
        places = [] if known is None else list(_places(*known, files))
        read = next((row for row in places if row[0] in loaded), None)
        if read is not None:
            message = f"{one.message}; it stands at {read[0]}:{read[1]} now, which this file imports"
            yield one._replace(message=message, severity=ChangeSeverity.INFO)
        elif places:
            path, line = places[0]
            yield one._replace(message=f"{one.message}; it stands at {path}:{line} now, which this file does not load")
        else:
            yield one


def _places(at: int, clause: Clause, files: Mapping[int, Fresh]) -> Iterator[tuple[str, int]]:
    for one in files.values():
        found = one.find(clause, at)
        if found is not None:
            yield one.place, found.unit.line


def _imported(new: Placed) -> Iterator[str]:
    """Paths that a definition imports, from the top of its tree."""
    for unit in imports(new.definition):
        yield posixpath.normpath(posixpath.join(posixpath.dirname(new.place), unit.label))
