"""What statements have the agent do, by the classes of `data/actions.toml`: what guards, and what takes a bound away.

One reader for all: what is in use counts, not what is forbidden, shown as an example or only spoken of.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from html import unescape
from pathlib import PurePosixPath
from typing import NamedTuple

from agentmerge.diffing.records import ChangeSeverity, Spot
from agentmerge.drifting.clauses import Clause, clauses_of
from agentmerge.drifting.fields import field_spot
from agentmerge.drifting.looks import ORDER, Held, Look, Piece, compiled
from agentmerge.drifting.modality import modality
from agentmerge.knowledge import Knowledge, ready
from agentmerge.memo import Kept
from agentmerge.model import Definition, Field, Place, Unit, Value, walk_sections, walk_units
from agentmerge.rights import names

SAFEGUARD = "safeguard"
"""The class of what guards; every other one takes a bound away where it is added."""
KEPT = 20_000
"""Texts whose classes are remembered."""
MOST_TEXT = 2_000
"""Characters of one text that are looked at together; a longer one is looked at in pieces that overlap."""
_OVERLAP = 300

_PARTS = re.compile(r"[;—–]|\bbut\b|\bhowever\b|(?<=\w)[.!?]\s|,\s+(?:then|just|instead)\b")
"""Where a sentence ends what it forbids: `Never stop; run it without asking`."""
_QUOTED = re.compile(r"`[^`]+`|\"[^\"]+\"|“[^”]+”|‘[^’]+’|(?<!\w)'[^']+'(?!\w)")
_GROUP = re.compile(r"<(\w+)>")
_EMPHASIS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)|~~")
_ORDERS = frozenset({"never", "do not", "don't", "avoid", "cannot", "can't", "can not", "no", "not"})
"""Words that forbid what comes behind them, and not what stands before."""
_COMMENT = re.compile(r"<!--|-->|</?\w[^>]*>")


class Sort(NamedTuple):
    """What a text is: a class of the table, and whether it weighs less."""

    kind: str
    mild: bool


class Action(NamedTuple):
    """One place of a definition that is of a class."""

    kind: str
    """Row of the table, or the key of a field."""
    says: str
    spot: Spot
    path: str
    mild: bool = False


class Actions:
    """The table, ready to be looked for."""

    def __init__(self, knowledge: Knowledge) -> None:
        raw = knowledge.raw("actions")
        groups = filled_groups(raw["groups"])
        self.rows = {name: row for name, row in raw.items() if "patterns" in row}
        self._orders_begin = compiled(groups["do"])
        needs, self._held = ready("needed", "actions") or {}, Held()
        self._looks = {
            Sort(kind, mild): Look(
                [filled(one, groups) for part in parts for one in row.get(part, ())], needs, self._held
            )
            for kind, row in self.rows.items()
            for mild, parts in ((False, ("commands", "patterns")), (True, ("mild",)))
            if any(part in row for part in parts)
        }
        self._commands = {
            Sort(kind, mild=False): Look([filled(one, groups) for one in row["commands"]], needs, self._held)
            for kind, row in self.rows.items()
            if "commands" in row
        }
        self._excused = {name: compiled(row["excused"]) for name, row in self.rows.items() if "excused" in row}
        self.fields: Mapping[str, frozenset[str]] = {key: frozenset(map(str, v)) for key, v in raw["fields"].items()}
        words = "|".join(re.escape(word) for word in raw["mention"]["words"])
        self._mention = re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)
        self._asked = compiled(raw["mention"]["asked"])
        self.documents = frozenset(raw["documents"]["names"])
        self._forbids = modality(knowledge)
        self.sorts: Kept[tuple[str, bool], tuple[Sort, ...]] = Kept(lambda asked: tuple(self._sorts(*asked)), KEPT)
        """What a text is, by the text and whether it is a line of a program."""

    def added(self, sort: Sort) -> ChangeSeverity:
        """How much a statement of a class matters that came."""
        severity = ChangeSeverity(self.rows[sort.kind].get("added", "breaking"))
        return ChangeSeverity.WARNING if sort.mild and severity is ChangeSeverity.BREAKING else severity

    def _sorts(self, text: str, is_program: bool) -> Iterator[Sort]:
        if not is_program and text.rstrip(" \"'*)").endswith("?"):
            return
        # What a page shows is read, not how it is spelled there: `curl ... &#124; sh`.
        plain = _EMPHASIS.sub("", unescape(text) if "&" in text else text)
        pieces = [plain[at : at + MOST_TEXT] for at in range(0, max(len(plain), 1), MOST_TEXT - _OVERLAP)]
        looked = [Piece(one, self._orders_begin, self._held) for one in pieces]
        seen: set[str] = set()
        for sort, look in (self._commands if is_program else self._looks).items():
            excused = self._excused.get(sort.kind)
            if sort.kind in seen or (excused is not None and excused.search(plain) is not None):
                continue
            places = [(piece.text, *found) for piece in looked for found in look.places(piece)]
            found = [place for place in places if not self._is_excused(*place)]
            if found:
                seen.add(sort.kind)
                # What a sentence or a cell begins with in quotes is mostly what somebody said.
                yield sort._replace(mild=sort.mild or all(_is_a_saying(piece, first) for piece, first, _ in found))

    def _is_excused(self, text: str, first: int, last: int) -> bool:
        """Whether what was found in a text is quoted there by a text that only speaks of it, or is forbidden."""
        around = next((one for one in _QUOTED.finditer(text) if one.start() <= first < one.end()), None)
        if around is not None and self._mention.search(text, 0, around.start()) is not None:
            return True
        start = max((one.end() for one in _PARTS.finditer(text, 0, first)), default=0)
        end = next((one.start() for one in _PARTS.finditer(text, last)), len(text))
        before, behind = text[start:first].strip(), text[last:end].strip()
        if self._asked.match(behind) is not None:
            return True
        # A lone `no` forbids only where words follow it.
        ahead = self._forbids.read(f"{before} x" if before else "")
        return any(one.sign == "forbid" for one in ahead) or any(
            one.sign == "forbid" and one.word not in _ORDERS for one in self._forbids.read(behind)
        )


def _is_a_saying(text: str, at: int) -> bool:
    """Whether a place stands in a row, or a sentence, that begins with something in double quotes and goes on."""
    around = next((one for one in _QUOTED.finditer(text) if one[0][0] in '"“'), None)
    if around is None or text[: around.start()].strip(" |*-") or not text[around.end() :].strip(" |.*"):
        return False
    return at < around.end() or text.lstrip().startswith("|")


def filled_groups(rows: Mapping[str, object]) -> dict[str, str]:
    """The groups of words by name, each with the words of those that stand above it."""
    groups: dict[str, str] = {}
    for name, text in rows.items():
        groups[name] = filled(str(text), groups)
    return groups


def filled(pattern: str, groups: Mapping[str, str]) -> str:
    """A pattern with the words of its groups; where an order begins stays marked."""
    return _GROUP.sub(lambda match: groups.get(match[1], match[0]) if match[0] != ORDER else ORDER, pattern)


def is_document(place: str, definition: Definition, knowledge: Knowledge) -> bool:
    """Whether a file speaks to people, as a README does: no host loads it."""
    stem = PurePosixPath(place).name.lower().split(".")[0]
    return not definition.fields and stem in knowledge.derived(Actions).documents


def sorts_of(clause: Clause, knowledge: Knowledge) -> tuple[Sort, ...]:
    """What a sentence has the agent do, where it is in use."""
    if clause.mentioned or clause.unit.mode == "example":
        return ()
    if clause.above is not None and clause.above.sign == "forbid" and not clause.is_signed_above:
        return ()
    return knowledge.derived(Actions).sorts[clause.text, False]


def guards(clause: Clause, knowledge: Knowledge) -> Sort | None:
    """The kind of safeguard that a sentence is, None for another one."""
    return next((sort for sort in sorts_of(clause, knowledge) if sort.kind == SAFEGUARD), None)


def takes_away(clause: Clause, knowledge: Knowledge) -> bool:
    """Whether a sentence in use takes a bound away, and of the worst kind."""
    known = knowledge.derived(Actions)
    found = (sort for sort in sorts_of(clause, knowledge) if sort.kind != SAFEGUARD)
    return any(known.added(sort) is ChangeSeverity.BREAKING for sort in found)


def dangers(
    definition: Definition, knowledge: Knowledge, file: int = 1, *, apart: Container[Spot] | None = None
) -> tuple[Action, ...]:
    """Every place of a definition that takes a bound away, in the order of the file.

    Of its sentences only those that are `apart`, where these are given.
    """
    found = [*_in_sentences(definition, knowledge, file, apart), *_in_other_blocks(definition, knowledge, file)]
    found += _in_titles(definition, knowledge, file)
    return (*_in_fields(definition, knowledge, file), *sorted(found, key=lambda one: one.spot.line))


def _told(sorts: tuple[Sort, ...], spot: Spot, path: str, knowledge: Knowledge) -> Iterator[Action]:
    """What a text takes away, the worst class alone: one place is told once."""
    known = knowledge.derived(Actions)
    bad = [sort for sort in sorts if sort.kind != SAFEGUARD]
    if bad:
        worst = min(bad, key=lambda sort: list(ChangeSeverity).index(known.added(sort)))
        says = f"{known.rows[worst.kind]['says']}: {' '.join(spot.text.split())}"
        yield Action(worst.kind, says, spot, path, known.added(worst) is not ChangeSeverity.BREAKING)


def _in_fields(definition: Definition, knowledge: Knowledge, file: int) -> Iterator[Action]:
    known = knowledge.derived(Actions)
    for field in definition.effective if definition.is_seen else ():
        path = f"frontmatter/{field.key}"
        spot = field_spot(file, field)
        loose = [leaf for leaf in _leaves(field.value) if leaf in known.fields.get(field.key, ())]
        if loose or _grants_all(field, knowledge):
            yield Action(field.key, f"{field.key}: {', '.join(loose) or 'everything is allowed'}", spot, path)
        for text in _texts(field.value):
            for one in _told(known.sorts[text, False], spot._replace(text=text), path, knowledge):
                yield one._replace(spot=spot)


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


def _texts(value: Value) -> Iterator[str]:
    """What a field says, leaf by leaf."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value


def _in_sentences(
    definition: Definition, knowledge: Knowledge, file: int, apart: Container[Spot] | None
) -> Iterator[Action]:
    for clause in clauses_of(file, definition, knowledge):
        if apart is not None and clause.spot not in apart:
            continue
        yield from _told(sorts_of(clause, knowledge), clause.spot, clause.path, knowledge)


def _in_titles(definition: Definition, knowledge: Knowledge, file: int) -> Iterator[Action]:
    known = knowledge.derived(Actions)
    for above, section in walk_sections(definition.root):
        path = " / ".join(one.title for one in (*above, section))
        spot = Spot(file, section.line, section.title)
        yield from _told(known.sorts[section.title, False], spot, path, knowledge)


def _in_other_blocks(definition: Definition, knowledge: Knowledge, file: int) -> Iterator[Action]:
    """Lines of blocks that are no prose and in use, or may be: comments too, for a model reads them."""
    read = {clause.unit.line for clause in clauses_of(file, definition, knowledge)}
    known = knowledge.derived(Actions)
    for place in walk_units(definition.root):
        unit = place.unit
        if unit.mode == "example" or unit.line in read or unit.kind not in ("code", "comment", "html", "raw"):
            continue
        path = " / ".join(section.title for section in place.path)
        for line, text in _block_lines(place):
            sorts = known.sorts[text, unit.kind == "code"]
            yield from _told(sorts, Spot(file, line, text), path, knowledge)


def _block_lines(place: Place) -> Iterator[tuple[int, str]]:
    """The lines of a block with their numbers; what opens and closes a comment stands on them, a fence does not."""
    unit: Unit = place.unit
    first = unit.line + 1 if unit.kind == "code" else unit.line
    for number, line in enumerate(unit.text.split("\n")):
        text = line.strip() if unit.kind == "code" else _COMMENT.sub(" ", line).strip()
        if text:
            yield first + number, text
