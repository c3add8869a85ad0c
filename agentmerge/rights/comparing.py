"""Rights in, their order out: what covers what, what all allow, what changed, told by the field that makes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Literal, NamedTuple

from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import Definition, Field, FrozenMap
from agentmerge.rights import patterns
from agentmerge.rights.patterns import ANY, Extent, Level, Rule, extent, least
from agentmerge.rights.reading import effective, flat_keys, members, rights_of, says_the_same, stands_in_order
from agentmerge.rights.vocabulary import (
    Change,
    Direction,
    Grant,
    Guard,
    Rights,
    RightsTables,
    Severity,
    Shift,
    Vocabulary,
    shown_argument,
)

# Comparing ------------------------------------------------------------------------------------------------------------
#
# The algebra of rights: what covers what, what several definitions all allow, and what changes between two.


_SETTING = "setting"


def covers(wide: Rights, narrow: Rights) -> bool:
    """Whether whatever `narrow` allows or asks for is allowed at least as much by `wide`.

    A partial order: hooks that hold something back and limits count, the commands of such hooks do not.
    """
    return not beyond(wide, narrow)


def beyond(wide: Rights, narrow: Rights) -> tuple[str, ...]:
    """What `narrow` allows and `wide` does not: names of capabilities, of states and of limits, `hooks` for a guard.

    Empty exactly where `wide` covers `narrow`.
    """
    names = dict.fromkeys([*wide.extents, *narrow.extents])
    found = [name for name in names if not patterns.covers(wide.extent(name), narrow.extent(name))]
    if not all(_is_held(guard, narrow.guards) for guard in wide.guards):
        found.append(GUARDS)
    return (*found, *(name for name, number in wide.limits if not _within(narrow, name, number)))


GUARDS = "hooks"
"""What a missing guard is called among the names of rights."""


def is_out_of_reach(name: str, rights: Rights, knowledge: Knowledge) -> bool:
    """Whether a tool that the host of some rights knows by this name may do nothing of what it does there."""
    known = knowledge.derived(Vocabulary)
    vocabulary, means = known.means(name, rights.host)
    if vocabulary not in known.own(rights.host) or not means:
        return False
    return all(rights.extent(capability) == patterns.NOTHING for capability in means)


def _is_held(guard: Guard, guards: Iterable[Guard]) -> bool:
    """Whether some guards hold back what one of them does."""
    return any(
        (other.event, other.command) == (guard.event, guard.command) and other.about in (ANY, guard.about)
        for other in guards
    )


def _within(rights: Rights, name: str, number: float) -> bool:
    return any(other == name and limit <= number for other, limit in rights.limits)


def meet(*rights: Rights) -> Rights:
    """What all of several definitions allow: the least level of each right, all guards, the lowest limits.

    Raises ValueError where none is given.
    """
    if not rights:
        raise ValueError("nothing to meet")
    return reduce(_meet, rights)


def _meet(one: Rights, two: Rights) -> Rights:
    names = dict.fromkeys([*one.extents, *two.extents])
    extents = FrozenMap({name: least(one.extent(name), two.extent(name)) for name in names})
    guards = one.guards | two.guards
    kept = frozenset(g for g in guards if not _is_held(g, guards - {g}))
    limits = dict((*one.limits, *two.limits))
    for name, number in (*one.limits, *two.limits):
        limits[name] = min(limits[name], number)
    said = tuple(dict.fromkeys((*one.said, *two.said)))
    grants = tuple(dict.fromkeys((*one.grants, *two.grants)))
    return Rights(one.host, extents, kept, tuple(sorted(limits.items())), said, grants, one.sources, one.is_session)


def reach(rights: Rights, knowledge: Knowledge) -> Rights:
    """Rights with what each of them lets its holder do anyway: who may write any file may edit one.

    Two hosts are compared so: one of them has one name for both, and the other one for each.
    """
    extents = dict(rights.extents)
    for name, names in knowledge.raw("rights")["subsumes"].items():
        for one in names:
            extents[one] = _raised(rights.extent(one), rights.level(name))
    return replace(rights, extents=FrozenMap(extents))


def _raised(one: Extent, level: Level) -> Extent:
    """An extent whose every text has a level at least."""
    if level is Level.DENY:
        return one
    base = Rule(ANY, level)
    return extent(*((base, *(Rule(r.pattern, max(r.level, level)) for r in layer)) for layer in one.layers))


def compare(before: Rights, after: Rights, knowledge: Knowledge) -> tuple[Change, ...]:
    """What is wider or narrower after, by capability; empty where nothing of it is.

    A right that a host only has a name for together with another one, which stays, is no change; between two hosts, one
    that the other can't limit is no certain one. A new command of a hook counts as wider, though the hook itself holds
    something back.
    """
    return tuple(_Comparison(before, after, knowledge).changes())


def shift(changes: Iterable[Change]) -> Shift:
    """Which way certain changes go."""
    found = {change.direction for change in changes if change.is_certain}
    return "both" if len(found) == 2 else next(iter(found), "")


class _Step(NamedTuple):
    """One extent that reaches further than the other."""

    capability: str
    direction: Direction
    argument: str
    before: Level
    after: Level


class _Comparison:
    """Two rights side by side."""

    def __init__(self, before: Rights, after: Rights, knowledge: Knowledge) -> None:
        self.before = before
        self.after = after
        self.known: RightsTables = knowledge.derived(RightsTables)
        self.words = knowledge.derived(Vocabulary)
        self.same_host = before.host == after.host
        self._reach = before if self.same_host else reach(before, knowledge)
        self.is_renewal = _is_renewal(before, after, self.known)

    def changes(self) -> Iterator[Change]:
        for capability in (*self.known.tools, *self.known.states):
            if capability == _SETTING and not self.same_host:
                # The values of a field that only one of them has.
                continue
            for step in self._steps(capability):
                if not self._comes_along(step):
                    yield self._change(step)
        yield from self._guards()
        yield from self._limits()

    def _steps(self, capability: str) -> Iterator[_Step]:
        one, two = self.before.extent(capability), self.after.extent(capability)
        wider = patterns.exceeding(two, self._reach.extent(capability))
        if wider is not None:
            yield _Step(capability, "widened", wider[0], wider[2], wider[1])
        narrower = patterns.exceeding(one, two)
        if narrower is not None:
            yield _Step(capability, "narrowed", narrower[0], narrower[1], narrower[2])

    def _change(self, step: _Step) -> Change:
        tier = self.known.tier(step.capability)
        certain = self._is_certain(step)
        severity: Severity = self.known.severity(tier) if step.direction == "widened" else "warning"
        return Change(
            step.capability,
            tier,
            step.direction,
            step.before,
            step.after,
            self._scope(step),
            self._keys(step.capability),
            severity if certain else "info",
            certain,
        )

    def _scope(self, step: _Step) -> str:
        """The limit under which the right changes, as one of the two writes it; `*` for all of it."""
        if step.capability in self.known.states:
            return self._arguments(step)
        layers = [layer for rights in (self.before, self.after) for layer in rights.extent(step.capability).layers]
        found = [
            rule.pattern
            for layer in layers
            for rule in layer
            if rule.pattern != ANY and patterns.matches(rule.pattern, step.argument)
        ]
        found.sort(key=lambda pattern: (-len(pattern), pattern))
        return shown_argument(found[0], self.words.kind(step.capability)) if found else ANY

    def _arguments(self, step: _Step) -> str:
        """All that a state has or had beyond the other side."""
        more, less = (self.after, self.before) if step.direction == "widened" else (self.before, self.after)
        wide, narrow = more.extent(step.capability), less.extent(step.capability)
        rules = sorted(rule for layer in wide.layers for rule in layer)
        found = [rule.pattern for rule in rules if narrow.level(patterns.sample(rule.pattern)) < rule.level]
        # The star behind a server stands for all of its tools.
        told = (" ".join(patterns.shown(pattern.removesuffix(ANY)).split()) for pattern in found)
        return ", ".join(dict.fromkeys(told)) or ANY

    def _keys(self, capability: str) -> tuple[str, ...]:
        """The fields whose part in a right differs, those of the old side first."""
        sides = [{(s.key, s.layer) for s in r.said if s.capability == capability} for r in (self.before, self.after)]
        changed = {key for key, _ in sides[0] ^ sides[1]}
        order = [source.key for rights in (self.before, self.after) for source in rights.sources]
        found = tuple(key for key in dict.fromkeys(order) if key in changed)
        if found or not order:
            return found
        # The order of the rules, or what a whole field means on another host.
        return tuple(
            key for key in dict.fromkeys(order) if key in {*self.before.keys(capability), *self.after.keys(capability)}
        )

    # What two hosts can't say alike

    def _is_certain(self, step: _Step) -> bool:
        if step.capability not in self.known.tools:
            return True
        changed = self.after if step.direction == "widened" else self.before
        if not self.same_host and (self._is_unsayable(step.capability, changed) or self._is_default(step)):
            return False
        # The list of a prompt; what the prompt became has the tools of whoever calls it.
        return not (self.before.is_session and self.before.grants and not (self.after.is_session or self.after.grants))

    def _is_unsayable(self, capability: str, rights: Rights) -> bool:
        """Whether a right stands as it does since the host can't limit it."""
        return not rights.keys(capability) and capability in self.known.unsayable[rights.host]

    def _is_default(self, step: _Step) -> bool:
        """Whether a host asks for what the other one allows only since nobody told it otherwise."""
        asks = (step.before, step.after) == (Level.ALLOW, Level.ASK)
        return asks and not self.after.keys(step.capability) - {"tools"}

    def _comes_along(self, step: _Step) -> bool:
        """Whether a right changes only since a name of another vocabulary stands for several at once."""
        if self.is_renewal and step.direction == "widened":
            return True
        changed, other = (self.after, self.before) if step.direction == "widened" else (self.before, self.after)
        # A name that no table knows stands for no other.
        known = {grant for grant in other.grants if grant.vocabulary}
        return any(
            stands_for(grant, same) and all(other.level(one) >= changed.level(one) for one in grant.core & same.core)
            for grant in changed.grants
            if grant.vocabulary and step.capability in grant.core
            for same in known
        )

    # Guards and limits

    def _guards(self) -> Iterator[Change]:
        one, two = self.before.guards, self.after.guards
        lost = sorted(guard for guard in one if not _is_held(guard, two))
        new = sorted(guard for guard in two if not _is_held(guard, one))
        for direction, found in (("widened", lost), ("narrowed", new)):
            for guard in found:
                yield self._guard(guard, direction)  # type: ignore[arg-type]
        ran = {guard.command for guard in one} | {text for said in self.before.said for text in _commands(said.layer)}
        for command in dict.fromkeys(guard.command for guard in new):
            if not any(command in text for text in ran):
                tier = self.known.tier("hook")
                severity = self.known.severity(tier)
                yield Change("hook", tier, "widened", Level.DENY, Level.ALLOW, command, ("hooks",), severity)

    def _guard(self, guard: Guard, direction: Direction) -> Change:
        tier = self.known.tier(guard.about)
        severity: Severity = "warning" if direction == "narrowed" else "breaking"
        levels = (Level.ASK, Level.ALLOW) if direction == "widened" else (Level.ALLOW, Level.ASK)
        about = "guard" if guard.about == ANY else f"guard on {guard.about}"
        return Change(about, tier, direction, *levels, guard.command, ("hooks",), severity)

    def _limits(self) -> Iterator[Change]:
        one, two = dict(self.before.limits), dict(self.after.limits)
        for name in sorted(one.keys() | two.keys()):
            first, second = one.get(name, float("inf")), two.get(name, float("inf"))
            if first == second or (not self.same_host and name not in one.keys() & two.keys()):
                continue
            direction: Direction = "widened" if second > first else "narrowed"
            is_large = max(first, second) >= self.known.factor * min(first, second)
            keys = tuple(
                dict.fromkeys(
                    s.key for r in (self.before, self.after) for s in r.sources if self._is_limit(s.key, name)
                )
            )
            severity: Severity = "warning" if is_large else "info"
            shown = f"{_number(first)} became {_number(second)}"
            yield Change(name, "limit", direction, Level.ALLOW, Level.ALLOW, shown, keys, severity)

    def _is_limit(self, key: str, name: str) -> bool:
        row = self.known.knowledge.field_row(key, self.before.host)
        return row.get("rights") == "limit" and row.get("capability", key) == name


def _number(value: float) -> str:
    return "no limit" if value == float("inf") else f"{value:g}"


def _commands(layer: patterns.Layer) -> Iterator[str]:
    yield from (rule.pattern for rule in layer)


def max_severity(*given: Severity) -> Severity:
    """The most serious of some severities."""
    order: tuple[Severity, ...] = ("info", "warning", "breaking")
    return max(given, key=order.index)


def _is_renewal(before: Rights, after: Rights, known: RightsTables) -> bool:
    """Whether the whole row of a host's sets of tools took the place of a list of names that it had before them."""
    row = known.host(after.host).get("renewed")
    if not row or before.host != after.host:
        return False
    names = {grant.name for grant in after.grants}
    old = [grant for grant in before.grants if grant.vocabulary in row["from"]]
    return set(row["to"]) <= names and len(old) * 2 > len(before.grants)


def stands_for(name: Grant, other: Grant) -> bool:
    """Whether two names of different vocabularies are one tool: both without a limit, with a capability in common.

    A host that has one name for several capabilities can't say less.
    """
    return (
        name.vocabulary != other.vocabulary
        and "" not in (name.vocabulary, other.vocabulary)
        and name.pattern == other.pattern == ANY
        and not name.core.isdisjoint(other.core)
    )


# Models ---------------------------------------------------------------------------------------------------------------
#
# What the name of a model says: its family, its tier, and whether it is pinned to a version.


_WORD = re.compile(r"[a-z]+|\d+(?:[.-]\d{1,2}(?!\d))*")
_DATE = re.compile(r"(?<!\d)20\d{6}(?!\d)|(?<!\d)20\d\d-\d\d-\d\d(?!\d)")


class Model(NamedTuple):
    """A model's name, taken apart."""

    family: str
    tier: int
    """Place among the tiers of its family, the smallest first."""
    version: tuple[int, ...]
    """The numbers of its version; () where the host picks it."""
    date: str
    """The day that it is pinned to; "" where it is none."""


class ModelStep(NamedTuple):
    """How one model differs from another."""

    kind: Literal["pin", "version", "larger", "smaller"]
    told: str
    """In a few words."""


def model(name: str, knowledge: Knowledge) -> Model | None:
    """A name taken apart; None for a name of no known family."""
    text = name.strip().lower().rpartition("/")[2]
    date = _DATE.search(text)
    bare = _DATE.sub(" ", text)
    words = _WORD.findall(bare)
    for family, row in knowledge.raw("models").items():
        if any(_holds(words, bare, mark) for mark in row["marks"]):
            return Model(family, _tier(words, bare, row["tiers"]), _version(words), date[0] if date else "")
    return None


def _holds(words: list[str], text: str, mark: str) -> bool:
    return mark in words or ((" " in mark or "-" in mark or any(c.isdigit() for c in mark)) and _has(text, mark))


def _has(text: str, mark: str) -> bool:
    return re.search(rf"(?<![a-z0-9]){re.escape(mark)}(?![a-z0-9])", text) is not None


def _tier(words: list[str], text: str, tiers: list[str]) -> int:
    for place, tier in enumerate(tiers):
        if any(one and _holds(words, text, one) for one in tier.split(" | ")):
            return place
    return tiers.index("") if "" in tiers else len(tiers) - 1


def _version(words: list[str]) -> tuple[int, ...]:
    numbers = next((word for word in words if word[0].isdigit()), "")
    found = tuple(int(part) for part in re.split(r"[.-]", numbers) if part)
    # `4-0` and `4` are the same.
    return found[:-1] if found[-1:] == (0,) else found


def model_step(before: str, after: str, knowledge: Knowledge) -> ModelStep | None:
    """How a model differs from the one before; None where a family is not known, or another one."""
    old, new = model(before, knowledge), model(after, knowledge)
    if old is None or new is None or old.family != new.family:
        return None
    if old.tier != new.tier:
        return ModelStep("larger", "a larger tier") if new.tier > old.tier else ModelStep("smaller", "a smaller tier")
    if old.version and new.version and old.version != new.version:
        newer = new.version > old.version
        return ModelStep("version", "a newer version" if newer else "an older version")
    if old.date and new.date and old.date != new.date:
        return ModelStep("version", "a newer version" if new.date > old.date else "an older version")
    return ModelStep("pin", "the same model, with another pin")


# Telling --------------------------------------------------------------------------------------------------------------
#
# Changes of rights by the field that makes them, each in a phrase.


Hosts = tuple[str, str]
"""Dialects of the old side and of the new one."""
_SHOWN = 120
_MANY = 6
"""Capabilities from which their tiers are named instead."""


class Move(NamedTuple):
    """What one field, or several together, make wider or narrower."""

    keys: tuple[str, ...]
    """The fields, those of the old side first; never empty."""
    direction: Direction
    changes: tuple[Change, ...]
    told: str
    """What happened, in a phrase."""

    @property
    def key(self) -> str:
        """The field to tell it at."""
        return self.keys[0]

    @property
    def severity(self) -> Severity:
        """The most serious of its changes."""
        return max_severity(*(change.severity for change in self.changes))

    @property
    def is_certain(self) -> bool:
        """Whether one of its changes is one on both hosts."""
        return any(change.is_certain for change in self.changes)


def moves(a: Definition, b: Definition, knowledge: Knowledge) -> tuple[Move, ...]:
    """How the effective rights of a definition change, by the fields that make it; empty where they stay."""
    before, after = effective(a, knowledge), effective(b, knowledge)
    fields = [{field.key: field for field in (one.effective if one.is_seen else ())} for one in (a, b)]
    found = []
    for (keys, direction, _), changes in _grouped(compare(before, after, knowledge)).items():
        sides = [next((side[key] for key in keys if key in side), None) for side in fields]
        told = _phrase(keys, direction, changes, (before, after), sides, knowledge)
        found.append(Move(keys, direction, tuple(changes), told))
    return tuple(found)


def _grouped(changes: Iterable[Change]) -> dict[tuple[tuple[str, ...], Direction, bool], list[Change]]:
    """Changes by the fields that make them; what a field's values mean by themselves only where they make no other."""
    found: dict[tuple[tuple[str, ...], Direction, bool], list[Change]] = {}
    for change in changes:
        if change.keys:
            found.setdefault((change.keys, change.direction, change.is_certain), []).append(change)
    speaking = {(key, direction) for (keys, direction, _), rows in found.items() for key in keys if _is_about(rows)}
    return {
        row: [change for change in rows if change.capability != _SETTING] if _is_about(rows) else rows
        for row, rows in found.items()
        if _is_about(rows) or not any((key, row[1]) in speaking for key in row[0])
    }


def _is_about(changes: Iterable[Change]) -> bool:
    return any(change.capability != _SETTING for change in changes)


def field_shift(key: str, old: Field | None, new: Field | None, knowledge: Knowledge, hosts: Hosts = ("", "")) -> Shift:
    """Which way the rights go that one field says, from `old` to `new`; "" where they stay."""
    return shift(field_changes(key, old, new, knowledge, hosts))


def field_changes(
    key: str, old: Field | None, new: Field | None, knowledge: Knowledge, hosts: Hosts = ("", "")
) -> tuple[Change, ...]:
    """The changes of rights that one field makes."""
    before, after = (
        rights_of(() if one is None else (one,), host, knowledge, guessed=True, about=key)
        for one, host in zip((old, new), hosts, strict=True)
    )
    return tuple(change for change in compare(before, after, knowledge) if key in change.keys)


def is_right(key: str, host: str, knowledge: Knowledge) -> bool:
    """Whether a field says something about rights at a host."""
    return bool(knowledge.field_row(key, host).get("rights"))


def same_value(old: Field, new: Field, knowledge: Knowledge, hosts: Hosts | None = None) -> bool:
    """Whether two fields of one key mean the same, however they are written.

    The order of a mapping's keys counts where one of the `hosts` (the dialects of both) goes by it and grants something
    else for it.
    """
    info = knowledge.field_info(old.key)
    if not says_the_same(info, old, new):
        return False
    if hosts is None or not info.rights or not stands_in_order(old.key, knowledge, hosts):
        return True
    return flat_keys(old.value) == flat_keys(new.value) or not field_shift(old.key, old, new, knowledge, hosts)


# Phrases


def _phrase(
    keys: Sequence[str],
    direction: Direction,
    changes: Sequence[Change],
    rights: tuple[Rights, Rights],
    sides: Sequence[Field | None],
    knowledge: Knowledge,
) -> str:
    head, info = ", ".join(keys), knowledge.field_info(keys[0], rights[0].host)
    if not any(change.is_certain for change in changes):
        word = "wider" if direction == "widened" else "narrower"
        weighty = [change for change in changes if change.tier != "read"] or changes
        return f"{head}: {word} in {', '.join(_named(weighty))}"
    if len(keys) == 1 and info.rights in ("allow", "grant", "deny") and info.shape == "set":
        names = _names(keys[0], direction, changes, rights, sides, knowledge)
        if names:
            return f"{head}: {names}"
    steps = (_step(change, knowledge) for change in _merged(_own(changes, knowledge), knowledge))
    return f"{head}: {'; '.join(dict.fromkeys(steps))}"


def _named(changes: Sequence[Change]) -> Iterable[str]:
    """Capabilities by name, or their tiers where they are many."""
    found = dict.fromkeys(change.capability for change in changes)
    return found if len(found) <= _MANY else dict.fromkeys(change.tier for change in changes)


def _names(
    key: str,
    direction: Direction,
    changes: Sequence[Change],
    rights: tuple[Rights, Rights],
    sides: Sequence[Field | None],
    knowledge: Knowledge,
) -> str:
    """What a list gained or lost, by the names that made a difference."""
    info = knowledge.field_info(key, rights[0].host)
    if info.rights == "allow":
        open_ = [_is_open(side, one.host, knowledge) for side, one in zip(sides, rights, strict=True)]
        if any(open_):
            return _from_all(sides, open_)
    before, after = (members(info, side.value) if side is not None else () for side in sides)
    added = (direction == "widened") != (info.rights == "deny")
    told, other, host = (after, before, rights[1]) if added else (before, after, rights[0])
    about = {change.capability for change in changes}
    known_before = frozenset(other)
    words = [name for name in told if name not in known_before]
    means = {name: _capabilities(name, host.host, knowledge) for name in words}
    speaking = [name for name in words if not means[name] or means[name] & about or "preload" in about]
    return f"{'added' if added else 'removed'} {', '.join(speaking)}" if speaking else ""


def _capabilities(name: str, host: str, knowledge: Knowledge) -> frozenset[str]:
    return knowledge.derived(Vocabulary).grant(name, host).capabilities


def _is_open(field: Field | None, host: str, knowledge: Knowledge) -> bool:
    """Whether a list of tools lets everything through."""
    if field is None or field.value is None:
        return True
    if field.value in ("", ()) and knowledge.derived(Vocabulary).empty_is_all(host):
        return True
    return isinstance(field.value, (str, tuple)) and ANY in members(knowledge.field_info(field.key, host), field.value)


def _from_all(sides: Sequence[Field | None], open_: Sequence[bool]) -> str:
    shown = [_all(side) if whole else _listed(side) for side, whole in zip(sides, open_, strict=True)]
    return f"{shown[1]} instead of {shown[0]}"


def _listed(field: Field | None) -> str:
    return (
        _short(", ".join(field.text.split("\n")) if field is not None and field.value not in ("", ()) else "")
        or "nothing"
    )


def _all(field: Field | None) -> str:
    if field is None or field.value is None:
        return "every tool (no list)"
    return f"every tool ({field.text or 'an empty list'})"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else f"{flat[: _SHOWN - 1]}…"


def _merged(changes: Sequence[Change], knowledge: Knowledge) -> list[Change]:
    """Changes of tools with the same step for all arguments as one, named by what they have in common."""
    tools = knowledge.derived(RightsTables).tools
    rows: dict[tuple[Level, Level, str, str], list[Change]] = {}
    for change in changes:
        name = "" if change.scope == ANY and change.capability in tools else change.capability
        rows.setdefault((change.before, change.after, change.scope, name), []).append(change)
    return [found[0]._replace(capability=", ".join(_named(found))) for found in rows.values()]


def _own(changes: Sequence[Change], knowledge: Knowledge) -> list[Change]:
    """Changes without those that only come along with another one: a shell brings tests."""
    implies: Mapping[str, Sequence[str]] = knowledge.raw("rights")["implies"]
    along = {one for change in changes for one in implies.get(change.capability, ())}
    return [change for change in changes if change.capability not in along]


def _step(change: Change, knowledge: Knowledge) -> str:
    if change.tier == "limit":
        return f"{change.capability} {change.scope}"
    is_wider = change.direction == "widened"
    if change.capability.startswith("guard"):
        return f"{change.capability} {'gone' if is_wider else 'new'}: {_short(change.scope)}"
    state = knowledge.derived(RightsTables).states.get(change.capability)
    about = change.scope if state is not None else change.scope.removesuffix(ANY).removesuffix("(")
    scope = "" if change.scope == ANY else f" '{_short(about)}'"
    if state is not None and Level.DENY in (change.before, change.after):
        return f"{state['says']}{scope} {'new' if is_wider else 'gone'}"
    return f"{state['says'] if state else change.capability}{scope} {change.before.word} became {change.after.word}"
