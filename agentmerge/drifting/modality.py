"""How strongly a statement binds: the words of `data/modality.toml`, found in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from agentmerge import tables

Sign = Literal["forbid", "oblige", "permit"]

STRONG, MEDIUM, WEAK = 3, 2, 1
_LEVELS = {"strong": STRONG, "medium": MEDIUM, "weak": WEAK}
_SIGNS: tuple[Sign, ...] = ("forbid", "oblige", "permit")
_GAPLESS = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u02bc": "'", "\u00b4": "'"})
_MARKS = re.compile(r"[*_`~]+(?=\S)|(?<=\S)[*_`~]+")
_MONTH = re.compile(r"\bmay\s+\d", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Modal:
    """One word that binds, as it stands in a statement."""

    word: str
    strength: int
    """3 strong, 2 medium, 1 weak."""
    sign: Sign


class Modality:
    """Reads modal words by the tables in force."""

    def __init__(self, source: tables.Tables) -> None:
        raw = source.raw("modality")
        self._words: dict[str, tuple[int, Sign]] = {}
        for level, strength in _LEVELS.items():
            for sign in _SIGNS:
                for word in raw[level].get(sign, ()):
                    self._words.setdefault(word, (strength, sign))
        self._leading = re.compile(rf"\W*(?:{_any(raw['leading']['forbid'])})\b(?!-)(?!\s*[.:])", re.IGNORECASE)
        self._exceptions = re.compile(rf"(?<!\w)(?:{_any(raw['exceptions']['passages'])})(?!\w)", re.IGNORECASE)
        self._pattern = re.compile("|".join(_bounded(word) for word in _longest_first(self._words)), re.IGNORECASE)

    def read(self, text: str) -> tuple[Modal, ...]:
        """The modal words of a statement, in order; Markdown's marks do not hide them."""
        text = _MARKS.sub("", text.translate(_APOSTROPHES))
        text = _MONTH.sub(" ", self._exceptions.sub(" ", text))
        found = [self._modal(match[0]) for match in self._pattern.finditer(text)]
        leading = self._leading.match(text)
        if leading and not any(modal.sign == "forbid" for modal in found[:1]):
            found.insert(0, Modal(leading[0].strip().lower(), STRONG, "forbid"))
        return tuple(found)

    def _modal(self, written: str) -> Modal:
        word = " ".join(written.lower().split())
        strength, sign = self._words[word]
        return Modal(word, strength, sign)


def _longest_first(words: Iterable[str]) -> list[str]:
    return sorted(words, key=lambda word: (-len(word), word))


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in _longest_first(words))


def _bounded(word: str) -> str:
    written = r"\s+".join(re.escape(part) for part in word.split())
    return written if _GAPLESS.search(word) else rf"(?<![\w-]){written}(?![\w-])"


@lru_cache(maxsize=8)
def _modality(source: tables.Tables) -> Modality:
    return Modality(source)


def modality() -> Modality:
    """The reader for the tables in force."""
    return _modality(tables.current())
