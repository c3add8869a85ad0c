"""Three-way merge of a table: columns by their names, rows by their first cell, and each cell by itself.

None where the sides disagree; a cell that nobody wrote, of one side's row in the other's column, is such a case.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from agentmerge.merging.ordering import merge_order
from agentmerge.merging.sequences import common
from agentmerge.merging.words import RIVAL_LIKENESS, likeness, merge_code, words_of

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
