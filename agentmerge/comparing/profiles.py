"""One author's definition in figures, its keys of data, and what its sections are about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentmerge.aligning.kinds import kind_of
from agentmerge.aligning.matching import words
from agentmerge.aligning.records import Alignment
from agentmerge.comparing.records import Key, Profile, Said, Topic
from agentmerge.drifting.clauses import clauses_of
from agentmerge.drifting.datakeys import data_keys
from agentmerge.drifting.modality import STRONG
from agentmerge.knowledge import Knowledge
from agentmerge.lineage.holdings import procedures, rights_in_words, tiers
from agentmerge.model import Definition, Section, walk_units


def profile(file: int, definition: Definition, knowledge: Knowledge) -> Profile:
    """One definition in figures."""
    rules = [one for one in clauses_of(0, definition, knowledge) if one.is_guardrail]
    model = definition.field("model")
    found = tiers(definition, knowledge)
    picked = [key for key in knowledge.raw("review")["fields"]["trigger"] if definition.field(key) is not None]
    return Profile(
        file,
        rights_in_words(definition, knowledge),
        tuple(tier for tier, value in found.items() if value.text != "none"),
        sum(value.weight * 4**number for number, value in enumerate(found.values())),
        model.inline if model is not None else "",
        definition.dialect or "plain",
        len(words(definition.text)),
        len(rules),
        sum(one.strength >= STRONG for one in rules),
        len(_keys_of(definition)),
        sum(len(steps) for _, steps in procedures(definition, knowledge).values()),
        ", ".join(picked),
    )


def _keys_of(definition: Definition) -> dict[str, tuple[int, str]]:
    """Keys of data, each with the line of its block and the title above it."""
    found: dict[str, tuple[int, str]] = {}
    for place in walk_units(definition.root):
        for key in data_keys(place.unit):
            found.setdefault(key, (place.unit.line, place.path[-1].title if place.path else ""))
    return found


def keys_of(definitions: Sequence[Definition]) -> tuple[Key, ...]:
    """Every key of shown data with who has it, what most have first."""
    rows: dict[str, list[Said]] = {}
    for file, definition in enumerate(definitions):
        for name, (line, section) in _keys_of(definition).items():
            rows.setdefault(name, []).append(Said(file, line, name, STRONG, "", section))
    found = [Key(name, tuple(said)) for name, said in rows.items()]
    return tuple(sorted(found, key=lambda key: (-len(key.holders), key.name)))


def topics_of(definitions: Sequence[Definition], alignment: Alignment, knowledge: Knowledge) -> tuple[Topic, ...]:
    """What the sections are about, by their kind, by what the alignment calls one, else by title."""
    names: dict[tuple[int, int], str] = {}
    for group in alignment.sections:
        if group.relation == "same":
            shared = min(member.text for member in group.members)
            names |= {member.key: shared for member in group.members}
    counts: dict[str, list[int]] = {}
    for file, definition in enumerate(definitions):
        for section in _topical(definition.root):
            kind = kind_of(section.title, knowledge)
            title = kind if kind in knowledge.outline else names.get((file, section.line), section.title)
            row = counts.setdefault(title.strip().lower(), [0] * len(definitions))
            row[file] += _words_in(section)
    found = [Topic(title, tuple(row)) for title, row in counts.items() if any(row)]
    return tuple(sorted(found, key=lambda one: (-sum(count > 0 for count in one.words), -sum(one.words), one.title)))


def _topical(root: Section) -> Iterator[Section]:
    """The sections below the title of a file, or at its top."""
    for section in root.sections:
        below = section.sections
        if section.level == 1 and below:
            yield from below
        else:
            yield section


def _words_in(section: Section) -> int:
    own = sum(len(words(unit.text)) for unit in section.units)
    return own + sum(map(_words_in, section.sections))
