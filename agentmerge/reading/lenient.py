"""Frontmatter that strict YAML refuses in, its fields out, one by one; and where a frontmatter ends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from textwrap import dedent

from agentmerge.knowledge.tables import Knowledge, note
from agentmerge.model import Comment, Diagnostic, Field
from agentmerge.reading.yamlio import Entry, YamlError, entries, scalar_spans, simple_entries, text_of
from agentmerge.text.lines import bare, to_lf

# Comments -------------------------------------------------------------------------------------------------------------
#
# Remarks among the lines of a field: whole lines, and what stands behind a value.


_REMARK = re.compile(r"(?:(?<=[ \t])|^)#[^\n]*", re.MULTILINE)
_TOML = re.compile(
    r'(?P<text>"""(?:[^\\]|\\.)*?"""' + r"|'''.*?'''" + r'|"(?:[^"\\\n]|\\.)*"' + r"|'[^'\n]*')|(?P<remark>#[^\n]*)",
    re.DOTALL,
)


def of_yaml(inner: Sequence[str], at: Sequence[int], span: tuple[int, int, int]) -> tuple[Comment, ...]:
    """The remarks of a field that YAML reads: first line, line of the key, and end in `inner`."""
    start, line, end = span
    if not any("#" in row for row in inner[start:end]):
        return ()
    own = to_lf("".join(inner[line:end]))
    if simple_entries(own, str) is not None:
        return above(inner, at, start, line)
    try:
        texts = _texts(inner, line, end)
    except YamlError:
        return above(inner, at, start, line)
    return (*above(inner, at, start, line), *_joined(_placed(own, _remarks(own, texts)), at[line:]))


def _texts(inner: Sequence[str], line: int, end: int) -> list[tuple[int, int]]:
    """Where the scalars of a field stand in its own lines; what it names by an alias may stand in another field."""
    try:
        return scalar_spans(to_lf("".join(inner[line:end])))
    except YamlError:
        shift = len(to_lf("".join(inner[:line])))
        return [(first - shift, last - shift) for first, last in scalar_spans(to_lf("".join(inner)))]


def above(inner: Sequence[str], at: Sequence[int], start: int, line: int) -> tuple[Comment, ...]:
    """The remarks above a key."""
    rows = [(number, bare(inner[number]).strip(" \t")) for number in range(start, line)]
    return _joined([(number, row, True) for number, row in rows if row.startswith("#")], at)


def of_toml(text: str, at: Sequence[int]) -> tuple[Comment, ...]:
    """The remarks among lines of TOML."""
    return _joined(_placed(text, (match for match in _TOML.finditer(text) if match["remark"])), at)


def _remarks(text: str, texts: Sequence[tuple[int, int]]) -> Iterator[re.Match[str]]:
    """What starts with a `#` outside of the scalars at `texts`."""
    spans = iter(sorted(texts))
    span = next(spans, None)
    at = 0
    while (match := _REMARK.search(text, at)) is not None:
        while span is not None and span[1] <= match.start():
            span = next(spans, None)
        is_text = span is not None and span[0] <= match.start()
        # Behind a `#` of a text another one may stand on the same line.
        at = match.start() + 1 if is_text else match.end()
        if not is_text:
            yield match


def _placed(text: str, found: Iterable[re.Match[str]]) -> Iterator[tuple[int, str, bool]]:
    """Line, text and whether it has the line to itself, of each remark."""
    number = start = 0
    for match in found:
        number += text.count("\n", start, match.start())
        start = match.start()
        before = text.rfind("\n", 0, start) + 1
        yield number, match[0].rstrip(" \t"), not text[before:start].strip()


def _joined(found: Iterable[tuple[int, str, bool]], at: Sequence[int]) -> tuple[Comment, ...]:
    """Remarks on adjacent lines of their own are one."""
    runs: list[tuple[int, list[str], bool]] = []
    for number, text, whole in found:
        if runs and whole and runs[-1][2] and runs[-1][0] + len(runs[-1][1]) == number:
            runs[-1][1].append(text)
        else:
            runs.append((number, [text], whole))
    return tuple(Comment(at[number], "\n".join(texts)) for number, texts, _ in runs)


# Lenient --------------------------------------------------------------------------------------------------------------
#
# Frontmatter that strict YAML refuses: each part that looks like a field is read by itself, or taken as text.
#
# Authors write values as prose: with `: ` and ` #` in them, starting with `*`, `@`, a quote or a bracket, or running
# on over lines that nobody indented. A person sees where such a value ends: where the next field starts.


MAX_STRICT = 200
"""Fields that are tried as YAML one by one; more of them is no frontmatter, and trying costs."""
MAX_STRICT_CHARS = 20_000
"""Characters of a field that is tried as YAML by itself."""

_KEY = re.compile(r"(?P<quote>[\"']?)(?P<key>[A-Za-z_][\w.-]*)(?P=quote)[ \t]*:(?=[ \t]|\Z)")
_TEXTS = frozenset({"name", "description", "when_to_use", "whenToUse", "argument-hint"})
"""Fields whose value is text, brackets around it or not."""
_EXAMPLE_TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][\w-]*)[^<>]*>")
_BLOCK_HEADER = re.compile(r"[|>][-+0-9]{0,2}\Z")
_INDICATORS = {
    "*": "a value can't start with '*', which stands for an alias",
    "&": "a value can't start with '&', which names an anchor",
    "!": "a value can't start with '!', which stands for a tag",
    "@": "a value can't start with '@'",
    "`": "a value can't start with a backtick",
    "%": "a value can't start with '%'",
    "|": "text stands behind the '|' of a block",
    ">": "text stands behind the '>' of a block",
}


def key_of(line: str) -> str:
    """The key that a line at the left edge opens; "" where it opens none."""
    match = _KEY.match(bare(line))
    return match["key"] if match else ""


def value_of(line: str) -> str:
    """What stands behind the key and colon of a line, blanks included."""
    match = _KEY.match(bare(line))
    return bare(line)[match.end() :] if match else ""


def is_block_header(value: str) -> bool:
    """Whether a value is the `|` or `>` of a block."""
    return bool(_BLOCK_HEADER.match(value))


def holds_block(inner: Sequence[str], number: int) -> bool:
    """Whether a key has its value on the lines below it: indented ones, or items."""
    below = bare(inner[number + 1]) if number + 1 < len(inner) else ""
    is_block = below.strip() != "" and (below[0].isspace() or below.startswith("- "))
    value = value_of(inner[number]).strip()
    return is_block and (not value or value.startswith("#") or is_block_header(value))


def with_comments(inner: Sequence[str], line: int, floor: int) -> int:
    """The first of the comment lines directly above `line`, not above `floor`."""
    while line > floor and inner[line - 1].startswith("#"):
        line -= 1
    return line


def read(
    inner: Sequence[str], at: Sequence[int], error: YamlError, knowledge: Knowledge
) -> tuple[tuple[Field, ...], list[Diagnostic]]:
    """The fields of a block, and a diagnostic for each one whose YAML is broken.

    `at` holds the line of the file for each of the lines, and for the end.
    """
    heads = list(_heads(inner, knowledge))
    if not heads:
        return (), [
            note("frontmatter-repaired", at[min(error.line, len(inner))], knowledge, key="---", why=error.message)
        ]
    floors = [0, *(line + 1 for line in heads[:-1])]
    starts = [with_comments(inner, line, floor) for line, floor in zip(heads, floors, strict=True)]
    starts[0] = 0
    fields: list[Field] = []
    notes: list[Diagnostic] = []
    for line, start, end in zip(heads, starts, [*starts[1:], len(inner)], strict=True):
        field, why = _field(inner, at, line, (start, end), strict=len(heads) <= MAX_STRICT, knowledge=knowledge)
        fields.append(field)
        if why:
            notes.append(note("frontmatter-repaired", field.line, knowledge, key=field.key, why=why))
    return tuple(fields), notes or [_whole(fields, error, at[min(error.line, len(inner))], knowledge)]


def _whole(fields: Sequence[Field], error: YamlError, line: int, knowledge: Knowledge) -> Diagnostic:
    """Each field is valid by itself, and all together are not."""
    key = next((field.key for field in fields if field.start <= line < field.end), fields[-1].key)
    return note("frontmatter-repaired", line, knowledge, key=key, why=error.message)


def in_examples(inner: Sequence[str], knowledge: Knowledge) -> frozenset[int]:
    """Indexes of the lines between tags of an example: keys in it are words of the description."""
    found: set[int] = set()
    opened: list[tuple[str, int]] = []
    for number, line in enumerate(inner):
        match = _EXAMPLE_TAG.fullmatch(line.strip()) if "<" in line else None
        if match is None or match["name"].lower() not in knowledge.example_tags:
            continue
        if not match["end"]:
            opened.append((match["name"], number))
        elif opened and opened[-1][0] == match["name"]:
            found.update(range(opened.pop()[1], number + 1))
    return frozenset(found)


def _heads(inner: Sequence[str], knowledge: Knowledge) -> Iterator[int]:
    """Lines that open a field; inside prose that broke out of its indentation only known keys do."""
    known, in_value, in_prose, quoted = knowledge.known_keys, False, False, ""
    shown = in_examples(inner, knowledge)
    for number, line in enumerate(inner):
        key = "" if number in shown else key_of(line)
        if quoted and key not in known:
            quoted = "" if bare(line).rstrip().endswith(quoted) else quoted
        elif key in known or (key and not in_prose and not (in_value and _reads_like_text(inner, number, knowledge))):
            in_value, in_prose = True, False
            quoted = _open_quote(value_of(line).strip())
            yield number
        elif line.strip() and not line[0].isspace() and not line.startswith(("#", "- ")):
            in_prose = in_value


def _reads_like_text(inner: Sequence[str], number: int, knowledge: Knowledge) -> bool:
    """Whether a key is a word that opens lines of dialogues, without a block of its own below it."""
    key = key_of(inner[number])
    return is_prose_label(key, knowledge) and not (key[0].islower() and holds_block(inner, number))


def is_prose_label(key: str, knowledge: Knowledge) -> bool:
    """Whether a key opens a line of a dialogue or an example."""
    # `Context: ...` and `user: ...` are lines of an example; keys of fields start with a small letter.
    return key[0].isupper() or key in knowledge.prose_labels


def _open_quote(value: str) -> str:
    """The quote that a value opens and does not close on its line; only a double one spans lines in practice."""
    return '"' if value.startswith('"') and value.count('"') - value.count('\\"') == 1 else ""


def _field(
    inner: Sequence[str], at: Sequence[int], line: int, span: tuple[int, int], knowledge: Knowledge, *, strict: bool
) -> tuple[Field, str]:
    """A field, and why its value is no YAML ("" where it is)."""
    start, end = span
    key = key_of(inner[line])
    own = "".join(inner[line:end])
    strict = strict and len(own) <= MAX_STRICT_CHARS
    entry, why = _strictly(key, own) if strict else (None, "the frontmatter is too large")
    source = "".join(inner[start:end])
    place = at[line], at[start], at[end - 1] + 1
    if entry is not None:
        remarks = of_yaml(inner, at, (start, line, end))
        return Field(
            key, *place, source, entry.value, text_of(entry), entry.style, comments=remarks, written=entry.written
        ), ""
    last = _without_remarks(inner, line, end)
    remarks = (*above(inner, at, start, line), *above(inner, at, last, end))
    value = _recovered(inner, line, last)
    items = _items(value) or (() if key in _TEXTS else _flow_items(key, value, knowledge))
    reason = f"{why} in its list" if items else _reason(value, value_of(inner[line]).strip(), why)
    text, found = "\n".join(items) if items else value, items or value
    return Field(key, *place, source, found, text, "recovered", comments=remarks, written=found), reason


def _without_remarks(inner: Sequence[str], line: int, end: int) -> int:
    """`end` without the blank lines and comments that close a field."""
    while end > line + 1 and (not inner[end - 1].strip() or inner[end - 1].startswith("#")):
        end -= 1
    return end


def _strictly(key: str, text: str) -> tuple[Entry | None, str]:
    try:
        found = entries(to_lf(text))
    except YamlError as error:
        return None, error.message
    return (found[0], "") if len(found) == 1 and found[0].key == key else (None, "the value is not indented")


def _recovered(inner: Sequence[str], line: int, end: int) -> str:
    first = value_of(inner[line]).strip()
    rest = dedent("\n".join(bare(text).rstrip() for text in inner[line + 1 : end]))
    return unquoted(f"{'' if _BLOCK_HEADER.match(first) else first}\n{rest}".strip())


def _items(value: str) -> tuple[str, ...]:
    """The members of a value whose every line starts with `- `; () for another value."""
    rows = [row.strip() for row in value.split("\n") if row.strip()]
    if len(rows) > 1 or value.startswith("- "):
        return tuple(unquoted(row[2:].strip()) for row in rows) if all(row.startswith("- ") for row in rows) else ()
    return ()


def _flow_items(key: str, value: str, knowledge: Knowledge) -> tuple[str, ...]:
    """The members of a value that is one pair of brackets, parted by commas outside of quotes and other brackets.

    A field that is a list may lack the second bracket.
    """
    if knowledge.field_info(key).shape in ("set", "list") and "]" not in value:
        value += "]"
    if value[:1] != "[" or value[-1:] != "]":
        return ()
    parts, depth, quote, start = [], 0, "", 1
    for number, char in enumerate(value):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'" and not value[start:number].strip():
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
            if depth == 0 and number < len(value) - 1:
                return ()
        elif char == "," and depth == 1:
            parts.append(value[start:number])
            start = number + 1
    members = [unquoted(" ".join(part.split())) for part in (*parts, value[start:-1])]
    return tuple(member for member in members if member) if depth == 0 and not quote else ()


def _reason(value: str, head: str, why: str) -> str:
    """Why the value is no YAML, in words that name what to look for."""
    if _BLOCK_HEADER.match(head):
        return "the lines of the block are not indented"
    if value.startswith("{{"):
        return "a placeholder in braces is a mapping to YAML"
    first = value.split("\n", 1)[0]
    if value[:1] in _INDICATORS:
        return _INDICATORS[value[0]]
    if value[:1] in ("'", '"', "[", "{"):
        return f"the value starts with {value[0]} and goes on behind its end"
    if ": " in first or first.endswith(":"):
        return "': ' inside a value that is not quoted"
    return why


def unquoted(text: str) -> str:
    """Text without the one pair of quotes around it, where it holds no such quote inside."""
    for quote in "\"'":
        if len(text) > 1 and text[0] == text[-1] == quote and quote not in text[1:-1]:
            return text[1:-1]
    return text


# Extent ---------------------------------------------------------------------------------------------------------------
#
# Where the fields of a frontmatter end when no fence says it, or when the fence comes too late.
#
# Authors forget the second `---`, and a rule further down then closes the block: half of the body would be text of the
# last field. A line belongs to the fields where it opens one or goes on with one's value; the first other line is body.


_HEADING = re.compile(r"#{1,6}[ \t]+\S")
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][\w-]*)[^<>]*>\Z")
_BLOCK = re.compile(r"(?:[-*+]|\d{1,9}[.)])[ \t]|`{3}|~{3}|>|\||(?:[-*_][ \t]*){3,}\Z")
"""What opens a list, a fence, a quote, a table or a rule at the left edge."""
_ENDED = (".", "!", "?", ":", '"', "'")
_BRACKETS = {"[": 1, "{": 1, "]": -1, "}": -1}


def body_start(inner: Sequence[str], knowledge: Knowledge, *, closed: bool) -> int | None:
    """Index of the first line that is body; None where every line is a field's or a comment.

    `closed` says that a fence follows the lines. A `#` line is then a comment unless a body line follows it.
    """
    return _Scan(inner, knowledge, closed=closed).run()


def opens_field(line: str, knowledge: Knowledge) -> bool:
    """Whether a line opens a field that some host knows."""
    return key_of(line) in knowledge.known_keys


def is_heading(line: str, knowledge: Knowledge) -> bool:
    """Whether a line that is no comment is a heading: fields that somebody commented out are none."""
    return bool(_HEADING.match(line)) and not opens_field(line.lstrip("#").strip(), knowledge) and line[1:3] != "  "


def field_end(inner: Sequence[str], number: int, knowledge: Knowledge) -> int:
    """Index behind a field that opens on a line: its value, and what is indented below it, up to a blank line."""
    is_open = _collects(value_of(inner[number]).strip())
    number = _value_end(inner, number, knowledge)
    while number < len(inner) and inner[number].strip():
        line = inner[number]
        if not line[0].isspace() and not (is_open and line.startswith("- ")):
            break
        number += 1
    return number


def _collects(value: str) -> bool:
    """Whether a value stands on the lines below."""
    return not value or value.startswith("#")


def _value_end(inner: Sequence[str], number: int, knowledge: Knowledge) -> int:
    """Index behind the line on which a quoted or bracketed value ends; behind its own line for any other."""
    value = value_of(inner[number]).strip()
    quote = value[:1] if value[:1] in ('"', "'") else ""
    depth = _depth(value) if value[:1] in ("[", "{") else 0
    is_open = bool(quote) and value.count(quote) == 1
    if not is_open and depth <= 0:
        return number + 1
    for at in range(number + 1, len(inner)):
        line = bare(inner[at]).rstrip()
        if opens_field(line, knowledge) or _HEADING.match(line) or (depth and not line):
            break
        depth += _depth(line) if depth else 0
        if line.endswith(quote) if is_open else depth <= 0:
            return at + 1
    return number + 1


def _depth(text: str) -> int:
    return sum(_BRACKETS.get(char, 0) for char in text)


class _Scan:
    """One pass over the lines below the first fence."""

    def __init__(self, inner: Sequence[str], knowledge: Knowledge, *, closed: bool) -> None:
        self._knowledge = knowledge
        self._inner = inner
        self._closed = closed
        self._shown = in_examples(inner, knowledge)
        self._key = ""
        """Of the field whose value is read."""
        self._collects = False
        """Whether items at the left edge are its value."""
        self._heading: int | None = None
        """The first line that is a heading if body follows, else a comment."""

    def run(self) -> int | None:
        number = 0
        while number < len(self._inner):
            line = self._inner[number]
            if not line.strip() or line[0].isspace() or (self._key and number in self._shown):
                number += 1
            elif line.startswith("#"):
                if self._key and is_heading(line, self._knowledge):
                    if not self._closed:
                        return number
                    self._heading = number if self._heading is None else self._heading
                number += 1
            elif self._opens(number):
                self._key, value = key_of(line), value_of(line).strip()
                self._collects = _collects(value)
                end = _value_end(self._inner, number, self._knowledge)
                number = self._unindented(end) if is_block_header(value) else end
            elif self._collects and line.startswith("- "):
                number += 1
            elif (after := self._prose_end(number)) is not None:
                number = after
            else:
                return number if self._heading is None else self._heading
        return None

    def _opens(self, number: int) -> bool:
        """Whether a line opens a field: one that hosts know, or another that does not read like a line of a text."""
        line = self._inner[number]
        key = key_of(line)
        if not key or opens_field(line, self._knowledge):
            return bool(key)
        if not self._key or (key[0].islower() and holds_block(self._inner, number)):
            return True
        # What nobody closed may be text, where a blank line parts it from the fields.
        is_apart = not self._closed and not self._inner[number - 1].strip()
        return not is_prose_label(key, self._knowledge) and not (is_apart and " " in value_of(line).strip())

    def _unindented(self, number: int) -> int:
        """Index behind the lines directly below `|` that nobody indented."""
        while number < len(self._inner):
            line = self._inner[number]
            if not line.strip() or line[0].isspace() or line.startswith("#") or opens_field(line, self._knowledge):
                break
            number += 1
        return number

    def _prose_end(self, number: int) -> int | None:
        """Index behind text at the left edge that goes on with the value above it; None where it does not."""
        limit = self._limit(number)
        following = self._next_field(number, limit)
        stretch = self._inner[number : limit if following is None else following]
        touches = number == 0 or bool(self._inner[number - 1].strip())
        whole = touches and all(line.strip() for line in stretch)
        is_prose = self._knowledge.field_info(self._key).shape == "prose"
        if following is not None:
            goes_on = whole or (bool(self._key) and self._closed and is_prose)
        else:
            goes_on = bool(self._key) and self._is_wrapped(number, stretch, is_prose=is_prose, whole=whole)
        return number + len(stretch) if goes_on else None

    def _limit(self, number: int) -> int:
        """How far text may go on: up to the fence, or to a blank line where there is no fence."""
        end = len(self._inner)
        return end if self._closed else next((at for at in range(number, end) if not self._inner[at].strip()), end)

    def _next_field(self, number: int, limit: int) -> int | None:
        """Index of the next line that opens a known field, or of the comments above it; None behind a heading."""
        for at in range(number, limit):
            line = self._inner[at]
            if opens_field(line, self._knowledge):
                return at
            if line.startswith("#") and is_heading(line, self._knowledge):
                end = at
                while end < len(self._inner) and self._inner[end].startswith("#"):
                    end += 1
                return at if end < len(self._inner) and opens_field(self._inner[end], self._knowledge) else None
        return None

    def _is_wrapped(self, number: int, stretch: Sequence[str], *, is_prose: bool, whole: bool) -> bool:
        """Whether text that no field follows is the rest of a value: a wrapped sentence, or examples in tags."""
        if not is_prose:
            return whole and self._inner[number - 1].rstrip().endswith(",") and len(stretch) == 1
        if self._closed and _TAG.match(stretch[0].strip()):
            return _is_tagged(stretch, self._knowledge)
        before = self._inner[number - 1].rstrip()
        is_text = not any(_BLOCK.match(line) for line in stretch)
        return whole and is_text and not before.endswith(_ENDED) and stretch[0][:1].islower()


def _is_tagged(lines: Sequence[str], knowledge: Knowledge) -> bool:
    """Whether every line stands between a tag and its end."""
    name = ""
    for line in lines:
        tag = _TAG.match(line.strip())
        if not name and line.strip():
            if tag is None or tag["end"] or tag["name"].lower() not in knowledge.example_tags:
                return False
            name = tag["name"]
        elif name and tag is not None and tag["end"] and tag["name"] == name:
            name = ""
    return not name


# Bare values ----------------------------------------------------------------------------------------------------------
#
# Values that a host takes as they stand, such as the `globs: *.ts,*.tsx` of Cursor, which no YAML reader takes.
#
# They are hidden from the YAML reader behind a word, and put into their fields afterwards.


BARE = "bare"
"""The form, and the style of a field that is written in it."""
_WORD = " x"
_YAML_STARTS = ("|", ">", "#")
"""With these a block or a comment begins for every reader."""


def hide(inner: Sequence[str], forms: Mapping[str, Sequence[str]]) -> tuple[list[str], dict[int, str]]:
    """Lines with a word for each bare value, and the values by 1-based line. A remark behind a value stays."""
    lines, hidden = list(inner), dict[int, str]()
    if not forms:
        return lines, hidden
    for number, line in enumerate(inner):
        text, sign, remark = value_of(line).partition(" #")
        value = text.strip()
        if BARE in forms.get(key_of(line), ()) and _is_bare(value) and not _goes_on(inner[number + 1 : number + 2]):
            head = bare(line)[: len(bare(line)) - len(value_of(line))]
            lines[number] = head + _WORD + sign + remark + line[len(bare(line)) :]
            hidden[number + 1] = value
    return lines, hidden


def shown(field: Field, hidden: Mapping[int, str], lines: Sequence[str]) -> Field:
    """A field with the value that was hidden on its line; `lines` are those of the file as they stand."""
    value = hidden.get(field.line)
    if value is None:
        return field
    source = "".join(lines[field.start - 1 : field.end - 1])
    return replace(field, source=source, value=value, text=value, style=BARE, written=value)


def _is_bare(value: str) -> bool:
    """Whether a value is neither empty nor one of YAML's own forms: quoted as a whole, a list, a block."""
    is_list = value.startswith("[") and value.endswith("]")
    return (
        value not in ("", "~", "null")
        and not is_list
        and not value.startswith(_YAML_STARTS)
        and unquoted(value) == value
    )


def _goes_on(following: Sequence[str]) -> bool:
    """Whether the next line belongs to the value."""
    return any((line[:1] in (" ", "\t") and line.strip() != "") or line.startswith("- ") for line in following)
