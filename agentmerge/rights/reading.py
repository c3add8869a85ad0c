"""The fields of a definition in, its effective rights on its host out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from agentmerge.knowledge.tables import FieldInfo, Knowledge
from agentmerge.model import Definition, Field, FrozenMap, Value, per_definition
from agentmerge.rights.patterns import ANY, Extent, Layer, Level, Rule, constant, extent, literal
from agentmerge.rights.vocabulary import (
    Grant,
    Guard,
    Rights,
    RightsTables,
    Said,
    Source,
    Vocabulary,
    argument_pattern,
    level,
    parted,
)

# Lists ----------------------------------------------------------------------------------------------------------------
#
# What stands in a field, in one spelling: the members of lists, whether two fields say the same, what is absent.


DENIED = "!"
"""Before a name that a map switches off: `write: false` denies it, where a name that is missing is left as it is."""
_COMMA = re.compile(r",")
_SPACES = re.compile(r"\s+")
_STRETCH = re.compile(r"[^(){}]*[(){}]?")
_BREAK = re.compile(r"[ \t]*\n[ \t]*(?![ \t\n]|[-*+>#|<]|\d+[.)])")
"""A line break inside a paragraph: what follows is neither blank nor opens a block of its own."""


def names(value: Value) -> tuple[str, ...]:
    """The members of a list-like field, however it is spelled: list, comma string, space string, `name: true` map.

    Commas inside parentheses and braces do not part names: `Agent(a, b), Read` are two, and so are `*.{ts,js}, *.md`.
    """
    if value is None:
        return ()
    if isinstance(value, Mapping):
        return tuple(key if on else f"{DENIED}{key}" for key, on in value.items())
    if isinstance(value, tuple):
        return unique(part for item in value for part in (names(item) if isinstance(item, str) else [_written(item)]))
    if not isinstance(value, str):
        return (str(value),)
    return unique(part.strip() for part in _parted(value, _COMMA))


def spaced_names(value: Value) -> tuple[str, ...]:
    """As `names`, where a text without commas is a list parted by spaces (`allowed-tools` of skills)."""
    if isinstance(value, str) and "," not in value:
        return unique(_parted(value.strip(), _SPACES))
    return names(value)


def members(info: FieldInfo, value: Value) -> tuple[str, ...]:
    """The members of a field's value, under the spelling that hosts read for that field."""
    return spaced_names(value) if info.key.endswith("-tools") else names(value)


def _parted(text: str, separator: re.Pattern[str]) -> list[str]:
    """A text cut at separators, but for those inside parentheses and braces."""
    parts, depth = [""], 0
    for stretch in _STRETCH.findall(text):
        first, *others = [stretch] if depth else separator.split(stretch)
        parts[-1] += first
        parts.extend(others)
        depth = max(0, depth + stretch.endswith(("(", "{")) - stretch.endswith((")", "}")))
    # What is never closed encloses nothing.
    return separator.split(text) if depth else parts


def unique(parts: Iterable[str]) -> tuple[str, ...]:
    """Each text once, in the order of its first mention, without empty ones."""
    return tuple(dict.fromkeys(part for part in parts if part))


def _written(item: Value) -> str:
    if isinstance(item, Mapping) and len(item) == 1:
        return next(iter(item))
    return spelt(item)


def spelt(value: Value) -> str:
    """A value in one spelling: the order of a mapping's keys means nothing."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {spelt(value[key])}' for key in sorted(value))}}}"
    return f"({', '.join(map(spelt, value))})" if isinstance(value, tuple) else str(value)


def in_force(definition: Definition, key: str) -> Field | None:
    """A field as hosts read it: none in a frontmatter that they do not find, which grants what no list grants."""
    return definition.field(key) if definition.is_seen else None


def is_absent(field: Field | None) -> bool:
    """Whether a field is not there; a key without a value counts as not there."""
    return field is None or field.value is None


def says_the_same(info: FieldInfo, old: Field, new: Field) -> bool:
    """Whether two fields of one key hold the same, however they are written.

    Members of a set may be spelled and ordered in any way. Numbers count as they are written: 1.10 is not 1.1.
    """
    if info.shape == "prose" and isinstance(old.value, str) and isinstance(new.value, str):
        return _unwrapped(old.value) == _unwrapped(new.value)
    if info.shape != "set":
        return old.content == new.content
    if is_absent(old) or is_absent(new):
        return is_absent(old) and is_absent(new)
    return set(members(info, old.value)) == set(members(info, new.value))


def stands_in_order(key: str, knowledge: Knowledge, hosts: Iterable[str]) -> bool:
    """Whether one of the hosts goes by the order in which the keys of a field's mapping stand."""
    known = knowledge.dialects
    return any(host in known and key in known[host].ordered for host in hosts)


def flat_keys(value: Value, path: str = "") -> tuple[str, ...]:
    """The paths of a mapping's leaves, in the order in which they stand."""
    if not isinstance(value, Mapping):
        return (path,)
    return tuple(leaf for key, item in value.items() for leaf in flat_keys(item, f"{path}.{key}" if path else key))


def _unwrapped(text: str) -> str:
    """A text without the line breaks that only wrap it."""
    paragraphs = [_BREAK.sub(" ", part) for part in text.strip("\n").split("\n\n")]
    return "\n\n".join(paragraphs)


# Hooks ----------------------------------------------------------------------------------------------------------------
#
# Hooks: what runs at which event, and whether it may hold something back.


_NAMES = re.compile(r"\^?\(?([\w*]+(?:\s*\|\s*[\w*]+)*)\)?\$?")
_WIDE = ("", ANY, ".*", "^.*$", ".+")
_NO_STOP = re.compile(r"(?:\|\|\s*(?:true|:|exit 0)|;\s*(?:true|:|exit 0))\s*$")
"""The end of a command that succeeds whatever came before: it can't hold anything back."""


class Hook(NamedTuple):
    """A command that runs at an event."""

    event: str
    """In lower case, without signs between words."""
    matcher: str
    command: str


def hooks(value: Value) -> Iterator[Hook]:
    """The hooks of a field: by event, each an entry with a matcher and commands, or a command alone."""
    if not isinstance(value, Mapping):
        return
    for event, entries in value.items():
        name = re.sub(r"[\W_]+", "", event).lower()
        for entry in entries if isinstance(entries, tuple) else (entries,):
            yield from _hooks_entry(name, entry)


def _hooks_entry(event: str, entry: Value) -> Iterator[Hook]:
    if not isinstance(entry, Mapping):
        yield Hook(event, "", _one_line(spelt(entry)))
        return
    if entry.get("disabled") is True or entry.get("enabled") is False:
        return
    matcher = str(entry.get("matcher") or "").strip()
    inner = entry.get("hooks")
    for action in inner if isinstance(inner, tuple) else (entry,):
        if isinstance(action, Mapping):
            yield Hook(event, matcher, _command(action))


def _command(action: Mapping[str, Value]) -> str:
    """What a hook runs, with the condition under which it does."""
    found = [action[key] for key in ("command", "bash", "powershell", "prompt", "url", "run") if action.get(key)]
    condition = [f"if {spelt(action['if'])}"] if action.get("if") else []
    return _one_line(" ".join([*map(spelt, found), *condition]))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def is_idle(command: str, rows: Mapping[str, list[str]]) -> bool:
    """Whether a command does nothing."""
    bare = command.rstrip("; ")
    return bare in rows["idle"] or re.fullmatch(r"echo( [^;&|`$<>]*)?", bare) is not None


def holds_back(hook: Hook, rows: Mapping[str, list[str]]) -> bool:
    """Whether a hook runs before something happens and may stop it."""
    return hook.event in rows["guards"] and not is_idle(hook.command, rows) and not _NO_STOP.search(hook.command)


def hook_abouts(matcher: str, means: Callable[[str], frozenset[str]]) -> Iterator[str]:
    """What a matcher is about: capabilities where it names tools, `*` for all, else the matcher itself."""
    if matcher in _WIDE:
        yield ANY
        return
    names = _NAMES.fullmatch(matcher)
    for name in re.split(r"\s*\|\s*", names[1]) if names else [matcher]:
        yield from sorted(means(name)) or [name]


# Servers --------------------------------------------------------------------------------------------------------------
#
# MCP servers that a definition brings along, as rules: which server, made of what, with which tools.


_ONLY = ("tools", "enabled_tools", "includeTools", "allowedTools")
_NOT = ("disabled_tools", "excludeTools", "disabledTools")
_TRUSTED = ("autoApprove", "alwaysAllow")
_ASIDE = {
    *_ONLY,
    *_NOT,
    *_TRUSTED,
    "trust",
    "enabled",
    "disabled",
    "timeout",
    "startup_timeout_sec",
    "tool_timeout_sec",
}


def rules(value: Value) -> Iterator[Rule]:
    """A rule for each server, or for each of its tools where it lists some; to ask, but for tools that it trusts."""
    if isinstance(value, Mapping):
        for name, config in value.items():
            yield from _server(name, config)
    elif isinstance(value, tuple):
        for item in value:
            yield from rules(item)
    else:
        for name in names(value):
            yield from _server(name, None)


def _server(name: str, config: Value) -> Iterator[Rule]:
    if not isinstance(config, Mapping):
        yield Rule(f"{literal(name)}  {ANY}", Level.ASK)
        return
    if config.get("disabled") is True or config.get("enabled") is False:
        return
    made = {key: item for key, item in config.items() if key not in _ASIDE and item not in (None, "", ())}
    head = f"{literal(name)} {literal(spelt(made)) if made else ''} "
    yield from (Rule(f"{head}{tool}", Level.ASK) for tool in _listed(config, _ONLY) or (ANY,))
    if config.get("trust") is True:
        yield Rule(f"{head}{ANY}", Level.ALLOW)
    yield from (Rule(f"{head}{tool}", Level.ALLOW) for tool in _listed(config, _TRUSTED))
    yield from (Rule(f"{head}{tool}", Level.DENY) for tool in _listed(config, _NOT))


def _listed(config: Mapping[str, Value], keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for key in keys for name in names(config.get(key)))


# Reading --------------------------------------------------------------------------------------------------------------
#
# From the fields of a definition to its effective rights on its host.


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
    for hook in hooks(given.value):
        if holds_back(hook, reader.known.hooks):
            abouts = hook_abouts(hook.matcher, lambda name: reader.words.means(name, reader.host)[1])
            reader.guards |= {Guard(hook.event, about, hook.command) for about in abouts}
        elif not is_idle(hook.command, reader.known.hooks):
            _state(reader, given.key, "hook", [f"{hook.event} {hook.matcher} {hook.command}".replace("  ", " ")])


def _servers(reader: _Reader, given: _Given) -> None:
    reader.states.setdefault("servers", []).extend((given.key, rule) for rule in rules(given.value))


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
