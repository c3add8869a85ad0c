"""Sections of all variants in, the groups that correspond out: by title, words, units, and what they are for."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations, product
from operator import mul
from typing import NamedTuple

from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching import constants as c
from agentmerge.matching import features
from agentmerge.matching.features import Features, Tier, kind_of, language_of
from agentmerge.matching.linking import allowed
from agentmerge.matching.records import Group, Member, Relation
from agentmerge.matching.scoring import Score, UnitPair, probability
from agentmerge.model import Definition, Section, walk_sections
from agentmerge.text import lexicon as lexicons
from agentmerge.text import similarity
from agentmerge.text.lexicon import Lexicon
from agentmerge.text.sequences import nearest
from agentmerge.text.similarity import Vector
from agentmerge.text.similarity import cosine as cosine_of


class Sector(NamedTuple):
    """A section with what its comparison needs."""

    member: Member
    title: frozenset[str]
    kind: str
    usual: frozenset[str]
    """Tokens of the titles that the outline knows for this kind."""
    parents: tuple[int, ...]
    """Numbers of the sections above."""
    frame: bool
    """Whether it only holds the other sections together: the root, the one top heading, a line before a list."""
    tiers: tuple[Tier, ...] = ()
    """What its title says of the statements below, such as `Not allowed`."""


def sectors(
    definitions: Sequence[Definition], lexicon: Lexicon, knowledge: Knowledge
) -> tuple[list[Sector], list[dict[int, int]]]:
    """All sections, and for each variant the number of the section on a line."""
    usual = knowledge.derived(_usual)
    found: list[Sector] = []
    numbers: list[dict[int, int]] = []
    for file, definition in enumerate(definitions):
        language = language_of(definition, knowledge) or "en"
        lines = {definition.root.line: len(found)}
        found.append(Sector(Member(file, definition.root), frozenset(), "identity", frozenset(), (), frame=True))
        only_title = sum(section.heading_level == 1 for section in definition.root.sections) == 1
        for path, section in walk_sections(definition.root):
            lines.setdefault(section.line, len(found))
            above = tuple(lines[parent.line] for parent in path)
            # Headings in English are common in definitions that are written in ideographs.
            english = language == "cjk" and section.title.isascii()
            title = frozenset(lexicon.tokens(section.title, "en" if english else language))
            frame = only_title and section.heading_level == 1 and not path
            kind = "identity" if frame else kind_of(section.title, knowledge)
            found.append(
                Sector(
                    Member(file, section, path),
                    title,
                    kind,
                    usual[kind],
                    above,
                    frame or _wraps(section, path),
                    features.of(knowledge).of_path((section,)),
                )
            )
        numbers.append(lines)
    return found, numbers


def _usual(knowledge: Knowledge) -> Mapping[str, frozenset[str]]:
    """For each kind the tokens of its aliases."""
    made: Mapping[str, Sequence[str]] | None = knowledge.ready("usual", "outline", "words", "concepts")
    kinds = make_usual(knowledge, lexicons.of(knowledge)) if made is None else made
    return {"": frozenset(), **{name: frozenset(tokens) for name, tokens in kinds.items()}}


def usual_words(knowledge: Knowledge) -> Mapping[str, frozenset[str]]:
    """For each kind of the outline the tokens of the titles that it knows."""
    return knowledge.derived(_usual)


def make_usual(knowledge: Knowledge, lexicon: Lexicon) -> Mapping[str, Sequence[str]]:
    """The tokens of the aliases of each kind, made from the outline."""
    return {name: sorted(set(lexicon.tokens(" ".join(kind.aliases), "en"))) for name, kind in knowledge.outline.items()}


def _wraps(section: Section, path: Sequence[Section]) -> bool:
    """Whether a section is the line that introduces the list of the section above, and that has no other part."""
    return bool(path) and section.style == "label" and path[-1].sections == (section,) and path[-1].body[0] is section


def bags(
    units: Sequence[Features], all_sectors: Sequence[Sector], weight: Mapping[str, float]
) -> list[dict[str, float]]:
    """The words of each section and those below with their weights."""
    found: list[dict[str, float]] = [{} for _ in all_sectors]
    for unit in units:
        _add(found[unit.section], {token: share * weight[token] for token, share in unit.tokens.items()})
    own = [dict(bag) for bag in found]
    for sector, bag in zip(all_sectors, own, strict=True):
        for number in sector.parents:
            _add(found[number], bag)
    return [_dampened(bag) for bag in found]


def directions(units: Sequence[Features], all_sectors: Sequence[Sector]) -> list[Vector]:
    """The direction of the units of each section and those below."""
    found: list[list[Vector]] = [[] for _ in all_sectors]
    for unit in units:
        if unit.direction:
            for number in (unit.section, *all_sectors[unit.section].parents):
                found[number].append(unit.direction)
    return [similarity.total(rows) for rows in found]


def _add(bag: dict[str, float], more: Mapping[str, float]) -> None:
    for token, value in more.items():
        bag[token] = bag.get(token, 0.0) + value


def _dampened(bag: Mapping[str, float]) -> dict[str, float]:
    return normal({token: math.sqrt(value) for token, value in bag.items()})


def normal(vector: Mapping[str, float]) -> dict[str, float]:
    """A vector at length 1, in multiples of 1/1024: sums of products are exact, and the same in any order."""
    length = math.sqrt(math.fsum(value * value for value in vector.values())) or 1.0
    return {token: round(value * 1024 / length) / 1024 for token, value in vector.items()}


def cosine(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    """Cosine of two sparse vectors of length 1."""
    common = a.keys() & b.keys()
    return min(1.0, sum([a[token] * b[token] for token in common])) if common else 0.0


class SectionEvidence(NamedTuple):
    """What speaks for and against two sections."""

    titles: float
    """Cosine of their titles, words that name the kind alone for less."""
    words: float
    """Cosine of their words, square roots of the weights taken."""
    sense: float
    """Cosine of the directions of their units."""
    units: float
    """How much of the section of which more has a partner says the same as something in the other."""
    amount: float
    """Logarithm of how many units have one."""
    kind: float
    """1 where their titles name the same kind of section, and not two subjects."""
    size: float
    """Logarithm of the ratio of their units."""
    lead: float
    """How much nearer they are than each of them is to the two that are nearest to it in the other's variant."""
    both: float
    """Cosine of the directions of their titles, times that of their units."""


_NAMES = ("titles alike", "same words", "about the same", "units that say the same")
"""What is told of the first kinds of evidence."""

Rows = dict[UnitPair, tuple[float, SectionEvidence]]
"""Pairs of sections with their probability and what it is made of."""


class SectionScorer:
    """Scores pairs of sections of different variants."""

    def __init__(
        self,
        found: Sequence[Sector],
        units: Sequence[Features],
        weight: Mapping[str, float],
        form: frozenset[str],
        role: frozenset[str],
        knowledge: Knowledge,
    ) -> None:
        model = knowledge.raw("alignment")["sections"]
        self.sectors = found
        self.units = units
        self._file = [sector.member.file for sector in found]
        self._bias, self._model = model["bias"], tuple(model[name] for name in SectionEvidence._fields)
        self._subjects = [sector.title - form - sector.usual - role for sector in found]
        """What each title names besides the kind of its section."""
        self._titles = [
            self._title(sector, subject, weight, form) for sector, subject in zip(found, self._subjects, strict=True)
        ]
        of = similarity.of(knowledge).of
        self._headings = [of(sorted(sector.title)) for sector in found]
        self.bags = bags(units, found, weight)
        self._directions = directions(units, found)
        self.direct = Counter(unit.section for unit in units)
        self.counts = Counter(number for unit in units for number in (unit.section, *found[unit.section].parents))
        self._sizes = [math.log1p(self.counts[number]) for number in range(len(found))]
        self._known_headings: dict[tuple[frozenset[str], frozenset[str]], float] = {}
        self.crowded = False
        """Whether there were too many pairs of sections to compare; known once the groups are made."""
        self.matches: defaultdict[UnitPair, tuple[dict[int, float], dict[int, float]]] = defaultdict(lambda: ({}, {}))
        """For two sections each unit of either with how surely something in the other says the same."""

    @staticmethod
    def _title(
        sector: Sector, subject: frozenset[str], weight: Mapping[str, float], form: frozenset[str]
    ) -> dict[str, float]:
        """A title's words with their weights; what only names the kind says less beside a subject."""

        def factor(token: str) -> float:
            return (c.TITLE_FORM if token in form else 1.0) * (c.USUAL if subject and token in sector.usual else 1.0)

        return normal({token: weight.get(token, c.TITLE_WORD) * factor(token) for token in sector.title})

    def learn(self, scores: Mapping[UnitPair, Score]) -> None:
        """Take note of units that are alike: their sections, and those above, have so much in common."""
        above = [(number, *sector.parents) for number, sector in enumerate(self.sectors)]
        for (a, b), (value, _) in scores.items():
            for pair in product(above[self.units[a].section], above[self.units[b].section]):
                ours, theirs = self.matches[pair]
                if value > ours.get(a, 0.0):
                    ours[a] = value
                if value > theirs.get(b, 0.0):
                    theirs[b] = value

    def shared(self, a: int, b: int) -> float:
        """Share of the units of the smaller section that say the same as a unit of the other."""
        ours, theirs = (
            sum(self.units[unit].section == section and value >= c.SAME for unit, value in found.items())
            for section, found in zip((a, b), self.matches.get((a, b), ({}, {})), strict=True)
        )
        if max(ours, theirs) < c.SECTION_LEAST:
            return 0.0
        return min(1.0, max(ours / (self.direct[a] or 1), theirs / (self.direct[b] or 1)))

    @cached_property
    def _compared(self) -> frozenset[int]:
        """Sections that may have a partner: all but frames and those with nothing in them."""
        return frozenset(
            number
            for number, sector in enumerate(self.sectors)
            if not sector.frame and (self.counts[number] or sector.title)
        )

    def _candidates(self) -> set[UnitPair]:
        """All pairs of sections of two variants; of many variants those with anything in common but words: a title's
        word, their kind, or alike units."""
        file = self._file
        by_file: defaultdict[int, list[int]] = defaultdict(list)
        for number in sorted(self._compared):
            by_file[file[number]].append(number)
        if len(self._compared) <= c.FEW_SECTIONS:
            return {pair for ours, theirs in combinations(by_file.values(), 2) for pair in product(ours, theirs)}
        pairs = {pair for pair in self.matches if self._compared.issuperset(pair)}
        most = allowed(len(self.sectors), max(file, default=0) + 1)
        holders: defaultdict[tuple[str, bool], defaultdict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for number in sorted(self._compared):
            for key in self._keys(number):
                for other, numbers in holders[key].items():
                    pairs.update([(one, number) for one in numbers] if other != file[number] else ())
                holders[key][file[number]].append(number)
                if len(pairs) > most:
                    self.crowded = True
                    return self._nearest_candidates()
        return pairs

    def _keys(self, number: int) -> list[tuple[str, bool]]:
        """What brings a section to others: the words of its title, and its kind."""
        sector = self.sectors[number]
        return [(token, False) for token in sector.title] + ([(sector.kind, True)] if sector.kind else [])

    def _nearest_candidates(self) -> set[UnitPair]:
        """Of too many the pairs that stand about as far down in their variants, and those with most units alike."""
        file = self._file
        holders: defaultdict[tuple[int, str, bool], list[int]] = defaultdict(list)
        first = [file.index(one) for one in range(max(file) + 1)]
        size = [end - start for start, end in zip(first, [*first[1:], len(file)], strict=True)]
        best: defaultdict[tuple[int, int], list[tuple[float, int]]] = defaultdict(list)
        for (a, b), (ours, _) in self.matches.items():
            if a in self._compared and b in self._compared:
                amount = sum(sorted(ours.values()))
                best[a, file[b]].append((-amount, b))
                best[b, file[a]].append((-amount, a))
        pairs = {
            (min(a, b), max(a, b)) for (a, _), found in best.items() for _, b in sorted(found)[: c.NEAREST_SECTIONS]
        }
        for number in sorted(self._compared):
            for key in self._keys(number):
                holders[(file[number], *key)].append(number)
        for (own, word, is_kind), numbers in holders.items():
            for other in range(len(first)):
                theirs = holders.get((other, word, is_kind), ()) if other != own else ()
                for number in numbers if theirs else ():
                    at = first[other] + (number - first[own]) * size[other] // size[own]
                    pairs.update((min(number, b), max(number, b)) for b in nearest(theirs, at, c.NEAREST_SECTIONS))
        return pairs

    def rows(self) -> Rows:
        """The candidates with their probability and what it is made of."""
        candidates = sorted(self._candidates())
        near = {pair: cosine_of(self._directions[pair[0]], self._directions[pair[1]]) for pair in candidates}
        rivals = self._rivals(near)
        found: Rows = {}
        for (a, b), sense in near.items():
            if any(features.parted(self.sectors[a].tiers, self.sectors[b].tiers)):
                continue
            lead = sense - (rivals[a, self._file[b]] + rivals[b, self._file[a]]) / 2
            evidence = self._evidence(a, b, sense, lead)
            found[a, b] = self._probability(evidence), evidence
        return found

    def _rivals(self, near: Mapping[UnitPair, float]) -> Mapping[tuple[int, int], float]:
        """For each section and variant how near the two nearest there are, at the mean."""
        file = self._file
        best: defaultdict[tuple[int, int], list[float]] = defaultdict(list)
        for (a, b), sense in near.items():
            for key in ((a, file[b]), (b, file[a])):
                nearest = best[key]
                if len(nearest) < 2 or sense > nearest[0]:
                    best[key] = sorted([*nearest, sense])[-2:]
        return {key: sum(values) / len(values) for key, values in best.items()}

    def _evidence(self, a: int, b: int, sense: float, lead: float) -> SectionEvidence:
        left, right = self.sectors[a], self.sectors[b]
        found = self.matches.get((a, b))
        ours, theirs = (sum(sorted(found[0].values())), sum(sorted(found[1].values()))) if found else (0.0, 0.0)
        more, less = self.counts[a] or 1, self.counts[b] or 1
        return SectionEvidence(
            0.0 if left.title.isdisjoint(right.title) else cosine(self._titles[a], self._titles[b]),
            cosine(self.bags[a], self.bags[b]),
            sense,
            max(ours / more, theirs / less),
            math.log1p(ours + theirs),
            float(self._of_one_kind(a, b)),
            abs(self._sizes[a] - self._sizes[b]),
            lead,
            self._alike_headings(a, b) * sense,
        )

    def _alike_headings(self, a: int, b: int) -> float:
        """Cosine of the directions of two titles; equal ones are looked at once."""
        left, right = self.sectors[a].title, self.sectors[b].title
        known = self._known_headings.get((left, right))
        if known is None:
            known = self._known_headings[left, right] = cosine_of(self._headings[a], self._headings[b])
        return known

    def _of_one_kind(self, a: int, b: int) -> bool:
        """Whether two titles name one kind of section, and no two subjects: a migration checklist is not another."""
        kind = self.sectors[a].kind
        if not kind or kind != self.sectors[b].kind:
            return False
        ours, theirs = self._subjects[a], self._subjects[b]
        return not (ours and theirs and ours.isdisjoint(theirs))

    def _probability(self, evidence: SectionEvidence) -> float:
        return probability(self._bias + sum(map(mul, self._model, evidence)))

    def elsewhere(self, a: int, b: int, rows: Rows) -> bool:
        """Whether a section above or below one of two sections is a better partner of the other."""
        value, _ = rows[a, b]
        return any(pair in rows and rows[pair][0] > value for pair in self._near(a, b))

    def _near(self, a: int, b: int) -> Iterator[UnitPair]:
        """Each of two sections with those above and below the other."""
        yield from ((a, other) for other in self._lineage[b])
        yield from ((other, b) for other in self._lineage[a])

    @cached_property
    def _lineage(self) -> list[set[int]]:
        """For each section those above and below it."""
        found: list[set[int]] = [set(sector.parents) for sector in self.sectors]
        for number, sector in enumerate(self.sectors):
            for parent in sector.parents:
                found[parent].add(number)
        return found

    def reason(self, a: int, b: int, evidence: SectionEvidence) -> str:
        """Which evidence it was."""
        shared = self.shared(a, b)
        if shared >= c.SECTION_SHARED:
            return f"{shared:.0%} of the units of one say the same as units of the other"
        found = sorted(zip(evidence[: len(_NAMES)], _NAMES, strict=True), reverse=True)
        named = [name for strength, name in found if strength >= c.SECTION_REASON]
        if evidence.kind:
            named.append(f"both {self.sectors[a].kind}")
        return ", ".join(named) or "a little of each: titles, words, units"


def section_groups(scorer: SectionScorer) -> list[Group]:
    """Pairs of sections: `same` where each is the other's best, `overlap` where much is shared."""
    found = {pair: group for rows in _by_files(scorer).values() for pair, group in _of_files(rows, scorer)}
    return [found[pair] for pair in sorted(found)]


def _by_files(scorer: SectionScorer) -> Mapping[UnitPair, Rows]:
    """The pairs that may come to something, for each two variants."""
    found: defaultdict[UnitPair, Rows] = defaultdict(dict)
    for (a, b), row in scorer.rows().items():
        found[scorer.sectors[a].member.file, scorer.sectors[b].member.file][a, b] = row
    return found


def introduction(scorer: SectionScorer, knowledge: Knowledge) -> Iterator[Group]:
    """The lines that call the agent to its steps (`When invoked:`): a file has room for one, so they are the same.

    Such a line is a section of its own, and nothing but its words would be lost with it.
    """
    openings = tuple(knowledge.raw("words")["calling"]["openings"])
    found: dict[int, Member] = {}
    for sector in scorer.sectors:
        section = sector.member.node
        calls = isinstance(section, Section) and section.style == "label" and section.title.lower().startswith(openings)
        if calls and sector.kind == "workflow":
            found.setdefault(sector.member.file, sector.member)
    if len(found) > 1:
        members = tuple(sorted(found.values(), key=lambda member: member.key))
        yield Group(members, "same", c.IDENTITY, "both call the agent to its steps")


def _members(pair: tuple[int, int], scorer: SectionScorer) -> tuple[Member, Member]:
    return scorer.sectors[pair[0]].member, scorer.sectors[pair[1]].member


def _of_files(rows: Rows, scorer: SectionScorer) -> Iterator[tuple[UnitPair, Group]]:
    """The groups of two variants."""
    best_of: dict[int, tuple[float, int]] = {}
    for (a, b), (value, _) in rows.items():
        best_of[a] = max(best_of.get(a, (0.0, 0)), (value, -b))
        best_of[b] = max(best_of.get(b, (0.0, 0)), (value, -a))
    for pair, (value, evidence) in rows.items():
        a, b = pair
        best = (best_of[a] == (value, -b)) + (best_of[b] == (value, -a))
        relation: Relation
        if value >= c.SECTION_SAME and best == 2:
            relation = "same"
        elif (value >= c.SECTION_OVERLAP and best) or scorer.shared(*pair) >= c.SECTION_SHARED:
            relation = "overlap"
        else:
            continue
        if not scorer.elsewhere(a, b, rows):
            yield pair, Group(_members(pair, scorer), relation, round(value, 4), scorer.reason(*pair, evidence))
