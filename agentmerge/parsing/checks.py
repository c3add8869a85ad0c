"""What is worth telling about a definition that was read: fields, limits of the host, fences, markers, headings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agentmerge.forms import relaxed
from agentmerge.knowledge import Dialect, Knowledge
from agentmerge.model import Diagnostic, Field, Frontmatter, Section, walk_units
from agentmerge.parsing.blocks import MAX_NESTING, Block
from agentmerge.parsing.containers import Mark
from agentmerge.parsing.fence_checks import fence_notes
from agentmerge.parsing.hidden import hidden_notes, name_notes
from agentmerge.parsing.hostchecks import host_notes
from agentmerge.parsing.html import missing_end
from agentmerge.parsing.lenient import key_of, value_of
from agentmerge.parsing.lines import line_endings, split_lines
from agentmerge.parsing.markers import markers
from agentmerge.parsing.notes import note, short
from agentmerge.parsing.units import Slicer

_OLD_BOOLEAN = re.compile(r"(?:yes|no|on|off)\Z", re.IGNORECASE)
_OLD_NUMBER = re.compile(r"[-+]?(?:0[0-7]+|[0-9][0-9_]*_[0-9_]*|0b[01_]+|[0-9]+(?::[0-5]?[0-9])+)\Z")
_ANCHOR = re.compile(r"[ \t]+(&\S+)[ \t]+\S")
_ALIAS = re.compile(r"\*(\S+?)(?=[\s,\]}]|\Z)")
_TEXT_SHAPES = frozenset({"scalar", "prose"})
_TEXT_FIELDS = frozenset({"name", "description", "argument-hint"})
_EFFECTS = {
    "ignored": "the host ignores it",
    "error": "the host refuses a file with it",
    "kept": "the host hands it on to the model's provider",
}


def file_notes(
    text: str, filename: str | None, front: Frontmatter | None, knowledge: Knowledge
) -> Iterator[Diagnostic]:
    """About characters and line endings."""
    kinds = line_endings(text)
    if len(kinds) > 1 or kinds == ["CR"]:
        yield note("line-endings-mixed", 1, knowledge, kinds=" and ".join(kinds))
    yield from hidden_notes(text, knowledge)
    yield from _marker_notes(text, filename, knowledge)
    yield from name_notes(filename, front.fields if front else (), knowledge)


def _marker_notes(text: str, filename: str | None, knowledge: Knowledge) -> Iterator[Diagnostic]:
    found = markers(text, knowledge)
    for hunk in found.conflicts:
        yield note("conflict-unresolved", hunk.line, knowledge, end=hunk.end, file=filename or "FILE")
    for hunk in found.examples:
        yield note("conflict-example", hunk.line, knowledge, end=hunk.end)
    for number, line in found.stray:
        yield note("conflict-marker", number, knowledge, text=short(line))


def field_notes(
    front: Frontmatter, dialect: Dialect, knowledge: Knowledge, *, guessed: bool = False
) -> Iterator[Diagnostic]:
    """About fields and their values; what a host refuses is not told of a dialect that is guessed from the fields."""
    refuses = dialect.unknown_fields == "error" and not guessed
    aliases = frozenset(_ALIAS.findall(front.source)) if "&" in front.source else frozenset()
    for field in front.fields:
        yield from _value_notes(field, knowledge)
        yield from _plain_notes(field, aliases, knowledge)
        if field.key not in dialect.fields and dialect.fields and not field.is_merge:
            effect = _EFFECTS.get(dialect.unknown_fields, dialect.unknown_fields)
            code = "field-refused" if refuses else "field-unknown"
            yield note(code, field.line, knowledge, key=field.key, dialect=dialect.title, effect=effect)
        limit = dialect.field_limits.get(field.key)
        if limit is not None and len(field.text) > limit:
            yield note(
                "field-too-long",
                field.line,
                knowledge,
                key=field.key,
                length=len(field.text),
                dialect=dialect.title,
                limit=limit,
            )
    for key in dialect.required:
        if front.get(key) is None:
            code = "field-needed" if refuses else "field-missing"
            yield note(code, 1, knowledge, key=key, dialect=dialect.title)
    yield from _rights_notes(front, dialect, knowledge)
    if not guessed:
        yield from host_notes(front, dialect, knowledge)
    elif dialect.fields.issuperset(field.key for field in front.fields):
        yield from host_notes(front, relaxed(dialect), knowledge)


def _value_notes(field: Field, knowledge: Knowledge) -> Iterator[Diagnostic]:
    shape = knowledge.fields[field.key].shape if field.key in knowledge.fields else ""
    if (field.key in _TEXT_FIELDS or shape == "prose") and not isinstance(field.value, str):
        yield note("value-type", field.line, knowledge, key=field.key, what=_what(field.value))
    if field.style in ("plain", "recovered") and shape in _TEXT_SHAPES and "\\n" in field.text:
        yield note("value-escapes", field.line, knowledge, key=field.key)


def _plain_notes(field: Field, aliases: frozenset[str], knowledge: Knowledge) -> Iterator[Diagnostic]:
    if field.style != "plain":
        return
    head = next(iter(split_lines(field.source)[field.line - field.start :]), "")
    anchor = _ANCHOR.match(value_of(head))
    if anchor and anchor[1][1:] not in aliases:
        yield note("value-anchor", field.line, knowledge, key=field.key, anchor=anchor[1])
    raw = field.text.strip()
    if _OLD_BOOLEAN.match(raw):
        yield note("yaml-versions", field.line, knowledge, key=field.key, text=raw, old="a boolean", new="text")
    elif _OLD_NUMBER.match(raw):
        new = "text" if isinstance(field.value, str) else "another number"
        yield note("yaml-versions", field.line, knowledge, key=field.key, text=raw, old="a number", new=new)


def _what(value: object) -> str:
    names = {tuple: "a list", bool: "a boolean", int: "a number", float: "a number", type(None): "no value"}
    return names.get(type(value), "a mapping")


def _rights_notes(front: Frontmatter, dialect: Dialect, knowledge: Knowledge) -> Iterator[Diagnostic]:
    for key, info in knowledge.fields.items():
        # A table called `tools` in TOML is about other things.
        if info.rights != "allow" or key not in dialect.fields or dialect.syntax == "toml":
            continue
        field = front.get(key)
        if field is None and key == "tools":
            yield note("tools-absent", 1, knowledge, key=key)
        elif field is not None and field.value is None:
            yield note("tools-null", field.line, knowledge, key=key)
        elif field is not None and field.value in ((), "") and dialect.tool_lists.empty == "all":
            yield note("tools-empty-open", field.line, knowledge, key=key, dialect=dialect.title)
        elif field is not None and field.value in ((), ""):
            yield note("tools-empty", field.line, knowledge, key=key)


def body_notes(blocks: Sequence[Block], body: str, cut: Slicer, dialect: Dialect) -> Iterator[Diagnostic]:
    """About the text below the frontmatter."""
    if dialect.body_limit is not None and len(body) > dialect.body_limit:
        over = len(body) - dialect.body_limit
        yield note(
            "body-too-long",
            cut.offset,
            cut.knowledge,
            length=len(body),
            dialect=dialect.title,
            limit=dialect.body_limit,
            over=over,
        )
    deep = None
    for level, block in _levels(blocks):
        if level >= MAX_NESTING - 1 and deep is None:
            deep = note("nesting-too-deep", block.start + cut.offset, cut.knowledge, limit=MAX_NESTING)
            yield deep
        if block.kind == "code" and block.fenced:
            yield from fence_notes(block, cut)
        if block.kind == "html" and (end := missing_end(block.text)):
            last = block.end + cut.offset - 1
            yield note(
                "html-unclosed", block.start + cut.offset, cut.knowledge, text=short(block.text), closer=end, end=last
            )


def _levels(blocks: Sequence[Block]) -> Iterator[tuple[int, Block]]:
    """Every block with the number of blocks that it stands in."""
    pending = [(0, block) for block in reversed(blocks)]
    while pending:
        level, block = pending.pop()
        yield level, block
        pending += [(level + 1, child) for child in reversed(block.children)]


def misplaced_frontmatter(blocks: Sequence[Block], cut: Slicer) -> Iterator[Diagnostic]:
    """A block of fields between two rules at the start of the body, where no host looks for it."""
    for above, block, below in zip(blocks, blocks[1:2], blocks[2:3], strict=False):
        yield from _framed(above, block, below, cut)
    for above, block, below in zip(blocks[1:], blocks[2:3], blocks[3:4], strict=False):
        yield from _framed(above, block, below, cut)


def _framed(above: Block, block: Block, below: Block, cut: Slicer) -> Iterator[Diagnostic]:
    rows = block.text.split("\n")
    is_framed = (above.kind, block.kind, below.kind) == ("break", "paragraph", "break")
    if is_framed and any(key_of(row) in cut.knowledge.known_keys for row in rows):
        assumed = "it is text of the body, as hosts take it"
        remedy = "move it to the top of the file, or into the frontmatter"
        line = block.start + cut.offset
        yield note("frontmatter-misplaced", line, cut.knowledge, text=short(rows[0]), assumed=assumed, remedy=remedy)


def container_notes(lonely: Sequence[tuple[int, Mark]], cut: Slicer) -> Iterator[Diagnostic]:
    """Lines that open, part or close a container whose other line is missing."""
    missing = {"open": "nothing closes it", "close": "nothing opens it", "branch": "it stands in no container"}
    missing["single"] = "others stand on its line"
    for line, mark in lonely:
        text = short(cut.lines[line].strip())
        yield note("container-unpaired", line + cut.offset, cut.knowledge, text=text, why=missing[mark.role])


_OPEN = re.compile(r"<!-- agentmerge: conflict (?P<slot>\d+, .*): side 1 of \d+, ")
"""The comment at the first side of a contradiction that a combine left open."""


def open_notes(root: Section, text: str, knowledge: Knowledge) -> Iterator[Diagnostic]:
    """Contradictions that a combine left open."""
    for place in walk_units(root) if "<!-- agentmerge: conflict " in text else ():
        match = _OPEN.match(place.unit.text) if place.unit.kind == "comment" else None
        if match is not None:
            yield note("conflict-open", place.unit.line, knowledge, slot=short(match["slot"]))


def section_notes(root: Section, knowledge: Knowledge) -> Iterator[Diagnostic]:
    """Headings that stand twice side by side."""
    pending = [root]
    while pending:
        section = pending.pop()
        first: dict[str, int] = {}
        for child in section.sections:
            if child.title in first and child.heading_level:
                yield note(
                    "heading-repeated", child.line, knowledge, title=short(child.title), first=first[child.title]
                )
            first.setdefault(child.title, child.line)
            pending.append(child)
