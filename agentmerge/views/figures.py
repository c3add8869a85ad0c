"""How a comparison is put into words and figures, the same in every view."""

from __future__ import annotations

from agentmerge.diffing.records import Diff, DiffClass


def percent(share: float, *, equal: bool) -> str:
    """A share in percent; only equal texts are 100, and what shares something is not 0."""
    number = round(share * 100)
    if not equal:
        number = min(max(number, 1 if share > 0 else 0), 99)
    return str(number)


def alike(diff: Diff) -> str:
    """Similarity of two definitions in percent."""
    return percent(diff.similarity, equal=diff.klass == "identical")


def verdict(klass: DiffClass, first: str) -> str:
    """A class, with what the second definition holds all of, or is a part of."""
    return f"{klass} of {first}" if klass in ("superset", "subset") else klass
