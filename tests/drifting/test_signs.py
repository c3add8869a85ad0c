"""Signs in a review: turned round, gone, another grade, a task that is done."""

from __future__ import annotations

import pytest

from agentmerge import drift, parse

HEAD = "# Guard\n\n## Duties\n\nKeep calm and carry on.\n\n"


def found(one: str, other: str) -> list[tuple[str, str]]:
    (pair,) = drift([parse(HEAD + one), parse(HEAD + other)], summary=False).pairs
    return [(finding.rule, finding.severity) for finding in pair.findings]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("- ✅ Rotate keys\n", "- ❌ Rotate keys\n"),
        ("✅ Rotate keys\n❌ Skip it\n", "❌ Rotate keys\n❌ Skip it\n"),
        ("❌ Skip the drill\n", "✅ Skip the drill\n"),
        ("- ❌ Skip the drill\n", "- Skip the drill\n"),
        ("- Rotate keys\n", "- 🚫 Rotate keys\n"),
        ("- **✅ Keys**: rotate them\n", "- **❌ Keys**: rotate them\n"),
        ("### ❌ Never\n\n- Push tags\n", "### ✅ Always\n\n- Push tags\n"),
        ("### ❌ One big queue\n\nIt blocks.\n", "### ✅ One big queue\n\nIt blocks.\n"),
        ("🚫 Off limits:\n- Push tags\n", "✅ Off limits:\n- Push tags\n"),
        ("- 🚫 Off limits:\n  - Push tags\n", "- ✅ Off limits:\n  - Push tags\n"),
        ("| act | ok |\n|---|---|\n| push | ❌ |\n", "| act | ok |\n|---|---|\n| push | ✅ |\n"),
        ("1. Look:\n   • ✅ logs of today\n   • b\n", "1. Look:\n   • ❌ logs of today\n   • b\n"),
        ("> ❌ Skip drills\n> ✅ Rotate\n", "> ✅ Skip drills\n> ✅ Rotate\n"),
        ("Some words ✅ here\n", "Some words ❌ here\n"),
    ],
)
def test_turned_round__is_breaking(one: str, other: str) -> None:
    assert ("guardrail-reversed", "breaking") in found(one, other)


@pytest.mark.parametrize(
    "line",
    [
        "- ❌ Skip the drill\n",
        "🚫Skip the drill\n",
        "1. ⛔ Skip the drill\n",
        "> ✗ Skip the drill\n",
        "✘️ Skip the drill\n",
    ],
)
@pytest.mark.parametrize("title", ["", "## Constraints\n\n", "### ❌ Don't\n\n"])
def test_prohibition_that_went__is_breaking(line: str, title: str) -> None:
    assert ("guardrail-removed", "breaking") in found(f"{title}{line}\nWords.\n", f"{title}Words.\n")
    assert ("guardrail-added", "warning") in found(f"{title}Words.\n", f"{title}{line}\nWords.\n")


def test_item_of_a_forbidding_label_that_went__is_breaking() -> None:
    assert found("🚫 Off limits:\n- Push tags\n- Skip it\n", "🚫 Off limits:\n- Skip it\n") == [
        ("guardrail-removed", "breaking")
    ]


def test_item_of_a_list_of_mistakes_that_went__is_mild() -> None:
    one = "### ❌ Common mistakes\n\n- Not measuring\n- Not asking\n"
    assert found(one, one.replace("- Not measuring\n", "")) == [("guardrail-removed", "warning")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("- ❌ Skip the drill\n", "- Never skip the drill\n"),
        ("- Don't skip the drill\n", "- 🚫 Skip the drill\n"),
        ("- ❌ Never skip the drill\n", "- Never skip the drill\n"),
        ("- ❌ Skip the drill\n", "- ⛔\ufe0fSkip the drill\n"),
        ("- ✅ Rotate keys\n", "- ✔ Rotate keys\n"),
        ("☐ Docs written\n", "- [ ] Docs written\n"),
        ("☑ Docs written\n", "- [x] Docs written\n"),
        ("• Rotate keys\n• b\n", "- Rotate keys\n- b\n"),
        ("- 🔴 Probe fails\n", "- 🟥 Probe fails\n"),
        ("- 🚀 Rotate keys\n", "- Rotate keys\n"),
    ],
)
def test_same_force__is_at_most_another_wording(one: str, other: str) -> None:
    assert {*found(one, other), *found(other, one)} <= {("statement-changed", "info")}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("- 🔴 Probe fails\n", "- 🟢 Probe fails\n", ("sign-changed", "warning")),
        ("| a | 🔴 |\n|---|---|\n| b | 🟡 |\n", "| a | 🔴 |\n|---|---|\n| b | 🟢 |\n", ("sign-changed", "warning")),
        ("- 🔴 Probe fails\n", "- Probe fails\n", ("sign-changed", "warning")),
        ("✅ Good:\n\n```\nx\n```\n", "❌ Good:\n\n```\nx\n```\n", ("sign-changed", "warning")),
        ("### ✅ Good\n\n```\nx\n```\n", "### ❌ Good\n\n```\nx\n```\n", ("sign-changed", "warning")),
        ("- ✅ Rotate keys\n", "- Rotate keys\n", ("sign-changed", "info")),
        ("- Always rotate keys\n", "- ✅ Rotate keys\n", ("guardrail-weakened", "warning")),
        ("- ✅ Rotate keys\n", "- Always rotate keys\n", ("guardrail-strengthened", "info")),
        ("☐ Docs written\n", "☑ Docs written\n", ("task-state", "info")),
        ("- [x] Docs written\n", "☐ Docs written\n", ("task-state", "info")),
        ("- ✅ Rotate keys\n\nW.\n", "W.\n", ("guardrail-removed", "warning")),
    ],
)
def test_other_changes_of_signs(one: str, other: str, expected: tuple[str, str]) -> None:
    assert found(one, other) == [expected] or (
        one.startswith("###") and found(one, other) == [expected, ("section-renamed", "info")]
    )


def test_sign_of_a_state__forbids_nothing() -> None:
    text = "# Role\n\nWords.\n\n```\nnone\n```\n\n- ✓ connect (found)\n- ✗ scan_sample (missing)\n- ✗ Tests: failed\n"
    assert all(rule != "guardrail-removed" for rule, _ in found(text, text.replace("- ✗ scan_sample (missing)\n", "")))
    rule = "- ✗ Push to main (missing a review)\n"
    assert ("guardrail-removed", "breaking") in found(text + rule, text)
