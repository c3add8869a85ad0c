"""Two entries in, out whether one may stand for the other: no number, name or `never` is lost, nor by custom text."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from functools import lru_cache

from agentmerge.knowledge import signs
from agentmerge.knowledge.signs import holds_guardrail, listed_words
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.features import facet_of, is_identity, place_of, plain
from agentmerge.matching.pairwise import words
from agentmerge.model import VERBATIM, Kept, Unit, UnitKind, walk_units
from agentmerge.planning.intake import Entry, conditions, containers_of, kind_of, negations, warns
from agentmerge.reading import relations
from agentmerge.reading.parsing import parse
from agentmerge.text import lexicon
from agentmerge.text.lexicon import opposed

# Guards ---------------------------------------------------------------------------------------------------------------
#
# Which units that say the same may stand for each other: a lost number, name or `never` is worse than a repetition.
#
# The alignment says what a curator would keep once. Dropping a text asks for more: nothing hard may go with it.


_NAME = re.compile(r"(?<![\w*])[A-Z][\w+#.]*[\w+#]|(?<![a-z])[a-z]+[A-Z]\w*")
_NUMBER = re.compile(
    r"\d[\d.,]*(?:\s?(?:%|ms|sec|s|min|h|kb|mb|gb|tb|px|seconds?|minutes?|hours?|days?|weeks?|months?)\b|\s?%)?"
    r"|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|forty|fifty|sixty|ninety|hundred|once|twice)\b",
    re.IGNORECASE,
)
_CODE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"https?://[^\s)>\]]+|\]\(([^)]{1,2000})\)|^\[[^\]]{1,500}\]:\s*(\S+)", re.MULTILINE)
_PATH = re.compile(r"(?<![\w/.:])(?:\.{1,2}|~)?/[\w.-]+/[\w./*-]+|(?<![\w/])[\w.-]{1,255}/[\w.-]{1,255}/[\w./*-]+")
_TERM = re.compile(r"\A([^:\n]{1,80})\n:[ \t]")
"""The term of a definition, on a line of its own above what it means: a synonym is another term."""
_MARKS = re.compile(r"[*_]{2}")
_LEAD_WORDS = re.compile(r"\A\W*(?:\*\*|__)[^*_\n]{1,80}(?:\*\*|__)|\A[^.:\n]{1,60}(?=:\s)")
"""The bold start of a text, or its words before a colon: there every word may be written large."""
_LARGE = re.compile(r"\b[A-Z][a-z]+\b")
_STARTS = re.compile(r"(?:\A\W*|[.,:;!?–—]\s+\W{0,3}|\s-\s+)[A-Z](?=[a-z]+(?![\w.+#]))")
"""The large letter that a sentence begins with, and that of what follows a colon, a comma or a dash."""
_PLURAL = re.compile(r"(?<=[A-Z])s\Z")
_EXACT = frozenset({"table", "quote"}) | VERBATIM
"""Kinds of which only equal texts stand for each other."""
KEPT = 20_000
"""Texts that are remembered with what was read in them."""


NEVER = 2.0
"""The probability that no two texts have."""
COVERED = 0.5
"""From here on one of two texts may be given up whose words the other one holds."""
IN_TOPIC = 0.4
"""The same of a short item whose heading stands beside the other one, too: a member keeps the topic of its list."""
NEAR_TOPIC = 0.6
"""The same where the heading's words stand there in part."""
OFF_TOPIC = 0.75
"""The same where none of them do: `Memory usage` is one thing among metrics and another among settings."""
SCATTERED = 0.55
"""The same of an item of few words that do not stand together in the other text."""
OFF_LIST = 0.9
"""The same of one member of an enumeration on one line whose label does not speak of the item's heading."""
BARE_CHECK = 0.85
"""The same where a few words are checked on one side, and the other one asks for nothing: `Knowledge shared`."""
OTHER_USE = 0.65
"""The same where one is to be delivered, given or checked, and the other is not."""
OTHER_WORDS = 0.6
"""The same of texts of which each has words of its own."""
MOSTLY_OTHER = 0.9
"""The same where the shorter one has more words of its own than they have in common."""
ADVICE = 0.75
"""The same of advice that would go for a subject to know: `Optimize queries with indexes` asks for something."""
MORE_ADVICE = 0.8
"""The same where the advice has a word of its own besides."""
OTHER_CASES = 0.8
"""The same where one of them speaks of when it holds, and of two that ask in other words."""
SHORT = 4
"""Words of content up to which an item says little without its heading."""

FEW = 2
"""Words of content of an item that only names a thing."""

Likely = Callable[[Entry, Entry], float]
"""The probability that two texts say the same."""


def _surely(_: Entry, __: Entry) -> float:
    return 1.0


def parts(members: Sequence[Entry], knowledge: Knowledge, likely: Likely = _surely) -> list[list[Entry]]:
    """The members in groups of which one may stand for the others; the order of the variants plays no part."""
    found: list[list[Entry]] = []
    sizes: dict[tuple[str, str], tuple[int, int]] = {}
    for member in members:
        texts = member.unit.flow, member.unit.text
        if texts not in sizes:
            sizes[texts] = -len(hard(member, knowledge)), -len(words(member.unit.flow))
    ordered = sorted(members, key=lambda member: (sizes[member.unit.flow, member.unit.text], member.unit.flow))
    files = {member.file for member in members}
    without: dict[int, list[int]] = {file: [] for file in files}
    full: dict[object, int] = {}
    for member in ordered:
        # A group holds one text of an author. One that had no room for a copy of a text, or took it, has none for
        # the next copy of the same author.
        alike, numbers = _copy_of(member), without[member.file]
        start = bisect_left(numbers, full.get(alike, 0))
        place = next(
            (n for n in range(start, len(numbers)) if _has_room(found[numbers[n]], member, knowledge, likely)), None
        )
        if place is not None:
            number = numbers.pop(place)
            found[number].append(member)
        else:
            number = len(found)
            found.append([member])
            for file in files - {member.file}:
                without[file].append(number)
        full[alike] = number + 1
    return [sorted(part, key=lambda member: member.key) for part in found]


def _copy_of(member: Entry) -> object:
    """What two members of one variant share that have room in the same groups."""
    return (
        member.file,
        tuple(section.title for section in member.path),
        containers_of(member.path),
        member.unit.kind,
        member.unit.text,
        member.under,
        member.stance,
    )


def _has_room(part: Sequence[Entry], member: Entry, knowledge: Knowledge, likely: Likely) -> bool:
    first = part[0].unit
    is_copy = (member.unit.flow, member.unit.text) == (first.flow, first.text)
    if not is_copy and not _may_go(part[0], member, knowledge):
        return False
    return all(likely(member, other) >= demand(member, other, knowledge) for other in part)


def _may_go(stands: Entry, member: Entry, knowledge: Knowledge) -> bool:
    if is_identity(stands.unit, knowledge) and is_identity(member.unit, knowledge):
        return _keeps_names(stands, member, knowledge)
    return keeps(stands, member, knowledge)


def hard(member: Entry, knowledge: Knowledge) -> frozenset[str]:
    """What no paraphrase replaces: names, abbreviations, numbers, code and links of a text."""
    return knowledge.derived(_Reading).hard[member.unit.flow, member.unit.text]


def keeps(stands: Entry, given_up: Entry, knowledge: Knowledge) -> bool:
    """Whether a text has all that no paraphrase of another replaces, and something of each thing that it joins.

    A name of one word may be written small in it, or in the plural.
    """
    return _keeps_names(stands, given_up, knowledge) and not _halves(stands.unit.flow, given_up.unit.flow, knowledge)


def _keeps_names(stands: Entry, given_up: Entry, knowledge: Knowledge) -> bool:
    missing = hard(given_up, knowledge) - hard(stands, knowledge)
    if not missing or missing <= frozenset(words(stands.unit.flow)):
        return True
    # A name in the plural is the same name; a number, code or a link is kept as it is.
    return not missing & facts(given_up) and all(
        stems and stems <= content(stands.unit.flow, knowledge)
        for stems in (content(name, knowledge) for name in missing)
    )


def _halves(stands: str, given_up: str, knowledge: Knowledge) -> bool:
    """Whether one of the things that a text joins by a comma or an `and` is not in another one at all."""
    all_of_it = content(stands, knowledge)
    return any(part and part.isdisjoint(all_of_it) for part in _joined(given_up, knowledge))


def facts(member: Entry) -> frozenset[str]:
    """The numbers, code, paths and links of a text."""
    return _facts(member.unit.flow, member.unit.text)


def _small(match: re.Match[str]) -> str:
    return _LARGE.sub(lambda word: word[0].lower(), match[0])


class _Reading:
    """What the tables make of single texts."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._signs, self._lexicon = signs.of(knowledge), lexicon.of(knowledge)
        self.hard = Kept(self._hard, KEPT)
        """What no paraphrase replaces, by the words of a unit and its lines."""
        self.sequence = Kept(self._sequence, KEPT)
        """Tokens of the words that say something, by text."""
        self.content: Kept[str, frozenset[str]] = Kept(lambda text: frozenset(self.sequence[text]), KEPT)
        """The same without their order."""
        self.tokens = Kept(self._tokens, KEPT)
        """All tokens of a text in their order."""
        self._knowledge = knowledge
        self.verbs = frozenset(knowledge.raw("words")["asking"]["verbs"].split())
        """Verbs that an instruction begins with."""
        self.members = Kept(self._members, KEPT)
        """The members that a text lists on its line, each with the label, by kind and text."""

    def _members(self, unit: tuple[UnitKind, str]) -> frozenset[tuple[str, str]]:
        kind, flow = unit
        listed = relations.in_line(Unit(kind, 0, 0, flow, flow), self._knowledge)
        return frozenset((_bare(each.label), _bare(member.text)) for each in listed for member in each.members)

    def _hard(self, unit: tuple[str, str]) -> frozenset[str]:
        flow, text = unit
        plain_flow = signs.unsigned(_MARKS.sub("", _LEAD_WORDS.sub(_small, flow)))
        rest = _STARTS.sub(lambda match: match[0].lower(), plain_flow)
        names = (_PLURAL.sub("", name) for name in _NAME.findall(rest))
        return _facts(flow, text) | _folded(names) | frozenset(self._said_by_signs(flow))

    def _said_by_signs(self, text: str) -> Iterator[str]:
        """What the signs of a text say but for the state of a task, which the task itself keeps."""
        return (f"sign {name}" for name in self._signs.told(text) if name not in ("open", "done"))

    def _tokens(self, text: str) -> tuple[str, ...]:
        return tuple(self._lexicon.tokens(plain(text), self._lexicon.language([text])))

    def _sequence(self, text: str) -> tuple[str, ...]:
        return tuple(token for token in self.tokens[text] if token not in self._lexicon.shaping)


@lru_cache(maxsize=KEPT)
def _facts(flow: str, lines: str) -> frozenset[str]:
    text = _MARKS.sub("", flow)
    # A link definition begins a line of the file, wrapped or not.
    links = (link for match in _LINK.finditer(lines) for link in (match[0], match[1] or "", match[2] or "") if link)
    return _folded([*_NUMBER.findall(text), *_CODE.findall(text), *_PATH.findall(text), *_TERM.findall(lines), *links])


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.lower().rstrip(".,").replace(" ", "") for name in names)


def demand(a: Entry, b: Entry, knowledge: Knowledge) -> float:
    """How sure one must be that two texts say the same before one of them is given up; `NEVER` where it may not be."""
    if _are_apart(a, b, knowledge):
        return NEVER
    if (a.unit.text, a.unit.kind) == (b.unit.text, b.unit.kind) or _as_said(a, knowledge) == _as_said(b, knowledge):
        forbid = (_forbids_in_place(one, one.unit.flow, knowledge) for one in (a, b))
        return 0.0 if len(set(forbid)) == 1 else NEVER
    if a.unit.kind in _EXACT or b.unit.kind in _EXACT:
        return NEVER
    if is_identity(a.unit, knowledge) and is_identity(b.unit, knowledge):
        # There is room for one alone, whatever the others say.
        return 0.0
    return max(each(a, b, knowledge) for each in (_of_facts, _of_force, _of_words, _of_use, _of_topic))


def _are_apart(a: Entry, b: Entry, knowledge: Knowledge) -> bool:
    if a.file == b.file:
        # What one author says twice, they say twice: a step may come back in its procedure.
        return True
    if not _belong_together(a, b, knowledge):
        return True
    if _is_member(a, b, knowledge) or _is_member(b, a, knowledge):
        # One member would go, and the others stay: the list would be torn.
        return True
    return a.stance.against(b.stance) or _is_warned_of(a, knowledge) != _is_warned_of(b, knowledge)


def _by_content(a: Entry, b: Entry, knowledge: Knowledge) -> tuple[Entry, Entry]:
    """The one of two texts with fewer words of content, then the other."""
    less, more = sorted((a, b), key=lambda one: (len(content(one.unit.flow, knowledge)), one.unit.flow))
    return less, more


def _of_facts(a: Entry, b: Entry, knowledge: Knowledge) -> float:
    """Both stand where the one that says more lacks a fact of the other."""
    less, more = _by_content(a, b, knowledge)
    beyond = content(more.unit.flow, knowledge) - content(less.unit.flow, knowledge)
    return 0.0 if len(beyond) <= 1 or _keeps_names(more, less, knowledge) else NEVER


def _of_force(a: Entry, b: Entry, knowledge: Knowledge) -> float:
    """What it demands that one text forbids and the other does not.

    The longer of the two may forbid something beside what both ask for: in another sentence, or in brackets.
    """
    less, more = _by_content(a, b, knowledge)
    if _forbidding(less, less.unit.flow, knowledge) == _forbidding(more, more.unit.flow, knowledge):
        return 0.0
    main = _SENTENCE.split(_BRACKETS.sub("", more.unit.flow), maxsplit=1)[0]
    if main == more.unit.flow or _forbidding(less, less.unit.flow, knowledge) != _forbidding(more, main, knowledge):
        return NEVER
    return OTHER_CASES


def _forbidding(member: Entry, text: str, knowledge: Knowledge) -> tuple[bool, bool]:
    return _forbids(member, text, knowledge), _forbids_in_place(member, text, knowledge)


_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\s[–—-]+\s")
_BRACKETS = re.compile(r"\([^()]*\)")


def _of_words(a: Entry, b: Entry, knowledge: Knowledge) -> float:
    """What the words of two texts demand: the longer one should say all that the shorter one says."""
    less, more = sorted((a.unit.flow, b.unit.flow), key=lambda text: (len(content(text, knowledge)), text))
    if opposed(less, more, knowledge) is not None or _is_turned(less, more, knowledge):
        return NEVER
    asked, cases = (
        _asked(less, knowledge) != _asked(more, knowledge),
        conditions(less, knowledge) ^ conditions(more, knowledge),
    )
    if cases - _OCCASIONS or (cases and (holds_guardrail(less, knowledge) or holds_guardrail(more, knowledge))):
        return NEVER
    if content(less, knowledge) == content(more, knowledge):
        return OTHER_CASES if asked or cases else 0.0
    # What more words say of a rule, of all cases or of a case limits it: the one with fewer of them reaches further.
    reaches_further = (
        holds_guardrail(less, knowledge)
        or bool(listed_words(less, "universal", knowledge=knowledge))
        or bool(conditions(less, knowledge) - _OCCASIONS)
    )
    if reaches_further:
        return NEVER
    if asked or cases:
        return OTHER_CASES
    if _halves(more, less, knowledge) or _fill_one_form(less, more, knowledge):
        return NEVER
    own = content(less, knowledge) - content(more, knowledge)
    if not own and content(less, knowledge):
        return 0.0
    return MOSTLY_OTHER if 2 * len(own) > len(content(less, knowledge)) else OTHER_WORDS


def _fill_one_form(a: str, b: str, knowledge: Knowledge) -> bool:
    """Whether two texts begin alike and differ only where each says a thing of its own: `Review the linting of it`.

    The same is then asked of two things. Of 71 such pairs of the judged ones readers called 18 the same.
    """
    first, second = (knowledge.derived(_Reading).tokens[text] for text in (a, b))
    if not first or first[:1] != second[:1] or max(len(first), len(second)) > LONGEST_FORM:
        return False
    shaping = lexicon.of(knowledge).shaping
    most = max(len(first), len(second)) / (1 + 1 / FORM)
    common = 0
    for tag, at, to, start, stop in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        parts = first[at:to], second[start:stop]
        if tag == "equal":
            common += to - at
        elif not all(any(token not in shaping for token in part) for part in parts):
            return False
    return most <= common < max(len(first), len(second))


LONGEST_FORM = 400
"""Words of a text that may be a form at all: comparing two word by word takes the square of them."""
FORM = 1
"""How many words two texts of one form have in common for each that they fill it with."""


def _joined(text: str, knowledge: Knowledge) -> Iterator[frozenset[str]]:
    """The words of content of each of the things that a text joins by a comma or an `and`."""
    yield from (content(part, knowledge) for part in _JOINT.split(text))


_JOINT = re.compile(r",\s+(?:and\s+|or\s+)?|\s+(?:and|or|&)\s+|;\s+|\s+-\s+")
_OCCASIONS = frozenset({"before", "after"})
"""Conditions that say when something is done, and take nothing out of it."""
_USES = frozenset({"outputs", "inputs", "checklists"})
_SHOWN = frozenset({"examples", "triggers"})


def _of_use(a: Entry, b: Entry, knowledge: Knowledge) -> float:
    """What the places of two texts demand: what is to be delivered is no instruction, what is shown is nothing else."""
    first, second = place_of(a.path, knowledge), place_of(b.path, knowledge)
    less, more = _by_content(a, b, knowledge)
    if (facet_of(less.path, knowledge), facet_of(more.path, knowledge)) == ("instruction", "knowledge"):
        own = content(less.unit.flow, knowledge) - content(more.unit.flow, knowledge)
        return MORE_ADVICE if own else ADVICE
    if first == second and _opens(a, knowledge) == _opens(b, knowledge):
        return OTHER_USE if (a.unit.kind == "task") != (b.unit.kind == "task") else 0.0
    if first != second and any(_is_part_of_form(one, place) for one, place in ((a, first), (b, second))):
        return NEVER
    if {first, second} & _SHOWN or _opens(a, knowledge) != _opens(b, knowledge):
        return NEVER
    if "checklists" in (first, second) and len(content(less.unit.flow, knowledge)) <= FEW:
        other = b if first == "checklists" else a
        return OTHER_USE if _asks(other, knowledge) else BARE_CHECK
    return OTHER_USE if {first, second} & _USES or (a.unit.kind == "task") != (b.unit.kind == "task") else 0.0


def _is_part_of_form(entry: Entry, place: str) -> bool:
    """Whether an item is one part of what is delivered in one piece: `Report with sections:` would lack it."""
    return place == "outputs" and bool(entry.under or (entry.path and entry.path[-1].style == "label"))


def goes_on(entry: Entry, knowledge: Knowledge) -> bool:
    """Whether a text says who the agent is, or goes on with it."""
    phrases = tuple(knowledge.raw("identity")["voice"]["phrases"])
    return is_identity(entry.unit, knowledge) or entry.unit.flow.lstrip("*_> ").lower().startswith(phrases)


def _opens(entry: Entry, knowledge: Knowledge) -> bool:
    """Whether a paragraph of an opening speaks of who the agent is: no rule says the same."""
    if entry.unit.kind != "paragraph" or entry.parent is not None or not goes_on(entry, knowledge):
        return False
    return not entry.path or kind_of(entry.path[-1].title, knowledge) == "identity"


def _asks(entry: Entry, knowledge: Knowledge) -> bool:
    """Whether a text begins with the verb of an instruction, behind one word at most: `Always validate`."""
    begins = words(_MARKS.sub("", entry.unit.flow))[:2]
    return not knowledge.derived(_Reading).verbs.isdisjoint(begins)


def _of_topic(a: Entry, b: Entry, knowledge: Knowledge) -> float:
    less, more = _by_content(a, b, knowledge)
    if not less.path or len(content(less.unit.flow, knowledge)) > SHORT:
        return COVERED
    title = less.path[-1].title
    topic = content(title, knowledge) if kind_of(title, knowledge) == "topics" else frozenset()
    beside = content(more.unit.flow, knowledge).union(*(content(section.title, knowledge) for section in more.path))
    if topic and not topic & beside - lexicon.of(knowledge).form and _is_one_of(less, more, knowledge):
        return OFF_LIST
    is_scattered = not _stands_in(less.unit.flow, more.unit.flow, knowledge)
    if is_scattered and (not topic <= beside or len(content(less.unit.flow, knowledge)) == 1):
        return SCATTERED
    if not topic:
        return COVERED
    if topic <= beside:
        return NEAR_TOPIC if is_scattered else IN_TOPIC
    return NEAR_TOPIC if topic & beside else OFF_TOPIC


def _is_one_of(less: Entry, more: Entry, knowledge: Knowledge) -> bool:
    """Whether the words of a text stand in a member, and not in the label, of what another lists on its line."""
    words = content(less.unit.flow, knowledge)
    listed = list(relations.in_line(more.unit, knowledge))
    return any(not words <= content(each.label, knowledge) for each in listed)


def _stands_in(less: str, more: str, knowledge: Knowledge) -> bool:
    """Whether the words of a text stand side by side in another one."""
    wanted, given = (knowledge.derived(_Reading).tokens[text] for text in (less, more))
    return any(given[at : at + len(wanted)] == wanted for at in range(len(given) - len(wanted) + 1))


def _as_said(entry: Entry, knowledge: Knowledge) -> str:
    text = entry.unit.text
    return " ".join((text if entry.unit.kind == "code" else signs.of(knowledge).said(text)).split())


def _belong_together(a: Entry, b: Entry, knowledge: Knowledge) -> bool:
    """Whether two units stand below items that speak of one thing: an exception below another rule is another one.

    What one of them says in a container says nothing outside of it.
    """
    if a.path is not b.path and containers_of(a.path) != containers_of(b.path):
        return False
    if not (a.under and b.under):
        return not (a.under or b.under) or not (
            conditions(a.unit.flow, knowledge) or conditions(b.unit.flow, knowledge)
        )
    return bool(content(a.under, knowledge) & content(b.under, knowledge)) or a.under == b.under


def _is_member(a: Entry, b: Entry, knowledge: Knowledge) -> bool:
    """Whether a unit is one member of the enumeration that another is on its line, label and all."""
    if ":" not in b.unit.flow and "：" not in b.unit.flow:
        return False
    above = a.under or (a.path[-1].title if a.path else "")
    return (_bare(above), _bare(a.unit.flow)) in knowledge.derived(_Reading).members[b.unit.kind, b.unit.flow]


def _bare(text: str) -> str:
    return _MARKS.sub("", text).strip(" .:：`").lower()


def _is_turned(a: str, b: str, knowledge: Knowledge) -> bool:
    """Whether two texts ask for different things, or say the same of two things that changed places."""
    first, second = _asked(a, knowledge), _asked(b, knowledge)
    if first and second and first != second:
        return True
    if not listed_words(a, "between", knowledge=knowledge) & listed_words(b, "between", knowledge=knowledge):
        return False
    both = content(a, knowledge) & content(b, knowledge)
    left, right = ([token for token in _sequence(text, knowledge) if token in both] for text in (a, b))
    return list(dict.fromkeys(left)) != list(dict.fromkeys(right))


def _asked(text: str, knowledge: Knowledge) -> list[str]:
    asking = knowledge.raw("identity")["asking"]["words"]
    return [word for word in words(text) if word in asking]


def _sequence(text: str, knowledge: Knowledge) -> tuple[str, ...]:
    """Tokens of the words that say something, without those that only shape a statement."""
    return knowledge.derived(_Reading).sequence[text]


def content(text: str, knowledge: Knowledge) -> frozenset[str]:
    """The words of a text, as tokens, but for those that only shape a statement."""
    return knowledge.derived(_Reading).content[text]


def _forbids(member: Entry, text: str, knowledge: Knowledge) -> bool:
    """Whether a unit forbids: by its words, or by standing among pitfalls, where a negation turns it round again."""
    if member.stance.force == "forbid":
        return True
    kinds = knowledge.outline
    place = place_of(member.path, knowledge)
    among = bool(place) and kinds[place].facet == "prohibition"
    return bool(negations(text, knowledge)) != (among and not holds_guardrail(text, knowledge))


def _forbids_in_place(member: Entry, text: str, knowledge: Knowledge) -> bool:
    """Whether a statement forbids, by its own words or by those above it: then the same text says something else."""
    if member.unit.kind not in ("item", "paragraph", "task"):
        return False
    return member.stance.force == "forbid" or bool(negations(text, knowledge)) or _is_warned_of(member, knowledge)


def _is_warned_of(member: Entry, knowledge: Knowledge) -> bool:
    """Whether the words above a statement forbid it, or call it a mistake."""
    if member.unit.kind not in ("item", "paragraph", "task"):
        return False
    above = (*(section.title for section in member.path), member.under)
    return any(warns(title, knowledge) for title in above)


# Customs --------------------------------------------------------------------------------------------------------------
#
# Text of somebody's own in place of the authors': nothing hard may be missing in it, and nothing new may come in.


_CUSTOMS_NAME = re.compile(r"[A-Za-z][\w+#.-]*[\w+#]")
_START = re.compile(r"(?:\A|[.!?:;•–—|/(]\s*|\*\*|__)\Z")
"""What stands before a word that is written large because it begins something."""


def particulars(text: str, knowledge: Knowledge) -> dict[str, str]:
    """What no paraphrase replaces: numbers, names, code, links, paths, and the words that bind; each with its kind."""
    found = dict.fromkeys(_facts_of(text), "fact")
    found |= dict.fromkeys(names(text), "name")
    return found | dict.fromkeys(binding_words(text, knowledge), "binding word")


def binding_words(text: str, knowledge: Knowledge) -> frozenset[str]:
    """The words of a text that forbid, demand or allow, or turn it into its opposite."""
    listed = listed_words(text, "guardrail", knowledge=knowledge) | negations(text, knowledge)
    return listed | knowledge.derived(_Modals).of(text)


class _Modals:
    """The words that say how strongly a statement binds."""

    def __init__(self, knowledge: Knowledge) -> None:
        rows = knowledge.raw("modality")
        listed = {
            word for strength in ("strong", "medium", "weak") for words in rows[strength].values() for word in words
        }
        parted = sorted((word for word in listed if word.isascii()), key=lambda word: (-len(word), word))
        self._pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, parted))})(?!\w)")
        self._wide = [word for word in listed if not word.isascii()]

    def of(self, text: str) -> frozenset[str]:
        lowered = text.lower().replace("’", "'")
        return frozenset(self._pattern.findall(lowered)) | frozenset(word for word in self._wide if word in lowered)


def _facts_of(text: str) -> frozenset[str]:
    return facts(Entry(0, Unit("paragraph", 1, 2, text, text), ()))


def names(text: str) -> frozenset[str]:
    """Words that name one thing: with a capital inside or a digit, or written large where nothing begins."""
    found = set()
    for match in _CUSTOMS_NAME.finditer(text):
        word = match[0]
        inner = any(char.isupper() or char.isdigit() for char in word[1:])
        if inner or (word[0].isupper() and not _START.search(text[: match.start()])):
            found.add(word.lower())
    return frozenset(found)


def faults(text: str, covered: Sequence[str], drops: Iterable[str], knowledge: Knowledge) -> Iterator[str]:
    """What is wrong with a text that takes the place of others."""
    own, given = particulars(text, knowledge), [particulars(each, knowledge) for each in covered]
    let_go = {" ".join(one.lower().split()) for one in drops}
    said = _said([text])
    missing = {what: kind for each in given for what, kind in each.items() if what not in own}
    for what, kind in missing.items():
        if what not in let_go and not (kind == "name" and what in said):
            yield f"lacks the {kind} '{what}'"
    known = _said(covered)
    for what, kind in own.items():
        if not any(what in each for each in given) and not (kind == "name" and what in known):
            yield f"brings in the {kind} '{what}'"


def _said(texts: Iterable[str]) -> frozenset[str]:
    found = set[str]()
    for text in texts:
        found.update(words(text))
        found.update(match[0].lower() for match in _CUSTOMS_NAME.finditer(text))
    return frozenset(found)


def as_unit(text: str, stands: Unit, knowledge: Knowledge) -> Unit | None:
    """The unit with another text, of the same kind and in the same place; None where it would be read otherwise."""
    if "\n" in text or stands.kind not in ("item", "task", "paragraph"):
        return None
    kind = "paragraph" if stands.kind == "paragraph" else "item"
    # What a list below it would make a label of is a paragraph by luck alone.
    read = parse(f"{text}\n\n- x\n" if kind == "paragraph" else f"- {text}\n- x\n", knowledge)
    units = [place.unit for place in walk_units(read.root)]
    if read.fields or read.root.sections or len(units) != 2 or units[0].text != text or units[0].children:
        return None
    if units[0].kind != kind:
        return None
    return replace(stands, text=text, source=text, lead="")
