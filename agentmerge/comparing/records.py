"""What a comparison of authors is made of. Files are numbered as they were given; no number says who came first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from agentmerge.diffing.records import Spot


class Profile(NamedTuple):
    """One author's definition in figures."""

    file: int
    rights: str
    """In a few words."""
    tiers: tuple[str, ...]
    """Tiers of rights that it has something of, the least first."""
    reach: int
    """How far its rights go: the levels of all capabilities, each tier weighed four times the one before."""
    model: str
    """"" where it names none."""
    host: str
    words: int
    rules: int
    """Sentences that forbid or demand something."""
    strong: int
    """Those of them that leave no choice, such as `never` and `must`."""
    keys: int
    """Keys of the data that it shows."""
    steps: int
    triggers: str
    """Its fields that say when it is picked."""


class Said(NamedTuple):
    """One author's words for something."""

    file: int
    line: int
    text: str
    strength: int
    """How strongly it binds: 3 strong, 2 medium, 1 weak, 0 not at all."""
    word: str
    """The word that binds most."""
    section: str
    """Title of the section that it stands in, "" above the first heading."""
    is_sure: bool = True
    """False for what may say it in other words."""


class Rule(NamedTuple):
    """A prohibition or obligation, and who says it how strongly."""

    said: tuple[Said, ...]
    """One for each author who says it, the strongest first, those who may say it last."""

    @property
    def strongest(self) -> Said:
        return self.said[0]

    @property
    def holders(self) -> frozenset[int]:
        """The authors who say it for sure, however strongly."""
        return frozenset(one.file for one in self.said if one.is_sure)

    def by(self, file: int) -> Said | None:
        """What one author says of it."""
        return next((one for one in self.said if one.file == file), None)


class Key(NamedTuple):
    """A key of shown data, and the authors who have it, with their lines and sections."""

    name: str
    said: tuple[Said, ...]

    @property
    def holders(self) -> frozenset[int]:
        return frozenset(one.file for one in self.said)


class Topic(NamedTuple):
    """Something that sections are about."""

    title: str
    words: tuple[int, ...]
    """Of each author, 0 for one who says nothing of it."""

    @property
    def fullest(self) -> int:
        """Who says most."""
        return self.words.index(max(self.words))


class Clash(NamedTuple):
    """Statements of different authors that can't both hold."""

    slot: str
    sides: tuple[Spot, ...]


class Take(NamedTuple):
    """A section of one author with what only they say and what binds."""

    file: int
    section: str
    rules: tuple[Said, ...]
    keys: tuple[str, ...]


class Loss(NamedTuple):
    """What a result without one author does not have."""

    file: int
    rules: tuple[Said, ...]
    weaker: tuple[tuple[Said, Said], ...]
    """Rules that only they say so strongly, each with the strongest form that is left."""
    keys: tuple[str, ...]
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All of it."""

    profiles: tuple[Profile, ...]
    rules: tuple[Rule, ...]
    """What most authors say first, then what binds most."""
    keys: tuple[Key, ...]
    topics: tuple[Topic, ...]
    clashes: tuple[Clash, ...]
    takes: tuple[Take, ...]
    base: int
    """The author who has most of the rules in their strongest form: whom to start from."""

    def without(self, file: int) -> Loss:
        """What a result loses that does not take one author."""
        own = [rule for rule in self.rules if rule.holders == {file}]
        weaker = []
        for rule in self.rules:
            rest = [one for one in rule.said if one.is_sure and one.file != file]
            mine = rule.by(file)
            if mine is not None and mine.is_sure and rest and mine.strength > max(one.strength for one in rest):
                weaker.append((mine, max(rest, key=lambda one: one.strength)))
        keys = tuple(key.name for key in self.keys if key.holders == {file})
        topics = (topic for topic in self.topics if topic.words[file] == sum(topic.words))
        lost = tuple(rule.strongest for rule in own)
        return Loss(file, lost, tuple(weaker), keys, tuple(topic.title for topic in topics))
