"""`step 3` means in the result what it meant in its source, and no number stands for two things."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from agentmerge.knowledge import Knowledge
from agentmerge.model import Section, Unit
from agentmerge.outcome import Notice
from agentmerge.proving.reading import Reading, Row, bare
from agentmerge.proving.records import Case
from agentmerge.proving.registry import law

_SHOWN = 50
"""Characters of a step that a message shows."""
_COUNTERS = frozenset({"item", "task", "paragraph"})


class _Words:
    """The table of words, ready to be asked."""

    def __init__(self, knowledge: Knowledge) -> None:
        nouns = sorted(map(re.escape, knowledge.raw("proving")["ordinals"]), key=len, reverse=True)
        noun = rf"(?P<noun>{'|'.join(nouns)})(?:e?s|e?n)?[ \u00a0]*"
        self.use = re.compile(rf"(?<![\w-]){noun}#?(?P<number>\d{{1,2}})\b(?![.,:]?\d|\s*%)", re.IGNORECASE)
        self.label = re.compile(rf"\A[*_#>\s]*{noun}#?(?P<number>\d{{1,2}})\b(?=[\s*_]*(?:[:.)–—-]|\Z))", re.IGNORECASE)


@law("number-broken", "number-twice")
def look(case: Case) -> Iterator[Notice]:
    words = case.knowledge.derived(_Words)
    yield from _strayed(case, words)
    yield from _twice(case, words)


def _strayed(case: Case, words: _Words) -> Iterator[Notice]:
    """Uses of a number that lead to something else than they did."""
    told: dict[str, list[int]] = defaultdict(list)
    for file, reading in case.readings():
        if not reading.rows and not _labelled(reading, words):
            continue
        for unit, text, noun, number in _uses(reading, words):
            found = case.landed(file, unit)
            if found is None or text not in " ".join(found.flow.lower().split()):
                continue
            meant = _meant(reading, words, unit, noun, number)
            if len(meant) != 1 or _is_so(case, file, words, found, noun, number, meant[0]):
                continue
            told[_message(case, file, words, found, noun, number, meant[0])].append(found.line)
    for message, lines in told.items():
        yield case.notice("number-broken", message, sorted(lines))


def _uses(reading: Reading, words: _Words) -> Iterator[tuple[Unit, str, str, int]]:
    """Unit, the words in it, noun and number of each use; the label of a step is no use of its number."""
    for place in reading.places:
        if place.unit.kind not in _COUNTERS or not any(map(str.isdigit, place.unit.flow)):
            continue
        label = words.label.match(place.unit.flow)
        for match in words.use.finditer(bare(place.unit.flow)):
            if label is None or match.start("noun") != label.start("noun"):
                text = " ".join(match[0].lower().split())
                yield place.unit, text, match["noun"].lower(), int(match["number"])


def _labelled(reading: Reading, words: _Words) -> dict[tuple[str, int], list[Unit | Section]]:
    """What calls itself `Step 3`: headings and units, by noun and number."""
    found: dict[tuple[str, int], list[Unit | Section]] = defaultdict(list)
    for _, section in reading.sections:
        match = words.label.match(section.title)
        if match is not None:
            found[match["noun"].lower(), int(match["number"])].append(section)
    for place in reading.places:
        match = words.label.match(place.unit.flow) if place.unit.kind in _COUNTERS else None
        if match is not None:
            found[match["noun"].lower(), int(match["number"])].append(place.unit)
    return found


def _meant(reading: Reading, words: _Words, unit: Unit, noun: str, number: int) -> list[Unit | Section]:
    """What a number means for a unit: what has it as its label, else the one of the nearest list that is meant."""
    labelled = _labelled(reading, words)
    if any(key[0] == noun for key in labelled):
        return labelled.get((noun, number), [])
    rows = [row for row in reading.rows if row.numbers[0] is not None]
    for near in (
        [row for row in rows if _stands_in(unit, row)],
        [row for row in rows if _is_named(row, noun)],
        [row for row in rows if row.section == _section(reading, unit)],
        rows,
    ):
        if near:
            return _numbered(near[0], number) if len(near) == 1 else []
    return []


def _numbered(row: Row, number: int) -> list[Unit | Section]:
    return [one for one, own in zip(row.members, row.numbers, strict=True) if own == number]


def _stands_in(unit: Unit, row: Row) -> bool:
    """Whether a unit is a member of a list, or nested in one."""
    return any(isinstance(one, Unit) and one.extent.start <= unit.span.start < one.extent.end for one in row.members)


def _is_named(row: Row, noun: str) -> bool:
    return any(word.startswith(noun[:4]) for word in row.title.lower().split())


def _section(reading: Reading, unit: Unit) -> int:
    path = reading.homes.get(unit.line, ())
    return path[-1].line if path else 0


def _is_so(case: Case, file: int, words: _Words, unit: Unit, noun: str, number: int, was: Unit | Section) -> bool:
    """Whether the number still means the same, as far as anything tells."""
    expected = _counterpart(case, file, was)
    meant = _meant(case.read, words, unit, noun, number)
    if expected is None:
        # What it meant is gone: another thing has its number, or nothing.
        return False if not meant else _words_of(meant[0]) == _words_of(was)
    if len(meant) == 1:
        return meant[0].line == expected.line
    # Several lists may be meant now. As long as the number is its own, a reader finds it.
    return _number_of(case, words, expected, noun) == number and not meant


def _counterpart(case: Case, file: int, was: Unit | Section) -> Unit | Section | None:
    if isinstance(was, Unit):
        return case.landed(file, was)
    same = [one for _, one in case.read.sections if one.title.lower() == was.title.lower()]
    if same:
        return same[0]
    words = _words_of(was)
    same = [one for _, one in case.read.sections if words and _words_of(one) == words]
    return same[0] if len(same) == 1 else None


def _words_of(node: Unit | Section) -> str:
    """What a step says besides its number."""
    text = node.title if isinstance(node, Section) else node.flow
    return re.sub(r"\A[\W_]*(?:[^\W\d]+[ \u00a0]*)?#?\d{1,2}[\W_]*", "", text).strip().lower() or text.lower()


def _number_of(case: Case, words: _Words, node: Unit | Section, noun: str) -> int | None:
    for row in case.read.rows:
        for one, number in zip(row.members, row.numbers, strict=True):
            if one.line == node.line and number is not None:
                return number
    for (own, number), found in _labelled(case.read, words).items():
        if own == noun and any(one.line == node.line for one in found):
            return number
    return None


def _message(case: Case, file: int, words: _Words, unit: Unit, noun: str, number: int, was: Unit | Section) -> str:
    text = was.title if isinstance(was, Section) else was.flow
    short = " ".join(text.split())
    short = short if len(short) <= _SHOWN else f"{short[: _SHOWN - 1]}…"
    expected = _counterpart(case, file, was)
    if expected is None:
        return f"'{noun} {number}' meant '{short}', which is gone"
    now = _number_of(case, words, expected, noun)
    where = f"on line {case.shown(expected.line)}" + (f" as number {now}" if now not in (None, number) else "")
    meant = _meant(case.read, words, unit, noun, number)
    besides = (
        f"; line {case.shown(meant[0].line)} has the number now" if meant and meant[0].line != expected.line else ""
    )
    besides = "; more than one list has the number" if now == number and not besides else besides
    return f"'{noun} {number}' meant '{short}', which stands {where}{besides}"


def _twice(case: Case, words: _Words) -> Iterator[Notice]:
    """Numbers that two things side by side have, where none of the sources has one twice."""
    if any(next(_doubles(reading, words), None) for _, reading in case.readings()):
        return
    for what, lines in _doubles(case.read, words):
        yield case.notice("number-twice", f"{what} stands for two things", lines)


def _doubles(reading: Reading, words: _Words) -> Iterator[tuple[str, Sequence[int]]]:
    for row in reading.rows:
        by_number: dict[int, list[int]] = defaultdict(list)
        for member, number in zip(row.members, row.numbers, strict=True):
            if number is not None:
                by_number[number].append(member.line)
        label = words.label.match(row.members[0].title) if isinstance(row.members[0], Section) else None
        noun = f"{label['noun']} " if label is not None else "number "
        yield from ((f"{noun}{number}", lines) for number, lines in by_number.items() if len(lines) > 1)
    leads: dict[tuple[int, str, int], list[int]] = defaultdict(list)
    for (noun, number), found in _labelled(reading, words).items():
        for one in found:
            if isinstance(one, Unit):
                leads[_section(reading, one), noun, number].append(one.line)
    yield from ((f"{noun} {number}", lines) for (_, noun, number), lines in leads.items() if len(lines) > 1)
