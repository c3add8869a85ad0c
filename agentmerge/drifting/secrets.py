"""Secrets that stand in a definition: found by their form, and shown by their first letters alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agentmerge.diffing.records import Spot
from agentmerge.drifting.records import Finding
from agentmerge.drifting.rulebook import finding
from agentmerge.knowledge import Knowledge

SHOWN = 4
"""Letters of a secret that are shown."""
MASK = "****"


class Secret(NamedTuple):
    """One place of a text that holds a secret."""

    line: int
    text: str
    """The secret itself; it goes into no output."""

    @property
    def masked(self) -> str:
        """What of it may be shown."""
        return _masked(self.text)


class Secrets:
    """Reads secrets, by `[secrets]` of `data/review.toml`."""

    def __init__(self, knowledge: Knowledge) -> None:
        raw = knowledge.raw("review")["secrets"]
        self._known = re.compile("|".join(f"(?:{one})" for one in raw["known"]))
        self._named = tuple(re.compile(one) for one in raw["named"])
        self._placeholder = re.compile(raw["placeholder"])

    def find(self, text: str) -> Iterator[Secret]:
        """Every secret of a text, in its order."""
        for start, end in self._places(text):
            yield Secret(text.count("\n", 0, start) + 1, text[start:end])

    def masked(self, text: str) -> str:
        """A text in which no secret can be read."""
        shown = text
        for start, end in reversed(self._places(text)):
            shown = f"{shown[:start]}{_masked(text[start:end])}{shown[end:]}"
        return shown

    def _places(self, text: str) -> list[tuple[int, int]]:
        found = [one.span() for one in self._known.finditer(text) if not self._placeholder.search(one[0][SHOWN:])]
        for pattern in self._named:
            # A user's pattern without a group is all of it the secret.
            of = min(1, pattern.groups)
            found += [one.span(of) for one in pattern.finditer(text) if one[of] and self._is_value(one[of])]
        kept: list[tuple[int, int]] = []
        for start, end in sorted(found):
            if not kept or start >= kept[-1][1]:
                kept.append((start, end))
        return kept

    def _is_value(self, text: str) -> bool:
        mixed = any(sign.isdigit() for sign in text) and any(sign.isalpha() for sign in text)
        return mixed and self._placeholder.search(text) is None


def _masked(text: str) -> str:
    return f"{text[:SHOWN]}{MASK}"


def secret_findings(text: str, knowledge: Knowledge, before: str = "") -> list[Finding]:
    """A finding for each secret of a text of which an earlier one has nothing."""
    reader = knowledge.derived(Secrets)
    known = {one.text for one in reader.find(before)}
    return [
        finding("secret", f"stands here in full: {one.masked}", "", None, Spot(1, one.line, one.masked), knowledge)
        for one in reader.find(text)
        if one.text not in known
    ]


def hidden(findings: Sequence[Finding], knowledge: Knowledge) -> list[Finding]:
    """Findings in which no secret can be read: neither in their message nor in the texts of their places."""
    masked = knowledge.derived(Secrets).masked

    def spot(one: Spot | None) -> Spot | None:
        return one if one is None else one._replace(text=masked(one.text))

    return [one._replace(message=masked(one.message), a=spot(one.a), b=spot(one.b)) for one in findings]
