"""Whether a fenced block is in use or an example, read from what introduces it by the phrases of `data/modes.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from operator import is_

from agentmerge.knowledge import Knowledge
from agentmerge.memo import Kept
from agentmerge.model import Mode, Section, Unit
from agentmerge.parsing.fences import language_of

KEPT = 20_000
"""Lines whose mode is remembered."""
MAX_SHORT = 8
"""Words of a line that introduces without a colon."""
MAX_LINE = 400
"""Characters at the end of a line that are looked at."""
MAX_GAP = 3
"""Words that `*` stands for."""
HOLDS_LINES = 6
"""First lines of a block that may say what it is for."""

_SIGNS: tuple[Mode, ...] = ("use", "example")
_MARKS = re.compile(r"[*`]+|\[[ xX]\]|(?<!\w)_+|_+(?!\w)")
_SENTENCE = re.compile(r"(?<=[.!?])[)\"']*\s+|(?<=[。！？])")
_COMMENT = re.compile(r"(?:#+|//+|<!--|--|/\*+|;+|%+|\"\"\"|(?=[❌✅✗✓🚫👎👍]))\s*")
_TOKEN = re.compile(r"[\w'-]+(?:\.[\w'-]+)*|[^\w\s]")
_STOPS = frozenset(":：,;(–—")
_FIRST_GAPLESS = "\u3040"
"""Scripts from here on write words without gaps."""
_NUMBER = re.compile(r"\A(?:\d{1,3}[.)]|[-*+•]|step \d+:?)\s*")


class _Finder:
    """Looks for phrases. Regular expressions of so many words would take longer to compile than a file to read."""

    def __init__(self, rows: Mapping[Mode, Sequence[str]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], Mode]]] = {}
        self._gapless: list[tuple[str, Mode]] = []
        for mode, phrase in ((mode, phrase) for mode, phrases in rows.items() for phrase in phrases):
            words = tuple(_TOKEN.findall(phrase))
            if not words or any(char >= _FIRST_GAPLESS for char in phrase):
                self._gapless.append((phrase, mode))
            else:
                self._by_first.setdefault(words[0], []).append((words, mode))

    def places(self, text: str) -> Iterator[tuple[int, Mode]]:
        """Where in a text in lower case a phrase stands for the first time."""
        for phrase, mode in self._gapless:
            if (place := text.find(phrase)) >= 0:
                yield place, mode
        tokens = list(_TOKEN.finditer(text))
        words = [token[0] for token in tokens]
        found = ((token.start(), mode) for n, token in enumerate(tokens) if (mode := self.at(words, n)))
        yield from islice(found, 1)

    def at(self, words: Sequence[str], number: int) -> Mode:
        """The mode of a phrase that begins with a word of a text."""
        phrases = self._by_first.get(words[number], ()) if number < len(words) else ()
        return next((mode for phrase, mode in phrases if _matches(phrase, words, number)), "")


def _matches(phrase: Sequence[str], words: Sequence[str], number: int) -> bool:
    if "*" not in phrase:
        return phrase == tuple(words[number : number + len(phrase)])
    gap = phrase.index("*")
    if phrase[:gap] != tuple(words[number : number + gap]):
        return False
    rest, first = phrase[gap + 1 :], number + gap
    return any(rest == tuple(words[at : at + len(rest)]) for at in range(first, first + MAX_GAP + 1))


def _earliest(text: str, finders: Iterable[_Finder]) -> Mode:
    """The mode whose phrase stands first in a text; "" where none does."""
    return min((place for finder in finders for place in finder.places(text)), default=(0, ""))[1]


class Phrases:
    """The table of modes, ready to be looked for."""

    def __init__(self, knowledge: Knowledge) -> None:
        raw = knowledge.raw("modes")
        self._always, self._says, self._lines, self._labels, self._shell = (
            _Finder({mode: raw[mode][key] for mode in _SIGNS}) for key in ("always", "says", "lines", "labels", "shell")
        )
        self._orders, self._commands, self._holds, self._info = (
            _Finder({mode: raw[mode][key] for mode in _SIGNS}) for key in ("orders", "commands", "holds", "info")
        )
        self._wholes: dict[str, Mode] = {title: mode for mode in _SIGNS for title in raw[mode]["titles"]}
        self._before = tuple(tuple(words.split()) for words in raw["before"])
        self._points = _Finder({"use": raw["points"]})
        self._named = frozenset(raw["shells"]) - {"", *raw["documents"]}
        """Shells that a block names: under a heading alone, one without a language is mostly a drawing or a form."""
        self._shells, self._shown = frozenset(raw["shells"]), frozenset(raw["shown"])
        # Variants of one file have most of their lines in common.
        self._line_mode: Kept[tuple[str, bool], Mode] = Kept(lambda asked: self._of_line(*asked), KEPT)
        self._title_mode: Kept[tuple[str, bool], Mode] = Kept(lambda asked: self._of_title(*asked), KEPT)

    def of(self, unit: Unit, line: str, titles: Iterable[str]) -> Mode:
        """The mode of a block below `line`, in sections of these titles, the nearest one first."""
        language = language_of(unit.language)
        shell, named = language in self._shells, language in self._named
        return (
            _earliest(unit.language.lower(), [self._info])
            or self._line_mode[_plain(line[-MAX_LINE:]), shell]
            or self._of_content(unit.text)
            or next((mode for title in titles if (mode := self._title_mode[_plain(title), named])), "")
            or ("example" if language in self._shown else "")
        )

    def _of_line(self, text: str, shell: bool) -> Mode:
        if not text:
            return ""
        short = len(text.split()) <= MAX_SHORT and not text.endswith((".", "。"))
        introduces = short or text.endswith((":", "：")) or any(self._points.places(text))
        if introduces and (label := self._labels.at(_TOKEN.findall(text.lstrip("([\"'")), 0)):
            return label
        said = [self._always, *([self._says, self._lines, *([self._shell] if shell else [])] if introduces else [])]
        return _earliest(text, said) or self._ordered(text, [self._orders, *([self._commands] if shell else [])])

    def _ordered(self, text: str, orders: Sequence[_Finder]) -> Mode:
        words = _TOKEN.findall(text)
        places = (number for number in range(len(words)) if self._begins(words, number))
        return next((mode for number in places for order in orders if (mode := order.at(words, number))), "")

    def _begins(self, words: Sequence[str], number: int) -> bool:
        """Whether a word stands where an order begins."""
        if number == 0 or words[number - 1] in _STOPS:
            return True
        return any(before == tuple(words[max(0, number - len(before)) : number]) for before in self._before)

    def _of_title(self, text: str, shell: bool) -> Mode:
        return self._wholes.get(text.rstrip(" :：")) or _earliest(
            text, [self._always, self._says, *([self._shell] if shell else [])]
        )

    def _of_content(self, text: str) -> Mode:
        for line in text.split("\n", HOLDS_LINES)[:HOLDS_LINES]:
            row = line[:MAX_LINE].lower().strip()
            comment = _COMMENT.match(row)
            words = _TOKEN.findall(row[comment.end() :] if comment else row)
            found = self._holds.at(words, 0)
            if found == "use" or (found and comment):
                return found
        return ""


def with_modes(root: Section, knowledge: Knowledge) -> Section:
    """The section tree with the mode of each block of code."""
    return _section(root, (), knowledge)


def _section(section: Section, titles: tuple[str, ...], knowledge: Knowledge) -> Section:
    titles = (section.title, *titles) if section.title else titles
    found: list[Section | Unit] = []
    line = section.title if section.style in ("bold", "label") else ""
    for node in section.body:
        if isinstance(node, Section):
            found.append(_section(node, titles, knowledge))
            line = ""
        else:
            found.append(_unit(node, line, titles, knowledge))
            line = _last_line(node)
    return section if all(map(is_, found, section.body)) else replace(section, body=tuple(found))


def _unit(unit: Unit, line: str, titles: tuple[str, ...], knowledge: Knowledge) -> Unit:
    if unit.kind == "code":
        return replace(unit, mode=knowledge.derived(Phrases).of(unit, line, titles))
    children: list[Unit] = []
    above = unit.flow
    for child in unit.children:
        children.append(_unit(child, above, titles, knowledge))
        above = _last_line(child)
    return unit if all(map(is_, children, unit.children)) else replace(unit, children=tuple(children))


def _last_line(unit: Unit) -> str:
    """What a unit says of the block below it: an item only where it ends in a colon, code and tables nothing."""
    if unit.kind in ("code", "table", "rule"):
        return ""
    if unit.children:
        return _last_line(unit.children[-1])
    return unit.flow if unit.kind not in ("item", "task") or unit.flow.rstrip("*_ ").endswith((":", "：")) else ""


def _plain(text: str) -> str:
    """The last sentence of a text's last line, in lower case and without marks."""
    line = _MARKS.sub("", text.strip().rpartition("\n")[2]).strip()
    sentences = [part for part in _SENTENCE.split(line) if part.strip()]
    return _NUMBER.sub("", sentences[-1].strip().lower()) if sentences else ""
