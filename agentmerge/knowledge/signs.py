"""A text in, what binds in it out: signs such as ❌ ✅ ☐ 🔴, and the words of a prohibition or an obligation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal, NamedTuple

from agentmerge.errors import PolicyError
from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import Definition, Kept, Section, Unit, per_definition

# Signs ----------------------------------------------------------------------------------------------------------------
#
# What the signs mean that statements begin with: ❌ forbids, ✅ asks for, ☐ is an open task, 🔴 a grade, • a mark.
#
# The table is `data/signs.toml`. Reading, alignment, review, combine and merge all ask here, so that a sign that is a
# prohibition to one of them is no ornament to the next.


Force = Literal["forbid", "demand", ""]

_MEANINGS = ("mark", "dash", "forbid", "demand", "open", "done", "note")
_SELECTORS = "\ufe0e\ufe0f"
"""Whether a sign is drawn as text or as a picture: no difference in meaning."""
_PLAIN = str.maketrans("", "", _SELECTORS)
_JOINERS = frozenset(f"{_SELECTORS}\u200d\u20e3")
_BLANKS = " \t"
_EMPHASIS = re.compile(r"[*_]{1,3}(?=\S)")
_MARKS = re.compile(r"[*_`~]+")
_LABEL_END = re.compile(r"[:：(（\n]|\s[-–—]+\s|\Z")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_BETWEEN = re.compile(r"[ \t]*(?:/[ \t]*)?")
MAX_LABEL_WORDS = 5
"""Words of a label that makes a sign the mark of an example; more are a statement."""


class Stance(NamedTuple):
    """What signs lay on one unit."""

    force: Force = ""
    """Whether it is forbidden or asked for by a sign, its own or that of what stands above it."""
    strength: str = ""
    """`strong` (as must and never) or `medium` (as should); "" without a force."""
    sign: str = ""
    """The sign that says so, or the first sign of its own."""
    above: bool = False
    """Whether the sign is that of the heading, the label or the item above."""
    grade: str = ""
    """Its severity, where a sign of its own says one."""
    shows: Force = ""
    """Of code: whether a sign above it calls it right (`demand`) or wrong (`forbid`)."""

    def against(self, other: Stance) -> bool:
        """Whether one forbids, or calls wrong, what the other asks for or calls right."""
        both = {self.force, other.force}, {self.shows, other.shows}
        return {"forbid", "demand"} in both


PLAIN = Stance()
"""Of a unit without signs."""


class Signs:
    """The table, ready for reading. One per set of tables. PolicyError for a meaning that does not exist."""

    def __init__(self, knowledge: Knowledge) -> None:
        raw = knowledge.raw("signs")
        self.meaning: Mapping[str, str] = {sign.translate(_PLAIN): name for sign, name in raw["meaning"].items()}
        self._force: Mapping[str, str] = raw["force"]
        self.grades: Sequence[str] = raw["severity"]["grades"]
        names = {*_MEANINGS, *self.grades}
        for sign, name in self.meaning.items():
            if name not in names:
                remedy = f"use one of {', '.join(sorted(names))}"
                raise PolicyError(f"the sign {sign!r} has the meaning {name!r}", remedy=remedy)
        self._words = frozenset(raw["examples"]["words"])
        self._beside = self._words | frozenset(raw["examples"]["beside"])
        states = "|".join(map(re.escape, raw["states"]["words"]))
        state, name = rf"(?:not )?(?:{states})", rf"\S+(?:\s\S+){{0,{MAX_LABEL_WORDS - 1}}}?"
        shown = rf"{name}\s*(?:[(\[]{state}[)\]]|(?:\s[-–—]|:)\s{state})[.!]?"
        self._state = re.compile(shown, re.IGNORECASE)
        self._starts = frozenset(sign[0] for sign in self.meaning)
        self._canonical = {name: sign for sign, name in reversed(self.meaning.items())}
        self._telling = frozenset({"forbid", "demand", "open", "done", *self.grades})
        self._lengths = sorted({len(sign) for sign in self.meaning}, reverse=True)

    @cached_property
    def _anywhere(self) -> re.Pattern[str]:
        known = sorted((s for s, name in self.meaning.items() if name in self._telling), key=lambda s: (-len(s), s))
        return re.compile("|".join(map(re.escape, known)) or r"(?!)")

    def _at(self, text: str, at: int) -> tuple[str, int]:
        """The sign that stands at a place, and where it ends; "" for none."""
        if at < len(text) and text[at] in self._starts:
            for length in self._lengths:
                if (sign := text[at : at + length]) in self.meaning:
                    end = at + length
                    while end < len(text) and text[end] in _SELECTORS:
                        end += 1
                    return sign, end
        return "", at

    def bullet(self, row: str) -> tuple[str, str] | None:
        """The mark (as written) and the words of a line that starts with a sign of the table.

        What is part of the words is no mark: the mark of `❌ Skip the tests` is "". None for any other line, and for a
        sign with nothing behind it.
        """
        text = row.strip(_BLANKS)
        sign, end = self._at(text, 0)
        name = self.meaning.get(sign, "")
        rest = text[end:].lstrip(_BLANKS)
        if not sign:
            return ("", text) if text[:1] in "*_" and self.opening(text)[0] else None
        if not rest or (name == "dash" and text[end : end + 1] not in _BLANKS):
            return None
        return (text[:end], rest) if name in ("mark", "dash") else ("", text)

    def opening(self, text: str) -> tuple[tuple[str, ...], str]:
        """The signs that a text begins with, inside of its emphasis too, and the text without them; no marks."""
        if text.isascii():
            return (), text
        plain = text.lstrip(_BLANKS)
        emphasis = _EMPHASIS.match(plain)
        start = emphasis.end() if emphasis is not None else 0
        found: list[str] = []
        at = start
        while True:
            sign, end = self._at(plain, at)
            if not sign or self.meaning[sign] in ("mark", "dash"):
                break
            found.append(sign)
            behind = _BETWEEN.match(plain, end)
            assert behind is not None
            at = behind.end()
            if "/" in behind[0] and not self._at(plain, at)[0]:
                at = end
        return (tuple(found), plain[:start] + plain[at:]) if found else ((), text)

    def state(self, text: str) -> bool | None:
        """Whether a text begins with the sign of a task, and whether that is done; None for no task."""
        found, rest = self.opening(text)
        name = self.meaning[found[0]] if found and rest.strip() else ""
        return name == "done" if name in ("open", "done") else None

    def said(self, text: str) -> str:
        """A text as it is compared: signs of one meaning are one sign, and the state of a task is none of its words."""
        if text.isascii():
            return text
        found, rest = self.opening(text)
        named = [self.meaning[sign] for sign in found]
        signs = [
            sign if name == "note" else self._canonical[name]
            for sign, name in zip(found, named, strict=True)
            if name not in ("open", "done")
        ]
        return " ".join([*dict.fromkeys(signs), rest]).translate(_PLAIN)

    def without(self, text: str) -> str:
        """A text without the signs of forbidding, asking, state and severity, wherever they stand in it."""
        return text if text.isascii() else self._anywhere.sub(" ", text.translate(_PLAIN))

    def told(self, text: str) -> tuple[str, ...]:
        """What the signs in a text mean, in order and wherever they stand: marks and notes left out."""
        return () if text.isascii() else tuple(self.meaning[sign] for sign in self._anywhere.findall(text))

    def own(self, text: str) -> Stance:
        """What the signs that a text begins with lay on it; `✅ Good:` marks an example, `✓ scan (found)` a state."""
        found, rest = self.opening(text)
        if not found:
            return PLAIN
        force = self._force_of(found)
        grade = next((name for sign in found if (name := self.meaning[sign]) in self.grades), "")
        if not force or self._names_example(rest) or self._state.fullmatch(_MARKS.sub("", rest).strip()):
            return Stance(sign=found[0], grade=grade)
        sign = next(sign for sign in found if self.meaning[sign] == force)
        return Stance(force, self._force[force], sign, grade=grade)

    def shown(self, text: str) -> Force:
        """Whether the signs that a text begins with call right or wrong what it introduces."""
        return self._force_of(self.opening(text)[0])

    def _force_of(self, found: Iterable[str]) -> Force:
        forces = {self.meaning[sign] for sign in found} & {"forbid", "demand"}
        return "" if len(forces) != 1 else "forbid" if "forbid" in forces else "demand"

    def _names_example(self, rest: str) -> bool:
        plain = _MARKS.sub("", rest).strip()
        end = _LABEL_END.search(plain)
        label = [word.lower() for word in _WORD.findall(plain[: end.start()] if end is not None else plain)]
        few = 0 < len(label) <= MAX_LABEL_WORDS
        return few and not self._words.isdisjoint(label) and self._beside.issuperset(label)


def of(knowledge: Knowledge) -> Signs:
    """The signs that are known."""
    return knowledge.derived(Signs)


def unsigned(text: str) -> str:
    """A text without the signs, pictures and blanks that it begins with, whatever they mean."""
    at = 0
    while at < len(text) and (text[at] in _BLANKS or _is_picture(text[at])):
        at += 1
    return text[at:] if at and not text[:at].isspace() else text


def _is_picture(char: str) -> bool:
    return not char.isascii() and (char in _JOINERS or unicodedata.category(char) == "So" or "🏻" <= char <= "🏿")


def turned(before: Sequence[str], after: Sequence[str]) -> tuple[str, str] | None:
    """The first two meanings of which one forbids what the other asks for, at the same place of as many signs."""
    if len(before) != len(after):
        return None
    pairs = zip(before, after, strict=True)
    return next((pair for pair in pairs if set(pair) == {"forbid", "demand"}), None)


def weighs(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether the signs of two texts differ in more than the state of a task or in one that asks for something."""
    light = {"open", "done", "demand"}
    left, right = ([name for name in told if name not in light] for told in (before, after))
    return left != right


# What a sign lays on the units of a definition


@per_definition
def stances(definition: Definition, knowledge: Knowledge) -> Mapping[int, Stance]:
    """What signs lay on each unit, by its line; units that no sign speaks of are left out.

    A heading or a label with a sign governs its items, and so does an item that ends in a colon. Directly before code
    a sign marks an example and asks for nothing.
    """
    if definition.text.isascii():
        return {}
    return dict(_Reading(knowledge).of_section(definition.root, PLAIN))


class _Reading:
    def __init__(self, knowledge: Knowledge) -> None:
        self._signs = of(knowledge)
        self._remedies = frozenset(knowledge.raw("modality")["remedies"]["leads"])

    def of_section(self, section: Section, above: Stance) -> Iterator[tuple[int, Stance]]:
        yield from self._shown(section.title, section.body)
        for node, following in _with_next(section.body):
            if isinstance(node, Unit):
                yield from self._of_unit(node, following, above)
            else:
                yield from self.of_section(node, self._of_title(node, above))

    def _shown(self, above: str, nodes: Iterable[Unit | Section]) -> Iterator[tuple[int, Stance]]:
        """The code that stands directly below a text with a sign."""
        for node in nodes:
            if not isinstance(node, Unit):
                return
            if node.kind == "code" and (shows := self._signs.shown(above)):
                yield node.line, Stance(shows=shows)
            above = "" if node.kind == "code" else node.flow

    def _of_title(self, section: Section, above: Stance) -> Stance:
        """What a heading lays on its items: a line before a list hands on what its heading does."""
        own = self._signs.own(section.title)
        if own.sign:
            return PLAIN if _is_code(next(iter(section.body), None)) else own
        return PLAIN if section.heading_level else above

    def _of_unit(self, unit: Unit, following: object, above: Stance) -> Iterator[tuple[int, Stance]]:
        own = PLAIN if unit.kind in ("code", "html") else self._signs.own(unit.flow)
        if own.force and self._shows_code(unit, following):
            own = Stance(sign=own.sign, grade=own.grade)
        is_item = unit.kind in ("item", "task")
        stance = own
        if not own.sign and above.force and is_item and unit.lead.strip(" :：").lower() not in self._remedies:
            stance = above._replace(above=True, grade="")
        if stance != PLAIN:
            yield unit.line, stance
        opens = is_item and unit.flow.rstrip().endswith((":", "："))
        below = stance if opens and stance.force else PLAIN
        yield from self._shown(unit.flow, unit.children)
        for child, after in _with_next(unit.children):
            assert isinstance(child, Unit)
            yield from self._of_unit(child, after, below)

    @staticmethod
    def _shows_code(unit: Unit, following: object) -> bool:
        first = unit.children[0] if unit.children else following if unit.kind == "paragraph" else None
        return _is_code(first)


def _is_code(node: object) -> bool:
    return isinstance(node, Unit) and node.kind == "code"


def _with_next(nodes: Sequence[Unit | Section]) -> Iterator[tuple[Unit | Section, Unit | Section | None]]:
    return zip(nodes, [*nodes[1:], None], strict=False)


# Guardrails -----------------------------------------------------------------------------------------------------------
#
# What binds: the words and signs that make a text a prohibition or an obligation, told by their tables.


KEPT = 20_000
"""Texts that are remembered with the words that they hold."""


def holds_guardrail(text: str, knowledge: Knowledge) -> bool:
    """Whether a text forbids or demands something, by its words or by the sign that it begins with."""
    return bool(listed_words(text, "guardrail", knowledge=knowledge)) or bool(of(knowledge).own(text).force)


def listed_words(text: str, row: str, knowledge: Knowledge) -> frozenset[str]:
    """Which words of a row of the identity table a text holds."""
    return knowledge.derived(_Patterns).found[text, row]


class _Patterns:
    """The rows of the identity table as patterns, each made when it is asked for."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._rows = knowledge.raw("identity")
        self._known: dict[str, tuple[re.Pattern[str], tuple[str, ...]]] = {}
        self.found = Kept(self._find, KEPT)
        """The words of a row that a text holds, by text and row."""

    def _find(self, asked: tuple[str, str]) -> frozenset[str]:
        text, row = asked
        plain, wide = self.of(row)
        lowered = text.lower().replace("’", "'")
        return frozenset(plain.findall(lowered)) | frozenset(word for word in wide if word in lowered)

    def of(self, row: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
        if row not in self._known:
            self._known[row] = _pattern(self._rows[row]["words"])
        return self._known[row]


def _pattern(words: Sequence[str]) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """Words of alphabets with blanks as one pattern, and the others, which stand inside runs of signs."""
    parted = [word for word in words if word.isascii() or (word.isalpha() and word < "\u0590")]
    joined = "|".join(re.escape(word) for word in sorted(parted, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)"), tuple(word for word in words if word not in parted)
