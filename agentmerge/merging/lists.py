"""Three versions of what stands in an order in, one out: items, names in a sentence, rows and columns of a table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from agentmerge.knowledge.tables import Knowledge
from agentmerge.merging.pieces import RIVAL_LIKENESS, binding_words, likeness, merge_code, merge_words, words_of
from agentmerge.text.sequences import common, cut, longest_increasing

# Ordering -------------------------------------------------------------------------------------------------------------
#
# The order of what stands in one place: the order of the side that changed it, additions where they were put.
#
# Both sides' additions at one spot stand in an order that does not depend on which side is called ours.


T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Rivals(Generic[T]):
    """Two runs that want the same spot and may be two answers to one question."""

    gone: tuple[T, ...]
    """What both sides took out there."""
    ours: tuple[T, ...]
    theirs: tuple[T, ...]


@dataclass(frozen=True, slots=True)
class Torn(Generic[T]):
    """What both sides moved, to different places, at the place that one of them gave it."""

    thing: T
    by_ours: bool


Order: TypeAlias = "list[T | Rivals[T] | Torn[T]]"

MAX_MOVED = 0.5
"""Share of a list that a side may have moved where the other side moved something else; beyond, nothing has a place."""

MAX_PAIRS = 1_000_000
"""Pairs of a moved thing and another one that are looked at for the order of one list."""


def merge_order(
    base: Sequence[T],
    ours: Sequence[T],
    theirs: Sequence[T],
    text: Callable[[T], str],
    rival: Callable[[Sequence[T], Sequence[T], Sequence[T]], bool] = lambda _gone, _ours, _theirs: False,
    rank: Callable[[T], int] = lambda _thing: 0,
) -> Order[T] | None:
    """One order of all that stands in `ours` or `theirs`; None where both sides reordered nearly everything.

    `base` may name things that are gone; `rival` is asked about two runs of additions at one spot and the things
    of the base that are gone there. What has a lower `rank` comes first where two runs become one: behind a section it
    would be a part of it.
    """
    in_ours, in_theirs, in_base = set(ours), set(theirs), set(base)
    found = _shared_order(
        [x for x in base if x in in_ours and x in in_theirs],
        [x for x in ours if x in in_theirs],
        [x for x in theirs if x in in_ours],
        in_base,
        text,
    )
    if found is None:
        return None
    shared, torn = found
    fixed = set(shared)
    mine, other, gone = (_runs(sequence, fixed) for sequence in (ours, theirs, base))
    result: Order[T] = []
    for anchor in (None, *shared):
        if anchor is not None:
            result.append(anchor)
        left, right = mine.get(anchor, []), other.get(anchor, [])
        lost = [x for x in gone.get(anchor, []) if x not in in_ours or x not in in_theirs]
        added, other_added = ([x for x in run if x not in in_base] for run in (left, right))
        if added and other_added and rival(lost, added, other_added):
            if not torn.isdisjoint((*left, *right)):
                return None
            result.append(Rivals(tuple(lost), tuple(left), tuple(right)))
        else:
            result.extend(_interleaved(left, right, torn, text, rank))
    return result


def _shared_order(
    base: Sequence[T], ours: Sequence[T], theirs: Sequence[T], in_base: set[T], text: Callable[[T], str]
) -> tuple[Sequence[T], set[T]] | None:
    """The order of what both sides have, and what of it has no place because each side gave it another one."""
    if ours == theirs:
        return ours, set()
    mine, other = ([x for x in side if x in in_base] for side in (ours, theirs))
    if mine == other:
        # Only what both added alike stands at different places: either will do, the same one each time.
        return min(ours, theirs, key=lambda side: [text(x) for x in side]), set()
    if mine == list(base):
        return theirs, set()
    if other == list(base):
        return ours, set()
    return _both_reordered(base, ours, theirs, text)


def _both_reordered(
    base: Sequence[T], ours: Sequence[T], theirs: Sequence[T], text: Callable[[T], str]
) -> tuple[Sequence[T], set[T]] | None:
    """What either side put before something stands before it; None where that contradicts itself."""
    by_ours, by_theirs = moved_things(base, ours), moved_things(base, theirs)
    if max(len(by_ours), len(by_theirs)) > MAX_MOVED * len(ours):
        return None
    torn = {x for x in by_ours & by_theirs if not _is_same_place(ours, theirs, x)}
    old = [x for x in base if x not in torn]
    order = _with_both_inversions(old, ours, theirs, (by_ours | by_theirs) - torn)
    if order is None:
        return None
    fixed = set(order)
    return min(
        (_with_additions(order, [x for x in side if x not in torn], fixed) for side in (ours, theirs)),
        key=lambda found: [text(x) for x in found],
    ), torn


def _with_both_inversions(base: Sequence[T], ours: Sequence[T], theirs: Sequence[T], moved: set[T]) -> list[T] | None:
    """The one order that inverts just the pairs of the base that a side inverted.

    Such an order exists where the numbers of things that stand before each thing are all different (H. G. Landau's
    scores of a transitive tournament). Else what the sides asked for goes in a circle, or can only be had by
    inverting a pair that both left alone: None, as where there are too many pairs to look at.
    """
    movers = [n for n, x in enumerate(base) if x in moved]
    if len(movers) * len(base) > MAX_PAIRS:
        return None
    indexes = [{x: n for n, x in enumerate(side)} for side in (ours, theirs)]
    places = [[index[x] for x in base] for index in indexes]
    ranks = list(range(len(base)))
    for n in movers:
        for m, x in enumerate(base):
            first, last = min(n, m), max(n, m)
            is_second_look = m < n and x in moved
            if not is_second_look and any(place[first] > place[last] for place in places):
                ranks[first] += 1
                ranks[last] -= 1
    if len(set(ranks)) < len(ranks):
        return None
    return [x for _, x in sorted(zip(ranks, base, strict=True), key=lambda row: row[0])]


def _with_additions(order: Sequence[T], side: Sequence[T], fixed: set[T]) -> list[T]:
    """The order with what both sides added, each after what it follows on one side."""
    runs = _runs(side, fixed)
    return [*runs.get(None, []), *(each for x in order for each in (x, *runs.get(x, [])))]


def moved_things(base: Sequence[T], side: Sequence[T]) -> set[T]:
    """The fewest things without which a side has the order of the base; what only the sides have is moved too."""
    place = {x: n for n, x in enumerate(base)}
    kept = longest_increasing([(n, place[x]) for n, x in enumerate(side) if x in place])
    return set(side) - {side[n] for n, _ in kept}


def _is_same_place(ours: Sequence[T], theirs: Sequence[T], thing: T) -> bool:
    """Whether it follows, or comes before, the same thing on both sides."""
    x, y = ours.index(thing), theirs.index(thing)
    return ours[:x][-1:] == theirs[:y][-1:] or ours[x + 1 : x + 2] == theirs[y + 1 : y + 2]


def _runs(sequence: Sequence[T], fixed: set[T]) -> dict[T | None, list[T]]:
    """What follows each fixed thing up to the next one."""
    runs: dict[T | None, list[T]] = {}
    anchor: T | None = None
    for x in sequence:
        if x in fixed:
            anchor = x
        else:
            runs.setdefault(anchor, []).append(x)
    return runs


def _interleaved(
    left: Sequence[T], right: Sequence[T], torn: set[T], text: Callable[[T], str], rank: Callable[[T], int]
) -> list[T | Torn[T]]:
    ranks = [[rank(x) for x in run] for run in (left, right)]
    if len({*ranks[0], *ranks[1]}) < 2 or any(own != sorted(own) for own in ranks):
        return _in_turn(left, right, torn, text)
    levels = sorted({*ranks[0], *ranks[1]})
    rows = [[[x for x in run if rank(x) == level] for run in (left, right)] for level in levels]
    return [x for mine, other in rows for x in _in_turn(mine, other, torn, text)]


def _in_turn(left: Sequence[T], right: Sequence[T], torn: set[T], text: Callable[[T], str]) -> list[T | Torn[T]]:
    runs = [_marked(left, torn, by_ours=True), _marked(right, torn, by_ours=False)]
    if not left or not right:
        return [*runs[0], *runs[1]]
    names = [[text(x) for x in run] for run in (left, right)]
    return [*runs[0], *runs[1]] if names[0] <= names[1] else [*runs[1], *runs[0]]


def _marked(run: Sequence[T], torn: set[T], *, by_ours: bool) -> list[T | Torn[T]]:
    return [Torn(x, by_ours) if x in torn else x for x in run]


# Enumerations ---------------------------------------------------------------------------------------------------------
#
# Names listed in a sentence (`a`, `b` and `c`) as the set that they are: additions and removals of both sides.
#
# Only names in code signs and links count: where a plain word begins and ends as a member, nobody can tell.


_MEMBER = r"`[^`\n]+`|\[[^\]\n]+\]\([^)\n]+\)"
_JOINT = r",? (?:and|or) |, "
_NAME = re.compile(_MEMBER)
_LISTED = re.compile(rf"(?:{_MEMBER})(?:(?:{_JOINT})(?:{_MEMBER}))+")
_PLACE = "`list {}`"


@dataclass(frozen=True, slots=True)
class _Listed:
    """The members of one list, with the word before its last one and whether a comma stands before that."""

    members: tuple[str, ...]
    word: str
    is_parted: bool


def merge_enumerated(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str], knowledge: Knowledge
) -> list[str] | None:
    """Merge prose with its lists of names member by member; None where the sides disagree, or nothing is listed."""
    texts = ["\n".join(lines) for lines in (base, ours, theirs)]
    lists = [[_read(match[0]) for match in _LISTED.finditer(text)] for text in texts]
    if not lists[0] or len({len(found) for found in lists}) > 1:
        return None
    merged = [_merged(*versions) for versions in zip(*lists, strict=True)]
    frames = [_frame(text) for text in texts]
    # Where one side turned the sentence or drew its limits anew, the other side's names were meant for the old one.
    if not _are_equal([binding_words(cut(frame), knowledge) for frame in frames]):
        return None
    frame = _three(*frames)
    words = [frame] if frame is not None else merge_words([frames[0]], [frames[1]], [frames[2]], knowledge)
    if words is None or None in merged:
        return None
    text = "\n".join(words)
    for number, listed in enumerate(merged):
        if text.count(_PLACE.format(number)) != 1:
            return None
        text = text.replace(_PLACE.format(number), listed or "")
    return text.split("\n")


def _read(text: str) -> _Listed:
    matches = list(_NAME.finditer(text))
    joint = text[matches[-2].end() : matches[-1].start()]
    return _Listed(tuple(match[0] for match in matches), joint.strip(" ,"), joint[0] == ",")


def _frame(text: str) -> str:
    """A text with a name of its own in the place of each list."""
    numbers = iter(range(len(text)))
    return _LISTED.sub(lambda _match: _PLACE.format(next(numbers)), text)


def _merged(base: _Listed, ours: _Listed, theirs: _Listed) -> str | None:
    sides = [one.members for one in (base, ours, theirs)]
    word = base.word
    if not _are_equal([one.word for one in (base, ours, theirs)]) or any(len(set(side)) < len(side) for side in sides):
        return None
    before, mine, other = map(set, sides)
    wanted = (mine & other) | ((mine | other) - before)
    b, o, t = ([x for x in side if x in wanted] for side in sides)
    order = merge_order(b, o, t, lambda member: member)
    names = [x for x in order or () if isinstance(x, str)]
    if len(names) < max(len(wanted), 2):
        return None
    # Of two, no comma stands before the last one.
    is_parted = len(names) > 2 and any(one.is_parted for one in (base, ours, theirs))
    joint = f"{',' if is_parted or not word else ''} {f'{word} ' if word else ''}"
    return ", ".join(names[:-1]) + joint + names[-1]


def _are_equal(values: Sequence[object]) -> bool:
    return all(value == values[0] for value in values)


def _three(base: str, ours: str, theirs: str) -> str | None:
    if ours == theirs or theirs == base:
        return ours
    return theirs if ours == base else None


# Tables ---------------------------------------------------------------------------------------------------------------
#
# Three-way merge of a table: columns by their names, rows by their first cell, and each cell by itself.
#
# None where the sides disagree; a cell that nobody wrote, of one side's row in the other's column, is such a case.


SAME_ROW = 0.5
"""Share of common words from which a row with another first cell is the same one, reworded."""

_DASHES = re.compile(r"\s*:?-+:?\s*")
_CELL = re.compile(r"(?<!\\)\|")

_Row: TypeAlias = "list[str]"
"""The cells of a line, with what stands before the first and behind the last sign."""
_Key: TypeAlias = "tuple[int, str, int]"
"""What a row is: of the base 0, else 1, with its first cell, and how many such stand above it."""


class _Column(NamedTuple):
    """The place of a column in each version; None where it is not there."""

    base: int | None
    ours: int | None
    theirs: int | None


def merge_table(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[str] | None:
    """The merged lines of a table; by lines where one of them is no plain table."""
    tables = [_rows(lines) for lines in (base, ours, theirs)]
    found = [table for table in tables if table is not None]
    columns = _columns(found) if len(found) == len(tables) else None
    if columns is None:
        return merge_code(base, ours, theirs)
    b, o, t = found
    keys = _keys(b), _side_keys(b, o), _side_keys(b, t)
    versions = [dict(zip(own, table, strict=True)) for own, table in zip(keys, found, strict=True)]
    gone = {key for key in keys[0] if _is_deleted(*(version.get(key) for version in versions))}
    left, right = ([key for key in own if key not in gone] for own in keys[1:])
    order = merge_order(keys[0], left, right, str, _RivalRows(versions))
    if order is None:
        return None
    kept, dropped = ([one for one in columns if _is_dropped(one) == is_dropped] for is_dropped in (False, True))
    rows = [_row([v.get(key) for v in versions], kept, dropped) if isinstance(key, tuple) else None for key in order]
    return None if None in rows else ["|".join(row) for row in rows if row is not None]


def _rows(lines: Sequence[str]) -> list[_Row] | None:
    """The rows of a table, all of one width."""
    rows = [_CELL.split(line) for line in lines]
    return rows if rows and len({len(row) for row in rows}) == 1 and len(rows[0]) > 2 else None


# Columns


def _columns(tables: Sequence[Sequence[_Row]]) -> list[_Column] | None:
    """The columns of the result, those that a side took out among them; None where their names do not tell them."""
    widths = {len(table[0]) for table in tables}
    if len(widths) == 1:
        return [_Column(n, n, n) for n in range(widths.pop())]
    names = [[cell.strip() for cell in table[0][1:-1]] for table in tables]
    if any(len(set(own)) < len(own) or not all(own) for own in names):
        return None
    order = merge_order(names[0], names[1], names[2], str)
    if order is None or not all(isinstance(name, str) for name in order):
        return None
    named = [*order, *(name for name in names[0] if name not in order)]
    # What stands before the first sign and behind the last one is there in each version.
    ends = _Column(0, 0, 0), _Column(-1, -1, -1)
    return [ends[0], *(_Column(*(_place(own, name) for own in names)) for name in named), ends[1]]


def _place(names: Sequence[str], name: object) -> int | None:
    return next((n for n, own in enumerate(names, 1) if own == name), None)


def _is_dropped(column: _Column) -> bool:
    return column.base is not None and (column.ours is None or column.theirs is None)


# Rows


def _name(row: _Row) -> str:
    """What names a row: its first cell; the row of dashes has one name, however wide it is."""
    first = row[1].strip()
    return "---" if _DASHES.fullmatch(first) else first


def _keys(rows: Sequence[_Row], rank: int = 0) -> list[_Key]:
    seen: Counter[str] = Counter()
    found: list[_Key] = []
    for row in rows:
        name = _name(row)
        found.append((rank, name, seen[name]))
        seen[name] += 1
    return found


def _side_keys(base: Sequence[_Row], side: Sequence[_Row]) -> list[_Key]:
    """The rows of a side by the base's: what says the same, then what has the same name, then what was reworded."""
    keys = _keys(base)
    pairs = {y: x for x, y in common([_said(row) for row in base], [_said(row) for row in side])}
    for same in (_is_named_alike, _is_reworded):
        _pair_more(pairs, base, side, same)
    added = iter(_keys([row for n, row in enumerate(side) if n not in pairs], 1))
    return [keys[pairs[n]] if n in pairs else next(added) for n in range(len(side))]


def _pair_more(
    pairs: dict[int, int], base: Sequence[_Row], side: Sequence[_Row], same: Callable[[_Row, _Row], bool]
) -> None:
    for n, row in enumerate(side):
        if n in pairs:
            continue
        free = set(range(len(base))) - set(pairs.values())
        found = next((x for x in sorted(free) if same(base[x], row)), None)
        if found is not None:
            pairs[n] = found


def _said(row: _Row) -> str:
    return "|".join(" ".join(cell.split()) for cell in row)


def _is_named_alike(one: _Row, other: _Row) -> bool:
    return _name(one) == _name(other)


def _is_reworded(one: _Row, other: _Row) -> bool:
    return likeness(_bag(one), _bag(other)) >= SAME_ROW


def _bag(row: _Row) -> Counter[str]:
    return Counter(words_of(" ".join(row)))


@dataclass(frozen=True, slots=True)
class _RivalRows:
    """Whether two runs of rows at one spot may be two answers to one question."""

    versions: Sequence[Mapping[_Key, _Row]]

    def __call__(self, gone: Sequence[_Key], ours: Sequence[_Key], theirs: Sequence[_Key]) -> bool:
        return bool(gone) or any(
            likeness(_bag(self.versions[1][one]), _bag(self.versions[2][two])) >= RIVAL_LIKENESS
            for one in ours
            for two in theirs
        )


def _is_deleted(base: _Row | None, ours: _Row | None, theirs: _Row | None) -> bool:
    """Whether a row of the base is gone: deleted by both sides, or by one while the other left it alone."""
    if base is None or (ours is not None and theirs is not None):
        return False
    kept = ours if ours is not None else theirs
    return kept is None or _said(kept) == _said(base)


def _row(rows: Sequence[_Row | None], kept: Sequence[_Column], dropped: Sequence[_Column]) -> _Row | None:
    """A row as it comes out; None where the sides disagree about it or a cell is missing."""
    base, ours, theirs = rows
    if base is not None and (ours is None or theirs is None):
        return None
    for column in dropped:
        cells = [_cell_of(row, at) for row, at in zip(rows, column, strict=True)]
        if any(cell is not None and cell.split() != (cells[0] or "").split() for cell in cells[1:]):
            return None
    merged = [_cell(rows, column) for column in kept]
    return None if None in merged else [cell for cell in merged if cell is not None]


def _cell_of(row: _Row | None, at: int | None) -> str | None:
    return None if row is None or at is None else row[at]


def _cell(rows: Sequence[_Row | None], column: _Column) -> str | None:
    """A cell three ways; None where nobody wrote it, or both sides did, otherwise."""
    base, ours, theirs = (_cell_of(row, at) for row, at in zip(rows, column, strict=True))
    if ours is None or theirs is None:
        return theirs if ours is None else ours
    if ours == theirs or theirs == base:
        return ours
    if base is None or ours == base:
        return None if base is None else theirs
    return _reformed(base, ours, theirs)


def _reformed(base: str, ours: str, theirs: str) -> str | None:
    """A cell that both sides changed: merged where one of them changed only how wide it is."""
    if theirs.split() == base.split():
        return ours
    if ours.split() == base.split():
        return theirs
    dashes = [_alignment(cell) for cell in (base, ours, theirs) if _DASHES.fullmatch(cell)]
    return max(ours, theirs, key=len) if len(dashes) == 3 and len(set(dashes)) == 1 else None


def _alignment(dashes: str) -> str:
    return re.sub(r"-+", "-", dashes.strip())
