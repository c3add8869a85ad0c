"""What counts as a step of a procedure: an item, or a section that is called one."""

from __future__ import annotations

import re

from agentmerge.aligning.kinds import kind_of
from agentmerge.aligning.records import Member
from agentmerge.knowledge import Knowledge
from agentmerge.model import Unit

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
    return unit.ordinal is not None or _in_procedure(member, knowledge)


def _in_procedure(member: Member, knowledge: Knowledge) -> bool:
    outline = knowledge.outline
    kinds = [kind for section in reversed(member.path) if (kind := kind_of(section.title, knowledge)) in outline]
    return bool(kinds) and kinds[0] == "workflow"
