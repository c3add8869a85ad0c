"""The result read again, decisions, conflicts and ledger out: what was decided to stand is in it, nothing else is."""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from agentmerge.combining import assembling
from agentmerge.combining.assembling import form_of
from agentmerge.errors import AgentMergeError, InternalError, TemplateError
from agentmerge.knowledge.signs import holds_guardrail
from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import Definition, Field, Section, Unit, walk_sections, walk_units
from agentmerge.planning import fields
from agentmerge.planning.deciding import Plan, Verdict
from agentmerge.planning.fields import FieldOutcome
from agentmerge.planning.intake import Entry
from agentmerge.planning.records import Action, Conflict, Decision, Fate, LedgerRow, Notice, Source
from agentmerge.planning.strategies import SINGLE
from agentmerge.planning.tree import Node
from agentmerge.reading.parsing import parse
from agentmerge.text.lines import split_lines
from agentmerge.text.markers import is_note
from agentmerge.writing.emitting import Document, all_blocks

# Checking -------------------------------------------------------------------------------------------------------------
#
# The result read again: every unit that was decided to stand is in it, nothing else is, and it loads everywhere.


_MARKS = re.compile(r"\A(?:[-*+>]|\d+[.)]|#+)(?: \[[ xX]\])?\s+|\*\*|__")
STRICT_CODES = frozenset(
    {"frontmatter-repaired", "duplicate-key", "frontmatter-unclosed", "frontmatter-misplaced", "frontmatter-toml"}
)


@dataclass(frozen=True, slots=True)
class Found:
    """Where everything stands in the result."""

    definition: Definition
    units: dict[int, tuple[int, ...]]
    """Lines of the units of each verdict, by its number; several only for a run that stays together."""
    fields: dict[str, int]


def check(
    text: str,
    document: Document,
    standing: Collection[int],
    knowledge: Knowledge,
    *,
    dialect: str | None = None,
    own_template: str | None = None,
) -> Found:
    """Find every expected unit in the text; `standing` are the numbers of all verdicts that have to be in it.

    `dialect` is the one that the result is written for.

    Raises InternalError for a hole, or TemplateError where a user's template (`own_template`) made it.
    """
    definition = parse(text, knowledge, dialect=dialect)
    lines, extra = _locate(definition, document)
    left_out = set(standing) - {number for number, *_ in _expected(document)}
    if left_out:
        raise InternalError(f"{len(left_out)} units that were decided to stand have no place in the result")
    missing = [unit for unit in _expected(document) if unit[:2] not in lines]
    if missing:
        raise _hole(f"units missing: {len(missing)}, the first is {missing[0][2][:60]!r}", own_template)
    if own_template is None:
        _check_form(definition, extra)
    found: dict[int, list[int]] = defaultdict(list)
    for number, part, *_ in _expected(document):
        found[number].append(lines[number, part])
    return Found(
        definition,
        {number: tuple(places) for number, places in found.items()},
        {field.key: field.line for field in definition.fields},
    )


def _hole(what: str, own_template: str | None) -> AgentMergeError:
    if own_template is not None:
        return TemplateError(f"the result does not hold what was decided: {what}", file=own_template)
    return InternalError(f"the result does not hold what was decided: {what}")


def _expected(document: Document) -> Iterator[tuple[int, int, str, str]]:
    """Number of the verdict, number of the part, words, form."""
    parts: dict[int, int] = defaultdict(int)
    for block in all_blocks(document):
        for number, text, form in block.expected:
            yield number, parts[number], _folded(text), form
            parts[number] += 1


def _folded(text: str) -> str:
    return " ".join(text.split())


def _locate(definition: Definition, document: Document) -> tuple[dict[tuple[int, int], int], list[tuple[int, str]]]:
    """The line of every expected unit, and the units that nobody expected. Equal texts are taken in order."""
    waiting: dict[tuple[str, str], deque[int]] = defaultdict(deque)
    for line, text, form in _present(definition):
        waiting[text, form].append(line)
    lines: dict[tuple[int, int], int] = {}
    late = []
    for number, part, text, form in _expected(document):
        if waiting.get((text, form)):
            lines[number, part] = waiting[text, form].popleft()
        elif not form:
            late.append((number, part, text))
    titles = _pseudo_titles(definition)
    rows = _rows(definition) if late else {}
    taken = set(lines.values())
    for number, part, text in late:
        # A paragraph that ends in a colon reads as a label when a list follows it; its words are there all the same.
        place = titles.pop(text, None) or _row_of(text, rows, taken)
        if place is not None:
            lines[number, part] = place
            taken.add(place)
    extra = [(line, text) for (text, _), places in waiting.items() for line in places]
    return lines, extra


def _rows(definition: Definition) -> dict[str, deque[int]]:
    """The lines that hold a text whole, marks aside."""
    rows: dict[str, deque[int]] = defaultdict(deque)
    for number, row in enumerate(split_lines(definition.text), 1):
        rows[_MARKS.sub("", _folded(row))].append(number)
    return rows


def _row_of(text: str, rows: Mapping[str, deque[int]], taken: Collection[int]) -> int | None:
    """The first line that holds a text whole and that no other unit was found on."""
    free = rows.get(_MARKS.sub("", text), deque())
    while free and free[0] in taken:
        free.popleft()
    return free[0] if free else None


def _present(definition: Definition) -> Iterator[tuple[int, str, str]]:
    for place in walk_units(definition.root):
        if place.unit.text and not is_note(place.unit):
            yield place.unit.line, _folded(place.unit.text), form_of(place.unit)


def _pseudo_titles(definition: Definition) -> dict[str, int]:
    return {
        _folded(section.source): section.line
        for _, section in walk_sections(definition.root)
        if section.style in ("label", "bold")
    }


def _check_form(definition: Definition, extra: Sequence[tuple[int, str]]) -> None:
    """The canonical form's own promises."""
    if extra:
        raise InternalError(f"the result holds a unit that no variant has: line {extra[0][0]}, {extra[0][1][:60]!r}")
    # Text that begins with `+++` is no frontmatter where there are no fields.
    codes = STRICT_CODES if definition.frontmatter is not None else STRICT_CODES - {"frontmatter-toml"}
    bad = [note for note in definition.diagnostics if note.code in codes]
    if bad:
        raise InternalError(f"the result's frontmatter does not load: line {bad[0].line}, {bad[0].message}")
    if len([s for s in definition.root.sections if s.heading_level == 1]) > 1 and _has_title(definition):
        raise InternalError("the result has more than one top heading")
    _check_siblings(definition.root)


def _has_title(definition: Definition) -> bool:
    first = definition.root.sections[0]
    return first.heading_level == 1 and bool(first.sections)


def _check_siblings(section: Section) -> None:
    titles = [child.title.lower() for child in section.sections if child.heading_level]
    twice = next((title for title, count in Counter(titles).items() if count > 1), None)
    if twice is not None:
        raise InternalError(f"the result has two sections '{twice}' side by side")
    for child in section.sections:
        _check_siblings(child)


# Reporting ------------------------------------------------------------------------------------------------------------
#
# Verdicts and the lines of the result to the records of the report: decisions, conflicts, ledger, notices.


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
                into = fields.line_of(remark.comment, found.get(outcome.key)) if remark.fate != Fate.DROPPED else None
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
        for verdicts in assembling.left(self._plan):
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


# Keeping --------------------------------------------------------------------------------------------------------------
#
# The law of combining, checked on the result: each guardrail of an input is in it, in the ledger or in a finding.


_KEEPING_MARKS = re.compile(r"[*_`#>]+")


def require(
    definitions: Sequence[Definition], ledger: Sequence[LedgerRow], text: str, knowledge: Knowledge
) -> Iterator[Notice]:
    """A notice for each heading that forbids or demands something and is not in the result.

    Headings have no row in the ledger. Raises InternalError where a field or unit that binds has none.
    """
    rows = {(row.source.file, row.source.line) for row in ledger}
    said = _bare(text)
    for file, definition in enumerate(definitions):
        units: list[Field | Unit] = [*definition.fields, *(place.unit for place in walk_units(definition.root))]
        hole = next((u for u in units if (file, u.line) not in rows and holds_guardrail(u.text, knowledge)), None)
        if hole is not None:
            message = f"a guardrail has no row in the ledger: '{hole.text[:60]}'"
            raise InternalError(message, file=definition.filename, line=hole.line)
        for path, section in walk_sections(definition.root):
            if holds_guardrail(section.title, knowledge) and _bare(section.title) not in said:
                source = Source(file, section.line, "heading", section.title)
                where = " / ".join(one.title for one in (*path, section))
                message = f"the heading '{section.title}' is not in the result"
                yield Notice("guardrail-dropped", "warning", message, where, (source,))


def _bare(text: str) -> str:
    return " ".join(_KEEPING_MARKS.sub(" ", text).lower().split())
