"""Text of somebody's own in place of the authors': nothing hard may be missing in it, and nothing new may come in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from agentmerge.aligning.matching import words
from agentmerge.combining.entries import Entry
from agentmerge.combining.guards import facts
from agentmerge.combining.outline import negations
from agentmerge.guardrails import listed_words
from agentmerge.knowledge import Knowledge
from agentmerge.model import Unit, walk_units
from agentmerge.parsing import parse

_NAME = re.compile(r"[A-Za-z][\w+#.-]*[\w+#]")
_START = re.compile(r"(?:\A|[.!?:;•–—|/(]\s*|\*\*|__)\Z")
"""What stands before a word that is written large because it begins something."""


def particulars(text: str, knowledge: Knowledge) -> dict[str, str]:
    """What no paraphrase replaces: numbers, names, code, links, paths, and the words that bind; each with its kind."""
    found = dict.fromkeys(_facts_of(text), "fact")
    found |= dict.fromkeys(names(text), "name")
    return found | dict.fromkeys(binding_words(text, knowledge), "binding word")


def binding_words(text: str, knowledge: Knowledge) -> frozenset[str]:
    """The words of a text that forbid, demand or allow, or turn it into its opposite."""
    listed = listed_words(text, "guardrail", knowledge=knowledge) | negations(text, knowledge)
    return listed | knowledge.derived(_Modals).of(text)


class _Modals:
    """The words that say how strongly a statement binds."""

    def __init__(self, knowledge: Knowledge) -> None:
        rows = knowledge.raw("modality")
        listed = {
            word for strength in ("strong", "medium", "weak") for words in rows[strength].values() for word in words
        }
        parted = sorted((word for word in listed if word.isascii()), key=lambda word: (-len(word), word))
        self._pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, parted))})(?!\w)")
        self._wide = [word for word in listed if not word.isascii()]

    def of(self, text: str) -> frozenset[str]:
        lowered = text.lower().replace("’", "'")
        return frozenset(self._pattern.findall(lowered)) | frozenset(word for word in self._wide if word in lowered)


def _facts_of(text: str) -> frozenset[str]:
    return facts(Entry(0, Unit("paragraph", 1, 2, text, text), ()))


def names(text: str) -> frozenset[str]:
    """Words that name one thing: with a capital inside or a digit, or written large where nothing begins."""
    found = set()
    for match in _NAME.finditer(text):
        word = match[0]
        inner = any(char.isupper() or char.isdigit() for char in word[1:])
        if inner or (word[0].isupper() and not _START.search(text[: match.start()])):
            found.add(word.lower())
    return frozenset(found)


def faults(text: str, covered: Sequence[str], drops: Iterable[str], knowledge: Knowledge) -> Iterator[str]:
    """What is wrong with a text that takes the place of others."""
    own, given = particulars(text, knowledge), [particulars(each, knowledge) for each in covered]
    let_go = {" ".join(one.lower().split()) for one in drops}
    said = _said([text])
    missing = {what: kind for each in given for what, kind in each.items() if what not in own}
    for what, kind in missing.items():
        if what not in let_go and not (kind == "name" and what in said):
            yield f"lacks the {kind} '{what}'"
    known = _said(covered)
    for what, kind in own.items():
        if not any(what in each for each in given) and not (kind == "name" and what in known):
            yield f"brings in the {kind} '{what}'"


def _said(texts: Iterable[str]) -> frozenset[str]:
    found = set[str]()
    for text in texts:
        found.update(words(text))
        found.update(match[0].lower() for match in _NAME.finditer(text))
    return frozenset(found)


def as_unit(text: str, stands: Unit, knowledge: Knowledge) -> Unit | None:
    """The unit with another text, of the same kind and in the same place; None where it would be read otherwise."""
    if "\n" in text or stands.kind not in ("item", "task", "paragraph"):
        return None
    kind = "paragraph" if stands.kind == "paragraph" else "item"
    # What a list below it would make a label of is a paragraph by luck alone.
    read = parse(f"{text}\n\n- x\n" if kind == "paragraph" else f"- {text}\n- x\n", knowledge)
    units = [place.unit for place in walk_units(read.root)]
    if read.fields or read.root.sections or len(units) != 2 or units[0].text != text or units[0].children:
        return None
    if units[0].kind != kind:
        return None
    return replace(stands, text=text, source=text, lead="")
