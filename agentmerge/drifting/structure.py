"""Sections, steps and plain statements that only one side has, and steps in another order."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from agentmerge import signs
from agentmerge.aligning.kinds import kind_of
from agentmerge.aligning.matching import Matching, Pair, parent_line, title_key
from agentmerge.aligning.records import Member
from agentmerge.diffing.records import Change, Spot
from agentmerge.diffing.structure import path_of
from agentmerge.drifting import contracts
from agentmerge.drifting.clauses import facet
from agentmerge.drifting.modality import modality
from agentmerge.drifting.records import Finding
from agentmerge.drifting.rules import finding
from agentmerge.guardrails import holds_guardrail
from agentmerge.knowledge import Knowledge
from agentmerge.model import Section, Unit, walk_units

_STEP_TITLE = re.compile(r"(?:(?:step|phase|stage)\s+[\divx]+|\d+[.):])(?:\W|$)", re.IGNORECASE)
_IDENTITY = re.compile(r"you(?:'re|’re| are)\s|as an? |act as ", re.IGNORECASE)


def section_findings(matching: Matching, knowledge: Knowledge) -> Iterator[Finding]:
    """Whole sections that only one side has, and renamed ones."""
    for side, members in enumerate((matching.sections_only_a, matching.sections_only_b)):
        yield from _lone_sections(matching, side, members, knowledge)
    for pair in matching.sections:
        if title_key(pair.a.node) != title_key(pair.b.node):
            message = f"section '{pair.a.text}' is called '{pair.b.text}'"
            yield finding("section-renamed", message, path_of(pair.b), _spot(pair.a), _spot(pair.b), knowledge)
            yield from _title_signs(pair, knowledge)


def _title_signs(pair: Pair, knowledge: Knowledge) -> Iterator[Finding]:
    """A heading whose sign says something else than it did: `✅ Example` that became `❌ Example`."""
    known, spots = signs.of(knowledge), (_spot(pair.a), _spot(pair.b))
    before, after = (known.told(member.text) for member in (pair.a, pair.b))
    if {known.own(member.text).force for member in (pair.a, pair.b)} == {"forbid", "demand"}:
        message = f"turned round, '{pair.a.text}' became '{pair.b.text}'"
        yield finding("guardrail-reversed", message, path_of(pair.b), *spots, knowledge=knowledge)
    elif before != after:
        message = f"heading '{pair.a.text}' is '{pair.b.text}'"
        forbidden = all(any(m.sign == "forbid" for m in modality(knowledge).read(one.text)) for one in (pair.a, pair.b))
        mild = forbidden or not signs.weighs(before, after)
        yield finding("sign-changed", message, path_of(pair.b), *spots, mild=mild, knowledge=knowledge)


def state_findings(matching: Matching, knowledge: Knowledge) -> Iterator[Finding]:
    """Tasks that are done now, or open again, however their state is written."""
    for pair in matching.units:
        old, new = pair.a.node, pair.b.node
        assert isinstance(old, Unit)
        assert isinstance(new, Unit)
        if None not in (old.checked, new.checked) and old.checked != new.checked:
            state = "done" if new.checked else "open again"
            yield finding(
                "task-state", f"task {state}: {_flat(pair.b)}", path_of(pair.b), _spot(pair.a), _spot(pair.b), knowledge
            )


def branch_findings(matching: Matching, knowledge: Knowledge) -> Iterator[Finding]:
    """Statements that stand under another condition of a template than before."""
    for pair in matching.units:
        before, after = _conditions(pair.a), _conditions(pair.b)
        if before != after:
            message = f"{_under(after)}, was {_under(before)}: {_flat(pair.b)}"
            spots = _spot(pair.a), _spot(pair.b)
            binds = holds_guardrail(pair.a.text, knowledge) or holds_guardrail(pair.b.text, knowledge)
            yield finding("branch-changed", message, path_of(pair.b), *spots, mild=not binds, knowledge=knowledge)


def _conditions(member: Member) -> tuple[str, ...]:
    return tuple(" ".join(section.title.split()) for section in member.path if section.style == "template")


def _under(conditions: Sequence[str]) -> str:
    return f"under {' '.join(conditions)}" if conditions else "under no condition"


def _flat(member: Member) -> str:
    return " ".join(member.text.split())


def _lone_sections(matching: Matching, side: int, members: Sequence[Member], knowledge: Knowledge) -> Iterator[Finding]:
    alone = {m.line for m in (matching.only_b if side else matching.only_a) if isinstance(m.node, Unit)}
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
        yield finding(
            f"section-{word}",
            message,
            path_of(member),
            *_sides(member),
            mild=bool(lines) and kept == len(lines),
            knowledge=knowledge,
        )
        if facet(member, knowledge) in contracts.FACETS and kept < len(lines):
            yield finding(
                "contract-changed",
                f"contract {message}",
                path_of(member),
                *_sides(member),
                mild=True,
                knowledge=knowledge,
            )
        if facet(member, knowledge) == "trigger" and kept < len(lines):
            yield finding(
                "trigger-changed", f"situations: {message}", path_of(member), *_sides(member), knowledge=knowledge
            )
        if _is_step_section(member, knowledge):
            yield finding(
                f"step-{word}", f"step '{section.title}' {word}", path_of(member), *_sides(member), knowledge=knowledge
            )


def _held(total: int, kept: int) -> str:
    noun = "statement" if total == 1 else "statements"
    return f"{total} {noun}" + (f", {kept} of them on the other side too" if kept else "")


def _is_step_section(member: Member, knowledge: Knowledge) -> bool:
    in_procedure = any(kind_of(section.title, knowledge) == "workflow" for section in member.path)
    return bool(_STEP_TITLE.match(member.text)) and (in_procedure or member.text.lower().startswith(("step", "phase")))


def _sides(member: Member) -> tuple[Spot | None, Spot | None]:
    return (None, _spot(member)) if member.file else (_spot(member), None)


def _spot(member: Member) -> Spot:
    return Spot(member.file, member.line, member.text)


def lone_unit_findings(matching: Matching, told: set[tuple[int, int]], knowledge: Knowledge) -> Iterator[Finding]:
    """What else only one side has; `told` are the units (side, line) that a finding already speaks of.

    What stands in a section that the other side lacks altogether is told with the section.
    """
    for side, (members, lone) in enumerate(
        ((matching.only_a, matching.sections_only_a), (matching.only_b, matching.sections_only_b))
    ):
        gone = {member.line for member in lone}
        steps: set[int] = set()
        for member in members:
            if isinstance(member.node, Unit):
                yield from _lone_unit(member, gone, steps, knowledge, told=(side, member.line) in told)


def _lone_unit(
    member: Member, gone: set[int], steps: set[int], knowledge: Knowledge, *, told: bool
) -> Iterator[Finding]:
    unit = member.node
    assert isinstance(unit, Unit)
    inside = any(section.line in gone for section in member.path)
    word = "added" if member.file else "removed"
    shown = " ".join(member.text.split())
    if contracts.is_contract(member, knowledge):
        if not (inside or told):
            yield contracts.one_sided(member, knowledge)
    elif is_step(member, knowledge):
        nested = {child.line for child in _below(unit)}
        if unit.line not in steps and not inside:
            yield finding(
                f"step-{word}", f"step {word}: {shown}", path_of(member), *_sides(member), knowledge=knowledge
            )
        steps |= nested
    elif facet(member, knowledge) == "trigger" and not inside:
        yield finding(
            "trigger-changed", f"situation {word}: {shown}", path_of(member), *_sides(member), knowledge=knowledge
        )
    elif not (inside or told):
        yield finding(
            f"knowledge-{word}", f"statement {word}: {shown}", path_of(member), *_sides(member), knowledge=knowledge
        )


def _below(unit: Unit) -> Iterator[Unit]:
    for child in unit.children:
        yield child
        yield from _below(child)


def is_step(member: Member, knowledge: Knowledge) -> bool:
    """Whether a unit is a step of a procedure: a numbered item, or an item of a section that is one."""
    unit = member.node
    if not isinstance(unit, Unit) or unit.kind not in ("item", "task"):
        return False
    return unit.ordinal is not None or _in_procedure(member, knowledge)


def _in_procedure(member: Member, knowledge: Knowledge) -> bool:
    outline = knowledge.outline
    kinds = [kind for section in reversed(member.path) if (kind := kind_of(section.title, knowledge)) in outline]
    return bool(kinds) and kinds[0] == "workflow"


def order_findings(matching: Matching, changes: Sequence[Change], knowledge: Knowledge) -> Iterator[Finding]:
    """One finding per procedure whose steps follow each other in another order."""
    late = {change.old.line for change in changes if change.kind == "unit-reordered" and change.old}
    homes: dict[int, list[Pair]] = defaultdict(list)
    for pair in matching.units:
        if is_step(pair.a, knowledge) and facet(pair.a, knowledge) not in contracts.FACETS:
            homes[parent_line(pair.a)].append(pair)
    for pairs in homes.values():
        if any(pair.a.line in late for pair in pairs):
            yield _reordered(pairs, "steps", knowledge=knowledge)
    moved = {c.old.line for c in changes if c.kind == "section-moved" and c.note == "order changed" and c.old}
    sections = [pair for pair in matching.sections if _is_step_section(pair.a, knowledge)]
    if any(pair.a.line in moved for pair in sections):
        yield _reordered(sections, "phases", knowledge=knowledge)


def _reordered(pairs: Sequence[Pair], noun: str, knowledge: Knowledge) -> Finding:
    old = sorted((pair.a for pair in pairs), key=lambda member: member.line)
    new = sorted((pair.b for pair in pairs), key=lambda member: member.line)
    spots = Spot(0, old[0].line, _order(old)), Spot(1, new[0].line, _order(new))
    return finding(
        "steps-reordered", f"{noun} in another order: {spots[1].text}", path_of(new[0]), *spots, knowledge=knowledge
    )


def _order(members: Sequence[Member]) -> str:
    return ", ".join(_label(member) for member in members)


def _label(member: Member) -> str:
    lead = member.node.lead if isinstance(member.node, Unit) else ""
    flat = " ".join((lead or member.text).split())
    return flat if len(flat) <= 40 else f"{flat[:39]}…"


def identity_findings(matching: Matching, knowledge: Knowledge) -> Iterator[Finding]:
    """Who the prompt says the agent is: its first sentences on it."""
    old, new = _identity(matching.a.root), _identity(matching.b.root)
    if old and new and " ".join(old.flow.split()) != " ".join(new.flow.split()):
        spots = Spot(0, old.line, old.flow), Spot(1, new.line, new.flow)
        yield finding(
            "identity-changed", f"introduced as: {' '.join(new.flow.split())}", "", *spots, knowledge=knowledge
        )


def _identity(root: Section) -> Unit | None:
    units = [place.unit for place in walk_units(root) if place.unit.kind in ("paragraph", "quote")]
    return next((unit for unit in units[:5] if _IDENTITY.match(unit.flow)), None)
