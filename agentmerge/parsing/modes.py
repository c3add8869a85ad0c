"""Whether a fenced block is in use or an example, read from what introduces it by the phrases of `data/modes.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from agentmerge import tables
from agentmerge.model import Mode, Section, Unit
from agentmerge.parsing.fences import language_of

MAX_SHORT = 8
"""Words of a line that introduces without a colon."""
MAX_LINE = 400
"""Characters at the end of a line that are looked at."""
HOLDS_LINES = 6
"""First lines of a block that may say what it is for."""

_SIGNS: tuple[Mode, ...] = ("use", "example")
_MARKS = re.compile(r"[*`]+|\[[ xX]\]|(?<!\w)_+|_+(?!\w)")
_SENTENCE = re.compile(r"(?<=[.!?])[)\"']*\s+|(?<=[。！？])")
_COMMENT = re.compile(r"\s*(?:#+|//+|<!--|--|/\*+|;+|%+|\"\"\")?\s*")
_NUMBER = re.compile(r"\A(?:\d{1,3}[.)]|[-*+•]|step \d+:?)\s*")


class Phrases:
    """The table of modes, ready to be looked for."""

    def __init__(self, raw: tables.Raw) -> None:
        before = rf"(?:\A|[,;:(–—]\s*|(?:{'|'.join(_alternatives(raw['before']))})\s+)"
        rows = {mode: raw[mode] for mode in _SIGNS}
        self._always = {mode: _any(row["always"]) for mode, row in rows.items()}
        self._lines = {mode: _any([*row["says"], *row["lines"]]) for mode, row in rows.items()}
        self._titles = {mode: _any([*row["always"], *row["says"]]) for mode, row in rows.items()}
        self._wholes: dict[str, Mode] = {title: mode for mode, row in rows.items() for title in row["titles"]}
        self._orders = {mode: _any(row["orders"], before) for mode, row in rows.items()}
        self._shell = {mode: _any(row["shell"]) for mode, row in rows.items()}
        self._commands = {mode: _any(row["commands"], before) for mode, row in rows.items()}
        self._holds = {mode: _any(row["holds"], r"\A") for mode, row in rows.items()}
        self._info = {mode: _any(row["info"]) for mode, row in rows.items()}
        self._points = _any(raw["points"])
        self._shells, self._shown = frozenset(raw["shells"]), frozenset(raw["shown"])

    def of(self, unit: Unit, line: str, titles: Iterable[str]) -> Mode:
        """The mode of a block below `line`, in sections of these titles, the nearest one first."""
        shell = language_of(unit.language) in self._shells
        return (
            (_earliest([self._info], unit.language.lower()) if unit.language else "")
            or self._of_line(_plain(line[-MAX_LINE:]), shell=shell)
            or self._of_content(unit.text)
            or next((mode for title in titles if (mode := self._of_title(_plain(title), shell=shell))), "")
            or ("example" if language_of(unit.language) in self._shown else "")
        )

    def _of_line(self, text: str, *, shell: bool) -> Mode:
        if not text:
            return ""
        short = len(text.split()) <= MAX_SHORT and not text.endswith((".", "。"))
        introduces = short or text.endswith((":", "：")) or self._points.search(text) is not None
        said = [self._always, *([self._lines, *([self._shell] if shell else [])] if introduces else [])]
        return _earliest(said, text) or _earliest([self._orders, *([self._commands] if shell else [])], text)

    def _of_title(self, text: str, *, shell: bool) -> Mode:
        if text.rstrip(" :：") in self._wholes:
            return self._wholes[text.rstrip(" :：")]
        return _earliest([self._titles, *([self._shell] if shell else [])], text)

    def _of_content(self, text: str) -> Mode:
        for line in text.split("\n", HOLDS_LINES)[:HOLDS_LINES]:
            if found := _earliest([self._holds], _COMMENT.sub("", line[:MAX_LINE].lower(), count=1)):
                return found
        return ""


def with_modes(root: Section) -> Section:
    """The section tree with the mode of each block of code."""
    return _section(root, ()) if _holds_code(root.body) else root


def _holds_code(nodes: Sequence[Section | Unit]) -> bool:
    return any(
        node.kind == "code" or _holds_code(node.children) if isinstance(node, Unit) else _holds_code(node.body)
        for node in nodes
    )


def _section(section: Section, titles: tuple[str, ...]) -> Section:
    titles = (section.title, *titles) if section.title else titles
    found: list[Section | Unit] = []
    line = section.title if section.style in ("bold", "label") else ""
    for node in section.body:
        if isinstance(node, Section):
            found.append(_section(node, titles) if _holds_code(node.body) else node)
            line = ""
        else:
            found.append(_unit(node, line, titles))
            line = _last_line(node)
    return replace(section, body=tuple(found))


def _unit(unit: Unit, line: str, titles: tuple[str, ...]) -> Unit:
    if unit.kind == "code":
        return replace(unit, mode=_phrases().of(unit, line, titles))
    if not _holds_code(unit.children):
        return unit
    above = unit.text
    children = []
    for child in unit.children:
        children.append(_unit(child, above, titles))
        above = _last_line(child)
    return replace(unit, children=tuple(children))


def _last_line(unit: Unit) -> str:
    """The line of a unit that may introduce what follows: its last one."""
    if unit.kind in ("code", "table", "rule"):
        return ""
    return _last_line(unit.children[-1]) if unit.children else unit.text


def _plain(text: str) -> str:
    """The last sentence of a text's last line, in lower case and without marks."""
    line = _MARKS.sub("", text.strip().rpartition("\n")[2]).strip()
    sentences = [part for part in _SENTENCE.split(line) if part.strip()]
    return _NUMBER.sub("", sentences[-1].strip().lower()) if sentences else ""


def _earliest(patterns: Iterable[Mapping[Mode, re.Pattern[str]]], text: str) -> Mode:
    """The mode whose phrase stands first in a text; "" where none does."""
    pairs = (pair for rows in patterns for pair in rows.items())
    found = [(match.start(), mode) for mode, pattern in pairs if (match := pattern.search(text))]
    return min(found)[1] if found else ""


def _any(phrases: Sequence[str], before: str = "") -> re.Pattern[str]:
    return re.compile(rf"{before}(?:{'|'.join(_alternatives(phrases)) or '(?!)'})")


def _alternatives(phrases: Sequence[str]) -> Iterator[str]:
    for phrase in sorted(phrases, key=len, reverse=True):
        words = re.escape(phrase.lower()).replace(r"\ \*\ ", r"(?:\s+\S+){0,3}?\s+").replace(r"\ ", r"\s+")
        before = r"(?<![\w-])" if phrase[0].isascii() and phrase[0].isalnum() else ""
        after = r"(?![\w-])" if phrase[-1].isascii() and phrase[-1].isalnum() else ""
        yield f"{before}{words}{after}"


def _phrases() -> Phrases:
    return _known(tables.current())


@lru_cache(maxsize=4)
def _known(source: tables.Tables) -> Phrases:
    return Phrases(source.raw("modes"))
