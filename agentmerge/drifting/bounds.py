"""Files beside the definitions that bound agents: settings of hosts, hooks, scripts of skills."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from agentmerge.diffing.records import Spot
from agentmerge.drifting.records import Finding
from agentmerge.drifting.rulebook import finding
from agentmerge.errors import InputError
from agentmerge.knowledge import Knowledge
from agentmerge.parsing.lines import split_lines
from agentmerge.paths import like

_REMARKS = re.compile(r'("(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
"""A text, which stays, or a remark of JSON with remarks."""
_LAST_COMMA = re.compile(r'("(?:[^"\\\n]|\\.)*")|,(?=\s*[\]}])')


class Bound(NamedTuple):
    """A file that bounds agents, as one of both trees holds it."""

    name: str
    """As a file argument."""
    place: str
    """Path from the top of the tree."""
    text: str


class BoundChange(NamedTuple):
    """What happened to such a file; one side is None where it came or went."""

    old: Bound | None
    new: Bound | None


class _Table:
    """The rows of `data/bounds.toml`."""

    def __init__(self, knowledge: Knowledge) -> None:
        raw = knowledge.raw("bounds")
        self.settings: list[str] = raw["settings"]["paths"]
        self.bounds: list[str] = raw["keys"]["bounds"]
        self.grants: list[str] = raw["keys"]["grants"]
        self.scales: Mapping[str, list[str]] = raw["scales"]
        self.folders = frozenset(raw["scripts"]["folders"])
        self.suffixes = frozenset(raw["scripts"]["suffixes"])
        self.blocks = [re.compile(one) for one in raw["scripts"]["blocks"]]


def is_settings(place: str, knowledge: Knowledge) -> bool:
    """Whether a path is one of a host's settings."""
    return any(like(path, place) or like(f"*/{path}", place) for path in knowledge.derived(_Table).settings)


def is_bound(place: str, knowledge: Knowledge) -> bool:
    """Whether a file bounds agents without being a definition: settings, hooks, scripts of skills."""
    path, table = PurePosixPath(place), knowledge.derived(_Table)
    is_script = path.suffix.lower() in table.suffixes and not table.folders.isdisjoint(path.parts[:-1])
    return is_settings(place, knowledge) or is_script


def bound_findings(change: BoundChange, knowledge: Knowledge) -> tuple[Finding, ...]:
    """What a changed file lets agents do that they could not, or holds back now.

    Raises InputError for settings that can't be read: what they bound would go unseen.
    """
    place = (change.new or change.old or Bound("", "", "")).place
    if is_settings(place, knowledge):
        return tuple(_settings(change, knowledge))
    return tuple(_script(change, knowledge))


def _script(change: BoundChange, knowledge: Knowledge) -> Iterator[Finding]:
    old, new = (one.text if one else "" for one in change)
    patterns = knowledge.derived(_Table).blocks
    before, after = (
        [row for row in _lines(text) if any(one.search(row[1]) for one in patterns)] for text in (old, new)
    )
    spot = Spot(1, 1, (change.new or change.old or Bound("", "", "")).place)
    if len(after) < len(before):
        kept = {line for _, line in after}
        line, lost = next((row for row in before if row[1] not in kept), before[-1])
        message = f"holds back in {len(after)} places instead of {len(before)}: {lost.strip()}"
        yield finding("guardrail-removed", message, "", Spot(0, line, lost.strip()), None, knowledge)
        return
    what = "new" if change.old is None else "gone" if change.new is None else "changed"
    sides = (spot._replace(file=0) if change.old else None, spot if change.new else None)
    yield finding("script-changed", f"a program that agents run is {what}", "", *sides, knowledge, slot=new[:40])


def _lines(text: str) -> list[tuple[int, str]]:
    lines = enumerate(map(str.rstrip, split_lines(text)), 1)
    return [(number, line) for number, line in lines if not line.lstrip().startswith("#")]


# Settings


class _Side(NamedTuple):
    """The settings of one tree."""

    number: int
    text: str
    members: Mapping[str, Mapping[str, None]]

    def spot(self, key: str, value: str) -> Spot:
        return Spot(self.number, _line(self.text, value, key), f"{key}: {value}")


def _settings(change: BoundChange, knowledge: Knowledge) -> Iterator[Finding]:
    table = knowledge.derived(_Table)
    old, new = (
        _Side(number, one.text if one else "", _members(_read(one) if one else {}, table))
        for number, one in enumerate(change)
    )
    for key in dict.fromkeys([*old.members, *new.members]):
        scale = _scale(key, table)
        if scale:
            yield from _scaled(key, scale, (old, new), knowledge)
        else:
            yield from _listed(key, _kind(key, table), (old, new), knowledge)


def _listed(key: str, kind: str, sides: tuple[_Side, _Side], knowledge: Knowledge) -> Iterator[Finding]:
    for side, other in (sides, sides[::-1]):
        is_old = side.number == 0
        rule = "permission-narrowed"
        if not kind:
            rule = "field-changed"
        elif (kind == "bounds") == is_old:
            rule = "permission-widened"
        for name in side.members.get(key, {}):
            if name not in other.members.get(key, {}):
                told = f"{key} {'no longer holds' if is_old else 'holds now'} {_short(name)}"
                spot = side.spot(key, name)
                a, b = (spot, None) if is_old else (None, spot)
                yield finding(rule, told, f"settings/{key}", a, b, knowledge, slot=key)


def _scaled(key: str, scale: list[str], sides: tuple[_Side, _Side], knowledge: Knowledge) -> Iterator[Finding]:
    was, now = (next(iter(side.members.get(key, {})), "") for side in sides)
    if was == now:
        return
    is_wider = _rank(now, scale) > _rank(was, scale)
    spots = [side.spot(key, value) if value else None for side, value in zip(sides, (was, now), strict=True)]
    told = f"{key}: {was or 'not set'} became {now or 'not set'}"
    rule = "permission-widened" if is_wider else "permission-narrowed"
    yield finding(rule, told, f"settings/{key}", spots[0], spots[1], knowledge, slot=key)


def _rank(value: str, scale: list[str]) -> int:
    """How wide a value is; one that nobody knows is the widest, and none is what hosts take it for."""
    if value in scale:
        return scale.index(value)
    if value:
        return len(scale)
    if "default" in scale:
        return scale.index("default")
    return 0 if scale[0] == "false" else 1


def _read(bound: Bound) -> Mapping[str, Any]:
    try:
        if bound.place.endswith(".toml"):
            import tomllib

            return tomllib.loads(bound.text)
        plain = _LAST_COMMA.sub(r"\1", _REMARKS.sub(r"\1", bound.text))
        data = json.loads(plain) if plain.strip() else {}
    except (ValueError, RecursionError) as error:
        raise InputError(f"can't be read as settings: {error}", file=bound.name) from None
    if not isinstance(data, dict):
        raise InputError("can't be read as settings: it is no table", file=bound.name)
    return data


def _members(data: Mapping[str, Any], table: _Table) -> dict[str, dict[str, None]]:
    """What each key holds, lists by member; what a row of the table names is not taken apart further."""
    found: dict[str, dict[str, None]] = {}

    def walk(value: Any, key: str) -> None:
        is_whole = _kind(key, table) in ("bounds", "grants") and key != "hooks"
        if isinstance(value, Mapping) and not is_whole:
            for name, inner in value.items():
                walk(inner, f"{key}.{name}" if key else str(name))
        elif isinstance(value, Mapping):
            found[key] = {f"{name}: {_text(inner)}": None for name, inner in value.items()}
        elif isinstance(value, list):
            found[key] = {_text(one): None for one in value}
        else:
            found[key] = {_text(value): None}

    walk(data, "")
    return found


def _kind(key: str, table: _Table) -> str:
    return next((kind for kind in ("bounds", "grants") if any(like(one, key) for one in getattr(table, kind))), "")


def _scale(key: str, table: _Table) -> list[str]:
    return next((values for one, values in table.scales.items() if like(one, key)), [])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:119]}…"


def _line(text: str, value: str, key: str) -> int:
    """The line on which a value stands, else its key; 1 where neither is found."""
    lines = split_lines(text)
    wanted = (value.partition(": ")[0], value[:40], key.rpartition(".")[2])
    found = (number for one in wanted if one for number, line in enumerate(lines, 1) if one in line)
    return next(found, 1)
