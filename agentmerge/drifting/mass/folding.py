"""Equal edits of a change set told once: which findings are the same edit, and the line that stands for them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from agentmerge import rights
from agentmerge.diffing.records import ChangeSeverity, Spot
from agentmerge.drifting.mass.deltas import ANY, BACK, KEY, PATH, TEXT, Delta, Edit, File, edits_of, renamed_key
from agentmerge.drifting.mass.leftovers import Damage, Others, damages, is_name, left_out
from agentmerge.drifting.mass.migrations import Migration, migrations
from agentmerge.drifting.records import SEVERITIES, Finding
from agentmerge.drifting.reports import FileReview, Member, Report, with_findings
from agentmerge.drifting.rulebook import finding
from agentmerge.knowledge import Knowledge

FEWEST = 3
"""Files from which one edit is one finding."""
FEWEST_KNOWN = 2
"""Files from which that holds for a migration that is known."""
SHOWN = 3
"""Edits and files that a line names."""
_ALONE = ("agent-added", "agent-removed", "agent-split", "agent-joined", "gate-loosened", "conflict-markers")
"""Rules that speak of a file, not of an edit."""


class Edited(NamedTuple):
    """A finding with the edits that it is made of."""

    at: int
    """Number of what is judged."""
    finding: Finding
    edits: tuple[Edit, ...]


class Line(NamedTuple):
    """What findings have in common that are told as one: all that is about a field, an edit of texts, or a move."""

    where: str
    rule: str
    severity: ChangeSeverity
    what: str = ""


@dataclass(frozen=True)
class Group:
    """One edit over many files."""

    deltas: Mapping[Delta, int]
    """Each with the number of files that it was made in."""
    members: tuple[tuple[int, Finding], ...]
    migration: Migration | None = None

    @property
    def files(self) -> tuple[int, ...]:
        return tuple(sorted({at for at, _ in self.members}))


def fold(report: Report, knowledge: Knowledge, others: Others | None = None) -> Report:
    """A change set with each edit that many files share as one finding; what is left over stays where it is.

    Findings that were accepted stay, too. A migration that is known and leaves the rights of each file as they were is
    information; any other edit is as serious as the worst finding that it stands for. `others` gives the texts of
    definitions of the new tree that hold a text and did not change: an edit may have left them out.
    """
    if report.checked is None:
        return report
    return _Folding(report, knowledge, others).run()


class _Folding:
    def __init__(self, report: Report, knowledge: Knowledge, others: Others | None) -> None:
        self.report, self.knowledge, self.others = report, knowledge, others
        self.judged = list(report.judged())
        self.files = dict(_files(report))
        self.numbers = {place: number for number, place in enumerate(report.places)}
        self.chosen: dict[tuple[int, Edit], Delta] = {}
        self.renamed: dict[tuple[str, str], Delta] = {}
        """By a name and what it became: the edit of a field that many files share."""

    def run(self) -> Report:
        edited = [one for at, file in self.files.items() for one in self._edited(at, file)]
        support = _support(edited)
        self.renamed = {
            (one.old, one.new): one
            for (_, one), at in sorted(support.items())
            if one.where.startswith("frontmatter/") and is_name(one.old) and is_name(one.new) and len(at) >= FEWEST
        }
        harm = damages(self.files, list(self.renamed.values()))
        gone = {(one.at, found) for one in harm for found in self.judged[one.at][2].findings if one.has(found)}
        edited = [one for one in edited if (one.at, one.finding) not in gone]
        groups = self._groups([one for one in edited if self._is_shared(one, support)])
        gone |= {(at, one) for group in groups for at, one in group.members}
        if not gone:
            return self.report
        kept = [
            tuple(one for one in pair.findings if (at, one) not in gone) for at, (_, _, pair) in enumerate(self.judged)
        ]
        report = with_findings(self.report, kept)
        told = [self._told(group) for group in groups]
        told += [found for group in groups for found in self._left(group)]
        told += [self._harmed(one) for one in harm]
        quiet = frozenset(self.judged[at][1] for at, _ in gone if not kept[at])
        return replace(report, edits=tuple(told), folded=quiet)

    def _edited(self, at: int, file: File) -> Iterator[Edited]:
        found = [one for one in self.judged[at][2].findings if not one.accepted and one.rule not in _ALONE]
        key = renamed_key(found, file)
        for one in found:
            if key is not None and one in key[:2]:
                yield Edited(at, one, ((key[2],),))
            else:
                yield Edited(at, one, edits_of(one, file, self.knowledge))

    def _is_shared(self, one: Edited, support: Mapping[tuple[str, Delta], set[int]]) -> bool:
        """Whether every edit of a finding is one that enough files share; which way of telling it is chosen here."""
        for edit in one.edits:
            heir = self.renamed.get((edit[0].old, edit[0].new)) if edit[0].where == TEXT else None
            if heir is not None:
                self.chosen[one.at, edit] = heir
                continue
            best = max(edit, key=lambda delta: min(len(support[one.finding.severity, delta]), FEWEST))
            known = next((delta for delta in edit if self._known(delta)), None)
            delta = known if known and len(support[one.finding.severity, known]) >= FEWEST_KNOWN else best
            if len(support[one.finding.severity, delta]) < (FEWEST_KNOWN if delta is known else FEWEST):
                return False
            self.chosen[one.at, edit] = delta
        return bool(one.edits)

    def _known(self, delta: Delta) -> Migration | None:
        return next((row for row in migrations(self.knowledge) if row.has(delta)), None)

    # Findings that are one line

    def _groups(self, shared: Sequence[Edited]) -> list[Group]:
        """Lines of findings, most files first; what belongs to one known migration is one line."""
        lines: dict[object, list[Edited]] = defaultdict(list)
        for one in shared:
            lines[self._line(one)].append(one)
        groups = [self._group(rows) for rows in lines.values()]
        merged: dict[object, list[Group]] = defaultdict(list)
        for group in groups:
            merged[group.migration.id if group.migration else id(group)].append(group)
        found = [_joined(rows) for rows in merged.values()]
        least = [one for one in found if len(one.files) >= (FEWEST_KNOWN if one.migration else FEWEST)]
        return sorted(least, key=lambda one: (-len(one.files), one.files))

    def _line(self, one: Edited) -> object:
        deltas = [self.chosen[one.at, edit] for edit in one.edits]
        known = {row.id for delta in deltas if (row := self._known(delta))}
        if len(known) == 1 and all(self._known(delta) for delta in deltas) and self._is_proven(one.at, known):
            return next(iter(known))
        where = deltas[0].where
        if where != TEXT:
            is_text = not one.finding.path.startswith("frontmatter/")
            return Line(where, "field-changed" if is_text and where != PATH else one.finding.rule, one.finding.severity)
        rule = "" if all(delta.old and delta.new for delta in deltas) else one.finding.rule
        return Line(where, rule, one.finding.severity, min(deltas).says)

    def _is_proven(self, at: int, known: set[str]) -> bool:
        """Whether the rights of a file are what its migration says that they are."""
        row = next(row for row in migrations(self.knowledge) if row.id in known)
        file = self.files[at]
        if row.host and row.host not in (file.old.dialect, file.new.dialect):
            return False
        moved = {move.direction for move in rights.moves(file.old, file.new, self.knowledge) if move.is_certain}
        return moved <= ({row.rights.removesuffix("er") + "ed"} if row.rights != "same" else set())

    def _group(self, rows: Sequence[Edited]) -> Group:
        counted: dict[Delta, set[int]] = defaultdict(set)
        for one in rows:
            for edit in one.edits:
                counted[self.chosen[one.at, edit]].add(one.at)
        deltas = dict(sorted(((delta, len(at)) for delta, at in counted.items()), key=lambda row: (-row[1], row[0])))
        known = {row.id: row for delta in deltas if (row := self._known(delta))}
        is_known = len(known) == 1 and all(map(self._known, deltas))
        is_known = is_known and all(self._is_proven(one.at, set(known)) for one in rows)
        return Group(
            deltas, tuple((one.at, one.finding) for one in rows), next(iter(known.values())) if is_known else None
        )

    # What is told of a line

    def _told(self, group: Group) -> FileReview:
        worst = min((one.severity for _, one in group.members), key=SEVERITIES.index)
        if group.migration is not None:
            worst = ChangeSeverity.INFO
        files = [self.judged[at][1] for at in group.files]
        first, one = group.members[0]
        what = f"{_what(group)}{self._rights(group)}"
        told = f"{len(files)} of {self.report.checked} definitions: {what} ({_named(files)})"
        spot = one.b or Spot(1, 1, self.judged[first][1])
        slot = "; ".join(f"{delta.where} {delta.says}" for delta in group.deltas)
        made = finding("mass-edit", told, one.path, None, spot, self.knowledge, slot=slot)._replace(severity=worst)
        members = tuple(Member(self._number(at), found.fingerprint) for at, found in group.members)
        return FileReview(self._number(first), (made,), members=members)

    def _rights(self, group: Group) -> str:
        files = [self.files[at] for at in group.files] if group.migration is not None else []
        return _rights(group, moved=any(rights.moves(one.old, one.new, self.knowledge) for one in files))

    def _left(self, group: Group) -> Iterator[FileReview]:
        """Files that an edit should have reached as well, by what the others say."""
        if self.others is None:
            return
        for delta, count in group.deltas.items():
            changed = {file.after: file.new for file in self.files.values()}
            left = left_out(delta, count, changed, self.others, self.knowledge)
            if left is not None:
                message = f"{left.told}: {_named(left.places)}"
                spot = Spot(1, 1, left.places[0])
                made = finding("edit-left-out", message, delta.where, None, spot, self.knowledge, slot=delta.says)
                number = self.numbers.get(left.places[0], self._number(group.files[0]))
                yield FileReview(number, (made,))

    def _harmed(self, harm: Damage) -> FileReview:
        more = f" and {len(harm.lines) - 1} more" if len(harm.lines) > 1 else ""
        told = f"'{harm.delta.old}' became '{harm.delta.new}' where no tool is named: {harm.lines[0].new.strip()}{more}"
        spots = Spot(0, harm.lines[0].was, harm.lines[0].old), Spot(1, harm.lines[0].now, harm.lines[0].new)
        made = finding("edit-damage", told, "", *spots, self.knowledge, slot=harm.delta.says)
        return FileReview(self._number(harm.at), (made,))

    def _number(self, at: int) -> int:
        """The index of the file that a finding is about."""
        return self.numbers[self.judged[at][1]]


def _files(report: Report) -> Iterator[tuple[int, File]]:
    """Each judged pair by its number, with both definitions and paths."""
    at = 0
    for group in report.groups:
        for pair in group.drift.pairs:
            old, new = (report.place(group.files[number]) for number in (pair.a, pair.b))
            yield at, File(old, new, group.drift.definitions[pair.a], group.drift.definitions[pair.b])
            at += 1


def _support(edited: Sequence[Edited]) -> dict[tuple[str, Delta], set[int]]:
    """The files of each way to tell an edit, findings of one severity together."""
    found: dict[tuple[str, Delta], set[int]] = defaultdict(set)
    for one in edited:
        for edit in one.edits:
            for delta in edit:
                found[one.finding.severity, delta].add(one.at)
    return found


def _joined(groups: Sequence[Group]) -> Group:
    if len(groups) == 1:
        return groups[0]
    deltas: Counter[Delta] = Counter()
    for one in groups:
        deltas.update(one.deltas)
    members = tuple(sorted((row for one in groups for row in one.members), key=lambda row: row[0]))
    return Group(dict(deltas.most_common()), members, groups[0].migration)


_HEADS = {TEXT: "", BACK: "", PATH: "moved from ", KEY: "the field "}
"""What a line says before the edits of one place."""


def _what(group: Group) -> str:
    """The edits of a line, the commonest first."""
    parts = []
    by_where: dict[str, list[str]] = defaultdict(list)
    for delta, count in group.deltas.items():
        told = _says(delta) + (f" in {count}" if len(group.deltas) > 1 else "")
        by_where[delta.where].append(told)
    for where, all_told in by_where.items():
        more = f" and {len(all_told) - SHOWN} more" if len(all_told) > SHOWN else ""
        head = _HEADS.get(where, f"{where.removeprefix('frontmatter/')}: ")
        parts.append(f"{head}{', '.join(all_told[:SHOWN])}{more}")
    what = "; ".join(parts)
    if group.migration is not None:
        return f"{group.migration.says}: {what}"
    return what


def _rights(group: Group, *, moved: bool) -> str:
    """What a change means for the rights, where that is said of all files alike.

    `moved` says whether the rights of one of them are others, if only as far as its host can't limit them.
    """
    tails = {one.message.rpartition("; ")[2] for _, one in group.members if one.path.startswith("frontmatter/")}
    if tails == {"the rights stay"} or (group.migration is not None and not moved):
        return "; the rights stay"
    if group.migration is not None:
        return "; what both hosts can limit stays, beyond it more may be allowed"
    told = {one.message for _, one in group.members}
    if len(told) == 1 and len(group.deltas) == 1 and not next(iter(told)).startswith(_what(group)[:12]):
        return f": {next(iter(told))}"
    if any("what both hosts can limit stays" in one.message for _, one in group.members):
        return "; what both hosts can limit stays, beyond it more may be allowed"
    return ""


def _says(delta: Delta) -> str:
    if delta.where == BACK:
        return f"what {delta.new} had left is put back"
    if delta.where == PATH:
        return f"{delta.old} to {delta.new}" if delta.old != ANY else f"elsewhere to {delta.new}"
    if delta.where == TEXT:
        return delta.says if len(delta.says) < 80 else f"{delta.says[:79]}…"
    if delta.new == ANY:
        return "added, another one in each"
    if delta.old == ANY:
        return f"became {delta.new}" if delta.new else "removed"
    return delta.says


def _named(files: Sequence[str]) -> str:
    more = f" and {len(files) - SHOWN} more" if len(files) > SHOWN else ""
    return f"{', '.join(files[:SHOWN])}{more}"
