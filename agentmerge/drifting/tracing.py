"""Statements followed across the files of a change set: where what one file said stands now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from agentmerge.drifting.clauses import Clause, clauses_of, new_clauses
from agentmerge.drifting.sentences import Holders
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition
from agentmerge.parsing.dialects import by_path

SHARED = 0.6
"""Share of equal statements of the shorter definition from which two files are versions of one text."""
LEAST = 3
"""Statements of another file from which a file holds a part of it."""
PART = 0.2
"""Share of a file's statements from which another one holds a part of it."""
WHOLE = 0.9
"""Share from which it holds all of it, and nothing was split."""


def is_loaded(place: str, knowledge: Knowledge) -> bool:
    """Whether a host looks for definitions at a path: by its pattern, or in a folder that hosts call theirs.

    Plugins and collections keep `agents` and `skills` anywhere.
    """
    folders = PurePosixPath(place).parts[:-1]
    return by_path(place, knowledge) is not None or not knowledge.derived(_folders).isdisjoint(folders)


def _folders(knowledge: Knowledge) -> frozenset[str]:
    """What hosts call the folders that hold definitions: `agents` of `.claude/agents/*.md`."""
    parts = (part for one in knowledge.dialects.values() for path in one.paths for part in path.split("/")[:-1])
    return frozenset(part for part in parts if part.isidentifier())


@dataclass(frozen=True)
class Fresh:
    """What a file of the new tree says that its earlier self did not say."""

    place: str
    definition: Definition
    knowledge: Knowledge
    before: Definition | None = field(default=None)
    """Its earlier self, None where it is new."""

    @cached_property
    def is_loaded(self) -> bool:
        """Whether a host looks for definitions where it stands."""
        return is_loaded(self.place, self.knowledge)

    @cached_property
    def clauses(self) -> Sequence[Clause]:
        if self.before is None:
            return clauses_of(1, self.definition, self.knowledge)
        return new_clauses(1, self.definition, self.before, self.knowledge)

    @cached_property
    def texts(self) -> frozenset[str]:
        """Its sentences, folded."""
        return frozenset(clause.folded for clause in self.clauses)

    @cached_property
    def _holders(self) -> Holders:
        return Holders(self.clauses)

    @cached_property
    def _by_text(self) -> Mapping[str, Clause]:
        return {clause.folded: clause for clause in reversed(self.clauses)}

    def find(self, clause: Clause, at: int) -> Clause | None:
        """Its sentence that says another one whole and as strictly, None without one."""
        same = self._by_text.get(clause.folded)
        if same is not None and same.strength >= clause.strength and same.forbids == clause.forbids:
            return same
        return self._holders.find(clause, at)


@dataclass(frozen=True, slots=True)
class Trace:
    """Where the sentences of a definition stand now."""

    lost: tuple[Clause, ...]
    """Prohibitions and obligations that stand nowhere."""
    found: tuple[tuple[Clause, int, Clause], ...]
    """The others, each with the number of the file that says it, and its sentence."""


def trace(old: Definition, files: Mapping[int, Fresh], knowledge: Knowledge) -> Trace:
    """Every prohibition and obligation of a definition, in the files of the new tree: the first that says it counts."""
    lost, found = [], []
    for at, clause in enumerate(clauses_of(0, old, knowledge)):
        if not clause.is_guardrail:
            continue
        place = next(((number, new) for number, one in files.items() if (new := one.find(clause, at))), None)
        if place is None:
            lost.append(clause)
        else:
            found.append((clause, *place))
    return Trace(tuple(lost), tuple(found))


def parts_of(old: Definition, files: Mapping[int, Fresh], knowledge: Knowledge) -> dict[int, float]:
    """Files that hold a part of a definition, each with its share of it, where all together hold most of it."""
    said = {clause.folded for clause in clauses_of(0, old, knowledge)}
    held = {number: said & one.texts for number, one in files.items()}
    parts = {number: texts for number, texts in held.items() if len(texts) >= max(LEAST, PART * len(said))}
    if len(set().union(*parts.values())) < SHARED * len(said):
        return {}
    return {number: len(texts) / len(said) for number, texts in parts.items()}


def is_split(parts: Mapping[int, float]) -> bool:
    """Whether several files hold a part each, and none of them nearly all."""
    return len(parts) > 1 and max(parts.values()) < WHOLE
