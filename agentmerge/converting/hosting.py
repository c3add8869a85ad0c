"""What was combined, in the form of a host: the same decisions, with the lines that they have there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agentmerge.converting.records import Conversion
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition
from agentmerge.outcome import Merged
from agentmerge.parsing import parse


def in_form(merged: Merged, before: Definition, one: Conversion, knowledge: Knowledge) -> Merged:
    """A result as a conversion wrote it; `before` is its text as it was combined."""
    after = parse(one.text, knowledge, filename=one.path, dialect=one.host)
    lines = _Lines(before, after, one, knowledge)
    return replace(
        merged,
        text=one.text,
        conflicts=tuple(replace(each, line=lines.of(each.line)) for each in merged.conflicts),
        ledger=tuple(replace(row, into=lines.of(row.into)) for row in merged.ledger),
        findings=tuple(replace(notice, lines=lines.all_of(notice.lines)) for notice in merged.findings),
    )


class _Lines:
    """Where a line of one text stands in the other."""

    def __init__(self, before: Definition, after: Definition, one: Conversion, knowledge: Knowledge) -> None:
        self._start = _body_line(before, knowledge)
        self._shift = _body_line(after, knowledge) - self._start
        to = {loss.key: loss.to for loss in one.losses}
        written = {field.key: field.line for field in after.fields}
        self._fields = {
            line: next((written[key] for key in to.get(field.key, ()) if key in written), None)
            for field in before.fields
            for line in range(field.start, field.end)
        }

    def of(self, line: int | None) -> int | None:
        """A line there; None for one that is gone."""
        if line is None or line >= self._start:
            return None if line is None else line + self._shift
        return self._fields.get(line)

    def all_of(self, lines: Sequence[int]) -> tuple[int, ...]:
        return tuple(found for line in lines if (found := self.of(line)) is not None)


def _body_line(definition: Definition, knowledge: Knowledge) -> int:
    """The line on which the body starts."""
    if definition.syntax == "toml":
        prompt = definition.field(knowledge.dialects[definition.dialect].prompt)
        assert prompt is not None
        return prompt.line + 1
    return 1 if definition.frontmatter is None else definition.frontmatter.end
