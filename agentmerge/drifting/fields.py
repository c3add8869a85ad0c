"""Fields and actions in, evidence out: permissions, model, identity, triggers, secrets, what takes a bound away."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from html import unescape
from itertools import zip_longest
from pathlib import PurePosixPath
from typing import NamedTuple

from agentmerge.diffing.changes import leaf_changes
from agentmerge.diffing.records import ChangeSeverity, Spot
from agentmerge.drifting.records import SEVERITIES, Finding, finding
from agentmerge.knowledge.tables import Knowledge, ready
from agentmerge.model import Definition, Field, Kept, Place, Unit, Value, walk_sections, walk_units
from agentmerge.rights import comparing, reading
from agentmerge.rights.comparing import Hosts, Move
from agentmerge.rights.reading import names
from agentmerge.statements.clauses import Clause, clauses_of, modality
from agentmerge.text.lexicon import ORDER, Held, Look, Piece, compiled

# Secrets --------------------------------------------------------------------------------------------------------------
#
# Secrets that stand in a definition: found by their form, and shown by their first letters alone.


SHOWN = 4
"""Letters of a secret that are shown."""
MASK = "****"
_COLOR = re.compile(r"\x1b\[[\d;]*m")
"""What a view puts before and after a word in a terminal; its last sign is a letter, and no part of the word."""


class Secret(NamedTuple):
    """One place of a text that holds a secret."""

    line: int
    text: str
    """The secret itself; it goes into no output."""

    @property
    def masked(self) -> str:
        """What of it may be shown."""
        return _masked(self.text)


class Secrets:
    """Reads secrets, by `[secrets]` of `data/review.toml`."""

    def __init__(self, knowledge: Knowledge) -> None:
        raw = knowledge.raw("review")["secrets"]
        self._known = re.compile("|".join(f"(?:{one})" for one in raw["known"]))
        self._named = tuple(re.compile(one) for one in raw["named"])
        self._placeholder = re.compile(raw["placeholder"])

    def find(self, text: str) -> Iterator[Secret]:
        """Every secret of a text, in its order."""
        for start, end in self._places(text):
            yield Secret(text.count("\n", 0, start) + 1, text[start:end])

    def masked(self, text: str) -> str:
        """A text in which no secret can be read."""
        shown = text
        for start, end in reversed(self._places(text)):
            shown = f"{shown[:start]}{_masked(text[start:end])}{shown[end:]}"
        return shown

    def _places(self, text: str) -> list[tuple[int, int]]:
        text = _COLOR.sub(lambda one: " " * len(one[0]), text)
        found = [one.span() for one in self._known.finditer(text) if not self._placeholder.search(one[0][SHOWN:])]
        for pattern in self._named:
            # A user's pattern without a group is all of it the secret.
            of = min(1, pattern.groups)
            found += [one.span(of) for one in pattern.finditer(text) if one[of] and self._is_value(one[of])]
        kept: list[tuple[int, int]] = []
        for start, end in sorted(found):
            if not kept or start >= kept[-1][1]:
                kept.append((start, end))
        return kept

    def _is_value(self, text: str) -> bool:
        mixed = any(sign.isdigit() for sign in text) and any(sign.isalpha() for sign in text)
        return mixed and self._placeholder.search(text) is None


def _masked(text: str) -> str:
    return f"{text[:SHOWN]}{MASK}"


def secret_findings(text: str, knowledge: Knowledge, before: str = "") -> list[Finding]:
    """A finding for each secret of a text of which an earlier one has nothing."""
    reader = knowledge.derived(Secrets)
    known = {one.text for one in reader.find(before)}
    return [
        finding("secret", f"stands here in full: {one.masked}", "", None, Spot(1, one.line, one.masked), knowledge)
        for one in reader.find(text)
        if one.text not in known
    ]


def hidden(findings: Sequence[Finding], knowledge: Knowledge) -> list[Finding]:
    """Findings in which no secret can be read: neither in their message nor in the texts of their places."""
    masked = knowledge.derived(Secrets).masked

    def spot(one: Spot | None) -> Spot | None:
        return one if one is None else one._replace(text=masked(one.text))

    return [one._replace(message=masked(one.message), a=spot(one.a), b=spot(one.b)) for one in findings]


# Fields ---------------------------------------------------------------------------------------------------------------
#
# Findings of the frontmatter: permissions, model, identity, triggers, and any other field.


_RULES = {
    "identity": "identity-changed",
    "model": "model-changed",
    "trigger": "trigger-changed",
    "version": "version-changed",
}


def field_findings(a: Definition, b: Definition, knowledge: Knowledge) -> Iterator[Finding]:
    """What changed in the frontmatter, key by key, in the order of the first definition."""
    yield from _lost_and_found(a, b, knowledge)
    hosts = a.dialect, b.dialect
    rows = list(_pairs(a, b))
    moved = _moves(a, b, rows, knowledge)
    told = {key for moves in moved for move in moves for key in move.keys}
    scopes = [*_renamed_scope(a, b, knowledge)]
    yield from scopes
    told |= {found.slot for found in scopes} | {found.b.text.partition(":")[0] for found in scopes if found.b}
    for (key, written), mine in zip(rows, moved, strict=True):
        yield from _branch(key, *written, knowledge)
        yield from (_permission(move, a, b, knowledge) for move in mine if move.is_certain)
        if key in told or _same(key, *written, knowledge, hosts):
            if mine and not any(move.is_certain for move in mine):
                yield _staying(key, *written, mine, knowledge)
        elif not any(comparing.is_right(key, host, knowledge) for host in hosts):
            yield _plain(key, *written, knowledge=knowledge)
        elif a.is_seen or b.is_seen:
            yield _staying(key, *written, (), knowledge)
        else:
            yield _unread(key, *written, knowledge=knowledge)


def _pairs(a: Definition, b: Definition) -> Iterator[tuple[str, tuple[Field | None, Field | None]]]:
    """The fields of each key side by side: the one that counts, and of a template those of each branch."""
    is_template = _is_template(a, b)
    for key in dict.fromkeys([field.key for field in (*a.effective, *b.effective)]):
        if not is_template:
            yield key, (a.field(key), b.field(key))
            continue
        old, new = ({field.condition: field for field in one.effective if field.key == key} for one in (a, b))
        yield from ((key, (old[one], new[one])) for one in old if one in new)
        ours, theirs = ([side[one] for one in side if one not in other] for side, other in ((old, new), (new, old)))
        for field in list(ours):
            same = next((other for other in theirs if other.text == field.text), None)
            if same is not None:
                ours.remove(field)
                theirs.remove(same)
                yield key, (field, same)
        yield from ((key, pair) for pair in zip_longest(ours, theirs))


def _branch(key: str, old: Field | None, new: Field | None, knowledge: Knowledge) -> Iterator[Finding]:
    """Whether a field stands under another condition of a template than before."""
    if old is not None and new is not None and old.condition != new.condition:
        message = f"{key} stands {new.under}, was {old.under}"
        binds = bool(knowledge.field_info(key).rights)
        spots = _spot(0, old), _spot(1, new)
        yield finding("branch-changed", message, f"frontmatter/{key}", *spots, knowledge, mild=not binds)


def _moves(
    a: Definition, b: Definition, rows: Sequence[tuple[str, tuple[Field | None, Field | None]]], knowledge: Knowledge
) -> list[list[Move]]:
    """For each pair of fields what became wider or narrower; in a template, of that branch."""
    if not _is_template(a, b):
        moved = comparing.moves(a, b, knowledge)
        return [[move for move in moved if move.key == key] for key, _ in rows]
    branches = [
        comparing.moves(_in_branch(a, key, old), _in_branch(b, key, new), knowledge) for key, (old, new) in rows
    ]
    return [[move for move in moves if move.key == key] for (key, _), moves in zip(rows, branches, strict=True)]


def _in_branch(definition: Definition, key: str, field: Field | None) -> Definition:
    """The definition with one of the fields of a key alone."""
    block = definition.frontmatter
    if block is None:
        return definition
    fields = tuple(one for one in block.fields if one.key != key or one == field)
    return replace(definition, frontmatter=replace(block, fields=fields))


def _is_template(a: Definition, b: Definition) -> bool:
    return any(field.condition for field in (*a.effective, *b.effective))


def _lost_and_found(a: Definition, b: Definition, knowledge: Knowledge) -> Iterator[Finding]:
    """Whether hosts find the fields of one definition alone."""
    if a.is_seen == b.is_seen or not (a.fields and b.fields):
        return
    how = "hosts no longer find it" if a.is_seen else "hosts find it now"
    first = a.fields[0], b.fields[0]
    yield finding(
        "field-changed", f"frontmatter: {how}", "frontmatter", _spot(0, first[0]), _spot(1, first[1]), knowledge
    )


def _unread(key: str, old: Field | None, new: Field | None, knowledge: Knowledge) -> Finding:
    message = f"{key}: {_way(key, old, new, knowledge)}; no host finds it"
    return finding("field-changed", message, f"frontmatter/{key}", _spot(0, old), _spot(1, new), knowledge, slot=key)


def _renamed_scope(a: Definition, b: Definition, knowledge: Knowledge) -> Iterator[Finding]:
    """The patterns of files that a definition is about, where another host has another field for them."""
    keys = knowledge.derived(_Review).scopes
    olds, news = ([field for key in keys if (field := one.field(key)) is not None] for one in (a, b))
    if len(olds) == len(news) == 1 and olds[0].key != news[0].key:
        old, new = olds[0], news[0]
        if set(reading.names(old.value)) == set(reading.names(new.value)):
            message = f"{old.key}: is called {new.key} now; the files stay"
            path, spots = f"frontmatter/{old.key}", (_spot(0, old), _spot(1, new))
            yield finding("field-changed", message, path, *spots, knowledge, slot=old.key)


class _Review:
    """The lists of `data/review.toml`."""

    def __init__(self, knowledge: Knowledge) -> None:
        raw = knowledge.raw("review")
        self.kinds = {key: kind for kind, keys in raw["fields"].items() for key in keys}
        self.defaults: Mapping[str, list[str]] = raw["defaults"]
        self.scopes: list[str] = raw["scopes"]["keys"]


def _same(key: str, old: Field | None, new: Field | None, knowledge: Knowledge, hosts: Hosts | None = None) -> bool:
    if old is not None and new is not None:
        return comparing.same_value(old, new, knowledge, hosts)
    field = old or new
    return (
        field is None
        or reading.is_absent(field)
        or field.text.strip() in knowledge.derived(_Review).defaults.get(key, ())
    )


def _plain(key: str, old: Field | None, new: Field | None, knowledge: Knowledge) -> Finding:
    rule = _RULES.get(knowledge.derived(_Review).kinds.get(key, ""), "field-changed")
    if rule == "trigger-changed" and _is_respelled(old, new):
        rule = "field-changed"
    mild = rule == "identity-changed" and (old is None or _is_respelled(old, new))
    message = f"{key}: {_way(key, old, new, knowledge)}"
    step = _model_step(old, new, knowledge) if rule == "model-changed" else None
    if step is not None:
        message, mild = f"{message} ({step.told})", step.kind == "pin"
    return finding(rule, message, f"frontmatter/{key}", _spot(0, old), _spot(1, new), knowledge, slot=key, mild=mild)


def _model_step(old: Field | None, new: Field | None, knowledge: Knowledge) -> comparing.ModelStep | None:
    """What the names of two models say of them."""
    if old is None or new is None or not (isinstance(old.value, str) and isinstance(new.value, str)):
        return None
    return comparing.model_step(old.value, new.value, knowledge)


def _is_respelled(old: Field | None, new: Field | None) -> bool:
    """Whether two names differ in case and in the signs between words alone: `code-reviewer`, `Code Reviewer`."""
    if old is None or new is None:
        return False
    first, second = (re.sub(r"[\W_]+", "", field.text.lower()) for field in (old, new))
    return bool(first) and first == second


def _way(key: str, old: Field | None, new: Field | None, knowledge: Knowledge) -> str:
    """What happened to a field, in a phrase."""
    if old is None or new is None:
        field = old or new
        assert field is not None
        return f"{'removed' if old else 'added'}, {'was ' if old else ''}{_short(field.inline)}"
    info = knowledge.field_info(key)
    if info.shape == "set":
        return _listed(reading.members(info, old.value), reading.members(info, new.value))
    if any(isinstance(field.value, (Mapping, tuple)) for field in (old, new)):
        return "; ".join(leaf_changes(old.content, new.content)) or "the keys stand in another order"
    if old.text == new.text:
        return f"{_kind(old.value)} became {_kind(new.value)}"
    return _contrast(old.text, new.text)


def _kind(value: Value) -> str:
    names = {str: "text", bool: "a boolean", int: "a number", float: "a number", type(None): "no value"}
    return names.get(type(value), "a list")


LONG = 48
"""Length from which of a changed text only the part that changed is told."""


def _contrast(old: str, new: str) -> str:
    """What a text became, without the words that both begin or end with where they are long."""
    before, after = old.split(), new.split()
    head = tail = 0
    if max(len(old), len(new)) > LONG:
        shorter = min(len(before), len(after))
        while head < shorter and before[head] == after[head]:
            head += 1
        while tail < shorter - head and before[-1 - tail] == after[-1 - tail]:
            tail += 1
    cut = [words[head : len(words) - tail] for words in (before, after)]
    if not all(cut):
        return (
            f"{'added' if cut[1] else 'removed'} '{_short(' '.join(cut[0] or cut[1]))}'"
            if any(cut)
            else "spaced otherwise"
        )
    left, right = (f"{'… ' if head else ''}{_short(' '.join(words))}{' …' if tail else ''}" for words in cut)
    return f"{left} became {right}"


def _short(text: str, width: int = 120) -> str:
    flat = " ".join(text.split())
    return (flat if len(flat) <= width else f"{flat[: width - 1]}…") or "empty"


def _listed(before: tuple[str, ...], after: tuple[str, ...]) -> str:
    added = [name for name in after if name not in before]
    removed = [name for name in before if name not in after]
    parts = [f"{word} {', '.join(found)}" for word, found in (("added", added), ("removed", removed)) if found]
    return "; ".join(parts) or "written differently"


def field_spot(file: int, field: Field) -> Spot:
    """Where a field stands, with its key and its text in one line."""
    return Spot(file, field.line, f"{field.key}: {' '.join(field.text.split())}")


def _spot(file: int, field: Field | None) -> Spot | None:
    return None if field is None else field_spot(file, field)


def _permission(move: Move, a: Definition, b: Definition, knowledge: Knowledge) -> Finding:
    """A finding of what a field, or several together, make wider or narrower."""
    old, new = (
        next((spot for key in move.keys if (spot := _spot(file, one.field(key))) is not None), None)
        for file, one in enumerate((a, b))
    )
    path, rule = f"frontmatter/{move.key}", f"permission-{move.direction}"
    found = finding(rule, move.told, path, old, new, knowledge, slot=move.key)
    return found._replace(severity=max(found.severity, ChangeSeverity(move.severity), key=SEVERITIES.index))


def _staying(key: str, old: Field | None, new: Field | None, moved: Iterable[Move], knowledge: Knowledge) -> Finding:
    """A field of rights that is written differently, and grants the same as far as both hosts can say it."""
    unsure = [move.told.partition(": ")[2] for move in moved]
    how = f"what both hosts can limit stays, beyond it {'; '.join(unsure)}" if unsure else "the rights stay"
    message = f"{key}: {_way(key, old, new, knowledge)}; {how}" if old or new else f"{key}: {how}"
    return finding("field-changed", message, f"frontmatter/{key}", _spot(0, old), _spot(1, new), knowledge, slot=key)


# Actions --------------------------------------------------------------------------------------------------------------
#
# What statements have the agent do, by the classes of `data/actions.toml`: what guards, and what takes a bound away.
#
# One reader for all: what is in use counts, not what is forbidden, shown as an example or only spoken of.


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
        self._explains = compiled("|".join(f"(?:{one})" for one in raw["mention"]["explains"]))
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
                weak = sort.mild or all(_is_a_saying(piece, first) for piece, first, _ in found)
                told = sort.kind != SAFEGUARD and not is_program and self._explains.search(plain) is not None
                yield sort._replace(mild=weak or told)

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
