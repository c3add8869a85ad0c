"""Texts of a collection in, those out that may be near copies, and how two of them stand to each other."""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import fsum, log
from typing import NamedTuple
from zlib import crc32

from agentmerge.drifting.arrivals import keys_of
from agentmerge.knowledge.tables import Knowledge
from agentmerge.surveying.records import Card, Content, Klass, Signals

# Sketching ------------------------------------------------------------------------------------------------------------
#
# Texts that may be near copies, found without comparing each with each: MinHash with one permutation, in bands.


BINS = 128
"""Bins of a sketch. The share of equal bins strays from the true one by 0.04."""
ROWS = 4
"""Bins of a band: two texts that share half of their triples meet with 0.87, such that share 0.7 with 0.9998."""
EMPTY = 0xFFFFFFFF
LEAST_BINS = 24
"""Filled bins below which a sketch says nothing."""
CROWD = 40
"""Texts in one bucket from which each is only held against the nearest ones: boilerplate brings all together."""
RARE = 12
"""Texts up to which a statement that they have brings them together."""
LEAST_WORDS = 4
"""Words of such a statement."""
LEAST_SHARED = 2
"""Such statements that two texts share at least, or all that one of them has."""

_MIX = 0x9E3779B97F4A7C15
_MASK = 0xFFFFFFFFFFFFFFFF
_WORD = re.compile(r"[^\W_]+")
_CJK = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"


@cache
def _word_or_sign() -> re.Pattern[str]:
    return re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+")


def words_of(text: str) -> list[str]:
    """The words of a text, ideographs one by one, as they are written."""
    if text.isascii() or max(text) < "\u2e80":
        return _WORD.findall(text)
    return _word_or_sign().findall(text)


def sketch(words: Sequence[str]) -> array[int]:
    """The least hash in each bin over all triples of words."""
    known: dict[str, int] = {}
    numbers = [
        known.get(word) or known.setdefault(word, crc32(word.encode("utf-8", "surrogatepass"))) for word in words
    ]
    least = [EMPTY] * BINS
    for one, two, three in set(zip(numbers, numbers[1:], numbers[2:], strict=False)):
        mixed = ((one * 31 + two) * 31 + three) * _MIX & _MASK
        at, value = mixed >> 57, mixed >> 25 & 0xFFFFFFFF
        if value < least[at]:
            least[at] = value
    return array("I", least)


def resemblance(one: Sequence[int], two: Sequence[int]) -> float | None:
    """Share of the triples of two texts that both have, estimated; None where there are too few of them."""
    filled = [(a, b) for a, b in zip(one, two, strict=True) if not a == b == EMPTY]
    if len(filled) < LEAST_BINS:
        return None
    return sum(a == b for a, b in filled) / len(filled)


def _dense(found: Sequence[int]) -> Sequence[int]:
    """A sketch with each empty bin filled from the next full one, so that bands of short texts meet, too."""
    full = [number for number, value in enumerate(found) if value != EMPTY]
    if not full or len(full) == len(found):
        return found if full else ()
    filled, following = list(found), full[0] + len(found)
    for number in range(len(found) - 1, -1, -1):
        if found[number] == EMPTY:
            filled[number] = found[following % len(found)] + (following - number) * 7919
        else:
            following = number
    return filled


def near(sketches: Sequence[Sequence[int]]) -> set[tuple[int, int]]:
    """Pairs of texts that share a band of their sketches, by their indices, the lower first."""
    dense = [_dense(one) for one in sketches]
    found: set[tuple[int, int]] = set()
    for start in range(0, BINS, ROWS):
        buckets: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
        for number, one in enumerate(dense):
            if one:
                buckets[tuple(one[start : start + ROWS])].append(number)
        for numbers in buckets.values():
            found.update(within(numbers))
    return found


def bands(found: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """The bands of a sketch, each with its place: texts are held against each other that have one of them in common."""
    dense = _dense(found)
    for start in range(0, BINS, ROWS) if dense else ():
        yield start, *dense[start : start + ROWS]


def within(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The pairs of texts that share a band, in ascending order; of very many only some."""
    if len(numbers) <= CROWD:
        yield from combinations(numbers, 2)
        return
    for at, number in enumerate(numbers):
        yield from ((number, other) for other in numbers[at + 1 : at + 5])
        yield from ((first, number) for first in numbers[:4] if first < number)


def sharing(statements: Sequence[Mapping[int, int]]) -> set[tuple[int, int]]:
    """Pairs of texts that share rare statements: a small text inside of a large one has another sketch.

    Each text is a mapping from its statements to how many words they have.
    """
    holders: defaultdict[int, list[int]] = defaultdict(list)
    for number, found in enumerate(statements):
        for statement, length in found.items():
            if length >= LEAST_WORDS:
                holders[statement].append(number)
    shared: Counter[tuple[int, int]] = Counter()
    for numbers in holders.values():
        if 1 < len(numbers) <= RARE:
            shared.update(combinations(numbers, 2))
    sizes = [sum(length >= LEAST_WORDS for length in found.values()) for found in statements]
    return {(a, b) for (a, b), count in shared.items() if count >= min(LEAST_SHARED, sizes[a], sizes[b])}


def buckets(keys: Iterable[tuple[int, str]], most: int) -> Iterator[tuple[int, int]]:
    """Pairs of texts with one key in common, of keys that not more than `most` texts have."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for number, key in keys:
        found[key].append(number)
    for numbers in found.values():
        if len(numbers) <= most:
            yield from combinations(numbers, 2)


# Comparing ------------------------------------------------------------------------------------------------------------
#
# How two definitions of a collection stand to each other, by signals that stay apart.


FORKED = 0.5
"""Share of the words of one that stand in the other, from which one text may come from the other."""
FORKED_OTHER = 0.25
"""The same of the other one: what all files of a collection begin with makes no copy."""
REWORDED = 0.4
"""Share of triples of words in common from which a text is one that was reworded."""
EXPLAINED = 0.7
"""Share of that wording which stands in equal statements, from which these alone are the reason for it."""
SURE = 0.6
"""Share of both, or of triples of words, from which nothing else has to speak for a copy."""
WHOLE = 0.9
"""Share of one of them from which it stands in the other, whatever else that says."""
SUPPORTED = 0.4
"""Likeness of descriptions that speaks for a copy of which less is left; so does one name."""
LEAST_COMPARED = 20
"""Words in equal statements from which they say something."""
SHARED_PLAIN = 0.3
"""Share of the words of both in equal statements from which the boilerplate of two files is told."""
REFERENCES = 0.6
"""Share of code, names and addresses in common from which one text translates another whatever they are called."""
LEAST_REFERENCES = 5
NAMED_REFERENCES = 0.2
"""The same where both have one name."""
SAME_DESCRIBED = 0.2
"""Likeness of descriptions from which one name stands for one role."""
SAME_SAID = 0.06
"""Share of the words in common from which it does."""


@dataclass(frozen=True, slots=True)
class Form:
    """What is compared: all cards of one body."""

    number: int
    content: Content
    statements: Mapping[int, int]
    """Words of each statement."""
    headings: frozenset[int]
    roles: frozenset[str]
    """What names the roles of all cards of this body."""


class Shares(NamedTuple):
    """How much of two forms stands in equal statements."""

    common: frozenset[int]
    body: tuple[float, float]
    plain: tuple[float, float]


class Comparer:
    """Compares the forms of one collection: how rare a statement or a word is in it decides what it weighs."""

    def __init__(self, forms: Sequence[Form], descriptions: Weights) -> None:
        self.spread = _spread(forms)
        """In how many roles each statement stands that stands in several."""
        self._roles = max(1, len({_first(form) for form in forms}))
        self._least = log(1 + self._roles)
        self._descriptions = descriptions
        self._totals: dict[int, float] = {}

    def weight(self, statement: int) -> float:
        """In (0, 1]: 1 for what one role says, next to nothing for what all say."""
        number = self.spread.get(statement, 1)
        return log(1 + self._roles / number) / self._least

    def shares(self, a: Form, b: Form) -> Shares:
        """What two forms say in equal statements."""
        small, large = (a, b) if len(a.statements) <= len(b.statements) else (b, a)
        common = frozenset(one for one in small.statements if one in large.statements)
        words = sum(small.statements[one] for one in common)
        weighed = sum(small.statements[one] * self.weight(one) for one in common)
        body = (_share(weighed, self._total(a)), _share(weighed, self._total(b)))
        return Shares(common, body, (_share(words, _words(a)), _share(words, _words(b))))

    def _total(self, form: Form) -> float:
        if form.number not in self._totals:
            weighed = (length * self.weight(one) for one, length in form.statements.items())
            self._totals[form.number] = sum(weighed)
        return self._totals[form.number]

    def signals(self, a: Form, b: Form, shares: Shares) -> Signals:
        """Everything that may speak for two forms being one."""
        return Signals(
            tuple_of(shares.body),
            tuple_of(shares.plain),
            resemblance(a.content.sketch, b.content.sketch),
            jaccard(a.headings, b.headings),
            bool(a.roles & b.roles),
            self._descriptions.likeness(a.content.description, b.content.description),
        )

    def judge(self, a: Form, b: Form) -> tuple[Klass | None, Signals]:
        """The class of two forms of different bodies, and the signals for it; None where nothing speaks for one."""
        shares = self.shares(a, b)
        signals = self.signals(a, b, shares)
        return self._klass(a, b, shares, signals), signals

    def _klass(self, a: Form, b: Form, shares: Shares, signals: Signals) -> Klass | None:
        words = sum(a.statements[one] for one in shares.common)
        is_whole = len(shares.common) in (len(a.statements), len(b.statements))
        if is_whole and words >= LEAST_COMPARED and not self._is_common(shares.common):
            return Klass.SUPERSET if len(a.statements) != len(b.statements) else Klass.FORKED
        if _is_translation(a.content, b.content, signals):
            return Klass.TRANSLATION
        if _is_fork(words, signals):
            return Klass.FORKED
        if signals.name and (is_one_role(signals) or _is_named_alike(a.content.name, b.content.name)):
            return Klass.SAME_ROLE
        return Klass.BOILERPLATE if words >= LEAST_COMPARED and min(signals.plain) >= SHARED_PLAIN else None

    def _is_common(self, statements: Iterable[int]) -> bool:
        """Whether all of some statements are what many roles say."""
        return all(self.weight(one) < 0.5 for one in statements)


def _is_fork(words: int, signals: Signals) -> bool:
    """Whether one text comes from the other, or both from a third, by `words` in equal statements.

    Files that were made from one template are alike, too: where less is left in common, a name or a description has to
    speak for it.
    """
    said = words >= LEAST_COMPARED and max(signals.body) >= FORKED and min(signals.body) >= FORKED_OTHER
    worded = (signals.wording or 0) >= REWORDED and not _is_explained(signals)
    if not said and not worded:
        return False
    whole = said and (min(signals.body) >= SURE or max(signals.body) >= WHOLE)
    sure = whole or (worded and (signals.wording or 0) >= SURE)
    return sure or signals.name or (signals.description or 0) >= SUPPORTED


def is_one_role(signals: Signals) -> bool:
    """Whether two definitions of one name have the role in common, too."""
    return (signals.description or 0) >= SAME_DESCRIBED or max(signals.body) >= SAME_SAID


def _is_named_alike(a: str, b: str) -> bool:
    """Whether the field `name` of both says one role: one word such as `reviewer` or `analyze` stands for many."""
    words = [re.split(r"[\W_]+", name.lower().strip()) for name in (a, b)]
    return words[0] == words[1] and len(words[0]) > 1


def _is_explained(signals: Signals) -> bool:
    """Whether two texts are worded alike only for statements that many roles share."""
    one, two = signals.plain
    plain = _share(1, 1 / one + 1 / two - 1) if one and two else 0.0
    return plain >= EXPLAINED * (signals.wording or 0) and max(signals.body) < FORKED


def _is_translation(a: Content, b: Content, signals: Signals) -> bool:
    """Whether two texts of different languages are one: by what stays in every language, or by name and shape."""
    if not a.language or not b.language or a.language == b.language:
        return False
    one, two = frozenset(a.references), frozenset(b.references)
    kept = jaccard(one, two) or 0
    if min(len(one), len(two)) >= LEAST_REFERENCES and kept >= REFERENCES:
        return True
    shaped = bool(a.shape) and a.shape == b.shape
    return signals.name and (shaped or kept >= NAMED_REFERENCES or max(signals.body) >= SAME_SAID)


def klass_of_copies(a: Card, b: Card, knowledge: Knowledge) -> tuple[Klass, tuple[str, ...]]:
    """How two cards of one body differ, and in which fields."""
    one, two = a.content, b.content
    keys = tuple(key for key in dict.fromkeys([*one.fields, *two.fields]) if one.fields.get(key) != two.fields.get(key))
    if one.host != two.host or not set(keys) <= knowledge.derived(_naming):
        return Klass.HOST_ONLY if one.digest != two.digest else Klass.IDENTICAL, keys
    return (Klass.IDENTICAL if one.exact == two.exact else Klass.COSMETIC), keys


def _naming(knowledge: Knowledge) -> frozenset[str]:
    return frozenset(knowledge.raw("survey")["naming"]["fields"])


def differing(a: Content, b: Content) -> tuple[str, ...]:
    """Keys of the fields that two definitions do not have alike."""
    keys = dict.fromkeys([*a.fields, *b.fields])
    return tuple(key for key in keys if a.fields.get(key) != b.fields.get(key))


def form_of(number: int, cards: Sequence[Card], knowledge: Knowledge) -> Form:
    """The form of some cards of one body."""
    roles = (key for card in cards for key in keys_of(card.content.name, card.file, knowledge))
    return form_with(number, cards[0].content, roles)


def form_with(number: int, content: Content, roles: Iterable[str]) -> Form:
    """The form of a content whose roles are known."""
    statements = dict(zip(content.statements, content.lengths, strict=True))
    return Form(number, content, statements, frozenset(content.headings), frozenset(roles))


def _first(form: Form) -> str:
    return min(form.roles, default=f"#{form.number}")


def _spread(forms: Sequence[Form]) -> dict[int, int]:
    """In how many roles each statement stands, for those that stand in several."""
    by_role: dict[str, set[int]] = {}
    for form in forms:
        by_role.setdefault(_first(form), set()).update(form.statements)
    spread: dict[int, int] = {}
    for statements in by_role.values():
        for one in statements:
            spread[one] = spread.get(one, 0) + 1
    return {one: number for one, number in spread.items() if number > 1}


def _words(form: Form) -> int:
    return sum(form.statements.values())


def _share(part: float, whole: float) -> float:
    return min(1.0, part / whole) if whole else 0.0


def tuple_of(shares: tuple[float, float]) -> tuple[float, float]:
    """Shares as they are told: in hundredths."""
    return round(shares[0], 2), round(shares[1], 2)


def jaccard(one: AbstractSet[int], two: AbstractSet[int]) -> float | None:
    """Share of what either has that both have; None where both have nothing."""
    either = len(one | two)
    return round(len(one & two) / either, 2) if either else None


class Weights:
    """Likeness of short texts by their words, of which rare ones weigh more."""

    def __init__(self, texts: Iterable[str], stop: frozenset[str]) -> None:
        self._stop = stop
        found = [frozenset(self._tokens(text)) for text in dict.fromkeys(texts) if text]
        spread: dict[str, int] = {}
        for tokens in found:
            for token in tokens:
                spread[token] = spread.get(token, 0) + 1
        self._count = max(1, len(found))
        self._spread = spread
        self._known: dict[str, dict[str, float]] = {}

    def _tokens(self, text: str) -> list[str]:
        return [word for word in words_of(text.lower()) if word not in self._stop]

    def vector(self, text: str) -> dict[str, float]:
        """Weights of the words of a text, the sum of their squares 1."""
        if text not in self._known:
            tokens = dict.fromkeys(self._tokens(text))
            raw = {token: log(1 + self._count / self._spread.get(token, 1)) for token in tokens}
            length = sum(value * value for value in raw.values()) ** 0.5
            self._known[text] = {token: value / length for token, value in raw.items()} if length else {}
        return self._known[text]

    def likeness(self, a: str, b: str) -> float | None:
        """In [0, 1]; None where one of them says nothing."""
        one, two = self.vector(a), self.vector(b)
        if not one or not two:
            return None
        return min(1.0, round(cosine(one, two), 2))


def cosine(one: Mapping[str, float], two: Mapping[str, float]) -> float:
    """Likeness of two texts by the weights of their words."""
    return fsum(one[token] * two[token] for token in one.keys() & two.keys())
