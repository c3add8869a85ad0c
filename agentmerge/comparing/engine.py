"""Definitions of one role in, authors side by side out: figures, rules by strength, topics, what only one has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from agentmerge.comparing.records import Clash, Comparison, Key, Profile, Rule, Said, Take, Topic
from agentmerge.diffing.records import Spot
from agentmerge.drifting.reviewing import canonical, with_sentences
from agentmerge.knowledge.tables import Knowledge
from agentmerge.lineage.chains import Places, bound_by
from agentmerge.lineage.holdings import procedures, rights_in_words, tiers, word_count
from agentmerge.matching.aligning import align
from agentmerge.matching.features import kind_of
from agentmerge.matching.pairwise import similarity
from agentmerge.matching.records import Alignment
from agentmerge.model import Definition, Field, Section, walk_units
from agentmerge.statements.clauses import MEDIUM, STRONG, Clause, clauses_of
from agentmerge.statements.figures import data_keys
from agentmerge.statements.sentences import Restatements, SentencePairs

# Matching -------------------------------------------------------------------------------------------------------------
#
# Which rules of several authors are one: the sentences of each two of them, one to one, joined to groups.


SAME = 0.55
"""Least similarity of the sentences of two authors that say one thing."""

Mark = tuple[int, int]
"""A sentence: number of the definition and of the sentence in it."""


class _Link(NamedTuple):
    score: float
    a: Mark
    b: Mark


def rules_of(definitions: Sequence[Definition], knowledge: Knowledge) -> tuple[Rule, ...]:
    """Every prohibition and obligation with all who say it; the number of a definition is that of its author."""
    clauses = [clauses_of(0, one, knowledge) for one in definitions]
    groups = _groups(sorted(_links(definitions, clauses, knowledge), key=lambda link: (-link.score, link.a, link.b)))
    rules = []
    for file, own in enumerate(clauses):
        for number in range(len(own)):
            group = groups.get((file, number), {file: number})
            if file == min(group) and any(clauses[n][at].is_guardrail for n, at in group.items()):
                rules.append(_rule(group, clauses, knowledge))
    return tuple(sorted(rules, key=_rank))


def _rank(rule: Rule) -> tuple[object, ...]:
    return -len(rule.holders), -rule.strongest.strength, -sum(one.strength for one in rule.said), rule.strongest.text


def _links(
    definitions: Sequence[Definition], clauses: Sequence[Sequence[Clause]], knowledge: Knowledge
) -> Iterator[_Link]:
    for a, b in combinations(range(len(definitions)), 2):
        _, pairs = with_sentences(definitions, a, b, knowledge)
        yield from _of_pair(pairs, (a, b), (Places(clauses[a]), Places(clauses[b])))


def _of_pair(pairs: SentencePairs, files: tuple[int, int], places: tuple[Places, Places]) -> Iterator[_Link]:
    for one, other in pairs.pairs:
        if not (one.is_guardrail or other.is_guardrail):
            continue
        score = 1.0 if one.folded == other.folded else similarity(one.bag, other.bag)
        left, right = places[0].of(one), places[1].of(other)
        if score >= SAME and left is not None and right is not None:
            yield _Link(score, (files[0], left), (files[1], right))


def _groups(links: Sequence[_Link]) -> dict[Mark, dict[int, int]]:
    """Sentences that are one thing, the surest links first; an author has one sentence in a group."""
    groups: dict[Mark, dict[int, int]] = {}
    for link in links:
        left, right = (groups.get(mark, dict([mark])) for mark in (link.a, link.b))
        if left is not right and left.keys().isdisjoint(right):
            left.update(right)
            for mark in left.items():
                groups[mark] = left
    return groups


def _rule(group: dict[int, int], clauses: Sequence[Sequence[Clause]], knowledge: Knowledge) -> Rule:
    said = [_said(file, clauses[file][at]) for file, at in group.items()]
    said.sort(key=lambda one: (-one.strength, one.text, one.file))
    strongest = clauses[said[0].file][group[said[0].file]]
    for file, own in enumerate(clauses):
        if file not in group and strongest.is_guardrail:
            likely = Restatements(clauses[said[0].file], own, knowledge).of(strongest)
            said += [_said(file, one.clause, is_sure=False) for one in likely[:1]]
    return Rule(tuple(said))


def _said(file: int, clause: Clause, *, is_sure: bool = True) -> Said:
    text = " ".join(clause.text.split())
    section = clause.path.rpartition(" / ")[2]
    return Said(file, clause.unit.line, text, clause.strength, bound_by(clause), section, is_sure)


# Profiles -------------------------------------------------------------------------------------------------------------
#
# One author's definition in figures, its keys of data, and what its sections are about.


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
        word_count(definition.text),
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
    own = sum(word_count(unit.text) for unit in section.units)
    return own + sum(map(_words_in, section.sections))


# Comparing ------------------------------------------------------------------------------------------------------------
#
# Authors of one role side by side, without a before and after.
#
# `comparison(definitions, knowledge)`: who may do what, who says what how strongly, what to take from whom


def comparison(given: Sequence[Definition], knowledge: Knowledge) -> Comparison:
    """Compare definitions of one role. Their order decides nothing but how they are numbered."""
    order = canonical(given)
    definitions = [given[n] for n in order]
    alignment = align(definitions, knowledge)
    rules = rules_of(definitions, knowledge)
    keys = keys_of(definitions)
    profiles = [profile(n, one, knowledge) for n, one in enumerate(definitions)]
    base = _base(profiles, rules)
    return Comparison(
        tuple(sorted((one._replace(file=order[one.file]) for one in profiles), key=lambda one: one.file)),
        tuple(Rule(_numbered(rule.said, order)) for rule in rules),
        tuple(Key(key.name, _numbered(key.said, order)) for key in keys),
        tuple(_columns(topic, order) for topic in topics_of(definitions, alignment, knowledge)),
        tuple(_clashes(alignment, order)),
        tuple(one._replace(file=order[one.file], rules=_numbered(one.rules, order)) for one in _takes(rules, keys)),
        order[base],
    )


def _numbered(said: Sequence[Said], order: Sequence[int]) -> tuple[Said, ...]:
    return tuple(one._replace(file=order[one.file]) for one in said)


def _columns(topic: Topic, order: Sequence[int]) -> Topic:
    counts = [0] * len(order)
    for n, count in enumerate(topic.words):
        counts[order[n]] = count
    return topic._replace(words=tuple(counts))


def _base(profiles: Sequence[Profile], rules: Sequence[Rule]) -> int:
    """Who has most of the rules as strongly as anybody; of equals whose rights reach least."""

    def rank(one: Profile) -> tuple[int, int]:
        held = [said for rule in rules if (said := rule.by(one.file)) is not None and said.is_sure]
        return sum(said.strength for said in held), -one.reach

    return max(profiles, key=rank).file


def _clashes(alignment: Alignment, order: Sequence[int]) -> list[Clash]:
    """The contradictions; a field is one, however many of its pairs differ."""
    found: list[Clash] = []
    fields: dict[str, dict[Spot, None]] = {}
    for group in alignment.units:
        if group.relation == "contradicts":
            sides = tuple(Spot(order[one.file], one.line, one.text) for one in group.members)
            if all(isinstance(one.node, Field) for one in group.members):
                fields.setdefault(group.slot, {}).update(dict.fromkeys(sides))
            else:
                found.append(Clash(group.slot, sides))
    return [*(Clash(slot, tuple(sorted(sides))) for slot, sides in fields.items()), *found]


def _takes(rules: Sequence[Rule], keys: Sequence[Key]) -> list[Take]:
    """Sections with what only one author says and what binds, the fullest first."""
    own: dict[tuple[int, str], tuple[list[Said], list[str]]] = {}
    for rule in rules:
        one = rule.strongest
        if len(rule.said) == 1 and one.strength >= MEDIUM and one.section:
            own.setdefault((one.file, one.section), ([], []))[0].append(one)
    for key in keys:
        one = key.said[0]
        if len(key.said) == 1 and one.section:
            own.setdefault((one.file, one.section), ([], []))[1].append(key.name)
    takes = [Take(file, section, tuple(said), tuple(names)) for (file, section), (said, names) in own.items()]
    return sorted(takes, key=_weight)


def _weight(take: Take) -> tuple[object, ...]:
    return -sum(one.strength for one in take.rules) - len(take.keys), take.section, take.file
