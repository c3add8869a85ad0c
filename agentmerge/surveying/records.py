"""What a survey is made of: what was read of each file, how two of them compare, and what is told of the collection."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


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
