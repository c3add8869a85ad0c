"""The inputs of a combine in, its variants out, each unit as an entry; copies and an earlier result are told apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import PurePath

from agentmerge.knowledge.signs import PLAIN as SIGNS_PLAIN
from agentmerge.knowledge.signs import Stance, listed_words
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching import features
from agentmerge.matching.features import is_identity, normal_title
from agentmerge.matching.records import members_of
from agentmerge.model import Definition, Section, Unit, walk_units
from agentmerge.planning.records import Notice
from agentmerge.text.lines import split_lines
from agentmerge.text.markers import NOTES, is_note
from agentmerge.text.paths import like

# Entries --------------------------------------------------------------------------------------------------------------
#
# A unit of one variant as combining handles it.


Key = tuple[int, int]
"""File and line of a unit or a section."""


def containers_of(path: Sequence[Section]) -> tuple[str, ...]:
    """The containers among some sections: what stands in one of them means something else outside of it."""
    return tuple(section.title.lower() for section in path if section.is_container)


@dataclass(frozen=True, slots=True)
class Entry:
    """One unit of one variant, or a run of units that stays together."""

    file: int
    unit: Unit
    path: tuple[Section, ...]
    """Sections that it stands in, without the document's title."""
    parent: Key | None = None
    """The item that it is nested in."""
    procedure: Key | None = None
    """First step of the ordered list that it is a step of."""
    under: str = ""
    """Text of the item that it is nested in."""
    inner: tuple[Unit, ...] = ()
    """The units of a run that stays together."""
    is_run: bool = False
    """Whether it is such a run, also one with nothing in it."""
    owner: str = ""
    """The tool that keeps it, of a block between that tool's comments."""
    stance: Stance = SIGNS_PLAIN
    """What a sign lays on it, its own or one above it."""

    key: Key = field(init=False, repr=False, compare=False)
    """File and line."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", (self.file, self.unit.line))


# Outline --------------------------------------------------------------------------------------------------------------
#
# What a section is, told by its title against the outline table, and which words decide about a statement.


def kind_of(title: str, knowledge: Knowledge) -> str:
    """The outline kind that a title names; `topics` for a title that names a subject."""
    return features.kind_of(title, knowledge) or "topics"


def document_title(definition: Definition) -> Section | None:
    """The one top heading that holds the body, if there is one: a title and no section of its own.

    Deeper headings may stand before it: a preamble that many files share.
    """
    *before, last = definition.root.sections or [None]
    if last is None or last.heading_level != 1 or any(one is None or one.heading_level < 2 for one in before):
        return None
    return last


def top_sections(definition: Definition) -> tuple[Section, ...]:
    """The sections of a definition, those of its title and what stands before it."""
    title = document_title(definition)
    below = title.sections if title is not None else ()
    return (*(section for section in definition.root.sections if section is not title), *below)


def negations(text: str, knowledge: Knowledge) -> frozenset[str]:
    """The words of a text that turn it into its opposite."""
    return listed_words(text, "negation", knowledge=knowledge)


def warns(title: str, knowledge: Knowledge) -> bool:
    """Whether what stands below a heading or an item of these words is forbidden, or a mistake."""
    return bool(listed_words(title, "warning", knowledge=knowledge))


def conditions(text: str, knowledge: Knowledge) -> frozenset[str]:
    """The words of a text that limit it to some cases."""
    return listed_words(text, "condition", knowledge=knowledge)


# Intake ---------------------------------------------------------------------------------------------------------------
#
# Which of the inputs are variants of the role: what comes twice, says nothing or defines no agent is left out.


MOST_SECTIONS = 0.5
"""Share of the sections of a file that have to be of a document's kinds."""
LEAST_SECTIONS = 2
"""Number of them: one section on how to install something stands in many a definition."""
MOST_LINKS = 0.6
"""Share of the items and rows that lead to other files, in an index."""
LEAST_LINKS = 3
NEAR = 0.9
"""Share of the statements of a file that stand in another one, word for word, from which it is told."""
SOME = 0.5
"""The same, from which history is asked."""
LEAST_SHARED = 5
"""Statements that two versions of one file have in common at least."""
_OPENING = 5
"""Units among which a definition says who the agent is."""
PLAIN = "plain"
"""The dialect of a file that no host's convention speaks for."""

_LINK = re.compile(r"\]\((?!\w+:|#)[^)\s]+\)")
_ROW = re.compile(r"^\|(?!\s*:?-).*\|\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Intake:
    """Which inputs are taken, and what is told of the others."""

    taken: tuple[int, ...]
    """Indices of the inputs that are variants, in their order."""
    notices: tuple[Notice, ...]
    stands_for: Mapping[int, int]
    """The input that stands for one that says the same, by the index of that one."""


def sift(
    definitions: Sequence[Definition],
    names: Sequence[str],
    knowledge: Knowledge,
    *,
    everything: bool = False,
    last: Collection[int] = (),
) -> Intake:
    """The variants among the inputs: one of several copies, no empty file, and, unless `everything` is wanted, no
    README, licence, release notes or index where another input is a definition, and no earlier result.

    Of copies the first one is taken; those in `last` only where there is no other.
    """
    copies = _copies(definitions, last)
    notices = [
        Notice("copy-left-out", "info", f"{names[copy]} says the same as {names[one]}, byte for byte: one vote")
        for copy, one in copies.items()
    ]
    kept = [number for number in range(len(definitions)) if number not in copies]
    empty = [number for number in kept if _is_empty(definitions[number])]
    if len(empty) < len(kept):
        kept = [number for number in kept if number not in empty]
        notices += [Notice("empty-left-out", "warning", f"{names[n]} is empty: no variant") for n in empty]
    papers = {n: kind for n in kept if n not in last and (kind := paper_kind(definitions[n], knowledge))}
    if not everything and len(papers) < len([number for number in kept if number not in last]):
        kept = [number for number in kept if number not in papers]
        notices += [_paper_notice(names[number], kind) for number, kind in papers.items()]
    results = [] if everything else [n for n in kept if n not in last and _is_whole_result(n, kept, definitions)]
    if len(results) == 1:
        # An earlier result that is not the output would be a second vote for whatever it took.
        kept = [number for number in kept if number not in results]
        notices += [_result_notice(names[number]) for number in results]
    return Intake(tuple(kept), tuple(notices), copies)


def _is_whole_result(number: int, kept: Sequence[int], definitions: Sequence[Definition]) -> bool:
    """Whether a file was made of the others and says nothing that none of them says."""
    own, others = statements(definitions[number]), [definitions[other] for other in kept if other != number]
    known = frozenset[str]().union(*map(statements, others))
    return len(own) >= FEW and own <= known and is_result(definitions[number], others)


FEW = 8
"""Statements from which on a file that says nothing of its own is a result: one with fewer may be a small source."""


def _result_notice(name: str) -> Notice:
    message = f"{name} was made of the other files, says nothing else and is left out; --all takes it"
    return Notice("result-left-out", "info", message)


def _paper_notice(name: str, kind: str) -> Notice:
    message = f"{name} defines no agent ({kind}) and is left out; --all takes it"
    return Notice("document-left-out", "warning", message)


def _copies(definitions: Sequence[Definition], last: Collection[int]) -> dict[int, int]:
    """The first input of the same text, for every later one."""
    first: dict[str, int] = {}
    copies = {}
    for number in sorted(range(len(definitions)), key=lambda number: (number in last, number)):
        one = first.setdefault(definitions[number].text, number)
        if one != number:
            copies[number] = one
    return dict(sorted(copies.items()))


def _is_empty(definition: Definition) -> bool:
    return not definition.fields and not definition.root.sections and not members_of(0, definition)


# Documents that define no agent


def paper_kind(definition: Definition, knowledge: Knowledge) -> str:
    """What a file is that defines no agent, by its sections: `install, licence`; "" for what may define one.

    A file with frontmatter, one that a host's convention claims, and one that says who the agent is may define one.
    """
    known = knowledge.derived(_Papers)
    if definition.frontmatter is not None or definition.dialect != PLAIN or known.is_read_by_hosts(definition):
        return ""
    units = [place.unit for place in walk_units(definition.root) if place.unit.text]
    if any(is_identity(unit, knowledge) for unit in units[:_OPENING]):
        return ""
    title = document_title(definition)
    if known.is_licence(units) or (title is not None and known.kind(title.title) == "licence"):
        return "licence"
    sections = top_sections(definition)
    kinds = [known.kind(section.title) for section in sections]
    found = [kind for kind in kinds if kind]
    of_releases = found.count("releases") > len(kinds) / 2
    if of_releases or (len(found) >= LEAST_SECTIONS and len(found) >= MOST_SECTIONS * len(kinds)):
        return ", ".join(dict.fromkeys(found))
    return "index" if _is_index(units, sections) else ""


def _is_index(units: Sequence[Unit], sections: Sequence[Section]) -> bool:
    """Whether most of a file leads to other files of its collection."""
    entries = list(_entries(units))
    leading = sum(bool(_LINK.search(entry)) for entry in entries)
    prose = sum(unit.kind == "paragraph" for unit in units)
    return leading >= LEAST_LINKS and leading >= MOST_LINKS * (len(entries) + max(0, prose - len(sections) - 1))


def _entries(units: Sequence[Unit]) -> Iterator[str]:
    for unit in units:
        if unit.kind in ("item", "task"):
            yield unit.text
        elif unit.kind == "table":
            # The first row names the columns.
            yield from _ROW.findall(unit.text)[1:]


class _Papers:
    """The rows of `data/inputs.toml`."""

    def __init__(self, knowledge: Knowledge) -> None:
        table = knowledge.raw("inputs")
        self._titles = [(normal_title(title), kind) for kind, row in table.items() for title in row.get("titles", ())]
        self._patterns = [
            (title, kind) for kind, row in table.items() for title in row.get("titles", ()) if "*" in title
        ]
        self._named = [
            (re.compile(row["pattern"], re.IGNORECASE), kind) for kind, row in table.items() if "pattern" in row
        ]
        self._read = frozenset(name for row in table.values() for name in row.get("read_by_hosts", ()))
        self._phrases = tuple(phrase for row in table.values() for phrase in row.get("phrases", ()))

    def is_read_by_hosts(self, definition: Definition) -> bool:
        """Whether hosts read a file of this name as instructions, whatever it holds."""
        return PurePath(definition.filename or "").name.lower() in self._read

    def kind(self, title: str) -> str:
        """The kind of a section by its title; "" for none."""
        bare = title.strip("*_ ")
        for pattern, kind in self._named:
            if pattern.fullmatch(bare):
                return kind
        plain = normal_title(title)
        whole = next((kind for known, kind in self._titles if known == plain), "")
        return whole or next((kind for pattern, kind in self._patterns if like(pattern, plain)), "")

    def is_licence(self, units: Sequence[Unit]) -> bool:
        """Whether the words of a licence open a file."""
        opening = " ".join(" ".join(unit.flow for unit in units[:6]).lower().split())
        return any(phrase in opening for phrase in self._phrases)


# Versions of one file


@dataclass(frozen=True, slots=True)
class Version:
    """An input that may be an earlier version of another one."""

    file: int
    other: int
    share: float
    """How much of it stands in the other one, word for word."""

    @property
    def is_near(self) -> bool:
        """Whether the two are so much alike that a person should be told, whatever history says."""
        return self.share >= NEAR


def versions(definitions: Sequence[Definition]) -> tuple[Version, ...]:
    """Pairs of inputs of which one may be an earlier version of the other; history alone can tell which.

    The one of which more stands in the other is `file`; where both are alike, the first.
    """
    texts = [statements(definition) for definition in definitions]
    found = []
    for a, b in combinations(range(len(texts)), 2):
        shared = len(texts[a] & texts[b])
        if shared < LEAST_SHARED:
            continue
        one, other = shared / len(texts[a]), shared / len(texts[b])
        if max(one, other) >= SOME and min(one, other) >= SOME / 2:
            found.append(Version(a, b, one) if one >= other else Version(b, a, other))
    return tuple(found)


def are_versions(definitions: Sequence[Definition]) -> bool:
    """Whether some files are versions of one text: of every two, one stands nearly whole in the other."""
    texts = [statements(definition) for definition in definitions]
    return all(len(a & b) >= NEAR * min(len(a), len(b)) > 0 for a, b in combinations(texts, 2))


def statements(definition: Definition) -> frozenset[str]:
    """What a file says in its body, each statement once, however it is wrapped and spaced.

    Comments that a combine left are no statements.
    """
    return frozenset(
        " ".join(member.text.split())
        for member in members_of(0, definition)
        if isinstance(member.node, Unit) and not is_note(member.node)
    )


# Earlier --------------------------------------------------------------------------------------------------------------
#
# The earlier result among the inputs: told from a source by what it holds, and what was edited in it by hand.


MOST = 0.9
"""Share of the statements of an earlier result that stand in the sources, word for word."""
LEAST_OTHERS = 2
"""Files that an earlier result was made of, at least: beside one other file it may be a source."""

_MARK = re.compile(r"\A(?:[-*+>]|#{1,6}|\d{1,9}[.)]|\[[ xX]\]|\|)\s+")
_ENDS = re.compile(r"[*_#:|\s]+\Z|\A[*_|\s]+")


def is_result(definition: Definition, others: Sequence[Definition]) -> bool:
    """Whether a file was made of the others: nearly all of it stands in them, and each gave what no other has."""
    own = statements(definition)
    sources = [statements(other) for other in others]
    if len(others) < LEAST_OTHERS or not own:
        return False
    holders = Counter(statement for source in sources for statement in own & source)
    if len(holders) < MOST * len(own):
        return False
    return all(any(holders[statement] == 1 for statement in own & source) for source in sources)


def edits(earlier: Definition, sources: Sequence[Definition], result: str) -> tuple[tuple[int, str], ...]:
    """The lines of an earlier result, with their numbers, that neither a source nor the new result has.

    Marks of lists and headings, indentation and blank lines make no difference, and comments of a combine are no edits.
    """
    known = {words for text in (*(source.text for source in sources), result) for *_, words in _lines(text)}
    return tuple((number, line.strip()) for number, line, words in _lines(earlier.text) if words not in known)


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    """Number, text and bare words of each line that says something."""
    for number, line in enumerate(split_lines(text), 1):
        words = _bare(line)
        if words and not line.lstrip().startswith(NOTES):
            yield number, line, words


def _bare(line: str) -> str:
    words = " ".join(line.split())
    while (shorter := _MARK.sub("", words, count=1)) != words:
        words = shorter
    return _ENDS.sub("", words)
