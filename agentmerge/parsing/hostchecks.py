"""What makes a host refuse a file, or pass over a part of it, by the tables: types, values, forms, names of tools."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from agentmerge import forms, rights
from agentmerge.knowledge import Dialect, Knowledge
from agentmerge.memo import Kept
from agentmerge.model import Diagnostic, Field, Frontmatter, Value
from agentmerge.parsing.notes import note, short

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
        yield from _value_notes(field, dialect, knowledge=knowledge)


def _as_type(field: Field, kind: str) -> str:
    """What to write instead, where it can be told from what is there."""
    names = rights.names(field.value)
    if kind == "list" and isinstance(field.value, str) and names:
        return f"write [{short(', '.join(names), 80)}]"
    if kind == "boolean" and isinstance(field.value, str) and field.value.lower() in ("true", "false"):
        return f"write {field.value.lower()} without quotes"
    if kind == "number" and isinstance(field.value, str) and field.value.replace(".", "", 1).isdigit():
        return f"write {field.value} without quotes"
    if kind == "text" and not isinstance(field.value, (tuple, Mapping)):
        return f'write "{field.text}"'
    return f"write {_NAMES[kind]}"


def _value_notes(field: Field, dialect: Dialect, knowledge: Knowledge) -> Iterator[Diagnostic]:
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
    fault = forms.fault(field, dialect)
    if fault:
        good = forms.bare(field.value)
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
        server = rights.server_tool(base)
        host = known.other_host(base, other)
        if server is not None and not host and "/" in base and not rights.has_form(base, dialect.tool_lists.server):
            # `search/searchResults` is a tool of a set, not of a server.
            host = known.other_host(server[0], other)
        if server is not None and not host:
            right = dialect.tool_lists.server
            if right and not rights.has_form(base, right):
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
    return rights.spaced_names(value) if field.key.endswith("-tools") else rights.names(value)


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
