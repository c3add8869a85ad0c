"""What the name of a model says: its family, its tier, and whether it is pinned to a version."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from agentmerge.knowledge import Knowledge

_WORD = re.compile(r"[a-z]+|\d+(?:[.-]\d{1,2}(?!\d))*")
_DATE = re.compile(r"(?<!\d)20\d{6}(?!\d)|(?<!\d)20\d\d-\d\d-\d\d(?!\d)")


class Model(NamedTuple):
    """A model's name, taken apart."""

    family: str
    tier: int
    """Place among the tiers of its family, the smallest first."""
    version: tuple[int, ...]
    """The numbers of its version; () where the host picks it."""
    date: str
    """The day that it is pinned to; "" where it is none."""


class ModelStep(NamedTuple):
    """How one model differs from another."""

    kind: Literal["pin", "version", "larger", "smaller"]
    told: str
    """In a few words."""


def model(name: str, knowledge: Knowledge) -> Model | None:
    """A name taken apart; None for a name of no known family."""
    text = name.strip().lower().rpartition("/")[2]
    date = _DATE.search(text)
    bare = _DATE.sub(" ", text)
    words = _WORD.findall(bare)
    for family, row in knowledge.raw("models").items():
        if any(_holds(words, bare, mark) for mark in row["marks"]):
            return Model(family, _tier(words, bare, row["tiers"]), _version(words), date[0] if date else "")
    return None


def _holds(words: list[str], text: str, mark: str) -> bool:
    return mark in words or ((" " in mark or "-" in mark or any(c.isdigit() for c in mark)) and _has(text, mark))


def _has(text: str, mark: str) -> bool:
    return re.search(rf"(?<![a-z0-9]){re.escape(mark)}(?![a-z0-9])", text) is not None


def _tier(words: list[str], text: str, tiers: list[str]) -> int:
    for place, tier in enumerate(tiers):
        if any(one and _holds(words, text, one) for one in tier.split(" | ")):
            return place
    return tiers.index("") if "" in tiers else len(tiers) - 1


def _version(words: list[str]) -> tuple[int, ...]:
    numbers = next((word for word in words if word[0].isdigit()), "")
    found = tuple(int(part) for part in re.split(r"[.-]", numbers) if part)
    # `4-0` and `4` are the same.
    return found[:-1] if found[-1:] == (0,) else found


def model_step(before: str, after: str, knowledge: Knowledge) -> ModelStep | None:
    """How a model differs from the one before; None where a family is not known, or another one."""
    old, new = model(before, knowledge), model(after, knowledge)
    if old is None or new is None or old.family != new.family:
        return None
    if old.tier != new.tier:
        return ModelStep("larger", "a larger tier") if new.tier > old.tier else ModelStep("smaller", "a smaller tier")
    if old.version and new.version and old.version != new.version:
        newer = new.version > old.version
        return ModelStep("version", "a newer version" if newer else "an older version")
    if old.date and new.date and old.date != new.date:
        return ModelStep("version", "a newer version" if new.date > old.date else "an older version")
    return ModelStep("pin", "the same model, with another pin")
