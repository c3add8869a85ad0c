"""Rights into the fields of another host: of all that they can say, the largest that is no wider than the source.

Candidates are made from what the host declares and read back with the host's own reader; the algebra of `rights`
judges them. Nothing here knows a host.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import NamedTuple

from agentmerge.converting.carriers import Carrier
from agentmerge.converting.records import Values
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Field, FrozenMap, Value
from agentmerge.rights import Extent, Level, Rights, beyond, effective, meet, reach, rights_of, spell, too_wide
from agentmerge.rights.meanings import RightsTables
from agentmerge.rights.patterns import ANY, EVERYTHING, NOTHING, Rule, constant, covers, sample
from agentmerge.rights.vocabulary import Vocabulary, shown_argument

_SETTING = "setting"
"""The values of a host's own fields: they mean nothing elsewhere, and what they let through is in the other rights."""
_WEIGHTS = {"info": 1, "warning": 100, "breaking": 10_000}


class Granted(NamedTuple):
    """What is written, and what is wider all the same since the host can't say less."""

    values: Values
    beyond: tuple[str, ...]


def asked_for(definition: Definition, knowledge: Knowledge) -> Rights:
    """What a definition may do; of one whose fields no host finds, what its author wrote down counts, too."""
    found = effective(definition, knowledge)
    if definition.is_seen:
        return found
    fields = {one.key: one for one in definition.effective}
    return meet(found, rights_of(tuple(fields.values()), definition.dialect, knowledge, guessed=definition.guessed))


def bound(own: Rights, host: str, allowed: frozenset[str], knowledge: Knowledge) -> Rights:
    """The widest that a result may be: what a definition may do, what that lets it do anyway, what may grow by name."""
    known = knowledge.derived(RightsTables)
    extents = dict(reach(own, knowledge).extents)
    for name in [*known.tools, *known.states]:
        if name in allowed or known.tier(name) in allowed or (name == _SETTING and host != own.host):
            extents[name] = EVERYTHING
    return replace(own, extents=FrozenMap(extents))


def grant(own: Rights, limit: Rights, carrier: Carrier, rest: Sequence[Field], knowledge: Knowledge) -> Granted:
    """The fields of rights of a host under a limit; `rest` are the other fields that the result has."""
    search = _Search(own, limit, carrier, rest, knowledge)
    return min(search.candidates(), key=lambda one: search.price(*one))[0]


class _Search:
    """All that a host can say, with what each of it comes to."""

    def __init__(
        self, own: Rights, limit: Rights, carrier: Carrier, rest: Sequence[Field], knowledge: Knowledge
    ) -> None:
        self._own, self._limit, self._carrier, self._rest = own, limit, carrier, rest
        self._knowledge = knowledge
        self._known = knowledge.derived(RightsTables)
        self._words = knowledge.derived(Vocabulary)
        self._probes = {name: _probes(own.extent(name)) for name in self._known.tools}

    def candidates(self) -> Iterator[tuple[Granted, Rights]]:
        """Every combination of what each field may say."""
        keys = self._carrier.rights
        for values in product(*(tuple(self._values(key)) for key in keys)):
            said = {key: value for key, value in zip(keys, values, strict=True) if value is not None}
            fields = [*self._rest, *(made(key, value) for key, value in said.items())]
            result = rights_of(fields, self._carrier.host, self._knowledge)
            yield Granted(said, beyond(self._limit, result)), result

    def price(self, granted: Granted, result: Rights) -> tuple[int, int, int]:
        """What is wider, by weight; then what is lost; then what has to be written for it."""
        wider = sum(_WEIGHTS[self._known.severity(self._known.tier(name))] for name in granted.beyond)
        held = sum(
            min(result.level(name, text), self._limit.level(name, text))
            for name, texts in self._probes.items()
            for text in texts
        )
        return wider, -held, len(granted.values)

    def _values(self, key: str) -> Iterator[Value]:
        yield None
        host = self._carrier.host
        kind = self._knowledge.field_row(key, host).get("rights", "")
        if kind == "allow":
            names = spell(self._limit, host, self._knowledge, self._preferred(), self._own)
            if names is not None and (names or not self._words.empty_is_all(host)):
                yield tuple(name for name in names if self._is_taken(name))
        elif kind == "deny":
            yield from ([names] if (names := too_wide(self._limit, host, self._knowledge)) else [])
        elif kind == "levels":
            yield from self._levels(key)
        else:
            yield from (_typed(value) for value in self._carrier.values.get(key, ()))

    def _preferred(self) -> tuple[str, ...]:
        """The source's names that are the host's own words, too."""
        own = self._words.own(self._carrier.host)[0]
        return tuple(one.name for one in self._own.grants if one.vocabulary == own)

    def _is_taken(self, name: str) -> bool:
        """Whether a host that knows all its names knows this one."""
        lists = self._words.lists(self._carrier.host)
        return not lists.closed or self._words.grant(name, self._carrier.host).vocabulary != ""

    # Levels by tool

    def _levels(self, key: str) -> Iterator[Value]:
        is_map = key in self._knowledge.dialects[self._carrier.host].ordered
        for with_patterns in (True, False):
            rows = list(self._rows(is_map=is_map, with_patterns=with_patterns))
            if is_map:
                yield from ([self._as_map(rows)] if rows else [])
            elif rules := self._as_rules(rows):
                yield rules

    def _rows(self, *, is_map: bool, with_patterns: bool) -> Iterator[tuple[str, Level, list[tuple[str, Level]]]]:
        """Each name of the host with its level, and the levels of patterns of its arguments."""
        host, seen = self._carrier.host, set()
        own = self._words.own(host)[0]
        for name, vocabulary, means in self._words.names(host):
            core = self._words.grant(name, host).core
            if vocabulary != own or core in seen or (not is_map and name.startswith("@")):
                continue
            seen.add(core)
            level = min((floor(self._limit.extent(one)) for one in means), default=Level.DENY)
            if all(self._own.extent(one) == NOTHING for one in core):
                level = Level.DENY
            patterns = self._patterns(next(iter(core))) if with_patterns and len(core) == 1 else None
            yield (name, level, []) if patterns is None else (name, *patterns)

    def _patterns(self, capability: str) -> tuple[Level, list[tuple[str, Level]]] | None:
        """The level of a capability and of the patterns of its arguments; None where it has none, or several lists."""
        layers = self._limit.extent(capability).layers
        kind = self._words.kind(capability)
        listed = [layer for layer in layers if layer != (Rule(ANY, layer[0].level),)]
        if len(listed) != 1 or kind == "name":
            return None
        # What holds for every argument, such as that a host asks first, is a roof over the rules of the list.
        roof = min((layer[0].level for layer in layers if layer not in listed), default=Level.ALLOW)
        rules = [(shown_argument(r.pattern, kind), min(r.level, roof)) for r in listed[0] if r.pattern != ANY]
        base = next((min(r.level, roof) for r in listed[0] if r.pattern == ANY), Level.DENY)
        return base, rules

    def _as_map(self, rows: Sequence[tuple[str, Level, list[tuple[str, Level]]]]) -> Value:
        """A map in whose order the last rule counts: first what is for all, then each name that differs."""
        named = {one for name, *_ in rows for one in self._words.grant(name, self._carrier.host).core}
        rest = [floor(self._limit.extent(one)) for one in self._known.tools if one not in named]
        base = min(rest, default=Level.DENY)
        found: dict[str, Value] = {ANY: base.word}
        for name, level, patterns in rows:
            if patterns:
                found[name] = {ANY: level.word, **{pattern: one.word for pattern, one in patterns}}
            elif level is not base:
                found[name] = level.word
        return found

    def _as_rules(self, rows: Sequence[tuple[str, Level, list[tuple[str, Level]]]]) -> Value:
        """Rules of which the strictest counts; what none fits is on the host's default, and so is what it denies."""
        found: list[Value] = []
        for name, level, patterns in rows:
            if level is Level.ALLOW:
                found.append({"capability": name, "effect": level.word})
            by_level: dict[Level, list[Value]] = {}
            for pattern, one in patterns:
                by_level.setdefault(one, []).append(pattern)
            found += [{"capability": name, "effect": one.word, "match": tuple(by_level[one])} for one in by_level]
        return tuple(found)


def made(key: str, value: Value) -> Field:
    """A field that stands in no file."""
    return Field(key, 1, 1, 2, "", value, "", "plain")


def floor(one: Extent) -> Level:
    """The highest level that every text has at least."""
    return next(level for level in sorted(Level, reverse=True) if covers(one, constant(level)))


def _probes(one: Extent) -> tuple[str, ...]:
    """Texts that tell what an extent lets through: one that no pattern names, and one for each pattern."""
    return (ANY, *sorted({sample(rule.pattern) for layer in one.layers for rule in layer if rule.pattern != ANY}))


def _typed(value: str) -> Value:
    return {"true": True, "false": False}.get(value, value)
