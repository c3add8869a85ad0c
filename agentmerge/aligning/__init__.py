"""Definitions in, one `Alignment` out: which section and which unit of one variant corresponds to which of another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from agentmerge.aligning import conflicts, fields, linking, slots
from agentmerge.aligning import constants as c
from agentmerge.aligning.features import Features, reader
from agentmerge.aligning.lexicon import current
from agentmerge.aligning.reasons import Reasons
from agentmerge.aligning.records import Alignment, Group
from agentmerge.aligning.scoring import Pair, Score, Scorer, Weights
from agentmerge.aligning.sections import SectionScorer, introduction, section_groups, sectors
from agentmerge.model import Definition
from agentmerge.parsing.prompts import with_prompt


class Comparison(NamedTuple):
    """Variants that are read, and the pairs of their units that are worth a score."""

    scorer: Scorer
    sections: SectionScorer
    pairs: Sequence[Pair]


def compare(definitions: Sequence[Definition]) -> Comparison:
    """Read the variants and choose the pairs to score."""
    read = reader()
    found, numbers = sectors(definitions, read.lexicon)
    units = [unit for file, one in enumerate(definitions) for unit in read.units(file, one, numbers[file])]
    role = frozenset[str]().union(*(read.role(definition) for definition in definitions))
    languages = {unit.language for unit in units}
    form = read.lexicon.form_of(*languages)
    weights = Weights(units, form, read.lexicon.shares_of(*languages), role)
    sections = SectionScorer(found, units, weights.of, form, role)
    scorer = Scorer(units, weights, sections.context(), sections.subjects)
    return Comparison(scorer, sections, _candidates(units, scorer))


def align(definitions: Sequence[Definition]) -> Alignment:
    """Align any number of variants. The order of the variants changes nothing but the file numbers."""
    definitions = [with_prompt(definition) for definition in definitions]
    scorer, sections, pairs = compare(definitions)
    against, scores = _judge(pairs, scorer)
    # Of many variants there are a million pairs, and few of them are alike.
    del pairs
    sections.learn(scores)
    same = linking.groups(
        [(score.value, *pair) for pair, score in scores.items() if score.value >= c.SAME], scorer, against
    )
    reasons = Reasons(scorer, current())
    groups = [
        *fields.groups(definitions),
        *introduction(sections),
        *(_same(group, scorer, reasons) for group in same),
        *(_contradicting(pair, conflict, scorer) for pair, conflict in against.items()),
        *_related(scores, same, scorer, reasons),
        *slots.scale_groups(scorer.units),
    ]
    groups.sort(key=lambda group: ([member.key for member in group.members], group.relation))
    return Alignment(tuple(definitions), tuple(section_groups(sections)), tuple(groups))


def _candidates(units: Sequence[Features], scorer: Scorer) -> list[Pair]:
    """Pairs of units of different variants in which one says much of the other's core; in order.

    Who the agent is is compared whatever its words, and so is what is written the same.
    """
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for number, unit in enumerate(units):
        for token in unit.tokens:
            holders[token].append(number)
    file = [unit.member.file for unit in units]
    pairs: set[Pair] = set()
    known: dict[frozenset[str], list[int]] = {}
    for a in range(len(units)):
        core = scorer.content[a] or frozenset(units[a].tokens)
        if core not in known:
            known[core] = _saying(core, units, holders, scorer.weight)
        pairs.update([(a, b) if a < b else (b, a) for b in known[core] if file[a] != file[b]])
    who = [number for number, unit in enumerate(units) if unit.facet == "identity"]
    for others in (who, *_written_alike(units)):
        pairs.update((a, b) for a, b in combinations(others, 2) if file[a] != file[b])
    return sorted(pairs)


def _written_alike(units: Sequence[Features]) -> Iterator[list[int]]:
    """Units of one text that no word brings together: none in it counts, or it is read in different languages."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for number, unit in enumerate(units):
        found[unit.words].append(number)
    for numbers in found.values():
        if len({units[number].language for number in numbers}) > 1 or not units[numbers[0]].tokens:
            yield numbers


def _saying(
    core: frozenset[str], units: Sequence[Features], holders: Mapping[str, Sequence[int]], weight: Mapping[str, float]
) -> list[int]:
    """Units that say enough of a core.

    What is left of the core after its rarer words is too little by itself, so a frequent word is only looked up in
    the units that have a rarer one: prefix filtering (Chaudhuri, Ganti and Kaushik 2006).
    """
    left = sum(weight[token] for token in core)
    enough = c.CANDIDATE * left
    said: dict[int, float] = {}
    for token in sorted(core, key=lambda token: (len(holders[token]), token)):
        amount = weight[token]
        if left >= enough:
            for unit in holders[token]:
                said[unit] = said.get(unit, 0.0) + amount
            left -= amount
        else:
            left -= amount
            said = {
                unit: total
                for unit, before in said.items()
                if (total := before + amount if token in units[unit].tokens else before) + left >= enough
            }
    return [unit for unit, amount in said.items() if amount >= enough]


def _judge(pairs: Sequence[Pair], scorer: Scorer) -> tuple[dict[Pair, conflicts.Conflict], dict[Pair, Score]]:
    """What contradicts, and the scores of all other pairs that are alike."""
    against = dict(conflicts.handovers(scorer))
    scores: dict[Pair, Score] = {}
    known: dict[Pair, conflicts.Conflict | None] = {}
    for pair, alike, evidence in scorer.compete(pairs):
        if pair in against:
            continue
        conflict = known.get(alike) if alike else None
        if evidence is not None and conflict is None and alike not in known:
            conflict = conflicts.find(*pair, evidence, scorer)
            if alike:
                known[alike] = conflict
        if conflict is not None:
            against[pair] = conflict
        elif (score := scorer.judge(*pair, alike, evidence)).value >= c.RELATED:
            scores[pair] = score
    return against, scores


def _contradicting(pair: Pair, conflict: conflicts.Conflict, scorer: Scorer) -> Group:
    a, b = (scorer.units[number].member for number in pair)
    return Group((a, b), "contradicts", conflict.score, conflict.reason, slot=conflict.slot)


def _same(group: Sequence[int], scorer: Scorer, reasons: Reasons) -> Group:
    members = tuple(sorted((scorer.units[number].member for number in group), key=lambda member: member.key))
    cover = linking.cover(group, scorer)
    return Group(
        members,
        "same",
        round(linking.mean(group, scorer), 4),
        reasons.of_units(group, cover),
        cover=scorer.units[cover].member.key if cover is not None else None,
    )


def _related(
    scores: Mapping[Pair, Score], same: Sequence[Sequence[int]], scorer: Scorer, reasons: Reasons
) -> Iterator[Group]:
    """Pairs that are alike and stand in no group together."""
    home = {number: at for at, group in enumerate(same) for number in group}
    for (a, b), score in scores.items():
        if a not in home or home[a] != home.get(b):
            members = (scorer.units[a].member, scorer.units[b].member)
            yield Group(members, "related", round(score.value, 4), reasons.of_units((a, b)))
