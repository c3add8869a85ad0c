"""Frontmatter that strict YAML refuses: each part that looks like a field is read by itself, or taken as text.

Authors write values as prose: with `: ` and ` #` in them, starting with `*`, `@`, a quote or a bracket, or running
on over lines that nobody indented. A person sees where such a value ends: where the next field starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from textwrap import dedent

from agentmerge import tables
from agentmerge.model import Diagnostic, Field
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


def with_comments(inner: Sequence[str], line: int, floor: int) -> int:
    """The first of the comment lines directly above `line`, not above `floor`."""
    while line > floor and inner[line - 1].startswith("#"):
        line -= 1
    return line


def read(inner: Sequence[str], error: YamlError) -> tuple[tuple[Field, ...], list[Diagnostic]]:
    """The fields between the fences, and a diagnostic for each one whose YAML is broken."""
    heads = list(_heads(inner))
    if not heads:
        return (), [note("frontmatter-repaired", error.line + 2, key="---", why=error.message)]
    floors = [0, *(line + 1 for line in heads[:-1])]
    starts = [with_comments(inner, line, floor) for line, floor in zip(heads, floors, strict=True)]
    starts[0] = 0
    fields: list[Field] = []
    notes: list[Diagnostic] = []
    for line, start, end in zip(heads, starts, [*starts[1:], len(inner)], strict=True):
        field, why = _field(inner, line, start, end, strict=len(heads) <= MAX_STRICT)
        fields.append(field)
        if why:
            notes.append(note("frontmatter-repaired", field.line, key=field.key, why=why))
    return tuple(fields), notes or [_whole(fields, error)]


def _whole(fields: Sequence[Field], error: YamlError) -> Diagnostic:
    """Each field is valid by itself, and all together are not."""
    line = error.line + 2
    key = next((field.key for field in fields if field.start <= line < field.end), fields[-1].key)
    return note("frontmatter-repaired", line, key=key, why=error.message)


def _heads(inner: Sequence[str]) -> Iterator[int]:
    """Lines that open a field; inside prose that broke out of its indentation only known keys do."""
    known, in_value, in_prose, quoted = tables.known_keys(), False, False, ""
    for number, line in enumerate(inner):
        key = key_of(line)
        if quoted and key not in known:
            quoted = "" if bare(line).rstrip().endswith(quoted) else quoted
        elif key in known or (key and not in_prose and not (in_value and _is_prose_label(key))):
            in_value, in_prose = True, False
            quoted = _open_quote(value_of(line).strip())
            yield number
        elif line.strip() and not line[0].isspace() and not line.startswith(("#", "- ")):
            in_prose = in_value


def _is_prose_label(key: str) -> bool:
    # `Context: ...` and `user: ...` are lines of an example; keys of fields start with a small letter.
    return key[0].isupper() or key in tables.prose_labels()


def _open_quote(value: str) -> str:
    """The quote that a value opens and does not close on its line; only a double one spans lines in practice."""
    return '"' if value.startswith('"') and value.count('"') - value.count('\\"') == 1 else ""


def _field(inner: Sequence[str], line: int, start: int, end: int, *, strict: bool) -> tuple[Field, str]:
    """A field, and why its value is no YAML ("" where it is)."""
    key = key_of(inner[line])
    own = "".join(inner[line:end])
    strict = strict and len(own) <= MAX_STRICT_CHARS
    entry, why = _strictly(key, own) if strict else (None, "the frontmatter is too large")
    source = "".join(inner[start:end])
    if entry is not None:
        return Field(
            key, line + 2, start + 2, end + 2, source, entry.value, text_of(entry), entry.style, entry.written
        ), ""
    value = _recovered(inner, line, end)
    items = _items(value)
    reason = f"{why} in its list" if items else _reason(value, value_of(inner[line]).strip(), why)
    text = "\n".join(items) if items else value
    return Field(key, line + 2, start + 2, end + 2, source, items or value, text, "recovered", items or value), reason


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
