"""A text in which a combine left contradictions open, settled by a policy."""

from __future__ import annotations

import pytest

from agentmerge import combine, parse
from agentmerge.merging.opened import is_open, settle
from agentmerge.merging.pieces import Policy, parse_rule
from tests.shipped import SHIPPED

ALLOWS = "# Shop\n\n## Allowed\n\n- Refund up to 50 euro.\n- Look up orders.\n\n## Output\n\nRespond with JSON only.\n"
FORBIDS = "# Shop\n\n## Not allowed\n\n- Refund up to 50 euro.\n\n## Output\n\nAlways deliver a Markdown table.\n"


def _open(name: str = "shop.md") -> str:
    merged = combine([parse(ALLOWS, filename=name), parse(FORBIDS, filename="other.md")])
    assert merged.open_conflicts
    return merged.text


@pytest.mark.parametrize("name", ["shop.md", "CLAUDE.md"])
@pytest.mark.parametrize(
    ("side", "stands", "goes"),
    [("ours", "Allowed", "Not allowed"), ("theirs", "Not allowed", "")],
)
def test_policy__takes_one_side_with_its_comments(name: str, side: str, stands: str, goes: str) -> None:
    merged = settle(_open(name), SHIPPED, policy=Policy((parse_rule(f"*={side}"),)))
    assert not merged.open_conflicts
    assert "agentmerge:" not in merged.text
    assert merged.text.count("Refund up to 50 euro.") == 1
    headings = [line for line in merged.text.splitlines() if line.startswith("#")]
    assert f"## {stands}" in headings
    assert f"## {goes}" not in headings
    assert "\n\n\n" not in merged.text
    assert not merged.text.endswith("\n\n")
    lines = merged.text.splitlines()
    assert all(row.source.text.splitlines()[0] in lines[row.into - 1] for row in merged.ledger if row.into is not None)


def test_union__keeps_both_and_takes_the_comments_out() -> None:
    text = _open()
    merged = settle(text, SHIPPED, policy=Policy((parse_rule("*=union"),)))
    assert [line for line in text.splitlines() if line.strip() and "agentmerge:" not in line] == [
        line for line in merged.text.splitlines() if line.strip()
    ]


def test_what_no_policy_decides__stays_byte_for_byte() -> None:
    text = _open()
    merged = settle(text, SHIPPED)
    assert merged.text == text
    assert len(merged.open_conflicts) == len([line for line in text.splitlines() if ": side 1 of 2" in line])
    one = settle(text.replace("\n", "\r\n"), SHIPPED, policy=Policy((parse_rule("*/Output=ours"),)))
    assert len(one.open_conflicts) == len(merged.open_conflicts) - 1
    assert one.text.count("\n") == one.text.count("\r\n")


def test_lone_side__is_left_to_a_person() -> None:
    rows = [row for row in _open().splitlines() if "side 2 of 2" not in row]
    text = "\n".join(rows) + "\n"
    assert is_open(text, SHIPPED)
    assert settle(text, SHIPPED, policy=Policy((parse_rule("*=ours"),))).text == text


def test_file_without_comments__is_not_open() -> None:
    assert not is_open(ALLOWS, SHIPPED)
