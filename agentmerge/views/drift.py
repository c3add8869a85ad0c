"""A drift review for a terminal: the matrix, then pair by pair what matters, most serious first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agentmerge.drifting.records import SEVERITIES, UNDONE, Finding, PairDrift, Statement, Summary
from agentmerge.drifting.reports import FileReview, Judged, Report, RoleGroup, Step, blocks
from agentmerge.drifting.reports import weight as serious
from agentmerge.model import parted
from agentmerge.views.figures import percent, verdict
from agentmerge.views.paint import Paint
from agentmerge.views.safe import one_line, safe

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
    lines.append(total(report))
    return "\n".join(lines) + "\n"


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
