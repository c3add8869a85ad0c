"""A file that holds conflict markers: what it says is not decided, so it is told of and not compared."""

from __future__ import annotations

from agentmerge.diffing.records import Spot
from agentmerge.drifting.records import Finding
from agentmerge.drifting.reviewing import told_apart
from agentmerge.drifting.rulebook import finding
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition
from agentmerge.parsing.lines import bare, split_lines
from agentmerge.parsing.markers import conflicts


def conflict_findings(definition: Definition, knowledge: Knowledge, *, before: bool = False) -> tuple[Finding, ...]:
    """One for each conflict in a definition, none where it has none.

    `before` says that it is the older one of two: whoever resolves a conflict is not to be kept from it.
    """
    lines = split_lines(definition.text)
    found = []
    for hunk in conflicts(definition.text, knowledge):
        text = "\n".join(bare(line) for line in lines[hunk.line - 1 : hunk.end])
        message = f"an unresolved conflict stands here, to line {hunk.end}"
        message += ": what was said before can't be told" if before else ""
        found.append(finding("conflict-markers", message, "", None, Spot(1, hunk.line, text), knowledge, mild=before))
    return tuple(told_apart(found))
