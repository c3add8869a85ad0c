"""What a lineage is made of: the versions of one file, and what became of each thing that they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

LifeKind: TypeAlias = Literal["guardrail", "statement", "contract", "right", "procedure", "trigger", "model", "field"]
"""A prohibition or obligation, another sentence, a key of shown data, a tier of rights, a section of steps, a field."""

What: TypeAlias = Literal[
    "added",
    "removed",
    "restored",
    "weakened",
    "strengthened",
    "reversed",
    "changed",
    "reworded",
    "mentioned",
    "joined",
    "widened",
    "narrowed",
]
"""What a version did: `changed` is of the meaning, `reworded` of the words alone; `joined` into a longer sentence."""


class Version(NamedTuple):
    """A file as one commit left it."""

    rev: str
    date: str
    """Day of the commit, as YYYY-MM-DD."""
    author: str
    subject: str
    path: str


class Event(NamedTuple):
    """What one version did with one thing."""

    version: int
    """Its number, from 1."""
    what: What
    text: str
    """The words from that version on; of what went, the words that went."""
    rule: str = ""
    """The drift rule that tells of it, "" where none does."""


class Form(NamedTuple):
    """One thing as one version has it."""

    text: str
    line: int
    weight: int = 0
    """How much: of a rule how strongly it binds (0 to 3), of a tier how many rights it grants."""
    word: str = ""
    """The word that binds most."""
    relief: int = 0
    """How often a rule was limited without a weaker word, less how often that was taken back."""

    @property
    def strength(self) -> tuple[int, int]:
        """What peaks compare."""
        return self.weight, -self.relief


class Life(NamedTuple):
    """One thing through all versions, however it was worded and wherever it stood."""

    kind: LifeKind
    text: str
    """Its newest words; of a field or a key its name."""
    events: tuple[Event, ...]
    """In the order of the versions; never empty."""
    forms: tuple[Form | None, ...]
    """For each version, None where it was away."""

    @property
    def is_alive(self) -> bool:
        """Whether the newest version has it."""
        return self.forms[-1] is not None

    @property
    def meant_since(self) -> Event:
        """What brought it in its present meaning: the last event that is more than other words."""
        return next((one for one in reversed(self.events) if one.what != "reworded"), self.events[0])

    @property
    def is_steady(self) -> bool:
        """Whether nothing happened to it since the first version."""
        return len(self.events) == 1 and self.events[0].version == 1


class Peak(NamedTuple):
    """Something that was more than it is now: a rule that bound more, rights that reached further."""

    kind: LifeKind
    version: int
    """Number of the last version that had it so."""
    then: Form
    now: Form | None
    """None where it is gone."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """All of it."""

    versions: tuple[Version, ...]
    lives: tuple[Life, ...]
    peaks: tuple[Peak, ...]
    story: tuple[str, ...]
    """The paragraph, sentence by sentence."""

    def __repr__(self) -> str:
        return f"<Lineage: {len(self.versions)} versions, {len(self.lives)} lives>"
