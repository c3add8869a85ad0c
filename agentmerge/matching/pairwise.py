"""Two definitions in, their nodes one to one out: at most one partner each, for a diff, a merge or a history step.

The ladder goes from sure to unsure, as in GumTree (Falleri et al. 2014) and ChangeDistiller (Fluri et al. 2007), but
without any demand on order, because moves must stay visible: equal text in matched sections, equal text anywhere,
similar text in matched sections, then what the alignment calls `same`, then similar text anywhere.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import product
from typing import NamedTuple

from agentmerge.knowledge import signs
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.records import Alignment, Member, canonical, members_of
from agentmerge.model import Definition, Field, Section, Unit, per_definition, walk_sections
from agentmerge.text.sequences import nearest

NEAR = 0.5
"""Least similarity of two units in matched sections."""
FAR = 0.72
"""Least similarity of two units anywhere: a move with rewording has to be plain to see."""
MOST_COMPARED = 300_000
"""Pairs that are compared by their words at each rung of the ladder; of more only the nearest."""
NEAREST = 8
"""Nodes that are compared for each word, or each text, that they share, where there are too many."""
SECTION_NEAR = 0.4
"""Least share of equal content of two sections whose titles differ."""

_WORD = re.compile(r"\w+|[^\w\s]")
_PROSE = frozenset({"item", "task", "paragraph", "quote"})

Aligner = Callable[[Sequence[Definition], Knowledge], Alignment]


class Pair(NamedTuple):
    """Two nodes that correspond."""

    a: Member
    b: Member
    similarity: float
    """Share of equal words, 1.0 for equal text."""
    by: str
    """Rung of the ladder: equal, equal-elsewhere, near, aligned, contradicts, far; title or content of sections."""


class Matching(NamedTuple):
    """The partners of every section, unit and field of two definitions."""

    a: Definition
    b: Definition
    sections: tuple[Pair, ...]
    units: tuple[Pair, ...]
    fields: tuple[Pair, ...]
    only_a: tuple[Member, ...]
    """Units and fields of `a` without a partner, in the order of the file."""
    only_b: tuple[Member, ...]
    sections_only_a: tuple[Member, ...]
    sections_only_b: tuple[Member, ...]
    crowded: bool = False
    """Whether there were too many nodes without a plain partner: of those each was only compared with the nearest."""


def match(a: Definition, b: Definition, knowledge: Knowledge, aligner: Aligner | None = None) -> Matching:
    """Match two definitions one to one.

    `aligner` adds what says the same in other words; it is only asked where both sides have units left over.
    """
    ladder = _Ladder(a, b, knowledge)
    ladder.run(aligner)
    return ladder.result()


@lru_cache(maxsize=8192)
def words(text: str) -> tuple[str, ...]:
    """Words and punctuation marks of a text, in lower case."""
    return tuple(_WORD.findall(text.lower()))


class Bag(dict[str, int]):
    """Words, or other texts, with how often each is there."""

    __slots__ = ("_each", "size")

    def __init__(self, texts: Iterable[str]) -> None:
        super().__init__(Counter(texts))
        self.size = sum(self.values())
        # The second of two equal words is a mark of its own: what two bags share is what two sets share.
        again = [f"{word}\0{n}" for word, count in self.items() if count > 1 for n in range(1, count)]
        self._each = frozenset((*self, *again))

    def shared(self, other: Bag) -> int:
        """How many words both have, each as often as both have it."""
        return len(self._each & other._each)


def similarity(a: Bag, b: Bag, least: float = 0.0) -> float:
    """Sørensen-Dice coefficient of two bags of words, in [0, 1]; 0.0 where it can't reach `least`."""
    total = a.size + b.size
    if 2 * min(a.size, b.size) < least * total:
        return 0.0
    return 2 * a.shared(b) / total if total else 1.0


def parent_line(member: Member) -> int:
    """Line of the section that holds a unit; 0 for the root."""
    return member.path[-1].line if member.path else 0


class _Ladder:
    """The state of one matching: who is still free, and the pairs found so far."""

    def __init__(self, a: Definition, b: Definition, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self.a, self.b = a, b
        self.fields = _match_fields(a, b)
        self.free_a = {m.line: m for m in members_of(0, a) if isinstance(m.node, Unit)}
        self.free_b = {m.line: m for m in members_of(1, b) if isinstance(m.node, Unit)}
        self.bags = _bags(a), _bags(b)
        self.ranks = _ranks(a), _ranks(b)
        self.pairs: list[Pair] = []
        self.crowded = False
        matcher = _SectionMatcher(a, b)
        self.sections = matcher.run()
        self.crowded = matcher.crowded
        self.homes = {0: 0} | {pair.a.line: pair.b.line for pair in self.sections}

    def run(self, aligner: Aligner | None) -> None:
        self._equal(at_home=True)
        self._equal(at_home=False)
        self._same_data()
        self._similar(NEAR, "near", at_home=True)
        if aligner is not None and self.free_a and self.free_b:
            self._aligned(aligner([self.a, self.b], self._knowledge))
        self._similar(FAR, "far", at_home=False)

    def result(self) -> Matching:
        taken_a = {pair.a.line for pair in (*self.fields, *self.pairs)}
        taken_b = {pair.b.line for pair in (*self.fields, *self.pairs)}
        sections_a = {pair.a.line for pair in self.sections}
        sections_b = {pair.b.line for pair in self.sections}
        return Matching(
            self.a,
            self.b,
            tuple(sorted(self.sections, key=lambda pair: pair.a.line)),
            tuple(sorted(self.pairs, key=lambda pair: pair.a.line)),
            tuple(self.fields),
            tuple(m for m in members_of(0, self.a) if m.line not in taken_a),
            tuple(m for m in members_of(1, self.b) if m.line not in taken_b),
            tuple(m for m in _sections(0, self.a) if m.line not in sections_a),
            tuple(m for m in _sections(1, self.b) if m.line not in sections_b),
            self.crowded,
        )

    def _take(self, a: Member, b: Member, score: float, by: str) -> None:
        del self.free_a[a.line], self.free_b[b.line]
        self.pairs.append(Pair(a, b, score, by))

    def _equal(self, *, at_home: bool) -> None:
        waiting: dict[object, deque[Member]] = defaultdict(deque)
        for member in self.free_b.values():
            waiting[_text_key(member, parent_line(member) if at_home else None, self._knowledge)].append(member)
        for member in list(self.free_a.values()):
            home = self.homes.get(parent_line(member), -1) if at_home else None
            partners = waiting.get(_text_key(member, home, self._knowledge))
            if partners:
                self._take(member, partners.popleft(), 1.0, "equal" if at_home else "equal-elsewhere")

    def _same_data(self) -> None:
        """Blocks of data that hold the same in another style, each with the nearest that is left."""
        waiting: dict[str, list[Member]] = defaultdict(list)
        for key, member in _data(self.free_b):
            waiting[key].append(member)
        for key, member in _data(self.free_a) if waiting else ():
            if partners := waiting.get(key):
                at = bisect_left(partners, self.ranks[0][member.line], key=lambda other: self.ranks[1][other.line])
                near = range(max(0, at - 1), min(at + 1, len(partners)))
                partner = partners.pop(min(near, key=lambda place: self._apart(member, partners[place])))
                at_home = self.homes.get(parent_line(member), -1) == parent_line(partner)
                self._take(member, partner, 1.0, "equal" if at_home else "equal-elsewhere")

    def _similar(self, least: float, by: str, *, at_home: bool) -> None:
        found = []
        for a, b in self._candidates(at_home=at_home):
            score = similarity(self._bag(a), self._bag(b), least)
            if score >= least:
                found.append((-score, self._apart(a, b), a.line, b.line, a, b))
        for negative, _, _, _, a, b in sorted(found, key=lambda row: row[:4]):
            if a.line in self.free_a and b.line in self.free_b:
                self._take(a, b, -negative, by)

    def _candidates(self, *, at_home: bool) -> Iterator[tuple[Member, Member]]:
        """Pairs that share a home, or that share one of the rarer words of the shorter text."""
        if at_home:
            by_home: dict[int, list[Member]] = defaultdict(list)
            for member in self.free_b.values():
                by_home[parent_line(member)].append(member)
            partners = {a.line: by_home.get(self.homes.get(parent_line(a), -1), []) for a in self.free_a.values()}
            if sum(map(len, partners.values())) <= MOST_COMPARED:
                yield from ((a, b) for a in self.free_a.values() for b in partners[a.line] if _comparable(a, b))
                return
        yield from self._sharing_words(at_home=at_home)

    def _sharing_words(self, *, at_home: bool) -> Iterator[tuple[Member, Member]]:
        """Pairs that share one of the rarer words of the first, in one home or anywhere; of too many the nearest."""
        holders: dict[tuple[int, str], list[int]] = defaultdict(list)
        for member in self.free_b.values():
            for word in self._bag(member):
                holders[parent_line(member) if at_home else 0, word].append(member.line)
        rare: dict[int, list[list[int]]] = {}
        for a in self.free_a.values():
            home = self.homes.get(parent_line(a), -1) if at_home else 0
            shared = [word for word in self._bag(a) if (home, word) in holders]
            shared.sort(key=lambda word: (len(holders[home, word]), word))
            rare[a.line] = [holders[home, word] for word in shared[:4]]
        most = None
        if at_home or sum(len(lines) for found in rare.values() for lines in found) > MOST_COMPARED:
            self.crowded, most = True, NEAREST
        places = {line: place for place, line in enumerate(self.free_b)}
        share = len(places) / max(1, len(rare))
        by_place = list(self.free_b)
        for place, (line, found) in enumerate(rare.items()):
            a = self.free_a[line]
            # Where a unit stands as far down among those that are left as this one does.
            at = by_place[min(int(place * share), len(by_place) - 1)] if by_place else 0
            lines = [near for lines in found for near in (lines if most is None else nearest(lines, at, most))]
            yield from ((a, b) for b in map(self.free_b.__getitem__, dict.fromkeys(lines)) if _comparable(a, b))

    def _aligned(self, alignment: Alignment) -> None:
        self.crowded |= alignment.crowded
        found = []
        for group in alignment.units:
            if group.relation not in ("same", "covers", "contradicts"):
                continue
            left = [m for m in group.members if m.file == 0 and m.line in self.free_a]
            right = [m for m in group.members if m.file == 1 and m.line in self.free_b]
            if group.cover is not None:
                # The head with each of the others, and no two of these.
                left, right = (
                    [m for m in side if m.key == group.cover or file != group.cover[0]]
                    for file, side in enumerate((left, right))
                )
            many = len(left) * len(right) > MOST_COMPARED
            pairs = zip(left, right, strict=False) if many else product(left, right)
            found += [(-group.score, self._apart(a, b), a.line, b.line, group.relation) for a, b in pairs]
        for _, _, line_a, line_b, relation in sorted(found):
            a, b = self.free_a.get(line_a), self.free_b.get(line_b)
            if a is not None and b is not None:
                score = similarity(self._bag(a), self._bag(b))
                self._take(a, b, score, "contradicts" if relation == "contradicts" else "aligned")

        self._aligned_sections(alignment)

    def _aligned_sections(self, alignment: Alignment) -> None:
        """Sections that found no partner by title or content are partners where the alignment says so.

        What stands before the first heading is a section to the alignment, and has its partner in the root.
        """
        left, right = {pair.a.line for pair in self.sections}, {pair.b.line for pair in self.sections}
        for group in sorted(alignment.sections, key=lambda group: (-group.score, [m.key for m in group.members])):
            headed = [m for m in group.members if m.node.source]
            ours = [m for m in headed if m.file == 0 and m.line not in left]
            theirs = [m for m in headed if m.file == 1 and m.line not in right]
            if group.relation == "same" and ours and theirs:
                self.sections.append(Pair(ours[0], theirs[0], group.score, "aligned"))
                left.add(ours[0].line)
                right.add(theirs[0].line)

    def _bag(self, member: Member) -> Bag:
        return self.bags[member.file][member.line]

    def _apart(self, a: Member, b: Member) -> int:
        """How far apart two units stand; counted in units, because lines depend on how a text is wrapped."""
        return abs(self.ranks[0][a.line] - self.ranks[1][b.line])


def _data(members: Mapping[int, Member]) -> list[tuple[str, Member]]:
    """The blocks of data among some units, each with what it holds."""
    units = ((member, member.node) for member in members.values() if isinstance(member.node, Unit))
    return [(key, member) for member, unit in units if (key := canonical(unit)) is not None]


@per_definition
def _ranks(definition: Definition) -> Mapping[int, int]:
    """The place of each unit in the file, by its line."""
    return {m.line: rank for rank, m in enumerate(members_of(0, definition)) if isinstance(m.node, Unit)}


@per_definition
def _bags(definition: Definition) -> Mapping[int, Bag]:
    """The words of each unit, by its line."""
    return {m.line: Bag(words(m.text)) for m in members_of(0, definition) if isinstance(m.node, Unit)}


def _comparable(a: Member, b: Member) -> bool:
    kinds = {a.node.kind, b.node.kind} if isinstance(a.node, Unit) and isinstance(b.node, Unit) else set()
    return len(kinds) == 1 or kinds <= _PROSE


def _text_key(member: Member, home: int | None, knowledge: Knowledge) -> object:
    kind = member.node.kind if isinstance(member.node, Unit) and member.node.kind not in _PROSE else "prose"
    text = member.text if kind == "code" else " ".join(signs.of(knowledge).said(member.text).split())
    return kind, text, home


def _match_fields(a: Definition, b: Definition) -> list[Pair]:
    """Fields pair by key; of a duplicate key the occurrences pair in order."""
    waiting: dict[str, list[Field]] = defaultdict(list)
    for field in b.fields:
        waiting[field.key].append(field)
    pairs = []
    for field in a.fields:
        if waiting[field.key]:
            other = waiting[field.key].pop(0)
            bags = Bag(words(field.text)), Bag(words(other.text))
            score = 1.0 if field.value == other.value else similarity(*bags)
            pairs.append(Pair(Member(0, field), Member(1, other), score, "key"))
    return pairs


def _sections(file: int, definition: Definition) -> list[Member]:
    return [Member(file, section, path) for path, section in walk_sections(definition.root)]


class _SectionMatcher:
    """Sections by title below the same parent, by title anywhere, then by what stands in them."""

    def __init__(self, a: Definition, b: Definition) -> None:
        self.left, self.right = _sections(0, a), _sections(1, b)
        self.ranks = [{m.line: rank for rank, m in enumerate(members)} for members in (self.left, self.right)]
        self.pairs: list[Pair] = []
        self.taken_a: set[int] = set()
        self.taken_b: set[int] = set()
        self.crowded = False

    def run(self) -> list[Pair]:
        self._by(lambda m: tuple(title_key(s) for s in (*m.path, m.node) if isinstance(s, Section)), "title")
        self._by(lambda m: title_key(m.node), "title")
        self._by_content()
        return sorted(self.pairs, key=lambda pair: pair.a.line)

    def _apart(self, a: Member, b: Member) -> int:
        """How far apart two sections stand, counted in sections."""
        return abs(self.ranks[0][a.line] - self.ranks[1][b.line])

    @cached_property
    def bags(self) -> Mapping[tuple[int, int], Bag]:
        """The texts that stand directly in each section."""
        return {m.key: Bag(_own_texts(m.node)) for m in (*self.left, *self.right)}

    def _free(self) -> tuple[list[Member], list[Member]]:
        return (
            [m for m in self.left if m.line not in self.taken_a],
            [m for m in self.right if m.line not in self.taken_b],
        )

    def _by(self, key: Callable[[Member], object], by: str) -> None:
        left, right = self._free()
        keys = {m.key: key(m) for m in (*left, *right)}
        waiting: dict[object, deque[Member]] = defaultdict(deque)
        for member in right:
            waiting[keys[member.key]].append(member)
        # Of several with one title those with equal content come first.
        counts = Counter(keys[member.key] for member in left)
        doubtful = [m for m in left if (k := keys[m.key]) in waiting and max(counts[k], len(waiting[k])) > 1]
        for _, a, b in self._alike(doubtful, [m for m in right if keys[m.key] in counts], keys):
            if a.line not in self.taken_a and b.line not in self.taken_b:
                self._take(a, b, 1.0, by)
        for member in left:
            partners = waiting.get(keys[member.key], deque())
            while partners and partners[0].line in self.taken_b:
                partners.popleft()
            if partners and member.line not in self.taken_a:
                self._take(member, partners.popleft(), 1.0, by)

    def _alike(
        self, left: Sequence[Member], right: Sequence[Member], keys: Mapping[tuple[int, int], object] | None = None
    ) -> list[tuple[float, Member, Member]]:
        """Sections that share the text of a unit, the most alike first; of too many pairs the nearest.

        With `keys` only sections of one key, and of those also any two without a text.
        """
        holders: dict[object, list[int]] = defaultdict(list)
        for member in right:
            for one in self._held(member, keys):
                holders[one].append(self.ranks[1][member.line])
        shared = {a.line: [holders[one] for one in self._held(a, keys) if one in holders] for a in left}
        most = None
        if sum(len(ranks) for found in shared.values() for ranks in found) > MOST_COMPARED:
            self.crowded, most = True, NEAREST
        found = []
        for a in left:
            at = self.ranks[0][a.line]
            near = {rank for ranks in shared[a.line] for rank in (nearest(ranks, at, most) if most else ranks)}
            for b in (self.right[rank] for rank in near):
                score = similarity(self.bags[a.key], self.bags[b.key])
                found.append((-score, self._apart(a, b), a.line, b.line, a, b))
        return [(-negative, a, b) for negative, _, _, _, a, b in sorted(found, key=lambda row: row[:4])]

    def _held(self, member: Member, keys: Mapping[tuple[int, int], object] | None) -> Iterator[object]:
        """What a section shares with those that may be its partners."""
        texts: Iterable[str] = self.bags[member.key]
        if keys is not None:
            yield from ((keys[member.key], text) for text in texts or ("",))
        else:
            yield from texts

    def _by_content(self) -> None:
        for score, a, b in self._alike(*self._free()):
            if score >= SECTION_NEAR and a.line not in self.taken_a and b.line not in self.taken_b:
                self._take(a, b, score, "content")

    def _take(self, a: Member, b: Member, score: float, by: str) -> None:
        self.taken_a.add(a.line)
        self.taken_b.add(b.line)
        self.pairs.append(Pair(a, b, score, by))


def title_key(node: object) -> str:
    """A title for comparison: lower case, white space folded."""
    return " ".join(node.title.lower().split()) if isinstance(node, Section) else ""


def _own_texts(node: object) -> Iterable[str]:
    """Texts of the units that stand directly in a section, nested ones included."""
    pending = list(node.units) if isinstance(node, Section) else []
    while pending:
        unit = pending.pop()
        pending += unit.children
        if unit.text:
            yield " ".join(unit.flow.split())
