"""Definitions in, one `Alignment` out: which section and which unit of one variant corresponds to which of another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from agentmerge.aligning import constants as c
from agentmerge.aligning import fields, linking, reasons
from agentmerge.aligning.features import Features, reader
from agentmerge.aligning.records import Alignment, Group
from agentmerge.aligning.scoring import Scorer, Weights
from agentmerge.aligning.sections import SectionScorer, section_groups, sectors
from agentmerge.model import Definition


def align(definitions: Sequence[Definition]) -> Alignment:
    """Align any number of variants. The order of the variants changes nothing but the file numbers."""
    read = reader()
    found, numbers = sectors(definitions, read.lexicon)
    units = [unit for file, one in enumerate(definitions) for unit in read.units(file, one, numbers[file])]
    weights = Weights(units, read.lexicon.form, read.lexicon.shares)
    sections = SectionScorer(found, units, weights.of, read.lexicon.form)
    scorer = Scorer(units, weights, sections.context())
    pairs = [(a, b) for a, b in _candidates(units, scorer) if units[a].member.file != units[b].member.file]
    scores = {pair: scorer.score(*pair) for pair in pairs}
    for (a, b), score in scores.items():
        if score.value >= c.RELATED:
            left, right = found[units[a].section], found[units[b].section]
            sections.add(score.value, (units[a].section, *left.parents), (units[b].section, *right.parents))
    same = linking.groups([(score.value, a, b) for (a, b), score in scores.items() if score.value >= c.SAME], scorer)
    groups = [*fields.groups(definitions), *(_same(group, scorer) for group in same)]
    home = {number: group for group in same for number in group}
    for (a, b), score in scores.items():
        if score.value >= c.RELATED and home.get(a, a) != home.get(b, b):
            members = (units[a].member, units[b].member)
            groups.append(Group(members, "related", round(score.value, 4), reasons.of_units((a, b), scorer)))
    groups.sort(key=lambda group: ([member.key for member in group.members], group.relation))
    return Alignment(tuple(definitions), tuple(section_groups(sections)), tuple(groups))


def _candidates(units: Sequence[Features], scorer: Scorer) -> list[tuple[int, int]]:
    """Pairs that share a core token, in order."""
    index: defaultdict[str, list[int]] = defaultdict(list)
    for number, unit in enumerate(units):
        for token in unit.tokens:
            if scorer.weight[token] > 0.05:
                index[token].append(number)
    pairs = {(a, b) for numbers in index.values() for i, a in enumerate(numbers) for b in numbers[i + 1 :]}
    return sorted(pairs)


def _same(group: Sequence[int], scorer: Scorer) -> Group:
    members = tuple(sorted((scorer.units[number].member for number in group), key=lambda member: member.key))
    cover = linking.cover(group, scorer)
    return Group(
        members,
        "same",
        round(linking.mean(group, scorer), 4),
        reasons.of_units(group, scorer, cover),
        cover=scorer.units[cover].member.key if cover is not None else None,
    )
