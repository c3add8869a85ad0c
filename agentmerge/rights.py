"""What frontmatter fields say about permissions, and how two of them compare. Absent and empty are opposites."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise, product
from typing import Literal

from agentmerge import toolnames
from agentmerge.knowledge import FieldInfo, Knowledge
from agentmerge.model import Definition, Field, Value
from agentmerge.paths import like
from agentmerge.toolnames import Hosts

Shift = Literal["", "widened", "narrowed", "both"]

ALL = "*"
DENIED = "!"
"""Before a name that a map switches off: `write: false` denies it, where a name that is missing is left as it is."""
_ENDS = frozenset({" ", ":", ")"})
_COMMA = re.compile(r",")
_SPACES = re.compile(r"\s+")
_STRETCH = re.compile(r"[^(){}]*[(){}]?")


def names(value: Value) -> tuple[str, ...]:
    """The members of a list-like field, however it is spelled: list, comma string, space string, `name: true` map.

    Commas inside parentheses and braces do not part names: `Agent(a, b), Read` are two, and so are `*.{ts,js}, *.md`.
    """
    if value is None:
        return ()
    if isinstance(value, Mapping):
        return tuple(key if on else f"{DENIED}{key}" for key, on in value.items())
    if isinstance(value, tuple):
        return _unique(part for item in value for part in (names(item) if isinstance(item, str) else [_written(item)]))
    if not isinstance(value, str):
        return (str(value),)
    return _unique(part.strip() for part in _parted(value, _COMMA))


def spaced_names(value: Value) -> tuple[str, ...]:
    """As `names`, where a text without commas is a list parted by spaces (`allowed-tools` of skills)."""
    if isinstance(value, str) and "," not in value:
        return _unique(_parted(value.strip(), _SPACES))
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


def _unique(parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in parts if part))


def _written(item: Value) -> str:
    if isinstance(item, Mapping) and len(item) == 1:
        return next(iter(item))
    return spelt(item)


def same_value(old: Field, new: Field, knowledge: Knowledge, hosts: Hosts | None = None) -> bool:
    """Whether two fields of one key mean the same, however they are written.

    Members of a set may be spelled and ordered in any way. Numbers count as they are written: 1.10 is not 1.1. The
    order of a mapping's keys counts where one of the `hosts` (the dialects of both) goes by it.
    """
    info = knowledge.field_info(old.key)
    if info.shape == "prose" and isinstance(old.value, str) and isinstance(new.value, str):
        return _unwrapped(old.value) == _unwrapped(new.value)
    if info.shape != "set":
        return old.content == new.content and not order_shift(info, old, new, hosts, knowledge)
    if is_absent(old) or is_absent(new):
        return is_absent(old) and is_absent(new)
    return set(members(info, old.value)) == set(members(info, new.value))


def in_force(definition: Definition, key: str) -> Field | None:
    """A field as hosts read it: none in a frontmatter that they do not find, which grants what no list grants."""
    return definition.field(key) if definition.is_seen else None


_BREAK = re.compile(r"[ \t]*\n[ \t]*(?![ \t\n]|[-*+>#|<]|\d+[.)])")
"""A line break inside a paragraph: what follows is neither blank nor opens a block of its own."""


def _unwrapped(text: str) -> str:
    """A text without the line breaks that only wrap it."""
    paragraphs = [_BREAK.sub(" ", part) for part in text.strip("\n").split("\n\n")]
    return "\n\n".join(paragraphs)


def order_shift(
    info: FieldInfo, old: Field | None, new: Field | None, hosts: Hosts | None, knowledge: Knowledge
) -> Shift:
    """What another order of the same rules lets through, where a host goes by the last rule that fits; else "".

    Two rules that can't fit the same thing may stand in any order.
    """
    known = knowledge.dialects
    if old is None or new is None or hosts is None or info.rights != "levels":
        return ""
    if not any(host in known and info.key in known[host].ordered for host in hosts):
        return ""
    before, after = (list(_leaves(field.value, info.scale)) for field in (old, new))
    places = {name: place for place, (name, _) in enumerate(after)}
    order = [places[name] for name, _ in before if name in places]
    steps = [after[one][1] - after[two][1] for one, two in _turned(order, after)]
    wider, narrower = any(step > 0 for step in steps), any(step < 0 for step in steps)
    return "both" if wider and narrower else "widened" if wider else "narrowed" if narrower else ""


def _turned(order: Sequence[int], rules: Sequence[tuple[str, int]]) -> Iterator[tuple[int, int]]:
    """Pairs of rules that may fit the same thing and stood the other way round; `order` is where each one is now."""
    if all(one <= two for one, two in pairwise(order)):
        return
    # Two names without a pattern are two things.
    patterns = [(number, place) for number, place in enumerate(order) if "*" in rules[place][0]]
    for number, one in enumerate(order):
        is_pattern = "*" in rules[one][0]
        others = enumerate(order[number + 1 :], number + 1) if is_pattern else patterns
        for later, two in others:
            if later > number and one > two and _overlap(rules[one][0], rules[two][0]):
                yield one, two


def _overlap(one: str, two: str) -> bool:
    """Whether something may fit both patterns of a map."""
    if "*" not in one or "*" not in two:
        return like(one, two) or like(two, one)
    heads = [text.partition("*")[0] for text in (one, two)]
    tails = [text.rpartition("*")[2] for text in (one, two)]
    starts = heads[0].startswith(heads[1]) or heads[1].startswith(heads[0])
    return starts and (tails[0].endswith(tails[1]) or tails[1].endswith(tails[0]))


def is_absent(field: Field | None) -> bool:
    """Whether a field is not there; a key without a value counts as not there."""
    return field is None or field.value is None


def allowed(info: FieldInfo, field: Field | None, knowledge: Knowledge, host: str = "") -> frozenset[str] | None:
    """What an allow list lets through on a host; None is everything."""
    if field is None or field.value is None or (field.value in ("", ()) and _empty_is_all(host, knowledge)):
        return None
    found = frozenset(name for name in members(info, field.value) if not name.startswith(DENIED))
    only_denies = not found and isinstance(field.value, Mapping) and bool(field.value)
    return None if ALL in found or only_denies else found


def _empty_is_all(host: str, knowledge: Knowledge) -> bool:
    known = knowledge.dialects
    return host in known and known[host].tool_lists.empty == "all"


def covers(name: str, other: str) -> bool:
    """Whether a grant of `name` includes `other`: `Bash` does `Bash(git:*)`, `mcp__x` `mcp__x__read`, `x` `x/y`."""
    server = name.removesuffix("__*")
    return (
        name in (ALL, other)
        or other.startswith((f"{name}(", f"{name.removesuffix('/*')}/"))
        or (name.endswith(":*)") and other.startswith(name[:-3]) and other[len(name) - 3 : len(name) - 2] in _ENDS)
        or (server.startswith("mcp__") and (other == server or other.startswith(f"{server}__")))
    )


def _covering(name: str) -> Iterator[str]:
    """Every name whose grant includes this one: those of which `covers` says so."""
    yield ALL
    yield name
    for place, sign in enumerate(name):
        if sign == "(":
            yield name[:place]
        elif sign == "/":
            yield from (name[:place], f"{name[:place]}/*")
        if sign in _ENDS:
            yield f"{name[:place]}:*)"
    if name.startswith("mcp__"):
        yield f"{name}__*"
        for place in range(len("mcp__"), len(name) - 1):
            if name.startswith("__", place):
                yield from (name[:place], f"{name[:place]}__*")


def _includes(granted: frozenset[str], name: str, but: str | None = None) -> bool:
    """Whether one of several grants but for one includes a name: looked up, for there may be thousands of either."""
    if len(granted) > len(name):
        return any(other in granted and other != but for other in _covering(name))
    return any(other != but and covers(other, name) for other in granted)


def covered(name: str, granted: frozenset[str] | None, knowledge: Knowledge, hosts: Hosts | None = None) -> bool:
    """Whether an allow list (None: everything) lets a name through; between `hosts` by what names mean there."""
    if granted is None or name in granted or _includes(granted, name):
        return True
    return hosts is not None and toolnames.of(knowledge).one_stands_for(granted, name, hosts)


def intersection(lists: Sequence[Sequence[str] | None], knowledge: Knowledge) -> tuple[str, ...] | None:
    """What every allow list lets through, in the order of the lists; None where each of them is everything."""
    if all(items is None for items in lists):
        return None
    given = _unique(name for items in lists if items is not None for name in items)
    denied = tuple(name for name in given if name.startswith(DENIED))
    # A map that only denies leaves all else as it is: it limits nothing of what the others name.
    named = [
        frozenset(items)
        for items in lists
        if items is not None and (not items or any(not name.startswith(DENIED) for name in items))
    ]
    common = [
        name
        for name in given
        if not name.startswith(DENIED)
        and f"{DENIED}{name}" not in denied
        and all(covered(name, i, knowledge) for i in named)
    ]
    grants = frozenset(common)
    kept = [name for name in common if not _includes(grants, name, but=name)]
    return (*kept, *denied)


def shift(
    info: FieldInfo, old: Field | None, new: Field | None, knowledge: Knowledge, hosts: Hosts | None = None
) -> Shift:
    """How a permission changes from `old` to `new`; "" where it stays or the field has nothing to do with rights.

    With the dialects of both, `hosts`, names of tools are compared by meaning.
    """
    if info.rights == "allow":
        first, second = hosts or ("", "")
        granted = _list_shift(
            allowed(info, old, knowledge, first), allowed(info, new, knowledge, second), knowledge, hosts
        )
        return _both(granted, _list_shift(_denied(info, new), _denied(info, old), knowledge))
    if info.rights == "levels":
        return _both(_levels_shift(info, old, new), order_shift(info, old, new, hosts, knowledge))
    if info.rights in ("grant", "deny"):
        before, after = _listed(info, old), _listed(info, new)
        if info.rights == "grant":
            return _list_shift(before, after, knowledge, hosts)
        return _list_shift(after, before, knowledge, hosts and turned(hosts))
    if info.rights == "scale":
        return _scale_shift(info, old, new)
    return ""


def turned(hosts: Hosts) -> Hosts:
    """Two hosts the other way round."""
    return hosts[1], hosts[0]


def _both(first: Shift, second: Shift) -> Shift:
    return first if first == second or not second else "both" if first else second


def _denied(info: FieldInfo, field: Field | None) -> frozenset[str]:
    names_ = members(info, field.value) if field is not None and field.value is not None else ()
    return frozenset(name for name in names_ if name.startswith(DENIED))


def _levels_shift(info: FieldInfo, old: Field | None, new: Field | None) -> Shift:
    """A map of levels, key by key: a key that is not there is on the default level, else on the most permissive one."""
    scale = info.scale
    before, after = _levels(scale, old), _levels(scale, new)
    absent = scale.index(info.default) if info.default in scale else len(scale)
    steps = [(before.get(key, absent), after.get(key, absent)) for key in before.keys() | after.keys()]
    wider, narrower = any(b > a for a, b in steps), any(b < a for a, b in steps)
    return "both" if wider and narrower else "widened" if wider else "narrowed" if narrower else ""


def _levels(scale: Sequence[str], field: Field | None) -> dict[str, int]:
    return {} if field is None else dict(_leaves(field.value, scale))


def _leaves(value: Value, scale: Sequence[str], path: str = "") -> Iterator[tuple[str, int]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, scale, f"{path}.{key}" if path and path != _RULES else key)
    elif isinstance(value, tuple):
        for item in value:
            if isinstance(item, Mapping):
                yield from _rule(item, scale)
    elif isinstance(value, str) and value in scale:
        yield path, scale.index(value)


_RULES = "rules"
_EFFECTS = ("effect", "decision", "action")
"""Keys under which a rule says what it does."""


def _rule(rule: Mapping[str, Value], scale: Sequence[str]) -> Iterator[tuple[str, int]]:
    """A rule such as `{capability: shell, effect: ask, match: [git *]}`: its level for each thing that it is about."""
    effect = next((key for key in _EFFECTS if rule.get(key) in scale), None)
    if effect is None:
        return
    rest = [rule[key] for key in sorted(rule) if key != effect]
    listed = [names(item) if isinstance(item, (str, tuple)) else (str(item),) for item in rest]
    for parts in product(*listed):
        yield ".".join(parts), list(scale).index(str(rule[effect]))


def strictest(scale: Sequence[str], values: Sequence[Value]) -> Value:
    """Of several maps of levels the strictest, key by key; what can't be compared is on the least permissive level."""
    given = [value for value in values if value is not None]
    if all(isinstance(value, Mapping) for value in given):
        maps = [value for value in given if isinstance(value, Mapping)]
        keys = dict.fromkeys(key for value in maps for key in value)
        return {key: strictest(scale, [value.get(key) for value in maps]) for key in keys}
    if all(isinstance(value, tuple) for value in given):
        return _strictest_rules(scale, [value for value in given if isinstance(value, tuple)])
    if all(isinstance(value, str) and value in scale for value in given):
        return min((str(value) for value in given), key=scale.index)
    return given[0] if len(set(map(str, given))) == 1 else scale[0]


def _strictest_rules(scale: Sequence[str], lists: Sequence[tuple[Value, ...]]) -> Value:
    """Of several lists of rules each one that holds something back, and of those that allow what all lists hold."""
    kept: list[Value] = []
    for rule in (rule for rules in lists for rule in rules):
        effect = next((rule.get(key) for key in _EFFECTS if key in rule), None) if isinstance(rule, Mapping) else None
        if rule not in kept and (effect in scale[:-1] or all(rule in rules for rules in lists)):
            kept.append(rule)
    return tuple(kept)


def _listed(info: FieldInfo, field: Field | None) -> frozenset[str]:
    if field is None or field.value is None:
        return frozenset()
    if isinstance(field.value, Mapping):
        return frozenset(f"{key}={spelt(value)}" for key, value in field.value.items())
    return frozenset(members(info, field.value))


def spelt(value: Value) -> str:
    """A value in one spelling: the order of a mapping's keys means nothing."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {spelt(value[key])}' for key in sorted(value))}}}"
    return f"({', '.join(map(spelt, value))})" if isinstance(value, tuple) else str(value)


def _list_shift(
    before: frozenset[str] | None, after: frozenset[str] | None, knowledge: Knowledge, hosts: Hosts | None = None
) -> Shift:
    if before is None or after is None:
        return "" if before is after else "narrowed" if before is None else "widened"
    wider = any(not covered(name, before, knowledge, hosts) for name in after)
    narrower = any(not covered(name, after, knowledge, hosts and turned(hosts)) for name in before)
    return "both" if wider and narrower else "widened" if wider else "narrowed" if narrower else ""


def _scale_shift(info: FieldInfo, old: Field | None, new: Field | None) -> Shift:
    before, after = place(info, old), place(info, new)
    if before is not None and after is not None:
        return "widened" if after > before else "narrowed" if after < before else ""
    if is_absent(old) or is_absent(new):
        return _from_unsaid(info, old, new)
    return "both" if old is not None and new is not None and old.text.strip() != new.text.strip() else ""


def _from_unsaid(info: FieldInfo, old: Field | None, new: Field | None) -> Shift:
    """Between a value and what the host's own settings say: at an end of the scale there is only one way."""
    said = place(info, new if is_absent(old) else old)
    if is_absent(old) and is_absent(new):
        return ""
    if said is None or 0 < said < len(info.scale) - 1:
        return "both"
    return "widened" if (said > 0) == is_absent(old) else "narrowed"


def place(info: FieldInfo, field: Field | None) -> int | None:
    """Place of a field on its scale, an absent one's by the default; None where it has none."""
    if field is None or field.value is None:
        return step(info.scale, info.default)
    return step(info.scale, str(field.value).lower() if isinstance(field.value, bool) else field.text.strip())


def step(scale: Sequence[str], value: str) -> int | None:
    """Place of a value on a scale, whose equal values are written `one | other`; None where it has none."""
    return next((place for place, row in enumerate(scale) if value in row.split(" | ")), None)
