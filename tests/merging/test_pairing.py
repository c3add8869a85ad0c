"""From how much in common two nodes are one that was edited: each threshold from both sides."""

from __future__ import annotations

import pytest

from agentmerge import parse
from agentmerge.merging.nodes import Node, build, pair, walk


def _partners(base: str, side: str, kind: str) -> list[tuple[str, str]]:
    """Names of the nodes of a kind that are paired though they differ."""
    trees = [build(parse(text), {}) for text in (base, side)]
    found = pair(*trees).forward
    nodes: list[Node] = [node for node in walk(trees[0]) if node.kind == kind and node in found]
    return [(node.name, found[node].name) for node in nodes if node.name != found[node].name]


def _words(shared: int, total: int, own: str) -> str:
    """A text of so many words, of which the first ones are shared."""
    return " ".join([*(f"word{n}" for n in range(shared)), *(f"{own}{n}" for n in range(total - shared))])


def _items(*texts: str) -> str:
    return "".join(f"- {text}\n" for text in texts)


@pytest.mark.parametrize(("shared", "is_one"), [(9, False), (10, True), (11, True)])
def test_units_of_one_section__from_half_of_their_words(shared: int, *, is_one: bool) -> None:
    # Two items on each side: one alone would be taken for the one that stood there.
    old, new = _words(shared, 20, "old"), _words(shared, 20, "new")
    found = _partners(_items(old, "aaa bbb ccc"), _items("ddd eee fff", new), "item")
    assert (found == [(old, new)]) == is_one


@pytest.mark.parametrize(("shared", "is_one"), [(17, False), (18, True), (19, True)])
def test_units_of_two_sections__from_most_of_their_words(shared: int, *, is_one: bool) -> None:
    old, new = _words(shared, 25, "old"), _words(shared, 25, "new")
    base = f"# A\n\n{_items('first stays here', old)}\n# B\n\n{_items('second stays here')}"
    side = f"# A\n\n{_items('first stays here')}\n# B\n\n{_items('second stays here', new)}"
    assert (_partners(base, side, "item") == [(old, new)]) == is_one


@pytest.mark.parametrize(("shared", "is_one"), [(9, False), (10, True), (11, True)])
def test_renamed_sections__from_half_of_their_lines(shared: int, *, is_one: bool) -> None:
    old = "# Old\n\n" + _items(*_words(shared, 20, "old").split())
    new = "# New\n\n" + _items(*_words(shared, 20, "new").split())
    # A second one on each side, so that neither is the only one at its place.
    found = _partners(f"{old}\n# Gone\n\n- aaa\n", f"# Came\n\n- bbb\n\n{new}", "section")
    assert (found == [("Old", "New")]) == is_one


@pytest.mark.parametrize(("shared", "is_one"), [(3, False), (4, True), (5, True)])
def test_section_alone_at_its_place__from_a_fifth_of_its_lines(shared: int, *, is_one: bool) -> None:
    old = "# Old\n\n" + _items(*_words(shared, 20, "old").split())
    new = "# New\n\n" + _items(*_words(shared, 20, "new").split())
    assert (_partners(old, new, "section") == [("Old", "New")]) == is_one


@pytest.mark.parametrize(("text", "is_one"), [("run them", False), ("run them all", True)])
def test_equal_text_in_another_section__from_three_words(text: str, *, is_one: bool) -> None:
    trees = [
        build(parse(written), {})
        for written in (
            f"# A\n\n- {text}\n- here one\n\n# B\n\n- there one\n",
            f"# A\n\n- here one\n\n# B\n\n- there one\n- {text}\n",
        )
    ]
    found = pair(*trees).forward
    assert any(node.name == text for node in found) == is_one
