"""A change set: every definition that changed with its earlier self, what is new by itself, what is gone told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from agentmerge.drifting import drift
from agentmerge.drifting.arrivals import added_findings, moved_findings, removed_finding, split_findings
from agentmerge.drifting.bounds import Bound, BoundChange, bound_findings
from agentmerge.drifting.conflicted import conflict_findings
from agentmerge.drifting.elsewhere import with_places
from agentmerge.drifting.grouping import role_keys
from agentmerge.drifting.records import Drift, Finding, ranked
from agentmerge.drifting.reports import Accounted, FileReview, Report, RoleGroup, Status
from agentmerge.drifting.reviewing import told_apart
from agentmerge.drifting.tracing import Fresh, is_loaded, is_split, parts_of
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition

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
