"""Three-way merge inside one unit: prose by words, code by lines, table rows by cells.

Each function returns the merged lines, or None where the sides disagree. Two changes of words never touch: at
least one word that nobody changed stands between them, because touching changes are two answers to one question. And
where one side changed how a sentence binds, the other side's words have no place in it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agentmerge.knowledge import Knowledge
from agentmerge.merging.binding import changes_what_binds
from agentmerge.merging.ordering import merge_order
from agentmerge.merging.pieces import Settled, merge_lines
from agentmerge.merging.sequences import Region, regions
from agentmerge.merging.tokens import TOKEN, Text, cut, is_word

KEPT_SHARE = 0.5
"""Share of the base's words that each side must have kept; a text that was rewritten has no places to compare."""

RIVAL_LIKENESS = 0.6
"""Share of common words from which two additions at one spot are taken for two wordings of one thing."""

_DASHES = re.compile(r"\s*:?-+:?\s*")
_HARD_BREAK = re.compile(r"  \n|\n[ \t]*\n")
_CELL = re.compile(r"(?<!\\)\|")


def merge_words(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str], knowledge: Knowledge
) -> list[str] | None:
    """Merge prose by words; a changed line break counts as white space, not as a change of the words around it."""
    b, o, t = (cut("\n".join(lines)) for lines in (base, ours, theirs))
    found = list(regions(b.words, o.words, t.words))
    if not (_kept(b, o) and _kept(b, t) and _apart(found, b, o, t)) or changes_what_binds(found, b, o, t, knowledge):
        return None
    return _joined(found, b, o, t)


def bind_differently(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str], knowledge: Knowledge) -> bool:
    """Whether one side changed what binds in a sentence that the other side changed too."""
    if ours == theirs or base in (ours, theirs):
        return False
    b, o, t = (cut("\n".join(lines)) for lines in (base, ours, theirs))
    return changes_what_binds(list(regions(b.words, o.words, t.words)), b, o, t, knowledge)


def merge_words_loosely(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[str] | None:
    """The same for who asked for it: changes may stand side by side, but not both be made of the same words."""
    b, o, t = (cut("\n".join(lines)) for lines in (base, ours, theirs))
    return _joined(list(regions(b.words, o.words, t.words)), b, o, t)


def _joined(found: Sequence[Region], b: Text, o: Text, t: Text) -> list[str] | None:
    lead = _three(b.lead, o.lead, t.lead)
    parts = [lead, *(_stretch(region, b, o, t) for region in found)]
    return None if None in parts else "".join(part for part in parts if part is not None).split("\n")


def _kept(base: Text, side: Text) -> bool:
    shared = sum((Counter(base.words) & Counter(side.words)).values())
    return shared >= KEPT_SHARE * len(base.words)


def _apart(found: Sequence[Region], b: Text, o: Text, t: Text) -> bool:
    """Whether a whole word stands unchanged between any two changes of different sides."""
    for before, between, after in zip(found, found[1:], found[2:], strict=False):
        if between.changed or any(is_word(word) for word in b.words[slice(*between.base)]):
            continue
        if {_author(before, b, o, t), _author(after, b, o, t)} >= {"ours", "theirs"}:
            return False
    return True


def _author(region: Region, b: Text, o: Text, t: Text) -> str:
    """Who changed a stretch; what both changed alike belongs to both."""
    base, ours, theirs = b.words[slice(*region.base)], o.words[slice(*region.ours)], t.words[slice(*region.theirs)]
    return "both" if ours == theirs else "theirs" if ours == base else "ours"


def _stretch(region: Region, b: Text, o: Text, t: Text) -> str | None:
    texts = [_slice(text, span) for text, span in ((b, region.base), (o, region.ours), (t, region.theirs))]
    merged = _three(*texts)
    if merged is not None:
        return merged
    if region.changed:
        return _rewrapped(region, b, o, t)
    # The words are the same in all three: only the white space between them differs.
    out = []
    for n in range(region.base[1] - region.base[0]):
        x, y, z = (text.spaces[at[0] + n] for text, at in ((b, region.base), (o, region.ours), (t, region.theirs)))
        space = _three(x, y, z)
        out.append(b.words[region.base[0] + n] + (max(y, z) if space is None else space))
    return "".join(out)


def _rewrapped(region: Region, b: Text, o: Text, t: Text) -> str | None:
    """The words of the side that changed some, where the other one only wrapped them in another way."""
    spans = ((b, region.base), (o, region.ours), (t, region.theirs))
    base, ours, theirs = (text.words[slice(*span)] for text, span in spans)
    spaces = [text.spaces[slice(*span)] for text, span in spans]
    if any(_HARD_BREAK.search(space) for each in spaces for space in each) or base not in (ours, theirs):
        return None
    (new, span), wrapped = (spans[2], spaces[1]) if ours == base else (spans[1], spaces[2])
    if span[0] == span[1] or not wrapped:
        return None
    # What stands behind the last word parts it from one that nobody changed.
    return _slice(new, span).removesuffix(new.spaces[span[1] - 1]) + wrapped[-1]


def _slice(text: Text, span: tuple[int, int]) -> str:
    return "".join(word + text.spaces[n] for n, word in enumerate(text.words[slice(*span)], span[0]))


def _three(base: str, ours: str, theirs: str) -> str | None:
    if ours == theirs or theirs == base:
        return ours
    return theirs if ours == base else None


def merge_code(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[str] | None:
    """Merge code by lines; changes of neighbouring lines are in conflict."""
    pieces = merge_lines(base, ours, theirs)
    if not all(isinstance(piece, Settled) for piece in pieces):
        return None
    return [line for piece in pieces if isinstance(piece, Settled) for line in piece.lines]


def merge_table(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[str] | None:
    """Merge a table by rows, matched by their first cell, and rows by cells, as long as nobody changed the columns."""
    tables = [_rows(lines) for lines in (base, ours, theirs)]
    widths = {len(row) for table in tables if table for row in table}
    if any(table is None for table in tables) or len(widths) != 1:
        return merge_code(base, ours, theirs)
    b, o, t = (table or [] for table in tables)
    if any(len({_row_key(row) for row in table}) != len(table) for table in (b, o, t)):
        return merge_code(base, ours, theirs)
    by_key = [{_row_key(row): row for row in table} for table in (b, o, t)]
    gone = {key for key in by_key[0] if _is_deleted(*(table.get(key) for table in by_key))}
    ours, theirs = ([key for key in table if key not in gone] for table in by_key[1:])
    order = merge_order(list(by_key[0]), ours, theirs, str, _RivalRows(by_key))
    if order is None:
        return None
    rows = [_row(*(table.get(key) for table in by_key)) if isinstance(key, str) else None for key in order]
    return None if None in rows else ["|".join(row) for row in rows if row is not None]


@dataclass(frozen=True, slots=True)
class _RivalRows:
    """Whether two runs of rows at one spot may be two answers to one question."""

    by_key: Sequence[Mapping[str, Sequence[str]]]

    def __call__(self, gone: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> bool:
        return bool(gone) or any(
            likeness(self.bag(1, one), self.bag(2, two)) >= RIVAL_LIKENESS for one in ours for two in theirs
        )

    def bag(self, version: int, key: str) -> Counter[str]:
        """The words of a row."""
        return Counter(words_of(" ".join(self.by_key[version][key])))


def _rows(lines: Sequence[str]) -> list[list[str]] | None:
    rows = [_CELL.split(line) for line in lines]
    return rows if all(len(row) > 2 for row in rows) else None


def _row_key(row: Sequence[str]) -> str:
    """What names a row: its first cell; the row of dashes has one name, however wide it is."""
    first = row[1].strip()
    return "---" if _DASHES.fullmatch(first) else first


def _is_deleted(base: list[str] | None, ours: list[str] | None, theirs: list[str] | None) -> bool:
    """Whether a row of the base is gone: deleted by both sides, or by one while the other left it alone."""
    if base is None or (ours is not None and theirs is not None):
        return False
    kept = ours if ours is not None else theirs
    return kept is None or list(map(str.split, kept)) == list(map(str.split, base))


def _row(base: list[str] | None, ours: list[str] | None, theirs: list[str] | None) -> list[str] | None:
    """A row as it comes out; None where one side deleted what the other changed, or both added it differently."""
    if base is None:
        return ours if theirs is None or ours == theirs else theirs if ours is None else None
    if ours is None or theirs is None:
        return None
    cells = [_cell(*three) for three in zip(base, ours, theirs, strict=True)]
    return None if None in cells else [cell for cell in cells if cell is not None]


def _cell(base: str, ours: str, theirs: str) -> str | None:
    merged = _three(base, ours, theirs)
    if merged is not None:
        return merged
    if base.split() == theirs.split():
        return ours
    return theirs if base.split() == ours.split() else None


def likeness(a: Counter[str], b: Counter[str], floor: float = 0.0) -> float:
    """Share of words that two texts have in common, in [0, 1]; 1.0 for two empty ones.

    0.0 where their lengths alone keep it below `floor`.
    """
    left, right = a.total(), b.total()
    if not left + right:
        return 1.0
    if 2 * min(left, right) < floor * (left + right):
        return 0.0
    few, many = (a, b) if len(a) <= len(b) else (b, a)
    return 2 * sum(min(count, many[word]) for word, count in few.items() if word in many) / (left + right)


def words_of(text: str) -> list[str]:
    """The words of a text, lower case, without punctuation."""
    return [token.lower() for token in TOKEN.findall(text) if is_word(token)]
