"""Rights of several definitions in, one field in a host's names out that grants what all of them grant, never more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import Field, Value
from agentmerge.rights import patterns
from agentmerge.rights.comparing import covers, meet, stands_for
from agentmerge.rights.patterns import ANY, Extent, Level, Rule, extent, sample
from agentmerge.rights.reading import DENIED, flat_keys, is_absent, members, rights_of, rule_effect, spelt, unique
from agentmerge.rights.vocabulary import (
    MCP,
    OTHER,
    Grant,
    Rights,
    RightsTables,
    Vocabulary,
    level,
    parted,
    shown_argument,
)

# Spelling -------------------------------------------------------------------------------------------------------------
#
# Rights back into the names of a host: the same ones or fewer, never more.


def includes(name: str, other: str, knowledge: Knowledge, host: str = "") -> bool:
    """Whether a grant of one name includes another one at a host: `Bash` does `Bash(git:*)`, and not the reverse."""
    if name == ANY:
        return True
    words = knowledge.derived(Vocabulary)
    wide, narrow = words.grant(name, host), words.grant(other, host)
    if not wide.vocabulary and not narrow.vocabulary:
        return _plain_includes(name, other)
    return narrow.capabilities <= wide.capabilities and patterns.matches_all(wide.pattern, narrow.pattern)


def is_same_tool(name: str, other: str, hosts: tuple[str, str], knowledge: Knowledge) -> bool:
    """Whether two names stand for one tool, each at its host: `Grep` for `search`."""
    words = knowledge.derived(Vocabulary)
    return stands_for(words.grant(name, hosts[0]), words.grant(other, hosts[1]))


def _plain_includes(name: str, other: str) -> bool:
    """Of two names that no table knows: the same one, with a limit or without."""
    (base, limit), (same, narrower) = parted(name), parted(other)
    return base == same and (limit in ("", ANY, ":*") or limit == narrower)


def spell(
    rights: Rights, host: str, knowledge: Knowledge, prefer: Sequence[str] = (), own: Rights | None = None
) -> tuple[str, ...] | None:
    """The names of an allow list that grants no more than `rights`, in a host's words; None where no list is needed.

    Names of `prefer` come first, in their order, where they grant nothing else. What the host has no name for is left
    out, and so is what stands for nothing of `own`, where `rights` hold more than a definition asked for.
    """
    known, words = knowledge.derived(RightsTables), knowledge.derived(Vocabulary)
    extents = {name: _available(rights.extent(name)) for name in known.tools}
    if all(one == patterns.EVERYTHING for one in extents.values()):
        return None
    found: list[Grant] = []
    for grant in _offers_of(extents, host, known, words, prefer):
        if own is not None and all(own.extent(one) == patterns.NOTHING for one in grant.core):
            continue
        if _is_allowed(grant, extents) and not _is_said(grant, found):
            found = [one for one in found if not _is_said(one, [grant])]
            found.append(grant)
    return tuple(grant.name for grant in found)


def too_wide(rights: Rights, host: str, knowledge: Knowledge) -> tuple[str, ...]:
    """The host's own names that grant more than `rights`: what a deny list has to hold."""
    known, words = knowledge.derived(RightsTables), knowledge.derived(Vocabulary)
    extents = {name: _available(rights.extent(name)) for name in known.tools}
    own = words.own(host)[0]
    return tuple(
        name
        for name, vocabulary, _ in words.names(host)
        if vocabulary == own and not _is_allowed(words.grant(name, host), extents)
    )


def _available(one: Extent) -> Extent:
    """An extent without the difference between what is allowed and what is asked for."""
    return extent(
        *(tuple(Rule(r.pattern, Level.ALLOW if r.level else Level.DENY) for r in layer) for layer in one.layers)
    )


def _is_allowed(grant: Grant, extents: dict[str, Extent]) -> bool:
    wanted = extent((Rule(grant.pattern, Level.ALLOW),))
    return all(patterns.covers(extents[one], wanted) for one in grant.capabilities if one in extents)


def _is_said(grant: Grant, others: Sequence[Grant]) -> bool:
    """Whether some names grant together all that one of them does."""
    for one in grant.capabilities:
        wide = extent(tuple(Rule(other.pattern, Level.ALLOW) for other in others if one in other.capabilities))
        if not patterns.covers(wide, extent((Rule(grant.pattern, Level.ALLOW),))):
            return False
    return True


def _offers_of(
    extents: dict[str, Extent],
    host: str,
    known: RightsTables,
    words: Vocabulary,
    prefer: Sequence[str],
) -> Iterator[Grant]:
    """Names that may say a part of some rights: those asked for, the host's own, and those with a limit."""
    for name in prefer:
        yield words.grant(name, host)
    own, first = list(words.names(host)), words.own(host)[0]
    for name, vocabulary_, _ in own:
        if vocabulary_ == first:
            yield words.grant(name, host)
    for capability, one in extents.items():
        for pattern in sorted(
            {rule.pattern for layer in one.layers for rule in layer if rule.level and rule.pattern != ANY}
        ):
            yield from _limited(capability, pattern, own, first, known, words, host)


def _limited(
    capability: str,
    pattern: str,
    own: Sequence[tuple[str, str, frozenset[str]]],
    first: str,
    known: RightsTables,
    words: Vocabulary,
    host: str,
) -> Iterator[Grant]:
    if capability == MCP:
        server, _, tool = pattern.partition("/")
        form = words.lists(host).server or "mcp__{server}__{tool}"
        yield words.grant(form.format(server=server, tool=tool or ANY), host)
    elif capability == OTHER:
        yield words.grant(pattern.removesuffix("(*") if pattern.endswith("(*") else f"{pattern})", host)
    elif known.host(host).get("limits"):
        shown = shown_argument(pattern, words.kind(capability))
        for name, vocabulary_, means in own:
            if vocabulary_ == first and capability in means:
                yield words.grant(f"{name}({shown})", host)


# Lists of names


def common(lists: Sequence[tuple[Sequence[str], str]], host: str, knowledge: Knowledge) -> tuple[str, ...]:
    """The names that say, in a host's vocabulary, what every list grants: each list with the host that reads it.

    A name of the first list stands where each other list grants the same, or has a name of its own for it.
    """
    words, known = knowledge.derived(Vocabulary), knowledge.derived(RightsTables)
    granted = [[one for name in listed for one in _granted(name, own, known, words)] for listed, own in lists]
    extents = [_extents(grants, known) for grants in granted]
    least = dict.fromkeys(known.tools, patterns.EVERYTHING)
    for found in extents:
        least = {one: patterns.least(least[one], found[one]) for one in least}
    kept = [
        one for one in granted[0] if all(_lets_through(one, *row) for row in zip(granted[1:], extents[1:], strict=True))
    ]
    prefer = [one.name for rows in granted for one in rows if one not in kept and words.is_of(one, host)]
    named = frozenset[str].intersection(*(frozenset[str]().union(*(one.core for one in rows)) for rows in granted))
    near = _Near(kept)
    preferred = frozenset(prefer)
    for grant in _offers_of(least, host, known, words, prefer):
        if grant.name not in preferred and not grant.core <= named:
            # What only comes along with another right is no name that both have.
            continue
        if _is_allowed(grant, least) and not _is_said(grant, near.of(grant)):
            near.add(grant)
    # Of two names for one tool both may stand; what another one says and more goes.
    narrow = [one for one in near.all if not any(_is_said(one, [o]) and not _is_said(o, [one]) for o in near.of(one))]
    order = {name: place for place, name in reversed([*enumerate(name for listed, _ in lists for name in listed)])}
    return tuple(sorted(dict.fromkeys(one.name for one in narrow), key=lambda name: order.get(name, len(order))))


class _Near:
    """Grants, each with those that may include it: a name that no table knows only with itself."""

    def __init__(self, grants: Iterable[Grant]) -> None:
        self.all: list[Grant] = []
        self._groups: dict[tuple[str, str], list[Grant]] = {}
        for grant in grants:
            self.add(grant)

    def add(self, grant: Grant) -> None:
        """One more."""
        self.all.append(grant)
        pattern = grant.pattern if patterns.is_plain(grant.pattern) else _ODD
        for key in (_ALL, pattern):
            self._groups.setdefault((self._group(grant), key), []).append(grant)

    def of(self, grant: Grant) -> list[Grant]:
        """Those that may say the same or more."""
        group = self._group(grant)
        if not patterns.is_plain(grant.pattern):
            return self._groups.get((group, _ALL), [])
        keys = (*patterns.plain_wider(grant.pattern), _ODD)
        return [one for key in keys for one in self._groups.get((group, key), ())]

    @staticmethod
    def _group(grant: Grant) -> str:
        return "" if grant.vocabulary else parted(grant.name)[0]


_ALL, _ODD = "\0all", "\0odd"
"""No patterns: every grant of a group, and those whose pattern is neither a text nor the beginning of texts."""


def _granted(name: str, host: str, known: RightsTables, words: Vocabulary) -> tuple[Grant, ...]:
    if name != ANY:
        return words.grants(name, host)
    return (Grant(ANY, host, frozenset(known.tools), ANY, frozenset(known.tools)),)


def _extents(grants: Sequence[Grant], known: RightsTables) -> dict[str, Extent]:
    return {
        one: extent(tuple(Rule(grant.pattern, Level.ALLOW) for grant in grants if one in grant.capabilities))
        for one in known.tools
    }


def _lets_through(grant: Grant, grants: Sequence[Grant], extents: dict[str, Extent]) -> bool:
    return _is_allowed(grant, extents) or any(stands_for(grant, other) for other in grants)


# Joining --------------------------------------------------------------------------------------------------------------
#
# One field of several definitions: the value that grants what all of them grant.


class _Given(NamedTuple):
    """The field of each definition, and which of them are there."""

    fields: Sequence[Field | None]
    present: Sequence[int]
    hosts: Sequence[str]
    knowledge: Knowledge

    @property
    def there(self) -> list[Field]:
        return [field for number in self.present if (field := self.fields[number]) is not None]


class Least(NamedTuple):
    """The verdict on a field: that of one definition as it stands, a value of its own, or none."""

    place: int | None = None
    """Which of the given fields stands, or lends its form to `value`."""
    value: Value = None
    is_new: bool = False
    note: str = ""
    is_empty: bool = False
    """Whether nothing is left of lists that each granted something."""


def least_field(fields: Sequence[Field | None], hosts: Sequence[str], knowledge: Knowledge) -> Least:
    """The field that grants no more than each of some, absent ones included; `hosts` reads each of them.

    Hooks that hold something back are united, all others only kept where every definition has them. Raises ValueError
    where no field is there.
    """
    present = [number for number, field in enumerate(fields) if not is_absent(field)]
    if not present:
        raise ValueError("no field to join")
    key = next(field.key for field in fields if field is not None)
    info = knowledge.field_info(key)
    kinds = {"allow": _lists, "agents": _lists, "deny": _denied, "grant": _grants, "hooks": _hooks, "servers": _entries}
    kinds |= {"levels": _levels, "switches": _lists}
    found = kinds.get(info.rights, _choice)(_Given(fields, present, hosts, knowledge))
    return _as_it_stands(found, fields, knowledge, is_set=info.shape == "set")


def united_field(fields: Sequence[Field | None], knowledge: Knowledge) -> Least:
    """All entries of some maps or lists, such as hooks by event and servers by name; the first of two with one name."""
    rows = [field.value for field in fields if field is not None and isinstance(field.value, tuple)]
    if len(rows) == len(fields):
        entries: dict[str, Value] = {}
        for item in (item for row in rows for item in row):
            entries.setdefault(spelt(item), item)
        return _as_it_stands(Least(0, tuple(entries.values()), is_new=True), fields, knowledge, is_set=False)
    maps = [field.value for field in fields if field is not None and isinstance(field.value, Mapping)]
    if len(maps) < len(fields):
        return Least(0)
    kept: dict[str, Value] = {}
    for name, item in ((name, item) for found in maps for name, item in found.items()):
        before = kept.get(name)
        if isinstance(before, tuple) and isinstance(item, tuple):
            kept[name] = (*before, *(one for one in item if spelt(one) not in {spelt(other) for other in before}))
        else:
            kept.setdefault(name, item)
    return _as_it_stands(Least(0, kept, is_new=True), fields, knowledge, is_set=False)


def _as_it_stands(found: Least, fields: Sequence[Field | None], knowledge: Knowledge, *, is_set: bool) -> Least:
    """The first field that already says the value."""
    if not found.is_new:
        return found
    for number, field in enumerate(fields):
        if field is None or field.value is None:
            continue
        info = knowledge.field_info(field.key)
        if is_set:
            same = set(members(info, field.value)) == set(members(info, found.value))
        else:
            same = field.value == found.value and flat_keys(field.value) == flat_keys(found.value)
        if same:
            return found._replace(place=number, value=None, is_new=False)
    return found


def _members(given: _Given) -> list[tuple[str, ...]]:
    return [members(given.knowledge.field_info(field.key), field.value) for field in given.there]


def _lists(given: _Given) -> Least:
    """What every list lets through; a list that is not there lets everything through, a map that only denies too."""
    key, found, words = given.there[0].key, _members(given), given.knowledge.derived(Vocabulary)
    denied = unique(name for names in found for name in names if name.startswith(DENIED))
    rows = [
        (tuple(name for name in names if not name.startswith(DENIED)), given.hosts[number])
        for names, number in zip(found, given.present, strict=True)
        if (not names and not words.empty_is_all(given.hosts[number])) or any(not n.startswith(DENIED) for n in names)
    ]
    if not rows:
        return Least(given.present[0], denied, is_new=True)
    limited = [row for row in rows if ANY not in row[0]]
    if given.knowledge.field_info(key).rights == "agents":
        named = [set(names) for names, _ in limited]
        names = tuple(n for n in (limited or rows)[0][0] if all(n in other for other in named))
    else:
        names = common(limited, given.hosts[given.present[0]], given.knowledge) if limited else (ANY,)
    kept = tuple(name for name in names if f"{DENIED}{name}" not in denied)
    is_empty = not kept and all(names for names, _ in rows)
    if is_empty and not denied and words.empty_is_all(given.hosts[given.present[0]]):
        # An empty list would grant everything there.
        return Least(given.present[0], is_empty=True, note="nothing in common, and an empty list grants all")
    return Least(given.present[0], (*kept, *denied), is_new=True, is_empty=is_empty)


def _denied(given: _Given) -> Least:
    """All that any list denies, each tool once."""
    words, kept = given.knowledge.derived(Vocabulary), list[str]()
    said = set()
    for names, number in zip(_members(given), given.present, strict=True):
        for name in names:
            grant = words.grant(name, given.hosts[number])
            meaning = (grant.capabilities, grant.pattern)
            if meaning not in said or not grant.vocabulary:
                kept.append(name)
            said.add(meaning)
    return Least(given.present[0], unique(kept), is_new=True)


def _grants(given: _Given) -> Least:
    """What every definition has listed."""
    if len(given.present) < len(given.fields):
        return Least(note="not every variant grants it")
    found = _members(given)
    first = given.there[0]
    if isinstance(first.value, Mapping):
        return _entries(given)
    row = given.knowledge.field_row(first.key)
    if row.get("capability") or not first.key.endswith("-tools"):
        names = tuple(name for name in found[0] if all(name in other for other in found))
    else:
        names = common(
            [(names, given.hosts[number]) for names, number in zip(found, given.present, strict=True)],
            given.hosts[0],
            given.knowledge,
        )
    return Least(given.present[0], names, is_new=True, is_empty=not names and all(found))


def _entries(given: _Given) -> Least:
    """The entries of a map, or of a list, that every definition has alike."""
    if len(given.present) < len(given.fields):
        return Least(note="not every variant grants it")
    values = [field.value for field in given.there]
    if all(isinstance(value, Mapping) for value in values):
        maps = [value for value in values if isinstance(value, Mapping)]
        kept = {name: item for name, item in maps[0].items() if all(spelt(m.get(name)) == spelt(item) for m in maps)}
        return Least(given.present[0], kept, is_new=True) if kept else Least(note="the variants grant different things")
    if all(isinstance(value, tuple) for value in values):
        rows = [{spelt(item) for item in value} for value in values if isinstance(value, tuple)]
        first = values[0]
        assert isinstance(first, tuple)
        common_ = tuple(item for item in first if all(spelt(item) in row for row in rows))
        return (
            Least(given.present[0], common_, is_new=True)
            if common_
            else Least(note="the variants grant different things")
        )
    if len({spelt(value) for value in values}) == 1:
        return Least(given.present[0])
    return Least(note="the variants grant different things")


RUNS = "not every variant runs it, and a person has to decide"
"""Why commands are left out."""


def _hooks(given: _Given) -> Least:
    """Each hook that holds something back, and of the others those that every definition has; what not every one runs
    is left out, and a person has to say whether it runs."""
    maps = [field.value for field in given.there if isinstance(field.value, Mapping)]
    if len(maps) < len(given.present):
        return _entries(given)
    kept: dict[str, Value] = {}
    asks = False
    for event in dict.fromkeys(event for found in maps for event in found):
        rows = [_rows(found.get(event)) for found in maps]
        entries = {text: entry for row in rows for text, entry in row.items()}
        of_all = {text for text in entries if len(maps) == len(given.fields) and all(text in row for row in rows)}
        stands = tuple(entry for text, entry in entries.items() if text in of_all or _holds_back(event, entry, given))
        asks = asks or len(stands) < len(entries)
        if stands:
            kept[event] = stands
    if not kept:
        return Least(note=RUNS, is_empty=asks)
    return Least(given.present[0], kept, is_new=True, note=RUNS if asks else "", is_empty=asks)


def _holds_back(event: str, entry: Value, given: _Given) -> bool:
    return bool(_rights(_field("hooks", {event: (entry,)}), given.hosts[0], given.knowledge).guards)


def _rows(value: Value) -> dict[str, Value]:
    items = value if isinstance(value, tuple) else () if value is None else (value,)
    return {spelt(item): item for item in items}


def _choice(given: _Given) -> Least:
    """The field whose rights every other one covers; where none is, the first that none is below of."""
    key = given.there[0].key
    rights = [_rights(field, host, given.knowledge, key) for field, host in zip(given.fields, given.hosts, strict=True)]
    below = [number for number, one in enumerate(rights) if all(covers(other, one) for other in rights)]
    best = [number for number in below if number in given.present]
    if best:
        return Least(best[0])
    if below:
        return Least(note="a variant without the field grants less")
    lowest = [
        number
        for number in given.present
        if not any(covers(rights[number], other) and not covers(other, rights[number]) for other in rights)
    ]
    return Least((lowest or list(given.present))[0])


def _rights(field: Field | None, host: str, knowledge: Knowledge, key: str = "") -> Rights:
    return rights_of(() if field is None else (field,), host, knowledge, guessed=True, about=key)


def _levels(given: _Given) -> Least:
    """Of maps of levels the strictest, key by key; checked against each of them."""
    key, host = given.there[0].key, given.hosts[given.present[0]]
    rights = [_rights(given.fields[number], given.hosts[number], given.knowledge) for number in given.present]
    value = _strictest(tuple(one.word for one in Level), [field.value for field in given.there])
    if isinstance(value, Mapping):
        value = _lowered(value, _Lowering(key, host, meet(*rights), given.knowledge))
    made = _rights(_field(key, value), host, given.knowledge)
    if all(covers(one, made) for one in rights):
        return Least(given.present[0], value, is_new=True)
    return _choice(given)


def _field(key: str, value: Value) -> Field:
    return Field(key, 0, 0, 0, "", value, spelt(value), "")


class _Lowering(NamedTuple):
    """What no entry of a map of levels may be above."""

    key: str
    host: str
    least: Rights
    knowledge: Knowledge

    def level(self, about: str, scope: str, item: Value) -> Value:
        """The level of one entry, or a lower one; of a pattern of names the covering check is all."""
        wanted = level(item)
        if wanted is None or ANY in about:
            return item
        own = _rights(_field(self.key, {about: {scope: item} if scope else item}), self.host, self.knowledge)
        reached = [(said.capability, rule.pattern) for said in own.said if said.key == self.key for rule in said.layer]
        levels = [self.least.extent(name).level(sample(pattern)) for name, pattern in reached]
        return min([*levels, wanted]).word


def _lowered(value: Mapping[str, Value], to: _Lowering, about: str = "") -> Mapping[str, Value]:
    """A map of levels in which no entry is above what all grant, general entries first."""
    rows: dict[str, Value] = {}
    for name in sorted(value, key=_breadth):
        item = value[name]
        if isinstance(item, Mapping):
            rows[name] = _lowered(item, to, name)
        else:
            rows[name] = to.level(about or name, name if about else "", item)
    return rows


def _breadth(pattern: str) -> int:
    """Patterns that take everything first: of several rules the last one that fits counts."""
    return 0 if pattern == ANY else 1 if ANY in pattern else 2


def _strictest(scale: Sequence[str], values: Sequence[Value]) -> Value:
    """Of several maps of levels the strictest, key by key; what can't be compared is on the least permissive level."""
    given = [value for value in values if value is not None]
    if any(isinstance(value, Mapping) for value in given):
        # A level by itself is that of everything.
        given = [{ANY: value} if isinstance(value, str) and value in scale else value for value in given]
    if all(isinstance(value, Mapping) for value in given):
        maps = [value for value in given if isinstance(value, Mapping)]
        keys = dict.fromkeys(key for value in maps for key in value)
        return {key: _strictest(scale, [value.get(key) for value in maps]) for key in keys}
    if all(isinstance(value, tuple) for value in given):
        return _strictest_rules([value for value in given if isinstance(value, tuple)])
    if all(isinstance(value, str) and value in scale for value in given):
        return min((str(value) for value in given), key=scale.index)
    return given[0] if len(set(map(str, given))) == 1 else scale[0]


def _strictest_rules(lists: Sequence[tuple[Value, ...]]) -> Value:
    """Of several lists of rules each one that holds something back, and of those that allow what all lists hold."""
    kept: list[Value] = []
    for rule in (rule for rules in lists for rule in rules):
        effect = rule_effect(rule) if isinstance(rule, Mapping) else None
        holds_back = effect is not None and effect[1] < Level.ALLOW
        if rule not in kept and (holds_back or all(rule in rules for rules in lists)):
            kept.append(rule)
    return tuple(kept)
