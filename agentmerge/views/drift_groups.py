"""Role groups of a folder for a terminal: what to look at next, then a line a group, the most serious first."""

from __future__ import annotations

import shlex
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from agentmerge.diffing.records import DiffClass
from agentmerge.drifting.records import SEVERITIES, Finding, PairDrift
from agentmerge.drifting.reports import Report, RoleGroup, by_weight
from agentmerge.drifting.reports import weight as serious
from agentmerge.views.paint import Paint
from agentmerge.views.safe import one_line, safe

NEXT = 3
"""Pairs that are named as what to look at next."""
SHOWN = 10
"""Groups of the table where nobody asks for more."""
WIDTH = 80


def selected(report: Report, classes: Sequence[DiffClass], top: int | None) -> Report:
    """The report with the pairs of some classes alone, and the most serious groups alone; None takes all of them."""
    groups = by_weight(report).groups if classes or top is not None else report.groups
    if classes:
        of_class = ((group, tuple(p for p in group.drift.pairs if p.klass in classes)) for group in groups)
        groups = tuple(replace(g, drift=replace(g.drift, pairs=pairs)) for g, pairs in of_class if pairs)
    return replace(report, groups=groups[:top] if top else groups)


def is_of_folders(report: Report) -> bool:
    """Whether a report has groups that were found, and were not named one by one."""
    return report.checked is None and not report.steps and any(group.role for group in report.groups)


def groups_text(report: Report, paint: Paint, width: int = WIDTH, top: int | None = None) -> str:
    """What to look at next, and a table of the groups; nothing where no group was found."""
    if not is_of_folders(report):
        return ""
    lines = [*_next(report, paint, width), *_table(report, paint, width, top or SHOWN), ""]
    return "\n".join(lines) + "\n"


def _next(report: Report, paint: Paint, width: int) -> Iterator[str]:
    found = [row for group in by_weight(report).groups if (row := _worst(group)) is not None][:NEXT]
    if not found:
        return
    yield paint("title", "Look at next")
    for number, (group, pair, finding) in enumerate(found, 1):
        told = f"{number}. {group.role}: {finding.rule}: {finding.message}"
        yield from textwrap.wrap(
            one_line(told), width, subsequent_indent="   ", max_lines=2, placeholder=" …", break_on_hyphens=False
        )
        words = ["agentmerge", "drift", *(_argument(report.names[group.files[at]]) for at in (pair.a, pair.b))]
        yield from (paint("note", safe(line)) for line in command_lines(words, width, "   "))
    yield ""


def _worst(group: RoleGroup) -> tuple[RoleGroup, PairDrift, Finding] | None:
    """The pair of a group with the most serious open findings, and the first of these; None where none matters."""
    pair = min(group.drift.pairs, key=lambda pair: (serious(pair.findings), pair.a, pair.b), default=None)
    found = [one for one in pair.findings if not one.accepted and one.severity != "info"] if pair is not None else []
    return (group, pair, found[0]) if pair is not None and found else None


def _argument(name: str) -> str:
    return f"./{name}" if name.startswith("-") else name


def command_lines(words: Sequence[str], width: int, indent: str) -> list[str]:
    """A command as a shell reads it, in lines of some width where its words allow it."""
    rows = [""]
    for word in map(shlex.quote, words):
        if rows[-1] and len(rows[-1]) + 1 + len(word) > width - len(indent) - 2:
            rows.append(f"  {word}")
        else:
            rows[-1] += f" {word}" if rows[-1] else word
    return [f"{indent}{row} \\" for row in rows[:-1]] + [f"{indent}{rows[-1]}"]


def _table(report: Report, paint: Paint, width: int, top: int) -> Iterator[str]:
    groups = by_weight(report).groups
    room = max(width - 50, 20)
    head = f"{'role':{room}} files pairs breaking warning info  class"
    yield paint("title", head)
    for group in groups[:top]:
        findings = [one for pair in group.drift.pairs for one in pair.findings if not one.accepted]
        counted = Counter(one.severity for one in findings)
        breaking, warning, info = (counted[severity] or "-" for severity in SEVERITIES)
        classes = Counter(str(pair.klass) for pair in group.drift.pairs).most_common()
        shown = classes[0][0] + (f" +{len(classes) - 1}" if len(classes) > 1 else "")
        row = f"{one_line(group.role, room):{room}} {len(group.files):>5} {len(group.drift.pairs):>5} "
        yield f"{row}{breaking:>8} {warning:>7} {info:>4}  {shown}"
    if len(groups) > top:
        yield paint("dim", f"and {len(groups) - top} more groups; --top {len(groups)} shows all")
    if report.alone:
        count = len(report.alone)
        told = f"{count:,} {'file has' if count == 1 else 'files have'} no variant of their role"
        yield paint("dim", f"{told}; --all names them")
