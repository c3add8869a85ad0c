"""The slots of a sentence, and what changed in one of them where the rest stays."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from agentmerge import rights
from agentmerge.aligning import lexicon
from agentmerge.drifting.clauses import Clause
from agentmerge.drifting.sentences import turned_words
from agentmerge.knowledge import Knowledge

MOST_WORDS = 400
"""Words of two sentences together of which it is asked what came and went."""
MOST_EDITS = 4
"""Places in which two sentences may differ, for one of them to be the other without a member."""
MOST_OTHERS = 1
"""Words that may have come or gone besides."""
LONGEST_MEMBER = 5
"""Words of a member of an enumeration."""
ALIKE = 0.6
"""Least share of words in common, the condition left out, of two statements of which one has a condition."""
_HALF = 0.5

_WORD = re.compile(r"`[^`]+`|[\w'’.+-]*\w|[^\w\s]")
_MARKUP = re.compile(r"\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")
_SEPARATORS = frozenset({",", "/", "|", ";", "and", "or", "&", "、", "，", "und", "oder", "y", "o", "et", "ou"})
_END = r"[,;:.()—–|，。；：]|\Z"


class Slot(NamedTuple):
    """What changed in one slot."""

    rule: str
    """`condition-dropped`, `condition-added`, `action-turned`, `member-dropped` or `command-changed`."""
    says: str


class Conditions:
    """Reads the conditions of a sentence, by the words of `data/modality.toml`."""

    def __init__(self, knowledge: Knowledge) -> None:
        words = sorted(knowledge.raw("modality")["conditions"]["words"], key=len, reverse=True)
        gapless = [word for word in words if max(word) >= "\u3040"]
        parted = [word for word in words if word not in gapless]
        one = rf"(?<![\w-])(?:{'|'.join(map(re.escape, parted))})(?![\w-])|{'|'.join(map(re.escape, gapless))}"
        self._begins = re.compile(one, re.IGNORECASE)
        self._phrase = re.compile(rf"(?P<word>{one})\s*(?P<rest>.*?)(?=(?:{one})|{_END})", re.IGNORECASE | re.DOTALL)

    def read(self, text: str) -> list[str]:
        """Every condition, with the word that it begins with."""
        found = (f"{one['word']} {one['rest'].strip()}" for one in self._phrase.finditer(_MARKUP.sub("", text)))
        return [one for one in found if " " in one.strip()]

    def begins(self, text: str) -> bool:
        """Whether a text begins with a condition."""
        return self._begins.match(text.strip()) is not None


def slot_change(a: Clause, b: Clause, knowledge: Knowledge) -> Slot | None:
    """What changed between two sentences that say the same otherwise; None where it is no single slot."""
    if a.folded == b.folded:
        return None
    if turned := turned_words(a.folded, b.folded, knowledge):
        return Slot("action-turned", f"'{turned[0]}' became '{turned[1]}'")
    return _condition(a.text, b.text, knowledge) or _replaced(
        *(rights.bare_tools(text, knowledge) for text in (a.text, b.text))
    )


def _tokens(text: str, knowledge: Knowledge) -> frozenset[str]:
    return frozenset(lexicon.of(knowledge).tokens(text.lower(), "en"))


def _condition(old: str, new: str, knowledge: Knowledge) -> Slot | None:
    read = knowledge.derived(Conditions).read
    gone, came = (_unsaid(read(one), other, knowledge) for one, other in ((old, new), (new, old)))
    if not gone and not came:
        return None
    left, right = (
        _tokens(text, knowledge) - {token for one in found for token in _tokens(one, knowledge)}
        for text, found in ((old, gone), (new, came))
    )
    if not left or not right or 2 * len(left & right) < ALIKE * (len(left) + len(right)):
        return None
    if gone and came:
        return Slot("condition-dropped", f"'{gone[0]}' became '{came[0]}'")
    return Slot("condition-dropped", f"no longer '{gone[0]}'") if gone else Slot("condition-added", f"now '{came[0]}'")


def _unsaid(conditions: Sequence[str], other: str, knowledge: Knowledge) -> list[str]:
    """The conditions that another sentence does not hold in any words."""
    there = _tokens(other, knowledge)
    return [
        one
        for one in conditions
        if (said := _tokens(one.partition(" ")[2], knowledge)) and len(said & there) < _HALF * len(said)
    ]


def _replaced(old: str, new: str) -> Slot | None:
    """A member that an enumeration no longer has, or a command with other arguments."""
    a, b = (_WORD.findall(_MARKUP.sub("", text)) for text in (old, new))
    if len(a) + len(b) > MOST_WORDS:
        return None
    matcher = SequenceMatcher(None, [one.lower() for one in a], [one.lower() for one in b], autojunk=False)
    edits = [edit for edit in matcher.get_opcodes() if edit[0] != "equal"]
    if len(edits) > MOST_EDITS:
        return None
    changed = [(a[i], b[x]) for tag, i, j, x, y in edits if tag == "replace" and j - i == y - x == 1]
    if commands := [pair for pair in changed if _is_command(*pair)]:
        return Slot("command-changed", f"{commands[0][0]} became {commands[0][1]}")
    members = [list(_member(a, b, edit)) for edit in edits]
    gone = [member for found in members for member in found]
    others = sum(_words_of(a, b, edit) for edit, found in zip(edits, members, strict=True) if not found)
    # Where other words came or went as well, the sentence was written anew, and its members with it.
    return Slot("member-dropped", f"no longer {', '.join(gone)}") if gone and others <= MOST_OTHERS else None


def _words_of(a: Sequence[str], b: Sequence[str], edit: tuple[str, int, int, int, int]) -> int:
    """How many words an edit takes and puts, without what parts members."""
    _, i, j, x, y = edit
    return sum(one[-1:].isalnum() and one.lower() not in _SEPARATORS for one in (*a[i:j], *b[x:y]))


def _is_command(old: str, new: str) -> bool:
    """Whether two spans of code are one command with other flags."""
    if not (old.startswith("`") and new.startswith("`")):
        return False
    before, after = old.strip("`").split(), new.strip("`").split()
    return before[:1] == after[:1] and any(one.startswith("-") for one in {*before} ^ {*after})


def _member(a: Sequence[str], b: Sequence[str], edit: tuple[str, int, int, int, int]) -> Iterator[str]:
    """What went out of an enumeration: it stood behind or before a sign or word that parts members."""
    tag, i, j, x, y = edit
    there = {one.lower() for one in b}
    words = [one for one in a[i:j] if one.lower() not in _SEPARATORS]
    if words[:1] == ["("] or ":" in words:
        return
    stays = {one.lower() for one in b[x:y]}
    if tag == "insert" or not words or len(words) > LONGEST_MEMBER or not stays <= _SEPARATORS:
        return
    parted = any(one.lower() in _SEPARATORS for one in (*a[i:j], *a[max(i - 1, 0) : i]))
    if parted and not all(one.lower() in there for one in words):
        yield f"'{' '.join(words)}'"
