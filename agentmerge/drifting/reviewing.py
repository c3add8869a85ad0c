"""One pair under all rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from agentmerge.aligning.records import Alignment
from agentmerge.diffing.records import Diff
from agentmerge.drifting.comparison import compare
from agentmerge.drifting.records import Finding, ranked
from agentmerge.drifting.registry import registered
from agentmerge.drifting.secrets import hidden
from agentmerge.drifting.sentences import SentencePairs
from agentmerge.knowledge import Knowledge


def review(
    diff: Diff, knowledge: Knowledge, alignment: Alignment | None = None, sentences: SentencePairs | None = None
) -> tuple[Finding, ...]:
    """What matters of a diff, most serious first; nothing for two equal texts.

    With the `alignment` of its two definitions also what only that tells: statements that contradict each other, and
    duties that reach further than before. `sentences` are those of the diff where somebody has paired them.
    """
    if diff.matching.a.text == diff.matching.b.text:
        return ()
    comparison = compare(diff, knowledge, alignment, sentences)
    for one in registered():
        found = tuple(one.look(comparison))
        comparison = replace(comparison, found=(*comparison.found, *found)) if found else comparison
    return ranked(list(told_apart(hidden(comparison.found, knowledge))))


def told_apart(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings whose texts are equal are numbered, so that each has a fingerprint of its own."""
    seen: Counter[tuple[str, ...]] = Counter()
    for one in findings:
        seen[one.identity] += 1
        again = seen[one.identity]
        yield one if again == one.again else one._replace(again=again)
