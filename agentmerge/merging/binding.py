"""Words that say whether, how strongly and in which cases a statement binds.

Where one side turned a rule round or drew its limits anew, what the other side wrote into the old rule was meant for
that one: `Never log secrets or tokens` and `Always log secrets` do not make `Always log secrets or tokens`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from agentmerge.knowledge import Knowledge
from agentmerge.merging.sequences import Region
from agentmerge.merging.tokens import TOKEN, Text, is_word

_UNPARTED = "\u2e80"
"""The first sign of the scripts that write no blanks between words."""


def changes_what_binds(found: Sequence[Region], base: Text, ours: Text, theirs: Text, knowledge: Knowledge) -> bool:
    """Whether one side changed a binding word of a sentence in which the other side changed words too.

    What both sides changed alike is no change of either.
    """
    texts = (base, ours, theirs)
    homes = _Sentences(found, texts)
    binding = [_positions(text.words, knowledge) for text in texts]
    touched: dict[int, set[int]] = {1: set(), 2: set()}
    bound: dict[int, set[int]] = {1: set(), 2: set()}
    for region in found:
        side = _side(region, texts)
        for version, span in ((0, region.base), (side, (region.base, region.ours, region.theirs)[side])):
            for at in range(*span) if side else ():
                if is_word(texts[version].words[at]) and not _is_namespace(texts[version], at):
                    touched[side].add(homes.of(version, at))
                if at in binding[version]:
                    bound[side].add(homes.of(version, at))
        if side and _is_turned(region, side, texts, knowledge):
            bound[side].add(homes.of(0, region.base[0]))
    return bool(bound[1] & touched[2] or bound[2] & touched[1])


def binding_words(text: Text, knowledge: Knowledge) -> list[str]:
    """The words of a text that bind, in order."""
    return [_folded(text.words[at]) for at in sorted(_positions(text.words, knowledge))]


def _side(region: Region, texts: Sequence[Text]) -> int:
    """The side that alone changed a stretch, 1 or 2; 0 where there is none."""
    spans = (region.base, region.ours, region.theirs)
    base, ours, theirs = (text.words[slice(*span)] for text, span in zip(texts, spans, strict=True))
    return 0 if ours == theirs or base not in (ours, theirs) else 1 if theirs == base else 2


def _is_turned(region: Region, side: int, texts: Sequence[Text], knowledge: Knowledge) -> bool:
    """Whether a side wrote the opposite of a word in its place: `add` alone binds nobody, `add` for `remove` does."""
    spans = (region.base, (region.base, region.ours, region.theirs)[side])
    if any(start == end for start, end in spans):
        return False
    old, new = (
        f" {' '.join(map(_folded, texts[version].words[max(0, start - REACH) : end + REACH]))} "
        for version, (start, end) in zip((0, side), spans, strict=True)
    )
    return any(
        one in old and one not in new and other in new and other not in old
        for one, other in knowledge.derived(_Opposites).pairs
    )


REACH = 1
"""Words beside a change that may belong to the phrase it is in: `at least` to `at most` changes the second one."""


def _is_namespace(text: Text, at: int) -> bool:
    """Whether a word only says whose a name is: `ours:check` for `theirs:check`, in a copy that was renamed."""
    following = text.words[at + 1 : at + 3]
    return len(following) == 2 and following[0] == ":" and is_word(following[1]) and not any(text.spaces[at : at + 2])


class _Sentences:
    """Sentences of three versions, as one wherever they share a word that stayed."""

    def __init__(self, found: Sequence[Region], texts: Sequence[Text]) -> None:
        self._texts = texts
        self._above: dict[tuple[int, int], tuple[int, int]] = {}
        for region in found:
            spans = (region.base, region.ours, region.theirs)
            words = texts[0].words[slice(*region.base)]
            for version in (1, 2):
                if texts[version].words[slice(*spans[version])] == words:
                    self._link(version, region.base[0], spans[version][0], words)
        roots = sorted({self._root((n, one)) for n, text in enumerate(texts) for one in text.sentences})
        self._number = {root: number for number, root in enumerate(roots)}

    def of(self, version: int, at: int) -> int:
        """The number of the sentence of a word."""
        return self._number[self._root((version, self._texts[version].sentences[at]))]

    def _link(self, version: int, base: int, side: int, words: Sequence[str]) -> None:
        for n, word in enumerate(words):
            if is_word(word):
                one = self._root((0, self._texts[0].sentences[base + n]))
                other = self._root((version, self._texts[version].sentences[side + n]))
                if one != other:
                    self._above[other] = one

    def _root(self, sentence: tuple[int, int]) -> tuple[int, int]:
        while sentence in self._above:
            sentence = self._above[sentence]
        return sentence


def _positions(words: Sequence[str], knowledge: Knowledge) -> set[int]:
    """Places of the words that bind, alone or as part of a phrase."""
    known = knowledge.derived(_Phrases)
    low = [_folded(word) for word in words]
    found = {at for at, word in enumerate(low) if word[0] >= _UNPARTED and any(part in word for part in known.inside)}
    for at, word in enumerate(low):
        for phrase in known.starting.get(word, ()):
            if tuple(low[at : at + len(phrase)]) == phrase:
                found.update(range(at, at + len(phrase)))
    return found


def _folded(text: str) -> str:
    return text.lower().replace("’", "'")


class _Phrases:
    """The rows of the tables that speak of modality, negation, quantity and scope, and the signs that bind."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.starting: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        self.inside: list[str] = []
        """What stands inside runs of signs."""
        for phrase in sorted(set(_listed(knowledge))):
            words = tuple(map(_folded, TOKEN.findall(phrase)))
            if phrase[0] >= _UNPARTED and " " not in phrase:
                self.inside.append(phrase)
            else:
                self.starting[words[0]].append(words)


class _Opposites:
    """The pairs of words of which one turns a statement round where it replaces the other, both ways."""

    def __init__(self, knowledge: Knowledge) -> None:
        rows = (row.split(" / ") for row in knowledge.raw("words")["opposite"]["pairs"])
        listed = [(f" {_folded(one)} ", f" {_folded(other)} ") for one, other in rows]
        self.pairs = [pair for one, other in listed for pair in ((one, other), (other, one))]


def _listed(knowledge: Knowledge) -> Iterable[str]:
    modality, identity, words = (knowledge.raw(name) for name in ("modality", "identity", "words"))
    for row in ("strong", "medium", "weak", "leading"):
        for phrases in modality[row].values():
            yield from phrases
    for row in ("guardrail", "negation", "universal", "condition", "reach"):
        yield from identity[row]["words"]
    # A phrase of order rules something out; a single word of order joins any two things.
    yield from (phrase for phrase in words["opposite"]["orders"] if " " in phrase)
    signs = knowledge.raw("signs")
    binding = (*signs["force"], *signs["severity"]["grades"])
    yield from (sign for sign, name in signs["meaning"].items() if name in binding)
