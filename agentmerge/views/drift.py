"""A drift review in, text out: for a terminal, a pull request, workflow commands, SARIF; and the table of rules."""

from __future__ import annotations

import shlex
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agentmerge import __version__
from agentmerge.diffing.records import DiffClass, Spot
from agentmerge.drifting.records import (
    SEVERITIES,
    UNDONE,
    FileReview,
    Finding,
    Judged,
    PairDrift,
    Report,
    RoleGroup,
    Rule,
    Statement,
    Step,
    Summary,
    blocks,
    by_weight,
    rules,
)
from agentmerge.drifting.records import weight as serious
from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import parted
from agentmerge.views.diff import escaped, percent, verdict
from agentmerge.views.paint import Paint, one_line, safe

# Drift ----------------------------------------------------------------------------------------------------------------
#
# A drift review for a terminal: the matrix, then pair by pair what matters, most serious first.


_STYLES = {"breaking": "error", "warning": "changed", "info": "dim"}
_BARS = "▁▂▃▄▅▆▇█"
MAX_MATRIX = 24
"""Variants up to which the matrix fits a terminal."""
LEAST_TOP = 0.1
"""Drift that the highest bar of a sparkline stands for at least."""
MAX_MESSAGE = 300
"""Characters of a text where the width is no limit."""
LEAST_ROOM = 56
"""Columns that a message beside its rule has to have; with fewer it stands below."""
MAX_STATEMENTS = 5
"""Statements that a summary quotes per heading."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a text view is made."""

    paint: Paint
    width: int = 0
    """Columns of the terminal; 0 where lines may be of any length."""
    every: bool = False
    """Show findings of severity info and accepted ones too."""


def drift_text(report: Report, look: Look) -> str:
    """The whole review."""
    lines: list[str] = []
    for part in blocks(report):
        if isinstance(part, FileReview) and part.members:
            lines += _edit(part, look)
        elif isinstance(part, RoleGroup):
            is_hushed = is_folded(report, part) or (not look.every and _is_quiet(report, part))
            lines += [] if is_hushed else _group(report, part, look)
            lines += [""] if lines and lines[-1] else []
        else:
            lines += [look.paint("title", alone(report, part)), *_findings(part.findings, look), ""]
    lines += _history(report, look)
    if report.alone and (look.every or not any(group.role for group in report.groups)):
        names = ", ".join(safe(report.names[number]) for number in report.alone)
        told = f"without a variant of the same role: {names}"
        lines += [*(look.paint("dim", line) for line in _folded(told, look)), ""]
    lines += [f"stale in the baseline: {one_line(row)}" for row in report.stale]
    lines += [f"intentional: {one_line(row)}" for row in report.idle]
    return "\n".join([*lines, total_text(report, look)])


def total_text(report: Report, look: Look) -> str:
    """What all of it comes to, in a line or as many as the terminal needs."""
    return "\n".join(_wrapped(total(report), look, "")) + "\n"


def is_folded(report: Report, group: RoleGroup) -> bool:
    """Whether all that is found in a group is told of an edit that many files share."""
    return report.checked is not None and report.place(group.files[-1]) in report.folded


def _is_quiet(report: Report, group: RoleGroup) -> bool:
    """Whether a file of a change set is only written otherwise: that it changed is counted."""
    return report.checked is not None and not any(pair.findings for pair in group.drift.pairs)


def _edit(edit: FileReview, look: Look) -> Iterator[str]:
    """An edit that many files share, in one line whatever its severity."""
    (finding,) = edit.findings
    told = f"{finding.severity:8}  {finding.rule}"
    yield f"{look.paint(_STYLES[finding.severity], told)}  {one_line(finding.message, MAX_MESSAGE)}"


def total(report: Report) -> str:
    """One line: how many pairs of what class, or files of what status, how many findings of what severity."""
    judged = [pair for _, _, pair in report.judged()]
    findings = [finding for pair in judged for finding in pair.findings]
    if report.checked is not None:
        return f"{_accounted(report)}; {counts(findings)}"
    if not report.steps and not report.groups and report.apart:
        return f"{len(report.apart)} file by itself; {counts(findings)}"
    pairs = [pair for pair in judged if report.steps or not isinstance(pair, FileReview)]
    classes = ", ".join(f"{count} {klass}" for klass, count in Counter(pair.klass for pair in pairs).most_common())
    noun = "step" if report.steps else "pair"
    head = f"{len(pairs)} {noun}{'' if len(pairs) == 1 else 's'}" + (f" ({classes})" if classes else "")
    head += f", {len(report.unread)} not compared" if report.unread else ""
    return f"{head}; {counts(findings)}"


def _accounted(report: Report) -> str:
    """`412 definitions, none changed`, or how many of what status."""
    noun = "definition" if report.checked == 1 else "definitions"
    rows = Counter(one.status for one in report.accounted if one.status != "same")
    told = ", ".join(f"{count} {status}" for status, count in rows.most_common()) or "none changed"
    unread = f", {len(report.unread)} not compared" if report.unread else ""
    return f"{report.checked} {noun}, {told}{unread}"


def alone(report: Report, one: FileReview) -> str:
    """The title of a file that is told of by itself."""
    name = safe(report.names[one.file])
    return name if one.before is None else f"{safe(report.names[one.before])} -> {name}"


def counts(findings: Sequence[Finding]) -> str:
    """`2 breaking, 3 info, 4 accepted`."""
    found = Counter(finding.severity for finding in findings if not finding.accepted)
    parts = [f"{found[severity]} {severity}" for severity in SEVERITIES if found[severity]]
    undone = sum(finding.accepted == UNDONE for finding in findings)
    accepted = sum(bool(finding.accepted) for finding in findings) - undone
    parts += [f"{accepted} accepted"] if accepted else []
    parts += [f"{undone} undone since"] if undone else []
    return ", ".join(parts) or "no findings"


def _group(report: Report, group: RoleGroup, look: Look) -> Iterator[str]:
    names = short([report.names[number] for number in group.files])
    if group.role:
        yield look.paint("title", f"{one_line(group.role)}: {len(names)} variants")
        yield ""
    if 2 < len(names) <= MAX_MATRIX:
        yield from _matrix(group, names, look)
        yield ""
    for pair in sorted(group.drift.pairs, key=weight):
        yield from _pair(pair, names, look, directed=group.drift.directed)
    if group.drift.summary is not None and len(names) > 2:
        yield from _summary(group.drift.summary, names, look)


def short(names: Sequence[str]) -> list[str]:
    """Names without the folders that all of them are in; at least the file name stays."""
    parts = [name.replace("\\", "/").split("/") for name in names]
    common = 0
    while all(len(part) > common + 1 for part in parts) and len({part[common] for part in parts}) == 1:
        common += 1
    return [safe("/".join(part[common:])) for part in parts]


def weight(pair: PairDrift) -> tuple[int, ...]:
    """A rank among pairs: those with the most serious open findings first."""
    return (*serious(pair.findings), pair.a, pair.b)


def _matrix(group: RoleGroup, names: Sequence[str], look: Look) -> Iterator[str]:
    yield look.paint("dim", "similarity in percent")
    pad = min(max(map(len, names)), 40)
    yield " " * (pad + 5) + " ".join(f"{number:>4}" for number in range(1, len(names) + 1))
    for row, name in enumerate(names):
        cells = " ".join(_cell(group, row, column, look) for column in range(len(names)))
        yield f"{row + 1:>3}  {one_line(name, 40):{pad}}{cells}"


def _cell(group: RoleGroup, row: int, column: int, look: Look) -> str:
    if row == column:
        return look.paint("dim", "   ·")
    pair = next((pair for pair in group.drift.pairs if {pair.a, pair.b} == {row, column}), None)
    if pair is None or pair.klass == "unknown":
        return "   ?"
    share = percent(pair.diff.similarity, equal=pair.klass == "identical")
    worst = next((f.severity for f in pair.findings if not f.accepted), "info")
    return look.paint(_STYLES[worst] if pair.klass != "identical" else "added", f"{share:>4}")


def _pair(pair: PairDrift, names: Sequence[str], look: Look, *, directed: bool) -> Iterator[str]:
    title, told = titled(pair, names, directed=directed), facts(pair, names[pair.a])
    fits = not look.width or len(title) + 2 + len(told) <= look.width
    yield f"{look.paint('title', title)}  {told}" if fits else look.paint("title", title)
    yield from [] if fits else _wrapped(told, look, "  ")
    yield from _findings(pair.findings, look)
    yield ""


def titled(pair: PairDrift, names: Sequence[str], *, directed: bool) -> str:
    """What a pair is called; where none is the one before, with the letters by which its findings call the two."""
    a, b = names[pair.a], names[pair.b]
    return f"{a} -> {b}" if directed else f"a: {a}  b: {b}"


def facts(pair: PairDrift, first: str) -> str:
    """Class, similarity, coverage and counts of a pair, in one line; `first` is what its first definition is called."""
    if pair.klass in ("identical", "unknown"):
        return pair.klass if pair.klass == "identical" else "unknown: nothing to compare"
    share = percent(pair.diff.similarity, equal=False)
    covered = " and ".join(f"{percent(part, equal=part == 1)}%" for part in pair.diff.coverage)
    detail = f" ({fields_of(pair)})" if pair.klass == "frontmatter-only" else ""
    return f"{verdict(pair.klass, first)}{detail}, {share}% similar, partners for {covered}; {counts(pair.findings)}"


def fields_of(pair: PairDrift) -> str:
    """The frontmatter keys that changed."""
    keys = [
        c.path.partition("/")[2] for c in pair.diff.changes if c.kind.startswith("field-") and "restyled" not in c.kind
    ]
    return ", ".join(safe(key) for key in dict.fromkeys(keys))


def result_text(pairs: Sequence[PairDrift], names: Sequence[str], look: Look) -> str:
    """What a result differs in from each of its sources."""
    lines = [look.paint("title", "Result against each source")]
    for pair, name in zip(pairs, short(names), strict=True):
        lines.append(f"{name}  {facts(pair, 'it')}")
        lines += _findings(pair.findings, look)
    return "\n".join([*lines, ""]) + "\n"


def _findings(findings: Sequence[Finding], look: Look) -> Iterator[str]:
    shown = [finding for finding in findings if look.every or (finding.severity != "info" and not finding.accepted)]
    pad = max((len(finding.rule) for finding in shown), default=0)
    for finding in shown:
        yield from _finding(finding, pad, look)
    rest = Counter(finding.rule for finding in findings if finding not in shown)
    if rest:
        told = ", ".join(f"{count} {rule}" for rule, count in rest.items())
        yield from (look.paint("dim", line) for line in _wrapped(f"and {told}", look, "  "))


def _finding(finding: Finding, pad: int, look: Look) -> Iterator[str]:
    """A line, or two where the message is long; in a narrow terminal it stands below what it is about."""
    style = _STYLES[finding.severity] if not finding.accepted else "dim"
    head = f"  {look.paint(style, f'{finding.severity:8}  {finding.rule:{pad}}')}  {where(finding):>9}"
    why = f"  [{finding.accepted}]" if finding.accepted else ""
    room = look.width - pad - 25
    if not look.width or len(one_line(finding.message + why)) <= room:
        reason = look.paint("dim", f"  {one_line(why)}") if why else ""
        yield f"{head}  {one_line(finding.message, MAX_MESSAGE)}{reason}"
        return
    if room < LEAST_ROOM:
        yield head
        yield from _wrapped(finding.message + why, look, " " * 12, lines=2)
        return
    first, *others = _wrapped(finding.message + why, look, " " * (pad + 25), lines=2)
    yield f"{head}  {first.lstrip()}"
    yield from others


def _folded(text: str, look: Look) -> list[str]:
    """A long list in lines of a page's width where no person reads, too."""
    import textwrap

    return textwrap.wrap(one_line(text), look.width or 100, break_on_hyphens=False, subsequent_indent="  ")


def _wrapped(text: str, look: Look, indent: str, lines: int | None = None) -> list[str]:
    """A text in lines of the terminal's width, cut after some."""
    import textwrap

    flat = one_line(text)
    if not look.width:
        return [f"{indent}{flat}"]
    width = max(look.width, 40)
    found = textwrap.wrap(
        flat, width, initial_indent=indent, subsequent_indent=indent, max_lines=lines, placeholder="…"
    )
    return found or [indent]


def where(finding: Finding) -> str:
    """Lines on both sides: `40->38`, `40->-` where it is gone."""
    left, right = (str(spot.line) if spot else "-" for spot in (finding.a, finding.b))
    return f"{left}->{right}"


def new_line(pair: Judged, finding: Finding) -> int:
    """Line of the second file that a finding belongs to; for what is gone, that of what stood before it."""
    if finding.b is not None:
        return finding.b.line
    if isinstance(pair, FileReview):
        return 1
    matching, line = pair.diff.matching, finding.a.line if finding.a else 0
    before = [(one.a.line, one.b.line) for one in (*matching.fields, *matching.sections, *matching.units)]
    return max((row for row in before if row[0] < line), default=(0, 1))[1]


def _summary(summary: Summary, names: Sequence[str], look: Look) -> Iterator[str]:
    yield look.paint(
        "title", f"consensus: {len(summary.consensus)} statements that at least {summary.quorum} variants make"
    )
    yield from _statements(summary.consensus, look, names)
    for disagreement in summary.disagreements:
        if disagreement.slot.startswith("frontmatter/") and not look.every:
            continue
        yield f"  {look.paint('changed', 'contradiction')}  {one_line(disagreement.slot) or 'statements'}"
        for side in disagreement.places:
            place = f"{names[side.file]}:{side.line}"
            text = parted(side.text.split("\n")) if disagreement.slot.startswith("frontmatter/") else side.text
            room = max(look.width - len(place) - 6, 40) if look.width else MAX_MESSAGE
            yield f"    {look.paint('dim', place)}  {one_line(text, room)}"
    yield look.paint("title", "from the consensus, the farthest first")
    for one in summary.outliers:
        told = (
            f"{one.distance:>4.0%}  {names[one.file]}: has {one.held} of {len(summary.consensus)}; "
            f"{len(one.unique)} only here, {len(one.lacking)} missing only here"
        )
        yield from _wrapped(told, look, "  ")
        if look.every:
            yield from _statements(one.unique, look, names, mark="only here:")
            yield from _statements(one.lacking, look, names, mark="lacks:")


def _statements(rows: Sequence[Statement], look: Look, names: Sequence[str], mark: str = "") -> Iterator[str]:
    shown = rows if look.every else rows[:MAX_STATEMENTS]
    for row in shown:
        places = ", ".join(f"{names[file]}:{line}" for file, line in row.places)
        lead = f"{mark} " if mark else ""
        text = lead + one_line(row.text, max(look.width - 6 - len(lead), 40) if look.width else MAX_MESSAGE)
        if not look.width or len(text) + len(places) + 6 <= look.width:
            yield f"    {text}  {look.paint('dim', one_line(places, MAX_MESSAGE))}"
        else:
            yield f"    {text}"
            yield look.paint("dim", f"      {one_line(places, max(look.width - 6, 40))}")
    if len(rows) > len(shown):
        yield look.paint("dim", f"    and {len(rows) - len(shown)} more")


def _history(report: Report, look: Look) -> Iterator[str]:
    steps = report.steps
    if not steps:
        return
    yield f"{look.paint('title', one_line(steps[-1].path))}  {len(steps)} versions  {sparkline(steps)}"
    for step in steps:
        yield ""
        yield from _step(step, look, whole=report.whole)
    yield ""


def sparkline(steps: Sequence[Step]) -> str:
    """A bar per step: how far it is from the first one; the highest bar is the farthest, or a tenth."""
    shares = [1 - step.drift.diff.similarity if step.drift else 0.0 for step in steps]
    top = max(LEAST_TOP, *shares)
    return "".join(_BARS[min(int(share / top * len(_BARS)), len(_BARS) - 1)] for share in shares)


def _step(step: Step, look: Look, *, whole: bool) -> Iterator[str]:
    about = f"{step.date}  {one_line(step.author, 30)}  {one_line(step.subject, 60)}"
    yield f"{look.paint('title', safe(step.rev[:10]))}  {about}"
    if step.findings:
        yield from _findings(step.findings, look)
        return
    if step.change is None:
        yield look.paint("dim", "  the first version" if whole else "  where this review starts")
        return
    yield from _wrapped(facts(step.change, "the version before"), look, "  ")
    if step.drift is not None and step.drift.diff is not step.change.diff:
        yield from (
            look.paint("dim", line) for line in _wrapped(f"since the first: {facts(step.drift, 'it')}", look, "  ")
        )
    yield from _findings(step.change.findings, look)


# Drift groups ---------------------------------------------------------------------------------------------------------
#
# Role groups of a folder for a terminal: what to look at next, then a line a group, the most serious first.


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
    lines = [*_next(report, paint, width), *_drift_groups_table(report, paint, width, top or SHOWN), ""]
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


def _drift_groups_table(report: Report, paint: Paint, width: int, top: int) -> Iterator[str]:
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


# Drift markdown -------------------------------------------------------------------------------------------------------
#
# A drift review as Markdown, for a pull request or a job summary.


_SIGNS = {"breaking": "🔴", "warning": "🟡", "info": "⚪"}
_MAX_FINDINGS = 50
"""Findings that a pair's table holds; GitHub cuts a comment off at 65,536 characters."""


def drift_markdown(report: Report) -> str:
    """Headings per group and pair, tables of findings; nothing of the content is taken for markup."""
    lines = ["## Drift of agent definitions", "", f"{escaped(total(report))}.", ""]
    for part in blocks(report):
        if isinstance(part, RoleGroup):
            lines += [] if is_folded(report, part) else _markdown_group(report, part)
        elif part.members:
            lines += ["#### One edit over many files", "", *_open(part.findings)]
        else:
            lines += [f"#### {escaped(alone(report, part))}", "", *_open(part.findings)]
    lines += _markdown_history(report)
    if report.alone:
        names = ", ".join(escaped(report.names[number]) for number in report.alone)
        lines += [f"Without a variant of the same role: {names}.", ""]
    if report.stale:
        lines += ["Stale in the baseline:", "", *(f"- {escaped(row)}" for row in report.stale), ""]
    if report.idle:
        lines += ["Intentional differences:", "", *(f"- {escaped(row)}" for row in report.idle), ""]
    return "\n".join(lines).rstrip() + "\n"


def _markdown_group(report: Report, group: RoleGroup) -> Iterator[str]:
    names = short([report.names[number] for number in group.files])
    if group.role:
        yield from (f"### {escaped(group.role)}", "")
    if 2 < len(names) <= MAX_MATRIX:
        yield from _markdown_matrix(group, names)
    for pair in sorted(group.drift.pairs, key=weight):
        title = escaped(titled(pair, names, directed=group.drift.directed).replace(" -> ", " → "))
        yield from _markdown_pair(pair, title, names[pair.a])
    if group.drift.summary is not None and len(names) > 2:
        yield from _markdown_summary(group.drift.summary, names)


def _markdown_matrix(group: RoleGroup, names: Sequence[str]) -> Iterator[str]:
    yield f"| similarity % | {' | '.join(escaped(name) for name in names)} |"
    yield f"|---|{'---:|' * len(names)}"
    for row, name in enumerate(names):
        cells = (_markdown_cell(group, row, column) for column in range(len(names)))
        yield f"| {escaped(name)} | {' | '.join(cells)} |"
    yield ""


def _markdown_cell(group: RoleGroup, row: int, column: int) -> str:
    pair = next((pair for pair in group.drift.pairs if {pair.a, pair.b} == {row, column}), None)
    if row == column:
        return "·"
    if pair is None or pair.klass == "unknown":
        return "?"
    return percent(pair.diff.similarity, equal=pair.klass == "identical")


def _markdown_pair(pair: PairDrift, title: str, first: str) -> Iterator[str]:
    yield from (f"#### {title}", "", escaped(facts(pair, first)), "")
    yield from _open(pair.findings)


def _open(findings: Sequence[Finding]) -> Iterator[str]:
    """What is open in a table, and how much else there is."""
    shown = [finding for finding in findings if finding.severity != "info" and not finding.accepted]
    yield from _markdown_table(shown)
    rest = Counter(finding.rule for finding in findings if finding not in shown)
    if rest:
        yield from (f"And {', '.join(f'{count} {rule}' for rule, count in rest.items())}.", "")


def _markdown_table(findings: Sequence[Finding]) -> Iterator[str]:
    if not findings:
        return
    yield from ("| | rule | lines | what |", "|---|---|---|---|")
    for finding in findings[:_MAX_FINDINGS]:
        lines, told = escaped(where(finding)), escaped(finding.message)
        yield f"| {_SIGNS[finding.severity]} | {finding.rule} | {lines} | {told} |"
    if len(findings) > _MAX_FINDINGS:
        yield from ("", f"{len(findings) - _MAX_FINDINGS} more.")
    yield ""


def _markdown_summary(summary: Summary, names: Sequence[str]) -> Iterator[str]:
    yield from (f"**Consensus**: {len(summary.consensus)} statements of at least {summary.quorum} variants.", "")
    yield from ("| from the consensus | variant | has | only here | missing only here |", "|---:|---|---:|---:|---:|")
    for one in summary.outliers:
        cells = (one.held, len(one.unique), len(one.lacking))
        yield f"| {one.distance:.0%} | {escaped(names[one.file])} | {' | '.join(map(str, cells))} |"
    yield ""


def _markdown_history(report: Report) -> Iterator[str]:
    if not report.steps:
        return
    yield from (f"### {escaped(report.steps[-1].path)}: {len(report.steps)} versions {sparkline(report.steps)}", "")
    for step in report.steps:
        title = f"{step.date} {escaped(step.rev[:10])} {escaped(step.subject)} ({escaped(step.author)})"
        if step.findings:
            yield from (f"#### {title}", "", *_open(step.findings))
        elif step.change is None:
            yield from (f"#### {title}", "", "first version", "")
        else:
            yield from _markdown_pair(step.change, title, "the version before")
            if step.drift is not None:
                yield from (f"Since the first: {escaped(facts(step.drift, 'it'))} ({counts(step.drift.findings)}).", "")


# Github ---------------------------------------------------------------------------------------------------------------
#
# A drift review as workflow commands of GitHub Actions: an annotation per finding, at its line.


_GITHUB_LEVELS = {"breaking": "error", "warning": "warning", "info": "notice"}


def drift_github(report: Report) -> str:
    """A command per open finding, most serious first, then a line with the counts."""
    rows = [
        (SEVERITIES.index(finding.severity), _command(a, b, pair, finding))
        for a, b, pair in report.judged()
        for finding in pair.findings
        if not finding.accepted
    ]
    stale = [f"::notice title=stale baseline::{_data(row)}" for row in report.stale]
    stale += [f"::notice title=intentional::{_data(row)}" for row in report.idle]
    lines = [command for _, command in sorted(rows, key=lambda row: row[0])]
    more = [f"::notice title=drift of agent definitions::{_data(total(report))}"] if len(lines) > SHOWN else []
    return "\n".join([*lines[:1], *more, *lines[1:], *stale, one_line(total(report))]) + "\n"


def _command(a: str, b: str, pair: Judged, finding: Finding) -> str:
    gone = f" (was {a}:{finding.a.line})" if finding.a and not finding.b else ""
    properties = {"file": b, "line": str(new_line(pair, finding)), "title": f"{finding.rule} ({finding.severity})"}
    told = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{_GITHUB_LEVELS[finding.severity]} {told}::{_data(finding.message + gone)}"


def _data(text: str) -> str:
    return one_line(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


# Sarif ----------------------------------------------------------------------------------------------------------------
#
# A drift review as SARIF 2.1.0, for code scanning: https://docs.oasis-open.org/sarif/sarif/v2.1.0/.


SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")
"""Characters that a URI holds as they are, and the slash between folders."""
_SARIF_LEVELS = {"breaking": "error", "warning": "warning", "info": "note"}

_RANKS = {"breaking": 90.0, "warning": 50.0, "info": 10.0}


def sarif(report: Report, knowledge: Knowledge) -> dict[str, Any]:
    """One run with all rules and a result per finding; accepted findings are suppressed ones."""
    table = rules(knowledge)
    order = {rule: number for number, rule in enumerate(table)}
    found = [(a, b, pair, finding) for a, b, pair in report.judged() for finding in pair.findings]
    found.sort(key=lambda row: (bool(row[3].accepted), SEVERITIES.index(row[3].severity)))
    results = [_result(a, b, pair, finding, order[finding.rule]) for a, b, pair, finding in found]
    driver = {
        "name": "agentmerge",
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in table.values()],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.id.title().replace("-", ""),
        "shortDescription": {"text": rule.says},
        "fullDescription": {"text": f"{rule.says}. Reads: {rule.reads}."},
        "defaultConfiguration": {"level": _SARIF_LEVELS[rule.severity]},
        "properties": {"severity": rule.severity},
    }


def _result(a: str, b: str, pair: Judged, finding: Finding, index: int) -> dict[str, Any]:
    data: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _SARIF_LEVELS[finding.severity],
        "rank": _RANKS[finding.severity],
        "message": {"text": _message(a, finding)},
        "locations": [_location(b, finding.b or Spot(1, new_line(pair, finding), ""), finding.path)],
        "partialFingerprints": {"agentmergeFinding/v1": finding.fingerprint},
        "properties": {"severity": finding.severity},
    }
    if finding.a is not None:
        data["relatedLocations"] = [_location(a, finding.a, "") | {"id": 0, "message": {"text": "before"}}]
    if finding.accepted:
        data["suppressions"] = [{"kind": "external", "justification": safe(finding.accepted)}]
    return data


def _message(a: str, finding: Finding) -> str:
    gone = f" (was {a}:{finding.a.line})" if finding.a and not finding.b else ""
    return one_line(finding.message + gone)


def _location(name: str, spot: Spot, path: str) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": spot.line}
    if spot.text:
        region["snippet"] = {"text": safe(spot.text)}
    found: dict[str, Any] = {"physicalLocation": {"artifactLocation": _artifact(name), "region": region}}
    if path:
        found["logicalLocations"] = [{"fullyQualifiedName": safe(path), "kind": "member"}]
    return found


def _artifact(name: str) -> Mapping[str, str]:
    """A relative path as the URI reference that code scanning asks for; an absolute one as it is."""
    written = "".join(char if char in _PLAIN else _encoded(char) for char in name.replace("\\", "/"))
    return {"uri": f"file://{written}"} if written.startswith("/") else {"uri": written.removeprefix("./")}


def _encoded(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogateescape"))


# Rules ----------------------------------------------------------------------------------------------------------------
#
# The table of rules.


def rules_text(rules: Mapping[str, Rule], paint: Paint) -> str:
    """A line per rule, and one on what it reads."""
    pad = max(map(len, rules))
    lines = []
    for rule in rules.values():
        mild = f" ({rule.mild} where mild)" if rule.mild != rule.severity else ""
        lines.append(f"{rule.id:{pad}}  {paint(_STYLES[rule.severity], rule.severity)}{mild}")
        lines += [f"  {rule.says}", paint("dim", f"  reads: {rule.reads}")]
    return "\n".join(lines) + "\n"


def rules_json(rules: Mapping[str, Rule]) -> dict[str, Any]:
    """`agentmerge/rules/1`."""
    rows = [
        {"id": rule.id, "severity": rule.severity, "mild": rule.mild, "reads": rule.reads, "says": rule.says}
        for rule in rules.values()
    ]
    return {"schema": "agentmerge/rules/1", "rules": rows}
