"""What the review says of an edit of a short text, as rule and severity."""

from __future__ import annotations

from agentmerge import drift, parse

Told = list[tuple[str, str]]


def told(old: str, new: str, *rules: str) -> Told:
    """Rule and severity of each finding; of some rules alone where they are named."""
    found = drift([parse(old), parse(new)], summary=False).findings
    return [(one.rule, one.severity) for one in found if not rules or one.rule in rules]


def messages(old: str, new: str, rule: str) -> list[str]:
    """What the findings of a rule say."""
    found = drift([parse(old), parse(new)], summary=False).findings
    return [one.message for one in found if one.rule == rule]
