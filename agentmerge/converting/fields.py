"""The fields of the result that say no right of a tool: each source field goes where the host has one for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from agentmerge.converting.carriers import SCOPE, Carrier, Carriers
from agentmerge.converting.records import Fate, Loss, Neutral
from agentmerge.knowledge import Dialect, Knowledge
from agentmerge.model import Field, Value
from agentmerge.rights import names, spelt

_SENTENCE = re.compile(r"(.+?[.!?])(?:\s|\Z)", re.DOTALL)
_SHOWN = 60
_SERVER_KEYS = frozenset({"command", "args", "env", "url", "type", "headers", "cwd"})
"""What every host reads of a server's configuration alike; any other key may hold something back."""


class Written(NamedTuple):
    """A value of the result, with what it was made of."""

    key: str
    value: Value
    source: Field | None = None
    """The field that it comes from; None where the result needs one that the source does not have."""


class Fields(NamedTuple):
    """The fields of the result, and what became of those of the source."""

    written: tuple[Written, ...]
    losses: tuple[Loss, ...]


def carried(record: Neutral, carrier: Carrier, knowledge: Knowledge) -> Fields:
    """What a host takes of a record, fields of its tools aside."""
    return _Carrying(record, carrier, knowledge).all()


def rights_keys(record: Neutral, knowledge: Knowledge) -> tuple[str, ...]:
    """The source's fields that a conversion answers with fields of rights."""
    carriers = knowledge.derived(Carriers)
    return tuple(
        one.key
        for one in record.fields
        if knowledge.field_row(one.key, record.host).get("rights") and _concept(one.key, record, carriers) == one.key
    )


def _concept(key: str, record: Neutral, carriers: Carriers) -> str:
    return carriers.concept(key, record.host)


class _Carrying:
    """One record on its way to one host."""

    def __init__(self, record: Neutral, carrier: Carrier, knowledge: Knowledge) -> None:
        self._record, self._carrier, self._knowledge = record, carrier, knowledge
        self._carriers = knowledge.derived(Carriers)
        self._dialect: Dialect = knowledge.dialects[carrier.host]
        self._as_rule = record.kind == "rule" and carrier.rule is not None
        self._row: Mapping[str, str] = (
            carrier.rule.fields if self._as_rule and carrier.rule is not None else carrier.fields
        )
        self._written: list[Written] = []
        self._losses: list[Loss] = []

    def all(self) -> Fields:
        own = rights_keys(self._record, self._knowledge)
        said_when = self._when()
        for field in self._record.fields:
            if field.key not in own and field.key not in said_when:
                self._field(field)
        self._needed()
        return Fields(tuple(self._written), tuple(self._losses))

    def _field(self, field: Field) -> None:
        concept = _concept(field.key, self._record, self._carriers)
        to = self._row.get(concept, "")
        if field.value is None or field.value in ("", ()):
            self._lose(field, "dropped", "it says nothing", ())
        elif concept == "name":
            self._name(field)
        elif concept == "model":
            self._model(field, to)
        elif not to:
            self._rest(field, concept)
        elif any(one.key == to for one in self._written):
            self._lose(field, "dropped", f"another field says its {concept} already", ())
        elif concept == "servers":
            self._servers(field, to)
        else:
            self._plain(field, concept, to)

    # One kind of field each

    def _name(self, field: Field) -> None:
        slug, title, to = self._record.slug, field.text.strip(), self._row.get("name", "")
        identity = self._carrier.name
        if not self._as_rule and identity == "slug":
            self._put(to, slug, field)
        elif to:
            self._put(to, title, field)
        shown = self._row.get("title", "")
        if shown and title != slug:
            self._put(shown, title, None)
        found = [one for one in (to, shown) if one and any(row.key == one for row in self._written)]
        if to and self._value(to) == field.value:
            self._keep(field, to)
        elif title == slug and not to:
            self._losses.append(Loss(field.key, field.line, "renamed", ("path",), "the file's name says it"))
        elif shown:
            self._losses.append(Loss(field.key, field.line, "renamed", tuple(found), f"the name is {slug}"))
        else:
            told = f"{_short(title)} becomes {slug}"
            told += "" if found else ", in the file's name"
            hosts = tuple(h for h in self._carriers.hosts if self._takes_titles(h))
            self._losses.append(Loss(field.key, field.line, "approximated", tuple(found) or ("path",), told, hosts))

    def _takes_titles(self, host: str) -> bool:
        row = self._carriers.of(host)
        return row.name == "text" or "title" in row.fields

    def _model(self, field: Field, to: str) -> None:
        listed = names(field.value) if isinstance(field.value, tuple) else (field.text,)
        found = self._carriers.model(listed[0], self._carrier.host) if listed and to else None
        if found is None:
            hosts = tuple(
                h for h in self._carriers.hosts if self._carriers.model(field.text, h) not in (None, ("", True))
            )
            self._lose(
                field, "dropped", f"the host is not known to offer {_short(listed[0])}, and takes its own", hosts
            )
            return
        name, is_same = found
        if not name:
            self._losses.append(Loss(field.key, field.line, "renamed", (), "a model that is not named is inherited"))
            return
        self._put(to, name, field)
        if not is_same or len(listed) > 1:
            more = f"; {', '.join(listed[1:])} left out" if len(listed) > 1 else ""
            told = f"{_short(listed[0])} becomes {name}{more}"
            self._losses.append(Loss(field.key, field.line, "approximated", (to,), told))
        else:
            self._keep(field, to)

    def _servers(self, field: Field, to: str) -> None:
        """Servers with all that they are made of; one that is only named, or that a key of its host limits, is not."""
        found, lost = {}, []
        for name, config in _configured(field.value):
            if isinstance(config, Mapping) and _SERVER_KEYS.issuperset(config):
                found[name] = config
            else:
                lost.append(name)
        if found:
            self._put(to, found, field)
        if lost:
            told = f"{', '.join(map(_short, lost))}: its settings are not this host's"
            fate: Fate = "approximated" if found else "dropped"
            self._losses.append(Loss(field.key, field.line, fate, (to,) if found else (), told))
        else:
            self._keep(field, to)

    def _plain(self, field: Field, concept: str, to: str) -> None:
        value = self._scope(field) if concept == SCOPE else self._typed(field, to)
        allowed = self._carrier.values.get(concept)
        if value is None or not self._is_valid(to, value) or (allowed is not None and str(value) not in allowed):
            hosts = tuple(h for h in self._carriers.holders(concept) if h != self._carrier.host)
            self._lose(field, "dropped", f"{_short(field.inline)} is no value of {to} here", hosts)
            return
        self._put(to, value, field)
        self._keep(field, to)

    def _rest(self, field: Field, concept: str) -> None:
        """A field that the host declares nothing for: kept where it is the author's own and the host passes it over."""
        row = self._knowledge.field_row(field.key, self._carrier.host)
        is_right = row.get("rights") or self._knowledge.field_row(field.key, self._record.host).get("rights")
        source = self._knowledge.dialects[self._record.host]
        is_own = field.key not in source.fields and field.key not in self._dialect.fields
        if is_own and not is_right and self._dialect.unknown_fields == "ignored" and not self._as_rule:
            self._put(field.key, field.exact if self._dialect.syntax == "yaml" else field.value, field)
            self._losses.append(Loss(field.key, field.line, "kept", (field.key,), "the host passes it over"))
            return
        why = {
            "error": "the host refuses a file with a field that it does not know",
            "kept": "the host would hand it on to the model's provider",
        }.get(self._dialect.unknown_fields, "the host has no field for it")
        self._lose(field, "dropped", why, self._carriers.holders(concept))

    # When a rule holds

    def _when(self) -> frozenset[str]:
        """Write when it holds; the source's fields that say so alone."""
        source = self._carriers.of(self._record.host).rule
        said = {key for row in (source.whens.values() if source else ()) for key in row}
        said -= set(source.fields.values()) if source else set()
        keys = frozenset(one.key for one in self._record.fields if one.key in said)
        rule = self._carrier.rule if self._as_rule else None
        row = None if rule is None else rule.whens.get(self._record.when)
        for key, value in (row or {}).items():
            self._put(key, _typed_text(value), None)
        for field in self._record.fields:
            if field.key in keys:
                self._tell_when(field, row)
        return keys

    def _tell_when(self, field: Field, row: Mapping[str, str] | None) -> None:
        hosts = tuple(
            host
            for host in self._carriers.hosts
            if (rule := self._carriers.of(host).rule) is not None and self._record.when in rule.whens
        )
        if row is None:
            told = {"always": "it always holds", "files": "it holds for its files", "asked": "it waits to be asked for"}
            self._lose(field, "dropped", f"{told[self._record.when]}, which this host can't say", hosts)
        elif field.key in row and self._value(field.key) == field.value:
            self._keep(field, field.key)
        else:
            self._losses.append(Loss(field.key, field.line, "renamed", tuple(row), "" if row else "no field says so"))

    # What the host needs

    def _needed(self) -> None:
        """Fields that a host does not do without."""
        needed = () if self._as_rule else self._dialect.required
        for key in needed:
            if any(one.key == key for one in self._written) or key == self._dialect.prompt:
                continue
            if key == self._row.get("name"):
                self._put(key, self._record.slug if self._carrier.name == "slug" else self._record.title, None)
                self._losses.append(Loss(key, 1, "approximated", (key,), "made of the file's name"))
            elif key == self._row.get("description") and (text := _first_sentence(self._record.body)):
                self._put(key, text, None)
                self._losses.append(Loss(key, 1, "approximated", (key,), "made of the first sentence: there is none"))
            else:
                told = "the host needs one, and nothing says it"
                self._losses.append(Loss(key, 1, "refused", (), told, (), (key,)))

    # Parts

    def _put(self, key: str, value: Value, source: Field | None) -> None:
        if key and not any(one.key == key for one in self._written):
            self._written.append(Written(key, value, source))

    def _value(self, key: str) -> Value:
        return next((one.value for one in self._written if one.key == key), None)

    def _keep(self, field: Field, to: str) -> None:
        """A field whose value stands: kept under its own name, else renamed."""
        value = self._value(to)
        is_same = spelt(value) in (spelt(field.value), spelt(field.exact)) or names(value) == names(field.value)
        told = "" if is_same else f"written {_short(spelt(value))}"
        fate: Fate = "kept" if to == field.key and is_same else "renamed"
        self._losses.append(Loss(field.key, field.line, fate, (to,), told))

    def _lose(self, field: Field, fate: Fate, told: str, carriers: Sequence[str]) -> None:
        remarks = f"; with its comment {_short(field.comments[0].text)}" if field.comments else ""
        self._losses.append(Loss(field.key, field.line, fate, (), told + remarks, tuple(carriers)))

    def _typed(self, field: Field, to: str) -> Value:
        """A value in a type that the host's field takes; None where it can't be one."""
        types = self._dialect.types.get(to, ())
        value: Value = field.exact if self._dialect.syntax == "yaml" else field.value
        if not types or _type_of(field.value) in types:
            return value
        if "list" in types and (found := names(field.value)):
            return found
        if "text" in types:
            members = names(field.value)
            return ", ".join(members) if isinstance(field.value, tuple) else field.text
        return None

    def _scope(self, field: Field) -> Value:
        """The files of a rule as the host lists them; as they stand where that is a list, too."""
        found, rule = names(field.value), self._carrier.rule
        if rule is not None and rule.is_list:
            return field.value if isinstance(field.value, tuple) else found
        return field.value if isinstance(field.value, str) else ",".join(found)

    def _is_valid(self, key: str, value: Value) -> bool:
        values, pattern = self._dialect.values.get(key), self._dialect.patterns.get(key)
        if values is None and pattern is None:
            return True
        return str(value) in (values or ()) or (pattern is not None and re.fullmatch(pattern, str(value)) is not None)


def _configured(value: Value) -> Iterator[tuple[str, Value]]:
    """The servers of a map, or of a list of names and maps."""
    if isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, tuple):
        for item in value:
            yield from _configured(item)
    else:
        yield from ((name, None) for name in names(value))


def _type_of(value: Value) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return "map" if isinstance(value, Mapping) else "list" if isinstance(value, tuple) else "text"


def _typed_text(value: str) -> Value:
    return {"true": True, "false": False}.get(value, value)


def _first_sentence(body: str) -> str:
    """The first sentence of the first paragraph of prose."""
    for block in re.split(r"\r?\n[ \t]*\r?\n", body):
        text = " ".join(block.split())
        if text[:1].isalnum() or text[:1] in ('"', "'", "*", "_"):
            found = _SENTENCE.match(text)
            return (found[1] if found else text)[:_LONGEST]
    return ""


_LONGEST = 300


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else flat[: _SHOWN - 1] + "…"
