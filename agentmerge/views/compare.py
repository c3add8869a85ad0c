"""A comparison of authors in, text, Markdown, a page and data out."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, NamedTuple

from agentmerge.comparing.records import Clash, Comparison, Loss, Said, Take
from agentmerge.diffing.records import Spot
from agentmerge.model import parted
from agentmerge.views.diff import escaped
from agentmerge.views.drift import command_lines, short
from agentmerge.views.paint import Paint, one_line, safe

WIDTH = 80
"""Columns where nobody says how many there are."""
STRENGTHS = {3: "!!", 2: "! ", 1: ". ", 0: ". "}
"""The sign of how strongly an author says something."""
MAYBE, NOBODY = "? ", "- "
LEGEND = "!! must, never   ! should, avoid   . without force   ? in other words   - not"
_CELL = 3
_BUDGET = {"rules": 12, "keys": 3, "topics": 7, "clashes": 4, "takes": 4, "lost": 8}
"""Lines of each part; what is more is counted."""
_LEFT = 13
"""Columns for the names of rows."""


class Shown(NamedTuple):
    """One comparison with what its files are called."""

    found: Comparison
    names: Sequence[str]
    """As they were given, in their order."""
    role: str = ""
    loss: Loss | None = None
    """What a result without one author would lose, where it is asked for."""

    @property
    def labels(self) -> list[str]:
        return [_letter(number) for number in range(len(self.names))]

    @property
    def short(self) -> list[str]:
        return short(list(self.names))


def _letter(number: int) -> str:
    """A, B ... Z, A2, B2 ..."""
    letter, again = chr(ord("A") + number % 26), number // 26
    return letter if not again else f"{letter}{again + 1}"


def compare_text(shown: Shown, paint: Paint, width: int = 0, *, every: bool = False) -> str:
    """The page: who may do what, who says what how strongly, topics, contradictions, what to take."""
    page = _Page(shown, paint, width or WIDTH, every=every)
    return "\n".join(page.lines()).rstrip() + "\n"


class _Page:
    def __init__(self, shown: Shown, paint: Paint, width: int, *, every: bool) -> None:
        self.shown, self.found, self.paint, self.width, self.every = shown, shown.found, paint, width, every
        self.count = len(shown.names)

    def lines(self) -> Iterator[str]:
        role = f"{one_line(self.shown.role)}: " if self.shown.role else ""
        yield self.paint("title", f"{role}{self.count} authors, none before another")
        yield from (f"  {label}  {name}" for label, name in zip(self.shown.labels, self.shown.short, strict=True))
        yield from self._profiles()
        yield from self._rules()
        yield from self._keys()
        yield from self._topics()
        yield from self._clashes()
        yield from self._loss() if self.shown.loss is not None else self._takes()

    def _cut(self, rows: Sequence[str], part: str) -> Iterator[str]:
        most = len(rows) if self.every else _BUDGET[part]
        yield from rows[:most]
        if len(rows) > most:
            yield self.paint("dim", f"  and {len(rows) - most} more (--all)")

    def _profiles(self) -> Iterator[str]:
        room = max((self.width - _LEFT) // self.count - 1, 6)
        yield " " * _LEFT + " ".join(self.paint("title", f"{label:{room}}") for label in self.shown.labels).rstrip()
        for name, cells in _figures(self.found):
            row = " ".join(f"{one_line(cell, room):{room}}" for cell in cells)
            yield f"{name:{_LEFT}}{row}".rstrip()

    def _rules(self) -> Iterator[str]:
        if not self.found.rules:
            yield self.paint("title", "Rules: none")
            return
        yield self._head("Rules", len(self.found.rules))
        yield self.paint("dim", f"  {LEGEND}")
        rows = []
        for rule in self.found.rules:
            cells = " ".join(self._sign(rule.by(file)) for file in range(self.count))
            rows.append(f"  {cells} {self._told(rule.strongest)}")
        yield from self._cut(rows, "rules")

    def _head(self, title: str, count: int) -> str:
        letters = " ".join(f"{label:2}" for label in self.shown.labels)
        return f"  {letters} {self.paint('title', f'{title}: {count}')}"

    def _sign(self, said: Said | None) -> str:
        if said is None:
            return NOBODY
        return STRENGTHS[said.strength] if said.is_sure else MAYBE

    def _told(self, said: Said) -> str:
        """The strongest words, with whose they are and where."""
        place = f"{self.shown.labels[said.file]}:{said.line}"
        room = max(self.width - 3 - _CELL * self.count - len(place) - 1, 20)
        return f"{self.paint('dim', place)} {one_line(said.text, room)}"

    def _keys(self) -> Iterator[str]:
        if not self.found.keys:
            return
        yield self._head("Keys of data", len(self.found.keys))
        grouped: dict[frozenset[int], list[str]] = {}
        for key in self.found.keys:
            grouped.setdefault(key.holders, []).append(key.name)
        rows = []
        for holders, names in grouped.items():
            cells = " ".join("x " if file in holders else NOBODY for file in range(self.count))
            rows.append(f"  {cells} {one_line(', '.join(names), self.width - 3 - _CELL * self.count)}")
        yield from self._cut(rows, "keys")

    def _topics(self) -> Iterator[str]:
        if not self.found.topics:
            return
        room = max((self.width - 30) // self.count - 1, 5)
        letters = " ".join(f"{label:>{room}}" for label in self.shown.labels)
        yield f"{self.paint('title', 'Words by topic'):{30 + self.paint.enabled * 8}}{letters}"
        rows = []
        for topic in self.found.topics:
            cells = [
                f"{'*' if file == topic.fullest and sum(map(bool, topic.words)) > 1 else ''}{count or '-'}"
                for file, count in enumerate(topic.words)
            ]
            rows.append(f"  {one_line(topic.title, 27):28}" + " ".join(f"{cell:>{room}}" for cell in cells))
        yield from self._cut(rows, "topics")

    def _clashes(self) -> Iterator[str]:
        rows = []
        for clash in self.found.clashes:
            slot = one_line(clash.slot.removeprefix("frontmatter/")) or "statements"
            said = _by_words(clash)
            room = max((self.width - len(slot) - 4) // len(said) - 4, 8)
            sides = (
                f"{','.join(self.shown.labels[one.file] for one in alike)} {one_line(_plain(alike[0].text), room)}"
                for alike in said
            )
            rows.append(f"  {one_line(f'{slot}: ' + ' | '.join(sides), self.width - 2)}")
        if rows:
            yield self.paint("title", f"Contradictions: {len(rows)}")
            yield from self._cut(rows, "clashes")

    def _takes(self) -> Iterator[str]:
        takes = _worth(self.found)
        if not takes:
            return
        base = self.found.base
        yield self.paint("title", f"What only one says, and binds; start from {self.shown.labels[base]}")
        rows = [f"  {self.shown.labels[one.file]} {one_line(one.section, 40)}: {_what(one)}" for one in takes]
        yield from self._cut(rows, "takes")
        words = words_of(self.shown, takes if self.every else takes[: _BUDGET["takes"]])
        yield from map(safe, command_lines(words, self.width, "  "))

    def _loss(self) -> Iterator[str]:
        loss = self.shown.loss
        assert loss is not None
        name = self.shown.labels[loss.file]
        rows = [f"  rule    {self._told(one)}" for one in loss.rules]
        rows += [f"  weaker  {self._told(mine)} (left: '{rest.word or 'plain'}')" for mine, rest in loss.weaker]
        rows += [f"  keys    {one_line(', '.join(loss.keys), self.width - 10)}"] if loss.keys else []
        rows += [f"  topics  {one_line(', '.join(loss.topics), self.width - 10)}"] if loss.topics else []
        yield self.paint("title", f"Without {name} a result loses {len(loss.rules)} rules")
        yield from self._cut(rows or ["  nothing that binds"], "lost")


def _plain(text: str) -> str:
    return parted(text.split("\n"))


def _figures(found: Comparison) -> list[tuple[str, list[str]]]:
    """The rows of the first table, those left out in which nobody has anything."""
    rows = [
        ("rights", [one.rights for one in found.profiles]),
        ("reach", [f"up to {one.tiers[-1]}" if one.tiers else "nothing" for one in found.profiles]),
        ("model", [one.model or "-" for one in found.profiles]),
        ("host", [one.host for one in found.profiles]),
        ("words", [f"{one.words:,}" for one in found.profiles]),
        ("rules", [f"{one.rules} ({one.strong} hard)" for one in found.profiles]),
        ("keys of data", [str(one.keys) for one in found.profiles]),
        ("steps", [str(one.steps) for one in found.profiles]),
        ("picked by", [one.triggers or "-" for one in found.profiles]),
    ]
    return [(name, cells) for name, cells in rows if set(cells) - {"-", "0"}]


def _worth(found: Comparison) -> list[Take]:
    """What is worth taking: sections of others than the one to start from."""
    return [one for one in found.takes if one.file != found.base]


def _what(take: Take) -> str:
    parts = []
    if take.rules:
        parts.append(
            f"{len(take.rules)} rule{'' if len(take.rules) == 1 else 's'} ('{one_line(take.rules[0].text, 30)}')"
        )
    if take.keys:
        parts.append(f"{len(take.keys)} key{'' if len(take.keys) == 1 else 's'} of data")
    return ", ".join(parts)


def words_of(shown: Shown, takes: Sequence[Take]) -> list[str]:
    """The command that takes these sections."""
    names = [str(name) for name in shown.names]
    base = names[shown.found.base]
    order = [base, *(name for name in dict.fromkeys(names[one.file] for one in takes) if name != base)]
    flags = [flag for one in takes for flag in ("--take", f"{names[one.file]}#{one.section}")]
    return ["agentmerge", "combine", *order, *flags, "-o", "role.md"]


def command_of(shown: Shown, takes: Sequence[Take]) -> str:
    """The same in one line, ready for a shell."""
    return safe(shlex.join(words_of(shown, takes)))


def _by_words(clash: Clash) -> list[list[Spot]]:
    """The sides of a contradiction, those with the same words together."""
    found: dict[str, list[Spot]] = {}
    for one in clash.sides:
        found.setdefault(_plain(one.text), []).append(one)
    return list(found.values())


# Markdown and HTML


def compare_markdown(shown: Shown, *, every: bool = False) -> str:
    """The same as tables."""
    lines = [f"## {escaped(shown.role or 'Comparison')}: {len(shown.names)} authors", ""]
    for title, head, rows in _tables(shown, every=every):
        lines += [f"### {title}", "", f"| {' | '.join(map(escaped, head))} |", f"|{'---|' * len(head)}"]
        lines += [f"| {' | '.join(escaped(cell) for cell in row)} |" for row in rows]
        lines.append("")
    if takes := _worth(shown.found):
        lines += ["```sh", command_of(shown, takes), "```", ""]
    return "\n".join(lines)


def compare_html(shown: Sequence[Shown]) -> str:
    """One page that loads nothing: the same tables for each role."""
    parts = [_HEAD]
    for one in shown:
        parts.append(f"<h1>{escape(safe(one.role or 'Comparison'))}: {len(one.names)} authors</h1>")
        for title, head, rows in _tables(one, every=True):
            cells = "".join(f'<th scope="col">{_escaped(cell)}</th>' if cell else "<td></td>" for cell in head)
            parts.append(f"<h2>{escape(title)}</h2><table><thead><tr>{cells}</tr></thead><tbody>")
            parts += [f"<tr>{_cells(head, row)}</tr>" for row in rows]
            parts.append("</tbody></table>")
        if takes := _worth(one.found):
            parts.append(f"<pre>{escape(command_of(one, takes))}</pre>")
    return "\n".join([*parts, "</main></body></html>", ""])


_HEAD = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
    'content="width=device-width, initial-scale=1"><meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">"
    "<title>Comparison</title><style>:root{color-scheme:light dark}body{background:Canvas;color:CanvasText;"
    "font:15px/1.45 system-ui,sans-serif;"
    "margin:2rem auto;max-width:75rem;padding:0 1rem;overflow-wrap:anywhere}table{border-collapse:collapse;"
    "margin:.4rem 0 1.4rem}td,th{border:1px solid #8884;padding:.2rem .5rem;text-align:left;vertical-align:top}"
    "thead th{background:#8882}pre{white-space:pre-wrap;background:#8882;padding:.7rem}"
    # On a phone each row is a block of its own, with the names of its columns in it.
    "@media(max-width:40rem){table,tbody,tr,td{display:block}thead{position:absolute;clip-path:inset(50%)}"
    "tr{border:1px solid #8884;margin:.5rem 0;padding:.3rem .6rem}td{border:0;padding:.1rem 0}td:empty{display:none}"
    "td[data-of]:before{content:attr(data-of) ': ';opacity:.75}td:first-child:not([data-of]){font-weight:600}}"
    "</style></head><body><main>"
)


def _escaped(cell: str) -> str:
    return escape(safe(cell))


def _cells(head: Sequence[str], cells: Sequence[str]) -> str:
    """The cells of a row, each with what its column is called for who sees no columns."""
    told = (f' data-of="{_escaped(of)}"' if of else "" for of in head)
    return "".join(f"<td{of}>{_escaped(cell)}</td>" for of, cell in zip(told, cells, strict=True))


def _tables(shown: Shown, *, every: bool) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    found, names = shown.found, shown.short
    yield "Authors", ["", *names], [[name, *cells] for name, cells in _figures(found)]
    rules = found.rules if every else found.rules[: _BUDGET["rules"]]
    if rules:
        rows = [
            [*(_in_words(rule.by(file)) for file in range(len(names))), one_line(rule.strongest.text)] for rule in rules
        ]
        yield f"Rules ({len(found.rules)})", [*names, "strongest wording"], rows
    if found.keys:
        rows = [[*("x" if n in key.holders else "" for n in range(len(names))), key.name] for key in found.keys]
        yield f"Keys of data ({len(found.keys)})", [*names, "key"], rows
    if found.topics:
        rows = [
            [
                topic.title,
                *(f"{count or ''}{' *' if n == topic.fullest else ''}" for n, count in enumerate(topic.words)),
            ]
            for topic in (found.topics if every else found.topics[: _BUDGET["topics"]])
        ]
        yield "Words by topic, the fullest marked", ["topic", *names], rows
    if found.clashes:
        rows = [
            [
                clash.slot or "statements",
                " | ".join(
                    f"{', '.join(f'{names[one.file]}:{one.line}' for one in alike)} {_plain(alike[0].text)}"
                    for alike in _by_words(clash)
                ),
            ]
            for clash in found.clashes
        ]
        yield f"Contradictions ({len(found.clashes)})", ["about", "sides"], rows
    if takes := _worth(found):
        rows = [[f"{names[one.file]}#{one.section}", _what(one)] for one in takes]
        yield f"What only one says, and binds; start from {names[found.base]}", ["take", "what"], rows


def _in_words(said: Said | None) -> str:
    if said is None:
        return ""
    return f"{said.word or 'plain'} (line {said.line})" if said.is_sure else f"perhaps line {said.line}"


# Data


def compare_json(shown: Sequence[Shown]) -> dict[str, Any]:
    """All comparisons as `agentmerge/compare/1`; `file` is the index into `files`."""
    return {
        "schema": "agentmerge/compare/1",
        "directed": False,
        "roles": [_role_json(one) for one in shown],
    }


def _role_json(shown: Shown) -> dict[str, Any]:
    found = shown.found
    data: dict[str, Any] = {
        "role": shown.role,
        "files": list(shown.names),
        "authors": [one._asdict() | {"tiers": list(one.tiers)} for one in found.profiles],
        "rules": [{"strongest": rule.strongest.file, "said": _said_json(rule.said)} for rule in found.rules],
        "keys": [{"name": key.name, "files": sorted(key.holders)} for key in found.keys],
        "topics": [
            {"title": topic.title, "words": list(topic.words), "fullest": topic.fullest} for topic in found.topics
        ],
        "contradictions": [
            {
                "slot": clash.slot,
                "sides": [{"file": one.file, "line": one.line, "text": one.text} for one in clash.sides],
            }
            for clash in found.clashes
        ],
        "base": found.base,
        "take": [
            {"file": one.file, "section": one.section, "rules": _said_json(one.rules), "keys": list(one.keys)}
            for one in found.takes
        ],
    }
    if shown.loss is not None:
        loss = shown.loss
        data["without"] = {
            "file": loss.file,
            "rules": _said_json(loss.rules),
            "weaker": [{"said": _said_json([mine])[0], "left": _said_json([rest])[0]} for mine, rest in loss.weaker],
            "keys": list(loss.keys),
            "topics": list(loss.topics),
        }
    return data


def _said_json(said: Sequence[Said]) -> list[dict[str, Any]]:
    return [
        {
            "file": one.file,
            "line": one.line,
            "text": one.text,
            "strength": one.strength,
            "word": one.word,
            "section": one.section,
            "sure": one.is_sure,
        }
        for one in said
    ]
