"""Two sides of a conflict without their common ancestor: what is equal once, what only one has kept, the rest left.

What both sides have, node by node in one order, stands for the base that nobody knows; then it is a three-way merge in
which each side only added. What the sides say differently of one thing is put out of the merge's reach first (see
`undecided`), so that neither side wins. The result is read again: each unit, heading and field of both sides has to be
in it, else the text stays as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from agentmerge.errors import AgentMergeError, InputError
from agentmerge.knowledge import Knowledge
from agentmerge.merging import is_long, merge
from agentmerge.merging.inputs import tree_of
from agentmerge.merging.nodes import Node, walk
from agentmerge.merging.pieces import Clash, Settled, Style, marked, refined
from agentmerge.merging.policy import Policy
from agentmerge.merging.sequences import common
from agentmerge.merging.wholes import plain, restored
from agentmerge.model import Definition
from agentmerge.outcome import Action, Conflict, Decision, Fate, LedgerRow, Merged, Notice, Source
from agentmerge.parsing import parse
from agentmerge.parsing.lines import to_lf
from agentmerge.parsing.markers import Conflicted, Hunk, conflicts, holds_markers, take_apart
from agentmerge.proving import Case, law_names, prove
from agentmerge.resolving.checking import missing
from agentmerge.resolving.undecided import Replaced, set_aside

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
