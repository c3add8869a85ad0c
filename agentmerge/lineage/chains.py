"""The versions of one file in, its sentences out, followed from version to version, with what happened to each."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from agentmerge.drifting.records import Finding, PairDrift
from agentmerge.drifting.reviewing import with_sentences
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.pairwise import Matching, similarity
from agentmerge.model import Definition
from agentmerge.statements.clauses import Clause, clauses_of
from agentmerge.statements.sentences import FAR, Holders, SentencePairs, turned_words

# Records --------------------------------------------------------------------------------------------------------------
#
# What a lineage is made of: the versions of one file, and what became of each thing that they say.


LifeKind: TypeAlias = Literal["guardrail", "statement", "contract", "right", "procedure", "trigger", "model", "field"]
"""A prohibition or obligation, another sentence, a key of shown data, a tier of rights, a section of steps, a field."""

What: TypeAlias = Literal[
    "added",
    "removed",
    "restored",
    "weakened",
    "strengthened",
    "reversed",
    "changed",
    "reworded",
    "mentioned",
    "joined",
    "widened",
    "narrowed",
]
"""What a version did: `changed` is of the meaning, `reworded` of the words alone; `joined` into a longer sentence."""


class Version(NamedTuple):
    """A file as one commit left it."""

    rev: str
    date: str
    """Day of the commit, as YYYY-MM-DD."""
    author: str
    subject: str
    path: str


class Event(NamedTuple):
    """What one version did with one thing."""

    version: int
    """Its number, from 1."""
    what: What
    text: str
    """The words from that version on; of what went, the words that went."""
    rule: str = ""
    """The drift rule that tells of it, "" where none does."""


class Form(NamedTuple):
    """One thing as one version has it."""

    text: str
    line: int
    weight: int = 0
    """How much: of a rule how strongly it binds (0 to 3), of a tier how many rights it grants."""
    word: str = ""
    """The word that binds most."""
    relief: int = 0
    """How often a rule was limited without a weaker word, less how often that was taken back."""

    @property
    def strength(self) -> tuple[int, int]:
        """What peaks compare."""
        return self.weight, -self.relief


class Life(NamedTuple):
    """One thing through all versions, however it was worded and wherever it stood."""

    kind: LifeKind
    text: str
    """Its newest words; of a field or a key its name."""
    events: tuple[Event, ...]
    """In the order of the versions; never empty."""
    forms: tuple[Form | None, ...]
    """For each version, None where it was away."""

    @property
    def is_alive(self) -> bool:
        """Whether the newest version has it."""
        return self.forms[-1] is not None

    @property
    def meant_since(self) -> Event:
        """What brought it in its present meaning: the last event that is more than other words."""
        return next((one for one in reversed(self.events) if one.what != "reworded"), self.events[0])

    @property
    def is_steady(self) -> bool:
        """Whether nothing happened to it since the first version."""
        return len(self.events) == 1 and self.events[0].version == 1


class Peak(NamedTuple):
    """Something that was more than it is now: a rule that bound more, rights that reached further."""

    kind: LifeKind
    version: int
    """Number of the last version that had it so."""
    then: Form
    now: Form | None
    """None where it is gone."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """All of it."""

    versions: tuple[Version, ...]
    lives: tuple[Life, ...]
    peaks: tuple[Peak, ...]
    story: tuple[str, ...]
    """The paragraph, sentence by sentence."""

    def __repr__(self) -> str:
        return f"<Lineage: {len(self.versions)} versions, {len(self.lives)} lives>"


# Chains ---------------------------------------------------------------------------------------------------------------
#
# Sentences followed from version to version by the pairs of the review, and what happened to each on its way.


_WHAT: Mapping[str, What] = {
    "guardrail-added": "added",
    "guardrail-removed": "removed",
    "guardrail-weakened": "weakened",
    "guardrail-strengthened": "strengthened",
    "guardrail-reversed": "reversed",
    "mode-changed": "mentioned",
}
"""What a finding of a rule says of the two sentences that it is about; of any other rule, that they changed."""
_LITERAL = re.compile(r"`[^`\n]+`|\d+(?:[.,]\d+)*")
SLIP = 5
"""Letters of a word from which one more or less is a slip and no other word."""
_WORDING = "statement-changed"
"""The rule that tells, as information, of sentences that only say the same in other words."""


class Step(NamedTuple):
    """Two versions that follow each other, as they were reviewed."""

    a: int
    """Index of the version before."""
    b: int
    pair: PairDrift
    sentences: SentencePairs

    @property
    def matching(self) -> Matching:
        return self.pair.diff.matching


def step(definitions: Sequence[Definition], a: int, b: int, knowledge: Knowledge, *, closely: bool = True) -> Step:
    """The step from one version to another; `closely` is as `drifting.with_sentences` takes it."""
    return Step(a, b, *with_sentences(definitions, a, b, knowledge, closely=closely))


class Link(NamedTuple):
    """A sentence of one version, by its place there, and what it became in the next one."""

    a: int
    b: int
    what: What | None
    """None where it stayed."""
    rule: str = ""


class Crossing(NamedTuple):
    """All sentences of two versions that follow each other."""

    links: tuple[Link, ...]
    joined: tuple[tuple[int, int], ...]
    """Those of the first that a longer one of the second says now, too."""
    split: tuple[tuple[int, int], ...]
    """Those of the second that a longer one of the first said, by their places in the first and the second."""


def cross(step: Step, before: Definition, after: Definition, knowledge: Knowledge) -> Crossing:
    """What the sentences of one version became in the next."""
    old, new = (Places(clauses_of(file, one, knowledge)) for file, one in enumerate((before, after)))
    if before.text == after.text:
        return Crossing(tuple(Link(n, n, None) for n in range(len(old.clauses))), (), ())
    pairs = step.sentences
    told = _by_sentences(step.pair.findings)
    links = []
    for a, b in pairs.pairs:
        at, to = old.of(a), new.of(b)
        if at is not None and to is not None:
            links.append(Link(at, to, *_what(a, b, told, knowledge)))
    return Crossing(tuple(links), *_held(pairs, step.matching, (old, new), knowledge))


class Places:
    """The sentences of a version as it is read alone, found again where a pair cut it otherwise."""

    def __init__(self, clauses: Sequence[Clause]) -> None:
        self.clauses = clauses
        self._at: dict[object, list[int]] = defaultdict(list)
        for number, one in enumerate(clauses):
            self._at[id(one)].append(number)
            self._at[one.unit.line, one.folded].append(number)
            self._at[one.folded].append(number)

    def of(self, clause: Clause) -> int | None:
        """The number of a sentence; None where the version read alone has none of its words."""
        exact = self._at.get(id(clause)) or self._at.get((clause.unit.line, clause.folded))
        if exact:
            return exact[0]
        near = self._at.get(clause.folded, ())
        return min(near, key=lambda n: abs(self.clauses[n].unit.line - clause.unit.line), default=None)


def _by_sentences(findings: Sequence[Finding]) -> Mapping[tuple[int, str, int, str], Finding]:
    """Findings that are about two sentences, the most serious of each two."""
    found: dict[tuple[int, str, int, str], Finding] = {}
    for one in findings:
        if one.a is not None and one.b is not None:
            found.setdefault((one.a.line, one.a.text, one.b.line, one.b.text), one)
    return found


def _what(
    a: Clause, b: Clause, told: Mapping[tuple[int, str, int, str], Finding], knowledge: Knowledge
) -> tuple[What | None, str]:
    """What one sentence became in the other, and the rule that says so."""
    finding = told.get((a.unit.line, a.text, b.unit.line, b.text))
    if _respelled(a.folded, b.folded) and (a.strength, a.forbids, a.mentioned) == (b.strength, b.forbids, b.mentioned):
        return "reworded", ""
    if finding is not None and not (finding.rule == _WORDING and finding.severity == "info"):
        what = _WHAT.get(finding.rule, "changed")
        return _as_seen(what, a), finding.rule
    if a.mentioned != b.mentioned and (a.is_guardrail or b.is_guardrail):
        return "mentioned" if b.mentioned else "strengthened", "mode-changed"
    if (a.strength, a.forbids) != (b.strength, b.forbids) and (a.is_guardrail or b.is_guardrail):
        # Told at the heading above it, or at nothing that has these words.
        return ("weakened" if b.strength < a.strength else "strengthened"), ""
    if a.folded == b.folded:
        return None, ""
    if turned_words(a.folded, b.folded, knowledge):
        return "reversed", ""
    return ("reworded" if _literals(a.text) == _literals(b.text) else "changed"), ""


def _literals(text: str) -> list[str]:
    """What a sentence names to the letter: commands and other spans of code, and numbers."""
    return sorted(_LITERAL.findall(text))


def _respelled(a: str, b: str) -> bool:
    """Whether one text is the other with its slips of the pen put right, such as two letters in the wrong order."""
    before, after = a.split(), b.split()
    if a == b or len(before) != len(after):
        return False
    return all(old == new or _is_slip(old, new) for old, new in zip(before, after, strict=True))


def _is_slip(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=len)
    if len(short) < SLIP or short[0] != long[0] or not (short.isalpha() and long.isalpha()):
        return False
    if len(short) == len(long):
        apart = [n for n in range(len(short)) if short[n] != long[n]]
        return len(apart) == 2 and short[apart[0]] == long[apart[1]] and short[apart[1]] == long[apart[0]]
    return any(long[:n] + long[n + 1 :] == short for n in range(1, len(long)))


def _as_seen(what: What, a: Clause) -> What:
    """A rule that came or went in a sentence that stays was laid on it or taken from it."""
    if what == "added":
        return "strengthened" if not a.is_guardrail else "changed"
    return "weakened" if what == "removed" else what


def _held(
    pairs: SentencePairs, matching: Matching, places: tuple[Places, Places], knowledge: Knowledge
) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
    """Rules without a partner that a longer sentence of the other side says whole: joined ones, and split ones."""
    old, new = places
    a_side, b_side = (clauses_of(file, one, knowledge) for file, one in enumerate((matching.a, matching.b)))
    gone = _unpaired(a_side, [pair.a for pair in pairs.pairs], pairs.only_a)
    came = _unpaired(b_side, [pair.b for pair in pairs.pairs], pairs.only_b)
    joined = ((clause, Holders(b_side).find(clause, at)) for at, clause in gone)
    split = ((Holders(a_side).find(clause, at), clause) for at, clause in came)
    return tuple(_numbers(joined, old, new)), tuple(_numbers(split, old, new))


def _unpaired(
    side: Sequence[Clause], paired: Sequence[Clause], alone: Sequence[Clause]
) -> Iterator[tuple[int, Clause]]:
    known = {id(one) for one in (*paired, *alone)}
    return ((at, one) for at, one in enumerate(side) if id(one) not in known)


def _numbers(
    rows: Iterator[tuple[Clause | None, Clause]] | Iterator[tuple[Clause, Clause | None]], old: Places, new: Places
) -> Iterator[tuple[int, int]]:
    for a, b in rows:
        at, to = (old.of(a) if a is not None else None), (new.of(b) if b is not None else None)
        if at is not None and to is not None:
            yield at, to


# Lives


@dataclass
class _Thread:
    """One sentence on its way; `forms` by the index of the version."""

    forms: dict[int, Form] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    last: Clause | None = None
    ended: int | None = None
    """Index of the version without it."""
    into: _Thread | None = None
    """The sentence that says it now, too."""

    @property
    def binds(self) -> bool:
        return any(form.weight for form in self.forms.values())


def sentence_lives(
    definitions: Sequence[Definition | None], steps: Sequence[Step], knowledge: Knowledge
) -> tuple[Life, ...]:
    """The life of each sentence; one that came back in the same words lives on, a rule in nearly the same words, too.

    What forbids or demands something in any version is a `guardrail`, the rest is a `statement`. `definitions` has None
    for a version that could not be read; no step leads to it.
    """
    first = next((n for n, one in enumerate(definitions) if one is not None), None)
    return () if first is None else _Threads(definitions, knowledge).run(first, steps)


class _Threads:
    def __init__(self, definitions: Sequence[Definition | None], knowledge: Knowledge) -> None:
        self._definitions, self._knowledge = definitions, knowledge
        self._all: list[_Thread] = []
        self._at: dict[int, dict[int, _Thread]] = {}
        """By version and number of the sentence there."""

    def run(self, first: int, steps: Sequence[Step]) -> tuple[Life, ...]:
        self._at[first] = {}
        for number, clause in enumerate(self._clauses(first)):
            self._put(self._new(), first, number, clause, "added", "")
        for step in steps:
            self._step(step)
        read = [n for n, one in enumerate(self._definitions) if one is not None]
        found = [_life(one, read, len(self._definitions)) for one in self._all]
        return tuple(sorted(found, key=lambda life: (life.events[0].version, not life.is_alive)))

    def _clauses(self, version: int) -> Sequence[Clause]:
        definition = self._definitions[version]
        return () if definition is None else clauses_of(0, definition, self._knowledge)

    def _new(self) -> _Thread:
        self._all.append(_Thread())
        return self._all[-1]

    def _step(self, step: Step) -> None:
        before, after = self._definitions[step.a], self._definitions[step.b]
        assert before is not None
        assert after is not None
        crossing, clauses = cross(step, before, after, self._knowledge), self._clauses(step.b)
        here, self._at[step.b] = self._at[step.a], {}
        left = dict(here)
        for link in crossing.links:
            if link.a in left and link.b not in self._at[step.b]:
                self._put(left.pop(link.a), step.b, link.b, clauses[link.b], link.what, link.rule)
        sources = {b: a for a, b in crossing.split}
        for number, clause in enumerate(clauses):
            if number not in self._at[step.b]:
                self._comes(step.b, number, clause, here.get(sources.get(number, -1)))
        # What goes in this step and comes in it under other words is two rules, or the review had paired them.
        self._ends(left, dict(crossing.joined), step.b)

    def _ends(self, left: Mapping[int, _Thread], joined: Mapping[int, int], version: int) -> None:
        for number, thread in left.items():
            thread.ended = version
            thread.into = self._at[version].get(joined.get(number, -1))
            if thread.last is not None:
                text = thread.last.text if thread.into is None or thread.into.last is None else thread.into.last.text
                what: What = "removed" if thread.into is None else "joined"
                rule = "guardrail-removed" if what == "removed" and thread.last.is_guardrail else ""
                thread.events.append(Event(version + 1, what, text, rule))

    def _comes(self, version: int, number: int, clause: Clause, source: _Thread | None) -> None:
        """A sentence without an earlier self: one that was away, one that was a part of another, or a new one."""
        earlier = self._away(clause)
        thread = earlier or self._new()
        rule = "guardrail-added" if clause.is_guardrail and source is None else ""
        thread.ended, thread.into = None, None
        self._put(thread, version, number, clause, "restored" if earlier else "added", rule)

    def _away(self, clause: Clause) -> _Thread | None:
        """What went earlier and says the same; only of rules it is worth asking in other words."""
        gone = [one for one in self._all if one.ended is not None and one.last is not None]
        same = next((one for one in reversed(gone) if one.last and one.last.folded == clause.folded), None)
        if same is not None or not clause.is_guardrail:
            return same
        near = [
            (similarity(one.last.bag, clause.bag, FAR), n)
            for n, one in enumerate(gone)
            if one.last is not None and one.last.is_guardrail and one.last.forbids == clause.forbids
        ]
        score, at = max(near, default=(0.0, 0))
        return gone[at] if score >= FAR else None

    def _put(self, thread: _Thread, version: int, number: int, clause: Clause, what: What | None, rule: str) -> None:
        self._at[version][number] = thread
        if what is not None:
            thread.events.append(Event(version + 1, what, clause.text, rule))
        thread.forms[version] = _form(thread, clause, what)
        thread.last = clause


def _form(thread: _Thread, clause: Clause, what: What | None) -> Form:
    """A sentence as a version has it; words that it had before bind as they did then."""
    weight = clause.strength if clause.is_guardrail else 0
    before = thread.forms[max(thread.forms)] if thread.forms else None
    relief = before.relief if before else 0
    known = next((one for one in thread.forms.values() if one.text == clause.text and one.weight == weight), None)
    if known is not None:
        relief = known.relief
    elif before is not None and before.weight == weight:
        relief += {"weakened": 1, "strengthened": -1}.get(what or "", 0)
    return Form(clause.text, clause.unit.line, weight, bound_by(clause), relief)


def bound_by(clause: Clause) -> str:
    """The word that binds a sentence most, or takes from it what it binds; "" where there is none."""
    words = [*clause.modals, *([clause.above] if clause.above else [])]
    binding = [one for one in words if one.sign != "permit" and one.strength == clause.strength]
    wanted = [one for one in binding if (one.sign == "forbid") == clause.forbids] or binding or words
    return wanted[0].word if wanted else ""


def _life(thread: _Thread, read: Sequence[int], count: int) -> Life:
    """A thread as a record; a version that could not be read has what the one before it had."""
    forms: list[Form | None] = []
    for version in range(count):
        forms.append(_form_at(thread, version) if version in read else forms[-1] if forms else None)
    text = thread.last.text if thread.last is not None else ""
    return Life("guardrail" if thread.binds else "statement", text, tuple(thread.events), tuple(forms))


def _form_at(thread: _Thread, version: int) -> Form | None:
    """What a version has of a thread, or of the longer sentence that it went into."""
    if version in thread.forms:
        return thread.forms[version]
    if thread.ended is not None and version >= thread.ended and thread.into is not None:
        return _form_at(thread.into, version)
    return None
