"""Answers in, checked one by one; what they make of clusters and sections out, before anything is decided by rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from itertools import combinations
from typing import Literal, NamedTuple

from agentmerge.errors import unknown
from agentmerge.knowledge import signs
from agentmerge.knowledge.signs import holds_guardrail
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.features import facet_of
from agentmerge.matching.pairwise import words
from agentmerge.matching.records import Alignment, Group, Member
from agentmerge.model import VERBATIM, Definition, Field, Section, UnitKind, walk_sections, walk_units
from agentmerge.planning.clusters import Cluster, stays_whole
from agentmerge.planning.fields import FieldOutcome
from agentmerge.planning.guards import as_unit, binding_words, facts, faults, names
from agentmerge.planning.intake import Entry, Key, document_title
from agentmerge.planning.records import (
    KINDS,
    Answer,
    Answers,
    By,
    Heard,
    Kind,
    Notice,
    Plan,
    Refusal,
    Source,
    Text,
    hash_of,
    text_ids,
)
from agentmerge.text.markers import is_note

# Statements -----------------------------------------------------------------------------------------------------------
#
# What questions are about: texts that stand once, each with the units, the field or the section that says it.


_BINDING_FIELDS = frozenset({"model"})
_SAMPLE = 90
"""Characters of each of the first units of a section that are shown."""


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One text, and where it stands."""

    text: Text
    kind: Literal["unit", "field", "section"]
    keys: tuple[Key, ...]
    """File and line of all that say it: units that were taken for one, with one text."""
    entries: tuple[Entry, ...] = ()
    field: str = ""
    """Key of the field."""

    @property
    def first(self) -> Entry:
        return self.entries[0]


class _Found(NamedTuple):
    kind: Literal["unit", "field", "section"]
    keys: tuple[Key, ...]
    path: str
    text: str
    form: UnitKind | Literal["heading"]
    entries: tuple[Entry, ...] = ()
    field: str = ""
    shown: str = ""
    """What is shown in place of the text."""


class Statements:
    """All texts of the variants that a question may be about."""

    def __init__(
        self,
        given: Sequence[Definition],
        definitions: Sequence[Definition],
        clusters: Iterable[Cluster],
        fields: Sequence[FieldOutcome],
        knowledge: Knowledge,
    ) -> None:
        found = [
            *_units(clusters, _as_written(given, definitions), knowledge),
            *_fields(fields),
            *_sections(definitions),
        ]
        found.sort(key=lambda one: (one.keys[0], one.kind))
        hashes = [hash_of(f"{one.path}\n{one.text}" if one.kind == "section" else one.text, one.form) for one in found]
        self.all = [
            Statement(
                Text(name, *one.keys[0], one.path, digits, one.shown or one.text),
                one.kind,
                one.keys,
                one.entries,
                one.field,
            )
            for name, digits, one in zip(text_ids(hashes), hashes, found, strict=True)
        ]
        self.by_id: Mapping[str, Statement] = {one.text.id: one for one in self.all}
        self._at: Mapping[tuple[str, Key], Statement] = {(one.kind, key): one for one in self.all for key in one.keys}

    def at(self, key: Key, kind: Literal["unit", "field", "section"] = "unit") -> Statement | None:
        """What is said by the unit, the field or the section that starts on a line."""
        return self._at.get((kind, key))

    def named(self, name: str) -> list[Statement]:
        """The texts that an id, a hash or the beginning of one may mean."""
        if name in self.by_id:
            return [self.by_id[name]]
        digits, _, number = name.removeprefix("t").partition("-")
        if len(digits) < 4 or number:
            return []
        return [one for one in self.all if one.text.hash.startswith(digits)]


def _as_written(given: Sequence[Definition], definitions: Sequence[Definition]) -> Mapping[Key, str]:
    """The texts of units that had to change: what an answer is about does not depend on where the result is written."""
    return {
        (file, place.unit.line): place.unit.text
        for file, (before, after) in enumerate(zip(given, definitions, strict=True))
        if before.text != after.text
        for place in walk_units(before.root)
    }


def _units(clusters: Iterable[Cluster], written: Mapping[Key, str], knowledge: Knowledge) -> Iterator[_Found]:
    """Units of one text that were taken for one stand for each other."""
    for cluster in clusters:
        by_text: dict[object, list[Entry]] = {}
        for member in cluster.members:
            if not member.inner and not member.owner and not is_note(member.unit):
                said = " ".join(signs.of(knowledge).said(member.unit.flow).split()).lower()
                by_text.setdefault((member.unit.kind in VERBATIM, said), []).append(member)
        for members in by_text.values():
            first = members[0]
            titles = [section.title for section in first.path]
            path = " / ".join([*titles, " ".join(first.under.split())[:_SAMPLE]] if first.under else titles)
            keys = tuple(member.key for member in members)
            text = written.get(first.key, first.unit.text)
            yield _Found("unit", keys, path, text, first.unit.kind, tuple(members))


def _fields(outcomes: Iterable[FieldOutcome]) -> Iterator[_Found]:
    for outcome in outcomes:
        by_text: dict[str, list[tuple[int, Field]]] = {}
        for file, field in outcome.sources:
            by_text.setdefault(field.inline, []).append((file, field))
        for text, sources in by_text.items():
            keys = tuple((file, field.line) for file, field in sources)
            yield _Found("field", keys, "frontmatter", f"{outcome.key}: {text}", "field", field=outcome.key)


def _sections(definitions: Sequence[Definition]) -> Iterator[_Found]:
    for file, definition in enumerate(definitions):
        title = document_title(definition)
        for path, section in walk_sections(definition.root):
            if section is not title and section.title and not any(map(stays_whole, (*path, section))):
                above = " / ".join(one.title for one in path if one is not title and one.title)
                yield _Found("section", ((file, section.line),), above, section.title, "heading", shown=_shown(section))


def _shown(section: Section) -> str:
    """A heading with how much stands below it, and how that begins."""
    units = [place.unit.flow for place in walk_units(section) if place.unit.text]
    shown = "; ".join(" ".join(text.split())[:_SAMPLE] for text in units[:2])
    return f"{section.title} ({len(units)} units: {shown})" if units else section.title


def binds(statement: Statement, knowledge: Knowledge) -> bool:
    """Whether a text forbids or demands something, grants a right, or is part of what is to be delivered."""
    if statement.kind == "field":
        return bool(knowledge.field_info(statement.field).rights) or statement.field in _BINDING_FIELDS
    return any(
        holds_guardrail(one.unit.flow, knowledge)
        or bool(one.stance.force)
        or facet_of(one.path, knowledge) == "deliverable"
        for one in statement.entries
    )


# Rulings --------------------------------------------------------------------------------------------------------------
#
# Answers to questions, checked one by one: what counts, what is refused and why, what is left to a person.


RULE: dict[By, str] = {"person": "person", "agent": "agent"}


@dataclass(frozen=True, slots=True)
class Ruling:
    """An answer that counts."""

    answer: Answer
    kind: Kind
    statements: tuple[Statement, ...]
    """All texts that it is about."""
    sets: tuple[tuple[Statement, ...], ...]
    """Those that it calls the same."""
    take: Statement | None = None
    bound: frozenset[Statement] = frozenset()
    """Those of which it decides nothing, because an agent said it."""

    @property
    def apart(self) -> Iterator[tuple[Statement, Statement]]:
        """The pairs that it keeps apart."""
        sets = [set(one) for one in self.sets]
        free = [one for one in self.statements if one not in self.bound]
        return (pair for pair in combinations(free, 2) if not any(each.issuperset(pair) for each in sets))

    @property
    def rule(self) -> str:
        return RULE[self.answer.by]

    @property
    def note(self) -> str:
        """Which answer it was, and why."""
        return f"{self.answer.id}: {self.answer.why}" if self.answer.why else self.answer.id


@dataclass(slots=True)
class Rulings:
    """What was answered: what counts, what does not, and what is left to a person."""

    counted: list[Ruling] = dataclass_field(default_factory=list)
    refused: list[Refusal] = dataclass_field(default_factory=list)
    left: list[tuple[Answer, tuple[Statement, ...]]] = dataclass_field(default_factory=list)
    """What an agent answered and may not decide, and what was deferred."""
    kept: list[tuple[Ruling, Statement, str]] = dataclass_field(default_factory=list)
    """What stays although an agent said that another text stands for it, and what would be lost."""

    @property
    def apart(self) -> frozenset[frozenset[Key]]:
        """The pairs of units that an answer keeps apart."""
        pairs = (pair for ruling in self.of("same?", "conflict") for pair in ruling.apart)
        return frozenset(frozenset((a, b)) for one, other in pairs for a in one.keys for b in other.keys)

    def refuse(self, answer: Answer, why: str, remedy: str) -> None:
        """Let an answer not count."""
        self.refused.append(Refusal(answer.file, answer.line, answer.id, why, remedy))

    def refuse_late(self, ruling: Ruling, other: Ruling) -> None:
        """Let an answer not count that another one contradicts."""
        self.refuse(ruling.answer, f"takes another text than {other.answer.id} does", "take the same text in both")

    def keep(self, ruling: Ruling, statement: Statement, lost: str) -> None:
        """Let a text stay."""
        self.kept.append((ruling, statement, lost))

    def of(self, *kinds: Kind) -> list[Ruling]:
        """What counts of some kinds of question."""
        return [ruling for ruling in self.counted if ruling.kind in kinds]

    @property
    def fields(self) -> dict[str, tuple[int, str]]:
        """The file whose field stands, and the rule, by key."""
        taken = ((ruling.take, ruling.rule) for ruling in self.of("field"))
        return {one.field: (one.keys[0][0], rule) for one, rule in taken if one is not None}

    @property
    def notices(self) -> Iterator[Notice]:
        """What was refused, and what a person has to answer."""
        for file, line, name, why, remedy in self.refused:
            told = f"{name}: {why}" if name else why
            yield Notice("decision-refused", "warning", f"{file}:{line}: {told}; {remedy}")
        for answer, statements in self.left:
            why = "deferred" if answer.action == "defer" else f"an agent may not decide it (said {answer.action})"
            texts = " | ".join(f"'{_short(one)}'" for one in statements)
            yield Notice(
                "decision-left", "info", f"{answer.id} is left to a person, {why}: {texts}", "", _sources(statements)
            )

        for ruling, statement, lost in self.kept:
            message = f"{ruling.answer.id}: '{_short(statement)}' stays, because '{lost}' is said there alone"
            yield Notice("decision-left", "info", message, "", _sources([statement]))

    def heard(self, asked: int) -> Heard:
        """What became of the answers to so many questions."""
        counted = [replace(one.answer, sees=tuple(text.text.id for text in one.statements)) for one in self.counted]
        return Heard(asked, tuple(counted), len(self.refused), len({answer.id for answer, _ in self.left}))

    def clash(self, sides: Iterable[Key]) -> Ruling | None:
        """The ruling on a contradiction, by the units on its sides."""
        wanted = set(sides)
        for ruling in self.of("conflict"):
            if ruling.answer.action in ("use", "both") and all(wanted & set(one.keys) for one in ruling.statements):
                return ruling
        return None


def judged(given: Answers, plan: Plan, statements: Statements, knowledge: Knowledge) -> Rulings:
    """The answers that count; every other one has its reason."""
    found = Rulings(refused=list(given.refused))
    judge = _Judge(found, plan, statements, given.places, knowledge)
    for answer in given.answers:
        judge.hear(answer)
    return found


class _Judge:
    def __init__(
        self, found: Rulings, plan: Plan, statements: Statements, places: Mapping[str, str], knowledge: Knowledge
    ) -> None:
        self._found, self._subjects, self._places, self._knowledge = found, statements, places, knowledge
        self._asked = {question.id: question for question in plan.questions}
        self._by_texts = {frozenset(question.texts): question for question in plan.questions}

    def hear(self, answer: Answer) -> None:
        """Let one answer count, or say why not."""
        texts = self._texts(answer)
        if texts is None:
            return
        kind = self._kind(answer, texts)
        if kind is None:
            remedy = "leave it out, or say same or distinct"
            self._found.refuse(answer, "its texts do not exclude each other, as far as is known", remedy)
            return
        if answer.action not in KINDS[kind].choices:
            choices = ", ".join(KINDS[kind].choices)
            self._found.refuse(answer, f"'{answer.action}' is no answer to it", f"use one of {choices}")
            return
        if answer.action == "defer" or self._is_beyond(answer, kind, texts):
            self._found.left.append((answer, texts))
            return
        sets, take = self._sets(answer, texts), self._take(answer, texts)
        if sets is None or (answer.take and take is None):
            return
        if take is not None and sets and not any(take in one for one in sets):
            self._found.refuse(
                answer, f"takes '{answer.take}', which is in no set of `of`", "take one of the set's texts"
            )
            return
        if answer.action == "use" and take is None:
            self._found.refuse(answer, "says to use one and takes none", "add `take` with the id of a text")
        elif answer.action != "custom" or self._is_sound(answer, sets):
            bound = frozenset(one for one in texts if answer.by == "agent" and binds(one, self._knowledge))
            free = self._free(answer, sets, bound)
            self._found.counted.append(Ruling(answer, kind, texts, free, take, bound))

    def _is_beyond(self, answer: Answer, kind: Kind, texts: Sequence[Statement]) -> bool:
        """Whether an agent may not answer at all: of texts to be compared it may join those that bind nobody."""
        if answer.by != "agent" or (kind == "same?" and answer.action in ("same", "distinct")):
            return False
        return any(binds(one, self._knowledge) for one in texts)

    def _free(
        self, answer: Answer, sets: Sequence[Sequence[Statement]], bound: frozenset[Statement]
    ) -> tuple[tuple[Statement, ...], ...]:
        """The sets without what binds, which is left to a person."""
        found = []
        for texts in sets:
            free = tuple(one for one in texts if one not in bound)
            if len(free) < len(texts):
                self._found.left.append((answer, tuple(texts)))
            if len(free) > 1:
                found.append(free)
        return tuple(found)

    def _texts(self, answer: Answer) -> tuple[Statement, ...] | None:
        """The texts that an answer is about; None where it can't be told."""
        question = self._asked.get(answer.id)
        if not answer.sees and question is None:
            near = unknown("question", answer.id, self._asked).remedy if self._asked else ""
            remedy = (
                near if near.startswith("did") else "make the plan anew, or list under `sees` the texts it is about"
            )
            self._found.refuse(answer, f"there is no question '{answer.id}', or its texts have changed", remedy)
            return None
        names = answer.sees or (question.texts if question is not None else ())
        known: list[Statement] = []
        for name in names:
            one = self._one(name, answer)
            if one is None:
                return None
            known.append(one)
        if question is not None and {one.text.id for one in known} != set(question.texts):
            self._found.refuse(
                answer, "sees other texts than the question has", "list under `sees` the question's texts"
            )
            return None
        if len(set(known)) < 2:
            self._found.refuse(answer, "sees fewer than two texts", "list under `sees` all texts that it is about")
            return None
        return tuple(dict.fromkeys(known))

    def _one(self, name: str, answer: Answer) -> Statement | None:
        """The text of an id or a hash, told where there is none, or more than one."""
        found = self._subjects.named(name)
        if len(found) == 1:
            return found[0]
        where = self._places.get(name, f"text '{name}'")
        why = f"'{name}' may mean two texts" if found else f"{where} has changed, or is in none of the files"
        self._found.refuse(answer, why, "make the plan anew and answer it again")
        return None

    def _kind(self, answer: Answer, texts: Sequence[Statement]) -> Kind | None:
        """What kind of question an answer is to, asked or not; None for a contradiction that there is not."""
        known = self._asked.get(answer.id) or self._by_texts.get(frozenset(one.text.id for one in texts))
        if known is not None:
            return known.kind
        kinds: dict[str, Kind] = {"field": "field", "section": "section?"}
        return kinds.get(texts[0].kind, "same?" if answer.action not in ("use", "both") else None)

    def _take(self, answer: Answer, texts: Sequence[Statement]) -> Statement | None:
        if not answer.take:
            return None
        found = [one for one in self._subjects.named(answer.take) if one in texts]
        if len(found) != 1:
            self._found.refuse(answer, f"takes '{answer.take}', which is none of its texts", _one_of(texts))
            return None
        return found[0]

    def _sets(self, answer: Answer, texts: Sequence[Statement]) -> tuple[tuple[Statement, ...], ...] | None:
        """What is the same by an answer: all of it, or the sets that it names."""
        if answer.action not in ("same", "custom"):
            return ()
        found: list[tuple[Statement, ...]] = []
        for names_of_set in answer.of or (tuple(one.text.id for one in texts),):
            members = [[one for one in self._subjects.named(name) if one in texts] for name in names_of_set]
            wrong = next((name for name, one in zip(names_of_set, members, strict=True) if len(one) != 1), None)
            if wrong is not None:
                self._found.refuse(answer, f"speaks of '{wrong}', which is none of its texts", _one_of(texts))
                return None
            found.append(tuple(dict.fromkeys(one[0] for one in members)))
        if any(len(one) < 2 for one in found) or len({id(one) for each in found for one in each}) < sum(
            map(len, found)
        ):
            self._found.refuse(answer, "`of` names a text alone or twice", "name at least two texts in each set, once")
            return None
        return tuple(found)

    def _is_sound(self, answer: Answer, sets: Sequence[Sequence[Statement]]) -> bool:
        if len(sets) != 1 or not answer.text:
            self._found.refuse(answer, "is custom and needs one set and a text", "add `text`, and at most one set `of`")
            return False
        if any(one.kind != "unit" for one in sets[0]):
            self._found.refuse(answer, "only units take a text of your own", "use one of the other choices")
            return False
        covered = [entry.unit.flow for one in sets[0] for entry in one.entries]
        wrong = list(faults(answer.text, covered, answer.drops if answer.why else (), self._knowledge))
        if wrong:
            remedy = "write it as the texts have it, or name what it lacks under `drops` with a `why`"
            self._found.refuse(answer, f"its text {'; '.join(wrong)}", remedy)
        elif not all(as_unit(answer.text, one.first.unit, self._knowledge) for one in sets[0]):
            wrong.append("")
            self._found.refuse(
                answer, "its text is no single statement", "write one line, without list mark or heading"
            )
            return False
        return not wrong


def _short(statement: Statement) -> str:
    flat = " ".join(statement.text.text.split())
    return flat if len(flat) <= 60 else f"{flat[:59]}…"


def _sources(statements: Iterable[Statement]) -> tuple[Source, ...]:
    return tuple(Source(one.text.file, one.text.line, one.kind, one.text.text) for one in statements)


def _one_of(texts: Iterable[Statement]) -> str:
    return f"use one of {', '.join(one.text.id for one in texts)}"


# Settling -------------------------------------------------------------------------------------------------------------
#
# What the answers make of clusters and sections, before anything is decided by rule.
#
# Nothing is given up but for a text that an answer, or the alignment, sets beside it. Where two answers make a chain, a
# text goes where the one goes that it was set beside; a text that two others cover goes with one of them, and both
# stand.


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
