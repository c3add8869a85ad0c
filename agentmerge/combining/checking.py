"""The result read again: every unit that was decided to stand is in it, nothing else is, and it loads everywhere."""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agentmerge.combining.assembling import form_of
from agentmerge.combining.entries import NOTE
from agentmerge.emitting import Document, all_blocks
from agentmerge.errors import AgentMergeError, InternalError, TemplateError
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Section, walk_sections, walk_units
from agentmerge.parsing import parse
from agentmerge.parsing.lines import split_lines

_MARKS = re.compile(r"\A(?:[-*+>]|\d+[.)]|#+)(?: \[[ xX]\])?\s+|\*\*|__")
STRICT_CODES = frozenset(
    {"frontmatter-repaired", "duplicate-key", "frontmatter-unclosed", "frontmatter-misplaced", "frontmatter-toml"}
)


@dataclass(frozen=True, slots=True)
class Found:
    """Where everything stands in the result."""

    definition: Definition
    units: dict[int, tuple[int, ...]]
    """Lines of the units of each verdict, by its number; several only for a run that stays together."""
    fields: dict[str, int]


def check(
    text: str,
    document: Document,
    standing: Collection[int],
    knowledge: Knowledge,
    *,
    dialect: str | None = None,
    own_template: str | None = None,
) -> Found:
    """Find every expected unit in the text; `standing` are the numbers of all verdicts that have to be in it.

    `dialect` is the one that the result is written for.

    Raises InternalError for a hole, or TemplateError where a user's template (`own_template`) made it.
    """
    definition = parse(text, knowledge, dialect=dialect)
    lines, extra = _locate(definition, document)
    left_out = set(standing) - {number for number, *_ in _expected(document)}
    if left_out:
        raise InternalError(f"{len(left_out)} units that were decided to stand have no place in the result")
    missing = [unit for unit in _expected(document) if unit[:2] not in lines]
    if missing:
        raise _hole(f"units missing: {len(missing)}, the first is {missing[0][2][:60]!r}", own_template)
    if own_template is None:
        _check_form(definition, extra)
    found: dict[int, list[int]] = defaultdict(list)
    for number, part, *_ in _expected(document):
        found[number].append(lines[number, part])
    return Found(
        definition,
        {number: tuple(places) for number, places in found.items()},
        {field.key: field.line for field in definition.fields},
    )


def _hole(what: str, own_template: str | None) -> AgentMergeError:
    if own_template is not None:
        return TemplateError(f"the result does not hold what was decided: {what}", file=own_template)
    return InternalError(f"the result does not hold what was decided: {what}")


def _expected(document: Document) -> Iterator[tuple[int, int, str, str]]:
    """Number of the verdict, number of the part, words, form."""
    parts: dict[int, int] = defaultdict(int)
    for block in all_blocks(document):
        for number, text, form in block.expected:
            yield number, parts[number], _folded(text), form
            parts[number] += 1


def _folded(text: str) -> str:
    return " ".join(text.split())


def _locate(definition: Definition, document: Document) -> tuple[dict[tuple[int, int], int], list[tuple[int, str]]]:
    """The line of every expected unit, and the units that nobody expected. Equal texts are taken in order."""
    waiting: dict[tuple[str, str], deque[int]] = defaultdict(deque)
    for line, text, form in _present(definition):
        waiting[text, form].append(line)
    lines: dict[tuple[int, int], int] = {}
    late = []
    for number, part, text, form in _expected(document):
        if waiting.get((text, form)):
            lines[number, part] = waiting[text, form].popleft()
        elif not form:
            late.append((number, part, text))
    titles = _pseudo_titles(definition)
    rows = _rows(definition) if late else {}
    taken = set(lines.values())
    for number, part, text in late:
        # A paragraph that ends in a colon reads as a label when a list follows it; its words are there all the same.
        place = titles.pop(text, None) or _row_of(text, rows, taken)
        if place is not None:
            lines[number, part] = place
            taken.add(place)
    extra = [(line, text) for (text, _), places in waiting.items() for line in places]
    return lines, extra


def _rows(definition: Definition) -> dict[str, deque[int]]:
    """The lines that hold a text whole, marks aside."""
    rows: dict[str, deque[int]] = defaultdict(deque)
    for number, row in enumerate(split_lines(definition.text), 1):
        rows[_MARKS.sub("", _folded(row))].append(number)
    return rows


def _row_of(text: str, rows: Mapping[str, deque[int]], taken: Collection[int]) -> int | None:
    """The first line that holds a text whole and that no other unit was found on."""
    free = rows.get(_MARKS.sub("", text), deque())
    while free and free[0] in taken:
        free.popleft()
    return free[0] if free else None


def _present(definition: Definition) -> Iterator[tuple[int, str, str]]:
    for place in walk_units(definition.root):
        if place.unit.text and not place.unit.text.startswith(NOTE):
            yield place.unit.line, _folded(place.unit.text), form_of(place.unit)


def _pseudo_titles(definition: Definition) -> dict[str, int]:
    return {
        _folded(section.source): section.line
        for _, section in walk_sections(definition.root)
        if section.style in ("label", "bold")
    }


def _check_form(definition: Definition, extra: Sequence[tuple[int, str]]) -> None:
    """The canonical form's own promises."""
    if extra:
        raise InternalError(f"the result holds a unit that no variant has: line {extra[0][0]}, {extra[0][1][:60]!r}")
    # Text that begins with `+++` is no frontmatter where there are no fields.
    codes = STRICT_CODES if definition.frontmatter is not None else STRICT_CODES - {"frontmatter-toml"}
    bad = [note for note in definition.diagnostics if note.code in codes]
    if bad:
        raise InternalError(f"the result's frontmatter does not load: line {bad[0].line}, {bad[0].message}")
    if len([s for s in definition.root.sections if s.heading_level == 1]) > 1 and _has_title(definition):
        raise InternalError("the result has more than one top heading")
    _check_siblings(definition.root)


def _has_title(definition: Definition) -> bool:
    first = definition.root.sections[0]
    return first.heading_level == 1 and bool(first.sections)


def _check_siblings(section: Section) -> None:
    titles = [child.title.lower() for child in section.sections if child.heading_level]
    twice = next((title for title, count in Counter(titles).items() if count > 1), None)
    if twice is not None:
        raise InternalError(f"the result has two sections '{twice}' side by side")
    for child in section.sections:
        _check_siblings(child)
