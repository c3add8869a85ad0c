"""The name of another agent, of which the result is one now, or that it has no longer itself."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition
from agentmerge.outcome import Notice
from agentmerge.proving.reading import Reading
from agentmerge.proving.records import Case
from agentmerge.proving.registry import law


class _Words:
    """The table of words, ready to be asked."""

    def __init__(self, knowledge: Knowledge) -> None:
        table = knowledge.raw("proving")
        self.handing = "|".join(map(re.escape, table["handing"]))
        self.kinds = "|".join(map(re.escape, table["kinds"]))


@law("absorbed-name")
def look(case: Case) -> Iterator[Notice]:
    own = _name(case.result)
    names = [_name(source) for source in case.sources]
    others = sorted({name for name in names if name and _folded(name) != _folded(own)})
    if not own or not others:
        return
    words = case.knowledge.derived(_Words)
    for other in others:
        mention = _mention(other, words)
        lines = sorted(line for line, text in _texts(case.read) if mention.search(text) and not _old(case, names, text))
        if lines:
            yield case.notice("absorbed-name", f"'{other}' is '{own}' now, and is still named", lines)
    yield from _to_itself(case, own, names, words)


def _to_itself(case: Case, own: str, names: list[str], words: _Words) -> Iterator[Notice]:
    """Work that another agent gave to the one that it is now."""
    mention = _mention(own, words)
    handed: dict[int, None] = defaultdict()
    for file, reading in case.readings():
        if _folded(names[file]) in ("", _folded(own)):
            continue
        for place in reading.places:
            found = case.landed(file, place.unit) if mention.search(place.unit.flow) else None
            if found is not None and mention.search(found.flow) and not _old(case, names, found.flow):
                handed[found.line] = None
    if handed:
        yield case.notice("absorbed-name", f"it hands over to '{own}', which is itself now", sorted(handed))


def _name(definition: Definition) -> str:
    field = definition.field("name")
    return field.text.strip() if field is not None and isinstance(field.value, str) else ""


def _folded(name: str) -> str:
    """A name without what is only its spelling."""
    return re.sub(r"[\W_]+", "", name.lower())


def _texts(reading: Reading) -> Iterator[tuple[int, str]]:
    """Line and text of whatever may name an agent, but for its own name."""
    for field in reading.definition.fields:
        if field.key != "name":
            yield field.line, field.text
    for place in reading.places:
        yield place.unit.line, place.unit.flow


def _old(case: Case, names: list[str], text: str) -> bool:
    """Whether a source of the result's own name says it: there it was about another one, and stays so."""
    own = _name(case.result)
    flat = " ".join(text.split())
    for (_, reading), name in zip(case.readings(), names, strict=True):
        if name == own and any(" ".join(said.split()) == flat for _, said in _texts(reading)):
            return case.are_versions
    return False


def _mention(name: str, words: _Words) -> re.Pattern[str]:
    """How a text speaks of an agent: a compound name by itself, a plain word only where it is meant as a name."""
    bare = rf"(?<![\w/.-]){re.escape(name)}(?![\w/-]|\.\w)"
    if re.search(r"[^a-z]", name) and not name.istitle():
        return re.compile(bare, re.IGNORECASE)
    quoted = rf"[`'\"@“]{re.escape(name)}[`'\"”]?"
    kind = rf"{bare}[ -](?:{words.kinds})\b"
    return re.compile(
        rf"(?:{quoted}|{kind}|(?:{words.handing})\s+(?:over\s+|off\s+)?(?:to\s+)?(?:the\s+)?{bare})", re.IGNORECASE
    )
