"""Definitions in, one `Alignment` out: which section and unit corresponds to which; and whether all are one role."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from math import fsum
from typing import NamedTuple, TypeVar

from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching import conflicts, linking, records
from agentmerge.matching import constants as c
from agentmerge.matching.features import identity_of, language_of, reader
from agentmerge.matching.linking import Candidates, Reasons, candidates, paired
from agentmerge.matching.records import Alignment, Group, Key, Member, Partner
from agentmerge.matching.scoring import Score, Scorer, UnitPair, Weights
from agentmerge.matching.sections import SectionScorer, introduction, section_groups, sectors
from agentmerge.model import Definition, per_definition, walk_units
from agentmerge.reading.relations import with_prompt
from agentmerge.text import lexicon, similarity
from agentmerge.text.similarity import Embed, Vector

# Roles ----------------------------------------------------------------------------------------------------------------
#
# Whether variants define one role: by what they are called, whom they say they are, and how much of them is alike.
#
# The weights come from `benchmarks/roles.py`: pairs of files of one role by different authors, and of unrelated ones.


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
        similarity.cosine(one.line, other.line),
        similarity.cosine(one.body, other.body),
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
    of = similarity.of(knowledge).of
    return _Told(frozenset(name) or frozenset(title), of(line), of(body))


def _sayings(definition: Definition, knowledge: Knowledge) -> Sequence[str]:
    """Name, top heading, and the first sentences of who the agent is and of its description; "" for what is absent."""
    fields = [definition.field(key) for key in ("name", "description")]
    name, description = (field.text.strip() if field is not None else "" for field in fields)
    title = next((section.title for section in definition.root.sections if section.heading_level == 1), "")
    return name, title, _first(identity_of(definition, knowledge)), _first(description)[:_MOST]


def _first(text: str) -> str:
    return _SENTENCE_END.split(text, maxsplit=1)[0]


# Aligning -------------------------------------------------------------------------------------------------------------
#
# Definitions in, one `Alignment` out: which section and which unit of one variant corresponds to which of another.


class Comparison(NamedTuple):
    """Variants that are read, and the pairs of their units that are worth a score."""

    scorer: Scorer
    sections: SectionScorer
    candidates: Candidates

    @property
    def pairs(self) -> Sequence[UnitPair]:
        return self.candidates.pairs


def compare(definitions: Sequence[Definition], knowledge: Knowledge, embed: Embed | None = None) -> Comparison:
    """Read the variants and choose the pairs to score."""
    read = reader(knowledge)
    found, numbers = sectors(definitions, read.lexicon, knowledge)
    units = [unit for file, one in enumerate(definitions) for unit in read.units(file, one, numbers[file])]
    role = frozenset[str]().union(*(read.role(definition) for definition in definitions))
    languages = {unit.language for unit in units}
    form = read.lexicon.form_of(*languages)
    weights = Weights(units, form, read.lexicon.shares_of(*languages), role)
    sections = SectionScorer(found, units, weights.of, form, role, knowledge)
    scorer = Scorer(units, weights, role, knowledge, embed)
    return Comparison(scorer, sections, candidates(units, scorer))


def align(
    definitions: Sequence[Definition],
    knowledge: Knowledge,
    embed: Embed | None = None,
    *,
    same: float = c.SAME,
    covers: float = c.SAME,
) -> Alignment:
    """Align any number of variants. The order of the variants changes nothing but the file numbers.

    `embed` says how near two statements are, as further evidence. `same` and `covers` are the least probabilities
    with which two units are called so, in [0, 1]: a review looks wide, what gives texts up must be sure.
    """
    definitions = [with_prompt(definition, knowledge) for definition in definitions]
    scorer, sections, found = compare(definitions, knowledge, embed)
    against, giving = conflicts.handovers(scorer, knowledge)
    scores = _judge(found.pairs, scorer, against, knowledge)
    copies, crowded = found.copies, found.crowded
    # Of many variants there are a million pairs, and few of them are alike.
    del found
    sections.learn(scores)
    equal = linking.groups(
        [(score.value, *pair) for pair, score in scores.items() if score.value >= same and not score.contains],
        scorer,
        against,
        most=c.CROWD * len(definitions) if crowded else None,
    )
    covering = linking.covers(scores, covers)
    told = {pair for head, others in covering for other in others for pair in ((head, other), (other, head))}
    reasons = Reasons(scorer, lexicon.of(knowledge))
    groups = [
        *records.groups(definitions, knowledge),
        *introduction(sections, knowledge),
        *(_same(group, scorer, reasons, copies) for group in equal),
        *(group for head, others in covering for group in _covering(head, others, scores, scorer, reasons, copies)),
        *(_contradicting(pair, conflict, scorer) for pair, conflict in _each(against, copies)),
        *_related({pair: score for pair, score in scores.items() if pair not in told}, equal, scorer, reasons, copies),
        *conflicts.scale_groups(scorer.units, knowledge),
        *conflicts.form_groups(scorer.units, knowledge),
    ]
    groups.sort(key=lambda group: ([member.key for member in group.members], group.relation))
    within = section_groups(sections)
    odds: dict[tuple[Key, Key], float] = {}
    for (a, b), score in _each(scores, copies):
        first, second = sorted((scorer.units[a].member.key, scorer.units[b].member.key))
        odds[first, second] = score.value
    is_crowded = crowded or giving or sections.crowded
    return Alignment(tuple(definitions), tuple(within), tuple(groups), is_crowded, odds)


def partners(
    definitions: Sequence[Definition], knowledge: Knowledge, embed: Embed | None = None, *, most: int = 2
) -> tuple[Partner, ...]:
    """For each unit the `most` likeliest partners in each other variant, however unlikely they are.

    Of the pairs that readers call the same nearly all stand among each unit's two likeliest; which of these are the
    same is the harder question, and one for a reader.
    """
    scorer, _, found = compare([with_prompt(one, knowledge) for one in definitions], knowledge, embed)
    scorer.keep_all()
    scorer.compete(found.pairs)
    best: defaultdict[UnitPair, list[tuple[float, int]]] = defaultdict(list)
    for a, b in found.pairs:
        score = scorer.score(a, b).value
        best[a, scorer.units[b].member.file].append((-score, b))
        best[b, scorer.units[a].member.file].append((-score, a))
    return tuple(
        Partner(scorer.units[unit].member, scorer.units[other].member, rank, -negative)
        for unit, file in sorted(best)
        for rank, (negative, other) in enumerate(sorted(best[unit, file])[:most], 1)
    )


def judged(definitions: Sequence[Definition], knowledge: Knowledge) -> Comparison:
    """As `compare`, with the sections knowing which units are alike."""
    comparison = compare(definitions, knowledge)
    comparison.sections.learn(_judge(comparison.pairs, comparison.scorer, {}, knowledge))
    return comparison


Found = TypeVar("Found")


def _each(found: Mapping[UnitPair, Found], copies: Mapping[int, Sequence[int]]) -> Iterator[tuple[UnitPair, Found]]:
    """What was found of pairs, for the copies that they stand for, too."""
    for (a, b), one in found.items():
        if a in copies or b in copies:
            yield from ((pair, one) for pair in paired(copies.get(a, [a]), copies.get(b, [b])))
        else:
            yield (a, b), one


def _judge(
    pairs: Sequence[UnitPair], scorer: Scorer, against: dict[UnitPair, conflicts.Conflict], knowledge: Knowledge
) -> dict[UnitPair, Score]:
    """The scores of the pairs that are alike; what contradicts is added to `against`."""
    scores: dict[UnitPair, Score] = {}
    known: dict[UnitPair, conflicts.Conflict | None] = {}
    scorer.compete(pairs)
    for pair in pairs:
        if pair in against:
            continue
        alike = scorer.alike(*pair)
        if alike is None or alike not in known:
            conflict = conflicts.find(*pair, scorer, knowledge)
            if alike is not None:
                known[alike] = conflict
        else:
            conflict = known[alike]
        if conflict is not None:
            against[pair] = conflict
        elif conflicts.parted(*pair, scorer):
            continue
        elif (score := scorer.score(*pair)).value >= c.RELATED:
            scores[pair] = score
    return scores


def _contradicting(pair: UnitPair, conflict: conflicts.Conflict, scorer: Scorer) -> Group:
    a, b = (scorer.units[number].member for number in pair)
    return Group((a, b), "contradicts", conflict.score, conflict.reason, slot=conflict.slot)


def _same(group: Sequence[int], scorer: Scorer, reasons: Reasons, copies: Mapping[int, Sequence[int]]) -> Group:
    members = _members((number for first in group for number in copies.get(first, (first,))), scorer)
    return Group(members, "same", round(linking.mean(group, scorer), 4), reasons.of_units(group))


def _covering(
    head: int,
    others: Sequence[int],
    scores: Mapping[UnitPair, Score],
    scorer: Scorer,
    reasons: Reasons,
    copies: Mapping[int, Sequence[int]],
) -> Iterator[Group]:
    """A head with what it covers in the other variants; of copies of a head each covers the same."""
    values = [scores[min(head, other), max(head, other)].value for other in others]
    covered = [number for first in others for number in copies.get(first, (first,))]
    for one in copies.get(head, (head,)):
        members = _members((one, *covered), scorer)
        yield Group(
            members,
            "covers",
            round(sum(sorted(values)) / len(values), 4),
            reasons.of_units([head, *others], head),
            cover=scorer.units[one].member.key,
        )


def _members(numbers: Iterable[int], scorer: Scorer) -> tuple[Member, ...]:
    return tuple(sorted((scorer.units[number].member for number in numbers), key=lambda member: member.key))


def _related(
    scores: Mapping[UnitPair, Score],
    same: Sequence[Sequence[int]],
    scorer: Scorer,
    reasons: Reasons,
    copies: Mapping[int, Sequence[int]],
) -> Iterator[Group]:
    """Pairs that are alike and stand in no group together."""
    home = {number: at for at, group in enumerate(same) for number in group}
    apart = {(a, b): score for (a, b), score in scores.items() if a not in home or home[a] != home.get(b)}
    for (a, b), score in _each(apart, copies):
        members = (scorer.units[a].member, scorer.units[b].member)
        yield Group(members, "related", round(score.value, 4), reasons.of_units((a, b)))
