"""What a decision about a field of rights grants and takes, in words, with the flag that decides otherwise."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Literal, NamedTuple

from agentmerge import rights
from agentmerge.combining.strategies import Candidates, Choice
from agentmerge.knowledge import FieldInfo, Knowledge
from agentmerge.model import Definition, Field
from agentmerge.outcome import Notice, Source

_LISTS = frozenset({"allow", "grant", "servers", "hooks", "agents"})
_LEAST = frozenset({"restrict", "intersection"})


def rights_notices(
    key: str, rule: str, choice: Choice, candidates: Candidates, sources: tuple[Source, ...]
) -> Iterator[Notice]:
    """Notices of what the result grants less, and then of what it grants more, than the variants."""
    result = _result(choice, candidates)
    path = f"frontmatter/{key}"
    less, wider = _moved(candidates, result)
    for severity, message in _narrowed(key, rule, less, choice, candidates, result):
        yield Notice("permission-narrowed", severity, message, path, sources)
    message = _widened(key, rule, wider, candidates, result)
    if message:
        yield Notice("permission-widened", "warning", message, path, sources)


def _result(choice: Choice, candidates: Candidates) -> Field | None:
    if choice.index is None:
        return None
    field = candidates.fields[choice.index]
    if not choice.merged or field is None:
        return field
    return Field(field.key, 0, 0, 0, "", choice.value, str(choice.value), "")


class _Moved(NamedTuple):
    """The fields of the variants whose rights go one way where the result stands for them."""

    narrowed: list[Field | None]
    widened: list[Field | None]


def _moved(candidates: Candidates, result: Field | None) -> _Moved:
    ways = [
        (field, candidates.shift(number, result, candidates.hosts[0]))
        for number, field in enumerate(candidates.in_force)
    ]
    return _Moved(*([field for field, way in ways if way in (one, "both")] for one in ("narrowed", "widened")))


def _narrowed(
    key: str, rule: str, less: list[Field | None], choice: Choice, candidates: Candidates, result: Field | None
) -> Iterator[tuple[Literal["warning", "info"], str]]:
    left_out = _left_out(candidates, result)
    if left_out:
        how = "is what every variant allows" if rule in _LEAST else f"goes by {rule}"
        how = f"{how}; left out" if result is not None else f"is left out ({choice.note or rule})"
        yield "info", f"'{key}' {how}: {', '.join(left_out)} ({_adding(key, candidates, left_out)})"
    elif candidates.info.rights == "deny":
        return
    elif less and result is None:
        yield "info", f"'{key}' is left out: {choice.note or rule}"
    elif less and candidates.info.rights == "hooks":
        yield "info", f"'{key}' holds back what any of the variants does ({rule})"
    elif less:
        yield "info", _less(key, rule, candidates, result, less)
    if less and result is not None and candidates.info.rights in _LISTS and result.value == ():
        what = "no tool is allowed" if key == "tools" else "nothing is granted"
        yield "warning", f"'{key}' is empty: {what} by every variant"


def _adding(key: str, candidates: Candidates, left_out: list[str]) -> str:
    """The flag that adds what was left out."""
    rule = "first" if candidates.info.shape == "map" else "union"
    return f"--policy 'frontmatter/{key}={rule}' adds {'it' if len(left_out) == 1 else 'them'}"


def _less(key: str, rule: str, candidates: Candidates, result: Field | None, less: list[Field | None]) -> str:
    """Of a list that stands where some have none, and of what is no list: what others say, and how to choose it."""
    count, variants = sum(map(rights.is_absent, candidates.in_force)), len(candidates.fields)
    if candidates.info.rights == "allow" and count:
        return f"'{key}' is listed: {count} of the {variants} variants, without the field, allow all"
    how = "is the strictest" if rule in _LEAST else f"goes by {rule}"
    if candidates.info.rights == "scale" and result is not None:
        how += f", '{result.inline}'"
        others = list(dict.fromkeys(f.inline for f in less if f is not None and not rights.is_absent(f)))
        if others:
            return f"'{key}' {how}, not {', '.join(map(repr, others))} ({_taking(key, candidates, others)})"
    return f"'{key}' {how}: {len(less)} of the {variants} variants allow more"


def _taking(key: str, candidates: Candidates, others: list[str]) -> str:
    """The flag that takes another value."""
    first = candidates.fields[candidates.present[0]]
    rule = "first" if first is not None and first.inline in others else f"set:{others[0]}"
    return f"--policy 'frontmatter/{key}={rule}' takes it"


def _widened(key: str, rule: str, wider: list[Field | None], candidates: Candidates, result: Field | None) -> str:
    if not wider:
        return ""
    if candidates.info.rights == "hooks":
        return f"'{key}' {_beyond(candidates, result)}"
    if candidates.info.rights == "allow" and rights.is_absent(result):
        return f"'{key}' is left out: every {'tool' if key == 'tools' else 'one'} is allowed"
    flag = f"; --policy 'frontmatter/{key}=restrict' keeps to what all grant" if rule in ("union", "majority") else ""
    return f"'{key}' grants more than {len(wider)} of the {len(candidates.fields)} variants do (by {rule}{flag})"


def _beyond(candidates: Candidates, result: Field | None) -> str:
    """What the hooks of the result run, or no longer hold back, against single variants."""
    changes = [
        change
        for number in range(len(candidates.fields))
        for change in candidates.changes(number, result, candidates.hosts[0])
        if change.direction == "widened" and change.is_certain
    ]
    runs = list(dict.fromkeys(change.scope for change in changes if change.capability == "hook"))
    lets = list(dict.fromkeys(change.scope for change in changes if change.capability != "hook"))
    told = [f"runs what not every variant runs: {', '.join(runs)}"] if runs else []
    told += [f"no longer holds back what these do: {', '.join(lets)}"] if lets else []
    return "; ".join(told)


def _left_out(candidates: Candidates, result: Field | None) -> list[str]:
    """Names that some variant grants and the result does not."""
    info = candidates.info
    if info.rights not in _LISTS or (result is None and info.rights == "allow"):
        return []
    granted = _names(info, result)
    names = dict.fromkeys(name for field in candidates.fields for name in _names(info, field))
    if info.rights == "hooks":
        return []
    alike = frozenset(granted)
    return [
        name for name in names if name not in alike and not any(_includes(one, name, candidates) for one in granted)
    ]


def _includes(name: str, other: str, candidates: Candidates) -> bool:
    """Whether a name of the result says what a name of a variant says, on whichever of their hosts."""
    if name == other or candidates.info.shape != "set":
        return name == other
    hosts = dict.fromkeys(candidates.hosts)
    return any(
        rights.includes(name, other, candidates.knowledge, host)
        or rights.is_same_tool(name, other, (one, host), candidates.knowledge)
        for one in hosts
        for host in hosts
    )


def _names(info: FieldInfo, field: Field | None) -> tuple[str, ...]:
    return rights.members(info, field.value) if field is not None else ()


def wider_as_a_whole(
    result: Definition,
    definitions: Sequence[Definition],
    names: Sequence[str],
    told: Collection[str],
    knowledge: Knowledge,
) -> Iterator[Notice]:
    """What the result may do on its host beyond a variant on its own one, where no single field told it."""
    found: dict[tuple[str, str], list[str]] = {}
    for definition, name in zip(definitions, names, strict=True):
        for move in rights.moves(definition, result, knowledge):
            is_news = move.direction == "widened" and move.is_certain and move.severity != "info"
            if is_news and set(move.keys).isdisjoint(told):
                found.setdefault((move.key, move.told), []).append(name)
    for (key, what), wider in found.items():
        message = f"the result may do more than {', '.join(wider)} on its host: {what}"
        yield Notice("permission-widened", "warning", message, f"frontmatter/{key}")
