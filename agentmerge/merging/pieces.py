"""What a three-way merge is made of before it is text: settled lines, and clashes of three versions.

Lines are without their endings; the ending is put back when the result is written out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from agentmerge.merging.sequences import common, regions

ConflictStyle = Literal["merge", "diff3", "zdiff3"]

JOIN_LINES = 3
"""Equal lines between two conflicts that are not worth two conflicts; the number that git uses."""

MAX_TITLE = 60
"""Characters of a section's title behind a marker."""

Lines: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """Lines that stand in the result."""

    lines: Lines


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a rule with a name makes of a conflict where no policy speaks for it."""

    lines: Lines
    rule: str


@dataclass(frozen=True, slots=True)
class Clash:
    """Three versions of a stretch that no rule decides."""

    base: Lines
    ours: Lines
    theirs: Lines
    path: str = ""
    """`frontmatter/model`, or section titles joined by ` / `."""
    slot: str = ""
    """What the sides disagree about, in a few words: `step 3: changed by both sides`."""
    at: tuple[int, int, int] = (0, 0, 0)
    """1-based line of the first line in base, ours and theirs; 0 where a version has nothing there."""
    is_whole: bool = False
    """Whether the sides disagree about all of it, so that lines of it that merge are not settled."""
    ruling: Ruling | None = None


Piece: TypeAlias = Settled | Clash


@dataclass(frozen=True, slots=True)
class Style:
    """How conflicts are written."""

    conflict_style: ConflictStyle = "merge"
    marker_size: int = 7
    labels: tuple[str, str, str] = ("base", "ours", "theirs")
    """Names of base, ours and theirs behind the markers."""


def merge_lines(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[Piece]:
    """The three-way line merge as git does it: changes that touch are in conflict unless they are the same."""
    pieces: list[Piece] = []
    for region in regions(base, ours, theirs):
        b, o, t = base[slice(*region.base)], ours[slice(*region.ours)], theirs[slice(*region.theirs)]
        at = (region.base[0] + 1, region.ours[0] + 1, region.theirs[0] + 1)
        pieces.append(_decided(tuple(b), tuple(o), tuple(t), at))
    return pieces


def _decided(base: Lines, ours: Lines, theirs: Lines, at: tuple[int, int, int]) -> Piece:
    if ours == theirs or theirs == base:
        return Settled(ours)
    if ours == base:
        return Settled(theirs)
    if _visible(ours) == _visible(theirs):
        # Nobody resolves a conflict about blank lines.
        return Settled(max(ours, theirs, key=lambda lines: (len(lines), lines)))
    return Clash(base, ours, theirs, at=at)


def _visible(lines: Lines) -> list[str]:
    return [line for line in lines if line.strip()]


def clashes(pieces: Iterable[Piece]) -> list[Clash]:
    return [piece for piece in pieces if isinstance(piece, Clash)]


def mass(pieces: Iterable[Piece]) -> tuple[int, int]:
    """How much conflict is left for a person: lines of both sides inside markers, and the number of conflicts."""
    found = [clash for piece in pieces for clash in refined(piece) if isinstance(clash, Clash)]
    return sum(len(clash.ours) + len(clash.theirs) for clash in found), len(found)


def refined(piece: Piece, style: ConflictStyle = "merge") -> Iterator[Piece]:
    """A clash cut down to the lines that differ between the sides, as far as `style` allows."""
    if isinstance(piece, Settled) or style == "diff3":
        yield piece
        return
    shared = common(piece.ours, piece.theirs)
    if style == "zdiff3":
        shared = _ends(shared, len(piece.ours), len(piece.theirs))
    for stretch in _joined(shared, piece):
        if isinstance(stretch, Settled) or style == "merge":
            yield stretch
        else:
            yield replace(stretch, base=piece.base)


def _ends(shared: Sequence[tuple[int, int]], left: int, right: int) -> list[tuple[int, int]]:
    head = [pair for n, pair in enumerate(shared) if pair == (n, n)]
    rest = shared[len(head) :]
    tail = [(x, y) for n, (x, y) in enumerate(reversed(rest), 1) if (x, y) == (left - n, right - n)]
    return head + tail[::-1]


def _joined(shared: Sequence[tuple[int, int]], piece: Clash) -> Iterator[Settled | Clash]:
    """The stretches of a clash in order; short equal stretches between two differing ones stay inside."""
    ours, theirs = piece.ours, piece.theirs
    i = j = 0
    start: tuple[int, int] | None = None
    for run in _runs(shared, len(ours), len(theirs)):
        x, y, length = run
        at_edge = (x + length, y + length) == (len(ours), len(theirs)) or (i, j) == (0, 0) == (x, y)
        if (x, y) != (i, j) and start is None:
            start = (i, j)
        if start is not None and (length > JOIN_LINES or at_edge):
            at = (piece.at[0], piece.at[1] + start[0], piece.at[2] + start[1])
            yield replace(piece, ours=ours[start[0] : x], theirs=theirs[start[1] : y], at=at)
            start = None
        if start is None and length:
            yield Settled(ours[x : x + length])
        i, j = x + length, y + length


def _runs(shared: Sequence[tuple[int, int]], left: int, right: int) -> list[tuple[int, int, int]]:
    """Equal stretches as (place in ours, place in theirs, length), closed by an empty one at the end."""
    runs: list[tuple[int, int, int]] = []
    for x, y in shared:
        if runs and (runs[-1][0] + runs[-1][2], runs[-1][1] + runs[-1][2]) == (x, y):
            runs[-1] = (runs[-1][0], runs[-1][1], runs[-1][2] + 1)
        else:
            runs.append((x, y, 1))
    if not runs or (runs[-1][0] + runs[-1][2], runs[-1][1] + runs[-1][2]) != (left, right):
        runs.append((left, right, 0))
    return runs


def written(pieces: Iterable[Piece], style: Style) -> list[str]:
    """The lines of the result, conflicts between markers."""
    lines: list[str] = []
    for piece in pieces:
        for part in refined(piece, style.conflict_style):
            lines.extend(part.lines if isinstance(part, Settled) else marked(part, style))
    return lines


def told(clash: Clash) -> str:
    """What a conflict is about and why, for a person: `section 'Workflow', step 3: changed by both sides`."""
    if not clash.path:
        return clash.slot
    if clash.path.partition("/")[0] == "frontmatter":
        return f"{clash.path}: {clash.slot}"
    title = clash.path.rpartition(" / ")[2]
    short = title if len(title) <= MAX_TITLE else f"{title[: MAX_TITLE - 1].rstrip()}…"
    return f"section '{short}'{', ' if ': ' in clash.slot else ': '}{clash.slot}"


def marked(clash: Clash, style: Style) -> list[str]:
    """A conflict between markers; behind the first one stands what it is about."""
    base, ours, theirs = style.labels
    about = told(clash)
    opening = f"{ours} ({about})" if about else ours
    middle = []
    if style.conflict_style != "merge":
        middle = [f"{'|' * style.marker_size} {base}".rstrip(), *clash.base]
    return [
        f"{'<' * style.marker_size} {opening}".rstrip(),
        *clash.ours,
        *middle,
        "=" * style.marker_size,
        *clash.theirs,
        f"{'>' * style.marker_size} {theirs}".rstrip(),
    ]
