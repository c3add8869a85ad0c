"""What a combine decided, for people: a summary line, findings, conflicts, and every decision with its sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from textwrap import wrap

from agentmerge.combining.strategies import meaning
from agentmerge.outcome import Action, Conflict, Decision, Fate, Merged, Source
from agentmerge.planning.answers import Heard
from agentmerge.planning.records import Plan
from agentmerge.views.paint import Paint
from agentmerge.views.safe import one_line, safe

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
