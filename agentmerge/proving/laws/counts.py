"""A number of things that a text names is the number of those that stand there."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agentmerge.knowledge import Knowledge
from agentmerge.model import Unit
from agentmerge.outcome import Notice
from agentmerge.proving.reading import Reading, Row
from agentmerge.proving.records import Case
from agentmerge.proving.registry import law

_MOST = 30
"""Things that somebody counts in a text."""
_SHORT = 3
"""Letters of a word that names nothing by itself."""
_ENDING = 2
"""Letters in which a plural and its singular differ."""
_COUNTING = frozenset({"item", "task", "paragraph", "quote"})
_WORD = re.compile(r"[^\W\d_][\w-]*")


class _Words:
    """The table of words, ready to be asked."""

    def __init__(self, knowledge: Knowledge) -> None:
        table = knowledge.raw("proving")
        self.numbers = {str(word): int(number) for word, number in table["counts"].items()}
        self.pointing = frozenset(table["pointing"])
        self.measures = frozenset(table["measures"])
        words = "|".join(sorted(map(re.escape, self.numbers), key=len, reverse=True))
        self.claim = re.compile(
            rf"(?<![\w.,#/-])(?P<number>{words}|\d{{1,2}})[ \u00a0-]"
            rf"(?P<noun>(?:[^\W\d_][\w'-]*[ ]){{0,2}}[^\W\d_][\w-]*)",
            re.IGNORECASE,
        )


class Claim(NamedTuple):
    """A number of things in a text."""

    number: int
    phrase: str
    noun: str


@law("count-broken")
def look(case: Case) -> Iterator[Notice]:
    words = case.knowledge.derived(_Words)
    true: dict[tuple[int, str], tuple[int, list[Row]]] = {}
    false: set[tuple[int, str]] = set()
    for file, reading in case.readings():
        for line, claim, rows in _claims(reading, words):
            found = _said_in_result(case, file, line, claim)
            if found is None:
                continue
            key = found, claim.phrase.lower()
            if not rows:
                false.add(key)
                continue
            true.setdefault(key, (claim.number, []))[1].extend(_rows_now(case, file, rows))
    lines: dict[str, list[int]] = defaultdict(list)
    for (line, phrase), (number, rows) in true.items():
        counts = [len(row.members) for row in rows]
        if counts and (line, phrase) not in false and number not in counts:
            row = rows[0]
            what = f"'{row.title}'" if row.title else "the list"
            lines[
                f"the text says '{phrase}', and {what} (line {case.shown(row.members[0].line)}) has {counts[0]}"
            ].append(line)
    for message, where in lines.items():
        yield case.notice("count-broken", message, sorted(where))


def _claims(reading: Reading, words: _Words) -> Iterator[tuple[int, Claim, list[Row]]]:
    """Line, claim, and the lists that it may be about and is true of."""
    for line, claim, about in _about(reading, words) if reading.rows else ():
        if about:
            yield line, claim, [row for row in about if len(row.members) == claim.number]


def _about(reading: Reading, words: _Words) -> Iterator[tuple[int, Claim, list[Row]]]:
    """Line, claim, and the lists that it may be about: of fields, headings and units."""
    rows = reading.rows
    for field in reading.definition.fields:
        for claim in _found(field.text, words) if isinstance(field.value, str) else ():
            yield field.line, claim, [row for row in rows if _names(claim, row)]
    for _, section in reading.sections:
        for claim in filter(_is_plural, _found(section.title, words)):
            yield section.line, claim, [row for row in rows if row.section == section.line]
    for place in reading.places:
        unit = place.unit
        for claim in _found(unit.flow, words) if unit.kind in _COUNTING else ():
            yield unit.line, claim, [row for row in rows if _is_about(claim, unit, row, words)]


def _found(text: str, words: _Words) -> Iterator[Claim]:
    """Each number with what follows it: `four passes` and `four quick passes` of `four quick passes`."""
    for match in words.claim.finditer(text):
        number = words.numbers.get(match["number"].lower()) or int(match["number"] if match["number"].isdigit() else 0)
        if not 1 < number <= _MOST:
            continue
        for word in _WORD.finditer(match["noun"]):
            noun = word[0].lower()
            if noun in words.measures:
                break
            if len(noun) > _SHORT:
                yield Claim(number, text[match.start() : match.start("noun") + word.end()], noun)


def _is_about(claim: Claim, unit: Unit, row: Row, words: _Words) -> bool:
    if any(member.line == unit.line for member in row.members):
        return False
    is_before = row.before is not None and row.before.line == unit.line
    introduces = unit.flow.rstrip("*_ ").endswith((":", "：")) or _points(unit, words)
    if is_before and introduces and _is_plural(claim):
        return True
    return _names(claim, row)


def _is_plural(claim: Claim) -> bool:
    return claim.noun.endswith("s")


def _points(unit: Unit, words: _Words) -> bool:
    return not words.pointing.isdisjoint(unit.flow.lower().replace(".", " ").replace(":", " ").split())


def _names(claim: Claim, row: Row) -> bool:
    """Whether what is counted is what the heading of a list is called."""
    title = [word.lower() for word in _WORD.findall(row.title)]
    return any(_alike(claim.noun, word) for word in title[-2:])


def _alike(noun: str, word: str) -> bool:
    """Whether two words are one, whatever they end in."""
    stem = max(_SHORT + 1, min(len(noun), len(word)) - _ENDING)
    return len(word) > _SHORT and noun[:stem] == word[:stem] and abs(len(noun) - len(word)) <= _ENDING


def _said_in_result(case: Case, file: int, line: int, claim: Claim) -> int | None:
    """The line of the result that still says it."""
    unit = case.source(file).by_line.get(line)
    if unit is not None:
        found = case.landed(file, unit)
        return found.line if found is not None and claim.phrase.lower() in found.flow.lower() else None
    titles = [section.title for _, section in case.source(file).sections if section.line == line]
    if titles:
        return next((section.line for _, section in case.read.sections if section.title == titles[0]), None)
    own = next((field for field in case.sources[file].fields if field.line == line), None)
    now = case.result.field(own.key) if own is not None else None
    return now.line if now is not None and claim.phrase.lower() in now.text.lower() else None


def _rows_now(case: Case, file: int, rows: Sequence[Row]) -> Iterator[Row]:
    """The lists of the result that hold most of what some lists of a source held."""
    for row in rows:
        lines: Counter[int] = Counter()
        for member in row.members:
            if isinstance(member, Unit):
                found = case.landed(file, member)
                if found is not None:
                    lines[found.line] += 1
            else:
                titles = [one.line for _, one in case.read.sections if one.title.lower() == member.title.lower()]
                lines.update(titles[:1])
        votes = [(sum(lines[m.line] for m in now.members), -n, now) for n, now in enumerate(case.read.rows)]
        best = max(votes, default=None, key=lambda vote: vote[:2])
        if best is not None and best[0] > 0:
            yield best[2]
