"""Rights back into the names of a host: the same ones or fewer, never more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from agentmerge.knowledge import Knowledge
from agentmerge.rights import patterns
from agentmerge.rights.comparing import stands_for
from agentmerge.rights.meanings import RightsTables
from agentmerge.rights.patterns import ANY, Extent, Level, Rule, extent
from agentmerge.rights.records import Rights
from agentmerge.rights.vocabulary import MCP, OTHER, Grant, Vocabulary, parted, shown_argument


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
