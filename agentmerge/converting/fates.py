"""Fields and rights in, their fates out: where each goes in the other host's form, what is lost, what is wider."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from agentmerge.converting.carriers import DEFAULT, SCOPE, Carrier, Carriers, Fate, Loss, Neutral
from agentmerge.converting.granting import Granted
from agentmerge.knowledge.tables import Dialect, Knowledge
from agentmerge.model import Field, Value
from agentmerge.rights.patterns import ANY, covers, sample
from agentmerge.rights.reading import members, names, spelt
from agentmerge.rights.vocabulary import Grant, Rights, RightsTables, Vocabulary

# Fields ---------------------------------------------------------------------------------------------------------------
#
# The fields of the result that say no right of a tool: each source field goes where the host has one for it.


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


# Telling --------------------------------------------------------------------------------------------------------------
#
# The fate of rights: which field said what the result says, what is lost of it, and what would be wider.


_LISTS = frozenset({"allow", "levels"})
_GUARDS = "hooks"
_MOST = 6


class Fates:
    """What becomes of each field of rights of one record at one host."""

    def __init__(
        self, record: Neutral, granted: Granted, result: Rights, carrier: Carrier, knowledge: Knowledge
    ) -> None:
        self._record, self._granted, self._result, self._carrier = record, granted, result, carrier
        self._own = record.rights
        self._knowledge = knowledge
        self._known = knowledge.derived(RightsTables)
        self._words = knowledge.derived(Vocabulary)
        self._title = knowledge.dialects[carrier.host].title
        self._wider: dict[str, list[str]] = {}
        for name in granted.beyond:
            for key in self._keys(name) or (DEFAULT,):
                self._wider.setdefault(key, []).append(name)

    def of(self, keys: Sequence[str], losses: Sequence[Loss], allowed: frozenset[str]) -> Iterator[Loss]:
        """All rows: those of other fields, of which some were rights, and one for each of `keys`."""
        for loss in losses:
            yield self._weighed(loss, allowed) if loss.key in self._wider else loss
        known = {loss.key for loss in losses}
        for field in self._record.fields:
            if field.key in keys and field.key not in known:
                loss = self._row(field.key)
                yield self._weighed(loss, allowed) if loss.key in self._wider else loss
        if DEFAULT in self._wider:
            yield self._weighed(Loss(DEFAULT, 1, "approximated"), allowed)

    def _keys(self, name: str) -> tuple[str, ...]:
        """The fields of the source that hold a right back."""
        found = [said.key for said in self._own.said if said.capability == name]
        for source in self._own.sources:
            row = self._knowledge.field_row(source.key, self._record.host)
            is_limit = row.get("rights") == "limit" and row.get("capability", source.key) == name
            if is_limit or (name == _GUARDS and row.get("rights") == "hooks"):
                found.append(source.key)
        return tuple(dict.fromkeys(found))

    def _weighed(self, loss: Loss, allowed: frozenset[str]) -> Loss:
        """A row of what would be wider: refused, unless every field that holds it back may be lost."""
        names = self._wider[loss.key]
        rights = tuple(names)
        open_ = [key for name in names for key in self._keys(name) or (DEFAULT,) if key not in allowed]
        told = f"wider at this host: {self.named(names)}"
        if open_:
            return loss._replace(fate="refused", told=told, carriers=self._limiting(loss.key), rights=rights)
        fate: Fate = "dropped" if not loss.to else "approximated"
        return loss._replace(fate=fate, told=f"{told}, as allowed", carriers=self._limiting(loss.key), rights=rights)

    def named(self, names: Iterable[str]) -> str:
        """Rights by tier: `network (fetch, mcp)`."""
        tiers: dict[str, list[str]] = {}
        for name in names:
            tier = self._known.tier(name) if name in self._known.tools else ""
            tiers.setdefault(tier, []).append(name)
        order = [*self._known.tiers, ""]
        rows = sorted(tiers.items(), key=lambda row: order.index(row[0]))
        return ", ".join(f"{tier} ({', '.join(found)})" if tier else ", ".join(found) for tier, found in rows)

    def _limiting(self, key: str) -> tuple[str, ...]:
        """Hosts that can hold back what a field does."""
        carriers = self._knowledge.derived(Carriers)
        concept = carriers.concept(key, self._record.host)
        others = (host for host in carriers.hosts if host != self._carrier.host)
        if concept != key or concept in {name for host in carriers.hosts for name in carriers.of(host).fields}:
            return tuple(host for host in others if concept in carriers.of(host).fields)
        return tuple(host for host in others if self._lists_tools(host, carriers))

    def _lists_tools(self, host: str, carriers: Carriers) -> bool:
        return any(self._knowledge.field_row(key, host).get("rights") in _LISTS for key in carriers.of(host).rights)

    # One field

    def _row(self, key: str) -> Loss:
        field = next(one for one in self._record.fields if one.key == key)
        if not any(source.key == key for source in self._own.sources):
            title = self._knowledge.dialects[self._record.host].title
            return Loss(key, field.line, "dropped", (), f"it means nothing to a {title}")
        about = {said.capability for said in self._own.said if said.key == key} - {"setting"}
        to = tuple(
            one
            for one in self._granted.values
            if any(said.key == one and said.capability in about for said in self._result.said)
        )
        core = self._core(key)
        lost = [
            name
            for name in about
            if not covers(self._result.extent(name), self._own.extent(name)) and (not core or name in core)
        ]
        if not lost:
            is_same = self._says_the_same(key)
            return Loss(key, field.line, "kept" if is_same else "renamed", (key,) if is_same else to)
        told, hosts = self._lost(key, lost)
        return Loss(key, field.line, "approximated" if to else "dropped", to, told, hosts)

    def _core(self, key: str) -> frozenset[str]:
        """What the names of an allow list stand for, without what they bring along; nothing for any other field."""
        return frozenset().union(*(one.core for one in self._listed(key)))

    def _listed(self, key: str) -> list[Grant]:
        row = self._knowledge.field_row(key, self._record.host)
        if row.get("rights") != "allow":
            return []
        field = next(one for one in self._record.fields if one.key == key)
        listed = members(self._knowledge.field_info(key, self._record.host), field.value)
        return [one for name in listed for one in self._words.grants(name, self._own.host)]

    def _says_the_same(self, key: str) -> bool:
        field = next(one for one in self._record.fields if one.key == key)
        if key not in self._granted.values:
            return False
        info = self._knowledge.field_info(key, self._carrier.host)
        value = self._granted.values[key]
        if info.shape == "set":
            return set(members(info, field.value)) == set(members(info, value))
        return spelt(field.value) == spelt(value)

    def _lost(self, key: str, lost: Sequence[str]) -> tuple[str, tuple[str, ...]]:
        """What is left out, in the source's words where it has some, and the hosts that could say it."""
        gone = [one for one in self._listed(key) if self._is_less(one)]
        if gone:
            names = list(dict.fromkeys(one.name for one in gone))
            more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
            # Of several that are lost, the first one says where it could stand.
            return f"left out: {', '.join(names[:_MOST])}{more}", self._able(gone[0])
        order = [*self._known.tools, *self._known.states]
        found = sorted(lost, key=order.index)
        return f"less than before: {self.named(found)}", ()

    def _is_less(self, grant: Grant) -> bool:
        text = sample(grant.pattern) if grant.pattern != ANY else ANY
        return any(self._result.level(one, text) < self._own.level(one, text) for one in grant.core)

    def _able(self, grant: Grant) -> tuple[str, ...]:
        """Hosts that have a name for no more than a grant."""
        carriers = self._knowledge.derived(Carriers)
        return tuple(host for host in carriers.hosts if host != self._carrier.host and self._can_say(host, grant))

    def _can_say(self, host: str, grant: Grant) -> bool:
        if not self._lists_tools(host, self._knowledge.derived(Carriers)):
            return False
        if grant.pattern != ANY and grant.vocabulary != "mcp":
            dialect = self._knowledge.dialects[host]
            is_able = self._known.host(host).get("limits") or dialect.ordered
            if not is_able:
                return False
        own = self._words.own(host)[0]
        if grant.vocabulary == "mcp":
            return bool(self._words.lists(host).server)
        return any(
            vocabulary == own and self._words.grant(name, host).core <= grant.core
            for name, vocabulary, _ in self._words.names(host)
        )
