"""How two definitions of a collection stand to each other, by signals that stay apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import fsum, log
from typing import NamedTuple

from agentmerge.drifting.grouping import keys_of
from agentmerge.knowledge import Knowledge
from agentmerge.surveying.records import Card, Content, Klass, Signals
from agentmerge.surveying.sketching import resemblance, words_of

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
LEAST_WORDS = 20
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
        if is_whole and words >= LEAST_WORDS and not self._is_common(shares.common):
            return Klass.SUPERSET if len(a.statements) != len(b.statements) else Klass.FORKED
        if _is_translation(a.content, b.content, signals):
            return Klass.TRANSLATION
        if _is_fork(words, signals):
            return Klass.FORKED
        if signals.name and (is_one_role(signals) or _is_named_alike(a.content.name, b.content.name)):
            return Klass.SAME_ROLE
        return Klass.BOILERPLATE if words >= LEAST_WORDS and min(signals.plain) >= SHARED_PLAIN else None

    def _is_common(self, statements: Iterable[int]) -> bool:
        """Whether all of some statements are what many roles say."""
        return all(self.weight(one) < 0.5 for one in statements)


def _is_fork(words: int, signals: Signals) -> bool:
    """Whether one text comes from the other, or both from a third, by `words` in equal statements.

    Files that were made from one template are alike, too: where less is left in common, a name or a description has to
    speak for it.
    """
    said = words >= LEAST_WORDS and max(signals.body) >= FORKED and min(signals.body) >= FORKED_OTHER
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
    content = cards[0].content
    roles = (key for card in cards for key in keys_of(card.content.name, card.file, knowledge))
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
