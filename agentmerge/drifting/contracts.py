"""What belongs to a contract: formats, deliverables, checklists, definitions of done."""

from __future__ import annotations

from agentmerge.aligning.records import Member
from agentmerge.drifting.clauses import facet
from agentmerge.knowledge import Knowledge
from agentmerge.model import Unit

FACETS = frozenset({"deliverable", "check"})


def noun(member: Member, knowledge: Knowledge) -> str:
    """What a part of a contract is called."""
    return {"check": "check", "deliverable": "deliverable"}.get(facet(member, knowledge), "check")


def is_contract(member: Member, knowledge: Knowledge) -> bool:
    """Whether a unit is a task, or stands where outputs or checks are listed."""
    return facet(member, knowledge) in FACETS or (isinstance(member.node, Unit) and member.node.kind == "task")
