"""The tables of rights, ready to be asked: tiers, capabilities, states, and which fields a host reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from agentmerge.knowledge import Knowledge
from agentmerge.memo import Kept
from agentmerge.rights.patterns import Level

Severity = Literal["breaking", "warning", "info"]
_LEVELS = {level.word: level for level in Level}
_DEFAULT = {"read": "allow", "write": "ask", "network": "ask", "execute": "ask", "spawn": "allow"}
_SEVERITIES: tuple[Severity, ...] = ("info", "warning", "breaking")
_LIST_KINDS = frozenset({"allow", "deny", "levels"})
"""Kinds of fields that name single tools."""
_HOSTS = 64
"""Hosts that are kept in mind."""


class RightsTables:
    """What the tables say about rights."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        raw = knowledge.raw("rights")
        self.tiers: Mapping[str, Severity] = {tier: self._severity(word) for tier, word in raw["tiers"].items()}
        self.tools: Mapping[str, str] = {name: tier for tier, names in raw["capabilities"].items() for name in names}
        """Capabilities of tools with their tier."""
        self.states: Mapping[str, Mapping[str, str]] = raw["states"]
        self.hooks: Mapping[str, list[str]] = raw["hooks"]
        self.factor: float = raw["limits"]["factor"]
        self.unsayable = Kept(self._unsayable, _HOSTS)
        """By host, the capabilities of tools that none of its fields can limit."""
        self._hosts = knowledge.raw("dialects")

    @staticmethod
    def _severity(word: str) -> Severity:
        return _SEVERITIES[_SEVERITIES.index(word)]

    def tier(self, capability: str) -> str:
        """The tier of a capability."""
        return self.tools.get(capability) or str(self.states.get(capability, {}).get("tier", "execute"))

    def severity(self, tier: str) -> Severity:
        """How much a new right of a tier weighs."""
        return self.tiers.get(tier, "breaking")

    def unsaid(self, state: str) -> Level:
        """The level of a state that no field speaks of."""
        return _LEVELS[self.states[state].get("unsaid", "deny")]

    def below(self, word: str) -> Iterator[str]:
        """The capabilities that a word of a row stands for: a tier's, or itself."""
        if word in self.tiers:
            yield from (name for name, tier in self.tools.items() if tier == word)
        else:
            yield word

    def default(self, host: str, capability: str) -> Level:
        """What a host lets an agent do with a tool where no field says it."""
        row = {**_DEFAULT, **self.host(host).get("default", {})}
        return _LEVELS[row.get(capability) or row[self.tier(capability)]]

    def host(self, host: str) -> Mapping[str, Any]:
        """What a host's file says about rights."""
        found: Mapping[str, Any] = self._hosts.get(host, {}).get("rights", {})
        return found

    def reads(self, key: str, host: str, *, guessed: bool) -> bool:
        """Whether a host takes notice of a field: any field where the host is not known for sure."""
        dialect = self.knowledge.dialects.get(host)
        if guessed or dialect is None or not dialect.fields:
            return True
        return key in dialect.fields or key in self.host(host).get("reads", ())

    def spoken(self, host: str) -> Iterator[str]:
        """The fields with a meaning for rights that a host reads."""
        dialect = self.knowledge.dialects.get(host)
        known = self.knowledge.fields if dialect is None or not dialect.fields else dialect.fields
        for key in known:
            if self.knowledge.field_row(key, host).get("rights"):
                yield key

    def _unsayable(self, host: str) -> frozenset[str]:
        dialect = self.knowledge.dialects.get(host)
        if dialect is None or not dialect.fields:
            return frozenset()
        said: set[str] = set()
        for key in self.spoken(host):
            row = self.knowledge.field_row(key, host)
            if row["rights"] in _LIST_KINDS and not self.host(host).get("session"):
                return frozenset()
            for mode in row.get("modes", {}).values():
                said.update(one for word in mode for one in self.below(word))
        return frozenset(self.tools) - said


def level(word: object) -> Level | None:
    """The level that a word names: deny, ask or allow."""
    return _LEVELS.get(str(word))
