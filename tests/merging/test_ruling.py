"""Rules with a name decide what else is a conflict, and say so; a policy that speaks for the place comes first."""

from __future__ import annotations

import pytest

from agentmerge import parse
from agentmerge.merging.engine import merge
from agentmerge.merging.pieces import Policy, Rule
from agentmerge.planning.records import Fate, Merged
from tests.shipped import SHIPPED

TEXT = "---\nname: a\ndescription: Reads diffs.\n{}---\n\n# A\n\n- Read the diff.\n- Name the file.\n"
META = "metadata:\n  version: "
SAID = [
    ("model: opus\n", "", "model: inherit\n", "model: inherit\n", "same-as-absent"),
    ("model: opus\n", "", "model: haiku\n", None, ""),
    ("version: 1.2.0\n", "version: 1.3.0\n", "version: 1.10.0\n", "version: 1.10.0\n", "higher-version"),
    ("version: '1.2'\n", "version: '1.10'\n", "version: '1.9'\n", "version: '1.10'\n", "higher-version"),
    ("version: 1.2.0\n", "version: 1.1.0\n", "version: 1.3.0\n", None, ""),
    ("version: 1.2.0\n", "version: next\n", "version: 1.3.0\n", None, ""),
    (
        "metadata:\n  version: 1\n",
        "metadata:\n  version: 2\n",
        "metadata:\n  version: 3\n",
        "version: 3\n",
        "higher-version",
    ),
    ("updated: 2026-01-02\n", "updated: 2026-02-01\n", "updated: 2026-01-31\n", "updated: 2026-02-01\n", "later-date"),
    ("model: opus\n", "model: sonnet\n", "model: haiku\n", None, ""),
]


def merged_with(base: str, ours: str, theirs: str, policy: Policy | None = None) -> Merged:
    one, two, three = (parse(TEXT.format(front)) for front in (base, ours, theirs))
    return merge(one, two, three, SHIPPED, policy)


@pytest.mark.parametrize(("base", "ours", "theirs", "wanted", "rule"), SAID)
def test_rule__decides_whichever_side_is_ours_and_is_told(
    base: str, ours: str, theirs: str, wanted: str | None, rule: str
) -> None:
    for one, two in ((ours, theirs), (theirs, ours)):
        merged = merged_with(base, one, two)
        assert bool(merged.open_conflicts) == (wanted is None)
        assert [conflict.decided_by for conflict in merged.conflicts] == [rule or None]
        if wanted is not None:
            assert wanted in merged.text
            assert merged.text.count(wanted.partition(":")[0]) == 1


@pytest.mark.parametrize("row", [row for row in SAID if row[4] and not row[0].startswith(META)])
def test_what_gave_way__is_superseded_in_the_ledger(row: tuple[str, str, str, str, str]) -> None:
    merged = merged_with(*row[:3])
    fates = {found.source.file: found.fate for found in merged.ledger if found.source.line == 4}
    assert fates[0] == Fate.SUPERSEDED
    assert set(fates.values()) == {Fate.SUPERSEDED, Fate.KEPT}
    decision = next(decision for decision in merged.decisions if decision.rule == row[4])
    assert decision.action == "supersede"


def test_policy_that_speaks_for_the_place__comes_first() -> None:
    row = SAID[0][:3]
    left = merged_with(*row, Policy((Rule("frontmatter/model", "marker"),)))
    assert left.open_conflicts
    taken = merged_with(*row, Policy((Rule("frontmatter/model", "ours"),)))
    assert "model" not in taken.text
    assert [conflict.decided_by for conflict in taken.conflicts] == ["frontmatter/model=ours"]
