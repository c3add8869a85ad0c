"""A sign says what binds: where one side turned it, the other side's words have no place in the statement."""

from __future__ import annotations

import pytest

from agentmerge import merge, parse

HEAD = "# Guard\n\n## Duties\n\n- Keep calm and carry on\n"


@pytest.mark.parametrize(("before", "after"), [("✅", "❌"), ("❌", "✅"), ("🚫", "👍"), ("🔴", "🟢"), ("✔️", "⛔️")])
def test_turned_sign__and_other_words_are_a_conflict(before: str, after: str) -> None:
    base = f"{HEAD}- {before} Rotate keys every month\n"
    ours, theirs = base.replace(before, after), base.replace("keys", "keys and tokens")
    for first, second in ((ours, theirs), (theirs, ours)):
        assert merge(parse(base), parse(first), parse(second)).conflicts
    assert merge(parse(base), parse(ours), parse(base)).text == ours


def test_state_of_a_task__merges_with_words() -> None:
    base = f"{HEAD}- ☐ Docs are written\n"
    merged = merge(parse(base), parse(base.replace("☐", "☑")), parse(base.replace("written", "written and read")))
    assert merged.text == f"{HEAD}- ☑ Docs are written and read\n"


def test_run_below_an_item__merges_line_by_line() -> None:
    base = "1. Look:\n   • logs\n   • dumps\n2. Go\n"
    merged = merge(
        parse(base), parse(base.replace("logs", "logs, old ones")), parse(base.replace("dumps", "core dumps"))
    )
    assert merged.text == "1. Look:\n   • logs, old ones\n   • core dumps\n2. Go\n"
