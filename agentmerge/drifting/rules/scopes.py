"""The same duty for all cases on one side and for some of them on the other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import product

from agentmerge.diffing.changes import path_of
from agentmerge.drifting.records import Finding
from agentmerge.drifting.registry import Comparison, in_line, rule, spot_of
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.records import Group, Member
from agentmerge.model import Unit
from agentmerge.statements.clauses import is_prose

NEAR = 0.4
"""Least score of two related statements whose scopes are compared."""
MOST_PAIRS = 1_000
"""Pairs of one group that are read one by one."""


class _Scopes:
    """Reads how far a statement reaches, by the words of `data/words.toml`."""

    def __init__(self, knowledge: Knowledge) -> None:
        words = knowledge.raw("words")["quantifier"]
        self._all, self._some = _pattern(words["universal"]), _pattern(words["restricted"])

    def read(self, text: str) -> tuple[str, str]:
        """`all` or `some` with the word that says so; two empty texts where it says neither or both."""
        lowered = text.lower()
        everything, something = self._all.search(lowered), self._some.search(lowered)
        if everything and not something:
            return "all", everything[0]
        if something and not everything:
            return "some", something[0]
        return "", ""


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    longest = sorted(map(str.lower, words), key=lambda word: (-len(word), word))
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest))})(?![\w-])")


@rule("scope-changed", order=60)
def scopes(comparison: Comparison) -> Iterator[Finding]:
    """Matched statements of which one speaks of all cases and the other of some."""
    read = comparison.knowledge.derived(_Scopes).read
    for pair in comparison.matching.units:
        if not pair.a.says_same(pair.b) and all(
            isinstance(one.node, Unit) and is_prose(one.node) for one in (pair.a, pair.b)
        ):
            sentences = ((a.text, b.text) for a, b in comparison.sentences_of(pair) if a.text != b.text)
            owns = tuple(text for texts in sentences if _differ(*map(read, texts)) for text in texts)
            yield from _findings(comparison, [(pair.a, pair.b)], owns)


@rule("scope-changed", order=150)
def aligned_scopes(comparison: Comparison) -> Iterator[Finding]:
    """The same of statements that the alignment calls related or contradicting."""
    if comparison.alignment is not None:
        yield from comparison.untold(_findings(comparison, _pairs(comparison, comparison.alignment.units)))


def _findings(
    comparison: Comparison, pairs: Iterable[tuple[Member, Member]], owns: tuple[str, ...] = ()
) -> Iterator[Finding]:
    read = comparison.knowledge.derived(_Scopes).read
    for old, new in pairs:
        before, after = read(old.text), read(new.text)
        if _differ(before, after):
            message = f"'{before[1]}' became '{after[1]}': {in_line(new.text, 120)}"
            yield comparison.finding("scope-changed", message, path_of(new), spot_of(old), spot_of(new), owns=owns)


def _differ(before: tuple[str, str], after: tuple[str, str]) -> bool:
    return bool(before[0] and after[0]) and before[0] != after[0]


def _pairs(comparison: Comparison, groups: Iterable[Group]) -> Iterator[tuple[Member, Member]]:
    read = lru_cache(maxsize=None)(comparison.knowledge.derived(_Scopes).read)
    for group in groups:
        if group.relation != "contradicts" and group.score < NEAR:
            continue
        units = [m for m in group.members if isinstance(m.node, Unit) and read(m.text)[0]]
        left, right = ([member for member in units if member.file == side] for side in (0, 1))
        if len(left) * len(right) <= MOST_PAIRS:
            yield from product(left, right)
        else:
            yield from _by_text(left, right)


def _by_text(left: Sequence[Member], right: Sequence[Member]) -> Iterator[tuple[Member, Member]]:
    """Each two texts that differ; of two that come again and again the copies in their order."""
    ours, theirs = _copies(left), _copies(right)
    for one, other in product(ours, theirs):
        if one != other:
            count = max(len(ours[one]), len(theirs[other]))
            yield from zip(_padded(ours[one], count), _padded(theirs[other], count), strict=True)


def _copies(members: Iterable[Member]) -> dict[str, list[Member]]:
    found: dict[str, list[Member]] = {}
    for member in members:
        found.setdefault(member.text, []).append(member)
    return found


def _padded(members: list[Member], count: int) -> list[Member]:
    return members + members[-1:] * (count - len(members))
