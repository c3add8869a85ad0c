"""Frontmatter: split off, then read strictly; where that fails, `lenient` takes over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from agentmerge.model import Diagnostic, Field, Frontmatter
from agentmerge.parsing import bare_values, lenient
from agentmerge.parsing.entries import Entry
from agentmerge.parsing.lines import bare, split_lines, to_lf
from agentmerge.parsing.notes import note, short
from agentmerge.parsing.values import text_of
from agentmerge.parsing.yamlio import YamlError, entries

_FENCE = re.compile(r"---[ \t]*\Z")
_CLOSE = re.compile(r"(?:---|\.\.\.)[ \t]*\Z")
_PROSE = frozenset({"description", "name", "when_to_use", "whenToUse"})
_CUT = re.compile(r"[ \t]#")
_YAML: Mapping[str, Sequence[str]] = {}
"""No field that is read otherwise."""
FIRST_LINE = 2
"""Line of the file on which the first field can stand."""


class Split(NamedTuple):
    """A file cut in two; `body_line` is the 1-based line on which the body starts."""

    frontmatter: str | None
    body: str
    body_line: int
    notes: tuple[Diagnostic, ...] = ()


def split(text: str) -> Split:
    """Cut the frontmatter off: only a first line of `---` opens one, only a line of its own closes it."""
    lines = split_lines(text)
    if not lines or not _FENCE.match(bare(lines[0]).removeprefix("\ufeff")):
        toml = lines and bare(lines[0]).rstrip() == "+++"
        return Split(None, text, 1, (note("frontmatter-toml", 1),) if toml else ())
    for number, line in enumerate(lines[1:], 1):
        if _CLOSE.match(bare(line)):
            if _is_body(lines[1:number]):
                return Split(None, text, 1, (note("frontmatter-without-fields", 1, end=number + 1),))
            return Split("".join(lines[: number + 1]), "".join(lines[number + 1 :]), number + 2)
    return Split(None, text, 1, (note("frontmatter-unclosed", 1),))


def _is_body(inner: Sequence[str]) -> bool:
    """Whether what stands between two rules is text: visible lines, and not one that could be a field."""
    if not any(line.strip(" \t\r\n") for line in inner) or any(lenient.key_of(line) for line in inner):
        return False
    try:
        entries(to_lf("".join(inner)))
    except YamlError:
        return True
    return False


def keys(source: str) -> list[str]:
    """The keys that lines of a frontmatter open, at a first look."""
    return [key for line in split_lines(source) if (key := lenient.key_of(line))]


def read(source: str, forms: Mapping[str, Sequence[str]] = _YAML) -> tuple[Frontmatter, list[Diagnostic]]:
    """The fields of a frontmatter with its fences, and what was noticed on the way.

    `forms` has the fields that the host does not read as YAML (`Dialect.forms`).
    """
    lines = split_lines(source)
    inner, hidden = bare_values.hide(lines[1:-1], forms)
    try:
        found = entries(to_lf("".join(inner)))
    except YamlError as error:
        fields, notes = lenient.read(inner, error)
        fields = tuple(bare_values.shown(field, hidden, lines) for field in fields)
        return Frontmatter(source, len(lines) + 1, fields, valid=False), [*notes, *_duplicates(fields)]
    fields = tuple(bare_values.shown(field, hidden, lines) for field in _fields(found, inner))
    repeated = [*_duplicates(fields), *_nested_duplicates(found)]
    return Frontmatter(source, len(lines) + 1, fields, valid=not repeated), [*repeated, *_cut_values(found, inner)]


def _fields(found: Sequence[Entry], inner: Sequence[str]) -> Iterator[Field]:
    if not found:
        return
    floors = [0, *(entry.line + 1 for entry in found[:-1])]
    starts = [lenient.with_comments(inner, entry.line, floor) for entry, floor in zip(found, floors, strict=True)]
    starts[0] = 0
    for entry, start, end in zip(found, starts, [*starts[1:], len(inner)], strict=True):
        yield Field(
            entry.key,
            entry.line + FIRST_LINE,
            start + FIRST_LINE,
            end + FIRST_LINE,
            "".join(inner[start:end]),
            entry.value,
            text_of(entry),
            entry.style,
            entry.written,
        )


def _duplicates(fields: Sequence[Field]) -> Iterator[Diagnostic]:
    first: dict[str, int] = {}
    for field in fields:
        if field.key in first:
            yield note("duplicate-key", field.line, key=field.key, first=first[field.key])
        first.setdefault(field.key, field.line)


def _nested_duplicates(found: Sequence[Entry]) -> Iterator[Diagnostic]:
    for entry in found:
        for key, line in entry.repeated:
            yield note("duplicate-key", line + FIRST_LINE, key=key, first=entry.line + FIRST_LINE)


def _cut_values(found: Sequence[Entry], inner: Sequence[str]) -> Iterator[Diagnostic]:
    for entry in found:
        if entry.style not in ("plain", "empty") or entry.end_line >= len(inner):
            continue
        rest = bare(inner[entry.end_line])[entry.end_column :] if entry.style == "plain" else ""
        rest = rest or _after_colon(inner[entry.line])
        if _CUT.match(rest) and isinstance(entry.value, (str, type(None))) and _is_text(entry.key, rest.strip()):
            yield note("value-cut", entry.line + FIRST_LINE, key=entry.key, rest=short(rest))


def _is_text(key: str, rest: str) -> bool:
    """Whether what stands behind ` #` looks like more of the value: `#12`, not `# a remark`."""
    return rest[1:2].strip() != "" or (key in _PROSE and rest != "#")


def _after_colon(line: str) -> str:
    rest = lenient.value_of(line)
    return rest if _CUT.match(rest) else ""
