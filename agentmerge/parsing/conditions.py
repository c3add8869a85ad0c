"""Lines of a template among the fields of a frontmatter: hidden from the YAML reader, and told by each field.

`{% if pro %}` above `model:` is no YAML, and taken for a line of the value before it, it would be torn from the field
that it governs. A field says under which conditions it stands; who writes fields anew has to leave such a block alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from agentmerge.knowledge import Knowledge
from agentmerge.model import Field
from agentmerge.parsing.containers import Mark, grammar, pair
from agentmerge.parsing.lenient import key_of, value_of
from agentmerge.parsing.lines import bare

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
    tags = {first + number + 1: tag for number, tag in _read(rows, texts, lines[first:end])}
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


def _read(
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
