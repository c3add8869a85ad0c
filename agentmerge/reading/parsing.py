"""The text of one file in, its `Definition` out; and two definitions read alike where only their wrapping differs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from agentmerge.errors import InputError
from agentmerge.knowledge.tables import Dialect, Knowledge, note
from agentmerge.model import Definition, Diagnostic, Frontmatter, Paragraph, Span, flow_of, per_definition
from agentmerge.reading import checks, frontmatter, relations, sections, yamlio
from agentmerge.reading.blocks import Block, parse_body, wrapped_marks
from agentmerge.reading.containers import grammar
from agentmerge.reading.sections import Slicer
from agentmerge.text.lines import line_ending, split_lines, to_lf
from agentmerge.text.paths import like

# Dialects -------------------------------------------------------------------------------------------------------------
#
# Which host's convention a file follows, told by the table of dialects: filename first, then fields.


ENOUGH = 0.5
"""Vote below which no field speaks for a host."""


def names(knowledge: Knowledge) -> tuple[str, ...]:
    """The dialects that the table holds, in the order in which they are tried."""
    return tuple(knowledge.dialects)


def detect(filename: str | None, keys: Collection[str], knowledge: Knowledge, *, syntax: str = "") -> str:
    """The dialect of a file. A path pattern that names one host decides; else the fields' keys vote; else `plain`.

    With `syntax` only dialects of that one are asked.
    """
    found = by_path(filename, knowledge)
    return _elected(keys, syntax, knowledge) if found is None else found


def by_path(filename: str | None, knowledge: Knowledge) -> str | None:
    """The dialect that a path belongs to; None where it names no host. A revision before it, `REV:path`, is none."""
    path = "/" + (filename or "").replace("\\", "/").rpartition(":")[2]
    for name, dialect in knowledge.dialects.items():
        if any(like(f"*/{pattern}", path) for pattern in dialect.paths):
            return name
    return None


def _elected(keys: Collection[str], syntax: str, knowledge: Knowledge) -> str:
    asked = {name: one for name, one in knowledge.dialects.items() if syntax in ("", one.syntax)}
    votes = {name: _vote(set(keys), dialect) for name, dialect in asked.items()}
    best = max(votes, key=lambda name: votes[name], default="plain")
    return best if votes.get(best, 0.0) >= ENOUGH else "plain"


def _vote(keys: set[str], dialect: Dialect) -> float:
    """Marker fields speak for a dialect, its other fields a little, a required one that is missing against it."""
    if dialect.forms and not keys <= dialect.fields:
        # Its reader is none of YAML: a file that holds more than it knows is another host's.
        return 0.0
    missing = len(set(dialect.required) - keys)
    return 1.0 * len(keys & dialect.markers) + 0.1 * len(keys & dialect.fields) - 0.5 * missing


# Parsing --------------------------------------------------------------------------------------------------------------
#
# Bytes' worth of text in, one `Definition` out: frontmatter, section tree, units, diagnostics.


def parse(text: str, knowledge: Knowledge, *, filename: str | None = None, dialect: str | None = None) -> Definition:
    """Read one definition. `emit(parse(text)) == text` for every text.

    `filename` helps to tell the dialect and names the file in errors; `dialect` overrides the detection.
    Raises InputError when `dialect` is not one that the dialect table holds; InternalError where a line of the file
    would belong to no field, section or unit, or to two.
    """
    known = names(knowledge)
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
    astray = checks.uncovered(definition)
    if astray and definition.frontmatter is not None and definition.syntax == "yaml":
        # A unit goes round the block of fields: it is text, wherever it may stand.
        definition = _parse_markdown(text, filename, dialect, joined, knowledge, displaced=False)
        astray = checks.uncovered(definition)
    checks.require(definition, astray)
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
    guessed = dialect is None and by_path(filename, knowledge) is None
    known = knowledge.dialects[found]
    cut = Slicer(split_lines(split.body), split.body_line, knowledge, starts, joined)
    body = _readable(split.body)
    marks = grammar(knowledge).marks(body)
    tagged = wrapped_marks(body, marks, knowledge)
    cut.paragraphs += [Paragraph(cut.with_indents(block), by_line=True) for block in tagged]
    wrapped = {line for block in tagged if flow_of(block.text) in joined for line in range(block.start, block.end)}
    read, lonely = parse_body(body, {line: row for line, row in marks.items() if line not in wrapped}, knowledge)
    blocks, accidents = sections.without_accidents(read, cut)
    root = relations.with_modes(sections.build(blocks, cut), knowledge)
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
    first = dialect or detect(filename, frontmatter.keys(text), knowledge)
    split = frontmatter.split(text, knowledge, known[first].forms, displaced=displaced)
    fields = split.front.fields if split.front is not None else ()
    found = dialect or detect(filename, [field.key for field in fields], knowledge)
    if known[found].forms != known[first].forms:
        split = frontmatter.split(text, knowledge, known[found].forms, displaced=displaced)
    return split, found


def _as_yaml(split: frontmatter.Split, dialect: Dialect) -> list[Diagnostic]:
    """What was noticed in fields that are read as YAML; what is wrong with another one, its form tells."""
    fields = split.front.fields if split.front is not None else ()
    lines = {field.line for field in fields if yamlio.fault(field, dialect)}
    return [note for note in split.notes if note.code != "frontmatter-repaired" or note.line not in lines]


def _parse_toml(text: str, filename: str | None, dialect: str | None, knowledge: Knowledge) -> Definition:
    """A file of fields alone. One that is no TOML is text, and told."""
    lines = split_lines(text)
    try:
        fields = frontmatter.fields(text)
    except frontmatter.TomlError as error:
        return _without_fields(
            text, filename, dialect, [note("toml-broken", error.line, knowledge, why=error.message)], knowledge
        )
    if not fields:
        return _without_fields(text, filename, dialect, [], knowledge)
    front = _with_spans(Frontmatter(text, len(lines) + 1, fields, valid=True), _starts(text))
    assert front is not None
    found = dialect or detect(filename, [field.key for field in fields], knowledge, syntax="toml")
    root = sections.build([], Slicer([], len(lines) + 1, knowledge, _starts(text)))
    guessed = dialect is None and by_path(filename, knowledge) is None
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
    found = dialect or detect(filename, (), knowledge, syntax="toml")
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


# Alike ----------------------------------------------------------------------------------------------------------------
#
# Definitions read alike: what is only wrapped in another way is cut into the same units.
#
# A paragraph whose visible lines each begin with a bold lead, say, is read line by line. Re-wrapped it has the same
# words
# in other lines, and they say nothing: then its lines are not asked in any of them.


def read_alike(definitions: Sequence[Definition], knowledge: Knowledge) -> tuple[Definition, ...]:
    """The definitions, read again where a paragraph stands in two of them with the same words in other lines."""
    joined = _rewrapped(definitions)
    return tuple(_reread(one, joined, knowledge) if joined else one for one in definitions)


def _rewrapped(definitions: Sequence[Definition]) -> frozenset[str]:
    """Words of the paragraphs that are read line by line in one definition, and stand in another in other lines alone.

    What one author writes in two ways is none of it.
    """
    by_line = {one.flow for definition in definitions for one in definition.paragraphs if one.by_line}
    if not by_line:
        return frozenset()
    lines: dict[str, list[frozenset[tuple[str, ...]]]] = defaultdict(list)
    for definition in definitions:
        own: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        for one in definition.paragraphs:
            if one.flow in by_line:
                own[one.flow].add(_lines(one))
        for flow, found in own.items():
            lines[flow].append(frozenset(found))
    return frozenset(flow for flow, found in lines.items() if len(set(found)) > 1)


def _lines(paragraph: Paragraph) -> tuple[str, ...]:
    first, *rest = paragraph.text.split("\n")
    # Where a line begins says what it bounds.
    return (first.strip(" \t"), *(line.rstrip(" \t") for line in rest))


@per_definition
def _reread(definition: Definition, joined: frozenset[str], knowledge: Knowledge) -> Definition:
    return parse_joined(definition, joined, knowledge)
