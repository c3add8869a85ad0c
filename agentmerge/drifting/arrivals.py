"""Many definitions in, out which are of one role, where a statement stands now, and what came, went, moved, split."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cached_property
from pathlib import PurePath, PurePosixPath
from typing import Protocol

from agentmerge.diffing.records import ChangeSeverity, Spot, fingerprint
from agentmerge.drifting.fields import dangers, field_findings, field_spot, hidden, is_document, secret_findings
from agentmerge.drifting.records import Finding, finding
from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import Definition
from agentmerge.reading.parsing import by_path
from agentmerge.reading.relations import imports
from agentmerge.rights import reading
from agentmerge.statements.clauses import STRONG, Clause, clauses_of, new_clauses
from agentmerge.statements.sentences import Holders

# Grouping -------------------------------------------------------------------------------------------------------------
#
# What names the role of a definition: its name, its file, aliases; which of many are of one role says `surveying`.


_PARTS = re.compile(r"[^\w]+|_+")


def role_keys(definition: Definition, knowledge: Knowledge) -> list[str]:
    """What names the role of a definition: its `name`, else its file, without titles such as `senior` or `expert`."""
    name = definition.field("name")
    return keys_of(name.text if name is not None else "", definition.filename, knowledge)


def keys_of(name: str, filename: str | None, knowledge: Knowledge) -> list[str]:
    """What names a role, by the field `name` and the file's name."""
    keys = [_key(text, knowledge) for text in (name, stem(filename, knowledge)) if text.strip()]
    return list(dict.fromkeys(key for key in keys if key))


def stem(filename: str | None, knowledge: Knowledge) -> str:
    """A file's name without its ending, or its folder's where all files are called the same."""
    if not filename:
        return ""
    path = PurePath(filename)
    found = path.name.split(".")[0]
    if found.lower() in knowledge.raw("roles")["files"]["generic"]:
        return path.parent.name
    return found


def _key(text: str, knowledge: Knowledge) -> str:
    raw = knowledge.raw("roles")
    words = [part for part in _PARTS.split(text.lower()) if part]
    words = [raw["aliases"].get(word, word) for word in words]
    bare = [word for word in words if word not in raw["titles"]["words"]]
    return " ".join(bare or words)


# Tracing --------------------------------------------------------------------------------------------------------------
#
# Statements followed across the files of a change set: where what one file said stands now.


SHARED = 0.6
"""Share of equal statements of the shorter definition from which two files are versions of one text."""
LEAST = 3
"""Statements of another file from which a file holds a part of it."""
PART = 0.2
"""Share of a file's statements from which another one holds a part of it."""
WHOLE = 0.9
"""Share from which it holds all of it, and nothing was split."""


def is_loaded(place: str, knowledge: Knowledge) -> bool:
    """Whether a host looks for definitions at a path: by its pattern, or in a folder that hosts call theirs.

    Plugins and collections keep `agents` and `skills` anywhere.
    """
    folders = PurePosixPath(place).parts[:-1]
    return by_path(place, knowledge) is not None or not knowledge.derived(_folders).isdisjoint(folders)


def _folders(knowledge: Knowledge) -> frozenset[str]:
    """What hosts call the folders that hold definitions: `agents` of `.claude/agents/*.md`."""
    parts = (part for one in knowledge.dialects.values() for path in one.paths for part in path.split("/")[:-1])
    return frozenset(part for part in parts if part.isidentifier())


@dataclass(frozen=True)
class Fresh:
    """What a file of the new tree says that its earlier self did not say."""

    place: str
    definition: Definition
    knowledge: Knowledge
    before: Definition | None = dataclass_field(default=None)
    """Its earlier self, None where it is new."""

    @cached_property
    def is_loaded(self) -> bool:
        """Whether a host looks for definitions where it stands."""
        return is_loaded(self.place, self.knowledge)

    @cached_property
    def clauses(self) -> Sequence[Clause]:
        if self.before is None:
            return clauses_of(1, self.definition, self.knowledge)
        return new_clauses(1, self.definition, self.before, self.knowledge)

    @cached_property
    def texts(self) -> frozenset[str]:
        """Its sentences, folded."""
        return frozenset(clause.folded for clause in self.clauses)

    @cached_property
    def _holders(self) -> Holders:
        return Holders(self.clauses)

    @cached_property
    def _by_text(self) -> Mapping[str, Clause]:
        return {clause.folded: clause for clause in reversed(self.clauses)}

    def find(self, clause: Clause, at: int) -> Clause | None:
        """Its sentence that says another one whole and as strictly, None without one."""
        same = self._by_text.get(clause.folded)
        if same is not None and same.strength >= clause.strength and same.forbids == clause.forbids:
            return same
        return self._holders.find(clause, at)


@dataclass(frozen=True, slots=True)
class Trace:
    """Where the sentences of a definition stand now."""

    lost: tuple[Clause, ...]
    """Prohibitions and obligations that stand nowhere."""
    found: tuple[tuple[Clause, int, Clause], ...]
    """The others, each with the number of the file that says it, and its sentence."""


def trace(old: Definition, files: Mapping[int, Fresh], knowledge: Knowledge) -> Trace:
    """Every prohibition and obligation of a definition, in the files of the new tree: the first that says it counts."""
    lost, found = [], []
    for at, clause in enumerate(clauses_of(0, old, knowledge)):
        if not clause.is_guardrail:
            continue
        place = next(((number, new) for number, one in files.items() if (new := one.find(clause, at))), None)
        if place is None:
            lost.append(clause)
        else:
            found.append((clause, *place))
    return Trace(tuple(lost), tuple(found))


def parts_of(old: Definition, files: Mapping[int, Fresh], knowledge: Knowledge) -> dict[int, float]:
    """Files that hold a part of a definition, each with its share of it, where all together hold most of it."""
    said = {clause.folded for clause in clauses_of(0, old, knowledge)}
    held = {number: said & one.texts for number, one in files.items()}
    parts = {number: texts for number, texts in held.items() if len(texts) >= max(LEAST, PART * len(said))}
    if len(set().union(*parts.values())) < SHARED * len(said):
        return {}
    return {number: len(texts) / len(said) for number, texts in parts.items()}


def is_split(parts: Mapping[int, float]) -> bool:
    """Whether several files hold a part each, and none of them nearly all."""
    return len(parts) > 1 and max(parts.values()) < WHOLE


# Elsewhere ------------------------------------------------------------------------------------------------------------
#
# Rules that a file lost, looked for in the other files of a change set, and whether the file loads them from there.


_LOST = "guardrail-removed"


class Placed(Protocol):
    """A definition with its path."""

    @property
    def place(self) -> str: ...
    @property
    def definition(self) -> Definition: ...


def with_places(
    findings: Sequence[Finding], old: Definition, new: Placed, files: Mapping[int, Fresh], knowledge: Knowledge
) -> Iterator[Finding]:
    """The findings of a pair, where a rule that is gone is told with the changed file that says it now.

    It is no more than information where the definition imports that file: it still binds it.
    """
    loaded = frozenset(_imported(new))
    clauses = {(one.unit.line, one.text): (at, one) for at, one in enumerate(clauses_of(0, old, knowledge))}
    for one in findings:
        known = clauses.get((one.a.line, one.a.text)) if one.rule == _LOST and one.a is not None else None
        places = [] if known is None else list(_places(*known, files))
        read = next((row for row in places if row[0] in loaded), None)
        if read is not None:
            message = f"{one.message}; it stands at {read[0]}:{read[1]} now, which this file imports"
            yield one._replace(message=message, severity=ChangeSeverity.INFO)
        elif places:
            path, line = places[0]
            yield one._replace(message=f"{one.message}; it stands at {path}:{line} now, which this file does not load")
        else:
            yield one


def _places(at: int, clause: Clause, files: Mapping[int, Fresh]) -> Iterator[tuple[str, int]]:
    for one in files.values():
        found = one.find(clause, at)
        if found is not None:
            yield one.place, found.unit.line


def _imported(new: Placed) -> Iterator[str]:
    """Paths that a definition imports, from the top of its tree."""
    for unit in imports(new.definition):
        yield posixpath.normpath(posixpath.join(posixpath.dirname(new.place), unit.label))


# Arrivals -------------------------------------------------------------------------------------------------------------
#
# What is told of definitions that came, went, moved, were split or joined: each by what it bounds.


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
    field = reading.in_force(definition, "tools") or reading.in_force(definition, "allowed-tools")
    if field is None or reading.is_absent(field):
        return _EVERYTHING
    listed = reading.members(knowledge.field_info(field.key), field.value)
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
