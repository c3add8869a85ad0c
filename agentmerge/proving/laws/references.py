"""What names something else still names it: links, labels, identifiers, other agents."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import Definition, Section, Unit, walk_units
from agentmerge.planning.records import Notice
from agentmerge.proving.cases import Case, Reading, bare, law, slug_of
from agentmerge.reading import relations
from agentmerge.reading.relations import folded, used_labels

# Agents ---------------------------------------------------------------------------------------------------------------
#
# The name of another agent, of which the result is one now, or that it has no longer itself.


class _Words:
    """The table of words, ready to be asked."""

    def __init__(self, knowledge: Knowledge) -> None:
        table = knowledge.raw("proving")
        self.handing = "|".join(map(re.escape, table["handing"]))
        self.kinds = "|".join(map(re.escape, table["kinds"]))


@law("absorbed-name")
def agent_names(case: Case) -> Iterator[Notice]:
    own = _name(case.result)
    names = [_name(source) for source in case.sources]
    others = sorted({name for name in names if name and _agent_folded(name) != _agent_folded(own)})
    if not own or not others:
        return
    words = case.knowledge.derived(_Words)
    for other in others:
        mention = _mention(other, words)
        lines = sorted(line for line, text in _texts(case.read) if mention.search(text) and not _old(case, names, text))
        if lines:
            yield case.notice("absorbed-name", f"'{other}' is '{own}' now, and is still named", lines)
    yield from _to_itself(case, own, names, words)


def _to_itself(case: Case, own: str, names: list[str], words: _Words) -> Iterator[Notice]:
    """Work that another agent gave to the one that it is now."""
    mention = _mention(own, words)
    handed: dict[int, None] = defaultdict()
    for file, reading in case.readings():
        if _agent_folded(names[file]) in ("", _agent_folded(own)):
            continue
        for place in reading.places:
            found = case.landed(file, place.unit) if mention.search(place.unit.flow) else None
            if found is not None and mention.search(found.flow) and not _old(case, names, found.flow):
                handed[found.line] = None
    if handed:
        yield case.notice("absorbed-name", f"it hands over to '{own}', which is itself now", sorted(handed))


def _name(definition: Definition) -> str:
    field = definition.field("name")
    return field.text.strip() if field is not None and isinstance(field.value, str) else ""


def _agent_folded(name: str) -> str:
    """A name without what is only its spelling."""
    return re.sub(r"[\W_]+", "", name.lower())


def _texts(reading: Reading) -> Iterator[tuple[int, str]]:
    """Line and text of whatever may name an agent, but for its own name."""
    for field in reading.definition.fields:
        if field.key != "name":
            yield field.line, field.text
    for place in reading.places:
        yield place.unit.line, place.unit.flow


def _old(case: Case, names: list[str], text: str) -> bool:
    """Whether a source of the result's own name says it: there it was about another one, and stays so."""
    own = _name(case.result)
    flat = " ".join(text.split())
    for (_, reading), name in zip(case.readings(), names, strict=True):
        if name == own and any(" ".join(said.split()) == flat for _, said in _texts(reading)):
            return case.are_versions
    return False


def _mention(name: str, words: _Words) -> re.Pattern[str]:
    """How a text speaks of an agent: a compound name by itself, a plain word only where it is meant as a name."""
    bare = rf"(?<![\w/.-]){re.escape(name)}(?![\w/-]|\.\w)"
    if re.search(r"[^a-z]", name) and not name.istitle():
        return re.compile(bare, re.IGNORECASE)
    quoted = rf"[`'\"@“]{re.escape(name)}[`'\"”]?"
    kind = rf"{bare}[ -](?:{words.kinds})\b"
    return re.compile(
        rf"(?:{quoted}|{kind}|(?:{words.handing})\s+(?:over\s+|off\s+)?(?:to\s+)?(?:the\s+)?{bare})", re.IGNORECASE
    )


# Anchors --------------------------------------------------------------------------------------------------------------
#
# A link to a heading leads where it led.


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
def anchors(case: Case) -> Iterator[Notice]:
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


# Identifiers ----------------------------------------------------------------------------------------------------------
#
# An identifier such as `R-03` stands for one thing, and for something.


_ID = r"[A-Z][A-Z]{0,5}(?:-[A-Z]{1,6})?-?\d{1,4}"
_DEFINES = re.compile(rf"\A[\s*_`\[(]*(?P<id>{_ID})(?![\w-])[\]`)*_]*\s*(?P<after>[:.)–—|-]|\Z)?")
_ROW = re.compile(rf"^[ \t]*\|[ \t*_`]*(?P<id>{_ID})[ \t*_`]*\|", re.MULTILINE)
_USE = re.compile(rf"(?<![\w/.-])(?P<id>{_ID})(?![\w/-])")


@law("id-broken")
def identifiers(case: Case) -> Iterator[Notice]:
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
            found[match["id"]].append((section.line, _identifiers_folded(section.title)))
    for place in reading.places:
        unit = place.unit
        if unit.kind in ("item", "task", "paragraph"):
            match = _DEFINES.match(unit.flow)
            if match is not None and (match["after"] is not None or unit.lead == match["id"]):
                found[match["id"]].append((unit.line, _identifiers_folded(unit.flow)))
        elif unit.kind == "table":
            for match in _ROW.finditer(unit.source):
                row = unit.source[match.start() :].partition("\n")[0]
                found[match["id"]].append(
                    (unit.line + unit.source.count("\n", 0, match.start()), _identifiers_folded(row))
                )
    return found


def _identifiers_folded(text: str) -> str:
    return " ".join(text.lower().split())


# Labels ---------------------------------------------------------------------------------------------------------------
#
# Labels of links and footnotes that are used are defined, once.


@law("label-broken")
def labels(case: Case) -> Iterator[Notice]:
    if "[" not in case.result.text:
        return
    yield from _twice(case)
    yield from _undefined(case)


def _definitions(reading: Reading) -> dict[str, list[tuple[int, str]]]:
    """Line and meaning of each definition, by label."""
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    if "]:" in reading.definition.text:
        for place in reading.places:
            if place.unit.kind == "reference":
                meaning = place.unit.flow.partition("]:")[2]
                found[folded(place.unit.label)].append((place.unit.line, " ".join(meaning.split())))
    return found


def _twice(case: Case) -> Iterator[Notice]:
    """Labels with two meanings: whoever reads on finds only one of them."""
    for label, found in _definitions(case.read).items():
        if _has_two(found) and not any(_has_two(_definitions(reading)[label]) for _, reading in case.readings()):
            yield case.notice("label-broken", f"[{label}] is defined with two meanings", [line for line, _ in found])


def _has_two(found: Sequence[tuple[int, str]]) -> bool:
    return len({meaning for _, meaning in found}) > 1


def _undefined(case: Case) -> Iterator[Notice]:
    """Labels that are used in the result without a definition, and had one where they come from."""
    there = set(_definitions(case.read))
    lost: dict[str, list[int]] = defaultdict(list)
    for file, source in enumerate(case.sources):
        for note in relations.notes(source):
            label = folded(note.label)
            if label in there:
                continue
            for line in note.used:
                unit = case.source(file).by_line.get(line)
                found = case.landed(file, unit) if unit is not None else None
                if found is not None and label in used_labels(bare(found.source)) and found.line not in lost[label]:
                    lost[label].append(found.line)
    for label, lines in lost.items():
        if lines:
            yield case.notice("label-broken", f"[{label}] is used and no longer defined", sorted(lines))
