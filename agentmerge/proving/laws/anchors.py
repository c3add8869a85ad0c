"""A link to a heading leads where it led."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from agentmerge.model import Section, Unit, walk_units
from agentmerge.outcome import Notice
from agentmerge.proving.reading import Reading, slug_of
from agentmerge.proving.records import Case
from agentmerge.proving.registry import law


class Astray(NamedTuple):
    """A link of the result that does not lead where it led in a source."""

    unit: Unit
    """In the result."""
    anchor: str
    """As it is written, without the `#`."""
    was: str
    """Title of the heading that it led to."""
    now: Section | None
    """The heading that holds what stood there; None where nothing tells it."""


@law("anchor-broken")
def look(case: Case) -> Iterator[Notice]:
    told: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for one in astray(case):
        now = f" is '{one.now.title}' now" if one.now is not None else " is gone"
        if one.now is not None and one.now.title.lower() == one.was.lower():
            now = " is another one now"
        told[one.anchor, one.was, now].append(one.unit.line)
    for (anchor, was, now), lines in told.items():
        yield case.notice("anchor-broken", f"#{anchor} leads nowhere or elsewhere: '{was}'{now}", sorted(lines))


def astray(case: Case) -> Iterator[Astray]:
    """Each link to a heading that was right in a source and is not in the result, once for each unit and anchor."""
    if "(#" not in case.result.text and "]:" not in case.result.text and "href" not in case.result.text:
        return
    seen: set[tuple[int, str]] = set()
    written: dict[int, set[str]] = defaultdict(set)
    for unit, link in case.read.links:
        if link.target.startswith("#"):
            written[unit.line].add(link.target[1:])
    if not written:
        return
    for file, reading in case.readings():
        for unit, link in reading.links:
            anchor = link.target[1:]
            target = reading.anchors.get(anchor.lower())
            if not link.target.startswith("#") or target is None:
                continue
            found = case.landed(file, unit)
            if found is None or anchor not in written[found.line] or (found.line, anchor) in seen:
                continue
            there = case.read.anchors.get(anchor.lower())
            home = _home(case, file, reading, target)
            if not _is_right(there, home, target, anchor, case.read):
                seen.add((found.line, anchor))
                yield Astray(found, anchor, target.title, home)


def _is_right(there: Section | None, home: Section | None, was: Section, anchor: str, now: Reading) -> bool:
    if there is None:
        return anchor.lower() in now.anchors
    is_same = slug_of(there.title) == slug_of(was.title)
    return home is None or there.line == home.line or (is_same and slug_of(home.title) != slug_of(was.title))


def _home(case: Case, file: int, reading: Reading, section: Section) -> Section | None:
    """The heading of the result under which most of what stood below a heading of a source stands."""
    votes: Counter[int] = Counter()
    headings: dict[int, Section] = {}
    for place in walk_units(section):
        found = case.landed(file, place.unit)
        above = case.read.homes.get(found.line, ()) if found is not None else ()
        depth = len(reading.homes[place.unit.line]) - 1 - _level_of(reading.homes[place.unit.line], section)
        if len(above) > depth:
            heading = above[len(above) - 1 - depth]
            headings[heading.line] = heading
            votes[heading.line] += 1
    named = [line for line in votes if slug_of(headings[line].title) == slug_of(section.title)]
    if named:
        return headings[max(named, key=lambda line: votes[line])]
    return headings[votes.most_common(1)[0][0]] if votes else None


def _level_of(path: tuple[Section, ...], section: Section) -> int:
    """Where a heading stands among those above a unit."""
    return next((number for number, one in enumerate(path) if one.line == section.line), len(path) - 1)
