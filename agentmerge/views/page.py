"""What a combine came to on one page: what needs a decision, what is common, what became one; the rest is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from agentmerge.drifting.records import PairDrift
from agentmerge.outcome import Action, Decision, Merged, Source
from agentmerge.planning.records import Kind, Plan
from agentmerge.views.combine import conflict_lines, summary_line
from agentmerge.views.paint import Paint
from agentmerge.views.safe import one_line, safe

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
            others = ", ".join(_place(member, names) for member in decision.members[1:])
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
    return f"{_place(first, names)} '{one_line(first.text, _TEXT)}'"


def _place(source: Source, names: Sequence[str]) -> str:
    return f"{names[source.file]}:{source.line}"


def _some(rows: Iterable[str]) -> Iterator[str]:
    """The first of some lines, and how many there are besides."""
    found = list(rows)
    yield from (f"  {row}" for row in found[:SHOWN])
    if len(found) > SHOWN:
        yield f"  and {len(found) - SHOWN} more"
