"""Three-way merge of definitions: `merge(base, ours, theirs)`."""

from __future__ import annotations

from agentmerge.merging.engine import merge
from agentmerge.merging.pieces import Style
from agentmerge.merging.policy import Policy, Rule, parse_rule

__all__ = ["Policy", "Rule", "Style", "merge", "parse_rule"]
