"""The three versions of a merge, with what is read off them: forms of lists, and what can't hold at two places."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import NamedTuple, TypeAlias

from agentmerge.knowledge import signs
from agentmerge.knowledge.signs import listed_words
from agentmerge.knowledge.tables import Knowledge
from agentmerge.merging.nodes import (
    MAX_LINES,
    PROSE,
    Node,
    Pairing,
    Record,
    Union,
    UnresolvableError,
    build,
    pair_surely,
    place,
    split_mark,
    unite,
    walk,
)
from agentmerge.merging.nodes import pair as pair_trees
from agentmerge.merging.pieces import Piece, merge_lines, words_of
from agentmerge.model import Definition, Kept, Unit
from agentmerge.reading import relations
from agentmerge.reading.parsing import parse
from agentmerge.text.sequences import plain

# Listforms ------------------------------------------------------------------------------------------------------------
#
# The form of lists, keys and headings, three ways: what one side adds has the marks, indents and levels of the other.
#
# Only where the other side changed a form throughout: at all neighbours of an addition, or where it has none, in all
# the
# file.


MAX_LEVEL = 6
"""Number signs of the deepest heading."""

MIN_MARKS = 2
"""Marks that a side must have changed alike before they count as the form of the file."""

_MARK = re.compile(r"(?P<indent>[ ]*)(?P<sign>[-*+])(?P<gap>[ ]+)")
_HEADING = re.compile(r"(?P<signs>#{1,6})(?=[ \t])")
_ITEMS = frozenset({"item", "task"})
_INDENTED = frozenset({"element", "entry"})
"""Keys and members of a field's value, which are one value by their indents alone."""
_PARTS = ("indent", "sign", "gap")


class _Marks(NamedTuple):
    """The mark of one item of the base, and what the other side made of it."""

    base: re.Match[str]
    other: re.Match[str]


_Made: TypeAlias = Mapping[tuple[str, str], Counter[str]]
"""By part of a mark and its form in the base, the forms that the other side gave to it."""


class Forms:
    """The forms that each side gave to what the other one left in the base's form."""

    def __init__(self, union: Union) -> None:
        items = [record for record in union.records if record.kind in _ITEMS]
        self._of_file = {side: _made(items, side) for side in (1, 2)}
        # Additions mostly stand among the same neighbours.
        self._beside: Kept[tuple[Record, int], _Made] = Kept(lambda asked: _made(_items(asked[0]), asked[1]), MAX_LINES)
        self._moved: Kept[tuple[Record | None, int], int] = Kept(lambda asked: self._levels(*asked), MAX_LINES)
        self._deeper: Kept[tuple[Record | None, int], int] = Kept(lambda asked: self._depth(*asked), MAX_LINES)

    def misfits(self, union: Union) -> list[str]:
        """Additions that do not have the form that the other side gave to what they stand among."""
        added = (record for record in union.records if _author(record))
        return [
            f"{record.node.label} '{record.node.name}' in another form"
            for record in added
            if self.fitted(record, record.node.lines) != list(record.node.lines)
        ]

    def fitted(self, record: Record, lines: Sequence[str]) -> list[str]:
        """The lines of a record, in the form of its surroundings where it is an addition."""
        author = _author(record)
        if not author or not lines:
            return list(lines)
        if record.kind == "section":
            return levelled(lines, self._moved[record.parent, author])
        if record.kind in _INDENTED:
            return _shifted(lines, self._deeper[record.parent, author])
        old = _MARK.match(lines[0]) if record.kind in _ITEMS else None
        if old is None:
            return _shifted(lines, self._shift(record.parent, author))
        new = self._mark(record, old, author)
        rest = _shifted(lines[1:], len(new) - len(old[0]))
        return [new + lines[0][old.end() :], *rest]

    def _mark(self, record: Record, old: re.Match[str], author: int) -> str:
        above = record.parent
        beside = self._beside[above, author] if above is not None else {}
        sources = ((beside, 1), (self._of_file[author], MIN_MARKS))
        made = {part: [_form(found.get((part, old[part])), least) for found, least in sources] for part in _PARTS}
        parts = {part: next((form for form in made[part] if form is not None), old[part]) for part in _PARTS}
        if made["indent"] == [None, None] and (by := self._shift(above, author)):
            parts["indent"] = " " * max(len(old["indent"]) + by, 0)
        return "".join(parts[part] for part in _PARTS)

    def _shift(self, above: Record | None, author: int) -> int:
        """By how much the text inside an item stands further right than its author had it."""
        if above is None or above.kind not in _ITEMS:
            return 0
        if _author(above):
            old = _MARK.match(above.node.lines[0])
            return 0 if old is None else len(self._mark(above, old, author)) - len(old[0])
        pair = _marks(above, author)
        return len(pair.other[0]) - len(pair.base[0]) if pair is not None else 0

    def _levels(self, above: Record | None, author: int) -> int:
        """By how many levels the other side moved the sections among which some were added."""
        if above is None:
            return 0
        changes = {
            change
            for one in above.members
            if one.kind == "section" and (change := _level_change(one, author)) is not None
        }
        if changes:
            return next(iter(changes)) if len(changes) == 1 else 0
        if not _author(above):
            return _level_change(above, author) or 0
        return self._moved[above.parent, author]

    def _depth(self, above: Record | None, author: int) -> int:
        """By how much further right the other side put the keys or members among which some were added."""
        if above is None or above.kind not in (*_INDENTED, "field"):
            return 0
        changes = {change for one in above.members if (change := _indent_change(one, author)) is not None}
        if changes:
            return next(iter(changes)) if len(changes) == 1 else 0
        return self._deeper[above.parent, author] if _author(above) else _indent_change(above, author) or 0


def _author(record: Record) -> int:
    """The side that alone added a record; 0 where there is none."""
    if record.base is not None or (record.ours is not None and record.theirs is not None):
        return 0
    return 1 if record.ours is not None else 2


def _items(above: Record) -> Iterator[Record]:
    return (one for one in above.members if one.kind in _ITEMS)


def _marks(record: Record, author: int) -> _Marks | None:
    """The mark of an item that the author left as it was, with the one that the other side gave it."""
    base, own, other = map(_mark_of, (record.base, record.versions[author], record.versions[3 - author]))
    return _Marks(base, other) if base and own and other and base[0] == own[0] else None


def _mark_of(node: Node | None) -> re.Match[str] | None:
    return _MARK.match(node.lines[0]) if node is not None and node.lines else None


def _made(records: Iterable[Record], author: int) -> _Made:
    """What the other side made of the marks of items that the author left as they were."""
    found: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for pair in filter(None, (_marks(record, author) for record in records)):
        for part in _PARTS:
            found[part, pair.base[part]][pair.other[part]] += 1
    return found


def _form(made: Counter[str] | None, least: int) -> str | None:
    """What the other side made of a part of marks wherever it stood; None where there is no one form."""
    return next(iter(made)) if made and len(made) == 1 and made.total() >= least else None


def _shifted(lines: Sequence[str], by: int) -> list[str]:
    """Lines that stand further right; what has no room on the left stays."""
    if by >= 0:
        return [" " * by + line if line.strip() else line for line in lines]
    return [line[-by:] if not line[:-by].strip() and line.strip() else line for line in lines]


def _indent_change(record: Record, author: int) -> int | None:
    """By how much further right the other side put what the author left where it was."""
    nodes = (record.base, record.versions[author], record.versions[3 - author])
    base, own, other = (None if node is None else _indent(node.lines[0]) for node in nodes)
    return other - base if base is not None and own == base and other is not None else None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


# Headings


def _level_change(record: Record, author: int) -> int | None:
    """By how much the other side changed the level of a section that the author left where it was."""
    nodes = (record.base, record.versions[author], record.versions[3 - author])
    base, own, other = (_level(node) for node in nodes)
    return other - base if base and own == base and other else None


def _level(node: Node | None) -> int:
    match = _HEADING.match(node.lines[0]) if node is not None and node.lines else None
    return len(match["signs"]) if match else 0


def levelled(lines: Sequence[str], by: int) -> list[str]:
    """A heading so many levels deeper, higher where `by` is below 0; the first and the last level are bounds."""
    match = _HEADING.match(lines[0])
    if match is None or not by:
        return list(lines)
    level = min(max(len(match["signs"]) + by, 1), MAX_LEVEL)
    return ["#" * level + lines[0][match.end() :], *lines[1:]]


# Crossing -------------------------------------------------------------------------------------------------------------
#
# What the two sides did at two places and what can't both hold, though no line of one touches a line of the other.
#
# A heading or label turned round above what the other side added, a label of a link or footnote that each side defined
# otherwise, and a statement that one side asks for and the other forbids.


MIN_WORDS = 2
"""Words that a statement needs beside those that forbid or ask, to be known again in another one."""


def crossings(union: Union, knowledge: Knowledge) -> dict[Record, str]:
    """The records that can't stand as they are, each with the reason."""
    changed = {version: _changed(union, version) for version in (1, 2)}
    return dict([*_turned(union, knowledge), *_defined_twice(changed), *_contradicting(changed, knowledge)])


_Changed: TypeAlias = Mapping[int, Sequence[Record]]
"""By version, what that side alone added or changed."""


def _changed(union: Union, version: int) -> list[Record]:
    return [record for record in union.records if _is_own(record, version)]


def _is_own(record: Record, version: int) -> bool:
    base, side, other = record.base, record.versions[version], record.versions[3 - version]
    if side is None:
        return False
    if base is None or other is None:
        return base is other
    return _same(base, other) and not _same(base, side)


def _same(one: Node, other: Node) -> bool:
    return one.lines == other.lines


# Labels of links and footnotes


def _defined_twice(changed: _Changed) -> Iterator[tuple[Record, str]]:
    mine, other = (_definitions(changed[version], version) for version in (1, 2))
    for label in (each for each in mine if each in other):
        one, two = mine[label], other[label]
        if one.node.name != two.node.name:
            yield one, f"theirs gives '[{label}]' another meaning"
            yield two, f"ours gives '[{label}]' another meaning"


def _definitions(records: Sequence[Record], version: int) -> dict[str, Record]:
    found: dict[str, Record] = {}
    for record in records:
        if label := label_of(record.versions[version]):
            found.setdefault(label, record)
    return found


def label_of(node: Node | None) -> str:
    """The label that a link's or footnote's definition defines; "" for anything else."""
    if node is None or node.kind != "reference" or not isinstance(node.unit, Unit):
        return ""
    return relations.folded(node.unit.label)


def dangling(result: Node, versions: Sequence[Node]) -> list[str]:
    """Labels that the result uses and the base defined, and that it no longer defines, though each side was whole."""
    defined, used = labels(result)
    known, _ = labels(versions[0])
    lost = (used & known) - defined
    for side in versions[1:]:
        own, uses = labels(side)
        lost -= uses - own
    return sorted(f"'[{label}]' is used and no longer defined" for label in lost)


def labels(root: Node) -> tuple[frozenset[str], frozenset[str]]:
    """The labels that a tree defines and those that it uses."""
    nodes = list(walk(root))
    defined = frozenset(filter(None, map(label_of, nodes)))
    return defined, frozenset(label for node in nodes for label in _used(node))


def _used(node: Node) -> frozenset[str]:
    if node.kind not in (*PROSE, "table", "section", "reference"):
        return frozenset()
    return relations.used_labels("\n".join(node.lines))


class Uses:
    """The labels that each side uses where the other side did not take the use away."""

    def __init__(self, union: Union) -> None:
        self._of = {side: frozenset(chain(*(_left(record, side) for record in union.records))) for side in (1, 2)}

    def hold(self, record: Record) -> bool:
        """Whether the one side that kept a definition uses its label so."""
        label = label_of(record.ours or record.theirs)
        return label != "" and label in self._of[1 if record.ours is not None else 2]


def _left(record: Record, side: int) -> frozenset[str]:
    base, own, other = record.base, record.versions[side], record.versions[3 - side]
    if own is None or (base is not None and other is None):
        return frozenset()
    uses = _used(own)
    return uses if base is None or other is None else uses - (_used(base) - _used(other))


# Statements


def _contradicting(changed: _Changed, knowledge: Knowledge) -> Iterator[tuple[Record, str]]:
    mine, other = (_statements(changed[version], version, knowledge) for version in (1, 2))
    for content in (each for each in mine if each in other):
        for one, forbids in mine[content]:
            for two, also in other[content]:
                if forbids != also:
                    yield one, "theirs asks for what is forbidden here" if forbids else "theirs forbids it"
                    yield two, "ours asks for what is forbidden here" if also else "ours forbids it"


def _statements(
    records: Sequence[Record], version: int, knowledge: Knowledge
) -> dict[frozenset[str], list[tuple[Record, bool]]]:
    """Statements by what they are about, each with whether it is forbidden."""
    found: dict[frozenset[str], list[tuple[Record, bool]]] = defaultdict(list)
    for record in records:
        node = record.versions[version]
        if node is not None and node.kind in PROSE:
            content = frozenset(words_of(node.name)) - knowledge.derived(_Shaping).words
            if len(content) >= MIN_WORDS:
                found[content].append((record, _is_forbidden(node, knowledge)))
    return found


def _is_forbidden(node: Node, knowledge: Knowledge) -> bool:
    """Whether a unit forbids, by its own words and signs or by those of a heading or item above it."""
    at: Node | None = node
    while at is not None and at.kind != "root":
        if forbids(at, knowledge):
            return True
        at = at.parent
    return False


def forbids(node: Node, knowledge: Knowledge) -> bool:
    """Whether a node's own words or sign turn what it says, or what stands below it, into a prohibition."""
    text = " ".join(split_mark(node.lines)[1]) if node.kind in PROSE else node.name
    return bool(listed_words(text, "negation", knowledge=knowledge)) or signs.of(knowledge).own(text).force == "forbid"


class _Shaping:
    """Words that say whether and how strongly, and words without content; those of a condition say when, and stay."""

    def __init__(self, knowledge: Knowledge) -> None:
        words, identity, modality = (knowledge.raw(name) for name in ("words", "identity", "modality"))
        phrases = [
            *identity["negation"]["words"],
            *(each for row in ("strong", "medium", "weak") for listed in modality[row].values() for each in listed),
        ]
        single = {phrase for phrase in phrases if " " not in phrase}
        stops = set(words["stop"]["en"].split()) - set(words_of(" ".join(identity["condition"]["words"])))
        self.words = frozenset((single | stops | {"do", "allowed"}) - {"with", "without"})


# Headings and labels


def _turned(union: Union, knowledge: Knowledge) -> Iterator[tuple[Record, str]]:
    for record in union.records:
        base, ours, theirs = record.versions
        if base is None or ours is None or theirs is None or not (ours.children or theirs.children):
            continue
        for who, turned, other in (("ours", ours, theirs), ("theirs", theirs, ours)):
            if turns(base, turned, knowledge) and _same(base, other) and _adds_below(union, base, other):
                side = "theirs" if who == "ours" else "ours"
                yield record, f"turned round by {who}, added to by {side}"


def turns(base: Node, side: Node, knowledge: Knowledge) -> bool:
    """Whether a heading, label or item makes another kind of statement of what stands below it."""
    if base.name == side.name:
        return False
    return _force(base, knowledge) != _force(side, knowledge)


def _force(node: Node, knowledge: Knowledge) -> tuple[bool, bool]:
    low = f" {' '.join(words_of(node.name))} "
    oblige = knowledge.raw("modality")["strong"]["oblige"]
    return forbids(node, knowledge), any(f" {phrase} " in low for phrase in oblige)


def _adds_below(union: Union, base: Node, side: Node) -> bool:
    """Whether a side put something new below a node, or something else in the place of what was there."""
    inside = set(walk(base))
    for node in walk(side):
        old = union.of[node].base
        if node is not side and (old is None or old not in inside or not _same(old, node)):
            return True
    return False


# Inputs ---------------------------------------------------------------------------------------------------------------
#
# The three versions of a merge, with what is read off them, each thing when it is first asked for.


class Inputs:
    """Base, ours and theirs."""

    def __init__(self, definitions: Sequence[Definition], knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        wholes = [plain(definition.text) for definition in definitions]
        self.ours = definitions[1].text
        self.lines = [whole.lines for whole in wholes]
        self.read = [read_again(whole.text, one, knowledge) for whole, one in zip(wholes, definitions, strict=True)]
        self._pairings: tuple[Pairing, Pairing] | None = None
        self._results: dict[tuple[str, ...], Definition] = {}

    @cached_property
    def by_lines(self) -> list[Piece]:
        return merge_lines(*self.lines)

    @cached_property
    def trees(self) -> list[Node]:
        return [tree_of(definition, self.knowledge) for definition in self.read]

    @property
    def pairings(self) -> tuple[Pairing, Pairing]:
        """Partners of the base's nodes on each side. Raises UnresolvableError where there are too many to compare."""
        if self._pairings is None:
            base, ours, theirs = self.trees
            self._pairings = pair_trees(base, ours), pair_trees(base, theirs)
        return self._pairings

    @property
    def sure_pairings(self) -> tuple[Pairing, Pairing]:
        """The same, without what is only alike where that takes too many comparisons."""
        base, ours, theirs = self.trees
        return self._pairings or (pair_surely(base, ours), pair_surely(base, theirs))

    @cached_property
    def crossings(self) -> list[str]:
        """What the sides did at two places and what can't both hold, or not in two forms."""
        base, ours, theirs = self.trees
        union = unite((base, ours, theirs), *self.sure_pairings)
        found = crossings(union, self.knowledge)
        told = [f"{record.node.label} '{record.node.name}': {why}" for record, why in found.items()]
        try:
            place(union)
        except UnresolvableError:
            # What has no place by structure may have one by lines.
            return told
        return [*told, *Forms(union).misfits(union)]

    @cached_property
    def cuts(self) -> list[tuple[list[str], int]] | None:
        """The lines of each version with the number of those in the frontmatter; None unless all three have one."""
        ends = [one.frontmatter.end - 1 for one in self.read if one.frontmatter is not None]
        return list(zip(self.lines, ends, strict=True)) if len(ends) == len(self.read) else None

    @cached_property
    def bodies(self) -> list[list[str]]:
        """The lines of each version below its frontmatter."""
        ends = [one.frontmatter.end - 1 if one.frontmatter is not None else 0 for one in self.read]
        return [own[end:] for own, end in zip(self.lines, ends, strict=True)]

    def result(self, lines: Sequence[str]) -> Definition:
        """A result, read as ours is."""
        key = tuple(lines)
        if key not in self._results:
            ours = self.read[1]
            text = "".join(f"{line}\n" for line in lines)
            self._results[key] = parse(text, self.knowledge, filename=ours.filename, dialect=ours.dialect)
        return self._results[key]


def read_again(text: str, definition: Definition, knowledge: Knowledge) -> Definition:
    """The definition of a text that is the definition's own but for line endings and byte order mark."""
    if text == definition.text:
        return definition
    return parse(text, knowledge, filename=definition.filename, dialect=definition.dialect)


def tree_of(definition: Definition, knowledge: Knowledge) -> Node:
    """The tree of a definition with LF line endings, fields in the shapes that the table gives them."""
    return build(definition, {key: info.shape for key, info in knowledge.fields.items()})
