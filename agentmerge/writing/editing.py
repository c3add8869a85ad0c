"""An edit of a definition in, edits of its bytes out: a start, an end and the text in between, each with its proof.

What an edit does not name stays byte for byte. The result is read back: it holds the fields and units that were asked
for and all others as they were, or nothing is changed and an error says what would have been.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from agentmerge.errors import EditError
from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import Definition, Field, Place, Section, Unit, Value, frozen, walk_sections, walk_units
from agentmerge.reading import yamlio
from agentmerge.reading.parsing import parse
from agentmerge.text.lines import split_lines, to_lf
from agentmerge.text.markers import refuse_markers

_BOM = "\ufeff"
_SHOWN = 60


class Edit(NamedTuple):
    """A part of a text, by offsets in characters, and what stands there instead."""

    start: int
    end: int
    text: str


def edited(text: str, edits: Sequence[Edit]) -> str:
    """A text with edits that do not overlap."""
    parts, at = [], 0
    for edit in sorted(edits):
        if not at <= edit.start <= edit.end <= len(text):
            raise EditError(f"the edits overlap or are outside of the text, at {edit.start}")
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*parts, text[at:]])


# Fields


def set_field(definition: Definition, key: str, value: object, knowledge: Knowledge) -> Definition:
    """The definition with a value for a frontmatter field; a new field comes behind the others.

    Remarks stay, and so does the form of a list (`Read, Bash`, `[Read, Bash]`, a line each). A list, a mapping, a text,
    a number, true, false and None are values. Raises EditError where the result would not read back so.
    """
    _refuse_unwritable(definition, knowledge)
    wanted = _value(key, value)
    old = definition.field(key)
    if old is not None and old.content == _read_value(key, wanted, knowledge):
        return definition
    edit = (
        _new_field(definition, key, wanted, knowledge) if _is_new(old) else _changed(definition, old, wanted, knowledge)
    )
    result = _applied(definition, [edit], knowledge)
    _require_fields(definition, result, key, _read_value(key, _formed(old, wanted), knowledge))
    _require_units(definition, result, _units(definition))
    return result


def _is_new(old: Field | None) -> bool:
    # What a merge key brings in has no lines of its own: a field of the definition's own comes before it.
    return old is None or not old.source


def _value(key: str, value: object) -> Value:
    if not key or key != key.strip() or "\n" in key:
        raise EditError(f"{key!r} is no name of a field", remedy="name a field such as `model`")
    if not _is_value(value):
        remedy = "give a text, a number, true, false, None, or lists and mappings of such"
        raise EditError(f"{value!r} is no value of a field", remedy=remedy)
    return frozen(value)  # type: ignore[return-value]


def _is_value(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(isinstance(key, str) and _is_value(inner) for key, inner in value.items())
    if isinstance(value, (list, tuple)):
        return all(map(_is_value, value))
    return value is None or isinstance(value, (str, bool, int, float))


def _read_value(key: str, value: Value, knowledge: Knowledge) -> Value:
    """What a value reads as, so that 5 and "5" are told apart and a tuple is a list."""
    field = parse(f"---\n{yamlio.field_text(key, value)}---\n", knowledge).field(key)
    return None if field is None else field.content


def _formed(old: Field | None, value: Value) -> Value:
    """A list in the form of the one that it replaces: `Read, Bash` stays one text."""
    is_text = old is not None and isinstance(old.value, str) and "," in old.value and isinstance(value, tuple)
    plain = isinstance(value, tuple) and value and all(isinstance(one, str) and "," not in one for one in value)
    return ", ".join(map(str, value)) if is_text and plain and isinstance(value, tuple) else value


def _changed(definition: Definition, old: Field | None, value: Value, knowledge: Knowledge) -> Edit:
    assert old is not None
    host = knowledge.dialects[definition.dialect]
    lines = split_lines(old.source)
    above, own = lines[: old.line - old.start], lines[old.line - old.start :]
    style = old.style if old.style in ("block", "flow", "bare", "single", "double") else ""
    written = yamlio.written(old.key, _formed(old, value), style, host)
    remarks = [remark for remark in old.comments if remark.line >= old.line]
    if len(remarks) == 1 and remarks[0].line == old.line and written.count("\n") == 1:
        written = f"{written.rstrip()}  {remarks[0].text}\n"
    else:
        written = "".join(f"{line}\n" for remark in remarks for line in remark.text.split("\n")) + written
    start = old.span.start + len("".join(above))
    tail = "" if own and own[-1].endswith(("\n", "\r")) else "\n"
    return Edit(start, old.span.end, _in_newlines(definition, written.removesuffix(tail) if tail else written))


def _new_field(definition: Definition, key: str, value: Value, knowledge: Knowledge) -> Edit:
    host = knowledge.dialects[definition.dialect]
    written = yamlio.written(key, value, "", host)
    front = definition.frontmatter
    if front is None:
        at = len(_BOM) if definition.text.startswith(_BOM) else 0
        gap = "\n" if definition.text[at:].strip() else ""
        return Edit(at, at, _in_newlines(definition, f"---\n{written}---\n{gap}"))
    at = front.fields[-1].span.end if front.fields else len("".join(split_lines(definition.text)[: front.end - 2]))
    return Edit(at, at, _in_newlines(definition, written))


def _refuse_unwritable(definition: Definition, knowledge: Knowledge) -> None:
    refuse_markers(definition, knowledge=knowledge)
    name, front = definition.filename, definition.frontmatter
    if definition.syntax != "yaml" or (front is not None and front.is_toml):
        raise EditError("is TOML, which is read and not written", file=name, remedy="edit it by hand")
    if front is None:
        return
    if front.tags:
        remedy = "render the template first, or edit it by hand"
        raise EditError("the fields stand under conditions of a template", file=name, line=front.tags[0], remedy=remedy)
    if not front.seen or not front.valid:
        remedy = "run `agentmerge fmt` first"
        raise EditError(
            "the frontmatter is not one that every reader finds and takes", file=name, line=front.line, remedy=remedy
        )


# Units and sections


def replace(definition: Definition, unit: Unit, text: str, knowledge: Knowledge) -> Definition:
    """The definition with other Markdown in the place of one unit's own lines; what is nested in it stays.

    Raises EditError where the result would not hold all other units as they were.
    """
    _require_member(definition, unit)
    edit = Edit(unit.span.start, unit.span.end, _lines_of(definition, text, definition.text[: unit.span.end]))
    return _body_edit(definition, edit, (unit,), knowledge)


def insert(definition: Definition, after: Unit | Section, text: str, knowledge: Knowledge) -> Definition:
    """The definition with Markdown behind a unit, with all that is nested in it, or behind the heading of a section.

    Where it needs a blank line to be read by itself, bring it along: those before and behind the text are kept.
    Raises EditError where the result would not hold all other units as they were.
    """
    _require_member(definition, after)
    at = after.extent.end if isinstance(after, Unit) else after.span.end
    before = definition.text[:at]
    start = "" if not before or before.endswith(("\n", "\r")) else "\n"
    bare = to_lf(text)
    above = "\n" * (len(bare) - len(bare.lstrip("\n")))
    below = "\n" * max(len(bare) - len(bare.rstrip("\n")) - 1, 0)
    given = (
        _in_newlines(definition, start + above) + _lines_of(definition, text, "\n") + _in_newlines(definition, below)
    )
    return _body_edit(definition, Edit(at, at, given), (), knowledge)


def remove(definition: Definition, node: Unit | Section | Field, knowledge: Knowledge) -> Definition:
    """The definition without a unit, a section with all that stands in it, or a field with the remarks above it.

    Raises EditError where the result would not hold all others as they were.
    """
    if isinstance(node, Field):
        _refuse_unwritable(definition, knowledge)
        if node not in definition.fields:
            raise EditError(f"'{node.key}' is no field of it", file=definition.filename, remedy="take one of `fields`")
        result = _applied(definition, [Edit(node.span.start, node.span.end, "")], knowledge)
        _require_fields(definition, result, node.key, _GONE)
        _require_units(definition, result, _units(definition))
        return result
    _require_member(definition, node)
    gone = (node, *chain.from_iterable(_nested(node)))
    units = tuple(one for one in gone if isinstance(one, Unit))
    return _body_edit(definition, Edit(node.extent.start, node.extent.end, ""), units, knowledge)


def _nested(node: Unit | Section) -> Iterator[tuple[Unit, ...]]:
    if isinstance(node, Unit):
        yield node.children
        for child in node.children:
            yield from _nested(child)
    else:
        yield tuple(place.unit for place in walk_units(node))


def _require_member(definition: Definition, node: Unit | Section) -> None:
    nodes = chain(
        (place.unit for place in walk_units(definition.root)),
        (section for _, section in walk_sections(definition.root)),
    )
    if not any(one is node or (one == node and one.span == node.span) for one in nodes):
        raise EditError(
            "that is no part of this definition", file=definition.filename, remedy="take one from walking it"
        )


def _lines_of(definition: Definition, text: str, before: str) -> str:
    """Markdown as lines of the definition, ended as what they replace is."""
    lines = to_lf(text).strip("\n")
    return _in_newlines(definition, f"{lines}\n" if before.endswith(("\n", "\r")) else lines)


def _in_newlines(definition: Definition, text: str) -> str:
    return text.replace("\n", definition.newline) if definition.newline else text


def _body_edit(definition: Definition, edit: Edit, gone: Sequence[Unit], knowledge: Knowledge) -> Definition:
    refuse_markers(definition, knowledge=knowledge)
    result = _applied(definition, [edit], knowledge)
    _require_fields(definition, result)
    spans = {unit.span for unit in gone}
    kept = [_said(place) for place in walk_units(definition.root) if place.unit.span not in spans]
    _require_units(definition, result, kept, edit.text)
    return result


# The proof


def _applied(definition: Definition, edits: Sequence[Edit], knowledge: Knowledge) -> Definition:
    text = edited(definition.text, edits)
    return parse(text, knowledge, filename=definition.filename, dialect=definition.dialect)


def _require_fields(before: Definition, after: Definition, key: str = "", value: object = None) -> None:
    """All fields as they were, but for one, which has the value that was asked for, or is gone."""
    known, found = ([(field.key, field.content) for field in one.fields if field.key != key] for one in (before, after))
    if known != found:
        lost = next((one[0] for one, other in zip(known, found, strict=False) if one != other), "")
        raise _fault(before, f"the field '{lost}' would read otherwise" if lost else "other fields would be lost")
    own = after.field(key) if key else None
    if key and value is _GONE and own is not None:
        raise _fault(before, f"'{key}' would still be a field of it")
    if key and value is not _GONE and (own is None or own.content != value):
        raise _fault(before, f"'{key}' would not read as what was given")
    front, old = after.frontmatter, before.frontmatter
    if front is not None and not (front.valid and front.seen) and (old is None or old.valid):
        raise _fault(before, "the frontmatter would be one that not every reader takes")


_GONE = object()
"""Stands for the value of a field that is taken out."""


def _require_units(before: Definition, after: Definition, kept: Sequence[Said], given: str = "") -> None:
    """All units that are to stay, in their order and under their headings, and besides them what was given alone."""
    waiting = list(reversed(kept))
    words = " ".join(given.split())
    for said in _units(after):
        if waiting and waiting[-1] == said:
            waiting.pop()
        elif not given or " ".join(said.text.split()) not in words:
            raise _fault(before, f"'{said.text[:_SHOWN]}' would be read otherwise")
    if waiting:
        raise _fault(before, f"'{waiting[-1].text[:_SHOWN]}' would be lost, or read otherwise")
    known = {note.code for note in before.diagnostics}
    worse = next((note for note in after.diagnostics if note.severity == "error" and note.code not in known), None)
    if worse is not None:
        raise _fault(before, worse.message)


class Said(NamedTuple):
    """What has to stay of a unit that an edit does not name."""

    kind: str
    text: str
    checked: bool | None
    mode: str
    depth: int
    titles: tuple[str, ...]


def _units(definition: Definition) -> list[Said]:
    return [_said(place) for place in walk_units(definition.root)]


def _said(place: Place) -> Said:
    unit, titles = place.unit, tuple(section.title for section in place.path)
    return Said(unit.kind, unit.text, unit.checked, unit.mode, len(place.parents), titles)


def _fault(definition: Definition, what: str) -> EditError:
    return EditError(what, file=definition.filename, remedy="give another text, or edit the file by hand")
