"""Formats, deliverables and checks that both sides have."""

from __future__ import annotations

import pytest

from tests.drifting.rules.edits import Told, messages, told

TEXT = '# Role\n\n## Output format\n\n```json\n{"verdict": "ok", "risks": ["a"]}\n```\n'
TEXT += "\n- A summary of the change\n- Risks\n"


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ('"verdict"', '"decision"', [("contract-changed", "breaking")]),
        ('["a"]', '"a"', [("contract-changed", "breaking")]),
        ('["a"]', '["a"], "round": 1', [("contract-changed", "warning")]),
        ("A summary of the change", "A short summary of the change", [("contract-changed", "warning")]),
        ('{"verdict": "ok", "risks": ["a"]}', '{\n  "verdict": "ok",\n  "risks": ["a"]\n}', []),
        ("- A summary", "* A summary", []),
    ],
)
def test_change_of_a_contract(old: str, new: str, found: Told) -> None:
    assert told(TEXT, TEXT.replace(old, new), "contract-changed") == found


def test_blocks_of_two_authors__are_compared_by_their_keys() -> None:
    other = '# Other\n\nWords.\n\n## Answer\n\n```json\n{"verdict": 1, "risks": [2], "text": "a b c d e f"}\n```\n'
    assert messages(TEXT, other, "contract-changed")[:1] == ["keys of a data block: text is new"]


def test_choice__of_a_value_that_went_or_came_is_a_warning() -> None:
    old = '# Role\n\n## Output\n\n```json\n{"status": "ok | failed | blocked"}\n```\n'
    for new in ("ok | failed", "ok | failed | blocked | late"):
        assert told(old, old.replace("ok | failed | blocked", new), "contract-changed") == [
            ("contract-changed", "warning")
        ]
    assert told(old, old.replace("ok | failed | blocked", "blocked | failed | ok"), "contract-changed") == []


def test_outline_in_a_fence_of_yaml__is_no_contract() -> None:
    outline = (
        "Before the work starts:\n  Read these:\n    - The plan of the last week\n    - Every open question (if any)\n"
    )
    old = f"# Role\n\nWords.\n\n```yaml\n{outline}  Tell the user:\n    - What was done: today\n    - [next\n```\n"
    new = old.replace("  Tell the user:\n    - What was done: today\n", "")
    assert new != old
    assert told(old, new, "contract-changed") == []
    assert told(old, new)
    data = "# Role\n\nWords.\n\n```yaml\nverdict: <ok>\nrisks: [a, b\nnote: text\n```\n"
    assert told(data, data.replace("note: text\n", ""), "contract-changed") == [("contract-changed", "breaking")]
