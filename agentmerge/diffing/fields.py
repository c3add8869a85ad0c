"""Changes of the frontmatter by meaning: list-like fields as sets whatever their spelling, maps leaf by leaf."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from agentmerge import rights
from agentmerge.aligning.matching import Matching, Pair
from agentmerge.diffing.records import Change, ChangeKind, ChangeSeverity, Spot
from agentmerge.diffing.values import leaf_changes
from agentmerge.knowledge import Knowledge
from agentmerge.model import Field
from agentmerge.rights import Move

_TELLING = frozenset({"model", "name"})


def field_changes(matching: Matching, knowledge: Knowledge) -> Iterator[Change]:
    """Fields changed, removed and added, then whether their order differs."""
    moves = [move for move in rights.moves(matching.a, matching.b, knowledge) if move.is_certain]
    for pair in matching.fields:
        if isinstance(pair.a.node, Field) and isinstance(pair.b.node, Field):
            yield from _changed(matching, pair.a.node, pair.b.node, moves, knowledge)
    for member in matching.only_a:
        if isinstance(member.node, Field):
            yield _one_sided(ChangeKind.FIELD_REMOVED, member.node, None, moves)
    for member in matching.only_b:
        if isinstance(member.node, Field):
            yield _one_sided(ChangeKind.FIELD_ADDED, None, member.node, moves)
    yield from _reordered(matching)


def _changed(
    matching: Matching, old: Field, new: Field, moves: Sequence[Move], knowledge: Knowledge
) -> Iterator[Change]:
    spots = Spot(0, old.line, old.text), Spot(1, new.line, new.text)
    path = f"frontmatter/{old.key}"
    if old.condition != new.condition:
        grade = ChangeSeverity.BREAKING if knowledge.field_info(old.key).rights else ChangeSeverity.WARNING
        yield Change(ChangeKind.FIELD_CHANGED, path, grade, *spots, f"{new.under}, was {old.under}")
        if rights.same_value(old, new, knowledge):
            return
    was_seen, is_seen = matching.a.is_seen, matching.b.is_seen
    mine = [move for move in moves if old.key in move.keys]
    if rights.same_value(old, new, knowledge, (matching.a.dialect, matching.b.dialect)):
        if mine or (was_seen != is_seen and old is matching.fields[0].a.node):
            # One field says that the whole block is lost or found; those that grant something say what it means.
            found = "hosts find it now" if is_seen else "hosts no longer find it"
            notes = "; ".join((*_shift_note(mine), *([found] if was_seen != is_seen else [])))
            yield Change(ChangeKind.FIELD_CHANGED, path, _severity(old.key, mine), *spots, notes)
        elif old.source.rstrip("\r\n") != new.source.rstrip("\r\n"):
            yield Change(ChangeKind.FIELD_RESTYLED, path, ChangeSeverity.INFO, *spots, _restyle_note(old, new))
        return
    yield Change(
        ChangeKind.FIELD_CHANGED, path, _severity(old.key, mine), *spots, "; ".join(_notes(old, new, mine, knowledge))
    )


def _restyle_note(old: Field, new: Field) -> str:
    return f"written {new.style} instead of {old.style}" if old.style != new.style else "written differently"


def _notes(old: Field, new: Field, moves: Sequence[Move], knowledge: Knowledge) -> Iterator[str]:
    info = knowledge.field_info(old.key)
    yield from _shift_note(moves)
    if info.shape == "set":
        before, after = rights.members(info, old.value), rights.members(info, new.value)
        for word, names, others in (("added", after, before), ("removed", before, after)):
            found = [name for name in names if name not in others]
            if found:
                yield f"{word} {', '.join(found)}"
    elif any(isinstance(field.value, (Mapping, tuple)) for field in (old, new)):
        yield from leaf_changes(old.content, new.content) or ["order of the keys"]


def _shift_note(moves: Sequence[Move]) -> Iterator[str]:
    found = sorted({move.direction for move in moves}, reverse=True)
    if found:
        yield f"permission {' and '.join(found)}"


def _one_sided(kind: ChangeKind, old: Field | None, new: Field | None, moves: Sequence[Move]) -> Change:
    field = old or new
    assert field is not None
    spots = (Spot(0, old.line, old.text) if old else None, Spot(1, new.line, new.text) if new else None)
    mine = [move for move in moves if field.key in move.keys]
    note = "; ".join(_shift_note(mine))
    return Change(kind, f"frontmatter/{field.key}", _severity(field.key, mine), *spots, note)


def _severity(key: str, moves: Sequence[Move]) -> ChangeSeverity:
    if moves:
        return min((ChangeSeverity(move.severity) for move in moves), key=list(ChangeSeverity).index)
    return ChangeSeverity.WARNING if key in _TELLING else ChangeSeverity.INFO


def _reordered(matching: Matching) -> Iterator[Change]:
    pairs: list[Pair] = list(matching.fields)
    if [pair.b.line for pair in pairs] != sorted(pair.b.line for pair in pairs):
        old, new = (", ".join(_keys(pairs, side)) for side in (0, 1))
        spots = Spot(0, pairs[0].a.line, old), Spot(1, pairs[0].b.line, new)
        yield Change(ChangeKind.FIELDS_REORDERED, "frontmatter", ChangeSeverity.INFO, *spots)


def _keys(pairs: list[Pair], side: int) -> Iterator[str]:
    ordered = sorted((pair.b if side else pair.a for pair in pairs), key=lambda member: member.line)
    return (member.node.key for member in ordered if isinstance(member.node, Field))
