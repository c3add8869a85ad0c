"""A drift review in, one self-contained page out: nothing is loaded, nothing of the content is markup or code."""

from __future__ import annotations

import base64
import hashlib
import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agentmerge import __version__
from agentmerge.diffing.changes import increasing
from agentmerge.drifting.records import (
    SEVERITIES,
    Drift,
    FileReview,
    Finding,
    PairDrift,
    Report,
    RoleGroup,
    Step,
    Summary,
    by_weight,
    rules,
)
from agentmerge.knowledge.tables import Knowledge
from agentmerge.lineage.chains import Lineage
from agentmerge.matching.pairwise import Matching, Pair, match
from agentmerge.matching.records import Member, members_of
from agentmerge.model import Definition, Field, Section, walk_sections
from agentmerge.text.lines import in_json
from agentmerge.views.drift import fields_of, short, total, weight
from agentmerge.views.lineage import page_lineage
from agentmerge.views.paint import safe
from agentmerge.writing.emitting import template_source

LISTED = 12
"""Variants of a group up to which the page can quote what only one of them says."""
DETAILED = 40
"""Pairs, the most serious first, whose texts stand in the page; of more their findings and the command to see them."""
EQUAL, REWORDED, MOVED, MOVED_REWORDED, ONE_SIDED = range(5)
"""What the page is told of a row of the side-by-side view."""

_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def drift_html(report: Report, knowledge: Knowledge, title: str = "Drift review", line: Lineage | None = None) -> str:
    """The page. Its style and script are allowed by their hashes, everything else is forbidden.

    `line` is what became of all that a history's versions say; it stands above the review.
    """
    style, script = template_source("drift.css").strip(), template_source("drift.js").strip()
    return render_page(
        "drift.html.j2",
        style,
        script,
        title=safe(title),
        total=safe(total(report)),
        line=page_lineage(line) if line is not None else None,
        version=__version__,
        data=script_data(page_data(report, knowledge)),
    )


def render_page(template: str, style: str, script: str, **values: Any) -> str:
    """A page from one of our templates, with one style and one script; `data` is JSON made for a script element."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    if "data" in values:
        values["data"] = Markup(values["data"])  # noqa: S704
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(template_source(template)).render(
        policy=policy,
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        **values,
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def script_data(data: Any) -> str:
    """JSON that no content of it can end early or turn into markup, whatever an HTML parser makes of it."""
    return in_json(json.dumps(data, ensure_ascii=False, separators=(",", ":"))).translate(_ESCAPES)


def page_data(report: Report, knowledge: Knowledge) -> dict[str, Any]:
    """What the page's script works on."""
    definitions: dict[int, Definition] = {}
    pairs: list[dict[str, Any]] = []
    report = by_weight(report)
    for group in report.groups:
        definitions.update(zip(group.files, _as_compared(group.drift), strict=True))
        pairs += [
            _pair(pair, definitions, group.files, group.role, knowledge=knowledge)
            for pair in sorted(group.drift.pairs, key=weight)
        ]
    slim = _without_texts(pairs, report)
    pairs += [_unread(one) for one in (*report.edits, *report.unread, *report.apart)]
    for number, step in enumerate(report.steps):
        if step.change is not None:
            matching = step.change.diff.matching
            definitions |= {step.change.a: matching.a, number: matching.b}
    steps = list(_steps(report.steps, pairs, definitions, knowledge))
    names = _names(report)
    return {
        "names": names,
        "nodes": [_nodes(definitions[n]) if n in definitions and n not in slim else [] for n in range(len(names))],
        "groups": [_group(group) for group in report.groups],
        "pairs": pairs,
        "steps": steps,
        "start": _worst(pairs) if steps else 0,
        "rules": {rule.id: rule.says for rule in rules(knowledge).values()},
    }


def _without_texts(pairs: list[dict[str, Any]], report: Report) -> set[int]:
    """Leave the texts of all but the most serious pairs to a command; the files are returned that no pair shows."""
    order = sorted(range(len(pairs)), key=lambda at: (_seriousness(pairs[at]), at))
    for at in order[DETAILED:]:
        names = (report.names[pairs[at][side]] for side in ("a", "b"))
        pairs[at] |= {"rows": [], "command": safe(shlex.join(["agentmerge", "drift", *names]))}
    shown = {pairs[at][side] for at in order[:DETAILED] for side in ("a", "b")}
    kin = (group.files for group in report.groups if len(group.files) <= LISTED and not shown.isdisjoint(group.files))
    return {pair[side] for pair in pairs for side in ("a", "b")} - shown - {file for files in kin for file in files}


def _seriousness(pair: Mapping[str, Any]) -> tuple[int, ...]:
    counts = (sum(f["severity"] == level and not f["accepted"] for f in pair["findings"]) for level in SEVERITIES)
    return tuple(-count for count in counts)


def _worst(pairs: Sequence[Mapping[str, Any]]) -> int:
    """The step to open a history at: the one with the most serious open findings, of equal ones the newest."""
    ranks = [
        (tuple(sum(f["severity"] == level and not f["accepted"] for f in pair["findings"]) for level in SEVERITIES), n)
        for n, pair in enumerate(pairs)
    ]
    return max(ranks, default=((), 0))[1]


def _as_compared(drift: Drift) -> list[Definition]:
    """The definitions as their pairs cut them into units; where two pairs cut one differently, as it is read alone."""
    found: dict[int, list[Definition]] = {number: [] for number in range(len(drift.definitions))}
    for pair in drift.pairs:
        for number, read in ((pair.a, pair.diff.matching.a), (pair.b, pair.diff.matching.b)):
            found[number] += [] if any(read is other for other in found[number]) else [read]
    return [found[number][0] if len(found[number]) == 1 else one for number, one in enumerate(drift.definitions)]


def _names(report: Report) -> list[str]:
    if report.steps:
        return [f"{step.path} @ {step.rev[:10]}" for step in report.steps]
    return short(report.names)


def _group(group: RoleGroup) -> dict[str, Any]:
    summary = group.drift.summary
    return {
        "role": group.role,
        "files": list(group.files),
        "summary": _summary(summary, group.files) if summary is not None and len(group.files) > 2 else None,
    }


def _summary(summary: Summary, files: Sequence[int]) -> dict[str, Any]:
    return {
        "quorum": summary.quorum,
        "consensus": [row.text for row in summary.consensus],
        "variants": [
            {
                "file": files[one.file],
                "held": one.held,
                "distance": round(one.distance, 3),
                "unique": [[files[file], line] for row in one.unique for file, line in row.places],
                "lacking": [[files[file], line] for row in one.lacking for file, line in row.places[:1]],
            }
            for one in summary.outliers
        ],
        "contradictions": [{"slot": slot, "sides": sides} for slot, sides in _contradictions(summary, files)],
    }


def _contradictions(summary: Summary, files: Sequence[int]) -> list[tuple[str, list[list[Any]]]]:
    """What each disagreement is about, with its sides; a field that several pairs disagree on is told once."""
    found: list[tuple[str, list[list[Any]]]] = []
    fields: dict[str, list[list[Any]]] = {}
    for one in summary.disagreements:
        sides = [[files[spot.file], spot.line, spot.text] for spot in one.places]
        if one.slot in fields:
            fields[one.slot] += [side for side in sides if side not in fields[one.slot]]
            continue
        found.append((one.slot, sides))
        if one.slot.startswith("frontmatter/"):
            fields[one.slot] = sides
    return found


def _steps(
    steps: Sequence[Step], pairs: list[dict[str, Any]], definitions: Mapping[int, Definition], knowledge: Knowledge
) -> Iterator[dict[str, Any]]:
    for number, step in enumerate(steps):
        index = None
        if step.change is not None:
            index = len(pairs)
            title = f"{step.date} {step.rev[:10]} {step.subject}".strip()
            pairs.append(_pair(step.change, definitions, range(len(steps)), "", knowledge, title))
        elif step.findings:
            index = len(pairs)
            pairs.append(_unread(FileReview(number, step.findings)))
        drift = 1 - step.drift.diff.similarity if step.drift is not None else 0.0
        yield {
            "rev": step.rev[:7],
            "date": step.date,
            "subject": step.subject,
            "pair": index,
            "drift": round(drift, 4),
        }


def _unread(one: FileReview) -> dict[str, Any]:
    """A file that could not be compared, as a pair with itself that shows its findings alone."""
    return {
        "a": one.file if one.before is None else one.before,
        "b": one.file,
        "role": "",
        "title": "",
        "class": one.klass,
        "fields": [],
        "similarity": 0.0,
        "coverage": [0.0, 0.0],
        "findings": [_finding(finding) for finding in one.findings],
        "rows": [],
    }


def _as_shown(matching: Matching, a: Definition, b: Definition, knowledge: Knowledge) -> Matching:
    """The partners among the nodes that the page lists, where another pair cut one of the two differently."""
    return matching if matching.a == a and matching.b == b else match(a, b, knowledge)


def _pair(
    pair: PairDrift,
    definitions: Mapping[int, Definition],
    files: Sequence[int],
    role: str,
    knowledge: Knowledge,
    title: str = "",
) -> dict[str, Any]:
    return {
        "a": files[pair.a],
        "b": files[pair.b],
        "role": role,
        "title": title,
        "class": pair.klass,
        "fields": fields_of(pair).split(", ") if pair.klass == "frontmatter-only" else [],
        "similarity": round(pair.diff.similarity, 4),
        "coverage": [round(share, 4) for share in pair.diff.coverage],
        "findings": [_finding(finding) for finding in pair.findings],
        "rows": rows(_as_shown(pair.diff.matching, definitions[files[pair.a]], definitions[files[pair.b]], knowledge)),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "path": finding.path,
        "a": [finding.a.line] if finding.a else None,
        "b": [finding.b.line] if finding.b else None,
        "accepted": finding.accepted,
    }


def nodes(definition: Definition) -> list[Member]:
    """Fields, headings and units of a definition in the order of the file."""
    sections = (Member(0, section, path) for path, section in walk_sections(definition.root))
    return sorted((*members_of(0, definition), *sections), key=lambda member: (member.line, _rank(member)))


def _rank(member: Member) -> int:
    return 0 if isinstance(member.node, Section) else 1


def _nodes(definition: Definition) -> list[list[Any]]:
    return [[m.line, m.node.end, _kind(m), _shown(m)] for m in nodes(definition)]


def _kind(member: Member) -> str:
    return "title" if isinstance(member.node, Section) else member.node.kind


def _shown(member: Member) -> str:
    node = member.node
    if isinstance(node, Field):
        return node.source.rstrip()
    if isinstance(node, Section):
        return node.title
    return node.text


def rows(matching: Matching) -> list[tuple[int, int, int]]:
    """The side-by-side view: number of a node on either side (-1 for none) and what the row is.

    Rows follow the second definition; what only the first one has stands after what it followed there.
    """
    left = {_id(m): number for number, m in enumerate(nodes(matching.a))}
    right = {_id(m): number for number, m in enumerate(nodes(matching.b))}
    pairs = [
        (left[_id(pair.a)], right[_id(pair.b)], pair)
        for pair in (*matching.fields, *matching.sections, *matching.units)
        if _id(pair.a) in left and _id(pair.b) in right
    ]
    partners = {a: b for a, b, _ in pairs}
    kept = _in_order(partners)
    found = [((b, 0, 0), (a, b, _row_kind(pair, moved=a not in kept))) for a, b, pair in pairs]
    paired = set(partners.values())
    found += [((b, 0, 0), (-1, b, ONE_SIDED)) for b in right.values() if b not in paired]
    anchor = -1
    for a in range(len(left)):
        if a in kept:
            anchor = partners[a]
        elif a not in partners:
            found.append(((anchor, 1, a), (a, -1, ONE_SIDED)))
    return [row for _, row in sorted(found)]


def _id(member: Member) -> tuple[int, int]:
    return member.line, _rank(member)


def _in_order(partners: dict[int, int]) -> set[int]:
    """The nodes of the first definition that keep their order in the second."""
    ordered = sorted(partners)
    return {ordered[place] for place in increasing([partners[a] for a in ordered])}


def _row_kind(pair: Pair, *, moved: bool) -> int:
    same = _shown(pair.a) == _shown(pair.b)
    if moved:
        return MOVED if same else MOVED_REWORDED
    return EQUAL if same else REWORDED
