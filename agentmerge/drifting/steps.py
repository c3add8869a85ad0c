"""What counts as a step of a procedure: an item, or a section that is called one."""

from __future__ import annotations

import re

from agentmerge.aligning.kinds import kind_of
from agentmerge.aligning.records import Member
from agentmerge.knowledge import Knowledge
from agentmerge.model import Unit

LISTS = frozenset({"expertise", "inputs", "identity", "principles", "references", "constraints", "notes"})
"""Kinds of sections whose items are no steps, numbered or not."""

_STEP_TITLE = re.compile(r"(?:(?:step|phase|stage)\s+[\divx]+|\d+[.):])(?:\W|$)", re.IGNORECASE)


def is_step_section(member: Member, knowledge: Knowledge) -> bool:
    """Whether a section is a step by its title: `Step 3`, or a numbered one in a procedure."""
    in_procedure = any(kind_of(section.title, knowledge) == "workflow" for section in member.path)
    return bool(_STEP_TITLE.match(member.text)) and (in_procedure or member.text.lower().startswith(("step", "phase")))


def is_step(member: Member, knowledge: Knowledge) -> bool:
    """Whether a unit is a step of a procedure: a numbered item, or an item of a section that is one."""
    unit = member.node
    if not isinstance(unit, Unit) or unit.kind not in ("item", "task"):
        return False
    place = _place(member, knowledge)
    return place == "workflow" or (unit.ordinal is not None and place not in LISTS)


def _place(member: Member, knowledge: Knowledge) -> str:
    """The kind of the nearest section above a unit that is of one; "" for none."""
    outline = knowledge.outline
    return next((k for one in reversed(member.path) if (k := kind_of(one.title, knowledge)) in outline), "")
