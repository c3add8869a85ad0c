"""Why two units or more were put together, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentmerge.aligning.lexicon import Lexicon
from agentmerge.aligning.scoring import Scorer

MAX_WORDS = 4


class Reasons:
    """Tells why, in words that stand in the units."""

    def __init__(self, scorer: Scorer, lexicon: Lexicon) -> None:
        self._scorer = scorer
        self._lexicon = lexicon
        self._known: dict[int, Mapping[str, str]] = {}

    def of_units(self, group: Sequence[int], cover: int | None = None) -> str:
        """What the units of a group share: their weightiest common words, and the headings that they stand under."""
        scorer = self._scorer
        units = [scorer.units[number] for number in group]
        if all(unit.words == units[0].words for unit in units):
            return "same words"
        shared = sorted(self._shared(group), key=lambda token: (-scorer.weight[token], token))[:MAX_WORDS]
        text = f"same core words: {', '.join(dict.fromkeys(self._name(token, group) for token in shared))}"
        if cover is not None:
            text = f"line {scorer.units[cover].member.line} says what the others say; {text}"
        titles = {unit.member.path[-1].title if unit.member.path else "" for unit in units}
        return f"{text}; both under {titles.pop()}" if len(titles) == 1 and titles != {""} else text

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
