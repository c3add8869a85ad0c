"""Whole sections that only one side has, and headings that say something else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentmerge import signs
from agentmerge.aligning.matching import Pair, title_key
from agentmerge.aligning.records import Member
from agentmerge.diffing.structure import path_of
from agentmerge.drifting import contracts
from agentmerge.drifting.clauses import facet
from agentmerge.drifting.comparison import Comparison, sides_of, spots_of
from agentmerge.drifting.modality import modality
from agentmerge.drifting.records import Finding
from agentmerge.drifting.registry import rule
from agentmerge.drifting.steps import is_step_section
from agentmerge.model import Section, Unit, walk_units

_NAMES = (
    "section-added",
    "section-removed",
    "section-renamed",
    "guardrail-reversed",
    "sign-changed",
    "contract-changed",
    "trigger-changed",
    "step-added",
    "step-removed",
)


@rule(*_NAMES, order=80)
def sections(comparison: Comparison) -> Iterator[Finding]:
    """Whole sections that only one side has, and renamed ones."""
    matching = comparison.matching
    for side, members in enumerate((matching.sections_only_a, matching.sections_only_b)):
        yield from _lone_sections(comparison, side, members)
    for pair in matching.sections:
        if title_key(pair.a.node) != title_key(pair.b.node):
            message = f"section '{pair.a.text}' is called '{pair.b.text}'"
            yield comparison.finding("section-renamed", message, path_of(pair.b), *spots_of(pair))
            yield from _title_signs(comparison, pair)


def _title_signs(comparison: Comparison, pair: Pair) -> Iterator[Finding]:
    """A heading whose sign says something else than it did: `✅ Example` that became `❌ Example`."""
    known, spots = signs.of(comparison.knowledge), spots_of(pair)
    before, after = (known.told(member.text) for member in (pair.a, pair.b))
    if {known.own(member.text).force for member in (pair.a, pair.b)} == {"forbid", "demand"}:
        message = f"turned round, '{pair.a.text}' became '{pair.b.text}'"
        yield comparison.finding("guardrail-reversed", message, path_of(pair.b), *spots)
    elif before != after:
        message = f"heading '{pair.a.text}' is '{pair.b.text}'"
        forbidden = all(
            any(m.sign == "forbid" for m in modality(comparison.knowledge).read(one.text)) for one in (pair.a, pair.b)
        )
        mild = forbidden or not signs.weighs(before, after)
        yield comparison.finding("sign-changed", message, path_of(pair.b), *spots, mild=mild)


def _lone_sections(comparison: Comparison, side: int, members: Sequence[Member]) -> Iterator[Finding]:
    alone = {
        m.line for m in (comparison.matching.only_b if side else comparison.matching.only_a) if isinstance(m.node, Unit)
    }
    lone = {member.line for member in members}
    for member in members:
        section = member.node
        assert isinstance(section, Section)
        if any(above.line in lone for above in member.path):
            continue
        lines = [place.unit.line for place in walk_units(section) if place.unit.text]
        kept = sum(line not in alone for line in lines)
        word = "added" if side else "removed"
        message = f"section '{section.title}' {word}, with {_held(len(lines), kept)}"
        yield comparison.finding(
            f"section-{word}", message, path_of(member), *sides_of(member), mild=bool(lines) and kept == len(lines)
        )
        if facet(member, comparison.knowledge) in contracts.FACETS and kept < len(lines):
            yield comparison.finding(
                "contract-changed", f"contract {message}", path_of(member), *sides_of(member), mild=True
            )
        if facet(member, comparison.knowledge) == "trigger" and kept < len(lines):
            yield comparison.finding("trigger-changed", f"situations: {message}", path_of(member), *sides_of(member))
        if is_step_section(member, comparison.knowledge):
            yield comparison.finding(
                f"step-{word}", f"step '{section.title}' {word}", path_of(member), *sides_of(member)
            )


def _held(total: int, kept: int) -> str:
    noun = "statement" if total == 1 else "statements"
    return f"{total} {noun}" + (f", {kept} of them on the other side too" if kept else "")
