"""Which sections of the variants correspond: by title, by words, by their units, by what they are for."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

from agentmerge.aligning import constants as c
from agentmerge.aligning.features import Features
from agentmerge.aligning.kinds import kind_of
from agentmerge.aligning.lexicon import Lexicon
from agentmerge.aligning.records import Group, Member
from agentmerge.aligning.scoring import Score
from agentmerge.model import Definition, Section, walk_sections


@dataclass(frozen=True, slots=True)
class Sector:
    """A section with what its comparison needs."""

    member: Member
    title: frozenset[str]
    kind: str
    parents: tuple[int, ...]
    """Numbers of the sections above."""
    frame: bool
    """Whether it only holds the other sections together: the root, the one top heading, a line before a list."""


def sectors(definitions: Sequence[Definition], lexicon: Lexicon) -> tuple[list[Sector], list[dict[int, int]]]:
    """All sections, and for each variant the number of the section on a line."""
    found: list[Sector] = []
    numbers: list[dict[int, int]] = []
    for file, definition in enumerate(definitions):
        lines = {definition.root.line: len(found)}
        found.append(Sector(Member(file, definition.root), frozenset(), "identity", (), frame=True))
        only_title = sum(section.heading_level == 1 for section in definition.root.sections) == 1
        for path, section in walk_sections(definition.root):
            lines.setdefault(section.line, len(found))
            above = tuple(lines[parent.line] for parent in path)
            title = frozenset(lexicon.tokens(section.title, "en"))
            frame = only_title and section.heading_level == 1 and not path
            kind = "identity" if frame else kind_of(section.title)
            found.append(Sector(Member(file, section, path), title, kind, above, frame or _wraps(section, path)))
        numbers.append(lines)
    return found, numbers


def _wraps(section: Section, path: Sequence[Section]) -> bool:
    """Whether a section is the line that introduces the list of the section above, and that has no other part."""
    return bool(path) and section.style == "label" and path[-1].sections == (section,) and path[-1].body[0] is section


def bags(
    units: Sequence[Features], all_sectors: Sequence[Sector], weight: Mapping[str, float], *, deep: bool
) -> list[dict[str, float]]:
    """The words of each section with their weights, of its subtree too where `deep`."""
    found: list[defaultdict[str, float]] = [defaultdict(float) for _ in all_sectors]
    for unit in units:
        above = all_sectors[unit.section].parents if deep else ()
        for number in (unit.section, *above):
            for token, share in unit.tokens.items():
                found[number][token] += share * weight[token]
    return [{token: math.sqrt(value) for token, value in bag.items()} for bag in found]


def cosine(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    """Cosine of two sparse vectors."""
    if len(a) > len(b):
        a, b = b, a
    dot = math.fsum(value * b[token] for token, value in a.items() if token in b)
    if not dot:
        return 0.0
    return dot / math.sqrt(math.fsum(v * v for v in a.values()) * math.fsum(v * v for v in b.values()))


class SectionScorer:
    """Scores pairs of sections of different variants."""

    def __init__(
        self, found: Sequence[Sector], units: Sequence[Features], weight: Mapping[str, float], form: frozenset[str]
    ) -> None:
        self.sectors = found
        self.units = units
        self.titles = [
            {t: weight.get(t, c.TITLE_WORD) * (c.TITLE_FORM if t in form else 1.0) for t in s.title} for s in found
        ]
        self.bags = bags(units, found, weight, deep=True)
        self.own = bags(units, found, weight, deep=False)
        self.direct = Counter(unit.section for unit in units)
        self.counts = Counter(number for unit in units for number in (unit.section, *found[unit.section].parents))
        self.matches: defaultdict[tuple[int, int], float] = defaultdict(float)
        self.partners: defaultdict[tuple[int, int], tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))

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

    def learn(self, scores: Mapping[tuple[int, int], Score]) -> None:
        """Take note of units that are alike: their sections, and those above, have so much in common."""
        for (a, b), score in scores.items():
            if score.value >= c.RELATED:
                left, right = (self.units[number].section for number in (a, b))
                for pair in product((left, *self.sectors[left].parents), (right, *self.sectors[right].parents)):
                    self.matches[pair] += score.value
                if score.value >= c.SAME:
                    self.partners[left, right][0].add(a)
                    self.partners[left, right][1].add(b)

    def shared(self, a: int, b: int) -> float:
        """Share of the units of the smaller section that say the same as a unit of the other."""
        ours, theirs = self.partners.get((a, b), (set(), set()))
        if max(len(ours), len(theirs)) < c.SECTION_LEAST:
            return 0.0
        return min(1.0, max(len(ours) / (self.direct[a] or 1), len(theirs) / (self.direct[b] or 1)))

    def score(self, a: int, b: int) -> tuple[float, str]:
        """Noisy-or of the evidence, and which evidence it was."""
        left, right = self.sectors[a], self.sectors[b]
        title = cosine(self.titles[a], self.titles[b])
        words = cosine(self.bags[a], self.bags[b])
        kind = float(bool(left.kind) and left.kind == right.kind)
        weight = c.PRIMARY if a in self.primary and b in self.primary else c.KIND
        least = min(self.counts[a], self.counts[b])
        units = min(1.0, self.matches.get((a, b), 0.0) / least) if least else 0.0
        value = 1 - (1 - c.TITLES * title) * (1 - c.WORDS * words) * (1 - weight * kind) * (1 - c.UNITS * units)
        if left.kind and right.kind and left.kind != right.kind and title < c.SAME_TITLE:
            value *= c.KIND_CLASH
        evidence = (
            (c.TITLES * title, "titles alike"),
            (c.WORDS * words, "same words"),
            (c.UNITS * units, "units that say the same"),
            (weight * kind, f"both {left.kind}"),
        )
        named = [name for strength, name in sorted(evidence, reverse=True) if strength >= c.SECTION_REASON]
        return value, ", ".join(named) or "a little of each: title, words, units"


class _Context(Mapping[tuple[int, int], tuple[float, float]]):
    def __init__(self, scorer: SectionScorer) -> None:
        self._scorer = scorer
        self._known: dict[tuple[int, int], tuple[float, float]] = {}

    def __getitem__(self, pair: tuple[int, int]) -> tuple[float, float]:
        known = self._known.get(pair)
        if known is None:
            a, b = pair
            scorer = self._scorer
            known = cosine(scorer.titles[a], scorer.titles[b]), cosine(scorer.own[a], scorer.own[b])
            self._known[pair] = known
        return known

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def section_groups(scorer: SectionScorer) -> list[Group]:
    """Pairs of sections: `same` where each is the other's best, `overlap` where much is shared."""
    by_file: defaultdict[int, list[int]] = defaultdict(list)
    who: dict[int, int] = {}
    for number, sector in enumerate(scorer.sectors):
        if not sector.frame and (scorer.counts[number] or sector.title):
            by_file[sector.member.file].append(number)
    for unit in scorer.units:
        if unit.facet == "identity":
            who[unit.member.file] = unit.section
    for number, sector in enumerate(scorer.sectors):
        if sector.frame and sector.kind == "identity" and sector.title:
            who.setdefault(sector.member.file, number)
    groups = [group for pair in combinations(sorted(by_file), 2) for group in _of_files(pair, by_file, scorer)]
    for first, second in combinations(sorted(who), 2):
        members = (scorer.sectors[who[first]].member, scorer.sectors[who[second]].member)
        if not any(group.members == members for group in groups):
            groups.append(Group(members, "same", c.IDENTITY, "both say who the agent is"))
    return groups


def _of_files(files: tuple[int, int], by_file: Mapping[int, Sequence[int]], scorer: SectionScorer) -> Iterator[Group]:
    first, second = (by_file[file] for file in files)
    scores = {(a, b): scorer.score(a, b) for a in first for b in second}
    best_of_first = {a: max(second, key=lambda b: (scores[a, b][0], -b)) for a in first}
    best_of_second = {b: max(first, key=lambda a: (scores[a, b][0], -a)) for b in second}
    for (a, b), (value, reason) in scores.items():
        best = (best_of_first[a] == b) + (best_of_second[b] == a)
        shared = scorer.shared(a, b)
        members = (scorer.sectors[a].member, scorer.sectors[b].member)
        if value >= c.SECTION_SAME and best == 2:
            yield Group(members, "same", round(value, 4), reason)
        elif (value >= c.SECTION_OVERLAP and best) or shared >= c.SECTION_SHARED:
            share = f"{shared:.0%} of the units of one say the same as units of the other"
            yield Group(members, "overlap", round(value, 4), share if shared else reason)
