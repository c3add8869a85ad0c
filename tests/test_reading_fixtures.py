"""Every shape of file that people write, and how it is read: the cases of `fixtures/parse`."""

from __future__ import annotations

import pytest

from agentmerge.reading.parsing import parse
from agentmerge.writing.emitting import emit
from tests.dotfiles import FIXTURES, Case, cases, dump
from tests.laws import uncovered
from tests.shipped import SHIPPED

SHOWN = [(path.stem, case) for path in sorted((FIXTURES / "parse").glob("*.txt")) for case in cases(path)]
CASES = [pytest.param(case, id=f"{name}: {case.title}") for name, case in SHOWN]


@pytest.mark.parametrize("case", CASES)
def test_case__is_read_as_shown(case: Case) -> None:
    assert dump(parse(case.text, SHIPPED)) == case.expected


@pytest.mark.parametrize("case", CASES)
def test_case__is_emitted_byte_for_byte(case: Case) -> None:
    assert emit(parse(case.text, SHIPPED)) == case.text


@pytest.mark.parametrize("case", CASES)
def test_case__every_line_belongs_to_one_node(case: Case) -> None:
    assert uncovered(parse(case.text, SHIPPED)) == []


def test_fixtures_show_every_diagnostic_of_a_text() -> None:
    shown = {note.code for _, case in SHOWN for note in parse(case.text, SHIPPED).diagnostics}
    # These need a host's limits or a file of some size; `test_diagnostics` makes them.
    elsewhere = {"body-too-long", "field-too-long", "nesting-too-deep"}
    # These need a file that its path makes a host's own; `parsing/test_hostchecks` makes them.
    elsewhere |= {"field-refused", "field-needed", "field-type", "field-value", "field-form", "field-overruled"}
    elsewhere |= {"tool-unknown", "tool-server", "tools-empty-open", "toml-broken"}
    assert shown | elsewhere == set(SHIPPED.diagnostics)
