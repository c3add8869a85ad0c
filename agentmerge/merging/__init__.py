"""Three-way merge of definitions: `merge(base, ours, theirs)`."""

from __future__ import annotations

from agentmerge.merging.engine import is_long, merge, merge_long
from agentmerge.merging.pieces import Style
from agentmerge.merging.policy import Policy, Rule, parse_rule
from agentmerge.parsing.markers import Conflicted, holds_markers, take_apart

__all__ = [
    "Conflicted",
    "Policy",
    "Rule",
    "Style",
    "holds_markers",
    "is_long",
    "merge",
    "merge_long",
    "parse_rule",
    "take_apart",
]
