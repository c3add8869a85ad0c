"""The tree of the result: each section has one way up, however the variants nest theirs."""

from __future__ import annotations

from itertools import permutations

import pytest

from agentmerge import parse
from agentmerge.matching.records import Alignment, Group, Member
from agentmerge.model import walk_sections
from agentmerge.planning.tree import Tree, build_tree, walk_nodes
from tests.shipped import SHIPPED

NESTED = ["## Alpha\n\n### Beta\n", "## Beta\n\n### Alpha\n", "## Gamma\n\n### Beta\n\n#### Alpha\n"]


def _tree(texts: list[str]) -> Tree:
    """The tree of variants whose sections of one title are the same."""
    definitions = tuple(map(parse, texts))
    members = [
        Member(file, section, path)
        for file, definition in enumerate(definitions)
        for path, section in walk_sections(definition.root)
    ]
    titles = dict.fromkeys(member.text for member in members)
    groups = [Group(tuple(m for m in members if m.text == title), "same", 1.0, "title") for title in titles]
    return build_tree(definitions, Alignment(definitions, tuple(groups), ()), lambda file: (0, file), {}, SHIPPED)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_sections_nested_in_a_circle__have_one_way_up(order: tuple[int, ...]) -> None:
    tree = _tree([f"# T\n\nWords.\n\n{NESTED[number]}" for number in order])
    assert sorted(node.title for node in walk_nodes(tree.root)) == ["", "Alpha", "Beta", "Gamma"]
    for node in tree.nodes.values():
        above = [node]
        while above[-1].parent is not None and len(above) < 5:
            above.append(above[-1].parent)
        assert above[-1] is tree.root
