"""A collection of definitions in, what it holds out: families of one role, copies, collisions, boilerplate.

survey(cards, knowledge)    # cards are what reading.content_of makes of each file, one by one and in any process
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from agentmerge.aligning import lexicon
from agentmerge.drifting.grouping import stem
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition
from agentmerge.surveying import clustering, describing, sketching
from agentmerge.surveying.clustering import Link
from agentmerge.surveying.comparing import Comparer, Form, Weights, differing, form_of, klass_of_copies
from agentmerge.surveying.reading import content_of
from agentmerge.surveying.records import COPIES, TEXTUAL, Card, Family, Klass, Pair, Signals, Survey, Wider

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


def survey(
    cards: Iterable[Card], knowledge: Knowledge, *, align: Align | None = None, widen: Widen | None = None
) -> Survey:
    """What a collection holds; the order in which the cards come says nothing.

    `align` is asked for the class of copies that have changed, as far as they are not too many, `widen` for rights of
    members whose fields say something else of them; both read files, and neither is asked where it is not given.
    """
    ordered = tuple(sorted(cards))
    return _Surveyor(ordered, knowledge, align, widen).survey()


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

    def survey(self) -> Survey:
        for a, b in sorted(self._candidates()):
            klass, signals = self.comparer.judge(self.forms[a], self.forms[b])
            if klass is not None:
                self.links[a, b] = Link(a, b, klass, signals)
        groups = clustering.clusters(len(self.forms), self.links.values())
        self._find_mirrors(groups)
        found = [self._family(group, groups) for group in clustering.roles(groups, self.links.values())]
        found += self._of_template([family for family in found if len(family.members) == 1])
        families, undecided = self._aligned([family for family in found if len(family.members) > 1])
        of = {number: at for at, family in enumerate(families) for number in self._all(family)}
        apart = frozenset(self.hidden | {*self.papers})
        shown = [n for n in range(len(self.cards)) if n not in apart]
        return Survey(
            tuple(self.cards),
            tuple(sorted(families, key=rank)),
            describing.collisions(self.cards, apart, self.knowledge),
            describing.neighbours(self.cards, shown, of, self.weights),
            describing.templates(self.forms, self.files, self.comparer),
            self.papers,
            undecided,
        )

    @staticmethod
    def _all(family: Family) -> Iterator[int]:
        for number in family.members:
            yield number
            yield from family.mirrors.get(number, ())

    def _candidates(self) -> set[Couple]:
        """Pairs of forms that may have something in common."""
        found = sketching.near([form.content.sketch for form in self.forms])
        found |= sketching.sharing([form.statements for form in self.forms])
        keys = ((form.number, role) for form in self.forms for role in sorted(form.roles))
        found |= {tuple(sorted(pair)) for pair in sketching.buckets(keys, NAMED)}  # type: ignore[misc]
        shapes = ((form.number, form.content.shape) for form in self.forms if form.content.shape)
        for a, b in sketching.buckets(shapes, NAMED):
            if self.forms[a].content.language != self.forms[b].content.language:
                found.add((a, b))
        return found

    # Mirrors

    def _find_mirrors(self, groups: Sequence[Sequence[int]]) -> None:
        """Members of one text that stand in one project under one name, in the folders of several hosts."""
        for group in groups:
            by_place: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
            for form in group:
                for number in self.files[form]:
                    key = describing.mirror_key(self.cards[number].file, self.knowledge)
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
        key = describing.mirror_key(self.cards[number].file, self.knowledge)
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
            first = clustering.head(forms, self.links, self._weight)
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
        for group in clustering.clusters(len(forms), links, {Klass.BOILERPLATE}):
            if len(group) > 1:
                own = [forms[number] for number in group]
                first = clustering.head(own, self.links, self._weight)
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
