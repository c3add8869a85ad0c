"""Drift between definitions: each rule on the smallest edit that calls for it, and none where nothing changed."""

from __future__ import annotations

import pytest

from agentmerge import drift, parse
from agentmerge.drifting.records import Drift, Finding

BASE = """---
name: reviewer
description: Reviews code. Use after each change.
tools: Read, Grep
model: sonnet
color: green
---

# Reviewer

You are a careful reviewer of backend code.

## Rules

- Never push to the main branch
- You must run the tests before a commit
- You should read the linked issue
- Keep the coverage above 80%
- Implement idempotency for critical operations

## Workflow

1. Read the diff
2. Run the linters
3. Write the report

## Output format

```json
{"verdict": "ok", "findings": [{"file": "a.py", "line": 1}]}
```

- A summary of the change
- A list of the risks

## Background

The service stores orders in PostgreSQL.
It was written in 2019 by another team.
"""


def _drift(old: str, new: str) -> Drift:
    return drift([parse(old), parse(new)])


def _findings(old: str, new: str) -> tuple[Finding, ...]:
    return _drift(old, new).findings


def _edited(old: str, new: str) -> str:
    assert old in BASE
    return BASE.replace(old, new)


def test_same_text__no_finding() -> None:
    found = _drift(BASE, BASE)
    assert not found.findings
    assert found.pairs[0].klass == "identical"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("tools: Read, Grep", "tools: Read, Grep, Bash", [("permission-widened", "breaking")]),
        ("tools: Read, Grep", "tools: Read", [("permission-narrowed", "warning")]),
        ("tools: Read, Grep\n", "", [("permission-widened", "breaking")]),
        ("tools: Read, Grep", "tools: Read, Grep, Bash(gitleaks detect)", [("permission-widened", "breaking")]),
        ("tools: Read, Grep", "tools: []", [("permission-narrowed", "warning")]),
        ("tools: Read, Grep", "tools: [Grep, Read]", []),
        (
            "tools: Read, Grep",
            "tools: Read, Bash",
            [("permission-widened", "breaking"), ("permission-narrowed", "warning")],
        ),
        ("model: sonnet", "model: sonnet\npermissionMode: bypassPermissions", [("permission-widened", "breaking")]),
        ("model: sonnet", "model: sonnet\ndisallowedTools: Grep", [("permission-narrowed", "warning")]),
        ("model: sonnet", "model: sonnet\ndisallowedTools: Bash", [("field-changed", "info")]),
        ("model: sonnet", "model: sonnet\nskills: [deploy]", [("permission-widened", "breaking")]),
        ("model: sonnet", "model: opus", [("model-changed", "warning")]),
        ("color: green", "color: red", [("field-changed", "info")]),
        ("name: reviewer", "name: checker", [("identity-changed", "warning")]),
        ("You are a careful", "You are an impatient", [("identity-changed", "warning")]),
        ("Use after each change", "Use before a release", [("trigger-changed", "warning")]),
        ("- Never push to the main branch\n", "", [("guardrail-removed", "breaking")]),
        ("- You should read the linked issue\n", "", [("guardrail-removed", "warning")]),
        ("You must run", "You should run", [("guardrail-weakened", "breaking")]),
        ("You must run", "You may run", [("guardrail-weakened", "breaking")]),
        ("You should read", "You must read", [("guardrail-strengthened", "info")]),
        ("- Never push", "- Push", [("guardrail-reversed", "breaking")]),
        ("to the main branch", "to the trunk", [("guardrail-reworded", "warning")]),
        ("- Never push to the main branch", "- ~~Never push to the main branch~~", [("guardrail-removed", "breaking")]),
        ("to the main branch", "to the main branch without a review", [("guardrail-weakened", "breaking")]),
        ("Never push to the main branch", "Never push", [("guardrail-strengthened", "info")]),
        ("- Keep the", "- Always sign a commit\n- Keep the", [("guardrail-added", "warning")]),
        ("above 80%", "above 60%", [("threshold-changed", "warning")]),
        ("above 80%", "above 80 minutes", [("threshold-changed", "warning")]),
        ("for critical operations", "for all operations", [("scope-changed", "warning")]),
        ("2. Run the linters\n", "", [("step-removed", "warning")]),
        ("2. Run the linters\n", "2. Run the linters\n2. Start the service\n", [("step-added", "info")]),
        (
            "1. Read the diff\n2. Run the linters\n",
            "1. Run the linters\n2. Read the diff\n",
            [("steps-reordered", "warning")],
        ),
        ('"verdict"', '"decision"', [("contract-changed", "breaking")]),
        ('[{"file": "a.py", "line": 1}]', '"none"', [("contract-changed", "breaking")]),
        ('"verdict"', '"round": 1, "verdict"', [("contract-changed", "warning")]),
        ("- A list of the risks\n", "", [("contract-changed", "warning")]),
        ("## Background", "## History", [("section-renamed", "info")]),
        ("The service stores orders", "The service\u200b stores orders", [("hidden-characters", "breaking")]),
        ("stores orders in PostgreSQL", "keeps orders in PostgreSQL", [("statement-changed", "info")]),
        ("## Rules\n", "\n\n## Rules\n\n", []),
        ("- A summary", "* A summary", []),
    ],
)
def test_one_edit__its_finding_alone(old: str, new: str, told: list[tuple[str, str]]) -> None:
    found = [(finding.rule, finding.severity) for finding in _findings(BASE, _edited(old, new))]
    assert found == told


@pytest.mark.parametrize(
    ("command", "is_new"),
    [("git push", False), ("git:push", False), ("git", False), ("gitleaks detect", True), ("git-lfs push", True)],
)
def test_prefix_of_a_command__ends_where_its_word_ends(command: str, *, is_new: bool) -> None:
    old = _edited("tools: Read, Grep", "tools: Read, Bash(git:*)")
    new = _edited("tools: Read, Grep", f"tools: Read, Bash(git:*), Bash({command})")
    assert [f.rule for f in _findings(old, new) if f.severity == "breaking"] == ["permission-widened"] * is_new


def test_section_removed__told_once() -> None:
    text = BASE[: BASE.index("## Background")]
    assert [f.rule for f in _findings(BASE, text)] == ["section-removed"]
    assert [f.rule for f in _findings(text, BASE)] == ["section-added"]


def test_prohibition_that_moved__is_not_removed() -> None:
    line = "- Never push to the main branch\n"
    moved = BASE.replace(line, "").replace(
        "## Workflow\n", "## Care\n\n- Never push to the `main` branch!\n\n## Workflow\n"
    )
    assert "guardrail-removed" not in {f.rule for f in _findings(BASE, moved)}


def test_obligation__is_not_kept_by_a_milder_sentence_that_holds_its_words() -> None:
    rule = "run all of the unit tests of the service before each commit"
    mild = f"- You should {rule}, and read the docs of what it changes\n"
    for word in ("must", "should"):
        old = f"You {word} {rule}"
        found = [f.rule for f in _findings(f"# Role\n\n- {old}\n{mild}", f"# Role\n\n{mild}")]
        assert found == (["guardrail-removed"] if word == "must" else ["knowledge-removed"])


def test_prohibition_joined_to_another_sentence__is_not_removed() -> None:
    joined = BASE.replace("- Never push to the main branch\n", "").replace(
        "You must run the tests before a commit",
        "You must run the tests before a commit. Never push to the main branch.",
    )
    assert "guardrail-removed" not in {f.rule for f in _findings(BASE, joined)}


@pytest.mark.parametrize(
    ("title", "item", "severity"),
    [
        ("Common Mistakes", "Not measuring at each phase", "warning"),
        ("Anti-Patterns", "No examples for complex tasks", "warning"),
        ("Known Pitfalls", "Never retrying", "breaking"),
        ("Constraints", "No raw SQL", "breaking"),
        ("Non-negotiables", "No emojis", "breaking"),
    ],
)
def test_item_that_names_a_mistake__is_a_mild_prohibition(title: str, item: str, severity: str) -> None:
    old = f"# Role\n\n## {title}\n\n- {item}\n- Skipping the review of a change\n"
    (found,) = _findings(old, old.replace(f"- {item}\n", ""))
    assert (found.rule, found.severity) == ("guardrail-removed", severity)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("No direct edits of the code.", [("guardrail-removed", "warning")]),
        ("NO direct edits of the code.", [("guardrail-removed", "breaking")]),
        ("Only merge after a review.", [("guardrail-removed", "breaking")]),
        ("Tests are required in each change.", [("guardrail-removed", "breaking")]),
        ("| Component | Required ARIA |", [("guardrail-removed", "warning")]),
        ("The cards don't show a rating yet.", [("guardrail-removed", "warning")]),
        ("You don't edit files; never push.", [("guardrail-removed", "breaking")]),
        ("Read it with care if you don't know it.", [("guardrail-removed", "warning")]),
        ("Each warning must answer: what should a user do?", [("guardrail-removed", "breaking")]),
        ("**REQUIRED SKILL:** Use the planner.", [("guardrail-removed", "breaking")]),
        ("No template at hand?", [("knowledge-removed", "info")]),
        ("Must it be fast?", [("knowledge-removed", "info")]),
        ("```\nNever leave a field out\n```", [("guardrail-removed", "warning")]),
    ],
)
def test_how_strongly_a_statement_binds(line: str, told: list[tuple[str, str]]) -> None:
    old = f"# Role\n\nRead the code.\n\n{line}\n"
    assert [(f.rule, f.severity) for f in _findings(old, old.replace(f"\n{line}\n", ""))] == told


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Then clean up (Step 5), then delete the branch.", "Then clean up (Step 6), then delete the branch."),
        ("```\n[Dispatch the reviewer]\n  PLAN: x\n```", "```\n[Dispatch tools:reviewer]\n  PLAN: x\n```"),
    ],
)
def test_number_of_a_step_and_a_note_in_brackets__are_no_limit_and_no_data(old: str, new: str) -> None:
    text = f"# Role\n\nRead the code.\n\n{old}\n"
    assert not {"threshold-changed", "contract-changed"} & {f.rule for f in _findings(text, text.replace(old, new))}


def test_explanation_under_a_heading_that_obliges__is_no_obligation() -> None:
    old = "# Role\n\n## Mandatory checks\n\nLinks rot within weeks.\n\n- Open each link\n"
    found = [(f.rule, f.message) for f in _findings(old, old.replace("Links rot within weeks.\n\n", ""))]
    assert found == [("knowledge-removed", "statement removed: Links rot within weeks.")]
    assert [f.rule for f in _findings(old, old.replace("- Open each link\n", ""))] == ["guardrail-removed"]


@pytest.mark.parametrize("label", ["**Will:**", "### Allowed", "**In scope**"])
def test_what_is_allowed_in_a_section_of_boundaries__is_no_prohibition(label: str) -> None:
    old = f"# Role\n\n## Boundaries\n\n{label}\n\n- Profile the code\n- Write tests\n"
    assert [f.rule for f in _findings(old, old.replace("- Write tests\n", ""))] == ["knowledge-removed"]


def test_section_of_situations__is_told_once() -> None:
    old = "# Role\n\nRead the code.\n\n## When to use\n\n- After a change\n- Before a release\n"
    found = {f.rule for f in _findings(old, old[: old.index("## When")])}
    assert found == {"section-removed", "trigger-changed"}
    assert len(_findings(old, old[: old.index("## When")])) == 2


def test_name_in_another_spelling__is_mild() -> None:
    (found,) = _findings(BASE, BASE.replace("name: reviewer", "name: Reviewer"))
    assert (found.rule, found.severity) == ("identity-changed", "info")


def test_prohibition_under_an_announcing_line__is_one() -> None:
    old = "# Role\n\nYou must never:\n\n- Delete branches\n- Rewrite history\n"
    rules = [(f.rule, f.severity) for f in _findings(old, old.replace("- Delete branches\n", ""))]
    assert rules == [("guardrail-removed", "breaking")]


def test_prohibition_in_another_language() -> None:
    old = "# Rolle\n\n- Lösche niemals einen Branch\n- 不要删除分支\n- Schreibe gute Tests\n"
    assert {f.rule for f in _findings(old, "# Rolle\n\n- Schreibe gute Tests\n")} == {"guardrail-removed"}


def test_fingerprint__survives_line_shifts_and_other_edits() -> None:
    new = _edited("You must run", "You may run")
    other = new.replace("# Reviewer\n", "# Reviewer\n\nSome words on the team.\n").replace("color: green\n", "")
    first, second = (
        {f.fingerprint for f in _findings(BASE, text) if f.rule == "guardrail-weakened"} for text in (new, other)
    )
    assert first == second
    assert len(first) == 1


def test_nothing_to_compare__unknown() -> None:
    pair = _drift("", "# Role\n\nWords.\n").pairs[0]
    assert (pair.klass, pair.diff.similarity) == ("unknown", 0.0)


def test_summary__consensus_unique_and_lacking() -> None:
    common = ["Validate every input", "Write tests first", "Log every request"]
    variants = [
        "# Role\n\n" + "".join(f"- {line}\n" for line in lines)
        for lines in (common, [*common, "Rotate the secrets weekly"], [common[0], "Prefer small commits"])
    ]
    summary = drift([parse(text) for text in variants]).summary
    assert summary is not None
    assert summary.quorum == 2
    assert [row.text for row in summary.consensus] == common
    assert [[row.text for row in one.unique] for one in summary.standings] == [
        [],
        ["Rotate the secrets weekly"],
        ["Prefer small commits"],
    ]
    assert [row.text for row in summary.standings[2].lacking] == common[1:]
    assert summary.outliers[0].file == 2


@pytest.mark.parametrize("typed", ["Don’t push to main", "Don't\u00a0push to main", "Don't\u202fpush to main"])
def test_typographic_characters__are_no_contradiction(typed: str) -> None:
    pair = drift([parse("# T\n\n- Don't push to main\n"), parse(f"# T\n\n- {typed}\n")]).pairs[0]
    assert [finding.rule for finding in pair.findings if finding.severity != "info"] == []
