"""The same duty for all cases on one side and for some of them on the other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import product

from agentmerge.aligning.matching import Matching
from agentmerge.aligning.records import Alignment, Group, Member
from agentmerge.diffing.records import Spot
from agentmerge.diffing.structure import path_of
from agentmerge.drifting.records import Finding
from agentmerge.drifting.rules import finding
from agentmerge.knowledge import Knowledge
from agentmerge.model import Unit

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


def scope_findings(matching: Matching, knowledge: Knowledge) -> Iterator[Finding]:
    """Matched statements of which one speaks of all cases and the other of some."""
    pairs = ((pair.a, pair.b) for pair in matching.units if not pair.a.says_same(pair.b))
    yield from _findings(pairs, knowledge)


def aligned_scope_findings(alignment: Alignment, knowledge: Knowledge) -> Iterator[Finding]:
    """The same of statements that the alignment of two definitions calls related or contradicting."""
    yield from _findings(_pairs(alignment.units, knowledge), knowledge)


def _findings(pairs: Iterable[tuple[Member, Member]], knowledge: Knowledge) -> Iterator[Finding]:
    read = knowledge.derived(_Scopes).read
    for old, new in pairs:
        (before, word), (after, other) = read(old.text), read(new.text)
        if before and after and before != after:
            spots = Spot(0, old.line, old.text), Spot(1, new.line, new.text)
            yield finding(
                "scope-changed",
                f"'{word}' became '{other}': {_flat(new.text)}",
                path_of(new),
                *spots,
                knowledge=knowledge,
            )


def _pairs(groups: Iterable[Group], knowledge: Knowledge) -> Iterator[tuple[Member, Member]]:
    read = lru_cache(maxsize=None)(knowledge.derived(_Scopes).read)
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


def _flat(text: str) -> str:
    shown = " ".join(text.split())
    return shown if len(shown) <= 120 else f"{shown[:119]}…"
