"""Changes of rights by the field that makes them, each in a phrase."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Field
from agentmerge.rights.comparing import compare, max_severity, shift
from agentmerge.rights.lists import flat_keys, members, says_the_same, stands_in_order
from agentmerge.rights.meanings import RightsTables, Severity
from agentmerge.rights.patterns import ANY, Level
from agentmerge.rights.reading import effective, rights_of
from agentmerge.rights.records import Change, Direction, Rights, Shift
from agentmerge.rights.vocabulary import Vocabulary

Hosts = tuple[str, str]
"""Dialects of the old side and of the new one."""
_SHOWN = 120
_SETTING = "setting"
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
