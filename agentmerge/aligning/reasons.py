"""Why two units or more were put together, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentmerge.aligning.lexicon import Lexicon
from agentmerge.aligning.scoring import Pair, Scorer

MAX_WORDS = 4


class Reasons:
    """Tells why, in words that stand in the units."""

    def __init__(self, scorer: Scorer, lexicon: Lexicon) -> None:
        self._scorer = scorer
        self._lexicon = lexicon
        self._known: dict[int, Mapping[str, str]] = {}
        self._told: dict[tuple[Pair, str], str] = {}

    def of_units(self, group: Sequence[int], cover: int | None = None) -> str:
        """What the units of a group share: their weightiest common words, and the headings that they stand under."""
        units = [self._scorer.units[number] for number in group]
        if all(unit.words == units[0].words for unit in units):
            return "same words"
        titles = {unit.member.path[-1].title if unit.member.path else "" for unit in units}
        under = f"; both under {titles.pop()}" if len(titles) == 1 and titles != {""} else ""
        if cover is not None:
            return f"line {self._scorer.units[cover].member.line} says what the others say; {self._words(group)}{under}"
        return self._once(group, under)

    def _once(self, group: Sequence[int], under: str) -> str:
        """The reason of two units that come again in other variants is made, and held, once."""
        alike = self._scorer.alike(group[0], group[1]) if len(group) == 2 else None
        if alike is None:
            return f"{self._words(group)}{under}"
        if (alike, under) not in self._told:
            self._told[alike, under] = f"{self._words(group)}{under}"
        return self._told[alike, under]

    def _words(self, group: Sequence[int]) -> str:
        shared = sorted(self._shared(group), key=lambda token: (-self._scorer.weight[token], token))[:MAX_WORDS]
        return f"same core words: {', '.join(dict.fromkeys(self._name(token, group) for token in shared))}"

    def _shared(self, group: Sequence[int]) -> set[str]:
        first, *others = (self._scorer.units[number].tokens.keys() for number in group)
        tokens = set(first).intersection(*others)
        return tokens or {token for a in group for b in group if a < b for token in self._scorer.shared(a, b)[:2]}

    def _name(self, token: str, group: Sequence[int]) -> str:
        found = [names[token] for number in group if token in (names := self._names(number))]
        return min(found, key=lambda word: (len(word), word)) if found else self._lexicon.name(token)

    def _names(self, number: int) -> Mapping[str, str]:
        """For the tokens of a unit's words the shortest of these words."""
        if number not in self._known:
            unit = self._scorer.units[number]
            self._known[number] = self._lexicon.names(unit.words, unit.language)
        return self._known[number]
