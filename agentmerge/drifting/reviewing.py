"""One pair under all rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from agentmerge.aligning.matching import Matching
from agentmerge.aligning.records import CROWDED, Alignment
from agentmerge.diffing.records import Diff, Spot
from agentmerge.diffing.structure import path_of
from agentmerge.drifting.contracts import contract_findings
from agentmerge.drifting.fields import field_findings
from agentmerge.drifting.guardrails import guardrail_findings
from agentmerge.drifting.numbers import number_findings
from agentmerge.drifting.records import Finding, ranked
from agentmerge.drifting.rules import finding
from agentmerge.drifting.scope import aligned_scope_findings, scope_findings
from agentmerge.drifting.size import size_findings
from agentmerge.drifting.structure import (
    branch_findings,
    identity_findings,
    lone_unit_findings,
    order_findings,
    section_findings,
    state_findings,
)
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Field
from agentmerge.parsing.hidden import hidden_characters
from agentmerge.parsing.lines import split_lines


def review(diff: Diff, knowledge: Knowledge) -> tuple[Finding, ...]:
    """What matters of a diff, most serious first; nothing for two equal texts."""
    a, b, matching = diff.matching.a, diff.matching.b, diff.matching
    if a.text == b.text:
        return ()
    found = [
        *field_findings(a, b, knowledge),
        *hidden_findings(a, b, knowledge),
        *identity_findings(matching, knowledge),
    ]
    found += guardrail_findings(matching, knowledge)
    found += number_findings(matching, knowledge)
    found += scope_findings(matching, knowledge)
    found += contract_findings(matching, knowledge)
    found += section_findings(matching, knowledge)
    found += order_findings(matching, diff.changes, knowledge)
    found += state_findings(matching, knowledge)
    found += branch_findings(matching, knowledge)
    found += lone_unit_findings(matching, _places(found), knowledge)
    found += size_findings(a, b, knowledge)
    found += _crowded(found, knowledge) if matching.crowded else []
    return ranked(list(told_apart(found)))


def _crowded(found: Iterable[Finding], knowledge: Knowledge) -> list[Finding]:
    """The finding that not everything was compared, where it is not told yet."""
    told = any(one.rule == "not-compared" for one in found)
    return [] if told else [finding("not-compared", CROWDED, "", Spot(0, 1, ""), Spot(1, 1, ""), knowledge)]


def _places(findings: Iterable[Finding]) -> set[tuple[int, int]]:
    return {(spot.file, spot.line) for one in findings for spot in (one.a, one.b) if spot is not None}


def told_apart(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings whose texts are equal are numbered, so that each has a fingerprint of its own."""
    seen: Counter[tuple[str, ...]] = Counter()
    for one in findings:
        seen[one.identity] += 1
        again = seen[one.identity]
        yield one if again == one.again else one._replace(again=again)


def hidden_findings(a: Definition, b: Definition, knowledge: Knowledge) -> Iterator[Finding]:
    """Hidden characters that the second definition has more of, at the first line that holds one."""
    new = hidden_characters(b.text) - hidden_characters(a.text)
    if new:
        line = next(number for number, text in enumerate(split_lines(b.text), 1) if any(char in text for char in new))
        names = ", ".join(f"{count} x U+{ord(char):04X}" for char, count in sorted(new.items()))
        yield finding("hidden-characters", f"added: {names}", "", None, Spot(1, line, names), knowledge)


def with_alignment(
    findings: Iterable[Finding], alignment: Alignment, matching: Matching, knowledge: Knowledge
) -> tuple[Finding, ...]:
    """The findings of two definitions with what their alignment adds: scopes that differ, and contradictions.

    What another finding tells of the same two places is not told again. A statement that the other side has word for
    word did not change, whatever else stands there.
    """
    equal = [pair for pair in matching.units if pair.a.says_same(pair.b)]
    left, right = {pair.a.line for pair in equal}, {pair.b.line for pair in equal}
    found = list(findings)
    found += _crowded(found, knowledge) if alignment.crowded else []
    for more in (aligned_scope_findings(alignment, knowledge), _contradictions(alignment, knowledge)):
        told = {(one.a.line, one.b.line) for one in found if one.a and one.b}
        for one in more:
            if one.a and one.b and one.a.line not in left and one.b.line not in right:
                found += [one] if (one.a.line, one.b.line) not in told else []
    return ranked(list(told_apart(found)))


def _contradictions(alignment: Alignment, knowledge: Knowledge) -> Iterator[Finding]:
    for group in alignment.units:
        left, right = ([m for m in group.members if m.file == side] for side in (0, 1))
        if group.relation != "contradicts" or not left or not right or isinstance(left[0].node, Field):
            continue
        spots = Spot(0, left[0].line, left[0].text), Spot(1, right[0].line, right[0].text)
        if not left[0].says_same(right[0]):
            message = f"{group.slot or 'two statements'}: {group.reason}"
            yield finding("contradiction", message, path_of(right[0]), *spots, slot=group.slot, knowledge=knowledge)
