"""The tables of strategies, wordings and field rules. A new one is one function and one row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agentmerge import rights
from agentmerge.aligning.matching import Bag, similarity, words
from agentmerge.knowledge import FieldInfo, Knowledge
from agentmerge.model import Field, Value

FIXED = "set:"
"""A field rule that starts so gives the field the value that follows, read as YAML."""
AT_LEAST, FROM = "at-least:", "from:"
"""Strategies that start so keep what as many variants say as the number that follows, or what the file says."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a strategy may look at: in how many of the variants a group stands."""

    holders: int
    variants: int
    quorum: int | None
    names: frozenset[str] = frozenset()
    """Names of these variants."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """Which groups survive."""

    survives: Callable[[Survey], bool]
    help: str
    wording: str = ""
    """Wording that belongs to the strategy, where it has one."""
    counts: bool = False
    """Whether it counts how many variants say a thing."""
    decides: bool = False
    """Whether it also decides contradictions, by the order of the variants."""


def _union(_: Survey) -> bool:
    return True


def _majority(survey: Survey) -> bool:
    quorum = survey.quorum if survey.quorum is not None else survey.variants // 2 + 1
    return survey.holders >= min(quorum, survey.variants)


def _intersection(survey: Survey) -> bool:
    return survey.holders == survey.variants


STRATEGIES: dict[str, Strategy] = {
    "union": Strategy(_union, "keep what any variant says"),
    "majority": Strategy(
        _majority, "keep what more than half of the variants say, or what --quorum N of them say", counts=True
    ),
    "intersection": Strategy(_intersection, "keep only what every variant says", counts=True),
    "priority": Strategy(
        _union, "keep all; the earlier file words it and wins contradictions (see --prefer)", "first", decides=True
    ),
}

STRATEGY_FORMS: dict[str, str] = {
    f"{AT_LEAST}N": "keep what at least N of the variants say",
    f"{FROM}FILE": "keep what this variant says, in its words (from:A|B: either of them)",
}
"""Strategies that name a number or a file, and what they do."""


def strategy_of(name: str) -> Strategy:
    """The strategy of a name that is known."""
    if name.startswith(AT_LEAST):
        least = int(name.removeprefix(AT_LEAST))
        enough = STRATEGY_FORMS[f"{AT_LEAST}N"]
        return Strategy(lambda survey: survey.holders >= min(least, survey.variants), enough, counts=True)
    if files := files_of(name):
        return Strategy(
            lambda survey: any(is_named(file, one) for file in files for one in survey.names),
            STRATEGY_FORMS[f"{FROM}FILE"],
        )
    return STRATEGIES[name]


def files_of(name: str) -> tuple[str, ...]:
    """The files that a strategy names, parted by `|`; () for one that names none."""
    if not name.startswith(FROM):
        return ()
    return tuple(file.strip() for file in name.removeprefix(FROM).split("|"))


def is_named(wanted: str, name: str) -> bool:
    """Whether a file is the one that a policy names: by its path, or by the end of it."""
    return name == wanted or name.endswith(f"/{wanted}")


ONE_VOICE = "one-voice"
SUPPORT, WHOLE_LISTS = "support", "whole-list"
BUDGET = "budget"
"""The rule by which a text is left out for the size of the result."""

MARK = "mark"
MARKED = {"keep": "marked-keep", "freeze": "marked-freeze", "drop": "marked-drop"}
"""The words of comments by which an author keeps, freezes or drops a part, with the rules that honour them."""

RULES: dict[str, str] = {
    MARK: "a comment that keeps, freezes or drops a part stays in its own file",
    "marked-keep": "a comment in its file keeps it as it is worded there",
    "marked-freeze": "a comment in its file freezes it: in such a section nothing of another file stands",
    "marked-drop": "a comment in its file leaves it out",
    "container-stands": "a text that says all that the others say stands for them",
    "guardrail-stands": "of texts that say the same, one that forbids or demands stands",
    "names-stand": "of texts that say the same, one with all names and numbers stands; an open task before a done one",
    "step-stands": "a step stays in its procedure",
    "topic-stands": "a subject that is only named gives way to an instruction in its section that holds its words",
    "members-stand": "a line that lists what other texts say one by one gives way to them",
    "block-stands": "an item gives way to what says the same between two tags that name a topic",
    "one-identity": "one statement of who the agent is stands",
    "one-purpose": "one statement of what it is for stands",
    "one-opening": "beside one statement of who the agent is no other author goes on with it",
    ONE_VOICE: "the description stands of the file whose name and title stand",
    "one-title": "one top heading stands",
    "on-conflict=first": "the first file's side of a contradiction stands, as --on-conflict asked for",
    "more-than-the-slot": "a block that says more than what it contradicts the standing one in stays beside it",
    "conflict-found-again": "a comment that an earlier combine left gives way to the one of this combine",
    "annotated-again": "a comment with the sources of an earlier combine gives way to the one of this combine",
    "note-of-what-stands": "the definition of a label stands as long as a unit that uses it does",
    "person": "a person answered so in a decisions file",
    "agent": "an agent answered so",
    "import-of-what-is-there": "a line that imports the result itself, or a file that went into it, is left out",
    SUPPORT: "enough variants nearly say it, or two say it of a topic that enough of them have",
    WHOLE_LISTS: "a procedure stands or goes as a whole, and an item with what is nested in it",
    BUDGET: "what one author alone says is left out, so that the result is as small as --budget asks",
    "set": "a policy gives the field this value",
    "--name": "the flag gives the field `name` this value",
}
"""Names that decisions and the ledger give besides those of strategies, field rules and `wording=NAME`."""

SINGLE = frozenset({"one-identity", "one-purpose"})
"""Rules of slots that hold one statement."""

Chooser = Callable[[Sequence[str]], int]


@dataclass(frozen=True, slots=True)
class Wording:
    """Which of several texts that say the same stands; they come in the order of the variants."""

    choose: Chooser
    help: str


def _first(_: Sequence[str]) -> int:
    return 0


def _longest(texts: Sequence[str]) -> int:
    return max(range(len(texts)), key=lambda n: (len(words(texts[n])), len(texts[n]), -n))


def _shortest(texts: Sequence[str]) -> int:
    return min(range(len(texts)), key=lambda n: (len(words(texts[n])), len(texts[n]), n))


def _central(texts: Sequence[str]) -> int:
    bags = [Bag(words(text)) for text in texts]
    return max(range(len(texts)), key=lambda n: (sum(similarity(bags[n], bag) for bag in bags), -n))


WORDINGS: dict[str, Wording] = {
    "longest": Wording(_longest, "the text with the most words"),
    "first": Wording(_first, "the text of the first file"),
    "shortest": Wording(_shortest, "the text with the fewest words"),
    "central": Wording(_central, "the text most like all the others"),
}


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a field rule decides about: the field of each variant, in the order of the variants."""

    info: FieldInfo
    fields: tuple[Field | None, ...]
    """None where a variant does not have the field."""
    in_force: tuple[Field | None, ...]
    """The same as hosts read it: None also where they do not find the variant's frontmatter."""
    hosts: tuple[str, ...]
    """The dialect of each variant."""
    knowledge: Knowledge
    are_versions: bool = False
    """Whether the variants are versions of one text, as far as a rule asks."""

    def hosts_of(self, numbers: Sequence[int]) -> tuple[str, ...]:
        """The dialects of some variants."""
        return tuple(self.hosts[number] for number in numbers)

    def shift(self, number: int, result: Field | None, host: str) -> rights.Shift:
        """Which way the rights of one variant go where another field takes the place of its own."""
        return rights.shift(self.changes(number, result, host))

    def changes(self, number: int, result: Field | None, host: str) -> tuple[rights.Change, ...]:
        """What changes for one variant where another field takes the place of its own."""
        hosts = self.hosts[number], host
        return rights.field_changes(self.info.key, self.in_force[number], result, self.knowledge, hosts)

    @property
    def present(self) -> list[int]:
        return [number for number, field in enumerate(self.fields) if not rights.is_absent(field)]


@dataclass(frozen=True, slots=True)
class Choice:
    """A field rule's verdict: the field of one variant as it stands, or a value of its own, or no field."""

    index: int | None = None
    """Variant whose field stands, or lends its form to `value`."""
    value: Value = None
    merged: bool = False
    """Whether `value` replaces the value of the field at `index`."""
    note: str = ""
    is_empty: bool = False
    """Whether nothing is left of lists that each granted something."""


FieldRule = Callable[[Candidates], Choice]


@dataclass(frozen=True, slots=True)
class NamedRule:
    decide: FieldRule
    help: str


def _field_first(candidates: Candidates) -> Choice:
    return Choice(candidates.present[0])


def _field_majority(candidates: Candidates) -> Choice:
    votes = Counter(_ballot(candidates, number) for number in candidates.present)
    best = max(votes.values())
    winner = next(number for number in candidates.present if votes[_ballot(candidates, number)] == best)
    tie = sum(count == best for count in votes.values()) > 1
    return Choice(winner, note="no majority: the first file's stands" if tie else "")


def _ballot(candidates: Candidates, number: int) -> str:
    field = candidates.fields[number]
    assert field is not None
    if candidates.info.shape == "set":
        return "\0".join(sorted(rights.members(candidates.info, field.value)))
    if isinstance(field.value, (Mapping, tuple)):
        # In which order its keys stand says nothing.
        return rights.spelt(field.content)
    return " ".join(field.text.split())


def _by_wording(wording: str) -> FieldRule:
    def decide(candidates: Candidates) -> Choice:
        texts = [field.text for number in candidates.present if (field := candidates.fields[number]) is not None]
        return Choice(candidates.present[WORDINGS[wording].choose(texts)])

    return decide


def _members(candidates: Candidates) -> list[tuple[str, ...]]:
    return [
        rights.members(candidates.info, field.value)
        for number in candidates.present
        if (field := candidates.fields[number]) is not None
    ]


def _field_union(candidates: Candidates) -> Choice:
    if candidates.info.rights in ("hooks", "servers"):
        given = [candidates.fields[number] for number in candidates.present]
        return _as_choice(rights.united_field(given, candidates.knowledge), candidates)
    lists = _members(candidates)
    joined = tuple(dict.fromkeys(name for names in lists for name in names))
    return _listed(candidates, joined)


def _field_intersection(candidates: Candidates) -> Choice:
    if candidates.info.rights in ("allow", "grant"):
        given = [candidates.fields[number] for number in candidates.present]
        return _as_choice(
            rights.least_field(given, candidates.hosts_of(candidates.present), candidates.knowledge), candidates
        )
    lists = _members(candidates)
    return _listed(candidates, tuple(name for name in lists[0] if all(name in names for names in lists)))


def _listed(candidates: Candidates, names: tuple[str, ...]) -> Choice:
    """The names in the form of the first variant that has the field; as it stands where it says just that."""
    for number in candidates.present:
        field = candidates.fields[number]
        if field is not None and set(rights.members(candidates.info, field.value)) == set(names):
            return Choice(number)
    return Choice(candidates.present[0], names, merged=True)


def _field_restrict(candidates: Candidates) -> Choice:
    """What every variant allows: absent allow lists allow all, absent grants nothing, deny lists and guards add up."""
    found = rights.least_field(candidates.fields, candidates.hosts, candidates.knowledge)
    return Choice(found.place, found.value, found.is_new, found.note, found.is_empty)


def _as_choice(found: rights.Least, candidates: Candidates) -> Choice:
    """A verdict on the variants that have the field, as one on all."""
    index = candidates.present[found.place] if found.place is not None else None
    return Choice(index, found.value, found.is_new, found.note, found.is_empty)


def _agreed(candidates: Candidates) -> Choice:
    """The value that all give. The first of several stands until a person says which."""
    votes = {_ballot(candidates, number) for number in candidates.present}
    note = "a person has to decide" if len(votes) > 1 else ""
    return Choice(candidates.present[0], note=note, is_empty=len(votes) > 1)


def _joined(candidates: Candidates) -> Choice:
    """All that are named, each once: members of lists, or texts side by side."""
    given = [field for number in candidates.present if (field := candidates.fields[number]) is not None]
    if any(isinstance(field.value, Mapping) for field in given):
        return _field_first(candidates)
    named = [
        str(one)
        for field in given
        for one in (field.value if isinstance(field.value, tuple) else (field.text.strip(),))
    ]
    first: dict[str, str] = {}
    for name in named:
        first.setdefault(name.casefold(), name)
    several = tuple(first.values())
    if len({_ballot(candidates, number) for number in candidates.present}) == 1:
        return _field_first(candidates)
    is_list = any(isinstance(field.value, tuple) for field in given)
    lender = next(n for n in candidates.present if not is_list or isinstance(_value(candidates, n), tuple))
    return Choice(lender, several if is_list else ", ".join(several), merged=True)


def _value(candidates: Candidates, number: int) -> Value:
    field = candidates.fields[number]
    return field.value if field is not None else None


_DIGITS = re.compile(r"\d+")


def _newest(candidates: Candidates) -> Choice:
    """Of versions of one text the highest number; a number that another text has is not the result's."""
    if len({_ballot(candidates, number) for number in candidates.present}) == 1:
        return _field_first(candidates)
    if not candidates.are_versions:
        return Choice(note="each numbers another text")
    return Choice(max(candidates.present, key=lambda number: (_numbers(candidates, number), -number)))


def _numbers(candidates: Candidates, number: int) -> tuple[int, ...]:
    field = candidates.fields[number]
    text = "" if field is None else field.written if isinstance(field.written, str) else field.text
    return tuple(map(int, _DIGITS.findall(text)))


def _unset(_: Candidates) -> Choice:
    return Choice()


FIELD_RULES: dict[str, NamedRule] = {
    "first": NamedRule(_field_first, "the first file's value"),
    "majority": NamedRule(_field_majority, "the value that most files have, then the first file's"),
    "longest": NamedRule(_by_wording("longest"), "the longest text"),
    "shortest": NamedRule(_by_wording("shortest"), "the shortest text"),
    "central": NamedRule(_by_wording("central"), "the text most like all the others"),
    "union": NamedRule(_field_union, "all members of the lists that are given"),
    "intersection": NamedRule(_field_intersection, "the members that every given list has"),
    "restrict": NamedRule(_field_restrict, "the least that every file allows; an absent `tools` allows all"),
    "agreed": NamedRule(_agreed, "the value that every file gives; others are a conflict"),
    "joined": NamedRule(_joined, "all that the files name, each once"),
    "newest": NamedRule(_newest, "the highest version of versions of one text; none of independent texts"),
    "unset": NamedRule(_unset, "leave the field out"),
}


def meaning(rule: str) -> str:
    """What a rule that a decision names does, as the documentation says it; "" for one that nobody wrote down."""
    if rule.startswith("wording="):
        return WORDINGS[rule.removeprefix("wording=")].help
    tables = (STRATEGIES, FIELD_RULES)
    return RULES.get(rule) or next((table[rule].help for table in tables if rule in table), "")
