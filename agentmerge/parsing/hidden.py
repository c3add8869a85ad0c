"""Characters that a person does not see, or takes for others, while a model reads them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence

from agentmerge.characters import is_needed, may_hide, suspects
from agentmerge.knowledge import Knowledge
from agentmerge.model import Diagnostic, Field
from agentmerge.parsing.lines import split_lines
from agentmerge.parsing.notes import note

MAX_NOTES = 20
"""Lines with hidden characters that are told one by one."""
MAX_POINTS = 6
"""Code points that one diagnostic spells out."""

_WORD = re.compile(r"[^\W\d_]+")
_NAME_FIELDS = frozenset({"name", "tools", "allowed-tools", "disallowedTools", "disallowed-tools", "agents", "skills"})


def hidden_notes(text: str, knowledge: Knowledge) -> Iterator[Diagnostic]:
    """A diagnostic for each line and kind of hidden character, with the code points; the first lines only."""
    if text.startswith("\ufeff"):
        yield note("byte-order-mark", 1, knowledge)
    found = 0
    for number, line in _suspect_lines(text.removeprefix("\ufeff")):
        for code, chars in _by_code(line).items():
            found += 1
            if found > MAX_NOTES:
                return
            yield note(code, number, knowledge, count=_count(code, chars), points=_points(chars))


def hidden_characters(text: str) -> Counter[str]:
    """Every hidden or control character of a text, with how often it stands there; what emoji and scripts need
    is not one of them."""
    return Counter(char for _, line in _suspect_lines(text) for chars in _by_code(line).values() for char in chars)


def _suspect_lines(text: str) -> Iterator[tuple[int, str]]:
    if may_hide(text):
        find = suspects().search
        yield from ((number, line) for number, line in enumerate(split_lines(text), 1) if find(line))


def _by_code(line: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for match in suspects().finditer(line):
        if not is_needed(line, match.start()):
            found.setdefault(_code(match[0]), []).append(match[0])
    return found


def _code(char: str) -> str:
    category = unicodedata.category(char)
    return {"Cc": "control-character", "Co": "private-use"}.get(category, "hidden-character")


def _count(code: str, chars: Sequence[str]) -> str:
    name = {"private-use": "private-use character"}.get(code, code.replace("-", " "))
    return f"a {name} stands" if len(chars) == 1 else f"{len(chars)} {name}s stand"


def _points(chars: Sequence[str]) -> str:
    counts = Counter(chars)
    shown = [f"U+{ord(char):04X} {unicodedata.name(char, '')}".rstrip() for char in list(counts)[:MAX_POINTS]]
    return ", ".join(shown) + (", ..." if len(counts) > MAX_POINTS else "")


def name_notes(filename: str | None, fields: Sequence[Field], knowledge: Knowledge) -> Iterator[Diagnostic]:
    """A diagnostic for each word in a tool, agent or file name whose letters come from two scripts that look alike."""
    if filename and not filename.isascii():
        yield from _mixed(re.split(r"[/\\]", filename)[-1], 1, knowledge)
    for field in fields:
        if field.key in _NAME_FIELDS and not field.text.isascii():
            yield from _mixed(field.text, field.line, knowledge)


def _mixed(text: str, line: int, knowledge: Knowledge) -> Iterator[Diagnostic]:
    for match in _WORD.finditer(text):
        scripts = {name for char in match[0] if (name := _script(char))}
        if len(scripts) > 1 and scripts <= {"Latin", "Cyrillic", "Greek", "Armenian", "Cherokee"}:
            strange = [char for char in match[0] if _script(char) != "Latin"]
            yield note(
                "mixed-script",
                line,
                knowledge,
                word=match[0],
                scripts=" and ".join(sorted(scripts)),
                points=_points(strange),
            )


def _script(char: str) -> str:
    name = unicodedata.name(char, "")
    return name.partition(" ")[0].title() if unicodedata.category(char).startswith("L") else ""
