"""Where things go that two authors nest the other way round."""

from __future__ import annotations

import pytest

from agentmerge import combine, parse
from agentmerge.planning.strategies import Policy


@pytest.mark.parametrize("wording", ["longest", "shortest"])
def test_items_nested_the_other_way_round__both_stand(wording: str) -> None:
    one = "- Write failing tests\n  - Run the suite of tests\n"
    other = "- Run suite of tests\n  - Write the failing tests\n"
    merged = combine([parse(one), parse(other)], Policy(wording=wording))
    texts = {"longest": ["Write the failing tests", "Run the suite of tests"]}
    texts["shortest"] = [text.replace(" the", "") for text in texts["longest"]]
    assert all(f"- {text}\n" in merged.text for text in texts[wording])
    assert sorted(row.fate for row in merged.ledger) == ["kept", "kept", "merged", "merged"]


def test_sections_nested_the_other_way_round__both_stand() -> None:
    one = "# T\n\nWords.\n\n## Rules\n\n- Write small tests\n\n### Testing\n\n- Run the suite\n"
    other = "# T\n\nWords.\n\n## Testing\n\n- Run the suite\n\n### Rules\n\n- Write small tests\n"
    merged = combine([parse(one), parse(other)])
    assert {"Rules", "Testing"} <= {line.strip("# ") for line in merged.text.splitlines() if line.startswith("#")}
    assert all(merged.text.count(text) == 1 for text in ("Write small tests", "Run the suite"))
