"""An alignment for people: section groups, unit groups, contradictions, coverage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentmerge.aligning.records import Alignment, Group, Member
from agentmerge.model import Field
from agentmerge.views.paint import Paint
from agentmerge.views.safe import one_line, safe

_TITLES = {"contradicts": "Contradictions", "same": "Same", "covers": "Covers", "related": "Related"}


def align_text(alignment: Alignment, names: Sequence[str], paint: Paint, *, width: int = 100) -> str:
    """Groups by relation, the surest first, then the coverage of each file."""
    return "\n".join(_lines(alignment, names, paint, width)) + "\n"


def _lines(alignment: Alignment, names: Sequence[str], paint: Paint, width: int) -> Iterator[str]:
    if alignment.sections:
        yield paint("title", f"Sections ({len(alignment.sections)})")
        for group in alignment.sections:
            yield from _group(group, names, paint, width)
    for relation, title in _TITLES.items():
        groups = [group for group in alignment.units if group.relation == relation]
        if groups:
            yield paint("title", f"{title} ({len(groups)})")
            for group in sorted(groups, key=lambda g: (-g.score, [m.key for m in g.members])):
                yield from _group(group, names, paint, width)
    yield paint("title", "Coverage")
    for row in alignment.coverage:
        yield f"  {safe(names[row.file])}: {row.matched} of {row.units} units have a partner ({row.share:.0%})"


def _group(group: Group, names: Sequence[str], paint: Paint, width: int) -> Iterator[str]:
    label = f"{group.relation} {group.score:.2f}" + (f" [{group.slot}]" if group.slot else "")
    yield f"  {paint('changed', safe(label))}  {paint('dim', one_line(group.reason, width))}"
    head = [member for member in group.members if member.key == group.cover]
    for member in (*head, *(member for member in group.members if member not in head)):
        yield f"    {safe(names[member.file])}:{member.line}  {one_line(_words(member), width - 30)}"


def _words(member: Member) -> str:
    return f"{member.node.lead}: {member.text}" if isinstance(member.node, Field) else member.text
