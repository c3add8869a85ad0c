"""The head of a file in, its fields out: read strictly, as YAML or TOML, with the lines of templates among them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from agentmerge.knowledge.tables import Knowledge, note, short
from agentmerge.model import Diagnostic, Field, Frontmatter, FrozenMap, Value
from agentmerge.reading import lenient
from agentmerge.reading.containers import Mark, grammar, pair
from agentmerge.reading.lenient import key_of, value_of, with_comments
from agentmerge.reading.yamlio import Entry, YamlError, as_text, entries, resolve, text_of
from agentmerge.text.lines import bare, split_lines, to_lf

# Conditions -----------------------------------------------------------------------------------------------------------
#
# Lines of a template among the fields of a frontmatter: hidden from the YAML reader, and told by each field.
#
# `{% if pro %}` above `model:` is no YAML, and taken for a line of the value before it, it would be torn from the field
# that it governs. A field says under which conditions it stands; who writes fields anew has to leave such a block
# alone.


_REMARK = re.compile(r"#+[ \t]*(?=\{[%{]|<[%#])")
"""What makes a remark of a tag, so that YAML readers take the file."""
_FLOW = ("[", "{")


@dataclass(frozen=True, slots=True)
class Tag:
    """A line of a template."""

    text: str
    within: str
    """The conditions that hold below the line, outermost first; "" for none."""
    is_yaml: bool
    """Whether YAML readers take the line: as a remark."""


Tags = Mapping[int, Tag]
"""By 1-based line of the file."""


def hide(lines: Sequence[str], first: int, end: int, knowledge: Knowledge) -> tuple[list[str], dict[int, Tag]]:
    """The lines with a blank one for each tag among `lines[first:end]`, and these tags."""
    found = list(lines)
    texts = [_REMARK.sub("", bare(line).strip(" \t")) for line in lines[first:end]]
    marks = grammar(knowledge).marks("\n".join(texts))
    rows = {number: _of_template(marks[number]) for number in marks}
    rows = {number: row for number, row in rows.items() if row and _stands_alone(lines[first:end], number)}
    tags = {first + number + 1: tag for number, tag in _conditions_read(rows, texts, lines[first:end])}
    for line in tags:
        found[line - 1] = lines[line - 1][len(bare(lines[line - 1])) :]
    return found, tags


def _of_template(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    return tuple(mark for mark in marks if mark.kind == "template")


def _stands_alone(lines: Sequence[str], number: int) -> bool:
    """Whether a line is not one of a text: it stands at the edge, or among the members of a list or a mapping."""
    if not lines[number][:1].isspace():
        return True
    head = next(filter(key_of, reversed(lines[:number])), "")
    value = value_of(head).strip()
    return head != "" and (not value or value.startswith(("#", *_FLOW)))


def _conditions_read(
    rows: Mapping[int, tuple[Mark, ...]], texts: Sequence[str], lines: Sequence[str]
) -> Iterator[tuple[int, Tag]]:
    numbers = sorted(rows)
    above: list[str] = []
    for number, boundary in zip(numbers, pair([rows[one] for one in numbers]).boundaries, strict=True):
        text = " ".join(texts[number].split())
        if boundary is not None and boundary.is_paired:
            if boundary.role == "open":
                above.append(text)
            elif boundary.role == "branch":
                above[-1] = f"{above[-1]} {text}"
            elif boundary.role == "close":
                above.pop()
        yield number, Tag(text, " ".join(above), is_yaml=lines[number].lstrip(" \t").startswith("#"))


def told(field: Field, lines: Sequence[str], tags: Tags) -> Field:
    """A field with the tags in its source, and with the conditions that it or a part of its value stands under."""
    source = lines[field.start - 1 : field.end - 1]
    above = max((line for line in tags if line < field.line), default=0)
    written = [line for line in range(field.line, field.end) if line not in tags and lines[line - 1].strip()]
    inner = [line for line in tags if field.line < line < max(written)]
    parts = [" ".join(row.split()) for row in lines[min(inner) - 1 : max(written)]] if inner else []
    outer = [tags[above].within] if above else []
    return replace(field, source="".join(source), condition=" ".join(filter(None, [*outer, *parts])))


# Tomlio ---------------------------------------------------------------------------------------------------------------
#
# TOML, as a whole file of fields or between `+++` lines. The library reads the values, the places are found here.
#
# A definition in TOML, such as an agent of Codex, has its prompt in a field and no body.


MAX_CHARS = 500_000
"""Characters of one document."""

_TOKENS = r"\"\"\"|'''|\"(?:\\.|[^\"\\])*\"|'[^']*'|#.*|[\[{]|[\]}]"
_FIRST = r"[ \t]*\[?\[?[ \t]*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[A-Za-z0-9_-]+))"
_PLACE = r"\(at (?:line (\d+)|end of document)"
_STYLES = (('"""', "literal"), ("'''", "literal"), ('"', "double"), ("'", "single"), ("[", "flow"), ("{", "flow"))


class TomlError(Exception):
    """The text is not TOML; `line` is 1-based."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class _Float(float):
    """A number with its digits."""

    text = ""


def fields(text: str, first: int = 1) -> tuple[Field, ...]:
    """The top-level keys of a document in the order of the file; a table is the field of its name.

    `first` is the line of the file on which the document starts. Tables of one name that others part stand there once
    each, all with the whole value. Raises TomlError.
    """
    import tomllib

    lines = split_lines(text)
    if len(text) > MAX_CHARS:
        raise TomlError(f"more than {MAX_CHARS:,} characters", 1)
    try:
        data = tomllib.loads(to_lf(text).removeprefix("\ufeff"), parse_float=_float)
    except RecursionError:
        raise TomlError("it is nested too deep", 1) from None
    except ValueError as error:
        place = re.search(_PLACE, str(error))
        line = int(place[1]) if place and place[1] else max(1, len(lines))
        raise TomlError(str(error).partition(" (at ")[0].lower(), line) from None
    return tuple(_toml_values(data, lines, range(first, first + len(lines) + 1)))


def block(text: str, first: int) -> tuple[Field, ...]:
    """As `fields`, for what stands between two `+++` lines: values and digits as YAML has them.

    Raises TomlError, for tables of one name that others part as well.
    """
    found = fields(text, first)
    keys = [field.key for field in found]
    twice = next((field for number, field in enumerate(found) if field.key in keys[:number]), None)
    if twice is not None:
        raise TomlError(f"'{twice.key}' stands in two places", twice.line - first + 1)
    return tuple(_in_yaml(field) for field in found)


def _in_yaml(field: Field) -> Field:
    value, written = _as_yaml(field.value, field.written)
    return replace(field, value=value, written=written, text=as_text(value, written), style="toml")


def _as_yaml(value: Value, written: Value) -> tuple[Value, Value]:
    """A value, and its numbers as written where YAML reads the same number from these digits."""
    if isinstance(value, tuple) and isinstance(written, tuple):
        read = list(map(_as_yaml, value, written))
        return tuple(pair[0] for pair in read), tuple(pair[1] for pair in read)
    if isinstance(value, Mapping) and isinstance(written, Mapping):
        pairs = {key: _as_yaml(item, written[key]) for key, item in value.items()}
        return (
            FrozenMap({key: pair[0] for key, pair in pairs.items()}),
            FrozenMap({key: pair[1] for key, pair in pairs.items()}),
        )
    if isinstance(value, bool) or not isinstance(value, (int, float)) or resolve(str(written)) == value:
        return value, written
    # No reader of YAML has `inf`: it is text there.
    return (value, text) if resolve(text := str(value)) == value else (text, text)


def _toml_values(data: Mapping[str, Any], lines: Sequence[str], at: Sequence[int]) -> Iterator[Field]:
    """`at` holds the line of the file for each of the lines, and for the end."""
    heads = [(key, line) for key, line in _heads(lines) if key in data]
    # `a.b = 1` and `a.c = 2` next to each other are one field.
    heads = [head for above, head in zip([None, *heads], heads, strict=False) if above is None or above[0] != head[0]]
    if not heads:
        return
    floors = [0, *(line + 1 for _, line in heads[:-1])]
    starts = [with_comments(lines, line, floor) for (_, line), floor in zip(heads, floors, strict=True)]
    starts[0] = 0
    for (key, line), start, end in zip(heads, starts, [*starts[1:], len(lines)], strict=True):
        value, written = _toml_read(data[key])
        rest = bare(lines[line]).partition("=")[2].strip()
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            written = rest.partition("#")[0].strip()
        style = next((style for mark, style in _STYLES if rest.startswith(mark)), "plain" if rest else "block")
        source = "".join(lines[start:end])
        remarks = lenient.of_toml(to_lf(source), at[start:])
        place = at[line], at[start], at[end]
        yield Field(key, *place, source, value, as_text(value, written), style, comments=remarks, written=written)


def _heads(lines: Sequence[str]) -> Iterator[tuple[str, int]]:
    """The top-level keys with the 0-based line on which each begins."""
    table, inside, depth = "", "", 0
    tokens, first = re.compile(_TOKENS), re.compile(_FIRST)
    for number, line in enumerate(lines):
        text = bare(line).removeprefix("\ufeff") if number == 0 else bare(line)
        if not inside and not depth and (match := first.match(text)):
            key = next(name for name in match.groups() if name is not None)
            is_header = text.lstrip().startswith("[")
            if key != table and (is_header or not table):
                yield key, number
            table = key if is_header else table
            if is_header:
                continue
        inside, depth = _after(text, inside, depth, tokens)


def _after(text: str, inside: str, depth: int, tokens: re.Pattern[str]) -> tuple[str, int]:
    """What is still open behind a line: the quotes of a long text, and the number of brackets."""
    at = 0
    while at < len(text):
        if inside:
            end = _end(text, inside, at)
            if end < 0:
                return inside, depth
            inside, at = "", end
            continue
        match = tokens.search(text, at)
        if match is None:
            break
        at = match.end()
        if match[0] in ('"""', "'''"):
            inside = match[0]
        elif match[0] in ("[", "{", "]", "}"):
            depth += 1 if match[0] in ("[", "{") else -1
    return inside, max(0, depth)


def _end(text: str, quotes: str, at: int) -> int:
    """Where a long text ends, behind its quotes; -1 where it goes on."""
    while at < len(text):
        if text[at] == "\\" and quotes == '"""':
            at += 2
        elif text.startswith(quotes, at):
            end = at + 3
            # Up to two quotes may stand before the three that close.
            while end - at < 5 and text.startswith(quotes[0], end):
                end += 1
            return end
        else:
            at += 1
    return -1


def _float(text: str) -> _Float:
    number = _Float(text)
    number.text = text
    return number


def _toml_read(data: Any) -> tuple[Value, Value]:
    """A value, and the same with each number as it is written."""
    if isinstance(data, Mapping):
        pairs = {key: _toml_read(item) for key, item in data.items()}
        value = FrozenMap({key: pair[0] for key, pair in pairs.items()})
        return value, FrozenMap({key: pair[1] for key, pair in pairs.items()})
    if isinstance(data, list):
        read = [_toml_read(item) for item in data]
        return tuple(pair[0] for pair in read), tuple(pair[1] for pair in read)
    if isinstance(data, bool):
        return data, "true" if data else "false"
    if isinstance(data, _Float):
        return float(data), data.text
    if isinstance(data, (int, str)):
        return data, str(data)
    return (text := data.isoformat()), text


# Frontmatter ----------------------------------------------------------------------------------------------------------
#
# Frontmatter: found, read strictly, split off; `lenient` reads what is no YAML and tells where it ends.


_FENCE = re.compile(r"(?:---|\+\+\+)[ \t]*\Z")
_CLOSE = re.compile(r"(?:---|\.\.\.)[ \t]*\Z")
_TOML_CLOSE = re.compile(r"\+\+\+[ \t]*\Z")
_PROSE = frozenset({"description", "name", "when_to_use", "whenToUse"})
_CUT = re.compile(r"[ \t]#")
_READ_ALL_THE_SAME = "it is read as the frontmatter, though no host finds it there"
_YAML: Mapping[str, Sequence[str]] = {}
"""No field that is read otherwise."""


class Split(NamedTuple):
    """A file cut in two; `body_line` is the 1-based line on which the body starts.

    Where the frontmatter does not stand above the whole body, its lines are blank in the body.
    """

    front: Frontmatter | None
    body: str
    body_line: int
    notes: tuple[Diagnostic, ...] = ()


class _Block(NamedTuple):
    """The lines of a frontmatter, before they are read; `top`, `end` and `lines` count from 0."""

    top: int
    """Of the opening fence."""
    inner: list[str]
    """What is read as fields, bare values hidden; at the end perhaps fields that stand below the first heading."""
    at: list[int]
    """1-based line of the file for each of the lines, and for the end."""
    end: int
    """Index behind the block."""
    found: tuple[Entry, ...] | YamlError
    """What strict YAML makes of the lines."""
    is_closed: bool


def keys(text: str) -> list[str]:
    """The keys that the lines of a file's frontmatter open, at a first look."""
    lines = split_lines(text)
    top = _opening(lines)
    if top is None:
        return []
    below = lines[top + 1 :]
    return [key for line in below[: _closing(below)] if (key := lenient.key_of(line))]


def split(
    text: str, knowledge: Knowledge, forms: Mapping[str, Sequence[str]] = _YAML, *, displaced: bool = True
) -> Split:
    """Cut the frontmatter off and read it.

    A first line of `---` opens one, and only a line of its own closes it. A block below comments or blank lines, TOML,
    and a block that is closed too late or never are read as well, with a warning. `forms` has the fields that the host
    does not read as YAML (`Dialect.forms`). Without `displaced`, nothing is looked for that stands above or inside of
    body text.
    """
    lines = split_lines(text)
    top = _opening(lines) if displaced else _first(lines)
    if top is None:
        return Split(None, text, 1)
    if bare(lines[top]).removeprefix("\ufeff").startswith("+"):
        return _toml(text, lines, top, knowledge)
    close = _closing(lines[top + 1 :])
    shown, tags = hide(lines, top + 1, top + 1 if close is None else top + 1 + close, knowledge)
    readable, hidden = lenient.hide(shown, forms)
    block, note_ = _block(readable, top, knowledge, displaced=displaced)
    if block is None:
        return Split(None, text, 1, () if note_ is None or top else (note_,))
    tags = {line: tag for line, tag in tags.items() if line <= block.end}
    front, notes = _read(block, lines, hidden, tags, knowledge)
    if not _own_lines(block, hidden).issubset(field.line for field in front.fields):
        # What looks like a bare value is a line of another field's text.
        return split(text, knowledge, displaced=displaced)
    if note_ is not None:
        notes.append(note_)
    if top:
        notes.append(_misplaced(front.fields[0].line, lines, knowledge))
    return _cut(lines, front, notes)


def _first(lines: Sequence[str]) -> int | None:
    return 0 if lines and _FENCE.match(bare(lines[0]).removeprefix("\ufeff")) else None


def _opening(lines: Sequence[str]) -> int | None:
    """Index of the opening fence, with nothing but comments and blank lines above it."""
    number = 0
    while number < len(lines):
        line = bare(lines[number]).removeprefix("\ufeff" if number == 0 else "")
        if _FENCE.match(line):
            return number
        if line.lstrip(" ").startswith("<!--"):
            while number < len(lines) and "-->" not in lines[number]:
                number += 1
            if number == len(lines) or lines[number].rpartition("-->")[2].strip():
                return None
        elif line.strip():
            return None
        number += 1
    return None


def _closing(below: Sequence[str]) -> int | None:
    """Index of the first line that closes a block."""
    return next((number for number, line in enumerate(below) if _CLOSE.match(bare(line))), None)


def _block(
    lines: list[str], top: int, knowledge: Knowledge, *, displaced: bool
) -> tuple[_Block | None, Diagnostic | None]:
    """The lines of the block that a fence opens, and what is wrong with its end or with the whole."""
    below = lines[top + 1 :]
    close = _closing(below)
    inner = below if close is None else below[:close]
    if close is not None:
        found = _strictly(inner)
        if isinstance(found, YamlError) and not any(lenient.key_of(line) for line in inner):
            return None, note("frontmatter-without-fields", 1, knowledge, end=top + close + 2)
        start = lenient.body_start(inner, knowledge, closed=True) if isinstance(found, YamlError) else None
        if start is None:
            at = list(range(top + 2, top + close + 3))
            block = _Block(top, inner, at, top + close + 2, found, is_closed=True)
            return (
                (block, None)
                if top == 0 or any(lenient.opens_field(line, knowledge) for line in inner)
                else (None, None)
            )
    else:
        start = lenient.body_start(inner, knowledge, closed=False)
    return _unclosed(lines, top, len(inner) if start is None else start, knowledge, displaced=displaced)


def _unclosed(
    lines: list[str], top: int, count: int, knowledge: Knowledge, *, displaced: bool
) -> tuple[_Block | None, Diagnostic | None]:
    """The block whose fields are the first `count` lines below the fence."""
    while count and not lines[top + count].strip():
        count -= 1
    inner = lines[top + 1 : top + 1 + count]
    head = next((line for line in inner if line.strip() and not line.startswith("#")), "")
    if not lenient.key_of(head) or not any(lenient.opens_field(line, knowledge) for line in inner):
        missing, assumed = "no known field stands below it", "the whole file is body"
        return None, note("frontmatter-unclosed", 1, knowledge, missing=missing, assumed=assumed)
    end = top + 1 + count
    numbers = list(range(top + 1, end))
    if displaced:
        numbers += _below_heading(lines, end, {lenient.key_of(line) for line in inner}, knowledge)
    at = [number + 1 for number in numbers]
    first = next((number for number in range(end, len(lines)) if lines[number].strip()), None)
    where = f"above line {first + 1} ('{short(lines[first])}')" if first is not None else f"below line {end}"
    assumed = "the fields end there; no host finds them"
    missing = f"a line '---' is missing {where}"
    told = note(
        "frontmatter-unclosed", end if first is None else first + 1, knowledge, missing=missing, assumed=assumed
    )
    fields = [lines[number] for number in numbers]
    return _Block(top, fields, [*at, at[-1] + 1], end, _strictly(fields), is_closed=False), told


def _below_heading(lines: Sequence[str], end: int, taken: set[str], knowledge: Knowledge) -> Iterator[int]:
    """Indexes of the lines of known fields that stand directly under the heading with which the body begins."""
    start = next((number for number in range(end, len(lines)) if lines[number].strip()), len(lines))
    if start == len(lines) or not lenient.is_heading(lines[start], knowledge):
        return
    number = start + 1
    while (
        number < len(lines)
        and lenient.opens_field(lines[number], knowledge)
        and lenient.key_of(lines[number]) not in taken
    ):
        taken.add(lenient.key_of(lines[number]))
        after = lenient.field_end(lines, number, knowledge)
        yield from range(number, after)
        number = after


def _strictly(inner: Sequence[str]) -> tuple[Entry, ...] | YamlError:
    try:
        return entries(to_lf("".join(inner)))
    except YamlError as error:
        return error


def _misplaced(line: int, lines: Sequence[str], knowledge: Knowledge) -> Diagnostic:
    remedy = "move it to the top of the file, or run `agentmerge fmt`"
    return note(
        "frontmatter-misplaced", line, knowledge, text=short(lines[line - 1]), assumed=_READ_ALL_THE_SAME, remedy=remedy
    )


def _toml(text: str, lines: Sequence[str], top: int, knowledge: Knowledge) -> Split:
    close = next((n for n in range(top + 1, len(lines)) if _TOML_CLOSE.match(bare(lines[n]))), None)
    fields, why = (
        _toml_fields(lines[top + 1 : close], top + 2) if close is not None else ((), "no second '+++' closes it")
    )
    if not fields:
        told = note("frontmatter-toml", top + 1, knowledge, why=f", and {why}", assumed="the whole file is body")
        return Split(None, text, 1, () if top else (told,))
    assert close is not None
    front = Frontmatter("".join(lines[top : close + 1]), close + 2, fields, valid=False, line=top + 1, is_toml=True)
    notes = [note("frontmatter-toml", top + 1, knowledge, why="", assumed=_READ_ALL_THE_SAME)]
    return _cut(lines, front, notes)


def _toml_fields(inner: Sequence[str], first: int) -> tuple[tuple[Field, ...], str]:
    """The fields between two `+++` lines, the first of which is line `first` of the file; or why there are none."""
    try:
        return block("".join(inner), first), "it holds no field"
    except TomlError as error:
        return (), f"it is not valid TOML: {error.message} (line {first + error.line - 1})"


def _cut(lines: Sequence[str], front: Frontmatter, notes: Sequence[Diagnostic]) -> Split:
    """The file without its frontmatter; what stands above or among body text leaves blank lines."""
    first = 1 if front.line > 1 else front.end
    rest = list(lines[first - 1 :])
    for start, end in front.spans:
        for number in range(max(start, first), end):
            # Behind a lone CR, a LF would end the same line.
            above = rest[number - first - 1] if number > first else ""
            rest[number - first] = "\r" if above.endswith("\r") else "\n"
    return Split(front, "".join(rest), first, tuple(notes))


def _own_lines(block: _Block, hidden: Mapping[int, str]) -> set[int]:
    """The lines of a block whose values are hidden."""
    return hidden.keys() & set(block.at[:-1])


def _read(
    block: _Block, lines: Sequence[str], hidden: Mapping[int, str], tags: Tags, knowledge: Knowledge
) -> tuple[Frontmatter, list[Diagnostic]]:
    """The fields of a block, and what was noticed on the way."""
    inner, at, found = block.inner, block.at, block.found
    source = "".join(lines[block.top : block.end])
    if isinstance(found, YamlError):
        fields, notes = lenient.read(inner, at, found, knowledge)
        fields = _conditional(fields, lines, tags)
        notes = [*notes, *_duplicates(fields, knowledge)]
        valid = False
    else:
        fields = _conditional(tuple(_fields(found, inner, at)), lines, tags)
        repeated = [*_duplicates(fields, knowledge), *_nested_duplicates(found, at, knowledge)]
        notes = [*repeated, *_cut_values(found, inner, at, knowledge)]
        valid = block.is_closed and not repeated and all(tag.is_yaml for tag in tags.values())
    if tags:
        first = min(tags)
        notes.append(note("frontmatter-template", first, knowledge, text=short(tags[first].text)))
    fields = tuple(lenient.shown(field, hidden, lines) for field in fields)
    remarks = () if fields else lenient.above(inner, at, 0, len(inner))
    front = Frontmatter(
        source,
        block.end + 1,
        fields,
        valid,
        block.top + 1,
        is_closed=block.is_closed,
        comments=remarks,
        tags=tuple(sorted(tags)),
        merged=tuple(_merged(fields)),
    )
    return front, notes


def _merged(fields: Sequence[Field]) -> Iterator[Field]:
    """The fields that merge keys bring in, in order: what stands in the block itself counts before them."""
    taken = {field.key for field in fields}
    for field in (field for field in fields if field.is_merge):
        values, texts = ((one,) if isinstance(one, Mapping) else one for one in (field.value, field.written))
        for value, text in zip(_mappings(values), _mappings(texts), strict=True):
            for key in [key for key in value if key not in taken]:
                taken.add(key)
                words = as_text(value[key], text[key])
                found = replace(field, key=key, value=value[key], text=words, written=text[key])
                yield replace(found, source="", style="merged", comments=())


def _mappings(values: Value) -> list[Mapping[str, Value]]:
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, tuple) else []


def _conditional(fields: tuple[Field, ...], lines: Sequence[str], tags: Tags) -> tuple[Field, ...]:
    return tuple(told(field, lines, tags) for field in fields) if tags else fields


def _fields(found: Sequence[Entry], inner: Sequence[str], at: Sequence[int]) -> Iterator[Field]:
    if not found:
        return
    floors = [0, *(entry.line + 1 for entry in found[:-1])]
    starts = [lenient.with_comments(inner, entry.line, floor) for entry, floor in zip(found, floors, strict=True)]
    starts[0] = 0
    for entry, start, end in zip(found, starts, [*starts[1:], len(inner)], strict=True):
        yield Field(
            entry.key,
            at[entry.line],
            at[start],
            at[end - 1] + 1 if end > start else at[start],
            "".join(inner[start:end]),
            entry.value,
            text_of(entry),
            entry.style,
            lenient.of_yaml(inner, at, (start, entry.line, end)),
            entry.written,
        )


def _duplicates(fields: Sequence[Field], knowledge: Knowledge) -> Iterator[Diagnostic]:
    first: dict[tuple[str, str], int] = {}
    for field in fields:
        # In two branches of a template, only one of them will be there.
        name = field.key, field.condition
        if name in first:
            yield note("duplicate-key", field.line, knowledge, key=field.key, first=first[name])
        first.setdefault(name, field.line)


def _nested_duplicates(found: Sequence[Entry], at: Sequence[int], knowledge: Knowledge) -> Iterator[Diagnostic]:
    for entry in found:
        for key, line in entry.repeated:
            yield note("duplicate-key", at[line], knowledge, key=key, first=at[entry.line])


def _cut_values(
    found: Sequence[Entry], inner: Sequence[str], at: Sequence[int], knowledge: Knowledge
) -> Iterator[Diagnostic]:
    for entry in found:
        if entry.style not in ("plain", "empty") or entry.end_line >= len(inner):
            continue
        rest = bare(inner[entry.end_line])[entry.end_column :] if entry.style == "plain" else ""
        rest = rest or _after_colon(inner[entry.line])
        if _CUT.match(rest) and isinstance(entry.value, (str, type(None))) and _is_text(entry.key, rest.strip()):
            yield note("value-cut", at[entry.line], knowledge, key=entry.key, rest=short(rest))


def _is_text(key: str, rest: str) -> bool:
    """Whether what stands behind ` #` looks like more of the value: `#12`, not `# a remark`."""
    return rest[1:2].strip() != "" or (key in _PROSE and rest != "#")


def _after_colon(line: str) -> str:
    rest = lenient.value_of(line)
    return rest if _CUT.match(rest) else ""
