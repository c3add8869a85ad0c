"""Hosts that a statement reaches: another address is another place for what is sent, fetched or run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from agentmerge.diffing.changes import path_of
from agentmerge.drifting.records import NO_WORDS, Finding
from agentmerge.drifting.registry import Comparison, in_line, rule, spots_of
from agentmerge.matching.pairwise import Pair
from agentmerge.matching.records import data_of, leaf_text, leaves
from agentmerge.model import Unit

_HOST = re.compile(
    r"(?<!\w)(?:(https?|wss?|ftp|ssh|git)://(?:[^\s/@'\"<>()]{1,200}@)?|mailto:[^\s@]{1,200}@)([\w.-]{1,253}(?::\d+)?)"
)
_PLAIN = {"https": "http", "wss": "ws"}
"""Schemes that keep what is sent from others, with the ones that don't."""


@rule("destination-changed", order=55)
def destinations(comparison: Comparison) -> Iterator[Finding]:
    """A finding for each two statements of which the second one names another host than the first."""
    for pair in comparison.matching.units:
        if pair.a.says_same(pair.b):
            continue
        if bare := _in_data(pair):
            told = "; ".join(f"{path}: '{old}' became '{new}'" for path, old, new in bare)
            owns = tuple(path for path, _, _ in bare)
            yield comparison.finding("destination-changed", told, path_of(pair.b), *spots_of(pair), owns=owns)
        if not (hosts := _exchanged(pair.a.text, pair.b.text)):
            continue
        message = f"'{hosts[0]}' became '{hosts[1]}': {in_line(pair.b.text, 120)}"
        runs = any("`" in one.text or getattr(one.node, "kind", "") == "code" for one in (pair.a, pair.b))
        runs = runs or not _same_sites(pair.a.text, pair.b.text)
        owns = tuple(_with_hosts(comparison, pair)) or NO_WORDS
        yield comparison.finding(
            "destination-changed", message, path_of(pair.b), *spots_of(pair), mild=not runs, owns=owns
        )


def _in_data(pair: Pair) -> list[tuple[str, str, str]]:
    """Names of hosts without a scheme that changed in a block of data, by their path."""
    old, new = pair.a.node, pair.b.node
    if not isinstance(old, Unit) or not isinstance(new, Unit) or old.kind != "code":
        return []
    before, after = ({path: leaf_text(leaf).lower() for path, leaf in leaves(data_of(unit))} for unit in (old, new))
    return [
        (path, host, after[path])
        for path, host in before.items()
        if path in after
        and host != after[path]
        and _BARE.fullmatch(host)
        and _BARE.fullmatch(after[path])
        and _site(host) != _site(after[path])
    ]


_BARE = re.compile(
    r"(?:[a-z0-9-]{1,63}\.)+(?!(?:md|json|ya?ml|toml|txt|py|js|ts|sh|html|css|lock|cfg|ini)\b)[a-z]{2,24}(?::\d+)?"
)
"""A host as data names it; what ends like a file is one."""


def _hosts(text: str) -> list[tuple[str, str]]:
    """Scheme and name of each host in a text, once."""
    return list(dict.fromkeys((scheme, host.lower().rstrip(".")) for scheme, host in _HOST.findall(text)))


def _exchanged(old: str, new: str) -> tuple[str, str] | None:
    """The hosts that one text names no longer, and those that the other names now; a safer scheme is no other host."""
    before, after = _hosts(old), _hosts(new)
    safer = {(_PLAIN.get(scheme, scheme), host) for scheme, host in after}
    gone = [one for one in before if one not in after and one not in safer]
    fresh = [one for one in after if one not in before]
    return (_shown(gone), _shown(fresh)) if gone and fresh else None


def _same_sites(old: str, new: str) -> bool:
    """Whether the new hosts belong to the sites of the old ones: `docs.a.example` and `www.a.example`."""
    before, after = ({_site(host) for _, host in _hosts(text)} for text in (old, new))
    return after <= before


def _site(host: str) -> str:
    """The part of a host's name that one owner registers, near enough: of `a.co.uk` three names, else two."""
    names = host.split(":", maxsplit=1)[0].split(".")
    short = len(names) > 2 and len(names[-1]) == 2 and len(names[-2]) <= 3
    return ".".join(names[-3:] if short else names[-2:])


def _shown(hosts: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{scheme}://{host}" if scheme else host for scheme, host in hosts)


def _with_hosts(comparison: Comparison, pair: Pair) -> Iterator[str]:
    """The sentences of two units in which a host changed."""
    for a, b in comparison.sentences_of(pair):
        if _exchanged(a.text, b.text):
            yield from (a.text, b.text)
