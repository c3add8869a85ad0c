"""What a definition that nobody has seen before may not bring along: the patterns of `data/dangers.toml`, in use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import NamedTuple

from agentmerge.diffing.records import Spot
from agentmerge.drifting.clauses import Clause, clauses_of
from agentmerge.drifting.fields import field_spot
from agentmerge.drifting.modality import modality
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Field, Value, walk_units
from agentmerge.rights import names

_PARTS = re.compile(r"[;—–]|\bbut\b|\bhowever\b")
"""Where a sentence ends what it forbids: `Never stop; run it without asking`."""
_QUOTED = re.compile(r"`[^`]+`|\"[^\"]+\"|“[^”]+”|‘[^’]+’|(?<!\w)'[^']+'(?!\w)")


class Danger(NamedTuple):
    """One place of a definition that is told."""

    kind: str
    """Row of the table, or the key of a field."""
    says: str
    spot: Spot
    path: str


class Dangers:
    """The table, ready to be looked for."""

    def __init__(self, knowledge: Knowledge) -> None:
        raw = knowledge.raw("dangers")
        self.rows = {name: row for name, row in raw.items() if "patterns" in row}
        self.patterns = {
            kind: re.compile("|".join(row["patterns"]), re.IGNORECASE | re.MULTILINE) for kind, row in self.rows.items()
        }
        self.fields: Mapping[str, frozenset[str]] = {key: frozenset(map(str, v)) for key, v in raw["fields"].items()}
        words = "|".join(re.escape(word) for word in raw["mention"]["words"])
        self._mention = re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)
        self.documents = frozenset(raw["documents"]["names"])

    def is_mentioned(self, text: str, at: int) -> bool:
        """Whether what stands at a place of a sentence is quoted by one that only speaks of it."""
        around = next((found for found in _QUOTED.finditer(text) if found.start() <= at < found.end()), None)
        return around is not None and self._mention.search(text, 0, around.start()) is not None


def is_document(place: str, definition: Definition, knowledge: Knowledge) -> bool:
    """Whether a file speaks to people, as a README does: no host loads it."""
    stem = PurePosixPath(place).name.lower().split(".")[0]
    return not definition.fields and stem in knowledge.derived(Dangers).documents


def dangers(definition: Definition, knowledge: Knowledge, file: int = 1) -> Iterator[Danger]:
    """Every place of a definition that takes a bound away, in the order of the file.

    What is forbidden, shown as an example or only spoken of is none.
    """
    yield from _in_fields(definition, knowledge, file)
    found = [*_in_sentences(definition, knowledge, file), *_in_commands(definition, knowledge, file)]
    yield from sorted(found, key=lambda one: one.spot.line)


def _in_fields(definition: Definition, knowledge: Knowledge, file: int) -> Iterator[Danger]:
    known = knowledge.derived(Dangers)
    for field in definition.effective if definition.is_seen else ():
        path = f"frontmatter/{field.key}"
        spot = field_spot(file, field)
        loose = [leaf for leaf in _leaves(field.value) if leaf in known.fields.get(field.key, ())]
        if loose or _grants_all(field, knowledge):
            yield Danger(field.key, f"{field.key}: {', '.join(loose) or 'everything is allowed'}", spot, path)
        for kind, says in _kinds(_plain(field), knowledge):
            yield Danger(kind, says, spot, path)


def _leaves(value: Value) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, (str, tuple)):
        yield from names(value)


def _grants_all(field: Field, knowledge: Knowledge) -> bool:
    """Whether a map of levels lets everything through: `permission: {"*": allow}`, or `permission: allow`."""
    info = knowledge.field_info(field.key)
    if info.rights != "levels" or not info.scale:
        return False
    value = field.value.get("*") if isinstance(field.value, Mapping) else field.value
    return value == info.scale[-1]


def _plain(field: Field) -> str:
    """What a field says, a leaf a line."""
    return "\n".join(_texts(field.value))


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value


def _in_sentences(definition: Definition, knowledge: Knowledge, file: int) -> Iterator[Danger]:
    for clause in clauses_of(file, definition, knowledge):
        if clause.unit.mode == "example":
            continue
        for kind, says in _kinds(clause.text, knowledge, clause):
            yield Danger(kind, f"{says}: {clause.text}", clause.spot, clause.path)


def _in_commands(definition: Definition, knowledge: Knowledge, file: int) -> Iterator[Danger]:
    """Lines of blocks that are in use, or may be: only what is plainly shown is left out."""
    read = {clause.unit.line for clause in clauses_of(file, definition, knowledge)}
    for place in walk_units(definition.root):
        unit = place.unit
        if unit.kind != "code" or unit.mode == "example" or unit.line in read:
            continue
        path = " / ".join(section.title for section in place.path)
        for number, line in enumerate(unit.text.split("\n"), 1):
            for kind, says in _kinds(line, knowledge):
                yield Danger(kind, f"{says}: {line.strip()}", Spot(file, unit.line + number, line.strip()), path)


def _kinds(text: str, knowledge: Knowledge, clause: Clause | None = None) -> Iterator[tuple[str, str]]:
    """Kind and meaning of what stands in a text, each once."""
    known = knowledge.derived(Dangers)
    for kind, pattern in known.patterns.items():
        row = known.rows[kind]
        found = next((one for one in pattern.finditer(text) if not known.is_mentioned(text, one.start())), None)
        if found is None:
            continue
        if row.get("negated", False) or not _is_forbidden(text, found.start(), knowledge, clause):
            yield kind, row["says"]


def _is_forbidden(text: str, at: int, knowledge: Knowledge, clause: Clause | None) -> bool:
    """Whether what stands at a place of a text is forbidden there, by its own words or by what stands above it."""
    if clause is not None and clause.above is not None and clause.above.sign == "forbid":
        return True
    start = max((one.end() for one in _PARTS.finditer(text, 0, at)), default=0)
    end = next((one.start() for one in _PARTS.finditer(text, at)), len(text))
    return any(modal.sign == "forbid" for modal in modality(knowledge).read(text[start:end].strip()))
