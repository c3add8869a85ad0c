"""Conditions of templates that a statement stands under."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentmerge.diffing.changes import path_of
from agentmerge.drifting.records import NO_WORDS, Finding
from agentmerge.drifting.registry import Comparison, in_line, rule, spots_of
from agentmerge.knowledge.signs import holds_guardrail
from agentmerge.matching.records import Member


@rule("branch-changed", order=110)
def branches(comparison: Comparison) -> Iterator[Finding]:
    """Statements that stand under another condition of a template than before."""
    for pair in comparison.matching.units:
        before, after = _conditions(pair.a), _conditions(pair.b)
        if before != after:
            message = f"{_under(after)}, was {_under(before)}: {in_line(pair.b.text)}"
            binds = holds_guardrail(pair.a.text, comparison.knowledge) or holds_guardrail(
                pair.b.text, comparison.knowledge
            )
            yield comparison.finding(
                "branch-changed", message, path_of(pair.b), *spots_of(pair), mild=not binds, owns=NO_WORDS
            )


def _conditions(member: Member) -> tuple[str, ...]:
    return tuple(" ".join(section.title.split()) for section in member.path if section.style == "template")


def _under(conditions: Sequence[str]) -> str:
    return f"under {' '.join(conditions)}" if conditions else "under no condition"
