"""Frontmatter fields of the variants, compared by key."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from itertools import product

from agentmerge.aligning.records import Group, Member
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Field

_PARTS = re.compile(r"[^\W_]+")
NAME = "name"
"""What an agent is called: spelling apart, another name is no contradiction, each variant has its own."""
MAX_GROUPS = 16
"""Groups of one field."""


def groups(definitions: Sequence[Definition], knowledge: Knowledge) -> Iterator[Group]:
    """For each key, what equals, and a contradiction where values differ; prose with other words is related."""
    by_key: dict[str, list[Member]] = {}
    for file, definition in enumerate(definitions):
        for field in definition.fields:
            by_key.setdefault(field.key, []).append(Member(file, field))
    for key, members in by_key.items():
        if len({member.file for member in members}) > 1:
            yield from _key_groups(key, members, knowledge)


def _key_groups(key: str, members: Sequence[Member], knowledge: Knowledge) -> Iterator[Group]:
    info = knowledge.fields.get(key)
    by_value: dict[tuple[str, ...], list[Member]] = {}
    for member in members:
        assert isinstance(member.node, Field)
        by_value.setdefault(_value(member.node, is_set=info is not None and info.shape == "set"), []).append(member)
    for equal in by_value.values():
        if len({member.file for member in equal}) > 1:
            yield Group(tuple(equal), "same", 1.0, f"same value of `{key}`")
    if len(by_value) > 1:
        if key == NAME or (info is not None and info.shape == "prose"):
            yield Group(tuple(members), "related", 0.5, f"both are the `{key}`")
        else:
            yield from _contradictions(key, list(by_value.values()))


def _contradictions(key: str, by_value: Sequence[Sequence[Member]]) -> Iterator[Group]:
    """A group for each choice of one variant per value, so that no two members of a group agree; one where too many."""
    reason = f"`{key}` has {len(by_value)} different values"
    if math.prod(map(len, by_value)) > MAX_GROUPS:
        choices = [tuple(member for equal in by_value for member in equal)]
    else:
        choices = list(product(*by_value))
    for members in choices:
        ordered = tuple(sorted(members, key=lambda member: member.key))
        if len({member.file for member in ordered}) > 1:
            yield Group(ordered, "contradicts", 1.0, reason, slot=f"frontmatter/{key}")


def _value(field: Field, *, is_set: bool) -> tuple[str, ...]:
    if field.key == NAME:
        return tuple(_PARTS.findall(field.text.lower()))
    if not is_set:
        return (" ".join(field.text.split()).lower(),)
    return tuple(sorted({part.strip().lower() for part in field.text.replace(",", "\n").split("\n") if part.strip()}))
