"""Why two units or more were put together, in words."""

from __future__ import annotations

from collections.abc import Sequence

from agentmerge.aligning.lexicon import current
from agentmerge.aligning.scoring import Scorer

MAX_WORDS = 4


def of_units(group: Sequence[int], scorer: Scorer, cover: int | None = None) -> str:
    """What the units of a group share: their weightiest common words, and the headings that they stand under."""
    words = [scorer.units[number].words for number in group]
    if len(set(words)) == 1:
        return "same words"
    tokens = set.intersection(*(set(scorer.units[number].tokens) for number in group))
    if not tokens:
        tokens = {token for a in group for b in group if a < b for token in scorer.shared(a, b)[:2]}
    shared = sorted(tokens, key=lambda token: (-scorer.weight[token], token))[:MAX_WORDS]
    name = current().name
    text = f"same core words: {', '.join(dict.fromkeys(name(token, words) for token in shared))}"
    if cover is not None:
        text = f"line {scorer.units[cover].member.line} says what the others say; {text}"
    titles = {unit.path[-1].title if (unit := scorer.units[number].member).path else "" for number in group}
    return f"{text}; both under {titles.pop()}" if len(titles) == 1 and titles != {""} else text
