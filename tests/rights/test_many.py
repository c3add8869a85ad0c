"""Many rules of one host, where order counts."""

from __future__ import annotations

from agentmerge import drift, parse


def _permission(*rules: str) -> str:
    lines = "".join(f"    {rule}\n" for rule in rules)
    return f"---\nname: a\nmode: subagent\npermission:\n  bash:\n{lines}---\n# A\n\n- Be brief\n"


def test_the_order_of_many_rules__counts_where_they_may_fit_the_same_thing() -> None:
    many = [f"run{number}: allow" for number in range(400)]
    text = _permission('"*": ask', *many)
    for other, told in ((_permission(*many, '"*": ask'), True), (_permission('"*": ask', *reversed(many)), False)):
        files = [parse(one, dialect="opencode") for one in (text, other)]
        (pair,) = drift(files, summary=False).pairs
        assert any(one.rule == "permission-narrowed" for one in pair.findings) == told
