"""Bytes' worth of text in, one `Definition` out: frontmatter, section tree, units, diagnostics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from agentmerge import forms
from agentmerge.errors import InputError
from agentmerge.knowledge import Dialect, Knowledge
from agentmerge.model import Definition, Diagnostic, Frontmatter, Paragraph, Span
from agentmerge.parsing import checks, cover, dialects, frontmatter, modes, sections, tomlio
from agentmerge.parsing.blocks import Block, parse_body, wrapped_marks
from agentmerge.parsing.containers import grammar
from agentmerge.parsing.lines import line_ending, split_lines, to_lf
from agentmerge.parsing.notes import note
from agentmerge.parsing.units import Slicer
from agentmerge.wrapping import flow_of


def parse(text: str, knowledge: Knowledge, *, filename: str | None = None, dialect: str | None = None) -> Definition:
    """Read one definition. `emit(parse(text)) == text` for every text.

    `filename` helps to tell the dialect and names the file in errors; `dialect` overrides the detection.
    Raises InputError when `dialect` is not one that the dialect table holds; InternalError where a line of the file
    would belong to no field, section or unit, or to two.
    """
    known = dialects.names(knowledge)
    if dialect is not None and dialect not in known:
        raise InputError(f"there is no dialect '{dialect}'", file=filename, remedy=f"known are {', '.join(known)}")
    return _checked(text, filename, dialect, frozenset(), knowledge)


def parse_joined(definition: Definition, joined: frozenset[str], knowledge: Knowledge) -> Definition:
    """The definition read again, with the lines of the paragraphs that say `joined` taken as merely wrapped."""
    again = _checked(definition.text, definition.filename, definition.dialect, joined, knowledge)
    return replace(again, guessed=definition.guessed)


def _checked(
    text: str, filename: str | None, dialect: str | None, joined: frozenset[str], knowledge: Knowledge
) -> Definition:
    if (filename or "").lower().endswith(".toml"):
        definition = _parse_toml(text, filename, dialect, knowledge)
    else:
        definition = _parse_markdown(text, filename, dialect, joined, knowledge, displaced=True)
    astray = cover.uncovered(definition)
    if astray and definition.frontmatter is not None and definition.syntax == "yaml":
        # A unit goes round the block of fields: it is text, wherever it may stand.
        definition = _parse_markdown(text, filename, dialect, joined, knowledge, displaced=False)
        astray = cover.uncovered(definition)
    cover.require(definition, astray)
    return definition


def _parse_markdown(
    text: str,
    filename: str | None,
    dialect: str | None,
    joined: frozenset[str],
    knowledge: Knowledge,
    *,
    displaced: bool,
) -> Definition:
    """A file with frontmatter above or among Markdown, or without any."""
    starts = _starts(text)
    split, found = _split(text, filename, dialect, knowledge, displaced=displaced)
    front = _with_spans(split.front, starts)
    guessed = dialect is None and dialects.by_path(filename, knowledge) is None
    known = knowledge.dialects[found]
    cut = Slicer(split_lines(split.body), split.body_line, knowledge, starts, joined)
    body = _readable(split.body)
    marks = grammar(knowledge).marks(body)
    tagged = wrapped_marks(body, marks, knowledge)
    cut.paragraphs += [Paragraph(cut.with_indents(block), by_line=True) for block in tagged]
    wrapped = {line for block in tagged if flow_of(block.text) in joined for line in range(block.start, block.end)}
    read, lonely = parse_body(body, {line: row for line, row in marks.items() if line not in wrapped}, knowledge)
    blocks, accidents = sections.without_accidents(read, cut)
    root = modes.with_modes(sections.build(blocks, cut), knowledge)
    notes = [*(split.notes if guessed else _as_yaml(split, known)), *accidents]
    notes += _notes(known, front, blocks, split.body, cut, guessed=guessed)
    notes += checks.file_notes(text, filename, front, knowledge)
    notes += checks.section_notes(root, knowledge)
    notes += checks.open_notes(root, text, knowledge)
    notes += checks.container_notes(lonely, cut)
    notes.sort(key=lambda note: note.line)
    return Definition(
        text, filename, found, front, root, tuple(notes), line_ending(text), guessed, paragraphs=tuple(cut.paragraphs)
    )


def _split(
    text: str, filename: str | None, dialect: str | None, knowledge: Knowledge, *, displaced: bool
) -> tuple[frontmatter.Split, str]:
    """The file cut in two, and its dialect.

    How a field is read depends on the dialect, and the dialect on which fields there are: a first look at the keys
    says how to read.
    """
    known = knowledge.dialects
    first = dialect or dialects.detect(filename, frontmatter.keys(text), knowledge)
    split = frontmatter.split(text, knowledge, known[first].forms, displaced=displaced)
    fields = split.front.fields if split.front is not None else ()
    found = dialect or dialects.detect(filename, [field.key for field in fields], knowledge)
    if known[found].forms != known[first].forms:
        split = frontmatter.split(text, knowledge, known[found].forms, displaced=displaced)
    return split, found


def _as_yaml(split: frontmatter.Split, dialect: Dialect) -> list[Diagnostic]:
    """What was noticed in fields that are read as YAML; what is wrong with another one, its form tells."""
    fields = split.front.fields if split.front is not None else ()
    lines = {field.line for field in fields if forms.fault(field, dialect)}
    return [note for note in split.notes if note.code != "frontmatter-repaired" or note.line not in lines]


def _parse_toml(text: str, filename: str | None, dialect: str | None, knowledge: Knowledge) -> Definition:
    """A file of fields alone. One that is no TOML is text, and told."""
    lines = split_lines(text)
    try:
        fields = tomlio.fields(text)
    except tomlio.TomlError as error:
        return _without_fields(
            text, filename, dialect, [note("toml-broken", error.line, knowledge, why=error.message)], knowledge
        )
    if not fields:
        return _without_fields(text, filename, dialect, [], knowledge)
    front = _with_spans(Frontmatter(text, len(lines) + 1, fields, valid=True), _starts(text))
    assert front is not None
    found = dialect or dialects.detect(filename, [field.key for field in fields], knowledge, syntax="toml")
    root = sections.build([], Slicer([], len(lines) + 1, knowledge, _starts(text)))
    guessed = dialect is None and dialects.by_path(filename, knowledge) is None
    notes = [
        *checks.field_notes(front, knowledge.dialects[found], knowledge, guessed=guessed),
        *checks.file_notes(text, filename, front, knowledge),
    ]
    notes.sort(key=lambda note: note.line)
    return Definition(text, filename, found, front, root, tuple(notes), line_ending(text), guessed, "toml")


def _without_fields(
    text: str, filename: str | None, dialect: str | None, told: list[Diagnostic], knowledge: Knowledge
) -> Definition:
    cut = Slicer(split_lines(text), 1, knowledge, _starts(text))
    body = _readable(text)
    read, _ = parse_body(body, grammar(knowledge).marks(body), knowledge)
    blocks, _ = sections.without_accidents(read, cut)
    root = sections.build(blocks, cut)
    notes = sorted([*told, *checks.file_notes(text, filename, None, knowledge)], key=lambda note: note.line)
    found = dialect or dialects.detect(filename, (), knowledge, syntax="toml")
    return Definition(text, filename, found, None, root, tuple(notes), line_ending(text), syntax="toml")


def _starts(text: str) -> list[int]:
    """The offset of each line, and of the end."""
    return list(accumulate(map(len, split_lines(text)), initial=0))


def _with_spans(front: Frontmatter | None, starts: Sequence[int]) -> Frontmatter | None:
    if front is None:
        return None
    fields = (replace(field, span=Span(starts[field.start - 1], starts[field.end - 1])) for field in front.fields)
    return replace(front, fields=tuple(fields))


def _notes(
    dialect: Dialect,
    front: Frontmatter | None,
    blocks: list[Block],
    body: str,
    cut: Slicer,
    *,
    guessed: bool,
) -> Iterator[Diagnostic]:
    if front is not None:
        yield from checks.field_notes(front, dialect, cut.knowledge, guessed=guessed)
        if not body.strip():
            yield note("body-empty", max(1, front.end - 1), cut.knowledge)
    yield from checks.body_notes(blocks, body, cut, dialect)
    yield from checks.misplaced_frontmatter(blocks, cut)


def _readable(body: str) -> str:
    # A BOM would hide a heading on the first line.
    return to_lf(body).removeprefix("\ufeff")
