"""A definition in, what a survey knows of it out, and that as a row of JSON and back."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b, sha256
from typing import Any

from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import Definition, Section, Unit, walk_sections, walk_units
from agentmerge.planning.intake import paper_kind
from agentmerge.reading import parsing
from agentmerge.reading.parsing import parse
from agentmerge.rights.comparing import is_right
from agentmerge.surveying.comparing import sketch, words_of
from agentmerge.surveying.records import Content
from agentmerge.text import lexicon
from agentmerge.text.lines import split_lines

FORMAT = 1
"""Changes with what a row holds, so that what is kept of an older form is not read."""
LEAST_SHAPE = 8
"""Headings and units from which their order says something."""
_LANGUAGE = 900
"""Characters of prose by which the language is told."""
_VERBATIM = frozenset({"code", "raw", "html", "comment", "example"})
_EMPHASIS = re.compile(r"[*_~]{1,3}(?=\S)|(?<=\S)[*_~]{1,3}(?=\W|$)")
_REFERENCE = re.compile(r"`([^`\n]+)`|(https?://[^\s)>\]]+)")


def read_content(text: str, filename: str, knowledge: Knowledge) -> Content:
    """What a survey knows of a text; of the name of its file the host's convention alone counts."""
    by_path = parsing.by_path(filename, knowledge)
    return content_of(parse(text, knowledge, filename=filename, dialect=by_path), knowledge)


def content_of(definition: Definition, knowledge: Knowledge) -> Content:
    """What a survey knows of a definition."""
    units = [place.unit for place in walk_units(definition.root) if place.unit.text.strip()]
    folded = [_folded(unit) for unit in units]
    titles = [section.title for _, section in walk_sections(definition.root) if section.title]
    words = [words_of(text) for text in folded]
    fields = {field.key: field for field in definition.effective}
    return Content(
        digest=sha256(definition.text.encode("utf-8", "surrogatepass")).hexdigest(),
        host=definition.dialect,
        name=_text(definition, "name"),
        title=titles[0] if titles else "",
        description=_text(definition, "description"),
        exact=_hash("\n".join(_body_lines(definition))),
        body=_hash("\n".join([*map(_plain, titles[1:]), "", *folded])),
        statements=_numbers(folded),
        lengths=array("H", (min(len(found), 0xFFFF) for found in words)),
        headings=_numbers(dict.fromkeys(map(_plain, titles[1:]))),
        sketch=sketch([word for found in words for word in found]),
        shape=_shape(definition),
        references=_numbers(sorted(set(_references(units)))),
        language=_language(units, folded, knowledge),
        tokens=tokens(definition.text),
        fields={key: _hash(repr(field.content)) for key, field in sorted(fields.items())},
        rights=_rights(definition, knowledge),
        paper=paper_kind(definition, knowledge),
        notes=dict(sorted(Counter(n.code for n in definition.diagnostics if n.severity != "info").items())),
    )


def _language(units: Sequence[Unit], folded: Sequence[str], knowledge: Knowledge) -> str:
    prose = " ".join(text for unit, text in zip(units, folded, strict=True) if unit.kind not in _VERBATIM)
    return lexicon.of(knowledge).language([prose[:_LANGUAGE]]) if prose else ""


def tokens(text: str) -> int:
    """Tokens that a model reads, estimated: four letters of ASCII are one, and three of two others."""
    plain = sum(map(str.isascii, text)) if not text.isascii() else len(text)
    return round(plain / 4 + (len(text) - plain) / 1.5)


def _text(definition: Definition, key: str) -> str:
    field = definition.field(key)
    return " ".join(field.text.split()) if field is not None else ""


def _body_lines(definition: Definition) -> list[str]:
    """The lines of the body; blank ones above and below say nothing."""
    lines = split_lines(definition.text)
    rest = definition.frontmatter.cut_from(lines) if definition.frontmatter else lines
    return "\n".join(line.rstrip() for line in rest).strip("\n").split("\n")


def _folded(unit: Unit) -> str:
    """A unit's words without what only lays them out; code is kept as it is."""
    if unit.kind in _VERBATIM:
        return "\n".join(line.rstrip() for line in unit.text.split("\n"))
    return _plain(unit.flow)


def _plain(text: str) -> str:
    return " ".join(_EMPHASIS.sub("", text).lower().split())


def _shape(definition: Definition) -> str:
    found = list(_kinds(definition.root))
    return _hash(" ".join(found)) if len(found) >= LEAST_SHAPE else ""


def _kinds(section: Section) -> Iterator[str]:
    for node in section.body:
        if isinstance(node, Section):
            yield f"#{node.level}"
            yield from _kinds(node)
        else:
            yield from _unit_kinds(node)


def _unit_kinds(unit: Unit) -> Iterator[str]:
    yield unit.kind
    for child in unit.children:
        yield from _unit_kinds(child)


def _references(units: Iterable[Unit]) -> Iterator[str]:
    for unit in units:
        if unit.kind == "code":
            yield unit.text.strip()
        else:
            yield from (name or address for name, address in _REFERENCE.findall(unit.text))


def _rights(definition: Definition, knowledge: Knowledge) -> str:
    host = definition.dialect
    said = [
        (field.key, field.content, field.condition)
        for field in (definition.effective if definition.is_seen else ())
        if is_right(field.key, host, knowledge)
    ]
    return _hash(repr((host, sorted(said, key=lambda row: row[0])))) if said else ""


def _hash(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _numbers(texts: Iterable[str]) -> array[int]:
    return array(
        "Q", (int.from_bytes(blake2b(t.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") for t in texts)
    )


# Rows

_ARRAYS = {"statements": "Q", "lengths": "H", "headings": "Q", "sketch": "I", "references": "Q"}
_MAPS = ("fields", "notes")
_KEYS = tuple(Content.__dataclass_fields__)


def to_row(content: Content) -> list[Any]:
    """The content as values of JSON."""
    return [list(getattr(content, key)) if key in _ARRAYS else getattr(content, key) for key in _KEYS]


def from_row(row: Sequence[Any]) -> Content:
    """The content that a row holds. Raises ValueError for a row of another form."""
    if not isinstance(row, list) or len(row) != len(_KEYS):
        raise ValueError("a row of another form")
    values = dict(zip(_KEYS, row, strict=True))
    try:
        values |= {key: array(code, values[key]) for key, code in _ARRAYS.items()}
        if not all(isinstance(values[key], dict) for key in _MAPS):
            raise ValueError("a row of another form")
        if not all(isinstance(values[key], str) for key in _KEYS if key not in (*_ARRAYS, *_MAPS, "tokens")):
            raise ValueError("a row of another form")
    except (TypeError, OverflowError) as error:
        raise ValueError("a row of another form") from error
    return Content(**values)
