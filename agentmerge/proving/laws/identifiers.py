"""An identifier such as `R-03` stands for one thing, and for something."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from agentmerge.model import Section
from agentmerge.outcome import Notice
from agentmerge.proving.reading import Reading, bare
from agentmerge.proving.records import Case
from agentmerge.proving.registry import law

_ID = r"[A-Z][A-Z]{0,5}(?:-[A-Z]{1,6})?-?\d{1,4}"
_DEFINES = re.compile(rf"\A[\s*_`\[(]*(?P<id>{_ID})(?![\w-])[\]`)*_]*\s*(?P<after>[:.)–—|-]|\Z)?")
_ROW = re.compile(rf"^[ \t]*\|[ \t*_`]*(?P<id>{_ID})[ \t*_`]*\|", re.MULTILINE)
_USE = re.compile(rf"(?<![\w/.-])(?P<id>{_ID})(?![\w/-])")


@law("id-broken")
def look(case: Case) -> Iterator[Notice]:
    now = _defined(case.read)
    sources = [(file, reading, _defined(reading)) for file, reading in case.readings()]
    for name, found in now.items():
        lines = sorted(line for line, _ in found)
        if len({text for _, text in found}) > 1 and not any(len(own.get(name, ())) > 1 for _, _, own in sources):
            yield case.notice("id-broken", f"{name} stands for two things", lines)
    for name, section in _swallowed(case):
        yield case.notice(
            "id-broken", f"{name} stands for two things: its heading was also another one", [section.line]
        )
    lost: dict[str, set[int]] = defaultdict(set)
    for file, reading, own in sources:
        gone = own.keys() - now.keys()
        for place in reading.places if gone else ():
            used = set(_USE.findall(bare(place.unit.flow))) & gone
            found_unit = case.landed(file, place.unit) if used else None
            if found_unit is not None:
                for name in used & set(_USE.findall(found_unit.flow)):
                    lost[name].add(found_unit.line)
    for name in sorted(lost):
        yield case.notice("id-broken", f"{name} is used, and what it stood for is gone", sorted(lost[name]))


def _swallowed(case: Case) -> Iterator[tuple[str, Section]]:
    """Headings whose identifier another heading of a source had for something else: one of the two is gone."""
    now = {match["id"]: one for _, one in case.read.sections if (match := _DEFINES.match(one.title)) is not None}
    if case.are_versions or not now:
        return
    titles = [section.title for _, reading in case.readings() for _, section in reading.sections]
    for title in titles:
        match = _DEFINES.match(title)
        found = now.get(match["id"]) if match is not None else None
        if match is not None and found is not None and _words(found.title).isdisjoint(_words(title)):
            yield match["id"], now.pop(match["id"])


def _words(title: str) -> set[str]:
    match = _DEFINES.match(title)
    return set(re.findall(r"[^\W\d_]{3,}", title[match.end() :].lower())) if match is not None else set()


def _defined(reading: Reading) -> dict[str, list[tuple[int, str]]]:
    """Line and text of whatever begins with an identifier, by identifier."""
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for _, section in reading.sections:
        match = _DEFINES.match(section.title)
        if match is not None:
            found[match["id"]].append((section.line, _folded(section.title)))
    for place in reading.places:
        unit = place.unit
        if unit.kind in ("item", "task", "paragraph"):
            match = _DEFINES.match(unit.flow)
            if match is not None and (match["after"] is not None or unit.lead == match["id"]):
                found[match["id"]].append((unit.line, _folded(unit.flow)))
        elif unit.kind == "table":
            for match in _ROW.finditer(unit.source):
                row = unit.source[match.start() :].partition("\n")[0]
                found[match["id"]].append((unit.line + unit.source.count("\n", 0, match.start()), _folded(row)))
    return found


def _folded(text: str) -> str:
    return " ".join(text.lower().split())
