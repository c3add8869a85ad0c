"""A definition in, out what no one host has of it, and the largest rights of another host that aren't wider."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import PurePath
from typing import NamedTuple

from agentmerge.converting.carriers import SCOPE, Carrier, Carriers, Kind, Neutral, Values, When
from agentmerge.errors import InputError
from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import Definition, Field, FrozenMap, Value
from agentmerge.rights.comparing import beyond, meet, reach
from agentmerge.rights.joining import spell, too_wide
from agentmerge.rights.patterns import ANY, EVERYTHING, NOTHING, Extent, Level, Rule, constant, covers, sample
from agentmerge.rights.reading import effective, names, rights_of
from agentmerge.rights.vocabulary import Rights, RightsTables, Vocabulary, shown_argument
from agentmerge.text.lines import split_lines
from agentmerge.text.paths import like

# Granting -------------------------------------------------------------------------------------------------------------
#
# Rights into the fields of another host: of all that they can say, the largest that is no wider than the source.
#
# Candidates are made from what the host declares and read back with the host's own reader; the algebra of `rights`
# judges them. Nothing here knows a host.


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


# Neutral --------------------------------------------------------------------------------------------------------------
#
# A definition as no host in particular has it: names, texts, scope and rights.


_SUFFIX = re.compile(r"(\.(agent|chatmode|prompt|instructions))?\.(md|mdc|markdown|toml|yaml|yml)\Z", re.IGNORECASE)
_SKILL = "skill.md"
_PLAIN = "plain"
_SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*\Z")
_FOREIGN = re.compile(r"[^a-z0-9]+")
_LONGEST = 64
"""Characters of a name that every host takes."""
_EVERY = frozenset({"**", "**/*", "*"})


def neutral(definition: Definition, knowledge: Knowledge) -> Neutral:
    """What a definition is, whatever host it was written for. Raises InputError for one that can't be taken apart."""
    front = definition.frontmatter
    if front is not None and front.tags:
        raise InputError(
            "has lines of a template in its frontmatter",
            file=definition.filename,
            line=front.tags[0],
            remedy="convert what the template makes",
        )
    fields = {one.key: one for one in definition.effective}
    prompt = prompt_of(definition, knowledge)
    carrier = knowledge.derived(Carriers).of(definition.dialect)
    by_concept = {carrier.concept(key) or key: one for key, one in fields.items() if key != prompt}
    title = _text(by_concept.get("name"))
    stem = _stem(definition.filename or "")
    slug = next((found for one in _names(title, stem, carrier.name) if (found := slugged(one))), "")
    kind, scope = _kind(definition, by_concept, knowledge), _scope(by_concept.get(SCOPE))
    return Neutral(
        kind,
        slug,
        title or stem,
        _text(by_concept.get("description")),
        _body(definition, prompt),
        () if _EVERY.issuperset(scope) else scope,
        _when(fields, scope, carrier.rule.whens if carrier.rule is not None else {}),
        asked_for(definition, knowledge),
        definition.dialect,
        tuple(one for key, one in fields.items() if key != prompt),
    )


def slugged(name: str) -> str:
    """A name in small letters, digits and hyphens; as it is where it has nothing else; "" where nothing is left."""
    if _SLUG.match(name) and len(name) <= _LONGEST:
        return name
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _FOREIGN.sub("-", plain).strip("-")[:_LONGEST].strip("-")


def prompt_of(definition: Definition, knowledge: Knowledge) -> str:
    """The field that holds the prompt; "" where the body does."""
    return knowledge.dialects[definition.dialect].prompt if definition.syntax == "toml" else ""


def _names(title: str, stem: str, identity: str) -> tuple[str, str]:
    """What a definition may be called, as its host goes by it."""
    return (stem, title) if identity in ("path", "text") else (title, stem)


def _stem(filename: str) -> str:
    path = PurePath(filename.replace("\\", "/").rpartition(":")[2])
    return path.parent.name if path.name.lower() == _SKILL else _SUFFIX.sub("", path.name).lstrip(".")


def _text(field: Field | None) -> str:
    return "" if field is None else field.text


def _body(definition: Definition, prompt: str) -> str:
    if definition.syntax == "toml":
        return _text(definition.field(prompt))
    if definition.frontmatter is None:
        return definition.text.removeprefix("\ufeff")
    return "".join(definition.frontmatter.cut_from(split_lines(definition.text))).removeprefix("\ufeff")


def _kind(definition: Definition, by_concept: Mapping[str, Field], knowledge: Knowledge) -> Kind:
    """A rule is what stands where its host, or a project as a whole, has rules, or what is for some files alone."""
    carriers = knowledge.derived(Carriers)
    rule = carriers.of(definition.dialect).rule
    path = "/" + (definition.filename or "").replace("\\", "/").rpartition(":")[2]
    if rule is not None and (SCOPE in by_concept or like(f"*/{rule.path.replace('{name}', '*')}", path)):
        return "rule"
    shared = knowledge.dialects[_PLAIN].paths if definition.dialect == _PLAIN else ()
    return "rule" if any(like(f"*/{one}", path) for one in shared) else "agent"


def _scope(field: Field | None) -> tuple[str, ...]:
    return () if field is None else names(field.value)


def _when(fields: Mapping[str, Field], scope: tuple[str, ...], whens: Mapping[str, Mapping[str, str]]) -> When:
    always = whens.get("always")
    if always and _says(fields, always):
        return "always"
    if scope and not _EVERY.issuperset(scope):
        return "files"
    return "asked" if always and "asked" in whens else "always"


def _says(fields: Mapping[str, Field], said: Mapping[str, str]) -> bool:
    return all(key in fields and fields[key].text.strip() == value for key, value in said.items())
