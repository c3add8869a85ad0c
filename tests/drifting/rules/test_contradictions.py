"""Statements that can't both hold: told where no other finding tells of the same two places."""

from __future__ import annotations

from agentmerge import parse
from agentmerge.diffing.comparing import diff
from agentmerge.drifting.reviewing import review
from agentmerge.matching.records import Alignment, Group, members_of
from tests.drifting.rules.edits import told
from tests.shipped import SHIPPED

OLD = "# Role\n\n- Store the keys in the vault\n- Keep the coverage above 80%\n- Read the code\n"
NEW = "# Role\n\n- Print the keys on paper\n- Keep the coverage above 60%\n- Read the code\n"


def _told(old: str, new: str, *pairs: tuple[int, int]) -> list[tuple[str, str]]:
    a, b = parse(old), parse(new)
    left, right = ({m.line: m for m in members_of(file, one)} for file, one in enumerate((a, b)))
    groups = tuple(Group((left[x], right[y]), "contradicts", 0.9, "other words", "keys") for x, y in pairs)
    found = review(
        diff(a, b, SHIPPED, aligner=lambda *_: Alignment((a, b), (), ())), SHIPPED, Alignment((a, b), (), groups)
    )
    return [(one.rule, one.message) for one in found if one.rule in ("contradiction", "threshold-changed")]


def test_contradiction__of_the_alignment_is_a_finding() -> None:
    assert ("contradiction", "keys: other words") in _told(OLD, NEW, (3, 3))


def test_contradiction__that_another_finding_tells_is_not_told_again() -> None:
    assert [rule for rule, _ in _told(OLD, NEW, (4, 4))] == ["threshold-changed"]


def test_contradiction__of_a_statement_that_did_not_change_is_none() -> None:
    assert [rule for rule, _ in _told(OLD, NEW, (5, 3), (3, 5), (5, 5))] == ["threshold-changed"]


def test_table_with_wider_columns__contradicts_nothing() -> None:
    table = (
        "| Case | Act |\n| --- | --- |\n| Nothing found below the root | Stop above it |\n| More above | Go below |\n"
    )
    wide = table.replace("| ", "|   ").replace("---", "-------")
    assert not [row for row in told(f"# R\n\nDo.\n\n{table}", f"# R\n\nDo.\n\n{wide}") if row[1] != "info"]
