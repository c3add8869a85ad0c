"""Definitions in, one `Alignment` out: which section and which unit of one variant corresponds to which of another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from agentmerge.aligning import conflicts, fields, lexicon, linking, slots
from agentmerge.aligning import constants as c
from agentmerge.aligning.candidates import Candidates, candidates, paired
from agentmerge.aligning.features import reader
from agentmerge.aligning.meaning import Embed
from agentmerge.aligning.reasons import Reasons
from agentmerge.aligning.records import Alignment, Group, Key, Member, Partner
from agentmerge.aligning.scoring import Pair, Score, Scorer, Weights
from agentmerge.aligning.sections import SectionScorer, introduction, section_groups, sectors
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition
from agentmerge.parsing.prompts import with_prompt


class Comparison(NamedTuple):
    """Variants that are read, and the pairs of their units that are worth a score."""

    scorer: Scorer
    sections: SectionScorer
    candidates: Candidates

    @property
    def pairs(self) -> Sequence[Pair]:
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
        *fields.groups(definitions, knowledge),
        *introduction(sections, knowledge),
        *(_same(group, scorer, reasons, copies) for group in equal),
        *(group for head, others in covering for group in _covering(head, others, scores, scorer, reasons, copies)),
        *(_contradicting(pair, conflict, scorer) for pair, conflict in _each(against, copies)),
        *_related({pair: score for pair, score in scores.items() if pair not in told}, equal, scorer, reasons, copies),
        *slots.scale_groups(scorer.units, knowledge),
        *slots.form_groups(scorer.units, knowledge),
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
    best: defaultdict[Pair, list[tuple[float, int]]] = defaultdict(list)
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


def _each(found: Mapping[Pair, Found], copies: Mapping[int, Sequence[int]]) -> Iterator[tuple[Pair, Found]]:
    """What was found of pairs, for the copies that they stand for, too."""
    for (a, b), one in found.items():
        if a in copies or b in copies:
            yield from ((pair, one) for pair in paired(copies.get(a, [a]), copies.get(b, [b])))
        else:
            yield (a, b), one


def _judge(
    pairs: Sequence[Pair], scorer: Scorer, against: dict[Pair, conflicts.Conflict], knowledge: Knowledge
) -> dict[Pair, Score]:
    """The scores of the pairs that are alike; what contradicts is added to `against`."""
    scores: dict[Pair, Score] = {}
    known: dict[Pair, conflicts.Conflict | None] = {}
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


def _contradicting(pair: Pair, conflict: conflicts.Conflict, scorer: Scorer) -> Group:
    a, b = (scorer.units[number].member for number in pair)
    return Group((a, b), "contradicts", conflict.score, conflict.reason, slot=conflict.slot)


def _same(group: Sequence[int], scorer: Scorer, reasons: Reasons, copies: Mapping[int, Sequence[int]]) -> Group:
    members = _members((number for first in group for number in copies.get(first, (first,))), scorer)
    return Group(members, "same", round(linking.mean(group, scorer), 4), reasons.of_units(group))


def _covering(
    head: int,
    others: Sequence[int],
    scores: Mapping[Pair, Score],
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
    scores: Mapping[Pair, Score],
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
