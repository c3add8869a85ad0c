"""Every shape of file that people write, and how it is read: the cases of `fixtures/parse`."""

from __future__ import annotations

import pytest

from agentmerge import tables
from agentmerge.emitting import emit
from agentmerge.model import Definition, Section, Unit
from agentmerge.parsing import parse
from agentmerge.parsing.lines import split_lines
from tests.dotfiles import FIXTURES, Case, cases, dump

SHOWN = [(path.stem, case) for path in sorted((FIXTURES / "parse").glob("*.txt")) for case in cases(path)]
CASES = [pytest.param(case, id=f"{name}: {case.title}") for name, case in SHOWN]


@pytest.mark.parametrize("case", CASES)
def test_case__is_read_as_shown(case: Case) -> None:
    assert dump(parse(case.text)) == case.expected


@pytest.mark.parametrize("case", CASES)
def test_case__is_emitted_byte_for_byte(case: Case) -> None:
    assert emit(parse(case.text)) == case.text


@pytest.mark.parametrize("case", CASES)
def test_case__every_line_belongs_to_one_node(case: Case) -> None:
    assert uncovered(parse(case.text)) == []


def test_fixtures_show_every_diagnostic_of_a_text() -> None:
    shown = {note.code for _, case in SHOWN for note in parse(case.text).diagnostics}
    # These need a host's limits or a file of some size; `test_diagnostics` makes them.
    elsewhere = {"body-too-long", "field-too-long", "nesting-too-deep"}
    assert shown | elsewhere == set(tables.diagnostics())


def uncovered(definition: Definition) -> list[tuple[int, int, str]]:
    """Lines that belong to no node though something stands on them, or to more than one: number, nodes, text."""
    lines = split_lines(definition.text)
    counts = [0] * (len(lines) + 2)
    for start, end in _ranges(definition):
        for line in range(start, end):
            counts[line] += 1
    return [
        (number, counts[number], line)
        for number, line in enumerate(lines, 1)
        if counts[number] > 1 or (counts[number] == 0 and line.strip(" \t\r\n\ufeff"))
    ]


def _ranges(definition: Definition) -> list[tuple[int, int]]:
    found = []
    front = definition.frontmatter
    if front is not None:
        found += [(1, 2), (front.end - 1, front.end)]
        found += [(field.start, field.end) for field in front.fields] or [(2, front.end - 1)]
    pending: list[Section | Unit] = [definition.root]
    while pending:
        node = pending.pop()
        found.append((node.line, node.end))
        pending += node.body if isinstance(node, Section) else node.children
    return found
