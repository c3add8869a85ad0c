"""Merges of `fixtures/merge`: what each case must come to, byte for byte.

A case in `failing` is a known defect: `expected.md` is what comes out today, `ideal.md` what should; the test breaks
when the output changes and when the defect is gone.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from agentmerge import parse
from agentmerge.merging.engine import merge
from agentmerge.merging.pieces import ConflictStyle, Style
from agentmerge.planning.records import Merged
from tests.shipped import SHIPPED

CASES = Path(__file__).parents[2] / "fixtures" / "merge"
WORKING = sorted(path.name for path in (CASES / "working").iterdir())
FAILING = sorted(path.name for path in (CASES / "failing").glob("*"))
CONFLICTS = {
    "add-add",
    "allowed-and-not-allowed",
    "blank-line-above-table-taken-out",
    "both-add-one-section",
    "both-rewrote-one-item",
    "code-lines-touch",
    "delete-against-edit",
    "description-negated-and-widened",
    "description-words-touch",
    "field-added-twice-differently",
    "footnote-label-defined-twice-apart",
    "heading-deleted-against-moved",
    "heading-turned-round-and-added-to",
    "item-moved-against-deleted",
    "item-moved-differently-by-both",
    "item-moved-to-different-sections",
    "label-turned-round-and-added-to",
    "link-label-defined-twice",
    "list-reordered-by-both-and-neighbours-edited",
    "list-rewritten-by-both",
    "model-changed-twice",
    "model-deleted-against-changed",
    "nested-key-changed-twice",
    "never-and-always-added",
    "rule-in-a-wrapped-sentence-reversed-and-widened",
    "rule-limited-and-widened",
    "rule-negation-dropped-and-moved-on",
    "rule-opened-to-all-and-moved-on",
    "rule-permitted-and-widened",
    "rule-reversed-and-widened",
    "same-word-changed-differently",
    "section-deleted-and-edited",
    "section-moved-differently-by-both",
    "section-renamed-twice",
    "steps-moved-past-each-other",
    "table-column-added-and-row-added",
    "table-row-deleted-and-edited",
    "yaml-anchor-dropped-and-used",
    "tools-block-list-revoked-and-granted-in-part",
    "tools-emptied-between-them",
    "tools-removed-against-extended",
    "tools-revoked-and-all-granted",
    "tools-revoked-and-granted-in-full",
    "tools-revoked-and-granted-in-part",
}


def texts(group: str, case: str) -> tuple[str, str, str]:
    base, ours, theirs = (
        (CASES / group / case / f"{name}.md").read_text("utf-8") for name in ("base", "ours", "theirs")
    )
    return base, ours, theirs


def merged(base: str, ours: str, theirs: str) -> Merged:
    return merge(parse(base), parse(ours), parse(theirs), SHIPPED, style=Style(labels=("base", "ours", "theirs")))


@pytest.mark.parametrize("case", WORKING)
def test_case__is_as_expected(case: str) -> None:
    result = merged(*texts("working", case))
    assert result.text == (CASES / "working" / case / "expected.md").read_text("utf-8")
    assert bool(result.open_conflicts) == (case in CONFLICTS)


@pytest.mark.parametrize("case", FAILING)
def test_known_defect__is_as_it_was(case: str) -> None:
    result = merged(*texts("failing", case)).text
    assert result == (CASES / "failing" / case / "expected.md").read_text("utf-8")
    assert result != (CASES / "failing" / case / "ideal.md").read_text("utf-8")


@pytest.mark.parametrize("case", sorted(set(WORKING) - CONFLICTS))
def test_clean_case__does_not_depend_on_the_side(case: str) -> None:
    base, ours, theirs = texts("working", case)
    assert merged(base, theirs, ours).text == merged(base, ours, theirs).text


@pytest.mark.parametrize("case", sorted(CONFLICTS))
def test_conflict__is_one_from_either_side(case: str) -> None:
    base, ours, theirs = texts("working", case)
    assert merged(base, theirs, ours).open_conflicts


@pytest.mark.parametrize("case", WORKING)
def test_case__each_unit_has_a_fate_that_its_line_bears_out(case: str) -> None:
    result = merged(*texts("working", case))
    lines = result.text.split("\n")
    for row in result.ledger:
        if row.fate == "kept":
            assert row.into is not None
            assert row.source.text.split("\n")[0].split()[-1] in lines[row.into - 1] or row.source.kind != "item"
        assert row.decision in {decision.id for decision in result.decisions}


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
@pytest.mark.parametrize("case", WORKING)
def test_case__conflicts_are_where_the_records_say(case: str, style: ConflictStyle) -> None:
    sources = texts("working", case)
    base, ours, theirs = map(parse, sources)
    result = merge(base, ours, theirs, SHIPPED, style=Style(style))
    lines = result.text.split("\n")
    opening = [number for number, line in enumerate(lines, 1) if line.startswith("<<<<<<<")]
    assert [conflict.line for conflict in result.conflicts] == opening
    for conflict in result.conflicts:
        for member in conflict.members:
            own = member.text.split("\n")
            assert sources[member.file].split("\n")[member.line - 1 :][: len(own)] == own
