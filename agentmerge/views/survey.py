"""A survey of a collection in, text, Markdown, data and a page out: what to do next comes first."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from agentmerge import __version__
from agentmerge.surveying import records
from agentmerge.surveying.records import Accepted, Card, Fact, Family, Klass, Pair, Signals, Survey, Wider
from agentmerge.views.diff import escaped
from agentmerge.views.drift import command_lines
from agentmerge.views.html import render_page
from agentmerge.views.paint import Paint, one_line, safe
from agentmerge.writing.emitting import template_source

# Survey ---------------------------------------------------------------------------------------------------------------
#
# A survey of a collection as text, Markdown and data: what to do next comes first.


NEXT = 3
"""What is to be done next, at most."""
LEAST_PATH = 24
SHOWN_COPIES = 6
"""Members of one family that a text shows."""
SHOWN_OTHERS = 5
_PLURAL: Mapping[str, tuple[str, str]] = {
    "same-role": ("role of another author", "roles of another author"),
    "superset": ("superset", "supersets"),
    "translation": ("translation", "translations"),
    "boilerplate": ("shares boilerplate", "share boilerplate"),
    "widened": ("right wider", "rights wider"),
    "collision": ("name twice", "names twice"),
    "description": ("description twice", "descriptions twice"),
}
_STYLES = {"breaking": "error", "warning": "changed", "info": "dim"}


class Surveyed(NamedTuple):
    """A survey with what goes along with it."""

    survey: Survey
    unread: Sequence[tuple[str, str]]
    """Files that could not be read, with the reasons."""
    links: int
    """Names that lead to a file which another name has."""
    accepted: Accepted
    root: str
    """The folder that paths are told from."""
    statements: Sequence[tuple[int, str]]
    """Line and words of each template's statement."""

    def name(self, number: int) -> str:
        """A file's path below the folder, safe for a terminal."""
        return safe(records.below(self.survey.cards[number].file, self.root))

    @property
    def definitions(self) -> int:
        return len(self.survey.cards) - len(self.survey.papers)


# Text


def survey_text(shown: Surveyed, paint: Paint, width: int = 80, top: int = 10) -> str:
    """The survey in lines of some width; `top` families, all for 0."""
    return "\n".join(_Text(shown, paint, max(width, 60), top).lines()) + "\n"


class _Text:
    def __init__(self, shown: Surveyed, paint: Paint, width: int, top: int) -> None:
        self.shown = shown
        self.survey = shown.survey
        self.paint = paint
        self.width = width
        self.top = top or len(shown.survey.families)

    def lines(self) -> Iterator[str]:
        yield from self._wrapped(head(self.shown))
        yield from self._wrapped(found(self.survey))
        yield ""
        yield from self._next()
        yield from self._families()
        yield from self._collisions()
        yield from self._neighbours()
        yield from self._templates()
        yield from self._notes()

    def _wrapped(self, text: str, indent: str = "", first: str | None = None) -> list[str]:
        start = indent if first is None else first
        return textwrap.wrap(
            text, self.width, initial_indent=start, subsequent_indent=indent, break_on_hyphens=False
        ) or [""]

    def _command(self, words: records.Words, indent: str) -> list[str]:
        return [self.paint("note", line) for line in map(safe, command_lines(words, self.width, indent))]

    def _next(self) -> Iterator[str]:
        wanted = records.most_wanted(self.survey)[:NEXT]
        if not wanted:
            yield "Nothing is to be done: no two definitions have a role, a name or a text in common."
            return
        yield self.paint("title", "Do next")
        for number, (_, about, words) in enumerate(wanted, 1):
            yield from self._wrapped(one_line(f"{number}. {about}", 200), "   ", "")
            yield from self._command(words, "   ")

    def _families(self) -> Iterator[str]:
        families = self.survey.families
        if not families:
            return
        yield ""
        title = f"Families: {len(families):,}, those first about which most is to be done"
        yield self.paint("title", title)
        yield self.paint("dim", f"  {'class':12}{'body':>7} {'word':>4} {'head':>4} {'name':>4} {'desc':>4}  (percent)")
        for family in families[: self.top]:
            yield from self._family(family)
        if len(families) > self.top:
            yield self.paint("dim", f"and {len(families) - self.top:,} more families; --top 0 shows all")

    def _family(self, family: Family) -> Iterator[str]:
        count = len(family.members)
        cost = f", {family.tokens:,} tokens in copies" if family.tokens else ""
        yield f"{self.paint('title', one_line(family.role, 40))}  {count} files{cost}"
        yield f"  {'stands for':39}  {self._path(family.members[0], self.width - 43)}"
        for pair in family.pairs[:SHOWN_COPIES]:
            yield from self._pair(pair, family)
        if len(family.pairs) > SHOWN_COPIES:
            yield self.paint("dim", f"  and {len(family.pairs) - SHOWN_COPIES} more files of this role")
        mirrored = sum(map(len, family.mirrors.values()))
        if mirrored:
            yield self.paint("dim", f"  and {mirrored} generated for other hosts")
        yield from self._command(records.of_family(family, most_serious(family), self.survey.cards), "  ")

    def _pair(self, pair: Pair, family: Family) -> Iterator[str]:
        number = pair.b if pair.b != family.members[0] else pair.a
        yield f"  {pair.klass:12}{_figures(pair.signals)}  {self._path(number, self.width - 43)}"
        for wider in pair.wider:
            told = self._wrapped(one_line(f"{who_may(wider, number)}: {wider.told}", 200), "    ")
            yield from (self.paint(_STYLES[wider.severity], line) for line in told)

    def _path(self, number: int, width: int) -> str:
        return elided(self.shown.name(number), max(width, LEAST_PATH))

    def _collisions(self) -> Iterator[str]:
        rows = self.survey.collisions
        if not rows:
            return
        yield from ("", self.paint("title", f"One name for several: {len(rows):,}; a host loads one of them"))
        whole = self.top >= len(self.survey.families)
        for one in rows if whole else rows[:SHOWN_OTHERS]:
            yield f"{one_line(one.name, 40)}  {one.host}, {len(one.files)} texts"
            yield from self._command(records.of_collision(one, self.survey.cards), "  ")
        if not whole and len(rows) > SHOWN_OTHERS:
            yield self.paint("dim", f"and {len(rows) - SHOWN_OTHERS:,} more names; --top 0 shows all")

    def _neighbours(self) -> Iterator[str]:
        rows = self.survey.neighbours
        if not rows:
            return
        yield from ("", self.paint("title", f"Descriptions that a router can hardly tell apart: {len(rows):,}"))
        whole = self.top >= len(self.survey.families)
        for one in rows if whole else rows[:SHOWN_OTHERS]:
            share = f"{one.share:4.0%}"
            yield f"{share}  {self._path(one.a, self.width - 6)}"
            yield f"      {self._path(one.b, self.width - 6)}"
            yield from self._command(records.of_neighbours(one, self.survey.cards), "  ")
        if not whole and len(rows) > SHOWN_OTHERS:
            yield self.paint("dim", f"and {len(rows) - SHOWN_OTHERS:,} more pairs; --top 0 shows all")

    def _templates(self) -> Iterator[str]:
        rows = list(zip(self.survey.templates, self.shown.statements, strict=True))[:SHOWN_OTHERS]
        if not rows:
            return
        yield from ("", self.paint("title", "What most of them say, and weighs little"))
        for one, (line, text) in rows:
            yield f"{one.files:>6} files  {one_line(text, self.width - 14)}"
            yield self.paint("dim", f"              {self._path(one.file, self.width - 22)}:{line}")

    def _notes(self) -> Iterator[str]:
        rows = list(notes(self.shown))
        if rows:
            yield from ("", self.paint("title", "Also"))
        for row in rows:
            yield from self._wrapped(one_line(row, 400), "  ", "")


def head(shown: Surveyed) -> str:
    """One line: how much there is."""
    survey = shown.survey
    papers = f", {_many(len(survey.papers), 'document')} apart" if survey.papers else ""
    members = sum(len(family.members) for family in survey.families)
    copied = f"; copies cost {survey.copied:,} of {survey.tokens:,} tokens" if survey.copied else ""
    kin = f"{members:,} of them in {_many(len(survey.families), 'family', 'families')}" if members else "no two alike"
    return f"{_many(shown.definitions, 'definition')}{papers}; {kin}{copied}"


def found(survey: Survey) -> str:
    """One line: how many there are of each kind."""
    rows = records.counts(survey)
    told = (f"{count:,} {_PLURAL[kind][count != 1] if kind in _PLURAL else kind}" for kind, count in rows.items())
    return ", ".join(told) or "no copies, no forks, no names twice"


def notes(shown: Surveyed) -> Iterator[str]:
    """What else is told, a line a kind."""
    counted: Counter[str] = Counter()
    first: dict[str, str] = {}
    for number, card in enumerate(shown.survey.cards):
        for code in card.content.notes:
            counted[code] += 1
            first.setdefault(code, shown.name(number))
    for code, count in counted.most_common():
        yield f"{_many(count, 'file')} read with {code}, such as {first[code]}"
    if shown.survey.undecided:
        yield f"{_many(shown.survey.undecided, 'changed copy', 'changed copies')} were not aligned, for they are many"
    if shown.links:
        yield f"{_many(shown.links, 'name leads', 'names lead')} to a file that is here under another name"
    whys = Counter(why for _, why in shown.unread)
    for why, count in whys.most_common():
        name = next(file for file, told in shown.unread if told == why)
        yield f"{_many(count, 'file')} could not be read: {why}, such as {name}"
    for fact in shown.accepted.stale:
        yield f"stale in the baseline: {fact.kind}: {', '.join(fact.files)}"


def most_serious(family: Family) -> Pair:
    """The pair to look at first."""
    order = list(Klass)
    return min(family.pairs, key=lambda pair: (not pair.wider, order.index(pair.klass), pair.a, pair.b))


def _figures(signals: Signals) -> str:
    body = "/".join(percent(share) for share in signals.body)
    return (
        f"{body:>7} {percent(signals.wording):>4} {percent(signals.headings):>4} "
        f"{'same' if signals.name else '-':>4} {percent(signals.description):>4}"
    )


def who_may(wider: Wider, number: int) -> str:
    """Which of a pair has a right, told at one of the two."""
    return "may do more" if wider.file == number else "the other one may do more"


def percent(share: float | None) -> str:
    """A signal in percent; a dash where there was nothing to compare."""
    return "-" if share is None else str(round(share * 100))


def elided(path: str, width: int) -> str:
    """A path with its middle left out where it is too long."""
    if len(path) <= width:
        return path
    tail = width * 2 // 3
    return f"{path[: width - tail - 1]}…{path[-tail:]}"


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count:,} {one if count == 1 else more or one + 's'}"


# Data


def survey_json(shown: Surveyed) -> dict[str, Any]:
    """`agentmerge/survey/1`; members, `a` and `b` are indices into `files`."""
    survey = shown.survey
    papers = {*survey.papers}
    return {
        "schema": "agentmerge/survey/1",
        "files": [_file(card, number in papers) for number, card in enumerate(survey.cards)],
        "tokens": survey.tokens,
        "copied": survey.copied,
        "counts": dict(records.counts(survey)),
        "next": [
            {"kind": kind, "about": about, "command": records.command(words)}
            for kind, about, words in records.most_wanted(survey)
        ],
        "families": [_family_json(family, shown) for family in survey.families],
        "collisions": [
            {
                "name": one.name,
                "host": one.host,
                "files": list(one.files),
                "next": records.command(records.of_collision(one, survey.cards)),
            }
            for one in survey.collisions
        ],
        "descriptions": [
            {**one._asdict(), "next": records.command(records.of_neighbours(one, survey.cards))}
            for one in survey.neighbours
        ],
        "boilerplate": [
            {"file": one.file, "line": line, "text": text, "files": one.files, "words": one.words}
            for one, (line, text) in zip(survey.templates, shown.statements, strict=True)
        ],
        "unread": [{"file": file, "why": why} for file, why in shown.unread],
        "links": shown.links,
        "undecided": survey.undecided,
    }


def _file(card: Card, is_paper: bool) -> dict[str, Any]:
    content = card.content
    return {
        "file": card.file,
        "host": content.host,
        "name": content.name,
        "language": content.language,
        "tokens": content.tokens,
        "document": is_paper,
        "warnings": dict(content.notes),
    }


def _family_json(family: Family, shown: Surveyed) -> dict[str, Any]:
    return {
        "role": family.role,
        "members": list(family.members),
        "mirrors": {str(number): list(others) for number, others in family.mirrors.items()},
        "tokens": family.tokens,
        "pairs": [_pair_json(pair, shown) for pair in family.pairs],
    }


def _pair_json(pair: Pair, shown: Surveyed) -> dict[str, Any]:
    signals = pair.signals
    names = tuple(sorted(records.below(shown.survey.cards[n].file, shown.root) for n in (pair.a, pair.b)))
    return {
        "a": pair.a,
        "b": pair.b,
        "class": pair.klass,
        "signals": {**signals._asdict(), "body": list(signals.body), "plain": list(signals.plain)},
        "fields": list(pair.fields),
        "wider": [one._asdict() for one in pair.wider],
        "aligned": pair.aligned,
        "accepted": Fact(str(pair.klass), names) in shown.accepted.facts,
        "next": records.command(records.of_pair(pair, shown.survey.cards)),
    }


# Markdown


def survey_markdown(shown: Surveyed, most: int = 100) -> str:
    """The survey for a pull request or a job summary; nothing of the content is taken for markup."""
    survey = shown.survey
    lines = ["## Survey of agent definitions", "", f"{escaped(head(shown))}.", "", f"{escaped(found(survey))}.", ""]
    wanted = records.most_wanted(survey)[:NEXT]
    if wanted:
        lines += ["### Do next", ""]
    for number, (_, about, words) in enumerate(wanted, 1):
        lines += [f"{number}. {escaped(one_line(about))}", "", *_fenced(words, "   "), ""]
    if survey.families:
        lines += ["### Families", "", "| role | class | body | wording | headings | name | description | file |"]
        lines += ["|---|---|---:|---:|---:|---|---:|---|"]
    for family in survey.families[:most]:
        lines += _rows(family, shown)
    if len(survey.families) > most:
        lines += ["", f"And {len(survey.families) - most} more families."]
    if survey.collisions:
        lines += ["", "### One name for several", "", "| name | host | files |", "|---|---|---|"]
    for one in survey.collisions[:most]:
        files = ", ".join(escaped(shown.name(number)) for number in one.files)
        lines.append(f"| {escaped(one_line(one.name))} | {one.host} | {files} |")
    if survey.neighbours:
        lines += ["", "### Descriptions all but the same", "", "| likeness | files |", "|---:|---|"]
    for near in survey.neighbours[:most]:
        lines.append(f"| {near.share:.0%} | {escaped(shown.name(near.a))}, {escaped(shown.name(near.b))} |")
    lines += ["", *(f"- {escaped(one_line(row))}" for row in notes(shown))]
    return "\n".join(lines).rstrip() + "\n"


def _fenced(words: records.Words, indent: str) -> list[str]:
    code = safe(records.command(words))
    fence = "`" * max(3, max(map(len, code.split("\n")), default=0) if "```" in code else 3)
    return [f"{indent}{fence}sh", f"{indent}{code}", f"{indent}{fence}"]


def _rows(family: Family, shown: Surveyed) -> Iterator[str]:
    yield f"| **{escaped(one_line(family.role))}** | | | | | | | {escaped(shown.name(family.members[0]))} |"
    for pair in family.pairs:
        signals = pair.signals
        body = " / ".join(percent(share) for share in signals.body)
        number = pair.b if pair.b != family.members[0] else pair.a
        told = "; ".join(f"{who_may(wider, number)}: {wider.told}" for wider in pair.wider)
        more = f"<br>{escaped(one_line(told))}" if told else ""
        yield (
            f"| | {pair.klass} | {body} | {percent(signals.wording)} | {percent(signals.headings)} | "
            f"{'same' if signals.name else ''} | {percent(signals.description)} | {escaped(shown.name(number))}{more} |"
        )


# Survey html ----------------------------------------------------------------------------------------------------------
#
# A survey as one self-contained page: nothing is loaded, nothing of the content is markup or code.


TITLE = "Survey of agent definitions"
SIGNALS = (
    ("body", "words of each that stand in statements of both; what many roles say weighs little"),
    ("wording", "triples of words that both have"),
    ("headings", "headings that both have"),
    ("name", "whether both are called after one role"),
    ("description", "how alike the descriptions are"),
)


def survey_html(shown: Surveyed) -> str:
    """The page. Its style and script are allowed by their hashes, everything else is forbidden."""
    survey = shown.survey
    return render_page(
        "survey.html.j2",
        template_source("survey.css").strip(),
        template_source("survey.js").strip(),
        title=TITLE,
        version=__version__,
        head=head(shown),
        found=found(survey),
        signals=SIGNALS,
        steps=[(one_line(about), _command(words)) for _, about, words in records.most_wanted(survey)[:NEXT]],
        families=[_family(family, shown) for family in survey.families],
        classes=sorted({str(pair.klass) for family in survey.families for pair in family.pairs}),
        collisions=[
            {
                "name": one_line(one.name),
                "host": one.host,
                "files": [shown.name(number) for number in one.files],
                "next": _command(records.of_collision(one, survey.cards)),
            }
            for one in survey.collisions
        ],
        neighbours=[
            {
                "share": f"{one.share:.0%}",
                "files": [shown.name(one.a), shown.name(one.b)],
                "texts": [one_line(survey.cards[number].content.description, 300) for number in (one.a, one.b)],
                "next": _command(records.of_neighbours(one, survey.cards)),
            }
            for one in survey.neighbours
        ],
        templates=[
            {"files": one.files, "text": one_line(text, 300), "file": f"{shown.name(one.file)}:{line}"}
            for one, (line, text) in zip(survey.templates, shown.statements, strict=True)
        ],
        notes=[one_line(row) for row in notes(shown)],
    )


def _command(words: records.Words) -> str:
    return safe(records.command(words))


def _family(family: Family, shown: Surveyed) -> dict[str, Any]:
    return {
        "role": one_line(family.role, 80),
        "tokens": family.tokens,
        "count": len(family.members),
        "first": shown.name(family.members[0]),
        "pairs": [_pair(pair, family, shown) for pair in family.pairs],
        "classes": " ".join(dict.fromkeys(str(pair.klass) for pair in family.pairs)),
        "wider": any(pair.wider for pair in family.pairs),
        "mirrors": [shown.name(number) for others in family.mirrors.values() for number in others],
        "next": _command(records.of_family(family, most_serious(family), shown.survey.cards)),
    }


def _pair(pair: Pair, family: Family, shown: Surveyed) -> dict[str, Any]:
    signals = pair.signals
    number = pair.b if pair.b != family.members[0] else pair.a
    return {
        "class": str(pair.klass),
        "file": shown.name(number),
        "body": " / ".join(map(percent, signals.body)),
        "wording": percent(signals.wording),
        "headings": percent(signals.headings),
        "name": "same" if signals.name else "-",
        "description": percent(signals.description),
        "fields": ", ".join(map(safe, pair.fields)),
        "wider": [(one.severity, who_may(one, number), one_line(one.told, 300)) for one in pair.wider],
    }
