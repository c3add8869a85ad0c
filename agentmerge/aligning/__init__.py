"""Definitions in, one `Alignment` out: which section and which unit of one variant corresponds to which of another."""

from __future__ import annotations

from collections.abc import Sequence

from agentmerge.aligning.records import Alignment, Group, Member, members_of
from agentmerge.model import Definition


def align(definitions: Sequence[Definition]) -> Alignment:
    """Align any number of variants. The order of the variants changes nothing but the file numbers."""
    by_text: dict[str, list[Member]] = {}
    for file, definition in enumerate(definitions):
        for member in members_of(file, definition):
            by_text.setdefault(" ".join(member.text.lower().split()), []).append(member)
    groups = [
        Group(tuple(members), "same", 1.0, "same words")
        for members in by_text.values()
        if len({m.file for m in members}) > 1
    ]
    return Alignment(tuple(definitions), (), tuple(groups))
