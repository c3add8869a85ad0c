"""From the fields of a definition to its effective rights on its host."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from agentmerge.knowledge import Knowledge
from agentmerge.memo import per_definition
from agentmerge.model import Definition, Field, FrozenMap, Value
from agentmerge.rights import hooks, servers
from agentmerge.rights.lists import DENIED, members, names, spelt, stands_in_order
from agentmerge.rights.meanings import RightsTables, level
from agentmerge.rights.patterns import ANY, Extent, Layer, Level, Rule, constant, extent, literal
from agentmerge.rights.records import Guard, Rights, Said, Source
from agentmerge.rights.vocabulary import Grant, Vocabulary, argument_pattern, parted

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_RULES = "rules"
_EFFECTS = ("effect", "decision", "action")
_ABOUT = ("capability", "tool", "permission", "action")
_SCOPES = ("match", "resource", "pattern", "matches")


@dataclass(slots=True)
class _Reader:
    """What the fields say so far."""

    host: str
    known: RightsTables
    words: Vocabulary
    said: list[Said] = field(default_factory=list)
    """Layers of tools: each one limits."""
    rules: dict[str, list[tuple[str, Rule]]] = field(default_factory=dict)
    """By capability, rules on whether to ask, in their order, each with its field."""
    modes: dict[str, list[tuple[str, Level]]] = field(default_factory=dict)
    """By capability, levels of modes, each with its field."""
    states: dict[str, list[tuple[str, Rule]]] = field(default_factory=dict)
    """By state, what it is allowed for, each with its field."""
    guards: set[Guard] = field(default_factory=set)
    limits: dict[str, float] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)


# A review holds each definition against many others.
@per_definition
def effective(definition: Definition, knowledge: Knowledge) -> Rights:
    """What a definition may do on its host, from all its fields that the host finds and reads."""
    found = {one.key: one for one in definition.effective} if definition.is_seen else {}
    return rights_of(tuple(found.values()), definition.dialect, knowledge, guessed=definition.guessed)


def rights_of(
    fields: Sequence[Field], host: str, knowledge: Knowledge, *, guessed: bool = False, about: str = ""
) -> Rights:
    """What some fields grant on a host, beside what it grants by itself.

    Where the host is `guessed`, the names in the list of tools may speak for another one. The field that it is `about`
    means what its absence means, where it is not there, also on a host that does not know it.
    """
    known, words = knowledge.derived(RightsTables), knowledge.derived(Vocabulary)
    given = {one.key: one for one in fields if one.value is not None}
    listed = given.get("tools")
    is_prompt = "name" not in given and any(_calls_a_mode(given.get(key), knowledge) for key in ("agent", "mode"))
    if guessed and is_prompt:
        host = _PROMPTS
    elif guessed and listed is not None and not isinstance(listed.value, Mapping):
        host = words.likeliest(names(listed.value), host)
    reader = _Reader(host, known, words)
    overruled = {key for key, by in known.host(host).get("overruled", {}).items() if by in given}
    read = {key: one for key, one in given.items() if key not in overruled and known.reads(key, host, guessed=guessed)}
    spoken = [key for key in dict.fromkeys([*known.spoken(host), *([about] if about else [])]) if key not in read]
    for key in (*read, *spoken):
        row = knowledge.field_row(key, host)
        reading = _KINDS.get(row.get("rights", ""))
        if reading is not None:
            reading(reader, _Given(key, row, read[key].value if key in read else None))
    sources = tuple(Source(key, one.line) for key, one in read.items() if knowledge.field_row(key, host).get("rights"))
    return Rights(
        host,
        FrozenMap(dict(_extents(reader))),
        frozenset(reader.guards),
        tuple(sorted(reader.limits.items())),
        (*reader.said, *_provenance(reader)),
        tuple(reader.grants),
        sources,
        (is_prompt and host == _PROMPTS) or bool(known.host(host).get("session")),
    )


_PROMPTS = "copilot"
"""The host whose prompts name the mode that they run in."""


def _calls_a_mode(field: Field | None, knowledge: Knowledge) -> bool:
    if field is None:
        return False
    return str(field.value) in (*knowledge.field_row(field.key, _PROMPTS).get("modes", ()), "agent")


# Extents


def _extents(reader: _Reader) -> Iterator[tuple[str, Extent]]:
    layers: dict[str, list[Layer]] = {}
    for said in reader.said:
        layers.setdefault(said.capability, []).append(said.layer)
    for capability in reader.known.tools:
        yield capability, extent(*layers.get(capability, ()), *_approval(reader, capability))
    for state in reader.known.states:
        rules = [rule for _, rule in reader.states.get(state, ())]
        yield state, extent(rules) if rules else constant(reader.known.unsaid(state))


def _approval(reader: _Reader, capability: str) -> Iterator[Layer]:
    """Whether the agent has to ask: the strictest mode, with the rules that stand above it."""
    spoken = [one for _, one in reader.modes.get(capability, ())]
    base = min(spoken) if spoken else reader.known.default(reader.host, capability)
    rules = [rule for _, rule in reader.rules.get(capability, ())]
    if base is Level.DENY and spoken:
        yield (Rule(ANY, base),)
    else:
        yield (Rule(ANY, base), *rules)


def _provenance(reader: _Reader) -> Iterator[Said]:
    """Which field says which rule; in the order of the rules, so that another order is another layer."""
    for found in (reader.rules, reader.states):
        for capability, rows in found.items():
            for key in dict.fromkeys(key for key, _ in rows):
                yield Said(capability, key, tuple(rule for other, rule in rows if other == key))
    for capability, levels in reader.modes.items():
        yield from (Said(capability, key, (Rule(ANY, one),)) for key, one in levels)


# Kinds of fields

Row = Mapping[str, Any]


class _Given(NamedTuple):
    """A field as it is read: its key, its row of the knowledge, and its value; None where it is not there."""

    key: str
    row: Row
    value: Value


def _allow(reader: _Reader, given: _Given) -> None:
    """A list of all tools that the agent has: absent means everything, empty nothing or what the host says."""
    if given.value is None or (given.value in ("", ()) and reader.words.empty_is_all(reader.host)):
        return
    found = members(reader.known.knowledge.field_info(given.key, reader.host), given.value)
    _deny_names(reader, given.key, [name.removeprefix(DENIED) for name in found if name.startswith(DENIED)])
    listed = [name for name in found if not name.startswith(DENIED)]
    if ANY in listed or (not listed and isinstance(given.value, Mapping) and given.value):
        return
    grants = [grant for name in listed for grant in reader.words.grants(name, reader.host)]
    reader.grants += grants
    for capability in reader.known.tools:
        rules = tuple(Rule(one.pattern, Level.ALLOW) for one in grants if capability in one.capabilities)
        reader.said.append(Said(capability, given.key, rules or (Rule(ANY, Level.DENY),)))


def _deny(reader: _Reader, given: _Given) -> None:
    found = members(reader.known.knowledge.field_info(given.key, reader.host), given.value)
    _deny_names(reader, given.key, [name.removeprefix(DENIED) for name in found])


def _deny_names(reader: _Reader, key: str, denied: Sequence[str]) -> None:
    if ANY in denied:
        everything = [Said(one, key, (Rule(ANY, Level.DENY),)) for one in reader.known.tools]
        reader.said += everything
        return
    grants = [grant for name in denied for grant in reader.words.grants(name, reader.host)]
    for capability in dict.fromkeys(one for grant in grants for one in sorted(grant.capabilities)):
        rules = [Rule(grant.pattern, Level.DENY) for grant in grants if capability in grant.capabilities]
        reader.said.append(Said(capability, key, (Rule(ANY, Level.ALLOW), *rules)))


def _switches(reader: _Reader, given: _Given) -> None:
    """A map that switches single tools on and off and says nothing of the others."""
    if not isinstance(given.value, Mapping):
        _allow(reader, given)
        return
    for name, on in given.value.items():
        _level_rules(reader, given.key, name, Level.ALLOW if on else Level.DENY)


def _grant(reader: _Reader, given: _Given) -> None:
    """What is listed may be done without asking, or is added: absent means nothing."""
    found = members(reader.known.knowledge.field_info(given.key, reader.host), given.value)
    state = given.row.get("capability")
    if isinstance(given.value, Mapping):
        found = tuple(f"{name}={spelt(one)}" for name, one in given.value.items())
    if not given.key.lower().endswith("tools"):
        _state(
            reader,
            given.key,
            str(state or "setting"),
            [f"{given.key} {name}" if state is None else name for name in found],
        )
        return
    for name in found:
        if name == ANY:
            grants = [Grant(ANY, "", frozenset(reader.known.tools))]
        else:
            grants = list(reader.words.grants(name, reader.host))
        reader.grants += grants
        for grant in grants:
            for capability in grant.capabilities:
                reader.rules.setdefault(capability, []).append((given.key, Rule(grant.pattern, Level.ALLOW)))


def _state(reader: _Reader, key: str, state: str, arguments: Sequence[str]) -> None:
    """What a state is allowed for."""
    rules = [(key, Rule(literal(argument), Level.ALLOW)) for argument in arguments]
    reader.states.setdefault(state, []).extend(rules)


def _levels(reader: _Reader, given: _Given) -> None:
    """Levels by tool and by pattern: of several rules the last that fits counts, or the strictest."""
    rules = list(_rules(given.value))
    if not stands_in_order(given.key, reader.known.knowledge, [reader.host]):
        rules.sort(key=lambda rule: -rule[2])
    for about, scope, one in rules:
        _level_rules(reader, given.key, about, one, scope)
    if not rules and given.value not in (None, "", ()) and given.value != {}:
        # Nobody can say what rules of another form let through.
        _state(reader, given.key, "setting", [f"{given.key} {spelt(given.value)}"])


def _level_rules(reader: _Reader, key: str, about: str, one: Level, scope: str = "") -> None:
    """A rule on a level for each capability that a name, or a pattern of names, is about."""
    base, limit = parted(about)
    means = reader.words.means(base, reader.host)[1]
    for capability, pattern in _subjects(reader, base, scope or limit):
        level_ = one
        if one is Level.ASK and means and capability not in means and reader.known.tier(capability) == "read":
            # What asks before it runs a command does not ask before it reads what came of it.
            level_ = reader.known.default(reader.host, capability)
        reader.rules.setdefault(capability, []).append((key, Rule(pattern, level_)))


def _subjects(reader: _Reader, base: str, scope: str) -> Iterator[tuple[str, str]]:
    """The capabilities that a name is about, each with the pattern of its arguments."""
    words = reader.words
    if base == ANY:
        for capability in reader.known.tools:
            yield capability, argument_pattern(scope, words.kind(capability))
        return
    _, means = words.means(base, reader.host)
    if not means and ANY in base:
        named = [found for name, _, found in words.names(reader.host) if _fits(base, name)]
        means = frozenset().union(*named)
    if means:
        whole = means if scope not in ("", ANY) else words.grant(base, reader.host).capabilities | means
        for capability in sorted(whole):
            yield capability, argument_pattern(scope, words.kind(capability))
    if not means or ANY in base:
        # A pattern of names may take tools of a server, too.
        grant = words.grant(base, reader.host)
        yield from ((capability, grant.pattern) for capability in sorted(grant.capabilities - means))


def _fits(pattern: str, name: str) -> bool:
    return extent((Rule(pattern, Level.ALLOW),)).level(name) is Level.ALLOW


def _rules(value: Value, about: str = "") -> Iterator[tuple[str, str, Level]]:
    """The rules of a field: name of a tool, pattern of its arguments, level."""
    if isinstance(value, str):
        one = level(value)
        if one is not None:
            yield about or ANY, "", one
    elif isinstance(value, tuple):
        for item in value:
            if isinstance(item, Mapping):
                yield from _rule(item)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _entry(key, item, about)


def _entry(key: str, item: Value, about: str) -> Iterator[tuple[str, str, Level]]:
    """One entry of a map: a level by tool, a map of patterns for a tool, or the tools of a level."""
    by_level = level(key)
    if by_level is not None and not isinstance(item, (str, bool)):
        yield from ((about, name, by_level) if about else (name, "", by_level) for name in names(item))
    elif key == _RULES and isinstance(item, (tuple, Mapping)):
        yield from _rules(item, about)
    elif about:
        one = level(item)
        if one is not None:
            yield about, key, one
    elif isinstance(item, bool):
        yield key, "", Level.ALLOW if item else Level.DENY
    else:
        yield from _rules(item, key)


def _rule(rule: Mapping[str, Value]) -> Iterator[tuple[str, str, Level]]:
    """A rule such as `{capability: shell, effect: ask, match: [git *]}`."""
    effect = rule_effect(rule)
    if effect is None:
        return
    said, one = effect
    about = next((str(rule[key]) for key in _ABOUT if key != said and key in rule), ANY)
    scopes = next((names(rule[key]) for key in _SCOPES if key in rule), ())
    for scope in scopes or ("",):
        yield about, scope, one


def rule_effect(rule: Mapping[str, Value]) -> tuple[str, Level] | None:
    """The key of a rule that names its level, and the level; None where none does."""
    return next(((key, one) for key in _EFFECTS if (one := level(rule.get(key))) is not None), None)


def _scale(reader: _Reader, given: _Given) -> None:
    """A value from least to most permissive; modes say what each lets the agent do."""
    scale = [str(step).split(" | ") for step in given.row.get("scale", ())]
    text = _text(given.value) if given.value is not None else str(given.row.get("default", ""))
    place = next((number for number, step in enumerate(scale) if text in step), None)
    if place is not None:
        # Each step holds all below it; what is not said is above the lowest and below the highest one.
        top = [f"{given.key} unsaid"] if place == len(scale) - 1 and "default" not in given.row else []
        _state(reader, given.key, "setting", [*(f"{given.key} {number}" for number in range(1, place + 1)), *top])
    elif given.value is not None:
        _state(reader, given.key, "setting", [f"{given.key} {text}"])
    elif scale:
        _state(reader, given.key, "setting", [f"{given.key} unsaid"])
    _modes(reader, given if given.value is not None else given._replace(value=given.row.get("default")))


def _modes(reader: _Reader, given: _Given) -> None:
    """What each value of a field lets the agent do, by tier, capability or state."""
    rows = given.row.get("modes", {})
    assert isinstance(rows, Mapping)
    text = "" if given.value is None else _text(given.value)
    for word, to in rows.get(text, rows.get(ANY, {}) if given.value is not None else {}).items():
        one = level(to)
        assert one is not None
        for name in reader.known.below(word):
            if name in reader.known.tools:
                reader.modes.setdefault(name, []).append((given.key, one))
            elif name in reader.known.states:
                reader.states.setdefault(name, []).append((given.key, Rule(ANY, one)))


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else spelt(value).strip()


def _nested_modes(reader: _Reader, given: _Given) -> None:
    """A map whose keys have modes of their own: `network_access: true`."""
    if isinstance(given.value, Mapping):
        for name, item in given.value.items():
            modes = given.row.get("keys", {}).get(name)
            if modes is not None:
                _modes(reader, _Given(given.key, {"modes": modes}, item))


def _agents(reader: _Reader, given: _Given) -> None:
    """The agents that it may call: absent means any."""
    if given.value is None or ANY in (found := names(given.value)):
        return
    rules = tuple(Rule(name, Level.ALLOW) for name in found)
    reader.said.append(Said("agent", given.key, rules or (Rule(ANY, Level.DENY),)))


def _handoffs(reader: _Reader, given: _Given) -> None:
    """Agents that are called without a click where `send` says so."""
    rows = [item for item in given.value if isinstance(item, Mapping)] if isinstance(given.value, tuple) else []
    sent = [str(item.get("agent", "")) for item in rows if item.get("send") is True or item.get("send") == "true"]
    _state(reader, given.key, "handoff", sent)


def _limit(reader: _Reader, given: _Given) -> None:
    """A number that the agent's turns, minutes or levels may not go beyond."""
    text = str(given.value)
    if _NUMBER.fullmatch(text):
        name = str(given.row.get("capability", given.key))
        reader.limits[name] = min(float(text), reader.limits.get(name, float(text)))


def _hooks(reader: _Reader, given: _Given) -> None:
    for hook in hooks.hooks(given.value):
        if hooks.holds_back(hook, reader.known.hooks):
            abouts = hooks.abouts(hook.matcher, lambda name: reader.words.means(name, reader.host)[1])
            reader.guards |= {Guard(hook.event, about, hook.command) for about in abouts}
        elif not hooks.is_idle(hook.command, reader.known.hooks):
            _state(reader, given.key, "hook", [f"{hook.event} {hook.matcher} {hook.command}".replace("  ", " ")])


def _servers(reader: _Reader, given: _Given) -> None:
    reader.states.setdefault("servers", []).extend((given.key, rule) for rule in servers.rules(given.value))


_KINDS: Mapping[str, Callable[[_Reader, _Given], None]] = {
    "allow": _allow,
    "deny": _deny,
    "switches": _switches,
    "grant": _grant,
    "levels": _levels,
    "scale": _scale,
    "modes": _modes,
    "keys": _nested_modes,
    "agents": _agents,
    "handoffs": _handoffs,
    "limit": _limit,
    "hooks": _hooks,
    "servers": _servers,
}
"""How each kind of field is read."""
