"""What the answers make of clusters and sections, before anything is decided by rule.

Nothing is given up but for a text that an answer, or the alignment, sets beside it. Where two answers make a chain, a
text goes where the one goes that it was set beside; a text that two others cover goes with one of them, and both stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from agentmerge.aligning.matching import words
from agentmerge.aligning.records import Alignment, Group, Member
from agentmerge.combining.clusters import Cluster
from agentmerge.combining.customs import as_unit, binding_words, names
from agentmerge.combining.entries import Entry, Key
from agentmerge.combining.guards import facts
from agentmerge.combining.rulings import Ruling, Rulings
from agentmerge.combining.statements import Statement, Statements
from agentmerge.knowledge import Knowledge
from agentmerge.model import VERBATIM, Definition, walk_sections
from agentmerge.outcome import Notice, Source

Chooser = Callable[[Sequence[Entry]], Entry]
"""Which of some units that say the same stands, by the usual rules."""

_LINEWISE = frozenset({"code", "table", "quote"}) | VERBATIM


def settled(
    rulings: Rulings,
    clusters: Sequence[Cluster],
    survivors: Mapping[Key, Entry],
    statements: Statements,
    choose: Chooser,
    knowledge: Knowledge,
) -> list[Cluster]:
    """The clusters as the answers have them. `survivors` has, for each unit, the one that stands without them.

    What can't be done is told among the rulings.
    """
    counted = rulings.of("same?", "conflict")
    if not counted:
        return list(clusters)
    pool = _Pool(rulings, choose, knowledge)
    for cluster in clusters:
        members = _texts(cluster, statements)
        stands = statements.at(survivors[cluster.members[0].key].key)
        for text in members:
            if stands is not None and text is not stands:
                pool.give(text, stands, None)
    for ruling in sorted(counted, key=lambda one: (one.answer.action != "custom", one.answer.by == "agent")):
        for texts in ruling.sets:
            pool.join(list(texts), ruling)
    return _Rebuilt(pool, clusters, statements, choose, knowledge).clusters


def _texts(cluster: Cluster, statements: Statements) -> list[Statement]:
    return list(dict.fromkeys(one for member in cluster.members if (one := statements.at(member.key)) is not None))


class _Pool:
    """Which text goes with which: each follows to the one that stands for it."""

    def __init__(self, rulings: Rulings, choose: Chooser, knowledge: Knowledge) -> None:
        self._rulings = rulings
        ruled = rulings.of("same?", "conflict")
        self._apart = frozenset(frozenset(pair) for ruling in ruled for pair in ruling.apart)
        self._choose = choose
        self._knowledge = knowledge
        self.goes: dict[Statement, tuple[Statement, Ruling | None]] = {}
        """For each text that is given up the one that it goes with, and by which ruling."""
        self._comes: dict[Statement, list[Statement]] = {}
        self.taken: dict[Statement, Ruling] = {}
        """The texts that an answer took, or wrote anew."""
        self._closed: dict[Statement, frozenset[Statement]] = {}
        """Of texts that are written anew all that the new one covers."""

    def root(self, statement: Statement) -> Statement:
        """The text that stands for another one."""
        while statement in self.goes:
            statement = self.goes[statement][0]
        return statement

    def held(self, root: Statement) -> list[Statement]:
        """A text and all that goes with it."""
        found = [root]
        for one in found:
            found += self._comes.get(one, ())
        return found

    def is_apart(self, a: Statement, b: Statement) -> bool:
        """Whether an answer keeps two texts apart."""
        return frozenset((a, b)) in self._apart

    def give(self, statement: Statement, stands: Statement, ruling: Ruling | None) -> None:
        """Let a text that stands, and all that goes with it, go with another one; not where an answer forbids it."""
        root = self.root(stands)
        if root is statement or statement in self.goes:
            return
        if self._closed.get(root) != self._closed.get(statement):
            return
        if any(self.is_apart(one, root) for one in self.held(statement)):
            return
        if ruling is not None and ruling.answer.by == "agent":
            lost = next(
                (what for one in self.held(statement) for what in lost_by(one.first, root.first, self._knowledge)), ""
            )
            if lost:
                self._rulings.keep(ruling, statement, lost)
                return
        self.goes[statement] = (stands, ruling)
        self._comes.setdefault(stands, []).append(statement)

    def free(self, statement: Statement) -> None:
        """Let a text stand by itself, with what goes with it."""
        if statement in self.goes:
            stands, _ = self.goes.pop(statement)
            self._comes[stands].remove(statement)

    def join(self, texts: Sequence[Statement], ruling: Ruling) -> None:
        """Let one of some texts stand for the others, as an answer says."""
        closed = ruling.answer.action == "custom"
        taken = [one for one in texts if one in self.taken]
        wanted = ruling.take if ruling.take in texts else None
        above = [one for text in texts if (one := self.root(text)) is not wanted and one in self.taken]
        if (wanted is not None or closed) and above:
            self._rulings.refuse_late(ruling, self.taken[above[0]])
            return
        stands = wanted or (taken[0] if taken else self._fullest(texts))
        if closed:
            self._close(texts)
        if wanted is not None or closed:
            self.taken[stands] = ruling
            before = self.root(stands)
            self.free(stands)
            self.give(before, stands, ruling)
        for one in texts:
            if one is not stands:
                self._rehome(one, stands, ruling)

    def _fullest(self, texts: Sequence[Statement]) -> Statement:
        entry = self._choose([entry for one in texts for entry in one.entries])
        return next(one for one in texts if entry.key in one.keys)

    def _close(self, texts: Sequence[Statement]) -> None:
        """Part some texts from all others: nobody checked what is written in their place against those."""
        for one in texts:
            self.free(one)
            for other in list(self._comes.get(one, ())):
                self.free(other)
        inside = frozenset(texts)
        for one in texts:
            self._closed[one] = inside

    def _rehome(self, statement: Statement, stands: Statement, ruling: Ruling) -> None:
        """An answer counts before what was found without it, and confirms what it says, too."""
        known = self.goes.get(statement)
        if known is not None and known[1] is None:
            if self.root(statement) is self.root(stands):
                self.goes[statement] = (known[0], ruling)
                return
            self.free(statement)
        if statement not in self.taken:
            self.give(statement, stands, ruling)


def lost_by(given_up: Entry, stands: Entry, knowledge: Knowledge) -> Iterator[str]:
    """What goes with a text that another one does not have: numbers, names, code, links; of a block each line."""
    if given_up.unit.kind in _LINEWISE:
        there = {" ".join(line.split()) for line in stands.unit.text.split("\n")}
        lines = (" ".join(line.split()) for line in given_up.unit.text.split("\n"))
        yield from (line for line in lines if line not in there)
        return
    said = frozenset(words(stands.unit.flow)) | names(stands.unit.flow)
    yield from sorted(facts(given_up) - facts(stands))
    yield from sorted(names(given_up.unit.flow) - said)
    yield from sorted(binding_words(given_up.unit.flow, knowledge) - binding_words(stands.unit.flow, knowledge))


class _Rebuilt:
    """The pool as clusters."""

    def __init__(
        self,
        pool: _Pool,
        clusters: Sequence[Cluster],
        statements: Statements,
        choose: Chooser,
        knowledge: Knowledge,
    ) -> None:
        self._pool, self._subjects, self._choose, self._knowledge = pool, statements, choose, knowledge
        self._before = {member.key: cluster for cluster in clusters for member in cluster.members}
        self.clusters = [cluster for cluster in clusters if statements.at(cluster.members[0].key) is None]
        """Those that no question is about, and then all others."""
        roots = dict.fromkeys(pool.root(one) for cluster in clusters for one in _texts(cluster, statements))
        self.clusters += [self._cluster(root) for root in roots]
        self.clusters.sort(key=lambda cluster: min(member.key for member in cluster.members))

    def _cluster(self, root: Statement) -> Cluster:
        held = self._pool.held(root)
        members = tuple(sorted((entry for one in held for entry in one.entries), key=lambda entry: entry.key))
        before = self._before[root.first.key]
        rulings = dict.fromkeys(
            ruling for one in held if one in self._pool.goes and (ruling := self._pool.goes[one][1])
        )
        if root in self._pool.taken:
            rulings = {self._pool.taken[root]: None, **rulings}
        if members == before.members and not rulings:
            return before
        if not rulings:
            return _less(before, members)
        ruling = next(iter(rulings))
        stands = self._choose(root.entries)
        text = ruling.answer.text if ruling.answer.action == "custom" else ""
        unit = as_unit(text, stands.unit, self._knowledge) if text else None
        note = "; ".join(one.note for one in rulings)
        return Cluster(members, 1.0, note, stands.key, ruled=ruling.rule, anew=unit)


def _less(before: Cluster, members: tuple[Entry, ...]) -> Cluster:
    """What is left of a cluster that an answer took apart."""
    keys = {member.key for member in members}
    cover = before.cover if before.cover in keys else None
    return replace(before, members=members, cover=cover, guarded=before.guarded and cover is not None)


def given_up(clusters: Iterable[Cluster], names_of: Sequence[str], knowledge: Knowledge) -> Iterator[Notice]:
    """What a person's answers let go that nothing in the result says: each of it is told."""
    for cluster in clusters:
        if not cluster.ruled:
            continue
        stands = next(member for member in cluster.members if member.key == cluster.cover)
        if cluster.anew is not None:
            stands = replace(stands, unit=cluster.anew)
        for member in cluster.members:
            lost = list(lost_by(member, stands, knowledge))
            if lost:
                where = f"{names_of[member.file]}:{member.unit.line}"
                message = f"{where} is given up with {', '.join(map(repr, lost[:5]))} ({cluster.reason})"
                source = Source(member.file, member.unit.line, member.unit.kind, member.unit.text)
                yield Notice("fact-given-up", "warning", message, "", (source,))


def aligned(rulings: Rulings, alignment: Alignment, definitions: Sequence[Definition]) -> Alignment:
    """The alignment with the sections as the answers have them."""
    ruled = rulings.of("section?")
    if not ruled:
        return alignment
    members = {
        (file, section.line): Member(file, section, path)
        for file, definition in enumerate(definitions)
        for path, section in walk_sections(definition.root)
    }
    groups = list(alignment.sections)
    for ruling in ruled:
        keys = [key for one in ruling.statements for key in one.keys]
        groups = [part for group in groups for part in _without(group, set(keys))]
        sets = [[key for one in each for key in one.keys] for each in ruling.sets]
        for each in sets:
            together = tuple(sorted((members[key] for key in each), key=lambda member: member.key))
            groups.append(Group(together, "same", 1.0, ruling.note))
    return replace(alignment, sections=tuple(groups))


def parted(rulings: Rulings, nodes: Mapping[Key, object]) -> Iterator[Notice]:
    """The headings that an answer calls one section, and that can't be one. `nodes` has what each has become."""
    for ruling in rulings.of("section?"):
        for texts in ruling.sets:
            if len({id(nodes[key]) for one in texts for key in one.keys if key in nodes}) > 1:
                titles = ", ".join(f"'{one.text.text.partition(' (')[0]}'" for one in texts)
                why = "what stands in one would mean something else in the other"
                yield Notice("decision-left", "warning", f"{ruling.answer.id}: {titles} stay apart: {why}")


def _without(group: Group, keys: set[Key]) -> Iterator[Group]:
    """A group of sections without the relations among some of them."""
    if group.relation != "same" or sum(member.key in keys for member in group.members) < 2:
        yield group
        return
    first = next(member.key for member in group.members if member.key in keys)
    left = tuple(member for member in group.members if member.key not in keys or member.key == first)
    if len(left) > 1:
        yield group._replace(members=left)
