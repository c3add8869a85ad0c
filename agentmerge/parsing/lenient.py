"""Frontmatter that strict YAML refuses: each part that looks like a field is read by itself, or taken as text.

Authors write values as prose: with `: ` and ` #` in them, starting with `*`, `@`, a quote or a bracket, or running
on over lines that nobody indented. A person sees where such a value ends: where the next field starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from textwrap import dedent

from agentmerge.knowledge import Knowledge
from agentmerge.model import Diagnostic, Field
from agentmerge.parsing import comments
from agentmerge.parsing.entries import Entry
from agentmerge.parsing.lines import bare, to_lf
from agentmerge.parsing.notes import note
from agentmerge.parsing.values import text_of
from agentmerge.parsing.yamlio import YamlError, entries

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
        remarks = comments.of_yaml(inner, at, (start, line, end))
        return Field(
            key, *place, source, entry.value, text_of(entry), entry.style, comments=remarks, written=entry.written
        ), ""
    last = _without_remarks(inner, line, end)
    remarks = (*comments.above(inner, at, start, line), *comments.above(inner, at, last, end))
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
