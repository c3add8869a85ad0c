"""Contradictions by slot: whom a task goes to, and how severity is graded."""

from __future__ import annotations

import pytest

from agentmerge import align, parse
from agentmerge.matching import conflicts
from agentmerge.matching.records import Group
from tests.shipped import SHIPPED


def contradictions(*bodies: str) -> list[Group]:
    alignment = align([parse(f"---\nname: guard\n---\n\n# Guard\n\n{body}") for body in bodies])
    return [group for group in alignment.units if group.relation == "contradicts"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Hand over schema migrations to the database-admin", "Delegate schema migrations to the data-engineer agent"),
        ("Escalate security findings to `security-auditor`", "Escalate security findings to the appsec team"),
        ("For schema migrations, delegate to db-architect", "Schema migrations: hand off to data-engineer"),
    ],
)
def test_handover__to_another_for_the_same_task(first: str, second: str) -> None:
    (found,) = contradictions(f"## Rules\n\n- {first}\n", f"## Rules\n\n- {second}\n")
    assert found.slot.startswith("handover of ")
    assert found.slot in found.reason


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            "Escalate security findings to the security-auditor",
            "Hand security findings over to the security-auditor agent",
        ),
        ("Hand over schema migrations to database-admin", "Hand over accessibility audits to frontend-developer"),
        ("Delegate schema migrations to database-admin", "Delegate schema migrations to the right specialist"),
        ("Delegate schema migrations to database-admin", "Never delegate schema migrations to data-engineer"),
    ],
)
def test_handover__to_the_same_or_of_something_else_contradicts_nothing(first: str, second: str) -> None:
    found = contradictions(f"## Rules\n\n- {first}\n", f"## Rules\n\n- {second}\n")
    assert not [group for group in found if group.slot.startswith("handover")]


GRADES = {
    "row": "- Rate each finding as Critical, High, Medium or Low\n",
    "leads": "- **Critical**: data loss\n- **High**: broken feature\n- **Low**: wording\n",
    "signs": "🔴 **Critical** | 🟠 **High** | 🟢 **Low**\n",
}
OTHERS = {
    "priorities": "- Label every finding P0, P1, P2 or P3\n",
    "levels": "- Sort findings into Blocker / Major / Minor\n",
    "both": "- **P0**: now\n- **P1**: this week\n- **P2**: some day\n",
}


@pytest.mark.parametrize("first", GRADES.values(), ids=GRADES)
@pytest.mark.parametrize("second", OTHERS.values(), ids=OTHERS)
def test_severity__two_scales_contradict(first: str, second: str) -> None:
    (found,) = contradictions(f"## Severity\n\n{first}", f"## Severity\n\n{second}")
    assert found.slot == "severity scale"
    assert "critical/high/medium/low" in found.reason
    assert [member.file for member in found.members] == [0, 1]


@pytest.mark.parametrize("first", GRADES.values(), ids=GRADES)
@pytest.mark.parametrize("second", GRADES.values(), ids=GRADES)
def test_severity__one_scale_in_two_forms_does_not(first: str, second: str) -> None:
    assert not contradictions(f"## Severity\n\n{first}", f"## Severity\n\n{second}")


@pytest.mark.parametrize(
    "text",
    [
        "- Label findings P0 (Critical), P1 (High), P2 (Medium); report critical, high and medium ones\n",
        "- High availability and low latency are critical\n",
        "- A critical path of high value\n- High load\n- Low cost\n",
    ],
)
def test_severity__words_in_passing_or_both_scales_are_no_other_scale(text: str) -> None:
    assert not contradictions(f"## Severity\n\n{GRADES['row']}", f"## Severity\n\n{text}")


def test_handover__is_read_once_or_not_at_all() -> None:
    read = conflicts.of(SHIPPED).handover
    assert read("hand off to alice or escalate to bob") is None
    assert read("nothing goes anywhere") is None
    found = read("escalate outages to the on-call engineer when production is down")
    assert found is not None
    assert (found.target, found.task.split()[0]) == ("on call engineer", "outages")


def test_slot__has_the_words_of_the_texts_and_no_names_of_concepts() -> None:
    (found,) = contradictions(
        "## Ask first\n\n- Delete customer accounts\n", "## Never\n\n- Delete customer accounts\n"
    )
    assert found.slot.startswith("permission of ")
    assert set(found.slot.removeprefix("permission of ").split()) <= {"delete", "customer", "accounts"}
