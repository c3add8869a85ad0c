"""Findings of the frontmatter: permissions, model, identity, triggers, and any other field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

from agentmerge import rights
from agentmerge.diffing.records import ChangeSeverity, Spot
from agentmerge.diffing.values import leaf_changes
from agentmerge.drifting.records import SEVERITIES, Finding
from agentmerge.drifting.rulebook import finding
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Field, Value
from agentmerge.rights import Hosts, Move

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
        elif not any(rights.is_right(key, host, knowledge) for host in hosts):
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
        moved = rights.moves(a, b, knowledge)
        return [[move for move in moved if move.key == key] for key, _ in rows]
    branches = [rights.moves(_in_branch(a, key, old), _in_branch(b, key, new), knowledge) for key, (old, new) in rows]
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
        if set(rights.names(old.value)) == set(rights.names(new.value)):
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
        return rights.same_value(old, new, knowledge, hosts)
    field = old or new
    return (
        field is None
        or rights.is_absent(field)
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


def _model_step(old: Field | None, new: Field | None, knowledge: Knowledge) -> rights.ModelStep | None:
    """What the names of two models say of them."""
    if old is None or new is None or not (isinstance(old.value, str) and isinstance(new.value, str)):
        return None
    return rights.model_step(old.value, new.value, knowledge)


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
        return _listed(rights.members(info, old.value), rights.members(info, new.value))
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
