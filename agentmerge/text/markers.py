"""A text in, its conflict markers out: which lines belong together, and the sides that they part.

A conflict is an opening, perhaps a base's, a middle and a closing marker of one size, at least seven characters, at
the left edge. Anything less is text: a line of `=` underlines a heading, `>>>>>>>` quotes. So is a whole conflict in a
code fence of a text that speaks of conflicts: it is an example of one. In any other fence it is code that was changed
on both sides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from agentmerge.errors import ConflictedError
from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import Definition, Unit
from agentmerge.text.lines import bare, split_lines

NOTE = "<!-- agentmerge:"
"""Start of a comment that the program adds."""
QUOTED = "> agentmerge:"
"""Start of the same where a host takes comments out before the model reads."""
NOTES = NOTE, QUOTED


def is_note(unit: Unit) -> bool:
    """Whether a unit is a comment that a combine wrote."""
    return unit.kind == "comment" and unit.text.startswith(NOTES)


# Hardly any text holds markers: the patterns are compiled when one does.
_MARKER = r"(?:(?P<mark><{7,}|\|{7,}|>{7,})(?:[ \t]|\Z)|(?P<middle>={7,})[ \t]*\Z)"
_WHY = r"(?:by both sides|(?:changed|moved) by (?:ours|theirs)|elsewhere by (?:ours|theirs))"
_ABOUT = rf" \([^()]*(?:\([^()]*\)[^()]*)*{_WHY}\)\Z"
"""What we write behind the name of ours."""
_FENCE = r"(?P<fence>`{3,}(?=[^`]*\Z)|~{3,})(?P<info>.*)"
_HEADING = r"(?P<level>#{1,6})[ \t]"
_ABOUT_FILE = r"(?:name|title|description)[ \t]*:|[ \t]+\S"
_BOM = "\ufeff"
LINES_ABOVE = 200
"""Lines above a fence in which a heading is looked for."""
LINES_BELOW = 3
"""Lines below a fence that may speak of what it shows."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """One conflict between markers."""

    line: int
    """1-based line of the opening marker."""
    end: int
    """1-based line of the closing marker."""
    ours: tuple[str, ...]
    base: tuple[str, ...] | None
    """None where the markers do not show it."""
    theirs: tuple[str, ...]
    starts: tuple[int, int, int]
    """1-based lines of the markers above base, ours and theirs; 0 for a base that is not shown."""
    labels: tuple[str, str, str]
    """Of base, ours and theirs; "" where the marker has none."""


@dataclass(frozen=True, slots=True)
class Conflicted:
    """A text with conflicts: settled lines and hunks, in order."""

    parts: tuple[str | Hunk, ...]
    newline_at_end: bool
    labels: tuple[str, str, str]
    """Of base, ours and theirs, as the first conflict names them."""

    @property
    def hunks(self) -> tuple[Hunk, ...]:
        return tuple(part for part in self.parts if isinstance(part, Hunk))

    @property
    def has_base(self) -> bool:
        return all(hunk.base is not None for hunk in self.hunks)

    def side(self, name: str) -> str:
        """The text with one of ours, base, theirs in every conflict."""
        lines = [
            line for part in self.parts for line in (getattr(part, name) or () if isinstance(part, Hunk) else (part,))
        ]
        return "\n".join(lines) + ("\n" if self.newline_at_end else "")


def take_apart(text: str, knowledge: Knowledge) -> Conflicted:
    """The sides of a text with LF line endings, without its byte order mark; no hunk without a complete conflict.

    Where every conflict stands in a fence, those are taken: who asks for the sides means them.
    """
    lines = text.removeprefix(_BOM).split("\n")
    ends = bool(lines) and not lines[-1]
    rows = lines[:-1] if ends else lines
    real, examples = _told_apart(rows, knowledge)
    parts: list[str | Hunk] = []
    at = 0
    for group in real or examples:
        parts += rows[at : group.opening]
        parts.append(_hunk(rows, group))
        at = group.closing + 1
    parts += rows[at:]
    first = next((part for part in parts if isinstance(part, Hunk)), None)
    base, ours, theirs = first.labels if first is not None else ("", "", "")
    return Conflicted(tuple(parts), ends, (base or "base", ours or "ours", theirs or "theirs"))


def conflicts(text: str, knowledge: Knowledge) -> tuple[Hunk, ...]:
    """The conflicts of a text, outermost ones alone, in order; examples in fences are none."""
    if not _may_hold(text):
        return ()
    rows = _rows(text)
    return tuple(_hunk(rows, group) for group in _told_apart(rows, knowledge)[0])


def holds_markers(text: str, knowledge: Knowledge) -> bool:
    """Whether a text holds a complete conflict: an opening, a middle and a closing marker of one size."""
    return bool(conflicts(text, knowledge))


def refuse_markers(*definitions: Definition, knowledge: Knowledge) -> None:
    """Raise ConflictedError for the first definition that holds a conflict: which of two sides it says is open."""
    for definition in definitions:
        refuse_in(definition.text, definition.filename, knowledge)


def refuse_in(text: str, filename: str | None, knowledge: Knowledge) -> None:
    """The same for a text."""
    for hunk in conflicts(text, knowledge)[:1]:
        named = "-" if filename == "<stdin>" else filename or "FILE"
        remedy = f"resolve it first, with `agentmerge resolve {named}`"
        message = f"an unresolved conflict stands here, to line {hunk.end}"
        raise ConflictedError(message, file=filename, line=hunk.line, remedy=remedy)


@dataclass(frozen=True, slots=True)
class Markers:
    """All marker lines of a text, by what they are."""

    conflicts: tuple[Hunk, ...] = ()
    examples: tuple[Hunk, ...] = ()
    """Conflicts that a fence shows."""
    stray: tuple[tuple[int, str], ...] = ()
    """1-based line and text of markers that belong to no conflict; never of a middle one."""


def markers(text: str, knowledge: Knowledge) -> Markers:
    """The marker lines of a text."""
    if "<<<<<<<" not in text and ">>>>>>>" not in text and "|||||||" not in text:
        return Markers()
    rows = _rows(text)
    real, examples = _told_apart(rows, knowledge)
    inside = {at for group in (*real, *examples) for at in range(group.opening, group.closing + 1)}
    return Markers(
        tuple(_hunk(rows, group) for group in real),
        tuple(_hunk(rows, group) for group in examples),
        tuple((at + 1, row) for at, row in enumerate(rows) if at not in inside and _mark_of(row)[0] in ("<", "|", ">")),
    )


# Which lines belong together


@dataclass(slots=True)
class _Group:
    """A conflict from its opening marker on; numbers are 0-based lines."""

    opening: int
    size: int
    depth: int
    """Place among the groups that are open."""
    bar: int = -1
    """The marker above the base."""
    middles: list[int] = field(default_factory=list)
    """Lines that may part the sides."""
    early: list[int] = field(default_factory=list)
    """The same above the bar: they underline headings of ours."""
    closing: int = -1


def _may_hold(text: str) -> bool:
    return "<<<<<<<" in text and ">>>>>>>" in text and "=======" in text


def _rows(text: str) -> list[str]:
    return [bare(line) for line in split_lines(text.removeprefix(_BOM))]


def _mark_of(row: str) -> tuple[str, int]:
    """The character of a marker and its size; "" for a line that is none."""
    match = re.match(_MARKER, row) if row[:1] in ("<", "|", "=", ">") else None
    found = (match["mark"] or match["middle"]) if match else ""
    return found[:1], len(found)


def _groups(rows: Sequence[str]) -> list[_Group]:
    """The complete conflicts, outermost ones alone, in order."""
    stack: list[_Group] = []
    by_size: dict[int, list[_Group]] = {}
    parted: dict[int, list[_Group]] = {}
    found: list[_Group] = []
    for at, row in enumerate(rows):
        mark, size = _mark_of(row)
        if mark == "<":
            stack.append(_Group(at, size, len(stack)))
            by_size.setdefault(size, []).append(stack[-1])
        elif mark in ("|", "=") and (group := _innermost(stack, by_size.get(size, []))):
            if mark == "|" and group.bar < 0:
                group.bar, group.early, group.middles = at, group.middles, []
            elif mark == "=":
                group.middles.append(at)
                parted.setdefault(size, []).append(group)
        elif mark == ">" and (group := _innermost(stack, parted.get(size, []))):
            group.closing = at
            # What was opened inside and never closed is text of a side.
            del stack[group.depth :]
            while found and found[-1].opening > group.opening:
                found.pop()
            found.append(group)
    return found


def _innermost(stack: Sequence[_Group], groups: list[_Group]) -> _Group | None:
    """The last of some groups that is still open."""
    while groups:
        group = groups[-1]
        if group.depth < len(stack) and stack[group.depth] is group:
            return group
        groups.pop()
    return None


def _parts(rows: Sequence[str], group: _Group) -> tuple[int, int]:
    """Lines of the marker above the base (-1 for none) and of the middle one."""
    if group.bar >= 0 and group.middles:
        return group.bar, group.middles[0]
    lines = group.early or group.middles
    # A heading that is underlined with as many signs looks like the middle of the conflict.
    plain = [at for at in lines if len(rows[at - 1].strip()) != group.size or at - 1 == group.opening] or lines
    return -1, plain[(len(plain) - 1) // 2]


def _hunk(rows: Sequence[str], group: _Group) -> Hunk:
    bar, middle = _parts(rows, group)
    opening, closing = group.opening, group.closing
    mine, base, other = (rows[at][group.size :].strip() if at >= 0 else "" for at in (opening, bar, closing))
    return Hunk(
        opening + 1,
        closing + 1,
        tuple(rows[opening + 1 : bar if bar >= 0 else middle]),
        tuple(rows[bar + 1 : middle]) if bar >= 0 else None,
        tuple(rows[middle + 1 : closing]),
        (bar + 1, opening + 1, middle + 1),
        (base, re.sub(_ABOUT, "", mine), other),
    )


# Which of them are examples


def _told_apart(rows: Sequence[str], knowledge: Knowledge) -> tuple[list[_Group], list[_Group]]:
    """The conflicts, and those that are examples in a fence."""
    groups = _groups(rows)
    fences = dict(_fenced(rows, groups)) if groups else {}
    shown = {
        number
        for number, fence in fences.items()
        if not _is_ours(rows, groups[number]) and _speaks(rows, fence, knowledge)
    }
    real = {_names(rows, group) for number, group in enumerate(groups) if number not in shown}
    told: tuple[list[_Group], list[_Group]] = ([], [])
    for number, group in enumerate(groups):
        # One merge writes the same labels everywhere.
        told[number in shown and _names(rows, group) not in real].append(group)
    return told


def _names(rows: Sequence[str], group: _Group) -> tuple[str, str]:
    return rows[group.opening][group.size :].strip(), rows[group.closing][group.size :].strip()


def _is_ours(rows: Sequence[str], group: _Group) -> bool:
    """Whether a merge of ours wrote it."""
    return re.search(_ABOUT, rows[group.opening]) is not None


def _speaks(rows: Sequence[str], fence: tuple[int, int], knowledge: Knowledge) -> bool:
    """Whether what stands around a fence speaks of conflicts: its lines are from the first up to the second."""
    words = knowledge.raw("reading")["conflict_words"]
    text = "\n".join([*_above(rows, fence[0]), *_about_file(rows), *_below(rows, fence[1])]).casefold()
    return any(word in text for word in words)


def _above(rows: Sequence[str], fence: int) -> Iterator[str]:
    """What stands between a fence and the heading above it, and the headings above that one."""
    level = 7
    for row in rows[max(0, fence - LINES_ABOVE) : fence][::-1]:
        heading = re.match(_HEADING, row)
        if level == 7 and not heading and not _mark_of(row)[0]:
            yield row
        elif heading and len(heading["level"]) < level:
            level = len(heading["level"])
            yield row


def _about_file(rows: Sequence[str]) -> Iterator[str]:
    """What a frontmatter says the file is about."""
    is_wanted = False
    for row in rows[1:] if rows[:1] == ["---"] else ():
        if row.rstrip() in ("---", "..."):
            return
        named = re.match(_ABOUT_FILE, row)
        is_wanted = named is not None and (not row[:1].isspace() or is_wanted)
        if is_wanted:
            yield row


def _below(rows: Sequence[str], fence: int) -> Sequence[str]:
    following = [row for row in rows[fence : fence + 2 * LINES_BELOW] if row.strip()][:LINES_BELOW]
    heading = next((at for at, row in enumerate(following) if re.match(_HEADING, row)), LINES_BELOW)
    return following[:heading]


def _fenced(rows: Sequence[str], groups: Sequence[_Group]) -> Iterator[tuple[int, tuple[int, int]]]:
    """Numbers of the groups that stand whole in a closed fence, with the lines that it is from and up to."""
    fence, start, at = "", 0, 0
    waiting: list[int] = []
    for number, group in enumerate([*groups, None]):
        for line, row in enumerate(rows[at : group.opening if group else None], at):
            after = _fence_after(fence, row)
            if after != fence:
                yield from ((one, (start, line + 1)) for one in waiting if fence)
                fence, start, waiting = after, line, []
        if group is None:
            return
        if fence and all(_fence_after(fence, row) == fence for row in rows[group.opening : group.closing + 1]):
            waiting.append(number)
        else:
            # It cuts through fences: behind it all is as ours leaves it.
            waiting = []
            bar, middle = _parts(rows, group)
            for line, row in enumerate(rows[group.opening + 1 : bar if bar >= 0 else middle], group.opening + 1):
                fence, start = _fence_after(fence, row), line if not fence else start
        at = group.closing + 1


def _fence_after(fence: str, row: str) -> str:
    """The fence that is open below a line, "" for none; one that is indented belongs to an item, markers never do."""
    match = re.match(_FENCE, row) if row[:1] in ("`", "~") else None
    if match is None:
        return fence
    if not fence:
        return match["fence"]
    closes = match["fence"].startswith(fence) and not match["info"].strip()
    return "" if closes else fence
