"""Instructions of nested folders: layers, of which the nearest one counts first, and no variants of one text.

A rule of a package must not become a rule of the whole repository, so layers are not combined. Flattened, each stands
whole below a heading with the path that it holds for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePath

from agentmerge.aligning import align
from agentmerge.combining.assembling import heading
from agentmerge.errors import InputError, InternalError
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Field, walk_sections, walk_units
from agentmerge.outcome import Decision, LedgerRow, Merged, Notice, Source
from agentmerge.parsing import parse

Combine = Callable[[Definition], Merged]
"""One text in canonical form."""


def scopes(places: Sequence[PurePath], knowledge: Knowledge) -> list[str] | None:
    """The path that each layer holds for, below the outermost one ("" for that); None where there are no layers.

    `places` are absolute paths. Layers are files of one name that a host reads by folder, one below the other.
    """
    layered = frozenset(knowledge.raw("reading")["layered"])
    named = [number for number, place in enumerate(places) if place.name.lower() in layered]
    below = any(
        a != b and places[a].name.lower() == places[b].name.lower() and places[a].parent in places[b].parents[1:]
        for a in named
        for b in named
    )
    if not below:
        return None
    top = min((place.parent for place in places), key=lambda folder: len(folder.parts))
    if any(not place.is_relative_to(top) for place in places):
        return None
    found = [place.parent.relative_to(top).as_posix() for place in places]
    return ["" if scope == "." else scope for scope in found]


def refuse(names: Sequence[str], paths: Sequence[str]) -> InputError:
    """The error for layers among what is to be combined."""
    outer = names[paths.index("")] if "" in paths else names[0]
    inner = next(name for name, scope in zip(names, paths, strict=True) if scope)
    what = f"is a layer below {outer}, and no variant of it: it holds for its own folder"
    remedy = "combine files of one folder, or write each layer under its path with --flatten"
    return InputError(what, file=inner, remedy=remedy)


def flatten(definitions: Sequence[Definition], paths: Sequence[str], combine: Combine, knowledge: Knowledge) -> Merged:
    """Each layer whole, the outermost first, the others below a heading with their path.

    Raises InputError for a second layer of one folder, and for one below another that has fields.
    """
    order = sorted(range(len(paths)), key=lambda number: (paths[number] != "", paths[number]))
    _refuse_strange(definitions, paths)
    text, parts = "", []
    for number in order:
        part = combine(definitions[number])
        body, moved = _below(part.text, paths[number], knowledge) if paths[number] else (part.text, 0)
        before = f"{text}\n" if text else ""
        parts.append((number, part, before.count("\n") + moved))
        text = before + body
    decisions: list[Decision] = []
    rows: list[LedgerRow] = []
    findings = list(_overrides(definitions, paths, knowledge))
    for number, part, shift in parts:
        first = len(decisions)
        decisions += [
            replace(one, id=one.id + first, members=tuple(map(_of(number), one.members))) for one in part.decisions
        ]
        rows += [
            replace(
                row,
                source=_of(number)(row.source),
                decision=row.decision + first,
                into=row.into + shift if row.into is not None else None,
            )
            for row in part.ledger
        ]
        findings += part.findings
    _require(rows, text, knowledge)
    ordered = tuple(sorted(rows, key=lambda row: (row.source.file, row.source.line)))
    return Merged(text, tuple(decisions), (), ordered, tuple(findings))


def _refuse_strange(definitions: Sequence[Definition], paths: Sequence[str]) -> None:
    for number, (definition, scope) in enumerate(zip(definitions, paths, strict=True)):
        if scope in paths[:number]:
            raise InputError(
                "is a second layer of its folder", file=definition.filename, remedy="combine these first, then flatten"
            )
        if scope and definition.fields:
            raise InputError(
                "has fields, which hold for a whole file", file=definition.filename, remedy="take them out, or leave it"
            )


def _of(file: int) -> Callable[[Source], Source]:
    return lambda source: replace(source, file=file)


def _below(text: str, scope: str, knowledge: Knowledge) -> tuple[str, int]:
    """A canonical text a level deeper below the heading of its scope, and by how many lines it moved."""
    lines = text.split("\n")
    first = None
    for path, section in walk_sections(parse(text, knowledge).root):
        if section.heading_level == 1 and not path and first is None:
            first = section
            lines[section.line - 1] = heading(_scope_title(scope, section.title), 2)
        elif section.heading_level:
            lines[section.line - 1] = heading(section.title, section.heading_level + 1)
    if first is not None:
        return "\n".join(lines), 0
    return "\n".join([heading(scope, 2), "", *lines]), 2


def _scope_title(scope: str, title: str) -> str:
    says_nothing = title.lower().removesuffix(".md") in ("agents", "claude", "gemini", scope.lower())
    return scope if says_nothing else f"{scope}: {title}"


def _overrides(definitions: Sequence[Definition], paths: Sequence[str], knowledge: Knowledge) -> list[Notice]:
    """What a nearer layer says otherwise."""
    found = []
    for group in align(definitions, knowledge).units:
        sides = {member.file: member for member in group.members}
        if (
            group.relation == "contradicts"
            and len(sides) > 1
            and not any(isinstance(m.node, Field) for m in group.members)
        ):
            nearest = max(sides, key=lambda file: len(PurePath(paths[file]).parts))
            text = " ".join(sides[nearest].text.split())
            message = (
                f"'{text[:60]}' holds in {paths[nearest]} against what is said above it ({group.slot or group.reason})"
            )
            found.append(Notice("layer-overrides", "info", message))
    return found


def _require(rows: Sequence[LedgerRow], text: str, knowledge: Knowledge) -> None:
    """InternalError where a unit is not on the line that its row names."""
    result = parse(text, knowledge)
    there = {place.unit.line: place.unit for place in walk_units(result.root)}
    for row in rows:
        if row.fate == "kept" and row.source.kind != "field" and row.into is not None:
            unit = there.get(row.into)
            if unit is None or unit.text.split() != row.source.text.split():
                raise InternalError(f"a unit of a layer is not where it should be: '{row.source.text[:60]}'")
