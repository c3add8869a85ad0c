"""Frontmatter: split off, then read strictly, or leniently with a diagnostic for each assumption."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agentmerge import tables
from agentmerge.model import Diagnostic, Field, Frontmatter, Value
from agentmerge.parsing.lines import bare, split_lines, to_lf
from agentmerge.parsing.yamlio import Entry, YamlError, entries

_FENCE = re.compile(r"---[ \t]*\Z")
_CLOSE = re.compile(r"(?:---|\.\.\.)[ \t]*\Z")
_KEY = re.compile(r"([A-Za-z_][\w.-]*)[ \t]*:(?=[ \t]|\Z)")
_CUT = re.compile(r"[ \t]#")


@dataclass(frozen=True, slots=True)
class Split:
    """A file cut in two; `body_line` is the 1-based line on which the body starts."""

    frontmatter: str | None
    body: str
    body_line: int
    unclosed: bool = False


def split(text: str) -> Split:
    """Cut the frontmatter off: only a first line of `---` opens one, only a line of its own closes it."""
    lines = split_lines(text)
    if not lines or not _FENCE.match(bare(lines[0]).removeprefix("\ufeff")):
        return Split(None, text, 1)
    for number, line in enumerate(lines[1:], 1):
        if _CLOSE.match(bare(line)):
            return Split("".join(lines[: number + 1]), "".join(lines[number + 1 :]), number + 2)
    return Split(None, text, 1, unclosed=True)


def read(source: str) -> tuple[Frontmatter, list[Diagnostic]]:
    """The fields of a frontmatter with its fences, and what was noticed on the way."""
    lines = split_lines(source)
    inner = lines[1:-1]
    text = to_lf("".join(inner))
    try:
        found = entries(text)
    except YamlError as error:
        fields, notes = _read_leniently(inner, error)
        return Frontmatter(source, len(lines) + 1, fields, valid=False), notes
    fields = tuple(_fields(found, inner))
    duplicate = [key for key, count in Counter(field.key for field in fields).items() if count > 1]
    notes = [*_duplicates(fields), *_cut_values(found, inner)]
    return Frontmatter(source, len(lines) + 1, fields, valid=not duplicate), notes


def _fields(found: Sequence[Entry], inner: Sequence[str]) -> Iterator[Field]:
    starts = [_with_comments(inner, entry.line, before) for entry, before in zip(found, _floors(found), strict=True)]
    starts[:1] = [0] if starts else []
    for entry, start, end in zip(found, starts, [*starts[1:], len(inner)], strict=True):
        source = "".join(inner[start:end])
        yield Field(
            entry.key,
            entry.line + 2,
            start + 2,
            end + 2,
            source,
            entry.value,
            as_text(entry.value),
            entry.style,
        )


def _floors(found: Sequence[Entry]) -> list[int]:
    return [0, *(entry.line + 1 for entry in found[:-1])]


def _with_comments(inner: Sequence[str], line: int, floor: int) -> int:
    while line > floor and inner[line - 1].lstrip().startswith("#") and not inner[line - 1][:1].isspace():
        line -= 1
    return line


def as_text(value: Value) -> str:
    """A value as words: members of a list on a line each, a mapping as `key: value` lines."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "\n".join(as_text(item) for item in value)
    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {as_text(item)}" for key, item in value.items())
    return str(value)


def _duplicates(fields: Sequence[Field]) -> Iterator[Diagnostic]:
    first: dict[str, int] = {}
    for field in fields:
        if field.key in first:
            yield Diagnostic(
                "duplicate-key",
                "warning",
                field.line,
                f"key '{field.key}' stands already on line {first[field.key]}",
                "the last one counts",
                "remove one of them",
            )
        first.setdefault(field.key, field.line)


def _cut_values(found: Sequence[Entry], inner: Sequence[str]) -> Iterator[Diagnostic]:
    for entry in found:
        if entry.style not in ("plain", "empty") or entry.end_line >= len(inner):
            continue
        rest = bare(inner[entry.end_line])[entry.end_column :] if entry.style == "plain" else ""
        rest = rest or _after_colon(inner[entry.line])
        if _CUT.match(rest) and rest.strip() != "#":
            yield Diagnostic(
                "value-cut",
                "warning",
                entry.line + 2,
                f"' #' starts a comment: the value of '{entry.key}' ends before '{rest.strip()[:40]}'",
                "the rest of the line is a comment, as every YAML reader takes it",
                "quote the value if the text belongs to it",
            )


def _after_colon(line: str) -> str:
    match = _KEY.match(bare(line))
    rest = bare(line)[match.end() :] if match else ""
    return rest if _CUT.match(rest) else ""


# Strict YAML failed: each chunk that looks like a field is read by itself, and what still fails is text.


def _read_leniently(inner: Sequence[str], error: YamlError) -> tuple[tuple[Field, ...], list[Diagnostic]]:
    fields = tuple(_lenient_fields(inner))
    notes = [
        Diagnostic(
            "frontmatter-repaired",
            "warning",
            field.line,
            f"'{field.key}' is not valid YAML ({_why(field, error)})",
            "its text was taken up to the next known field",
            "quote the value, or run `agentmerge fmt`",
        )
        for field in fields
        if field.style == "recovered"
    ]
    if not notes:
        notes.append(
            Diagnostic(
                "frontmatter-repaired",
                "warning",
                error.line + 2,
                f"the frontmatter is not valid YAML ({error.message})",
                "each field was read by itself",
                "mend the line, or run `agentmerge fmt`",
            )
        )
    return fields, [*notes, *_duplicates(fields)]


def _why(field: Field, error: YamlError) -> str:
    if field.start <= error.line + 2 < field.end:
        return error.message
    try:
        entries(to_lf(field.source))
    except YamlError as own:
        return own.message
    return error.message


def _lenient_fields(inner: Sequence[str]) -> Iterator[Field]:
    heads = list(_heads(inner))
    starts = [_with_comments(inner, line, before) for line, before in zip(heads, [0, *heads[:-1]], strict=True)]
    starts[:1] = [0] if starts else []
    for line, start, end in zip(heads, starts, [*starts[1:], len(inner)], strict=True):
        yield _lenient_field(inner, line, start, end)


def _heads(inner: Sequence[str]) -> Iterator[int]:
    """Lines that open a field; inside prose that broke out of its indentation only known keys do."""
    known, in_prose, quoted = tables.known_keys(), False, ""
    for number, line in enumerate(inner):
        match = _KEY.match(bare(line))
        if quoted:
            quoted = "" if bare(line).rstrip().endswith(quoted) else quoted
        elif match and (match[1] in known or not in_prose):
            in_prose = False
            quoted = _open_quote(bare(line)[match.end() :].strip())
            yield number
        elif line.strip() and not line[0].isspace() and not line.startswith(("#", "- ")):
            in_prose = True


def _open_quote(value: str) -> str:
    """The quote that a value opens and does not close on its line; only a double one spans lines in practice."""
    return (
        '"' if value.startswith('"') and (len(value) == 1 or not value.endswith('"')) and value.count('"') == 1 else ""
    )


def _lenient_field(inner: Sequence[str], line: int, start: int, end: int) -> Field:
    source = "".join(inner[start:end])
    key = _KEY.match(bare(inner[line]))
    assert key is not None
    try:
        found = entries(to_lf("".join(inner[line:end])))
        if len(found) == 1 and found[0].key == key[1]:
            value, style = found[0].value, found[0].style
            return Field(key[1], line + 2, start + 2, end + 2, source, value, as_text(value), style)
    except YamlError:
        pass
    first = bare(inner[line])[key.end() :].strip()
    rest = [bare(text).rstrip() for text in inner[line + 1 : end]]
    value = unquoted("\n".join([first, *rest]).strip())
    return Field(key[1], line + 2, start + 2, end + 2, source, value, value, "recovered")


def unquoted(text: str) -> str:
    """Text without the one pair of quotes around it, where it holds no such quote inside."""
    for quote in "\"'":
        if len(text) > 1 and text[0] == text[-1] == quote and quote not in text[1:-1]:
            return text[1:-1]
    return text
