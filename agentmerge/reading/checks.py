"""A definition in, diagnostics out: its fields, what its host refuses, fences, hidden characters, coverage."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from agentmerge.errors import InternalError
from agentmerge.knowledge.tables import Dialect, Knowledge, note, short
from agentmerge.model import Definition, Diagnostic, Field, Frontmatter, Kept, Section, Unit, Value, walk_units
from agentmerge.reading import containers, yamlio
from agentmerge.reading.blocks import MAX_NESTING, Block
from agentmerge.reading.containers import Mark, missing_end
from agentmerge.reading.lenient import key_of, value_of
from agentmerge.reading.sections import Slicer
from agentmerge.reading.yamlio import relaxed
from agentmerge.rights import reading, vocabulary
from agentmerge.text.lines import bare, is_needed, line_endings, may_hide, split_lines, suspects
from agentmerge.text.markers import markers

# Hidden ---------------------------------------------------------------------------------------------------------------
#
# Characters that a person does not see, or takes for others, while a model reads them.


MAX_NOTES = 20
"""Lines with hidden characters that are told one by one."""
MAX_POINTS = 6
"""Code points that one diagnostic spells out."""

_WORD = re.compile(r"[^\W\d_]+")
_NAME_FIELDS = frozenset({"name", "tools", "allowed-tools", "disallowedTools", "disallowed-tools", "agents", "skills"})


def hidden_notes(text: str, knowledge: Knowledge) -> Iterator[Diagnostic]:
    """A diagnostic for each line and kind of hidden character, with the code points; the first lines only."""
    if text.startswith("\ufeff"):
        yield note("byte-order-mark", 1, knowledge)
    found = 0
    for number, line in _suspect_lines(text.removeprefix("\ufeff")):
        for code, chars in _by_code(line).items():
            found += 1
            if found > MAX_NOTES:
                return
            yield note(code, number, knowledge, count=_count(code, chars), points=_points(chars))


def hidden_characters(text: str) -> Counter[str]:
    """Every hidden or control character of a text, with how often it stands there; what emoji and scripts need
    is not one of them."""
    return Counter(char for _, line in _suspect_lines(text) for chars in _by_code(line).values() for char in chars)


def _suspect_lines(text: str) -> Iterator[tuple[int, str]]:
    if may_hide(text):
        find = suspects().search
        yield from ((number, line) for number, line in enumerate(split_lines(text), 1) if find(line))


def _by_code(line: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for match in suspects().finditer(line):
        if not is_needed(line, match.start()):
            found.setdefault(_code(match[0]), []).append(match[0])
    return found


def _code(char: str) -> str:
    category = unicodedata.category(char)
    return {"Cc": "control-character", "Co": "private-use"}.get(category, "hidden-character")


def _count(code: str, chars: Sequence[str]) -> str:
    name = {"private-use": "private-use character"}.get(code, code.replace("-", " "))
    return f"a {name} stands" if len(chars) == 1 else f"{len(chars)} {name}s stand"


def _points(chars: Sequence[str]) -> str:
    counts = Counter(chars)
    shown = [f"U+{ord(char):04X} {unicodedata.name(char, '')}".rstrip() for char in list(counts)[:MAX_POINTS]]
    return ", ".join(shown) + (", ..." if len(counts) > MAX_POINTS else "")


def name_notes(filename: str | None, fields: Sequence[Field], knowledge: Knowledge) -> Iterator[Diagnostic]:
    """A diagnostic for each word in a tool, agent or file name whose letters come from two scripts that look alike."""
    if filename and not filename.isascii():
        yield from _mixed(re.split(r"[/\\]", filename)[-1], 1, knowledge)
    for field in fields:
        if field.key in _NAME_FIELDS and not field.text.isascii():
            yield from _mixed(field.text, field.line, knowledge)


def _mixed(text: str, line: int, knowledge: Knowledge) -> Iterator[Diagnostic]:
    for match in _WORD.finditer(text):
        scripts = {name for char in match[0] if (name := _script(char))}
        if len(scripts) > 1 and scripts <= {"Latin", "Cyrillic", "Greek", "Armenian", "Cherokee"}:
            strange = [char for char in match[0] if _script(char) != "Latin"]
            yield note(
                "mixed-script",
                line,
                knowledge,
                word=match[0],
                scripts=" and ".join(sorted(scripts)),
                points=_points(strange),
            )


def _script(char: str) -> str:
    name = unicodedata.name(char, "")
    return name.partition(" ")[0].title() if unicodedata.category(char).startswith("L") else ""


# Cover ----------------------------------------------------------------------------------------------------------------
#
# The law of reading: every line on which something stands belongs to exactly one field, section or unit.


LAYOUT = " \t\r\n\ufeff"
"""What a line may hold that belongs to no node."""


def require(definition: Definition, found: Sequence[tuple[int, int, str]]) -> None:
    """InternalError with file and line where `uncovered` found that the law does not hold."""
    for line, nodes, text in found[:1]:
        what = "belongs to no field, section or unit" if nodes == 0 else f"belongs to {nodes} nodes"
        raise InternalError(
            f"a line was read wrongly: it {what} ('{short(text)}')", file=definition.filename, line=line
        )


def uncovered(definition: Definition) -> list[tuple[int, int, str]]:
    """Lines that belong to no node though something stands on them, or to more than one: number, nodes, text."""
    lines = split_lines(definition.text)
    counts = [0] * (len(lines) + 2)
    for start, end in _ranges(definition):
        for line in range(start, end):
            counts[line] += 1
    return [
        (number, count, line)
        for number, (count, line) in enumerate(zip(counts[1:], lines, strict=False), 1)
        if count != 1 and (count > 1 or line.strip(LAYOUT))
    ]


def _ranges(definition: Definition) -> Iterator[tuple[int, int]]:
    """First line and first line behind it of every node's own lines, fences included."""
    front = definition.frontmatter
    if front is not None:
        yield from ((field.start, field.end) for field in front.fields)
    if front is not None and definition.syntax == "yaml":
        last = front.end - 1 if front.is_closed else front.end
        yield front.line, front.line + 1
        yield last, front.end
        if not front.fields:
            yield front.line + 1, last
    pending: list[Section | Unit] = [definition.root]
    while pending:
        node = pending.pop()
        yield node.line, node.end
        pending += node.body if isinstance(node, Section) else node.children


# Fence checks ---------------------------------------------------------------------------------------------------------
#
# What is worth telling about fences: those kept whole against CommonMark, and those that end where nobody meant.


def fence_notes(block: Block, cut: Slicer) -> Iterator[Diagnostic]:
    """About one fenced block."""
    first, last = block.start + cut.offset, block.end + cut.offset - 1
    fence = short(block.marker + block.info)
    longer = block.marker + block.marker[0]
    if not _is_closed(block, cut):
        yield note("fence-unclosed", first, cut.knowledge, fence=block.marker, end=last)
    elif block.cut:
        end = block.cut + cut.offset - 1
        yield note("fence-nested", first, cut.knowledge, fence=fence, cut=end, end=last, longer=longer)
    else:
        yield from _of_end(block, cut, fence, longer)


def _of_end(block: Block, cut: Slicer, fence: str, longer: str) -> Iterator[Diagnostic]:
    first, last = block.start + cut.offset, block.end + cut.offset - 1
    number, heading = containers.opening(block.text, block.marker), containers.heading(block.text)
    inner = first + 1 + (number or 0)
    if number is not None and (not heading or containers.names_document(block.info, cut.knowledge)):
        yield note("fence-unsure", first, cut.knowledge, fence=fence, inner=inner, end=last, longer=longer)
    elif number is not None:
        why = f"a fence opens on line {inner} in it"
        yield note(
            "fence-late", first, cut.knowledge, fence=fence, title=short(heading), why=why, end=last, longer=longer
        )
    elif heading and not block.info and _looks_like_end(block, cut):
        why = "it opens on a line that looks like the end of another"
        yield note(
            "fence-late", first, cut.knowledge, fence=fence, title=short(heading), why=why, end=last, longer=longer
        )


def _is_closed(block: Block, cut: Slicer) -> bool:
    last = cut.lines[block.end - 1].strip(" \t\r\n>")
    return block.end - block.start > 1 and last.startswith(block.marker) and not last.strip(block.marker[0])


def _looks_like_end(block: Block, cut: Slicer) -> bool:
    """Whether a bare fence that opens a block has text above it and a blank line below."""
    above = bare(cut.lines[block.start - 1]).strip() if block.start else ""
    return above != "" and not bare(cut.lines[block.start + 1]).strip()


# Hostchecks -----------------------------------------------------------------------------------------------------------
#
# What makes a host refuse a file, or pass over a part of it, by the tables: types, values, forms, names of tools.


_KINDS: tuple[tuple[type | tuple[type, ...], str, str], ...] = (
    (bool, "boolean", "a boolean"),
    ((int, float), "number", "a number"),
    (str, "text", "text"),
    (tuple, "list", "a list"),
    (Mapping, "map", "a mapping"),
)
_NAMES = {kind: words for _, kind, words in _KINDS}
_WILDCARDS = ("*", "?")


def host_notes(front: Frontmatter, dialect: Dialect, knowledge: Knowledge) -> Iterator[Diagnostic]:
    """What the host of a dialect will not take of a frontmatter."""
    # Of a key that stands twice the last one counts.
    for field in {field.key: field for field in front.fields}.values():
        if field.value is None:
            continue
        yield from _type_notes(field, dialect, knowledge)
        yield from _form_notes(field, dialect, knowledge)
        if field.key in dialect.tool_lists.fields:
            yield from _tool_notes(field, dialect, knowledge)
        for other in dialect.overrules.get(f"{field.key}: {field.text.strip()}", ()):
            yield from _overruled(field, front.get(other), knowledge)


def _type_notes(field: Field, dialect: Dialect, knowledge: Knowledge) -> Iterator[Diagnostic]:
    types = dialect.types.get(field.key)
    kind, words = next((kind, words) for cls, kind, words in _KINDS if isinstance(field.value, cls))
    if types is not None and kind not in types:
        wanted = " or ".join(_NAMES[one] for one in types)
        remedy = _as_type(field, types[0])
        yield note(
            "field-type",
            field.line,
            knowledge,
            key=field.key,
            what=words,
            dialect=dialect.title,
            wanted=wanted,
            remedy=remedy,
        )
    elif isinstance(field.value, str):
        yield from _hostchecks_value_notes(field, dialect, knowledge=knowledge)


def _as_type(field: Field, kind: str) -> str:
    """What to write instead, where it can be told from what is there."""
    names = reading.names(field.value)
    if kind == "list" and isinstance(field.value, str) and names:
        return f"write [{short(', '.join(names), 80)}]"
    if kind == "boolean" and isinstance(field.value, str) and field.value.lower() in ("true", "false"):
        return f"write {field.value.lower()} without quotes"
    if kind == "number" and isinstance(field.value, str) and field.value.replace(".", "", 1).isdigit():
        return f"write {field.value} without quotes"
    if kind == "text" and not isinstance(field.value, (tuple, Mapping)):
        return f'write "{field.text}"'
    return f"write {_NAMES[kind]}"


def _hostchecks_value_notes(field: Field, dialect: Dialect, knowledge: Knowledge) -> Iterator[Diagnostic]:
    listed, pattern = dialect.values.get(field.key), dialect.patterns.get(field.key)
    text = field.text.strip()
    if (listed is None and pattern is None) or text in (listed or ()):
        return
    if pattern is None or not re.fullmatch(pattern, text):
        known = [*(listed or ()), *([f"what /{pattern}/ matches"] if pattern else ())]
        yield note(
            "field-value",
            field.line,
            knowledge,
            key=field.key,
            text=short(field.text),
            dialect=dialect.title,
            known=", ".join(known),
        )


def _form_notes(field: Field, dialect: Dialect, knowledge: Knowledge) -> Iterator[Diagnostic]:
    fault = yamlio.fault(field, dialect)
    if fault:
        good = yamlio.bare(field.value)
        remedy = f"write `{field.key}: {short(good, 80)}`, or run `agentmerge fmt`" if good else "write it on one line"
        yield note("field-form", field.line, knowledge, key=field.key, how=fault, dialect=dialect.title, remedy=remedy)


def _overruled(field: Field, other: Field | None, knowledge: Knowledge) -> Iterator[Diagnostic]:
    if other is not None and other.value not in (None, "", ()):
        yield note("field-overruled", other.line, knowledge, key=other.key, by=f"{field.key}: {field.text}")


# Names of tools


def _tool_notes(field: Field, dialect: Dialect, knowledge: Knowledge) -> Iterator[Diagnostic]:
    if isinstance(field.value, Mapping) and "map" not in dialect.types.get(field.key, ()):
        return
    known = knowledge.derived(_hosts)[dialect.name]
    listed = {name: name.partition("(")[0].strip() for name in _listed(field)}
    other = known.likeliest(listed.values())
    for name, base in listed.items():
        if not base or base in _WILDCARDS or known.holds(base):
            continue
        server = vocabulary.server_tool(base)
        host = known.other_host(base, other)
        if server is not None and not host and "/" in base and not vocabulary.has_form(base, dialect.tool_lists.server):
            # `search/searchResults` is a tool of a set, not of a server.
            host = known.other_host(server[0], other)
        if server is not None and not host:
            right = dialect.tool_lists.server
            if right and not vocabulary.has_form(base, right):
                better = right.format(server=server[0], tool=server[1])
                yield note(
                    "tool-server",
                    _line(field, name),
                    knowledge,
                    key=field.key,
                    name=short(name),
                    dialect=dialect.title,
                    better=better,
                )
        elif host or dialect.tool_lists.closed:
            told = f", but {known.title(host)} calls one so" if host else ""
            better = known.same(base, host)
            remedy = f"write {better}" if better else "take it out, or name one that the host has"
            yield note(
                "tool-unknown",
                _line(field, name),
                knowledge,
                key=field.key,
                name=short(name),
                dialect=dialect.title,
                told=told,
                remedy=remedy,
            )


def _listed(field: Field) -> Sequence[str]:
    value: Value = field.value
    if isinstance(value, Mapping):
        return tuple(value)
    return reading.spaced_names(value) if field.key.endswith("-tools") else reading.names(value)


def _line(field: Field, name: str) -> int:
    """The line on which a name stands, else that of its field."""
    rows = field.source.split("\n")[field.line - field.start :]
    return field.line + next((number for number, row in enumerate(rows) if name in row), 0)


class _Known:
    """The names that one host knows, and what others call the same."""

    def __init__(self, knowledge: Knowledge, name: str) -> None:
        self._rows = knowledge.vocabularies
        self._lists = knowledge.dialects[name].tool_lists
        self._titles = {name: dialect.title for name, dialect in knowledge.dialects.items()}
        self._own = {
            self._folded(tool): means
            for row in self._lists.vocabularies
            for tool, means in self._rows.get(row, {}).items()
        }
        self._also = {self._folded(tool) for tool in self._lists.also}

    def holds(self, name: str) -> bool:
        return self._folded(name) in self._own or self._folded(name) in self._also

    def likeliest(self, names: Iterable[str]) -> str:
        """The other vocabulary that holds most of the names."""
        others = [row for row in self._rows if row not in self._lists.vocabularies]
        listed = list(names)
        return max(others, key=lambda row: sum(name in self._rows[row] for name in listed), default="")

    def other_host(self, name: str, first: str) -> str:
        """The vocabulary that a name is from, `first` asked first; "" where none of the others holds it."""
        others = [first, *(row for row in self._rows if row not in self._lists.vocabularies)]
        return next((row for row in others if name in self._rows.get(row, ())), "")

    def title(self, vocabulary: str) -> str:
        return self._titles.get(vocabulary, "another host")

    def same(self, name: str, vocabulary: str) -> str:
        """What the host calls the same tool, several names where it has no single one; "" where it has none."""
        own = self._rows.get(self._lists.vocabularies[0], {}) if self._lists.vocabularies else {}
        means = sorted(self._rows.get(vocabulary, {}).get(name, ()))
        found = (next((tool for tool, senses in own.items() if one in senses), "") for one in means)
        return ", ".join(dict.fromkeys(tool for tool in found if tool))

    def _folded(self, name: str) -> str:
        return name.lower() if self._lists.any_case else name


def _hosts(knowledge: Knowledge) -> Kept[str, _Known]:
    return Kept(lambda name: _Known(knowledge, name), len(knowledge.dialects))


# Checks ---------------------------------------------------------------------------------------------------------------
#
# What is worth telling about a definition that was read: fields, limits of the host, fences, markers, headings.


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


_OPEN = re.compile(r"(?:<!--|>) agentmerge: conflict (?P<slot>\d+, .*): side 1 of \d+, ")
"""The comment at the first side of a contradiction that a combine left open."""


def open_notes(root: Section, text: str, knowledge: Knowledge) -> Iterator[Diagnostic]:
    """Contradictions that a combine left open."""
    for place in walk_units(root) if " agentmerge: conflict " in text else ():
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
