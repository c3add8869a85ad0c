"""Two definitions in, what changed between them in the smallest parts out, and which finding tells of each.

A unit that only one side has is one part. Of a unit that both have each sentence is one, each row of a table, each
value of a block of data, each run of lines of other code: a sentence that was added to an item is no rewording of it.
How something is written (wrapping, marks, fences, style of data) is no change.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum

from agentmerge.diffing.changes import path_of
from agentmerge.diffing.records import Spot
from agentmerge.drifting.records import NO_WORDS, Finding
from agentmerge.drifting.registry import Comparison, in_line, sides_of, spots_of
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.pairwise import Matching, Pair
from agentmerge.matching.records import data_of, leaf_text, leaves
from agentmerge.model import Unit, walk_units
from agentmerge.statements.clauses import Clause, is_prose
from agentmerge.statements.sentences import turned_words
from agentmerge.text import lexicon

_NAME = re.compile(r"[\w$-]+")
_SAYING = re.compile(r"\|?\s*[\"“](?:[^\"”|]+\s){2,}[^\"”|]+[\"”]\s*(?:\|[^|]*\|?\s*)?\Z")
_INDEX = re.compile(r"\.\d+(?=\.|\Z)|^\d+\.")

LAST = "statement-changed"
"""The rule that speaks of what no other rule speaks of, wherever it is."""

_FIELDS = frozenset({"field-added", "field-removed", "field-changed"})
_HEADINGS = frozenset({"section-renamed", "section-releveled"})

MOST_LINES = 2_000
"""Lines of two blocks together that are compared one by one; of longer ones all lines that changed are one part."""


class PartKind(StrEnum):
    """What a part is."""

    SENTENCE = "sentence"
    """Or a row of a table."""
    LINES = "lines"
    VALUE = "value"
    UNIT = "unit"
    """One that only one side has, or one whose words stay and are spelled or put together otherwise."""
    HEADING = "heading"
    FIELD = "field"


@dataclass(frozen=True, slots=True)
class Part:
    """The smallest thing that changed by itself."""

    kind: PartKind
    path: str
    a: Spot | None
    """The line of its unit, and its own words; None where only the second definition has it."""
    b: Spot | None
    within: frozenset[int] = frozenset()
    """Of what only one side has: lines of the sections and items above it that only that side has."""
    names: frozenset[str] = frozenset()
    """What a finding may call it: its words, or the path of a value."""
    binds: bool = False
    """Whether it forbids or demands something, on either side, and of other things or in another order."""
    whole: frozenset[str] = frozenset()
    """The words of both units in one line: who speaks of all of them speaks of the part."""
    home: tuple[int, int] = (0, 0)
    """Lines of the two units that it stands in, where both sides have the unit."""

    @property
    def sides(self) -> Iterator[Spot]:
        return (spot for spot in (self.a, self.b) if spot is not None)


class Owners:
    """Which finding each part belongs to, of some findings; the first of them has the say."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._findings = tuple(findings)
        self._at: dict[object, list[int]] = defaultdict(list)
        for number, one in enumerate(self._findings):
            places = {(spot.file, spot.line) for spot in (one.a, one.b) if spot is not None}
            for key in (*places, *one.owns, one.path):
                self._at[key].append(number)

    def of(self, part: Part) -> Finding | None:
        """The one finding that a part belongs to; None where none tells of it."""
        lines = {(spot.file, line) for spot in part.sides for line in (spot.line, *part.within)}
        keys = {part.path, "frontmatter"} if part.kind is PartKind.FIELD else {*lines, *part.names}
        near = sorted({number for key in keys for number in self._at.get(key, ())})
        return next((self._findings[number] for number in near if tells(self._findings[number], part)), None)


def tells(finding: Finding, part: Part) -> bool:
    """Whether a finding speaks of a part: of its place, and of its words where others stand there, too."""
    if part.kind is PartKind.FIELD:
        return finding.path in (part.path, "frontmatter")
    if finding.owns == NO_WORDS:
        return False
    places = [(spot, one) for spot in part.sides for one in (finding.a, finding.b) if one and one.file == spot.file]
    if part.kind in (PartKind.UNIT, PartKind.HEADING):
        here = any(one.line == spot.line or one.line in part.within for spot, one in places)
        return here or not part.names.isdisjoint(finding.owns)
    if finding.owns:
        # What was replaced everywhere is told at its first place.
        here = finding.rule == LAST or any(one.line == spot.line for spot, one in places)
        return here and not part.names.isdisjoint(finding.owns)
    return any(one.line == spot.line and in_line(one.text) in (in_line(spot.text), *part.whole) for spot, one in places)


def changed_parts(comparison: Comparison) -> Iterator[Part]:
    """Every part that changed, but for the order and the place of what stays."""
    for change in comparison.changes:
        if change.kind in _FIELDS:
            yield Part(PartKind.FIELD, change.path, change.old, change.new)
        elif change.kind in _HEADINGS:
            names = frozenset(spot.text for spot in (change.old, change.new) if spot is not None)
            yield Part(PartKind.HEADING, change.path, change.old, change.new, names=names)
    yield from _one_sided(comparison.matching)
    differing = [pair for pair in comparison.matching.units if not pair.a.says_same(pair.b)]
    sentences = _Sentences(comparison, differing)
    reworded = {change.old.line for change in comparison.changes if change.kind == "unit-reworded" and change.old}
    for pair in differing:
        found = list(_parts_of(pair, sentences))
        yield from found
        if not found and pair.a.line in reworded:
            yield _part(PartKind.UNIT, pair, spots_of(pair), frozenset({pair.b.text}))


def _part(kind: PartKind, pair: Pair, spots: tuple[Spot | None, Spot | None], names: frozenset[str]) -> Part:
    """A part of two units that correspond."""
    whole = frozenset(in_line(member.text) for member in (pair.a, pair.b))
    return Part(kind, path_of(pair.b), *spots, names=names, whole=whole, home=(pair.a.line, pair.b.line))


def _one_sided(matching: Matching) -> Iterator[Part]:
    for definition, members, sections in (
        (matching.a, matching.only_a, matching.sections_only_a),
        (matching.b, matching.only_b, matching.sections_only_b),
    ):
        units = [member for member in members if isinstance(member.node, Unit)]
        alone = {member.line for member in (*units, *sections)}
        parents = {place.unit.line: place.parents for place in walk_units(definition.root)} if units else {}
        for member in (*sections, *units):
            above = {section.line for section in member.path} | {unit.line for unit in parents.get(member.line, ())}
            kind = PartKind.UNIT if isinstance(member.node, Unit) else PartKind.HEADING
            yield Part(
                kind,
                path_of(member),
                *sides_of(member),
                within=frozenset(above & alone),
                names=frozenset({member.text}),
            )


class _Sentences:
    """The sentences that differ, by the units that both sides have and that differ."""

    def __init__(self, comparison: Comparison, differing: Sequence[Pair]) -> None:
        self._knowledge = comparison.knowledge
        homes = {pair.b.line: pair.a.line for pair in differing}
        olds = set(homes.values())
        self._of: dict[int, list[tuple[Clause | None, Clause | None]]] = defaultdict(list)
        for a, b in comparison.sentences.pairs:
            if a.folded != b.folded or a.told != b.told:
                # What came out of a unit that is gone is new where it stands now, and told as gone with that unit.
                old = a if a.unit.line in olds else None
                new = b if b.unit.line in homes else None
                self._put(a.unit.line if old else homes.get(b.unit.line), old, new)
        for a in comparison.sentences.only_a:
            self._put(a.unit.line if a.unit.line in olds else None, a, None)
        for b in comparison.sentences.only_b:
            self._put(homes.get(b.unit.line), None, b)

    def _put(self, home: int | None, a: Clause | None, b: Clause | None) -> None:
        if home is not None:
            self._of[home].append((a, b))

    def of(self, pair: Pair) -> Iterator[Part]:
        """The sentences of two units that correspond."""
        for a, b in self._of.get(pair.a.line, ()):
            both = [one for one in (a, b) if one is not None]
            spots = a.spot if a else None, b.spot if b else None
            names = frozenset(one.text for one in both)
            binds = _bind(both, self._knowledge) or (
                len(both) == 2 and _is_row_of_facts(both[0]) and both[0].text.count("|") == both[1].text.count("|")
            )
            yield replace(_part(PartKind.SENTENCE, pair, spots, names), binds=binds)


def _is_row_of_facts(clause: Clause) -> bool:
    """Whether a sentence stands in a table, and not in a row of a saying and the answer to it."""
    return clause.unit.kind == "table" and _SAYING.match(clause.text) is None


def _bind(sides: Sequence[Clause], knowledge: Knowledge) -> bool:
    """Whether a sentence forbids or demands something, and something else than before, or became its opposite."""
    if len(sides) == 2 and turned_words(sides[0].folded, sides[1].folded, knowledge):
        return True
    said = {(_content(one, knowledge), knowledge.derived(_Cases).of(one.folded)) for one in sides}
    return any(one.is_guardrail for one in sides) and len(said) == 2


class _Cases:
    """The words that say in which cases a statement holds, of which no paraphrase leaves one out."""

    def __init__(self, knowledge: Knowledge) -> None:
        tables = knowledge.raw("words")
        self._every = frozenset(tables["quantifier"]["universal"])
        self._known = frozenset((*tables["negation"]["unless"], *tables["quantifier"]["restricted"], "after"))

    def of(self, folded: str) -> frozenset[str]:
        """These words in a text, all of those that mean every case as one."""
        found = folded.split()
        return frozenset(
            "every" if word in self._every else word for word in found if word in self._every | self._known
        )


def _content(clause: Clause, knowledge: Knowledge) -> tuple[str, ...]:
    """The words of a sentence in order, without those that bind or only shape it."""
    known = lexicon.of(knowledge)
    binding = {token for modal in clause.modals for token in known.tokens(modal.word.replace("'", " "), "en")}
    return tuple(
        token for token in known.tokens(clause.folded, "en") if token not in binding and token not in known.shaping
    )


def _parts_of(pair: Pair, sentences: _Sentences) -> Iterator[Part]:
    """The parts of a unit that both sides have."""
    old, new = pair.a.node, pair.b.node
    assert isinstance(old, Unit)
    assert isinstance(new, Unit)
    if data_of(old) is not None and data_of(new) is not None:
        yield from _runs(pair, PartKind.VALUE, _values(old, new))
    elif is_prose(old) and is_prose(new):
        yield from sentences.of(pair)
    else:
        runs = line_runs(old.text, new.text)
        if {old.kind, new.kind} <= {"example", "html"}:
            runs = (run for run in runs if not _only_wrapped(*run[:2]))
        yield from _runs(pair, PartKind.LINES, runs)


def _runs(pair: Pair, kind: PartKind, found: Iterable[tuple[str, str, frozenset[str]]]) -> Iterator[Part]:
    for before, after, names in found:
        spots = Spot(0, pair.a.line, before) if before else None, Spot(1, pair.b.line, after) if after else None
        yield _part(kind, pair, spots, names | {before, after})


def _only_wrapped(before: str, after: str) -> bool:
    """Whether two runs of lines are the same words in other lines; indented ones may be code, whose lines count."""
    return before.split() == after.split() and all(line == line.lstrip() for line in f"{before}\n{after}".split("\n"))


def _values(old: Unit, new: Unit) -> Iterator[tuple[str, str, frozenset[str]]]:
    """The values of two blocks of data that differ, each with its path and those above it."""
    before, after = (dict(leaves(data_of(unit))) for unit in (old, new))
    for path in dict.fromkeys((*before, *after)):
        one, other = before.get(path), after.get(path)
        if one != other:
            old_text, new_text = (f"{path}: {leaf_text(leaf)}" if leaf is not None else "" for leaf in (one, other))
            bare = _INDEX.sub("", path).split(".")
            yield old_text, new_text, frozenset({path, *(".".join(bare[:end]) for end in range(1, len(bare) + 1))})


def line_runs(old: str, new: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    """The runs of lines that differ between two blocks, blank lines and white space aside."""
    a, b = ([line.rstrip() for line in text.split("\n") if line.strip()] for text in (old, new))
    if len(a) + len(b) > MOST_LINES:
        same: Sequence[tuple[int, int, int]] = [(0, 0, len(a))] if a == b else []
    else:
        same = SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()
    start = first = 0
    for end, last, size in (*same, (len(a), len(b), 0)):
        before, after = "\n".join(a[start:end]), "\n".join(b[first:last])
        if before or after:
            yield before, after, frozenset(_NAME.findall(f"{before}\n{after}"))
        start, first = end + size, last + size
