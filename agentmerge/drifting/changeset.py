"""A change set in, a review of it out: pairs, what is new or gone, settings that bound agents, who names what."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any, NamedTuple, Protocol

from agentmerge.diffing.records import Spot
from agentmerge.drifting.arrivals import (
    Fresh,
    added_findings,
    is_loaded,
    is_split,
    moved_findings,
    parts_of,
    removed_finding,
    role_keys,
    split_findings,
    with_places,
)
from agentmerge.drifting.records import (
    Accounted,
    Drift,
    FileReview,
    Finding,
    Report,
    RoleGroup,
    Status,
    finding,
    ranked,
)
from agentmerge.drifting.reviewing import conflict_findings, drift, told_apart
from agentmerge.errors import InputError
from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import Definition
from agentmerge.text.lines import split_lines
from agentmerge.text.paths import like

# Bounds ---------------------------------------------------------------------------------------------------------------
#
# Files beside the definitions that bound agents: settings of hosts, hooks, scripts of skills.


_REMARKS = re.compile(r'("(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
"""A text, which stays, or a remark of JSON with remarks."""
_LAST_COMMA = re.compile(r'("(?:[^"\\\n]|\\.)*")|,(?=\s*[\]}])')


class Bound(NamedTuple):
    """A file that bounds agents, as one of both trees holds it."""

    name: str
    """As a file argument."""
    place: str
    """Path from the top of the tree."""
    text: str


class BoundChange(NamedTuple):
    """What happened to such a file; one side is None where it came or went."""

    old: Bound | None
    new: Bound | None


class _Table:
    """The rows of `data/bounds.toml`."""

    def __init__(self, knowledge: Knowledge) -> None:
        raw = knowledge.raw("bounds")
        self.settings: list[str] = raw["settings"]["paths"]
        self.bounds: list[str] = raw["keys"]["bounds"]
        self.grants: list[str] = raw["keys"]["grants"]
        self.scales: Mapping[str, list[str]] = raw["scales"]
        self.folders = frozenset(raw["scripts"]["folders"])
        self.suffixes = frozenset(raw["scripts"]["suffixes"])
        self.blocks = [re.compile(one) for one in raw["scripts"]["blocks"]]


def is_settings(place: str, knowledge: Knowledge) -> bool:
    """Whether a path is one of a host's settings."""
    return any(like(path, place) or like(f"*/{path}", place) for path in knowledge.derived(_Table).settings)


def is_bound(place: str, knowledge: Knowledge) -> bool:
    """Whether a file bounds agents without being a definition: settings, hooks, scripts of skills."""
    path, table = PurePosixPath(place), knowledge.derived(_Table)
    is_script = path.suffix.lower() in table.suffixes and not table.folders.isdisjoint(path.parts[:-1])
    return is_settings(place, knowledge) or is_script


def bound_findings(change: BoundChange, knowledge: Knowledge) -> tuple[Finding, ...]:
    """What a changed file lets agents do that they could not, or holds back now.

    Raises InputError for settings that can't be read: what they bound would go unseen.
    """
    place = (change.new or change.old or Bound("", "", "")).place
    if is_settings(place, knowledge):
        return tuple(_settings(change, knowledge))
    return tuple(_script(change, knowledge))


def _script(change: BoundChange, knowledge: Knowledge) -> Iterator[Finding]:
    old, new = (one.text if one else "" for one in change)
    patterns = knowledge.derived(_Table).blocks
    before, after = (
        [row for row in _lines(text) if any(one.search(row[1]) for one in patterns)] for text in (old, new)
    )
    spot = Spot(1, 1, (change.new or change.old or Bound("", "", "")).place)
    if len(after) < len(before):
        kept = {line for _, line in after}
        line, lost = next((row for row in before if row[1] not in kept), before[-1])
        message = f"holds back in {len(after)} places instead of {len(before)}: {lost.strip()}"
        yield finding("guardrail-removed", message, "", Spot(0, line, lost.strip()), None, knowledge)
        return
    what = "new" if change.old is None else "gone" if change.new is None else "changed"
    sides = (spot._replace(file=0) if change.old else None, spot if change.new else None)
    yield finding("script-changed", f"a program that agents run is {what}", "", *sides, knowledge, slot=new[:40])


def _lines(text: str) -> list[tuple[int, str]]:
    lines = enumerate(map(str.rstrip, split_lines(text)), 1)
    return [(number, line) for number, line in lines if not line.lstrip().startswith("#")]


# Settings


class _Side(NamedTuple):
    """The settings of one tree."""

    number: int
    text: str
    members: Mapping[str, Mapping[str, None]]

    def spot(self, key: str, value: str) -> Spot:
        return Spot(self.number, _line(self.text, value, key), f"{key}: {value}")


def _settings(change: BoundChange, knowledge: Knowledge) -> Iterator[Finding]:
    table = knowledge.derived(_Table)
    old, new = (
        _Side(number, one.text if one else "", _members(_read(one) if one else {}, table))
        for number, one in enumerate(change)
    )
    for key in dict.fromkeys([*old.members, *new.members]):
        scale = _scale(key, table)
        if scale:
            yield from _scaled(key, scale, (old, new), knowledge)
        else:
            yield from _listed(key, _kind(key, table), (old, new), knowledge)


def _listed(key: str, kind: str, sides: tuple[_Side, _Side], knowledge: Knowledge) -> Iterator[Finding]:
    for side, other in (sides, sides[::-1]):
        is_old = side.number == 0
        rule = "permission-narrowed"
        if not kind:
            rule = "field-changed"
        elif (kind == "bounds") == is_old:
            rule = "permission-widened"
        for name in side.members.get(key, {}):
            if name not in other.members.get(key, {}):
                told = f"{key} {'no longer holds' if is_old else 'holds now'} {_short(name)}"
                spot = side.spot(key, name)
                a, b = (spot, None) if is_old else (None, spot)
                yield finding(rule, told, f"settings/{key}", a, b, knowledge, slot=key)


def _scaled(key: str, scale: list[str], sides: tuple[_Side, _Side], knowledge: Knowledge) -> Iterator[Finding]:
    was, now = (next(iter(side.members.get(key, {})), "") for side in sides)
    if was == now:
        return
    is_wider = _rank(now, scale) > _rank(was, scale)
    spots = [side.spot(key, value) if value else None for side, value in zip(sides, (was, now), strict=True)]
    told = f"{key}: {was or 'not set'} became {now or 'not set'}"
    rule = "permission-widened" if is_wider else "permission-narrowed"
    yield finding(rule, told, f"settings/{key}", spots[0], spots[1], knowledge, slot=key)


def _rank(value: str, scale: list[str]) -> int:
    """How wide a value is; one that nobody knows is the widest, and none is what hosts take it for."""
    if value in scale:
        return scale.index(value)
    if value:
        return len(scale)
    if "default" in scale:
        return scale.index("default")
    return 0 if scale[0] == "false" else 1


def _read(bound: Bound) -> Mapping[str, Any]:
    try:
        if bound.place.endswith(".toml"):
            import tomllib

            return tomllib.loads(bound.text)
        plain = _LAST_COMMA.sub(r"\1", _REMARKS.sub(r"\1", bound.text))
        data = json.loads(plain) if plain.strip() else {}
    except (ValueError, RecursionError) as error:
        raise InputError(f"can't be read as settings: {error}", file=bound.name) from None
    if not isinstance(data, dict):
        raise InputError("can't be read as settings: it is no table", file=bound.name)
    return data


def _members(data: Mapping[str, Any], table: _Table) -> dict[str, dict[str, None]]:
    """What each key holds, lists by member; what a row of the table names is not taken apart further."""
    found: dict[str, dict[str, None]] = {}

    def walk(value: Any, key: str) -> None:
        is_whole = _kind(key, table) in ("bounds", "grants") and key != "hooks"
        if isinstance(value, Mapping) and not is_whole:
            for name, inner in value.items():
                walk(inner, f"{key}.{name}" if key else str(name))
        elif isinstance(value, Mapping):
            found[key] = {f"{name}: {_text(inner)}": None for name, inner in value.items()}
        elif isinstance(value, list):
            found[key] = {_text(one): None for one in value}
        else:
            found[key] = {_text(value): None}

    walk(data, "")
    return found


def _kind(key: str, table: _Table) -> str:
    return next((kind for kind in ("bounds", "grants") if any(like(one, key) for one in getattr(table, kind))), "")


def _scale(key: str, table: _Table) -> list[str]:
    return next((values for one, values in table.scales.items() if like(one, key)), [])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:119]}…"


def _line(text: str, value: str, key: str) -> int:
    """The line on which a value stands, else its key; 1 where neither is found."""
    lines = split_lines(text)
    wanted = (value.partition(": ")[0], value[:40], key.rpartition(".")[2])
    found = (number for one in wanted if one for number, line in enumerate(lines, 1) if one in line)
    return next(found, 1)


# References -----------------------------------------------------------------------------------------------------------
#
# Who still names what a change set took away or renamed: agents by name, files by path.


Others = Callable[[Sequence[str]], Mapping[str, str]]
"""The texts of definitions of the new tree that hold one of some texts, by path."""
_LINK = re.compile(r"\]\(<?([^)>#\s]+)|(?:^|[\s(])@([\w./-]+\.\w+)")

SHOWN = 3
"""Places that a finding names."""
_LEAST = 3
"""Letters of a name that is looked for."""


class Placed(Protocol):
    """A definition with its path."""

    @property
    def place(self) -> str: ...
    @property
    def definition(self) -> Definition: ...


class Changed(Protocol):
    """What happened to a file."""

    @property
    def old(self) -> Placed | None: ...
    @property
    def new(self) -> Placed | None: ...


class Call(NamedTuple):
    """A line that names something."""

    place: str
    line: int
    text: str


def dead_references(changes: Sequence[Changed], others: Others, knowledge: Knowledge) -> Iterator[tuple[str, Finding]]:
    """For each name or path that is gone and still called: the first file that does so, and the finding."""
    names, paths = _gone_names(changes), _gone_paths(changes)
    wanted = {name for name in names if len(name) >= _LEAST} | {PurePosixPath(path).name for path in paths}
    texts = dict(sorted(others(sorted(wanted)).items())) if wanted else {}
    for name, heir in sorted(names.items()):
        holding = {place: text for place, text in texts.items() if len(name) >= _LEAST and name in text}
        if any(_is_called(name, text) for text in holding.values()):
            continue
        calls = [call for place, text in holding.items() for call in _calls(name, place, text)]
        yield from _references_told(
            f"the agent {name}", f"is called {heir} now" if heir else "is gone", calls, name, knowledge
        )
    linked: dict[str, list[Call]] = {path: [] for path in paths}
    for place, text in texts.items():
        for path, call in _links(place, text):
            if path in linked and call not in linked[path]:
                linked[path].append(call)
    for path, now in sorted(paths.items()):
        how = f"stands at {now} now" if now else "is gone"
        yield from _references_told(f"the file {path}", how, linked[path], path, knowledge)


def _gone_names(changes: Sequence[Changed]) -> dict[str, str]:
    """Names of agents that no changed file has any more, each with what the same agent is called now."""
    kept = {_name(change.new) for change in changes if change.new is not None}
    pairs = ((_name(change.old), _name(change.new)) for change in changes if change.old is not None)
    return {old: new if new != old else "" for old, new in pairs if old and old not in kept}


def _name(one: Placed | None) -> str:
    field = one.definition.field("name") if one is not None else None
    return field.text.strip() if field is not None else ""


def _gone_paths(changes: Sequence[Changed]) -> dict[str, str]:
    kept = {change.new.place for change in changes if change.new is not None}
    return {
        change.old.place: change.new.place if change.new is not None else ""
        for change in changes
        if change.old is not None and change.old.place not in kept
    }


def _is_called(name: str, text: str) -> bool:
    """Whether a definition has a name."""
    return re.search(rf"^name:[ \t]*[\"']?{re.escape(name)}[\"']?[ \t]*$", text, re.MULTILINE) is not None


def _calls(name: str, place: str, text: str) -> Iterator[Call]:
    """Lines that call an agent: a mark or a word beside the name says that it is no word of the language."""
    own = re.escape(name)
    pattern = re.compile(
        rf"`@?{own}`|(?<![\w/])@{own}(?![\w/-]|\.\w)"
        rf"|\b(?:agents?|subagents?|subagent_type|skills?|handoffs?)\b[\"']?\s*[:=(]\s*[\"'\[]*{own}(?![\w-])"
        rf"|\b(?:Agent|Task|Skill)\({own}\)|^\s*-\s+[\"']?{own}[\"']?\s*$"
        rf"|(?<![\w-]){own}[`\"']?\s+(?:sub)?agent\b|\b(?:sub)?agent\s+[`\"']?{own}(?![\w-])"
    )
    for number, line in enumerate(split_lines(text), 1):
        if pattern.search(line) and not _is_called(name, line):
            yield Call(place, number, line.strip())


def _links(place: str, text: str) -> Iterator[tuple[str, Call]]:
    """Links and imports of files, each read from the folder of the file that has it, and from the top."""
    for number, line in enumerate(split_lines(text), 1):
        for target in _LINK.findall(line):
            name = (target[0] or target[1]).removeprefix("./")
            here = posixpath.normpath(posixpath.join(posixpath.dirname(place), name))
            for path in dict.fromkeys((here, name.lstrip("/"))):
                yield path, Call(place, number, line.strip())


def _references_told(
    what: str, how: str, calls: Sequence[Call], slot: str, knowledge: Knowledge
) -> Iterator[tuple[str, Finding]]:
    if not calls:
        return
    more = f" and {len(calls) - SHOWN} more" if len(calls) > SHOWN else ""
    places = ", ".join(f"{one.place}:{one.line}" for one in calls[:SHOWN])
    spot = Spot(1, calls[0].line, calls[0].text)
    message = f"{what} {how}; still called by {places}{more}"
    yield calls[0].place, finding("reference-dead", message, "", None, spot, knowledge, slot=slot)


# Restoring ------------------------------------------------------------------------------------------------------------
#
# Files of a change set that an earlier commit had left as they are now: one finding each for what is taken back.


RULE = "restored"


def restore(report: Report, back: Mapping[str, str], knowledge: Knowledge) -> Report:
    """The report with what puts an earlier version back told once for each file.

    `back` has the commit of that version by path. The finding is as serious as the worst that it takes back; findings
    that were accepted stay.
    """
    if not back:
        return report
    groups = tuple(_restoring_told(report, group, back, knowledge) for group in report.groups)
    rows = tuple(
        one._replace(status="restored") if one.new in back and one.status == "changed" else one
        for one in report.accounted
    )
    return replace(report, groups=groups, accounted=rows)


def _restoring_told(report: Report, group: RoleGroup, back: Mapping[str, str], knowledge: Knowledge) -> RoleGroup:
    rev = back.get(report.place(group.files[-1]))
    if rev is None:
        return group
    pairs = tuple(
        pair._replace(findings=ranked(list(_folded(pair.findings, rev, knowledge)))) for pair in group.drift.pairs
    )
    return replace(group, drift=replace(group.drift, pairs=pairs))


def _folded(findings: tuple[Finding, ...], rev: str, knowledge: Knowledge) -> Iterator[Finding]:
    still = [one for one in findings if not one.accepted]
    yield from (one for one in findings if one.accepted)
    if still:
        worst = ranked(still)[0]
        more = f", and {len(still) - 1} more" if len(still) > 1 else ""
        message = f"puts back what {rev} had left: {worst.rule}: {worst.message}{more}"
        made = finding(RULE, message, worst.path, worst.a, worst.b, knowledge, slot=rev)
        yield made._replace(severity=worst.severity)


# Changeset ------------------------------------------------------------------------------------------------------------
#
# A change set: every definition that changed with its earlier self, what is new by itself, what is gone told.


Watch = Callable[[int, int], object]


class Version(NamedTuple):
    """A definition as one of both trees holds it."""

    name: str
    """As a file argument."""
    place: str
    """Path from the top of the tree."""
    definition: Definition


class FileChange(NamedTuple):
    """What happened to one file of the set."""

    old: Version | None
    new: Version | None
    source: Version | None = None
    """Of a new one: the file of the old tree that it was made from, which was no definition there, or stays."""
    gone_to: str = ""
    """Of an old one: where it stands now, as no definition or out of what is looked at."""


Compare = Callable[[Sequence[tuple[Definition, Definition]]], Iterable[Drift]]
"""Reviews pairs, in their order; whoever has processes to spare may divide them."""


def review_changes(
    changes: Sequence[FileChange],
    knowledge: Knowledge,
    *,
    bounds: Sequence[BoundChange] = (),
    checked: int | None = None,
    compare: Compare | None = None,
    watch: Watch | None = None,
) -> Report:
    """The review of a change set; `checked` is how many definitions the new tree has.

    Each old definition and each new one has one status. What a file that is gone said is followed across the files
    that changed. `bounds` are files beside them that bound agents. `compare` is `compare_pairs` or does the same.
    `watch` is told before each file how many are done, and of how many.
    """
    review = _Review(changes, knowledge, compare or (lambda pairs: compare_pairs(pairs, knowledge)), watch)
    for one in bounds:
        review.bound(one)
    return review.run(checked)


def compare_pairs(pairs: Iterable[tuple[Definition, Definition]], knowledge: Knowledge) -> Iterator[Drift]:
    """The review of each earlier and later self by themselves."""
    for old, new in pairs:
        yield drift([old, new], knowledge, summary=False)


@dataclass
class _Review:
    """The state of one review: what is paired so far, and what is left on either side."""

    changes: Sequence[FileChange]
    knowledge: Knowledge
    compare: Compare
    watch: Watch | None
    names: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    groups: list[RoleGroup] = field(default_factory=list)
    unread: list[FileReview] = field(default_factory=list)
    apart: list[FileReview] = field(default_factory=list)
    accounted: list[Accounted] = field(default_factory=list)
    fresh: dict[int, Fresh] = field(default_factory=dict)
    """By the number of a new file, what it says that its earlier self did not."""
    numbers: dict[str, int] = field(default_factory=dict)

    def run(self, checked: int | None) -> Report:
        readable = [change for change in self.changes if not self._is_conflicted(change)]
        for change in readable:
            if change.new is not None:
                self._is_fresh(change)
        pairs, removed, added = self._matched(readable)
        asked = len(pairs) + len(removed) + len(added)
        compared = [change for change in [*pairs, *added] if change.old or change.source]
        reviewed = iter(self.compare([_both(change) for change in compared]))
        for done, change in enumerate([*pairs, *removed, *added]):
            if self.watch is not None:
                self.watch(done, asked)
            self._one(change, reviewed)
        return Report(
            tuple(self.names),
            tuple(self.groups),
            places=tuple(self.places),
            unread=tuple(self.unread),
            apart=tuple(self.apart),
            accounted=tuple(sorted(self.accounted, key=lambda one: (one.new or one.old or "", one.old or ""))),
            checked=checked,
        )

    def bound(self, change: BoundChange) -> None:
        """Tell what a file beside the definitions lets agents do now, or keeps them from."""
        found = bound_findings(change, self.knowledge)
        old, new = change
        one = new or old
        if one is not None:
            self.apart.append(FileReview(self._number(one), _in_order(found)))
            status: Status = "added" if old is None else "removed" if new is None else "changed"
            if old is not None and new is not None and old.place != new.place:
                status = "moved"
            self.accounted.append(Accounted(old.place if old else None, new.place if new else None, status))

    def _number(self, version: Version | Bound) -> int:
        if version.name not in self.numbers:
            self.numbers[version.name] = len(self.names)
            self.names.append(version.name)
            self.places.append(version.place)
        return self.numbers[version.name]

    def _is_fresh(self, change: FileChange) -> None:
        assert change.new is not None
        before = change.old or change.source
        if before is not None:
            self._number(before)
        number = self._number(change.new)
        self.fresh[number] = Fresh(
            change.new.place, change.new.definition, self.knowledge, before.definition if before else None
        )

    def _is_conflicted(self, change: FileChange) -> bool:
        """Whether one of both sides holds conflict markers: then it is told of, and nothing is compared."""
        found = []
        for version, before in ((change.old, True), (change.new, False)):
            broken = conflict_findings(version.definition, self.knowledge, before=before) if version else ()
            if version is not None and broken:
                found.append(FileReview(self._number(version), broken))
        self.unread += found
        if found:
            self._account("changed", change.old, change.new)
        return bool(found)

    def _account(self, status: Status, old: Version | None, new: Version | None) -> None:
        self.accounted.append(Accounted(old.place if old else None, new.place if new else None, status))

    # Who is whose earlier self

    def _matched(self, changes: Sequence[FileChange]) -> tuple[list[FileChange], list[FileChange], list[FileChange]]:
        """Pairs, what is gone and what is new; what was split or joined is told here, and left out."""
        changes = self._without_split(changes)
        pairs = [change for change in changes if change.old is not None and change.new is not None]
        removed = [change for change in changes if change.new is None]
        added = [change for change in changes if change.old is None]
        for change in list(removed):
            partner = self._same_role(change, added)
            if partner is not None:
                removed.remove(change)
                added.remove(partner)
                pairs.append(partner._replace(old=change.old, source=None, gone_to=""))
        removed = [change for change in removed if not self._is_joined(change)]
        return sorted(pairs, key=_place), removed, added

    def _without_split(self, changes: Sequence[FileChange]) -> list[FileChange]:
        """The changes without the files that are gone and stand in several new ones; what is told of these is kept."""
        left = []
        new = {
            self.numbers[change.new.name]: change
            for change in changes
            if change.new is not None and (change.old is None or change.old.place != change.new.place)
        }
        taken: set[int] = set()
        for change in changes:
            if change.old is None or (change.new is not None and change.old.place == change.new.place):
                left.append(change)
                continue
            files = self._files(change, [number for number in new if number not in taken])
            parts = parts_of(change.old.definition, files, self.knowledge)
            if not is_split(parts):
                left.append(change)
                continue
            taken |= set(parts)
            self._tell_parts("split", change.old, {number: files[number] for number in parts}, new)
        return [change for change in left if change.new is None or self.numbers[change.new.name] not in taken]

    def _files(self, change: FileChange, numbers: Sequence[int]) -> dict[int, Fresh]:
        """New files that may hold a part of one; of what git calls its rename all that it says counts."""
        own = self.numbers.get(change.new.name) if change.new is not None else None
        assert change.old is not None
        holding = self._holding(change.old)
        return {
            number: replace(holding[number], before=None) if number == own else holding[number]
            for number in numbers
            if number in holding
        }

    def _holding(self, old: Version) -> dict[int, Fresh]:
        """Files that can say what an old one said: of one that a host loads only those that a host loads, too."""
        if not is_loaded(old.place, self.knowledge):
            return self.fresh
        return {number: one for number, one in self.fresh.items() if one.is_loaded}

    def _same_role(self, change: FileChange, added: Sequence[FileChange]) -> FileChange | None:
        """The one new definition of the same role; None where there is none, or several."""
        assert change.old is not None
        keys = role_keys(change.old.definition, self.knowledge)[:1]
        found = [one for one in added if one.new and role_keys(one.new.definition, self.knowledge)[:1] == keys]
        if keys and len(found) == 1:
            return found[0]
        return None

    def _is_joined(self, change: FileChange) -> bool:
        assert change.old is not None
        holding = self._holding(change.old)
        parts = parts_of(change.old.definition, holding, self.knowledge)
        if parts:
            self._tell_parts("joined", change.old, {number: holding[number] for number in parts}, {})
        return bool(parts)

    def _tell_parts(
        self, status: Status, old: Version, parts: Mapping[int, Fresh], new: Mapping[int, FileChange]
    ) -> None:
        found = split_findings(status, old.place, old.definition, parts, self.knowledge)
        before = self._number(old)
        for number in parts:
            own = found.get(number, ())
            arrived = new[number].new if number in new else None
            if arrived is not None:
                own = (*own, *added_findings(arrived.place, arrived.definition, self.knowledge, old.definition))
            self.apart.append(FileReview(number, _in_order(own), before))
            self.accounted.append(Accounted(old.place, self.places[number], status))

    # What is told of each

    def _one(self, change: FileChange, reviewed: Iterator[Drift]) -> None:
        if change.new is None:
            self._gone(change)
        elif change.old is None and change.source is None:
            number = self._number(change.new)
            found = added_findings(change.new.place, change.new.definition, self.knowledge)
            self.apart.append(FileReview(number, _in_order(found)))
            self._account("added", None, change.new)
        else:
            self._pair(change, next(reviewed))

    def _gone(self, change: FileChange) -> None:
        assert change.old is not None
        found = removed_finding(
            change.old.place,
            change.old.definition,
            self._holding(change.old),
            self.knowledge,
            gone_to=change.gone_to,
        )
        self.apart.append(FileReview(self._number(change.old), (found,)))
        self._account("removed", change.old, None)

    def _pair(self, change: FileChange, reviewed: Drift) -> None:
        old, new = change.old or change.source, change.new
        assert old is not None
        assert new is not None
        numbers = self._number(old), self._number(new)
        pair = reviewed.pairs[0]
        others = {number: one for number, one in self.fresh.items() if number != numbers[1]}
        found = [*with_places(pair.findings, old.definition, new, others, self.knowledge), *self._extra(change, old)]
        pair = pair._replace(findings=_in_order(found))
        self.groups.append(RoleGroup(new.place, numbers, replace(reviewed, pairs=(pair,))))
        status: Status = "added" if change.old is None else "changed" if old.place == new.place else "moved"
        if status == "changed" and old.definition.text == new.definition.text:
            status = "same"
        self._account(status, change.old, new)
        for one in (old.definition, new.definition, pair.diff.matching.a, pair.diff.matching.b):
            # The set holds every definition to its end; what was made of these two hardly anything asks for again.
            one.memo.clear()

    def _extra(self, change: FileChange, old: Version) -> Iterator[Finding]:
        assert change.new is not None
        if change.old is None:
            yield from added_findings(change.new.place, change.new.definition, self.knowledge, copied_from=old.place)
        elif old.place != change.new.place:
            yield from moved_findings(
                old.place, old.definition, change.new.place, change.new.definition, self.knowledge
            )
        left = is_loaded(old.place, self.knowledge) and not is_loaded(change.new.place, self.knowledge)
        if change.old is not None and (change.gone_to or left):
            where = f"{change.new.place}, where no host looks" if left else f"{change.gone_to}, which is not looked at"
            yield removed_finding(old.place, old.definition, {}, self.knowledge, gone_to=where)


def _both(change: FileChange) -> tuple[Definition, Definition]:
    """What a changed file is compared with, and itself."""
    old, new = change.old or change.source, change.new
    assert old is not None
    assert new is not None
    return old.definition, new.definition


def _place(change: FileChange) -> str:
    version = change.new or change.old
    return version.place if version is not None else ""


def _in_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return ranked(list(told_apart(findings)))
