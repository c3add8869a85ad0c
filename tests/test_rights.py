"""What a list of grants includes, however many there are."""

from __future__ import annotations

import random

import pytest

from agentmerge import drift, parse, rights, toolnames
from tests.shipped import SHIPPED

_PARTS = ["Bash", "Read", "a", "(", ")", ":*)", "/", "/*", "mcp__", "__", "__*", "_", " ", ":", "*", "git"]


def _names(chosen: random.Random, count: int) -> list[str]:
    return ["".join(chosen.choices(_PARTS, k=chosen.randint(1, 6))) for _ in range(count)]


@pytest.mark.parametrize("seed", range(20))
def test_many_grants__include_what_one_of_them_covers(seed: int) -> None:
    chosen = random.Random(seed)
    granted = frozenset(_names(chosen, 200))
    for name in _names(chosen, 300):
        assert rights.covered(name, granted, SHIPPED) == any(rights.covers(other, name) for other in granted), name


@pytest.mark.parametrize("hosts", [("claude", "gemini"), ("gemini", "claude"), ("opencode", "claude")])
def test_many_grants__stand_for_what_one_of_them_stands_for(hosts: tuple[str, str]) -> None:
    known = toolnames.of(SHIPPED)
    some = ["Read", "read_file", "Bash", "mcp__a__b", "mcp__a__*", "a/b", "@a/b", "a_b", "mcp_a_b", "nothing"]
    few = [f"Tool{number}" for number in range(100)]
    for one in some:
        for name in some:
            alone = known.stands_for(one, name, hosts) or any(known.stands_for(other, name, hosts) for other in few)
            assert known.one_stands_for(frozenset([one, *few]), name, hosts) == alone, (one, name)


def test_an_intersection_of_long_lists__drops_what_another_name_includes() -> None:
    names = [f"Bash(cmd{number}:*)" for number in range(300)]
    assert rights.intersection([[*names, "Bash"], [*names, "Bash"]], SHIPPED) == ("Bash",)
    assert rights.intersection([names, names], SHIPPED) == tuple(names)


def _permission(*rules: str) -> str:
    lines = "".join(f"    {rule}\n" for rule in rules)
    return f"---\nname: a\nmode: subagent\npermission:\n  bash:\n{lines}---\n# A\n\n- Be brief\n"


def test_the_order_of_many_rules__counts_where_they_may_fit_the_same_thing() -> None:
    many = [f"run{number}: allow" for number in range(400)]
    text = _permission('"*": ask', *many)
    for other, told in ((_permission(*many, '"*": ask'), True), (_permission('"*": ask', *reversed(many)), False)):
        files = [parse(one, dialect="opencode") for one in (text, other)]
        (pair,) = drift(files, summary=False).pairs
        assert any("another order" in one.message for one in pair.findings) == told
