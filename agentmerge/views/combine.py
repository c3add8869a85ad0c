"""A combine or an alignment in, text for people out: what needs a decision, what became one, every decision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from agentmerge.drifting.records import PairDrift
from agentmerge.matching.records import Alignment, Group, Member
from agentmerge.model import Field
from agentmerge.planning.records import Action, Conflict, Decision, Fate, Heard, Kind, Merged, Plan, Source
from agentmerge.planning.strategies import meaning
from agentmerge.views.paint import Paint, one_line, safe

# Align ----------------------------------------------------------------------------------------------------------------
#
# An alignment for people: section groups, unit groups, contradictions, coverage.


_TITLES = {"contradicts": "Contradictions", "same": "Same", "covers": "Covers", "related": "Related"}


def align_text(alignment: Alignment, names: Sequence[str], paint: Paint, *, width: int = 100) -> str:
    """Groups by relation, the surest first, then the coverage of each file."""
    return "\n".join(_lines(alignment, names, paint, width)) + "\n"


def _lines(alignment: Alignment, names: Sequence[str], paint: Paint, width: int) -> Iterator[str]:
    if alignment.sections:
        yield paint("title", f"Sections ({len(alignment.sections)})")
        for group in alignment.sections:
            yield from _group(group, names, paint, width)
    for relation, title in _TITLES.items():
        groups = [group for group in alignment.units if group.relation == relation]
        if groups:
            yield paint("title", f"{title} ({len(groups)})")
            for group in sorted(groups, key=lambda g: (-g.score, [m.key for m in g.members])):
                yield from _group(group, names, paint, width)
    yield paint("title", "Coverage")
    for row in alignment.coverage:
        yield f"  {safe(names[row.file])}: {row.matched} of {row.units} units have a partner ({row.share:.0%})"


def _group(group: Group, names: Sequence[str], paint: Paint, width: int) -> Iterator[str]:
    label = f"{group.relation} {group.score:.2f}" + (f" [{group.slot}]" if group.slot else "")
    yield f"  {paint('changed', safe(label))}  {paint('dim', one_line(group.reason, width))}"
    head = [member for member in group.members if member.key == group.cover]
    for member in (*head, *(member for member in group.members if member not in head)):
        yield f"    {safe(names[member.file])}:{member.line}  {one_line(_words(member), width - 30)}"


def _words(member: Member) -> str:
    return f"{member.node.lead}: {member.text}" if isinstance(member.node, Field) else member.text


# Combine --------------------------------------------------------------------------------------------------------------
#
# What a combine decided, for people: a summary line, findings, conflicts, and every decision with its sources.


_VERBS = {
    Action.KEEP: ("kept", "dim"),
    Action.MERGE: ("merged", "added"),
    Action.SUPERSEDE: ("chosen", "changed"),
    Action.DROP: ("dropped", "removed"),
    Action.SET: ("set", "changed"),
    Action.CONFLICT: ("conflict", "error"),
}


def verb(action: Action) -> str:
    """What was done, as a participle."""
    return _VERBS[action][0]


def summary_line(merged: Merged, variants: int) -> str:
    """`4 variants, 298 units: 210 kept, 70 merged ...; 1 conflict left`."""
    fates = Counter(row.fate for row in merged.ledger)
    counts = [
        f"{fates[fate]} {fate}" for fate in (Fate.KEPT, Fate.MERGED, Fate.SUPERSEDED, Fate.DROPPED) if fates[fate]
    ]
    counts += [f"{fates[Fate.CONFLICT]} in conflict"] if fates[Fate.CONFLICT] else []
    left = len(merged.open_conflicts)
    settled = len(merged.conflicts) - left
    inputs = f"{_count(variants, 'variant')}, {_count(len(merged.ledger), 'unit')}"
    parts = [f"{inputs}: {', '.join(counts) or 'nothing in them'}"]
    parts.append(f"{_count(left, 'conflict')} left, {settled} decided" if merged.conflicts else "no conflicts")
    parts += [_shifted(merged, shift) for shift in ("narrowed", "widened")]
    return "; ".join(filter(None, parts))


def heard_line(heard: Heard, left: Plan | None) -> str:
    """`142 questions: 120 answered, 3 refused, 9 left to a person`."""
    counts = [f"{len(heard.counted)} answered", f"{heard.refused} refused"] if heard.counted or heard.refused else []
    counts += [f"{heard.left} left to a person"] if heard.left else []
    out = f"{left.left_out} less likely ones were left out" if left is not None and left.left_out else ""
    told = ", ".join(filter(None, (*counts, out)))
    return f"{_count(heard.asked, 'question')}{': ' if told else ''}{told}"


def _shifted(merged: Merged, shift: str) -> str:
    keys = dict.fromkeys(n.path.partition("/")[2] for n in merged.findings if n.rule == f"permission-{shift}")
    return f"{', '.join(keys)} {shift}" if keys else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def conflict_lines(merged: Merged, names: Sequence[str]) -> Iterator[str]:
    """Each contradiction of the body, with the places of its sides; findings tell those of the frontmatter."""
    for conflict in merged.conflicts:
        if conflict.path.startswith("frontmatter/"):
            continue
        sides = ", ".join(f"{_place(member, names)} '{one_line(member.text, 60)}'" for member in conflict.members)
        verdict = f" (decided by {conflict.decided_by})" if conflict.decided_by else ""
        yield f"conflict at {_path(conflict)}, {conflict.slot}{verdict}: {sides}"


def _path(conflict: Conflict) -> str:
    return f"'{conflict.path}'" if conflict.path else "the top"


def _place(source: Source, names: Sequence[str]) -> str:
    return f"{names[source.file]}:{source.line}"


def explain_text(merged: Merged, names: Sequence[str], paint: Paint, *, width: int = 100) -> str:
    """Every decision by section, then conflicts and findings. What only one variant says is counted, not listed."""
    lines: list[str] = []
    by_path: dict[str, list[Decision]] = {}
    for decision in merged.decisions:
        by_path.setdefault("frontmatter" if _is_field(decision) else decision.path, []).append(decision)
    for path, decisions in by_path.items():
        shown = [line for decision in decisions for line in _decision(decision, names, paint, width)]
        single = sum(_is_plain(decision) for decision in decisions)
        lines.append(paint("title", one_line(path) or "(before the first heading)"))
        lines += shown
        lines += [paint("dim", f"  {single} kept as they are, from one variant each")] if single else []
    lines.append(paint("title", "Conflicts") if merged.conflicts else "No conflicts.")
    lines += [line for conflict in merged.conflicts for line in _conflict(conflict, names, paint, width)]
    lines += [paint("title", "Findings")] if merged.findings else []
    lines += [f"  {n.severity}[{n.rule}]: {one_line(n.message)}" for n in merged.findings]
    return "\n".join([*lines, summary_line(merged, len(names))]) + "\n"


_COLUMNS = 80


def why_text(merged: Merged, line: int, names: Sequence[str], paint: Paint, *, width: int = 80) -> str:
    """Why a line of the result stands there: the unit on it, or the next one above, with all that it stands for.

    "" where there is no such line, or none with a unit of a source.
    """
    lines = merged.text.split("\n")
    # Where no person reads, a line may be of any length; an explanation is for persons.
    width = width or _COLUMNS
    at = max((row.into for row in merged.ledger if row.into is not None and row.into <= line), default=None)
    if at is None or not 0 < line <= len(lines):
        return ""
    rows = [row for row in merged.ledger if row.into == at]
    told = [f"line {at}: {one_line(lines[at - 1].strip(), width - 12)}"]
    told[:0] = [paint("dim", f"line {line} belongs to the text on line {at}")] if at != line else []
    by_id = {decision.id: decision for decision in merged.decisions}
    for number in dict.fromkeys(row.decision for row in rows):
        decision = by_id[number]
        verb, style = _VERBS[decision.action]
        told.append(f"  {paint(style, verb)} by {safe(decision.rule)} (decision {number})")
        for text in filter(None, (meaning(decision.rule), decision.note)):
            told += [paint("dim", f"    {part}") for part in wrap(one_line(text), max(40, width - 4))]
        for row in sorted(rows, key=lambda row: row.fate not in ("kept", "conflict")):
            if row.decision == number:
                start = f"    {row.fate:10} {safe(_place(row.source, names))}  "
                told.append(start + one_line(row.source.inline or row.source.text, max(30, width - len(start))))
    return "\n".join(told) + "\n"


def _is_field(decision: Decision) -> bool:
    return decision.path.startswith("frontmatter/")


def _is_plain(decision: Decision) -> bool:
    return decision.action == Action.KEEP and not decision.note and not _is_field(decision)


def _decision(decision: Decision, names: Sequence[str], paint: Paint, width: int) -> Iterator[str]:
    if _is_plain(decision):
        return
    verb, style = _VERBS[decision.action]
    key = decision.path.partition("/")[2] + ": " if _is_field(decision) else ""
    note = f"; {one_line(decision.note)}" if decision.note else ""
    yield f"  {safe(key)}{paint(style, verb)} by {safe(decision.rule)}{note}"
    for number, member in enumerate(decision.members):
        mark = "=" if number == 0 and decision.action not in (Action.DROP, Action.SET) else "-"
        yield f"    {mark} {safe(_place(member, names))}  {one_line(member.inline or member.text, width - 30)}"


def _conflict(conflict: Conflict, names: Sequence[str], paint: Paint, width: int) -> Iterator[str]:
    verdict = f"decided by {conflict.decided_by}" if conflict.decided_by else "left: both stand in the result"
    style = "dim" if conflict.decided_by else "error"
    yield f"  {one_line(_path(conflict))}, {one_line(conflict.slot)}: {paint(style, safe(verdict))}"
    for member in conflict.members:
        yield f"    {safe(_place(member, names))}  {one_line(member.inline or member.text, width - 30)}"


# Page -----------------------------------------------------------------------------------------------------------------
#
# What a combine came to on one page: what needs a decision, what is common, what became one; the rest is counted.


SHOWN = 8
"""Lines of one kind; of more only their number is told."""
_OF_ONE = 3
"""Texts of one question that are shown."""
_TEXT = 60
_LEAST = 60
"""Least columns of a line."""


def page_text(
    merged: Merged, plan: Plan | None, pairs: Sequence[PairDrift], names: Sequence[str], paint: Paint, *, width: int = 0
) -> str:
    """The page. `plan` is what nobody answered; `pairs` are what the result differs in from each source."""
    parts: list[tuple[str, list[str]]] = [
        ("Needs a decision", list(_open(merged, plan, names))),
        ("What they agree on", list(_consensus(merged, names))),
        ("Became one", list(_became_one(merged, names))),
        ("Gave way", list(_gave_way(merged, names))),
        ("What one file alone says", list(_alone(merged, names))),
        ("Result against each source", list(_against(pairs, names))),
    ]
    lines = [summary_line(merged, len(names))]
    for title, rows in parts:
        if rows:
            lines += ["", paint("title", title), *(_cut(safe(row), width) for row in rows)]
    lines += ["", paint("dim", "--dry-run lists every decision, --report FILE has all of it as data")]
    return "\n".join(lines) + "\n"


def _open(merged: Merged, plan: Plan | None, names: Sequence[str]) -> Iterator[str]:
    left = [line for line in conflict_lines(merged, names) if "(decided by " not in line]
    yield from _some(left)
    yield from _some(
        [f"{n.severity}[{n.rule}]: {one_line(n.message)}" for n in merged.findings if n.severity != "info"]
    )
    if plan is not None:
        yield from _asked(plan, "same?", "may say the same and stand apart", names)
        yield from _asked(plan, "section?", "may be one section", names)
    later = sum(note.rule == "decision-left" for note in merged.findings)
    if later:
        yield f"  {later} answers were left to a person"


def _asked(plan: Plan, kind: Kind, what: str, names: Sequence[str]) -> Iterator[str]:
    """The likeliest questions of a kind about what stands apart now."""
    texts = {text.id: text for text in plan.texts}
    found = [question for question in plan.questions if question.kind == kind and not question.now]
    found.sort(key=lambda question: (-question.p, question.id))
    if found:
        yield f"  {len(found)} times texts {what}; --plan FILE asks about all of them"
    for question in found[:SHOWN]:
        shown = [texts[name] for name in question.texts]
        told = " | ".join(f"{names[one.file]}:{one.line} '{one_line(one.text, _TEXT)}'" for one in shown[:_OF_ONE])
        more = f" and {len(shown) - _OF_ONE} more" if len(shown) > _OF_ONE else ""
        yield f"    {question.p:4.0%}  {told}{more}"


def _consensus(merged: Merged, names: Sequence[str]) -> Iterator[str]:
    common = [
        (len(files), decision)
        for decision in merged.decisions
        if _is_of_body(decision) and len(files := {member.file for member in decision.members}) * 2 > len(names) > 1
    ]
    common.sort(key=lambda pair: -pair[0])
    yield from _some([f"{count} of {len(names)}  {_first(decision, names)}" for count, decision in common])


def _became_one(merged: Merged, names: Sequence[str]) -> Iterator[str]:
    """Groups of different words of which one text stands."""
    rows = []
    for decision in merged.decisions:
        said = {" ".join(member.text.split()).lower() for member in decision.members}
        if decision.action == Action.MERGE and _is_of_body(decision) and len(said) > 1:
            others = ", ".join(_page_place(member, names) for member in decision.members[1:])
            rows.append(f"{_first(decision, names)} for {others} ({decision.rule})")
    yield from _some(rows)


def _gave_way(merged: Merged, names: Sequence[str]) -> Iterator[str]:
    """What was given up for another text by a rule that keeps one, or dropped."""
    gone = [d for d in merged.decisions if d.action in (Action.SUPERSEDE, Action.DROP) and _is_of_body(d)]
    yield from _some([f"{_first(decision, names)} ({decision.rule})" for decision in gone])


def _alone(merged: Merged, names: Sequence[str]) -> Iterator[str]:
    own = Counter(d.members[0].file for d in merged.decisions if d.action == Action.KEEP and _is_single(d))
    all_units = Counter(row.source.file for row in merged.ledger if row.source.kind != "field")
    for file, name in enumerate(names):
        yield f"  {name}: {own[file]} of {all_units[file]} units"


def _against(pairs: Sequence[PairDrift], names: Sequence[str]) -> Iterator[str]:
    for pair, name in zip(pairs, names, strict=False):
        counts = Counter[str](finding.severity for finding in pair.findings)
        told = ", ".join(f"{counts[severity]} {severity}" for severity in ("breaking", "warning", "info"))
        yield f"  {name}: {told}"
        hard = (finding for finding in pair.findings if finding.severity == "breaking")
        yield from (f"  {line}" for line in _some([f"{one.rule}: {one_line(one.message, 2 * _TEXT)}" for one in hard]))


def _cut(row: str, width: int) -> str:
    """A line for a terminal of so many columns; 0 where no person reads, and lines may be of any length."""
    room = max(width, _LEAST)
    return row if not width or len(row) <= room else f"{row[: room - 1]}…"


def _is_of_body(decision: Decision) -> bool:
    return bool(decision.members) and decision.members[0].kind not in ("field", "heading", "comment")


def _is_single(decision: Decision) -> bool:
    return _is_of_body(decision) and len(decision.members) == 1


def _first(decision: Decision, names: Sequence[str]) -> str:
    first = decision.members[0]
    return f"{_page_place(first, names)} '{one_line(first.text, _TEXT)}'"


def _page_place(source: Source, names: Sequence[str]) -> str:
    return f"{names[source.file]}:{source.line}"


def _some(rows: Iterable[str]) -> Iterator[str]:
    """The first of some lines, and how many there are besides."""
    found = list(rows)
    yield from (f"  {row}" for row in found[:SHOWN])
    if len(found) > SHOWN:
        yield f"  and {len(found) - SHOWN} more"
