"""Which rules there are, each with its names and place, and what a rule looks at: one pair with all that was read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple

from agentmerge.diffing.records import Change, Diff, Spot
from agentmerge.drifting import rules
from agentmerge.drifting.records import Finding, finding
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.pairwise import Matching, Pair
from agentmerge.matching.records import Alignment, Member
from agentmerge.model import Definition, Section
from agentmerge.statements.sentences import ClausePair, Restatements, SentencePairs, pair_sentences

# Comparison -----------------------------------------------------------------------------------------------------------
#
# What a rule looks at: one pair of definitions, with all that was read and matched of it.


REWRITTEN = 0.5
"""Share of the statements of a definition with a partner below which it was written anew."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two definitions side by side; `a` counts as the one before."""

    diff: Diff
    knowledge: Knowledge
    sentences: SentencePairs
    """The sentences of both sides, one to one."""
    alignment: Alignment | None = None
    """What says the same in other words or contradicts; None where nobody asked for it."""
    found: tuple[Finding, ...] = ()
    """What the rules of a lower order found."""

    @property
    def a(self) -> Definition:
        return self.diff.matching.a

    @property
    def b(self) -> Definition:
        return self.diff.matching.b

    @property
    def matching(self) -> Matching:
        return self.diff.matching

    @property
    def changes(self) -> Sequence[Change]:
        return self.diff.changes

    @property
    def restatements(self) -> Restatements:
        """Where what is gone may stand in other words."""
        return self.sentences.restatements

    @property
    def is_rewrite(self) -> bool:
        """Whether so little of the first definition stands in the second that it was written anew."""
        return self.diff.coverage[0] < REWRITTEN

    @property
    def told(self) -> frozenset[tuple[int, int]]:
        """Side and line of each place that a finding speaks of."""
        return frozenset((spot.file, spot.line) for one in self.found for spot in (one.a, one.b) if spot is not None)

    def finding(
        self,
        rule: str,
        message: str,
        path: str,
        a: Spot | None,
        b: Spot | None,
        *,
        mild: bool = False,
        slot: str = "",
        owns: tuple[str, ...] = (),
    ) -> Finding:
        """A finding of a rule, as `rulebook.finding` makes it."""
        return finding(rule, message, path, a, b, self.knowledge, mild=mild, slot=slot, owns=owns)

    def sentences_of(self, pair: Pair) -> Sequence[ClausePair]:
        """The sentences of two units that correspond, as far as they correspond, too."""
        return [one for one in self.sentences.pairs_of.get(pair.a.line, ()) if one.b.unit.line == pair.b.line]

    def untold(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Findings of two places that no other one tells of.

        A statement that the other side has word for word did not change, whatever else stands there.
        """
        equal = [pair for pair in self.matching.units if pair.a.says_same(pair.b)]
        left, right = {pair.a.line for pair in equal}, {pair.b.line for pair in equal}
        told = {(one.a.line, one.b.line) for one in self.found if one.a and one.b}
        for one in findings:
            if one.a and one.b and one.a.line not in left and one.b.line not in right:
                yield from [one] if (one.a.line, one.b.line) not in told else []


def compare(
    diff: Diff, knowledge: Knowledge, alignment: Alignment | None = None, sentences: SentencePairs | None = None
) -> Comparison:
    """All that rules look at of a diff, and of the alignment of its two definitions."""
    return Comparison(diff, knowledge, sentences or pair_sentences(diff.matching, knowledge), alignment)


def wraps_all(member: Member, comparison: Comparison) -> bool:
    """Whether a section is the one top heading of its definition: its title, and no part of it."""
    root = (comparison.b if member.file else comparison.a).root
    tops = [node for node in root.body if isinstance(node, Section)]
    return len(tops) == 1 and tops[0] is member.node and any(isinstance(node, Section) for node in tops[0].body)


def spot_of(member: Member) -> Spot:
    """Where a node stands, with its words."""
    return Spot(member.file, member.line, member.text)


def spots_of(pair: Pair) -> tuple[Spot, Spot]:
    """Where two nodes that correspond stand."""
    return spot_of(pair.a), spot_of(pair.b)


def sides_of(member: Member) -> tuple[Spot | None, Spot | None]:
    """The two sides of a finding on a node that only one side has."""
    return (None, spot_of(member)) if member.file else (spot_of(member), None)


def in_line(text: str, width: int | None = None) -> str:
    """A text in one line, cut to a width where one is given."""
    flat = " ".join(text.split())
    return flat if width is None or len(flat) <= width else f"{flat[: width - 1]}…"


# Registry -------------------------------------------------------------------------------------------------------------
#
# Which rules there are: each registers itself with the names of its findings and its place among the others.


Look = Callable[[Comparison], Iterator[Finding]]


class Registered(NamedTuple):
    """A rule, or a family that shares its evidence."""

    order: int
    """Its place: findings of one severity come in this order, and a rule sees what those before it found."""
    names: tuple[str, ...]
    """What its findings are called: rows of `data/rules.toml`."""
    look: Look


_REGISTERED: list[Registered] = []


def rule(*names: str, order: int) -> Callable[[Look], Look]:
    """Register a function as a rule that gives findings of these names."""

    def register(look: Look) -> Look:
        _REGISTERED.append(Registered(order, names, look))
        return look

    return register


@cache
def registered() -> tuple[Registered, ...]:
    """Every rule, in order."""
    for module in iter_modules(rules.__path__):
        import_module(f"{rules.__name__}.{module.name}")
    return tuple(sorted(_REGISTERED, key=lambda one: (one.order, one.names)))
