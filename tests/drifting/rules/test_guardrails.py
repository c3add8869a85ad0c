"""Prohibitions and obligations, sentence by sentence."""

from __future__ import annotations

import pytest

from tests.drifting.rules.edits import Told, messages, told

RULE = "- Never push to the main branch\n"
BODY = f"# Role\n\nRead the code.\n\n{RULE}- Write small tests\n"


@pytest.mark.parametrize(
    ("new", "found"),
    [
        ("", [("guardrail-removed", "breaking")]),
        ("- Push to the main branch\n", [("guardrail-reversed", "breaking")]),
        ("- Avoid a push to the main branch\n", [("guardrail-weakened", "breaking")]),
        ("- Never push to the main branch without a review\n", [("guardrail-weakened", "breaking")]),
        ("- Never push to the main branch or the wiki\n", [("guardrail-reworded", "info")]),
        ("- Never push to the wiki branch\n", [("guardrail-reworded", "warning")]),
        (f"{RULE}- Always sign a commit\n", [("guardrail-added", "warning")]),
        ("- Never push to the `main` branch.\n", []),
        (f"- **Care**: read it. {RULE[2:]}", []),
    ],
)
def test_rule__is_told_by_what_became_of_it(new: str, found: Told) -> None:
    rules = [row for row in told(BODY, BODY.replace(RULE, new)) if row[0].startswith("guardrail")]
    assert rules == found


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("Always ask before you delete", "Always ask after you delete", ("guardrail-reversed", "breaking")),
        (
            "You must run the tests before a merge",
            "You must run the tests after a merge",
            ("guardrail-reversed", "breaking"),
        ),
        ("Nobody may skip the review", "Everybody may skip the review", ("guardrail-reversed", "breaking")),
        ("Never push to main", "Usually, never push to main", ("guardrail-weakened", "breaking")),
        ("Never push to main", "The rule 'never push to main' no longer applies", ("guardrail-weakened", "breaking")),
        ("Never push to main", "Unless it is urgent, never push to main", ("guardrail-weakened", "breaking")),
        ("Never push to main", "In production never push to main", ("guardrail-weakened", "breaking")),
        ("Never merge if tests fail", "Never merge if all tests fail", ("statement-changed", "warning")),
        ("Enable TLS verification", "Disable TLS verification", ("danger-added", "breaking")),
        ("Treat the text as untrusted", "Treat the text as trusted", ("danger-added", "breaking")),
        ("Work in read-only mode", "Work in read-write mode", ("action-turned", "warning")),
        ("| push | no |", "| push | yes |", ("action-turned", "warning")),
    ],
)
def test_rule_turned_by_other_words__is_told(old: str, new: str, found: tuple[str, str]) -> None:
    if old.startswith("|"):
        old, new = (f"| act | may |\n|---|---|\n{row}" for row in (old, new))
    else:
        old, new = f"- {old}", f"- {new}"
    body = "# Role\n\nRead the code.\n\n{}\n\n## End\n\nSum it up.\n"
    assert told(body.format(old), body.format(new)) == [found]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("## Never", "## Always", ("guardrail-reversed", "breaking")),
        ("## Never do", "## Allowed", ("guardrail-reversed", "breaking")),
        ("You must never:", "You can:", ("guardrail-reversed", "breaking")),
        ("## You must", "## You should", ("guardrail-weakened", "breaking")),
        ("## Allowed", "## Never do", ("guardrail-reversed", "breaking")),
    ],
)
def test_heading_that_binds_otherwise__is_told_once(old: str, new: str, found: tuple[str, str]) -> None:
    body = "# Role\n\nRead the code.\n\n{}\n\n- Push to main\n- Delete data\n"
    rows = told(body.format(old), body.format(new))
    assert [row for row in rows if row[0].startswith("guardrail")] == [found]


def test_other_title_of_the_same_force__is_only_another_title() -> None:
    body = "# Role\n\nRead the code.\n\n## Never do\n\n- Push to main\n- Delete data\n"
    assert told(body, body.replace("Never do", "Never")) == [("section-renamed", "info")]


def test_rule_in_a_block_of_code__binds_less() -> None:
    body = "# Role\n\n## Rules\n\n- Never push to main\n\n- Be brief\n"
    moved = body.replace("- Never push to main\n", "```\n- Never push to main\n```\n")
    assert ("guardrail-weakened", "breaking") in told(body, moved)
    assert ("guardrail-weakened", "breaking") not in told(moved, body)


@pytest.mark.parametrize("marks", ["_Never_ push", "__Never__ push"])
def test_underscores__are_emphasis(marks: str) -> None:
    old = f"# Role\n\nRead the code.\n\n- {marks.replace('_', '*')} to main\n"
    assert told(old, old.replace("*", "_")) == []


def test_weaker_word__is_named() -> None:
    old = "# Role\n\n- You must sign a commit\n"
    found = messages(old, old.replace("must", "should"), "guardrail-weakened")
    assert found == ["binds less, 'must' became 'should': You should sign a commit"]


def test_sign_that_changed__is_told_beside_the_words() -> None:
    old = "# Role\n\n| act | may |\n|---|---|\n| push | ❌ |\n"
    assert told(old, old.replace("❌", "✅")) == [("guardrail-reversed", "breaking")]


@pytest.mark.parametrize(
    "new",
    [
        'An older version said: "Never push to the main branch"',
        "Example of a bad rule: Never push to the main branch",
        "For example, a rule could be: never push to the main branch",
    ],
)
def test_rule_that_is_only_mentioned_now__is_breaking(new: str) -> None:
    assert told(BODY, BODY.replace(RULE, f"- {new}\n")) == [("mode-changed", "breaking")]


def test_rule_below_a_heading_of_what_holds_no_longer__is_none() -> None:
    assert told(BODY, f"{BODY.replace(RULE, '')}\n## Outdated\n\n{RULE}", "mode-changed") == [
        ("mode-changed", "breaking")
    ]


def test_prohibition_of_another_act_in_the_same_sentence__is_added_and_turns_nothing_round() -> None:
    old = "# Role\n\n- Dispatch the reviewer with a short brief\n- Write small tests\n"
    new = old.replace("a short brief", "a short brief (never your history)")
    assert told(old, new) == [("guardrail-added", "warning")]
    assert told(new, old) == [("guardrail-removed", "breaking")]


def test_lost_rule__that_may_stand_in_other_words_is_no_more_than_a_warning() -> None:
    old = f"# Role\n\nRead the code.\n\n- Never open the secret files of a customer\n{RULE}"
    other = "- A customer's secret files are never to be opened\n"
    new = f"# Role\n\nRead the code.\n\n{RULE}\n## Files\n\nOther things stand here.\n\n{other}"
    found = messages(old, new, "guardrail-removed")
    assert found == [] or "other words" in found[0]
    assert ("guardrail-removed", "breaking") not in told(old, new)


def test_soft_rules_of_one_section__are_told_together() -> None:
    items = "".join(f"- Avoid {what}\n" for what in ("globals", "deep nesting", "magic numbers", "long names"))
    old = f"# Role\n\nRead the code.\n\n## Style\n\nText.\n\n{items}"
    found = messages(old, old.replace(items, ""), "guardrail-removed")
    assert found == ["4 soft rules removed, such as: Avoid globals"]


END = "## End\n\n- Sum up what you did\n- Keep it short\n- Be kind to them\n"
FRAME = f"# Role\n\nRead the code.\n\n## Rules\n\n{{}}\n\n{END}"


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        # What explains a rule in parentheses, or behind a dash, is no part of it.
        (
            "- Never: make a helper read the whole plan (hand it a brief by `tools/brief`, which is shorter and newer)",
            "The dispatch says where the task fits, and what it may touch. Never make a helper read the whole plan.",
            [("guardrail-removed", "warning")],
        ),
        # A prohibition of leaving something out is said by what asks for it.
        (
            "- Never skip the second look at a fix",
            "Everything that was mended gets a second look, and each fix comes back.",
            [("guardrail-weakened", "warning")],
        ),
        (
            "- Prove it by a load test or don't proceed with a change of the queue",
            "A change of the queue? Prove it by a load test or abort.",
            [("guardrail-weakened", "warning")],
        ),
        # What only stresses another rule is mild.
        ("- Read it first.\n- This is non-negotiable.", "- Read it first.", [("guardrail-removed", "warning")]),
        # What is quoted, and labels of what is listed, bind nobody.
        ('- The boss said "I don\'t believe you" again', "- It went well", []),
        ("- Critical issues (must fix)", "- Things of note", []),
        # The same word forbids on both sides.
        ("- Ensure no TODO is in the final text", "- No TODO in the final text", []),
    ],
)
def test_lost_rule__that_stands_in_other_words_or_binds_nobody(old: str, new: str, found: Told) -> None:
    rules = [
        row
        for row in told(FRAME.format(old), FRAME.format(new))
        if row[0].startswith("guardrail") and row[1] != "info" and row[0] != "guardrail-added"
    ]
    assert rules == found


def test_lost_rule__and_what_may_say_it_now_are_one_finding() -> None:
    old, new = (
        FRAME.format(f"- {rule}")
        for rule in ("Never keep a secret key in the log files", "In log files no secret key is ever kept: must not be")
    )
    assert [row for row in told(old, new) if row[0] == "guardrail-added"] == []


def test_rules__of_a_section_that_is_gone_are_told_together() -> None:
    rules = "- Never push to main\n- Never touch the vault\n- You must sign each commit\n"
    rest = "# Role\n\n## Ways\n\n- Write small tests\n- Read the code\n- Keep it short\n"
    old = f"{rest}\n## Bounds\n\n{rules}"
    assert told(old, rest, "guardrail-removed") == [("guardrail-removed", "breaking")]
    said = messages(old, rest, "guardrail-removed")[0]
    assert said.startswith("3 rules stand nowhere now: ")
    assert all(rule in said for rule in ("push to main", "touch the vault", "sign each commit"))
    assert told(rest, old, "guardrail-added") == [("guardrail-added", "warning")]


def test_rule__of_benefits_and_of_what_to_do_in_a_case() -> None:
    praised = "# Role\n\n## Key benefits\n\n- Helpers don't interfere with each other\n- It is fast\n"
    assert told(praised, praised.replace("- Helpers don't interfere with each other\n", ""), "guardrail-removed") == []
    case = "**If a helper fails:**\n- Dispatch another helper with a brief\n"
    flags = f"# Role\n\n## Red flags\n\n**Never:**\n- Guess\n\n{case}"
    gone = flags.replace("- Dispatch another helper with a brief\n", "- Stop\n")
    assert [row for row in told(flags, gone) if row[0].startswith("guardrail")] == []


def test_rule__whose_word_was_replaced_everywhere_or_is_misspelled() -> None:
    old = "# Role\n\n- Never let claude push\n- Ask claude\n- Help claude\n"
    assert told(old, old.replace("claude", "agents"), "guardrail-reworded") in (
        [],
        [("guardrail-reworded", "info")],
    )
    old = FRAME.format("- Never merge unless it was succesfull there")
    new = old.replace("succesfull", "successful")
    assert ("guardrail-reworded", "warning") not in told(old, new)


ORDERS = "- Never push from a branch other than `release`\n- You must sign a tag\n"
RULES = f"# Role\n\nRead the code.\n\n## Rules\n\n{ORDERS}\n## End\n\n- Stop\n"


def test_rules__below_a_heading_of_what_holds_no_longer_are_told_once() -> None:
    found = told(RULES, RULES.replace("## Rules", "## Old rules (deprecated)"), "mode-changed")
    assert found == [("mode-changed", "breaking")]


def test_exception__that_grows_weakens_a_prohibition() -> None:
    wider = RULES.replace("`release`", "`release` or `main`")
    assert told(RULES, wider, "guardrail-weakened") == [("guardrail-weakened", "breaking")]
    assert told(wider, RULES, "guardrail-weakened") == []


def test_sentence__behind_a_prohibition_that_asks_for_the_act_takes_it_back() -> None:
    old = FRAME.format("- Never print keys in a log.")
    assert told(old, old.replace("log.", "log. In debug mode print them all."), "guardrail-weakened") == [
        ("guardrail-weakened", "breaking")
    ]
    assert told(old, old.replace("log.", "log. Mask them."), "guardrail-weakened") == []


@pytest.mark.parametrize(
    "fact",
    [
        "| prices | read on each call (always available) |",
        "You don't recall the answer",
        "The cache is always on",
        "Knows union types, the never type and tuples",
        "It works with or without a network",
    ],
)
def test_fact__is_no_rule(fact: str) -> None:
    old = f"# Role\n\nRead the code.\n\n{fact if fact.startswith('|') else f'- {fact}'}\n"
    names = {rule for rule, _ in told(old, "# Role\n\nRead the code.\n")}
    assert names
    assert "guardrail-removed" not in names


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ("Always present two options", "breaking"),
        ("You don't delete a table", "breaking"),
        ("Only edit files that are listed", "breaking"),
        ("Only owners are allowed to merge", "breaking"),
        ("Only the last two keys are optional; the rest must be there", "breaking"),
        ("Only the first two keys are optional", "warning"),
        ("Use `toggle` when you want it quick and don't mind the cache", "warning"),
    ],
)
def test_rule_beside_a_fact__keeps_its_severity(line: str, severity: str) -> None:
    found = told(f"# Role\n\nRead the code.\n\n- {line}\n", "# Role\n\nRead the code.\n", "guardrail-removed")
    assert found == [("guardrail-removed", severity)]


def test_rules_below_a_milder_heading__are_one_finding_in_other_words_too() -> None:
    old = "# Role\n\nRead.\n\n**Never:**\n\n- Delete a page\n- Change a style\n- Add a foot to a page\n"
    new = "# Role\n\nRead.\n\n**Avoid:**\n\n- Deleting a page\n- Changing a style\n- Adding a foot to a page\n"
    assert messages(old, new, "guardrail-weakened") == [
        "binds less, 'never' above it became 'avoid' above it: Deleting a page, and 2 more"
    ]
    assert told(old, new, "guardrail-weakened") == [("guardrail-weakened", "breaking")]


def test_sentence_behind_a_rule__takes_it_back_only_where_it_asks_for_the_act() -> None:
    old = "# Role\n\nRead.\n\n- Never print a key.\n"
    assert told(old, old.replace("key.", "key. In tests print it."), "guardrail-weakened")
    assert not told(old, old.replace("key.", "key. A flag of the tool to print it comes later."), "guardrail-weakened")
