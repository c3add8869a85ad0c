"""Definitions in, what drifted out: a class and findings per pair, and what the variants agree on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import combinations

from agentmerge.aligning import align
from agentmerge.aligning.records import Alignment
from agentmerge.diffing import diff
from agentmerge.drifting.arrivals import added_findings, removed_finding
from agentmerge.drifting.records import Drift, Finding, PairDrift
from agentmerge.drifting.reviewing import review
from agentmerge.drifting.sentences import SentencePairs, pair_sentences
from agentmerge.drifting.summary import summarise
from agentmerge.drifting.undirected import canonical, undirected, with_numbers
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition
from agentmerge.parsing.markers import refuse_markers
from agentmerge.parsing.prompts import with_prompt


def drift(
    definitions: Sequence[Definition],
    knowledge: Knowledge,
    *,
    against: int | None = None,
    quorum: int | None = None,
    summary: bool = True,
    directed: bool | None = None,
    watch: Callable[[int, int], object] | None = None,
) -> Drift:
    """Review variants pair by pair, and all of them together.

    Of two the second one counts as the one after; of more none does, and their order plays no part: a pair is told as
    what each has that the other lacks, as serious as the worse way round. `directed` says otherwise.
    `against` names the one definition that all others are compared with; then only these pairs are made. `quorum` is
    how many variants make a consensus, more than half where it is not given. Without `summary` only pairs are made.
    What a pair's findings are does not depend on the other definitions. `watch` is told before each pair how many are
    done, and of how many. Raises ConflictedError where a definition holds conflict markers.
    """
    refuse_markers(*definitions, knowledge=knowledge)
    definitions = [with_prompt(definition, knowledge) for definition in definitions]
    asked = _index_pairs(len(definitions), against)
    if directed is None:
        directed = against is not None or len(definitions) == 2
    if not directed:
        return _without_direction(definitions, knowledge, asked, quorum=quorum, summary=summary, watch=watch)
    whole = _Once() if len(definitions) > 1 and summary else None
    pairs = []
    for done, (a, b) in enumerate(asked):
        if watch is not None:
            watch(done, len(asked))
        pairs.append(pair_drift(definitions, a, b, knowledge, whole if len(definitions) == 2 else None))
    told = summarise(whole(definitions, knowledge), quorum) if whole is not None else None
    return Drift(tuple(definitions), tuple(pairs), told)


def _without_direction(
    definitions: Sequence[Definition],
    knowledge: Knowledge,
    asked: Sequence[tuple[int, int]],
    *,
    quorum: int | None,
    summary: bool,
    watch: Callable[[int, int], object] | None,
) -> Drift:
    """The review of variants of which none is the one before."""
    pairs = []
    for done, (a, b) in enumerate(asked):
        if watch is not None:
            watch(done, len(asked))
        pairs.append(undirected(definitions, a, b, partial(_pair_of, definitions, knowledge)))
    told = None
    if summary and len(definitions) > 1:
        numbers = canonical(definitions)
        told = with_numbers(summarise(align([definitions[n] for n in numbers], knowledge), quorum), numbers)
    return Drift(tuple(definitions), tuple(pairs), told, directed=False)


def _pair_of(definitions: Sequence[Definition], knowledge: Knowledge, a: int, b: int) -> PairDrift:
    return pair_drift(definitions, a, b, knowledge)


def _index_pairs(count: int, against: int | None) -> list[tuple[int, int]]:
    if against is None:
        return list(combinations(range(count), 2))
    return [(against, other) for other in range(count) if other != against]


class _Once:
    """An aligner that aligns when it is first asked."""

    def __init__(self) -> None:
        self.alignment: Alignment | None = None

    def __call__(self, definitions: Sequence[Definition], knowledge: Knowledge) -> Alignment:
        if self.alignment is None:
            self.alignment = align(definitions, knowledge)
        return self.alignment


def pair_drift(
    definitions: Sequence[Definition], a: int, b: int, knowledge: Knowledge, aligner: _Once | None = None
) -> PairDrift:
    """The review of two of some definitions."""
    return with_sentences(definitions, a, b, knowledge, aligner)[0]


def with_sentences(
    definitions: Sequence[Definition],
    a: int,
    b: int,
    knowledge: Knowledge,
    aligner: _Once | None = None,
    *,
    closely: bool = True,
) -> tuple[PairDrift, SentencePairs]:
    """The review of two of some definitions, with their sentences one to one.

    Where it is not done `closely`, the two are aligned only where units are left over: it takes a third less, without
    what the alignment alone tells of statements that stay.
    """
    aligned = aligner or _Once()
    changes = diff(definitions[a], definitions[b], knowledge, aligner=aligned)
    lone = _lone(definitions[a], definitions[b], knowledge)
    if lone is not None:
        return PairDrift(a, b, changes, lone), pair_sentences(changes.matching, knowledge)
    if closely and not all(pair.a.says_same(pair.b) for pair in changes.matching.units):
        # A few words of a statement can turn it into its opposite: only the alignment reads for that.
        aligned([changes.matching.a, changes.matching.b], knowledge)
    sentences = pair_sentences(changes.matching, knowledge)
    return PairDrift(a, b, changes, review(changes, knowledge, aligned.alignment, sentences)), sentences


def _lone(a: Definition, b: Definition, knowledge: Knowledge) -> tuple[Finding, ...] | None:
    """What is told of two definitions of which one is an empty file: it bounds and grants nothing, and is none.

    None where both say something, or neither does.
    """
    if bool(a.text.strip()) == bool(b.text.strip()):
        return None
    if b.text.strip():
        return added_findings(b.filename or "", b, knowledge)
    return (removed_finding(b.filename or a.filename or "", a, {}, knowledge),)
