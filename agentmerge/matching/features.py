"""A unit or a title in, what the scorer needs of it out: kind, tier, core, circumstances, facet, hard evidence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from agentmerge.errors import PolicyError
from agentmerge.knowledge import signs
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching import constants
from agentmerge.matching.records import Member
from agentmerge.model import VERBATIM, Definition, Place, Section, Unit, per_definition, walk_sections, walk_units
from agentmerge.text import lexicon, similarity
from agentmerge.text.lexicon import Lexicon
from agentmerge.text.paths import like
from agentmerge.text.shapes import Block
from agentmerge.text.similarity import Vector, letters

# Kinds ----------------------------------------------------------------------------------------------------------------
#
# What a section is for: its kind in the canonical outline, read from its title; and who an agent is said to be.


_NUMBERING = re.compile(r"^(?:(?:step|phase|part|section)\s+)?[\divx]{1,4}[.):]\s+")
_JUNK = re.compile(r"[^\w\s/+#]+")


def normal_title(title: str) -> str:
    """A title in lower case without numbering, punctuation and emoji."""
    title = _NUMBERING.sub("", title.lower().replace("&", " and ").strip())
    return " ".join(_JUNK.sub(" ", title).split())


def kind_of(title: str, knowledge: Knowledge) -> str:
    """Name of the outline's kind that a title belongs to, "" where it names a subject only.

    A whole title wins over a pattern, a longer pattern over a shorter one.
    """
    return knowledge.derived(_Index).find(title)


def facet_of(path: Sequence[Section], knowledge: Knowledge) -> str:
    """What the units below these sections are, by the outline: deliverable, check, prohibition ...; "" for no kind."""
    outline = knowledge.outline
    for section in reversed(path):
        kind = outline.get(kind_of(section.title, knowledge))
        if kind and kind.facet:
            return kind.facet
    return ""


_FRAMES = frozenset({"", "topics", "identity"})
"""Kinds that say nothing of what stands below."""


def place_of(path: Sequence[Section], knowledge: Knowledge) -> str:
    """The kind of the nearest of these sections whose title says what its units are for; "" for none."""
    return next((kind for section in reversed(path) if (kind := kind_of(section.title, knowledge)) not in _FRAMES), "")


def is_identity(unit: Unit, knowledge: Knowledge) -> bool:
    """Whether a paragraph says who the agent is."""
    phrases = knowledge.raw("identity")["opening"]["phrases"]
    return unit.kind == "paragraph" and unit.flow.lstrip("*_> ").lower().startswith(tuple(phrases))


def identity_of(definition: Definition, knowledge: Knowledge) -> str:
    """The first paragraph that says who the agent is; "" for none."""
    units = (place.unit for place in walk_units(definition.root))
    return next((unit.flow for unit in units if is_identity(unit, knowledge)), "")


class _Index:
    def __init__(self, knowledge: Knowledge) -> None:
        self.whole: dict[str, str] = {}
        self.patterns: list[tuple[str, str, str, str]] = []
        """Start and end of what a pattern matches, the pattern, and the kind."""
        rows = [(alias, kind.name) for kind in knowledge.outline.values() for alias in kind.aliases]
        shipped = knowledge.shipped_aliases
        # A user's row wins over a shipped one, a longer pattern over a shorter.
        rows.sort(key=lambda row: row in shipped)
        for alias, name in sorted((row for row in rows if "*" in row[0]), key=lambda row: -len(row[0])):
            pattern = normal_title(alias.replace("*", "qqq")).replace("qqq", "*")
            self.patterns.append((pattern.partition("*")[0], pattern.rpartition("*")[2], pattern, name))
        for alias, name in rows:
            if "*" not in alias:
                self.whole.setdefault(normal_title(alias), name)
        self.known: dict[str, str] = {}

    def find(self, title: str) -> str:
        known = self.known.get(title)
        if known is None:
            plain = normal_title(title)
            matching = (
                name
                for start, end, pattern, name in self.patterns
                if plain.startswith(start) and plain.endswith(end) and like(pattern, plain)
            )
            known = self.known[title] = self.whole.get(plain) or next(matching, "")
        return known


# Tiers ----------------------------------------------------------------------------------------------------------------
#
# Headings that are part of what stands below them: `Allowed` and `Not allowed`, `Before you start`, `Staging`.
#
# The table is `data/tiers.toml`.


class Tier(NamedTuple):
    """What a heading says of the statements below it."""

    axis: str
    """permission, gate, stage, or a row of a user's."""
    name: str
    title: str
    """The heading, as its author wrote it."""

    def is_other(self, other: Tier) -> bool:
        """Whether two tiers are different ones of one axis."""
        return self.axis == other.axis and self.name != other.name


class Tiers:
    """The table, ready for reading. PolicyError for a conflict that is not of two tiers."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._titles: dict[str, tuple[str, str]] = {}
        self._conflicts: set[tuple[str, frozenset[str]]] = set()
        for axis, row in knowledge.raw("tiers").items():
            tiers: Mapping[str, Sequence[str]] = row["tiers"]
            self._titles.update(
                (normal_title(title), (axis, name)) for name, titles in tiers.items() for title in titles
            )
            for pair in row.get("conflicts", ()):
                names = frozenset(part.strip() for part in pair.split("/"))
                if len(names) != 2 or not names <= tiers.keys():
                    raise PolicyError(f"'{pair}' names no two tiers of '{axis}'", remedy="write TIER / TIER")
                self._conflicts.add((axis, names))

    def of_title(self, title: str) -> Tier | None:
        """The tier that a heading names, if it names one."""
        found = self._titles.get(normal_title(title))
        return Tier(*found, title.strip()) if found is not None else None

    def of_path(self, path: Sequence[Section]) -> tuple[Tier, ...]:
        """The tiers that some headings, outermost first, lay on what stands below: of each axis the nearest one."""
        found: dict[str, Tier] = {}
        for section in path:
            tier = self.of_title(section.title)
            if tier is not None:
                found[tier.axis] = tier
        return tuple(found[axis] for axis in sorted(found))

    def conflict(self, one: Tier, other: Tier) -> bool:
        """Whether no action can be in both tiers."""
        return one.axis == other.axis and (one.axis, frozenset((one.name, other.name))) in self._conflicts


def of(knowledge: Knowledge) -> Tiers:
    """The tiers that are known."""
    return knowledge.derived(Tiers)


def parted(left: Sequence[Tier], right: Sequence[Tier]) -> Iterator[tuple[Tier, Tier]]:
    """The tiers by which two statements say different things, whatever their words."""
    return ((one, other) for one in left for other in right if one.is_other(other))


# Features -------------------------------------------------------------------------------------------------------------
#
# What the scorer needs to know of a unit: its core, its circumstances, its parts, its facet and its hard evidence.


MAX_HEAD_WORDS = 6
"""Words before a colon; more are a clause."""
MAX_KNOWN = 20_000
"""Texts whose features are kept: variants of one file, and the versions of its history, have most of them in common."""
_LEAD = re.compile(r"(\*\*|__)(?=\S)(?P<lead>.+?)(?<=\S)\1(?P<sign>[ \t]*(?:[:：]|[-–—]+[ \t]|\Z))?")
_HEAD = re.compile(r"(?P<head>[^.:：\n]{2,70}?)(?:[:：]\s|\s[-–—]+\s)(?=\S)")
# Bounded: a line of a hundred thousand brackets would else be read to its end from each of them.
_MARKUP = re.compile(
    r"!?\[([^\]]{0,500})\]\([^)]{0,2000}\)|<[^>\s][^>]{0,500}>|https?://\S+|[*`~]{1,3}(?=\S)|(?<=\S)[*`~]{1,3}"
)
_UNDERSCORED = re.compile(r"(?<!\w)(_{1,3})(?=[^\W_])([^_\n]{1,200}?)(?<=[^\s_])\1(?![\w.])")
_MARKS = ("*", "`", "[", "<", "~", "://")
"""What every match of that pattern holds one of."""
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？；])|\n+")
# These read lowered text: patterns that ignore case take three times as long to compile.
_CLAUSE = re.compile(r"[.;:!?。；：()\n](?:\s|\Z)|,\s|\s[-–—]+\s")
_DIGIT = re.compile(r"\d")
_QUANTITY = re.compile(
    r"(?P<sign>[<>≤≥]=?|\b(?:under|below|over|above|at least|at most|up to|more than|less than|minimum|maximum|max|min)"
    r"\s)?\s*"
    r"(?<![\w.])(?P<value>\d+(?:[.,]\d+)*)\s*(?P<measure>%|[a-z]+)?(?P<more>\+)?"
)
_QUOTED = re.compile(r"\s*[\"“'‘].+[\"”'’]\s*\Z", re.DOTALL)
_LESS = re.compile(r"[<≤]|under|below|at most|up to|less than|max")


class Quantity(NamedTuple):
    """A number with its unit of measure."""

    value: str
    measure: str
    bound: str
    """`<`, `>` or "" for neither."""
    about: frozenset[str]
    """Tokens of the clause that it stands in, without numbers."""

    def same(self, other: Quantity) -> bool:
        """Whether another quantity says the same, whatever it is about."""
        return (self.value, self.measure) == (other.value, other.measure)

    def __str__(self) -> str:
        return f"{self.bound}{self.value}{self.measure}"


class Form(NamedTuple):
    """What a statement is by its form, whatever it is about."""

    asks: bool = False
    """Whether it opens with a verb that asks for something."""
    wonders: bool = False
    """Whether it is a question."""
    introduces: bool = False
    """Whether it ends in a colon: what it says comes below."""
    names_agent: bool = False
    """Whether another agent stands in it: then it says who does something."""


class Features(NamedTuple):
    """A unit as the scorer sees it."""

    member: Member
    kind: str
    """Kind of the unit."""
    language: str
    tokens: Mapping[str, float]
    """Share with which each token counts: 1 in the core, less in the circumstances."""
    core: frozenset[str]
    content: frozenset[str]
    """The core without shaping words."""
    ambient: frozenset[str]
    """Tokens of the headings and items above."""
    section: int
    """Number of the section that it stands in, over all variants."""
    facet: str
    forbids: bool
    quantities: tuple[Quantity, ...]
    words: str
    """Text in lower case with single spaces, for equality."""
    scope: str
    """`all` for a statement about everything, `some` for one about a part, "" for neither."""
    orders: bool
    """Whether it forbids in so many words, whatever the section."""
    letters: int
    """The runs of three letters of its words."""
    stance: signs.Stance
    """What a sign lays on it: ❌ forbids, ✅ asks for, 🔴 is a grade."""
    told: tuple[str, ...]
    """What the signs in it mean, in order and wherever they stand."""
    first: str
    """Token of the first word of the core that does not only forbid: the act of an instruction."""
    opener: str
    """That word as it is written, in lower case."""
    act: frozenset[str]
    """What a prohibition forbids: its core without the words that only forbid."""
    excepted: frozenset[str]
    """Tokens of what stands behind `without` or the like, and nowhere else in it."""
    place: str
    """Kind of the nearest heading above that names one."""
    form: Form
    direction: Vector
    """What it is like beyond its words."""
    tiers: tuple[Tier, ...] = ()
    """What headings such as `Not allowed` say of it."""
    negates: bool = False
    """Whether its own words forbid, whatever stands above it."""

    @property
    def block(self) -> Block:
        """The unit as code."""
        node = self.member.node
        return Block(self.member.text, node.language if isinstance(node, Unit) else "")

    @property
    def names_a_practice(self) -> bool:
        """Whether it names what people do and asks for nothing: `Hardcoding credentials`."""
        return signs.unsigned(self.words).partition(" ")[0].endswith("ing")

    def of_variant(self, file: int, first: int) -> Features:
        """The same unit of the first variant as one of another, whose sections count from `first`."""
        return self._replace(member=Member(file, self.member.node, self.member.path), section=self.section + first)


NOBODY = Member(0, Unit("rule", 0, 0, "", ""))


class Reader:
    """Reads units into features."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        words = knowledge.raw("words")
        self.lexicon: Lexicon = lexicon.of(knowledge)
        self._vectors = similarity.of(knowledge)
        self._adjunct = re.compile(rf"[\s,]+(?:{_any(words['cut']['adjunct'])})(?=[\s,])|\s*\(")
        terms = (sign for sign in words["spelling"] if self._adjunct.search(sign))
        self._term = re.compile(rf"\b(?:{_any(terms)})\b")
        self._modifier = re.compile(rf"\b(\w+)-(?:{_any(words['cut']['modifier'])})\b")
        self._forbid = re.compile(rf"\b(?:{_any(words['negation']['strong'])})(?!\w)")
        self._lack = re.compile(rf"\s*(?:{_any(words['negation']['lack'])})\b")
        self._orders = re.compile(rf"\b(?:{_any(words['negation']['order'])})(?!\w)")
        self._unless = re.compile(rf"\b(?:{_any(words['negation']['unless'])})\b")
        self._only_forbids = frozenset(self.lexicon.tokens(words["negation"]["words"], "en"))
        self._asks = frozenset(words["asking"]["verbs"].split())
        self._no_act = self._only_forbids | frozenset(self.lexicon.tokens(words["asking"]["urging"], "en"))
        self._agent = re.compile(rf"\b[a-z]+-(?:{_any(words['agent']['roles'].split())})\b")
        self._universal = frozenset(words["quantifier"]["universal"])
        scopes = _any([*self._universal, *words["quantifier"]["restricted"]])
        self._scoped = re.compile(rf"\s*(?:for|on|in|to|with)\s+(?P<scope>{scopes})\b")
        self._known: dict[object, Features] = {}
        """By all that they are made of; `member` and `section` are another's."""
        self._identity: tuple[str, ...] = tuple(words["identity"]["openings"])
        self._measures: Mapping[str, str] = {
            name: measure for measure, names in words["measure"].items() for name in names.split()
        }

    def units(self, file: int, definition: Definition, sections: Mapping[int, int]) -> Sequence[Features]:
        """Features of every unit of a definition; `sections` numbers its sections by their line."""
        first, units = sections[definition.root.line], _units(definition, self._knowledge)
        return [unit.of_variant(file, first) for unit in units] if file or first else units

    def read(self, definition: Definition) -> Sequence[Features]:
        """As `units`, for the first variant."""
        sections = {definition.root.line: 0}
        for number, (_, section) in enumerate(walk_sections(definition.root), 1):
            sections.setdefault(section.line, number)
        language = language_of(definition, self._knowledge)
        ambient: dict[tuple[str, ...], frozenset[str]] = {}
        stances = signs.stances(definition, self._knowledge)
        if len(self._known) > MAX_KNOWN:
            self._known.clear()
        found = []
        above: Place | None = None
        titles: tuple[str, ...] = ()
        facet, number = "", 0
        for place in walk_units(definition.root):
            unit, path, parents = place
            if not unit.text:
                continue
            if above is None or above.path is not path or above.parents is not parents:
                # What stands above is the same for all of a list.
                above, titles, facet = place, _titles_above(place), facet_of(path, self._knowledge)
                number = sections[(path[-1] if path else definition.root).line]
                if titles not in ambient:
                    tokens = (token for title in titles for token in self.lexicon.tokens(title, language))
                    ambient[titles] = frozenset(tokens)
            member, stance = Member(0, unit, path), stances.get(unit.line, signs.PLAIN)
            key = (unit.text, unit.flow, unit.kind, titles, facet, stance, language)
            read = self._known.get(key)
            if read is None:
                read = self._features(member, language, ambient[titles], number, stance)
                # Without the unit, which would keep all of its file.
                self._known[key] = read._replace(member=NOBODY)
            found.append(read._replace(member=member, section=number))
        return self._with_identity(found)

    def _with_identity(self, units: list[Features]) -> list[Features]:
        """The units with the facet `identity` for the paragraph that says who the agent is, and for no other."""
        number = next((n for n, unit in enumerate(units) if self._says_who(unit)), None)
        found = [unit._replace(facet="") if unit.facet == "identity" else unit for unit in units]
        if number is not None:
            found[number] = units[number]._replace(facet="identity")
        return found

    def _says_who(self, unit: Features) -> bool:
        return unit.kind == "paragraph" and unit.words.startswith(self._identity)

    def role(self, definition: Definition) -> frozenset[str]:
        """Tokens of the role's name and of the top heading."""
        name = definition.field("name")
        titles = [section.title for section in definition.root.sections if section.heading_level == 1]
        texts = [name.text.replace("-", " ") if name else "", *titles[:1]]
        language = language_of(definition, self._knowledge) or "en"
        return frozenset(token for text in texts for token in self.lexicon.tokens(text, language))

    def _features(
        self, member: Member, language: str, ambient: frozenset[str], section: int, stance: signs.Stance
    ) -> Features:
        unit = member.node
        assert isinstance(unit, Unit)
        code = unit.kind == "code" or unit.kind in VERBATIM
        bare = unit.flow if code else signs.unsigned(unit.flow)
        text = plain(bare)
        core_text, rest, named_first = ("", text, False) if code else self._split(bare, english=language == "en")
        tokens = self.lexicon.tokens
        modifiers = frozenset(token for m in self._modifier.findall(core_text.lower()) for token in tokens(m, language))
        named = tokens(core_text, language)
        core = frozenset(named) - modifiers or frozenset(named)
        rest = f"{rest} {core_text}" if modifiers else rest
        shares = dict.fromkeys(tokens(rest, language), 1.0 if code else constants.DETAIL)
        shares.update(dict.fromkeys(core, 1.0))
        facet = "example" if unit.kind == "example" or _QUOTED.match(bare) else facet_of(member.path, self._knowledge)
        form = self.lexicon.form_of(language)
        said = text if code or bare is unit.flow else plain(signs.of(self._knowledge).said(unit.flow))
        # How wide the columns of a table are drawn says nothing.
        words = " ".join((_RULED.sub("| |", said) if unit.kind == "table" else said).lower().split())
        negates = self._forbid.search(_opening(text)) is not None
        forbids = self._forbids(text, facet, negates=negates)
        return Features(
            member,
            unit.kind,
            language,
            shares,
            core,
            core - form,
            ambient,
            section,
            facet,
            # Behind ✅ may stand `never`, and ❌ does not turn that round.
            (stance.force == "forbid" or negates) if stance.force else forbids,
            () if code else self._quantities(text, language),
            words,
            self._scope(rest),
            self._forbids_first(_opening(text)) or stance.force == "forbid",
            letters(words),
            stance,
            () if code else signs.of(self._knowledge).told(unit.text),
            *self._first(core_text, named, language),
            core - self._only_forbids if forbids else frozenset(),
            self._excepted(text, language) if forbids else frozenset(),
            place_of(member.path, self._knowledge),
            _NO_FORM if code else self._form(text, rest if named_first else text),
            self._vectors.of(shares),
            of(self._knowledge).of_path(member.path),
            negates,
        )

    def _first(self, core: str, named: Sequence[str], language: str) -> tuple[str, str]:
        """The first word of a core that does not only forbid or urge: its token, and the word itself."""
        first = next((token for token in named if token not in self._no_act), "")
        words = (word for word in self.lexicon.words(core) if self.lexicon.tokens(word, language) == [first])
        return first, next(words, "") if first else ""

    def _excepted(self, text: str, language: str) -> frozenset[str]:
        """What a prohibition asks for: `never approve a design without a review`."""
        clauses = _CLAUSE.split(text.lower())
        parts = [self._unless.split(clause, maxsplit=1) for clause in clauses if clause]
        behind = {token for part in parts for text in part[1:] for token in self.lexicon.tokens(text, language)}
        return frozenset(behind - {token for part in parts for token in self.lexicon.tokens(part[0], language)})

    def _form(self, text: str, said: str) -> Form:
        """The form of a statement; `said` is what stands behind a name and a colon, where there is one."""
        lowered = text.lower().rstrip()
        first = said.lower().lstrip(_OPENERS).partition(" ")[0].rstrip(_CLOSERS)
        return Form(
            first in self._asks,
            lowered.endswith("?"),
            lowered.endswith(":"),
            "-" in lowered and self._agent.search(lowered) is not None,
        )

    def _split(self, text: str, *, english: bool) -> tuple[str, str, bool]:
        """Core, circumstances, and whether the core is a name: a lead, or a head before a colon."""
        lead = _LEAD.match(text)
        if lead:
            rest = text[lead.end() :]
            if lead["sign"] is not None or lead["lead"].endswith((":", "：")):
                return plain(lead["lead"]), plain(rest), True
            text = lead["lead"] + rest
        text = plain(text)
        head = _HEAD.match(text)
        if head and len(head["head"].split()) <= MAX_HEAD_WORDS:
            return head["head"], text[head.end() :], True
        first, *others = _SENTENCE.split(text, maxsplit=1)
        rest = " ".join(others)
        cut = self._first_cut(first) if english else len(first)
        return first[:cut], f"{first[cut:]} {rest}", False

    def _first_cut(self, sentence: str) -> int:
        """Where the circumstances of an English sentence begin: after something with content was said.

        `as` in `infrastructure as code` begins none.
        """
        text = _lowered(sentence)
        for match in self._adjunct.finditer(text):
            within = any(term.start() <= match.start() < term.end() for term in self._term.finditer(text))
            tokens = () if within else self.lexicon.tokens(sentence[: match.start()], "en")
            if any(token not in self.lexicon.form for token in tokens):
                return match.start()
        return len(sentence)

    def _forbids(self, text: str, facet: str, *, negates: bool) -> bool:
        """Whether a unit forbids, by its words or by what it stands among: of pitfalls a lack asks for what lacks."""
        return self._lack.match(_opening(text)) is None if facet == "prohibition" else negates

    def _forbids_first(self, text: str) -> bool:
        """Whether a prohibition is the first thing said: `use x, never y` asks for x, `if y, never x` does not."""
        match = self._orders.search(text)
        if match is None:
            return False
        before = text[: match.start()].rpartition(": ")[2].strip()
        return not before.endswith(",") or self._adjunct.match(f" {before}") is not None

    def _scope(self, circumstances: str) -> str:
        match = self._scoped.match(circumstances.lower())
        if match is None:
            return ""
        return "all" if match["scope"] in self._universal else "some"

    def _quantities(self, text: str, language: str) -> tuple[Quantity, ...]:
        if _DIGIT.search(text) is None:
            return ()
        found = []
        for clause in _CLAUSE.split(text.lower()):
            matches = list(_QUANTITY.finditer(clause)) if clause else []
            if not matches:
                continue
            about = frozenset(self.lexicon.tokens(_QUANTITY.sub(" ", clause), language))
            for match in matches:
                measure = self._measures.get(match["measure"] or "", "")
                sign = (match["sign"] or "").strip()
                if measure or sign:
                    bound = "<" if _LESS.match(sign) else ">" if sign or match["more"] else ""
                    found.append(Quantity(match["value"], measure, bound, about))
        return tuple(found)


def _titles_above(place: Place) -> tuple[str, ...]:
    """The headings and items that a unit stands below, in short."""
    return (
        *(section.title for section in place.path),
        *(parent.lead or parent.flow[:80] for parent in place.parents),
    )


_NO_FORM = Form()
_OPENERS = " *_`:([\"'—–-"
_CLOSERS = "*_`:,.;!?)]\"'"


def _opening(text: str) -> str:
    """The first words of the first sentence: what a later one forbids is not what the statement is about."""
    return _SENTENCE.split(text, maxsplit=1)[0][:60].lower()


_TYPED = str.maketrans({"’": "'", "‘": "'", "\u2011": "-"} | dict.fromkeys("\u00a0\u202f\u2007\u2009\u3000", " "))
"""Characters that editors put in for those of a keyboard."""


_RULED = re.compile(r"\|(?:\s*:?-+:?\s*\|)+")
"""The row of a table that parts its head from its body."""


def plain(text: str) -> str:
    """Text without Markdown's marks and addresses, in the spelling of a keyboard: `don’t` is `don't`."""
    if not text.isascii():
        text = text.translate(_TYPED)
    if "_" in text:
        text = _UNDERSCORED.sub(r"\2", text)
    if not any(sign in text for sign in _MARKS):
        return text
    return _MARKUP.sub(lambda match: match[1] or "", text)


def _any(words: Iterable[str]) -> str:
    longest = sorted(map(str.lower, words), key=lambda word: (-len(word), word))
    return "|".join(map(re.escape, longest))


def _lowered(text: str) -> str:
    """Text in lower case with every character at its place; one letter of Turkish becomes two in Unicode's rules."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else text


def reader(knowledge: Knowledge) -> Reader:
    """The reader that knows these tables."""
    return knowledge.derived(Reader)


@per_definition
def language_of(definition: Definition, knowledge: Knowledge) -> str:
    """The language that a definition is written in, as `Lexicon.language` says it."""
    return lexicon.of(knowledge).language(place.unit.flow for place in walk_units(definition.root))


@per_definition
def _units(definition: Definition, knowledge: Knowledge) -> Sequence[Features]:
    return reader(knowledge).read(definition)
