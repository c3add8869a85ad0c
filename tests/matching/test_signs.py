"""✅ against ❌ on one statement is a contradiction; signs of one meaning and states of tasks are no difference."""

from __future__ import annotations

import pytest

from agentmerge import align, parse
from agentmerge.matching.records import Group


def groups(one: str, other: str) -> list[Group]:
    head = "# Guard\n\n## Duties\n\n"
    return list(align([parse(head + one), parse(head + other)]).units)


def relations(one: str, other: str) -> list[str]:
    return [group.relation for group in groups(one, other)]


AGAINST = [
    ("- ✅ Rotate the keys every month\n", "- ❌ Rotate the keys every month\n"),
    ("✅ Rotate the keys\n❌ Skip the drill\n", "❌ Rotate the keys\n"),
    ("- ✔️Rotate the keys every month\n", "- 🚫 Rotate the keys monthly, every month\n"),
    ("- **✅ Keys:** rotate them\n", "- ❌ **Keys:** rotate them\n"),
    ("- ✅ Deploy\n", "- ❌ Deploy\n"),
    ('- ✅ "Great point, well seen"\n', '- ❌ "Great point, well seen"\n'),
    ("### Examples\n\n- ✅ Rotate the keys\n", "### Examples\n\n- ❌ Rotate the keys\n"),
    ("- ✅ Rotate the keys every month\n", "- Never rotate the keys every month\n"),
    ("- ❌ Rotate the keys every month\n", "- Rotate the keys every month\n"),
    ("### ❌ Off limits\n\n- Restart the queue workers\n", "### ✅ Fine\n\n- Restart the queue workers\n"),
    ("🚫 Off limits:\n- Restart the queue workers\n", "- ✅ Restart the queue workers\n"),
    ("> ✅ Rotate the keys\n> ❌ Skip the drill\n", "> ❌ Rotate the keys\n> ❌ Skip the drill\n"),
    ("| act | ok |\n|---|---|\n| push | ✅ |\n", "| act | ok |\n|---|---|\n| push | ❌ |\n"),
    ("- ✅ Never rotate the keys by hand\n", "- ❌ Never rotate the keys by hand\n"),
    ("- 🔴 The health probe fails\n", "- 🟢 The health probe fails\n"),
    ("✅ Good:\n\n```py\nx = 1\n```\n", "❌ Bad:\n\n```py\nx = 1\n```\n"),
]


@pytest.mark.parametrize(("one", "other"), AGAINST)
def test_opposite_signs__contradict(one: str, other: str) -> None:
    for first, second in ((one, other), (other, one)):
        found = groups(first, second)
        against = [{m.key for m in group.members} for group in found if group.relation == "contradicts"]
        assert against
        others = [{m.key for m in group.members} for group in found if group.relation != "contradicts"]
        assert not any(keys <= other for keys in against for other in others)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("- ❌ Skip the fire drill\n", "- Never skip the fire drill\n"),
        ("- ❌ Skip the fire drill\n", "- 🚫\ufe0f Skip the fire drill\n"),
        ("- ✅ Rotate the keys\n", "- ✓ Rotate the keys\n"),
        ("- ✅ Rotate the keys every month\n", "- Rotate the keys every month\n"),
        ("☐ Docs written\n", "- [ ] Docs written\n"),
        ("☑ Docs written\n", "- [ ] Docs written\n"),
        ("• Rotate the keys\n• x\n", "- Rotate the keys\n"),
        ("- 🚀 Rotate the keys every month\n", "- Rotate the keys every month\n"),
        ("- ⚠️ Rotate the keys every month\n", "- Rotate the keys every month\n"),
        ("- 🔴 The health probe fails\n", "- 🟥 The health probe fails\n"),
    ],
)
def test_signs_that_say_the_same__are_no_difference(one: str, other: str) -> None:
    assert relations(one, other) == ["same"]


def test_order_of_the_variants__changes_nothing() -> None:
    for one, other in AGAINST:
        assert sorted(relations(one, other)) == sorted(relations(other, one))
