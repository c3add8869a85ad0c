"""What only a result breaks is told, for a combine and for a merge, and nothing is told where nothing broke."""

from __future__ import annotations

import pytest

from agentmerge import combine, merge, parse
from agentmerge.planning.records import Merged
from agentmerge.proving.cases import law_names
from tests.proving import cases
from tests.proving.cases import Case

COMBINED = [one for name, table in vars(cases).items() if name.endswith("_COMBINED") for one in table]
MERGED = [one for name, table in vars(cases).items() if name.endswith("_MERGED") for one in table]


def told(merged: Merged) -> list[tuple[str, str]]:
    return [(notice.rule, notice.message) for notice in merged.findings if notice.rule in law_names()]


def check(case: Case, merged: Merged) -> None:
    found = told(merged)
    if not case.rule:
        assert not found, merged.text
    else:
        assert any(rule == case.rule and case.says in message for rule, message in found), (found, merged.text)
        last = merged.text.count("\n") + 1
        lines = [line for notice in merged.findings if notice.rule == case.rule for line in notice.lines]
        assert lines
        assert all(0 < line <= last for line in lines)


@pytest.mark.parametrize("case", COMBINED, ids=lambda case: case.name)
def test_combine__what_only_the_result_breaks(case: Case) -> None:
    check(case, combine([parse(text) for text in case.texts]))


@pytest.mark.parametrize("case", MERGED, ids=lambda case: case.name)
def test_merge__what_only_the_result_breaks(case: Case) -> None:
    base, ours, theirs = map(parse, case.texts)
    check(case, merge(base, ours, theirs))
