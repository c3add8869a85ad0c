"""Changes of the frontmatter by meaning: list-like fields as sets whatever their spelling, maps leaf by leaf."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agentmerge import rights
from agentmerge.aligning.matching import Matching, Pair
from agentmerge.diffing.records import Change, ChangeKind, ChangeSeverity, Spot
from agentmerge.diffing.values import leaf_changes
from agentmerge.knowledge import Knowledge
from agentmerge.model import Field

_TELLING = frozenset({"model", "name"})


def field_changes(matching: Matching, knowledge: Knowledge) -> Iterator[Change]:
    """Fields changed, removed and added, then whether their order differs."""
    for pair in matching.fields:
        if isinstance(pair.a.node, Field) and isinstance(pair.b.node, Field):
            yield from _changed(matching, pair.a.node, pair.b.node, knowledge)
    for member in matching.only_a:
        if isinstance(member.node, Field):
            yield _one_sided(ChangeKind.FIELD_REMOVED, member.node, None, _shift(matching, member.node.key, knowledge))
    for member in matching.only_b:
        if isinstance(member.node, Field):
            yield _one_sided(ChangeKind.FIELD_ADDED, None, member.node, _shift(matching, member.node.key, knowledge))
    yield from _reordered(matching)


def _shift(matching: Matching, key: str, knowledge: Knowledge) -> rights.Shift:
    """How what hosts grant by a field changes."""
    a, b = matching.a, matching.b
    return rights.shift(
        knowledge.field_info(key), rights.in_force(a, key), rights.in_force(b, key), knowledge, (a.dialect, b.dialect)
    )


def _changed(matching: Matching, old: Field, new: Field, knowledge: Knowledge) -> Iterator[Change]:
    spots = Spot(0, old.line, old.text), Spot(1, new.line, new.text)
    path = f"frontmatter/{old.key}"
    if old.condition != new.condition:
        grade = ChangeSeverity.BREAKING if knowledge.field_info(old.key).rights else ChangeSeverity.WARNING
        yield Change(ChangeKind.FIELD_CHANGED, path, grade, *spots, f"{new.under}, was {old.under}")
        if rights.same_value(old, new, knowledge):
            return
    was_seen, is_seen = matching.a.is_seen, matching.b.is_seen
    if rights.same_value(old, new, knowledge, (matching.a.dialect, matching.b.dialect)):
        shift = _shift(matching, old.key, knowledge) if was_seen != is_seen else ""
        if shift or (was_seen != is_seen and old is matching.fields[0].a.node):
            # One field says that the whole block is lost or found; those that grant something say what it means.
            found = "hosts find it now" if is_seen else "hosts no longer find it"
            notes = "; ".join((*_shift_note(shift), found))
            yield Change(ChangeKind.FIELD_CHANGED, path, _severity(old.key, shift), *spots, notes)
        elif old.source.rstrip("\r\n") != new.source.rstrip("\r\n"):
            yield Change(ChangeKind.FIELD_RESTYLED, path, ChangeSeverity.INFO, *spots, _restyle_note(old, new))
        return
    shift = _shift(matching, old.key, knowledge)
    yield Change(
        ChangeKind.FIELD_CHANGED, path, _severity(old.key, shift), *spots, "; ".join(_notes(old, new, shift, knowledge))
    )


def _restyle_note(old: Field, new: Field) -> str:
    return f"written {new.style} instead of {old.style}" if old.style != new.style else "written differently"


def _notes(old: Field, new: Field, shift: rights.Shift, knowledge: Knowledge) -> Iterator[str]:
    info = knowledge.field_info(old.key)
    yield from _shift_note(shift)
    if info.shape == "set":
        before, after = rights.members(info, old.value), rights.members(info, new.value)
        for word, names, others in (("added", after, before), ("removed", before, after)):
            found = [name for name in names if name not in others]
            if found:
                yield f"{word} {', '.join(found)}"
    elif any(isinstance(field.value, (Mapping, tuple)) for field in (old, new)):
        yield from leaf_changes(old.content, new.content) or ["order of the keys"]


def _shift_note(shift: rights.Shift) -> Iterator[str]:
    if shift:
        yield f"permission {'widened and narrowed' if shift == 'both' else shift}"


def _one_sided(kind: ChangeKind, old: Field | None, new: Field | None, shift: rights.Shift) -> Change:
    field = old or new
    assert field is not None
    spots = (Spot(0, old.line, old.text) if old else None, Spot(1, new.line, new.text) if new else None)
    return Change(kind, f"frontmatter/{field.key}", _severity(field.key, shift), *spots, "; ".join(_shift_note(shift)))


def _severity(key: str, shift: rights.Shift) -> ChangeSeverity:
    if shift in ("widened", "both"):
        return ChangeSeverity.BREAKING
    return ChangeSeverity.WARNING if shift or key in _TELLING else ChangeSeverity.INFO


def _reordered(matching: Matching) -> Iterator[Change]:
    pairs: list[Pair] = list(matching.fields)
    if [pair.b.line for pair in pairs] != sorted(pair.b.line for pair in pairs):
        old, new = (", ".join(_keys(pairs, side)) for side in (0, 1))
        spots = Spot(0, pairs[0].a.line, old), Spot(1, pairs[0].b.line, new)
        yield Change(ChangeKind.FIELDS_REORDERED, "frontmatter", ChangeSeverity.INFO, *spots)


def _keys(pairs: list[Pair], side: int) -> Iterator[str]:
    ordered = sorted((pair.b if side else pair.a for pair in pairs), key=lambda member: member.line)
    return (member.node.key for member in ordered if isinstance(member.node, Field))
