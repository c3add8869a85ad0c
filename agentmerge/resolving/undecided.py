"""What two sides say differently of one thing, set aside before they are combined.

In both sides a unit, heading or field of which only one wording can stand is replaced by one and the same line, a
token, that no text holds. A merge takes it for a thing that nobody changed, and where it comes out the two wordings
are put back as a conflict.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from agentmerge import rights
from agentmerge.aligning import align
from agentmerge.aligning.matching import Matching, Pair, match
from agentmerge.aligning.records import Member
from agentmerge.errors import InputError
from agentmerge.knowledge import Knowledge
from agentmerge.merging.nodes import PROSE
from agentmerge.merging.pieces import Clash
from agentmerge.merging.sequences import longest_increasing
from agentmerge.merging.wholes import plain
from agentmerge.merging.words import RIVAL_LIKENESS
from agentmerge.model import Definition, Field, Section, Unit
from agentmerge.outcome import Source
from agentmerge.parsing.lines import split_lines

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
        if rights.same_value(a, b, knowledge):
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
    return rights.field_shift(field.key, None, field, knowledge) in ("widened", "both")


def _is_respelled(pair: Pair, found: Replaced, knowledge: Knowledge) -> bool:
    """Whether both sides say the same in other characters, and one spelling can stand for the other."""
    a, b = pair.a.node, pair.b.node
    if isinstance(a, Field) and isinstance(b, Field):
        return rights.same_value(a, b, knowledge)
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
