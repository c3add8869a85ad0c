"""Links lead where they led: to the same file from another folder, and to the heading that has another title now.

Both are edits at the places of the targets and nowhere else: lines and units stay where they were.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from agentmerge.errors import InternalError
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Unit, walk_units
from agentmerge.outcome import Merged, Notice
from agentmerge.parsing import parse
from agentmerge.proving import Case, prove
from agentmerge.proving.laws.anchors import astray
from agentmerge.proving.reading import links_of, read


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a result is written, as far as that says what is to be written."""

    output: str = ""
    """Name of the file; "" where there is none."""
    links: Mapping[tuple[int, str], str] = field(default_factory=dict)
    """By file and target as written, how that target is written from the folder of the output."""


def from_there(definitions: Sequence[Definition], around: Surroundings, knowledge: Knowledge) -> list[Definition]:
    """The definitions, with links as they are written from the folder of the result."""
    return [
        _relinked(one, targets, knowledge)
        if (targets := {target: new for (of, target), new in around.links.items() if of == file})
        else one
        for file, one in enumerate(definitions)
    ]


def _relinked(definition: Definition, targets: Mapping[str, str], knowledge: Knowledge) -> Definition:
    text = _with_targets(definition, dict.fromkeys(read(definition, knowledge).by_line, targets))
    return parse(text, knowledge, filename=definition.filename, dialect=definition.dialect)


def _with_targets(definition: Definition, targets: Mapping[int, Mapping[str, str]]) -> str:
    """The text, with some targets of links written anew, by line of the unit."""
    parts, at = [], 0
    for place in walk_units(definition.root):
        unit = place.unit
        if unit.line in targets:
            for start, end, new in _changes(unit, targets[unit.line]):
                parts += [definition.text[at : unit.span.start + start], new]
                at = unit.span.start + end
    return "".join([*parts, definition.text[at:]])


def _changes(unit: Unit, targets: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    if unit.kind == "import":
        if unit.label in targets:
            start = unit.source.index(unit.label)
            yield start, start + len(unit.label), targets[unit.label]
        return
    for link in sorted(links_of(unit), key=lambda link: link.start):
        if link.target in targets:
            yield link.start, link.end, targets[link.target]


def proven(
    merged: Merged, result: Definition, definitions: Sequence[Definition], around: Surroundings, knowledge: Knowledge
) -> Merged:
    """The result with its links to headings set right, and a finding for each thing that only its sources had."""
    known = [name for name in (around.output, *(one.filename for one in definitions)) if name]
    paths = (known[0],) if around.output and _is_convention(around.output, knowledge) else tuple(known)
    case = Case(result, tuple(definitions), knowledge, merged.ledger, paths=paths)
    text, notices = _led_back(case)
    if notices:
        mended = parse(text, knowledge, dialect=result.dialect)
        _require_same(result, mended)
        case = replace(case, result=mended)
    return replace(merged, text=text, findings=(*merged.findings, *notices, *prove(case)))


def _is_convention(name: str, knowledge: Knowledge) -> bool:
    from agentmerge.parsing.dialects import by_path

    return by_path(name, knowledge) is not None


def _led_back(case: Case) -> tuple[str, tuple[Notice, ...]]:
    """The text, with links to a heading of a source written as that heading is called now; and what is told of it."""
    targets: dict[int, dict[str, str]] = defaultdict(dict)
    lines: dict[tuple[str, str], list[int]] = defaultdict(list)
    slugs = {section.line: slug for slug, section in case.read.anchors.items() if section is not None}
    for one in astray(case):
        if one.now is not None and one.now.line in slugs:
            new = slugs[one.now.line]
            targets[one.unit.line][f"#{one.anchor}"] = f"#{new}"
            lines[one.anchor, new].append(one.unit.line)
    if not targets:
        return case.result.text, ()
    notices = (
        replace(case.notice("link-followed", f"#{old} is #{new} in the result", sorted(where)), severity="info")
        for (old, new), where in lines.items()
    )
    return _with_targets(case.result, targets), tuple(notices)


def _require_same(before: Definition, after: Definition) -> None:
    """InternalError where an edit of targets changed more than them."""
    old, new = ([(p.unit.kind, p.unit.line, p.unit.end) for p in walk_units(one.root)] for one in (before, after))
    if old != new:
        raise InternalError("a link that was written anew changed the text around it")
