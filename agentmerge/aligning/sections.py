"""Which sections of the variants correspond: by title, by words, by their units, by what they are for."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations, product
from typing import NamedTuple

from agentmerge.aligning import constants as c
from agentmerge.aligning import lexicon as lexicons
from agentmerge.aligning.candidates import allowed
from agentmerge.aligning.features import Features, language_of
from agentmerge.aligning.kinds import kind_of
from agentmerge.aligning.lexicon import Lexicon
from agentmerge.aligning.nearest import nearest
from agentmerge.aligning.records import Group, Member, Relation
from agentmerge.aligning.scoring import Score
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Section, walk_sections

Pair = tuple[int, int]

_ROUNDING = 1e-6
"""What rounding may add to a score."""


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
                Sector(Member(file, section, path), title, kind, usual[kind], above, frame or _wraps(section, path))
            )
        numbers.append(lines)
    return found, numbers


def _usual(knowledge: Knowledge) -> Mapping[str, frozenset[str]]:
    """For each kind the tokens of its aliases."""
    made: Mapping[str, Sequence[str]] | None = knowledge.ready("usual", "outline", "words", "concepts")
    kinds = make_usual(knowledge, lexicons.of(knowledge)) if made is None else made
    return {"": frozenset(), **{name: frozenset(tokens) for name, tokens in kinds.items()}}


def make_usual(knowledge: Knowledge, lexicon: Lexicon) -> Mapping[str, Sequence[str]]:
    """The tokens of the aliases of each kind, made from the outline."""
    return {name: sorted(set(lexicon.tokens(" ".join(kind.aliases), "en"))) for name, kind in knowledge.outline.items()}


def _wraps(section: Section, path: Sequence[Section]) -> bool:
    """Whether a section is the line that introduces the list of the section above, and that has no other part."""
    return bool(path) and section.style == "label" and path[-1].sections == (section,) and path[-1].body[0] is section


def bags(
    units: Sequence[Features], all_sectors: Sequence[Sector], weight: Mapping[str, float]
) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    """The words of each section with their weights: its own, and those of its subtree."""
    own: list[dict[str, float]] = [{} for _ in all_sectors]
    for unit in units:
        _add(own[unit.section], {token: share * weight[token] for token, share in unit.tokens.items()})
    deep = [dict(bag) for bag in own]
    for sector, bag in zip(all_sectors, own, strict=True):
        for number in sector.parents:
            _add(deep[number], bag)
    short = [_dampened(bag) for bag in own]
    above = {number for sector in all_sectors for number in sector.parents}
    return short, [_dampened(bag) if number in above else short[number] for number, bag in enumerate(deep)]


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
    """How much speaks for two sections, each kind of evidence on its own, in [0, 1]."""

    titles: float
    words: float
    units: float
    kind: float


Rows = dict[Pair, tuple[float, SectionEvidence]]
"""Pairs of sections with their score and what it is made of."""


class SectionScorer:
    """Scores pairs of sections of different variants."""

    def __init__(
        self,
        found: Sequence[Sector],
        units: Sequence[Features],
        weight: Mapping[str, float],
        form: frozenset[str],
        role: frozenset[str],
    ) -> None:
        self.sectors = found
        self.units = units
        self.subjects = [sector.title - form - sector.usual - role for sector in found]
        """What each title names besides the kind of its section."""
        self.titles = [
            self._title(sector, subject, weight, form) for sector, subject in zip(found, self.subjects, strict=True)
        ]
        self.own, self.bags = bags(units, found, weight)
        self.direct = Counter(unit.section for unit in units)
        self.counts = Counter(number for unit in units for number in (unit.section, *found[unit.section].parents))
        self.crowded = False
        """Whether there were too many pairs of sections to compare; known once the groups are made."""
        self.matches: defaultdict[tuple[int, int], float] = defaultdict(float)
        self.partners: defaultdict[tuple[int, int], tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))

    @staticmethod
    def _title(
        sector: Sector, subject: frozenset[str], weight: Mapping[str, float], form: frozenset[str]
    ) -> dict[str, float]:
        """A title's words with their weights; what only names the kind says less beside a subject."""

        def factor(token: str) -> float:
            return (c.TITLE_FORM if token in form else 1.0) * (c.USUAL if subject and token in sector.usual else 1.0)

        return normal({token: weight.get(token, c.TITLE_WORD) * factor(token) for token in sector.title})

    @cached_property
    def primary(self) -> frozenset[int]:
        """The largest section of each kind in each variant."""
        best: dict[tuple[int, str], int] = {}
        for number, sector in enumerate(self.sectors):
            if sector.kind and not sector.frame:
                key = sector.member.file, sector.kind
                best[key] = max(best.get(key, number), number, key=lambda n: (self.counts[n], -n))
        return frozenset(best.values())

    def context(self) -> Mapping[tuple[int, int], tuple[float, float]]:
        """How alike the titles, and the words, of the sections of two units are."""
        return _Context(self)

    def learn(self, scores: Mapping[Pair, Score]) -> None:
        """Take note of units that are alike: their sections, and those above, have so much in common."""
        found: defaultdict[Pair, list[float]] = defaultdict(list)
        for (a, b), score in scores.items():
            if score.value >= c.RELATED:
                pair = self.units[a].section, self.units[b].section
                found[pair].append(score.value)
                if score.value >= c.SAME:
                    self.partners[pair][0].add(a)
                    self.partners[pair][1].add(b)
        for (left, right), values in found.items():
            amount = math.fsum(values)
            for pair in product((left, *self.sectors[left].parents), (right, *self.sectors[right].parents)):
                self.matches[pair] += amount

    def shared(self, a: int, b: int) -> float:
        """Share of the units of the smaller section that say the same as a unit of the other."""
        ours, theirs = self.partners.get((a, b), (set(), set()))
        if max(len(ours), len(theirs)) < c.SECTION_LEAST:
            return 0.0
        return min(1.0, max(len(ours) / (self.direct[a] or 1), len(theirs) / (self.direct[b] or 1)))

    @cached_property
    def _compared(self) -> frozenset[int]:
        """Sections that may have a partner: all but frames and those with nothing in them."""
        return frozenset(
            number
            for number, sector in enumerate(self.sectors)
            if not sector.frame and (self.counts[number] or sector.title)
        )

    def _candidates(self) -> set[Pair]:
        """Pairs of sections with anything in common but words: a title's word, their kind, or alike units."""
        file = [sector.member.file for sector in self.sectors]
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
                    return self._nearest_candidates(file)
        return pairs

    def _keys(self, number: int) -> list[tuple[str, bool]]:
        sector = self.sectors[number]
        return [(token, False) for token in sector.title] + ([(sector.kind, True)] if sector.kind else [])

    def _nearest_candidates(self, file: Sequence[int]) -> set[Pair]:
        """Of too many the pairs that stand about as far down in their variants, and those with most units alike."""
        holders: defaultdict[tuple[int, str, bool], list[int]] = defaultdict(list)
        first = [file.index(one) for one in range(max(file) + 1)]
        size = [end - start for start, end in zip(first, [*first[1:], len(file)], strict=True)]
        best: defaultdict[tuple[int, int], list[tuple[float, int]]] = defaultdict(list)
        for (a, b), amount in self.matches.items():
            if a in self._compared and b in self._compared:
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
        """The candidates with score and evidence, without those whose score could not count."""
        candidates = {pair: self._but_words(*pair) for pair in self._candidates()}
        found = {pair for pair, evidence in candidates.items() if not self._hopeless(*pair, evidence)}
        for pair in self.partners:
            if pair in candidates and self.shared(*pair) >= c.SECTION_SHARED:
                found |= candidates.keys() & {pair, *self._near(*pair)}
        return {pair: self._row(*pair, candidates[pair]) for pair in found}

    def _but_words(self, a: int, b: int) -> SectionEvidence:
        """The evidence without that of the words, which takes longest."""
        left, right = self.sectors[a], self.sectors[b]
        least = min(self.counts[a], self.counts[b])
        units = min(1.0, self.matches.get((a, b), 0.0) / least) if least else 0.0
        titles = 0.0 if left.title.isdisjoint(right.title) else cosine(self.titles[a], self.titles[b])
        kind = self._kind_counts(a, b) if left.kind and left.kind == right.kind else 0.0
        return SectionEvidence(c.TITLES * titles, 0.0, c.UNITS * units, kind)

    def _row(self, a: int, b: int, evidence: SectionEvidence) -> tuple[float, SectionEvidence]:
        """Noisy-or of the evidence, that of the words added; less where the titles name different kinds."""
        titles, _, units, kind = evidence
        words = c.WORDS * cosine(self.bags[a], self.bags[b])
        value = 1 - (1 - titles) * (1 - words) * (1 - kind) * (1 - units)
        left, right = self.sectors[a].kind, self.sectors[b].kind
        if left and right and left != right and titles < c.TITLES * c.SAME_TITLE:
            value *= c.KIND_CLASH
        return round(value, 6), SectionEvidence(titles, words, units, kind)

    def _hopeless(self, a: int, b: int, evidence: SectionEvidence) -> bool:
        """Whether two sections can't reach the least score that counts, however the weights of their words lie."""
        titles, _, units, kind = evidence
        most = c.WORDS * self._most_alike(a, b)
        return 1 - (1 - titles) * (1 - most) * (1 - kind) * (1 - units) < c.SECTION_OVERLAP - _ROUNDING

    def _most_alike(self, a: int, b: int) -> float:
        """A bound of the cosine of two sections' words: their common words, each with the weight of the weightiest."""
        (left, most), (right, other) = self._words[a], self._words[b]
        return (left & right).bit_count() * most * other

    @cached_property
    def _words(self) -> list[tuple[int, float]]:
        """For each section the set of its words, a bit for each, and the greatest weight."""
        numbers: defaultdict[str, int] = defaultdict(lambda: len(numbers))
        found = []
        for bag in self.bags:
            bits = bytearray(len(numbers) + len(bag) + 8 >> 3)
            for token in bag:
                number = numbers[token]
                bits[number >> 3] |= 1 << (number & 7)
            found.append((int.from_bytes(bits, "little"), max(bag.values(), default=0.0)))
        return found

    def elsewhere(self, a: int, b: int, rows: Rows) -> bool:
        """Whether a section above or below one of two sections is a better partner of the other."""
        value, _ = rows[a, b]
        return any(pair in rows and rows[pair][0] > value for pair in self._near(a, b))

    def _near(self, a: int, b: int) -> Iterator[Pair]:
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

    def _kind_counts(self, a: int, b: int) -> float:
        """How much it says that two titles name the same kind: little where they name different subjects."""
        kind = c.PRIMARY if a in self.primary and b in self.primary else c.KIND
        left, right = self.subjects[a], self.subjects[b]
        if left and right:
            return kind * (c.KIND_OF_OTHERS if left.isdisjoint(right) else 1.0)
        return kind * (c.KIND_OF_ONE if left or right else 1.0)

    def reason(self, a: int, b: int, evidence: SectionEvidence) -> str:
        """Which evidence it was."""
        shared = self.shared(a, b)
        if shared >= c.SECTION_SHARED:
            return f"{shared:.0%} of the units of one say the same as units of the other"
        names = ("titles alike", "same words", "units that say the same", f"both {self.sectors[a].kind}")
        found = sorted(zip(evidence, names, strict=True), reverse=True)
        named = [name for strength, name in found if strength >= c.SECTION_REASON]
        return ", ".join(named) or "a little of each: titles, words, units"


class _Context(dict[Pair, tuple[float, float]]):
    """How alike two sections are, found out when it is first asked; asked for each pair of units, so no mapping."""

    def __init__(self, scorer: SectionScorer) -> None:
        super().__init__()
        self._titles = _Cosines(scorer.titles)
        self._own = _Cosines(scorer.own)

    def __missing__(self, pair: Pair) -> tuple[float, float]:
        found = self[pair] = self._titles.of(*pair), self._own.of(*pair)
        return found


class _Cosines:
    """Cosines of vectors by their numbers; equal ones are looked at once."""

    def __init__(self, vectors: Sequence[Mapping[str, float]]) -> None:
        numbers: dict[frozenset[tuple[str, float]], int] = {}
        self._vectors = vectors
        self._same = [numbers.setdefault(frozenset(vector.items()), len(numbers)) for vector in vectors]
        self._known: dict[Pair, float] = {}

    def of(self, a: int, b: int) -> float:
        pair = self._same[a], self._same[b]
        if pair not in self._known:
            self._known[pair] = cosine(self._vectors[a], self._vectors[b])
        return self._known[pair]


def section_groups(scorer: SectionScorer) -> list[Group]:
    """Pairs of sections: `same` where each is the other's best, `overlap` where much is shared."""
    found = {pair: group for rows in _by_files(scorer).values() for pair, group in _of_files(rows, scorer)}
    for pair in combinations(sorted(_who(scorer)), 2):
        found.setdefault(pair, Group(_members(pair, scorer), "same", c.IDENTITY, "both say who the agent is"))
    return [found[pair] for pair in sorted(found)]


def _by_files(scorer: SectionScorer) -> Mapping[Pair, Rows]:
    """The pairs that may come to something, for each two variants."""
    found: defaultdict[Pair, Rows] = defaultdict(dict)
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


def _who(scorer: SectionScorer) -> list[int]:
    """The section of each variant that says who the agent is: the sentence's own one, else the top heading."""
    who = {unit.member.file: unit.section for unit in scorer.units if unit.facet == "identity"}
    for number, sector in enumerate(scorer.sectors):
        if sector.frame and sector.kind == "identity" and sector.title:
            who.setdefault(sector.member.file, number)
    return list(who.values())


def _members(pair: tuple[int, int], scorer: SectionScorer) -> tuple[Member, Member]:
    return scorer.sectors[pair[0]].member, scorer.sectors[pair[1]].member


def _of_files(rows: Rows, scorer: SectionScorer) -> Iterator[tuple[Pair, Group]]:
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
