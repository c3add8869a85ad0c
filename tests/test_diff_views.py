"""The forms of a diff: what belongs to which line, and in which order."""

from __future__ import annotations

import re

from agentmerge import diff, parse
from agentmerge.combining.engine import combine
from agentmerge.drifting.reviewing import review
from agentmerge.model import parted
from agentmerge.views.combine import explain_text
from agentmerge.views.diff import diff_markdown, diff_text
from agentmerge.views.paint import Paint
from tests.shipped import SHIPPED

NAMES = ("a.md", "b.md")


def _text(old: str, new: str) -> str:
    found = diff(parse(old), parse(new))
    return diff_text(found, found.changes, NAMES, Paint(enabled=False), SHIPPED, findings=review(found, SHIPPED))


def test_field_that_changes_value_and_place__the_finding_is_of_the_value_alone() -> None:
    text = _text("---\nname: a\ndescription: D.\n---\n\nText.\n", "---\ndescription: D.\nname: b\n---\n\nText.\n")
    assert "~ 2->3  name  ! identity-changed\n" in text
    assert "(order changed)\n" in text


def test_what_is_gone_from_a_section__stands_in_the_order_it_had() -> None:
    old = """## Start

- Begin by reading the manual

## Style

- Prefer diagrams over prose
- Quote numbers with units
- Answer within one screen
- Greet nobody
- Close with the next step
"""
    new = """## Start

- Begin by reading the manual
- Answer within one screen

## Finish

- Ship the release notes
- Prefer diagrams over prose
"""
    text = _text(old, new)
    lines = [int(number) for number in re.findall(r"^  - (\d+)  ", text, re.MULTILINE)]
    assert lines == [8, 10, 11]


LISTS = (
    "---\nname: a\nexpertise:\n  - API (REST, gRPC)\n  - Databases\ntopics: [one, two]\n---\n\nText.\n",
    "---\nname: a\nexpertise:\n  - API (REST, gRPC)\n  - Queues\n---\n\nText.\n",
)


def test_members_of_a_list__are_parted() -> None:
    assert parted(["Read", "Write"]) == "Read, Write"
    assert parted(["API (REST, gRPC)", "Databases"]) == "API (REST, gRPC); Databases"
    assert "topics: one, two\n" in _text(*LISTS)
    found = diff(*map(parse, LISTS))
    shown = diff_markdown(found, found.changes, NAMES)
    assert "API (REST, gRPC); <del>Databases</del><ins>Queues</ins>" in shown
    assert next(change.old.text for change in found if change.old and "topics" in change.path) == "one\ntwo"
    assert [f.message for f in review(found, SHIPPED) if "topics" in f.message] == ["topics: removed, was one, two"]


def test_explained_combine__parts_members_and_its_records_stay() -> None:
    merged = combine([*map(parse, LISTS)], SHIPPED)
    shown = explain_text(merged, NAMES, Paint(enabled=False))
    assert "a.md:3  API (REST, gRPC); Databases\n" in shown
    assert next(row.source.text for row in merged.ledger if row.source.line == 6) == "one\ntwo"
