"""A collection of definitions in, what it holds out: families of one role, copies, collisions, boilerplate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import PurePosixPath
from typing import NamedTuple

from agentmerge.drifting.arrivals import stem
from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import Definition
from agentmerge.surveying import comparing
from agentmerge.surveying.comparing import Comparer, Form, Weights, cosine, differing, form_of, klass_of_copies
from agentmerge.surveying.reading import content_of
from agentmerge.surveying.records import (
    COPIES,
    TEXTUAL,
    Card,
    Collision,
    Family,
    Klass,
    Neighbours,
    Pair,
    Signals,
    Survey,
    Template,
    Wider,
)
from agentmerge.text import lexicon

# Clustering -----------------------------------------------------------------------------------------------------------
#
# Forms to clusters by density: no chain of look-alikes makes two strangers one family.


DENSE = 0.5
"""Share of the pairs between two clusters that are linked, from which they are one."""


Weigh = Callable[[int], tuple[int, ...]]
"""How much a form counts, beside its links."""


class Link(NamedTuple):
    """Two forms that have something in common."""

    a: int
    b: int
    klass: Klass
    signals: Signals

    @property
    def key(self) -> tuple[int, int]:
        return (self.a, self.b) if self.a < self.b else (self.b, self.a)

    @property
    def strength(self) -> tuple[float, ...]:
        """A rank among links, in which to join by them; it is no measure and never shown."""
        return (min(self.signals.body), max(self.signals.body), self.signals.wording or 0.0)


def clusters(count: int, links: Iterable[Link], classes: AbstractSet[Klass] = TEXTUAL) -> list[list[int]]:
    """Forms that belong together by links of some classes, each with half of the others at least.

    Without `classes` one text came from the other, or both from a third. Each form is in one cluster.
    """
    found = _Clusters(count)
    ordered = sorted(
        (link for link in links if link.klass in classes),
        key=lambda link: (*(-part for part in link.strength), link.key),
    )
    found.link(link.key for link in ordered)
    for link in ordered:
        found.join(*link.key)
    return found.members()


class _Clusters:
    """Clusters with the number of links between each two."""

    def __init__(self, count: int) -> None:
        self._of = list(range(count))
        self._members = [[number] for number in range(count)]
        self._links: list[defaultdict[int, int]] = [defaultdict(int) for _ in range(count)]

    def link(self, pairs: Iterable[tuple[int, int]]) -> None:
        for a, b in pairs:
            self._links[a][b] += 1
            self._links[b][a] += 1

    def join(self, a: int, b: int) -> None:
        """Make the clusters of two forms one, if they are dense enough."""
        one, two = self._of[a], self._of[b]
        if one == two:
            return
        if self._links[one][two] < DENSE * len(self._members[one]) * len(self._members[two]):
            return
        keep, gone = (one, two) if len(self._members[one]) >= len(self._members[two]) else (two, one)
        for number in self._members[gone]:
            self._of[number] = keep
        self._members[keep] += self._members[gone]
        self._members[gone] = []
        for other, number in self._links[gone].items():
            if other != keep:
                self._links[keep][other] += number
                self._links[other][keep] += number
            self._links[other].pop(gone, None)
        self._links[gone].clear()

    def members(self) -> list[list[int]]:
        return sorted(sorted(numbers) for numbers in self._members if numbers)


def head(numbers: Sequence[int], links: Mapping[tuple[int, int], Link], weigh: Weigh) -> int:
    """The form that stands for a cluster: most like all others, then the one that weighs most, then the first."""

    def rank(number: int) -> tuple[float, ...]:
        found = (links.get((min(number, other), max(number, other))) for other in numbers if other != number)
        likeness = sum(min(link.signals.body) + (link.signals.wording or 0.0) for link in found if link is not None)
        return (-round(likeness, 1), *(-part for part in weigh(number)), number)

    return min(numbers, key=rank)


def roles(found: Sequence[Sequence[int]], links: Iterable[Link]) -> list[list[int]]:
    """Clusters of one role together, as indices of `found`: of one name and described alike, or translated.

    Two groups of clusters become one where half of the pairs of them are linked.
    """
    of = {number: at for at, numbers in enumerate(found) for number in numbers}
    between: set[tuple[int, int]] = set()
    for link in links:
        a, b = sorted((of[link.a], of[link.b]))
        if a != b and link.klass in (Klass.SAME_ROLE, Klass.TRANSLATION):
            between.add((a, b))
    joined = _Clusters(len(found))
    joined.link(between)
    for a, b in sorted(between):
        joined.join(a, b)
    return joined.members()


# Describing -----------------------------------------------------------------------------------------------------------
#
# What else is told of a collection: mirrors, names that collide, descriptions all but the same, boilerplate.


NEAR = 0.75
"""Likeness of two descriptions from which a router can hardly tell them apart."""
LEAST_TOKENS = 4
"""Words of a description that have to say something."""
TEMPLATE_ROLES = 8
"""Roles in which a statement stands at least, to be one of a template."""
TEMPLATE_WORDS = 5
SHOWN_TEMPLATES = 20
PLAIN = "plain"


def mirror_key(file: str, knowledge: Knowledge) -> tuple[str, str, str] | None:
    """The folder of a project, the host's folder in it and what the file is called there; None outside of such."""
    path = PurePosixPath(file.replace("\\", "/"))
    known = knowledge.derived(_host_folders)
    at = next((number for number in range(len(path.parts) - 2, -1, -1) if path.parts[number] in known), None)
    if at is None:
        return None
    kinds = knowledge.derived(_kind_folders)
    inner = [part for part in path.parts[at + 1 : -1] if part not in kinds]
    name = stem(file, knowledge)
    return "/".join(path.parts[:at]), path.parts[at], "/".join([*(p for p in inner if p != name), name]).lower()


def _host_folders(knowledge: Knowledge) -> frozenset[str]:
    shipped = frozenset(knowledge.raw("survey")["mirrors"]["folders"])
    of_hosts = {path.partition("/")[0] for one in knowledge.dialects.values() for path in one.paths if path[:1] == "."}
    return shipped | {folder for folder in of_hosts if "*" not in folder}


def _kind_folders(knowledge: Knowledge) -> frozenset[str]:
    return frozenset(knowledge.raw("survey")["kinds"]["folders"])


def _kind(file: str, knowledge: Knowledge) -> str:
    """What a file is for its host: the last folder that says so, without a plural; an agent where none does."""
    kinds = knowledge.derived(_kind_folders)
    parts = PurePosixPath(file.replace("\\", "/")).parts
    return next((part.removesuffix("s") for part in reversed(parts[:-1]) if part in kinds), "agent")


def _is_loaded(card: Card, knowledge: Knowledge) -> bool:
    """Whether a host loads the file by a name: of a host that reads files of one name alone, those are all."""
    host = card.content.host
    if host == PLAIN:
        return False
    names = [path.rpartition("/")[2] for path in knowledge.dialects[host].paths]
    return any("*" in name for name in names) or PurePosixPath(card.file.replace("\\", "/")).name in names


def collisions(cards: Sequence[Card], hidden: frozenset[int], knowledge: Knowledge) -> tuple[Collision, ...]:
    """Names that several definitions of one host and kind have; `hidden` are documents and mirrors."""
    holders: defaultdict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
    for number, card in enumerate(cards):
        name = card.content.name or stem(card.file, knowledge)
        if number in hidden or not name or not _is_loaded(card, knowledge):
            continue
        key = name.lower(), card.content.host, _kind(card.file, knowledge)
        holders[key].setdefault(card.content.digest, number)
    found = [
        Collision(key[0], key[1], tuple(sorted(by_text.values())))
        for key, by_text in holders.items()
        if len(by_text) > 1
    ]
    return tuple(sorted(found, key=lambda one: (-len(one.files), one.name, one.host, one.files)))


def neighbours(
    cards: Sequence[Card], numbers: Sequence[int], family: Mapping[int, int], weights: Weights
) -> tuple[Neighbours, ...]:
    """Definitions of different families whose descriptions are all but the same.

    Two texts of unit length that are alike have one of the rare words in common which make up most of one of them.
    """
    first: dict[str, int] = {}
    for number in numbers:
        text = cards[number].content.description
        if len(weights.vector(text)) >= LEAST_TOKENS:
            first.setdefault(text.lower(), number)
    vectors = {number: weights.vector(cards[number].content.description) for number in first.values()}
    holders: defaultdict[str, list[int]] = defaultdict(list)
    found = []
    for number, own in vectors.items():
        met: set[int] = set()
        for token in _prefix(own):
            met.update(holders[token])
            holders[token].append(number)
        kin = family.get(number, -1 - number)
        for other in sorted(met):
            share = round(cosine(own, vectors[other]), 2) if family.get(other, -1 - other) != kin else 0.0
            if share >= NEAR:
                found.append(Neighbours(other, number, min(1.0, share)))
    found += _same_descriptions(cards, numbers, family, weights)
    return tuple(sorted(set(found), key=lambda one: (-one.share, one.a, one.b)))


def _same_descriptions(
    cards: Sequence[Card], numbers: Sequence[int], family: Mapping[int, int], weights: Weights
) -> Iterator[Neighbours]:
    """One definition of each further family that is described in the words of the first."""
    by_text: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for number in numbers:
        text = cards[number].content.description
        if len(weights.vector(text)) >= LEAST_TOKENS:
            by_text[text.lower()].setdefault(family.get(number, -1 - number), number)
    for by_family in by_text.values():
        first, *others = by_family.values()
        yield from (Neighbours(first, other, 1.0) for other in others)


def _prefix(vector: Mapping[str, float]) -> Iterator[str]:
    """The heaviest words of a text, until the others could not make it alike to one that has none of these."""
    left = 1.0
    for token, value in sorted(vector.items(), key=lambda row: (-row[1], row[0])):
        if left**0.5 < NEAR:
            return
        yield token
        left = max(0.0, left - value * value)


def templates(forms: Sequence[Form], files: Mapping[int, Sequence[int]], comparer: Comparer) -> tuple[Template, ...]:
    """Statements that stand in very many roles, those first that cost most; `files` are the cards of each form."""
    wanted = {one for one, roles in comparer.spread.items() if roles >= TEMPLATE_ROLES}
    counted: dict[int, int] = {}
    where: dict[int, tuple[int, int, int]] = {}
    for form in forms:
        for at, (one, words) in enumerate(zip(form.content.statements, form.content.lengths, strict=True)):
            if one in wanted and words >= TEMPLATE_WORDS:
                counted[one] = counted.get(one, 0) + len(files[form.number])
                where.setdefault(one, (files[form.number][0], at, words))
    rows = [Template(file, at, counted[one], words) for one, (file, at, words) in where.items()]
    return tuple(sorted(rows, key=lambda row: (-row.files * row.words, row.file, row.statement))[:SHOWN_TEMPLATES])


# Surveying ------------------------------------------------------------------------------------------------------------
#
# A collection of definitions in, what it holds out: families of one role, copies, collisions, boilerplate.
#
# `survey(cards, knowledge)`: cards are what reading.content_of makes of each file, one by one and in any process


NAMED = 24
"""Definitions of one name up to which each is held against each: a name that more have names no role."""
ALIGNED = 120
"""Pairs that are aligned; of more only the first ones are."""
SAME = Signals((1.0, 1.0), (1.0, 1.0), 1.0, 1.0, name=False, description=None)

Couple = tuple[int, int]
"""Indices of two cards."""
Couples = Sequence[Couple]
Align = Callable[[Couples], Sequence[str]]
"""The class that a diff of each couple gives."""
Widen = Callable[[Couple], tuple[Wider, ...]]
"""What one of two cards may do and the other may not."""


Compare = Callable[[Sequence[Form], Comparer], Iterable[Link]]
"""Which forms have something in common, each two once, the lower number first."""


def links(forms: Sequence[Form], comparer: Comparer) -> Iterator[Link]:
    """All forms that have something in common, found in this process."""
    for a, b in sorted(_candidates(forms)):
        klass, signals = comparer.judge(forms[a], forms[b])
        if klass is not None:
            yield Link(a, b, klass, signals)


def _candidates(forms: Sequence[Form]) -> set[Couple]:
    """Pairs of forms that may have something in common."""
    found = comparing.near([form.content.sketch for form in forms])
    found |= comparing.sharing([form.statements for form in forms])
    keys = ((form.number, role) for form in forms for role in sorted(form.roles))
    found |= {tuple(sorted(pair)) for pair in comparing.buckets(keys, NAMED)}  # type: ignore[misc]
    shapes = ((form.number, form.content.shape) for form in forms if form.content.shape)
    for a, b in comparing.buckets(shapes, NAMED):
        if forms[a].content.language != forms[b].content.language:
            found.add((a, b))
    return found


def survey(
    cards: Iterable[Card],
    knowledge: Knowledge,
    *,
    align: Align | None = None,
    widen: Widen | None = None,
    compare: Compare = links,
) -> Survey:
    """What a collection holds; the order in which the cards come says nothing.

    `align` is asked for the class of copies that have changed, as far as they are not too many, `widen` for rights of
    members whose fields say something else of them; both read files, and neither is asked where it is not given.
    `compare` says which forms have something in common, for who does that elsewhere.
    """
    ordered = tuple(sorted(cards))
    return _Surveyor(ordered, knowledge, align, widen).survey(compare)


def variants(definitions: Sequence[Definition], knowledge: Knowledge) -> list[tuple[str, tuple[int, ...]]]:
    """Role and indices of its variants, for every definition; those without another of their role come last, alone.

    Of one role is what a survey takes for it, written in one language. What shares nothing but the boilerplate of a
    collection is of none.
    """
    cards = [Card(f"{one.filename or ''}\0{at}", content_of(one, knowledge)) for at, one in enumerate(definitions)]
    found = survey(cards, knowledge)
    numbers = [int(card.file.rpartition("\0")[2]) for card in found.cards]
    roles: list[tuple[str, tuple[int, ...]]] = []
    for family in found.families:
        kin = {card for pair in family.pairs if pair.klass in _VARIANTS for card in (pair.a, pair.b)}
        kin |= {card for one, others in family.mirrors.items() for card in (one, *others)}
        if kin:
            roles.append((family.role, tuple(sorted(numbers[card] for card in kin))))
    taken = {number for _, own in roles for number in own}
    return [
        *sorted(roles, key=lambda row: row[1]),
        *(("", (number,)) for number in range(len(definitions)) if number not in taken),
    ]


_VARIANTS = TEXTUAL | {Klass.SAME_ROLE}


class _Surveyor:
    """One survey: what is made of the cards on the way."""

    def __init__(self, cards: Sequence[Card], knowledge: Knowledge, align: Align | None, widen: Widen | None) -> None:
        self.cards = cards
        self.knowledge = knowledge
        self.align = align
        self.widen = widen
        self.papers = tuple(number for number, card in enumerate(cards) if is_paper(card))
        stop = frozenset().union(*lexicon.of(knowledge).stop.values())
        self.weights = Weights((card.content.description for card in cards), stop)
        self.files: dict[int, list[int]] = {}
        """The cards of each form."""
        self.forms: list[Form] = []
        self._make_forms()
        self.comparer = Comparer(self.forms, self.weights)
        self.links: dict[Couple, Link] = {}
        self.sizes = [len(form.statements) for form in self.forms]
        self.hidden: set[int] = set()
        """Cards that another one stands for."""
        self.mirrors: dict[int, list[int]] = {}
        """Cards that one stands for, which a generator made of it for other hosts."""

    def _weight(self, form: int) -> Couple:
        """In how many files a form stands, and how much it says."""
        return len(self.files[form]), self.sizes[form]

    def _make_forms(self) -> None:
        by_body: defaultdict[str, list[int]] = defaultdict(list)
        apart = {*self.papers}
        for number, card in enumerate(self.cards):
            if number not in apart:
                by_body[card.content.body if card.content.statements else f"empty {card.content.digest}"].append(number)
        for at, numbers in enumerate(by_body.values()):
            self.files[at] = numbers
            self.forms.append(form_of(at, [self.cards[number] for number in numbers], self.knowledge))

    def survey(self, compare: Compare) -> Survey:
        self.links = {(link.a, link.b): link for link in compare(self.forms, self.comparer)}
        groups = clusters(len(self.forms), self.links.values())
        self._find_mirrors(groups)
        found = [self._family(group, groups) for group in roles(groups, self.links.values())]
        found += self._of_template([family for family in found if len(family.members) == 1])
        families, undecided = self._aligned([family for family in found if len(family.members) > 1])
        of = {number: at for at, family in enumerate(families) for number in self._all(family)}
        apart = frozenset(self.hidden | {*self.papers})
        shown = [n for n in range(len(self.cards)) if n not in apart]
        return Survey(
            tuple(self.cards),
            tuple(sorted(families, key=rank)),
            collisions(self.cards, apart, self.knowledge),
            neighbours(self.cards, shown, of, self.weights),
            templates(self.forms, self.files, self.comparer),
            self.papers,
            undecided,
        )

    @staticmethod
    def _all(family: Family) -> Iterator[int]:
        for number in family.members:
            yield number
            yield from family.mirrors.get(number, ())

    # Mirrors

    def _find_mirrors(self, groups: Sequence[Sequence[int]]) -> None:
        """Members of one text that stand in one project under one name, in the folders of several hosts."""
        for group in groups:
            by_place: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
            for form in group:
                for number in self.files[form]:
                    key = mirror_key(self.cards[number].file, self.knowledge)
                    if key is not None:
                        by_place[key[0], key[2]].append(number)
            for numbers in by_place.values():
                self._mirror(sorted(numbers))

    def _mirror(self, numbers: Sequence[int]) -> None:
        first, *others = numbers
        folders = {self._folder(first)}
        for other in others:
            same = self.cards[first].content.body == self.cards[other].content.body
            if same and self._folder(other) not in folders:
                folders.add(self._folder(other))
                self.mirrors.setdefault(first, []).append(other)
                self.hidden.add(other)

    def _folder(self, number: int) -> str:
        key = mirror_key(self.cards[number].file, self.knowledge)
        return key[1] if key is not None else ""

    # Families

    def _family(self, group: Sequence[int], groups: Sequence[Sequence[int]]) -> Family:
        """The family of some clusters of one role."""
        ranked = sorted(group, key=lambda at: (-sum(len(self.files[form]) for form in groups[at]), groups[at]))
        members: list[int] = []
        pairs: list[Pair] = []
        heads: list[int] = []
        for at in ranked:
            forms = groups[at]
            first = head(forms, self.links, self._weight)
            own = {form: [n for n in self.files[form] if n not in self.hidden] for form in forms}
            top = own[first][0]
            members.append(top)
            if heads:
                pairs.append(self._between(heads, first))
            heads.append(first)
            for form in [first, *(form for form in forms if form != first)]:
                pairs += self._of_form(form, first, own[form], own[first][0])
                members += [number for number in own[form] if number != top]
        mirrors = {number: tuple(self.mirrors[number]) for number in members if number in self.mirrors}
        copied = sum(self.cards[pair.b].content.tokens for pair in pairs if pair.klass in COPIES)
        return Family(self._role(members), tuple(members), tuple(pairs), mirrors, copied)

    def _of_form(self, form: int, first: int, numbers: Sequence[int], top: int) -> Iterator[Pair]:
        """The pairs of one form: its first card against the head of the cluster, each other one against that card."""
        own, *others = numbers
        if form != first:
            link = self.links.get((min(form, first), max(form, first)))
            yield self._pair(top, own, link or self._measured(first, form))
        for other in others:
            klass, keys = klass_of_copies(self.cards[own], self.cards[other], self.knowledge)
            one, two = self.cards[own].content, self.cards[other].content
            likeness = self.weights.likeness(one.description, two.description)
            named = one.name.lower() == two.name.lower()
            signals = SAME._replace(name=named, description=likeness)
            yield self._with_rights(Pair(own, other, klass, signals, keys))

    def _of_template(self, alone: Sequence[Family]) -> Iterator[Family]:
        """Definitions without a family of their own that have little but boilerplate in common."""
        of = {number: form for form, numbers in self.files.items() for number in numbers}
        forms = sorted(of[family.members[0]] for family in alone)
        at = {form: number for number, form in enumerate(forms)}
        links = [
            Link(at[link.a], at[link.b], link.klass, link.signals)
            for link in self.links.values()
            if link.klass is Klass.BOILERPLATE and link.a in at and link.b in at
        ]
        for group in clusters(len(forms), links, {Klass.BOILERPLATE}):
            if len(group) > 1:
                own = [forms[number] for number in group]
                first = head(own, self.links, self._weight)
                own = [first, *(form for form in own if form != first)]
                cards = [self.files[form][0] for form in own]
                pairs = []
                for form, card in zip(own[1:], cards[1:], strict=True):
                    signals = self.comparer.judge(*self._two(first, form))[1]
                    pairs.append(self._pair(cards[0], card, Link(first, form, Klass.BOILERPLATE, signals)))
                yield Family(self._role(cards), tuple(cards), tuple(pairs), {}, 0)

    def _measured(self, a: int, b: int) -> Link:
        """A link between two members of a cluster that no candidate was: they are of one text by way of others."""
        klass, signals = self.comparer.judge(self.forms[a], self.forms[b])
        return Link(a, b, klass if klass in TEXTUAL and klass else Klass.FORKED, signals)

    def _pair(self, a: int, b: int, link: Link) -> Pair:
        one, two = self.cards[a].content, self.cards[b].content
        signals = link.signals
        if link.klass is Klass.SUPERSET and len(one.statements) < len(two.statements):
            a, b, one, two = b, a, two, one
        if (link.a in self.files and a not in self.files[link.a]) and signals.body:
            signals = signals._replace(body=signals.body[::-1], plain=signals.plain[::-1])
        return self._with_rights(Pair(a, b, link.klass, signals, differing(one, two)))

    def _between(self, heads: Sequence[int], first: int) -> Pair:
        """The pair of two clusters of one role, by way of the head that is linked, else of the first."""
        links = [self.links.get((min(head, first), max(head, first))) for head in heads]
        at = next((number for number, link in enumerate(links) if link is not None), 0)
        link = links[at] or Link(
            heads[at], first, Klass.SAME_ROLE, self.comparer.judge(*self._two(heads[at], first))[1]
        )
        if link.klass is not Klass.TRANSLATION:
            link = link._replace(klass=Klass.SAME_ROLE)
        a, b = (next(n for n in self.files[form] if n not in self.hidden) for form in (heads[at], first))
        return self._pair(a, b, link)

    def _two(self, a: int, b: int) -> tuple[Form, Form]:
        return self.forms[a], self.forms[b]

    def _role(self, members: Sequence[int]) -> str:
        names: defaultdict[str, int] = defaultdict(int)
        for number in members:
            names[self.cards[number].content.name or stem(self.cards[number].file, self.knowledge)] += 1
        return min(names, key=lambda name: (-names[name], name))

    def _with_rights(self, pair: Pair) -> Pair:
        """The pair with what its second side may do and the first may not; only of texts that come from one another."""
        one, two = self.cards[pair.a].content, self.cards[pair.b].content
        if self.widen is None or pair.klass not in TEXTUAL or one.rights == two.rights:
            return pair
        return pair._replace(wider=self.widen((pair.a, pair.b)))

    def _aligned(self, families: Sequence[Family]) -> tuple[list[Family], int]:
        """The families with their changed copies aligned: who has the same to say in other words is no fork."""
        asked = [
            (at, number)
            for at, family in enumerate(families)
            for number, pair in enumerate(family.pairs)
            if pair.klass is Klass.FORKED
        ]
        if self.align is None:
            return list(families), len(asked)
        chosen = asked[:ALIGNED]
        found = self.align([(families[at].pairs[number].a, families[at].pairs[number].b) for at, number in chosen])
        told = dict(zip(chosen, found, strict=True))
        return [
            family._replace(
                pairs=tuple(_decided(pair, told.get((at, number), "")) for number, pair in enumerate(family.pairs))
            )
            for at, family in enumerate(families)
        ], len(asked) - len(chosen)


def is_paper(card: Card) -> bool:
    """Whether a file defines no agent."""
    return bool(card.content.paper) or (not card.content.statements and not card.content.fields)


_DECIDED: Mapping[str, Klass] = {"cosmetic": Klass.COSMETIC, "superset": Klass.SUPERSET, "subset": Klass.SUPERSET}


def _decided(pair: Pair, aligned: str) -> Pair:
    """A pair under the class that its alignment gives."""
    klass = _DECIDED.get(aligned, pair.klass)
    if aligned == "superset":
        # A diff is told of the second side: it is the one that says more.
        signals = pair.signals._replace(body=pair.signals.body[::-1], plain=pair.signals.plain[::-1])
        return pair._replace(a=pair.b, b=pair.a, klass=klass, signals=signals, aligned=aligned)
    return pair._replace(klass=klass, aligned=aligned)


def rank(family: Family) -> tuple[object, ...]:
    """A rank among families: rights first, then what copies cost, then how many there are."""
    wider = [severity for _, severity, _ in {one for pair in family.pairs for one in pair.wider}]
    return (-wider.count("breaking"), -len(wider), -family.tokens, -len(family.members), family.members)
