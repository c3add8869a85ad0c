"""Words that turn a statement into its opposite, and orders that can't be turned round."""

from __future__ import annotations

from collections.abc import Sequence

from agentmerge.aligning import lexicon
from agentmerge.knowledge import Knowledge


class _Opposites:
    """The rows of `[opposite]` in `data/words.toml`."""

    def __init__(self, knowledge: Knowledge) -> None:
        rows = knowledge.raw("words")["opposite"]
        self.pairs, self.contrary, self.verbs = (
            [(_padded(one, knowledge), _padded(other, knowledge)) for one, other in map(_sides, rows[name])]
            for name in ("pairs", "contrary", "contrary_verbs")
        )
        self.turned = [
            *self.pairs,
            *((_padded(one, knowledge), _padded(other, knowledge)) for one, other in map(_sides, rows["turned"])),
        ]
        self.orders = [_padded(word, knowledge) for word in rows["orders"]]


def _sides(row: str) -> tuple[str, str]:
    one, _, other = row.partition(" / ")
    return one, other


def opposed(a: str, b: str, knowledge: Knowledge, row: str = "pairs") -> tuple[str, str] | None:
    """The words by which two texts are opposites, if there are any: one of a pair in each, or another order.

    What else the two say is not looked at. `turned` as row counts words, too, that are opposites in two versions of one
    statement alone.
    """
    known = knowledge.derived(_Opposites)
    left, right = _padded(a, knowledge), _padded(b, knowledge)
    pairs = known.turned if row == "turned" else known.pairs
    return _parted(left, right, pairs) or _turned(left, right, known.orders, knowledge)


def contrary(a: str, b: str, knowledge: Knowledge) -> tuple[str, str] | None:
    """The opposed words of two texts that say the same otherwise and can't both hold."""
    rows = knowledge.derived(_Opposites)
    left, right = _padded(a, knowledge), _padded(b, knowledge)
    found = _parted(left, right, rows.contrary) or _turned(left, right, rows.orders, knowledge)
    if found is None:
        found = _parted(left, right, rows.verbs)
        if found is None or not (left.startswith(f" {found[0]} ") and right.startswith(f" {found[1]} ")):
            return None
    known = lexicon.of(knowledge)
    apart = frozenset(token for text in found for token in known.tokens(text, "en"))
    one, other = (frozenset(known.tokens(text, "en")) - known.form - apart for text in (a, b))
    return found if one == other and len(one) > 1 else None


def _parted(left: str, right: str, pairs: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """The pair of which each text holds one word alone."""
    for one, other in pairs:
        for first, second in ((one, other), (other, one)):
            if first in left and first not in right and second in right and second not in left:
                return first.strip(), second.strip()
    return None


def _turned(left: str, right: str, orders: Sequence[str], knowledge: Knowledge) -> tuple[str, str] | None:
    word = next((word for word in orders if word in left and word in right), None)
    return (word.strip(), word.strip()) if word and _is_turned(left, right, word, knowledge=knowledge) else None


def _padded(text: str, knowledge: Knowledge) -> str:
    return f" {' '.join(lexicon.of(knowledge).words(text))} "


def _is_turned(left: str, right: str, order: str, knowledge: Knowledge) -> bool:
    """Whether the same words stand on the other sides of a word of order."""
    sides = [[_tokens(part, knowledge=knowledge) for part in text.split(order, 1)] for text in (left, right)]
    (before, after), (other_before, other_after) = sides
    last, first = before[-1:], after[:1]
    return bool(last and first) and last != first and last[0] in other_after and first[0] in other_before


def _tokens(text: str, knowledge: Knowledge) -> Sequence[str]:
    known = lexicon.of(knowledge)
    return [token for token in known.tokens(text.strip(), "en") if token not in known.form]
