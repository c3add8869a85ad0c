"""Whole sections that only one side has, and headings that say something else."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from agentmerge.diffing.changes import path_of
from agentmerge.drifting.fields import guards
from agentmerge.drifting.records import Finding
from agentmerge.drifting.registry import Comparison, rule, sides_of, spots_of, wraps_all
from agentmerge.knowledge import signs
from agentmerge.matching.pairwise import Pair, title_key
from agentmerge.matching.records import Member
from agentmerge.model import Section, Unit, walk_sections, walk_units
from agentmerge.statements import clauses
from agentmerge.statements.clauses import clauses_of, facet, is_step_section, modality

TOGETHER = 3
"""Sections that are gone from which on they are told together."""
LARGE = 0.1
"""Share of the text of a definition from which on sections of knowledge that are gone are worth a warning."""

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
    wrapping = {member.line for member in members if wraps_all(member, comparison)}
    lone = {member.line for member in members} - wrapping
    rows = [_Lone(member, alone) for member in members if not any(above.line in lone for above in member.path)]
    loose = {row.member.line for row in _loose(comparison, side, rows)} | wrapping
    serious = [row for row in rows if row.member.line not in loose and not row.is_kept]
    together = serious if side == 0 and len(serious) >= TOGETHER else []
    for row in rows:
        yield from _lone_section(comparison, row, mild=row.member.line in loose, together=row in together)
    if together:
        yield _sections_together(comparison, together)


def _sections_together(comparison: Comparison, rows: Sequence[_Lone]) -> Finding:
    """Several sections that are gone, with all that stood in them."""
    titles = ", ".join(f"'{row.section.title}'" for row in rows)
    held = _held(sum(len(row.lines) for row in rows), sum(row.kept for row in rows))
    first = rows[0].member
    owns = tuple(dict.fromkeys(text for row in rows for text in row.texts))
    message = f"{len(rows)} sections removed, with {held}: {titles}"
    return comparison.finding("section-removed", message, path_of(first), *sides_of(first), owns=owns)


class _Lone:
    """A section that only one side has, with the lines of its statements."""

    def __init__(self, member: Member, alone: Container[int]) -> None:
        assert isinstance(member.node, Section)
        self.member, self.section = member, member.node
        units = [place.unit for place in walk_units(member.node) if place.unit.text]
        self.lines, self.size = [unit.line for unit in units], sum(len(unit.text) for unit in units)
        self.kept = sum(line not in alone for line in self.lines)

    @property
    def texts(self) -> Iterator[str]:
        """The headings and statements in it."""
        yield from (section.title for _, section in walk_sections(self.section))
        yield self.section.title
        yield from (place.unit.flow for place in walk_units(self.section))

    @property
    def is_kept(self) -> bool:
        """Whether all that stands in it stands somewhere on the other side, too."""
        return bool(self.lines) and self.kept == len(self.lines)


def _loose(comparison: Comparison, side: int, rows: Sequence[_Lone]) -> Iterator[_Lone]:
    """Sections of knowledge alone, which bind nobody, where they are a small part of the definition together."""
    clauses = clauses_of(side, comparison.b if side else comparison.a, comparison.knowledge)
    binding = {clause.unit.line for clause in clauses if clause.is_guardrail or guards(clause, comparison.knowledge)}
    found = [row for row in rows if binding.isdisjoint(row.lines) and not _has_a_role(comparison, row.member)]
    every = len((comparison.b if side else comparison.a).text)
    if sum(row.size for row in found if not row.is_kept) < LARGE * every:
        yield from found


def _has_a_role(comparison: Comparison, member: Member) -> bool:
    """Whether a section is a part of a procedure or a contract, or says when the agent is called."""
    kind = facet(member, comparison.knowledge)
    return kind in clauses.FACETS or kind == "trigger" or is_step_section(member, comparison.knowledge)


def _lone_section(comparison: Comparison, row: _Lone, *, mild: bool, together: bool) -> Iterator[Finding]:
    member, word = row.member, "added" if row.member.file else "removed"
    path, spots, facet_of_it = path_of(member), sides_of(member), facet(member, comparison.knowledge)
    message = f"section '{row.section.title}' {word}, with {_held(len(row.lines), row.kept)}"
    if not together:
        is_told = facet_of_it in clauses.FACETS or facet_of_it == "trigger"
        yield comparison.finding(f"section-{word}", message, path, *spots, mild=mild or row.is_kept or is_told)
    if facet_of_it in clauses.FACETS and row.kept < len(row.lines):
        yield comparison.finding("contract-changed", f"contract {message}", path, *spots, mild=True)
    if facet_of_it == "trigger" and row.kept < len(row.lines):
        yield comparison.finding("trigger-changed", f"situations: {message}", path, *spots)
    if is_step_section(member, comparison.knowledge) and not together:
        yield comparison.finding(f"step-{word}", f"step '{row.section.title}' {word}", path, *spots)


def _held(total: int, kept: int) -> str:
    noun = "statement" if total == 1 else "statements"
    return f"{total} {noun}" + (f", {kept} of them on the other side too" if kept else "")
