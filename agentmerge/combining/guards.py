"""Which units that say the same may stand for each other: a lost number, name or `never` is worse than a repetition.

The alignment says what a curator would keep once. Dropping a text asks for more: nothing hard may go with it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from agentmerge import signs
from agentmerge.aligning import lexicon
from agentmerge.aligning.features import plain
from agentmerge.aligning.kinds import facet_of, is_identity
from agentmerge.aligning.matching import words
from agentmerge.aligning.opposites import opposed
from agentmerge.combining.entries import Entry, containers_of
from agentmerge.combining.outline import conditions, kind_of, negations, warns
from agentmerge.guardrails import holds_guardrail, listed_words
from agentmerge.knowledge import Knowledge
from agentmerge.memo import Kept
from agentmerge.model import VERBATIM, Unit, UnitKind
from agentmerge.parsing import relations

_NAME = re.compile(r"(?<![\w*])[A-Z][\w+#.]*[\w+#]|(?<![a-z])[a-z]+[A-Z]\w*")
_NUMBER = re.compile(
    r"\d[\d.,]*(?:\s?(?:%|ms|sec|s|min|h|kb|mb|gb|tb|px|seconds?|minutes?|hours?|days?|weeks?|months?)\b|\s?%)?"
    r"|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|forty|fifty|sixty|ninety|hundred|once|twice)\b",
    re.IGNORECASE,
)
_CODE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"https?://[^\s)>\]]+|\]\(([^)]{1,2000})\)|^\[[^\]]{1,500}\]:\s*(\S+)", re.MULTILINE)
_PATH = re.compile(r"(?<![\w/.:])(?:\.{1,2}|~)?/[\w.-]+/[\w./*-]+|(?<![\w/])[\w.-]{1,255}/[\w.-]{1,255}/[\w./*-]+")
_MARKS = re.compile(r"[*_]{2}")
_EXACT = frozenset({"table", "quote"}) | VERBATIM
"""Kinds of which only equal texts stand for each other."""
KEPT = 20_000
"""Texts that are remembered with what was read in them."""


def parts(members: Sequence[Entry], knowledge: Knowledge) -> list[list[Entry]]:
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
        place = next((n for n in range(start, len(numbers)) if _has_room(found[numbers[n]], member, knowledge)), None)
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


def _has_room(part: Sequence[Entry], member: Entry, knowledge: Knowledge) -> bool:
    first = part[0].unit
    is_copy = (member.unit.flow, member.unit.text) == (first.flow, first.text)
    if not is_copy and not keeps(part[0], member, knowledge):
        return False
    return all(_compatible(member, other, knowledge) for other in part)


def hard(member: Entry, knowledge: Knowledge) -> frozenset[str]:
    """What no paraphrase replaces: names, abbreviations, numbers, code and links of a text."""
    return knowledge.derived(_Reading).hard[member.unit.flow, member.unit.text]


def keeps(stands: Entry, given_up: Entry, knowledge: Knowledge) -> bool:
    """Whether a text has all that no paraphrase of another replaces; a name of one word may be written small in it."""
    missing = hard(given_up, knowledge) - hard(stands, knowledge)
    return not missing or missing <= frozenset(words(stands.unit.flow))


def facts(member: Entry) -> frozenset[str]:
    """The numbers, code, paths and links of a text."""
    return _facts(member.unit.flow, member.unit.text)


class _Reading:
    """What the tables make of single texts."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._signs, self._lexicon = signs.of(knowledge), lexicon.of(knowledge)
        self.hard = Kept(self._hard, KEPT)
        """What no paraphrase replaces, by the words of a unit and its lines."""
        self.sequence = Kept(self._sequence, KEPT)
        """Tokens of the words that say something, by text."""
        self._knowledge = knowledge
        self.members = Kept(self._members, KEPT)
        """The members that a text lists on its line, each with the label, by kind and text."""

    def _members(self, unit: tuple[UnitKind, str]) -> frozenset[tuple[str, str]]:
        kind, flow = unit
        listed = relations.in_line(Unit(kind, 0, 0, flow, flow), self._knowledge)
        return frozenset((_bare(each.label), _bare(member.text)) for each in listed for member in each.members)

    def _hard(self, unit: tuple[str, str]) -> frozenset[str]:
        flow, text = unit
        rest = signs.unsigned(_MARKS.sub("", flow)).partition(" ")[2]
        return _facts(flow, text) | _folded(_NAME.findall(rest)) | frozenset(self._said_by_signs(flow))

    def _said_by_signs(self, text: str) -> Iterator[str]:
        """What the signs of a text say but for the state of a task, which the task itself keeps."""
        return (f"sign {name}" for name in self._signs.told(text) if name not in ("open", "done"))

    def _sequence(self, text: str) -> tuple[str, ...]:
        known = self._lexicon
        return tuple(token for token in known.tokens(plain(text), known.language([text])) if token not in known.shaping)


@lru_cache(maxsize=KEPT)
def _facts(flow: str, lines: str) -> frozenset[str]:
    text = _MARKS.sub("", flow)
    # A link definition begins a line of the file, wrapped or not.
    links = (link for match in _LINK.finditer(lines) for link in (match[0], match[1] or "", match[2] or "") if link)
    return _folded([*_NUMBER.findall(text), *_CODE.findall(text), *_PATH.findall(text), *links])


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.lower().rstrip(".,").replace(" ", "") for name in names)


def _compatible(a: Entry, b: Entry, knowledge: Knowledge) -> bool:
    if a.file == b.file or (a.unit.kind == "task") != (b.unit.kind == "task"):
        # What one author says twice, they say twice: a step may come back in its procedure.
        return False
    if not _belong_together(a, b, knowledge):
        return False
    if _is_member(a, b, knowledge) or _is_member(b, a, knowledge):
        # One member would go, and the others stay: the list would be torn.
        return False
    if a.stance.against(b.stance) or _forbids_in_place(a, knowledge) != _forbids_in_place(b, knowledge):
        return False
    if (a.unit.text, a.unit.kind) == (b.unit.text, b.unit.kind) or _as_said(a, knowledge) == _as_said(b, knowledge):
        return True
    if a.unit.kind in _EXACT or b.unit.kind in _EXACT:
        return False
    if _forbids(a, knowledge) != _forbids(b, knowledge) or not _same_limits(a.unit.flow, b.unit.flow, knowledge):
        return False
    return _says_enough(a, b, knowledge) and _keeps_advice(a, b, knowledge)


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
    return bool(_content(a.under, knowledge) & _content(b.under, knowledge)) or a.under == b.under


def _is_member(a: Entry, b: Entry, knowledge: Knowledge) -> bool:
    """Whether a unit is one member of the enumeration that another is on its line, label and all."""
    if ":" not in b.unit.flow and "：" not in b.unit.flow:
        return False
    above = a.under or (a.path[-1].title if a.path else "")
    return (_bare(above), _bare(a.unit.flow)) in knowledge.derived(_Reading).members[b.unit.kind, b.unit.flow]


def _bare(text: str) -> str:
    return _MARKS.sub("", text).strip(" .:：`").lower()


def _says_enough(a: Entry, b: Entry, knowledge: Knowledge) -> bool:
    """Whether the one that says more says all that the other does, in the same words or their synonyms."""
    if is_identity(a.unit, knowledge) and is_identity(b.unit, knowledge):
        # There is room for one alone, whatever the others say.
        return True
    less, more = sorted((a.unit.flow, b.unit.flow), key=lambda text: (len(_content(text, knowledge)), text))
    if _is_turned(less, more, knowledge):
        return False
    if _content(less, knowledge) == _content(more, knowledge):
        return True
    # What more words say of a rule, of all cases or of a case limits it: the one with fewer of them reaches further.
    reaches_further = (
        holds_guardrail(less, knowledge)
        or bool(listed_words(less, "universal", knowledge=knowledge))
        or bool(conditions(less, knowledge))
    )
    return not reaches_further and _says(more, less, knowledge)


def _says(more: str, less: str, knowledge: Knowledge) -> bool:
    return bool(_content(less, knowledge)) and _content(less, knowledge) <= _content(more, knowledge)


def _is_turned(a: str, b: str, knowledge: Knowledge) -> bool:
    """Whether two texts ask for different things, or say the same of two things that changed places."""
    if _asked(a, knowledge) != _asked(b, knowledge):
        return True
    if not listed_words(a, "between", knowledge=knowledge) & listed_words(b, "between", knowledge=knowledge):
        return False
    both = _content(a, knowledge) & _content(b, knowledge)
    left, right = ([token for token in _sequence(text, knowledge) if token in both] for text in (a, b))
    return list(dict.fromkeys(left)) != list(dict.fromkeys(right))


def _asked(text: str, knowledge: Knowledge) -> list[str]:
    asking = knowledge.raw("identity")["asking"]["words"]
    return [word for word in words(text) if word in asking]


def _sequence(text: str, knowledge: Knowledge) -> tuple[str, ...]:
    """Tokens of the words that say something, without those that only shape a statement."""
    return knowledge.derived(_Reading).sequence[text]


def _content(text: str, knowledge: Knowledge) -> frozenset[str]:
    return frozenset(_sequence(text, knowledge))


def _forbids(member: Entry, knowledge: Knowledge) -> bool:
    """Whether a unit forbids: by its words, or by standing among pitfalls, where a negation turns it round again."""
    if member.stance.force == "forbid":
        return True
    kinds = knowledge.outline
    among = any(kinds[kind_of(section.title, knowledge)].facet == "prohibition" for section in member.path)
    return bool(negations(member.unit.flow, knowledge)) != (among and not holds_guardrail(member.unit.flow, knowledge))


def _forbids_in_place(member: Entry, knowledge: Knowledge) -> bool:
    """Whether a statement forbids, by its own words or by those above it: then the same text says something else."""
    if member.unit.kind not in ("item", "paragraph", "task"):
        return False
    if member.stance.force == "forbid":
        return True
    above = (*(section.title for section in member.path), member.under)
    return bool(negations(member.unit.flow, knowledge)) or any(warns(title, knowledge) for title in above)


def _keeps_advice(a: Entry, b: Entry, knowledge: Knowledge) -> bool:
    """Whether no topic would stand for advice: `Optimize queries with indexes` is more than a subject to know."""
    found = {facet_of(member.path, knowledge): member for member in (a, b)}
    if found.keys() != {"knowledge", "instruction"}:
        return True
    return len(_content(found["knowledge"].unit.flow, knowledge)) <= len(
        _content(found["instruction"].unit.flow, knowledge)
    )


def _same_limits(a: str, b: str, knowledge: Knowledge) -> bool:
    """Whether two texts hold in the same cases and are no opposites."""
    return conditions(a, knowledge) == conditions(b, knowledge) and opposed(a, b, knowledge) is None
