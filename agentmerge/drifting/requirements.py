"""Rules that a configuration requires of agents: which, of whom, and how strongly they have to say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from agentmerge.drifting.modality import MEDIUM, STRONG, WEAK
from agentmerge.errors import PolicyError

STRENGTHS: Mapping[str, int] = {"must": STRONG, "should": MEDIUM, "may": WEAK}
"""How strongly a rule has to be said, by the word for it."""
KEYS = ("text", "file", "agents", "except", "strength")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row of `require`."""

    text: str = ""
    """The rule in words; "" where a file says the rules."""
    file: str = ""
    """A file of which each prohibition and obligation is required, from the folder of the configuration."""
    agents: tuple[str, ...] = ()
    """Patterns of paths that it is required of; all where there are none."""
    exempt: tuple[str, ...] = ()
    """Patterns of paths that it is not required of."""
    strength: int = 0
    """How strongly it has to be said; 0 as strongly as it says itself."""

    def speaks_of(self, place: str) -> bool:
        """Whether it is required of the definition at a path."""
        return (not self.agents or _is_of(place, self.agents)) and not _is_of(place, self.exempt)


def _is_of(place: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(place, pattern) or fnmatchcase(place, f"*/{pattern}") for pattern in patterns)


def requirements(rows: Sequence[Mapping[str, Any]]) -> tuple[Requirement, ...]:
    """Rows of a configuration: `text` or `file`, and any of `agents`, `except`, `strength`. Raises PolicyError."""
    return tuple(_requirement(row) for row in rows)


def _requirement(row: Mapping[str, Any]) -> Requirement:
    for key in row:
        if key not in KEYS:
            raise PolicyError(f"a requirement has no {key!r}", remedy=f"use {', '.join(KEYS)}")
    text, file = (str(row.get(key, "")).strip() for key in ("text", "file"))
    if bool(text) == bool(file):
        raise PolicyError("a requirement has neither or both of text and file", remedy="say the rule, or name a file")
    word = str(row.get("strength", "")) or None
    if word is not None and word not in STRENGTHS:
        raise PolicyError(f"a requirement has the strength {word!r}", remedy=f"use {', '.join(STRENGTHS)}")
    agents, exempt = (_texts(row.get(key, ())) for key in ("agents", "except"))
    return Requirement(text, file, agents, exempt, STRENGTHS[word] if word is not None else 0)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else (str(value),)
