"""The algebra of rights: what covers what, what several definitions all allow, and what changes between two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from typing import NamedTuple

from agentmerge.knowledge import Knowledge
from agentmerge.model import FrozenMap
from agentmerge.rights import patterns
from agentmerge.rights.meanings import RightsTables, Severity
from agentmerge.rights.patterns import ANY, Level, least
from agentmerge.rights.records import Change, Direction, Guard, Rights, Shift
from agentmerge.rights.vocabulary import Grant, Vocabulary, shown_argument

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
        wider = patterns.exceeding(two, one)
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
