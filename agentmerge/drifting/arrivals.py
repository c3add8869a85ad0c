"""What is told of definitions that came, went, moved, were split or joined: each by what it bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from agentmerge import rights
from agentmerge.diffing.records import Spot, fingerprint
from agentmerge.drifting.actions import dangers, is_document
from agentmerge.drifting.clauses import Clause
from agentmerge.drifting.fields import field_findings, field_spot
from agentmerge.drifting.modality import STRONG
from agentmerge.drifting.records import Finding
from agentmerge.drifting.rulebook import finding
from agentmerge.drifting.secrets import hidden, secret_findings
from agentmerge.drifting.tracing import Fresh, Trace, trace
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition
from agentmerge.parsing.dialects import by_path

_BOUNDS = ("allow", "deny", "scale", "levels")
"""Kinds of rights that a field holds back."""
_EVERYTHING = "every tool (no list)"


def added_findings(
    place: str, new: Definition, knowledge: Knowledge, old: Definition | None = None, *, copied_from: str = ""
) -> tuple[Finding, ...]:
    """A definition that was not there, by itself: each place that takes a bound away, else that it is new.

    What `old`, which it was made from, had already is left out.
    """
    secrets = secret_findings(new.text, knowledge, "" if old is None else old.text)
    if is_document(place, new, knowledge):
        return (*secrets, _arrival(place, new, knowledge, "a new document"))
    known = set() if old is None else {(one.kind, one.spot.text) for one in dangers(old, knowledge)}
    found = [
        finding("agent-added", f"new, {one.says}", one.path, None, one.spot, knowledge, slot=one.kind)
        for one in dangers(new, knowledge)
        if not one.mild and (one.kind, one.spot.text) not in known
    ]
    if found or secrets or old is not None:
        return tuple(hidden([*secrets, *found], knowledge))
    what = f"copied from {copied_from}" if copied_from else "a new definition"
    return (_arrival(place, new, knowledge, f"{what} with {_granted(new, knowledge)}"),)


def _arrival(place: str, new: Definition, knowledge: Knowledge, what: str) -> Finding:
    spot = Spot(1, 1, _called(place, new))
    return finding("agent-added", what, "", None, spot, knowledge, mild=True, slot=fingerprint(new.text))


def _granted(definition: Definition, knowledge: Knowledge) -> str:
    field = rights.in_force(definition, "tools") or rights.in_force(definition, "allowed-tools")
    if field is None or rights.is_absent(field):
        return _EVERYTHING
    listed = rights.members(knowledge.field_info(field.key), field.value)
    return f"the tools {', '.join(listed)}" if listed else "an empty list of tools"


def _called(place: str, definition: Definition) -> str:
    name = definition.field("name")
    return name.text.strip() if name is not None and name.text.strip() else place


def removed_finding(
    place: str, old: Definition, files: Mapping[int, Fresh], knowledge: Knowledge, *, gone_to: str = ""
) -> Finding:
    """A definition that is gone: breaking where a rule of it stands in no file that changed."""
    traced = trace(old, files, knowledge)
    what = f"the definition is gone from here to {gone_to}" if gone_to else "the definition is gone"
    mild = is_document(place, old, knowledge) or not traced.lost
    message = what if not traced.lost else f"{what}, with {_rules(traced.lost)}"
    message += f"; {_stands(traced, files)}" if traced.found else ""
    spot = Spot(0, 1, _called(place, old))
    return finding("agent-removed", message, "", spot, None, knowledge, mild=mild, slot=fingerprint(old.text))


def _rules(clauses: Sequence[Clause]) -> str:
    worst = max(clauses, key=lambda one: one.strength)
    noun = "rule" if len(clauses) == 1 else "rules"
    return f"{len(clauses)} {noun} such as '{' '.join(worst.text.split())}'"


def _stands(traced: Trace, files: Mapping[int, Fresh]) -> str:
    """Where the rules stand that were found, a file each."""
    counts: dict[int, int] = {}
    for _, number, _ in traced.found:
        counts[number] = counts.get(number, 0) + 1
    return ", ".join(f"{count} of its rules stand in {files[number].place} now" for number, count in counts.items())


def moved_findings(
    before: str, old: Definition, place: str, new: Definition, knowledge: Knowledge
) -> Iterator[Finding]:
    """A definition that stands elsewhere: what its new host does not read, and what is new and takes a bound away."""
    hosts = by_path(before, knowledge), by_path(place, knowledge)
    told = f"moved from {before}"
    if hosts[0] != hosts[1]:
        told += f": {_host(hosts[0], knowledge)} read it, {_host(hosts[1], knowledge)} reads it now"
    slot = fingerprint(before, place)
    yield finding(
        "agent-moved", told, "", Spot(0, 1, before), Spot(1, 1, place), knowledge, mild=hosts[0] == hosts[1], slot=slot
    )
    if hosts[0] != hosts[1] and hosts[1] is not None:
        yield from _unread_bounds(old, new, hosts[1], knowledge)
    yield from added_findings(place, new, knowledge, old)


def _host(name: str | None, knowledge: Knowledge) -> str:
    return "no host" if name is None else knowledge.dialects[name].title


def _unread_bounds(old: Definition, new: Definition, host: str, knowledge: Knowledge) -> Iterator[Finding]:
    """Fields that hold something back and that the host of the new place does not read."""
    dialect = knowledge.dialects[host]
    for field in new.fields:
        was = old.field(field.key)
        if knowledge.field_info(field.key).rights in _BOUNDS and was is not None and field.key not in dialect.fields:
            message = f"{field.key}: {dialect.title} does not read it, so it bounds nothing here"
            yield finding(
                "permission-widened",
                message,
                f"frontmatter/{field.key}",
                field_spot(0, was),
                field_spot(1, field),
                knowledge,
                slot=f"{field.key} unread",
            )


def split_findings(
    status: str, place: str, old: Definition, parts: Mapping[int, Fresh], knowledge: Knowledge
) -> dict[int, tuple[Finding, ...]]:
    """What is told of a definition that stands in others now, by the file it is told at.

    That it does, rules that none of them says, and rights that are wider in one of them.
    """
    traced = trace(old, parts, knowledge)
    names = ", ".join(one.place for one in parts.values())
    rule = "agent-split" if status == "split" else "agent-joined"
    kept = f"{len(traced.found)} of {len(traced.found) + len(traced.lost)} rules stand there"
    what = f"what {place} said stands in {names} now, {kept}"
    found: dict[int, tuple[Finding, ...]] = {}
    for number, one in parts.items():
        spots = Spot(0, 1, _called(place, old)), Spot(1, 1, one.place)
        own = [finding(rule, what, "", *spots, knowledge, mild=True, slot=fingerprint(old.text))]
        own += [told for told in field_findings(old, one.definition, knowledge) if told.rule == "permission-widened"]
        found[number] = tuple(own)
    lost = [_lost(clause, knowledge) for clause in traced.lost]
    first = next(iter(parts))
    return found | {first: (*found[first], *lost)}


def _lost(clause: Clause, knowledge: Knowledge) -> Finding:
    noun = "prohibition" if clause.forbids else "obligation"
    message = f"{noun} lost on the way: {clause.text}"
    return finding(
        "guardrail-removed", message, clause.path, clause.spot, None, knowledge, mild=clause.strength < STRONG
    )
