"""What a survey is made of, what of it a gate stops for, and what a maintainer would do next about it."""

from __future__ import annotations

import json
import re
import shlex
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePath
from typing import NamedTuple

from agentmerge.errors import PolicyError, unknown

# Records --------------------------------------------------------------------------------------------------------------
#
# What a survey is made of: what was read of each file, how two of them compare, and what is told of the collection.


class Klass(StrEnum):
    """How two definitions of a family stand to each other, the nearest first."""

    IDENTICAL = "identical"
    """The same body; they may be named and described otherwise."""
    COSMETIC = "cosmetic"
    """The same words in another layout."""
    HOST_ONLY = "host-only"
    """The same words; fields that a host reads differ."""
    SUPERSET = "superset"
    """One says all that the other says, and more."""
    FORKED = "forked"
    """Much in common, and each has its own."""
    TRANSLATION = "translation"
    SAME_ROLE = "same-role"
    """One role, described alike, in words of another author."""
    BOILERPLATE = "boilerplate"
    """In common is only what many files of the collection say."""


COPIES: frozenset[Klass] = frozenset({Klass.IDENTICAL, Klass.COSMETIC, Klass.HOST_ONLY})
"""Classes of which one file would do where a host loads both."""
TEXTUAL: frozenset[Klass] = COPIES | {Klass.SUPERSET, Klass.FORKED}
"""Classes in which one text came from the other."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a survey knows of one text, whatever its file is called. Hashes are of 64 bits."""

    digest: str
    """SHA-256 of the file's bytes, in hex."""
    host: str
    """Dialect that it was read in."""
    name: str
    """The field `name`, "" where there is none."""
    title: str
    """The first heading."""
    description: str
    exact: str
    """Hash of the body, white space at line ends aside."""
    body: str
    """Hash of the body's words, their layout and emphasis aside."""
    statements: array[int]
    """Hash of each statement's words, in order."""
    lengths: array[int]
    """Words of each statement."""
    headings: array[int]
    """Hash of each heading but the first."""
    sketch: array[int]
    """Least hash of the triples of words in each bin; EMPTY where a bin has none."""
    shape: str
    """Hash of the kinds of headings and units in their order; "" where there are too few to say anything."""
    references: array[int]
    """Hashes of code, of names in code and of addresses: what a translation leaves as it is."""
    language: str
    tokens: int
    """What a model reads of it, estimated."""
    fields: Mapping[str, str]
    """Hash of each field's value, by key."""
    rights: str
    """Hash of what the fields say of rights; "" where they say nothing."""
    paper: str
    """What it is if it defines no agent: `install, licence`."""
    notes: Mapping[str, int]
    """How many warnings of each code it was read with."""


class Card(NamedTuple):
    """A file of the collection."""

    file: str
    content: Content


class Signals(NamedTuple):
    """What speaks for two definitions being one, each by itself. None where there is nothing to compare."""

    body: tuple[float, float]
    """Share of the words of each that stand in statements of both; what many roles say weighs little."""
    plain: tuple[float, float]
    """The same, all statements alike."""
    wording: float | None
    """Share of triples of words that both have: high where statements were only reworded here and there."""
    headings: float | None
    name: bool
    """Whether both are called after one role."""
    description: float | None


class Wider(NamedTuple):
    """A right that one of two has and the other has not."""

    file: int
    """The card of the one that has it."""
    severity: str
    told: str


class Pair(NamedTuple):
    """Two members of a family, by their indices in the survey's cards."""

    a: int
    """The one that the other is held against: where it is a superset, the larger one."""
    b: int
    klass: Klass
    signals: Signals
    fields: tuple[str, ...] = ()
    """Keys of the fields that differ."""
    wider: tuple[Wider, ...] = ()
    """What one of them may do and the other may not."""
    aligned: str = ""
    """The class that a diff of the two gives; "" where they were not aligned."""


class Family(NamedTuple):
    """Definitions of one role."""

    role: str
    members: tuple[int, ...]
    """Indices of the cards, the one that stands for the family first; of mirrors one."""
    pairs: tuple[Pair, ...]
    """Each member but the first with the one that it is nearest to."""
    mirrors: Mapping[int, tuple[int, ...]]
    """Cards that a member was generated into for other hosts, by the member."""
    tokens: int
    """What its copies cost: tokens of members that say what another one says."""


class Collision(NamedTuple):
    """One name for several definitions of one host: it loads one of them."""

    name: str
    host: str
    files: tuple[int, ...]
    """A card of each text, in the order of their names."""


class Neighbours(NamedTuple):
    """Definitions of different roles whose descriptions a router can hardly tell apart."""

    a: int
    b: int
    share: float
    """How alike the descriptions are, in [0, 1]; rare words weigh more."""


class Template(NamedTuple):
    """A statement that many roles of the collection share."""

    file: int
    """The first card that has it."""
    statement: int
    """Which of its statements."""
    files: int
    words: int


@dataclass(frozen=True, slots=True)
class Survey:
    """What a collection holds."""

    cards: tuple[Card, ...]
    """Sorted by file."""
    families: tuple[Family, ...]
    """Of two members or more, the one first about which most is to be done."""
    collisions: tuple[Collision, ...]
    neighbours: tuple[Neighbours, ...]
    templates: tuple[Template, ...]
    papers: tuple[int, ...]
    """Cards of files that define no agent; they are in no family."""
    undecided: int = 0
    """Pairs that were left unaligned, for there were too many."""

    @property
    def tokens(self) -> int:
        """Tokens of all definitions."""
        apart = {*self.papers}
        return sum(card.content.tokens for number, card in enumerate(self.cards) if number not in apart)

    @property
    def copied(self) -> int:
        """Tokens that copies cost."""
        return sum(family.tokens for family in self.families)


# Gate -----------------------------------------------------------------------------------------------------------------
#
# What of a survey a gate stops for, and what was accepted of it.


SCHEMA = "agentmerge/survey-baseline/1"
KINDS = ("collision", "widened", "description", *Klass)
"""What a gate may stop for."""


class Fact(NamedTuple):
    """Something that a survey found, as a baseline names it."""

    kind: str
    files: tuple[str, ...]
    """Below the folder that is surveyed, sorted; of a pair that has a direction, in that."""
    what: str = ""
    """The name that collides, the right that is wider."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The facts of a baseline."""

    facts: frozenset[Fact] = frozenset()
    stale: tuple[Fact, ...] = field(default=())
    """Those that the survey found no more."""

    def text(self) -> str:
        """The file: sorted, a row a line, so that git merges the rows of two branches."""
        rows = [json.dumps(one._asdict(), ensure_ascii=False) for one in sorted(self.facts)]
        listed = ",\n".join(f"    {row}" for row in rows)
        return f'{{\n  "schema": {json.dumps(SCHEMA)},\n  "accepted": [' + (
            f"\n{listed}\n  ]\n}}\n" if rows else "]\n}\n"
        )


def read_accepted(text: str, name: str) -> Accepted:
    """A baseline from its file. Raises PolicyError for what is none."""
    try:
        data = json.loads(text)
        if data["schema"] != SCHEMA:
            raise PolicyError("is not a baseline of a survey", file=name, remedy=f"expected {SCHEMA!r}")
        rows = [Fact(str(row["kind"]), tuple(map(str, row["files"])), str(row["what"])) for row in data["accepted"]]
    except (ValueError, KeyError, TypeError):
        raise PolicyError("is not a baseline of a survey", file=name, remedy="name another file") from None
    return Accepted(frozenset(rows))


def limits(names: Sequence[str]) -> tuple[str, ...]:
    """What to stop for, from values parted by commas. Raises PolicyError for what there is none of."""
    found = tuple(name.strip() for text in names for name in text.split(",") if name.strip())
    for name in found:
        if name not in KINDS:
            raise unknown("kind to fail on", name, KINDS)
    return found


def facts(survey: Survey, root: str) -> Iterator[Fact]:
    """Everything that a gate may stop for; paths are told from the folder `root`."""
    names = [below(card.file, root) for card in survey.cards]
    for family in survey.families:
        for pair in family.pairs:
            yield Fact(str(pair.klass), tuple(sorted((names[pair.a], names[pair.b]))))
            for one in pair.wider:
                other = pair.a if one.file == pair.b else pair.b
                yield Fact("widened", (names[other], names[one.file]), one.told)
    for twice in survey.collisions:
        yield Fact("collision", tuple(sorted(names[number] for number in twice.files)), twice.name)
    for near in survey.neighbours:
        yield Fact("description", tuple(sorted((names[near.a], names[near.b]))))


def failing(survey: Survey, root: str, wanted: Sequence[str], accepted: Accepted) -> list[Fact]:
    """What is found of the kinds to stop for and not accepted, each once."""
    found = dict.fromkeys(fact for fact in facts(survey, root) if fact.kind in wanted and fact not in accepted.facts)
    return list(found)


def counts(survey: Survey) -> Mapping[str, int]:
    """How many there are of each kind, those with none left out."""
    found: dict[str, int] = {}
    for fact in facts(survey, ""):
        found[fact.kind] = found.get(fact.kind, 0) + 1
    order = [*Klass, "widened", "collision", "description"]
    return {str(kind): found[kind] for kind in order if kind in found}


def below(file: str, root: str) -> str:
    """A path from a folder on."""
    path = file.replace("\\", "/")
    if not root:
        return path
    top = root.replace("\\", "/").rstrip("/") + "/"
    return path.removeprefix(top)


# Steps ----------------------------------------------------------------------------------------------------------------
#
# What a maintainer would do next about what a survey found: the exact command, as words.


LEVELS = ("breaking", "warning", "info")
Words = tuple[str, ...]
_OTHER = re.compile(r"[^a-z0-9]+")
_FOR_CLASS: Mapping[Klass, Words] = {
    Klass.IDENTICAL: ("diff",),
    Klass.COSMETIC: ("diff",),
    Klass.HOST_ONLY: ("diff",),
    Klass.SUPERSET: ("drift",),
    Klass.FORKED: ("drift",),
    Klass.TRANSLATION: ("align",),
    Klass.SAME_ROLE: ("compare",),
    Klass.BOILERPLATE: ("align",),
}


def of_pair(pair: Pair, cards: Sequence[Card]) -> Words:
    """What to do about two members of a family.

    A second file of the same bytes can go; of any other one the difference is to be seen first.
    """
    a, b = (argument(cards[number].file) for number in (pair.a, pair.b))
    if pair.wider:
        return ("agentmerge", "drift", a, b)
    if cards[pair.a].content.digest == cards[pair.b].content.digest:
        return ("rm", "--", b)
    return ("agentmerge", *_FOR_CLASS[pair.klass], a, b)


def of_family(family: Family, worst: Pair, cards: Sequence[Card]) -> Words:
    """What to do about a family: about its most serious pair, or about all authors of one role at once."""
    if worst.wider or worst.klass is not Klass.SAME_ROLE:
        return of_pair(worst, cards)
    authors = dict.fromkeys(n for pair in family.pairs if pair.klass is Klass.SAME_ROLE for n in (pair.a, pair.b))
    return ("agentmerge", "compare", *(argument(cards[number].file) for number in authors))


def of_collision(one: Collision, cards: Sequence[Card]) -> Words:
    """A name of its own for the second file, where a field gives it that can be set; else what the two say."""
    first, second = (cards[number] for number in one.files[:2])
    is_odd = any(code.startswith("frontmatter-") for code in second.content.notes)
    if not second.content.name or is_odd or one.host == "skill":
        return ("agentmerge", "diff", argument(first.file), argument(second.file))
    return ("agentmerge", "set", f"name={_own_name(first, second)}", argument(second.file))


def _own_name(first: Card, second: Card) -> str:
    """The name with the last folder by which the path of the second file differs from that of the first."""
    ours, theirs = (PurePath(card.file.replace("\\", "/")).parts[:-1] for card in (first, second))
    apart = [part for part in theirs if part not in ours]
    slug = _OTHER.sub("-", (apart[-1] if apart else "other").lower()).strip("-") or "other"
    name = _OTHER.sub("-", second.content.name.lower()).strip("-") or "agent"
    return f"{name}-{slug}" if slug != name else f"{name}-2"


def of_neighbours(one: Neighbours, cards: Sequence[Card]) -> Words:
    """What a router reads of the two."""
    a, b = (argument(cards[number].file) for number in (one.a, one.b))
    return ("agentmerge", "diff", "--only", "frontmatter/description", a, b)


def argument(file: str) -> str:
    """A file's name as an argument that no command takes for an option."""
    return f"./{file}" if file.startswith("-") else file


def command(words: Words) -> str:
    """A command as a shell reads it, in one line."""
    return shlex.join(words)


def most_wanted(survey: Survey) -> list[tuple[str, str, Words]]:
    """What to do first, as kind, what it is about, and the command: one of each kind, the gravest kind first."""
    cards = survey.cards
    pairs = [pair for family in survey.families for pair in family.pairs]
    wider = sorted((p for p in pairs if p.wider), key=lambda p: (_gravity(p), p.a, p.b))
    files = {one.file for pair in wider for one in pair.wider}
    found: list[tuple[str, str, Words]] = []
    if wider:
        about = f"{_many(len(files), 'copy', 'copies')} may do more than another one"
        worst = min(wider[0].wider, key=lambda one: LEVELS.index(one.severity))
        found.append(("widened", f"{about}; {worst.told}", of_pair(wider[0], cards)))
    same = [pair for pair in pairs if pair.klass is Klass.IDENTICAL]
    if same:
        top = max(same, key=lambda pair: (cards[pair.b].content.tokens, -pair.a, -pair.b))
        cost = sum(cards[pair.b].content.tokens for pair in same)
        about = f"{_many(len(same), 'file says', 'files say')} what another one says: {cost:,} tokens"
        found.append(("identical", about, of_pair(top, cards)))
    if survey.collisions:
        count = len(survey.collisions)
        about = f"{_many(count, 'name stands', 'names stand')} for several definitions, and a host loads one of them"
        found.append(("collision", f"{about}: {survey.collisions[0].name}", of_collision(survey.collisions[0], cards)))
    found += _by_class(survey, pairs)
    if survey.neighbours:
        count, first = len(survey.neighbours), survey.neighbours[0]
        about = f"{_many(count, 'pair has', 'pairs have')} descriptions that a router can hardly tell apart"
        found.append(("description", about, of_neighbours(first, cards)))
    return found


def _by_class(survey: Survey, pairs: Sequence[Pair]) -> list[tuple[str, str, Words]]:
    """What to do about the classes that cost less at once."""
    texts = {
        Klass.FORKED: "{} went another way than what {} copied from",
        Klass.SUPERSET: "{} part of what another file says",
        Klass.HOST_ONLY: "{} from another one in fields of the host alone",
        Klass.COSMETIC: "{} from another one in layout alone",
        Klass.SAME_ROLE: "{} a role that another author has, too",
        Klass.TRANSLATION: "{} in another language",
    }
    nouns = {
        Klass.FORKED: ("copy", "copies"),
        Klass.SUPERSET: ("file says", "files say"),
        Klass.HOST_ONLY: ("file differs", "files differ"),
        Klass.COSMETIC: ("file differs", "files differ"),
        Klass.SAME_ROLE: ("file has", "files have"),
        Klass.TRANSLATION: ("file is another one", "files are others"),
    }
    found = []
    for klass, text in texts.items():
        own = [pair for pair in pairs if pair.klass is klass]
        if own:
            top = max(own, key=lambda pair: (survey.cards[pair.b].content.tokens, -pair.a, -pair.b))
            about = text.format(_many(len(own), *nouns[klass]), _it(len(own)))
            found.append((str(klass), about, of_pair(top, survey.cards)))
    return found


def _gravity(pair: Pair) -> int:
    return min(LEVELS.index(one.severity) for one in pair.wider)


def _many(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"


def _it(count: int) -> str:
    return "it was" if count == 1 else "they were"
