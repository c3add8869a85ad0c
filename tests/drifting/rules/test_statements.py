"""What no other rule speaks of, by sentence, row, value and line; what is alike told once."""

from __future__ import annotations

import pytest

from tests.drifting.rules.edits import Told, messages, told

TEXT = """# Role

Read the code of the change. It may be long.

| act | tool |
|---|---|
| build | make |
| test | pytest |

```yaml
owner: Mei
mode: fast
```

```python
import os

print(os.name)
```
"""


@pytest.mark.parametrize(
    ("old", "new", "found", "said"),
    [
        ("of the change", "of each file", [("statement-changed", "info")], "reworded: Read the code of each file."),
        ("be long.", "be long. Send it home.", [("knowledge-added", "info")], "statement added: Send it home."),
        (" It may be long.", "", [("knowledge-removed", "info")], "statement removed: It may be long."),
        (
            "| build | make |",
            "| build | ninja |",
            [("statement-changed", "warning")],
            "row, 'make' became 'ninja': | build | ninja |",
        ),
        ("mode: fast", "mode: slow", [("statement-changed", "info")], "'mode: fast' became 'mode: slow'"),
        (
            "print(os.name)",
            "print(os.sep)",
            [("statement-changed", "info")],
            "'print(os.name)' became 'print(os.sep)'",
        ),
        ("import os\n", "import os\nimport sys\n", [("statement-changed", "info")], "added: import sys"),
        (
            "be long.",
            "be long!",
            [("statement-changed", "info")],
            "written or joined otherwise: Read the code of the change. It may be long!",
        ),
    ],
)
def test_part__is_told_by_itself(old: str, new: str, found: Told, said: str) -> None:
    edited = TEXT.replace(old, new)
    assert told(TEXT, edited) == found
    assert messages(TEXT, edited, found[0][0]) == [said]


@pytest.mark.parametrize(
    ("old", "new", "severity"),
    [
        ("Never open the door, read the book.", "Never read the book, open the door.", "warning"),
        ("Never open the door, read the book.", "Never open a door, read the book.", "info"),
        ("Open the door, read the book.", "Read the book, open the door.", "info"),
    ],
)
def test_statement_that_binds__is_a_warning_where_it_says_something_else(old: str, new: str, severity: str) -> None:
    found = told(f"# Role\n\n- {old}\n", f"# Role\n\n- {new}\n", "statement-changed")
    assert found == [("statement-changed", severity)]


@pytest.mark.parametrize(("count", "findings"), [(2, 2), (3, 1), (5, 1)])
def test_same_words_replaced_everywhere__are_one_finding(count: int, findings: int) -> None:
    tasks = ["Ask {} for the plan", "Show {} the code", "Let {} write the tests", "Pay {} well", "Thank {} at the end"]
    old, new = ("# Role\n\n" + "".join(f"- {one.format(who)}\n" for one in tasks[:count]) for who in ("Ann", "Ben"))
    assert told(old, new) == [("statement-changed", "info")] * findings
    if findings == 1:
        said = f"'Ann' became 'Ben' in {count} statements, such as: Ask Ben for the plan"
        assert messages(old, new, "statement-changed") == [said]


def test_example__is_compared_by_its_lines() -> None:
    old = "# Role\n\nWords.\n\n<example>\nAsk the owner.\n\nPay the bill.\n</example>\n"
    new = old.replace("Pay the bill.", "Send the bill.")
    assert messages(old, new, "statement-changed") == ["'Pay the bill.' became 'Send the bill.'"]


def test_headings_on_another_level__are_one_finding() -> None:
    old = "# Role\n\nWords.\n\n## One\n\n- a b c\n\n## Two\n\n- d e f\n"
    assert messages(old, old.replace("##", "###"), "statement-changed") == ["2 headings on another level: One, Two"]


def test_number_in_one_sentence__leaves_the_others_their_own_finding() -> None:
    old = "# Role\n\n- Wait for 5 minutes. Then call the owner of the house.\n"
    new = "# Role\n\n- Wait for 9 minutes. Then call the owner of the garden.\n"
    assert told(old, new) == [("threshold-changed", "warning"), ("statement-changed", "info")]


def test_field__that_says_what_its_absence_says_is_told() -> None:
    old, new = (f"---\nname: a\n{model}---\n\n# Role\n\nWords.\n" for model in ("", "model: inherit\n"))
    assert told(old, new) == told(new, old) == [("field-changed", "info")]
    assert messages(old, new, "field-changed") == ["model: added, which means the same"]


@pytest.mark.parametrize(
    "new",
    [
        TEXT.replace("Read the code of the change. It", "Read the code\nof the change.\nIt"),
        TEXT.replace("```yaml\nowner: Mei\nmode: fast\n```", "~~~~yaml\n{mode: fast, owner: Mei}\n~~~~"),
        TEXT.replace("| build | make |", "| build   | make      |"),
        TEXT.replace("the code", "**the code**"),
    ],
)
def test_style_alone__is_no_change(new: str) -> None:
    assert new != TEXT
    assert told(TEXT, new) == []


def test_cell__of_a_row_that_begins_with_quotes_is_a_warning_and_of_an_answer_to_a_saying_none() -> None:
    table = "# Role\n\nRead the code.\n\n| when | what |\n|---|---|\n{}\n| e | f |\n"
    facts = table.format('| "my goals", "my plans" | Own files |')
    assert ("statement-changed", "warning") in told(facts, facts.replace("Own files", "All files"))
    saying = table.format('| "I tested it by hand" | That proves little. |')
    assert ("statement-changed", "warning") not in told(saying, saying.replace("That proves", "By hand proves"))
