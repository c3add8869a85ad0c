"""Fields of the frontmatter: permissions, model, identity, triggers, and any other."""

from __future__ import annotations

from collections.abc import Iterator

from agentmerge.drifting.fields import field_findings
from agentmerge.drifting.records import Finding
from agentmerge.drifting.registry import Comparison, rule

_NAMES = (
    "permission-widened",
    "permission-narrowed",
    "model-changed",
    "identity-changed",
    "trigger-changed",
    "version-changed",
    "field-changed",
)


@rule(*_NAMES, order=10)
def frontmatter(comparison: Comparison) -> Iterator[Finding]:
    """What changed in the frontmatter, key by key, in the order of the first definition."""
    yield from field_findings(comparison.a, comparison.b, comparison.knowledge)
