"""Two sides without an ancestor in, one text out: what is equal once, what only one has kept, the rest left."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from agentmerge.errors import AgentMergeError, InputError
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.aligning import align
from agentmerge.matching.pairwise import Matching, Pair, match
from agentmerge.matching.records import Member
from agentmerge.merging.engine import is_long, merge
from agentmerge.merging.inputs import tree_of
from agentmerge.merging.nodes import PROSE, Node, walk
from agentmerge.merging.pieces import RIVAL_LIKENESS, Clash, Policy, Settled, Style, marked, refined
from agentmerge.model import Definition, Field, Section, Unit, walk_sections, walk_units
from agentmerge.planning.records import Action, Conflict, Decision, Fate, LedgerRow, Merged, Notice, Source
from agentmerge.proving.cases import Case, law_names, prove
from agentmerge.reading.parsing import parse
from agentmerge.rights import comparing
from agentmerge.text.lines import split_lines, to_lf
from agentmerge.text.markers import Conflicted, Hunk, conflicts, holds_markers, take_apart
from agentmerge.text.sequences import common, longest_increasing, plain, restored

# Checking -------------------------------------------------------------------------------------------------------------
#
# The proof that nothing of two sides got lost: a result is read again, with either side of its conflicts taken.


def missing(text: str, *sides: Definition, knowledge: Knowledge) -> list[str]:
    """What the sides have and the text does not, in a few words each."""
    found = take_apart(text, knowledge) if holds_markers(text, knowledge) else None
    texts = [found.side("ours"), found.side("theirs")] if found else [text]
    read = [parse(one, knowledge, filename=sides[0].filename, dialect=sides[0].dialect) for one in texts]
    said = {one for definition in read for one in _said(definition)}
    holes = [about for side in sides for about in _said(side) if about not in said]
    return [f"'{text[:60]}' ({kind})" for kind, text in holes] + [
        f"'{field.key}' (field)"
        for side in sides
        for field in side.fields
        if not any(_same(field, other, knowledge) for one in read if (other := one.field(field.key)))
    ]


def _same(field: Field, other: Field, knowledge: Knowledge) -> bool:
    """Whether the other says it all: the same words, or each member of a list and more."""
    if isinstance(field.value, tuple) and isinstance(other.value, tuple):
        return all(member in other.value for member in field.value)
    return comparing.same_value(field, other, knowledge) or field.text.split() == other.text.split()


def _said(definition: Definition) -> Iterator[tuple[str, str]]:
    """Every heading and unit, by kind and words."""
    for _, section in walk_sections(definition.root):
        yield "heading", " ".join(section.title.split())
    for place in walk_units(definition.root):
        yield place.unit.kind, " ".join(place.unit.text.split())


# Undecided ------------------------------------------------------------------------------------------------------------
#
# What two sides say differently of one thing, set aside before they are combined.
#
# In both sides a unit, heading or field of which only one wording can stand is replaced by one and the same line, a
# token, that no text holds. A merge takes it for a thing that nobody changed, and where it comes out the two wordings
# are put back as a conflict.


_LEAD = re.compile(r"[ \t]*(?:(?:[-*+•]|\d{1,9}[.)])[ \t]+)?")
_HASHES = re.compile(r"#{1,6}[ \t]+")


@dataclass(frozen=True, slots=True)
class _Span:
    """Lines of a side from `start` up to `end`, 0-based."""

    start: int
    end: int


@dataclass(slots=True)
class Replaced:
    """Two sides with tokens in the place of what they disagree about."""

    sides: tuple[list[str], list[str]]
    """Lines of both as they were."""
    word: str
    """Start of every token."""
    spans: list[tuple[_Span | None, _Span | None]] = field(default_factory=list)
    """For each token what it stands for on either side."""
    paths: list[tuple[str, str]] = field(default_factory=list)
    """For each token its path, and what it is about."""
    changes: tuple[dict[int, tuple[int, list[str]]], dict[int, tuple[int, list[str]]]] = field(
        default_factory=lambda: ({}, {})
    )
    """For each side, first line to the line after the last and what stands there instead."""
    numbers: tuple[list[int], list[int]] = field(default_factory=lambda: ([], []))
    """For each line of a side with tokens, its 1-based line as it was."""

    def text(self, side: int) -> str:
        """A side with its tokens."""
        own, changes, lines = self.sides[side], self.changes[side], []
        self.numbers[side].clear()
        at = 0
        while at < len(own):
            end, new = changes.get(at, (at + 1, [own[at]]))
            lines += new
            self.numbers[side].extend(at + 1 for _ in new)
            at = end
        return "".join(f"{line}\n" for line in lines)

    def token_in(self, text: str) -> int | None:
        """Number of the token that a line holds."""
        found = re.search(rf"{self.word}(\d+)z", text) if self.word in text else None
        return int(found[1]) if found else None

    def lines(self, token: int, side: int) -> list[str]:
        """What a token stands for."""
        span = self.spans[token][side]
        return self.sides[side][span.start : span.end] if span else []

    def clash(self, token: int) -> Clash:
        """What a token stands for, as a conflict."""
        left, right = (tuple(self.lines(token, side)) for side in (0, 1))
        at = [span.start + 1 if span else 0 for span in self.spans[token]]
        path, slot = self.paths[token]
        return Clash((), left, right, path, slot, (0, at[0], at[1]))

    def original(self, source: Source) -> Source:
        """A source as its own side has it."""
        side = source.file - 1
        numbers = self.numbers[side]
        line = numbers[source.line - 1] if 0 < source.line <= len(numbers) else source.line
        token = self.token_in(source.text)
        text = source.text if token is None else "\n".join(self.lines(token, side))
        return replace(source, line=line, text=text)


def set_aside(left: Definition, right: Definition, knowledge: Knowledge) -> Replaced:
    """Tokens for all that the two sides say differently; what they only write differently is written as in `left`.

    Raises InputError where they have the same steps in another order.
    """
    found = Replaced((plain(left.text).lines, plain(right.text).lines), _unused(left.text + right.text))
    matching = match(left, right, knowledge, align)
    apart = _apart(matching)
    for pair in (*matching.sections, *matching.units, *matching.fields):
        if _is_undecided(pair, knowledge) or pair in apart:
            _token(found, pair.a, pair.b)
        elif _is_respelled(pair, found, knowledge):
            _respell(found, pair)
    for side, member in _granting(matching, knowledge):
        _token(found, *((member, None) if side == 0 else (None, member)))
    return found


def _unused(text: str) -> str:
    word = "undecided"
    while word in text:
        word += "q"
    return word


# What is undecided


def _is_undecided(pair: Pair, knowledge: Knowledge) -> bool:
    a, b = pair.a.node, pair.b.node
    if isinstance(a, Field) and isinstance(b, Field):
        if comparing.same_value(a, b, knowledge):
            return "#" in b.source and a.source.split() != b.source.split()
        # What grants or denies is never added up from two sides.
        return bool(knowledge.field_info(a.key).rights)
    if isinstance(a, Section) and isinstance(b, Section):
        return a.title != b.title and a.style == b.style
    if not (isinstance(a, Unit) and isinstance(b, Unit)):
        return False
    if _words(a) == _words(b):
        return a.checked != b.checked
    if pair.by == "contradicts":
        return True
    # In the place of a step no paragraph stands: what has another form is kept beside it.
    return _form(a) == _form(b) and (pair.by == "aligned" or pair.similarity >= RIVAL_LIKENESS)


def _form(node: Unit | Field | Section) -> tuple[str, bool]:
    """A unit's kind, and whether it has no number."""
    kind = getattr(node, "kind", "section")
    return "item" if kind == "task" else kind, getattr(node, "ordinal", None) is None


def _words(unit: Unit) -> str:
    """What a unit says; how prose is wrapped says nothing."""
    return " ".join(unit.text.split()) if unit.kind in PROSE else unit.text


def _apart(matching: Matching) -> list[Pair]:
    """Units that stand once in one section on each side, but in another order: a token is written once."""
    equal = [pair for pair in matching.units if pair.by == "equal" and not getattr(pair.a.node, "children", ())]
    numbered = [(number, pair.b.line) for number, pair in enumerate(equal)]
    in_order = {number for number, _ in longest_increasing(numbered)}
    found = [pair for number, pair in enumerate(equal) if number not in in_order]
    for pair in found:
        if _form(pair.a.node) == _form(pair.b.node) == ("item", False):
            raise InputError("the sides have the same steps in another order")
    return found


def _granting(matching: Matching, knowledge: Knowledge) -> Iterator[tuple[int, Member]]:
    """Fields of one side that grant what the other, which has none, does not."""
    for side, only in enumerate((matching.only_a, matching.only_b)):
        for member in only:
            if isinstance(member.node, Field):
                info = knowledge.field_info(member.node.key)
                if info.rights and _grants(member.node, knowledge):
                    yield side, member


def _grants(field: Field, knowledge: Knowledge) -> bool:
    return comparing.field_shift(field.key, None, field, knowledge) in ("widened", "both")


def _is_respelled(pair: Pair, found: Replaced, knowledge: Knowledge) -> bool:
    """Whether both sides say the same in other characters, and one spelling can stand for the other."""
    a, b = pair.a.node, pair.b.node
    if isinstance(a, Field) and isinstance(b, Field):
        return comparing.same_value(a, b, knowledge)
    if isinstance(a, Unit) and isinstance(b, Unit):
        left, right = (_own(found, side, one) for side, one in enumerate((pair.a, pair.b)))
        same_place = _indent(left[0]) == _indent(right[0]) if left and right else False
        return a.kind == b.kind and _words(a) == _words(b) and not a.children and not b.children and same_place
    return False


def _respell(found: Replaced, pair: Pair) -> None:
    left, right = _own(found, 0, pair.a), _own(found, 1, pair.b)
    if left != right:
        span = _span(found, 1, pair.b)
        found.changes[1][span.start] = (span.end, left)


# Where it stands


def _span(found: Replaced, side: int, member: Member) -> _Span:
    """The own lines of a node, children and blank lines below left out."""
    node = member.node
    start = node.start - 1 if isinstance(node, Field) else node.line - 1
    end = node.end - 1 if not isinstance(node, Section) else node.line - 1 + _rows(node.source)
    own = found.sides[side]
    while end - 1 > start and not own[end - 1].strip():
        end -= 1
    return _Span(start, end)


def _rows(source: str) -> int:
    return len(split_lines(source)) or 1


def _own(found: Replaced, side: int, member: Member) -> list[str]:
    span = _span(found, side, member)
    return found.sides[side][span.start : span.end]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _token(found: Replaced, left: Member | None, right: Member | None) -> None:
    number = len(found.spans)
    first = left or right
    assert first is not None
    spans = [None if one is None else _span(found, side, one) for side, one in enumerate((left, right))]
    at = next(side for side, one in enumerate(spans) if one is not None)
    line = _line(first, found.sides[at], spans[at], f"{found.word}{number}z")
    found.spans.append((spans[0], spans[1]))
    found.paths.append((_path(first), _about(first, alone=left is None or right is None)))
    for side, span in enumerate(spans):
        if span is not None:
            found.changes[side][span.start] = (span.end, [line])


def _line(member: Member, lines: Sequence[str], span: _Span | None, token: str) -> str:
    """A line that reads as the same kind of thing."""
    node, first = member.node, lines[span.start] if span else ""
    if isinstance(node, Field):
        return f"{node.key}: {token}"
    if isinstance(node, Section):
        hashes = _HASHES.match(first)
        return f"{hashes[0] if hashes else '#' * min(max(node.level, 1), 6) + ' '}{token}"
    lead = _LEAD.match(first) if node.kind in ("item", "task") else None
    return f"{lead[0] if lead else first[: _indent(first)]}{token}"


def _path(member: Member) -> str:
    node = member.node
    if isinstance(node, Field):
        return f"frontmatter/{node.key}"
    titles = [section.title for section in member.path]
    return " / ".join([*titles, node.title] if isinstance(node, Section) else titles)


def _about(member: Member, *, alone: bool) -> str:
    node = member.node
    if isinstance(node, Field):
        return "what only one side grants, not said by both sides" if alone else "set by both sides"
    if isinstance(node, Section):
        return "titled by both sides"
    name = f"step {node.ordinal}" if node.ordinal is not None else node.kind
    return f"{name}: worded by both sides"


# Resolving ------------------------------------------------------------------------------------------------------------
#
# Two sides of a conflict without their common ancestor: what is equal once, what only one has kept, the rest left.
#
# What both sides have, node by node in one order, stands for the base that nobody knows; then it is a three-way merge
# in
# which each side only added. What the sides say differently of one thing is put out of the merge's reach first (see
# `undecided`), so that neither side wins. The result is read again: each unit, heading and field of both sides has to
# be
# in it, else the text stays as it is.


MAX_DEPTH = 8
"""Conflicts inside conflicts that are taken apart."""


def combine_sides(
    text: str,
    knowledge: Knowledge,
    *,
    filename: str | None = None,
    policy: Policy | None = None,
    style: Style | None = None,
) -> Merged:
    """The sides of a text with conflict markers as one text, without a base.

    What the sides say differently of one thing stays a conflict, and so does everything where it can't be told apart.
    In the records ours is file 1 and theirs file 2; of the base, file 0, there are none.
    """
    whole = plain(text).text
    found = take_apart(whole, knowledge)
    written = Style("merge", style.marker_size if style else 7, found.labels)
    try:
        merged = _merged(found, filename, policy or Policy(), written, knowledge)
    except AgentMergeError as error:
        merged = _as_it_was(whole, found, error.message, knowledge)
    merged = replace(merged, findings=(*merged.findings, *_proof(merged.text, whole, filename, knowledge)))
    return replace(merged, text=restored(merged.text.split("\n")[:-1], text))


def _proof(text: str, whole: str, filename: str | None, knowledge: Knowledge) -> tuple[Notice, ...]:
    """What both sides had and the result has not, whichever side of the conflicts that are left is taken."""
    sides = [take_apart(whole, knowledge).side(name) for name in ("ours", "theirs")]
    if any(holds_markers(side, knowledge) or is_long(side) for side in sides):
        return ()
    sources = tuple(parse(side, knowledge, filename=filename) for side in sides)
    told: dict[tuple[str, str], Notice] = {}
    for rows in _readings(text, knowledge):
        result = parse("".join(f"{row}\n" for _, row in rows), knowledge, filename=filename)
        numbers = [number for number, _ in rows]
        case = Case(result, sources, knowledge, are_versions=True, numbers=numbers)
        told |= {(notice.rule, notice.message): notice for notice in prove(case)}
    return tuple(told.values())


def _readings(text: str, knowledge: Knowledge) -> list[list[tuple[int, str]]]:
    """The lines of a text with their numbers; where conflicts stand in it, those with each of their sides."""
    rows = list(enumerate(text.removesuffix("\n").split("\n"), 1))
    hunks = conflicts(text, knowledge)
    if not hunks:
        return [rows]
    between = {number for hunk in hunks for number in range(hunk.line, hunk.end + 1)}
    sides = dict(pair for hunk in hunks for pair in _side_lines(hunk))
    return [[row for row in rows if row[0] not in between or sides.get(row[0]) == side] for side in (0, 1)]


def versions(text: str, knowledge: Knowledge, base: str | None = None) -> tuple[str, str, str] | None:
    """Base, ours and theirs of a text with conflict markers, none of them with markers of its own.

    The base is the one that is given, else as the markers show it; None where they do not, or where a side can't be
    told because conflicts stand in conflicts.
    """
    found = take_apart(to_lf(text), knowledge)
    shown = base if base is not None else _base_of(found, knowledge)
    ours, theirs = (_settled(found.side(name), None, Policy(), Style(), knowledge) for name in ("ours", "theirs"))
    if shown is None or ours is None or theirs is None:
        return None
    return shown, ours.replace("\n", "\r\n") if "\r\n" in text else ours, theirs


def _base_of(found: Conflicted, knowledge: Knowledge, depth: int = 0) -> str | None:
    """What the markers show as the base; where that was a conflict itself, the base of it."""
    if not found.has_base or depth == MAX_DEPTH:
        return None
    text = found.side("base")
    return _base_of(take_apart(text, knowledge), knowledge, depth + 1) if holds_markers(text, knowledge) else text


def flattened(text: str, knowledge: Knowledge, filename: str | None = None) -> list[tuple[str, str]]:
    """Label and text of each variant that a text with conflict markers holds: two, or more where conflicts are nested.

    A text without markers is its one variant, without a label. Raises InputError for conflicts in conflicts beyond
    reason.
    """
    found = take_apart(to_lf(text), knowledge)
    if not found.hunks:
        return [("", text)]
    _, ours, theirs = found.labels
    labels = (ours, theirs) if ours != theirs else ("ours", "theirs")
    sides = zip(("ours", "theirs"), labels, strict=True)
    variants = [(label, one) for name, label in sides for one in _flat(found.side(name), filename, 1, knowledge)]
    counts = Counter(label for label, _ in variants)
    seen: Counter[str] = Counter()
    named = []
    for label, one in variants:
        seen[label] += 1
        named.append((f"{label}, {seen[label]}" if counts[label] > 1 else label, one))
    return named


def _flat(text: str, filename: str | None, depth: int, knowledge: Knowledge) -> list[str]:
    if not holds_markers(text, knowledge):
        return [text]
    found = take_apart(text, knowledge)
    if depth == MAX_DEPTH:
        message = f"conflicts are nested deeper than {MAX_DEPTH} levels"
        raise InputError(message, file=filename, remedy="resolve the inner ones by hand")
    sides = (found.side(name) for name in ("ours", "theirs"))
    return list(dict.fromkeys(one for side in sides for one in _flat(side, filename, depth + 1, knowledge)))


def _merged(found: Conflicted, filename: str | None, policy: Policy, style: Style, knowledge: Knowledge) -> Merged:
    ours, theirs = (_settled(found.side(name), filename, policy, style, knowledge) for name in ("ours", "theirs"))
    if ours is None or theirs is None:
        raise InputError("conflicts inside of conflicts are left")
    if is_long(ours) or is_long(theirs):
        raise InputError("it is too long for a merge by structure")
    return _combined(
        parse(ours, knowledge, filename=filename), parse(theirs, knowledge, filename=filename), policy, style, knowledge
    )


def _settled(
    text: str, filename: str | None, policy: Policy, style: Style, knowledge: Knowledge, depth: int = 0
) -> str | None:
    """A side without conflicts of its own; None where some are left."""
    if not holds_markers(text, knowledge):
        return text
    if depth == MAX_DEPTH:
        return None
    found = take_apart(text, knowledge)
    ours, theirs = (
        _settled(found.side(name), filename, policy, style, knowledge, depth + 1) for name in ("ours", "theirs")
    )
    if ours is None or theirs is None:
        return None
    try:
        merged = _combined(
            parse(ours, knowledge, filename=filename),
            parse(theirs, knowledge, filename=filename),
            policy,
            style,
            knowledge,
        )
    except AgentMergeError:
        return None
    return None if merged.open_conflicts else merged.text


def _as_it_was(text: str, found: Conflicted, why: str, knowledge: Knowledge) -> Merged:
    """The text with all its conflicts."""
    rows = tuple(
        Conflict("", "as it was", tuple(_sources(hunk)), None, hunk.line)
        for hunk in conflicts(text, knowledge) or found.hunks
    )
    return Merged(text, (), rows, (), (Notice("merged-by-lines", "warning", f"left as it was: {why}"),))


def _sources(hunk: Hunk) -> Iterator[Source]:
    for file, lines, start in ((1, hunk.ours, hunk.starts[1]), (2, hunk.theirs, hunk.starts[2])):
        if lines:
            yield Source(file, start + 1, "lines", "\n".join(lines))


# Two sides without conflicts


def _combined(left: Definition, right: Definition, policy: Policy, style: Style, knowledge: Knowledge) -> Merged:
    aside = set_aside(left, right, knowledge)
    ours, theirs = (
        parse(aside.text(side), knowledge, filename=one.filename, dialect=one.dialect)
        for side, one in enumerate((left, right))
    )
    base = parse(_shared(ours, theirs, knowledge), knowledge, filename=left.filename, dialect=left.dialect)
    written = _Written(merged := merge(base, ours, theirs, knowledge, None, style), aside, Policy(), style, knowledge)
    if holes := missing("\n".join(written.lines), left, right, knowledge=knowledge):
        raise InputError(f"nothing of either side may get lost, and {holes[0]} would")
    if policy.rules:
        # Only what a person asked for may leave something out.
        written = _Written(
            merged := merge(base, ours, theirs, knowledge, policy, style), aside, policy, style, knowledge
        )
    decisions = tuple(_decision(decision, aside) for decision in merged.decisions)
    ledger = tuple(_row(row, aside, written) for row in merged.ledger if row.source.file)
    left_open = {conflict.path for conflict in written.conflicts if conflict.decided_by is None}
    told = [notice for notice in merged.findings if notice.rule not in law_names()]
    findings = tuple(notice for notice in told if notice.path not in left_open)
    return Merged("\n".join(written.lines), decisions, tuple(written.conflicts), ledger, findings)


def _shared(ours: Definition, theirs: Definition, knowledge: Knowledge) -> str:
    """What both sides have: nodes that are equal to the letter and stand in the same order."""
    left, right = (list(walk(tree_of(one, knowledge))) for one in (ours, theirs))
    kept: set[Node] = set()
    lines: list[str] = []
    for x, y in common([_key(node) for node in left], [_key(node) for node in right]):
        if _is_held(left[x], kept) or _is_held(right[y], kept):
            kept |= {left[x], right[y]}
            lines += [*left[x].lines, *left[x].gap]
    return "".join(f"{line}\n" for line in lines)


def _is_held(node: Node, kept: set[Node]) -> bool:
    """Whether both sides have what a node stands in; an item of two new sections is two items."""
    return node.parent is None or node.parent.kind == "root" or node.parent in kept


def _key(node: Node) -> tuple[str, ...]:
    return (node.kind, *node.lines)


class _Written:
    """The result: the merge's lines with what was set aside in its place again, as conflicts."""

    def __init__(self, merged: Merged, aside: Replaced, policy: Policy, style: Style, knowledge: Knowledge) -> None:
        self._aside, self._policy, self._style = aside, policy, style
        self.lines: list[str] = []
        self.conflicts: list[Conflict] = []
        self.places: dict[int, int] = {}
        """Line of the merge to line of the result."""
        self._done: set[int] = set()
        rows = merged.text.split("\n")
        sides = {at: side for hunk in conflicts(merged.text, knowledge) for at, side in _side_lines(hunk)}
        known = {conflict.line: conflict for conflict in merged.open_conflicts}
        for number, row in enumerate(rows, 1):
            self.places[number] = len(self.lines) + 1
            if number in known:
                self.conflicts.append(self._moved(known[number], len(self.lines) + 1))
            token = aside.token_in(row)
            if token is None:
                self.lines.append(row)
            elif number in sides:
                self.lines += aside.lines(token, sides[number])
            elif token not in self._done:
                self._done.add(token)
                self._write(token)
            elif not "".join([*self.lines[-1:], *rows[number : number + 1]]).strip():
                # It stood between two blank lines.
                del self.lines[-1:]
        self.conflicts += [self._moved(c, self.places.get(c.line or 0)) for c in merged.conflicts if c.decided_by]

    def _moved(self, conflict: Conflict, line: int | None) -> Conflict:
        members = tuple(self._aside.original(member) for member in conflict.members if member.file)
        return replace(conflict, members=members, line=line)

    def _write(self, token: int) -> None:
        clash = self._aside.clash(token)
        choice = self._policy.decide(clash)
        if choice is not None:
            self.conflicts.append(_conflict(clash, choice[1], len(self.lines) + 1))
            self.lines += choice[0]
            return
        for part in refined(clash):
            if isinstance(part, Settled):
                self.lines += part.lines
            else:
                self.conflicts.append(_conflict(part, None, len(self.lines) + 1))
                self.lines += marked(part, self._style)


def _side_lines(hunk: Hunk) -> Iterator[tuple[int, int]]:
    """Lines between markers, with the side that they belong to."""
    _, ours, theirs = hunk.starts
    yield from ((ours + 1 + at, 0) for at in range(len(hunk.ours)))
    yield from ((theirs + 1 + at, 1) for at in range(len(hunk.theirs)))


def _conflict(clash: Clash, decided_by: str | None, line: int) -> Conflict:
    sides = ((1, clash.ours), (2, clash.theirs))
    members = tuple(Source(file, clash.at[file], "lines", "\n".join(lines)) for file, lines in sides if lines)
    return Conflict(clash.path, clash.slot, members, decided_by, line)


def _decision(decision: Decision, aside: Replaced) -> Decision:
    """A decision without the base that nobody knows."""
    members = tuple(member for member in decision.members if member.file)
    found = replace(decision, members=tuple(map(aside.original, members)))
    if any(aside.token_in(member.text) is not None for member in members):
        return replace(found, rule="said-differently", action=Action.CONFLICT)
    return found


def _row(row: LedgerRow, aside: Replaced, written: _Written) -> LedgerRow:
    into = written.places.get(row.into) if row.into is not None else None
    token = aside.token_in(row.source.text)
    fate = row.fate if token is None else Fate.CONFLICT
    return LedgerRow(aside.original(row.source), fate, row.decision, into)
