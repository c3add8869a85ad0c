"""Whether variants define one role: by what they are called, whom they say they are, and how much of them is alike.

The weights come from `benchmarks/roles.py`: pairs of files of one role by different authors, and of unrelated ones.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from math import fsum
from typing import NamedTuple

from agentmerge.aligning import lexicon, vectors
from agentmerge.aligning.features import language_of
from agentmerge.aligning.kinds import identity_of
from agentmerge.aligning.records import Alignment
from agentmerge.aligning.vectors import Vector
from agentmerge.knowledge import Knowledge
from agentmerge.memo import per_definition
from agentmerge.model import Definition, walk_units

NAMES, LINES, BODIES, MATCHED, BASE = 3.9, 3.3, 2.2, 7.1, -4.0
"""What each kind of evidence is worth, and what has to be outweighed."""

Pair = tuple[int, int]

_WORD = re.compile(r"[^\W_]+(?:[#+]+)?")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s|\\n|\n")
_MOST = 300
"""Characters of a description that say what it is for; examples of its use follow."""


class Evidence(NamedTuple):
    """What speaks for two variants being of one role, each in [0, 1] or near it."""

    names: float
    """Share of the words of the shorter name that the other one has, titles such as `senior` or `expert` aside."""
    lines: float
    """Cosine of name, title, description and identity."""
    bodies: float
    """Cosine of all that they say."""
    matched: float
    """Share of units with a partner in the other one, of that variant of which more has one."""

    @property
    def weight(self) -> float:
        """Above 0 where the two are rather of one role than of two."""
        parts = (NAMES * self.names, LINES * self.lines, BODIES * self.bodies, MATCHED * self.matched)
        return fsum((BASE, *parts))


class _Told(NamedTuple):
    """What one variant says of its role."""

    name: frozenset[str]
    line: Vector
    body: Vector


def evidence(alignment: Alignment, a: int, b: int, knowledge: Knowledge) -> Evidence:
    """What speaks for two of the variants being of one role."""
    return _evidence(alignment, a, b, _partners(alignment), knowledge)


def apart(alignment: Alignment, knowledge: Knowledge) -> tuple[tuple[int, ...], ...]:
    """The variants by role: those that are linked by pairs of one role are together. One group for one role.

    A variant that says nothing of its role is told apart from none.
    """
    partners = _partners(alignment)
    telling = [file for file, one in enumerate(alignment.definitions) if _told(one, knowledge).line]
    silent = set(range(len(alignment.definitions))) - set(telling)
    groups = [{file} for file in telling] or [set[int]()]
    for a, b in combinations(telling, 2):
        home, other = (next(group for group in groups if file in group) for file in (a, b))
        if home is not other and _evidence(alignment, a, b, partners, knowledge).weight > 0:
            home |= other
            groups.remove(other)
    groups[0] |= silent
    return tuple(sorted(tuple(sorted(group)) for group in groups))


def _evidence(alignment: Alignment, a: int, b: int, partners: Mapping[Pair, int], knowledge: Knowledge) -> Evidence:
    one, other = (_told(alignment.definitions[file], knowledge) for file in (a, b))
    shortest = min(len(one.name), len(other.name))
    units = [coverage.units for coverage in alignment.coverage]
    return Evidence(
        len(one.name & other.name) / shortest if shortest else 0.0,
        vectors.cosine(one.line, other.line),
        vectors.cosine(one.body, other.body),
        max(partners.get(pair, 0) / max(1, units[pair[0]]) for pair in ((a, b), (b, a))),
    )


def _partners(alignment: Alignment) -> Mapping[Pair, int]:
    """How many units of one variant have a partner in another one, by both."""
    found: dict[Pair, set[int]] = defaultdict(set)
    for group in alignment.units:
        if group.relation in ("same", "covers", "contradicts"):
            files = {member.file for member in group.members}
            for member in group.members:
                for file in files - {member.file}:
                    found[member.file, file].add(member.line)
    return {pair: len(lines) for pair, lines in found.items()}


@per_definition
def _told(definition: Definition, knowledge: Knowledge) -> _Told:
    known, language = lexicon.of(knowledge), language_of(definition, knowledge) or "en"
    titles = frozenset(knowledge.raw("roles")["titles"]["words"])

    def tokens(text: str) -> list[str]:
        return known.tokens(" ".join(word for word in _WORD.findall(text.lower()) if word not in titles), language)

    name, title, *rest = (tokens(text) for text in _sayings(definition, knowledge))
    line = [token for said in (name, title, *rest) for token in said]
    body = [token for place in walk_units(definition.root) for token in known.tokens(place.unit.flow, language)]
    of = vectors.of(knowledge).of
    return _Told(frozenset(name) or frozenset(title), of(line), of(body))


def _sayings(definition: Definition, knowledge: Knowledge) -> Sequence[str]:
    """Name, top heading, and the first sentences of who the agent is and of its description; "" for what is absent."""
    fields = [definition.field(key) for key in ("name", "description")]
    name, description = (field.text.strip() if field is not None else "" for field in fields)
    title = next((section.title for section in definition.root.sections if section.heading_level == 1), "")
    return name, title, _first(identity_of(definition, knowledge)), _first(description)[:_MOST]


def _first(text: str) -> str:
    return _SENTENCE_END.split(text, maxsplit=1)[0]
