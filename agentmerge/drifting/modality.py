"""How strongly a statement binds: the words of `data/modality.toml`, found in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Literal, NamedTuple

from agentmerge.knowledge import Knowledge

Sign = Literal["forbid", "oblige", "permit"]

STRONG, MEDIUM, WEAK = 3, 2, 1
MAX_KNOWN = 50_000
"""Statements whose modal words are remembered: a review reads each definition once per pair."""

_LEVELS = {"strong": STRONG, "medium": MEDIUM, "weak": WEAK}
_SIGNS: tuple[Sign, ...] = ("forbid", "oblige", "permit")
_FIRST_GAPLESS = "\u3040"
"""Scripts from here on write words without gaps; before it none does that the table has words of."""
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u02bc": "'", "\u00b4": "'"})
_MARKS = re.compile(r"[*_`~]+(?=\S)|(?<=\S)[*_`~]+")
_CLOSING = " \t\n*_`~\"')]"
_WORD = re.compile(r"\w+(?:['-]\w+)*")
_QUOTES = re.compile(r"\"[^\"\n]+\"|“[^”\n]+”")
_LABEL = re.compile(r"\(\s*(?:must|should|could|may|can|shall|need to)[ -]\w+[^()]*\)", re.IGNORECASE)
MOST_LABELLED = 5
"""Words beside a label in parentheses of what it is put on: `Critical issues (must fix)`."""
LEAST_AROUND = 2
"""Words around a quotation from which on it is only quoted."""
_CASE = re.compile(r"\W*(?:if|when|where|whenever)\b[^,;:.]*\Z")
"""What stands before a word that tells in which case something is needed: `If examples are required, open it`."""
_NOUN = re.compile(r" (?!to\b|for\b|that\b|when\b|before\b|after\b|if\b|in\b|on\b|and\b|or\b)\w")
"""A word that follows at once, of which the one before tells something: `mandatory fields`."""
_MONTH = re.compile(r"\bmay\s+\d")


class Modal(NamedTuple):
    """One word that binds, as it stands in a statement."""

    word: str
    strength: int
    """3 strong, 2 medium, 1 weak."""
    sign: Sign


class Modality:
    """Reads modal words; `remedies` are leads that mend what a section of pitfalls names."""

    def __init__(self, knowledge: Knowledge) -> None:
        raw = knowledge.raw("modality")
        rows = [
            (word, strength, sign)
            for level, strength in _LEVELS.items()
            for sign in _SIGNS
            for word in raw[level].get(sign, ())
        ]
        self._modals = {word: Modal(word, strength, sign) for word, strength, sign in reversed(rows)}
        self._phrases = _by_first_word(word for word in self._modals if not _is_gapless(word))
        self._leading: dict[str, Sign] = {word: sign for sign in _SIGNS for word in raw["leading"].get(sign, ())}
        self.remedies = frozenset(raw["remedies"]["leads"])
        self._orders, self._after, self._conditions = (
            frozenset(raw["orders"][row]) for row in ("words", "after", "conditions")
        )
        self._relatives, self._attributes, self._subjects, self._past = (
            frozenset(raw["orders"][row]) for row in ("relatives", "attributes", "subjects", "past")
        )
        self._loud = frozenset(raw["capitals"]["words"])
        self._describing = frozenset(raw["describing"]["titles"])
        self._announcing = frozenset(raw["announcing"]["forbid"])
        words = "|".join(map(re.escape, raw["exceptions"]["opens"]))
        self._except = re.compile(rf"\b(?:{words})\b[^.;:]*", re.IGNORECASE)
        self._praising = frozenset(raw["praising"]["titles"])
        self._exceptions = re.compile(rf"(?<!\w)(?:{_any(map(str.lower, raw['exceptions']['passages']))})(?!\w)")
        self.limits: tuple[str, ...] = tuple(f"{word} " for word in raw["limits"]["words"])
        self.limits_of_prohibitions = (*self.limits, *(f"{word} " for word in raw["limits"]["forbid"]))
        self._hedges = re.compile(rf"(?<!\w)(?:{_any(raw['hedges']['words'])})(?!\w)")
        self.universal = frozenset(knowledge.raw("words")["quantifier"]["universal"])
        self._known: dict[str, tuple[Modal, ...]] = {}

    def read(self, text: str) -> tuple[Modal, ...]:
        """The modal words of a statement, in order; Markdown's marks do not hide them."""
        found = self._known.get(text)
        if found is None:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            found = self._known[text] = tuple(self._read(text))
        return found

    def hedges(self, folded: str) -> frozenset[str]:
        """The words that take from a rule what it binds, in the words of its sentence."""
        return frozenset(self._hedges.findall(folded))

    def describes(self, title: str) -> bool:
        """Whether the items below a heading describe what goes wrong and ask for nothing."""
        return not self._describing.isdisjoint(_WORD.findall(title.lower()))

    def is_label(self, modals: Sequence[Modal]) -> bool:
        """Whether all that binds is a word that is put before a thing: `REQUIRED SKILL: use it`."""
        return bool(modals) and all(modal.word in self._attributes for modal in modals)

    def announced(self, text: str) -> Modal | None:
        """What a lead that says nothing else lays on what stands below it: `**Will NOT**:`."""
        words = " ".join(_WORD.findall(text.lower().translate(_APOSTROPHES)))
        return Modal(words, STRONG, "forbid") if words in self._announcing else None

    def excepted(self, text: str, before: str) -> str:
        """What an exception of a prohibition takes out of it beyond what it did; "" where it says the same or less."""
        new, old = (self._except.search(one) for one in (text, before))
        if new is None or old is None or text[: new.start()] != before[: old.start()]:
            return ""
        there = set(_WORD.findall(old[0].lower()))
        more = [word for word in _WORD.findall(new[0]) if word.lower() not in there]
        return " ".join(more) if more and there <= set(_WORD.findall(new[0].lower())) else ""

    def praises(self, title: str) -> bool:
        """Whether the text below a heading tells what is good about something."""
        return not self._praising.isdisjoint(_WORD.findall(title.lower()))

    def among_pitfalls(self, modals: Iterable[Modal], *, described: bool) -> tuple[Modal, ...]:
        """Modal words of an item in a section of prohibitions: the word that it begins with forbids there.

        It forbids nothing where the section only describes what goes wrong, and what mends it there binds mildly.
        """
        kept = [
            modal if modal.word in self._modals else modal._replace(strength=STRONG)
            for modal in modals
            if modal.word in self._modals or not described
        ]
        return tuple(
            one._replace(strength=min(one.strength, MEDIUM)) if described and one.sign == "oblige" else one
            for one in kept
        )

    def _read(self, text: str) -> Iterator[Modal]:
        if ":" not in text and text.rstrip(_CLOSING).endswith(("?", "？")):
            return
        written = _in_use(_MARKS.sub("", text.translate(_APOSTROPHES)))
        plain = written.lower()
        plain = _MONTH.sub(" ", self._exceptions.sub(" ", plain))
        matches = list(_WORD.finditer(plain))
        words = [match[0] for match in matches]
        if len(words) > 1 and words[0] in self._leading and not self._phrase(words, 0):
            sign = self._leading[words[0]]
            loud = sign != "forbid" or words[0].upper() in _WORD.findall(written)[:1]
            yield Modal(words[0], STRONG if loud else MEDIUM, sign)
        at = 0
        while at < len(words):
            phrase = self._phrase(words, at) if words[at] in self._phrases else ()
            if phrase:
                adjacent = at > 0 and plain[matches[at - 1].end() : matches[at].start()].isspace()
                before = words[max(at - 2, 0) : at] if adjacent else []
                end = matches[at + len(phrase) - 1].end()
                found = self._as_written(self._modals[" ".join(phrase)], before, written)
                if found.word in self._attributes and _NOUN.match(plain, end) and found.word.upper() not in written:
                    found = found._replace(strength=min(found.strength, MEDIUM))
                in_case = found.word.endswith("required") and _CASE.match(plain[: matches[at].start()]) is not None
                if not in_case and not self._is_told(
                    found.word, before, words[at + len(phrase) : at + len(phrase) + 1]
                ):
                    yield found
            at += max(len(phrase), 1)
        if _is_gapless(plain):
            yield from (self._modals[match[0]] for match in self._gapless.finditer(plain))

    def _as_written(self, modal: Modal, before: Sequence[str], written: str) -> Modal:
        """A word as strong as its place makes it: milder in a statement or a condition, stronger in capitals."""
        stated = bool(before) and (before[-1] not in self._after or before[0] in self._conditions)
        if stated and modal.word in self._orders:
            return modal._replace(strength=MEDIUM)
        if modal.word in self._loud and modal.word.upper() in written:
            return modal._replace(strength=STRONG)
        return modal

    def _is_told(self, word: str, before: Sequence[str], behind: Sequence[str]) -> bool:
        """Whether a word that forbids tells what something is like, or what happened: `You never saw it fail`."""
        if word not in self._orders or not before:
            return False
        happened = bool(behind) and (behind[0] in self._past or behind[0].endswith("ed"))
        return before[-1] in self._relatives or (before[-1] in self._subjects and happened)

    @cached_property
    def _gapless(self) -> re.Pattern[str]:
        return re.compile(_any(word for word in self._modals if _is_gapless(word)) or r"(?!)")

    def _phrase(self, words: Sequence[str], at: int) -> tuple[str, ...]:
        """The longest phrase of the table that begins at a word."""
        return next((p for p in self._phrases.get(words[at], ()) if tuple(words[at : at + len(p)]) == p), ())


def _in_use(text: str) -> str:
    """A statement without what it only quotes (`She said "I don't believe you"`), or puts a label on (`(must fix)`)."""
    bare = _LABEL.sub(" ", text)
    if bare != text and len(_WORD.findall(bare)) <= MOST_LABELLED:
        return bare
    if '"' not in text and "“" not in text:
        return text
    outside = _QUOTES.sub(" ", text)
    return outside if len(_WORD.findall(outside)) >= LEAST_AROUND else text


def _is_gapless(text: str) -> bool:
    return max(text, default="") >= _FIRST_GAPLESS


def _by_first_word(words: Iterable[str]) -> dict[str, list[tuple[str, ...]]]:
    """Phrases by their first word, the longest first."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for word in sorted(words, key=lambda word: (-len(word.split()), word)):
        found.setdefault(word.split()[0], []).append(tuple(word.split()))
    return found


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


def modality(knowledge: Knowledge) -> Modality:
    """The reader that knows these tables."""
    return knowledge.derived(Modality)
