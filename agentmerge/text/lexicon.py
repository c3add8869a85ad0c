"""Text to tokens: stems of one language, terms as concepts, words that turn a statement round, words looked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from itertools import pairwise

from agentmerge.knowledge.tables import Knowledge, Raw

# Lexicon --------------------------------------------------------------------------------------------------------------
#
# Text to tokens: words of one language as stems, terms of several words as one concept.


_CJK = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
Phrases = Mapping[str, Sequence[Sequence[list[str]]]]
"""Terms as stems with the stems that stand for them, by their first stem; as JSON holds it."""

MAX_KNOWN = 100_000
"""Texts whose tokens are remembered."""

_KEPT = ("ss", "us", "is")
"""Ends of words that are no endings."""
_FIRST_IDEOGRAPH = "\u2e80"
TERM = "~"
"""Sign behind a shaping word that is part of a term: `handling` says little, but not in `error handling`."""

_ASCII_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?")


@cache
def _word_or_run() -> re.Pattern[str]:
    """A word, or a run of ideographs. Compiled late: the ranges take longer than all other patterns together."""
    return re.compile(rf"[^\W_{_CJK}]+(?:['’][^\W\d_]+)?|[{_CJK}]+")


@cache
def _ideograph() -> re.Pattern[str]:
    return re.compile(rf"[{_CJK}]")


def _split(text: str) -> list[str]:
    """The words of a text in lower case."""
    if text.isascii():
        return _ASCII_WORD.findall(text)
    return (_word_or_run() if _has_ideographs(text) else _WORD).findall(text)


def _has_ideographs(text: str) -> bool:
    """Whether a text may hold ideographs, or characters beyond them such as emoji."""
    return not text.isascii() and max(text) >= _FIRST_IDEOGRAPH


class Lexicon:
    """The language tables of `agentmerge/data`, indexed for reading. One per set of tables; only caches change."""

    def __init__(self, knowledge: Knowledge) -> None:
        words = knowledge.raw("words")
        self.stop: Mapping[str, frozenset[str]] = {
            language: frozenset(text.split()) for language, text in words["stop"].items()
        }
        self._endings = _endings(words["ending"]["rules"])
        self._all_endings = tuple(self._endings)
        self._family = {word: stem for stem, text in words["family"].items() for word in (stem, *text.split())}
        self._spelling = {sign.lower(): word for sign, word in words["spelling"].items()}
        self._stems: dict[str, str] = {}
        self._tokens: dict[tuple[str, str], list[str]] = {}
        self._foreign_terms: dict[str, Phrases] = {}
        self._form_words: str = words["form"]["words"]
        self._knowledge = knowledge

    @cached_property
    def shaping(self) -> frozenset[str]:
        """Tokens of the words that a text may be given up with: fewer than `form`, none of them decides anything."""
        words = self._knowledge.raw("identity")["shaping"]["words"]
        return frozenset(token for word in words for token in (self.stem(word), *self.tokens(word, "en")))

    @cached_property
    def form(self) -> frozenset[str]:
        """Tokens of the words that shape a statement."""
        made: Sequence[str] | None = self._knowledge.ready("form", "words", "concepts")
        return frozenset(self.make_form() if made is None else made)

    def make_form(self) -> Sequence[str]:
        """The tokens of shaping words, made from their table."""
        words = self._form_words.split()
        return sorted({token for word in words for token in (self.stem(word), *self.tokens(word, "en"))})

    def form_of(self, *languages: str) -> frozenset[str]:
        """Shaping words of texts in these languages: there is a table of English ones alone."""
        return self.form if _may_be_english(languages) else frozenset()

    def shares_of(self, *languages: str) -> Mapping[str, float]:
        """Shares of frequent tokens for texts in these languages: definitions in English were counted."""
        return self.shares if _may_be_english(languages) else {}

    @cached_property
    def shares(self) -> Mapping[str, float]:
        """Share of the units of many definitions that hold a token, for frequent tokens."""
        rows = self._knowledge.raw("frequent")["shares"].split()
        return {token: int(count) / 100_000 for token, _, count in (row.rpartition(":") for row in rows)}

    @cached_property
    def _signs(self) -> re.Pattern[str]:
        signs = sorted(self._spelling, key=len, reverse=True)
        return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, signs))})(?![\w+#])" if signs else r"(?!)")

    @cached_property
    def _triggers(self) -> Mapping[str, Sequence[str]]:
        """The spellings by their first word: looking for a few texts is cheaper than a pattern of all of them."""
        found: dict[str, list[str]] = {}
        for sign in self._spelling:
            found.setdefault(_split(sign)[0], []).append(sign)
        return found

    @cached_property
    def phrases(self) -> Phrases:
        """By first stem: the terms of the concept table as stems, the longest first, with what stands for them."""
        made: Phrases | None = self._knowledge.ready("phrases", "words", "concepts")
        return self.make_phrases() if made is None else made

    def make_phrases(self) -> Phrases:
        """The index of terms, made from the concept table; it takes longer than aligning two files."""
        shaping = frozenset(map(self.stem, self._form_words.split()))
        return _indexed(self._knowledge.raw("concepts"), self.stems, shaping)

    def _terms(self, language: str) -> Phrases:
        """The terms of a language: for a known one that is not English only those that the user added."""
        if language in ("en", ""):
            return self.phrases
        if language not in self._foreign_terms:
            rows = self._knowledge.own("concepts")
            self._foreign_terms[language] = _indexed(
                rows, lambda text: self._content_words(text, language), frozenset()
            )
        return self._foreign_terms[language]

    def words(self, text: str) -> list[str]:
        """Words in lower case; a run of ideographs as its overlapping pairs."""
        text = text.lower().replace("’", "'")
        split = _split(text)
        if not self._triggers.keys().isdisjoint(split) and self._has_sign(text, split):
            text = self._signs.sub(lambda match: self._spelling[match[0]], text)
            split = _split(text)
        if not _has_ideographs(text):
            return split
        found: list[str] = []
        for word in split:
            if _has_ideographs(word) and _ideograph().match(word):
                found.extend(_pairs(word))
            else:
                found.append(word)
        return found

    def _has_sign(self, text: str, words: Iterable[str]) -> bool:
        return any(sign in text for word in self._triggers.keys() & set(words) for sign in self._triggers[word])

    def stem(self, word: str) -> str:
        """An English word's stem: a named family's, or what is left after its endings are taken off."""
        known = self._stems.get(word)
        if known is None:
            family = self._family.get(word) or self._family.get(word.removesuffix("s"))
            known = self._stems[word] = family or self._stripped(word)
        return known

    def _stripped(self, word: str) -> str:
        if not word.isascii() or (not word.isalpha() and any(sign.isdigit() for sign in word)):
            return word
        word = word.removesuffix("'s")
        while True:
            shorter = self._without_ending(word)
            if shorter is None:
                return word
            word = shorter

    def _without_ending(self, word: str) -> str | None:
        if word.endswith(_KEPT) or not word.endswith(self._all_endings):
            return None
        for length in range(min(_LONGEST, len(word) - 2), 0, -1):
            least = self._endings.get(word[-length:])
            if least is not None and len(word) - length >= least:
                stem = word[:-length]
                doubled = length > 1 and len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "lsz"
                return stem[:-1] if doubled else stem
        return None

    def stems(self, text: str) -> list[str]:
        """Stems of an English text without function words."""
        stop, stem = self.stop["en"], self.stem
        return [stem(word) for word in self.words(text) if word not in stop]

    def tokens(self, text: str, language: str) -> list[str]:
        """The tokens of a text: stems with terms replaced by their concept; other languages keep their words."""
        known = self._tokens.get((text, language))
        if known is None:
            if len(self._tokens) >= MAX_KNOWN:
                self._tokens.clear()
            known = self._tokens[text, language] = self._read(text, language)
        return known

    def _read(self, text: str, language: str) -> list[str]:
        return _concepts(self._content_words(text, language), self._terms(language))

    def _content_words(self, text: str, language: str) -> list[str]:
        if language == "en":
            return self.stems(text)
        stop = self.stop.get(language, frozenset())
        return [self._foreign(word, language) for word in self.words(text) if word not in stop]

    def _foreign(self, word: str, language: str) -> str:
        return _snowball(language, word) if language in _SNOWBALL else word

    def name(self, token: str, texts: Iterable[tuple[str, str]] = ()) -> str:
        """A word that a reader knows for a token: the shortest of the words of the texts (each with its language),
        else the concept's own name."""
        texts = list(texts)
        words = {names[token] for text in texts if token in (names := self.names(*text))}
        if not words:
            # A word of a concept that goes by another name: `delete` of what is called `eliminate`.
            words = {word for text, of in texts for word in self.words(text) if token in self.tokens(word, of)}
        return min(words, key=_shortest) if words else self._names.get(token, token)

    def names(self, text: str, language: str) -> Mapping[str, str]:
        """The tokens of a text's words, terms apart, each with the shortest word that it stands for."""
        found: dict[str, str] = {}
        for word in sorted(set(self.words(text)), key=_shortest, reverse=True):
            stem = self.stem(word) if language == "en" else self._foreign(word, language)
            found[word] = found[stem] = found[stem + TERM] = word
        return found

    @cached_property
    def _names(self) -> Mapping[str, str]:
        """Words of the concepts' names by their stem."""
        return {
            token: word
            for rows in self._knowledge.raw("concepts").values()
            for name in rows
            for word in self.words(name)
            for token in (self.stem(word), self.stem(word) + TERM)
        }

    def language(self, texts: Iterable[str]) -> str:
        """The language with the most function words in the texts; "cjk" for ideographs, "" for none of the tables."""
        words = [word for text in texts for word in _split(text.lower())]
        if sum(_has_ideographs(word) and bool(_ideograph().match(word)) for word in words) * 5 > len(words):
            return "cjk"
        shares = {name: sum(map(stop.__contains__, words)) for name, stop in self.stop.items()}
        best = max(shares, key=lambda name: (shares[name], name == "en"), default="")
        enough = len(words) < _FEW_WORDS or shares[best] * 20 >= len(words)
        return best if enough and shares[best] else "en" if all(word.isascii() for word in words) else ""


_FEW_WORDS = 40
_LONGEST = 8
"""Letters of the longest ending."""
_SNOWBALL = {"de": "german", "es": "spanish", "fr": "french", "it": "italian", "pt": "portuguese"}


def _indexed(concepts: Raw, stems: Callable[[str], list[str]], shaping: frozenset[str]) -> Phrases:
    """Terms by their first stem, the longest first."""
    found: dict[str, dict[tuple[str, ...], list[str]]] = {}
    for rows in concepts.values():
        for name, text in rows.items():
            canonical = stems(name)
            if len(canonical) > 1:
                canonical = [stem + TERM if stem in shaping else stem for stem in canonical]
            for phrase in (name, *text.split(",")):
                key = tuple(stems(phrase))
                if key:
                    found.setdefault(key[0], {}).setdefault(key, canonical)
    return {
        first: [[list(key), to] for key, to in sorted(row.items(), key=lambda p: (-len(p[0]), p))]
        for first, row in found.items()
    }


def _concepts(stems: list[str], phrases: Phrases) -> list[str]:
    """The stems with each term replaced by what stands for it."""
    if phrases.keys().isdisjoint(stems):
        return stems
    found: list[str] = []
    at = 0
    while at < len(stems):
        for phrase, canonical in phrases.get(stems[at], ()):
            if len(phrase) == 1 or stems[at : at + len(phrase)] == phrase:
                found.extend(canonical)
                at += len(phrase)
                break
        else:
            found.append(stems[at])
            at += 1
    return found


def _may_be_english(languages: Iterable[str]) -> bool:
    """Whether a text is in English, or in a language that could not be told."""
    return not {"en", ""}.isdisjoint(languages)


def _shortest(word: str) -> tuple[int, str]:
    return len(word), word


def _endings(rules: str) -> Mapping[str, int]:
    return {ending: int(least) for ending, least in (rule.split(":") for rule in rules.split())}


def _pairs(run: str) -> Iterator[str]:
    if len(run) == 1:
        yield run
    for first, second in pairwise(run):
        yield first + second


@lru_cache(maxsize=20_000)
def _snowball(language: str, word: str) -> str:
    import snowballstemmer  # type: ignore[import-untyped]

    stemmed: str = snowballstemmer.stemmer(_SNOWBALL[language]).stemWord(word)
    return stemmed


def of(knowledge: Knowledge) -> Lexicon:
    """The lexicon of some tables."""
    return knowledge.derived(Lexicon)


# Opposites ------------------------------------------------------------------------------------------------------------
#
# Words that turn a statement into its opposite, and orders that can't be turned round.


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
    known = of(knowledge)
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
    return f" {' '.join(of(knowledge).words(text))} "


def _is_turned(left: str, right: str, order: str, knowledge: Knowledge) -> bool:
    """Whether the same words stand on the other sides of a word of order."""
    sides = [[_tokens(part, knowledge=knowledge) for part in text.split(order, 1)] for text in (left, right)]
    (before, after), (other_before, other_after) = sides
    last, first = before[-1:], after[:1]
    return bool(last and first) and last != first and last[0] in other_after and first[0] in other_before


def _tokens(text: str, knowledge: Knowledge) -> Sequence[str]:
    known = of(knowledge)
    return [token for token in known.tokens(text.strip(), "en") if token not in known.form]


# Looks ----------------------------------------------------------------------------------------------------------------
#
# Patterns that are looked for in many texts: each is compiled and tried only where a text holds the words it needs.
#
# A pattern of a table cannot match without some words, which `.ci/compile_tables.py` reads off it beforehand. Compiling
# one takes milliseconds and most reviews need a few of a hundred.


ORDER = "<do>"
"""What a pattern of an order begins with."""
FLAGS = re.IGNORECASE | re.MULTILINE
_ODD = re.compile("[\u0130\u0131\u017f\u1c80-\u1c88\u1e9e\u212a\u212b]")
"""Letters that a pattern takes for others without regard to case, and that stay what they are in lower case."""

Needs = Mapping[str, tuple[Sequence[Sequence[str]], Sequence[str]]]
"""By pattern, sets of lower-case words, and how an order begins: what matches holds one of each set and begins so."""
_NONE: tuple[Sequence[Sequence[str]], Sequence[str]] = ((), ())


class Held:
    """Which sets of words a text holds one of, as a number with a bit for each set."""

    def __init__(self) -> None:
        self._sets: dict[frozenset[str], int] = {}
        self._words: dict[str, dict[str, int]] = {}
        """The bits of words, by the two letters that they begin with."""

    def bits(self, needs: Iterable[Sequence[str]]) -> int:
        """The bits of sets of words; new ones are added."""
        bits = 0
        for words in map(frozenset, needs):
            if words not in self._sets:
                bit = self._sets[words] = 1 << len(self._sets)
                for word in words:
                    alike = self._words.setdefault(word[:2], {})
                    alike[word] = alike.get(word, 0) | bit
            bits |= self._sets[words]
        return bits

    def of(self, low: str) -> int:
        """The bits of the sets that a text in lower case holds a word of."""
        held = 0
        for start in self._words.keys() & {low[at : at + 2] for at in range(len(low))}:
            for word, bits in self._words[start].items():
                if word in low:
                    held |= bits
        return held


class Pattern:
    """One pattern with what it needs."""

    def __init__(self, source: str, needs: Needs, held: Held) -> None:
        self.is_order = source.startswith(ORDER)
        self.source = source.removeprefix(ORDER)
        words, begins = needs.get(source, _NONE)
        self._bits = held.bits(words)
        self._begins = tuple(begins)

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        return compiled(self.source)

    def may_stand(self, piece: Piece) -> bool:
        """Whether a text holds the words that the pattern needs."""
        return self._bits & piece.held == self._bits

    def order(self, piece: Piece, at: int) -> re.Match[str] | None:
        """The pattern at a place where an order begins."""
        if self._begins and piece.is_plain and not piece.low.startswith(self._begins, at):
            return None
        return self.compiled.match(piece.text, at)


class Look:
    """The patterns of a class, read as alternatives of one: the first place counts, and there the first of them.

    Those of orders are tried where an order begins, the others everywhere.
    """

    def __init__(self, sources: Iterable[str], needs: Needs, held: Held) -> None:
        patterns = [Pattern(source, needs, held) for source in sources]
        self._orders = [one for one in patterns if one.is_order]
        self._others = [one for one in patterns if not one.is_order]

    def places(self, piece: Piece) -> Iterator[tuple[int, int]]:
        """Where something begins and ends that is of the class."""
        orders = [one for one in self._orders if one.may_stand(piece)]
        for at in piece.starts if orders else ():
            found = next((match for one in orders if (match := one.order(piece, at)) is not None), None)
            if found is not None:
                yield found.span()
        yield from _leftmost([one.compiled for one in self._others if one.may_stand(piece)], piece.text)


class Piece:
    """A text that is looked at: where an order may begin in it, and which words it holds."""

    def __init__(self, text: str, begins: re.Pattern[str], held: Held) -> None:
        self.text = text
        self.low = text.lower()
        self.is_plain = text.isascii() or _ODD.search(text) is None
        """Whether each letter of it stands for itself alone."""
        self.held = held.of(self.low) if self.is_plain else -1
        self._begins = begins

    @cached_property
    def starts(self) -> Sequence[int]:
        """Places where an order may begin."""
        return [one.end() for one in self._begins.finditer(self.text)]


def _leftmost(patterns: Sequence[re.Pattern[str]], text: str) -> Iterator[tuple[int, int]]:
    """Where patterns match, without overlaps; of those that begin at one place the first."""
    found = [(pattern, pattern.search(text)) for pattern in patterns]
    while matches := [match for _, match in found if match is not None]:
        first, last = min(matches, key=lambda match: match.start()).span()
        yield first, last
        at = max(last, first + 1)
        found = [
            (pattern, match if match is None or match.start() >= at else pattern.search(text, at))
            for pattern, match in found
        ]


def compiled(source: str) -> re.Pattern[str]:
    """A pattern of the table, ready to be looked for."""
    return re.compile(source, FLAGS)
