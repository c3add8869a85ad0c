"""A definition in, its sentences out, each with what binds in it: modal words, what is above it, steps, contracts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal, NamedTuple

from agentmerge.diffing.records import Spot
from agentmerge.knowledge import signs
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.features import facet_of, kind_of, place_of
from agentmerge.matching.pairwise import Bag, words
from agentmerge.matching.records import Member
from agentmerge.model import Definition, Section, Unit, per_definition, walk_units
from agentmerge.reading.containers import grammar
from agentmerge.rights import vocabulary
from agentmerge.text import lexicon

# Modality -------------------------------------------------------------------------------------------------------------
#
# How strongly a statement binds: the words of `data/modality.toml`, found in it.


Sign = Literal["forbid", "oblige", "permit"]

STRONG, MEDIUM, WEAK = 3, 2, 1
MAX_KNOWN = 50_000
"""Statements whose modal words are remembered: a review reads each definition once per pair."""

_LEVELS = {"strong": STRONG, "medium": MEDIUM, "weak": WEAK}
_SIGNS: tuple[Sign, ...] = ("forbid", "oblige", "permit")
_FIRST_GAPLESS = "\u3040"
"""Scripts from here on write words without gaps; before it none does that the table has words of."""
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u02bc": "'", "\u00b4": "'"})
_MARKS = re.compile(r"[*_`~]+(?=\S)|(?<=\S)[*_`~]+")
_CLOSING = " \t\n*_`~\"')]"
_WORD = re.compile(r"\w+(?:['-]\w+)*")
_QUOTES = re.compile(r"\"[^\"\n]+\"|“[^”\n]+”")
_LABEL = re.compile(r"\(\s*(?:must|should|could|may|can|shall|need to)[ -]\w+[^()]*\)", re.IGNORECASE)
MOST_LABELLED = 5
"""Words beside a label in parentheses of what it is put on: `Critical issues (must fix)`."""
LEAST_AROUND = 2
"""Words around a quotation from which on it is only quoted."""
_MODALITY_CASE = re.compile(r"\W*(?:if|when|where|whenever)\b[^,;:.]*\Z")
"""What stands before a word that tells in which case something is needed: `If examples are required, open it`."""
_WITH_SUBJECT = re.compile(
    r"\b(?:if|when|whenever|unless|until|once|while|where) (?:you|they|it|we|he|she|i)\b[^,.;:()–—]*\Z"
)
"""What stands before a word in a condition that has a subject: `when you like it and don't care`."""
_JOINING = frozenset({"and", "or", "but"})
_NOUN = re.compile(r" (?!to\b|for\b|that\b|when\b|before\b|after\b|if\b|in\b|on\b|and\b|or\b)\w")
"""A word that follows at once, of which the one before tells something: `mandatory fields`."""
_BEING = frozenset({"is", "are", "was", "were", "has", "have"})
_MONTH = re.compile(r"\bmay\s+\d")


class Modal(NamedTuple):
    """One word that binds, as it stands in a statement."""

    word: str
    strength: int
    """3 strong, 2 medium, 1 weak."""
    sign: Sign


class Modality:
    """Reads modal words; `remedies` are leads that mend what a section of pitfalls names."""

    def __init__(self, knowledge: Knowledge) -> None:
        raw = knowledge.raw("modality")
        rows = [
            (word, strength, sign)
            for level, strength in _LEVELS.items()
            for sign in _SIGNS
            for word in raw[level].get(sign, ())
        ]
        self._modals = {word: Modal(word, strength, sign) for word, strength, sign in reversed(rows)}
        self._phrases = _by_first_word(word for word in self._modals if not _is_gapless(word))
        self._leading: dict[str, Sign] = {word: sign for sign in _SIGNS for word in raw["leading"].get(sign, ())}
        self.remedies = frozenset(raw["remedies"]["leads"])
        self._orders, self._after, self._conditions = (
            frozenset(raw["orders"][row]) for row in ("words", "after", "conditions")
        )
        self._relatives, self._attributes, self._subjects, self._past, self._situations = (
            frozenset(raw["orders"][row]) for row in ("relatives", "attributes", "subjects", "past", "situations")
        )
        self._standing, self._states = (frozenset(raw["standing"][row]) for row in ("words", "states"))
        self._allowing = frozenset(raw["allowing"]["words"])
        self._verbs = frozenset(knowledge.raw("words")["asking"]["verbs"].split())
        self._loud = frozenset(raw["capitals"]["words"])
        self._describing = frozenset(raw["describing"]["titles"])
        self._announcing = frozenset(raw["announcing"]["forbid"])
        words = "|".join(map(re.escape, raw["exceptions"]["opens"]))
        self._except = re.compile(rf"\b(?:{words})\b[^.;:]*", re.IGNORECASE)
        self._praising = frozenset(raw["praising"]["titles"])
        self._exceptions = re.compile(rf"(?<!\w)(?:{_any(map(str.lower, raw['exceptions']['passages']))})(?!\w)")
        self.limits: tuple[str, ...] = tuple(f"{word} " for word in raw["limits"]["words"])
        self.limits_of_prohibitions = (*self.limits, *(f"{word} " for word in raw["limits"]["forbid"]))
        self._hedges = re.compile(rf"(?<!\w)(?:{_any(raw['hedges']['words'])})(?!\w)")
        self.universal = frozenset(knowledge.raw("words")["quantifier"]["universal"])
        self._known: dict[str, tuple[Modal, ...]] = {}

    def read(self, text: str) -> tuple[Modal, ...]:
        """The modal words of a statement, in order; Markdown's marks do not hide them."""
        found = self._known.get(text)
        if found is None:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            found = self._known[text] = tuple(self._read(text))
        return found

    def hedges(self, folded: str) -> frozenset[str]:
        """The words that take from a rule what it binds, in the words of its sentence."""
        return frozenset(self._hedges.findall(folded))

    def describes(self, title: str) -> bool:
        """Whether the items below a heading describe what goes wrong and ask for nothing."""
        return not self._describing.isdisjoint(_WORD.findall(title.lower()))

    def is_label(self, modals: Sequence[Modal]) -> bool:
        """Whether all that binds is a word that is put before a thing: `REQUIRED SKILL: use it`."""
        return bool(modals) and all(modal.word in self._attributes for modal in modals)

    def announced(self, text: str) -> Modal | None:
        """What a lead that says nothing else lays on what stands below it: `**Will NOT**:`."""
        words = " ".join(_WORD.findall(text.lower().translate(_APOSTROPHES)))
        return Modal(words, STRONG, "forbid") if words in self._announcing else None

    def excepted(self, text: str, before: str) -> str:
        """What an exception of a prohibition takes out of it beyond what it did; "" where it says the same or less."""
        new, old = (self._except.search(one) for one in (text, before))
        if new is None or old is None or text[: new.start()] != before[: old.start()]:
            return ""
        there = set(_WORD.findall(old[0].lower()))
        more = [word for word in _WORD.findall(new[0]) if word.lower() not in there]
        return " ".join(more) if more and there <= set(_WORD.findall(new[0].lower())) else ""

    def praises(self, title: str) -> bool:
        """Whether the text below a heading tells what is good about something."""
        return not self._praising.isdisjoint(_WORD.findall(title.lower()))

    def among_pitfalls(self, modals: Iterable[Modal], *, described: bool) -> tuple[Modal, ...]:
        """Modal words of an item in a section of prohibitions: the word that it begins with forbids there.

        It forbids nothing where the section only describes what goes wrong, and what mends it there binds mildly.
        """
        kept = [
            modal if modal.word in self._modals else modal._replace(strength=STRONG)
            for modal in modals
            if modal.word in self._modals or not described
        ]
        return tuple(
            one._replace(strength=min(one.strength, MEDIUM)) if described and one.sign == "oblige" else one
            for one in kept
        )

    def _read(self, text: str) -> Iterator[Modal]:
        if ":" not in text and text.rstrip(_CLOSING).endswith(("?", "？")):
            return
        written = _in_use(_MARKS.sub("", text.translate(_APOSTROPHES)))
        plain = written.lower()
        plain = _MONTH.sub(" ", self._exceptions.sub(" ", plain))
        matches = list(_WORD.finditer(plain))
        words = [match[0] for match in matches]
        if len(words) > 1 and words[0] in self._leading and not self._phrase(words, 0):
            sign = self._leading[words[0]]
            loud = words[0].upper() in _WORD.findall(written)[:1] if sign == "forbid" else not self._is_fact(words)
            yield Modal(words[0], STRONG if loud else MEDIUM, sign)
        at = 0
        while at < len(words):
            phrase = self._phrase(words, at) if words[at] in self._phrases else ()
            if phrase:
                adjacent = at > 0 and plain[matches[at - 1].end() : matches[at].start()].isspace()
                before = words[max(at - 2, 0) : at] if adjacent else []
                end = matches[at + len(phrase) - 1].end()
                joins = bool(before) and before[-1] in _JOINING
                in_case = joins and _WITH_SUBJECT.search(plain[: matches[at].start()]) is not None
                found = self._as_written(self._modals[" ".join(phrase)], before, written, in_case=in_case)
                if found.word in self._attributes and _NOUN.match(plain, end) and found.word.upper() not in written:
                    found = found._replace(strength=min(found.strength, MEDIUM))
                is_needed = (
                    found.word.endswith("required") and _MODALITY_CASE.match(plain[: matches[at].start()]) is not None
                )
                if not is_needed and not self._is_told(
                    found.word, before, words[at + len(phrase) : at + len(phrase) + 1]
                ):
                    yield found
            at += max(len(phrase), 1)
        if _is_gapless(plain):
            yield from (self._modals[match[0]] for match in self._gapless.finditer(plain))

    def _as_written(self, modal: Modal, before: Sequence[str], written: str, *, in_case: bool) -> Modal:
        """A word as strong as its place makes it: milder in a statement or a condition, stronger in capitals."""
        stated = bool(before) and (before[-1] not in self._after or before[0] in self._conditions)
        if (stated or in_case) and modal.word in self._orders:
            return modal._replace(strength=MEDIUM)
        if modal.word in self._loud and modal.word.upper() in written:
            return modal._replace(strength=STRONG)
        return modal

    def _is_told(self, word: str, before: Sequence[str], behind: Sequence[str]) -> bool:
        """Whether a word that forbids tells what something is like, or what happened: `You never saw it fail`."""
        if word in self._standing:
            return bool(behind) and behind[0] in self._states
        if word not in self._orders or not before:
            return False
        is_situation = bool(behind) and behind[0] in self._situations and before[0] not in self._conditions
        happened = bool(behind) and (behind[0] in self._past or is_situation or behind[0].endswith("ed"))
        return before[-1] in self._relatives or (before[-1] in self._subjects and happened)

    def _is_fact(self, words: Sequence[str]) -> bool:
        """Whether `only` begins what is so, and no order: `Only these keys are set`, not `Only edit what is listed`."""
        at = next((n for n, word in enumerate(words) if word in _BEING), 0)
        return (
            at > 1
            and words[1] not in self._verbs
            and words[at - 1] not in self._relatives | self._subjects
            and self._allowing.isdisjoint(words[at + 1 : at + 4])
        )

    @cached_property
    def _gapless(self) -> re.Pattern[str]:
        return re.compile(_any(word for word in self._modals if _is_gapless(word)) or r"(?!)")

    def _phrase(self, words: Sequence[str], at: int) -> tuple[str, ...]:
        """The longest phrase of the table that begins at a word."""
        return next((p for p in self._phrases.get(words[at], ()) if tuple(words[at : at + len(p)]) == p), ())


def _in_use(text: str) -> str:
    """A statement without what it only quotes (`She said "I don't believe you"`), or puts a label on (`(must fix)`)."""
    bare = _LABEL.sub(" ", text)
    if bare != text and len(_WORD.findall(bare)) <= MOST_LABELLED:
        return bare
    if '"' not in text and "“" not in text:
        return text
    outside = _QUOTES.sub(" ", text)
    return outside if len(_WORD.findall(outside)) >= LEAST_AROUND else text


def _is_gapless(text: str) -> bool:
    return max(text, default="") >= _FIRST_GAPLESS


def _by_first_word(words: Iterable[str]) -> dict[str, list[tuple[str, ...]]]:
    """Phrases by their first word, the longest first."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for word in sorted(words, key=lambda word: (-len(word.split()), word)):
        found.setdefault(word.split()[0], []).append(tuple(word.split()))
    return found


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


def modality(knowledge: Knowledge) -> Modality:
    """The reader that knows these tables."""
    return knowledge.derived(Modality)


# Clauses --------------------------------------------------------------------------------------------------------------
#
# A definition sentence by sentence, with what binds in each: its own modal words, and what stands above it.


PITFALL = "a section of pitfalls"
"""Stands for the word that binds, where that is the place of an item alone."""

WRAPPED = 50
"""Length from which a line without an end looks wrapped."""

MOST_STRESSING = 4
"""Words beside the one that binds, of a sentence that only stresses another one."""

_SENTENCE = re.compile(r"(?<=[.!?])(?<!\.\.\.)(?<!\|\d\.)(?<!\|\s\d\.)[\"')\]*_`]*\s+(?=[^\sa-z])|(?<=[。！？])")
_OPENS = re.compile(r"\s*(?:[-*+•>|#]|\d+[.)]|\*\*|\Z)")
_ENDS = frozenset(".!?:;。！？：；|")
_NOTED = re.compile(r"(\[\^[^\[\]\s]+\])(:?)")
"""The mark of a footnote; with a colon behind it what it says follows."""
_MARKUP = re.compile(r"[*_`~]+(?=\S)|(?<=\S)[*_`~]+|<[^<>\n]{1,40}>")
_STRUCK = re.compile(r"~~(?=\S).+?(?<=\S)~~[.!]?", re.DOTALL)
"""What its author crossed out."""
_CASE = re.compile(r"\W*(?:if|when|once|after|before)\b", re.IGNORECASE)
_PROMPT_LANGUAGES = frozenset({"", "text", "txt", "markdown", "md", "prompt", "xml"})
_FILLERS = re.compile(r"\W+")
_STRENGTHS = {"strong": STRONG, "medium": MEDIUM}


class Clause(NamedTuple):
    """One sentence of a unit."""

    file: int
    unit: Unit
    home: int
    """Line of the section that it stands in, 0 for the root."""
    path: str
    text: str
    modals: tuple[Modal, ...]
    above: Modal | None
    """What its section or the item above it lays on it: `You must never:`, a section of pitfalls."""
    strength: int
    """Of the strongest word that forbids or obliges it, 0 for none."""
    forbids: bool
    folded: str
    """Its words in lower case, for equality."""
    told: tuple[str, ...]
    """What the signs in it mean, but for the state of a task."""
    bag: Bag
    is_signed_above: bool
    """Whether the sign of a heading or of an item above it lays something on it."""
    asks_by_sign: bool
    """Whether a sign of its own is all that asks for it."""
    mentioned: bool = False
    """Whether it is only spoken of: quoted as an older version or a bad example, or below such a heading."""

    @property
    def is_guardrail(self) -> bool:
        return self.strength >= MEDIUM

    @property
    def spot(self) -> Spot:
        return Spot(self.file, self.unit.line, self.text)


def clauses_of(file: int, definition: Definition, knowledge: Knowledge) -> Sequence[Clause]:
    """Every sentence of a definition's body, in order; code in a programming language is none."""
    return _known(definition, file, knowledge)


def new_clauses(file: int, definition: Definition, before: Definition, knowledge: Knowledge) -> list[Clause]:
    """The sentences of a definition whose words an earlier one does not have.

    Units that both have are passed over unread: of many files that changed a little, little is kept.
    """
    known = {one.unit.flow for one in walk_units(before.root) if is_prose(one.unit)}
    fresh = frozenset(one.unit.flow for one in walk_units(definition.root)) - known
    if not fresh:
        return []
    found = [one for one in _clauses(file, definition, knowledge, fresh) if one.folded]
    old = _said(before, knowledge) if found else frozenset()
    return [one for one in found if one.folded not in old]


def _said(definition: Definition, knowledge: Knowledge) -> frozenset[str]:
    """The words of every sentence, without what binds in it."""
    flows = (place.unit.flow for place in walk_units(definition.root) if is_prose(place.unit))
    texts = (text for flow in flows for text in sentences(_STRUCK.sub("", flow), knowledge))
    footnotes = _footnotes(definition)
    return frozenset(_folded(_plain(text, footnotes, knowledge)) for text in texts)


def _footnotes(definition: Definition) -> Mapping[str, str]:
    """What each footnote says, by its mark."""
    units = (place.unit for place in walk_units(definition.root) if place.unit.label.startswith("^"))
    return {f"[{unit.label.lower()}]": unit.flow.partition("]:")[2].strip() for unit in units}


def _plain(text: str, footnotes: Mapping[str, str], knowledge: Knowledge) -> str:
    """A sentence with what its footnotes say: that is a part of it, and often its exemption; the labels say nothing."""
    noted = _NOTED.sub(lambda match: f" {footnotes.get(match[1].lower(), '')} " if not match[2] else "", text)
    bare = vocabulary.bare_tools(noted, knowledge) if "/" in noted else noted
    return _MARKUP.sub("", signs.of(knowledge).without(bare))


def _folded(plain: str) -> str:
    return " ".join(_FILLERS.sub(" ", plain.lower()).split())


@per_definition
def _known(definition: Definition, file: int, knowledge: Knowledge) -> Sequence[Clause]:
    if file:
        # Of a chain of versions each is the second one, and then the first one.
        return [clause._replace(file=file) for clause in _known(definition, 0, knowledge)]
    return [clause for clause in _clauses(file, definition, knowledge) if clause.folded]


def _clauses(
    file: int, definition: Definition, knowledge: Knowledge, only: frozenset[str] | None = None
) -> Iterator[Clause]:
    """The sentences of all units, or of those that say one of some texts."""
    reader, known, stances = modality(knowledge), signs.of(knowledge), signs.stances(definition, knowledge)
    mentions, footnotes = knowledge.derived(_Mentions), _footnotes(definition)
    for place in walk_units(definition.root):
        if not is_prose(place.unit) or (only is not None and place.unit.flow not in only):
            continue
        stance = stances.get(place.unit.line, signs.PLAIN)
        above = _signed_above(place.path, stance, knowledge) or _above(place.path, place.parents, place.unit, knowledge)
        path = " / ".join(section.title for section in place.path)
        home = place.path[-1].line if place.path else 0
        below = mentions.titles_of_what_is_shown(place.path)
        of_expertise = place_of(place.path, knowledge) == "expertise"
        praised = any(reader.praises(section.title) for section in place.path)
        for number, text in enumerate(sentences(_STRUCK.sub("", place.unit.flow), knowledge)):
            # Of an item among pitfalls the first sentence names the pitfall; the others explain or mend it.
            over = above if number == 0 or above is None or not _names_one(above, knowledge) else None
            plain = _plain(text, footnotes, knowledge)
            folded = _folded(plain)
            modals = reader.read(text)
            if over is not None and over.word == PITFALL:
                described = any(reader.describes(one.title) for one in place.path)
                modals = reader.among_pitfalls(modals, described=described)
            own = (stance if number == 0 else known.own(text)) if place.unit.kind != "code" else signs.PLAIN
            if own.force and not own.above:
                modals, over = _signed(own, modals, over)
            mentioned = below or mentions.opens(text)
            strength, forbids = (0, False) if mentioned else _bound([*modals, over] if over else modals)
            # What stands in a block is mostly the form of an output, and binds its text alone.
            if place.unit.kind == "code" or (strength > MEDIUM and _says_nothing(folded, modals, knowledge)):
                strength = min(strength, MEDIUM)
            if praised and strength <= MEDIUM:
                strength, forbids = 0, False
            if of_expertise and not forbids and _is_of_things(folded, modals):
                # What an expert knows of things (`content must be clear`) asks little of the agent.
                strength = min(strength, MEDIUM)
            told = known.told(known.said(text))
            bag = Bag(words(plain))
            signed = over is not None and over.word in known.meaning
            asks = any(one.sign == "oblige" and one.word in known.meaning for one in modals)
            yield Clause(
                file,
                place.unit,
                home,
                path,
                text,
                modals,
                over,
                strength,
                forbids,
                folded,
                told,
                bag,
                signed,
                asks,
                mentioned,
            )


def _is_of_things(folded: str, modals: Sequence[Modal]) -> bool:
    """Whether a sentence has a subject of its own that is not the agent: `Content must be clear`."""
    return " you " not in f" {folded} " and not any(folded.startswith(modal.word) for modal in modals)


def _says_nothing(folded: str, modals: Sequence[Modal], knowledge: Knowledge) -> bool:
    """Whether a sentence only stresses another one: `This is non-negotiable.`"""
    known = lexicon.of(knowledge)
    binding = {word for modal in modals for word in re.split(r"\W", modal.word)}
    words = [word for word in folded.split() if word not in binding]
    return len(words) <= MOST_STRESSING and not known.tokens(" ".join(words), "en")


class _Mentions:
    """What says that a statement is only spoken of, by `[mention]` of `data/actions.toml`."""

    def __init__(self, knowledge: Knowledge) -> None:
        raw = knowledge.raw("actions")["mention"]
        opens, titles = (
            "|".join(re.escape(word) for word in sorted(raw[row], key=len, reverse=True)) for row in ("opens", "titles")
        )
        self._opens = re.compile(rf"\W*(?:{opens})(?!\w)[^:：\"“`]{{0,60}}[:：\"“]", re.IGNORECASE)
        self._titles = re.compile(rf"(?<!\w)(?:{titles})(?!\w)", re.IGNORECASE)

    def opens(self, text: str) -> bool:
        """Whether a sentence shows what follows, as in `An older version said: "..."`."""
        return self._opens.match(text) is not None

    def titles_of_what_is_shown(self, path: Sequence[Section]) -> bool:
        """Whether a statement stands below a heading of what is shown or holds no longer."""
        return any(self._titles.search(section.title) is not None for section in path)


def _names_one(above: Modal, knowledge: Knowledge) -> bool:
    """Whether what stands above an item speaks of its first sentence alone."""
    return above.word == PITFALL or above.word in signs.of(knowledge).meaning


def _signed(own: signs.Stance, modals: tuple[Modal, ...], over: Modal | None) -> tuple[tuple[Modal, ...], Modal | None]:
    """The words that bind a sentence with a sign, and what is left of what stands above it.

    A sign says no more than the words do where they forbid or ask themselves: `❌ Never push` is `Never push`.
    """
    if over is not None and (over.word == PITFALL or (over.sign == "forbid" and own.force == "demand")):
        over = None
    if own.force == "forbid":
        said = any(modal.sign == "forbid" for modal in (*modals, *filter(None, [over])))
        sign: Sign = "forbid"
    else:
        said, sign = bool(modals) or over is not None, "oblige"
    return modals if said else (Modal(own.sign, _STRENGTHS[own.strength], sign), *modals), over


def _signed_above(path: Sequence[Section], stance: signs.Stance, knowledge: Knowledge) -> Modal | None:
    """What a forbidding sign of a heading or an item lays on what stands below; a list of mistakes binds mildly."""
    if not stance.above or stance.force != "forbid":
        return None
    if any(modality(knowledge).describes(section.title) for section in path):
        return Modal(PITFALL, MEDIUM, "forbid")
    return Modal(stance.sign, _STRENGTHS[stance.strength], "forbid")


def _bound(modals: Sequence[Modal]) -> tuple[int, bool]:
    """How strongly words bind, and whether one of them forbids."""
    strength = max((modal.strength for modal in modals if modal.sign != "permit"), default=0)
    return strength, any(modal.sign == "forbid" for modal in modals)


def is_prose(unit: Unit) -> bool:
    """Whether a unit is read sentence by sentence."""
    if unit.kind in ("comment", "example", "raw"):
        # Hosts cut comments out, and a reader takes them for notes; examples and formulas order nothing.
        return False
    return unit.kind != "code" or unit.language.split(" ")[0].lower() in _PROMPT_LANGUAGES


def sentences(text: str, knowledge: Knowledge) -> list[str]:
    """The sentences, lines and elements of a text, as written; lines that were only wrapped are one."""
    lines = (part for line in _unwrapped(text, knowledge) for part in _of_elements(line, knowledge))
    return [part.strip() for line in lines for part in _SENTENCE.split(line) if part.strip()]


def _of_elements(line: str, knowledge: Knowledge) -> list[str]:
    """What stands in several elements on one line says one thing each: `<item>a</item><item>b</item>`."""
    said = grammar(knowledge).said(line) if line.startswith("<") and "</" in line else []
    return said if len(said) > 1 else [line]


def _unwrapped(text: str, knowledge: Knowledge) -> list[str]:
    lines: list[list[str]] = []
    for line in text.split("\n"):
        opens = _OPENS.match(line) is not None or signs.of(knowledge).bullet(line) is not None
        if lines and _is_wrapped(lines[-1][-1]) and not opens:
            lines[-1].append(line)
        else:
            lines.append([line])
    return ["\n".join(joined) for joined in lines]


def _is_wrapped(line: str) -> bool:
    return len(line) >= WRAPPED and line.rstrip()[-1:] not in _ENDS


def facet(member: Member, knowledge: Knowledge) -> str:
    """`facet_of` for the place of a unit, or for a section and what it stands in."""
    return facet_of((*member.path, member.node) if isinstance(member.node, Section) else member.path, knowledge)


def _above(path: Sequence[Section], parents: Sequence[Unit], unit: Unit, knowledge: Knowledge) -> Modal | None:
    """What binds a unit from above: the nearest item or heading that announces it, or a section of prohibitions."""
    # "You must follow these steps:" says of each step, and of what it is made of, only that it is one.
    stepwise = any(one.ordinal is not None for one in (unit, *parents)) or _is_procedure(path, knowledge)
    for parent in reversed(parents):
        if parent.flow.rstrip().endswith((":", "：")) and (
            found := _announced(parent.flow, knowledge, stepwise=stepwise)
        ):
            return found
    if unit.kind not in ("item", "task"):
        return None
    # A mistake that has a heading of its own ("No confirmation") announces nothing of what stands below it.
    found = _announced(path[-1].title, knowledge, stepwise=stepwise) if path else None
    if found and not (
        _names_more(path[-1].title, found) and any(modality(knowledge).describes(s.title) for s in path[:-1])
    ):
        return found
    if facet_of(path, knowledge) == "prohibition" and _names_pitfall(path, unit, parents, knowledge):
        return Modal(PITFALL, MEDIUM, "forbid")
    return None


def _names_more(title: str, modal: Modal) -> bool:
    return _folded(title) != _folded(modal.word)


def _names_pitfall(path: Sequence[Section], unit: Unit, parents: Sequence[Unit], knowledge: Knowledge) -> bool:
    titles = (unit.lead, path[-1].title)
    if _CASE.match(path[-1].title):
        # What to do in a case ("If the reviewer finds issues:") is no list of what goes wrong.
        return False
    return not parents and not any(title.strip(" :").lower() in modality(knowledge).remedies for title in titles)


def _is_procedure(path: Sequence[Section], knowledge: Knowledge) -> bool:
    return bool(path) and kind_of(path[-1].title, knowledge) == "workflow"


def _announced(text: str, knowledge: Knowledge, *, stepwise: bool) -> Modal | None:
    signs: tuple[Sign, ...] = ("forbid",) if stepwise else ("forbid", "oblige")
    found = [
        m for m in modality(knowledge).read(sentences(text, knowledge)[-1] if text.strip() else "") if m.sign in signs
    ]
    return next((m for m in found if m.strength == STRONG), found[0] if found else modality(knowledge).announced(text))


# Contracts ------------------------------------------------------------------------------------------------------------
#
# What belongs to a contract: formats, deliverables, checklists, definitions of done.


FACETS = frozenset({"deliverable", "check"})


def noun(member: Member, knowledge: Knowledge) -> str:
    """What a part of a contract is called."""
    return {"check": "check", "deliverable": "deliverable"}.get(facet(member, knowledge), "check")


def is_contract(member: Member, knowledge: Knowledge) -> bool:
    """Whether a unit is a task, or stands where outputs or checks are listed."""
    return facet(member, knowledge) in FACETS or (isinstance(member.node, Unit) and member.node.kind == "task")


# Steps ----------------------------------------------------------------------------------------------------------------
#
# What counts as a step of a procedure: an item, or a section that is called one.


LISTS = frozenset({"expertise", "inputs", "identity", "principles", "references", "constraints", "notes"})
"""Kinds of sections whose items are no steps, numbered or not."""

_STEP_TITLE = re.compile(r"(?:(?:step|phase|stage)\s+[\divx]+|\d+[.):])(?:\W|$)", re.IGNORECASE)


def is_step_section(member: Member, knowledge: Knowledge) -> bool:
    """Whether a section is a step by its title: `Step 3`, or a numbered one in a procedure."""
    in_procedure = any(kind_of(section.title, knowledge) == "workflow" for section in member.path)
    return bool(_STEP_TITLE.match(member.text)) and (in_procedure or member.text.lower().startswith(("step", "phase")))


def is_step(member: Member, knowledge: Knowledge) -> bool:
    """Whether a unit is a step of a procedure: a numbered item, or an item of a section that is one."""
    unit = member.node
    if not isinstance(unit, Unit) or unit.kind not in ("item", "task"):
        return False
    place = _place(member, knowledge)
    return place == "workflow" or (unit.ordinal is not None and place not in LISTS)


def _place(member: Member, knowledge: Knowledge) -> str:
    """The kind of the nearest section above a unit that is of one; "" for none."""
    outline = knowledge.outline
    return next((k for one in reversed(member.path) if (k := kind_of(one.title, knowledge)) in outline), "")
