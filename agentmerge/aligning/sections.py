"""Which sections of the variants correspond: by title, by words, by their units, by what they are for."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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


def sectors(definitions: Sequence[Definition], lexicon: Lexicon) -> tuple[list[Sector], list[dict[int, int]]]:
    """All sections, and for each variant the number of the section on a line."""
    found: list[Sector] = []
    numbers: list[dict[int, int]] = []
    for file, definition in enumerate(definitions):
        lines = {definition.root.line: len(found)}
        found.append(Sector(Member(file, definition.root), frozenset(), "identity", ()))
        for path, section in walk_sections(definition.root):
            lines.setdefault(section.line, len(found))
            above = tuple(lines[parent.line] for parent in path)
            title = frozenset(lexicon.tokens(section.title, "en"))
            found.append(Sector(Member(file, section, path), title, _kind(section, path), above))
        numbers.append(lines)
    return found, numbers


def _kind(section: Section, path: Sequence[Section]) -> str:
    if section.heading_level == 1 and not path:
        return "identity"
    return kind_of(section.title)


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
        self.counts = Counter(number for unit in units for number in (unit.section, *found[unit.section].parents))
        self.matches: defaultdict[tuple[int, int], float] = defaultdict(float)

    def context(self) -> Mapping[tuple[int, int], tuple[float, float]]:
        """How alike the titles, and the words, of the sections of two units are."""
        return _Context(self)

    def learn(self, scores: Mapping[tuple[int, int], Score]) -> None:
        """Take note of units that are alike: their sections, and those above, have so much in common."""
        for (a, b), score in scores.items():
            if score.value >= c.RELATED:
                left, right = (self.units[number].section for number in (a, b))
                for one in (left, *self.sectors[left].parents):
                    for other in (right, *self.sectors[right].parents):
                        self.matches[one, other] += score.value

    def score(self, a: int, b: int) -> tuple[float, str]:
        """Noisy-or of the evidence, and which evidence it was."""
        left, right = self.sectors[a], self.sectors[b]
        title = cosine(self.titles[a], self.titles[b])
        words = cosine(self.bags[a], self.bags[b])
        kind = 1.0 if left.kind and left.kind == right.kind else 0.0
        least = min(self.counts[a], self.counts[b])
        units = min(1.0, self.matches.get((a, b), 0.0) / least) if least else 0.0
        value = 1 - (1 - 0.7 * title) * (1 - 0.9 * words) * (1 - c.KIND * kind) * (1 - 0.6 * units)
        if left.kind and right.kind and left.kind != right.kind and title < 0.9:
            value *= c.KIND_CLASH
        evidence = (
            (title, "titles alike"),
            (words, "same words"),
            (units, "same units"),
            (kind * 0.5, f"both {left.kind}"),
        )
        return value, ", ".join(
            name for strength, name in sorted(evidence, reverse=True) if strength >= 0.3
        ) or "some of each"


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
    for number, sector in enumerate(scorer.sectors):
        if scorer.counts[number] or sector.title:
            by_file[sector.member.file].append(number)
    found: list[Group] = []
    files = sorted(by_file)
    for position, first in enumerate(files):
        for second in files[position + 1 :]:
            scores = {(a, b): scorer.score(a, b) for a in by_file[first] for b in by_file[second]}
            best_a = {a: max(by_file[second], key=lambda b: (scores[a, b][0], -b)) for a in by_file[first]}
            best_b = {b: max(by_file[first], key=lambda a: (scores[a, b][0], -a)) for b in by_file[second]}
            for (a, b), (value, reason) in scores.items():
                mutual = best_a[a] == b and best_b[b] == a
                if value >= c.SECTION_SAME and mutual:
                    relation = "same"
                elif value >= c.SECTION_OVERLAP and (best_a[a] == b or best_b[b] == a):
                    relation = "overlap"
                else:
                    continue
                members = (scorer.sectors[a].member, scorer.sectors[b].member)
                found.append(Group(members, relation, round(value, 4), reason))  # type: ignore[arg-type]
    return found
