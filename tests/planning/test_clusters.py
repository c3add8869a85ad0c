"""What of several texts may stand for the others: clusters of groups that a test made by hand, not an alignment."""

from __future__ import annotations

import pytest

from agentmerge import parse
from agentmerge.matching.records import Alignment, Group, members_of
from agentmerge.planning.clusters import Cluster, build, gather, procedure_groups
from tests.shipped import SHIPPED


def _clusters(*texts: str) -> list[Cluster]:
    """The clusters of variants whose units are all in one group that says the same."""
    definitions = tuple(map(parse, texts))
    members = tuple(m for file, definition in enumerate(definitions) for m in members_of(file, definition))
    alignment = Alignment(definitions, (), (Group(members, "same", 0.9, "alike"),))
    return build(gather(definitions, SHIPPED), alignment, SHIPPED)


def _files(*texts: str) -> list[list[int]]:
    return [[member.file for member in cluster.members] for cluster in _clusters(*texts)]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_guardrail__the_longest_stands(order: tuple[int, ...]) -> None:
    texts = [
        "- Validate user input at the boundary\n",
        "- You must validate user input at the boundary. Log it.\n",
        "- You must validate the user input at the boundary. Log it.\n",
    ]
    merged = [cluster for cluster in _clusters(*(texts[number] for number in order)) if len(cluster.members) > 1]
    assert [(cluster.cover, cluster.guarded) for cluster in merged] == [((order.index(2), 1), True)]
    assert {order[member.file] for member in merged[0].members} == {0, 2}


@pytest.mark.parametrize(
    ("form", "is_one"),
    [
        ("- Keep {} build green\n", True),
        ("| case | tool |\n|---|---|\n| {} build | make |\n", False),
        ("> Keep {} build green\n", False),
        ("<p>Keep {} build green</p>\n", False),
    ],
)
def test_alike__stands_for_each_other_in_prose_alone(form: str, *, is_one: bool) -> None:
    one, other = form.format("a"), form.format("the")
    assert _files(one, other) == ([[0, 1]] if is_one else [[0], [1]])
    assert _files(one, one) == [[0, 1]]


@pytest.mark.parametrize(("shared", "is_one"), [(1, False), (2, True), (3, True)])
def test_procedures__correspond_from_half_of_their_steps(shared: int, *, is_one: bool) -> None:
    steps = ["Build the image", "Test the image", "Ship the image", "Tell the owner"]
    others = ["Draw a plan", "Ask for money", "Hire a team", "Rent a room"]
    texts = [_numbered(steps), _numbered([*steps[:shared], *others[shared:]])]
    definitions = tuple(map(parse, texts))
    entries = gather(definitions, SHIPPED)
    groups = procedure_groups(entries, build(entries, Alignment(definitions, (), ()), SHIPPED))
    assert (len(set(groups.values())) == 1) == is_one


@pytest.mark.parametrize(("longer", "is_one"), [(["Plan"], True), (["Plan", "Ask", "Hire", "Rent"], False)])
def test_procedures__share_half_of_the_shorter_and_no_small_part_of_the_longer(longer: list[str], is_one: bool) -> None:
    texts = [_numbered(["Build", "Test"]), _numbered(["Build", *longer])]
    definitions = tuple(map(parse, texts))
    entries = gather(definitions, SHIPPED)
    groups = procedure_groups(entries, build(entries, Alignment(definitions, (), ()), SHIPPED))
    assert (len(set(groups.values())) == 1) == is_one


def _numbered(steps: list[str]) -> str:
    return "".join(f"{number}. {step}\n" for number, step in enumerate(steps, 1))
