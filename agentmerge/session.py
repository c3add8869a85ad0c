"""One configuration and one knowledge for many calls, and what was read under both."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from agentmerge import public
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition

if TYPE_CHECKING:
    # Most sessions have no configuration, and it speaks of every stage.
    from agentmerge import merging
    from agentmerge.aligning.records import Alignment
    from agentmerge.combining.policy import Policy
    from agentmerge.config import Config
    from agentmerge.diffing.records import Diff
    from agentmerge.drifting.records import Drift
    from agentmerge.outcome import Merged
    from agentmerge.planning.answers import Ask

Read = tuple[str, str | None, str | None]
"""A text with its file name and its dialect."""


class Limits(NamedTuple):
    """What a session may hold."""

    definitions: int = 128
    """Definitions that are remembered, with all that was made of them; of more the one asked for longest ago goes."""


class Session:
    """The library under one configuration: the same functions, which read its tables, policies and severities.

    Without a configuration the defaults hold; without a `knowledge` it is the configuration's. A text that is read
    again is the definition that it was before, with all that was made of it. `forget()`, or dropping the session, ends
    that.
    """

    def __init__(
        self, config: Config | None = None, knowledge: Knowledge | None = None, limits: Limits | None = None
    ) -> None:
        self.config = config
        self.knowledge = knowledge or (Knowledge.shipped() if config is None else config.knowledge)
        self.limits = limits or Limits()
        self._read: OrderedDict[Read, Definition] = OrderedDict()

    def parse(self, text: str, *, filename: str | None = None, dialect: str | None = None) -> Definition:
        """As `agentmerge.parse`."""
        key = (text, filename, dialect)
        found = self._read.pop(key, None)
        if found is None:
            found = public.parse(text, filename=filename, dialect=dialect, knowledge=self.knowledge)
        self._read[key] = found
        while len(self._read) > self.limits.definitions:
            self._read.popitem(last=False)
        return found

    def align(self, definitions: Sequence[Definition]) -> Alignment:
        """As `agentmerge.align`."""
        return public.align(definitions, knowledge=self.knowledge)

    def diff(self, a: Definition, b: Definition) -> Diff:
        """As `agentmerge.diff`."""
        return public.diff(a, b, knowledge=self.knowledge)

    def combine(
        self, definitions: Sequence[Definition], policy: Policy | None = None, *, ask: Ask | None = None
    ) -> Merged:
        """As `agentmerge.combine`; the policy is the configuration's where none is given."""
        if policy is None and self.config is not None:
            policy = self.config.combining([one.filename for one in definitions])
        return public.combine(definitions, policy, knowledge=self.knowledge, ask=ask)

    def merge(
        self,
        base: Definition,
        ours: Definition,
        theirs: Definition,
        policy: merging.Policy | None = None,
        style: merging.Style | None = None,
    ) -> Merged:
        """As `agentmerge.merge`; the policy is the configuration's where none is given."""
        if policy is None and self.config is not None:
            policy = self.config.merging
        return public.merge(base, ours, theirs, policy, style, knowledge=self.knowledge)

    def drift(self, definitions: Sequence[Definition], *, against: int | None = None) -> Drift:
        """As `agentmerge.drift`, with the configuration's severities and quorum."""
        quorum = None if self.config is None else self.config.review.quorum
        return public.drift(definitions, against=against, quorum=quorum, knowledge=self.knowledge)

    def forget(self) -> None:
        """Drop every definition that was read, with all that was made of it, and what the knowledge keeps of texts."""
        self._read.clear()
        self.knowledge.forget()
