"""Units of all variants in, the pairs worth a score out, and scored pairs to groups that never chain, with reasons."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from operator import itemgetter
from typing import NamedTuple

from agentmerge.matching import constants as c
from agentmerge.matching.features import Features
from agentmerge.matching.scoring import Score, Scorer, UnitPair
from agentmerge.text import similarity
from agentmerge.text.lexicon import Lexicon
from agentmerge.text.sequences import nearest

# Candidates -----------------------------------------------------------------------------------------------------------
#
# Which pairs of units are worth a score, and what is done where there are too many.
#
# Ordinary definitions have some hundred such pairs. A file that says one thing a thousand times, or thousands of things
# in the same few words, has millions: then a text that comes again and again is looked at once for all its copies, and
# each unit is only compared with the nearest of those that share its words. That is told (`Candidates.crowded`).


class Candidates(NamedTuple):
    """Pairs of units of different variants that are worth a score."""

    pairs: Sequence[UnitPair]
    """In order."""
    copies: Mapping[int, Sequence[int]] = {}
    """Units of one text and one variant by the first of them, which stands for all; only where it is crowded."""
    crowded: bool = False
    """Whether units were left uncompared that share words."""


class TooManyError(Exception):
    """More pairs than can be looked at one by one."""


def allowed(nodes: int, variants: int) -> int:
    """Pairs that may be compared one by one: more than anything that people keep needs."""
    return max(c.MOST_PAIRS, c.PAIRS_PER_UNIT * nodes * variants)


def candidates(units: Sequence[Features], scorer: Scorer) -> Candidates:
    """Pairs in which one says much of the other's core.

    Who the agent is is compared whatever its words, and so is what is written the same.
    """
    try:
        return Candidates(sorted(_unsettled(_all_pairs(units, scorer), units)))
    except TooManyError:
        return _nearest_pairs(units, scorer)


def _all_pairs(units: Sequence[Features], scorer: Scorer) -> set[UnitPair]:
    most = allowed(len(units), len({unit.member.file for unit in units}))
    file = [unit.member.file for unit in units]
    cores = [scorer.content[number] or frozenset(unit.tokens) for number, unit in enumerate(units)]
    known, left = _all_saying(cores, units, scorer, most * c.STEPS_PER_PAIR)
    pairs: set[UnitPair] = set()
    for a, core in enumerate(cores):
        if len(pairs) > most:
            raise TooManyError
        pairs.update([(a, b) if a < b else (b, a) for b in known[core] if file[a] != file[b]])
    for found in _near(scorer, file, left):
        pairs.update(found)
        if len(pairs) > most:
            raise TooManyError
    for others in (_who(units), *_written_alike(units)):
        if len(others) ** 2 > most:
            raise TooManyError
        pairs.update((a, b) for a, b in combinations(others, 2) if file[a] != file[b])
    return pairs


def _unsettled(pairs: Iterable[UnitPair], units: Sequence[Features]) -> Iterator[UnitPair]:
    """The pairs but for those of two texts that each stand word for word in the other's variant: who keeps both keeps
    them apart."""
    file = [unit.member.file for unit in units]
    found: defaultdict[str, set[int]] = defaultdict(set)
    for unit, own in zip(units, file, strict=True):
        found[unit.words].add(own)
    files = [found[unit.words] for unit in units]
    """For each unit the variants that hold its text; one object for all that say the same."""
    for pair in pairs:
        a, b = pair
        if files[a] is files[b] or file[b] not in files[a] or file[a] not in files[b]:
            yield pair


def _all_saying(
    cores: Sequence[frozenset[str]], units: Sequence[Features], scorer: Scorer, left: int
) -> tuple[Mapping[frozenset[str], Sequence[int]], int]:
    """For each core the units that say enough of it, and how many of so many steps are left.

    Raises TooManyError before any pair is made: there may be thousands for each unit.
    """
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for number, unit in enumerate(units):
        for token in unit.tokens:
            holders[token].append(number)
    known: dict[frozenset[str], list[int]] = {}
    for core in cores:
        if core not in known:
            known[core], steps = _saying(core, units, holders, scorer.weight)
            left -= steps
        left -= len(known[core])
        if left < 0:
            raise TooManyError
    return known, left


def _near(scorer: Scorer, file: Sequence[int], steps: int) -> Iterator[Iterable[UnitPair]]:
    """Units of one direction, whatever their words: for each unit the nearest of each other variant."""
    holders: defaultdict[int, list[int]] = defaultdict(list)
    for number, direction in enumerate(scorer.directions):
        if direction:
            holders[similarity.sketch(direction)].append(number)
    if len(holders) ** 2 > 2 * c.CHEAP * steps:
        raise TooManyError
    for bits, found in alike({bits: len(numbers) for bits, numbers in holders.items()}, steps).items():
        numbers = [number for _, other in sorted(found) for number in holders[other]]
        nearest = _first_of_each(numbers, file)
        for a in holders[bits]:
            yield [(a, b) if a < b else (b, a) for b in nearest if file[b] != file[a]]


def alike(held: Mapping[int, int], steps: int) -> Mapping[int, Sequence[tuple[int, int]]]:
    """For each sketch those that differ in few signs, itself among them, each with in how many.

    Takes how many units have each sketch. Raises TooManyError before the units that are alike are more than so many
    steps allow.
    """
    near: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    sketches = list(held)
    most = c.APART
    for place, bits in enumerate(sketches):
        near[bits].append((0, bits))
        # The most frequent step of all.
        others = [other for other in sketches[place + 1 :] if (bits ^ other).bit_count() <= most]
        steps -= held[bits] * (len(others) + 1) + sum(map(held.__getitem__, others))
        if steps < 0:
            raise TooManyError
        for other in others:
            apart = (bits ^ other).bit_count()
            near[bits].append((apart, other))
            near[other].append((apart, bits))
    return near


def _first_of_each(numbers: Sequence[int], file: Sequence[int]) -> list[int]:
    """The first few units of each variant."""
    taken: Counter[int] = Counter()
    found = []
    for number in numbers:
        if taken[file[number]] < c.NEAREST_OF_SENSE:
            taken[file[number]] += 1
            found.append(number)
    return found


def _who(units: Sequence[Features]) -> list[int]:
    return [number for number, unit in enumerate(units) if unit.facet == "identity"]


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
) -> tuple[list[int], int]:
    """Units that say enough of a core, and how many were looked at.

    What is left of the core after its rarer words is too little by itself, so a frequent word is only looked up in
    the units that have a rarer one: prefix filtering (Chaudhuri, Ganti and Kaushik 2006).
    """
    left = sum(weight[token] for token in core)
    enough = c.CANDIDATE * left
    said: dict[int, float] = {}
    steps = 0
    for token in sorted(core, key=lambda token: (len(holders[token]), token)):
        amount = weight[token]
        if left >= enough:
            steps += len(holders[token])
            for unit in holders[token]:
                said[unit] = said.get(unit, 0.0) + amount
            left -= amount
        else:
            left -= amount
            steps += len(said)
            said = {
                unit: total
                for unit, before in said.items()
                if (total := before + amount if token in units[unit].tokens else before) + left >= enough
            }
    return [unit for unit, amount in said.items() if amount >= enough], steps


# Where it is crowded


class _Crowd:
    """The units of all variants that stand for themselves or for copies, found by word and place."""

    def __init__(self, units: Sequence[Features], scorer: Scorer) -> None:
        self.units, self.scorer = units, scorer
        self.copies = _copies(units)
        self.file = [unit.member.file for unit in units]
        first = [self.file.index(file) for file in range(max(self.file, default=0) + 1)]
        self._size = [end - start for start, end in zip(first, [*first[1:], len(units)], strict=True)]
        self._first = first
        copied = {number for numbers in self.copies.values() for number in numbers[1:]}
        self.standing = [number for number in range(len(units)) if number not in copied]
        self._by_token: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
        self._by_words: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
        for number in self.standing:
            unit = units[number]
            self._by_words[self.file[number], unit.words].append(number)
            for token in unit.tokens:
                self._by_token[self.file[number], token].append(number)

    def place(self, unit: int, file: int) -> int:
        """The number of the unit that stands as far down in another variant as this one does in its own."""
        own = self.file[unit]
        return self._first[file] + (unit - self._first[own]) * self._size[file] // self._size[own]

    def partners(self, unit: int, file: int) -> list[int]:
        """The nearest of a variant that are written the same, then the nearest that say enough of the core.

        Who finds itself there looks no further: what is new on either side looks for its own partners.
        """
        at = self.place(unit, file)
        alike = nearest(self._by_words.get((file, self.units[unit].words), ()), at, c.NEAREST)
        if any(self.scorer.identical(unit, other) for other in alike):
            return list(alike)
        return [*alike, *self._saying(unit, file, at)]

    def _saying(self, unit: int, file: int, at: int) -> list[int]:
        weight = self.scorer.weight
        core = self.scorer.content[unit] or frozenset(self.units[unit].tokens)
        total = left = sum(weight[token] for token in core)
        enough = c.CANDIDATE * total
        seen: set[int] = set()
        for token in sorted(core, key=lambda token: (len(self._by_token.get((file, token), ())), token)):
            if left < enough:
                break
            left -= weight[token]
            seen.update(nearest(self._by_token.get((file, token), ()), at, c.NEAREST_OF_WORD))
        said = [(sum([weight[t] for t in core if t in self.units[other].tokens]), other) for other in seen]
        best = sorted((-amount, abs(other - at), other) for amount, other in said if amount >= enough)
        return [other for *_, other in best[: c.NEAREST]]


def _nearest_pairs(units: Sequence[Features], scorer: Scorer) -> Candidates:
    crowd = _Crowd(units, scorer)
    files = range(max(crowd.file, default=0) + 1)
    pairs: set[UnitPair] = set()
    for a in crowd.standing:
        for file in files:
            if file != crowd.file[a]:
                pairs.update((a, b) if a < b else (b, a) for b in crowd.partners(a, file))
    who = _who(units)
    pairs.update((a, b) for a, b in combinations(who, 2) if crowd.file[a] != crowd.file[b])
    return Candidates(sorted(pairs), crowd.copies, crowded=True)


def _copies(units: Sequence[Features]) -> dict[int, list[int]]:
    found: defaultdict[object, list[int]] = defaultdict(list)
    for number, unit in enumerate(units):
        key = (
            unit.member.file,
            unit.words,
            unit.kind,
            unit.language,
            unit.facet,
            unit.forbids,
            unit.stance,
            unit.tiers,
        )
        found[(*key, unit.member.text) if unit.kind == "code" else key].append(number)
    return {numbers[0]: numbers for numbers in found.values() if len(numbers) > c.COPIES}


def paired(left: Sequence[int], right: Sequence[int]) -> Iterable[UnitPair]:
    """Each copy of one text with one of another, in their order; the rest of the longer list with the last one."""
    for number in range(max(len(left), len(right))):
        a, b = left[min(number, len(left) - 1)], right[min(number, len(right) - 1)]
        yield (a, b) if a < b else (b, a)


# Linking --------------------------------------------------------------------------------------------------------------
#
# Pairs to groups that never chain: agglomeration under constraints.
#
# Pairs of about one size are taken from the surest down and joined where the joined group is sound: any two units of it
# say the same by their own score, two of one variant by a higher floor. So a group is never larger than its pairs allow
# (complete linkage; plain closure chains). That one unit covers another is no such relation: what it covers besides may
# be another matter, so a head has what it covers, and no more follows.


def groups(
    pairs: Iterable[tuple[float, int, int]], scorer: Scorer, against: Container[UnitPair], *, most: int | None = None
) -> list[tuple[int, ...]]:
    """Disjoint groups of unit numbers. `pairs` are (score, unit, unit) of different variants;
    `against` holds those that contradict each other. No group has more than `most` members."""
    found: dict[int, list[int]] = {}
    home: dict[int, int] = {}
    unsound: set[UnitPair] = set()
    for at, (a, b) in enumerate(_by_score(pairs, scorer)):
        left, right = home.get(a, -1 - a), home.get(b, -1 - b)
        if left == right or (left, right) in unsound:
            continue
        both = found.get(left, [a]), found.get(right, [b])
        if most is not None and len(both[0]) + len(both[1]) > most:
            continue
        if _sound(*both, scorer, against):
            found[at] = sorted([*both[0], *both[1]])
            home.update(dict.fromkeys(found[at], at))
        else:
            unsound |= {(left, right), (right, left)}
    return [tuple(found[at]) for at in dict.fromkeys(home.values())]


def _by_score(pairs: Iterable[tuple[float, int, int]], scorer: Scorer) -> Iterator[UnitPair]:
    """The surest first; among equal scores by the words of the units."""
    rank = _ranks(scorer.units)
    ordered = [(-round(score, 9), min(rank[a], rank[b]), max(rank[a], rank[b]), a, b) for score, a, b in pairs]
    return ((a, b) for *_, a, b in sorted(ordered, key=itemgetter(0, 1, 2)))


def _ranks(units: Sequence[Features]) -> list[int]:
    """A rank for each unit, to decide among equal scores, that does not depend on the order of the files."""
    ranks = {words: rank for rank, words in enumerate(sorted({unit.words for unit in units}))}
    return [ranks[unit.words] for unit in units]


def _sound(left: Sequence[int], right: Sequence[int], scorer: Scorer, against: Container[UnitPair]) -> bool:
    return all(
        scorer.identical(a, b) or ((min(a, b), max(a, b)) not in against and _compatible(a, b, scorer))
        for a in left
        for b in right
    )


def _compatible(a: int, b: int, scorer: Scorer) -> bool:
    of_one_file = scorer.units[a].member.file == scorer.units[b].member.file
    return scorer.score(a, b).value >= (c.SAME_FILE if of_one_file else c.LINK)


def covers(scores: Mapping[UnitPair, Score], least: float) -> list[tuple[int, tuple[int, ...]]]:
    """Units that say more than others and all that these say, each with those: the head, then what it covers."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    for (a, b), score in scores.items():
        if score.contains and score.value >= least:
            head, other = (a, b) if score.contains == 1 else (b, a)
            found[head].add(other)
    return [(head, tuple(sorted(found[head]))) for head in sorted(found)]


def mean(group: Sequence[int], scorer: Scorer) -> float:
    """Mean score over the pairs of different variants."""
    scores = [
        scorer.score(a, b).value
        for i, a in enumerate(group)
        for b in group[i + 1 :]
        if scorer.units[a].member.file != scorer.units[b].member.file
    ]
    return sum(sorted(scores)) / len(scores) if scores else 0.0


# Reasons --------------------------------------------------------------------------------------------------------------
#
# Why two units or more were put together, in words.


MAX_WORDS = 4


class Reasons:
    """Tells why, in words that stand in the units."""

    def __init__(self, scorer: Scorer, lexicon: Lexicon) -> None:
        self._scorer = scorer
        self._lexicon = lexicon
        self._known: dict[int, Mapping[str, str]] = {}
        self._told: dict[tuple[UnitPair, str], str] = {}

    def of_units(self, group: Sequence[int], cover: int | None = None) -> str:
        """What the units of a group share: their weightiest common words, and the headings that they stand under."""
        units = [self._scorer.units[number] for number in group]
        if all(unit.words == units[0].words for unit in units):
            return "same words"
        titles = {unit.member.path[-1].title if unit.member.path else "" for unit in units}
        under = f"; both under {titles.pop()}" if len(titles) == 1 and titles != {""} else ""
        if cover is not None:
            return f"line {self._scorer.units[cover].member.line} says what the others say; {self._words(group)}{under}"
        return self._once(group, under)

    def _once(self, group: Sequence[int], under: str) -> str:
        """The reason of two units that come again in other variants is made, and held, once."""
        alike = self._scorer.alike(group[0], group[1]) if len(group) == 2 else None
        if alike is None:
            return f"{self._words(group)}{under}"
        if (alike, under) not in self._told:
            self._told[alike, under] = f"{self._words(group)}{under}"
        return self._told[alike, under]

    def _words(self, group: Sequence[int]) -> str:
        shared = sorted(self._shared(group), key=lambda token: (-self._scorer.weight[token], token))[:MAX_WORDS]
        return f"same core words: {', '.join(dict.fromkeys(self._name(token, group) for token in shared))}"

    def _shared(self, group: Sequence[int]) -> set[str]:
        first, *others = (self._scorer.units[number].tokens.keys() for number in group)
        tokens = set(first).intersection(*others)
        return tokens or {token for a in group for b in group if a < b for token in self._scorer.shared(a, b)[:2]}

    def _name(self, token: str, group: Sequence[int]) -> str:
        found = [names[token] for number in group if token in (names := self._names(number))]
        return min(found, key=lambda word: (len(word), word)) if found else self._lexicon.name(token)

    def _names(self, number: int) -> Mapping[str, str]:
        """For the tokens of a unit's words the shortest of these words."""
        if number not in self._known:
            unit = self._scorer.units[number]
            self._known[number] = self._lexicon.names(unit.words, unit.language)
        return self._known[number]
