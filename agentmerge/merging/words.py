"""Three-way merge inside one unit: prose by words, code by lines.

Each function returns the merged lines, or None where the sides disagree. Two changes of words never touch: at
least one word that nobody changed stands between them, because touching changes are two answers to one question. And
where one side changed how a sentence binds, the other side's words have no place in it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from agentmerge.knowledge import Knowledge
from agentmerge.merging.binding import changes_what_binds
from agentmerge.merging.pieces import Settled, merge_lines
from agentmerge.merging.sequences import Region, regions
from agentmerge.merging.tokens import TOKEN, Text, cut, is_word

KEPT_SHARE = 0.5
"""Share of the base's words that each side must have kept; a text that was rewritten has no places to compare."""

RIVAL_LIKENESS = 0.6
"""Share of common words from which two additions at one spot are taken for two wordings of one thing."""

_HARD_BREAK = re.compile(r"  \n|\n[ \t]*\n")


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
