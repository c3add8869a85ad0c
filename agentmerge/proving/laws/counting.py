"""What counts something still counts it right: numbers of things, steps, and what hosts read whole."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agentmerge.knowledge.signs import holds_guardrail
from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import Section, Unit, walk_sections, walk_units
from agentmerge.planning.records import Notice
from agentmerge.proving.cases import Case, Reading, Row, bare, law
from agentmerge.text.lines import split_lines
from agentmerge.text.paths import like

# Counts ---------------------------------------------------------------------------------------------------------------
#
# A number of things that a text names is the number of those that stand there.


_MOST = 30
"""Things that somebody counts in a text."""
_SHORT = 3
"""Letters of a word that names nothing by itself."""
_ENDING = 2
"""Letters in which a plural and its singular differ."""
_COUNTING = frozenset({"item", "task", "paragraph", "quote"})
_WORD = re.compile(r"[^\W\d_][\w-]*")


class _CountsWords:
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
def counts(case: Case) -> Iterator[Notice]:
    words = case.knowledge.derived(_CountsWords)
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


def _claims(reading: Reading, words: _CountsWords) -> Iterator[tuple[int, Claim, list[Row]]]:
    """Line, claim, and the lists that it may be about and is true of."""
    for line, claim, about in _about(reading, words) if reading.rows else ():
        if about:
            yield line, claim, [row for row in about if len(row.members) == claim.number]


def _about(reading: Reading, words: _CountsWords) -> Iterator[tuple[int, Claim, list[Row]]]:
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


def _found(text: str, words: _CountsWords) -> Iterator[Claim]:
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


def _is_about(claim: Claim, unit: Unit, row: Row, words: _CountsWords) -> bool:
    if any(member.line == unit.line for member in row.members):
        return False
    is_before = row.before is not None and row.before.line == unit.line
    introduces = unit.flow.rstrip("*_ ").endswith((":", "：")) or _points(unit, words)
    if is_before and introduces and _is_plural(claim):
        return True
    return _names(claim, row)


def _is_plural(claim: Claim) -> bool:
    return claim.noun.endswith("s")


def _points(unit: Unit, words: _CountsWords) -> bool:
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


# Ordinals -------------------------------------------------------------------------------------------------------------
#
# `step 3` means in the result what it meant in its source, and no number stands for two things.


_SHOWN = 50
"""Characters of a step that a message shows."""
_COUNTERS = frozenset({"item", "task", "paragraph"})


class _OrdinalsWords:
    """The table of words, ready to be asked."""

    def __init__(self, knowledge: Knowledge) -> None:
        nouns = sorted(map(re.escape, knowledge.raw("proving")["ordinals"]), key=len, reverse=True)
        noun = rf"(?P<noun>{'|'.join(nouns)})(?:e?s|e?n)?[ \u00a0]*"
        self.use = re.compile(rf"(?<![\w-]){noun}#?(?P<number>\d{{1,2}})\b(?![.,:]?\d|\s*%)", re.IGNORECASE)
        self.label = re.compile(rf"\A[*_#>\s]*{noun}#?(?P<number>\d{{1,2}})\b(?=[\s*_]*(?:[:.)–—-]|\Z))", re.IGNORECASE)


@law("number-broken", "number-twice")
def ordinals(case: Case) -> Iterator[Notice]:
    words = case.knowledge.derived(_OrdinalsWords)
    yield from _strayed(case, words)
    yield from _twice(case, words)


def _strayed(case: Case, words: _OrdinalsWords) -> Iterator[Notice]:
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


def _uses(reading: Reading, words: _OrdinalsWords) -> Iterator[tuple[Unit, str, str, int]]:
    """Unit, the words in it, noun and number of each use; the label of a step is no use of its number."""
    for place in reading.places:
        if place.unit.kind not in _COUNTERS or not any(map(str.isdigit, place.unit.flow)):
            continue
        label = words.label.match(place.unit.flow)
        for match in words.use.finditer(bare(place.unit.flow)):
            if label is None or match.start("noun") != label.start("noun"):
                text = " ".join(match[0].lower().split())
                yield place.unit, text, match["noun"].lower(), int(match["number"])


def _labelled(reading: Reading, words: _OrdinalsWords) -> dict[tuple[str, int], list[Unit | Section]]:
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


def _meant(reading: Reading, words: _OrdinalsWords, unit: Unit, noun: str, number: int) -> list[Unit | Section]:
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


def _is_so(
    case: Case, file: int, words: _OrdinalsWords, unit: Unit, noun: str, number: int, was: Unit | Section
) -> bool:
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


def _number_of(case: Case, words: _OrdinalsWords, node: Unit | Section, noun: str) -> int | None:
    for row in case.read.rows:
        for one, number in zip(row.members, row.numbers, strict=True):
            if one.line == node.line and number is not None:
                return number
    for (own, number), found in _labelled(case.read, words).items():
        if own == noun and any(one.line == node.line for one in found):
            return number
    return None


def _message(
    case: Case, file: int, words: _OrdinalsWords, unit: Unit, noun: str, number: int, was: Unit | Section
) -> str:
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


def _twice(case: Case, words: _OrdinalsWords) -> Iterator[Notice]:
    """Numbers that two things side by side have, where none of the sources has one twice."""
    if any(next(_doubles(reading, words), None) for _, reading in case.readings()):
        return
    for what, lines in _doubles(case.read, words):
        yield case.notice("number-twice", f"{what} stands for two things", lines)


def _doubles(reading: Reading, words: _OrdinalsWords) -> Iterator[tuple[str, Sequence[int]]]:
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


# Limits ---------------------------------------------------------------------------------------------------------------
#
# What hosts read whole of every source they read whole of the result.


_CODES = frozenset({"field-too-long", "body-too-long"})


class Limit(NamedTuple):
    """What a host reads of a file at most."""

    host: str
    """Its title."""
    bytes: int


@law("limit-exceeded")
def host_limits(case: Case) -> Iterator[Notice]:
    known = {note.code for source in case.sources for note in source.diagnostics if note.code in _CODES}
    for note in case.result.diagnostics:
        if note.code in _CODES and note.code not in known:
            yield case.notice("limit-exceeded", "; ".join(filter(None, (note.message, note.assumed))), [note.line])
    size = len(case.result.text.encode("utf-8", "surrogatepass"))
    largest = max((len(source.text.encode("utf-8", "surrogatepass")) for source in case.sources), default=0)
    for limit in limits(case.paths, case.knowledge):
        if largest <= limit.bytes < size:
            yield _exceeded(case, limit, size)


def limits(paths: tuple[str, ...], knowledge: Knowledge) -> Iterator[Limit]:
    """The limits of the hosts that read a file under one of some names."""
    for dialect in knowledge.dialects.values():
        for pattern, most in dialect.file_limits.items():
            if any(like(f"*/{pattern}", f"/{path}") for path in paths):
                yield Limit(dialect.title, most)


def _exceeded(case: Case, limit: Limit, size: int) -> Notice:
    line = first_cut(case.result.text, limit.bytes)
    cut = [place for place in walk_units(case.result.root) if place.unit.line >= line]
    titles = [section.title for _, section in walk_sections(case.result.root) if section.line >= line]
    binding = sum(holds_guardrail(place.unit.flow, case.knowledge) for place in cut)
    what = f"'{titles[0]}' and " if titles else ""
    told = f"{size:,} bytes, {limit.host} reads {limit.bytes:,}: {what}{len(cut)} units from here on are cut"
    return case.notice("limit-exceeded", f"{told}, {binding} of them guardrails" if binding else told, [line])


def first_cut(text: str, most: int) -> int:
    """The line that the first byte beyond a limit stands on."""
    kept = text.encode("utf-8", "surrogatepass")[:most]
    return kept.count(b"\n") + 1


def rails_cut(text: str, paths: tuple[str, ...], knowledge: Knowledge) -> bool:
    """Whether a host that reads a file under one of some names cuts lines off that forbid or demand something."""
    for limit in limits(paths, knowledge):
        tail = split_lines(text)[first_cut(text, limit.bytes) - 1 :]
        if len(text.encode("utf-8", "surrogatepass")) > limit.bytes and any(
            holds_guardrail(line, knowledge) for line in tail
        ):
            return True
    return False


def takes_comments_out(paths: tuple[str, ...], knowledge: Knowledge) -> bool:
    """Whether a host that reads a file under one of some names takes comments out before the model reads."""
    return any(
        like(f"*/{pattern}", f"/{path}")
        for dialect in knowledge.dialects.values()
        for pattern in dialect.uncommented
        for path in paths
    )
