"""What a search for one rule in many definitions finds."""

from __future__ import annotations

from typing import Literal, NamedTuple

How = Literal["exact", "reworded", "perhaps"]
"""The same words; the same in other words; perhaps the same: part of it, or with other names and numbers."""


class Hit(NamedTuple):
    """One sentence that says what is looked for."""

    file: int
    line: int
    text: str
    how: How
    score: float
    """Share of the words that both have, in [0, 1]."""
    strength: int
    """How strongly it binds: 3 strong, 2 medium, 1 weak, 0 not at all."""
    word: str
    """The word that binds most."""
    is_mentioned: bool = False
    """Whether it is only spoken of: quoted, or an example of what is wrong."""
    is_against: bool = False
    """Whether it asks for what is forbidden, or forbids what is asked for."""
    through: str = ""
    """The path by which a definition imports the file that says it."""

    @property
    def says(self) -> bool:
        """Whether it stands there for sure, and in use."""
        return self.how != "perhaps" and not self.is_mentioned and not self.is_against


class Located(NamedTuple):
    """Who says something, and who does not."""

    text: str
    strength: int
    word: str
    hits: tuple[Hit, ...]
    """The best of each file, the strongest first; one that is against it beside it."""
    silent: tuple[int, ...]
    """Files that do not say it for sure."""
