"""Answers to questions, checked one by one: what counts, what is refused and why, what is left to a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from agentmerge.combining.customs import as_unit, faults
from agentmerge.combining.entries import Key
from agentmerge.combining.statements import Statement, Statements, binds
from agentmerge.errors import unknown
from agentmerge.knowledge import Knowledge
from agentmerge.outcome import Notice, Source
from agentmerge.planning.answers import Answer, Answers, Heard, Refusal
from agentmerge.planning.records import KINDS, By, Kind, Plan

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

    counted: list[Ruling] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    left: list[tuple[Answer, tuple[Statement, ...]]] = field(default_factory=list)
    """What an agent answered and may not decide, and what was deferred."""
    kept: list[tuple[Ruling, Statement, str]] = field(default_factory=list)
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
