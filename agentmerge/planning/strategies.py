"""The tables of strategies and the policy that says which holds where; and what a decision about rights costs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

from agentmerge.errors import PolicyError, unknown
from agentmerge.knowledge.tables import FieldInfo, Knowledge
from agentmerge.matching.pairwise import Bag, similarity, words
from agentmerge.model import Definition, Field, Value
from agentmerge.planning.records import Notice, Source
from agentmerge.rights import comparing, joining, reading, vocabulary
from agentmerge.text.lines import split_lines
from agentmerge.text.paths import FRONTMATTER, assignment, matches, normalised

# Strategies -----------------------------------------------------------------------------------------------------------
#
# The tables of strategies, wordings and field rules. A new one is one function and one row.


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

    def shift(self, number: int, result: Field | None, host: str) -> vocabulary.Shift:
        """Which way the rights of one variant go where another field takes the place of its own."""
        return comparing.shift(self.changes(number, result, host))

    def changes(self, number: int, result: Field | None, host: str) -> tuple[vocabulary.Change, ...]:
        """What changes for one variant where another field takes the place of its own."""
        hosts = self.hosts[number], host
        return comparing.field_changes(self.info.key, self.in_force[number], result, self.knowledge, hosts)

    @property
    def present(self) -> list[int]:
        return [number for number, field in enumerate(self.fields) if not reading.is_absent(field)]


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
        return "\0".join(sorted(reading.members(candidates.info, field.value)))
    if isinstance(field.value, (Mapping, tuple)):
        # In which order its keys stand says nothing.
        return reading.spelt(field.content)
    return " ".join(field.text.split())


def _by_wording(wording: str) -> FieldRule:
    def decide(candidates: Candidates) -> Choice:
        texts = [field.text for number in candidates.present if (field := candidates.fields[number]) is not None]
        return Choice(candidates.present[WORDINGS[wording].choose(texts)])

    return decide


def _members(candidates: Candidates) -> list[tuple[str, ...]]:
    return [
        reading.members(candidates.info, field.value)
        for number in candidates.present
        if (field := candidates.fields[number]) is not None
    ]


def _field_union(candidates: Candidates) -> Choice:
    if candidates.info.rights in ("hooks", "servers"):
        given = [candidates.fields[number] for number in candidates.present]
        return _as_choice(joining.united_field(given, candidates.knowledge), candidates)
    lists = _members(candidates)
    joined = tuple(dict.fromkeys(name for names in lists for name in names))
    return _listed(candidates, joined)


def _field_intersection(candidates: Candidates) -> Choice:
    if candidates.info.rights in ("allow", "grant"):
        given = [candidates.fields[number] for number in candidates.present]
        return _as_choice(
            joining.least_field(given, candidates.hosts_of(candidates.present), candidates.knowledge), candidates
        )
    lists = _members(candidates)
    return _listed(candidates, tuple(name for name in lists[0] if all(name in names for names in lists)))


def _listed(candidates: Candidates, names: tuple[str, ...]) -> Choice:
    """The names in the form of the first variant that has the field; as it stands where it says just that."""
    for number in candidates.present:
        field = candidates.fields[number]
        if field is not None and set(reading.members(candidates.info, field.value)) == set(names):
            return Choice(number)
    return Choice(candidates.present[0], names, merged=True)


def _field_restrict(candidates: Candidates) -> Choice:
    """What every variant allows: absent allow lists allow all, absent grants nothing, deny lists and guards add up."""
    found = joining.least_field(candidates.fields, candidates.hosts, candidates.knowledge)
    return Choice(found.place, found.value, found.is_new, found.note, found.is_empty)


def _as_choice(found: joining.Least, candidates: Candidates) -> Choice:
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


# Policy ---------------------------------------------------------------------------------------------------------------
#
# A policy: which strategy, wording or field rule holds where. Patterns that matched nothing are told.


OnConflict = Literal["both", "first", "fail"]
Measure = Literal["x", "w", "t"]

_FORM = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>[xwt])")
CHARACTERS = 4
"""Characters of a token, about, in English prose."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a policy: what holds under a path pattern."""

    pattern: str
    value: str
    """A strategy, a wording or a field rule, as the tables name them."""

    def __post_init__(self) -> None:
        """PolicyError for a name that does not exist, a fixed value that is empty, a number that is none."""
        if not self.pattern.strip():
            raise PolicyError(f"a policy of '{self.value}' names no path", remedy="write PATH=RULE")
        if not self.about_fields:
            _require_strategy(self.value, {**STRATEGIES, **WORDINGS}, "strategy or wording")
        elif not self.value.startswith(FIXED):
            _known(self.value, FIELD_RULES, "field rule")
        elif not self.value.removeprefix(FIXED).strip():
            raise PolicyError(f"{self} sets no value", remedy="write set:VALUE, or unset")

    def __str__(self) -> str:
        return f"'{self.pattern}={self.value}'"

    @property
    def about_fields(self) -> bool:
        return normalised(self.pattern).partition("/")[0] == FRONTMATTER


@dataclass(frozen=True, slots=True)
class Budget:
    """How large the body of a result may be."""

    number: float
    unit: Measure
    """Of the mean body of the variants (x), words (w), or tokens (t), which are estimated."""

    def __str__(self) -> str:
        return f"{self.number:g}{self.unit}"

    def of(self, text: str) -> int:
        """The size of a text, in words or tokens."""
        return -(-len(text) // CHARACTERS) if self.unit == "t" else len(text.split())

    def limit(self, definitions: Sequence[Definition]) -> int:
        """The size that the body may have, in words or tokens."""
        if self.unit != "x":
            return int(self.number)
        return int(self.number * sum(self.of(body_of(one)) for one in definitions) / len(definitions))


def parse_budget(text: str) -> Budget:
    """`1.5x`, `1200w` or `4000t`. PolicyError for anything else, and for nothing at all."""
    match = _FORM.fullmatch(text.strip().lower())
    if match is None or not float(match["number"]):
        raise PolicyError(f"'{text}' is no budget", remedy="write 1.5x (times the mean variant), 1200w or 4000t")
    unit: Measure = "x" if match["unit"] == "x" else "w" if match["unit"] == "w" else "t"
    return Budget(float(match["number"]), unit)


def body_of(definition: Definition) -> str:
    """The text of a definition below its fields."""
    front = definition.frontmatter
    lines = split_lines(definition.text)
    return "".join(front.cut_from(lines) if front is not None else lines)


@dataclass(frozen=True, slots=True)
class Policy:
    """How `combine` decides."""

    strategy: str = "union"
    """Which groups survive."""
    wording: str = "longest"
    """Which text of a group stands."""
    quorum: int | None = None
    """Variants that `majority` asks for; None is more than half."""
    prefer: tuple[int, ...] = ()
    """Indices of variants that come before all others, the first of them first."""
    on_conflict: OnConflict = "both"
    name: str | None = None
    """Value for the field `name`, whatever the variants say."""
    rules: tuple[Rule, ...] = field(default=())
    """Later ones count before earlier ones."""
    budget: Budget | None = None
    """How large the body may be; None for no limit."""

    def __post_init__(self) -> None:
        _require_strategy(self.strategy, STRATEGIES, "strategy")
        _known(self.wording, WORDINGS, "wording")
        _known(self.on_conflict, dict.fromkeys(get_args(OnConflict)), "way with a conflict")
        if any(type(file) is not int or file < 0 for file in self.prefer):
            raise PolicyError(f"prefer is {self.prefer!r}", remedy="write the indices of variants, from 0")
        if self.quorum is not None and self.quorum < 1:
            raise PolicyError(f"a quorum of {self.quorum} is less than one variant")

    def rank(self, file: int) -> tuple[int, int]:
        """Sort key of a variant: preferred ones first, then the order of the arguments."""
        return (self.prefer.index(file) if file in self.prefer else len(self.prefer), file)

    @property
    def strategy_decides(self) -> bool:
        """Whether the order of the variants decides what they can't all say."""
        return strategy_of(self.strategy).decides

    def strategy_at(self, paths: Sequence[str]) -> str:
        """The survival strategy for a unit that answers to any of the paths."""
        return self._at(paths, _is_strategy) or self.strategy

    def wording_at(self, paths: Sequence[str]) -> str:
        """The wording for a unit that answers to any of the paths."""
        return self._at(paths, WORDINGS.__contains__) or strategy_of(self.strategy_at(paths)).wording or self.wording

    def field_rule(self, key: str) -> str | None:
        """The rule that the policy has for a field, None where the table of fields decides."""
        found = [rule.value for rule in self.rules if rule.about_fields and matches(rule.pattern, f"frontmatter/{key}")]
        return found[-1] if found else None

    def require_files(self, names: Sequence[str]) -> None:
        """PolicyError where the policy speaks of a variant that there is not."""
        outside = [file for file in self.prefer if file >= len(names)]
        if outside:
            raise PolicyError(f"prefer names file {outside[0]}", remedy=f"there are {len(names)}, counted from 0")
        for value in (self.strategy, *(rule.value for rule in self.rules if not rule.about_fields)):
            for file in files_of(value):
                if not any(is_named(file, name) for name in names):
                    raise unknown("file", file, [name.rpartition("/")[2] for name in names])

    def _at(self, paths: Sequence[str], of_kind: Callable[[str], bool]) -> str | None:
        found = [
            rule.value
            for rule in self.rules
            if not rule.about_fields and of_kind(rule.value) and any(matches(rule.pattern, path) for path in paths)
        ]
        return found[-1] if found else None


def parse_rule(text: str) -> Rule:
    """`PATH=RULE`, as the command line takes it. PolicyError names what is unknown and what is near it."""
    return make_rule(*assignment(text, "PATH=RULE", "frontmatter/tools=union"))


def make_rule(pattern: str, value: str) -> Rule:
    """A rule; raises PolicyError where its name is unknown."""
    return Rule(pattern, value)


def _is_strategy(name: str) -> bool:
    return name in STRATEGIES or name.startswith((AT_LEAST, FROM))


def _require_strategy(name: str, table: Mapping[str, object], what: str) -> None:
    rest = name.partition(":")[2].strip()
    if name.startswith(AT_LEAST) and not (rest.isascii() and rest.isdigit() and int(rest) > 0):
        raise PolicyError(f"'{name}' names no number of variants", remedy="write at-least:2")
    if name.startswith(FROM) and not rest:
        raise PolicyError(f"'{name}' names no file", remedy="write from:FILE")
    if not _is_strategy(name):
        _known(name, table, what)


def _known(name: str, table: Mapping[str, object], what: str) -> None:
    if name not in table:
        raise unknown(what, name, table)


def unmatched(policy: Policy, paths: Iterable[str]) -> list[Rule]:
    """Rules of a policy whose pattern speaks for none of the paths."""
    known = list(paths)
    return [rule for rule in policy.rules if not any(matches(rule.pattern, path) for path in known)]


# Costs ----------------------------------------------------------------------------------------------------------------
#
# What a decision about a field of rights grants and takes, in words, with the flag that decides otherwise.


_LISTS = frozenset({"allow", "grant", "servers", "hooks", "agents"})
_LEAST = frozenset({"restrict", "intersection"})


def rights_notices(
    key: str, rule: str, choice: Choice, candidates: Candidates, sources: tuple[Source, ...]
) -> Iterator[Notice]:
    """Notices of what the result grants less, and then of what it grants more, than the variants."""
    result = _result(choice, candidates)
    path = f"frontmatter/{key}"
    less, wider = _moved(candidates, result)
    for severity, message in _narrowed(key, rule, less, choice, candidates, result):
        yield Notice("permission-narrowed", severity, message, path, sources)
    message = _widened(key, rule, wider, candidates, result)
    if message:
        yield Notice("permission-widened", "warning", message, path, sources)


def _result(choice: Choice, candidates: Candidates) -> Field | None:
    if choice.index is None:
        return None
    field = candidates.fields[choice.index]
    if not choice.merged or field is None:
        return field
    return Field(field.key, 0, 0, 0, "", choice.value, str(choice.value), "")


class _Moved(NamedTuple):
    """The fields of the variants whose rights go one way where the result stands for them."""

    narrowed: list[Field | None]
    widened: list[Field | None]


def _moved(candidates: Candidates, result: Field | None) -> _Moved:
    ways = [
        (field, candidates.shift(number, result, candidates.hosts[0]))
        for number, field in enumerate(candidates.in_force)
    ]
    return _Moved(*([field for field, way in ways if way in (one, "both")] for one in ("narrowed", "widened")))


def _narrowed(
    key: str, rule: str, less: list[Field | None], choice: Choice, candidates: Candidates, result: Field | None
) -> Iterator[tuple[Literal["warning", "info"], str]]:
    left_out = _left_out(candidates, result)
    if left_out:
        how = "is what every variant allows" if rule in _LEAST else f"goes by {rule}"
        if candidates.info.rights == "hooks":
            how = "runs, beside guards, what every variant runs" if rule in _LEAST else how
        how = f"{how}; left out" if result is not None else f"is left out ({choice.note or rule})"
        yield "info", f"'{key}' {how}: {', '.join(left_out)} ({_adding(key, candidates, left_out)})"
    elif candidates.info.rights == "deny":
        return
    elif less and result is None:
        yield "info", f"'{key}' is left out: {choice.note or rule}"
    elif less and candidates.info.rights == "hooks":
        yield "info", f"'{key}' holds back what any of the variants does ({rule})"
    elif less:
        yield "info", _less(key, rule, candidates, result, less)
    if less and result is not None and candidates.info.rights in _LISTS and result.value == ():
        what = "no tool is allowed" if key == "tools" else "nothing is granted"
        yield "warning", f"'{key}' is empty: {what} by every variant"


def _adding(key: str, candidates: Candidates, left_out: list[str]) -> str:
    """The flag that adds what was left out."""
    rule = "first" if candidates.info.shape == "map" and candidates.info.rights != "hooks" else "union"
    return f"--policy 'frontmatter/{key}={rule}' adds {'it' if len(left_out) == 1 else 'them'}"


def _less(key: str, rule: str, candidates: Candidates, result: Field | None, less: list[Field | None]) -> str:
    """Of a list that stands where some have none, and of what is no list: what others say, and how to choose it."""
    count, variants = sum(map(reading.is_absent, candidates.in_force)), len(candidates.fields)
    if candidates.info.rights == "allow" and count:
        return f"'{key}' is listed: {count} of the {variants} variants, without the field, allow all"
    how = "is the strictest" if rule in _LEAST else f"goes by {rule}"
    if candidates.info.rights == "scale" and result is not None:
        how += f", '{result.inline}'"
        others = list(dict.fromkeys(f.inline for f in less if f is not None and not reading.is_absent(f)))
        if others:
            return f"'{key}' {how}, not {', '.join(map(repr, others))} ({_taking(key, candidates, others)})"
    return f"'{key}' {how}: {len(less)} of the {variants} variants allow more"


def _taking(key: str, candidates: Candidates, others: list[str]) -> str:
    """The flag that takes another value."""
    first = candidates.fields[candidates.present[0]]
    rule = "first" if first is not None and first.inline in others else f"set:{others[0]}"
    return f"--policy 'frontmatter/{key}={rule}' takes it"


def _widened(key: str, rule: str, wider: list[Field | None], candidates: Candidates, result: Field | None) -> str:
    if not wider:
        return ""
    if candidates.info.rights == "hooks":
        return f"'{key}' {_beyond(candidates, result)}"
    if candidates.info.rights == "allow" and reading.is_absent(result):
        return f"'{key}' is left out: every {'tool' if key == 'tools' else 'one'} is allowed"
    flag = f"; --policy 'frontmatter/{key}=restrict' keeps to what all grant" if rule in ("union", "majority") else ""
    return f"'{key}' grants more than {len(wider)} of the {len(candidates.fields)} variants do (by {rule}{flag})"


def _beyond(candidates: Candidates, result: Field | None) -> str:
    """What the hooks of the result run, or no longer hold back, against single variants."""
    changes = [
        change
        for number in range(len(candidates.fields))
        for change in candidates.changes(number, result, candidates.hosts[0])
        if change.direction == "widened" and change.is_certain
    ]
    runs = list(dict.fromkeys(change.scope for change in changes if change.capability == "hook"))
    lets = list(dict.fromkeys(change.scope for change in changes if change.capability != "hook"))
    told = [f"runs what not every variant runs: {', '.join(runs)}"] if runs else []
    told += [f"no longer holds back what these do: {', '.join(lets)}"] if lets else []
    return "; ".join(told)


def _left_out(candidates: Candidates, result: Field | None) -> list[str]:
    """Names that some variant grants and the result does not."""
    info = candidates.info
    if info.rights not in _LISTS or (result is None and info.rights == "allow"):
        return []
    granted = _names(info, result)
    names = dict.fromkeys(name for field in candidates.fields for name in _names(info, field))
    if info.rights == "hooks":
        runs = {hook.command for hook in reading.hooks(result.value)} if result is not None else set()
        fields = [field for field in candidates.fields if field is not None]
        given = dict.fromkeys(hook.command for field in fields for hook in reading.hooks(field.value))
        return [command for command in given if command not in runs]
    alike = frozenset(granted)
    return [
        name for name in names if name not in alike and not any(_includes(one, name, candidates) for one in granted)
    ]


def _includes(name: str, other: str, candidates: Candidates) -> bool:
    """Whether a name of the result says what a name of a variant says, on whichever of their hosts."""
    if name == other or candidates.info.shape != "set":
        return name == other
    hosts = dict.fromkeys(candidates.hosts)
    return any(
        joining.includes(name, other, candidates.knowledge, host)
        or joining.is_same_tool(name, other, (one, host), candidates.knowledge)
        for one in hosts
        for host in hosts
    )


def _names(info: FieldInfo, field: Field | None) -> tuple[str, ...]:
    return reading.members(info, field.value) if field is not None else ()


def wider_as_a_whole(
    result: Definition,
    definitions: Sequence[Definition],
    names: Sequence[str],
    told: Collection[str],
    knowledge: Knowledge,
) -> Iterator[Notice]:
    """What the result may do on its host beyond a variant on its own one, where no single field told it."""
    found: dict[tuple[str, str], list[str]] = {}
    for definition, name in zip(definitions, names, strict=True):
        for move in comparing.moves(definition, result, knowledge):
            is_news = move.direction == "widened" and move.is_certain and move.severity != "info"
            if is_news and set(move.keys).isdisjoint(told):
                found.setdefault((move.key, move.told), []).append(name)
    for (key, what), wider in found.items():
        message = f"the result may do more than {', '.join(wider)} on its host: {what}"
        yield Notice("permission-widened", "warning", message, f"frontmatter/{key}")
