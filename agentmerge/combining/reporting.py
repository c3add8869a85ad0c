"""Verdicts and the lines of the result to the records of the report: decisions, conflicts, ledger, notices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from agentmerge.combining import leftovers, remarks
from agentmerge.combining.checking import Found
from agentmerge.combining.deciding import Plan, Verdict
from agentmerge.combining.entries import Entry, is_note
from agentmerge.combining.fields import FieldOutcome
from agentmerge.combining.strategies import SINGLE
from agentmerge.combining.tree import Node
from agentmerge.guardrails import holds_guardrail
from agentmerge.knowledge import Knowledge
from agentmerge.model import Field, Section, Unit
from agentmerge.outcome import Action, Conflict, Decision, Fate, LedgerRow, Notice, Source


@dataclass(frozen=True, slots=True)
class TitleChoice:
    """The top heading of the result, and which heading of which variant it is."""

    text: str
    winner: tuple[int, Section] | None
    all: tuple[tuple[int, Section], ...]


class Ledger:
    """The fate of every source unit, derived from verdicts and from where things stand in the result."""

    def __init__(
        self, plan: Plan, fields: Sequence[FieldOutcome], title: TitleChoice, found: Found, knowledge: Knowledge
    ) -> None:
        self._knowledge = knowledge
        self._plan = plan
        self._fields = fields
        self._title = title
        self._found = found
        self._numbers = {verdict: number for number, verdict in enumerate(plan.verdicts)}
        self._path = cache(_path)
        self._sources: dict[tuple[int, int], Source] = {}
        """By file and identity of the unit: decisions and rows name the same ones."""

    @cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """Fields, then the title, then units; ids count from 1."""
        units = map(self._unit_decision, self._plan.verdicts)
        rows = [*map(_field_decision, self._fields), *self._title_decision(), *units]
        return tuple(Decision(number, *row) for number, row in enumerate(rows, 1))

    @cached_property
    def rows(self) -> tuple[LedgerRow, ...]:
        """A row per source unit, by file and line."""
        rows = [*self._field_rows(), *self._remark_rows(), *self._unit_rows()]
        return tuple(sorted(rows, key=lambda row: (row.source.file, row.source.line)))

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Fields that differ, then contradictions between units."""
        return (*self._field_conflicts(), *self._unit_conflicts())

    @property
    def notices(self) -> tuple[Notice, ...]:
        return tuple(
            notice for verdict in self._plan.verdicts for notice in _notices(verdict, knowledge=self._knowledge)
        )

    def _title_decision(self) -> Iterator[tuple[str, str, Action, tuple[Source, ...], str]]:
        if self._title.winner is not None:
            ordered = sorted(self._title.all, key=lambda pair: pair != self._title.winner)
            members = tuple(Source(file, section.line, "heading", section.title) for file, section in ordered)
            yield "title", "one-title", Action.SUPERSEDE if len(members) > 1 else Action.KEEP, members, ""

    def _field_rows(self) -> Iterator[LedgerRow]:
        for number, outcome in enumerate(self._fields, 1):
            last = {file: field.line for file, field in outcome.sources}
            for file, field in outcome.sources:
                fate = _field_fate(outcome, file, is_last=last[file] == field.line)
                into = self._found.fields.get(outcome.key) if fate != Fate.DROPPED else None
                yield LedgerRow(_source(file, field), fate, number, into)

    def _remark_rows(self) -> Iterator[LedgerRow]:
        found = {field.key: field for field in self._found.definition.fields}
        for number, outcome in enumerate(self._fields, 1):
            for remark in outcome.remarks:
                source = Source(remark.file, remark.comment.line, "comment", remark.comment.text)
                into = remarks.line_of(remark.comment, found.get(outcome.key)) if remark.fate != Fate.DROPPED else None
                yield LedgerRow(source, remark.fate, number, into)

    def _unit_rows(self) -> Iterator[LedgerRow]:
        before = len(self._fields) + (1 if self._title.winner is not None else 0)
        for number, verdict in enumerate(self._plan.verdicts, before + 1):
            lines = self._lines(verdict)
            for member in verdict.cluster.members:
                fate = _unit_fate(verdict, member)
                for part, unit in enumerate(member.inner or (member.unit,)):
                    into = lines[min(part or verdict.part, len(lines) - 1)] if lines else None
                    yield LedgerRow(self._source(member.file, unit), fate, number, into)

    def _unit_decision(self, verdict: Verdict) -> tuple[str, str, Action, tuple[Source, ...], str]:
        ordered = sorted(verdict.cluster.members, key=lambda member: member is not verdict.survivor)
        members = tuple(self._source(member.file, member.unit) for member in ordered)
        return self._path(verdict.node), verdict.rule, _action(verdict), members, _note(verdict)

    def _source(self, file: int, unit: Unit) -> Source:
        found = self._sources.get((file, id(unit)))
        if found is None:
            found = self._sources[file, id(unit)] = _source(file, unit)
        return found

    def _lines(self, verdict: Verdict) -> tuple[int, ...]:
        """Lines of the result that a verdict's units went into; () where they went nowhere."""
        seen: set[Verdict] = set()
        while verdict.superseded_by is not None and verdict not in seen:
            seen.add(verdict)
            verdict = verdict.superseded_by
        return self._found.units.get(self._numbers[verdict], ())

    def _field_conflicts(self) -> Iterator[Conflict]:
        for outcome in self._fields:
            members = tuple(_source(file, field) for file, field in outcome.sources)
            if outcome.is_open:
                yield Conflict(f"frontmatter/{outcome.key}", "nothing in common", members)
                continue
            differs = len(outcome.sources) > len([file for file, _ in outcome.sources if file in outcome.agreed])
            if (
                self._knowledge.field_info(outcome.key).shape != "prose"
                and not outcome.merged
                and differs
                and len(members) > 1
            ):
                yield Conflict(f"frontmatter/{outcome.key}", outcome.key, members, outcome.rule)

    def _unit_conflicts(self) -> Iterator[Conflict]:
        for clash in self._plan.clashes:
            members = tuple(_source(m.file, m.unit) for side in clash.sides for m in side.cluster.members)
            yield Conflict(clash.sides[0].node.path, clash.slot, members, clash.decided_by)
        for verdicts in leftovers.left(self._plan):
            members = tuple(_source(m.file, m.unit) for verdict in verdicts for m in verdict.cluster.members)
            yield Conflict(verdicts[0].node.path, "left by an earlier combine", members)


def _notices(verdict: Verdict, knowledge: Knowledge) -> Iterator[Notice]:
    """What of a verdict a person has to know: a guardrail kept, dropped or given up, a statement superseded."""
    if is_note(verdict.survivor.unit):
        # A name of a file in it may read like an order.
        return
    lost = list(_given_up_with_block(verdict, knowledge))
    if lost:
        message = f"the block of '{verdict.survivor.owner}' stands without '{' '.join(lost[0].split())}'"
        yield Notice("guardrail-dropped", "warning", message, verdict.node.path)
    if verdict.stands and not verdict.beside:
        return
    path, where = verdict.node.path, _where(verdict)
    sources = tuple(_source(member.file, member.unit) for member in verdict.cluster.members)
    if verdict.beside:
        yield Notice("guardrail-kept", "info", f"{where} is {_note(verdict)}", path, sources)
    elif not verdict.stands and any(holds_guardrail(source.text, knowledge) for source in sources):
        yield Notice("guardrail-dropped", "warning", f"{where} is left out (by {verdict.rule})", path, sources)
    elif verdict.superseded_by is not None and verdict.rule in SINGLE:
        yield Notice("statement-superseded", "info", f"{where} gives way (by {verdict.rule})", path, sources)


def _given_up_with_block(verdict: Verdict, knowledge: Knowledge) -> Iterator[str]:
    """What binds in the blocks of one tool that gave way to another version of it, and not in that one."""
    if verdict.survivor.owner and verdict.stands:
        kept = {unit.flow for unit in verdict.survivor.inner}
        units = (unit for member in verdict.cluster.members for unit in member.inner)
        yield from dict.fromkeys(
            unit.flow for unit in units if unit.flow not in kept and holds_guardrail(unit.flow, knowledge)
        )


def _path(node: Node) -> str:
    return node.path


def _source(file: int, node: Unit | Field) -> Source:
    return Source(file, node.line, node.kind, node.text, node.inline if isinstance(node, Field) else "")


def _where(verdict: Verdict) -> str:
    flat = " ".join(verdict.survivor.unit.text.split())
    return f"'{flat if len(flat) <= 60 else f'{flat[:59]}…'}'"


def _field_decision(outcome: FieldOutcome) -> tuple[str, str, Action, tuple[Source, ...], str]:
    ordered = sorted(outcome.sources, key=lambda pair: pair[0] != outcome.winner)
    members = tuple(_source(file, field) for file, field in ordered)
    if not members:
        members = tuple(Source(r.file, r.comment.line, "comment", r.comment.text) for r in outcome.remarks)
    if outcome.text is None:
        action = Action.DROP
    elif outcome.winner is None or outcome.merged:
        action = Action.SET
    elif len(members) == 1:
        action = Action.KEEP
    else:
        action = Action.MERGE if len(outcome.agreed) == len(members) else Action.SUPERSEDE
    notes = [outcome.note, *(notice.message for notice in outcome.notes)]
    return f"frontmatter/{outcome.key}", outcome.rule, action, members, "; ".join(note for note in notes if note)


def _field_fate(outcome: FieldOutcome, file: int, *, is_last: bool) -> Fate:
    if outcome.text is None:
        return Fate.DROPPED
    if not is_last:
        return Fate.SUPERSEDED
    if outcome.is_open:
        return Fate.CONFLICT
    if outcome.merged or (file in outcome.agreed and file != outcome.winner):
        return Fate.MERGED
    return Fate.KEPT if file == outcome.winner else Fate.SUPERSEDED


def _note(verdict: Verdict) -> str:
    if verdict.beside:
        return f"kept beside the other ({verdict.beside}), because it forbids or demands something"
    return verdict.note


def _action(verdict: Verdict) -> Action:
    if verdict.dropped:
        return Action.DROP
    if verdict.superseded_by is not None:
        return Action.SUPERSEDE
    if verdict.clash is not None:
        return Action.CONFLICT
    return Action.MERGE if len(verdict.cluster.members) > 1 else Action.KEEP


def _unit_fate(verdict: Verdict, member: Entry) -> Fate:
    if verdict.dropped:
        return Fate.DROPPED
    if verdict.superseded_by is not None:
        return Fate.SUPERSEDED
    if member is not verdict.survivor:
        replaced = verdict.rule in SINGLE or verdict.cluster.anew is not None
        single = replaced and member.unit.flow != verdict.survivor.unit.flow
        return Fate.SUPERSEDED if single else Fate.MERGED
    return Fate.CONFLICT if verdict.clash is not None else Fate.KEPT
