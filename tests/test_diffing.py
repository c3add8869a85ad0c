"""Two-way diff: every kind of change, and none where nothing changed."""

from __future__ import annotations

import pytest

from agentmerge import diff, parse
from agentmerge.diffing.changes import increasing
from agentmerge.diffing.records import select, unmatched, word_ops

BASE = """---
name: helper
description: Helps.
tools: Read, Grep
model: sonnet
---

# Helper

You are a helper who reads code.

## Rules

- Never push to the main branch
- Always run the tests before a commit
- [ ] Say what was left out

## Output

```json
{"ok": true}
```
"""


def _kinds(old: str, new: str) -> list[tuple[str, str]]:
    return [(change.kind, change.path) for change in diff(parse(old), parse(new))]


def test_same_text__no_change() -> None:
    found = diff(parse(BASE), parse(BASE))
    assert not list(found)
    assert (found.klass, found.similarity, found.coverage) == ("identical", 1.0, (1.0, 1.0))


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        ("tools: Read, Grep", "tools: Read, Grep, Bash", [("field-changed", "frontmatter/tools")]),
        ("tools: Read, Grep", "tools: [Grep, Read]", [("field-restyled", "frontmatter/tools")]),
        ("model: sonnet\n", "", [("field-removed", "frontmatter/model")]),
        ("model: sonnet\n", "model: sonnet\ncolor: red\n", [("field-added", "frontmatter/color")]),
        (
            "name: helper\ndescription: Helps.\n",
            "description: Helps.\nname: helper\n",
            [("fields-reordered", "frontmatter")],
        ),
        ("## Rules", "## House rules", [("section-renamed", "Helper / House rules")]),
        ("## Rules", "### Rules", [("section-releveled", "Helper / Rules")]),
        ("Always run the tests", "Always run all tests", [("unit-reworded", "Helper / Rules")]),
        ("- [ ] Say", "- [x] Say", [("unit-checked", "Helper / Rules")]),
        ("- Never push to the main branch\n", "", [("unit-removed", "Helper / Rules")]),
        ("- Never push", "* Never push", [("unit-restyled", "Helper / Rules")]),
        ('{"ok": true}', '{"ok": false}', [("unit-reworded", "Helper / Output")]),
        ("## Output\n", "\n## Output\n", [("layout", "")]),
    ],
)
def test_one_edit__one_change(old: str, new: str, kinds: list[tuple[str, str]]) -> None:
    assert old in BASE
    assert _kinds(BASE, BASE.replace(old, new)) == kinds


ITEMS = "- Read the code first.\n- Write tests.\n"


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        (f"## Focus\n\n{ITEMS}", f"# Helper\n\n## Focus\n\n{ITEMS}", ["section-added"]),
        (f"# Helper\n\n## Focus\n\n{ITEMS}", f"## Focus\n\n{ITEMS}", ["section-removed"]),
        (
            "You review code.\n\nRead every change.\n\n## Focus\n\n- Read the code.\n- Write tests for all.\n",
            "# Helper\n\nYou are an expert who reviews code.\n\nRead all.\n\n## Focus\n\n- First, read the code.\n",
            ["section-added"],
        ),
        (f"## Focus\n\n{ITEMS}", f"### Focus\n\n{ITEMS}", ["section-releveled"]),
        (f"## Focus\n\n{ITEMS}", f"**Focus**\n\n{ITEMS}", ["section-releveled"]),
        (f"Focus\n---\n\n{ITEMS}", f"## Focus\n\n{ITEMS}", ["section-restyled"]),
        (
            f"# A\n\nOne.\n\n## Focus\n\n{ITEMS}\n# B\n\nTwo.\n",
            f"# A\n\nOne.\n\n# B\n\nTwo.\n\n## Focus\n\n{ITEMS}",
            ["section-moved"],
        ),
        (
            f"## A\n\nOne.\n\n## Focus\n\n{ITEMS}",
            f"# Helper\n\n## Focus\n\n{ITEMS}\n## A\n\nOne.\n",
            ["section-moved", "section-added"],
        ),
    ],
)
def test_section__has_another_level_only_where_its_own_heading_does(old: str, new: str, kinds: list[str]) -> None:
    found = [change.kind for change in diff(parse(old), parse(new)) if change.kind.startswith("section")]
    assert found == kinds


def test_releveled_heading__tells_its_signs_and_is_no_reordering() -> None:
    found = diff(parse(f"## Focus\n\n{ITEMS}"), parse(f"### Focus\n\n{ITEMS}"))
    assert [change.note for change in found] == ["from ## to ###"]
    assert found.klass == "reworded"


def test_reordered_items__the_fewest_are_told() -> None:
    lines = ["- first advice", "- second rule", "- third matter", "- fourth thing"]
    moved = [lines[3], *lines[:3]]
    assert [c.kind for c in diff(parse("\n".join(lines)), parse("\n".join(moved)))] == ["unit-reordered"]
    assert not select(diff(parse("\n".join(lines)), parse("\n".join(moved))), ignore_order=True)


def test_item_in_another_section__is_a_move_not_a_loss() -> None:
    old = "## A\n\n- keep this advice\n- and this\n\n## B\n\n- other words\n"
    new = "## A\n\n- and this\n\n## B\n\n- other words\n- keep this advice\n"
    assert _kinds(old, new) == [("unit-moved", "B")]


def test_absent_tools__are_all_tools() -> None:
    change = next(iter(diff(parse(BASE), parse(BASE.replace("tools: Read, Grep\n", "")))))
    assert (change.kind, change.severity, change.note) == ("field-removed", "breaking", "permission widened")


def test_fingerprint__survives_line_shifts() -> None:
    new = BASE.replace("Always run the tests", "Always run all tests")
    shifted = new.replace("You are", "\n\n\nYou are")
    first, second = (
        [c.fingerprint for c in diff(parse(BASE), parse(text)) if c.kind == "unit-reworded"] for text in (new, shifted)
    )
    assert first == second
    assert len(first) == 1


def test_only_and_exclude__select_by_path() -> None:
    changes = diff(parse(BASE), parse(BASE.replace("sonnet", "opus").replace("Never push", "Don't push")))
    assert [c.path for c in select(changes, only=["frontmatter"])] == ["frontmatter/model"]
    assert [c.path for c in select(changes, exclude=["frontmatter/*"])] == ["Helper / Rules"]
    assert [c.path for c in select(changes, only=["rules"])] == ["Helper / Rules"]
    assert [c.path for c in select(changes, only=["rules/*"])] == ["Helper / Rules"]
    assert [c.path for c in select(changes, only=["rule/*"])] == []


def test_word_ops__joined_are_both_texts() -> None:
    old, new = "run the unit tests now", "run all the tests, now"
    ops = word_ops(old, new)
    assert "".join(text for op, text in ops if op != "added") == old
    assert "".join(text for op, text in ops if op != "removed") == new


def test_increasing__is_the_longest_run() -> None:
    assert increasing([4, 1, 2, 3]) == {1, 2, 3}
    assert increasing([]) == set()


def test_unmatched__patterns_that_speak_for_no_field_and_no_section() -> None:
    definitions = parse("---\nname: a\n---\n# Rules\n\n## Security\n"), parse("# Other\n")
    patterns = [
        "frontmatter",
        "frontmatter/name",
        "Security",
        "security/*",
        "Othr",
        "frontmatter/nmae",
        "frontmatter/model",
    ]
    assert unmatched(patterns, definitions) == {
        "Othr": "; did you mean 'Other'?",
        "frontmatter/nmae": "; did you mean 'frontmatter/name'?",
        "frontmatter/model": "",
    }


def test_exception__that_stands_below_another_item_is_moved() -> None:
    old = "- Never delete files\n  - unless the user confirms\n- Never push to main\n"
    new = "- Never delete files\n- Never push to main\n  - unless the user confirms\n"
    (change,) = diff(parse(old), parse(new))
    assert (change.kind, change.note) == ("unit-moved", "from below 'Never delete files' to below 'Never push to main'")
