"""Sentence embeddings as further evidence, for a user who brings a model. Without one nothing here does anything."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

Embed = Callable[[Sequence[str]], Sequence[Sequence[float]]]
"""Texts to vectors of one length, in the same order."""


class Nearness:
    """How near some texts are to each other, each text embedded once."""

    def __init__(self, texts: Sequence[str], embed: Embed) -> None:
        distinct = sorted(set(texts))
        found = dict(zip(distinct, map(_unit, embed(distinct)), strict=True))
        self._vectors = [found[text] for text in texts]

    def of(self, a: int, b: int) -> float:
        """Cosine of two texts by their numbers, in [-1, 1]; rounded, so that no machine's last digits matter."""
        return round(math.fsum(x * y for x, y in zip(self._vectors[a], self._vectors[b], strict=True)), 4)


def _unit(vector: Sequence[float]) -> tuple[float, ...]:
    length = math.sqrt(math.fsum(x * x for x in vector)) or 1.0
    return tuple(x / length for x in vector)
