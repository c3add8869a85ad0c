"""Findings of the frontmatter: permissions, model, identity, triggers, and any other field."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from agentmerge import rights
from agentmerge.diffing.records import Spot
from agentmerge.diffing.values import leaf_changes
from agentmerge.drifting.records import Finding
from agentmerge.drifting.rulebook import finding
from agentmerge.knowledge import FieldInfo, Knowledge
from agentmerge.model import Definition, Field, Value
from agentmerge.toolnames import Hosts

_RULES = {
    "identity": "identity-changed",
    "model": "model-changed",
    "trigger": "trigger-changed",
    "version": "version-changed",
}


def field_findings(a: Definition, b: Definition, knowledge: Knowledge) -> Iterator[Finding]:
    """What changed in the frontmatter, key by key, in the order of the first definition."""
    yield from _lost_and_found(a, b, knowledge)
    for key, written in _pairs(a, b):
        yield from _branch(key, *written, knowledge)
        old, new = (field if one.is_seen else None for one, field in zip((a, b), written, strict=True))
        if key not in knowledge.derived(_Review).levels and not knowledge.field_info(key).rights:
            if not _same(key, *written, knowledge=knowledge):
                yield _plain(key, *written, knowledge=knowledge)
        elif (old, new) == written:
            yield from _granting(key, old, new, (a.dialect, b.dialect), knowledge=knowledge)
        elif (old, new) == (None, None):
            if not _same(key, *written, knowledge, (a.dialect, b.dialect)):
                yield _unread(key, *written, knowledge=knowledge)
        else:
            for one in _granting(key, old, new, (a.dialect, b.dialect), knowledge=knowledge):
                yield one._replace(a=_spot(0, written[0]), b=_spot(1, written[1]))


def _pairs(a: Definition, b: Definition) -> Iterator[tuple[str, tuple[Field | None, Field | None]]]:
    """The fields of each key side by side: the one that counts, and of a template those of each branch."""
    is_template = any(field.condition for field in (*a.effective, *b.effective))
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
        binds = key in knowledge.derived(_Review).levels or bool(knowledge.field_info(key).rights)
        spots = _spot(0, old), _spot(1, new)
        yield finding("branch-changed", message, f"frontmatter/{key}", *spots, knowledge, mild=not binds)


def _lost_and_found(a: Definition, b: Definition, knowledge: Knowledge) -> Iterator[Finding]:
    """Whether hosts find the fields of one definition alone."""
    if a.is_seen == b.is_seen or not (a.fields and b.fields):
        return
    how = "hosts no longer find it" if a.is_seen else "hosts find it now"
    first = a.fields[0], b.fields[0]
    yield finding(
        "field-changed", f"frontmatter: {how}", "frontmatter", _spot(0, first[0]), _spot(1, first[1]), knowledge
    )


def _granting(key: str, old: Field | None, new: Field | None, hosts: Hosts, knowledge: Knowledge) -> Iterator[Finding]:
    if key in knowledge.derived(_Review).levels:
        yield from _levels(key, old, new, knowledge)
        yield from _reordered(key, old, new, hosts, knowledge)
    else:
        yield from _permission(key, old, new, hosts, knowledge)


def _unread(key: str, old: Field | None, new: Field | None, knowledge: Knowledge) -> Finding:
    message = f"{key}: {_way(key, old, new, knowledge)}; no host finds it"
    return finding("field-changed", message, f"frontmatter/{key}", _spot(0, old), _spot(1, new), knowledge, slot=key)


class _Review:
    """The lists of `data/review.toml`."""

    def __init__(self, knowledge: Knowledge) -> None:
        raw = knowledge.raw("review")
        self.kinds = {key: kind for kind, keys in raw["fields"].items() for key in keys}
        self.defaults: Mapping[str, list[str]] = raw["defaults"]
        self.levels: Mapping[str, list[str]] = raw["levels"]
        self.switches = frozenset(name for name, dialect in knowledge.dialects.items() if dialect.switches)


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
    message, mild = f"{key}: {_way(key, old, new, knowledge)}", rule == "identity-changed" and _is_respelled(old, new)
    return finding(rule, message, f"frontmatter/{key}", _spot(0, old), _spot(1, new), knowledge, slot=key, mild=mild)


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


def _spot(file: int, field: Field | None) -> Spot | None:
    return None if field is None else Spot(file, field.line, f"{field.key}: {' '.join(field.text.split())}")


def _permission(
    key: str, old: Field | None, new: Field | None, hosts: Hosts, knowledge: Knowledge
) -> Iterator[Finding]:
    info = knowledge.field_info(key)
    if info.rights == "allow" and set(hosts) <= knowledge.derived(_Review).switches:
        yield from _switched(key, old, new, knowledge)
        return
    shift = rights.shift(info, old, new, knowledge, hosts)
    for rule in ("permission-widened", "permission-narrowed"):
        if shift in (rule.partition("-")[2], "both"):
            message = f"{key}: {_rights_phrase(info, old, new, rule, hosts, knowledge)}"
            yield finding(rule, message, f"frontmatter/{key}", _spot(0, old), _spot(1, new), knowledge, slot=key)
    if not shift and not _same(key, old, new, knowledge=knowledge):
        message = f"{key}: {_way(key, old, new, knowledge)}; the rights stay"
        yield finding("field-changed", message, f"frontmatter/{key}", _spot(0, old), _spot(1, new), knowledge, slot=key)


def _rights_phrase(
    info: FieldInfo, old: Field | None, new: Field | None, rule: str, hosts: Hosts, knowledge: Knowledge
) -> str:
    lists = rights.allowed(info, old, knowledge, hosts[0]), rights.allowed(info, new, knowledge, hosts[1])
    if info.rights == "allow" and None in lists:
        return _from_all(info, old, new, hosts, knowledge)
    if info.rights == "scale" or info.shape == "map":
        return _way(info.key, old, new, knowledge)
    before = () if old is None else rights.members(info, old.value)
    after = () if new is None else rights.members(info, new.value)
    wider = (rule == "permission-widened") != (info.rights == "deny")
    if wider:
        return f"added {', '.join(_beyond(after, before, hosts, knowledge))}"
    return f"removed {', '.join(_beyond(before, after, rights.turned(hosts), knowledge))}"


def _beyond(names: Sequence[str], granted: Sequence[str], hosts: Hosts, knowledge: Knowledge) -> list[str]:
    known = frozenset(granted)
    return [name for name in names if not rights.covered(name, known, knowledge, hosts)]


def _from_all(info: FieldInfo, old: Field | None, new: Field | None, hosts: Hosts, knowledge: Knowledge) -> str:
    listed = new if rights.allowed(info, old, knowledge, hosts[0]) is None else old
    names = ", ".join(rights.members(info, listed.value)) if listed is not None else ""
    shown = _short(names) if names else "nothing"
    return f"{shown} instead of {_absence(old)}" if listed is new else f"{_absence(new)} instead of {shown}"


def _absence(field: Field | None) -> str:
    if field is None or rights.is_absent(field):
        return "every tool (no list)"
    return f"every tool ({field.text or 'an empty list'})"


def _switched(key: str, old: Field | None, new: Field | None, knowledge: Knowledge) -> Iterator[Finding]:
    """A map of switches: only what is switched off is taken away."""
    before, after = _off(old), _off(new)
    for rule, names in (("permission-widened", before - after), ("permission-narrowed", after - before)):
        if names:
            word = "no longer off" if rule == "permission-widened" else "switched off"
            message = f"{key}: {', '.join(sorted(names))} {word}"
            yield finding(rule, message, f"frontmatter/{key}", _spot(0, old), _spot(1, new), knowledge, slot=key)


def _off(field: Field | None) -> set[str]:
    value = field.value if field is not None else None
    return {name for name, on in value.items() if on is False} if isinstance(value, Mapping) else set()


def _levels(key: str, old: Field | None, new: Field | None, knowledge: Knowledge) -> Iterator[Finding]:
    """A map whose leaves are permissions of a scale; a leaf that is not told is the most permissive one."""
    scale = knowledge.derived(_Review).levels[key]
    before, after = _leaves(old.value if old else None), _leaves(new.value if new else None)
    moves = [
        (name, _level(before, name, scale), _level(after, name, scale)) for name in dict.fromkeys((*before, *after))
    ]
    for rule, found in (
        ("permission-widened", [row for row in moves if row[1] < row[2]]),
        ("permission-narrowed", [row for row in moves if row[1] > row[2]]),
    ):
        if found:
            told = ", ".join(f"{name} {scale[one]} became {scale[two]}" for name, one, two in found)
            yield finding(
                rule, f"{key}: {told}", f"frontmatter/{key}", _spot(0, old), _spot(1, new), knowledge, slot=key
            )


def _reordered(key: str, old: Field | None, new: Field | None, hosts: Hosts, knowledge: Knowledge) -> Iterator[Finding]:
    """The same rules in another order, where the last one that fits counts."""
    shift = rights.order_shift(knowledge.field_info(key), old, new, hosts, knowledge)
    for rule in ("permission-widened", "permission-narrowed"):
        if shift in (rule.partition("-")[2], "both"):
            message = f"{key}: the rules stand in another order, and the last one that fits counts"
            yield finding(
                rule, message, f"frontmatter/{key}", _spot(0, old), _spot(1, new), knowledge, slot=f"{key} order"
            )


def _leaves(value: Value, path: str = "") -> dict[str, str]:
    if isinstance(value, Mapping):
        return {
            name: leaf for key, item in value.items() for name, leaf in _leaves(item, f"{path} {key}".strip()).items()
        }
    return {} if value is None else {path: str(value)}


def _level(leaves: Mapping[str, str], name: str, scale: list[str]) -> int:
    value = leaves.get(name)
    return scale.index(value) if value in scale else len(scale) - 1
