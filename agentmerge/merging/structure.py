"""Three trees in, pieces of the result out: by field, section and unit, each by its kind; blank lines, numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from agentmerge.knowledge.tables import Knowledge
from agentmerge.merging import fields
from agentmerge.merging.fields import reformed
from agentmerge.merging.inputs import MAX_LEVEL, Forms, Uses, crossings
from agentmerge.merging.lists import Order, Rivals, Torn, merge_enumerated, merge_order, merge_table, moved_things
from agentmerge.merging.nodes import (
    PROSE,
    Node,
    Pairing,
    Record,
    Union,
    UnresolvableError,
    addition_name,
    bag,
    pair,
    parent_in,
    place,
    split_mark,
    text_of,
    torn_apart,
    unite,
    walk,
)
from agentmerge.merging.pieces import (
    RIVAL_LIKENESS,
    Clash,
    Lines,
    Piece,
    Ruling,
    Settled,
    bind_differently,
    likeness,
    merge_code,
    merge_lines,
    merge_words,
)
from agentmerge.model import VERBATIM, Field

# Layout ---------------------------------------------------------------------------------------------------------------
#
# Entries to lines: which blank lines stand between two neighbours of the result.


Gap = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """Lines of one record, or a conflict about it, in the order of the result."""

    record: Record
    last: tuple[Node | None, Node | None, Node | None]
    """In each version, the last node that it covers."""
    lines: Lines = ()
    clash: Clash | None = None
    also: Record | None = None
    """Another record with which it begins, in a version that lacks the first."""


def laid_out(union: Union, entries: Sequence[Entry]) -> list[Piece]:
    """The pieces of the result, with the blank lines that the versions have between the same neighbours."""
    follow = [_followers(root) for root in union.root.versions]
    pieces: list[Piece] = []
    for before, entry in zip([None, *entries], entries, strict=False):
        gap = _leading(union) if before is None else _between(follow, before, entry)
        if gap:
            pieces.append(Settled(gap))
        pieces.append(entry.clash or Settled(entry.lines))
    pieces.append(Settled(_trailing(union)))
    return pieces


def _followers(root: Node | None) -> dict[Node, Node | None]:
    if root is None:
        return {}
    nodes = list(walk(root))
    return dict(zip(nodes, [*nodes[1:], None], strict=True))


def _leading(union: Union) -> Gap:
    return _layout_three(*(tuple(root.gap) if root is not None else None for root in union.root.versions)) or ()


def _trailing(union: Union) -> Gap:
    lasts = [[*walk(root)][-1] if root is not None else None for root in union.root.versions]
    return _layout_three(*(tuple(node.gap) if node is not None else None for node in lasts)) or ()


def _between(follow: Sequence[dict[Node, Node | None]], before: Entry, entry: Entry) -> Gap:
    """The gap that the versions have between these two, three ways; else the usual one around them."""
    base, ours, theirs = (_adjacent(follow[n], before, entry, n) for n in range(3))
    if ours is not None or theirs is not None:
        return _layout_three(base, ours, theirs) or ()
    return _usual(follow, before, entry)


def _adjacent(follow: dict[Node, Node | None], before: Entry, entry: Entry, version: int) -> Gap | None:
    last = before.last[version]
    if last is None:
        return None
    starts = [record.versions[version] for record in (entry.record, entry.also) if record is not None]
    following = follow.get(last)
    return tuple(last.gap) if following is not None and any(following is node for node in starts) else None


def _usual(follow: Sequence[dict[Node, Node | None]], before: Entry, entry: Entry) -> Gap:
    """The gap after the one and the gap before the other; between items of a list, what other items have."""
    items = before.record.kind in PROSE - {"paragraph"} and entry.record.kind in PROSE - {"paragraph"}
    found: list[Gap] = []
    for version in (1, 2):
        last = before.last[version]
        following = follow[version].get(last) if last is not None else None
        if last is not None and following is not None and (not items or following.kind == entry.record.kind):
            found.append(tuple(last.gap))
        start = entry.record.versions[version]
        previous = _previous(follow[version], start) if start is not None else None
        if previous is not None and previous.parent is not None and (not items or previous.kind == before.record.kind):
            found.append(tuple(previous.gap))
    if items:
        return min(found, key=len, default=())
    blank_needed = {before.record.kind, entry.record.kind} <= {
        "paragraph",
        "table",
        "quote",
        "section",
        "reference",
    } | VERBATIM
    return max(found, key=len, default=("",) if blank_needed else ())


def _previous(follow: dict[Node, Node | None], node: Node) -> Node | None:
    return next((one for one, two in follow.items() if two is node), None)


def _layout_three(base: Gap | None, ours: Gap | None, theirs: Gap | None) -> Gap | None:
    if ours is None or theirs is None:
        return theirs if ours is None else ours
    if ours == theirs or theirs == base:
        return ours
    return theirs if ours == base else max(ours, theirs, key=lambda gap: (len(gap), gap))


# Numbering ------------------------------------------------------------------------------------------------------------
#
# Numbers of ordered items after a merge: as the sides have them where they still count, else counted anew.


_NUMBER = re.compile(r"(?P<indent>[ \t]*)(?P<number>\d{1,9})(?P<rest>[.)](?:[ \t]|\Z))")


def renumbered(order: Sequence[Record], texts: Mapping[Record, Lines | None]) -> Iterator[tuple[Record, Lines]]:
    """New lines for items whose number does not fit the merged list.

    Only a list that both sides count one by one is counted; any other numbering is text, and stays.
    """
    for run in _runs(order):
        numbers = [_number(texts.get(record) or record.node.lines) for record in run]
        # Each text brings the number of its own side: the list starts where a side's did, not at the least of those.
        start = min((number for number in (*numbers, *_numbering_own(run)) if number is not None), default=1)
        if numbers == list(range(start, start + len(run))) or not all(_counts(run, n) for n in (1, 2)):
            continue
        for number, record in enumerate(run, start):
            lines = texts.get(record)
            if lines and (match := _NUMBER.match(lines[0])) and int(match["number"]) != number:
                yield record, (f"{match['indent']}{number}{match['rest']}{lines[0][match.end() :]}", *lines[1:])


def _numbering_own(run: Sequence[Record]) -> Iterator[int | None]:
    """The numbers that both sides give the items."""
    return (_number(node.lines) for record in run for node in record.versions[1:] if node is not None)


def _runs(order: Sequence[Record]) -> Iterator[list[Record]]:
    """Ordered items that stand together."""
    run: list[Record] = []
    for record in order:
        if record.kind in ("item", "task") and _number(record.node.lines) is not None:
            run.append(record)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _number(lines: Sequence[str]) -> int | None:
    match = _NUMBER.match(lines[0]) if lines else None
    return int(match["number"]) if match else None


def _counts(run: Sequence[Record], version: int) -> bool:
    """Whether a version numbers its list, whole as it stands there, one by one."""
    nodes = [node for record in run if (node := record.versions[version]) is not None]
    numbers = [_number(node.lines) for node in _siblings(nodes)]
    return all(a is not None and b == a + 1 for a, b in pairwise(numbers))


def _siblings(nodes: Sequence[Node]) -> list[Node]:
    if not nodes or nodes[0].parent is None:
        return []
    first, last = min(node.line for node in nodes), max(node.line for node in nodes)
    return [n for n in nodes[0].parent.children if first <= n.line <= last and n.kind in ("item", "task")]


# Ruling ---------------------------------------------------------------------------------------------------------------
#
# Rules with a name that decide what else is a conflict, told as such: a policy that speaks for the place comes first.
#
# None of them decides about text that binds, or about what a definition may do.


_Rule = Callable[[Record, str, Knowledge], Node | None]
"""Record, its path, and the tables, to the version that stands; None where the rule says nothing."""

_VERSION = re.compile(r"v?(\d{1,9}(?:\.\d{1,9}){0,3})")
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)")


def ruled(record: Record, path: str, knowledge: Knowledge) -> Ruling | None:
    """What the first rule that has an answer makes of a record whose sides disagree."""
    for name, rule in RULES.items():
        node = rule(record, path, knowledge)
        if node is not None:
            return Ruling(tuple(node.lines), name)
    return None


def _same_as_absent(record: Record, _path: str, knowledge: Knowledge) -> Node | None:
    """One side took a field out, the other wrote what the field means where it is absent."""
    defaults = knowledge.raw("review")["defaults"]
    kept = record.ours or record.theirs
    if record.kind != "field" or kept is None or (record.ours is not None and record.theirs is not None):
        return None
    return kept if not kept.children and _value(kept) in defaults.get(kept.name, ()) else None


def _later(kind: str, form: re.Pattern[str]) -> _Rule:
    """Both sides moved a number of the whole text on: the later one stands."""

    def rule(record: Record, path: str, knowledge: Knowledge) -> Node | None:
        top, _, key = path.partition("/")
        if top != "frontmatter" or key not in knowledge.raw("merging")["later"][kind]:
            return None
        nodes = [node for node in record.versions if node is not None]
        found = [match[1] for node in nodes if (match := form.fullmatch(_value(node)))]
        if len(found) < len(record.versions):
            return None
        base, ours, theirs = (tuple(map(int, re.findall(r"\d+", value))) for value in found)
        return None if ours == theirs or min(ours, theirs) < base else nodes[1] if ours > theirs else nodes[2]

    return rule


def _value(node: Node) -> str:
    """A scalar on one line as it is written, without quotes."""
    if isinstance(node.unit, Field):
        return node.unit.written if isinstance(node.unit.written, str) else node.unit.text
    value = node.lines[0].partition(":")[2].strip() if len(node.lines) == 1 else ""
    return value[1:-1] if len(value) > 1 and value[0] in "'\"" and value[-1] == value[0] else value


RULES: Mapping[str, _Rule] = {
    "same-as-absent": _same_as_absent,
    "higher-version": _later("version", _VERSION),
    "later-date": _later("date", _DATE),
}


# Structure ------------------------------------------------------------------------------------------------------------
#
# The structured merge: by field, section and unit; what stands in one unit is merged by words, lines or cells.
#
# Existence, place, order and text of each thing are decided one after the other, each three ways. Deleted on one
# side and changed on the other is a conflict, so is a place where each side put something else for the same lines.


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the text of one record was decided."""

    lines: Lines | None
    """None where it is a conflict."""
    rule: str


@dataclass(slots=True)
class _Merge:
    union: Union
    forms: Forms
    uses: Uses
    verdicts: dict[Record, Verdict] = field(default_factory=dict)
    gone: dict[Record, bool] = field(default_factory=dict)
    reordered: dict[tuple[Node, Node], set[Node]] = field(default_factory=dict)


def merge_trees(
    base: Node, ours: Node, theirs: Node, knowledge: Knowledge, pairings: tuple[Pairing, Pairing] | None = None
) -> list[Piece]:
    """Merge three trees, matched by `pairings` of the base with each side, or anew.

    Raises UnresolvableError where structure gives no answer.
    """
    left, right = pairings or (pair(base, ours), pair(base, theirs))
    union = unite((base, ours, theirs), left, right)
    for record, why in crossings(union, knowledge).items():
        record.torn = why
    place(union)
    run = _Merge(union, Forms(union), Uses(union))
    entries = [entry for member in _ordered(run, union.root, knowledge) for entry in _entries(run, member, knowledge)]
    return laid_out(union, entries)


# What stands where


def _entries(run: _Merge, record: Record | Rivals[Record] | Torn[Record], knowledge: Knowledge) -> list[Entry]:
    """The record and all below it, in order, as they go into the result; a section without an answer is in conflict.

    Raises UnresolvableError where something was moved into such a section or out of it.
    """
    try:
        return _merged_entries(run, record, knowledge)
    except UnresolvableError as error:
        if not isinstance(record, Record) or record.kind != "section" or record.ours is None or record.theirs is None:
            raise
        return [_whole_clash(record, str(error), is_whole=True)]


def _merged_entries(run: _Merge, record: Record | Rivals[Record] | Torn[Record], knowledge: Knowledge) -> list[Entry]:
    if isinstance(record, Rivals):
        return [_rival_entry(record)]
    if isinstance(record, Torn):
        ours, theirs = torn_apart(record.thing)
        record = ours if record.by_ours else theirs
    if record.torn:
        return [_whole_clash(record, record.torn, is_whole=True)]
    if record.ours is None or record.theirs is None:
        if record.base is not None:
            return _deleted(run, record, knowledge)
    elif _is_written_twice(record):
        return [_whole_clash(record, "added by both sides")]
    if record.kind == "field" and fields.takes_back_and_grants(*record.versions, knowledge=knowledge):
        return [_whole_clash(record, "one side took back what the other granted")]
    if record.kind == "field" and (lines := reformed(*record.versions, knowledge=knowledge)) is not None:
        return [Entry(record, _last(record), lines=tuple(lines))]
    own = _own(run, record, knowledge)
    if own.clash is not None and not _settled_below(record):
        return [_whole_clash(record, own.clash.slot)]
    return [
        _under_rules(own, knowledge),
        *(entry for member in _ordered(run, record, knowledge) for entry in _entries(run, member, knowledge)),
    ]


def _under_rules(entry: Entry, knowledge: Knowledge) -> Entry:
    """A conflict with what a rule makes of it."""
    if entry.clash is None:
        return entry
    return replace(entry, clash=replace(entry.clash, ruling=ruled(entry.record, entry.clash.path, knowledge)))


def _is_written_twice(record: Record) -> bool:
    """Whether both sides added a section of one title and filled it differently, out of nothing that was there."""
    if record.base is not None or record.kind != "section" or record.ours is None or record.theirs is None:
        return False
    is_new = not any(member.base is not None for member in record.members)
    return is_new and text_of(record.ours) != text_of(record.theirs)


def _settled_below(record: Record) -> bool:
    """Whether the children of a record in conflict can be merged by themselves."""
    return record.kind == "section" or not any(version and version.children for version in record.versions)


def _deleted(run: _Merge, record: Record, knowledge: Knowledge) -> list[Entry]:
    """What one side deleted goes, unless the other side changed it."""
    if run.uses.hold(record):
        return [Entry(record, record.versions, lines=tuple(record.node.lines))]
    if _is_gone(run, record):
        live = [member for member in record.members if member.ours is not None and member.theirs is not None]
        if live:
            raise UnresolvableError("a deleted section holds what the other side kept")
        return []
    kept = record.ours or record.theirs
    who, other = ("ours", "theirs") if record.ours is None else ("theirs", "ours")
    same = record.base is not None and kept is not None and text_of(record.base) == text_of(kept)
    clash = _whole_clash(record, f"deleted by {who}, {'moved' if same else 'changed'} by {other}")
    return [_under_rules(clash, knowledge)]


def _is_gone(run: _Merge, record: Record) -> bool:
    """Whether a side deleted it and the other one had left it alone."""
    if record.base is None or (record.ours is not None and record.theirs is not None):
        return False
    if record not in run.gone:
        kept = record.ours or record.theirs
        run.gone[record] = not run.uses.hold(record) and (kept is None or not _touched(run, record, kept))
    return run.gone[record]


def _touched(run: _Merge, record: Record, kept: Node) -> bool:
    """Whether the side that kept it changed it: its words, its place, or anything below it."""
    base = record.base
    if base is None or _content(base) != _content(kept):
        return True
    if _is_moved(run.union, base, kept) or base in _reordered(run, base.parent, kept.parent):
        return True
    return any(_touched_member(run, member) for member in record.members)


def _reordered(run: _Merge, base: Node | None, side: Node | None) -> set[Node]:
    """Nodes of the base that a side put elsewhere among those that it kept there."""
    if base is None or side is None or side.kind in NAMED - {"section"}:
        return set()
    if (base, side) not in run.reordered:
        here = set(base.children)
        order = [one for node in side.children if (one := run.union.of[node].base) is not None and one in here]
        kept_here = set(order)
        run.reordered[base, side] = moved_things([node for node in base.children if node in kept_here], order)
    return run.reordered[base, side]


def _is_moved(union: Union, base: Node, kept: Node) -> bool:
    """Whether a side put it into another section; a heading that came or went above it moved nothing."""
    old, new = parent_in(union, base), parent_in(union, kept)
    if old is None or new is None or old is new:
        return False
    side = 1 if kept is union.of[kept].ours else 2
    return old.versions[side] is not None and new.base is not None


def _touched_member(run: _Merge, member: Record) -> bool:
    if member.ours is not None and member.theirs is not None:
        raise UnresolvableError("a section that one side deleted was filled by the other")
    kept = member.ours or member.theirs
    return kept is not None and _touched(run, member, kept)


def _content(node: Node) -> list[str]:
    """Its lines without what only counts: the number of an item."""
    return split_mark(node.lines)[1] if node.kind in PROSE else node.lines


def _whole_clash(record: Record, slot: str, *, is_whole: bool = False) -> Entry:
    """A conflict about the record and all below it."""
    inside = _below(record)
    for node in (n for version in record.versions if version is not None for n in walk(version)):
        inside.discard(node)
    if inside:
        raise UnresolvableError("a unit in conflict was moved out of its section")
    versions = (record.base or record.origin, record.ours, record.theirs)
    base, ours, theirs = (tuple(text_of(node)) if node is not None else () for node in versions)
    about = slot if record.kind in NAMED or not slot else f"{record.node.label}: {slot}"
    return Entry(
        record, _last(record), clash=Clash(base, ours, theirs, path_of(record), about, first_lines(record), is_whole)
    )


NAMED = frozenset({"field", "entry", "section", "frontmatter"})
"""Kinds that their path names."""


def first_lines(record: Record) -> tuple[int, int, int]:
    """The first line of a record in each version; 0 where it is not there."""
    versions = (record.base or record.origin, record.ours, record.theirs)
    base, ours, theirs = (0 if node is None else node.line for node in versions)
    return base, ours, theirs


def _below(record: Record) -> set[Node]:
    found = {node for node in record.versions if node is not None}
    for member in record.members:
        found |= _below(member)
    return found


def _last(record: Record) -> tuple[Node | None, Node | None, Node | None]:
    base, ours, theirs = (None if node is None else [*walk(node)][-1] for node in record.versions)
    return base, ours, theirs


def path_of(record: Record) -> str:
    """`frontmatter/key` or the titles of the sections it stands in, and what it is there."""
    return path_to(record.node)


def path_to(node: Node) -> str:
    """The same for one node."""
    names: list[str] = []
    at: Node | None = node
    while at is not None:
        if at.kind == "frontmatter":
            return "/".join(["frontmatter", *reversed(names)])
        if at.kind in ("field", "entry", "section"):
            names.append(at.name)
        if at.kind == "field" and at.parent is not None and at.parent.kind == "section":
            # The block above it was never closed; it is a field of the file all the same.
            return "/".join(["frontmatter", *reversed(names)])
        at = at.parent
    return " / ".join(reversed(names))


# Order


def _ordered(run: _Merge, record: Record, knowledge: Knowledge) -> Order[Record]:
    members = set(record.members)
    if not members:
        return []
    base = _sequence(run.union, record, members, 0)
    left = {member for member in members if not _is_gone(run, member)}
    ours, theirs = (_sequence(run.union, record, left, n) for n in (1, 2))
    if record.kind == "root" and not any(_is_displaced(member) for member in members):
        ours, theirs = _without_frontmatter_last(ours), _without_frontmatter_last(theirs)
    order = merge_order(base, ours, theirs, _order_text, _are_rivals, _rank)
    if order is None:
        raise UnresolvableError("both sides reordered the same list")
    if record.kind in ("frontmatter", "field", "entry") and any(isinstance(member, Torn) for member in order):
        raise UnresolvableError("both sides reordered the same keys")
    return _with_texts(run, order, knowledge)


def _is_displaced(record: Record) -> bool:
    """Whether a version has its frontmatter below something else."""
    return record.kind == "frontmatter" and any(node is not None and node.line > 1 for node in record.versions)


def _without_frontmatter_last(sequence: list[Record]) -> list[Record]:
    return sorted(sequence, key=lambda record: record.kind != "frontmatter")


def _sequence(union: Union, record: Record, members: set[Record], version: int) -> list[Record]:
    """Members as one version has them; where that version lacks the parent, in the order of its file."""
    own = record.versions[version]
    followed = {
        node.parent for member in members if _follows(member, record) and (node := member.versions[version]) is not None
    }
    nodes = [(union.places[node], member) for member in members if (node := member.versions[version]) is not None]
    if own is not None:
        nodes = [
            (place, member)
            for place, member in nodes
            if (node := member.versions[version]) is not None
            and (node.parent is own or _follows(member, record) or node.parent in followed)
        ]
    return [member for _, member in sorted(nodes, key=lambda row: row[0])]


def _follows(member: Record, record: Record) -> bool:
    """Whether an addition was led here by its neighbours, which the other side had moved."""
    return member.base is None and member.parent is record


def _order_text(record: Record) -> str:
    """What two runs at one place are ordered by: the same whichever side is ours."""
    texts = {"\n".join(text_of(node)) for node in (record.ours, record.theirs) if node is not None}
    return "\0".join([*sorted(texts), "" if record.base is None else "\n".join(text_of(record.base))])


def _rank(record: Record) -> int:
    """Units come before sections, and deeper sections before higher ones, which else would hold them."""
    if record.kind != "section":
        return 0
    hashes, _ = _split_heading(record.node.lines[0])
    return MAX_LEVEL + 1 - (len(hashes.strip()) or MAX_LEVEL)


def _are_rivals(gone: Sequence[Record], ours: Sequence[Record], theirs: Sequence[Record]) -> bool:
    if any(record.ours is None and record.theirs is None for record in gone):
        return True
    by_ours = any(record.ours is None for record in gone)
    by_theirs = any(record.theirs is None for record in gone)
    # What a side moved here has a version of its own on the other side: it is no second answer.
    added, other_added = ([record for record in side if record.base is None] for side in (ours, theirs))
    return (by_ours and by_theirs) or any(_same_thing(one, two) for one in added for two in other_added)


def _same_thing(one: Record, two: Record) -> bool:
    left, right = one.node, two.node
    if addition_name(left) and addition_name(left) == addition_name(right):
        return True
    if left.kind in ("field", "entry", "element", "section") or left.kind != right.kind:
        return False
    return likeness(bag(left), bag(right)) >= RIVAL_LIKENESS


def _rival_entry(rivals: Rivals[Record]) -> Entry:
    for record in (*rivals.ours, *rivals.theirs):
        if record.ours is not None and record.theirs is not None:
            raise UnresolvableError("what one side moved stands between what both sides wrote anew")
        _whole_clash(record, "")
    base = _block([record.base for record in rivals.gone if record.base is not None])
    ours = _block([r.ours for r in rivals.ours if r.ours is not None])
    theirs = _block([r.theirs for r in rivals.theirs if r.theirs is not None])
    first = rivals.ours[0]
    last = (None, _last(rivals.ours[-1])[1], _last(rivals.theirs[-1])[2])
    why = "written anew by both sides" if base else "added by both sides"
    slot = why if first.kind in NAMED else f"{first.node.label}: {why}"
    start = next((record.base.line for record in rivals.gone if record.base is not None), 0)
    lines = (start, first_lines(first)[1], first_lines(rivals.theirs[0])[2])
    return Entry(first, last, clash=Clash(base, ours, theirs, path_of(first), slot, lines), also=rivals.theirs[0])


def _block(nodes: Sequence[Node]) -> Lines:
    lines: list[str] = []
    for node in nodes[:-1]:
        lines += [*text_of(node), *[*walk(node)][-1].gap]
    return (*lines, *text_of(nodes[-1])) if nodes else ()


def _with_texts(run: _Merge, order: Order[Record], knowledge: Knowledge) -> Order[Record]:
    """Decide the texts of the members and give ordered items the numbers that fit their new order."""
    plain = [member for member in order if isinstance(member, Record)]
    for member in plain:
        if member.ours is not None or member.theirs is not None:
            verdict = _verdict(member, knowledge=knowledge)
            if verdict.lines is not None:
                verdict = replace(verdict, lines=tuple(run.forms.fitted(member, verdict.lines)))
            run.verdicts[member] = verdict
    for member, lines in renumbered(plain, {m: run.verdicts[m].lines for m in plain if m in run.verdicts}):
        run.verdicts[member] = Verdict(lines, run.verdicts[member].rule)
    return list(order)


# Text


def _own(run: _Merge, record: Record, knowledge: Knowledge) -> Entry:
    verdict = run.verdicts[record] if record in run.verdicts else _verdict(record, knowledge=knowledge)
    last = record.versions
    if verdict.lines is not None:
        return Entry(record, last, lines=verdict.lines)
    base, ours, theirs = (tuple(node.lines) if node is not None else () for node in record.versions)
    why = _why_apart(record, knowledge)
    slot = why if record.kind in NAMED else f"{record.node.label}: {why}"
    return Entry(record, last, clash=Clash(base, ours, theirs, path_of(record), slot, first_lines(record)))


def _why_apart(record: Record, knowledge: Knowledge) -> str:
    """What the sides did to a text that is left in conflict."""
    if record.kind == "section":
        return "renamed by both sides"
    is_field = record.kind == "field"
    if (
        fields.is_bound_anew(*record.versions, knowledge=knowledge)
        if is_field
        else record.kind in PROSE and _is_bound_anew(record, knowledge)
    ):
        return "one side changed what binds"
    return "changed by both sides"


def _is_bound_anew(record: Record, knowledge: Knowledge) -> bool:
    base, ours, theirs = (split_mark(node.lines)[1] if node is not None else [] for node in record.versions)
    return bind_differently(base, ours, theirs, knowledge)


def _verdict(record: Record, knowledge: Knowledge) -> Verdict:
    base, ours, theirs = (node.lines if node is not None else None for node in record.versions)
    if theirs is None or ours == theirs:
        return Verdict(tuple(ours or ()), "same" if theirs is not None else "added")
    if ours is None:
        return Verdict(tuple(theirs), "added")
    if base is not None and ours == base:
        return Verdict(tuple(theirs), "changed-by-theirs")
    if base is not None and theirs == base:
        return Verdict(tuple(ours), "changed-by-ours")
    merged = _merged_text(record, base, ours, theirs, knowledge)
    return Verdict(None if merged is None else tuple(merged), "merged")


def _merged_text(
    record: Record, base: Sequence[str] | None, ours: Sequence[str], theirs: Sequence[str], knowledge: Knowledge
) -> Sequence[str] | None:
    kind = record.kind
    if kind == "fence" or kind == "frontmatter":
        return ours
    if kind in ("field", "entry"):
        return fields.merge_field(record.base, record.ours, record.theirs, knowledge)
    if kind in PROSE:
        return _merge_item(base, ours, theirs, knowledge)
    if base is None:
        return None
    if kind == "section":
        return _merge_heading(base, ours, theirs)
    return merge_table(base, ours, theirs) if kind == "table" else merge_code(base, ours, theirs)


def _merge_item(
    base: Sequence[str] | None, ours: Sequence[str], theirs: Sequence[str], knowledge: Knowledge
) -> Sequence[str] | None:
    """The mark and the words are two things: one side may renumber while the other one rewrites."""
    marks, texts = zip(*(split_mark(lines or ()) for lines in (base, ours, theirs)), strict=True)
    if texts[1] == texts[2] or (base is not None and texts[2] == texts[0]):
        text: Sequence[str] | None = texts[1]
    elif base is not None and texts[1] == texts[0]:
        text = texts[2]
    elif base is None:
        text = None
    else:
        old, mine, other = texts
        text = merge_words(old, mine, other, knowledge)
        if not text and not bind_differently(old, mine, other, knowledge):
            text = merge_code(old, mine, other) or merge_enumerated(old, mine, other, knowledge)
    if not text:
        return None
    mark = marks[2] if marks[1] == marks[0] else marks[1] if marks[2] == marks[0] else max(marks[1:])
    return [mark + text[0], *text[1:]]


def _merge_heading(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> Sequence[str] | None:
    """Level and title are two things: one side may move a section deeper while the other one renames it."""
    if not len(base) == len(ours) == len(theirs) == 1:
        return None
    hashes, titles = zip(*(_split_heading(lines[0]) for lines in (base, ours, theirs)), strict=True)
    level = _three(*hashes)
    title = _three(*titles)
    return None if level is None or title is None else [level + title]


def _split_heading(line: str) -> tuple[str, str]:
    title = line.lstrip("# \t")
    return line[: len(line) - len(title)], title


def _three(base: str, ours: str, theirs: str) -> str | None:
    if ours == theirs or theirs == base:
        return ours
    return theirs if ours == base else None


def clash_pieces(clash: Clash) -> list[Piece]:
    """A conflict about several lines, cut down to the lines that are in conflict."""
    if clash.is_whole:
        return [clash]
    pieces = merge_lines(clash.base, clash.ours, clash.theirs)
    if not any(isinstance(piece, Clash) for piece in pieces):
        # Moved against deleted: the lines agree, the sides do not.
        return [clash]
    return [_inside(clash, piece) if isinstance(piece, Clash) else piece for piece in pieces]


def _inside(clash: Clash, part: Clash) -> Clash:
    """A part of a conflict, with its path and with lines as the files count them."""
    base, ours, theirs = (start + at - 1 if start else 0 for start, at in zip(clash.at, part.at, strict=True))
    return replace(part, path=clash.path, slot=clash.slot, at=(base, ours, theirs))
